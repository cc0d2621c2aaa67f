/** What a person may ask of the engine within its limits: the list of symbols (PT2), parts of a larger order (PT23), raising limits. */
import { describe, expect, test } from 'vitest';
import { Desk, WIDE_LIMITS } from '../../test/fixtures/desk.ts';
import { BTCUSDT as BTC, ETHUSDT as ETH } from '../../test/fixtures/instruments.ts';
import { ladderAround, Scripted } from '../../test/fixtures/scripted.ts';
import type { ControlAction } from '../domain/event.ts';
import type { Instrument } from '../domain/instrument.ts';
import { lots, ticks } from '../domain/units.ts';
import { BUDGET_OPTIONS } from '../execution/rate-budget.ts';
import type { RiskLimits } from '../risk/limits.ts';
import { LOSS_LIMITS } from '../risk/loss.ts';
import { changeOf, type EngineChange } from './changes.ts';

const MID = 640_000;
type Place = Extract<ControlAction, { kind: 'placeOrder' }>;

function scene(limits: Partial<RiskLimits> = {}) {
	const strategy = new Scripted();
	const desk = new Desk({ instruments: [BTC, ETH], strategy, settings: { limits: { ...WIDE_LIMITS, ...limits } } });
	for (const instrument of desk.instruments) desk.book(instrument, MID - 1, MID + 1);
	const control = (action: ControlAction) => desk.engine.step({ kind: 'control', action, ...desk.at() });
	const perform = (): void => {
		desk.step({ kind: 'timer', key: 'deadline', ...desk.at() });
		desk.settle();
	};
	const place = (priceTicks: number, qtyLots: number, more: Partial<Place> = {}, instrument: Instrument = BTC) => {
		const terms = { side: 'buy', orderType: 'limit', timeInForce: 'gtc', reduceOnly: false } as const;
		const order = { instrument: instrument.index, priceTicks: ticks(priceTicks), qtyLots: lots(qtyLots) };
		const result = control({ kind: 'placeOrder', ...terms, ...order, ...more });
		perform();
		return result?.kind === 'refused' ? result.reason : result;
	};
	return { desk, strategy, control, perform, place };
}

describe('the list of symbols (PT2)', () => {
	test('keeps all others from being traded, by quotes and by hand', () => {
		const { desk, strategy, place } = scene({ symbolsAllowed: ['ETHUSDT'] });
		for (const { index } of desk.instruments) strategy.wishes.set(index, ladderAround(MID, { levels: 1, qty: 10 }));
		desk.tick();
		desk.settle();
		expect(desk.engine.openOrders().map(({ instrument }) => instrument.symbol)).toEqual(['ETHUSDT', 'ETHUSDT']);
		expect(place(MID - 50, 10)).toBe('PT2');
	});

	test('may become shorter at once', () => {
		const { place, control } = scene();
		expect(place(MID - 50, 10)).toMatchObject({ kind: 'placed' });
		control(changeOf({ kind: 'setLimits', limits: { ...WIDE_LIMITS, symbolsAllowed: ['ETHUSDT'] } }));
		expect(place(MID - 51, 10)).toBe('PT2');
	});
});

describe('parts of a larger order (PT23)', () => {
	const parent = { id: 'p', qtyLots: lots(100) };

	test('are never more than that together, filled ones and those in doubt counted in', () => {
		const { desk, place } = scene();
		expect(place(MID - 50, 60, { parent })).toMatchObject({ kind: 'placed' });
		expect(place(MID - 51, 41, { parent })).toBe('PT23');
		expect(place(MID - 51, 40, { parent })).toMatchObject({ kind: 'placed' });
		const [first] = desk.engine.openOrders();
		if (first === undefined) throw new Error('two stand');
		desk.fill(first, 60);
		expect(place(MID - 52, 1, { parent })).toBe('PT23');
	});

	test('leave room again when they end unfilled', () => {
		const { desk, place, control, perform } = scene();
		const placed = place(MID - 50, 100, { parent });
		if (typeof placed !== 'object' || placed.kind !== 'placed') throw new Error('it was placed');
		control({ kind: 'cancelOrder', orderId: placed.orderId });
		perform();
		expect(desk.engine.openOrders()).toEqual([]);
		expect(place(MID - 51, 100, { parent })).toMatchObject({ kind: 'placed' });
	});

	test('cannot be made larger by an amend than what is left', () => {
		const { place, control } = scene();
		const placed = place(MID - 50, 60, { parent });
		if (typeof placed !== 'object' || placed.kind !== 'placed') throw new Error('it was placed');
		const amend = (qtyLots: number) =>
			control({ kind: 'amendOrder', orderId: placed.orderId, priceTicks: ticks(MID - 50), qtyLots: lots(qtyLots) });
		expect(amend(101)).toEqual({ kind: 'refused', reason: 'PT23' });
		expect(amend(100)).toEqual({ kind: 'done', orderCount: 1 });
	});
});

test('the same order by hand twice in a second is taken for a slip (PT15)', () => {
	const { desk, place } = scene();
	expect(place(MID - 50, 10)).toMatchObject({ kind: 'placed' });
	expect(place(MID - 50, 10)).toBe('PT15');
	const [order] = desk.engine.openOrders();
	if (order === undefined) throw new Error('one stands');
	desk.fill(order, 10);
	expect(place(MID - 50, 10), 'though the first has filled').toBe('PT15');
	desk.nowMs += 1_000;
	expect(place(MID - 50, 10)).toMatchObject({ kind: 'placed' });
});

describe('limits', () => {
	const CHANGES: readonly (readonly [name: string, wider: EngineChange, tighter: EngineChange])[] = [
		[
			'what may be at stake',
			{ kind: 'setLimits', limits: { ...WIDE_LIMITS, orderNotionalMax: 2e12 } },
			{ kind: 'setLimits', limits: { ...WIDE_LIMITS, orderNotionalMax: 1e11 } },
		],
		[
			'what may be lost',
			{ kind: 'setLossLimits', lossLimits: { ...LOSS_LIMITS, dayLossKill: 0.06 } },
			{ kind: 'setLossLimits', lossLimits: { ...LOSS_LIMITS, dayLossKill: 0.04 } },
		],
		[
			'the share of the budget',
			{ kind: 'setBudget', budget: { ...BUDGET_OPTIONS, share: 0.9 } },
			{ kind: 'setBudget', budget: { ...BUDGET_OPTIONS, share: 0.7 } },
		],
		[
			'the guard of the budget',
			{ kind: 'setBudget', budget: { ...BUDGET_OPTIONS, guardMs: 10 } },
			{ kind: 'setBudget', budget: { ...BUDGET_OPTIONS, guardMs: 90 } },
		],
	];
	const DONE = { kind: 'done', orderCount: 0 };
	const NO = { kind: 'refused', reason: 'not-compared' };

	test.each(CHANGES)('%s: tighter at any time, wider after a clean comparison and not long after it', (_, wider, tighter) => {
		const { desk, control } = scene();
		expect([control(changeOf(tighter)), control(changeOf(wider))]).toEqual([DONE, NO]);
		desk.census();
		expect(control(changeOf(wider))).toEqual(DONE);
		expect(control(changeOf(tighter))).toEqual(DONE);
		desk.nowMs += 50_001;
		expect(control(changeOf(wider))).toEqual(NO);
	});

	test.each(['pauseQuoting', 'reduceOnly', 'kill'] as const)('become wider in %s only up to a pause', (level) => {
		const { desk, control } = scene();
		desk.census();
		if (level === 'pauseQuoting') control({ kind: 'pause', scope: { kind: 'all' }, reason: 'test' });
		else desk.engine.levels.raise(level, 'test');
		const [, wider] = CHANGES[0] ?? [];
		if (wider === undefined) throw new Error('there are some');
		expect(control(changeOf(wider))).toEqual(level === 'pauseQuoting' ? DONE : NO);
	});

	test('do not become wider after a comparison that found something', () => {
		const { desk, control } = scene();
		desk.census();
		const { monoMs: beganAtMono } = desk.at();
		desk.step({ kind: 'census', venue: 'bybit', beganAtMono, found: undefined, ...desk.at() });
		const [, wider] = CHANGES[0] ?? [];
		if (wider === undefined) throw new Error('there are some');
		expect(control(changeOf(wider))).toEqual(NO);
	});
});
