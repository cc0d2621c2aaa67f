/** Ticks that a loop of somebody's own asks for: the engine never begins one itself, and goes on keeping house. */
import { describe, expect, test } from 'vitest';
import { Desk } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { ladderAround, Scripted } from '../../test/fixtures/scripted.ts';
import type { ControlAction } from '../domain/event.ts';
import { type InstrumentIndex, instrumentIndex } from '../domain/instrument.ts';
import type { OrderId } from '../domain/order-id.ts';
import { lots, ticks } from '../domain/units.ts';
import type { ControlResult } from './control.ts';
import { ENGINE_SETTINGS, TICK_OPTIONS } from './settings.ts';

const MID = 650_000;
const ALL = [0, 1, 2].map(instrumentIndex);

function deskOf({ isManual = true, hasMarket = true } = {}) {
	const instruments = ALL.map((index) => makeTestInstrument({ index, symbol: `S${index}USDT` }));
	const strategy = new Scripted();
	const desk = new Desk({
		instruments,
		strategy,
		settings: { tick: { ...TICK_OPTIONS, isManual }, policy: { ...ENGINE_SETTINGS.policy, minTimeInBookMs: 0 } },
	});
	const market = (mid: number): void => {
		for (const instrument of instruments) {
			desk.book(instrument, mid - 1, mid + 1);
			strategy.wishes.set(instrument.index, ladderAround(mid, { levels: 2, qty: 10 }));
		}
	};
	/** What a loop does, with the result that it gets. */
	const processTick = (subjects: readonly InstrumentIndex[]): ControlResult | undefined => {
		const result = desk.engine.step({ kind: 'control', action: { kind: 'processTick', instruments: subjects }, ...desk.at() });
		// The desk performs effects with its next event.
		desk.step({ kind: 'timer', key: 'deadline', ...desk.at() });
		return result;
	};
	const quoted = (): number[] =>
		[...new Set(desk.engine.openOrders().map(({ instrument }) => instrument.index))].sort((a, b) => a - b);
	if (hasMarket) market(MID);
	return { desk, strategy, market, processTick, quoted };
}

describe('with isManual', () => {
	test('neither time nor the market begins a tick', () => {
		const { desk, market } = deskOf();
		for (let step = 0; step < 20; step += 1) {
			market(MID + step);
			desk.tick();
			desk.step({ kind: 'timer', key: 'budget', ...desk.at() });
		}
		expect(desk.engine.getStats().ticks).toBe(0);
		expect(desk.history).toEqual([]);
	});

	test('the engine wakes itself for housekeeping, and asks for no tick', () => {
		const { desk } = deskOf({ hasMarket: false });
		expect(desk.tick()).toEqual([{ kind: 'wake', key: 'interval', delayMs: TICK_OPTIONS.tickIntervalMs }]);
		const [instrument] = ALL;
		if (instrument === undefined) throw new Error('three symbols');
		expect(desk.step({ kind: 'bookLost', instrument, reason: 'gap', ...desk.at() })).toEqual([]);
	});

	test('a loop that stops asking leaves its quotes; an orderly end still cancels them', () => {
		const { desk, processTick } = deskOf();
		processTick(ALL);
		desk.settle();
		for (let step = 0; step < 20; step += 1) desk.tick();
		expect(desk.engine.openOrders()).toHaveLength(12);
		desk.step({ kind: 'control', action: { kind: 'shutGate', reason: 'the loop ends' }, ...desk.at() });
		desk.settle();
		expect(desk.engine.openOrders()).toEqual([]);
	});

	test('calls that the deadline has overtaken are dropped by housekeeping alone', () => {
		const { desk, processTick } = deskOf();
		desk.commits = 'held';
		processTick(ALL);
		desk.tick(TICK_OPTIONS.tickDeadlineMs + 1);
		expect(desk.engine.getStats().dropped).toBe(12);
		desk.confirmCommits();
		expect(desk.history).toEqual([]);
	});
});

test('without isManual time and the market begin ticks', () => {
	const { desk } = deskOf({ isManual: false });
	desk.tick();
	expect(desk.engine.getStats().ticks).toBe(1);
	expect(desk.history.length).toBeGreaterThan(0);
});

describe('processTick', () => {
	test('plans the symbols that it names in one flush and answers with the commands', () => {
		const { desk, processTick, quoted } = deskOf();
		expect(processTick([instrumentIndex(2), instrumentIndex(0)])).toEqual({ kind: 'done', orderCount: 8 });
		expect(desk.sent.map(({ verb, commands }) => `${verb} ${commands.length}`)).toEqual(['place 8']);
		desk.settle();
		expect(quoted()).toEqual([0, 2]);
		expect(processTick(ALL)).toEqual({ kind: 'done', orderCount: 4 });
		desk.settle();
		expect(processTick(ALL)).toEqual({ kind: 'done', orderCount: 0 });
		expect(desk.engine.getStats()).toMatchObject({ ticks: 3, calls: 2 });
	});

	test('a symbol named twice is planned once, and one that nobody quotes is nothing', () => {
		const { processTick } = deskOf();
		const [first] = ALL;
		if (first === undefined) throw new Error('three symbols');
		expect(processTick([first, first, instrumentIndex(99)])).toEqual({ kind: 'done', orderCount: 4 });
		expect(processTick([])).toEqual({ kind: 'done', orderCount: 0 });
	});

	test('while answers are out, only what is free is planned', () => {
		const { desk, market, processTick } = deskOf();
		processTick(ALL);
		desk.settle();
		market(MID + 7);
		expect(processTick(ALL)).toEqual({ kind: 'done', orderCount: 12 });
		market(MID + 14);
		expect(processTick(ALL)).toEqual({ kind: 'done', orderCount: 0 });
		desk.settle();
		expect(processTick(ALL)).toEqual({ kind: 'done', orderCount: 12 });
	});

	test('withdraws what waits for its turn and is wanted otherwise by now', () => {
		const { desk, market, processTick } = deskOf();
		desk.step({ kind: 'control', action: { kind: 'setParallel', parallel: false }, ...desk.at() });
		processTick(ALL);
		expect(desk.history).toHaveLength(1);
		market(MID + 7);
		processTick(ALL);
		expect(desk.engine.getStats().dropped).toBe(11);
	});

	test('under a pause it pulls nothing twice and places nothing', () => {
		const { desk, processTick } = deskOf();
		processTick(ALL);
		desk.settle();
		desk.step({ kind: 'control', action: { kind: 'pause', scope: { kind: 'all' }, reason: 'lunch' }, ...desk.at() });
		expect(processTick(ALL)).toEqual({ kind: 'done', orderCount: 0 });
		desk.settle();
		expect(desk.engine.openOrders()).toEqual([]);
		expect(processTick(ALL)).toEqual({ kind: 'done', orderCount: 0 });
	});

	test('is not manual only: a loop may ask in between', () => {
		const { desk, processTick } = deskOf({ isManual: false });
		expect(processTick(ALL)).toEqual({ kind: 'done', orderCount: 12 });
		desk.settle();
		expect(desk.engine.getStats().ticks).toBe(1);
	});
});

describe('an order that waits for the journal', () => {
	test.each([
		{ name: 'cancelOrder', action: (orderId: OrderId): ControlAction => ({ kind: 'cancelOrder', orderId }) },
		{ name: 'cancelAll', action: (): ControlAction => ({ kind: 'cancelAll', scope: { kind: 'all' } }) },
	])('is cancelled by $name once it has left (I11)', ({ action }) => {
		const { desk } = deskOf();
		desk.commits = 'held';
		const terms = {
			orderType: 'limit',
			timeInForce: 'gtc',
			reduceOnly: false,
			priceTicks: ticks(MID - 100),
			qtyLots: lots(10),
		} as const;
		const place: ControlAction = { kind: 'placeOrder', instrument: instrumentIndex(0), side: 'buy', ...terms };
		const placed = desk.engine.step({ kind: 'control', action: place, ...desk.at() });
		if (placed?.kind !== 'placed') return expect.unreachable(`${placed?.kind}`);
		const asked = desk.engine.step({ kind: 'control', action: action(placed.orderId), ...desk.at() });
		expect(asked).toEqual({ kind: 'done', orderCount: 1 });
		desk.commits = 'confirmed';
		desk.step({ kind: 'timer', key: 'deadline', ...desk.at() });
		desk.confirmCommits();
		desk.settle();
		desk.tick();
		desk.settle();
		expect(desk.engine.openOrders()).toEqual([]);
		expect(desk.history.map(({ verb }) => verb)).toEqual(['place', 'cancel']);
	});
});
