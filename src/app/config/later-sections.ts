/**
 * Sections whose feature comes later, but for a few keys: checked like all others, and each that is set earns a warning
 * that nothing heeds it yet (see warnings.ts).
 */
import * as z from 'zod';
import { numberFrom, oneOf, textUpTo, urlOf, wholeNumber } from './kinds.ts';

const PORT_MAX = 65_535;
const LOOPBACK = ['127.0.0.1', '::1'] as const;

export const reconcileSection = z
	.strictObject({
		reconcile_interval_s: numberFrom(1, 3_600).describe('seconds between comparisons with the venue').prefault(25),
		hard_desync_ratio: numberFrom(0, 1).describe('share of orders that disagree, above which quoting pauses').prefault(0.1),
		orphan_policy: oneOf(['close', 'adopt'])
			.describe('what happens to an open order of ours that nothing here owns')
			.prefault('close'),
	})
	.prefault({});

export const telemetrySection = z
	.strictObject({
		metrics_host: oneOf(LOOPBACK).describe('loopback only: metrics are served without a token').prefault('127.0.0.1'),
		metrics_port: wholeNumber(0, PORT_MAX).describe('port of /metrics; 0 for any that is free').prefault(4730),
		log_level: oneOf(['debug', 'info', 'warn', 'error']).describe('least important line that is logged').prefault('info'),
		traces_url: urlOf('http|https').describe('where OpenTelemetry spans go; none: no traces').optional(),
	})
	.prefault({});

export const fleetSection = z
	.strictObject({
		nats_url: urlOf('nats|tls').describe('none: this host is alone').optional(),
		host_name: textUpTo(1, 100).describe('how the other hosts know this one').optional(),
	})
	.prefault({});
