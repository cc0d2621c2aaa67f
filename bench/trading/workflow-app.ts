/**
 * An app over real sockets with a desk for each contestant, which trade symbols of their own: what one of them holds is
 * nothing to the other. The journal is on the disk of the temporary folder, synced before an order leaves.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, type AppOptions, openApp } from '../../src/app/app.ts';
import { findSymbol } from '../../src/app/symbol-names.ts';
import type { MarketReader } from '../../src/domain/market-read.ts';
import { type OrderId, RUN_TAGS, runTagOf } from '../../src/domain/order-id.ts';
import { ENGINE_SETTINGS, type EngineSettings } from '../../src/engine/settings.ts';
import { systemClock } from '../../src/network/system-clock.ts';
import { systemRng } from '../../src/network/system-rng.ts';
import { systemTransport } from '../../src/network/system-transport.ts';
import { NO_METER } from '../../src/ports/meter.ts';
import { JournalStore } from '../../src/storage/journal-store.ts';
import { systemDisk } from '../../src/storage/system-disk.ts';
import { MarketData } from '../../src/trading/market-data.ts';
import type { FedModel } from '../../src/trading/model-feed.ts';
import { type TradeRequest, TradingDesk, type WorkflowRules } from '../../src/trading/workflow.ts';
import { type BenchBox, openBenchBox } from '../app/tick-box.ts';
import { openBybit } from '../app/tick-ours.ts';
import { workOf } from '../app/tick-work.ts';

const LIMITLESS = 1e12;
const SETTINGS: EngineSettings = {
	...ENGINE_SETTINGS,
	tick: { ...ENGINE_SETTINGS.tick, isManual: true, tickDeadlineMs: 60_000 },
	limits: {
		...ENGINE_SETTINGS.limits,
		orderNotionalMax: LIMITLESS,
		positionNotionalMax: LIMITLESS,
		grossNotionalMax: LIMITLESS,
		netNotionalMax: LIMITLESS,
		// A market that rests says nothing for a long time, and a machine that is busy with other things is no danger here.
		bookAgeMsMax: LIMITLESS,
		clockOffsetMsMax: LIMITLESS,
		journalDelayMsMax: LIMITLESS,
	},
};

const RULES: WorkflowRules = {
	name: 'bench',
	interval: '1m',
	barCount: 100,
	thresholds: { buyAbove: 0.5, sellBelow: -0.5, confidenceMin: 0 },
	entry: { type: 'market', slipBps: 50 },
	exits: { stopBps: 0, targetBps: 0, forMs: 0 },
	isDryRun: false,
};
const NOTIONAL = 50;
const WITHIN_MS = 60_000;

export interface DeskBench extends AsyncDisposable {
	/** All symbols of the contestant, bought and sold in turn: how many orders filled. */
	run(): Promise<number>;
	/** Reads that left since the start. */
	readonly callCount: number;
}

export interface Limits {
	readonly limits: 'off' | 'venue';
}

export async function openDesks(
	{ roundTripMs, names, limits }: { readonly roundTripMs: number; readonly names: readonly string[] } & Limits,
	contestants: Readonly<Record<string, { readonly symbols: readonly string[]; readonly concurrency: number }>>,
) {
	await using opening = new AsyncDisposableStack();
	const box = opening.use(await openBenchBox({ roundTripMs, symbolCount: names.length, limits }));
	const heard: TradingDesk<null>[] = [];
	const app = await openBenchApp({ box, names, limits }, heard, opening);
	const desks = Object.fromEntries(
		Object.entries(contestants).map(([name, contestant]) => [name, deskOf({ app, limits, name, ...contestant }, heard)]),
	);
	for (const desk of Object.values(desks)) opening.use(desk);
	return { desks, closing: opening.move() };
}

async function openBenchApp(
	{ box, names, limits }: { readonly box: BenchBox; readonly names: readonly string[] } & Limits,
	heard: readonly TradingDesk<null>[],
	opening: AsyncDisposableStack,
): Promise<App> {
	const clock = systemClock();
	const rng = systemRng();
	const transport = systemTransport({ clock, isAllowed: () => true });
	const folder = mkdtempSync(join(tmpdir(), 'evenkeel-bench-'));
	opening.defer(() => rmSync(folder, { recursive: true }));
	const journal = await JournalStore.open({ disk: systemDisk(), clock, folder: join(folder, 'journal') });
	if (journal.kind === 'refused') throw new Error(journal.sentence);
	opening.use(journal.store);
	opening.use(transport);
	const { venues, places } = openBybit(box, workOf(names), 'ws');
	const budget = { ...ENGINE_SETTINGS.budget, isEnabled: limits === 'venue' };
	const options: AppOptions = {
		...{ venues, symbols: places, quoting: [], engine: { ...SETTINGS, budget } },
		runTag: runTagOf(rng.below(RUN_TAGS)),
	};
	const opened = await openApp(options, {
		...{ clock, rng, transport, meter: NO_METER, journal: (sink) => journal.store.journalFor(sink, []) },
		onNote: (note) => {
			for (const desk of heard) desk.hear(note);
		},
	});
	if (opened.kind === 'refused') throw new Error(opened.sentences.join('; '));
	const troubles = await opened.app.start();
	if (troubles.length > 0) throw new Error(troubles.join('; '));
	opening.use(opened.app);
	return opened.app;
}

/** Wants what it is told to want. */
class Told implements FedModel {
	readonly name = 'told';
	readonly barsNeeded = 0;
	readonly isReady = true;
	readonly confidence = 1;
	readonly #of: { readonly value: number };

	constructor(of: { readonly value: number }) {
		this.#of = of;
	}

	get value(): number {
		return this.#of.value;
	}

	applyBar(): void {}

	applyBook(): void {}
}

interface DeskOf extends Limits {
	readonly app: App;
	readonly name: string;
	readonly symbols: readonly string[];
	readonly concurrency: number;
}

function deskOf({ app, limits, name, symbols, concurrency }: DeskOf, heard: TradingDesk<null>[]): DeskBench {
	const clock = systemClock();
	const wish = { value: -1 };
	const calls = { count: 0 };
	const instrumentOf = (symbol: string) => {
		const meant = findSymbol(symbol, app.instruments);
		return meant.kind === 'found' ? app.engine.market(meant.found.index)?.instrument : undefined;
	};
	const marketData = new MarketData({
		...{ readers: app.venues.map(({ market }) => counted(market, calls)), instrumentOf, clock },
		// Each run reads for itself.
		settings: { priceTtlMs: 1, bookTtlMs: 1, barsTtlMs: 1, isLimiting: limits === 'venue', withinMs: WITHIN_MS },
		listenerFailed: (error) => {
			throw error;
		},
	});
	const desk = new TradingDesk({
		door: {
			control: (action) => app.runtime.control(action),
			orderOf: (orderId) => app.engine.orders.get(orderId),
			orderFitsInMs: (index) => app.engine.orderFitsInMs(index, app.runtime.now().monoMs),
			instrumentOf,
		},
		...{ marketData, clock, makeModel: () => new Told(wish), portfolio: () => null },
		settings: { concurrency, withinMs: WITHIN_MS },
	});
	heard.push(desk);
	let runCount = 0;
	return {
		async run() {
			wish.value = -wish.value;
			runCount += 1;
			const requests = symbols.map((symbol): TradeRequest => {
				return { symbol, quantity: { notional: NOTIONAL }, decisionId: `${name} ${symbol} ${runCount}` };
			});
			const results = await desk.executeMultiSymbolWorkflow(RULES, requests);
			for (const result of results) {
				if (result.kind === 'failed') throw new Error(`${result.symbol}: ${result.stage}: ${result.reason}`);
				if (result.order?.state === 'filled') continue;
				const { reason } = app.engine.orders.get((result.order?.orderId ?? '') as OrderId) ?? {};
				throw new Error(`${result.symbol}: ${result.decision} ${result.reasons.join()} ${result.order?.state}: ${reason}`);
			}
			return results.length;
		},
		get callCount() {
			return calls.count;
		},
		[Symbol.asyncDispose]: () => marketData[Symbol.asyncDispose](),
	};
}

function counted(reader: MarketReader, calls: { count: number }): MarketReader {
	const count = (): void => {
		calls.count += 1;
	};
	return {
		venue: reader.venue,
		callCount: (asked) => reader.callCount(asked),
		prices: (...args) => {
			count();
			return reader.prices(...args);
		},
		orderBook: (...args) => {
			count();
			return reader.orderBook(...args);
		},
		bars: (...args) => {
			count();
			return reader.bars(...args);
		},
		followBars: (...args) => reader.followBars(...args),
	};
}
