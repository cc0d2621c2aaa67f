/**
 * The last value of each kind of model, worked out from the prices again: what a desk pays at every bar that keeps prices
 * and nothing else. No arrays are built; models with a window look at it only, models that fade at all there is.
 */
import type { BarModelSpec } from '../../src/strategy/models/models-plain.ts';

type Prices = Float64Array;

/** After the first `count` of these prices, which are enough. */
export function recompute(spec: BarModelSpec, prices: Prices, count: number): number {
	return Math.max(-1, Math.min(1, uncut(spec, prices, count)));
}

function uncut(spec: BarModelSpec, prices: Prices, count: number): number {
	const last = prices[count - 1] as number;
	switch (spec.kind) {
		case 'sma-cross': {
			const slow = mean(prices, count - spec.slow, count);
			return ((mean(prices, count - spec.fast, count) - slow) / slow / spec.fullBps) * 1e4;
		}
		case 'ema-cross': {
			const slow = ema(prices, count, spec.slow);
			return ((ema(prices, count, spec.fast) - slow) / slow / spec.fullBps) * 1e4;
		}
		case 'rsi':
			return rsi(spec, prices, count);
		case 'macd':
			return ((macdHistogram(spec, prices, count) / last) * 1e4) / spec.fullBps;
		case 'bollinger': {
			const middle = mean(prices, count - spec.period, count);
			let squares = 0;
			for (let index = count - spec.period; index < count; index++) squares += ((prices[index] as number) - middle) ** 2;
			return (middle - last) / (spec.deviations * Math.sqrt(squares / spec.period));
		}
		case 'momentum':
			return ((last / (prices[count - 1 - spec.period] as number) - 1) * 1e4) / spec.fullBps;
	}
}

function mean(prices: Prices, from: number, to: number): number {
	let sum = 0;
	for (let index = from; index < to; index++) sum += prices[index] as number;
	return sum / (to - from);
}

function ema(prices: Prices, count: number, period: number): number {
	const share = 2 / (period + 1);
	let average = prices[0] as number;
	for (let index = 1; index < count; index++) average += ((prices[index] as number) - average) * share;
	return average;
}

function rsi({ period, oversold, overbought }: Extract<BarModelSpec, { kind: 'rsi' }>, prices: Prices, count: number): number {
	let rise = 0;
	let fall = 0;
	for (let index = 1; index < count; index++) {
		const change = (prices[index] as number) - (prices[index - 1] as number);
		const share = 1 / Math.min(index, period);
		rise += (Math.max(change, 0) - rise) * share;
		fall += (Math.max(-change, 0) - fall) * share;
	}
	const strength = (100 * rise) / (rise + fall);
	return (50 - strength) / (strength < 50 ? 50 - oversold : overbought - 50);
}

function macdHistogram(spec: Extract<BarModelSpec, { kind: 'macd' }>, prices: Prices, count: number): number {
	const [fastShare, slowShare, share] = [2 / (spec.fast + 1), 2 / (spec.slow + 1), 2 / (spec.signal + 1)];
	let fast = prices[0] as number;
	let slow = fast;
	let average = Number.NaN;
	for (let index = 1; index < count; index++) {
		const price = prices[index] as number;
		fast += (price - fast) * fastShare;
		slow += (price - slow) * slowShare;
		if (index === spec.slow - 1) average = fast - slow;
		else average += (fast - slow - average) * share;
	}
	return fast - slow - average;
}
