/**
 * The rules of the ladder as tables, for the fast one and its plain twin alike. Prices are round numbers of ticks around
 * 10000, where one basis point is one tick.
 */
import { describe, expect, test } from 'vitest';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { type TestMarket, type WishedQuote, type WishSink, wishesOf } from '../../test/fixtures/views.ts';
import type { LadderState } from './ladder.ts';
import { type LadderParams, parseLadderParams } from './ladder-params.ts';
import type { NoQuoteReason, Strategy } from './strategy.ts';

/** Tick and lot are 1, nothing costs anything. */
const PLAIN_SPEC = {
	...{ symbol: 'ABCUSDT', baseCurrency: 'ABC', tickSize: '1', lotSize: '1', priceMin: '1', priceMax: '1000000' },
	...{ qtyMin: '1', qtyMax: '1000000', notionalMin: '0', makerFeeRate: '0', takerFeeRate: '0.001' },
};
const FREE = makeTestInstrument(PLAIN_SPEC);
const MARKET = { instrument: FREE, bids: [[9_990, 50]], asks: [[10_010, 50]] } satisfies TestMarket;

/** Two levels of ten lots, at 20 and 30 ticks from a price of 10000. */
const TWO_LEVELS = {
	levels: { count: 2, halfSpreadBps: 20, stepBps: 10 },
	size: { unit: 'lots', perLevel: 10 },
	inventory: { unit: 'lots', limit: 1_000, skewBps: 0 },
};
type Groups = Partial<Record<keyof LadderParams, object>>;

/** TWO_LEVELS with some settings changed. */
function paramsOf(changes: Groups = {}): LadderParams {
	const merged: Record<string, object> = { ...TWO_LEVELS };
	for (const [group, settings] of Object.entries(changes)) merged[group] = { ...merged[group], ...settings };
	const read = parseLadderParams(merged);
	if (read.kind === 'refused') throw new Error(`${read.key} is ${read.found}, expected ${read.expected}`);
	return read.params;
}

type Prices = readonly number[];
interface PriceCase {
	readonly name: string;
	readonly params?: Groups;
	readonly market?: TestMarket;
	readonly bids: Prices | NoQuoteReason;
	readonly asks: Prices | NoQuoteReason;
}

const level0 = { count: 1, halfSpreadBps: 20, stepBps: 10 };
const rebate = makeTestInstrument({ ...PLAIN_SPEC, makerFeeRate: '-0.0005' });
const dear = makeTestInstrument({ ...PLAIN_SPEC, makerFeeRate: '0.0025' });
const narrowBand = makeTestInstrument({ ...PLAIN_SPEC, priceMin: '9975', priceMax: '10025' });
const long = (positionLots: number): TestMarket => ({ positionLots });
const skewed = { inventory: { skewBps: 10 } };

const PRICES: readonly PriceCase[] = [
	{ name: 'levels lie at their distances from the mid', bids: [9_980, 9_970], asks: [10_020, 10_030] },
	{
		name: 'bids are rounded down and asks up',
		market: { bids: [[9_990, 50]], asks: [[10_011, 50]] },
		bids: [9_980, 9_970],
		asks: [10_021, 10_031],
	},
	{
		name: 'a mid on half a tick is not rounded before it is used',
		params: { levels: { count: 1, halfSpreadBps: 0 } },
		market: { bids: [[10_000, 50]], asks: [[10_001, 50]] },
		bids: [10_000],
		asks: [10_001],
	},
	{
		name: 'the bid takes the tick that both sides want',
		params: { levels: { halfSpreadBps: 0, stepBps: 0 } },
		bids: [10_000, 9_999],
		asks: [10_001, 10_002],
	},
	{
		name: 'levels stay a tick apart however small the step',
		params: { levels: { count: 3, stepBps: 0 } },
		bids: [9_980, 9_979, 9_978],
		asks: [10_020, 10_021, 10_022],
	},

	{ name: 'a long position lowers both sides', params: skewed, market: long(500), bids: [9_975, 9_965], asks: [10_015, 10_025] },
	{
		name: 'a short position raises both sides',
		params: skewed,
		market: long(-500),
		bids: [9_984, 9_974],
		asks: [10_026, 10_036],
	},
	{
		name: 'at the limit the side that adds is not quoted',
		params: skewed,
		market: long(1_000),
		bids: 'inventory-limit',
		asks: [10_010, 10_020],
	},
	{
		name: 'beyond the limit prices are skewed no further',
		params: skewed,
		market: long(5_000),
		bids: 'inventory-limit',
		asks: [10_010, 10_020],
	},
	{ name: 'short at the limit only buys', market: long(-1_000), bids: [9_980, 9_970], asks: 'inventory-limit' },

	{
		name: 'no quote reaches the other side of the market',
		params: { levels: { halfSpreadBps: 0, stepBps: 0 }, inventory: { skewBps: 100 }, edge: { minEdgeBps: -1000 } },
		market: { ...long(905), bids: [[9_999, 50]], asks: [[10_001, 50]] },
		bids: [9_909, 9_908],
		asks: [10_000, 10_001],
	},
	{
		name: 'and no bid reaches the ask',
		params: { levels: { halfSpreadBps: 0, stepBps: 0 }, inventory: { skewBps: 100 }, edge: { minEdgeBps: -1000 } },
		market: { ...long(-905), bids: [[9_999, 50]], asks: [[10_001, 50]] },
		bids: [10_000, 9_999],
		asks: [10_091, 10_092],
	},

	{
		name: 'a fee larger than the half spread moves levels out to where it is earned',
		market: { instrument: dear },
		bids: [9_975, 9_970],
		asks: [10_026, 10_030],
	},
	{
		name: 'levels that the fee moves onto each other spread out by a tick',
		params: { levels: { count: 3, halfSpreadBps: 5, stepBps: 5 } },
		market: { instrument: dear },
		bids: [9_975, 9_974, 9_973],
		asks: [10_026, 10_027, 10_028],
	},
	{
		name: 'a minimum edge comes on top of the fee',
		params: { levels: level0, edge: { minEdgeBps: 10 } },
		market: { instrument: dear },
		bids: [9_965],
		asks: [10_036],
	},
	{
		name: 'a rebate pays for a level nearer than the minimum edge',
		params: { levels: { ...level0, halfSpreadBps: 0 }, edge: { minEdgeBps: 15 } },
		market: { instrument: rebate },
		bids: [9_989],
		asks: [10_010],
	},
	{
		name: 'an edge below zero lets inventory be sold at a loss',
		params: { levels: level0, inventory: { skewBps: 60 }, edge: { minEdgeBps: -30 } },
		market: { ...long(1_000), bids: [[9_900, 50]], asks: [[10_100, 50]] },
		bids: 'inventory-limit',
		asks: [9_970],
	},
	{
		name: 'inventory is not sold below its edge however large the skew',
		params: { levels: level0, inventory: { skewBps: 60 } },
		market: { ...long(1_000), bids: [[9_900, 50]], asks: [[10_100, 50]] },
		bids: 'inventory-limit',
		asks: [10_000],
	},
	{
		name: 'a funding rate above zero is charged to bids alone',
		params: { levels: level0, edge: { holdingHours: 16 } },
		market: { fundingRate: 0.0015 },
		bids: [9_970],
		asks: [10_020],
	},
	{
		name: 'a funding rate below zero is charged to asks alone',
		params: { levels: level0, edge: { holdingHours: 2, fundingIntervalHours: 1 } },
		market: { fundingRate: -0.0015 },
		bids: [9_980],
		asks: [10_030],
	},
	{
		name: 'an edge that lies outside the band is said',
		params: { edge: { minEdgeBps: 100 } },
		market: { instrument: narrowBand },
		bids: 'edge-too-small',
		asks: 'edge-too-small',
	},
	{ name: 'levels outside the band are left out', market: { instrument: narrowBand }, bids: [9_980], asks: [10_020] },
	{
		name: 'a side wholly outside the band says so',
		params: { levels: { halfSpreadBps: 40 } },
		market: { instrument: narrowBand },
		bids: 'out-of-band',
		asks: 'out-of-band',
	},
	{
		name: 'a funding rate that is no number quotes nothing',
		market: { fundingRate: Number.NaN },
		bids: 'edge-too-small',
		asks: 'edge-too-small',
	},

	{
		name: 'a book that is not trusted is not quoted on',
		market: { isBookTrusted: false },
		bids: 'book-not-trusted',
		asks: 'book-not-trusted',
	},
	{ name: 'nor is an empty side', market: { bids: [], isBookTrusted: true }, bids: 'book-not-trusted', asks: 'book-not-trusted' },
	{
		name: 'nor is a crossed book',
		market: { bids: [[10_020, 5]], isBookTrusted: true },
		bids: 'book-not-trusted',
		asks: 'book-not-trusted',
	},
	{
		name: 'nor is a book that holds nobody but us on a side',
		market: { ownBids: [[9_990, 50]] },
		bids: 'book-not-trusted',
		asks: 'book-not-trusted',
	},
	{
		name: 'our own orders inside the spread do not move the mid',
		market: { bids: [...MARKET.bids, [9_999, 7]], ownBids: [[9_999, 7]] },
		bids: [9_980, 9_970],
		asks: [10_020, 10_030],
	},
	{
		name: 'more of our lots than the book shows at a price is none of the others',
		market: { bids: [...MARKET.bids, [9_999, 7]], ownBids: [[9_999, 9]] },
		bids: [9_980, 9_970],
		asks: [10_020, 10_030],
	},
	{
		name: 'the micro price leans towards the thin side',
		params: { fairValue: { price: 'micro', depthLevels: 2 } },
		market: {
			bids: [
				[9_990, 30],
				[9_980, 60],
				[9_970, 900],
			],
			asks: [
				[10_010, 5],
				[10_020, 5],
			],
		},
		bids: [9_987, 9_977],
		asks: [10_029, 10_039],
	},
	{
		name: 'the micro price leaves our own lots out',
		params: { fairValue: { price: 'micro' } },
		market: { bids: [[9_990, 5_050]], ownBids: [[9_990, 5_000]] },
		bids: [9_980, 9_970],
		asks: [10_020, 10_030],
	},
	{
		name: 'imbalance shifts fair value in proportion',
		params: { fairValue: { imbalanceShiftBps: 10 }, levels: level0 },
		market: { bids: [[9_990, 150]], asks: [[10_010, 50]] },
		bids: [9_984],
		asks: [10_026],
	},

	{
		name: 'a signal shifts fair value by value times confidence',
		params: { signal: { source: 'model', maxShiftBps: 20 }, levels: level0 },
		market: { signals: { model: { value: 1, confidence: 0.5 }, other: { value: -1, confidence: 1 } } },
		bids: [9_989],
		asks: [10_031],
	},
	{
		name: 'a strong buy signal vetoes asks',
		params: { signal: { source: 'model', vetoAbove: 0.7 } },
		market: { signals: { model: { value: 0.9, confidence: 0.8 } } },
		bids: [9_980, 9_970],
		asks: 'signal-veto',
	},
	{
		name: 'a strong sell signal vetoes bids',
		params: { signal: { source: 'model', vetoAbove: 0.7 } },
		market: { signals: { model: { value: -0.9, confidence: 0.8 } } },
		bids: 'signal-veto',
		asks: [10_020, 10_030],
	},
	{
		name: 'a signal at the threshold vetoes nothing',
		params: { signal: { source: 'model', vetoAbove: 0.7 } },
		market: { signals: { model: { value: 0.7, confidence: 1 } } },
		bids: [9_980, 9_970],
		asks: [10_020, 10_030],
	},
	{
		name: 'a signal beyond its range counts as the end of it',
		params: { signal: { source: 'model', maxShiftBps: 20 }, levels: level0 },
		market: { signals: { model: { value: 50, confidence: 1 } } },
		bids: [9_999],
		asks: [10_041],
	},
	{
		name: 'a signal that is no number says nothing',
		params: { signal: { source: 'model', maxShiftBps: 20, vetoAbove: 0 } },
		market: { signals: { model: { value: Number.NaN, confidence: 1 } } },
		bids: [9_980, 9_970],
		asks: [10_020, 10_030],
	},
	{
		name: 'prices of a few ticks have few levels',
		params: { levels: { count: 5, halfSpreadBps: 1, stepBps: 1 } },
		market: { bids: [[3, 50]], asks: [[4, 50]] },
		bids: [3, 2, 1],
		asks: [4, 5, 6, 7, 8],
	},
];

interface SizeCase {
	readonly name: string;
	readonly params?: Groups;
	readonly market?: TestMarket;
	/** Level and lots. */
	readonly bids: readonly (readonly [number, number])[] | NoQuoteReason;
	readonly asks?: readonly (readonly [number, number])[] | NoQuoteReason;
}

const four = { count: 4, halfSpreadBps: 20, stepBps: 10 };
const tight = makeTestInstrument({ ...PLAIN_SPEC, qtyMin: '20', qtyMax: '35' });
const notionalMin = makeTestInstrument({ ...PLAIN_SPEC, notionalMin: '99750' });
const smallLots = makeTestInstrument({ ...PLAIN_SPEC, lotSize: '0.001', qtyMin: '0.001' });
const linear = { unit: 'lots', perLevel: 10, curve: { kind: 'linear', slope: 0.5 } };
const shrinking = { unit: 'lots', perLevel: 10, curve: { kind: 'geometric', ratio: 0.5 } };

const SIZES: readonly SizeCase[] = [
	{ name: 'flat levels are all alike', bids: pairs([0, 10], [1, 10]), asks: pairs([0, 10], [1, 10]) },
	{
		name: 'a linear curve grows by its slope, rounded down',
		params: { levels: four, size: linear },
		bids: pairs([0, 10], [1, 15], [2, 20], [3, 25]),
	},
	{
		name: 'a geometric curve shrinks by its ratio, rounded down',
		params: { levels: four, size: shrinking },
		bids: pairs([0, 10], [1, 5], [2, 2], [3, 1]),
	},
	{
		name: 'notional is turned into lots by the price of the level',
		params: { size: { unit: 'notional', perLevel: 99_750 }, inventory: { limit: 1_000_000 } },
		market: { instrument: smallLots },
		bids: pairs([0, 9_994], [1, 10_005]),
		asks: pairs([0, 9_955], [1, 9_945]),
	},
	{
		name: 'levels below the least quantity are left out, the others keep their number',
		params: { levels: four, size: linear },
		market: { instrument: tight },
		bids: pairs([2, 20], [3, 25]),
	},
	{
		name: 'levels are cut to the largest quantity',
		params: { size: { unit: 'lots', perLevel: 50 } },
		market: { instrument: tight },
		bids: pairs([0, 35], [1, 35]),
	},
	{ name: 'a side below the least quantity says so', market: { instrument: tight }, bids: 'size-below-minimum' },
	{
		name: 'a notional below the least is left out, one that equals it is not',
		params: { levels: { halfSpreadBps: 25 } },
		market: { instrument: notionalMin },
		bids: pairs([0, 10]),
		asks: pairs([0, 10], [1, 10]),
	},
	{
		name: 'quotes together fit into what the limit leaves, nearest first',
		params: { inventory: { limit: 25 }, levels: four },
		market: { positionLots: 10 },
		bids: pairs([0, 10], [1, 5]),
		asks: pairs([0, 10], [1, 10], [2, 10], [3, 5]),
	},
	{
		name: 'room for less than the least quantity is the limit at work',
		params: { inventory: { limit: 25 }, size: { unit: 'lots', perLevel: 30 } },
		market: { instrument: tight, positionLots: 10 },
		bids: 'inventory-limit',
		asks: pairs([0, 30]),
	},
	{
		name: 'a limit in notional counts at fair value',
		params: { inventory: { unit: 'notional', limit: 159_999 } },
		bids: pairs([0, 10], [1, 5]),
		asks: pairs([0, 10], [1, 5]),
	},
	{
		name: 'a limit below one lot lets a position be closed and nothing more',
		params: { inventory: { unit: 'notional', limit: 1 } },
		market: { positionLots: 4 },
		bids: 'inventory-limit',
		asks: pairs([0, 4]),
	},
	{
		name: 'size skew takes from the side that adds to the position',
		params: { inventory: { sizeSkew: 0.8 } },
		market: { positionLots: 500 },
		bids: pairs([0, 6], [1, 6]),
		asks: pairs([0, 10], [1, 10]),
	},
	{
		name: 'size skew against a short takes from asks',
		params: { inventory: { sizeSkew: 1 } },
		market: { positionLots: -250 },
		bids: pairs([0, 10], [1, 10]),
		asks: pairs([0, 7], [1, 7]),
	},
];

export function ladderSuite(name: string, make: (params: LadderParams) => Strategy<LadderState>): void {
	describe(name, () => {
		test.each(PRICES)('$name', ({ params, market, bids, asks }) => {
			const wished = wishesOf(make(paramsOf(params)), { ...MARKET, ...market });
			expect(said(wished, 'buy', ({ price }) => price)).toEqual(bids);
			expect(said(wished, 'sell', ({ price }) => price)).toEqual(asks);
		});

		test.each(SIZES)('$name', ({ params, market, bids, asks }) => {
			const wished = wishesOf(make(paramsOf(params)), { ...MARKET, ...market });
			expect(said(wished, 'buy', ({ level, lots }) => [level, lots])).toEqual(bids);
			if (asks !== undefined) expect(said(wished, 'sell', ({ level, lots }) => [level, lots])).toEqual(asks);
		});

		test('says what it takes for the fair price, and how far inventory moves it from there', () => {
			const params = paramsOf({ inventory: { skewBps: 10 }, signal: { source: 's', maxShiftBps: 4 } });
			const signals = { s: { value: 0.5, confidence: 1 } };
			const { pricedAround } = wishesOf(make(params), { ...MARKET, signals, positionLots: 500 });
			expect(pricedAround?.fairTicks).toBeCloseTo(10_002, 8);
			expect(pricedAround?.reservationTicks).toBeCloseTo(10_002 * (1 - 5e-4), 8);
			expect(wishesOf(make(params), { ...MARKET, isBookTrusted: false }).pricedAround).toBeUndefined();
		});
	});
}

/** What was said about a side: its quotes, or why there are none. */
function said<Part>(
	wished: WishSink,
	side: 'buy' | 'sell',
	part: (quote: WishedQuote) => Part,
): Part[] | NoQuoteReason | undefined {
	return wished.reasons[side] ?? wished.of(side).map(part);
}

function pairs(...levels: (readonly [number, number])[]): readonly (readonly [number, number])[] {
	return levels;
}
