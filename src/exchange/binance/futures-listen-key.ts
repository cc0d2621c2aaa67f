/**
 * Listen keys: what opens a stream of an account's own events on futures. An account has one at a time; it lives for an
 * hour and is renewed by asking for it again. Whoever listens is told when one expires, and nothing when it is closed.
 */
import { createHash } from 'node:crypto';

const LIFE_MS = 3_600_000;

interface Lease {
	readonly listenKey: string;
	untilMs: number;
}

export type ListenKeyExpired = (listenKey: string, accountId: string, nowMs: number) => void;

export class ListenKeys {
	/** As many as accounts with keys. */
	readonly #leases = new Map<string, Lease>();
	readonly #owners = new Map<string, string>();
	#listeners: readonly ListenKeyExpired[] = [];
	#count = 0;

	/** For ever. */
	onExpired(listener: ListenKeyExpired): void {
		this.#listeners = [...this.#listeners, listener];
	}

	/** The key that is alive is given again, and lives for another hour. */
	open(accountId: string, nowMs: number): string {
		this.#expire(accountId, nowMs);
		const lease = this.#leases.get(accountId) ?? this.#grant(accountId);
		lease.untilMs = nowMs + LIFE_MS;
		return lease.listenKey;
	}

	/** Null: the account has none. */
	renew(accountId: string, nowMs: number): string | null {
		this.#expire(accountId, nowMs);
		const lease = this.#leases.get(accountId);
		if (lease === undefined) return null;
		lease.untilMs = nowMs + LIFE_MS;
		return lease.listenKey;
	}

	close(accountId: string): void {
		const lease = this.#leases.get(accountId);
		if (lease === undefined) return;
		this.#leases.delete(accountId);
		this.#owners.delete(lease.listenKey);
	}

	/** Undefined for a key that is not alive. */
	accountOf(listenKey: string): string | undefined {
		return this.#owners.get(listenKey);
	}

	tick(nowMs: number): void {
		for (const accountId of [...this.#leases.keys()]) this.#expire(accountId, nowMs);
	}

	#expire(accountId: string, nowMs: number): void {
		const lease = this.#leases.get(accountId);
		if (lease === undefined || nowMs < lease.untilMs) return;
		this.close(accountId);
		for (const listener of this.#listeners) listener(lease.listenKey, accountId, nowMs);
	}

	/** Of the length and the letters that clients know; which one, follows from how many there were. */
	#grant(accountId: string): Lease {
		this.#count += 1;
		const listenKey = createHash('sha256').update(`${accountId} ${this.#count}`).digest('hex');
		const lease = { listenKey, untilMs: 0 };
		this.#leases.set(accountId, lease);
		this.#owners.set(listenKey, accountId);
		return lease;
	}
}
