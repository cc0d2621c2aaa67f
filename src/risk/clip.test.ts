import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import type { Instrument } from '../domain/instrument.ts';
import { DESK } from '../domain/order.ts';
import { OrderIdSource, runTagOf } from '../domain/order-id.ts';
import { type Side, signOf } from '../domain/side.ts';
import { quoteSlot } from '../domain/slot.ts';
import { Targets } from '../domain/targets.ts';
import { type Lots, lots, type Ticks, ticks } from '../domain/units.ts';
import { type ClipHeld, type ClipLimits, clip } from './clip.ts';
import { AccountExposure, Exposure } from './exposure.ts';
import { fundsOf, makeTestScene, PLAIN, WIDE } from './gate.suite.ts';
import { Gate } from './gate.ts';

/** Price and lots, from the touch outwards. */
type Levels = readonly (readonly [priceTicks: number, qtyLots: number])[];

interface Wished {
	readonly instrument?: Instrument;
	readonly bids?: Levels;
	readonly asks?: Levels;
	readonly positionLots?: number;
	readonly held?: ClipHeld;
	readonly limits?: Partial<ClipLimits>;
	readonly referenceTicks?: number;
}

/** What nobody else has open. */
const NOBODY = { foreignBuyLots: 0, foreignSellLots: 0 };
const ROOMY: ClipLimits = { positionNotionalMax: 1e9, orderNotionalMax: 1e9 };
const PLAIN_INSTRUMENT = makeTestInstrument(PLAIN);

function clipped(wished: Wished) {
	const { instrument = PLAIN_INSTRUMENT, positionLots = 0, limits, referenceTicks = 1_000 } = wished;
	const targets = new Targets();
	for (const side of ['buy', 'sell'] as const) {
		const levels = (side === 'buy' ? wished.bids : wished.asks) ?? [];
		levels.forEach(([price, qty], level) => targets.quote(side, level, price as Ticks, qty as Lots));
	}
	const { held = { ...NOBODY, heldLots: positionLots } } = wished;
	clip(targets, held, instrument, { ...ROOMY, ...limits }, referenceTicks);
	return {
		targets,
		bids: keptOf(targets, 'buy', wished.bids),
		asks: keptOf(targets, 'sell', wished.asks),
		reasons: { buy: targets.buyReason, sell: targets.sellReason },
	};
}

function keptOf(targets: Targets, side: Side, levels: Levels = []): number[] {
	return levels.map((_, level) => targets.qtyLots[quoteSlot(side, level)] ?? 0);
}

const CASES: readonly {
	readonly name: string;
	readonly wished: Wished;
	readonly bids?: number[];
	readonly asks?: number[];
	readonly reason?: Side;
}[] = [
	{
		name: 'within all limits nothing changes',
		wished: {
			bids: [
				[999, 10],
				[998, 10],
			],
			asks: [[1_001, 10]],
			limits: { positionNotionalMax: 20_000, orderNotionalMax: 10_010 },
		},
		bids: [10, 10],
		asks: [10],
	},
	{
		name: 'the level farthest from the touch is cut first',
		wished: {
			bids: [
				[999, 10],
				[998, 10],
				[997, 10],
			],
			limits: { positionNotionalMax: 25_000 },
		},
		bids: [10, 10, 5],
	},
	{
		name: 'a long position takes room from bids and gives it to asks',
		wished: { bids: [[999, 10]], asks: [[1_000, 40]], positionLots: 15, limits: { positionNotionalMax: 20_000 } },
		bids: [5],
		asks: [35],
	},
	{
		name: 'a short position takes room from asks and gives it to bids',
		wished: { bids: [[999, 40]], asks: [[1_000, 10]], positionLots: -15, limits: { positionNotionalMax: 20_000 } },
		bids: [35],
		asks: [5],
	},
	{
		name: 'at the limit a side is withdrawn and says why, the other one stays',
		wished: { bids: [[999, 10]], asks: [[1_001, 10]], positionLots: 20, limits: { positionNotionalMax: 20_000 } },
		bids: [0],
		asks: [10],
		reason: 'buy',
	},
	{
		name: 'beyond the limit only what leads back is quoted',
		wished: { bids: [[999, 10]], asks: [[1_001, 10]], positionLots: -25, limits: { positionNotionalMax: 20_000 } },
		bids: [10],
		asks: [0],
		reason: 'sell',
	},
	{
		name: 'what others may buy and sell leaves less on each side',
		wished: {
			...{ bids: [[999, 30]], asks: [[1_000, 30]] },
			...{ held: { heldLots: 0, foreignBuyLots: 15, foreignSellLots: 8 }, limits: { positionNotionalMax: 20_000 } },
		},
		bids: [5],
		asks: [12],
	},
	{
		name: 'but it never takes from the way back to flat, level by level',
		wished: {
			bids: [[999, 10]],
			asks: [
				[1_000, 6],
				[1_001, 6],
				[1_002, 6],
			],
			...{ held: { heldLots: 10, foreignBuyLots: 0, foreignSellLots: 1_000 }, limits: { positionNotionalMax: 20_000 } },
		},
		bids: [10],
		asks: [6, 4, 0],
	},
	{
		name: 'and where they leave room beyond flat, that is quoted as well',
		wished: {
			bids: [[999, 30]],
			...{ held: { heldLots: -10, foreignBuyLots: 15, foreignSellLots: 0 }, limits: { positionNotionalMax: 20_000 } },
		},
		bids: [15],
	},
	{
		name: 'cheap bids are worth the reference, so they do not stretch the limit',
		wished: { bids: [[500, 30]], limits: { positionNotionalMax: 20_000 } },
		bids: [20],
	},
	{
		name: 'dear asks are worth their own price',
		wished: { asks: [[2_000, 30]], limits: { positionNotionalMax: 20_000 } },
		asks: [10],
	},
	{
		name: 'each order alone stays within the limit of one order, and of the venue',
		wished: {
			instrument: makeTestInstrument({ ...PLAIN, qtyMax: '8' }),
			...{
				bids: [
					[1_000, 50],
					[500, 50],
				],
				limits: { orderNotionalMax: 5_000 },
			},
		},
		bids: [5, 8],
	},
	{
		name: 'what is left of a level is dropped below the least quantity of the venue',
		wished: {
			instrument: makeTestInstrument({ ...PLAIN, qtyMin: '6' }),
			...{
				bids: [
					[999, 10],
					[998, 10],
				],
				limits: { positionNotionalMax: 15_000 },
			},
		},
		bids: [10, 0],
	},
	{
		name: 'what is left of a level is dropped below the least worth of the venue',
		wished: {
			instrument: makeTestInstrument({ ...PLAIN, notionalMin: '5000' }),
			...{
				bids: [
					[999, 10],
					[998, 10],
				],
				limits: { positionNotionalMax: 15_000 },
			},
		},
		bids: [10, 0],
	},
	{
		// 100 / 1e-5 is 10,000,000 lots, yet 10,000,000 lots times 1e-5 are 100.00000000000001
		name: 'where a quotient of floats is rounded up, one lot less is kept',
		wished: {
			instrument: makeTestInstrument({ tickSize: '0.01', lotSize: '0.001', notionalMin: '0', qtyMax: '99999999' }),
			...{ bids: [[1, 20_000_000]], limits: { positionNotionalMax: 100 }, referenceTicks: 1 },
		},
		bids: [9_999_999],
	},
	{
		name: 'quantities that are none are no wish',
		wished: {
			bids: [
				[999, Number.NaN],
				[998, -5],
				[997, 10],
			],
			asks: [[1_001, Number.NaN]],
		},
		bids: [0, 0, 10],
		asks: [0],
		reason: 'sell',
	},
	{
		name: 'a price that is none is no wish',
		wished: { bids: [[Number.NaN, 10]], asks: [[1_001, 10]], positionLots: 0 },
		bids: [0],
		asks: [10],
		reason: 'buy',
	},
];

describe('clipping', () => {
	test.each(CASES)('$name', ({ wished, bids = [], asks = [], reason }) => {
		const result = clipped(wished);
		expect(result.bids).toEqual(bids);
		expect(result.asks).toEqual(asks);
		expect(result.reasons).toEqual({
			buy: undefined,
			sell: undefined,
			...(reason === undefined ? {} : { [reason]: 'position-limit' }),
		});
	});

	test('a position that is not a number leaves neither side', () => {
		const result = clipped({ bids: [[999, 10]], asks: [[1_001, 10]], positionLots: Number.NaN });
		expect([result.bids, result.asks]).toEqual([[0], [0]]);
	});

	test('without a reference the price of a level counts alone', () => {
		expect(clipped({ bids: [[500, 50]], limits: { positionNotionalMax: 20_000 }, referenceTicks: 0 }).bids).toEqual([40]);
	});
});

interface Drawn {
	readonly instrument: Instrument;
	readonly bids: Levels;
	readonly asks: Levels;
	readonly positionLots: number;
	readonly held: ClipHeld;
	readonly limits: ClipLimits;
	readonly referenceTicks: number;
}

/** Round limits, or what so many lots are worth at the mid: there a quotient of floats may be a whole number too large. */
const anyMoney: fc.Arbitrary<number | { readonly lots: number }> = fc.oneof(
	fc.record({ lots: fc.integer({ min: 1, max: 5_000 }) }),
	fc.constantFrom(500, 1_000, 5_000, 25_000, 100_000),
	fc.double({ min: 1, max: 1e6, noNaN: true }),
);
const anyMid = fc.oneof(fc.constantFrom(1_000, 1_000_000, 640_000, 16), fc.integer({ min: 10, max: 2_000_000 }));
const anyLots = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 100_000_000 }));
/** Nothing as often as something, and sometimes more than all of the limit. */
const anyPercent = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 150 }));
const anyRungs = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.oneof(fc.constant(0), anyLots)), { maxLength: 6 });

interface Minima {
	readonly qtyMin?: fc.Arbitrary<number>;
	readonly notionalMin?: fc.Arbitrary<string>;
}

function drawn({ qtyMin = fc.constant(1), notionalMin = fc.constant('0') }: Minima = {}): fc.Arbitrary<Drawn> {
	return fc
		.record({
			tickSize: fc.constantFrom('1', '0.1', '0.01', '0.00001'),
			lotSize: fc.constantFrom('1', '0.001', '0.1'),
			...{ qtyMin, notionalMin, midTicks: anyMid, bids: anyRungs, asks: anyRungs },
			positionShare: fc.oneof(fc.constantFrom(-1, 0, 1), fc.double({ min: -1.5, max: 1.5, noNaN: true })),
			...{ foreignBuyPercent: anyPercent, foreignSellPercent: anyPercent },
			...{ positionNotionalMax: anyMoney, orderNotionalMax: anyMoney },
		})
		.map(({ tickSize, lotSize, midTicks, ...rest }) => {
			const instrument = makeTestInstrument({
				...{ tickSize, lotSize, notionalMin: rest.notionalMin, priceMin: tickSize, priceMax: '99999999' },
				...{ qtyMin: (rest.qtyMin * Number(lotSize)).toFixed(3), qtyMax: '99999999' },
			});
			const amountOf = (money: number | { readonly lots: number }): number =>
				typeof money === 'number' ? money : midTicks * money.lots * instrument.tickLotNumber;
			const positionNotionalMax = amountOf(rest.positionNotionalMax);
			const orderNotionalMax = amountOf(rest.orderNotionalMax);
			const limitLots = positionNotionalMax / (midTicks * instrument.tickLotNumber);
			const positionLots = Math.trunc(rest.positionShare * limitLots);
			return {
				...{ instrument, referenceTicks: midTicks, limits: { positionNotionalMax, orderNotionalMax } },
				...{ bids: ladder(rest.bids, midTicks, -1), asks: ladder(rest.asks, midTicks, 1) },
				positionLots,
				held: {
					heldLots: positionLots,
					foreignBuyLots: Math.ceil((rest.foreignBuyPercent / 100) * limitLots),
					foreignSellLots: Math.ceil((rest.foreignSellPercent / 100) * limitLots),
				},
			};
		});
}

function ladder(rungs: readonly (readonly [gap: number, lots: number])[], midTicks: number, outwards: 1 | -1): Levels {
	let price = midTicks;
	return rungs.map(([gap, qty]) => {
		price = Math.max(1, price + gap * outwards);
		return [price, qty] as const;
	});
}

function eachSide({ bids, asks }: Drawn) {
	return [
		{ side: 'buy', levels: bids },
		{ side: 'sell', levels: asks },
	] as const;
}

const RUNS = { numRuns: 2_000 };

describe('for any wish, position and limit', () => {
	test('filling a whole side keeps the position within its limit, level by level', () => {
		let atLimit = 0;
		fc.assert(
			fc.property(drawn({ qtyMin: fc.integer({ min: 1, max: 9 }), notionalMin: fc.constantFrom('0', '5') }), (wish) => {
				const { targets } = clipped(wish);
				for (const { side, levels } of eachSide(wish)) {
					const others = side === 'buy' ? wish.held.foreignBuyLots : wish.held.foreignSellLots;
					let held = wish.positionLots * signOf(side);
					keptOf(targets, side, levels).forEach((kept, level) => {
						if (kept === 0) return;
						held += kept;
						const price = Math.max(levels[level]?.[0] ?? 0, wish.referenceTicks);
						const counted = held > 0 ? held + others : held;
						expect(counted * (price * wish.instrument.tickLotNumber)).toBeLessThanOrEqual(wish.limits.positionNotionalMax);
						if ((counted + 1) * price * wish.instrument.tickLotNumber > wish.limits.positionNotionalMax) atLimit += 1;
					});
				}
			}),
			RUNS,
		);
		expect(atLimit, 'sides that were filled to the last lot').toBeGreaterThan(50);
	});

	test('what others have open takes nothing from the way back to flat', () => {
		let wayBacks = 0;
		fc.assert(
			fc.property(drawn(), (wish) => {
				const { targets } = clipped(wish);
				const alone = clipped({ ...wish, held: { ...NOBODY, heldLots: wish.positionLots } }).targets;
				for (const { side, levels } of eachSide(wish)) {
					const sum = (of: Targets): number => keptOf(of, side, levels).reduce((all, kept) => all + kept, 0);
					const least = Math.min(sum(alone), Math.max(0, -wish.positionLots * signOf(side)));
					expect(sum(targets)).toBeGreaterThanOrEqual(least);
					const others = side === 'buy' ? wish.held.foreignBuyLots : wish.held.foreignSellLots;
					if (least > 0 && others > 0) wayBacks += 1;
				}
			}),
			RUNS,
		);
		expect(wayBacks, 'sides with a way back and others on it').toBeGreaterThan(50);
	});

	test('no quantity grows, and clipping once more changes nothing', () => {
		fc.assert(
			fc.property(drawn(), (wish) => {
				const { targets } = clipped(wish);
				for (const { side, levels } of eachSide(wish)) {
					keptOf(targets, side, levels).forEach((kept, level) => expect(kept).toBeLessThanOrEqual(levels[level]?.[1] ?? 0));
				}
				const once = [...targets.qtyLots];
				clip(targets, wish.held, wish.instrument, wish.limits, wish.referenceTicks);
				expect([...targets.qtyLots]).toEqual(once);
			}),
			RUNS,
		);
	});

	test('levels nearest the touch are kept: behind one that the position limit cut nothing is left', () => {
		let cuts = 0;
		const wide = drawn().map((wish) => ({ ...wish, limits: { ...wish.limits, orderNotionalMax: 1e18 } }));
		fc.assert(
			fc.property(wide, (wish) => {
				const { targets } = clipped(wish);
				for (const { side, levels } of eachSide(wish)) {
					const kept = keptOf(targets, side, levels);
					const firstCut = kept.findIndex((qty, level) => qty < (levels[level]?.[1] ?? 0));
					if (firstCut < 0) continue;
					cuts += 1;
					expect(kept.slice(firstCut + 1).every((qty) => qty === 0)).toBe(true);
				}
			}),
			RUNS,
		);
		expect(cuts).toBeGreaterThan(100);
	});

	test('what is left passes the limits of the gate, to the last lot', () => {
		let proposals = 0;
		fc.assert(
			fc.property(drawn({ notionalMin: fc.constantFrom('0', '5') }), (wish) => {
				const { instrument, positionLots, referenceTicks } = wish;
				const { targets } = clipped(wish);
				for (const { side, levels } of eachSide(wish)) {
					const { foreignBuyLots, foreignSellLots } = wish.held;
					const exposure = Object.assign(new Exposure(instrument), { positionLots, foreignBuyLots, foreignSellLots });
					const limits = { ...WIDE, ...wish.limits, quoteCollar: 1e9, grossNotionalMax: 1e300, netNotionalMax: 1e300 };
					const gate = new Gate({ limits, account: new AccountExposure(), ids: new OrderIdSource(runTagOf(1), undefined) });
					const rich = { buyFunds: fundsOf(1e300), sellFunds: fundsOf(1e300), equity: 1e300 };
					const scene = makeTestScene(instrument, { ...rich, exposure, midTwiceTicks: 2 * referenceTicks, markTicks: 0 });
					keptOf(targets, side, levels).forEach((kept, level) => {
						if (kept === 0) return;
						const approval = gate.approvePlace(
							{
								...{ kind: 'place', instrument, quoter: DESK, slot: DESK, side, orderType: 'limit', timeInForce: 'postOnly' },
								...{ reduceOnly: false, priceTicks: ticks(levels[level]?.[0] ?? 0), qtyLots: lots(kept) },
							},
							scene,
						);
						expect(approval, `level ${level}`).toMatchObject({ kind: 'approved' });
						proposals += 1;
						if (side === 'buy') exposure.buyLots += kept;
						else exposure.sellLots += kept;
					});
				}
			}),
			RUNS,
		);
		expect(proposals).toBeGreaterThan(1_000);
	});
});
