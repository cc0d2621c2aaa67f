/**
 * The exchange core as a venue, without a wire: what the gateway and the streams of a real adapter do, straight on the
 * box, with fixed delays on each way. The wired world has to reach the same commands as this one. Nothing is answered
 * from inside a call; every delay runs on the handed-in clock.
 */
import { BookDelta } from '../domain/book-delta.ts';
import type { Batch, Command } from '../domain/command.ts';
import type { EngineEvent } from '../domain/event.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { ItemOutcome, Outcome } from '../domain/outcome.ts';
import { lots, type MonoMs, monoMs, type SignedLots, type TimeMs, ticks, timeMs } from '../domain/units.ts';
import type { VenueCapabilities } from '../domain/venue.ts';
import type { EventSink, LookUp, VenueGateway, VenueStreams } from '../engine/ports.ts';
import type { ExchangeEvent } from '../exchange/core/events.ts';
import type { Exchange } from '../exchange/core/exchange.ts';
import type { PlaceRequest, Refused } from '../exchange/core/requests.ts';
import type { Clock } from '../ports/clock.ts';
import { balanceEvent, executionEvent, fundingEvent, markEvent, orderReport, tradeEvent } from './direct-events.ts';

export const DIRECT_VENUE = 'box';

/** As on Bybit: linear batches of 20, spot of 10, symbols mixed. */
const LINEAR_VERB = { batchMax: 20, mixesSymbols: true };
const SPOT_VERB = { batchMax: 10, mixesSymbols: true };
const CAN_AMEND = { canAmend: true, amendsPrice: true, amendsQty: true };

export const DIRECT_CAPABILITIES: VenueCapabilities = {
	venue: DIRECT_VENUE,
	rateRules: [],
	categories: {
		linear: { ...CAN_AMEND, verbs: { place: LINEAR_VERB, amend: LINEAR_VERB, cancel: LINEAR_VERB } },
		spot: { ...CAN_AMEND, verbs: { place: SPOT_VERB, amend: SPOT_VERB, cancel: SPOT_VERB } },
	},
};

/** Milliseconds from us to the venue, back, and for what it streams. */
export interface DirectDelays {
	readonly requestMs: number;
	readonly responseMs: number;
	readonly streamMs: number;
}

const SNAPSHOT_DEPTH = 500;

interface Parts {
	readonly exchange: Exchange;
	readonly accountId: string;
	readonly clock: Clock;
	readonly delays: DirectDelays;
}

export class DirectVenue implements VenueGateway, VenueStreams {
	readonly capabilities = DIRECT_CAPABILITIES;
	readonly #parts: Parts;
	readonly #bySymbol = new Map<string, Instrument>();
	/** One reusable message per symbol: the engine has read it when `sink` returns. */
	readonly #deltas = new Map<string, BookDelta>();
	#sink: EventSink | undefined;
	#unsubscribe: (() => void) | undefined;
	/** What the exchange has told in this millisecond, and which one that is. */
	#waiting: ExchangeEvent[] = [];
	#waitingSinceMs = -1;

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	subscribe(instruments: readonly Instrument[], sink: EventSink): void {
		const { exchange, accountId } = this.#parts;
		this.#sink = sink;
		for (const instrument of instruments) {
			this.#bySymbol.set(instrument.symbol, instrument);
			this.#deltas.set(instrument.symbol, new BookDelta());
		}
		for (const balance of exchange.balances(accountId)) this.#tell(balanceEvent(balance, DIRECT_VENUE, this.#at()));
		for (const instrument of instruments) {
			const ticker = exchange.ticker(instrument.symbol);
			if (ticker !== undefined) this.#tell(markEvent(ticker, instrument, this.#at()));
			this.#tellSnapshot(instrument);
		}
		this.#unsubscribe = exchange.subscribe((event) => this.#hear(event));
	}

	send(batch: Batch): void {
		const { clock, delays } = this.#parts;
		clock.after(delays.requestMs, () => {
			const nowMs = clock.wallMs();
			const items = batch.commands.map(
				(command): ItemOutcome => ({ orderId: command.orderId, verb: command.kind, outcome: this.#execute(command, nowMs) }),
			);
			clock.after(delays.responseMs, () => this.#tell({ kind: 'answer', batchId: batch.batchId, items, ...this.#at() }));
		});
	}

	lookUp(asked: readonly LookUp[]): void {
		const { clock, delays } = this.#parts;
		for (const ask of asked) {
			clock.after(delays.requestMs, () => {
				const found = this.#found(ask);
				clock.after(delays.responseMs, () => this.#tellFound(ask, found));
			});
		}
	}

	takeCensus(): void {
		const { clock, delays, exchange, accountId } = this.#parts;
		const beganAtMono = monoMs(clock.monotonicMs());
		clock.after(delays.requestMs, () => {
			const orders = exchange.openOrders(accountId).flatMap((order) => {
				const instrument = this.#bySymbol.get(order.symbol);
				return instrument === undefined ? [] : [orderReport(order, instrument)];
			});
			const positions = exchange.positions(accountId).flatMap(({ symbol, qtyLotsSigned }) => {
				const instrument = this.#bySymbol.get(symbol);
				return instrument === undefined
					? []
					: [{ instrument: instrument.index, positionLotsSigned: qtyLotsSigned as SignedLots }];
			});
			const found = { orders, positions };
			clock.after(delays.responseMs, () =>
				this.#tell({ kind: 'census', venue: DIRECT_VENUE, beganAtMono, found, ...this.#at() }),
			);
		});
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#unsubscribe?.();
		this.#sink = undefined;
	}

	/** The order as the venue has it, and its executions. */
	#found({ orderId, instrument }: LookUp): readonly EngineEvent[] {
		const { exchange, accountId } = this.#parts;
		const order = exchange.order(accountId, { clientOrderId: orderId });
		if (order === undefined) return [];
		const at = this.#at();
		const executions = exchange
			.executions(accountId, instrument.symbol)
			.filter((execution) => execution.kind === 'trade')
			.filter(({ orderId: of }) => of === order.orderId)
			.map((execution) => executionEvent(execution, instrument, at));
		const report = { ...orderReport(order, instrument), source: 'lookup' as const };
		return [...executions, { kind: 'orderReport', report, ...at }];
	}

	#tellFound({ orderId }: LookUp, found: readonly EngineEvent[]): void {
		const at = this.#at();
		for (const event of found) this.#tell({ ...event, ...at });
		this.#tell({ kind: 'lookedUp', orderId, isFound: found.length > 0, isComplete: true, venueAtMs: at.wallMs, ...at });
	}

	#execute(command: Command, nowMs: number): Outcome {
		const { exchange, accountId } = this.#parts;
		const { symbol } = command.instrument;
		const order = { clientOrderId: command.orderId };
		switch (command.kind) {
			case 'place': {
				const result = exchange.place(placeRequest(command, accountId), nowMs);
				return result.kind === 'refused' ? rejected(result) : { kind: 'accepted', venueOrderId: result.orderId };
			}
			case 'amend': {
				const { priceTicks, qtyLots } = command;
				const result = exchange.amend({ accountId, symbol, order, priceTicks, qtyLots }, nowMs);
				return result.kind === 'refused' ? rejected(result) : { kind: 'accepted', venueOrderId: result.orderId };
			}
			case 'cancel': {
				const result = exchange.cancel({ accountId, symbol, order }, nowMs);
				return result.kind === 'refused' ? rejected(result) : { kind: 'accepted', venueOrderId: result.orderId };
			}
		}
	}

	/** What the exchange tells within one millisecond travels together. */
	#hear(event: ExchangeEvent): void {
		if (!this.#concernsUs(event)) return;
		const { clock, delays } = this.#parts;
		const nowMs = clock.wallMs();
		if (nowMs !== this.#waitingSinceMs) {
			const batch: ExchangeEvent[] = [];
			this.#waiting = batch;
			this.#waitingSinceMs = nowMs;
			clock.after(delays.streamMs, () => {
				if (this.#waiting === batch) this.#waitingSinceMs = -1;
				this.#tellAll(batch);
			});
		}
		this.#waiting.push(event);
	}

	#concernsUs(event: ExchangeEvent): boolean {
		const { accountId } = this.#parts;
		switch (event.kind) {
			case 'book-level':
				return this.#bySymbol.has(event.symbol);
			case 'trade':
				return this.#bySymbol.has(event.trade.symbol);
			case 'ticker':
				return this.#bySymbol.has(event.ticker.symbol);
			case 'order':
				return event.order.accountId === accountId;
			case 'execution':
				return event.execution.accountId === accountId;
			case 'balance':
				return event.balance.accountId === accountId;
			case 'position':
				return false;
		}
	}

	/** Level changes of a symbol that follow one another become one message, as on a venue's stream. */
	#tellAll(events: readonly ExchangeEvent[]): void {
		for (let i = 0; i < events.length; i += 1) {
			const event = events[i];
			if (event === undefined) continue;
			if (event.kind !== 'book-level') {
				this.#tellOne(event);
				continue;
			}
			const instrument = this.#bySymbol.get(event.symbol);
			const delta = this.#deltas.get(event.symbol);
			if (instrument === undefined || delta === undefined) continue;
			const at = this.#at();
			delta.reset('delta', event.bookSeq, timeMs(event.atMs), at.wallMs);
			for (let next = events[i]; next?.kind === 'book-level' && next.symbol === event.symbol; next = events[i]) {
				delta.push(next.side, ticks(next.priceTicks), lots(next.qtyLots));
				i += 1;
			}
			i -= 1;
			this.#tell({ kind: 'book', instrument: instrument.index, delta, ...at });
		}
	}

	#tellOne(event: Exclude<ExchangeEvent, { kind: 'book-level' }>): void {
		const at = this.#at();
		switch (event.kind) {
			case 'trade':
				return this.#tellAbout(event.trade.symbol, (instrument) => tradeEvent(event.trade, instrument, at));
			case 'ticker':
				return this.#tellAbout(event.ticker.symbol, (instrument) => markEvent(event.ticker, instrument, at));
			case 'order':
				return this.#tellAbout(event.order.symbol, (instrument) => ({
					kind: 'orderReport',
					report: orderReport(event.order, instrument),
					...at,
				}));
			case 'execution': {
				const { execution } = event;
				return this.#tellAbout(execution.symbol, (instrument) =>
					execution.kind === 'trade' ? executionEvent(execution, instrument, at) : fundingEvent(execution, instrument, at),
				);
			}
			case 'balance':
				return this.#tell(balanceEvent(event.balance, DIRECT_VENUE, at));
			case 'position':
				return;
		}
	}

	#tellAbout(symbol: string, make: (instrument: Instrument) => EngineEvent): void {
		const instrument = this.#bySymbol.get(symbol);
		if (instrument !== undefined) this.#tell(make(instrument));
	}

	#tellSnapshot(instrument: Instrument): void {
		const view = this.#parts.exchange.book(instrument.symbol, SNAPSHOT_DEPTH);
		const delta = this.#deltas.get(instrument.symbol);
		if (view === undefined || delta === undefined) return;
		const at = this.#at();
		delta.reset('snapshot', view.bookSeq, at.wallMs, at.wallMs);
		for (const level of view.bids) delta.push('bid', ticks(level.priceTicks), lots(level.qtyLots));
		for (const level of view.asks) delta.push('ask', ticks(level.priceTicks), lots(level.qtyLots));
		this.#tell({ kind: 'book', instrument: instrument.index, delta, ...at });
	}

	#tell(event: EngineEvent): void {
		this.#sink?.(event);
	}

	#at(): { readonly wallMs: TimeMs; readonly monoMs: MonoMs } {
		const { clock } = this.#parts;
		return { wallMs: timeMs(clock.wallMs()), monoMs: monoMs(clock.monotonicMs()) };
	}
}

function placeRequest(command: Extract<Command, { kind: 'place' }>, accountId: string): PlaceRequest {
	const { instrument, side, qtyLots, orderId: clientOrderId, reduceOnly, priceTicks, timeInForce } = command;
	// The maker of two own orders goes, so that a take of ours is never stopped by a quote of ours (F34).
	const common = {
		accountId,
		symbol: instrument.symbol,
		side,
		qtyLots,
		clientOrderId,
		reduceOnly,
		selfTrade: 'cancel-maker' as const,
	};
	if (command.orderType === 'market') return { ...common, type: 'market' };
	return { ...common, type: 'limit', priceTicks, timeInForce: timeInForce === 'postOnly' ? 'post-only' : timeInForce };
}

function rejected({ reason }: Refused): Outcome {
	const gone = reason === 'order-not-found' || reason === 'order-closed';
	return { kind: 'rejected', class: gone ? 'benign' : 'fatal', gone, reason };
}
