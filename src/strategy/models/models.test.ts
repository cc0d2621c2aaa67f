/** Each kind of model on a market that can be checked by hand, and what their descriptions are refused for. */
import { describe, expect, test } from 'vitest';
import { combineModels } from './combined.ts';
import { createModel } from './create-model.ts';
import { type SignalModel, signalOf } from './model.ts';
import { MODEL_DEFAULTS, MODEL_KINDS, type ModelSpec, parseModelSpec } from './model-spec.ts';

function fed(spec: ModelSpec, prices: readonly number[]): SignalModel {
	const model = createModel(spec);
	for (const close of prices) model.applyBar({ close });
	return model;
}

const side = (...quantities: readonly number[]) => quantities.map((qty, index) => ({ price: 100 + index, qty }));

describe('what each kind says', () => {
	const once = { confirm: 1 } as const;
	const cases: { name: string; spec: ModelSpec; prices: readonly number[]; value: number }[] = [
		{
			name: 'fast average 1 % above the slow one',
			spec: { kind: 'sma-cross', fast: 1, slow: 2, fullBps: 1000, ...once },
			prices: [98, 102],
			value: 0.2,
		},
		{
			name: 'fast average below the slow one',
			spec: { kind: 'sma-cross', fast: 1, slow: 2, fullBps: 1000, ...once },
			prices: [102, 98],
			value: -0.2,
		},
		{
			name: 'a gap beyond the full one',
			spec: { kind: 'sma-cross', fast: 1, slow: 2, fullBps: 50, ...once },
			prices: [98, 102],
			value: 1,
		},
		{
			name: 'exponential averages',
			spec: { kind: 'ema-cross', fast: 1, slow: 3, fullBps: 10_000, ...once },
			prices: [100, 100, 120],
			value: 10 / 110,
		},
		{ name: 'nothing but falls: oversold', spec: { ...MODEL_DEFAULTS.rsi, period: 2 }, prices: [100, 99, 98], value: 1 },
		{ name: 'nothing but rises: overbought', spec: { ...MODEL_DEFAULTS.rsi, period: 2 }, prices: [100, 101, 102], value: -1 },
		{
			name: 'rises three fifths of all movement',
			spec: { ...MODEL_DEFAULTS.rsi, period: 2 },
			prices: [100, 103, 101],
			value: -0.5,
		},
		{ name: 'no movement at all', spec: { ...MODEL_DEFAULTS.rsi, period: 2 }, prices: [100, 100, 100], value: 0 },
		{ name: 'the lower band', spec: { kind: 'bollinger', period: 2, deviations: 1, ...once }, prices: [102, 98], value: 1 },
		{
			name: 'half-way to the upper band',
			spec: { kind: 'bollinger', period: 2, deviations: 2, ...once },
			prices: [98, 102],
			value: -0.5,
		},
		{
			name: 'bands without width',
			spec: { kind: 'bollinger', period: 2, deviations: 2, ...once },
			prices: [0.1, 0.1, 0.1],
			value: 0,
		},
		{
			name: 'half a per cent up in two bars',
			spec: { kind: 'momentum', period: 2, fullBps: 100, ...once },
			prices: [200, 7, 201],
			value: 0.5,
		},
		{
			name: 'distance rising above its average',
			spec: { kind: 'macd', fast: 1, slow: 2, signal: 2, fullBps: 10_000, ...once },
			prices: [90, 90, 90, 120],
			value: (10 - 20 / 3) / 120,
		},
	];
	test.each(cases)('$name', ({ spec, prices, value }) => {
		expect(fed(spec, prices).value).toBeCloseTo(value, 12);
	});

	test('a model of books hears no bars, and one of bars no books', () => {
		const ofBooks = createModel(MODEL_DEFAULTS['book-imbalance']);
		const ofBars = createModel({ ...MODEL_DEFAULTS.momentum, period: 1 });
		for (const model of [ofBooks, ofBars]) model.applyBar({ close: 100 });
		expect(ofBooks.isReady).toBe(false);
		ofBars.applyBook({ bids: side(1), asks: side(2) });
		expect(ofBars.isReady).toBe(false);
	});

	test.each([
		{ name: 'more bid for than offered', bids: side(3), asks: side(1), value: 0.5 },
		{ name: 'more offered', bids: side(1), asks: side(3), value: -0.5 },
		{ name: 'levels beyond the counted ones', bids: side(1, 1, 50), asks: side(1, 1), value: 0 },
		{ name: 'an empty side', bids: side(1), asks: [], value: 0 },
		{ name: 'depth beyond measure', bids: side(1e308, 1e308), asks: side(1e308, 1e308), value: 0 },
	])('book imbalance: $name', ({ bids, asks, value }) => {
		const model = createModel({ kind: 'book-imbalance', levels: 2, confirm: 1 });
		model.applyBook({ bids, asks });
		expect(model).toMatchObject({ isReady: true, value });
	});
});

test('confidence grows with readings that point the same way and starts anew with a turn', () => {
	const model = createModel({ kind: 'momentum', period: 1, fullBps: 100, confirm: 3 });
	const confidences = [100, 101, 102, 103, 104, 103, 102, 102, 103].map((close) => {
		model.applyBar({ close });
		return Math.round(model.confidence * 3);
	});
	expect(confidences).toEqual([0, 1, 2, 3, 3, 1, 2, 0, 1]);
});

describe('combined', () => {
	const up = () => fed({ kind: 'momentum', period: 1, fullBps: 100, confirm: 1 }, [100, 101]);
	const down = () => fed({ kind: 'momentum', period: 1, fullBps: 100, confirm: 2 }, [101, 100.495]);
	const unready = () => createModel(MODEL_DEFAULTS.macd);

	test.each([
		{ name: 'two of one mind', parts: [up(), up()], weights: [1, 3], value: 1, confidence: 1 },
		{ name: 'two at odds', parts: [up(), down()], weights: [3, 1], value: 0.625, confidence: 0.75 },
		{ name: 'the larger weight wins', parts: [up(), down()], weights: [1, 7], value: -0.3125, confidence: 0.4375 },
		{ name: 'a part that is not ready', parts: [up(), unready()], weights: [1, 3], value: 1, confidence: 0.25 },
		{ name: 'nobody is ready', parts: [unready()], weights: [1], value: 0, confidence: 0 },
	])('$name', ({ parts, weights, value, confidence }) => {
		const whole = combineModels(parts.map((model, index) => ({ model, weight: weights[index] as number })));
		expect(whole.value).toBeCloseTo(value, 12);
		expect(whole.confidence).toBeCloseTo(confidence, 12);
	});

	test('books and bars reach every part', () => {
		const book = createModel({ kind: 'book-imbalance', levels: 1, confirm: 1 });
		const bars = createModel({ kind: 'momentum', period: 1, fullBps: 100, confirm: 1 });
		const whole = combineModels([
			{ model: book, weight: 1 },
			{ model: bars, weight: 1 },
		]);
		expect(whole.barsNeeded).toBe(2);
		whole.applyBook({ bids: side(3), asks: side(1) });
		for (const close of [100, 101]) whole.applyBar({ close });
		expect(whole.value).toBe(0.75);
	});

	test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('a weight of %d is refused', (weight) => {
		expect(() => combineModels([{ model: up(), weight }])).toThrow(/the weight of momentum in combined is/);
	});

	test('weights that are all 0 are refused', () => {
		expect(() => combineModels([{ model: up(), weight: 0 }], 'mine')).toThrow('no part of mine has a weight above 0');
	});
});

test.each([
	{ value: 0.31, signal: 'BUY' },
	{ value: 0.3, signal: 'HOLD' },
	{ value: -0.2, signal: 'HOLD' },
	{ value: -0.21, signal: 'SELL' },
])('$value is $signal between -0.2 and 0.3', ({ value, signal }) => {
	expect(signalOf(value, { buyAbove: 0.3, sellBelow: -0.2 })).toBe(signal);
});

describe('descriptions', () => {
	test.each(MODEL_KINDS)('%s needs nothing but its kind', (kind) => {
		expect(parseModelSpec({ kind })).toEqual({ kind: 'ok', spec: MODEL_DEFAULTS[kind] });
		expect(createModel(MODEL_DEFAULTS[kind])).toMatchObject({ name: kind, isReady: false, value: 0, confidence: 0 });
	});

	test('keys are spelled as in a file or as in code', () => {
		const spec = { kind: 'macd', fast: 3, slow: 5, signal: 4, fullBps: 7, confirm: 1 };
		const { fullBps: full_bps, ...rest } = spec;
		expect(parseModelSpec({ ...rest, full_bps })).toEqual({ kind: 'ok', spec });
		expect(parseModelSpec(spec)).toEqual({ kind: 'ok', spec });
	});

	test.each([
		{ raw: {}, key: 'kind' },
		{ raw: { kind: 'astrology' }, key: 'kind' },
		{ raw: { kind: 'rsi', fast: 3 }, key: 'fast' },
		{ raw: { kind: 'ema-cross', fast: 26 }, key: 'slow' },
		{ raw: { kind: 'macd', slow: 12 }, key: 'slow' },
		{ raw: { kind: 'sma-cross', full_bps: 0 }, key: 'full_bps' },
		{ raw: { kind: 'rsi', oversold: 50 }, key: 'oversold' },
		{ raw: { kind: 'rsi', period: 2.5 }, key: 'period' },
		{ raw: { kind: 'bollinger', period: 1 }, key: 'period' },
		{ raw: { kind: 'momentum', confirm: 0 }, key: 'confirm' },
		{ raw: { kind: 'book-imbalance', levels: 0 }, key: 'levels' },
	])('$raw is refused by its $key', ({ raw, key }) => {
		expect(parseModelSpec(raw)).toMatchObject({ kind: 'refused', key });
		expect(() => createModel(raw as ModelSpec)).toThrow(`: ${key} is `);
	});
});
