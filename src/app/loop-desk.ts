/**
 * A trading desk for programs of somebody's own: say by which models it decides, then run a workflow over one symbol or
 * many at once. What comes back is plain data: decimal text, and reasons as sentences. docs/trading.md shows it in use.
 */
import type { EntryRule, ExitRules, Thresholds } from '../domain/decision.ts';
import { printQty } from '../domain/instrument.ts';
import type { StageTimes } from '../domain/journal-record.ts';
import type { BarInterval } from '../domain/market-read.ts';
import type { OrderState } from '../domain/order-life.ts';
import { lots } from '../domain/units.ts';
import { type PortfolioSnapshot, plainPortfolio } from '../portfolio/portfolio-snapshot.ts';
import type { Clock } from '../ports/clock.ts';
import { parseModelSpec } from '../strategy/index.ts';
import type { MarketData } from '../trading/market-data.ts';
import type { SignalStore } from '../trading/signal-store.ts';
import {
	DESK_SETTINGS,
	type DeskSettings,
	type Stage,
	type TradeRequest,
	type TradeResult,
	TradingDesk,
	type WorkflowRules,
} from '../trading/workflow.ts';
import type { App } from './app.ts';
import { reasonSentence } from './decision-line.ts';
import { deskDoorOf } from './desk-door.ts';
import { modelFor } from './desk-models.ts';

export interface LoopDeskOptions extends Partial<DeskSettings> {
	/** Appears in decisions; `desk` unless said. */
	readonly name?: string;
	/** Each with its kind, such as `{ kind: 'ema-cross', fast: 12 }`; what is left out has its default. */
	readonly models: readonly (Readonly<Record<string, unknown>> & { readonly kind: string; readonly weight?: number })[];
	/** A signal of `app.signals` that counts as one model more. */
	readonly source?: string;
	/** Of the bars that the models see; '1m' unless said. */
	readonly interval?: BarInterval;
	/** How many of them; 200 unless said. */
	readonly barCount?: number;
	readonly thresholds?: Partial<Thresholds>;
	/** At the market, up to 20 basis points beyond the touch, unless said. */
	readonly entry?: EntryRule;
	/** None unless said. */
	readonly exits?: Partial<ExitRules>;
	readonly isDryRun?: boolean;
}

interface Ran {
	readonly symbol: string;
	readonly executionDurationMs: number;
	readonly stages: StageTimes;
}

export interface WorkflowDone extends Ran {
	readonly kind: 'done';
	readonly decisionId: string;
	readonly decision: 'BUY' | 'SELL' | 'HOLD';
	readonly reasons: readonly { readonly code: string; readonly reason: string }[];
	readonly signal: { readonly value: number; readonly confidence: number };
	/** Undefined where none was placed. */
	readonly order: { readonly clientOrderId: string; readonly state: OrderState; readonly filledQty: string } | undefined;
	/** Amounts as decimal text. */
	readonly portfolio: ReturnType<typeof plainPortfolio>;
}

export interface WorkflowFailed extends Ran {
	readonly kind: 'failed';
	readonly stage: Stage;
	readonly reason: string;
}

export type WorkflowResult = WorkflowDone | WorkflowFailed;

export interface LoopDeskParts {
	readonly app: App;
	readonly clock: Clock;
	readonly marketData: MarketData;
	readonly signals: SignalStore;
	/** It hears nothing more, and nobody else has to remember it. */
	readonly onEnd?: (desk: LoopDesk) => void;
}

const THRESHOLDS: Thresholds = { buyAbove: 0.3, sellBelow: -0.3, confidenceMin: 0 };
const ENTRY: EntryRule = { type: 'market', slipBps: 20 };
const EXITS: ExitRules = { stopBps: 0, targetBps: 0, forMs: 0 };

/** Ends with its app, or before it. */
export class LoopDesk implements Disposable {
	readonly #app: App;
	readonly #rules: WorkflowRules;
	readonly #called = new AbortController();
	readonly #onEnd: LoopDeskParts['onEnd'];
	/** @internal The app hands the engine's notes on. */
	readonly desk: TradingDesk<PortfolioSnapshot>;

	/** @internal `app.desk` makes it. */
	constructor(options: LoopDeskOptions, { app, clock, marketData, signals, onEnd }: LoopDeskParts) {
		const { name = 'desk', source, interval = '1m', barCount = 200, isDryRun = false, entry = ENTRY } = options;
		const { concurrency = DESK_SETTINGS.concurrency, withinMs = DESK_SETTINGS.withinMs, depth = DESK_SETTINGS.depth } = options;
		const models = options.models.map(({ weight = 1, ...spec }) => ({ spec: specOf(spec), weight }));
		if (models.length === 0 && source === undefined) throw new RangeError(`${name} has neither a model nor a source`);
		this.#app = app;
		this.#onEnd = onEnd;
		this.#rules = {
			...{ name, interval, barCount, entry, isDryRun },
			thresholds: { ...THRESHOLDS, ...options.thresholds },
			exits: { ...EXITS, ...options.exits },
		};
		const stored = source === undefined ? undefined : { name: source, weight: 1 };
		const door = deskDoorOf(app);
		this.desk = new TradingDesk({
			door,
			makeModel: (_name, symbol) => modelFor({ name, models, source: stored }, door.instrumentOf(symbol)?.id ?? symbol, signals),
			portfolio: () => app.portfolio.now(),
			...{ marketData, clock, settings: { concurrency, withinMs, depth } },
		});
	}

	/** Reads, decides, orders and accounts; never throws for what the venue or the gate does. */
	async executeTradingWorkflow(request: TradeRequest, signal?: AbortSignal): Promise<WorkflowResult> {
		return this.#text(await this.desk.executeTradingWorkflow(this.#rules, request, this.#until(signal)));
	}

	/** The same over all of these at once: one result each, in their order, whatever becomes of the others. */
	async executeMultiSymbolWorkflow(requests: readonly TradeRequest[], signal?: AbortSignal): Promise<readonly WorkflowResult[]> {
		const results = await this.desk.executeMultiSymbolWorkflow(this.#rules, requests, this.#until(signal));
		return results.map((result) => this.#text(result));
	}

	/** Workflows that run are called off; what they have ordered stays ordered. */
	[Symbol.dispose](): void {
		this.#called.abort();
		this.#onEnd?.(this);
	}

	#until(signal: AbortSignal | undefined): AbortSignal {
		return signal === undefined ? this.#called.signal : AbortSignal.any([signal, this.#called.signal]);
	}

	#text(result: TradeResult<PortfolioSnapshot>): WorkflowResult {
		const { symbol, executionDurationMs, stages } = result;
		const ran = { symbol, executionDurationMs, stages };
		if (result.kind === 'failed') return { kind: 'failed', stage: result.stage, reason: result.reason, ...ran };
		const { decisionId, decision, reasons, signal, order, portfolio } = result;
		return {
			...{ kind: 'done', decisionId, decision, signal, ...ran },
			reasons: reasons.map((code) => ({ code, reason: reasonSentence(code) })),
			order: order === undefined ? undefined : this.#orderText(symbol, order),
			portfolio: plainPortfolio(portfolio),
		};
	}

	#orderText(symbol: string, { orderId, state, filledLots }: { orderId: string; state: OrderState; filledLots: number }) {
		const instrument = this.#app.instruments[this.#app.indexOf(symbol)];
		if (instrument === undefined) throw new Error(`invariant broken: an order of ${symbol}, which is no symbol of this app`);
		return { clientOrderId: orderId, state, filledQty: printQty(instrument, lots(filledLots)) };
	}
}

function specOf(written: Readonly<Record<string, unknown>>) {
	const read = parseModelSpec(written);
	if (read.kind === 'ok') return read.spec;
	throw new RangeError(`${String(written['kind'])}: ${read.key} is ${read.found}, expected ${read.expected}`);
}
