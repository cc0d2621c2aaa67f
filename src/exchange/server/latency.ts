/**
 * The distance to the exchange: half of the round trip on the way in, half on the way out, each with its share of the
 * jitter. A line is one direction of one connection; what enters first leaves first, as on a real wire, however the
 * jitter falls. The clock's timers do the waiting, the handed-in generator draws the jitter.
 */
import type { Clock, Timer } from '../../ports/clock.ts';
import type { Rng } from '../../ports/rng.ts';

export interface LatencySpec {
	readonly roundTripMs: number;
	/** Evenly spread, up to this much more or less. */
	readonly jitterMs: number;
}

/** One direction of one connection. */
export interface Line {
	push(bytes: number, deliver: () => void): void;
	readonly waitingBytes: number;
	clear(): void;
}

export interface Latency {
	line(): Line;
}

export const NO_LATENCY: Latency = {
	line: () => ({ push: (_bytes, deliver) => deliver(), waitingBytes: 0, clear: () => {} }),
};

export function latencyOf(spec: LatencySpec, parts: { readonly clock: Clock; readonly rng: Rng }): Latency {
	const { clock, rng } = parts;
	const oneWayMs = (): number => Math.max(0, spec.roundTripMs + spec.jitterMs * (2 * rng.next() - 1)) / 2;
	return { line: () => new DelayLine(clock, oneWayMs) };
}

/** Timers of the system know whole milliseconds and may fire a little early; that is near enough. */
const NEAR_ENOUGH_MS = 0.5;

class DelayLine implements Line {
	readonly #clock: Clock;
	readonly #oneWayMs: () => number;
	#waiting: { readonly dueMono: number; readonly bytes: number; readonly deliver: () => void }[] = [];
	#timer: Timer | null = null;
	#lastDueMono = 0;
	waitingBytes = 0;

	constructor(clock: Clock, oneWayMs: () => number) {
		this.#clock = clock;
		this.#oneWayMs = oneWayMs;
	}

	push(bytes: number, deliver: () => void): void {
		this.#lastDueMono = Math.max(this.#lastDueMono, this.#clock.monotonicMs() + this.#oneWayMs());
		this.#waiting.push({ dueMono: this.#lastDueMono, bytes, deliver });
		this.waitingBytes += bytes;
		if (this.#timer === null) this.#arm();
	}

	clear(): void {
		this.#timer?.cancel();
		this.#timer = null;
		this.#waiting = [];
		this.waitingBytes = 0;
	}

	#arm(): void {
		const first = this.#waiting[0];
		this.#timer =
			first === undefined ? null : this.#clock.after(first.dueMono - this.#clock.monotonicMs(), () => this.#deliverDue());
	}

	#deliverDue(): void {
		const untilMono = this.#clock.monotonicMs() + NEAR_ENOUGH_MS;
		const later = this.#waiting.findIndex(({ dueMono }) => dueMono > untilMono);
		const due = later === -1 ? this.#waiting : this.#waiting.slice(0, later);
		this.#waiting = later === -1 ? [] : this.#waiting.slice(later);
		this.#arm();
		for (const { bytes, deliver } of due) {
			this.waitingBytes = Math.max(0, this.waitingBytes - bytes);
			deliver();
		}
	}
}
