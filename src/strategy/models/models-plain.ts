/**
 * What each kind of model means, worked out from all prices at once: the specification that the ones which take bar by bar
 * are held to. It builds arrays without end and is for tests and benchmarks only.
 */
import type { ModelSpec } from './model-spec.ts';

export type BarModelSpec = Exclude<ModelSpec, { readonly kind: 'book-imbalance' }>;
type Values = readonly (number | undefined)[];

const BPS = 1e4;

/** The value after each price, not yet cut to -1 to 1; undefined where it is not ready. */
export function plainValues(spec: BarModelSpec, prices: readonly number[]): Values {
	switch (spec.kind) {
		case 'sma-cross': {
			const fast = means(prices, spec.fast);
			return gaps(prices.length, { from: spec.slow, fast, slow: means(prices, spec.slow), fullBps: spec.fullBps });
		}
		case 'ema-cross': {
			const fast = emas(prices, spec.fast);
			return gaps(prices.length, { from: spec.slow, fast, slow: emas(prices, spec.slow), fullBps: spec.fullBps });
		}
		case 'rsi':
			return rsiValues(spec, prices);
		case 'macd':
			return macdValues(spec, prices);
		case 'bollinger':
			return prices.map((price, index) => {
				const window = lastOf(prices, index, spec.period);
				if (window.length < spec.period) return undefined;
				// Counted from the last price, or rounding would hide the small moves of a large one.
				const above = window.map((each) => each - price);
				const middle = mean(above);
				const deviation = Math.sqrt(mean(above.map((each) => (each - middle) ** 2)));
				return deviation === 0 ? 0 : middle / (spec.deviations * deviation);
			});
		case 'momentum':
			return prices.map((price, index) => {
				const before = prices[index - spec.period];
				return before === undefined ? undefined : ((price / before - 1) * BPS) / spec.fullBps;
			});
	}
}

interface Gap {
	/** Prices that it takes. */
	readonly from: number;
	readonly fast: readonly number[];
	readonly slow: readonly number[];
	readonly fullBps: number;
}

function gaps(count: number, { from, fast, slow, fullBps }: Gap): Values {
	return Array.from({ length: count }, (_, index) =>
		index + 1 < from ? undefined : (((fast[index] as number) / (slow[index] as number) - 1) * BPS) / fullBps,
	);
}

function rsiValues(spec: Extract<BarModelSpec, { kind: 'rsi' }>, prices: readonly number[]): Values {
	const changes = prices.slice(1).map((price, index) => price - (prices[index] as number));
	const means = (sign: 1 | -1) =>
		wilderMeans(
			changes.map((change) => Math.max(sign * change, 0)),
			spec.period,
		);
	const [rises, falls] = [means(1), means(-1)];
	return prices.map((_, index) => {
		const [rise, fall] = [rises[index - 1], falls[index - 1]];
		if (rise === undefined || fall === undefined) return undefined;
		const strength = rise === 0 && fall === 0 ? 50 : 100 - 100 / (1 + rise / fall);
		return strength > 50 ? (50 - strength) / (spec.overbought - 50) : (50 - strength) / (50 - spec.oversold);
	});
}

function macdValues(spec: Extract<BarModelSpec, { kind: 'macd' }>, prices: readonly number[]): Values {
	const slows = emas(prices, spec.slow);
	const distances = emas(prices, spec.fast).map((fast, index) => fast - (slows[index] as number));
	const firstIndex = spec.slow - 1;
	const averages = emas(distances.slice(firstIndex), spec.signal);
	return prices.map((price, index) => {
		if (index < firstIndex + spec.signal - 1) return undefined;
		const histogram = (distances[index] as number) - (averages[index - firstIndex] as number);
		return ((histogram / price) * BPS) / spec.fullBps;
	});
}

function means(values: readonly number[], period: number): number[] {
	return values.map((_, index) => mean(lastOf(values, index, period)));
}

function lastOf(values: readonly number[], index: number, count: number): readonly number[] {
	return values.slice(Math.max(0, index + 1 - count), index + 1);
}

function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Begun at the first value; each later one counts for 2 / (period + 1). */
function emas(values: readonly number[], period: number): number[] {
	const share = 2 / (period + 1);
	const averages: number[] = [];
	for (const value of values) averages.push(value * share + (averages.at(-1) ?? value) * (1 - share));
	return averages;
}

/** Begun at the plain mean of the first `period` values; each later one counts for 1 / period. */
function wilderMeans(values: readonly number[], period: number): (number | undefined)[] {
	const averages: (number | undefined)[] = [];
	for (const [index, value] of values.entries()) {
		const before = averages.at(-1);
		if (before !== undefined) averages.push((before * (period - 1) + value) / period);
		else averages.push(index + 1 < period ? undefined : mean(values.slice(0, period)));
	}
	return averages;
}
