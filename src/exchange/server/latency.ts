/**
 * The distance to the exchange: half of the round trip on the way in, half on the way out, each with its share of the
 * jitter. A line is one direction of one connection; what enters first leaves first, as on a real wire, however the
 * jitter falls. The clock's timers do the waiting, the handed-in generator draws the jitter. What falls due on several
 * lines at the same time leaves in the order in which it came: an answer, then the news that it makes.
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
	/** Round trips before a new connection can carry its first request: one as TCP has it, two with TLS 1.3 above it. None unless said. */
	readonly openingTrips?: number;
}

/** One direction of one connection. */
export interface Line {
	push(bytes: number, deliver: () => void): void;
	readonly waitingBytes: number;
	clear(): void;
}

export interface Latency {
	line(): Line;
	/** What opening a connection takes. */
	readonly openingMs: number;
}

export const NO_LATENCY: Latency = {
	line: () => ({ push: (_bytes, deliver) => deliver(), waitingBytes: 0, clear: () => {} }),
	openingMs: 0,
};

export function latencyOf(spec: LatencySpec, parts: { readonly clock: Clock; readonly rng: Rng }): Latency {
	const { clock, rng } = parts;
	const oneWayMs = (): number => Math.max(0, spec.roundTripMs + spec.jitterMs * (2 * rng.next() - 1)) / 2;
	const schedule = new Schedule(clock);
	return { line: () => new DelayLine(schedule, oneWayMs), openingMs: (spec.openingTrips ?? 0) * spec.roundTripMs };
}

interface Delivery {
	readonly dueMono: number;
	readonly line: DelayLine;
	/** Of the line, when this entered it: a line that was cleared since delivers it no more. */
	readonly generation: number;
	readonly bytes: number;
	readonly deliver: () => void;
}

/** Timers of the system know whole milliseconds and may fire a little early; that is near enough. */
const NEAR_ENOUGH_MS = 0.5;

/** What is under way on all lines, by the moment at which it is due, then by the order in which it came. */
class Schedule {
	readonly #clock: Clock;
	#waiting: Delivery[] = [];
	#timer: { readonly timer: Timer; readonly dueMono: number } | null = null;
	/** When what is being delivered now was due, for whatever is sent in answer to it. */
	#answeredMono: number | undefined;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** From when the way of what enters a line now is counted. */
	get fromMono(): number {
		return this.#answeredMono ?? this.#clock.monotonicMs();
	}

	add(delivery: Delivery): void {
		const before = this.#waiting.findLastIndex(({ dueMono }) => dueMono <= delivery.dueMono);
		this.#waiting.splice(before + 1, 0, delivery);
		if (before === -1) this.#arm();
	}

	/** One timer, for what is due first; what was cleared away in the meantime costs one idle call. */
	#arm(): void {
		const dueMono = this.#waiting[0]?.dueMono;
		if (dueMono === this.#timer?.dueMono) return;
		this.#timer?.timer.cancel();
		this.#timer =
			dueMono === undefined ? null : { dueMono, timer: this.#clock.after(dueMono - this.#clock.monotonicMs(), this.#deliverDue) };
	}

	readonly #deliverDue = (): void => {
		this.#timer = null;
		const untilMono = this.#clock.monotonicMs() + NEAR_ENOUGH_MS;
		const later = this.#waiting.findIndex(({ dueMono }) => dueMono > untilMono);
		const due = this.#waiting.splice(0, later === -1 ? this.#waiting.length : later);
		this.#arm();
		const outerMono = this.#answeredMono;
		for (const [index, delivery] of due.entries()) {
			this.#answeredMono = delivery.dueMono;
			try {
				delivery.line.deliver(delivery);
			} catch (error) {
				// The others are due all the same.
				this.#waiting.unshift(...due.slice(index + 1));
				this.#arm();
				throw error;
			} finally {
				this.#answeredMono = outerMono;
			}
		}
	};
}

class DelayLine implements Line {
	readonly #schedule: Schedule;
	readonly #oneWayMs: () => number;
	#lastDueMono = 0;
	#generation = 0;
	waitingBytes = 0;

	constructor(schedule: Schedule, oneWayMs: () => number) {
		this.#schedule = schedule;
		this.#oneWayMs = oneWayMs;
	}

	push(bytes: number, deliver: () => void): void {
		this.#lastDueMono = Math.max(this.#lastDueMono, this.#schedule.fromMono + this.#oneWayMs());
		this.waitingBytes += bytes;
		this.#schedule.add({ dueMono: this.#lastDueMono, line: this, generation: this.#generation, bytes, deliver });
	}

	deliver({ generation, bytes, deliver }: Delivery): void {
		if (generation !== this.#generation) return;
		this.waitingBytes -= bytes;
		deliver();
	}

	clear(): void {
		this.#generation += 1;
		this.waitingBytes = 0;
	}
}
