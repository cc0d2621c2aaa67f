/** Which answers of Bybit close a way for orders, and how a command travels that is alone. */
import { type CallForm, OrderRoutes, type RouteOptions } from '../wire/order-routes.ts';
import type { RestAnswer } from './rest-answer.ts';

export interface BybitRouteOptions extends RouteOptions {
	/** How a command that is alone travels: by the endpoint for one, or as a batch of one. */
	readonly lone: CallForm;
}

/** The key, the route or the kind of account: nothing about the orders. */
const BATCH_CLOSED: ReadonlySet<number> = new Set([404, 10005, 10017, 10028, 10032, 10404]);
/** Not logged in or too many sessions, not permitted, no such operation here. */
const SOCKET_CLOSED: ReadonlySet<number> = new Set([10003, 10004, 10005, 10017, 10404]);
/** Some refusals of a category for batches come with the code for bad parameters. */
const PARAMETER_ERROR = 10001;
const ABOUT_CATEGORY = /category/i;

export function bybitRoutes(options: BybitRouteOptions): OrderRoutes<RestAnswer> {
	return new OrderRoutes<RestAnswer>(options, {
		// The one case in which the buckets differ: the larger one of batches is the one we count (capabilities.ts).
		formOfOne: ({ category, verb }) => (category === 'spot' && verb === 'amend' ? 'batch' : options.lone),
		closesSocket: (answer) => answer.kind === 'refused' && SOCKET_CLOSED.has(answer.code),
		closesBatches: (answer) => answer.kind === 'refused' && isBatchClosed(answer.code, answer.message),
	});
}

function isBatchClosed(code: number, message: string): boolean {
	return BATCH_CLOSED.has(code) || (code === PARAMETER_ERROR && ABOUT_CATEGORY.test(message));
}
