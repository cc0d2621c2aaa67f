/**
 * Frames on their way out of one socket, each topic a lane of its own: what enters a lane first leaves it first, however
 * late; only a frame that is held back lets others of its lane pass. All frames wait for a stall to end, and then come at
 * once. Waiting is the clock's; nothing waits past `end`.
 */
import type { Clock, Timer } from '../../ports/clock.ts';

interface Held {
	readonly text: string;
	/** So many frames of the lane pass before it. */
	left: number;
}

interface Lane {
	readyAtMs: number;
	readonly waiting: string[];
	held: Held[];
}

/** Frames of one socket that may wait; a peer with more than this is given up, as a carrier does with slow readers. */
const WAITING_MAX = 100_000;

export class Lanes {
	readonly #clock: Clock;
	readonly #deliver: (text: string) => void;
	readonly #giveUp: () => void;
	readonly #lanes = new Map<string, Lane>();
	readonly #timers = new Set<Timer>();
	#stalledUntilMs = 0;
	#waiting = 0;
	#hasEnded = false;

	constructor(parts: { readonly clock: Clock; readonly deliver: (text: string) => void; readonly giveUp: () => void }) {
		this.#clock = parts.clock;
		this.#deliver = parts.deliver;
		this.#giveUp = parts.giveUp;
	}

	send(topic: string, text: string, delayMs: number): void {
		const lane = this.#lane(topic);
		this.#release(lane, text, delayMs);
		if (lane.held.length === 0) return;
		for (const held of lane.held) held.left -= 1;
		const due = lane.held.filter(({ left }) => left <= 0);
		if (due.length === 0) return;
		lane.held = lane.held.filter(({ left }) => left > 0);
		for (const held of due) this.#letGo(lane, held);
	}

	/** Comes after `frames` more of its topic, or after `holdMs`. */
	hold(topic: string, text: string, { frames, holdMs }: { readonly frames: number; readonly holdMs: number }): void {
		const lane = this.#lane(topic);
		const held = { text, left: frames };
		lane.held.push(held);
		if (!this.#makeRoom()) return;
		this.after(holdMs, () => {
			if (!lane.held.includes(held)) return;
			lane.held = lane.held.filter((each) => each !== held);
			this.#letGo(lane, held);
		});
	}

	stall(forMs: number): void {
		this.#stalledUntilMs = Math.max(this.#stalledUntilMs, this.#clock.monotonicMs() + forMs);
	}

	/** Whatever is sent now passes at once: nothing waits, and nothing keeps it. */
	get isIdle(): boolean {
		return this.#waiting === 0 && this.#stalledUntilMs <= this.#clock.monotonicMs();
	}

	/** Does it later, unless all has ended by then. */
	after(delayMs: number, callback: () => void): void {
		if (this.#hasEnded) return;
		const timer = this.#clock.after(delayMs, () => {
			this.#timers.delete(timer);
			callback();
		});
		this.#timers.add(timer);
	}

	end(): void {
		this.#hasEnded = true;
		for (const timer of this.#timers) timer.cancel();
		this.#timers.clear();
		this.#lanes.clear();
	}

	#release(lane: Lane, text: string, delayMs: number): void {
		const nowMs = this.#clock.monotonicMs();
		const atMs = Math.max(nowMs + delayMs, lane.readyAtMs, this.#stalledUntilMs);
		if (atMs <= nowMs && lane.waiting.length === 0) return this.#deliver(text);
		if (!this.#makeRoom()) return;
		lane.readyAtMs = atMs;
		lane.waiting.push(text);
		this.after(atMs - nowMs, () => {
			this.#waiting -= 1;
			const next = lane.waiting.shift();
			if (next !== undefined) this.#deliver(next);
		});
	}

	#letGo(lane: Lane, held: Held): void {
		this.#waiting -= 1;
		this.#release(lane, held.text, 0);
	}

	#makeRoom(): boolean {
		this.#waiting += 1;
		if (this.#waiting <= WAITING_MAX) return true;
		this.#giveUp();
		return false;
	}

	#lane(topic: string): Lane {
		const known = this.#lanes.get(topic);
		if (known !== undefined) return known;
		const lane = { readyAtMs: 0, waiting: [], held: [] };
		this.#lanes.set(topic, lane);
		return lane;
	}
}
