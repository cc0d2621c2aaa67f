/**
 * What the engine's ways of asking and ordering are worth, measured on an exchange in a box: the same work one call after
 * the other and all at once, and each switch of the network layer off and on. Both sides of a row do the same work, at the
 * same box, in the same run; nothing in here is an estimate.
 */
import { mapConcurrent } from '../../network/map-concurrent.ts';
import { failed, ok } from '../../network/result.ts';
import { systemClock } from '../../network/system-clock.ts';
import type { BybitReads } from '../../venues/bybit/reads.ts';
import { openReads, openTrader, type Place, type ReadPlaceOptions, type Trader } from './speed-place.ts';

export const SPEED_ROWS = ['workflow', 'reads', 'portfolio', 'pooling', 'batching', 'retry'] as const;
export type SpeedRowName = (typeof SPEED_ROWS)[number];

export interface SpeedSide {
	readonly calls: number;
	/** Seconds for all of it; of pooling of one call in the middle; of batching and retry the share that failed. */
	readonly value: number;
}

export interface SpeedRow {
	readonly name: SpeedRowName;
	readonly about: string;
	readonly unit: 'seconds' | 'share';
	readonly before: SpeedSide;
	readonly after: SpeedSide;
	/** How many times less it is; nothing where nothing is left, and so there is none. */
	readonly ratio: number | undefined;
}

export interface SpeedReport {
	readonly symbols: number;
	readonly roundTripMs: number;
	readonly rows: readonly SpeedRow[];
}

/** Boxes that are this far away, each opened when it is needed. */
export interface SpeedBoxes {
	/** The venue's limits are lifted. */
	free(): Promise<Place>;
	/** The venue's own limits hold; a new one each time. */
	limited(): Promise<Place>;
	/** One reply in twenty is lost. */
	lossy(): Promise<Place>;
}

export interface SpeedOptions {
	readonly symbols: readonly string[];
	readonly roundTripMs: number;
	readonly boxes: SpeedBoxes;
	/** Before each row, and with none when all is done. */
	readonly onRow: (next: SpeedRowName | undefined, doneCount: number) => void;
}

/** Neither side of a row pays for the first handshakes. */
const WARM_CONNECTIONS = 110;
const BARS = { interval: '1', limit: 60 };
const BOOK_DEPTH = 20;
const ENTRY_NOTIONAL = 50;
const POOLING_CALLS = 25;
/** Longer than a connection that is not kept lives. */
const POOLING_PAUSE_MS = 10;
const LOSSY_CALLS = 400;
const LOSSY_TIMEOUT_MS = 400;
const LOSSY_AT_ONCE = 50;
/** What the venue takes of one address: so many calls in so long. */
const VENUE_LIMIT = { calls: 600, inMs: 5_000 };
/** Times what the venue takes. */
const FULL_DEMAND = 2.5;
const DEMAND_ROUNDS = 50;

const MEASURES: Readonly<Record<SpeedRowName, (options: SpeedOptions) => Promise<Omit<SpeedRow, 'name' | 'ratio'>>>> = {
	workflow: async ({ symbols, boxes }) => {
		const place = await boxes.free();
		const run = async (accountIndex: number, concurrency: number): Promise<SpeedSide> => {
			await using trader = await openTrader(place, { accountIndex, symbols, desk: { concurrency } });
			return await timed(
				async () => await runWorkflow(trader, symbols),
				() => trader.callCount,
			);
		};
		return {
			...{ about: 'price, book and candles, decision, order, accounts', unit: 'seconds' },
			...{ before: await run(0, 1), after: await run(1, symbols.length) },
		};
	},

	reads: async ({ symbols, boxes }) => {
		const place = await boxes.free();
		const before = await reading(place, async (reads) => {
			for (const symbol of symbols) {
				must(await reads.tickers('linear', symbol));
				must(await reads.orderBook('linear', symbol, BOOK_DEPTH));
				must(await reads.klines('linear', symbol, BARS));
			}
		});
		const after = await reading(place, async (reads) => {
			await Promise.all([
				reads.tickers('linear').then(must),
				...symbols.map((symbol) => reads.orderBook('linear', symbol, BOOK_DEPTH).then(must)),
				...symbols.map((symbol) => reads.klines('linear', symbol, BARS).then(must)),
			]);
		});
		return { about: 'prices, books and candles', unit: 'seconds', before, after };
	},

	portfolio: async ({ symbols, boxes }) => {
		const place = await boxes.free();
		const before = await reading(place, async (reads) => {
			for (const symbol of symbols) {
				must(await reads.positions({ category: 'linear', symbol }));
				must(await reads.tickers('linear', symbol));
			}
			must(await reads.wallet());
		});
		const after = await reading(place, async (reads) => {
			await Promise.all([
				reads.positions({ category: 'linear', settleCoin: 'USDT' }).then(must),
				reads.tickers('linear').then(must),
				reads.wallet().then(must),
			]);
		});
		return { about: 'positions, marks and wallet', unit: 'seconds', before, after };
	},

	pooling: async ({ symbols, boxes }) => {
		const place = await boxes.free();
		const [symbol = ''] = symbols;
		const run = async (isPooling: boolean): Promise<SpeedSide> => {
			await using opened = await openReads(place, { isPooling });
			const took: number[] = [];
			// The first one opens a connection either way.
			must(await opened.reads.tickers('linear', symbol));
			for (let count = 0; count < POOLING_CALLS; count += 1) {
				await pause(POOLING_PAUSE_MS);
				const { value } = await timed(
					async () => must(await opened.reads.tickers('linear', symbol)),
					() => 0,
				);
				took.push(value);
			}
			return { calls: opened.callCount, value: took.toSorted((one, other) => one - other)[took.length >> 1] ?? Number.NaN };
		};
		return {
			about: 'one call, with a connection of its own or a kept one',
			unit: 'seconds',
			before: await run(false),
			after: await run(true),
		};
	},

	batching: async ({ symbols, boxes }) => {
		const everyMs = (VENUE_LIMIT.inMs * symbols.length) / (VENUE_LIMIT.calls * FULL_DEMAND);
		const rounds = Math.max(DEMAND_ROUNDS, Math.ceil(VENUE_LIMIT.inMs / everyMs));
		const run = async (ask: (reads: BybitReads) => readonly Promise<Asked>[]): Promise<SpeedSide> => {
			// One each: what asks too often is turned away for a long time.
			await using opened = await openReads(await boxes.limited(), { retriesMax: 0 });
			const asked: Promise<Asked>[] = [];
			for (let round = 0; round < rounds; round += 1) {
				asked.push(...ask(opened.reads));
				await pause(everyMs);
			}
			return { calls: opened.callCount, value: failedShare(await Promise.all(asked)) };
		};
		const before = await run((reads) => symbols.map((symbol) => reads.tickers('linear', symbol)));
		const after = await run((reads) => [reads.tickers('linear')]);
		return {
			about: `refused by the venue when prices are asked for at ${FULL_DEMAND} times its limit`,
			unit: 'share',
			before,
			after,
		};
	},

	retry: async ({ symbols, boxes }) => {
		const place = await boxes.lossy();
		const run = async (options: ReadPlaceOptions): Promise<SpeedSide> => {
			await using opened = await openReads(place, { timeoutMs: LOSSY_TIMEOUT_MS, ...options });
			const calls = Array.from({ length: LOSSY_CALLS }, (_, index) => symbols[index % symbols.length] ?? '');
			const results = await mapConcurrent(
				calls,
				async (symbol) => {
					const read = await opened.reads.orderBook('linear', symbol, BOOK_DEPTH);
					return read.kind === 'ok' ? ok(read) : failed({ reason: 'error', class: read.class, detail: read.sentence });
				},
				{ concurrency: LOSSY_AT_ONCE, settle: true },
			);
			return { calls: opened.callCount, value: failedShare(results) };
		};
		return {
			...{ about: 'failed of those calls of which one reply in twenty is lost', unit: 'share' },
			...{ before: await run({ retriesMax: 0 }), after: await run({}) },
		};
	},
};

export async function measureSpeed(options: SpeedOptions): Promise<SpeedReport> {
	const rows: SpeedRow[] = [];
	for (const name of SPEED_ROWS) {
		options.onRow(name, rows.length);
		const measured = await MEASURES[name](options);
		const { before, after } = measured;
		rows.push({ name, ...measured, ratio: after.value === 0 ? undefined : before.value / after.value });
	}
	options.onRow(undefined, rows.length);
	return { symbols: options.symbols.length, roundTripMs: options.roundTripMs, rows };
}

async function runWorkflow({ desk }: Trader, symbols: readonly string[]): Promise<void> {
	const results = await desk.executeMultiSymbolWorkflow(
		symbols.map((symbol) => ({ symbol, quantity: { notional: ENTRY_NOTIONAL } })),
	);
	for (const result of results) {
		if (result.kind === 'failed') throw new Error(`${result.symbol} failed at ${result.stage}: ${result.reason}`);
		if (result.order?.state !== 'filled')
			throw new Error(`${result.symbol} was not bought or sold: ${JSON.stringify(result.reasons)}`);
	}
}

type Asked = { readonly kind: 'ok' } | { readonly kind: 'failed'; readonly sentence: string };

function must(asked: Asked): void {
	if (asked.kind === 'failed') throw new Error(asked.sentence);
}

function failedShare(results: readonly { readonly kind: 'ok' | 'failed' }[]): number {
	return results.filter(({ kind }) => kind === 'failed').length / results.length;
}

async function reading(place: Place, work: (reads: BybitReads) => Promise<void>): Promise<SpeedSide> {
	await using opened = await openReads(place);
	await Promise.all(Array.from({ length: WARM_CONNECTIONS }, () => opened.reads.serverTimeMs()));
	const before = opened.callCount;
	return await timed(
		async () => await work(opened.reads),
		() => opened.callCount - before,
	);
}

async function timed(work: () => Promise<void>, callCount: () => number): Promise<SpeedSide> {
	const clock = systemClock();
	const [startedMono, callsBefore] = [clock.monotonicMs(), callCount()];
	await work();
	return { calls: callCount() - callsBefore, value: (clock.monotonicMs() - startedMono) / 1_000 };
}

async function pause(ms: number): Promise<void> {
	await new Promise<void>((resolve) => systemClock().after(ms, resolve));
}
