/**
 * Every alert rule that a box, a database, a disk or a person can bring about fires in an engine that is made to suffer, and
 * is over before the next trouble. Takes minutes of a machine that has nothing else to do.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { eventually } from '../clients/wait.ts';
import { ScrapedEngine } from './scraped-engine.ts';
import { prometheusIn, testWith } from './server-process.ts';

const testPrometheus = testWith(prometheusIn(fileURLToPath(new URL('../../ops/prometheus/', import.meta.url))));

/** On a slow machine these may fire before the trouble as well, so this figure of theirs has to rise with it. */
const OF_PACE: Readonly<Record<string, string>> = {
	EvenkeelLoopLate: 'avg_over_time(mm_event_loop_delay_seconds{stat="p99"}[8s])',
	EvenkeelTickSlow: 'sum(rate(mm_tick_duration_ms_sum[8s])) / sum(rate(mm_tick_duration_ms_count[8s]))',
	EvenkeelTickOverruns: 'rate(mm_tick_overruns_total[8s])',
};

interface Trouble {
	readonly what: string;
	readonly faults?: readonly { readonly name: string; readonly parameters: object }[];
	readonly act?: (engine: ScrapedEngine) => Promise<void>;
	readonly after?: (engine: ScrapedEngine) => Promise<void>;
	/** None of them does before, but for those of pace. */
	readonly fires: readonly string[];
}

const STREAMS = ['ws-public', 'ws-private', 'ws-trade'];

/** In the order in which they strike one engine. */
const AT_THE_EXCHANGE: readonly Trouble[] = [
	{
		what: 'reads that fail',
		faults: [{ name: 'server-error', parameters: { channel: 'rest', path: '/v5/position', probability: 1, form: 'http-503' } }],
		fires: ['EvenkeelRestErrors', 'EvenkeelBreakerOpen', 'EvenkeelNotCompared'],
	},
	{
		what: 'requests that are refused',
		faults: [{ name: 'maintenance', parameters: { mode: 'halted' } }],
		fires: ['EvenkeelRejects'],
	},
	{
		what: 'requests that are one too many',
		faults: [{ name: 'rate-limit', parameters: { channel: 'ws-trade', probability: 1 } }],
		fires: ['EvenkeelThrottled'],
	},
	{
		what: 'somebody else on the account',
		faults: [{ name: 'foreign-order', parameters: { everyMs: 500, probability: 1, awayBps: 500 } }],
		fires: ['EvenkeelForeignOrders'],
	},
	{
		what: 'a clock that is off',
		faults: [{ name: 'venue-clock', parameters: { offsetMs: 400 } }],
		fires: ['EvenkeelClockOff'],
	},
	{
		what: 'a key that is revoked',
		faults: [{ name: 'revoke-key', parameters: { channel: 'ws-trade' } }],
		fires: ['EvenkeelKilled', 'EvenkeelAlertCritical'],
	},
];

const ON_THE_WAY: readonly Trouble[] = [
	{
		what: 'answers that come late',
		faults: [{ name: 'delay-reply', parameters: { channel: 'ws-trade', probability: 1, delayMs: 400, tailMs: 0 } }],
		fires: ['EvenkeelTickSlow', 'EvenkeelTickOverruns'],
	},
	{
		what: 'books with gaps',
		faults: [{ name: 'break-sequence', parameters: { form: 'gap', probability: 0.5 } }],
		fires: ['EvenkeelBooksLost'],
	},
	{
		what: 'public streams that stay away',
		faults: [
			{ name: 'refuse-connection', parameters: { channel: 'ws-public' } },
			{ name: 'cut-socket', parameters: { channel: 'ws-public', count: 1 } },
		],
		fires: ['EvenkeelStreamDown', 'EvenkeelBookStale', 'EvenkeelSeldomQuotes', 'EvenkeelAlertWarning'],
	},
	{
		what: 'streams that come and go',
		faults: STREAMS.map((channel) => ({ name: 'flap-connection', parameters: { channel, afterMs: 300 } })),
		act: async (engine) => {
			for (const channel of STREAMS) {
				await engine.control('POST /v1/faults', { name: 'cut-socket', parameters: { channel, count: 1 } });
			}
		},
		fires: ['EvenkeelReconnects'],
	},
	{
		what: 'lists that are empty, and a stream that says nothing',
		faults: [
			{ name: 'empty-list', parameters: { path: '/v5/order/realtime', probability: 1 } },
			{ name: 'drop-frames', parameters: { channel: 'ws-private', probability: 1 } },
		],
		fires: ['EvenkeelOrdersUnknown', 'EvenkeelAlertCritical'],
	},
	{
		what: 'a loop that is held up',
		act: async (engine) => {
			for (let i = 0; i < 30; i += 1) {
				engine.freeze();
				await sleep(200);
				engine.thaw();
				await sleep(300);
			}
		},
		fires: ['EvenkeelLoopLate'],
	},
];

/** On our own side; what takes its life comes last. */
const AT_HOME: readonly Trouble[] = [
	{
		what: 'a database that is away',
		act: async (engine) => {
			engine.databaseStatus = 503;
		},
		fires: ['EvenkeelOutletAway'],
	},
	{
		what: 'a database that refuses points',
		act: async (engine) => {
			engine.databaseStatus = 400;
		},
		fires: ['EvenkeelPointsLost'],
	},
	{
		what: 'a disk that takes nothing',
		act: async (engine) => engine.limitFiles('full'),
		after: async (engine) => engine.limitFiles('unlimited'),
		fires: ['EvenkeelJournalRefused', 'EvenkeelAlertCritical'],
	},
	{
		what: 'a person who pauses it',
		act: (engine) => engine.act('pause', { reason: 'a test' }),
		after: (engine) => engine.act('resume'),
		fires: ['EvenkeelPaused', 'EvenkeelAlertWarning'],
	},
	{
		what: 'a person who lets positions only shrink',
		act: (engine) => engine.act('reduce-only', { reason: 'a test' }),
		fires: ['EvenkeelReduceOnly', 'EvenkeelAlertCritical'],
	},
	{ what: 'a process that is killed', act: (engine) => engine.kill(), fires: ['EvenkeelDown'] },
	{
		what: 'one that starts again and again',
		act: async (engine) => {
			for (let i = 0; i < 3; i += 1) {
				await engine.restart();
				await hasRisen(engine, 'changes(process_start_time_seconds{job="evenkeel"}[90s])', i);
				if (i < 2) await engine.kill();
			}
		},
		fires: ['EvenkeelRestarts'],
	},
];

async function figureOf(engine: ScrapedEngine, expr: string): Promise<number> {
	const [sample] = await engine.query(expr);
	return sample === undefined || Number.isNaN(sample.value) ? 0 : sample.value;
}

async function hasRisen(engine: ScrapedEngine, expr: string, above: number): Promise<void> {
	const look = async (): Promise<true | undefined> => ((await figureOf(engine, expr)) > above ? true : undefined);
	await eventually(`${expr} above ${above}`, look, { withinMs: 80_000 });
}

async function suffer(troubles: readonly Trouble[]): Promise<void> {
	await using engine = await ScrapedEngine.open();
	const silent: string[] = [];
	for (const { what, faults = [], act, after, fires } of troubles) {
		await engine.falls(fires.filter((name) => !Object.hasOwn(OF_PACE, name)));
		const ofPace: { readonly expr: string; readonly before: number }[] = [];
		for (const expr of fires.flatMap((name) => OF_PACE[name] ?? [])) ofPace.push({ expr, before: await figureOf(engine, expr) });
		const startedMs = performance.now();
		for (const fault of faults) await engine.control('POST /v1/faults', fault);
		await act?.(engine);
		const risen = ofPace.map(({ expr, before }) => hasRisen(engine, expr, before));
		await Promise.all([engine.fires(fires), ...risen]).catch((error: unknown) => silent.push(`${what}: ${String(error)}`));
		await engine.control('DELETE /v1/faults');
		await after?.(engine);
		process.stdout.write(`${what}: ${Math.round(performance.now() - startedMs)} ms\n`);
	}
	expect(silent).toEqual([]);
}

testPrometheus('alerts fire for what goes wrong at the exchange', () => suffer(AT_THE_EXCHANGE));
testPrometheus('alerts fire for what goes wrong on the way', () => suffer(ON_THE_WAY));
testPrometheus('alerts fire for what goes wrong on our own side', () => suffer(AT_HOME));
