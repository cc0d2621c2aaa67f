/**
 * An app for loops of somebody's own: say what you want on each symbol, run a tick, look at the result. Prices and
 * quantities are the venue's decimal text; they are put on the symbol's grid exactly or refused. What the venue or the
 * gate refuses is a value; a RangeError is a mistake in an argument, an AppError the end of the app.
 */
import type { ControlAction } from '../domain/event.ts';
import type { Instrument } from '../domain/instrument.ts';
import { printPrice, printQty } from '../domain/instrument.ts';
import type { Order, OrderType, TimeInForce } from '../domain/order.ts';
import { type OrderId, parseOrderId } from '../domain/order-id.ts';
import type { Side } from '../domain/side.ts';
import type { Ticks } from '../domain/units.ts';
import type { ControlResult } from '../engine/control.ts';
import type { MarketState } from '../engine/market-state.ts';
import type { EngineNote } from '../engine/ports.ts';
import type { Stats } from '../engine/tick-stats.ts';
import type { Clock } from '../ports/clock.ts';
import { DENIAL_CODES, DENIALS, type DenialCode } from '../risk/denial.ts';
import type { StageFigures } from '../telemetry/stages.ts';
import type { MarketData } from '../trading/market-data.ts';
import type { SignalStore } from '../trading/signal-store.ts';
import type { App } from './app.ts';
import { AppError } from './app-error.ts';
import type { FillListener, Fills } from './fills.ts';
import { LoopDesk, type LoopDeskOptions } from './loop-desk.ts';
import type { OwnStages } from './own-stages.ts';
import { type Refused, refusedFor } from './refused.ts';
import { type ProfitLine, profitOf } from './report.ts';
import {
	type Amount,
	type BookRow,
	type OpenOrder,
	orderText,
	priceTicksOf,
	qtyLotsOf,
	type RoundTo,
	roundedPrice,
	roundedQty,
	rowsOf,
	rulesOf,
	type SymbolRules,
} from './symbol-text.ts';
import type { Wishes } from './wishes.ts';

export interface Quote {
	readonly side: Side;
	readonly price: Amount;
	readonly qty: Amount;
}

export interface OrderRequest extends Quote {
	readonly symbol: string;
	/** `limit` unless given. The price of a market order is the worst that you would take. */
	readonly type?: OrderType;
	/** `gtc` unless given. */
	readonly timeInForce?: TimeInForce;
	readonly reduceOnly?: boolean;
}

export type Placed = { readonly kind: 'placed'; readonly clientOrderId: string } | Refused;
export type Done = { readonly kind: 'done'; readonly orderCount: number } | Refused;

export interface TickResult {
	/** Put on the command bus. */
	readonly commands: number;
	/** To the venue. */
	readonly calls: number;
	/** Until the last answer. */
	readonly ms: number;
	/** What was wanted and the gate did not allow, by the reason. */
	readonly refused: readonly { readonly code: DenialCode; readonly reason: string; readonly count: number }[];
}

/** The part of an `AbortSignal` that waiting needs. */
export interface StopSignal {
	readonly aborted: boolean;
	addEventListener(kind: 'abort', listener: () => void): void;
	removeEventListener(kind: 'abort', listener: () => void): void;
}

interface LoopParts {
	readonly app: App;
	readonly clock: Clock;
	readonly wishes: Wishes;
	readonly fills: Fills;
	readonly stages: OwnStages;
	readonly marketData: MarketData;
	readonly signals: SignalStore;
	/** Everybody in here hears what the engine notes. */
	readonly noteEars: Set<(note: EngineNote) => void>;
	/** Ends what was opened for it. */
	readonly closing: AsyncDisposable;
}

/** A tick whose answers take longer is over for us; its orders are looked up. */
const TICK_WITHIN_MS = 10_000;

export class LoopApp implements AsyncDisposable {
	readonly #parts: LoopParts;
	readonly #desks = new Set<LoopDesk>();
	#running: Promise<TickResult> | undefined;
	/** Asked for while one runs: one tick for all of them, after it. */
	#next: { readonly symbols: Set<string>; readonly result: Promise<TickResult> } | undefined;
	#stopping: Promise<readonly string[]> | undefined;

	/** @internal `createApp` makes it. */
	constructor(parts: LoopParts) {
		this.#parts = parts;
	}

	/** Prices, books and bars of many symbols at once; ends with the app. */
	get marketData(): MarketData {
		return this.#parts.marketData;
	}

	/** What somebody believes of a market; strategies and desks listen. They end with the app. */
	get signals(): SignalStore {
		return this.#parts.signals;
	}

	/** Trades by models, beside what is quoted. Throws a RangeError on a model that is none. */
	desk(options: LoopDeskOptions): LoopDesk {
		this.#assertRunning();
		const { noteEars, ...parts } = this.#parts;
		const hear = (note: EngineNote): void => made.desk.hear(note);
		const onEnd = (ended: LoopDesk): void => {
			noteEars.delete(hear);
			this.#desks.delete(ended);
		};
		const made = new LoopDesk(options, { ...parts, onEnd });
		noteEars.add(hear);
		this.#desks.add(made);
		return made;
	}

	get symbols(): readonly string[] {
		return this.#parts.app.symbols;
	}

	/** All streams are up. While they are not, books are not to be trusted and quotes are pulled. */
	get isConnected(): boolean {
		return !this.#parts.app.isEnded && this.#parts.app.isReady;
	}

	/** Steps and minimums of a symbol, as the venue has them now. */
	rules(symbol: string): SymbolRules {
		return rulesOf(this.#instrument(symbol));
	}

	/** Best prices of the venue, your own orders among them; undefined while the book is not to be trusted. */
	top(symbol: string): { readonly bid: string; readonly ask: string } | undefined {
		const { bids, asks } = this.book(symbol, 1) ?? {};
		const bid = bids?.[0]?.price;
		const ask = asks?.[0]?.price;
		return bid === undefined || ask === undefined ? undefined : { bid, ask };
	}

	/** The best rows a side; undefined while the book is not to be trusted. */
	book(symbol: string, rowsMax = 5): { readonly bids: readonly BookRow[]; readonly asks: readonly BookRow[] } | undefined {
		const market = this.#market(symbol);
		if (!market.isBookSound || this.#parts.app.isEnded) return undefined;
		const { book, instrument } = market;
		const ownLotsAt = (side: Side, price: Ticks): number => market.ownLotsAt(side, price);
		const rows = (side: Side): readonly BookRow[] => rowsOf(instrument, { book, side, rowsMax, ownLotsAt });
		return { bids: rows('buy'), asks: rows('sell') };
	}

	/** The price so many ticks above this one, or below it where `ticks` is negative. */
	moved(symbol: string, price: Amount, ticks: number): string {
		const instrument = this.#instrument(symbol);
		const moved = priceTicksOf(instrument, price) + ticks;
		if (Number.isSafeInteger(moved) && moved > 0) return printPrice(instrument, moved as Ticks);
		throw new RangeError(`${price} moved by ${ticks} ticks is no price of ${symbol}`);
	}

	/** A calculated price on the grid of the symbol. */
	roundPrice(symbol: string, price: number, to: RoundTo): string {
		return roundedPrice(this.#instrument(symbol), price, to);
	}

	roundQty(symbol: string, qty: number, to: RoundTo = 'down'): string {
		return roundedQty(this.#instrument(symbol), qty, to);
	}

	/** Instead of what was wanted there before; an empty list wants nothing. Post-only. The next tick acts on it. */
	quote(symbol: string, quotes: readonly Quote[]): void {
		this.#assertRunning();
		const instrument = this.#instrument(symbol);
		const wishes = quotes.map(({ side, price, qty }) => ({
			side,
			priceTicks: priceTicksOf(instrument, price),
			qtyLots: qtyLotsOf(instrument, qty),
		}));
		this.#parts.wishes.set(instrument, wishes);
	}

	/**
	 * One tick over all symbols, or these: brings orders to what is wanted, and resolves with the last answer. One runs
	 * at a time; those asked for meanwhile become one tick after it. Throws what a fill listener threw.
	 */
	async processTick(symbols: readonly string[] = this.symbols): Promise<TickResult> {
		for (const symbol of symbols) this.#instrument(symbol);
		if (this.#running !== undefined) return await this.#afterRunning(this.#running, symbols);
		this.#running = this.#tick(symbols).finally(() => {
			this.#running = undefined;
		});
		return await this.#running;
	}

	/** How all ticks so far went, in milliseconds, commands and calls. */
	getStats(): Stats {
		return this.#parts.app.engine.getStats();
	}

	/**
	 * The same function, each call of it measured as a stage of this name, until its promise has settled where it returns
	 * one. Of more than 32 names the rest go by `other`.
	 */
	timed<Args extends readonly unknown[], R>(name: string, fn: (...args: Args) => R): (...args: Args) => R {
		return this.#parts.stages.timed(name, fn);
	}

	/** Where the time goes: of whole ticks, of the engine's stages with their share of them, and of yours. */
	stages(): readonly StageFigures[] {
		return this.#parts.stages.figures();
	}

	/** The same for Prometheus, as text to be served; of the other metrics only what the engine counts by itself. */
	async metricsText(): Promise<string> {
		return await this.#parts.stages.text();
	}

	/** Leaves at once, without a tick. `placed` says that it is on its way; `order` says what became of it. */
	placeOrder(order: OrderRequest): Placed {
		const instrument = this.#instrument(order.symbol);
		const result = this.#control({
			kind: 'placeOrder',
			instrument: instrument.index,
			side: order.side,
			orderType: order.type ?? 'limit',
			timeInForce: order.timeInForce ?? 'gtc',
			reduceOnly: order.reduceOnly ?? false,
			priceTicks: priceTicksOf(instrument, order.price),
			qtyLots: qtyLotsOf(instrument, order.qty),
		});
		if (result.kind === 'placed') return { kind: 'placed', clientOrderId: result.orderId };
		if (result.kind === 'refused') return refusedFor(result.reason);
		throw new Error('invariant broken: an order is placed or refused');
	}

	/** What is not given stays as it is. */
	updateOrder(clientOrderId: string, change: { readonly price?: Amount; readonly qty?: Amount }): Done {
		const order = this.#order(clientOrderId);
		if (order === undefined) return refusedFor('no-such-order');
		const { instrument, orderId, priceTicks, qtyLots } = order;
		return this.#ask({
			kind: 'amendOrder',
			orderId,
			priceTicks: change.price === undefined ? priceTicks : priceTicksOf(instrument, change.price),
			qtyLots: change.qty === undefined ? qtyLots : qtyLotsOf(instrument, change.qty),
		});
	}

	cancelOrder(clientOrderId: string): Done {
		const order = this.#order(clientOrderId);
		if (order === undefined) return refusedFor('no-such-order');
		return this.#ask({ kind: 'cancelOrder', orderId: order.orderId });
	}

	/** Everywhere, or on one symbol. What is still wanted there comes back with the next tick. */
	cancelAll(symbol?: string): Done {
		if (symbol === undefined) return this.#ask({ kind: 'cancelAll', scope: { kind: 'all' } });
		return this.#ask({ kind: 'cancelAll', scope: { kind: 'instrument', instrument: this.#instrument(symbol).index } });
	}

	openOrders(symbol?: string): readonly OpenOrder[] {
		const only = symbol === undefined ? undefined : this.#instrument(symbol).index;
		const orders = this.#parts.app.engine.openOrders();
		return orders.filter(({ instrument }) => only === undefined || instrument.index === only).map(orderText);
	}

	/** An order of this app, open or over; those that ended long ago are forgotten. */
	order(clientOrderId: string): OpenOrder | undefined {
		const order = this.#order(clientOrderId);
		return order === undefined ? undefined : orderText(order);
	}

	/** Net quantity since the app began; below zero is short. */
	position(symbol: string): string {
		const instrument = this.#instrument(symbol);
		return printQty(instrument, this.#parts.app.engine.ledger.inventoryLots(instrument.index));
	}

	/** Since the app began. */
	profit(): ProfitLine {
		const { app, clock } = this.#parts;
		return profitOf(app, clock.wallMs());
	}

	/** Each execution once, as soon as it is booked. Orders may be placed from inside. Answers with the way to end it. */
	onFill(listener: FillListener): () => void {
		return this.#parts.fills.listen(listener);
	}

	/** Cancels everything and quotes nothing until `resume`. */
	pause(reason: string): Done {
		return this.#ask({ kind: 'pause', scope: { kind: 'all' }, reason });
	}

	/** Lifts a pause of yours; what a limit has paused is not yours to lift. */
	resume(): Done {
		return this.#ask({ kind: 'resume', scope: { kind: 'all' } });
	}

	isRiskPaused(): boolean {
		return this.#parts.app.engine.isRiskPaused();
	}

	riskPauseReason(): string | undefined {
		return this.#parts.app.engine.riskPauseReason();
	}

	/** Lets time pass; ends early when the signal is aborted, which is no error. */
	async sleep(ms: number, signal?: StopSignal): Promise<void> {
		if (signal?.aborted === true) return;
		const { promise, resolve } = Promise.withResolvers<void>();
		const wake = (): void => resolve();
		const timer = this.#parts.clock.after(ms, wake);
		signal?.addEventListener('abort', wake);
		await promise;
		signal?.removeEventListener('abort', wake);
		timer.cancel();
	}

	/** Cancels everything and asks the venue whether it is gone; answers with the orders that may still be there. */
	async stop(): Promise<readonly string[]> {
		this.#stopping ??= this.#end();
		return await this.#stopping;
	}

	/** As `stop`; throws an AppError `orders-left` where something may still be there, since nobody reads its answer. */
	async [Symbol.asyncDispose](): Promise<void> {
		// Whoever called `stop` has its answer.
		if (this.#stopping !== undefined) return void (await this.#stopping.catch(() => undefined));
		const left = await this.stop();
		if (left.length === 0) return;
		throw new AppError('orders-left', `not proven gone, cancel them at the exchange: ${left.join(', ')}`);
	}

	async #end(): Promise<readonly string[]> {
		const { app, closing, fills } = this.#parts;
		// Shuts the gate at once.
		const stopping = app.stop('the loop ends');
		for (const desk of [...this.#desks]) desk[Symbol.dispose]();
		const left = await stopping;
		await closing[Symbol.asyncDispose]();
		const failure = fills.takeFailure();
		if (failure !== undefined && left.length === 0) throw failure.error;
		return left;
	}

	async #afterRunning(running: Promise<unknown>, symbols: readonly string[]): Promise<TickResult> {
		if (this.#next === undefined) {
			const wanted = new Set<string>();
			const run = async (): Promise<TickResult> => {
				await running.catch(() => undefined);
				this.#next = undefined;
				return await this.processTick([...wanted]);
			};
			this.#next = { symbols: wanted, result: run() };
		}
		for (const symbol of symbols) this.#next.symbols.add(symbol);
		return await this.#next.result;
	}

	async #tick(symbols: readonly string[]): Promise<TickResult> {
		const { app, clock, fills } = this.#parts;
		const { engine } = app;
		const startMono = clock.monotonicMs();
		const { calls, total_commands: commands } = engine.getStats();
		const denialsBefore = { ...engine.gate.denials };
		this.#control({ kind: 'processTick', instruments: symbols.map((symbol) => app.indexOf(symbol)) });
		await app.answered(TICK_WITHIN_MS);
		const failure = fills.takeFailure();
		if (failure !== undefined) throw failure.error;
		const refused = DENIAL_CODES.map((code) => {
			return { code, reason: DENIALS[code], count: engine.gate.denials[code] - denialsBefore[code] };
		}).filter(({ count }) => count > 0);
		const stats = engine.getStats();
		return {
			commands: stats.total_commands - commands,
			calls: stats.calls - calls,
			ms: clock.monotonicMs() - startMono,
			refused,
		};
	}

	#ask(action: ControlAction): Done {
		const result = this.#control(action);
		if (result.kind === 'refused') return refusedFor(result.reason);
		return { kind: 'done', orderCount: result.kind === 'done' ? result.orderCount : 1 };
	}

	#control(action: ControlAction): ControlResult {
		this.#assertRunning();
		return this.#parts.app.runtime.control(action);
	}

	#assertRunning(): void {
		if (this.#stopping !== undefined) throw new AppError('stopped', 'the app has been stopped; createApp makes another one');
	}

	#market(symbol: string): MarketState {
		const { app } = this.#parts;
		const market = app.engine.market(app.indexOf(symbol));
		if (market === undefined) throw new Error('invariant broken: the engine follows every symbol of its app');
		return market;
	}

	/** As it is now: the venue may change its steps while we run. */
	#instrument(symbol: string): Instrument {
		return this.#market(symbol).instrument;
	}

	#order(clientOrderId: string): Order | undefined {
		return parseOrderId(clientOrderId) === undefined ? undefined : this.#parts.app.engine.orders.get(clientOrderId as OrderId);
	}
}
