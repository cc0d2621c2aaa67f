/**
 * What a venue can do, declared by its adapter and used by planner and bus. Adding a venue adds one of these and edits
 * nothing here.
 */

import type { Verb } from './command.ts';
import type { Category } from './instrument.ts';

export interface VerbCapability {
	/** Most commands in one call; 1 means that the venue has no batches for this verb. */
	readonly batchMax: number;
	/** Whether commands of several symbols may share a call. */
	readonly mixesSymbols: boolean;
}

export interface CategoryCapability {
	readonly verbs: Readonly<Record<Verb, VerbCapability>>;
	/** Orders can be changed in place; where they cannot, the planner cancels and creates. */
	readonly canAmend: boolean;
	/** An amend may change these; a change of anything else is a cancel and a create. */
	readonly amendsPrice: boolean;
	readonly amendsQty: boolean;
	/** Where nothing moves the venue says so only this often, the way to us included; a book is not old before (PT4). */
	readonly bookBeatMs?: number;
	/** Which of the venue's wallets its orders draw on, where there are several; what one has is of no use to another. */
	readonly wallet?: string;
}

/** How many commands a venue takes within a window of so many milliseconds. */
export interface RateRule {
	readonly venue: string;
	readonly categories: readonly Category[];
	readonly verbs: readonly Verb[];
	readonly limit: number;
	readonly windowMs: number;
	/** Its windows follow one another, at times that answers tell; unless said, any window of that length counts. */
	readonly isFixed?: true;
	/** What a call of several commands counts, whatever it carries, by verb; unless said, each of them counts. */
	readonly batchCounts?: Readonly<Partial<Record<Verb, number>>>;
	/** What answers call it, where several rules hold for a verb. */
	readonly name?: string;
}

export interface VenueCapabilities {
	readonly venue: string;
	/** What the venue grants to everybody; answers may raise it. */
	readonly rateRules: readonly RateRule[];
	readonly categories: Readonly<Partial<Record<Category, CategoryCapability>>>;
}

/** Where money is kept: at a venue, or in one of its wallets. */
export function purseOf(venue: string, { wallet }: { readonly wallet?: string | undefined }): string {
	return wallet === undefined ? venue : `${venue} ${wallet}`;
}
