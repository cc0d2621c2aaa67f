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
}

/** How many commands a venue takes within any window of so many milliseconds; batches count each of theirs. */
export interface RateRule {
	readonly venue: string;
	readonly categories: readonly Category[];
	readonly verbs: readonly Verb[];
	readonly limit: number;
	readonly windowMs: number;
}

export interface VenueCapabilities {
	readonly venue: string;
	/** What the venue grants to everybody; answers may raise it. */
	readonly rateRules: readonly RateRule[];
	readonly categories: Readonly<Partial<Record<Category, CategoryCapability>>>;
}
