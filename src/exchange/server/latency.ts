/**
 * The distance to the exchange: half of the round trip on the way in, half on the way out, each with its share of the
 * jitter. A line is one direction of one connection; what enters first leaves first, as on a real wire, however the
 * jitter falls. The clock's timers do the waiting, the handed-in generator draws the jitter.
 *
 * An answer's way back is counted from when its request was due, not from when we came to handle it: the time that we
 * take for our work is part of the round trip and does not come on top of it, as long as it is shorter than the way back.
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
	const due: Due = { atMono: undefined };
	return { line: () => new DelayLine({ clock, oneWayMs, due }) };
}

/** When what is being delivered now was due, for whatever is sent in answer to it; shared by all lines. */
interface Due {
	atMono: number | undefined;
}

interface LineParts {
	readonly clock: Clock;
	readonly oneWayMs: () => number;
	readonly due: Due;
}

/** Timers of the system know whole milliseconds and may fire a little early; that is near enough. */
const NEAR_ENOUGH_MS = 0.5;

class DelayLine implements Line {
	readonly #clock: Clock;
	readonly #oneWayMs: () => number;
	readonly #due: Due;
	#waiting: { readonly dueMono: number; readonly bytes: number; readonly deliver: () => void }[] = [];
	#timer: Timer | null = null;
	#lastDueMono = 0;
	waitingBytes = 0;

	constructor({ clock, oneWayMs, due }: LineParts) {
		this.#clock = clock;
		this.#oneWayMs = oneWayMs;
		this.#due = due;
	}

	push(bytes: number, deliver: () => void): void {
		const fromMono = this.#due.atMono ?? this.#clock.monotonicMs();
		this.#lastDueMono = Math.max(this.#lastDueMono, fromMono + this.#oneWayMs());
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
		for (const { dueMono, bytes, deliver } of due) {
			this.waitingBytes = Math.max(0, this.waitingBytes - bytes);
			this.#due.atMono = dueMono;
			try {
				deliver();
			} finally {
				this.#due.atMono = undefined;
			}
		}
	}
}
