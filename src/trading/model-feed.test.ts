import { describe, expect, test } from 'vitest';
import { BTCUSDT, ETHUSDT } from '../../test/fixtures/instruments.ts';
import type { Instrument } from '../domain/instrument.ts';
import { BAR_MS, type Bar, type BarHeard, type BookRead, type MarketReader } from '../domain/market-read.ts';
import { timeMs } from '../domain/units.ts';
import { pass, START_MS, virtualClock } from '../network/in-virtual-time.suite.ts';
import { createModel } from '../strategy/models/create-model.ts';
import { MODEL_DEFAULTS } from '../strategy/models/model-spec.ts';
import { type FedModel, type FedSymbol, ModelFeed, type ModelFeedOptions, type ModelSignal } from './model-feed.ts';

const MINUTE_MS = BAR_MS['1m'];
const FIRST = START_MS / MINUTE_MS;

/** Closes at 100, and a hundredth of it higher at each minute from the start on. */
function barOf(number: number): Bar {
	const close = number < FIRST ? 100 : 101 + number - FIRST;
	const [startAtMs, endAtMs] = [timeMs(number * MINUTE_MS), timeMs((number + 1) * MINUTE_MS - 1)];
	return { startAtMs, endAtMs, open: close, high: close, low: close, close, volume: 1 };
}

type SymbolOf = (instrument: Instrument, makeModels?: () => readonly FedModel[]) => FedSymbol;
const BOTH = (symbolOf: SymbolOf): readonly FedSymbol[] => [symbolOf(BTCUSDT), symbolOf(ETHUSDT)];

const QUIET: FedModel = {
	name: 'quiet',
	barsNeeded: 12,
	isReady: true,
	value: 0,
	confidence: 0,
	applyBar: () => {},
	applyBook: () => {},
};

function feedOn(given: Partial<ModelFeedOptions> = {}, symbols = BOTH) {
	const clock = virtualClock();
	const state = { isDown: new Set<string>(), activeCount: 0, activeMost: 0, reads: 0 };
	const listeners = new Map<Instrument, BarHeard>();
	const reader: Pick<MarketReader, 'bars' | 'followBars'> = {
		bars: (instrument, { count }) => {
			state.reads += 1;
			state.activeCount += 1;
			state.activeMost = Math.max(state.activeMost, state.activeCount);
			return new Promise((resolve) =>
				clock.after(100, () => {
					state.activeCount -= 1;
					const next = Math.floor(clock.wallMs() / MINUTE_MS);
					if (state.isDown.has(instrument.symbol)) resolve({ kind: 'failed', class: 'transient', sentence: 'down' });
					else resolve({ kind: 'ok', value: Array.from({ length: count }, (_, at) => barOf(next - count + at)) });
				}),
			);
		},
		followBars: (instrument, _interval, heard) => {
			listeners.set(instrument, heard);
			return { [Symbol.dispose]: () => void listeners.delete(instrument) };
		},
	};
	const stream = (number: number): void => {
		clock.after((number + 1) * MINUTE_MS + 200 - clock.wallMs(), () => {
			for (const [instrument, heard] of listeners) if (!state.isDown.has(instrument.symbol)) heard(barOf(number), true);
			stream(number + 1);
		});
	};
	stream(FIRST);
	const signals: ModelSignal[] = [];
	const notes: string[] = [];
	const momentum = { ...MODEL_DEFAULTS.momentum, period: 2, fullBps: 1_000, confirm: 1 };
	const symbolOf: SymbolOf = (instrument, makeModels = () => [createModel(momentum)]) => {
		return { symbol: instrument.symbol, instrument, reader, makeModels };
	};
	const feed = new ModelFeed({
		clock,
		symbols: symbols(symbolOf),
		interval: '1m',
		historyCount: 10,
		sink: (signal) => signals.push(signal),
		onNote: ({ symbol, kind }) => notes.push(`${symbol} ${kind}`),
		...given,
	});
	return { feed, clock, state, signals, notes, listeners };
}

describe('a feed of models', () => {
	test('tells what each model says after the history and after every bar, and until when it counts', async () => {
		const { feed, clock, signals } = feedOn();
		void feed.start();
		await pass(clock, 2 * MINUTE_MS + 1_000);
		const told = signals.filter(({ symbol }) => symbol === 'BTCUSDT');
		expect(told.map(({ value }) => value)).toEqual([0, expect.closeTo(0.1, 9), expect.closeTo(0.2, 9)]);
		expect(told.at(-1)).toMatchObject({
			instrument: BTCUSDT,
			source: 'momentum',
			confidence: 1,
			atMs: START_MS + 2 * MINUTE_MS - 1,
			expiresAtMs: START_MS + 4 * MINUTE_MS - 1,
		});
		expect(feed.lastBarOf('BTCUSDT')).toEqual(barOf(FIRST + 1));
		expect(feed.modelsOf('BTCUSDT')[0]?.value).toBeCloseTo(0.2, 9);
		expect([feed.modelsOf('SOLUSDT'), feed.lastBarOf('SOLUSDT')]).toEqual([[], undefined]);
	});

	test('shows a model each bar of its history once, and none of it again', async () => {
		const seen: number[] = [];
		const counting: FedModel = {
			...QUIET,
			applyBar: (bar) => seen.push(bar.startAtMs / MINUTE_MS - FIRST),
		};
		const { feed, clock, state } = feedOn({}, (symbolOf) => [symbolOf(BTCUSDT, () => [counting])]);
		void feed.start();
		await pass(clock, 3 * MINUTE_MS + 1_000);
		expect(seen).toEqual(Array.from({ length: 15 }, (_, at) => at - 12));
		expect(state.reads).toBe(1);
	});

	test('one symbol that cannot be read costs the others nothing', async () => {
		const { feed, clock, signals, state, notes } = feedOn();
		state.isDown.add('BTCUSDT');
		void feed.start();
		await pass(clock, MINUTE_MS + 1_000);
		expect(signals.map(({ symbol }) => symbol)).toEqual(['ETHUSDT', 'ETHUSDT']);
		state.isDown.clear();
		await pass(clock, MINUTE_MS);
		expect(signals.some(({ symbol }) => symbol === 'BTCUSDT')).toBe(true);
		expect(notes).toEqual(['BTCUSDT behind', 'BTCUSDT complete']);
	});

	test('reads no more histories at once than it may', async () => {
		const nine = (symbolOf: SymbolOf) => Array.from({ length: 9 }, (_, at) => ({ ...symbolOf(BTCUSDT), symbol: `S${at}` }));
		const { feed, clock, state, signals } = feedOn({ concurrency: 2 }, nine);
		void feed.start();
		await pass(clock, 1_000);
		expect([state.reads, state.activeMost, signals.length]).toEqual([9, 2, 9]);
	});
});

describe('books', () => {
	const bookOf = (bidQty: number, askQty: number): Pick<BookRead, 'bids' | 'asks'> => {
		return { bids: [{ price: 99, qty: bidQty }], asks: [{ price: 101, qty: askQty }] };
	};
	const imbalance = () => [createModel({ ...MODEL_DEFAULTS['book-imbalance'], confirm: 1 })];

	test('are looked at every so often, and told of when they say something else', async () => {
		let book: Pick<BookRead, 'bids' | 'asks'> | undefined = bookOf(3, 1);
		const { feed, clock, signals } = feedOn({ bookOf: () => book, bookEveryMs: 1_000 }, (symbolOf) => [
			symbolOf(BTCUSDT, imbalance),
		]);
		void feed.start();
		await pass(clock, 2_500);
		expect(signals).toMatchObject([{ source: 'book-imbalance', value: 0.5, expiresAtMs: START_MS + 6_000 }]);
		book = bookOf(1, 3);
		await pass(clock, 1_000);
		expect(signals.slice(1)).toMatchObject([{ value: -0.5 }]);
		book = undefined;
		await pass(clock, 1_000);
		expect(signals.slice(2)).toMatchObject([{ value: 0, confidence: 0 }]);
	});

	test('that say the same are told again before the last word is too old', async () => {
		const { feed, clock, signals } = feedOn({ bookOf: () => bookOf(3, 1), bookEveryMs: 1_000 }, (symbolOf) => [
			symbolOf(BTCUSDT, imbalance),
		]);
		void feed.start();
		await pass(clock, MINUTE_MS + 2_500);
		expect(signals.map(({ atMs }) => (atMs - START_MS) / 1_000)).toEqual(Array.from({ length: 21 }, (_, at) => 1 + 3 * at));
	});

	test('do not keep a model alive whose bars have ended', async () => {
		let bids = 1;
		const [book] = imbalance() as [FedModel];
		const both: FedModel = { ...QUIET, applyBook: (of) => book.applyBook(of) };
		Object.defineProperty(both, 'value', { get: () => book.value });
		const { feed, clock, signals, state } = feedOn({ bookOf: () => bookOf(bids++, 1), bookEveryMs: 1_000 }, (symbolOf) => [
			symbolOf(BTCUSDT, () => [both]),
		]);
		void feed.start();
		await pass(clock, 2_000);
		state.isDown.add('BTCUSDT');
		await pass(clock, 10 * MINUTE_MS);
		const last = signals.at(-1) as ModelSignal;
		expect(last.expiresAtMs).toBe(START_MS + 2 * MINUTE_MS - 1);
		expect(last.atMs).toBeLessThan(last.expiresAtMs);
	});

	test('do not have a model told of again that says what it said at its last bar', async () => {
		const { feed, clock, signals, state } = feedOn({ bookOf: () => bookOf(3, 1), bookEveryMs: 1_000 });
		state.isDown.add('ETHUSDT');
		void feed.start();
		await pass(clock, MINUTE_MS / 2);
		state.isDown.add('BTCUSDT');
		await pass(clock, 5 * MINUTE_MS);
		expect(signals).toHaveLength(1);
	});
});

test('models are made anew where bars are missing for good', async () => {
	const { feed, clock, state, signals } = feedOn();
	void feed.start();
	await pass(clock, 1_000);
	const [before] = feed.modelsOf('BTCUSDT');
	for (const symbol of ['BTCUSDT', 'ETHUSDT']) state.isDown.add(symbol);
	await pass(clock, 30 * MINUTE_MS);
	expect(feed.modelsOf('BTCUSDT')[0]).toBe(before);
	state.isDown.clear();
	await pass(clock, 2 * MINUTE_MS);
	expect(feed.modelsOf('BTCUSDT')[0]).not.toBe(before);
	// Of the last three prices, as of a history without a hole.
	const number = FIRST + 31;
	expect(signals.at(-1)?.value).toBeCloseTo(10 * (barOf(number).close / barOf(number - 2).close - 1), 9);
});

describe('a feed that is disposed', () => {
	test('is silent and lets go of what it followed', async () => {
		let looks = 0;
		const bookOf = () => {
			looks += 1;
			return undefined;
		};
		const { feed, clock, signals, state, listeners } = feedOn({ bookOf });
		void feed.start();
		await pass(clock, 1_500);
		feed[Symbol.dispose]();
		const before = [signals.length, state.reads, looks];
		expect(looks).toBeGreaterThan(0);
		await pass(clock, 5 * MINUTE_MS);
		expect([signals.length, state.reads, looks]).toEqual(before);
		expect(listeners.size).toBe(0);
	});

	test('reads no history that still waited for its turn', async () => {
		const nine = (symbolOf: SymbolOf) => Array.from({ length: 9 }, (_, at) => ({ ...symbolOf(BTCUSDT), symbol: `S${at}` }));
		const { feed, clock, state } = feedOn({ concurrency: 2 }, nine);
		void feed.start();
		await pass(clock, 50);
		feed[Symbol.dispose]();
		await pass(clock, MINUTE_MS);
		expect(state.reads).toBe(2);
	});
});
