/**
 * What Bybit remembers of its clients beyond the exchange: request rates, dead-man windows and the price-limit switch.
 * Each venue has one, shared by REST and the sockets (batches over both draw from the same bucket).
 */
import { RateLimits } from './rate-limits.ts';

export type DcpProduct = 'SPOT' | 'DERIVATIVES' | 'OPTIONS';

export const DCP_PRODUCTS: readonly DcpProduct[] = ['SPOT', 'DERIVATIVES', 'OPTIONS'];

interface Settings {
	/** Futures prices outside the band are moved to its edge instead of refused. */
	clampsFutures: boolean;
	clampsSpot: boolean;
	/** What is not in it is not protected. */
	readonly dcpWindowSec: Map<DcpProduct, number>;
}

export class Desk {
	readonly limits: RateLimits;
	readonly #settings = new Map<string, Settings>();

	constructor(limitFactor: number) {
		this.limits = new RateLimits(limitFactor);
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
