/**
 * Conditional orders have endpoints of their own at the venue. There are none here: placing one is refused with its code,
 * lists are empty, and none can be found.
 */
import { chosen } from './futures-order-lists.ts';
import type { FuturesCaller } from './futures-order-params.ts';
import { NO_SUCH_ORDER, UNKNOWN_ORDER } from './futures-refusals.ts';
import type { Json } from './numbers.ts';
import type { Params } from './params.ts';
import { Refusal } from './refusal.ts';
import { NOT_SUPPORTED } from './rest.ts';

export function placeAlgo({ venue }: FuturesCaller, given: Params): Refusal {
	const symbol = given.symbol(venue, 'futures');
	return symbol instanceof Refusal ? symbol : NOT_SUPPORTED;
}

export function cancelAlgo(): Refusal {
	return UNKNOWN_ORDER;
}

export function queryAlgo(): Refusal {
	return NO_SUCH_ORDER;
}

export function cancelAllAlgos({ venue }: FuturesCaller, given: Params): Json | Refusal {
	const symbol = given.symbol(venue, 'futures');
	return symbol instanceof Refusal ? symbol : { code: 200, msg: 'The operation of cancel all open order is done.' };
}

export function algoList(caller: FuturesCaller, given: Params): Json | Refusal {
	const symbols = chosen(caller, given);
	return symbols instanceof Refusal ? symbols : [];
}
