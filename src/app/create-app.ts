/**
 * The engine as a library, for loops of somebody's own: say what you want on each symbol, run a tick, look at the
 * result. Prices and quantities are the venue's decimal text here; they are put on the instrument's grid exactly or
 * refused. Everything behind it is what `evenkeel run` runs: the same gate, planner, batches and adapter.
 */
import type { ControlAction } from '../domain/event.ts';

import { type Category, type Instrument, parsePrice, parseQty, printPrice, printQty } from '../domain/instrument.ts';
import type { Order, OrderType, TimeInForce } from '../domain/order.ts';
import { type OrderId, parseOrderId, RUN_TAGS, runTagOf } from '../domain/order-id.ts';
import type { OrderState } from '../domain/order-life.ts';
import type { Side } from '../domain/side.ts';
import type { Lots, Ticks } from '../domain/units.ts';
import type { ControlResult } from '../engine/control.ts';
import { ENGINE_SETTINGS, type EngineSettings } from '../engine/settings.ts';
import type { Stats } from '../engine/tick-stats.ts';
import { RECONNECT_POLICY } from '../network/reconnect.ts';
import { systemClock } from '../network/system-clock.ts';
import { systemRng } from '../network/system-rng.ts';
import { systemTransport } from '../network/system-transport.ts';
import type { Transport } from '../network/transport.ts';
import type { Clock } from '../ports/clock.ts';
import { NO_METER } from '../ports/meter.ts';
import { memoryJournal } from '../simulation/memory-journal.ts';
import { GATEWAY_OPTIONS } from '../venues/bybit/gateway.ts';
import { makeCredentials } from '../venues/bybit/sign.ts';
import { type BoxAddresses, boxUrls, environmentUrls, isAllowedUrl } from '../venues/bybit/urls.ts';
import { type App, openApp } from './app.ts';
import { Wishes } from './wishes.ts';

export interface CreateAppOptions {
	/** An exchange in a box that listens somewhere on this machine, or one of Bybit's own test environments. */
	readonly exchange: BoxAddresses | 'testnet' | 'demo';
	readonly apiKey: string;
	readonly apiSecret: string;
	readonly category?: Category;
	readonly symbols: readonly string[];
	readonly orderEntry?: 'ws' | 'rest';
	/** Parts that differ from the usual. */
	readonly engine?: Partial<EngineSettings>;
}

export interface Quote {
	readonly side: Side;
	readonly price: string;
	readonly qty: string;
}

export interface OrderRequest extends Quote {
	readonly symbol: string;
	readonly type?: OrderType;
	readonly timeInForce?: TimeInForce;
	readonly reduceOnly?: boolean;
}

export interface OpenOrder {
	readonly clientOrderId: string;
	readonly symbol: string;
	readonly side: Side;
	readonly state: OrderState;
	readonly price: string;
	readonly qty: string;
	readonly filled: string;
}

export interface TickResult {
	/** Put on the command bus. */
	readonly commands: number;
	/** To the venue. */
	readonly calls: number;
	/** From the first command to the last answer. */
	readonly ms: number;
}

export type Asked =
	| { readonly kind: 'done'; readonly clientOrderId?: string }
	| { readonly kind: 'refused'; readonly reason: string };

/** Streams are up and books whole when this resolves; throws one sentence for each thing that is wrong. */
export async function createApp(options: CreateAppOptions): Promise<LoopApp> {
	const { exchange, category = 'linear', symbols, orderEntry = 'ws' } = options;
	const made = makeCredentials(options);
	if (made.kind === 'refused') throw new Error(made.sentence);
	const urls = typeof exchange === 'string' ? environmentUrls(exchange) : boxUrls(exchange);
	const clock = systemClock();
	const rng = systemRng();
	const transport = systemTransport({ clock, isAllowed: (url) => isAllowedUrl(urls.environment, url) });
	const wishes = new Wishes();
	const engine = { ...ENGINE_SETTINGS, ...options.engine };
	const opened = await openApp(
		{
			venue: {
				urls,
				credentials: made.credentials,
				bookDepth: 50,
				recvWindowMs: 5_000,
				orderCalls: { ...GATEWAY_OPTIONS, orderEntry },
				reconnect: RECONNECT_POLICY,
				warmConnections: 0,
			},
			symbols: symbols.map((symbol) => ({ category, symbol })),
			quoting: [{ strategy: wishes, symbols }],
			engine: { ...engine, tick: { ...engine.tick, isManual: true } },
			runTag: runTagOf(rng.below(RUN_TAGS)),
		},
		{ clock, rng, transport, meter: NO_METER, journal: (sink) => memoryJournal({ clock, syncMs: 0, sink }) },
	);
	if (opened.kind === 'refused') {
		await transport[Symbol.asyncDispose]();
		throw new Error(opened.sentences.join('\n'));
	}
	const troubles = await opened.app.start();
	if (troubles.length > 0) {
		await opened.app[Symbol.asyncDispose]();
		await transport[Symbol.asyncDispose]();
		throw new Error(troubles.join('\n'));
	}
	return new LoopApp({ app: opened.app, transport, clock, wishes });
}

interface LoopParts {
	readonly app: App;
	readonly transport: Transport;
	readonly clock: Clock;
	readonly wishes: Wishes;
}

const LOOK_EVERY_MS = 1;
/** A flush whose answers take longer is over for us; its orders are looked up. */
const TICK_WITHIN_MS = 10_000;

export class LoopApp implements AsyncDisposable {
	readonly #parts: LoopParts;

	constructor(parts: LoopParts) {
		this.#parts = parts;
	}

	get symbols(): readonly string[] {
		return this.#parts.app.instruments.map(({ symbol }) => symbol);
	}

	/** Best prices of the venue as text; undefined while the book is not to be trusted. */
	top(symbol: string): { readonly bid: string; readonly ask: string } | undefined {
		const instrument = this.#instrument(symbol);
		const market = this.#parts.app.engine.market(instrument.index);
		if (market === undefined || !market.isBookSound) return undefined;
		const { bestBidTicks, bestAskTicks } = market.book;
		return { bid: printPrice(instrument, bestBidTicks), ask: printPrice(instrument, bestAskTicks) };
	}

	/** A price so many ticks away: up is away from bids, as `tick(ask, 5)`. */
	moved(symbol: string, price: string, ticks: number): string {
		const instrument = this.#instrument(symbol);
		return printPrice(instrument, (this.#price(instrument, price) + ticks) as Ticks);
	}

	/** Instead of what was wanted there before. Post-only; nothing happens before the next tick. */
	quote(symbol: string, quotes: readonly Quote[]): void {
		const instrument = this.#instrument(symbol);
		this.#parts.wishes.set(
			instrument,
			quotes.map(({ side, price, qty }) => ({
				side,
				priceTicks: this.#price(instrument, price),
				qtyLots: this.#qty(instrument, qty),
			})),
		);
	}

	/** One tick over all symbols, or these: resolves when its last answer is in. */
	async processTick(symbols: readonly string[] = this.symbols): Promise<TickResult> {
		const { app, clock } = this.#parts;
		const startMono = clock.monotonicMs();
		const callsBefore = app.engine.getStats().calls;
		const instruments = symbols.map((symbol) => app.indexOf(symbol));
		const result = this.#control({ kind: 'processTick', instruments });
		const deadlineMono = startMono + TICK_WITHIN_MS;
		while (!app.engine.isQuiescent && clock.monotonicMs() < deadlineMono) await this.#pause(LOOK_EVERY_MS);
		return {
			commands: result.kind === 'done' ? result.orderCount : 0,
			calls: app.engine.getStats().calls - callsBefore,
			ms: clock.monotonicMs() - startMono,
		};
	}

	getStats(): Stats {
		return this.#parts.app.engine.getStats();
	}

	placeOrder(order: OrderRequest): Asked {
		const instrument = this.#instrument(order.symbol);
		return this.#asked({
			kind: 'placeOrder',
			instrument: instrument.index,
			side: order.side,
			orderType: order.type ?? 'limit',
			timeInForce: order.timeInForce ?? 'gtc',
			reduceOnly: order.reduceOnly ?? false,
			priceTicks: this.#price(instrument, order.price),
			qtyLots: this.#qty(instrument, order.qty),
		});
	}

	/** What is not given stays as it is. */
	updateOrder(clientOrderId: string, change: { readonly price?: string; readonly qty?: string }): Asked {
		const order = this.#order(clientOrderId);
		if (order === undefined) return { kind: 'refused', reason: 'no-such-order' };
		const { instrument } = order;
		return this.#asked({
			kind: 'amendOrder',
			orderId: order.orderId,
			priceTicks: change.price === undefined ? order.priceTicks : this.#price(instrument, change.price),
			qtyLots: change.qty === undefined ? order.qtyLots : this.#qty(instrument, change.qty),
		});
	}

	cancelOrder(clientOrderId: string): Asked {
		const order = this.#order(clientOrderId);
		return order === undefined
			? { kind: 'refused', reason: 'no-such-order' }
			: this.#asked({ kind: 'cancelOrder', orderId: order.orderId });
	}

	/** Everywhere, or on one symbol. Quotes that are still wanted come back with the next tick. */
	cancelAll(symbol?: string): Asked {
		return this.#asked({
			kind: 'cancelAll',
			scope: symbol === undefined ? { kind: 'all' } : { kind: 'instrument', instrument: this.#instrument(symbol).index },
		});
	}

	openOrders(): readonly OpenOrder[] {
		return this.#parts.app.engine.openOrders().map(({ orderId, instrument, side, state, priceTicks, qtyLots, filledLots }) => ({
			clientOrderId: orderId,
			symbol: instrument.symbol,
			side,
			state,
			price: printPrice(instrument, priceTicks),
			qty: printQty(instrument, qtyLots),
			filled: printQty(instrument, filledLots),
		}));
	}

	/** Net quantity; below zero is short. */
	position(symbol: string): string {
		const instrument = this.#instrument(symbol);
		return printQty(instrument, this.#parts.app.engine.ledger.positionLots(instrument.index));
	}

	isRiskPaused(): boolean {
		return this.#parts.app.engine.isRiskPaused();
	}

	riskPauseReason(): string | undefined {
		return this.#parts.app.engine.riskPauseReason();
	}

	/** Lets other things happen, such as fills. */
	async sleep(ms: number): Promise<void> {
		await this.#pause(ms);
	}

	/** Cancels everything and proves it; answers with the orders that the venue still has. */
	async stop(): Promise<readonly string[]> {
		const left = await this.#parts.app.stop('the loop ends');
		await this.#parts.transport[Symbol.asyncDispose]();
		return left;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (!this.#parts.app.isEnded) await this.stop();
	}

	#asked(action: ControlAction): Asked {
		const result = this.#control(action);
		if (result.kind === 'refused') return { kind: 'refused', reason: result.reason };
		return result.kind === 'placed' ? { kind: 'done', clientOrderId: result.orderId } : { kind: 'done' };
	}

	#control(action: ControlAction): ControlResult {
		return this.#parts.app.runtime.control(action);
	}

	#pause(ms: number): Promise<void> {
		return new Promise((resolve) => {
			this.#parts.clock.after(ms, resolve);
		});
	}

	#instrument(symbol: string): Instrument {
		const { app } = this.#parts;
		const instrument = app.instruments[app.indexOf(symbol)];
		if (instrument === undefined) throw new Error('invariant broken: an index of the app is one of its instruments');
		return instrument;
	}

	#order(clientOrderId: string): Order | undefined {
		return parseOrderId(clientOrderId) === undefined ? undefined : this.#parts.app.engine.orders.get(clientOrderId as OrderId);
	}

	#price(instrument: Instrument, text: string): Ticks {
		const parsed = parsePrice(instrument, text);
		if (parsed.kind === 'ok') return parsed.value;
		throw new RangeError(
			`price ${text} of ${instrument.symbol} is refused (${parsed.reason}); prices are multiples of ${instrument.priceGrid.step}`,
		);
	}

	#qty(instrument: Instrument, text: string): Lots {
		const parsed = parseQty(instrument, text);
		if (parsed.kind === 'ok') return parsed.value;
		throw new RangeError(
			`quantity ${text} of ${instrument.symbol} is refused (${parsed.reason}); quantities are multiples of ${instrument.qtyGrid.step}`,
		);
	}
}
