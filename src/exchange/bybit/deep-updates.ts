/**
 * The update id of one symbol's deepest book stream, which REST shows too, so that a client can start from a REST book
 * and go on with the deltas that have a higher one. While somebody listens only the stream counts, one for each delta;
 * otherwise a look over REST counts what has changed since.
 */

/** Longer than the pace of the stream, with room for a late tick. */
const LISTENED_TO_MS = 1_000;

export class DeepUpdates {
	#updateId = 0;
	#seq = -1;
	#streamedAtMs = Number.NEGATIVE_INFINITY;

	/** Somebody listens to the stream now. */
	streaming(nowMs: number): void {
		this.#streamedAtMs = nowMs;
	}

	/** The id of the next state that the stream publishes. */
	publish(seq: number): number {
		this.#seq = seq;
		this.#updateId += 1;
		return this.#updateId;
	}

	/** What REST shows beside a book of this sequence. */
	shown(seq: number, nowMs: number): number {
		const isStreaming = nowMs - this.#streamedAtMs <= LISTENED_TO_MS;
		return isStreaming || seq === this.#seq ? this.#updateId : this.publish(seq);
	}
}
