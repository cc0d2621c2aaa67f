/**
 * Lets happen what falls due: asks the rules at each tick which moments have come, does to the exchange what they stand
 * for, counts what really happened, and puts back what was to last for a time. A function of the rules' dice, the clock
 * and the exchange; after a reset of the box, what was done to the exchange before is forgotten with it.
 */
import type { Clock } from '../../ports/clock.ts';
import type { ActiveFaults } from './active-faults.ts';
import { FATES, type FatefulExchange, type FateScene } from './fates.ts';
import { HAPPENING_NAMES, type HappeningName } from './happenings-catalogue.ts';
import type { Strike } from './strike.ts';

export interface HappeningVenue {
	/** The present one. */
	readonly exchange: FatefulExchange;
	accounts(): readonly { readonly name: string }[];
	/** Whether an account can have anything to do with a symbol; all with all unless said. */
	trades?(accountId: string, symbol: string): boolean;
}

interface PutBack {
	readonly exchange: FatefulExchange;
	readonly dueMono: number;
	readonly run: (nowMs: number) => void;
}

export class Happenings {
	readonly #faults: ActiveFaults;
	readonly #clock: Clock;
	readonly #venue: HappeningVenue;
	/** At most one a symbol or account and kind. */
	readonly #later = new Map<string, PutBack>();
	/** By exchange, since a new one counts its orders anew. */
	readonly #foreign = new WeakMap<FatefulExchange, Set<string>>();

	constructor(parts: { readonly faults: ActiveFaults; readonly clock: Clock; readonly venue: HappeningVenue }) {
		this.#faults = parts.faults;
		this.#clock = parts.clock;
		this.#venue = parts.venue;
	}

	tick(nowMs: number): void {
		if (this.#later.size > 0) this.#putBack(nowMs);
		if (this.#faults.isQuiet) return;
		for (const name of HAPPENING_NAMES) if (this.#faults.has(name)) this.#happen(name, nowMs);
	}

	#happen<Name extends HappeningName>(name: Name, nowMs: number): void {
		const fate: (scene: FateScene, strike: Strike<Name>) => boolean = FATES[name];
		for (const strike of this.#faults.moments(name)) {
			if (fate(this.#scene(nowMs), strike)) strike.count();
		}
	}

	#scene(nowMs: number): FateScene {
		const { exchange } = this.#venue;
		const foreign = this.#foreign.get(exchange) ?? new Set<string>();
		this.#foreign.set(exchange, foreign);
		return {
			exchange,
			foreign,
			accounts: this.#venue.accounts().map(({ name }) => name),
			trades: (accountId, symbol) => this.#venue.trades?.(accountId, symbol) ?? true,
			nowMs,
			lasting: (key, forMs, change, run) => {
				if (this.#later.get(key)?.exchange === exchange) return false;
				if (change().kind === 'refused') return false;
				if (forMs > 0) this.#later.set(key, { exchange, dueMono: this.#clock.monotonicMs() + forMs, run });
				return true;
			},
		};
	}

	#putBack(nowMs: number): void {
		const { exchange } = this.#venue;
		for (const [key, later] of this.#later) {
			if (later.exchange === exchange && this.#clock.monotonicMs() < later.dueMono) continue;
			this.#later.delete(key);
			if (later.exchange === exchange) later.run(nowMs);
		}
	}
}
