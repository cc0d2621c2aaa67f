/**
 * The trading desk of a session: the market read for it, its models, its workflows when they are due, and the signals that
 * models have for strategies. It stands around the engine and asks it like anybody else (docs/trading.md).
 */
import { BAR_MS, type MarketReader } from '../domain/market-read.ts';
import type { SignalOperation } from '../domain/signal.ts';
import { type TimeMs, timeMs } from '../domain/units.ts';
import type { EngineNote } from '../engine/ports.ts';
import type { PortfolioSnapshot } from '../portfolio/portfolio-snapshot.ts';
import type { Clock } from '../ports/clock.ts';
import { heardIn } from '../trading/heard-market.ts';
import type { CacheOf, MarketData } from '../trading/market-data.ts';
import type { MarketDataSettings } from '../trading/market-data-settings.ts';
import { ModelFeed } from '../trading/model-feed.ts';
import type { SignalStore } from '../trading/signal-store.ts';
import { type DeskDoor, type TradeResult, TradingDesk } from '../trading/workflow.ts';
import { WorkflowSchedule } from '../trading/workflow-schedule.ts';
import type { App } from './app.ts';
import type { SignalSettings, TradingSettings, WorkflowSettings } from './config/trading-settings.ts';
import { deskDoorOf } from './desk-door.ts';
import { modelFor } from './desk-models.ts';
import { marketDataOf } from './market-data.ts';

export interface DeskParts {
	readonly app: App;
	readonly clock: Clock;
	readonly signals: SignalStore;
	readonly settings: TradingSettings;
	readonly marketData: Partial<MarketDataSettings>;
	/** Where what was read is kept for a moment; in this process unless said. */
	readonly cacheOf?: CacheOf;
	/** Every run of every workflow, in order. */
	readonly onRan?: ((workflow: string, results: readonly TradeResult<PortfolioSnapshot>[]) => void) | undefined;
	/** What goes wrong, one sentence each. */
	readonly onTrouble: (sentence: string) => void;
}

/** Signals of the desk's own count for two bars, in case the next is late; those that live by the book alone for some seconds. */
const BARS_LASTED = 2;
const BOOK_LEVELS = 50;
/** Nobody waits for the history of a model, and where reads are counted many share them. */
const HISTORY_WITHIN_MS = 30_000;

export class Desk implements AsyncDisposable {
	readonly marketData: MarketData;
	readonly trading: TradingDesk<PortfolioSnapshot>;
	readonly #parts: DeskParts;
	readonly #door: DeskDoor;
	/** Why a symbol failed the last time, by workflow and symbol; what goes on failing is told once. */
	readonly #failing = new Map<string, string>();
	/** Why a signal was not kept the last time, by its id; one reason for many is told once. */
	readonly #notKept = new Map<string, string>();
	readonly #schedule: WorkflowSchedule<PortfolioSnapshot>;
	readonly #feeds: readonly ModelFeed[];
	#isEnded = false;

	constructor(parts: DeskParts) {
		const { app, clock, settings } = parts;
		this.#parts = parts;
		this.#door = deskDoorOf(app);
		this.marketData = marketDataOf(app, {
			clock,
			settings: parts.marketData,
			listenerFailed: (error) => parts.onTrouble(`a listener to market data failed and hears nothing more: ${String(error)}`),
			...(parts.cacheOf === undefined ? {} : { cacheOf: parts.cacheOf }),
		});
		this.trading = new TradingDesk({
			door: this.#door,
			marketData: this.marketData,
			makeModel: (name, symbol) => this.#modelOf(name, symbol),
			portfolio: () => app.portfolio.now(),
			onSignal: ({ workflow, symbol, value, confidence, barEndAtMs, interval }) => {
				const expiresAtMs = timeMs(barEndAtMs + BARS_LASTED * BAR_MS[interval]);
				this.#publish({ source: workflow, symbol, value, confidence, expiresAtMs });
			},
			clock,
			settings: { concurrency: settings.concurrency, withinMs: settings.deadlineMs },
		});
		this.#schedule = new WorkflowSchedule({
			desk: this.trading,
			workflows: settings.workflows.map(scheduled),
			clock,
			onRan: (workflow, results) => this.#heedRan(workflow, results),
			listenerFailed: (error) => parts.onTrouble(`who listens to the runs of workflows failed: ${String(error)}`),
			onSkipped: (workflow) => parts.onTrouble(`the workflow ${workflow} let a turn go by: the run before was not through`),
		});
		this.#feeds = settings.signals.map((each) => this.#feedOf(each));
	}

	/** Of the engine, every one. */
	hear(note: EngineNote): void {
		this.trading.hear(note);
	}

	/** Once the engine runs. */
	start(): void {
		for (const feed of this.#feeds) void feed.start();
		this.#schedule.start();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (this.#isEnded) return;
		this.#isEnded = true;
		for (const feed of this.#feeds) feed[Symbol.dispose]();
		await this.#schedule[Symbol.asyncDispose]();
		await this.marketData[Symbol.asyncDispose]();
	}

	#modelOf(name: string, symbol: string) {
		const { settings, signals } = this.#parts;
		const workflow = settings.workflows.find((each) => each.name === name);
		if (workflow === undefined) throw new Error(`invariant broken: ${name} is no workflow of this desk`);
		return modelFor(workflow, this.#door.instrumentOf(symbol)?.id ?? symbol, signals);
	}

	#feedOf(settings: SignalSettings): ModelFeed {
		const { app, clock, signals, onTrouble } = this.#parts;
		const heard = heardIn((index) => app.engine.market(index));
		return new ModelFeed({
			clock,
			interval: settings.interval,
			historyCount: settings.barCount,
			symbols: settings.symbols.flatMap((symbol) => {
				const instrument = this.#door.instrumentOf(symbol);
				const market = app.venues.find(({ name }) => name === instrument?.venue)?.market;
				if (instrument === undefined || market === undefined) return [];
				const reader = { bars: this.#bars, followBars: market.followBars.bind(market) };
				return [{ symbol: instrument.id, instrument, reader, makeModels: () => [modelFor(settings, instrument.id, signals)] }];
			}),
			bookOf: (instrument) => heard.book(instrument, BOOK_LEVELS),
			sink: (signal) => this.#publish(signal),
			onNote: ({ sentence }) => onTrouble(sentence),
		});
	}

	/** At the pace of all that the desk reads. */
	readonly #bars: MarketReader['bars'] = async ({ id }, { interval, count }, signal) => {
		const ask = { interval, count, withinMs: HISTORY_WITHIN_MS, ...(signal === undefined ? {} : { signal }) };
		const read = (await this.marketData.fetchKlinesBatch([id], ask)).get(id);
		if (read === undefined) throw new Error(`invariant broken: ${id} was asked for`);
		return read.kind === 'ok' ? read : { kind: 'failed', class: read.class, sentence: read.detail };
	};

	/** Into the store, from where the engine hears of it like of any other. */
	#publish(said: {
		readonly source: string;
		readonly symbol: string;
		readonly value: number;
		readonly confidence: number;
		readonly expiresAtMs: TimeMs;
	}): void {
		const { source, value, confidence, expiresAtMs } = said;
		const nowMs = timeMs(Math.floor(this.#parts.clock.wallMs()));
		const symbol = this.#door.instrumentOf(said.symbol)?.id ?? said.symbol;
		const type = value > 0 ? 'BUY' : value < 0 ? 'SELL' : 'HOLD';
		const put: SignalOperation = {
			kind: 'put',
			signal: {
				...{ id: `${source}:${symbol}`, symbol, type, value, confidence, source },
				...{ createdAtMs: nowMs, updatedAtMs: nowMs, expiresAtMs },
			},
		};
		void this.#parts.signals.processSignals([put]).then(([result]) => {
			if (result !== undefined) this.#heedKept(put.signal.id, result.kind === 'done' ? undefined : result.sentence);
		});
	}

	#heedKept(id: string, why: string | undefined): void {
		if (why === undefined) {
			this.#notKept.delete(id);
			return;
		}
		const isTold = [...this.#notKept.values()].includes(why);
		this.#notKept.set(id, why);
		if (!isTold) this.#parts.onTrouble(`a signal is not kept: ${why}`);
	}

	#heedRan(workflow: string, results: readonly TradeResult<PortfolioSnapshot>[]): void {
		for (const result of results) this.#tellOnce(workflow, result);
		this.#parts.onRan?.(workflow, results);
	}

	#tellOnce(workflow: string, result: TradeResult<PortfolioSnapshot>): void {
		const key = `${workflow} ${result.symbol}`;
		if (result.kind === 'done') {
			this.#failing.delete(key);
			return;
		}
		if (this.#failing.get(key) === result.reason) return;
		this.#failing.set(key, result.reason);
		this.#parts.onTrouble(`${workflow} could not look at ${result.symbol} (${result.stage}): ${result.reason}`);
	}
}

function scheduled({ size, schedule, symbols, ...rules }: WorkflowSettings) {
	const quantity = size.unit === 'notional' ? { notional: size.amount } : String(size.amount);
	return { rules, schedule, requests: symbols.map((symbol) => ({ symbol, quantity })) };
}
