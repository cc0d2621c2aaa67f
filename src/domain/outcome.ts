/**
 * What a venue's answer says about one command. No answer is not a no: `unknown` keeps the order occupied until the
 * venue has been asked. The class of a failure decides what happens next and is the same for all venues.
 */
import type { Verb } from './command.ts';
import type { OrderId } from './order-id.ts';
import type { TimeMs } from './units.ts';

export const FAILURE_CLASSES = ['transient', 'rate-limited', 'clock', 'auth', 'fatal', 'ambiguous', 'benign'] as const;
export type FailureClass = (typeof FAILURE_CLASSES)[number];

export type Outcome =
	| { readonly kind: 'accepted'; readonly venueOrderId: string | undefined }
	/** Surely not done. `gone` says "no such order", which proves nothing about how it ended. */
	| { readonly kind: 'rejected'; readonly class: FailureClass; readonly gone: boolean; readonly reason: string }
	/** Maybe done: a timeout, a cut connection, an answer nobody can read. */
	/** `mayLandUntilMs`: by the venue's clock, how long it would still take what was sent; the rest is the expiry fence. */
	| { readonly kind: 'unknown'; readonly reason: string; readonly mayLandUntilMs?: TimeMs };

export interface ItemOutcome {
	readonly orderId: OrderId;
	readonly verb: Verb;
	readonly outcome: Outcome;
}
