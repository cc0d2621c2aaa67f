/**
 * What Bybit remembers of its clients beyond the exchange: request rates, dead-man windows and the price-limit switch,
 * one desk for each venue, shared by REST and the sockets (batches over both draw from the same bucket).
 */
import { DeepUpdates } from './deep-updates.ts';
import { RateLimits } from './rate-limits.ts';
import type { BybitVenue } from './venue.ts';

export type DcpProduct = 'SPOT' | 'DERIVATIVES' | 'OPTIONS';

export const DCP_PRODUCTS: readonly DcpProduct[] = ['SPOT', 'DERIVATIVES', 'OPTIONS'];

interface Settings {
	/** Futures prices outside the band are moved to its edge instead of refused. */
	clampsFutures: boolean;
	clampsSpot: boolean;
	readonly dcpWindowSec: Map<DcpProduct, number>;
}

export class Desk {
	readonly limits: RateLimits;
	readonly #settings = new Map<string, Settings>();
	readonly #deepUpdates = new Map<string, DeepUpdates>();

	constructor(limitFactor: number) {
		this.limits = new RateLimits(limitFactor);
	}

	/** As many as there are symbols. */
	deepUpdates(exchangeKey: string): DeepUpdates {
		let updates = this.#deepUpdates.get(exchangeKey);
		if (updates === undefined) {
			updates = new DeepUpdates();
			this.#deepUpdates.set(exchangeKey, updates);
		}
		return updates;
	}

	/** As many as there are accounts with keys. */
	settings(accountId: string): Settings {
		let settings = this.#settings.get(accountId);
		if (settings === undefined) {
			settings = { clampsFutures: true, clampsSpot: false, dcpWindowSec: new Map() };
			this.#settings.set(accountId, settings);
		}
		return settings;
	}
}

/** Keyed by the venue, so that two venues in one process share nothing and a venue that is dropped takes its desk along. */
const DESKS = new WeakMap<BybitVenue, Desk>();

export function deskOf(venue: BybitVenue): Desk {
	let desk = DESKS.get(venue);
	if (desk === undefined) {
		desk = new Desk(venue.options.limitFactor);
		DESKS.set(venue, desk);
	}
	return desk;
}
