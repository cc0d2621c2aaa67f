/**
 * Where reads wait until the venue has room for them: what tells of our own account first, then first come, first
 * served, and only so many. Orders do not come by here: what they may spend is decided before they are made.
 */
import type { Clock, Timer } from '../../ports/clock.ts';
import type { VenueClock } from '../wire/venue-clock.ts';
import type { ReadKind, Weights } from './weights.ts';

export interface ReadGateParts {
	readonly clock: Clock;
	readonly venueClock: Pick<VenueClock, 'venueNowMs'>;
	readonly weights: Weights;
}

interface Waiter {
	readonly weight: number;
	readonly go: () => void;
	readonly isWanted: () => boolean;
}

export interface Passing {
	readonly kind?: ReadKind;
	/** Who is not waited for any more makes room in a full line: it is let go at once, and is to send nothing. */
	readonly isWanted?: () => boolean;
}

const KINDS = ['account', 'other', 'models'] as const satisfies readonly ReadKind[];
/** More than any start-up asks at once, of each kind. */
const WAITING_MAX = 256;
/** The venue's clock is known to a few milliseconds only. */
const GUARD_MS = 50;

export class ReadGate {
	readonly #parts: ReadGateParts;
	/** In the order in which they go. */
	readonly #lines: Readonly<Record<ReadKind, Waiter[]>> = { account: [], other: [], models: [] };
	#timer: Timer | undefined;

	constructor(parts: ReadGateParts) {
		this.#parts = parts;
	}

	get waitingCount(): number {
		return KINDS.reduce((sum, kind) => sum + this.#lines[kind].length, 0);
	}

	/** Goes at once or later; false when too many wait already, and then it never goes. */
	pass(weight: number, go: () => void, { kind = 'other', isWanted = () => true }: Passing = {}): boolean {
		const line = this.#lines[kind];
		if (line.length === 0 && this.#waitMs(weight, kind) === 0) {
			go();
			return true;
		}
		if (line.length >= WAITING_MAX) letGoUnwanted(line);
		if (line.length >= WAITING_MAX) return false;
		line.push({ weight, go, isWanted });
		this.#arm();
		return true;
	}

	#drain(): void {
		for (const kind of KINDS) {
			const line = this.#lines[kind];
			for (let [first] = line; first !== undefined && this.#waitMs(first.weight, kind) === 0; [first] = line) {
				line.shift();
				first.go();
			}
		}
		this.#arm();
	}

	#arm(): void {
		this.#timer?.cancel();
		const waits = KINDS.flatMap((kind) => this.#lines[kind].slice(0, 1).map(({ weight }) => this.#waitMs(weight, kind)));
		if (waits.length > 0) this.#timer = this.#parts.clock.after(Math.min(...waits) + GUARD_MS, () => this.#drain());
	}

	#waitMs(weight: number, kind: ReadKind): number {
		const { weights, venueClock } = this.#parts;
		return weights.waitMs(weight, venueClock.venueNowMs(), kind);
	}
}

function letGoUnwanted(line: Waiter[]): void {
	const waiting = line.splice(0);
	for (const waiter of waiting) {
		if (waiter.isWanted()) line.push(waiter);
		else waiter.go();
	}
}
