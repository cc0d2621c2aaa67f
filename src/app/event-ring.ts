/**
 * The last of what the engine took and decided, kept as it came and put into words only when somebody asks: in memory it
 * costs hardly anything, however long the run. Books are many and say little, so they have a ring of their own and do not
 * push everything else out.
 */
import type { BookEvent, EngineEvent } from '../domain/event.ts';
import type { EngineEffect, Recorder } from '../engine/ports.ts';

export const EVENTS_KEPT = 800;
export const BOOKS_KEPT = 200;
const LINE_LENGTH_MAX = 1_000;
/** Of each message of a book so much is kept; the rest is another one's by now. */
const BOOK_NUMBERS_KEPT = 10;
const ROW_HEAD = 6;
const ROW_LENGTH = ROW_HEAD + BOOK_NUMBERS_KEPT;

/** As numbers, and copied when somebody asks. */
interface BookSaid {
	readonly kind: 'bookSaid';
	readonly monoMs: number;
	readonly instrument: number;
	readonly isSnapshot: boolean;
	readonly sequence: number;
	readonly count: number;
	readonly numbers: Float64Array;
}

type Said = EngineEvent | EngineEffect | BookSaid;

/** Numbered over both rings, which is their order. */
interface Entry {
	readonly number: number;
	readonly said: Said;
}

export class EventRing implements Recorder {
	readonly #events = new Ring(EVENTS_KEPT);
	readonly #books = new BookRing();
	#count = 0;

	input(event: EngineEvent): void {
		this.#count += 1;
		if (event.kind === 'book') this.#books.add(this.#count, event);
		else this.#events.add(this.#count, event);
	}

	output(effect: EngineEffect): void {
		this.#count += 1;
		this.#events.add(this.#count, effect);
	}

	/** As it is now, to be put into words later; the oldest first. */
	held(): Held {
		const [events, books] = [this.#events.copied(), this.#books.copied()];
		return {
			lines: () => [...events(), ...books()].sort((a, b) => a.number - b.number).map(({ said }) => lineOf(said)),
		};
	}
}

export interface Held {
	lines(): readonly string[];
}

class Ring {
	readonly #said: (Said | undefined)[];
	readonly #numbers: Float64Array;
	#next = 0;

	constructor(size: number) {
		this.#said = new Array<Said | undefined>(size).fill(undefined);
		this.#numbers = new Float64Array(size);
	}

	add(number: number, said: Said): void {
		this.#said[this.#next] = said;
		this.#numbers[this.#next] = number;
		this.#next = (this.#next + 1) % this.#said.length;
	}

	copied(): () => readonly Entry[] {
		const [all, numbers] = [this.#said.slice(), this.#numbers.slice()];
		return () => all.flatMap((said, at) => (said === undefined ? [] : [{ number: numbers[at] ?? 0, said }]));
	}
}

/** What is heard most often: each of its places is written anew, and nothing is made. */
class BookRing {
	readonly #rows = new Float64Array(BOOKS_KEPT * ROW_LENGTH);
	#count = 0;

	add(number: number, { instrument, monoMs, delta }: BookEvent): void {
		const { count, pairs } = delta;
		const at = (this.#count % BOOKS_KEPT) * ROW_LENGTH;
		this.#rows[at] = number;
		this.#rows[at + 1] = monoMs;
		this.#rows[at + 2] = instrument;
		this.#rows[at + 3] = delta.kind === 'snapshot' ? 1 : 0;
		this.#rows[at + 4] = delta.sequence;
		this.#rows[at + 5] = count;
		const length = Math.min(2 * count, BOOK_NUMBERS_KEPT);
		for (let i = 0; i < length; i += 1) this.#rows[at + ROW_HEAD + i] = pairs[i] ?? 0;
		this.#count += 1;
	}

	copied(): () => readonly Entry[] {
		const [rows, length] = [this.#rows.slice(), Math.min(this.#count, BOOKS_KEPT)];
		return () => Array.from({ length }, (_, row) => entryOf(rows.subarray(row * ROW_LENGTH, (row + 1) * ROW_LENGTH)));
	}
}

function entryOf(row: Float64Array): Entry {
	const [number = 0, monoMs = 0, instrument = 0, form = 0, sequence = 0, count = 0] = row;
	const numbers = row.subarray(ROW_HEAD, ROW_HEAD + Math.min(2 * count, BOOK_NUMBERS_KEPT));
	return { number, said: { kind: 'bookSaid', monoMs, instrument, isSnapshot: form === 1, sequence, count, numbers } };
}

function lineOf(said: Said): string {
	const at = 'monoMs' in said ? `${said.monoMs} ` : '  -> ';
	if (said.kind !== 'bookSaid') return `${at}${JSON.stringify(said, brief)}`.slice(0, LINE_LENGTH_MAX);
	const { instrument, isSnapshot, sequence, count, numbers } = said;
	return `${at}book ${instrument} ${isSnapshot ? 'snapshot' : 'delta'} ${sequence}, ${count} levels: ${numbers.join(' ')}`;
}

function brief(_key: string, value: unknown): unknown {
	if (typeof value === 'bigint') return `${value}`;
	if (typeof value === 'object' && value !== null && 'priceGrid' in value && 'symbol' in value) return value.symbol;
	return value;
}
