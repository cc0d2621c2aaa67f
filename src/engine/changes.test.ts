/** Settings that change under a running engine: in force at the next tick, never within one, and as strict as they say. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Desk, type DeskOptions, START_EQUITY, WIDE_LIMITS } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { ladderAround, Scripted } from '../../test/fixtures/scripted.ts';
import { instrumentIndex } from '../domain/instrument.ts';
import type { Order } from '../domain/order.ts';
import { lots, ticks } from '../domain/units.ts';
import { AMEND_POLICY } from '../execution/planner.ts';
import { BUDGET_OPTIONS } from '../execution/rate-budget.ts';
import type { RiskLimits } from '../risk/limits.ts';
import { LOSS_LIMITS } from '../risk/loss.ts';
import { LADDER_DEFAULTS, ladder } from '../strategy/index.ts';
import type { Strategy } from '../strategy/strategy.ts';
import { changeOf, type EngineChange } from './changes.ts';
import type { ControlResult } from './control.ts';
import { ENGINE_SETTINGS } from './settings.ts';

const MID = 650_000;
/** What one lot is worth at that mid. */
const LOT_WORTH = 65;
const { bus: BUS, tick: TICK } = ENGINE_SETTINGS;
const AT_ONCE = { ...AMEND_POLICY, minTimeInBookMs: 0 };

class Scene {
	readonly desk: Desk;
	readonly strategy = new Scripted();

	constructor(symbols: number, options: Partial<DeskOptions> = {}) {
		const instruments = Array.from({ length: symbols }, (_, index) => makeTestInstrument({ index, symbol: `S${index}USDT` }));
		this.desk = new Desk({ instruments, strategy: this.strategy, settings: { policy: AT_ONCE }, ...options });
	}

	/** Books around the mid, and on every symbol so many levels a side of so many lots, from five ticks off it outwards. */
	want(mid = MID, shape: Parameters<typeof ladderAround>[1] = { levels: 5, qty: 10 }): void {
		for (const instrument of this.desk.instruments) {
			this.desk.book(instrument, mid - 1, mid + 1);
			this.strategy.wishes.set(instrument.index, ladderAround(mid, shape));
		}
	}

	/** We are of one mind with the venue, so that limits may become wider as well. */
	change(...changes: readonly EngineChange[]): void {
		this.desk.census();
		this.desk.step({ kind: 'control', action: changeOf(...changes), ...this.desk.at() });
	}

	/** Ticks and answers, until wishes and limits have found each other. */
	calm(mid = MID): void {
		for (let round = 0; round < 6; round += 1) {
			for (const instrument of this.desk.instruments) this.desk.book(instrument, mid - 1, mid + 1);
			this.desk.tick(1_500);
			this.desk.settle();
		}
	}

	get open(): readonly Order[] {
		return this.desk.engine.openOrders();
	}

	get sizes(): readonly string[] {
		return this.desk.sent.map(({ verb, commands }) => `${verb} ${commands.length}`);
	}
}

describe('in force at the next tick', () => {
	test('one call at a time instead of batches, and back', () => {
		const scene = new Scene(2);
		scene.change({ kind: 'setBus', bus: { ...BUS, parallel: false } });
		scene.want();
		scene.desk.tick();
		expect(scene.sizes).toEqual(['place 1']);
		scene.desk.settle();
		scene.change({ kind: 'setBus', bus: BUS });
		scene.want(MID + 7);
		scene.desk.tick();
		expect(scene.sizes).toEqual(['amend 20']);
	});

	test('smaller calls', () => {
		const scene = new Scene(2);
		scene.change({ kind: 'setBus', bus: { ...BUS, maxBatchSize: 8 } });
		scene.want();
		scene.desk.tick();
		expect(scene.sizes).toEqual(['place 8', 'place 8', 'place 4']);
	});

	test('another deadline', () => {
		const scene = new Scene(1);
		scene.change(
			{ kind: 'setBus', bus: { ...BUS, parallel: false } },
			{ kind: 'setTick', tick: { ...TICK, tickDeadlineMs: 30 } },
		);
		scene.want();
		const effects = scene.desk.tick();
		expect(effects).toContainEqual({ kind: 'wake', key: 'deadline', delayMs: 30 });
		scene.desk.nowMs += 30;
		scene.desk.step({ kind: 'timer', key: 'deadline', ...scene.desk.at() });
		expect(scene.desk.engine.getStats().overruns).toBe(1);
		scene.desk.settle();
		expect(scene.open.length).toBe(1);
	});

	test('a policy that moves what the old one left alone, though nothing else has changed', () => {
		const scene = new Scene(1, { settings: { policy: { ...AT_ONCE, keepToleranceTicks: 4 } } });
		scene.want();
		scene.desk.tick();
		scene.desk.settle();
		scene.want(MID + 3);
		for (let i = 0; i < 3; i += 1) scene.desk.tick();
		expect(scene.sizes).toEqual([]);
		scene.change({ kind: 'setPolicy', policy: AT_ONCE });
		scene.desk.tick();
		// The others already stand where another level wants them.
		expect(scene.sizes).toEqual(['amend 6']);
	});

	test('a smaller share of the rate budget, on top of what is spent', () => {
		const rule = { venue: 'bybit', categories: ['linear'], verbs: ['place'], limit: 20, windowMs: 10_000 } as const;
		const scene = new Scene(2, { venue: { rateRules: [rule] } });
		scene.want(MID, { levels: 2, qty: 10 });
		scene.desk.tick();
		expect(scene.sizes).toEqual(['place 8']);
		scene.desk.settle();
		scene.change({ kind: 'setBudget', budget: { ...BUDGET_OPTIONS, share: 0.5 } });
		scene.want();
		scene.desk.tick();
		expect(scene.sizes).toEqual(['place 2']);
	});

	test('loss limits, at the next news of equity', () => {
		const scene = new Scene(1);
		scene.change({ kind: 'setLossLimits', lossLimits: { ...LOSS_LIMITS, drawdownReduceOnly: 0.005 } });
		scene.desk.balance('USDT', START_EQUITY * 0.994);
		expect(scene.desk.engine.isRiskPaused()).toBe(true);
		expect(scene.desk.engine.levels.level).toBe('reduceOnly');
	});

	test('what counts as too many fills on one side', () => {
		const scene = new Scene(1);
		scene.want();
		scene.desk.tick();
		scene.desk.settle();
		const bought = scene.open.filter(({ side }) => side === 'buy').slice(0, 2);
		scene.change({ kind: 'setLimits', limits: { ...WIDE_LIMITS, positionNotionalMax: 15 * LOT_WORTH } });
		for (const order of bought) scene.desk.fill(order, 10);
		scene.desk.settle();
		scene.desk.tick();
		const { levels } = scene.desk.engine;
		expect(levels.holdReason(instrumentIndex(0), scene.desk.at().monoMs)).toMatch(/above the position limit of 15 lots/);
	});

	test('the age at which a book is too old', () => {
		const scene = new Scene(1);
		scene.want();
		scene.desk.tick();
		scene.desk.settle();
		scene.change({ kind: 'setLimits', limits: { ...WIDE_LIMITS, bookAgeMsMax: 100 } });
		scene.desk.tick(1_200);
		expect(scene.sizes).toEqual(['cancel 10']);
	});
});

describe('the interval between ticks', () => {
	const timer = (scene: Scene, key: string) => scene.desk.step({ kind: 'timer', key, ...scene.desk.at() });
	const wakes = (effects: ReturnType<typeof timer>) =>
		effects.flatMap((effect) => (effect.kind === 'wake' && effect.key.startsWith('interval') ? [effect] : []));

	test('is another one at once, and the timer of the old one is let pass', () => {
		const scene = new Scene(1, { settings: { tick: { ...TICK, tickIntervalMs: 60_000 } } });
		const { desk } = scene;
		const tick = { ...TICK, tickIntervalMs: 100 };
		const asked = desk.step({ kind: 'control', action: changeOf({ kind: 'setTick', tick }), ...desk.at() });
		const [wake, ...others] = wakes(asked);
		expect([wake?.delayMs, others]).toEqual([100, []]);
		desk.nowMs += 100;
		expect(wakes(timer(scene, wake?.key ?? ''))).toEqual([wake]);
		const { ticks: before } = desk.engine.getStats();
		expect(wakes(timer(scene, 'interval'))).toEqual([]);
		expect(desk.engine.getStats().ticks).toBe(before);
	});

	test('goes on as it is where something else has changed', () => {
		const scene = new Scene(1);
		const action = changeOf({ kind: 'setTick', tick: { ...TICK, minimumGapMs: 50 } });
		expect(wakes(scene.desk.step({ kind: 'control', action, ...scene.desk.at() }))).toEqual([]);
		expect(wakes(timer(scene, 'interval'))).toEqual([{ kind: 'wake', key: 'interval', delayMs: 250 }]);
	});
});

describe('never within a tick', () => {
	test('what was packed before the journal had it leaves as it was packed, one call at a time from then on', () => {
		const scene = new Scene(4);
		scene.desk.commits = 'held';
		scene.want();
		scene.desk.tick();
		scene.change({ kind: 'setBus', bus: { ...BUS, parallel: false } });
		expect(scene.sizes).toEqual([]);
		scene.desk.commits = 'confirmed';
		scene.desk.confirmCommits();
		expect(scene.sizes).toEqual(['place 20']);
		scene.desk.settle();
		expect(new Set(scene.desk.history.flatMap(({ commands }) => commands.map(({ orderId }) => orderId))).size).toBe(40);
		expect(scene.open.length).toBe(40);
	});

	test('what changes together is in force together: no command tells of half of it', () => {
		const scene = new Scene(1);
		const other = new Scripted();
		const [instrument] = scene.desk.instruments;
		other.wishes.set(instrument?.index ?? instrumentIndex(0), ladderAround(MID, { levels: 5, qty: 50 }));
		scene.want();
		scene.desk.tick();
		scene.desk.settle();
		const before = scene.desk.history.length;
		scene.change(
			{ kind: 'setStrategy', number: 0, strategy: other },
			{ kind: 'setLimits', limits: { ...WIDE_LIMITS, orderNotionalMax: 20 * LOT_WORTH * 1.01 } },
		);
		scene.calm();
		const sent = scene.desk.history.slice(before).flatMap(({ commands }) => commands);
		expect(sent.length).toBeGreaterThan(0);
		for (const command of sent) if (command.kind !== 'cancel') expect(command.qtyLots).toBe(20);
		expect(scene.open.map(({ qtyLots }) => qtyLots)).toEqual(Array<number>(10).fill(20));
	});
});

describe('stricter limits', () => {
	const worth = (orders: readonly Order[], side?: Order['side']): number =>
		orders
			.filter((order) => side === undefined || order.side === side)
			.reduce((sum, { qtyLots }) => sum + qtyLots * LOT_WORTH, 0);
	const bySymbol = (orders: readonly Order[]): readonly Order[][] =>
		[0, 1].map((at) => orders.filter((o) => o.instrument.index === at));
	const each = (orders: readonly Order[], holds: (one: readonly Order[]) => boolean): boolean => bySymbol(orders).every(holds);

	/** Two symbols with five levels a side of ten lots each: 650 an order, 3250 a side, 6500 in all on the worse sides. */
	test.each<[name: string, tighter: Partial<RiskLimits>, keeps: (orders: readonly Order[]) => boolean, left: number]>([
		['worth of an order', { orderNotionalMax: 400 }, (orders) => orders.every((one) => worth([one]) <= 400), 20],
		['position', { positionNotionalMax: 2_000 }, (orders) => each(orders, (one) => worth(one, 'buy') <= 2_000), 12],
		[
			'gross',
			{ grossNotionalMax: 4_000 },
			(orders) => bySymbol(orders).reduce((sum, one) => sum + worth(one, 'buy'), 0) <= 4_000,
			0,
		],
		['net', { netNotionalMax: 2_000 }, (orders) => worth(orders, 'buy') <= 2_000 && worth(orders, 'sell') <= 2_000, 0],
		['orders of a symbol', { openOrdersPerSymbolMax: 6 }, (orders) => each(orders, (one) => one.length <= 6), 12],
		['orders of the account', { openOrdersMax: 7 }, (orders) => orders.length <= 7, 7],
		[
			'leverage',
			{ leverageMax: 4_000 / START_EQUITY },
			(orders) => bySymbol(orders).reduce((sum, one) => sum + worth(one, 'buy'), 0) <= 4_000,
			0,
		],
		[
			'distance from the mid',
			{ quoteCollar: 7.5 / MID },
			(orders) => orders.every((one) => Math.abs(one.priceTicks - MID) <= 7),
			12,
		],
	])('%s: what is too much is pulled, and what is left fits', (_, tighter, keeps, left) => {
		const scene = new Scene(2);
		scene.want();
		scene.desk.tick();
		scene.desk.settle();
		expect(scene.open.length).toBe(20);
		expect(keeps(scene.open)).toBe(false);
		scene.change({ kind: 'setLimits', limits: { ...WIDE_LIMITS, ...tighter } });
		scene.calm();
		expect(keeps(scene.open)).toBe(true);
		expect(scene.open.length).toBeGreaterThanOrEqual(left);
		expect(scene.open.length).toBeGreaterThan(0);
	});

	test('that nothing breaks pull nothing, nor do wider ones', () => {
		const scene = new Scene(2);
		scene.want();
		scene.desk.tick();
		scene.desk.settle();
		const before = scene.desk.history.length;
		const limits = {
			...WIDE_LIMITS,
			orderNotionalMax: 700,
			grossNotionalMax: 7_000,
			openOrdersMax: 20,
			openOrdersPerSymbolMax: 10,
		};
		scene.change({ kind: 'setLimits', limits });
		scene.change({ kind: 'setLimits', limits: WIDE_LIMITS });
		scene.calm();
		expect(scene.desk.history.length).toBe(before);
	});

	test.each(['buy', 'sell'] as const)('net: %ss alone', (side) => {
		const scene = new Scene(2);
		scene.want();
		for (const [index, wishes] of scene.strategy.wishes) {
			scene.strategy.wishes.set(
				index,
				wishes.filter((wish) => wish.side === side),
			);
		}
		scene.desk.tick();
		scene.desk.settle();
		expect(worth(scene.open)).toBe(6_500);
		scene.change({ kind: 'setLimits', limits: { ...WIDE_LIMITS, netNotionalMax: 4_000 } });
		scene.calm();
		expect(scene.open.length).toBeGreaterThan(0);
		expect(worth(scene.open)).toBeLessThanOrEqual(4_000);
	});

	test('while all of a symbol is on its way out, nothing new is placed there: the other side would be too much in the end', () => {
		const scene = new Scene(2);
		const before = { orderNotionalMax: 195, grossNotionalMax: 780, openOrdersPerSymbolMax: 2, openOrdersMax: 4 };
		const after = { orderNotionalMax: 100, grossNotionalMax: 600, openOrdersPerSymbolMax: 7, openOrdersMax: 14 };
		scene.change({ kind: 'setLimits', limits: { ...WIDE_LIMITS, ...before } });
		scene.want();
		scene.desk.tick();
		scene.change({ kind: 'setLimits', limits: { ...WIDE_LIMITS, ...after } });
		const leaving = scene.desk.history.length;
		scene.want();
		scene.desk.tick();
		expect(scene.desk.history.length).toBe(leaving);
		expect(scene.desk.engine.levels.holdReason(instrumentIndex(0), scene.desk.at().monoMs)).toBe('limits became stricter');
		scene.calm();
		expect(scene.open.length).toBeGreaterThan(0);
		expect(
			bySymbol(scene.open).reduce((sum, one) => sum + Math.max(worth(one, 'buy'), worth(one, 'sell')), 0),
		).toBeLessThanOrEqual(600);
	});

	test('of a symbol pull what nobody quotes', () => {
		const scene = new Scene(1);
		scene.want(MID, { levels: 0, qty: 0 });
		for (const away of [6, 7, 8]) {
			const order = { side: 'buy', orderType: 'limit', timeInForce: 'postOnly', reduceOnly: false, qtyLots: lots(10) } as const;
			const action = { kind: 'placeOrder', instrument: instrumentIndex(0), priceTicks: ticks(MID - away), ...order } as const;
			scene.desk.step({ kind: 'control', action, ...scene.desk.at() });
		}
		scene.desk.settle();
		expect(worth(scene.open)).toBe(1_950);
		scene.change({ kind: 'setLimits', limits: { ...WIDE_LIMITS, positionNotionalMax: 1_900 } });
		scene.calm();
		expect(scene.open).toEqual([]);
	});

	test('pull what a person has placed, too, but not what only reduces', () => {
		const scene = new Scene(1);
		scene.want(MID, { levels: 0, qty: 0 });
		const place = (more: object): void => {
			const order = { side: 'sell', orderType: 'limit', timeInForce: 'gtc', reduceOnly: false, qtyLots: lots(10) } as const;
			const action = {
				kind: 'placeOrder',
				instrument: instrumentIndex(0),
				priceTicks: ticks(MID + 9),
				...order,
				...more,
			} as const;
			scene.desk.step({ kind: 'control', action, ...scene.desk.at() });
			scene.desk.settle();
		};
		place({ side: 'buy', priceTicks: ticks(MID - 9) });
		const [bought] = scene.open;
		if (bought === undefined) throw new Error('the first order stands');
		scene.desk.fill(bought, 10);
		place({});
		place({ reduceOnly: true, priceTicks: ticks(MID + 8) });
		expect(scene.open.length).toBe(2);
		scene.change({ kind: 'setLimits', limits: { ...WIDE_LIMITS, orderNotionalMax: 100 } });
		scene.calm();
		expect(scene.open.map(({ reduceOnly }) => reduceOnly)).toEqual([true]);
	});

	test('one call at a time, cancels that miss their deadline are asked for again until all are gone', () => {
		const scene = new Scene(2);
		scene.want();
		scene.desk.tick();
		scene.desk.settle();
		scene.change(
			{ kind: 'setBus', bus: { ...BUS, parallel: false } },
			{ kind: 'setLimits', limits: { ...WIDE_LIMITS, openOrdersMax: 1 } },
		);
		// The strategy still wants all of it, and one answer comes per tick.
		for (let round = 0; round < 40; round += 1) {
			for (const instrument of scene.desk.instruments) scene.desk.book(instrument, MID - 1, MID + 1);
			scene.desk.tick(250);
			const batch = scene.desk.sent.splice(1);
			expect(batch).toEqual([]);
			scene.desk.settle();
		}
		expect(scene.open.length).toBeLessThanOrEqual(1);
	});

	test('the answer says how many cancels went out', () => {
		const scene = new Scene(1);
		scene.want();
		scene.desk.tick();
		scene.desk.settle();
		const limits = { ...WIDE_LIMITS, openOrdersMax: 4 };
		const result = scene.desk.engine.step({
			kind: 'control',
			action: changeOf({ kind: 'setLimits', limits }),
			...scene.desk.at(),
		});
		expect(result).toEqual({ kind: 'done', orderCount: 10 } satisfies ControlResult);
	});
});

describe('another strategy', () => {
	test('quotes from the next tick on, with what stands; its neighbours are left alone', () => {
		const instruments = [0, 1].map((index) => makeTestInstrument({ index, symbol: `S${index}USDT` }));
		const [first, second, third] = [new Scripted(), new Scripted(), new Scripted()];
		const quoting = [first, second].map((strategy, at) => ({ strategy, instruments: [instrumentIndex(at)] }));
		const scene = new Scene(2, { instruments, quoting });
		for (const strategy of [first, second]) {
			for (const { index } of instruments) strategy.wishes.set(index, ladderAround(MID, { levels: 2, qty: 10 }));
		}
		scene.calm();
		for (const { index } of instruments) third.wishes.set(index, ladderAround(MID, { levels: 3, qty: 10 }));
		const before = scene.desk.history.length;
		scene.change({ kind: 'setStrategy', number: 1, strategy: third });
		scene.desk.tick();
		const placed = scene.desk.history.slice(before).flatMap(({ commands }) => commands);
		expect(placed.map(({ kind, instrument }) => `${kind} ${instrument.symbol}`)).toEqual(['place S1USDT', 'place S1USDT']);
	});

	test('is not blamed for the failure of the old one', () => {
		const scene = new Scene(1);
		scene.strategy.failsOn = instrumentIndex(0);
		scene.want();
		scene.desk.tick();
		const other = new Scripted();
		other.wishes = scene.strategy.wishes;
		scene.change({ kind: 'setStrategy', number: 0, strategy: other });
		scene.desk.tick();
		expect(scene.sizes).toEqual(['place 10']);
	});

	test('that cannot begin stops its symbol, and is reported', () => {
		const scene = new Scene(1);
		scene.want();
		scene.desk.tick();
		scene.desk.settle();
		const broken: Strategy = {
			name: 'broken',
			init: () => {
				throw new Error('no');
			},
			onEvent: () => {},
			quote: () => {},
		};
		const action = changeOf({ kind: 'setStrategy', number: 0, strategy: broken });
		const effects = scene.desk.step({ kind: 'control', action, ...scene.desk.at() });
		expect(effects).toContainEqual({ kind: 'note', note: expect.objectContaining({ kind: 'strategyFailed' }) as object });
		scene.desk.tick();
		expect(scene.sizes).toEqual(['cancel 10']);
		// Whoever lets the symbol go on lets the old one go on.
		scene.desk.settle();
		const scope = { kind: 'instrument', instrument: instrumentIndex(0) } as const;
		scene.desk.step({ kind: 'control', action: { kind: 'resume', scope }, ...scene.desk.at() });
		scene.desk.tick();
		expect(scene.sizes).toEqual(['place 10']);
	});

	test('stands in a record with its name and what it was made with', () => {
		const params = { ...LADDER_DEFAULTS, levels: { ...LADDER_DEFAULTS.levels, count: 3 } };
		const action = changeOf({ kind: 'setStrategy', number: 0, strategy: ladder(params) });
		expect(JSON.parse(JSON.stringify(action))).toEqual({
			kind: 'changeSettings',
			changes: [{ kind: 'setStrategy', number: 0, strategy: { name: 'ladder', params } }],
		});
	});
});

describe('whatever is changed in whatever order', () => {
	const limits = fc
		.record({
			orderNotionalMax: fc.integer({ min: 100, max: 900 }),
			positionNotionalMax: fc.integer({ min: 600, max: 4_000 }),
			grossNotionalMax: fc.integer({ min: 600, max: 8_000 }),
			openOrdersPerSymbolMax: fc.integer({ min: 1, max: 12 }),
			openOrdersMax: fc.integer({ min: 1, max: 24 }),
		})
		.map((some): EngineChange => ({ kind: 'setLimits', limits: { ...WIDE_LIMITS, ...some } }));
	const change = fc.oneof(
		{ weight: 3, arbitrary: limits },
		{
			weight: 1,
			arbitrary: fc.oneof(
				fc.boolean().map((parallel): EngineChange => ({ kind: 'setBus', bus: { ...BUS, parallel } })),
				fc.integer({ min: 1, max: 20 }).map((maxBatchSize): EngineChange => ({ kind: 'setBus', bus: { ...BUS, maxBatchSize } })),
				fc.nat(5).map((keepToleranceTicks): EngineChange => ({ kind: 'setPolicy', policy: { ...AT_ONCE, keepToleranceTicks } })),
			),
		},
	);
	const step = fc.oneof(
		fc.record({ kind: fc.constant('change' as const), changes: fc.array(change, { minLength: 1, maxLength: 3 }) }),
		fc.record({ kind: fc.constant('move' as const), by: fc.integer({ min: -9, max: 9 }) }),
		fc.record({ kind: fc.constant('tick' as const), isSettled: fc.boolean() }),
	);

	test('the limits of the moment hold once all is said, and nothing new ever breaks them', () => {
		let pulled = 0;
		fc.assert(
			fc.property(fc.array(step, { minLength: 3, maxLength: 20 }), (steps) => {
				const scene = new Scene(2);
				const { engine } = scene.desk;
				let mid = MID;
				scene.want(mid);
				for (const each of steps) {
					if (each.kind === 'change') {
						const standing = scene.open.length;
						scene.change(...each.changes);
						if (scene.sizes.some((size) => size.startsWith('cancel')) && standing > 0) pulled += 1;
					} else if (each.kind === 'move') {
						mid += each.by;
						scene.want(mid);
					} else {
						const before = scene.desk.history.length;
						scene.desk.tick();
						for (const { verb, commands } of scene.desk.history.slice(before)) {
							for (const command of commands) {
								if (verb === 'place' && 'qtyLots' in command && 'priceTicks' in command)
									expect(command.qtyLots * command.priceTicks * 1e-4).toBeLessThanOrEqual(engine.gate.limits.orderNotionalMax);
							}
						}
						if (each.isSettled) scene.desk.settle();
					}
				}
				scene.change({ kind: 'setBus', bus: BUS });
				scene.calm(mid);
				const { limits: now } = engine.gate;
				expect(engine.openOrders().length).toBeLessThanOrEqual(now.openOrdersMax);
				let gross = 0;
				for (const { index } of scene.desk.instruments) {
					const exposure = engine.orders.exposureOf(index);
					expect(exposure.orderCount).toBeLessThanOrEqual(now.openOrdersPerSymbolMax);
					expect(exposure.worstLots * exposure.worthOfLot).toBeLessThanOrEqual(now.positionNotionalMax);
					gross += exposure.worstLots * exposure.worthOfLot;
				}
				expect(gross).toBeLessThanOrEqual(now.grossNotionalMax);
				for (const { qtyLots, priceTicks } of engine.openOrders())
					expect(qtyLots * priceTicks * 1e-4).toBeLessThanOrEqual(now.orderNotionalMax);
			}),
			{ numRuns: 150 },
		);
		expect(pulled).toBeGreaterThan(10);
	});
});
