/** How far away a host is, what goes wrong on the way, and one direction of one connection to it. */
import type { Clock, Timer } from '../ports/clock.ts';
import type { Rng } from '../ports/rng.ts';

/** Fixed, or evenly drawn between two bounds. */
export type Delay = number | { readonly fromMs: number; readonly toMs: number };

export interface Link {
	/** One way there. */
	readonly requestMs: Delay;
	/** And back. */
	readonly replyMs: Delay;
	/** What a connection takes beyond one round trip before it carries anything, such as the handshake of TLS. */
	readonly handshakeMs?: number;
	/** The server closes connections that are idle for so long. A request that is then under way to it is lost. */
	readonly keepAliveMs?: number;
	readonly faults?: LinkFaults;
}

/** Each from 0 to 1; what is absent never happens and draws nothing. */
export interface LinkFaults {
	readonly refuseConnection?: number;
	/** It never arrives, and nothing tells. */
	readonly loseRequest?: number;
	/** It was carried out, and nothing tells. */
	readonly loseReply?: number;
	/** The connection breaks before the request arrives. */
	readonly resetBeforeRequest?: number;
	/** It breaks after the request was carried out. */
	readonly resetAfterRequest?: number;
	/** For each frame of a socket, in either direction: from now on the connection is silent for ever. */
	readonly silenceSocket?: number;
	/** For each frame: the connection breaks instead. */
	readonly cutSocket?: number;
}

export function drawDelayMs(delay: Delay, rng: Rng): number {
	return typeof delay === 'number' ? delay : delay.fromMs + (delay.toMs - delay.fromMs) * rng.next();
}

interface Item {
	/** In monotonic time; it may still have to wait for those before it. */
	dueMs: number;
	readonly bytes: number;
	/** A frame's text, or something that happens where it arrives. */
	readonly content: string | (() => void);
}

/** Two moments this near are one: sums of fractions are not exact. */
const SAME_MS = 1e-6;
/** Delivered items at the head of the queue are thrown away from this many on. */
const SPENT_MAX = 1_024;

export interface PathParts {
	readonly clock: Clock;
	readonly delayMs: () => number;
	/** While true nothing is delivered; `resume` has to be called afterwards. */
	readonly isBlocked: () => boolean;
	readonly frame: (text: string) => void;
}

/**
 * One direction of one connection: what enters first leaves first, however the delays fall. All that is under way
 * shares one timer, and what is due together is delivered together.
 */
export class Path {
	readonly #parts: PathParts;
	#items: Item[] = [];
	#head = 0;
	#timer: Timer | undefined;
	#isDelivering = false;
	#isSilent = false;
	/** Under way. */
	bytes = 0;

	constructor(parts: PathParts) {
		this.#parts = parts;
	}

	/** `extraMs` on top of the distance. */
	push(content: Item['content'], extraMs = 0): void {
		const bytes = typeof content === 'string' ? content.length : 0;
		this.bytes += bytes;
		if (this.#isSilent) return;
		const { clock, delayMs } = this.#parts;
		this.#items.push({ dueMs: clock.monotonicMs() + delayMs() + extraMs, bytes, content });
		this.#arm();
	}

	/** Nothing that is under way arrives, and nothing that follows; what is sent piles up. */
	silence(): void {
		const { bytes } = this;
		this.clear();
		this.bytes = bytes;
		this.#isSilent = true;
	}

	/** Nothing that is under way arrives. */
	clear(): void {
		this.#timer?.cancel();
		this.#timer = undefined;
		this.#items = [];
		this.#head = 0;
		this.bytes = 0;
	}

	/** What was held up sets out anew. */
	resume(): void {
		const { clock, delayMs } = this.#parts;
		if (this.#head === this.#items.length) return;
		const soonestMs = clock.monotonicMs() + delayMs();
		for (let i = this.#head; i < this.#items.length; i += 1) {
			const item = this.#items[i];
			if (item !== undefined) item.dueMs = Math.max(item.dueMs, soonestMs);
		}
		this.#timer?.cancel();
		this.#timer = undefined;
		this.#arm();
	}

	#arm(): void {
		const next = this.#items[this.#head];
		if (next === undefined || this.#timer !== undefined || this.#isDelivering) return;
		const { clock } = this.#parts;
		this.#timer = clock.after(next.dueMs - clock.monotonicMs(), () => this.#deliverDue());
	}

	#deliverDue(): void {
		this.#timer = undefined;
		const { clock, isBlocked, frame } = this.#parts;
		if (isBlocked()) return;
		const untilMs = clock.monotonicMs() + SAME_MS;
		this.#isDelivering = true;
		try {
			for (let item = this.#items[this.#head]; item !== undefined && item.dueMs <= untilMs; item = this.#items[this.#head]) {
				this.#head += 1;
				this.bytes -= item.bytes;
				if (typeof item.content === 'string') frame(item.content);
				else item.content();
			}
		} finally {
			this.#isDelivering = false;
			this.#forgetDelivered();
			this.#arm();
		}
	}

	#forgetDelivered(): void {
		if (this.#head === this.#items.length) this.#items.length = this.#head = 0;
		else if (this.#head > SPENT_MAX) {
			this.#items.splice(0, this.#head);
			this.#head = 0;
		}
	}
}
