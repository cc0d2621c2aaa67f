/**
 * The life of an order as one table: every state against every event, nothing left to chance. Venue facts are never
 * refused: late, repeated and out-of-order ones leave the state where it is and never move it backwards (I6). Requests
 * of our own can be refused; sending one anyway is a bug of ours.
 *
 *   intended ─ sent ─┬─ live ── partiallyFilled ─┬─ filled
 *                    │    └ amending, cancelling ┘  cancelled, rejected, expired
 *                    └─ unknown (nobody answered: it may exist; see I7)
 */
export const ORDER_STATES = [
	'intended', // has an id and a place in our books; no byte has left
	'sent', // bytes have left, and perhaps an acceptance came; the venue has not shown it yet
	'live',
	'partiallyFilled',
	'amending', // shown by the venue, an amend is open: old or new price and size may hold
	'cancelling',
	'unknown', // a create, amend or cancel has no clear answer: only the venue can tell
	'filled',
	'cancelled',
	'rejected',
	'expired',
] as const;
export type OrderState = (typeof ORDER_STATES)[number];

export const ORDER_EVENTS = [
	// what we do
	'send',
	'sendAmend',
	'sendCancel',
	'drop', // an intent that is withdrawn before a byte left
	// what an answer says: accepted only promises; refused is definite; gone means "no such order", which proves nothing
	'createAccepted',
	'createRefused',
	'createUnknown',
	'amendAccepted',
	'amendRefused',
	'amendGone',
	'amendUnknown',
	'cancelAccepted',
	'cancelRefused',
	'cancelGone',
	'cancelUnknown',
	// what the venue shows, by stream or look-up
	'showsWorking',
	'showsAmended', // working at the price and size that the open amend asked for
	'showsFilled',
	'showsCancelled',
	'showsRejected',
	'showsExpired',
	// what execution records say
	'fill',
	'lastFill', // the fill that completes the quantity
	// the expiry fence has passed and two complete look-ups found nothing
	'provenAbsent',
] as const;
export type OrderLifeEvent = (typeof ORDER_EVENTS)[number];

/** `working` is live or partiallyFilled, by what has been filled. `refuse` marks a request that the state forbids. */
export type LifeCell = OrderState | 'working' | 'stay' | 'refuse';

const STAY = 'stay';
const NO = 'refuse';

/** What venue records do to any order that is not over yet. */
const SHOWN = {
	showsFilled: 'filled',
	showsCancelled: 'cancelled',
	showsRejected: 'rejected',
	showsExpired: 'expired',
	lastFill: 'filled',
} as const;

/** Answers to requests that are not open, left over from an earlier turn. */
const LATE_CREATE = { createAccepted: STAY, createRefused: STAY, createUnknown: STAY } as const;
const LATE_AMEND = { amendAccepted: STAY, amendRefused: STAY, amendGone: STAY, amendUnknown: STAY } as const;
const LATE_CANCEL = { cancelAccepted: STAY, cancelRefused: STAY, cancelGone: STAY, cancelUnknown: STAY } as const;

/** An order that is over stays over; a fill that comes late is still booked by whoever keeps the count. */
const OVER = {
	send: NO,
	sendAmend: NO,
	sendCancel: NO,
	drop: NO,
	...LATE_CREATE,
	...LATE_AMEND,
	...LATE_CANCEL,
	showsWorking: STAY,
	showsAmended: STAY,
	showsFilled: STAY,
	showsCancelled: STAY,
	showsRejected: STAY,
	showsExpired: STAY,
	fill: STAY,
	lastFill: STAY,
	provenAbsent: STAY,
} as const;

const WORKING = {
	send: NO,
	sendAmend: 'amending',
	sendCancel: 'cancelling',
	drop: NO,
	...LATE_CREATE,
	...LATE_AMEND,
	...LATE_CANCEL,
	showsWorking: 'working',
	showsAmended: 'working',
	...SHOWN,
	fill: 'working',
	// two look-ups that miss an order the venue has shown: somebody is wrong, so it is in doubt, not over
	provenAbsent: 'unknown',
} as const;

const ORDER_LIFE = {
	intended: {
		send: 'sent',
		sendAmend: NO,
		sendCancel: NO,
		drop: 'rejected',
		// nothing was sent, so any of these is about bytes that a journal says may have left: they are believed
		createAccepted: 'sent',
		createRefused: 'rejected',
		createUnknown: 'unknown',
		...LATE_AMEND,
		...LATE_CANCEL,
		showsWorking: 'working',
		showsAmended: 'working',
		...SHOWN,
		fill: 'working',
		provenAbsent: 'rejected',
	},
	sent: {
		send: NO,
		sendAmend: NO,
		sendCancel: 'cancelling',
		drop: NO,
		createAccepted: STAY,
		createRefused: 'rejected',
		createUnknown: 'unknown',
		...LATE_AMEND,
		...LATE_CANCEL,
		showsWorking: 'working',
		showsAmended: 'working',
		...SHOWN,
		fill: 'working',
		provenAbsent: 'rejected',
	},
	live: WORKING,
	partiallyFilled: WORKING,
	amending: {
		send: NO,
		sendAmend: NO,
		sendCancel: 'cancelling',
		drop: NO,
		...LATE_CREATE,
		amendAccepted: STAY,
		amendRefused: 'working',
		amendGone: 'unknown',
		amendUnknown: 'unknown',
		...LATE_CANCEL,
		// may be a report from before the amend: only one that shows the new version closes it
		showsWorking: STAY,
		showsAmended: 'working',
		...SHOWN,
		fill: STAY,
		provenAbsent: 'unknown',
	},
	cancelling: {
		send: NO,
		sendAmend: NO,
		sendCancel: NO,
		drop: NO,
		createAccepted: STAY,
		createRefused: 'rejected',
		createUnknown: 'unknown',
		...LATE_AMEND,
		cancelAccepted: STAY,
		cancelRefused: 'working',
		cancelGone: 'unknown',
		cancelUnknown: 'unknown',
		showsWorking: STAY,
		showsAmended: STAY,
		...SHOWN,
		fill: STAY,
		provenAbsent: 'unknown',
	},
	unknown: {
		send: NO,
		sendAmend: NO,
		// asking for its end is always allowed (I11), and harmless if it never existed
		sendCancel: 'cancelling',
		drop: NO,
		createAccepted: STAY,
		createRefused: STAY,
		createUnknown: STAY,
		...LATE_AMEND,
		...LATE_CANCEL,
		showsWorking: 'working',
		showsAmended: 'working',
		...SHOWN,
		fill: STAY,
		provenAbsent: 'rejected',
	},
	filled: OVER,
	cancelled: OVER,
	rejected: OVER,
	expired: OVER,
} as const satisfies Record<OrderState, Record<OrderLifeEvent, LifeCell>>;

/** The state after an event, or `refuse`. `filledLots` counts what is booked, this event's fill included. */
export function nextOrderState(state: OrderState, event: OrderLifeEvent, filledLots: number): OrderState | 'refuse' {
	const cell: LifeCell = ORDER_LIFE[state][event];
	if (cell === 'stay') return state;
	if (cell === 'working') return filledLots > 0 ? 'partiallyFilled' : 'live';
	return cell;
}

export function isOver(state: OrderState): boolean {
	return state === 'filled' || state === 'cancelled' || state === 'rejected' || state === 'expired';
}

/** A command of ours is under way or its fate is open: planning leaves the slot alone. */
export function isInFlight(state: OrderState): boolean {
	return state === 'intended' || state === 'sent' || state === 'amending' || state === 'cancelling' || state === 'unknown';
}

/** The venue has shown it, and nobody has asked for its end: somebody may trade with it. */
export function isInBook(state: OrderState): boolean {
	return state === 'live' || state === 'partiallyFilled' || state === 'amending';
}
