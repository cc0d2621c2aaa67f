/** Which addresses were told to slow down how often, and which are banned until when. Bounded: the oldest is forgotten. */
import type { Clock } from '../../ports/clock.ts';

interface Ban {
	readonly untilMs: number;
	/** Counts a request that was refused because of the ban. */
	readonly count: () => void;
}

const ADDRESSES_MAX = 10_000;

export class Bans {
	readonly #clock: Clock;
	readonly #bans = new Map<string, Ban>();
	readonly #violations = new Map<string, number>();

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	begin(remote: string, forMs: number, count: () => void): void {
		this.#violations.delete(remote);
		put(this.#bans, remote, { untilMs: this.#clock.monotonicMs() + forMs, count });
	}

	/** How long the address remains banned, counting this question as a refusal; 0 where it is not. */
	remainingMs(remote: string): number {
		const ban = this.#bans.get(remote);
		if (ban === undefined) return 0;
		const remainingMs = ban.untilMs - this.#clock.monotonicMs();
		if (remainingMs > 0) {
			ban.count();
			return remainingMs;
		}
		this.#bans.delete(remote);
		return 0;
	}

	lift(): void {
		this.#bans.clear();
		this.#violations.clear();
	}

	violate(remote: string): void {
		put(this.#violations, remote, this.violations(remote) + 1);
	}

	violations(remote: string): number {
		return this.#violations.get(remote) ?? 0;
	}
}

function put<Value>(map: Map<string, Value>, remote: string, value: Value): void {
	map.delete(remote);
	map.set(remote, value);
	if (map.size <= ADDRESSES_MAX) return;
	for (const oldest of map.keys()) {
		map.delete(oldest);
		return;
	}
}
