/**
 * The signed operations of order entry, however they came: REST and the trade socket call the same ones. Each takes a
 * parsed body and answers with what goes into the venue's envelope.
 */
import type { BybitKey, BybitVenue } from './venue.ts';

export type OrderOperation =
	| 'order.create'
	| 'order.amend'
	| 'order.cancel'
	| 'order.cancel-all'
	| 'order.create-batch'
	| 'order.amend-batch'
	| 'order.cancel-batch';

export interface Answer {
	readonly retCode: number;
	readonly retMsg: string;
	readonly result: unknown;
	readonly retExtInfo: unknown;
}

export type RunOperation = (
	venue: BybitVenue,
	operation: OrderOperation,
	request: { readonly key: BybitKey; readonly body: unknown; readonly nowMs: number },
) => Answer;
