/**
 * The trading workflow, over one symbol or many at once: what is read outside, what the models make of it, what the engine
 * decides, what becomes of the order, what we have then, and a record of all that with the time that each took.
 *
 *     fetch (price, book, bars at once) ──► signal ──► risk (the engine decides, in one event) ──► order ──► portfolio
 *
 * Nothing in here decides, and nothing in the engine waits: it is asked once, with all that was read, and its answer is
 * final. A symbol that fails says in which stage and why, and costs the others nothing.
 */
import type { EntryRule, ExitRules, Thresholds, Wish } from '../domain/decision.ts';
import type { ControlAction } from '../domain/event.ts';
import { type Instrument, type InstrumentIndex, parseQty } from '../domain/instrument.ts';
import type { RanRecord, StageTimes } from '../domain/journal-record.ts';
import type { Bar, BarInterval, BookRead, PriceRead } from '../domain/market-read.ts';
import type { Order } from '../domain/order.ts';
import type { OrderId } from '../domain/order-id.ts';
import type { OrderState } from '../domain/order-life.ts';
import { type TimeMs, timeMs } from '../domain/units.ts';
import type { ControlResult } from '../engine/control.ts';
import type { EngineNote } from '../engine/ports.ts';
import { mapConcurrent } from '../network/map-concurrent.ts';
import { aborted, type Failure, failed, NEVER_ABORTED, ok, perform, type Result } from '../network/result.ts';
import type { Clock } from '../ports/clock.ts';
import type { MarketData } from './market-data.ts';
import type { FedModel } from './model-feed.ts';
import { ModelLine } from './model-line.ts';
import { OrderEnds } from './order-ends.ts';

/** The way into the engine, and what it shows. */
export interface DeskDoor {
	control(action: ControlAction): ControlResult;
	orderOf(orderId: OrderId): Order | undefined;
	/** How long the venue's limits would make an order wait now. */
	orderFitsInMs(instrument: InstrumentIndex): number;
	instrumentOf(symbol: string): Instrument | undefined;
}

/** How a workflow trades, whichever symbol it is. */
export interface WorkflowRules {
	readonly name: string;
	readonly interval: BarInterval;
	readonly barCount: number;
	readonly thresholds: Thresholds;
	readonly entry: EntryRule;
	readonly exits: ExitRules;
	readonly isDryRun: boolean;
}

export interface TradeRequest {
	/** As the engine calls it. */
	readonly symbol: string;
	/** In the base coin, decimal text; what is between two lots is left out. Or how much it shall be worth. */
	readonly quantity: string | { readonly notional: number };
	/** Decided once; of the workflow, the symbol and the last bar unless given. */
	readonly decisionId?: string;
	/** The last bar that has to be there: until it is, the bars are asked for again. */
	readonly barEndAtMs?: TimeMs;
}

export const STAGES = ['fetch', 'signal', 'risk', 'order', 'portfolio'] as const;
export type Stage = (typeof STAGES)[number];

interface Ran {
	readonly symbol: string;
	readonly executionDurationMs: number;
	/** 0 for those that it did not get to. */
	readonly stages: StageTimes;
}

export interface TradeDone<Portfolio> extends Ran {
	readonly kind: 'done';
	readonly decisionId: string;
	readonly decision: Wish;
	readonly reasons: readonly string[];
	readonly signal: { readonly value: number; readonly confidence: number };
	/** How far it had come when the workflow ended; undefined where none was placed. */
	readonly order: { readonly orderId: string; readonly state: OrderState; readonly filledLots: number } | undefined;
	readonly portfolio: Portfolio;
}

export interface TradeFailed extends Ran {
	readonly kind: 'failed';
	readonly stage: Stage;
	/** One sentence. */
	readonly reason: string;
	readonly class: Failure['class'];
}

export type TradeResult<Portfolio> = TradeDone<Portfolio> | TradeFailed;

export interface TradingDeskParts<Portfolio> {
	readonly door: DeskDoor;
	readonly marketData: Pick<MarketData, 'fetchPricesBatch' | 'fetchOrderBooksBatch' | 'fetchKlinesBatch'>;
	/** A new one, that has seen nothing, of all that the workflow listens to for this symbol. */
	readonly makeModel: (workflow: string, symbol: string) => FedModel;
	/** As it is now; asked for in the middle of everything, so it has to be quick. */
	readonly portfolio: () => Portfolio;
	/** What the models said, for whoever else listens; nobody waits for it. */
	readonly onSignal?: (said: DeskSignal) => void;
	readonly clock: Clock;
	readonly settings?: Partial<DeskSettings>;
}

export interface DeskSignal {
	readonly workflow: string;
	readonly symbol: string;
	readonly value: number;
	readonly confidence: number;
	readonly barEndAtMs: TimeMs;
	readonly interval: BarInterval;
}

export interface DeskSettings {
	/** Symbols at once; with 1 every stage and every read waits for the one before, as a plain script would do it. */
	readonly concurrency: number;
	/** For all stages of a symbol together. */
	readonly withinMs: number;
	/** Levels a side of the book that is read. */
	readonly depth: number;
}

export const DESK_SETTINGS: DeskSettings = { concurrency: 50, withinMs: 10_000, depth: 20 };

/** A bar that should have closed and is not there yet is asked for again. */
const BAR_AGAIN_MS = 250;

interface Reads {
	readonly price: PriceRead;
	readonly book: BookRead;
	readonly bars: readonly Bar[];
	/** Of the oldest of them. */
	readonly atMs: TimeMs;
}

interface Run {
	readonly rules: WorkflowRules;
	readonly request: TradeRequest;
	readonly signal: AbortSignal;
	readonly startedMono: number;
	readonly times: { -readonly [Key in keyof StageTimes]: StageTimes[Key] };
	stage: Stage;
}

export class TradingDesk<Portfolio> {
	readonly settings: DeskSettings;
	readonly #parts: TradingDeskParts<Portfolio>;
	readonly #clock: Clock;
	readonly #ends: OrderEnds;
	readonly #models = new Map<string, ModelLine>();

	constructor(parts: TradingDeskParts<Portfolio>) {
		this.#parts = parts;
		this.settings = { ...DESK_SETTINGS, ...parts.settings };
		this.#clock = parts.clock;
		this.#ends = new OrderEnds({ clock: parts.clock, orderOf: (orderId) => parts.door.orderOf(orderId) });
	}

	/** Of the engine; the others are none of its business. */
	hear(note: EngineNote): void {
		if (note.kind === 'decisionOrder') this.#ends.hear(note.orderId);
	}

	getPortfolioSnapshot(): Portfolio {
		return this.#parts.portfolio();
	}

	/** Never rejects. */
	async executeTradingWorkflow(
		rules: WorkflowRules,
		request: TradeRequest,
		signal: AbortSignal = NEVER_ABORTED,
	): Promise<TradeResult<Portfolio>> {
		const startedMono = this.#clock.monotonicMs();
		const times = { fetchMs: 0, signalMs: 0, riskMs: 0, orderMs: 0, portfolioMs: 0 };
		const run: Run = { rules, request, signal, startedMono, times, stage: 'fetch' };
		// A model that throws is a bug of its own, and fails its symbol alone.
		const ran = await perform(() => this.#run(run), signal);
		const of = { symbol: request.symbol, executionDurationMs: this.#clock.monotonicMs() - startedMono, stages: times };
		if (ran.kind === 'failed') return { kind: 'failed', stage: run.stage, reason: ran.detail, class: ran.class, ...of };
		// An engine that was stopped meanwhile keeps no record; what was done is done all the same.
		await perform(async () => ok(this.#record(ran.value, of)), signal);
		return { kind: 'done', ...ran.value, ...of };
	}

	/** One result each, in their order, whatever becomes of the others. */
	async executeMultiSymbolWorkflow(
		rules: WorkflowRules,
		requests: readonly TradeRequest[],
		signal: AbortSignal = NEVER_ABORTED,
	): Promise<readonly TradeResult<Portfolio>[]> {
		const { concurrency } = this.settings;
		const results = await mapConcurrent(
			requests,
			async (request) => ok(await this.executeTradingWorkflow(rules, request, signal)),
			{ concurrency, settle: true, signal },
		);
		return results.map((result, index) => (result.kind === 'ok' ? result.value : neverBegun(requests[index], result)));
	}

	async #run(run: Run): Promise<Result<Omit<TradeDone<Portfolio>, 'kind' | keyof Ran>>> {
		const { door, portfolio } = this.#parts;
		const instrument = door.instrumentOf(run.request.symbol);
		if (instrument === undefined) return refused(`${run.request.symbol} is not among the symbols that are followed`);
		const reads = await this.#timed(run, 'fetch', () => this.#fetch(run));
		if (reads.kind === 'failed') return reads;
		if (run.signal.aborted) return aborted();
		const word = await this.#timed(run, 'signal', () => this.#listen(run, reads.value));
		const asked = await this.#timed(run, 'risk', () => this.#decide(run, { instrument, reads: reads.value, word }));
		if (asked.kind === 'failed') return asked;
		const { decisionId, decision, reasons, orderId } = asked.value;
		const order = await this.#timed(run, 'order', () => this.#follow(run, orderId));
		const held = await this.#timed(run, 'portfolio', portfolio);
		return ok({ decisionId, decision, reasons, signal: word, order, portfolio: held });
	}

	async #timed<Value>(run: Run, stage: Stage, work: () => Value | Promise<Value>): Promise<Value> {
		run.stage = stage;
		const startedMono = this.#clock.monotonicMs();
		const value = await work();
		run.times[`${stage}Ms`] = this.#clock.monotonicMs() - startedMono;
		return value;
	}

	/** Until the bar that has to be there is there, or time is over. */
	async #fetch(run: Run): Promise<Result<Reads>> {
		for (;;) {
			const reads = await (this.settings.concurrency === 1 ? this.#fetchInTurn(run) : this.#fetchAtOnce(run));
			const { barEndAtMs } = run.request;
			if (reads.kind === 'failed' || barEndAtMs === undefined) return reads;
			const last = reads.value.bars.at(-1);
			if (last !== undefined && last.endAtMs >= barEndAtMs) return reads;
			if (this.#leftMs(run) <= BAR_AGAIN_MS || run.signal.aborted) {
				return failed({ reason: 'timeout', class: 'transient', detail: 'the last bar has not closed at the venue yet' });
			}
			await this.#after(BAR_AGAIN_MS);
		}
	}

	/**
	 * The price is asked for first: one call brings it for all symbols that want it in this turn, and where calls are counted
	 * their books and bars would keep it waiting.
	 */
	async #fetchAtOnce(run: Run): Promise<Result<Reads>> {
		const { marketData } = this.#parts;
		const { symbol } = run.request;
		const [price, { book, bars }] = await Promise.all([
			marketData.fetchPricesBatch([symbol], this.#ask(run)),
			this.#after(0).then(() => this.#fetchRest(run)),
		]);
		return joined(price.get(symbol), book, bars, this.#now());
	}

	async #fetchRest(run: Run) {
		const { marketData } = this.#parts;
		const { symbol } = run.request;
		const [books, bars] = await Promise.all([
			marketData.fetchOrderBooksBatch([symbol], this.#ask(run)),
			marketData.fetchKlinesBatch([symbol], this.#ask(run)),
		]);
		return { book: books.get(symbol), bars: bars.get(symbol) };
	}

	async #fetchInTurn(run: Run): Promise<Result<Reads>> {
		const { marketData } = this.#parts;
		const { symbol } = run.request;
		const price = (await marketData.fetchPricesBatch([symbol], this.#ask(run))).get(symbol);
		const book = (await marketData.fetchOrderBooksBatch([symbol], this.#ask(run))).get(symbol);
		const bars = (await marketData.fetchKlinesBatch([symbol], this.#ask(run))).get(symbol);
		return joined(price, book, bars, this.#now());
	}

	#after(ms: number): Promise<void> {
		return new Promise((resolve) => this.#clock.after(ms, resolve));
	}

	#ask(run: Run) {
		const { interval, barCount: count } = run.rules;
		return { depth: this.settings.depth, interval, count, withinMs: Math.max(0, this.#leftMs(run)), signal: run.signal };
	}

	#listen({ rules, request: { symbol } }: Run, { bars, book }: Reads): { readonly value: number; readonly confidence: number } {
		const key = `${rules.name} ${symbol}`;
		let line = this.#models.get(key);
		if (line === undefined) {
			line = new ModelLine(() => this.#parts.makeModel(rules.name, symbol));
			this.#models.set(key, line);
		}
		const word = line.read(bars, book);
		const barEndAtMs = bars.at(-1)?.endAtMs;
		if (barEndAtMs !== undefined && !Number.isNaN(word.value)) {
			this.#parts.onSignal?.({ workflow: rules.name, symbol, ...word, barEndAtMs, interval: rules.interval });
		}
		return word;
	}

	/** Not before there is room for an order: the gate would refuse it, and that would be the answer. */
	async #decide(
		run: Run,
		known: { readonly instrument: Instrument; readonly reads: Reads; readonly word: { value: number; confidence: number } },
	) {
		const { rules, request } = run;
		const { instrument, reads, word } = known;
		const { price, bars, atMs } = reads;
		// Asked for in the same breath, so that nobody else takes the room.
		for (let inMs = this.#waitMs(run, instrument); inMs > 0; inMs = this.#waitMs(run, instrument)) {
			await this.#after(Math.ceil(inMs));
		}
		// Whoever has called it off counts on nothing being asked for any more.
		if (run.signal.aborted) return aborted();
		const barEndAtMs = bars.at(-1)?.endAtMs ?? timeMs(0);
		const qty = parseQty(instrument, quantityText(request, price), 'down');
		if (qty.kind === 'refused') return refused(`the quantity of ${request.symbol} is ${qty.reason}`);
		const { decisionId = `${rules.name} ${instrument.id} ${barEndAtMs}` } = request;
		const { thresholds, entry, exits, isDryRun } = rules;
		const result = this.#parts.door.control({
			...{ kind: 'decide', decisionId, instrument: instrument.index, signal: { source: rules.name, ...word } },
			...{ thresholds, qtyLots: qty.value, entry, exits, isDryRun },
			readings: { last: price.last, bid: price.bid, ask: price.ask, barEndAtMs, atMs },
		});
		if (result.kind === 'decided') return ok({ decisionId, ...result });
		return refused(`the engine does not decide on ${request.symbol}${result.kind === 'refused' ? `: ${result.reason}` : ''}`);
	}

	/** Until an order fits; 0 as well where it is not worth waiting for. */
	#waitMs(run: Run, { index }: Instrument): number {
		const fitsInMs = this.#parts.door.orderFitsInMs(index);
		return fitsInMs > this.#leftMs(run) || run.signal.aborted ? 0 : fitsInMs;
	}

	/** To its end; one that may rest until it stands. */
	async #follow(run: Run, orderId: string): Promise<TradeDone<Portfolio>['order']> {
		if (orderId === '') return undefined;
		const what = run.rules.entry.type === 'limit' ? 'standing' : 'over';
		const order = await this.#ends.reached(orderId as OrderId, what, { withinMs: this.#leftMs(run), signal: run.signal });
		return order === undefined ? undefined : { orderId, state: order.state, filledLots: order.filledLots };
	}

	#record({ decisionId, order }: Pick<TradeDone<Portfolio>, 'decisionId' | 'order'>, ran: Ran): void {
		const { executionDurationMs, stages } = ran;
		const orderState = order?.state ?? '';
		const record: RanRecord = { kind: 'ran', decisionId, atMs: this.#now(), executionDurationMs, stages, orderState };
		this.#parts.door.control({ kind: 'keep', record });
	}

	#leftMs({ startedMono }: Run): number {
		return startedMono + this.settings.withinMs - this.#clock.monotonicMs();
	}

	#now(): TimeMs {
		return timeMs(Math.floor(this.#clock.wallMs()));
	}
}

function joined(
	price: Result<PriceRead> | undefined,
	book: Result<BookRead> | undefined,
	bars: Result<readonly Bar[]> | undefined,
	nowMs: TimeMs,
): Result<Reads> {
	for (const each of [price, book, bars]) if (each?.kind === 'failed') return each;
	if (price?.kind !== 'ok' || book?.kind !== 'ok' || bars?.kind !== 'ok') return refused('it was not answered');
	// By the venue's clock, which may be ahead of ours.
	const atMs = timeMs(Math.floor(Math.min(nowMs, price.value.atMs, book.value.atMs)));
	return ok({ price: price.value, book: book.value, bars: bars.value, atMs });
}

/** A worth counts at the price that was read. */
function quantityText({ quantity }: TradeRequest, { last, bid, ask }: PriceRead): string {
	if (typeof quantity === 'string') return quantity;
	const price = bid > 0 && ask > 0 ? (bid + ask) / 2 : last;
	return price > 0 ? (quantity.notional / price).toFixed(12) : '0';
}

function refused(detail: string): Failure {
	return failed({ reason: 'error', class: 'fatal', detail });
}

function neverBegun(request: TradeRequest | undefined, { detail, class: failure }: Failure): TradeFailed {
	const stages = { fetchMs: 0, signalMs: 0, riskMs: 0, orderMs: 0, portfolioMs: 0 };
	const symbol = request?.symbol ?? '';
	return { kind: 'failed', symbol, executionDurationMs: 0, stages, stage: 'fetch', reason: detail, class: failure };
}
