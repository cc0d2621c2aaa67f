/** Whoever offers one bad token after another waits a while: ten in a minute lock an address for a minute (SEC6). */
import type { Clock } from '../ports/clock.ts';

const BAD_MAX = 10;
const WITHIN_MS = 60_000;
const LOCKED_MS = 60_000;
/** Beyond this many the one that was bad longest ago is forgotten. */
const ADDRESSES_MAX = 1_000;

interface Record {
	/** Of the last bad ones, oldest first. */
	badAtMono: number[];
	lockedUntilMono: number;
}

export class Lockout {
	readonly #clock: Clock;
	readonly #records = new Map<string, Record>();

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	isLocked(address: string): boolean {
		const record = this.#records.get(address);
		return record !== undefined && this.#clock.monotonicMs() < record.lockedUntilMono;
	}

	countBad(address: string): void {
		const now = this.#clock.monotonicMs();
		const record = this.#records.get(address) ?? { badAtMono: [], lockedUntilMono: 0 };
		record.badAtMono = [...record.badAtMono.filter((at) => now - at < WITHIN_MS), now].slice(-BAD_MAX);
		if (record.badAtMono.length >= BAD_MAX) {
			record.lockedUntilMono = now + LOCKED_MS;
			record.badAtMono = [];
		}
		this.#records.delete(address);
		this.#records.set(address, record);
		const [oldest] = this.#records.keys();
		if (this.#records.size > ADDRESSES_MAX && oldest !== undefined) this.#records.delete(oldest);
	}
}
