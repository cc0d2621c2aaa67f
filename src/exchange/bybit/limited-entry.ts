/**
 * Order entry as clients meet it: behind the rate limit of the account and endpoint, with the headers that tell what
 * is left of it. REST and the trade socket both come through here, so they share their buckets. A batch is cut where
 * its bucket ends, be it before the first order.
 */
import { TOO_MANY_VISITS } from './codes.ts';
import type { Answer, OrderOperation } from './operations.ts';
import { countItems, refusedAnswer, runOperation, runUpTo } from './order-entry.ts';
import { Params } from './params.ts';
import type { BybitKey, BybitVenue } from './venue.ts';

/** Each has buckets of its own; whatever else a request names counts with the first. */
const CATEGORIES = ['linear', 'inverse', 'option', 'spot'] as const;

/** Requests a second: derivatives and options, spot. Batches count orders. */
const PER_SEC: Record<OrderOperation, { readonly others: number; readonly spot: number }> = {
	'order.create': { others: 10, spot: 20 },
	'order.amend': { others: 10, spot: 10 },
	'order.cancel': { others: 10, spot: 20 },
	'order.cancel-all': { others: 10, spot: 20 },
	'order.create-batch': { others: 10, spot: 20 },
	'order.amend-batch': { others: 10, spot: 20 },
	'order.cancel-batch': { others: 10, spot: 20 },
};

export interface LimitedAnswer {
	readonly answer: Answer;
	readonly headers: Readonly<Record<string, string>>;
}

export function runLimited(
	venue: BybitVenue,
	operation: OrderOperation,
	request: { readonly key: BybitKey; readonly body: unknown; readonly nowMs: number },
): LimitedAnswer {
	const { key, body, nowMs } = request;
	const category = CATEGORIES.find((each) => each === Params.ofJson(body)?.raw('category')) ?? 'linear';
	const perSec = PER_SEC[operation][category === 'spot' ? 'spot' : 'others'];
	const bucket = { name: `${operation} ${category}`, perSec };
	const partly = operation.endsWith('-batch');
	const want = { units: countItems(operation, body), partly };
	const grant = venue.desk.limits.take(key.accountId, bucket, want, nowMs);
	if (grant.units === 0 && !partly) return { answer: refusedAnswer(TOO_MANY_VISITS), headers: grant.headers };
	const answer =
		grant.units < want.units
			? runUpTo(grant.units, { venue, key, nowMs }, operation, body)
			: runOperation(venue, operation, request);
	return { answer, headers: grant.headers };
}
