/**
 * Diffs of one book that wait for its snapshot. What a decoder lends is copied. When there is no room the oldest goes,
 * which loses nothing but time: the snapshot then has to be newer, and BookSync asks for such a one.
 */
import { BookDelta } from '../../../domain/book-delta.ts';
import type { BookFrame } from './frames.ts';

/** A minute at 100 ms; whoever waits longer asks again anyway. */
export const DIFFS_MAX = 600;
/** Of all diffs together: some 3 MB. A book between calm and panic changes 30 to 1000 levels a diff. */
export const DIFF_LEVELS_MAX = 200_000;

export class DiffBuffer {
	readonly #frames: BookFrame[] = [];
	#levelCount = 0;

	get count(): number {
		return this.#frames.length;
	}

	get levelCount(): number {
		return this.#levelCount;
	}

	get first(): BookFrame | undefined {
		return this.#frames[0];
	}

	push(frame: BookFrame): void {
		this.#frames.push({ ...frame, delta: copyOf(frame.delta) });
		this.#levelCount += frame.delta.count;
		while (this.#frames.length > DIFFS_MAX || this.#levelCount > DIFF_LEVELS_MAX) {
			this.#levelCount -= this.#frames.shift()?.delta.count ?? 0;
		}
	}

	/** All of them, oldest first; the buffer is empty then. */
	take(): readonly BookFrame[] {
		this.#levelCount = 0;
		return this.#frames.splice(0);
	}

	clear(): void {
		this.take();
	}
}

function copyOf(delta: BookDelta): BookDelta {
	const copy = new BookDelta();
	copy.reset(delta.kind, delta.sequence, delta.venueAtMs, delta.receivedAtMs);
	for (let i = 0; i < delta.count; i++) copy.push(delta.sideAt(i), delta.ticksAt(i), delta.lotsAt(i));
	return copy;
}
