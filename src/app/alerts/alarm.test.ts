/** I26: everything that stops has stopped by itself, and somebody is told of it within five seconds. */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { makeTestInstrument } from '../../../test/fixtures/instruments.ts';
import { monoMs, timeMs } from '../../domain/units.ts';
import { failed, ok, type Result } from '../../network/result.ts';
import { RiskLevels } from '../../risk/level.ts';
import { runWithJobs } from '../../simulation/promise-jobs.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { Alarm } from './alarm.ts';
import type { AlertMessage } from './alert-message.ts';

const WITHIN_MS = 5_000;
const instruments = [makeTestInstrument(), makeTestInstrument({ index: 1, symbol: 'ETHUSDT' })];

let clock: VirtualClock;
let levels: RiskLevels;
let alarm: Alarm;
let sent: AlertMessage[];
let answer: () => Promise<Result<void>>;

const now = () => ({ wallMs: timeMs(Math.floor(clock.wallMs())), monoMs: monoMs(clock.monotonicMs()) });
const sentCodes = (): string[] => sent.flatMap(({ alerts }) => alerts.map(({ kind, alert }) => `${kind} ${alert.code}`));
const standing = (): string[] => alarm.list(99).flatMap(({ code, endedMs }) => (endedMs === null ? [code] : []));

async function pass(ms: number): Promise<void> {
	const untilMono = clock.monotonicMs() + ms;
	clock.after(ms, () => {});
	await runWithJobs(clock, () => clock.monotonicMs() < untilMono);
}

function begin(): void {
	clock = new VirtualClock(1_000_000);
	levels = new RiskLevels();
	sent = [];
	answer = async () => ok(undefined);
	alarm = new Alarm({
		...{ clock, rng: seededRng(1), instance: 'x', least: 'info', bundleMs: 2_000, perMinuteMax: 6 },
		sinks: [
			{
				name: 'one',
				send: async (message) => {
					sent.push(message);
					return await answer();
				},
			},
		],
	});
	alarm.watch({ instruments, engine: { levels }, runtime: { now } });
}

beforeEach(begin);

const lasting = (reason: string) => ({ reason, liftsByItself: false, nowMono: now().monoMs });

describe('what stands still', () => {
	test('is told of while it lasts, and that it is over', async () => {
		levels.pause('operator', lasting('lunch'));
		await pass(WITHIN_MS);
		expect(alarm.list(9)).toMatchObject([{ code: 'paused-by-operator', sentence: 'lunch', endedMs: null }]);
		expect(sentCodes()).toEqual(['begun paused-by-operator']);
		levels.resume('operator');
		await pass(WITHIN_MS);
		expect(standing()).toEqual([]);
		expect(sentCodes()).toEqual(['begun paused-by-operator', 'ended paused-by-operator']);
	});

	test('an orderly end is no alert', async () => {
		levels.end('the session ends');
		await pass(WITHIN_MS);
		expect(alarm.list(9)).toEqual([]);
	});

	test('every pause, hold and kill is on its way within five seconds, whatever the cause', async () => {
		const causes = ['operator', 'journal', 'clock', 'bybit ban', 'unknown', 'sentinel', 'something new'];
		const stop = fc.oneof(
			fc.constantFrom(...causes).map((cause) => ({ cause, how: 'pause' as const })),
			fc.constantFrom('book', 'strategy', 'operator', 'new').map((cause) => ({ cause, how: 'hold' as const })),
			fc.constantFrom('kill', 'reduceOnly').map((cause) => ({ cause, how: 'raise' as const })),
		);
		const stops = fc.array(fc.record({ stop, afterMs: fc.integer({ min: 0, max: 8_000 }) }), { minLength: 1, maxLength: 6 });
		await fc.assert(
			fc.asyncProperty(stops, async (all) => {
				begin();
				for (const [index, { stop: each, afterMs }] of all.entries()) {
					await pass(afterMs);
					const reason = `reason ${index}`;
					if (each.how === 'raise') levels.raise(each.cause === 'kill' ? 'kill' : 'reduceOnly', reason);
					else if (each.how === 'pause') levels.pause(each.cause, lasting(reason));
					else levels.hold(instruments[0]!.index, each.cause, lasting(reason));
				}
				await pass(WITHIN_MS);
				const reasons = [
					...(levels.latch === undefined ? [] : [levels.latch.reason]),
					...levels.pauses().map(({ reason }) => reason),
					...levels.holdsOf(instruments[0]!.index, now().monoMs).map(({ reason }) => reason),
				];
				expect(alarm.list(99).map(({ sentence }) => sentence)).toEqual(expect.arrayContaining(reasons));
				const told = sent.flatMap(({ alerts }) => alerts);
				for (const reason of reasons) expect(told.map(({ alert }) => alert.sentence)).toContain(reason);
			}),
			{ numRuns: 60 },
		);
	});
});

describe('what happens', () => {
	test('on a stream stands until it is back, and a beginning is no trouble', async () => {
		const session = (state: 'open' | 'waiting' | 'connecting') =>
			({ kind: 'session', socket: 'private', state, reason: 'reset' }) as const;
		for (const state of ['connecting', 'waiting', 'open'] as const) alarm.hearStream(session(state), 'bybit');
		expect(alarm.list(9)).toEqual([]);
		alarm.hearStream(session('waiting'), 'bybit');
		expect(alarm.list(9)).toMatchObject([{ code: 'stream-down', venue: 'bybit', endedMs: null }]);
		alarm.hearStream(session('open'), 'bybit');
		expect(standing()).toEqual([]);
	});

	test('orders of somebody else stand as long as there are any', () => {
		alarm.hearNote({ kind: 'foreignOrders', venue: 'bybit', count: 2 });
		expect(alarm.list(9)).toMatchObject([{ code: 'foreign-orders', sentence: expect.stringContaining('2 orders') as string }]);
		alarm.hearNote({ kind: 'foreignOrders', venue: 'bybit', count: 0 });
		expect(standing()).toEqual([]);
	});

	test('a group that somebody else looks after ends with it', async () => {
		let isLow = true;
		alarm.heed({ codes: ['disk-low'], conditions: () => (isLow ? [{ code: 'disk-low', sentence: 'only 5 MiB' }] : []) });
		await pass(1_000);
		expect(standing()).toEqual(['disk-low']);
		isLow = false;
		await pass(1_000);
		expect(standing()).toEqual([]);
	});
});

describe('the sinks', () => {
	test('what they did stands with the alert, and one that fails is an alert until it works again', async () => {
		answer = async () => failed({ reason: 'error', class: 'fatal', detail: 'a.example answers status 403' });
		levels.raise('kill', 'drawdown');
		await pass(WITHIN_MS);
		const killed = alarm.list(9).find(({ code }) => code === 'killed');
		expect(killed?.sent).toMatchObject([{ sink: 'one', result: 'a.example answers status 403' }]);
		expect(standing()).toContain('sink-failing');
		answer = async () => ok(undefined);
		alarm.test();
		await pass(WITHIN_MS);
		expect(standing()).toEqual(['killed']);
	});

	test('what happens at one moment is not told as over', async () => {
		alarm.tell({ code: 'orders-left', sentence: '2 orders could not be proven gone' });
		await pass(WITHIN_MS);
		expect(sent.map(({ text }) => text)).toEqual(['x: [critical] orders-left: 2 orders could not be proven gone']);
		expect(Object.fromEntries(alarm.begunByCode())).toEqual({ 'orders-left': 1 });
	});

	test('a test goes through all of them, and says so', async () => {
		expect(alarm.test()).toContain('one');
		await pass(WITHIN_MS);
		expect(sentCodes()).toEqual(['passed test']);
	});

	test('counts are of what stands, and of what ever began', async () => {
		levels.raise('kill', 'drawdown');
		levels.pause('operator', lasting('lunch'));
		await pass(1_000);
		levels.resume('operator');
		await pass(1_000);
		expect(alarm.counts()).toEqual({ critical: 1, warning: 0, info: 0 });
		expect(Object.fromEntries(alarm.begunByCode())).toEqual({ killed: 1, 'paused-by-operator': 1 });
	});
});
