/**
 * Every metric that we publish: its name, what kind it is, what its labels can be, and what it means. `docs/metrics.md`
 * shows this table; dashboards and alerts may use these names and no others. Here are those that are measured as things
 * happen, under the names that they were given, and a few that come from there; figures-catalogue.ts has the rest.
 */
import { FIGURES, type FigureEntry } from './figures-catalogue.ts';

export type MetricEntry = Omit<FigureEntry, 'kind'> & { readonly kind: FigureEntry['kind'] | 'histogram' };

export const TICK_DURATION = {
	name: 'mm_tick_duration_ms',
	kind: 'histogram',
	labels: {},
	help: 'Milliseconds from the first event of a flush to its last answer; ticks that send nothing are not counted.',
} as const satisfies MetricEntry;

export const COALESCED = {
	name: 'mm_cmd_coalesced_total',
	kind: 'counter',
	labels: { op: ['place', 'amend', 'cancel'] },
	help: 'Calls that were not needed: commands put on the bus less calls made of them, since some merged and others shared a call.',
} as const satisfies MetricEntry;

export const EXCHANGE_REQUEST = {
	name: 'mm_exchange_req_ms',
	kind: 'histogram',
	labels: { verb: ['place', 'amend', 'cancel', 'read'], api: ['rest', 'rest-batch', 'ws', 'ws-batch'] },
	help: 'Milliseconds from handing a request over to its answer; one that got no answer is not counted.',
} as const satisfies MetricEntry;

export const LATENCY = {
	name: 'latency_ms',
	kind: 'histogram',
	labels: { stage: ['decide', 'journal', 'rest', 'ws', 'reconcile'] },
	help: 'Milliseconds by stage: computing one tick or one piece of a large one, making a commit safe, requests over REST and over WebSocket, a comparison with the venue.',
} as const satisfies MetricEntry;

export const REST_ERRORS = {
	name: 'rest_error_rate',
	kind: 'counter',
	labels: { exchange: 'the exchange' },
	help: 'REST calls without an answer to what was asked (lost, unreadable, turned away); a count, so take its rate.',
} as const satisfies MetricEntry;

export const WS_RECONNECTS = {
	name: 'ws_reconnects_total',
	kind: 'counter',
	labels: { exchange: 'the exchange' },
	help: 'WebSocket connections that were down and came back.',
} as const satisfies MetricEntry;

export const RISK_PAUSED = {
	name: 'risk_paused',
	kind: 'gauge',
	labels: {},
	help: '1 while quoting is paused for the whole account, for whatever reason; else 0.',
} as const satisfies MetricEntry;

export const METRICS: readonly MetricEntry[] = [
	TICK_DURATION,
	COALESCED,
	EXCHANGE_REQUEST,
	LATENCY,
	REST_ERRORS,
	WS_RECONNECTS,
	RISK_PAUSED,
	...Object.values(FIGURES),
];
