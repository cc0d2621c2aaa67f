/** What the models promise, over random markets: the definitions, bounds, determinism, mirrors, and nothing kept of bad bars. */
import fc from 'fast-check';
import { BollingerBands, EMA, MACD, ROC, RSI, SMA } from 'trading-signals';
import { describe, expect, test } from 'vitest';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { combineModels } from './combined.ts';
import { createModel } from './create-model.ts';
import type { SignalModel } from './model.ts';
import { MODEL_DEFAULTS, type ModelSpec } from './model-spec.ts';
import { type BarModelSpec, plainValues } from './models-plain.ts';

const BARS = 10_000;
const TOLERANCE = 1e-9;
const EXACT_RUNS = { numRuns: 20, endOnFailure: true };
const RUNS = { numRuns: 200 };

const period = (min: number) => fc.oneof({ weight: 4, arbitrary: fc.integer({ min, max: 40 }) }, fc.integer({ min, max: 200 }));
const fastAndSlow = fc.tuple(period(1), period(1)).filter(([one, other]) => one !== other);
/** Small ones cut nearly every value to 1, large ones nearly none. */
const fullBps = fc.constantFrom(0.5, 20, 10_000);
const confirm = fc.integer({ min: 1, max: 5 });

const crossSpec = (kind: 'sma-cross' | 'ema-cross') =>
	fc.record({ periods: fastAndSlow, fullBps, confirm }).map(({ periods, ...rest }) => {
		return { kind, fast: Math.min(...periods), slow: Math.max(...periods), ...rest };
	});
const specs = {
	'sma-cross': crossSpec('sma-cross'),
	'ema-cross': crossSpec('ema-cross'),
	rsi: fc.record({
		kind: fc.constant('rsi' as const),
		period: period(2),
		oversold: fc.integer({ min: 0, max: 49 }),
		overbought: fc.integer({ min: 51, max: 100 }),
		confirm,
	}),
	macd: fc.record({ periods: fastAndSlow, signal: period(2), fullBps, confirm }).map(({ periods, ...rest }) => {
		return { kind: 'macd' as const, fast: Math.min(...periods), slow: Math.max(...periods), ...rest };
	}),
	bollinger: fc.record({
		kind: fc.constant('bollinger' as const),
		period: period(2),
		deviations: fc.constantFrom(0.5, 2, 10),
		confirm,
	}),
	momentum: fc.record({ kind: fc.constant('momentum' as const), period: period(1), fullBps, confirm }),
} satisfies { [Kind in BarModelSpec['kind']]: fc.Arbitrary<BarModelSpec> };
const anySpec: fc.Arbitrary<BarModelSpec> = fc.oneof(...Object.values(specs));

/** A walk in ratios: calm or wild, at any price, with stretches that do not move and now and then a jump. */
const anyMarket = fc.record({
	seed: fc.nat(),
	startPrice: fc.constantFrom(0.000_012_3, 0.1, 7, 64_000.5, 3e6),
	stepShare: fc.constantFrom(0.0002, 0.002, 0.02),
	stillShare: fc.constantFrom(0, 0.3, 0.9),
	jumpShare: fc.constantFrom(0, 0.002),
});
type Market = typeof anyMarket extends fc.Arbitrary<infer Value> ? Value : never;

function walk({ seed, startPrice, stepShare, stillShare, jumpShare }: Market, count: number): number[] {
	const rng = seededRng(seed);
	const prices: number[] = [startPrice];
	while (prices.length < count) {
		const before = prices.at(-1) as number;
		const towardsStart = before > startPrice ? -0.1 : 0.1;
		const size = rng.next() < jumpShare ? 0.5 : stepShare;
		const step = (rng.next() * 2 - 1 + towardsStart) * size;
		prices.push(rng.next() < stillShare ? before : before * (1 + step));
	}
	return prices;
}

function valuesOf(model: SignalModel, prices: readonly number[]): (number | undefined)[] {
	return prices.map((close) => {
		model.applyBar({ close });
		return model.isReady ? model.value : undefined;
	});
}

/** The index of the first pair that is not the same to the tolerance, with both, or undefined. */
function firstDifference(found: readonly (number | undefined)[], expected: readonly (number | undefined)[]) {
	const index = expected.findIndex((each, at) => {
		const value = found[at];
		if (each === undefined || value === undefined) return each !== value;
		return !(Math.abs(value - each) <= TOLERANCE);
	});
	return index === -1 ? undefined : { index, found: found[index], expected: expected[index] };
}

describe.each(Object.entries(specs))('%s bar by bar', (_, anySpecOfKind: fc.Arbitrary<BarModelSpec>) => {
	test(`is what its definition makes of all ${BARS} bars at once`, () => {
		fc.assert(
			fc.property(anySpecOfKind, anyMarket, (spec, market) => {
				const prices = walk(market, BARS);
				const expected = plainValues(spec, prices).map((value) => value && Math.max(-1, Math.min(1, value)));
				expect(firstDifference(valuesOf(createModel(spec), prices), expected)).toBeUndefined();
			}),
			EXACT_RUNS,
		);
	});

	test('says the same twice, within its bounds, and nothing before it is ready', () => {
		fc.assert(
			fc.property(anySpecOfKind, anyMarket, (spec, market) => {
				const [model, twin] = [createModel(spec), createModel(spec)];
				for (const [index, close] of walk(market, 600).entries()) {
					model.applyBar({ close });
					twin.applyBar({ close });
					expect(model.isReady).toBe(index + 1 >= model.barsNeeded);
					if (!model.isReady) expect([model.value, model.confidence]).toEqual([0, 0]);
					expect(Math.abs(model.value)).toBeLessThanOrEqual(1);
					expect(model.confidence >= 0 && model.confidence <= 1).toBe(true);
					expect([twin.value, twin.confidence]).toEqual([model.value, model.confidence]);
				}
			}),
			{ numRuns: 30 },
		);
	});

	test('says the opposite of the mirrored market', () => {
		fc.assert(
			fc.property(anySpecOfKind, anyMarket, (spec, market) => {
				const prices = walk({ ...market, jumpShare: 0 }, 400);
				const mirror = 2 * Math.max(...prices);
				const [found, mirrored] = [
					valuesOf(createModel(mirrorOf(spec)), prices),
					valuesOf(
						createModel(spec),
						prices.map((price) => mirror - price),
					),
				];
				for (const [index, value] of found.entries()) {
					const other = mirrored[index];
					if (value === undefined || other === undefined || Math.abs(value) < TOLERANCE || Math.abs(other) < TOLERANCE) continue;
					expect(Math.sign(other)).toBe(-Math.sign(value));
				}
			}),
			{ numRuns: 50 },
		);
	});
});

/** Only what is bought low and sold high has thresholds of its own on either side. */
function mirrorOf(spec: BarModelSpec): BarModelSpec {
	return spec.kind === 'rsi' ? { ...spec, oversold: 100 - spec.overbought, overbought: 100 - spec.oversold } : spec;
}

test('a bar without a price above zero leaves no trace', () => {
	const badClose = fc.constantFrom(Number.NaN, 0, -1, Number.POSITIVE_INFINITY);
	fc.assert(
		fc.property(anySpec, anyMarket, fc.array(fc.tuple(fc.nat(299), badClose), { minLength: 1 }), (spec, market, bad) => {
			const prices = walk(market, 300);
			const clean = valuesOf(createModel(spec), prices);
			const model = createModel(spec);
			const soiled = prices.map((price, index) => {
				for (const [at, close] of bad) if (at === index) model.applyBar({ close });
				model.applyBar({ close: price });
				return model.isReady ? model.value : undefined;
			});
			expect(soiled).toEqual(clean);
		}),
		RUNS,
	);
});

test('what is ours says what the library says where the market moves', () => {
	fc.assert(
		fc.property(anyMarket, fc.integer({ min: 2, max: 40 }), (market, length) => {
			const prices = walk({ ...market, stillShare: 0 }, 500);
			const [sma, rsi, bands, roc] = [new SMA(length), new RSI(length), new BollingerBands(length, 2), new ROC(length)];
			const macd = new MACD(new EMA(length), new EMA(2 * length), new EMA(9));
			const averages = { kind: 'sma-cross', fast: 1, slow: length, fullBps: 10_000, confirm: 1 } as const;
			const cross = valuesOf(createModel(averages), prices);
			const strength = valuesOf(createModel({ ...MODEL_DEFAULTS.rsi, period: length, oversold: 0, overbought: 100 }), prices);
			const place = valuesOf(createModel({ ...MODEL_DEFAULTS.bollinger, period: length, deviations: 10 }), prices);
			const change = valuesOf(createModel({ ...MODEL_DEFAULTS.momentum, period: length, fullBps: 10_000 }), prices);
			const crossing = { ...MODEL_DEFAULTS.macd, fast: length, slow: 2 * length, signal: 9, fullBps: 10_000 };
			const histogram = valuesOf(createModel(crossing), prices);
			for (const [index, price] of prices.entries()) {
				const [average, index100, band] = [sma.add(price), rsi.add(price), bands.add(price)];
				const [changed, apart] = [roc.add(price), macd.add(price)];
				if (changed !== null) expect(change[index]).toBeCloseTo(Math.min(1, changed), 9);
				if (histogram[index] !== undefined) expect(histogram[index]).toBeCloseTo((apart?.histogram ?? 0) / price, 9);
				if (average !== null) expect(cross[index]).toBeCloseTo(Math.min(1, price / average - 1), 9);
				if (index100 !== null) expect(strength[index]).toBeCloseTo((50 - index100) / 50, 9);
				if (band !== null) expect(place[index]).toBeCloseTo((band.middle - price) / (5 * (band.upper - band.middle)), 9);
			}
		}),
		{ numRuns: 50 },
	);
});

describe('combined', () => {
	const weight = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e6, noNaN: true }));
	const parts = fc
		.array(fc.record({ spec: anySpec, weight }), { minLength: 1, maxLength: 5 })
		.filter((list) => list.some((part) => part.weight > 0));
	const combine = (list: readonly { readonly spec: ModelSpec; readonly weight: number }[]) =>
		combineModels(list.map(({ spec, weight: each }) => ({ model: createModel(spec), weight: each })));

	test('stays within its bounds, is ready with its first part, and is the mean of those that are', () => {
		fc.assert(
			fc.property(parts, anyMarket, (list, market) => {
				const whole = combine(list);
				const single = list.map(({ spec }) => createModel(spec));
				for (const close of walk(market, 300)) {
					whole.applyBar({ close });
					for (const model of single) model.applyBar({ close });
					expect(Math.abs(whole.value)).toBeLessThanOrEqual(1);
					expect(whole.confidence >= 0 && whole.confidence <= 1).toBe(true);
					const ready = list.flatMap((part, index) => {
						const model = single[index] as SignalModel;
						return model.isReady && part.weight > 0 ? [{ value: model.value, weight: part.weight }] : [];
					});
					expect(whole.isReady).toBe(ready.length > 0);
					const weights = ready.reduce((sum, each) => sum + each.weight, 0);
					const mean = ready.reduce((sum, each) => sum + each.weight * each.value, 0) / (weights || 1);
					expect(Math.abs(whole.value - mean)).toBeLessThanOrEqual(TOLERANCE);
				}
			}),
			{ numRuns: 50 },
		);
	});

	test('a part without weight changes nothing', () => {
		fc.assert(
			fc.property(parts, anySpec, anyMarket, (list, mute, market) => {
				const prices = walk(market, 200);
				const [without, withMute] = [combine(list), combine([...list, { spec: mute, weight: 0 }])];
				expect(valuesOf(withMute, prices)).toEqual(valuesOf(without, prices));
				expect(withMute.confidence).toBe(without.confidence);
				expect(withMute.barsNeeded).toBe(without.barsNeeded);
			}),
			RUNS,
		);
	});

	test('a part that is never heard of leaves the value to the others and takes its weight from the confidence', () => {
		fc.assert(
			fc.property(anySpec, fc.double({ min: 0.1, max: 100, noNaN: true }), anyMarket, (spec, missing, market) => {
				const prices = walk(market, 500);
				const alone = createModel(spec);
				const whole = combine([
					{ spec, weight: 1 },
					{ spec: MODEL_DEFAULTS['book-imbalance'], weight: missing },
				]);
				expect(valuesOf(whole, prices)).toEqual(valuesOf(alone, prices));
				expect(whole.confidence).toBeCloseTo(alone.confidence / (1 + missing), 9);
			}),
			RUNS,
		);
	});
});
