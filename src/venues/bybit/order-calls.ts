/** HOT: order calls in Bybit's words. One body serves REST and the trade socket. Budget: bench/venues/bybit/calls. */

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
import { type BybitRouteOptions, bybitRoutes } from './order-routes.ts';
import { ENDPOINTS, encodeBatch, encodeSingle, type OrderEndpoint } from './order-wire.ts';
import type { RateNews } from './rate-news.ts';
import { type BybitRest, ORDER_POOL, type RestAnswer } from './rest.ts';
import type { TradeSocket } from './trade-socket.ts';

export interface OrderCallOptions extends SharedOptions, BybitRouteOptions {}

export interface OrderCallParts extends Omit<SharedParts<Request, RestAnswer>, 'wire' | 'venueClock' | 'options'> {
	readonly rest: Pick<BybitRest, 'ask' | 'banLeftMs' | 'recvWindowMs'>;
	/** Undefined where the venue has none, as in its demo environment. */
	readonly socket: Pick<TradeSocket, 'isUp' | 'send'> | undefined;
	readonly venueClock: Pick<VenueClock, 'venueNowMs' | 'remeasure'>;
	readonly rates: Pick<RateNews, 'tell'>;
	readonly options: OrderCallOptions;
}

interface Request {
	readonly endpoint: OrderEndpoint;
	readonly body: string;
}

export function orderCalls(parts: OrderCallParts): OrderCalls<Request, RestAnswer> {
	return new OrderCalls({ ...parts, wire: new BybitOrderWire(parts) });
}

class BybitOrderWire implements OrderWire<Request, RestAnswer> {
	readonly routes: OrderRoutes<RestAnswer>;
	readonly isAboutFilters = isAboutFilters;
	readonly #parts: OrderCallParts;

	constructor(parts: OrderCallParts) {
		this.#parts = parts;
		this.routes = bybitRoutes(parts.options);
	}

	isSocketUp(): boolean {
		const { socket, rest } = this.#parts;
		return socket?.isUp === true && rest.banLeftMs() === 0;
	}

	encode({ category, verb, commands }: Asking, { kind }: Way): Request {
		const body = kind === 'batch' ? encodeBatch(category, commands) : encodeSingle(commands);
		return { endpoint: ENDPOINTS[verb][kind], body };
	}

	sendBySocket({ endpoint, body }: Request, heard: (answer: RestAnswer) => void): boolean {
		return this.#parts.socket?.send(endpoint.op, body, heard) === true;
	}

	sendByRest({ endpoint, body }: Request, mayGoAgain: () => boolean, heard: (answer: RestAnswer) => void): void {
		const { rest, options } = this.#parts;
		const { path } = endpoint;
		const timeoutMs = options.orderTimeoutMs;
		rest.ask({ method: 'POST', path, body, signed: true, kind: 'order', pool: ORDER_POOL, timeoutMs, mayGoAgain }, heard);
	}

	judge({ commands }: Asking, { kind }: Way, answer: RestAnswer): Judged {
		const { venueClock, rest } = this.#parts;
		const asked = { commands, mayLandUntilMs: venueClock.venueNowMs() + rest.recvWindowMs };
		return kind === 'batch' ? judgeBatch(answer, asked) : judgeSingle(answer, asked);
	}

	tellRates({ category, verb }: Asking, answer: RestAnswer, isRateRefused: boolean): void {
		this.#parts.rates.tell(category, verb, answer, isRateRefused);
	}
}
