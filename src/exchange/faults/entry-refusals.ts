/** Faults that refuse a single order, or a single item of a batch, as the venue would: before it has any effect. */
import type { AmendRequest, PlaceRequest, RefusalReason } from '../core/requests.ts';
import type { OrderView } from '../core/views.ts';
import type { ActiveFaults } from './active-faults.ts';
import type { Present } from './present-request.ts';

/** Null for `request`: not a new order, but something with one that is there. */
export function placeRefusal(faults: ActiveFaults, now: Present, request: PlaceRequest | null): RefusalReason | null {
	const item = itemRefusal(faults, now);
	if (item !== null || request === null || isPostOnly(request)) return item;
	const phase = faults.prepare('maintenance', now.candidate, ({ mode }) => mode === 'post-only');
	phase?.count();
	return phase === undefined ? null : 'symbol-post-only';
}

/** Amends count from when the rule is there. */
export function amendRefusal(
	faults: ActiveFaults,
	now: Present,
	amend: { readonly request: AmendRequest; readonly order: OrderView; readonly amendCount: number },
): RefusalReason | null {
	const strike = faults.prepare('amend-limit', now.candidate, ({ form, amends }) =>
		form === 'cap' ? amend.amendCount >= amends : !isDecrease(amend.request, amend.order),
	);
	strike?.count();
	return strike === undefined ? null : 'amend-refused';
}

/** One item at least stays, and one fails: by chance, or all from one on. */
function itemRefusal(faults: ActiveFaults, now: Present): RefusalReason | null {
	if (now.itemCount < 2) return null;
	const batch = now.lasting('partial-batch', () => {
		const strike = faults.prepare('partial-batch', now.candidate);
		if (strike !== undefined) now.failing = failing(strike.parameters.form, now.itemCount, (bound) => strike.rng.below(bound));
		return strike;
	});
	const isFailing = now.failing?.[now.itemIndex] ?? false;
	now.itemIndex += 1;
	if (batch === null || !isFailing) return null;
	batch.show();
	return batch.parameters.form === 'tail' ? 'too-many-requests' : 'busy';
}

function failing(form: 'scattered' | 'tail', itemCount: number, pick: (bound: number) => number): boolean[] {
	const spared = pick(itemCount - 1);
	const fails = Array.from({ length: itemCount }, (_, index) =>
		form === 'tail' ? index > spared : index !== spared && pick(2) === 0,
	);
	if (!fails.includes(true)) fails[itemCount - 1] = true;
	return fails;
}

function isPostOnly(request: PlaceRequest): boolean {
	return request.type === 'limit' && request.timeInForce === 'post-only';
}

function isDecrease(request: AmendRequest, order: OrderView): boolean {
	const isSamePrice = request.priceTicks === undefined || request.priceTicks === order.priceTicks;
	return isSamePrice && (request.qtyLots === undefined || request.qtyLots <= order.qtyLots);
}
