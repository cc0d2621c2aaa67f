/** What the engine makes of a venue that is silent, deaf, slow, busy or wrong about the time. */
import { describe, expect, test } from 'vitest';
import { Desk, WIDE_LIMITS } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { ladderAround, Scripted } from '../../test/fixtures/scripted.ts';
import { BookDelta } from '../domain/book-delta.ts';
import type { Outcome } from '../domain/outcome.ts';
import { lots, ticks, timeMs } from '../domain/units.ts';
import type { EngineEffect } from './ports.ts';

const MID = 650_000;
const BTC = makeTestInstrument({ index: 0, symbol: 'BTCUSDT' });
const ETH = makeTestInstrument({ index: 1, symbol: 'ETHUSDT', baseCurrency: 'ETH' });

function quotingDesk() {
	const strategy = new Scripted();
	const desk = new Desk({ instruments: [BTC], strategy });
	desk.book(BTC, MID - 1, MID + 1);
	strategy.wishes.set(BTC.index, ladderAround(MID, { levels: 2, qty: 10 }));
	return { desk, strategy };
}

function lookUps(effects: readonly EngineEffect[]): string[] {
	return effects.flatMap((effect) => (effect.kind === 'lookUp' ? effect.asked.map(({ orderId }) => orderId) : []));
}

function answer(desk: Desk, outcome: Outcome): readonly EngineEffect[] {
	const batch = desk.sent.shift();
	if (batch === undefined) throw new Error('nothing was sent');
	const items = batch.commands.map(({ orderId, kind }) => ({ orderId, verb: kind, outcome }));
	return desk.step({ kind: 'answer', batchId: batch.batchId, items, ...desk.at() });
}

describe('orders that nobody answered for', () => {
	test('are looked up at once, and are gone for good only after the fence', () => {
		const { desk } = quotingDesk();
		desk.tick();
		const orderIds = desk.sent[0]?.commands.map(({ orderId }) => orderId) ?? [];
		const mayLandUntilMs = timeMs(desk.at().wallMs + 5_000);
		expect(lookUps(answer(desk, { kind: 'unknown', reason: 'timeout', mayLandUntilMs }))).toEqual(orderIds);
		const looked = (): void => {
			for (const orderId of orderIds) {
				const at = desk.at();
				desk.step({ kind: 'lookedUp', orderId, isFound: false, isComplete: true, venueAtMs: at.wallMs, ...at });
			}
		};
		looked();
		desk.nowMs += 14_000;
		looked();
		desk.nowMs += 2_000;
		expect(desk.engine.orders.countUnknown()).toBe(4);
		looked();
		desk.nowMs += 1_000;
		looked();
		expect(desk.engine.orders.openCount).toBe(0);
	});

	test('are not touched again by the planner before their fate is known (F02)', () => {
		const { desk } = quotingDesk();
		desk.tick();
		answer(desk, { kind: 'unknown', reason: 'timeout' });
		desk.book(BTC, MID - 1, MID + 1);
		desk.tick();
		expect(desk.sent).toEqual([]);
	});
});

test('when the private stream is back, what it did not tell of is looked up (F20)', () => {
	const { desk } = quotingDesk();
	desk.tick();
	desk.settle();
	const stream = (up: boolean) => desk.step({ kind: 'stream', venue: 'bybit', stream: 'private', up, ...desk.at() });
	desk.nowMs += 100;
	expect(lookUps(stream(false))).toEqual([]);
	desk.nowMs += 400;
	expect(lookUps(stream(true))).toHaveLength(4);
});

test('a venue that has had enough gets nothing more until it says so (F52, I16)', () => {
	const { desk } = quotingDesk();
	const budgeted = new Desk({
		instruments: [BTC],
		strategy: desk.engine.quoters[0]?.strategy ?? new Scripted(),
		venue: {
			rateRules: [{ venue: 'bybit', categories: ['linear'], verbs: ['place'], limit: 10, windowMs: 1_000 }],
		},
	});
	budgeted.book(BTC, MID - 1, MID + 1);
	const rate = { venue: 'bybit', category: 'linear', verb: 'place', limit: 10, remaining: 0 } as const;
	budgeted.step({ kind: 'rate', ...rate, resetInMs: 900, isRefusal: true, ...budgeted.at() });
	budgeted.tick(250);
	budgeted.tick(250);
	expect(budgeted.sent).toEqual([]);
	budgeted.tick(600);
	expect(budgeted.sent.flatMap(({ commands }) => commands)).toHaveLength(4);
});

test.each([
	['command by command', {}, 4],
	['as a full one, however little it carries', { batchCounts: { place: 80 } }, 0],
])('a call draws on the budget as its venue counts it: %s (I16)', (_name, counting, laterCount) => {
	const strategy = new Scripted();
	for (const { index } of [BTC, ETH]) strategy.wishes.set(index, ladderAround(MID, { levels: 2, qty: 10 }));
	const budgeted = new Desk({
		instruments: [BTC, ETH],
		strategy,
		venue: {
			rateRules: [{ venue: 'bybit', categories: ['linear'], verbs: ['place'], limit: 100, windowMs: 60_000, ...counting }],
		},
	});
	const sentFor = (): number => budgeted.sent.splice(0).flatMap(({ commands }) => commands).length;
	budgeted.book(BTC, MID - 1, MID + 1);
	budgeted.tick(250);
	expect(sentFor()).toBe(4);
	budgeted.book(ETH, MID - 1, MID + 1);
	budgeted.tick(250);
	expect(sentFor()).toBe(laterCount);
});

test.each([
	[500, 4, undefined],
	[501, 0, "our clock and the venue's differ by 501 ms"],
	[-501, 0, "our clock and the venue's differ by 501 ms"],
])('with a clock that is %i ms off, %i orders leave (PT21)', (offsetMs, sentCount, reason) => {
	const { desk } = quotingDesk();
	desk.step({ kind: 'venueClock', venue: 'bybit', offsetMs, ...desk.at() });
	desk.tick();
	expect([desk.sent.flatMap(({ commands }) => commands).length, desk.engine.riskPauseReason()]).toEqual([sentCount, reason]);
});

test('a clock that is off is told before it stops anything', () => {
	const { desk } = quotingDesk();
	const offsetMs = 251;
	const effects = desk.step({ kind: 'venueClock', venue: 'bybit', offsetMs, ...desk.at() });
	expect(effects).toContainEqual({ kind: 'note', note: { kind: 'clockOff', venue: 'bybit', offsetMs } });
	expect(desk.step({ kind: 'venueClock', venue: 'bybit', offsetMs, ...desk.at() })).toEqual([]);
});

test('a key that is refused shuts the gate, once, with its reason (F55)', () => {
	const { desk } = quotingDesk();
	desk.tick();
	const refused: Outcome = { kind: 'rejected', class: 'auth', gone: false, reason: '33004 key expired' };
	const effects = answer(desk, refused);
	expect(effects.flatMap((effect) => (effect.kind === 'note' ? [effect.note] : []))).toEqual([
		{ kind: 'gateShut', reason: 'the venue refuses our key: 33004 key expired' },
	]);
	expect(desk.engine.levels.level).toBe('kill');
});

test.each([
	['fresh', 0, 4],
	['two seconds old', 2_001, 0],
	['old by a clock that is behind ours, and so fresh', 0, 4, -3_000],
])('a book that comes now and is %s: %i ms, %i orders (F42)', (_, ageMs, sentCount, offsetMs = 0) => {
	const strategy = new Scripted();
	const desk = new Desk({ instruments: [BTC], strategy, settings: { limits: { ...WIDE_LIMITS, clockOffsetMsMax: 5_000 } } });
	strategy.wishes.set(BTC.index, ladderAround(MID, { levels: 2, qty: 10 }));
	desk.step({ kind: 'venueClock', venue: 'bybit', offsetMs, ...desk.at() });
	const { wallMs, monoMs } = desk.at();
	const delta = new BookDelta();
	const pushedAtMs = timeMs(wallMs + offsetMs - ageMs);
	delta.reset('snapshot', 1, pushedAtMs, wallMs);
	delta.push('bid', ticks(MID - 1), lots(1_000));
	delta.push('ask', ticks(MID + 1), lots(1_000));
	desk.step({ kind: 'book', instrument: BTC.index, delta, wallMs, monoMs });
	desk.tick(0);
	expect(desk.sent.flatMap(({ commands }) => commands)).toHaveLength(sentCount);
});

test('while the journal is slow nothing new is decided, and afterwards it is (PT22)', () => {
	const { desk, strategy } = quotingDesk();
	desk.commits = 'held';
	desk.tick();
	strategy.wishes.set(BTC.index, ladderAround(MID, { levels: 4, qty: 10 }));
	desk.book(BTC, MID - 1, MID + 1);
	desk.tick(251);
	expect([desk.sent, desk.engine.riskPauseReason()]).toEqual([[], 'the journal does not keep up']);
	desk.commits = 'confirmed';
	desk.confirmCommits();
	desk.book(BTC, MID - 1, MID + 1);
	desk.tick(900);
	expect([desk.sent, desk.engine.riskPauseReason()]).toEqual([[], 'the journal does not keep up']);
	desk.book(BTC, MID - 1, MID + 1);
	desk.tick(1_001);
	const waits = 'comparing with the venue after: the journal does not keep up';
	expect([desk.sent, desk.engine.riskPauseReason()]).toEqual([[], waits]);
	desk.census();
	expect(desk.engine.riskPauseReason()).toBe(waits);
	desk.census();
	desk.book(BTC, MID - 1, MID + 1);
	desk.tick();
	expect(desk.sent.flatMap(({ commands }) => commands).length).toBeGreaterThan(0);
});
