/** What the ladder promises, over random markets, parameters, positions and orders of our own. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { makeTestView, type TestLevel, type TestMarket, wishesOf, withOwnOrder } from '../../test/fixtures/views.ts';
import { type Instrument, notionalOf } from '../domain/instrument.ts';
import { lots, ticks } from '../domain/units.ts';
import { type ForeignTop, imbalanceOf, microTicks, midTicks, readForeignTop } from './fair-value.ts';
import { ladder } from './ladder.ts';
import { LADDER_DEFAULTS, type LadderParams } from './ladder-params.ts';
import { plainLadder } from './ladder-plain.ts';
import { curveWeights, lotsOfAmount, signalStrength } from './ladder-sizes.ts';

const RUNS = { numRuns: 2_000 };
const SOURCE = 'model';

/** Mostly ordinary values, with the least and the largest ones often. */
const bps = (max: number) =>
	fc.oneof({ weight: 4, arbitrary: fc.double({ min: 0, max, noNaN: true }) }, fc.constant(0), fc.constant(max));

const anyParams: fc.Arbitrary<LadderParams> = fc.record({
	levels: fc.record({ count: fc.integer({ min: 1, max: 16 }), halfSpreadBps: bps(500), stepBps: bps(200) }),
	size: fc.record({
		unit: fc.constantFrom('lots', 'notional'),
		perLevel: fc.double({ min: 0.5, max: 5_000, noNaN: true }),
		curve: fc.oneof(
			fc.constant({ kind: 'flat' as const }),
			fc.record({ kind: fc.constant('linear' as const), slope: fc.double({ min: 0, max: 3, noNaN: true }) }),
			fc.record({ kind: fc.constant('geometric' as const), ratio: fc.double({ min: 0.3, max: 2, noNaN: true }) }),
		),
	}),
	inventory: fc.record({
		unit: fc.constantFrom('lots', 'notional'),
		limit: fc.oneof(fc.integer({ min: 1, max: 50_000 }), fc.double({ min: 0.1, max: 100, noNaN: true })),
		skewBps: bps(1_000),
		sizeSkew: fc.double({ min: 0, max: 1, noNaN: true }),
	}),
	edge: fc.record({
		minEdgeBps: fc.double({ min: -200, max: 200, noNaN: true }),
		holdingHours: fc.integer({ min: 0, max: 48 }),
		fundingIntervalHours: fc.constantFrom(1, 4, 8),
	}),
	fairValue: fc.record({
		price: fc.constantFrom('mid', 'micro'),
		depthLevels: fc.integer({ min: 1, max: 8 }),
		imbalanceShiftBps: bps(100),
	}),
	signal: fc.record({
		source: fc.constantFrom(null, SOURCE),
		maxShiftBps: bps(300),
		vetoAbove: fc.double({ min: 0, max: 1, noNaN: true }),
	}),
});

type Drawn<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;

const anySpec = fc.record({
	tickSize: fc.constantFrom('0.01', '0.5', '1'),
	lotSize: fc.constantFrom('0.001', '0.1', '1', '1000'),
	makerFeeRate: fc.constantFrom('-0.0005', '0', '0.0002', '0.001', '0.01'),
	notionalMin: fc.constantFrom('0', '1', '5', '100'),
	qtyMinLots: fc.integer({ min: 1, max: 20 }),
	qtySpanLots: fc.integer({ min: 0, max: 10_000 }),
	/** How far the venue's band reaches from the best bid, down and up. */
	bandTicks: fc.oneof(
		{ weight: 3, arbitrary: fc.constant([200_000_000, 200_000_000] as const) },
		fc.tuple(fc.integer({ min: -100, max: 500 }), fc.integer({ min: -50, max: 500 })),
	),
});

function instrumentOf(spec: Drawn<typeof anySpec>, bidTicks: number): Instrument {
	const { qtyMinLots, qtySpanLots, bandTicks, ...rates } = spec;
	const scaled = (count: number, step: string) => (count * Number(step)).toFixed(3);
	const lowestTicks = Math.max(1, bidTicks - bandTicks[0]);
	return makeTestInstrument({
		...rates,
		qtyMin: scaled(qtyMinLots, rates.lotSize),
		qtyMax: scaled(qtyMinLots + qtySpanLots, rates.lotSize),
		priceMin: scaled(lowestTicks, rates.tickSize),
		priceMax: scaled(Math.max(lowestTicks, bidTicks + bandTicks[1]), rates.tickSize),
	});
}

/** From prices of very few ticks to very many; half of all spreads are a single tick. */
const anyTouch = fc.record({
	bidTicks: fc.oneof(
		fc.integer({ min: 1, max: 6 }),
		fc.integer({ min: 1, max: 5_000 }),
		fc.integer({ min: 80_000, max: 100_000_000 }),
	),
	spreadTicks: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 400 })),
});
const anyLevels = fc.array(fc.record({ gap: fc.integer({ min: 1, max: 9 }), foreign: fc.nat(2_000), own: fc.nat(300) }), {
	minLength: 1,
	maxLength: 12,
});

/** Every side holds somebody else somewhere. */
const anyMarket: fc.Arbitrary<TestMarket> = fc
	.record({
		spec: anySpec,
		touch: anyTouch,
		bids: anyLevels,
		asks: anyLevels,
		positionLots: fc.oneof(fc.constant(0), fc.integer({ min: -200, max: 200 }), fc.integer({ min: -100_000, max: 100_000 })),
		fundingRate: fc.double({ min: -0.003, max: 0.003, noNaN: true }),
		value: fc.double({ min: -1, max: 1, noNaN: true }),
		confidence: fc.double({ min: 0, max: 1, noNaN: true }),
	})
	.map(({ spec, touch, bids, asks, positionLots, fundingRate, value, confidence }) => {
		const { bidTicks, spreadTicks } = touch;
		const bidSide = sideOf(bids, bidTicks, -1);
		const askSide = sideOf(asks, bidTicks + spreadTicks, 1);
		return {
			...{ instrument: instrumentOf(spec, bidTicks), positionLots, fundingRate, signals: { [SOURCE]: { value, confidence } } },
			...{ bids: bidSide.levels, ownBids: bidSide.own, asks: askSide.levels, ownAsks: askSide.own },
		};
	})
	.filter(({ bids, ownBids, asks, ownAsks }) => holdsOthers(bids, ownBids) && holdsOthers(asks, ownAsks));

function sideOf(rungs: Drawn<typeof anyLevels>, bestTicks: number, outwards: 1 | -1): { levels: TestLevel[]; own: TestLevel[] } {
	const levels: TestLevel[] = [];
	const own: TestLevel[] = [];
	let price = bestTicks;
	for (const rung of rungs) {
		if (price < 1) break;
		if (rung.foreign + rung.own > 0) levels.push([price, rung.foreign + rung.own]);
		if (rung.own > 0) own.push([price, rung.own]);
		price += rung.gap * outwards;
	}
	return { levels, own };
}

function holdsOthers(levels: readonly TestLevel[], own: readonly TestLevel[]): boolean {
	const ownLots = new Map(own);
	return levels.some(([price, qty]) => qty > (ownLots.get(price) ?? 0));
}

interface Truth extends ForeignTop {
	readonly fairTicks: number;
	readonly limitLots: number;
}

function truthOf(params: LadderParams, market: TestMarket): Truth {
	const view = makeTestView(market);
	const top = { bidTicks: 0, bidDepthLots: 0, askTicks: 0, askDepthLots: 0 };
	if (!readForeignTop(view, params.fairValue.depthLevels, top)) throw new Error('a market of nobody but us');
	const strength = params.signal.source === null ? 0 : signalStrength(view.signal(params.signal.source));
	const shiftBps = imbalanceOf(top) * params.fairValue.imbalanceShiftBps + strength * params.signal.maxShiftBps;
	const fairTicks = (params.fairValue.price === 'mid' ? midTicks(top) : microTicks(top)) * (1 + shiftBps * 1e-4);
	const { unit, limit } = params.inventory;
	return { ...top, fairTicks, limitLots: lotsOfAmount(unit, limit, fairTicks * view.instrument.tickLotNumber) };
}

/** Checks throw; what they return says nothing. */
function given(
	check: (params: LadderParams, market: TestMarket) => void,
	runs: fc.Parameters<[LadderParams, TestMarket]> = RUNS,
): void {
	const holds = (params: LadderParams, market: TestMarket) => {
		check(params, market);
	};
	fc.assert(fc.property(anyParams, anyMarket, holds), runs);
}

test('the fast ladder says what the plain one says', () => {
	given((params, market) => expect(wishesOf(ladder(params), market)).toEqual(wishesOf(plainLadder(params), market)));
});

test('random markets reach quotes on both sides and all reasons for none', () => {
	const seen = new Set<string>();
	given(
		(params, market) => {
			const { bids, asks, reasons } = wishesOf(ladder(params), market);
			if (bids.length > 0 && asks.length > 0) seen.add('both sides');
			if (bids.length === params.levels.count) seen.add('all levels');
			for (const reason of Object.values(reasons)) seen.add(reason);
		},
		{ ...RUNS, seed: 1 },
	);
	const reasons = ['edge-too-small', 'inventory-limit', 'out-of-band', 'signal-veto', 'size-below-minimum'];
	expect([...seen].sort()).toEqual([...reasons, 'both sides', 'all levels'].sort());
});

test('a side either has quotes or a reason', () => {
	given((params, market) => {
		const wished = wishesOf(ladder(params), market);
		for (const side of ['buy', 'sell'] as const) expect(wished.of(side).length > 0).toBe(wished.reasons[side] === undefined);
		expect(wished.takes).toEqual([]);
	});
});

test('quotes cross neither the market nor each other, and stay in the band', () => {
	given((params, market) => {
		const { bids, asks } = wishesOf(ladder(params), market);
		const { bidTicks, askTicks } = truthOf(params, market);
		const { priceTicksMin, priceTicksMax } = makeTestView(market).instrument;
		for (const { price } of bids) expect(price).toBeLessThan(askTicks);
		for (const { price } of asks) expect(price).toBeGreaterThan(bidTicks);
		const [bid] = bids;
		const [ask] = asks;
		if (bid !== undefined && ask !== undefined) expect(bid.price).toBeLessThan(ask.price);
		for (const { price } of [...bids, ...asks]) {
			expect(price).toBeGreaterThanOrEqual(priceTicksMin);
			expect(price).toBeLessThanOrEqual(priceTicksMax);
		}
	});
});

test('levels move strictly away from the touch', () => {
	given((params, market) => {
		const { bids, asks } = wishesOf(ladder(params), market);
		for (const [index, { level, price }] of bids.entries()) {
			const before = bids[index - 1];
			if (before !== undefined) expect(before.price - price).toBeGreaterThanOrEqual(level - before.level);
		}
		for (const [index, { level, price }] of asks.entries()) {
			const before = asks[index - 1];
			if (before !== undefined) expect(price - before.price).toBeGreaterThanOrEqual(level - before.level);
		}
	});
});

test('sizes keep the minima and maxima of the venue and are never above what was asked for', () => {
	given((params, market) => {
		const { bids, asks } = wishesOf(ladder(params), market);
		const { instrument } = makeTestView(market);
		const weights = curveWeights(params.size.curve, params.levels.count);
		for (const { level, price, lots: qty } of [...bids, ...asks]) {
			expect(qty).toBeGreaterThanOrEqual(instrument.qtyLotsMin);
			expect(qty).toBeLessThanOrEqual(instrument.qtyLotsMax);
			expect(notionalOf(instrument, ticks(price), lots(qty)) >= instrument.notionalMin).toBe(true);
			const amount = params.size.unit === 'lots' ? qty : price * qty * instrument.tickLotNumber;
			expect(amount).toBeLessThanOrEqual((weights[level] ?? 0) * params.size.perLevel * (1 + 1e-12));
		}
	});
});

test('the position stays within its limit when all quotes of a side fill', () => {
	given((params, { positionLots = 0, ...market }) => {
		const { bids, asks } = wishesOf(ladder(params), { ...market, positionLots });
		const { limitLots } = truthOf(params, market);
		const boughtLots = bids.reduce((sum, quote) => sum + quote.lots, 0);
		const soldLots = asks.reduce((sum, quote) => sum + quote.lots, 0);
		expect(boughtLots).toBeLessThanOrEqual(Math.max(0, limitLots - positionLots));
		expect(soldLots).toBeLessThanOrEqual(Math.max(0, limitLots + positionLots));
	});
});

test('no limit keeps a position from being reduced', () => {
	given((params, market) => {
		const { instrument, positionLotsSigned } = makeTestView(market);
		fc.pre(instrument.notionalMin === 0n && Math.abs(positionLotsSigned) >= instrument.qtyLotsMin);
		const { reasons } = wishesOf(ladder(params), market);
		expect(positionLotsSigned > 0 ? reasons.sell : reasons.buy).not.toBe('inventory-limit');
	});
});

test('every fill earns the minimum edge against fair value, after maker fee and funding', () => {
	given((params, market) => {
		const { bids, asks } = wishesOf(ladder(params), market);
		const { fairTicks } = truthOf(params, market);
		const fee = makeTestView(market).instrument.makerFeeE8 * 1e-8;
		const { minEdgeBps, holdingHours, fundingIntervalHours } = params.edge;
		const funding = ((market.fundingRate ?? 0) * holdingHours) / fundingIntervalHours;
		const leastTicks = fairTicks * (minEdgeBps * 1e-4 - 1e-12);
		for (const { price } of bids) {
			const earnedTicks = fairTicks - price - price * fee - fairTicks * Math.max(funding, 0);
			expect(earnedTicks).toBeGreaterThanOrEqual(leastTicks);
		}
		for (const { price } of asks) {
			const earnedTicks = price - fairTicks - price * fee - fairTicks * Math.max(-funding, 0);
			expect(earnedTicks).toBeGreaterThanOrEqual(leastTicks);
		}
	});
});

test('no level is lost to its edge where the grid goes on', () => {
	const instrument = makeTestInstrument({
		tickSize: '1',
		lotSize: '1',
		qtyMin: '1',
		notionalMin: '0',
		priceMin: '1',
		priceMax: '500000000',
	});
	const size = { unit: 'lots', perLevel: 1, curve: { kind: 'flat' } } as const;
	const inventory = { unit: 'lots', limit: 1_000_000, skewBps: 30, sizeSkew: 0 } as const;
	given((random, { bids = [], ...market }) => {
		fc.pre(bids.every(([price]) => price > 1_000));
		const params = { ...random, size, inventory, signal: LADDER_DEFAULTS.signal };
		const wished = wishesOf(ladder(params), { ...market, bids, instrument });
		const all = Array.from({ length: params.levels.count }, (_, level) => level);
		expect(wished.bids.map(({ level }) => level)).toEqual(all);
		expect(wished.asks.map(({ level }) => level)).toEqual(all);
	});
});

test('more inventory never raises a quote, less never lowers one', () => {
	fc.assert(
		fc.property(anyParams, anyMarket, fc.integer({ min: 1, max: 5_000 }), (params, market, moreLots) => {
			const before = wishesOf(ladder(params), market);
			const after = wishesOf(ladder(params), { ...market, positionLots: (market.positionLots ?? 0) + moreLots });
			for (const side of ['buy', 'sell'] as const) {
				for (const { level, price } of after.of(side)) {
					const same = before.of(side).find((quote) => quote.level === level);
					if (same !== undefined) expect(price).toBeLessThanOrEqual(same.price);
				}
			}
		}),
		RUNS,
	);
});

test('our own orders, wherever they rest, change nothing', () => {
	fc.assert(
		fc.property(
			anyParams,
			anyMarket,
			fc.boolean(),
			fc.integer({ min: 0, max: 60 }),
			fc.integer({ min: 1, max: 9_999 }),
			(...drawn) => {
				const [params, market, isBuy, distanceTicks, qty] = drawn;
				const { book } = makeTestView(market);
				const price = isBuy ? book.bestAskTicks - 1 - distanceTicks : book.bestBidTicks + 1 + distanceTicks;
				fc.pre(price >= 1);
				const busier = withOwnOrder(market, isBuy ? 'buy' : 'sell', [price, qty]);
				expect(wishesOf(ladder(params), busier)).toEqual(wishesOf(ladder(params), market));
			},
		),
		RUNS,
	);
});

test('the same market gets the same answer, whatever was quoted before', () => {
	fc.assert(
		fc.property(anyParams, anyMarket, anyMarket, (params, market, other) => {
			const strategy = ladder(params);
			const first = wishesOf(strategy, market);
			wishesOf(strategy, other);
			expect(wishesOf(strategy, market)).toEqual(first);
		}),
		{ numRuns: 500 },
	);
});

test('numbers that are none quote nothing rather than nonsense', () => {
	const broken = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
	fc.assert(
		fc.property(anyParams, anyMarket, broken, broken, (params, market, fundingRate, value) => {
			const wished = wishesOf(ladder(params), { ...market, fundingRate, signals: { [SOURCE]: { value, confidence: 1 } } });
			for (const { price, lots: qty } of [...wished.bids, ...wished.asks]) expect(price * qty).toBeGreaterThan(0);
			if (Number.isNaN(fundingRate)) expect([...wished.bids, ...wished.asks]).toEqual([]);
		}),
		{ numRuns: 500 },
	);
});
