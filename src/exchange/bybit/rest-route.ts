/** What a REST endpoint is handed: who calls, and when. Public endpoints know no key. */
import type { BybitKey, BybitVenue } from './venue.ts';

export interface PublicCaller {
	readonly venue: BybitVenue;
	readonly nowMs: number;
}

export interface Caller extends PublicCaller {
	readonly key: BybitKey;
}
