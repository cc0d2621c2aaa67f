/**
 * Sends texts on one connection, and never more of them within a second than the venue takes; what comes faster waits in
 * its order. Made anew for each connection.
 */
import type { Clock, Timer } from '../../ports/clock.ts';

export interface PacedSenderParts {
	readonly clock: Clock;
	readonly messagesPerSec: number;
	readonly send: (text: string) => boolean;
}

/** The venue's second need not be as long as ours. */
const WINDOW_MS = 1_100;
/** Far more than all streams of a connection need; whoever sends on is not answered, and connects again. */
const WAITING_MAX = 256;

export class PacedSender {
	readonly #parts: PacedSenderParts;
	/** Oldest first. */
	readonly #sentAtMono: number[] = [];
	readonly #waiting: string[] = [];
	#timer: Timer | undefined;

	constructor(parts: PacedSenderParts) {
		this.#parts = parts;
	}

	/** Sent, or waiting to be. */
	send(text: string): boolean {
		if (this.#waiting.length === 0 && this.#waitMs() === 0) return this.#sendNow(text);
		if (this.#waiting.length >= WAITING_MAX) return false;
		this.#waiting.push(text);
		this.#arm();
		return true;
	}

	stop(): void {
		this.#timer?.cancel();
	}

	#drain(): void {
		while (this.#waitMs() === 0) {
			const text = this.#waiting.shift();
			if (text === undefined) return;
			this.#sendNow(text);
		}
		this.#arm();
	}

	#arm(): void {
		this.#timer?.cancel();
		this.#timer = this.#parts.clock.after(this.#waitMs(), () => this.#drain());
	}

	#sendNow(text: string): boolean {
		this.#sentAtMono.push(this.#parts.clock.monotonicMs());
		return this.#parts.send(text);
	}

	#waitMs(): number {
		const nowMono = this.#parts.clock.monotonicMs();
		const sent = this.#sentAtMono;
		while (sent[0] !== undefined && nowMono - sent[0] >= WINDOW_MS) sent.shift();
		const [oldest] = sent;
		return oldest === undefined || sent.length < this.#parts.messagesPerSec ? 0 : oldest + WINDOW_MS - nowMono;
	}
}
