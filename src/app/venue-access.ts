/** A venue as it can be reached: where it is, under which key, and how it is used. */
import type { Transport } from '../network/transport.ts';
import type { Clock } from '../ports/clock.ts';
import type { Rng } from '../ports/rng.ts';
import type { OwnOrders } from '../sentinel/sentinel.ts';
import type { PatienceOptions } from '../venues/wire/patience.ts';
import type { VenueSetup } from '../venues/wire/venue.ts';
import type { VenueSettings } from './config/venue-settings.ts';

export interface ApiKey {
	readonly apiKey: string;
	readonly apiSecret: string;
}

export interface VenueAccess {
	readonly settings: VenueSettings;
	/** Without one there is only what is public. */
	readonly key: ApiKey | undefined;
	/** Of its REST, whatever of it is traded. */
	readonly origins: readonly string[];
	/** Each account that its symbols are traded on, by where that is: wallets that are apart may be traded by several. */
	readonly tradedAt: readonly string[];
	/** What it is opened with. */
	readonly setup: VenueSetup;
	/** The same place under another key, to look at it. */
	withKey(key: ApiKey): VenueAccess;
	/**
	 * From the next request on this key is used, by whatever was opened with `setup`. A sentence where that takes a restart,
	 * or where it can be no key; then nothing has changed.
	 */
	renewKey(key: ApiKey): string | undefined;
	/** Whether its environment has this URL. */
	isAllowedUrl(url: string): boolean;
	/** For a sentinel; only with a key. */
	openOwnOrders(ports: OwnOrdersPorts): OwnOrders & Disposable;
}

export interface OwnOrdersPorts {
	readonly transport: Transport;
	readonly clock: Clock;
	readonly rng: Rng;
	readonly patience: PatienceOptions;
}

/** With another key, or none. */
export type KeyedAccess = (key: ApiKey | undefined) => VenueAccess;

export type AccessFound =
	| { readonly kind: 'found'; readonly accessWith: KeyedAccess }
	| { readonly kind: 'refused'; readonly sentence: string };

/** Where they are traded, each once. */
export function hostsOf(venues: readonly VenueAccess[]): readonly string[] {
	return [...new Set(venues.flatMap(({ tradedAt }) => tradedAt.map((at) => new URL(at).host)))];
}
