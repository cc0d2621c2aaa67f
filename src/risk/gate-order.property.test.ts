/**
 * The whole gate held against the list of checks as it is written down, each check on its own and with the plainest of
 * arithmetic: whatever the scene, what passes breaks none of them, and a refusal names the first one that is broken.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DESK } from '../domain/order.ts';
import type { DenialCode } from './denial.ts';
import { age, ask, codeOf, fundsOf, type Situation, type TestOrder } from './gate.suite.ts';

interface Draw {
	readonly wish: {
		readonly side: 'buy' | 'sell';
		readonly timeInForce: 'postOnly' | 'ioc';
		readonly reduceOnly: boolean;
		readonly quoter: number;
		readonly slot: number;
		readonly priceTicks: number;
		readonly qtyLots: number;
	};
	readonly others: readonly (TestOrder & { readonly ageMs: number })[];
	readonly limits: Record<'orderNotionalMax' | 'positionNotionalMax' | 'grossNotionalMax' | 'netNotionalMax', number>;
	readonly scene: {
		readonly allows: 'all' | 'reduceOnly' | 'nothing';
		readonly isSymbolAllowed: boolean;
		readonly instrumentAgeMs: number;
		readonly isBookSound: boolean;
		readonly bookAgeMs: number;
		readonly markTicks: number;
		readonly accountOrderCount: number;
		readonly equity: number;
		readonly isPositionModeRight: boolean;
		readonly clockOffsetMs: number;
		readonly journalDelayMs: number;
		readonly rateRoom: number;
		readonly parentRoomLots: number;
	};
	readonly free: number;
	readonly positionLots: number;
	readonly buyLots: number;
	readonly sellLots: number;
	readonly orderCount: number;
	readonly elsewhereLots: number;
	readonly actionsMsAgo: readonly number[];
}

const MID = 1_000;
/** Mostly what passes, so that the later checks get their turn. */
const mostly = <T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> =>
	fc.oneof({ weight: 30, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(usual, ...others) });
const side = fc.constantFrom('buy' as const, 'sell' as const);
const slot = fc.constantFrom(5, 6);
const quoter = fc.constantFrom(3, DESK);

const other = fc.record({
	side,
	priceTicks: fc.constantFrom(970, 990, 1_010, 1_030),
	qtyLots: fc.constantFrom(5, 10),
	reduceOnly: fc.boolean(),
	quoter,
	slot,
	ageMs: fc.constantFrom(10, 999, 1_000, 60_000),
});

const draw: fc.Arbitrary<Draw> = fc.record({
	wish: fc.record({
		...{ side, quoter, slot, timeInForce: fc.constantFrom('postOnly' as const, 'ioc' as const) },
		reduceOnly: mostly(false, true),
		priceTicks: fc.oneof(fc.constantFrom(990, 1_010), fc.integer({ min: 945, max: 1_055 })),
		qtyLots: mostly(10, 5, 0.5, 0, 25),
	}),
	others: fc.array(other, { maxLength: 3 }),
	limits: fc.record({
		orderNotionalMax: mostly(1e9, 9_900, 10_000),
		positionNotionalMax: mostly(1e9, 12_000, 30_000),
		grossNotionalMax: mostly(1e9, 15_000, 40_000),
		netNotionalMax: mostly(1e9, 10_000, 30_000),
	}),
	scene: fc.record({
		allows: mostly<'all' | 'reduceOnly' | 'nothing'>('all', 'reduceOnly', 'nothing'),
		isSymbolAllowed: mostly(true, false),
		instrumentAgeMs: mostly(0, 3_600_001, Number.NaN),
		isBookSound: mostly(true, false),
		bookAgeMs: mostly(0, 2_001, Number.NaN),
		markTicks: mostly(MID, 0, 980, 1_020),
		accountOrderCount: mostly(0, 2_000),
		equity: mostly(1e12, 5_000, Number.NaN),
		isPositionModeRight: mostly(true, false),
		clockOffsetMs: mostly(0, 501, -501, Number.NaN),
		journalDelayMs: mostly(0, 251, Number.NaN),
		rateRoom: mostly(Number.POSITIVE_INFINITY, 0, 1),
		parentRoomLots: mostly(Number.POSITIVE_INFINITY, 9, 10),
	}),
	free: mostly(1e12, 3_000, Number.NaN),
	positionLots: fc.constantFrom(0, 10, -10, 14),
	buyLots: fc.constantFrom(0, 5),
	sellLots: fc.constantFrom(0, 5),
	orderCount: mostly(0, 40),
	elsewhereLots: fc.constantFrom(0, 10, -10),
	actionsMsAgo: mostly<readonly number[]>([], [9, 9, 9, 9, 9], [999, 9, 9, 9, 9], [1_000, 9, 9, 9, 9]),
});

function situationOf({ scene, free, others, ...rest }: Draw): Situation {
	const funds = { buyFunds: fundsOf(free), sellFunds: fundsOf(free) };
	return {
		...rest,
		others: others.map(({ ageMs, ...order }) => ({ ...order, changedAtMono: age(ageMs) })),
		scene: { ...scene, ...funds },
	};
}

const within = (price: number, of: number, share: number): boolean => Math.abs(price - of) <= share * of;

/** Of every check by itself: is it broken? In the order in which they are made. */
const BROKEN: readonly (readonly [DenialCode, (draw: Draw) => boolean])[] = [
	['PT1', ({ scene, wish }) => scene.allows === 'nothing' || (scene.allows === 'reduceOnly' && !wish.reduceOnly)],
	['PT2', ({ scene }) => !scene.isSymbolAllowed],
	['PT3', ({ scene }) => !(scene.instrumentAgeMs <= 3_600_000)],
	['PT4', ({ scene }) => !scene.isBookSound || !(scene.bookAgeMs <= 2_000)],
	['PT19', ({ wish }) => wish.qtyLots < 1 || !Number.isInteger(wish.qtyLots)],
	[
		'PT5',
		({ wish, scene }) => !within(wish.priceTicks, MID, wish.timeInForce === 'postOnly' ? 0.02 : 0.05) || isFar(scene.markTicks),
	],
	['PT6', ({ wish, others }) => others.some((each) => each.side !== wish.side && isThrough(wish, each.priceTicks ?? 0))],
	['PT7', ({ wish, limits }) => wish.qtyLots * wish.priceTicks > limits.orderNotionalMax],
	['PT10', (all) => worst(all) * worth(all) > all.limits.positionNotionalMax],
	['PT11', (all) => isGrossOver(all) || isNetOver(all)],
	['PT12', ({ orderCount, scene }) => orderCount >= 40 || scene.accountOrderCount >= 2_000],
	['PT13', ({ wish, scene }) => wish.quoter === DESK && scene.rateRoom < 1],
	['PT14', ({ wish, actionsMsAgo }) => wish.quoter !== DESK && actionsMsAgo.filter((ms) => ms < 1_000).length >= 5],
	['PT15', ({ wish, others }) => others.some((each) => each.ageMs < 1_000 && isSame(wish, each) && !isSameSlot(wish, each))],
	['PT18', (all) => all.wish.reduceOnly && all.wish.qtyLots > reducible(all)],
	['PT17', (all) => !all.wish.reduceOnly && (!(all.free >= cost(all) * 1.2) || !(grossAfter(all) <= 3 * all.scene.equity))],
	['PT20', ({ scene }) => !scene.isPositionModeRight],
	['PT21', ({ scene }) => !(Math.abs(scene.clockOffsetMs) <= 500)],
	['PT22', ({ scene }) => !(scene.journalDelayMs <= 250)],
	['PT23', ({ wish, scene }) => wish.qtyLots > scene.parentRoomLots],
];

const isFar = (markTicks: number): boolean => markTicks !== 0 && !within(MID, markTicks, 0.01);
const isThrough = ({ side: way, priceTicks }: Draw['wish'], theirs: number): boolean =>
	way === 'buy' ? priceTicks >= theirs : priceTicks <= theirs;
const isSame = (wish: Draw['wish'], each: TestOrder): boolean =>
	each.side === wish.side && each.priceTicks === wish.priceTicks && each.qtyLots === wish.qtyLots;
const isSameSlot = (wish: Draw['wish'], each: TestOrder): boolean =>
	wish.quoter !== DESK && each.quoter === wish.quoter && each.slot === wish.slot;
const worth = ({ wish }: Draw): number => Math.max(wish.priceTicks, MID);
/** Once all of its side has filled, counted in the direction of its side. */
const worst = ({ wish, positionLots, buyLots, sellLots }: Draw): number =>
	wish.qtyLots + (wish.side === 'buy' ? positionLots + buyLots : sellLots - positionLots);
const before = ({ positionLots, buyLots, sellLots }: Draw): number =>
	Math.max(Math.abs(positionLots + buyLots), Math.abs(positionLots - sellLots));
const grown = (all: Draw): number => Math.max(0, worst(all) - before(all)) * worth(all);
const grossAfter = (all: Draw): number => before(all) * MID + Math.abs(all.elsewhereLots) * MID + grown(all);
const isGrossOver = (all: Draw): boolean => grown(all) > 0 && grossAfter(all) > all.limits.grossNotionalMax;
function isNetOver(all: Draw): boolean {
	const { wish, positionLots, buyLots, sellLots, elsewhereLots, limits } = all;
	const net = wish.side === 'buy' ? positionLots + buyLots + elsewhereLots : -(positionLots - sellLots + elsewhereLots);
	return !wish.reduceOnly && net * MID + wish.qtyLots * worth(all) > limits.netNotionalMax;
}
const cost = ({ wish }: Draw): number => (wish.qtyLots * wish.priceTicks) / 3;
function reducible({ wish, positionLots, others }: Draw): number {
	const held = wish.side === 'buy' ? -positionLots : positionLots;
	return others.reduce((left, each) => (each.reduceOnly && each.side === wish.side ? left - (each.qtyLots ?? 0) : left), held);
}

test('what passes breaks no check, and a refusal names the first that is broken', () => {
	const seen = new Map<string, number>();
	fc.assert(
		fc.property(draw, (drawn) => {
			const expected = BROKEN.find(([, isBroken]) => isBroken(drawn))?.[0] ?? 'approved';
			const verdict = codeOf(ask('place', situationOf(drawn)));
			seen.set(verdict, (seen.get(verdict) ?? 0) + 1);
			expect(verdict).toBe(expected);
		}),
		{ numRuns: 8_000, seed: 7 },
	);
	// A property that never meets a check proves nothing of it.
	for (const [code] of BROKEN) expect(seen.get(code) ?? 0, code).toBeGreaterThan(3);
	expect(seen.get('approved')).toBeGreaterThan(800);
});
