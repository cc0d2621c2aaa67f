/** The sections `influxdb` and `redis`: who is told of what goes on while we trade, and is never waited for. */
import * as z from 'zod';
import { oneOf, seconds, textUpTo, urlOf, variableName, wholeNumber, yesNo } from './kinds.ts';

export const influxdbSection = z
	.strictObject({
		url: urlOf('http|https').describe('none: nothing is written').optional(),
		api: oneOf(['v1', 'v2', 'v3']).describe('generation of its write API').prefault('v1'),
		database: textUpTo(1, 100).describe('database, or the bucket of v2').prefault('evenkeel'),
		org: textUpTo(1, 100).describe('organisation; v2 alone has them').prefault('evenkeel'),
		username: textUpTo(1, 100).describe('of v1, where it asks for one; its password is the token').optional(),
		token_env: variableName().describe('name of the variable with the token').optional(),
		batch_size: wholeNumber(1, 50_000).describe('points in a write').prefault(1_000),
		flush_interval: seconds(0.1, 3_600).describe('seconds between writes').prefault(2),
		enable_batching: yesNo().describe('false: each point is written alone').prefault(true),
		prices_interval: seconds(0.1, 3_600)
			.describe('seconds between two points of the same price, tick figures and profit')
			.prefault(1),
		spill_max_mb: wholeNumber(1, 100_000)
			.describe('megabytes on disk while the server is away; what comes then is lost')
			.prefault(1_000),
	})
	.prefault({});

function hasRedisPath(text: string): boolean {
	// What is no URL at all has been told of.
	return !URL.canParse(text) || /^\/?\d*$/.test(new URL(text).pathname);
}

export const redisSection = z
	.strictObject({
		url: urlOf('redis|rediss')
			.refine(hasRedisPath, 'a URL that ends with its host and port, or with / and the number of the database behind them')
			.describe('none: no Redis')
			.optional(),
		password_env: variableName().describe('name of the variable with the password').optional(),
		key_prefix: textUpTo(0, 100).describe('in front of every key').prefault('evenkeel:'),
		state_interval: seconds(0.05, 60).describe('seconds between two looks at what has changed').prefault(0.25),
	})
	.prefault({});
