/** What the exchange refuses with a reason, spot refuses with a code and a text that depend on what was tried. */
import type { RefusalReason } from '../core/requests.ts';
import { bad, KEY_WRONG, Refusal, SYMBOL_WRONG, TOO_MANY } from './refusal.ts';

export type SpotDeed = 'place' | 'amend' | 'cancel';

const UNAVAILABLE = 503;

const UNKNOWN_ORDER = 'Unknown order sent.';
export const NO_SUCH_ORDER = bad(-2013, 'Order does not exist.');
export const ID_MISMATCH = bad(-2039, 'Client order ID is not correct for this order ID.');
export const RESTRICTED = bad(-2011, 'Order was not canceled due to cancel restrictions.');
export const AMEND_INCREASES = bad(-2038, 'Order amend (quantity increase) is not supported.');
export const AMEND_UNCHANGED = bad(-2038, 'The requested action would change no state; rejecting');

/** How each deed is refused by the matching engine. */
const CODES: Record<SpotDeed, number> = { place: -2010, amend: -2038, cancel: -2011 };

/** The code of the deed with this text, or a refusal that is the same for all deeds. */
const SAID: Record<RefusalReason, string | Refusal> = {
	'unknown-account': KEY_WRONG,
	'unknown-symbol': SYMBOL_WRONG,
	'unknown-coin': SYMBOL_WRONG,
	'symbol-not-trading': 'Market is closed.',
	'symbol-closed': 'Market is closed.',
	'symbol-reduce-only': 'Market is closed.',
	'symbol-post-only': 'This order type is not possible in this trading phase.',
	'position-mode-mismatch': 'This action is disabled on this account.',
	'malformed-client-id': bad(-1100, "Illegal characters found in parameter 'newClientOrderId'."),
	'duplicate-client-id': 'Duplicate order sent.',
	'invalid-price': filterFailure('PRICE_FILTER'),
	'price-off-grid': filterFailure('PRICE_FILTER'),
	'price-outside-band': filterFailure('PERCENT_PRICE_BY_SIDE'),
	'invalid-quantity': filterFailure('LOT_SIZE'),
	'quantity-off-grid': filterFailure('LOT_SIZE'),
	'below-min-quantity': filterFailure('LOT_SIZE'),
	'above-max-quantity': filterFailure('LOT_SIZE'),
	'below-min-notional': filterFailure('NOTIONAL'),
	'insufficient-balance': 'Account has insufficient balance for requested action.',
	'insufficient-margin': 'Account has insufficient balance for requested action.',
	'reduce-only-not-reducing': 'Unsupported order combination',
	'too-many-open-orders': filterFailure('MAX_NUM_ORDERS'),
	'post-only-would-cross': 'Order would immediately match and take.',
	'order-not-found': UNKNOWN_ORDER,
	'order-closed': UNKNOWN_ORDER,
	'amend-refused': filterFailure('MAX_NUM_ORDER_AMENDS'),
	'amend-unchanged': 'The requested action would change no state; rejecting',
	'amend-below-filled': 'The requested action would change no state; rejecting',
	'invalid-amount': filterFailure('NOTIONAL'),
	'invalid-filter': 'Unsupported order combination',
	'no-position': 'Unsupported order combination',
	'invalid-leverage': 'Unsupported order combination',
	busy: new Refusal(UNAVAILABLE, -1008, 'Server is currently overloaded with other requests. Please try again in a few minutes.'),
	'too-many-requests': new Refusal(TOO_MANY, -1015, 'Too many new orders.'),
};

const FILTERS: ReadonlySet<RefusalReason> = new Set([
	'invalid-price',
	'price-off-grid',
	'price-outside-band',
	'invalid-quantity',
	'quantity-off-grid',
	'below-min-quantity',
	'above-max-quantity',
	'below-min-notional',
	'invalid-amount',
]);

export function spotRefusal(deed: SpotDeed, reason: RefusalReason): Refusal {
	const said = SAID[reason];
	return typeof said === 'string' ? bad(CODES[deed], said) : said;
}

/** Would the order be refused by a filter, whatever else becomes of the account before it goes in? */
export function isFilter(reason: RefusalReason): boolean {
	return FILTERS.has(reason);
}

export function filterFailure(name: string): Refusal {
	return bad(-1013, `Filter failure: ${name}`);
}

export function unknownOrder(deed: SpotDeed): Refusal {
	return bad(CODES[deed], UNKNOWN_ORDER);
}
