/** Which answers of Binance close a way for orders: the WS API, or the batches of futures. */
import { OrderRoutes, type RouteOptions } from '../wire/order-routes.ts';
import type { RestAnswer } from './rest-answer.ts';

/** No such path, key or permission not for it, no such operation: nothing about the orders. */
const BATCH_CLOSED: ReadonlySet<number> = new Set([404, 405, -1002, -1011, -1020, -1099, -2015]);
const SOCKET_CLOSED: ReadonlySet<number> = new Set([404, -1002, -1011, -1020, -1022, -1099, -2014, -2015]);
/** Comes under a code that is about orders. */
const SOCKET_OFF = 'WebSocket API trading is not enabled';

export function binanceRoutes(options: RouteOptions): OrderRoutes<RestAnswer> {
	return new OrderRoutes<RestAnswer>(options, {
		formOfOne: () => 'single',
		closesSocket: (answer) =>
			answer.kind === 'refused' && (SOCKET_CLOSED.has(answer.code) || answer.message.startsWith(SOCKET_OFF)),
		closesBatches: (answer) => answer.kind === 'refused' && BATCH_CLOSED.has(answer.code),
	});
}
