/** HOT: order calls to one market in Binance's words. Budget: bench/app/tick. */
import type { Judged } from '../wire/order-answers.ts';
import {
	OrderCalls,
	type OrderWire,
	type OrderCallOptions as SharedOptions,
	type OrderCallParts as SharedParts,
} from '../wire/order-calls.ts';
import type { Asking, OrderRoutes, Way } from '../wire/order-routes.ts';
import type { VenueClock } from '../wire/venue-clock.ts';
import { judgeBatch, judgeSingle } from './batch-answers.ts';
import { isAboutFilters } from './errors.ts';
import { binanceRoutes } from './order-routes.ts';
import { encode, type OrderRequest } from './order-wire.ts';
import type { RateNews } from './rate-news.ts';
import { type BinanceRest, ORDER_POOL, type RestAnswer } from './rest.ts';
import type { TradeSocket } from './trade-socket.ts';

export type OrderCallOptions = SharedOptions;

/** The ways to one market. */
export interface MarketOrders {
	readonly rest: Pick<BinanceRest, 'market' | 'ask' | 'banLeftMs' | 'recvWindowMs'>;
	/** Undefined where orders go over REST alone. */
	readonly socket: Pick<TradeSocket, 'isUp' | 'send'> | undefined;
	readonly venueClock: Pick<VenueClock, 'venueNowMs' | 'remeasure'>;
}

export interface OrderCallParts extends Omit<SharedParts<OrderRequest, RestAnswer>, 'wire' | 'venueClock' | 'options'> {
	readonly orders: MarketOrders;
	readonly rates: Pick<RateNews, 'tell'>;
	readonly options: OrderCallOptions;
}

export function orderCalls(parts: OrderCallParts): OrderCalls<OrderRequest, RestAnswer> {
	const { venueClock } = parts.orders;
	return new OrderCalls({ ...parts, venueClock, wire: new BinanceOrderWire(parts) });
}

class BinanceOrderWire implements OrderWire<OrderRequest, RestAnswer> {
	readonly routes: OrderRoutes<RestAnswer>;
	readonly #parts: OrderCallParts;

	constructor(parts: OrderCallParts) {
		this.#parts = parts;
		this.routes = binanceRoutes(parts.options);
	}

	isSocketUp(): boolean {
		const { socket, rest } = this.#parts.orders;
		return socket?.isUp === true && rest.banLeftMs() === 0;
	}

	encode(asking: Asking, { kind }: Way): OrderRequest {
		return encode(this.#parts.orders.rest.market, asking, kind);
	}

	sendBySocket({ apiMethod: method, params, weight }: OrderRequest, heard: (answer: RestAnswer) => void): boolean {
		const { socket } = this.#parts.orders;
		return method !== undefined && socket?.send({ method, params, weight }, heard) === true;
	}

	sendByRest(request: OrderRequest, mayGoAgain: () => boolean, heard: (answer: RestAnswer) => void): void {
		const { orders, options } = this.#parts;
		const { httpMethod: method, path, params, weight } = request;
		const timeoutMs = options.orderTimeoutMs;
		const call = { method, path, params, weight, security: 'signed', kind: 'order', pool: ORDER_POOL } as const;
		orders.rest.ask({ ...call, timeoutMs, mayGoAgain }, heard);
	}

	judge({ commands }: Asking, { kind }: Way, answer: RestAnswer): Judged {
		const { rest, venueClock } = this.#parts.orders;
		const { market, recvWindowMs } = rest;
		const asked = { market, commands, mayLandUntilMs: venueClock.venueNowMs() + recvWindowMs };
		return kind === 'batch' ? judgeBatch(answer, asked) : judgeSingle(answer, asked);
	}

	tellRates({ verb }: Asking, answer: RestAnswer, isRateRefused: boolean): void {
		const { rest, venueClock } = this.#parts.orders;
		this.#parts.rates.tell({ market: rest.market, verb, venueNowMs: venueClock.venueNowMs() }, answer, isRateRefused);
	}

	isAboutFilters(code: number): boolean {
		return isAboutFilters({ market: this.#parts.orders.rest.market, code });
	}
}
