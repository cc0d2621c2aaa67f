/** An engine whose process stood still for a while: what it does first when it runs again (F58). */
import { beforeEach, describe, expect, test } from 'vitest';
import { START_EQUITY, TEST_VENUE, WIDE_LIMITS } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { ladderAround, Scripted } from '../../test/fixtures/scripted.ts';
import { BookDelta } from '../domain/book-delta.ts';
import type { Batch } from '../domain/command.ts';
import type { EngineEvent } from '../domain/event.ts';
import { moneyOf } from '../domain/money.ts';
import { runTagOf } from '../domain/order-id.ts';
import { lots, monoMs, ticks } from '../domain/units.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { changeOf } from './changes.ts';
import { Engine } from './engine.ts';
import type { EngineEffect } from './ports.ts';
import { Runtime } from './runtime.ts';
import { ENGINE_SETTINGS } from './settings.ts';

const MID = 650_000;
const BTC = makeTestInstrument();

/** The world's clock as a process sees it: while that is stopped, its timers wait, and all come late. */
class StoppableClock implements Clock {
	readonly world = new VirtualClock(1_767_225_600_000);
	wallAheadMs = 0;
	/** Gone by in one instant, before any timer is heard. */
	jumpedMs = 0;
	#isStopped = false;
	readonly #late: (() => void)[] = [];

	wallMs(): number {
		return this.world.wallMs() + this.wallAheadMs + this.jumpedMs;
	}

	monotonicMs(): number {
		return this.world.monotonicMs() + this.jumpedMs;
	}

	after(delayMs: number, callback: () => void): Timer {
		let isCancelled = false;
		const fire = (): void => {
			if (isCancelled) return;
			if (this.#isStopped) this.#late.push(fire);
			else callback();
		};
		this.world.after(delayMs, fire);
		return {
			cancel: () => {
				isCancelled = true;
			},
		};
	}

	/** The first words when it runs again are said before any timer is heard. */
	stopFor(durationMs: number, firstWords?: () => void): void {
		this.#isStopped = true;
		this.world.run(durationMs);
		this.#isStopped = false;
		firstWords?.();
		for (const fire of this.#late.splice(0)) fire();
	}
}

let clock: StoppableClock;
let runtime: Runtime;
let sent: Batch[];
let inputs: EngineEvent['kind'][];
let commits: number[];
let censuses: number;
let isCommitHeld: boolean;
let heardOutput: (effect: EngineEffect) => void;

const at = () => runtime.now();

function book(): void {
	const delta = new BookDelta();
	const { wallMs } = at();
	delta.reset('snapshot', inputs.length + 1, wallMs, wallMs);
	for (let level = 0; level < 10; level += 1) {
		delta.push('bid', ticks(MID - 1 - level), lots(1_000));
		delta.push('ask', ticks(MID + 1 + level), lots(1_000));
	}
	runtime.push({ kind: 'book', instrument: BTC.index, delta, ...at() });
}

function confirm(): void {
	for (const flushId of commits.splice(0)) runtime.push({ kind: 'journaled', flushId, ok: true, ...at() });
}

/** Time goes by while everything is well. */
function pass(ms: number): void {
	for (let gone = 0; gone < ms; gone += 250) {
		book();
		clock.world.run(250);
	}
}

function census(beganAgoMs = 0): void {
	const found = { orders: [], positions: [] };
	const { wallMs, monoMs: nowMono } = at();
	runtime.push({ kind: 'census', venue: 'bybit', beganAtMono: monoMs(nowMono - beganAgoMs), found, wallMs, monoMs: nowMono });
}

const sentOf = (verb: string): number =>
	sent.filter((batch) => batch.verb === verb).reduce((sum, { commands }) => sum + commands.length, 0);

/** The venue shows all that is open. */
function openShown(): void {
	for (const { orderId, instrument, side, priceTicks, qtyLots, filledLots } of runtime.engine.openOrders()) {
		const terms = { instrument, side, priceTicks, qtyLots, filledLots };
		const news = { status: 'working' as const, reason: undefined, updatedAtMs: at().wallMs, source: 'stream' as const };
		const report = { clientOrderId: orderId, venueOrderId: `v-${orderId}`, ...terms, ...news };
		runtime.push({ kind: 'orderReport', report, ...at() });
	}
}

/** The venue shows an end of all that was to be cancelled. */
function cancelsDone(): void {
	for (const { commands, verb } of sent) {
		if (verb !== 'cancel') continue;
		for (const { orderId } of commands) {
			const order = runtime.engine.orders.get(orderId);
			if (order === undefined) continue;
			const { instrument, side, priceTicks, qtyLots, filledLots } = order;
			const terms = { instrument, side, priceTicks, qtyLots, filledLots };
			const news = { status: 'cancelled' as const, reason: undefined, updatedAtMs: at().wallMs, source: 'stream' as const };
			const report = { clientOrderId: orderId, venueOrderId: `v-${orderId}`, ...terms, ...news };
			runtime.push({ kind: 'orderReport', report, ...at() });
		}
	}
}

beforeEach(() => {
	clock = new StoppableClock();
	sent = [];
	inputs = [];
	commits = [];
	censuses = 0;
	isCommitHeld = false;
	heardOutput = () => {};
	const strategy = new Scripted();
	strategy.wishes.set(BTC.index, ladderAround(MID, { levels: 2, qty: 10 }));
	const engine = new Engine({
		settings: { ...ENGINE_SETTINGS, limits: { ...WIDE_LIMITS, loopLagMsMax: 200 } },
		venues: [TEST_VENUE],
		instruments: [BTC],
		quoting: [{ strategy, instruments: [BTC.index] }],
		runTag: runTagOf(7),
		lastOrderId: undefined,
		startedAtMono: monoMs(0),
	});
	runtime = new Runtime(engine, {
		clock,
		gateways: [
			{
				capabilities: TEST_VENUE,
				send: (batch) => {
					sent.push(batch);
					const items = batch.commands.map(({ orderId, kind }) => {
						return { orderId, verb: kind, outcome: { kind: 'accepted' as const, venueOrderId: `v-${orderId}` } };
					});
					clock.after(10, () => runtime.push({ kind: 'answer', batchId: batch.batchId, items, ...at() }));
				},
				lookUp: () => {},
				takeCensus: () => {
					censuses += 1;
				},
			},
		],
		journal: {
			commit: (flushId) => {
				commits.push(flushId);
				if (!isCommitHeld) clock.after(1, confirm);
			},
			note: () => {},
			keep: () => {},
		},
		recorder: { input: ({ kind }) => inputs.push(kind), output: (effect) => heardOutput(effect) },
	});
	runtime.start();
	const amount = moneyOf(BigInt(START_EQUITY) * 10n ** 18n);
	runtime.push({ kind: 'balance', venue: 'bybit', currency: 'USDT', free: amount, total: amount, ...at() });
});

describe('a loop that comes late', () => {
	const LATE = [
		{ lateMs: 250, isHeld: true },
		{ lateMs: 1_400, isHeld: true },
		{ lateMs: 150, isHeld: false },
	];

	test.each(LATE)('by $lateMs ms holds every symbol: $isHeld', ({ lateMs, isHeld }) => {
		pass(1_000);
		openShown();
		// The next pulse is half a second away, and comes so much later.
		clock.stopFor(500 + lateMs);
		pass(250);
		expect(runtime.engine.levels.holdReason(BTC.index, at().monoMs)).toBe(
			isHeld ? `our own loop came ${lateMs} ms late` : undefined,
		);
		expect([sentOf('cancel'), runtime.engine.isRiskPaused()]).toEqual([isHeld ? 4 : 0, false]);
	});

	test('quotes again when it has been in time for ten seconds', () => {
		pass(1_000);
		openShown();
		clock.stopFor(1_000);
		pass(250);
		cancelsDone();
		pass(9_250);
		expect(sentOf('place')).toBe(4);
		pass(1_000);
		expect(sentOf('place')).toBe(8);
	});
});

describe('a process that stood still', () => {
	test('hears of it before anything else, sends nothing of what it had decided, and cancels what stands', () => {
		pass(1_000);
		expect(sentOf('place')).toBe(4);
		isCommitHeld = true;
		runtime.control({ kind: 'cancelOrder', orderId: runtime.engine.openOrders()[0]?.orderId ?? ('' as never) });
		cancelsDone();
		pass(250);
		expect(commits.length).toBeGreaterThan(0);
		inputs.length = 0;
		clock.stopFor(8_000, confirm);
		expect(inputs[0]).toBe('slept');
		expect(inputs.filter((kind) => kind === 'slept').length).toBe(1);
		expect(sentOf('place')).toBe(4);
		expect(sentOf('cancel')).toBe(4);
		expect(runtime.engine.riskPauseReason()).toBe('we did not run for 8 s');
		expect(censuses).toBe(1);
	});

	test('between a decision and its sending, sends nothing either, and knows that nothing was sent', () => {
		heardOutput = ({ kind }) => {
			if (kind === 'send') clock.jumpedMs = 8_000;
		};
		pass(1_000);
		expect([clock.jumpedMs, sent]).toEqual([8_000, []]);
		expect(runtime.engine.openOrders()).toEqual([]);
		expect(runtime.engine.riskPauseReason()).toBe('we did not run for 8 s');
	});

	test('between the calls of one flush, sends none of them', () => {
		let isFirst = true;
		heardOutput = ({ kind }) => {
			if (kind === 'send' && isFirst) clock.jumpedMs = 8_000;
			if (kind === 'send') isFirst = false;
		};
		runtime.engine.step({
			kind: 'control',
			action: changeOf({ kind: 'setBus', bus: { ...ENGINE_SETTINGS.bus, maxBatchSize: 2 } }),
			...runtime.now(),
		});
		pass(1_000);
		expect(sentOf('place')).toBe(0);
		expect(inputs.filter((kind) => kind === 'slept').length).toBe(1);
		expect(runtime.engine.riskPauseReason()).toBe('we did not run for 8 s');
	});

	test('quotes again after two comparisons that were begun since, and not before', () => {
		pass(1_000);
		clock.stopFor(600_000);
		cancelsDone();
		census(5_000);
		pass(500);
		census();
		pass(500);
		expect([runtime.engine.isInDoubt, sentOf('place')]).toEqual([true, 4]);
		census();
		// The book was old meanwhile, and has to have been sound for a while (KL1).
		pass(11_000);
		expect([runtime.engine.isInDoubt, runtime.engine.isRiskPaused(), sentOf('place')]).toEqual([false, false, 8]);
	});

	test('of a machine that slept shows by the wall clock alone', () => {
		pass(1_000);
		clock.wallAheadMs += 30_000;
		pass(250);
		expect(runtime.engine.riskPauseReason()).toBe('we did not run for 30 s');
		expect(inputs.filter((kind) => kind === 'slept').length).toBe(1);
	});

	test('for less than two seconds is nothing to speak of, nor is a wall clock that goes back', () => {
		pass(1_000);
		clock.stopFor(1_400);
		clock.wallAheadMs -= 3_600_000;
		pass(5_000);
		expect(inputs).not.toContain('slept');
	});

	test.each([1_000, 1_250])('notices it without any word from outside, whichever timer comes first (%i)', (ms) => {
		pass(ms);
		inputs.length = 0;
		clock.stopFor(3_000);
		expect(inputs[0]).toBe('slept');
	});
});

test('a comparison that somebody asks for pauses until it was clean, and an operator does not cut it short', () => {
	pass(1_000);
	expect(runtime.control({ kind: 'compare', reason: 'the sentinel has cancelled' })).toEqual({ kind: 'done', orderCount: 0 });
	expect(sentOf('cancel')).toBe(4);
	expect(runtime.control({ kind: 'resume', scope: { kind: 'all' } })).toEqual({ kind: 'refused', reason: 'not-paused' });
	cancelsDone();
	census();
	expect(runtime.engine.riskPauseReason()).toBe('the sentinel has cancelled');
	census();
	expect(runtime.engine.riskPauseReason()).toBeUndefined();
});

test('a pause has an owner: only the same one lifts it', () => {
	runtime.control({ kind: 'pause', scope: { kind: 'all' }, reason: 'no sentinel', cause: 'sentinel' });
	runtime.control({ kind: 'pause', scope: { kind: 'all' }, reason: 'lunch' });
	runtime.control({ kind: 'pause', scope: { kind: 'all' }, reason: 'a blind sentinel', cause: 'sentinel' });
	expect(runtime.engine.riskPauseReason()).toBe('a blind sentinel');
	runtime.control({ kind: 'pause', scope: { kind: 'all' }, reason: 'no sentinel', cause: 'sentinel' });
	runtime.control({ kind: 'resume', scope: { kind: 'all' } });
	expect(runtime.engine.riskPauseReason()).toBe('no sentinel');
	expect(runtime.control({ kind: 'resume', scope: { kind: 'all' } })).toEqual({ kind: 'refused', reason: 'not-paused' });
	runtime.control({ kind: 'resume', scope: { kind: 'all' }, cause: 'sentinel' });
	expect(runtime.engine.isRiskPaused()).toBe(false);
});

test('a runtime that has stopped refuses what is asked of it, as a run does that is ending', () => {
	pass(1_000);
	runtime.stop();
	inputs.length = 0;
	const asked = [
		{ kind: 'flatten', scope: { kind: 'all' }, reason: 'by hand' },
		{ kind: 'shutGate', reason: 'by hand' },
	] as const;
	for (const action of asked) expect(runtime.control(action)).toEqual({ kind: 'refused', reason: 'gate-is-shut' });
	expect(inputs).toEqual([]);
});
