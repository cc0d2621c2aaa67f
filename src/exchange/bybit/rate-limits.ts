/**
 * Rate limits in rolling windows: per account and endpoint one second, per address five. A request that is refused
 * costs nothing. Batches take as many units as they have orders, and may be granted only some of them.
 */

/** Units taken within the last `windowMs`; remembers at most `limit` entries. */
export class RollingWindow {
	readonly limit: number;
	readonly #windowMs: number;
	#entries: { readonly atMs: number; readonly units: number }[] = [];
	#used = 0;

	constructor(limit: number, windowMs: number) {
		this.limit = limit;
		this.#windowMs = windowMs;
	}

	/** How many of the units may go ahead; all or nothing is the caller's choice through `least`. */
	take(units: number, least: number, nowMs: number): number {
		if (this.limit === Number.POSITIVE_INFINITY) return units;
		this.#forget(nowMs);
		const granted = Math.min(units, this.limit - this.#used);
		if (granted < least || granted === 0) return 0;
		this.#entries.push({ atMs: nowMs, units: granted });
		this.#used += granted;
		return granted;
	}

	get left(): number {
		return this.limit - this.#used;
	}

	/** When the oldest entry leaves the window. */
	resetAtMs(nowMs: number): number {
		const oldest = this.#entries[0];
		return oldest === undefined ? nowMs : oldest.atMs + this.#windowMs;
	}

	#forget(nowMs: number): void {
		let gone = 0;
		for (const entry of this.#entries) {
			if (entry.atMs + this.#windowMs > nowMs) break;
			this.#used -= entry.units;
			gone += 1;
		}
		if (gone > 0) this.#entries = this.#entries.slice(gone);
	}
}

export interface Grant {
	readonly units: number;
	readonly headers: Readonly<Record<string, string>>;
}

/** What a client sees as unlimited. */
const UNLIMITED_SHOWN = 1_000_000;
const SECOND_MS = 1_000;
const ADDRESS_WINDOW_MS = 5_000;
const ADDRESS_LIMIT = 600;
const ADDRESS_BAN_MS = 600_000;
/** Addresses remembered; the longest known is forgotten first. */
const ADDRESSES_KEPT = 10_000;

export class RateLimits {
	readonly #factor: number;
	readonly #windows = new Map<string, RollingWindow>();
	readonly #addresses = new Map<string, { readonly window: RollingWindow; bannedUntilMs: number }>();

	constructor(factor: number) {
		this.#factor = factor;
	}

	/** As many windows as accounts with keys times endpoints. */
	take(
		accountId: string,
		bucket: { readonly name: string; readonly perSec: number },
		want: { readonly units: number; readonly partly: boolean },
		nowMs: number,
	): Grant {
		const name = `${accountId} ${bucket.name}`;
		let window = this.#windows.get(name);
		if (window === undefined) {
			window = new RollingWindow(Math.max(1, Math.floor(bucket.perSec * this.#factor)), SECOND_MS);
			this.#windows.set(name, window);
		}
		const units = window.take(want.units, want.partly ? 1 : want.units, nowMs);
		const resetAtMs = units < want.units ? window.resetAtMs(nowMs) : nowMs;
		return {
			units,
			headers: {
				'X-Bapi-Limit': String(Math.min(window.limit, UNLIMITED_SHOWN)),
				'X-Bapi-Limit-Status': String(Math.min(window.left, UNLIMITED_SHOWN)),
				'X-Bapi-Limit-Reset-Timestamp': String(resetAtMs),
			},
		};
	}

	/** May this address be served? Once it asks too often, all of it is refused for ten minutes. */
	admits(remote: string, nowMs: number): boolean {
		let address = this.#addresses.get(remote);
		if (address === undefined) {
			if (this.#addresses.size >= ADDRESSES_KEPT) this.#forgetOldest();
			address = { window: new RollingWindow(ADDRESS_LIMIT * this.#factor, ADDRESS_WINDOW_MS), bannedUntilMs: 0 };
			this.#addresses.set(remote, address);
		}
		if (nowMs < address.bannedUntilMs) return false;
		if (address.window.take(1, 1, nowMs) === 1) return true;
		address.bannedUntilMs = nowMs + ADDRESS_BAN_MS;
		return false;
	}

	#forgetOldest(): void {
		for (const remote of this.#addresses.keys()) {
			this.#addresses.delete(remote);
			return;
		}
	}
}
