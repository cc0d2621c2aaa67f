/**
 * HOT: one object of a private frame as a list of places. Most names are a single letter, and its code is the place where
 * a value is noted; longer names are passed over, but for two that say why an order ended. A value that comes twice counts
 * as it does in JSON: the last holds. Budget, fence and twin: see scan-private.ts.
 */
import type { ByteReader } from '../../wire/byte-reader.ts';
import { asciiBytes } from '../../wire/byte-table.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const TRUE = asciiBytes('true');
const FALSE = asciiBytes('false');
const NULL = asciiBytes('null');
const EXPIRY_NUMBER = asciiBytes('"er":');
const EXPIRY_WORD = asciiBytes('"eR":');

/** Where a name's value is noted: the code of its letter. */
const SLOTS = 0x80;
/** Codes that are no letters. */
export const SLOT_ER = 1;
export const SLOT_EXPIRY_WORD = 2;
const PASS = 0;

const ABSENT = 0;
const TEXT = 1;
const NUMBER = 2;
const YES = 3;
const NO = 4;
const NOTHING = 5;
const OBJECT = 6;

export function slotOf(letter: string): number {
	return letter.charCodeAt(0);
}

export class FlatRow {
	readonly #reader: ByteReader;
	readonly #kinds = new Uint8Array(SLOTS);
	readonly #starts = new Int32Array(SLOTS);
	readonly #ends = new Int32Array(SLOTS);

	constructor(reader: ByteReader) {
		this.#reader = reader;
	}

	/** From the opening brace to behind the closing one. An object inside is read by `inner`, if the row may have one. */
	scan(bytes: Uint8Array, inner?: FlatRow): boolean {
		const reader = this.#reader;
		this.#kinds.fill(ABSENT);
		if (bytes[reader.at] !== OPEN_OBJECT) return false;
		for (;;) {
			// Behind the brace, then behind each comma.
			reader.at++;
			const slot = this.#name(bytes);
			if (slot < 0 || !this.#value(bytes, slot, inner)) return false;
			const next = bytes[reader.at];
			if (next === COMMA) continue;
			reader.at++;
			return next === CLOSE_OBJECT;
		}
	}

	/** Whether the value was noted and is not null. */
	has(slot: number): boolean {
		return this.#kinds[slot] !== ABSENT && this.#kinds[slot] !== NOTHING;
	}

	isAbsent(slot: number): boolean {
		return this.#kinds[slot] === ABSENT;
	}

	isText(slot: number): boolean {
		return this.#kinds[slot] === TEXT;
	}

	/** Digits, perhaps behind a minus. */
	isNumber(slot: number): boolean {
		return this.#kinds[slot] === NUMBER;
	}

	isObject(slot: number): boolean {
		return this.#kinds[slot] === OBJECT;
	}

	/** `undefined` when the value is neither true nor false. */
	flag(slot: number): boolean | undefined {
		const kind = this.#kinds[slot];
		return kind === YES ? true : kind === NO ? false : undefined;
	}

	/** Where a text (without its quotes) or a number stands. */
	start(slot: number): number {
		return this.#starts[slot] as number;
	}

	end(slot: number): number {
		return this.#ends[slot] as number;
	}

	/** `"name":`; its slot, or below zero if it cannot be read. */
	#name(bytes: Uint8Array): number {
		const reader = this.#reader;
		const at = reader.at;
		if (bytes[at] !== QUOTE) return -1;
		const code = bytes[at + 1] as number;
		if (bytes[at + 2] === QUOTE && bytes[at + 3] === COLON) {
			reader.at = at + 4;
			return isLetter(code) ? code : -1;
		}
		if (reader.take(bytes, EXPIRY_NUMBER)) return SLOT_ER;
		if (reader.take(bytes, EXPIRY_WORD)) return SLOT_EXPIRY_WORD;
		reader.at = at + 1;
		return reader.skipText(bytes) && bytes[reader.at++] === COLON ? PASS : -1;
	}

	#value(bytes: Uint8Array, slot: number, inner: FlatRow | undefined): boolean {
		const reader = this.#reader;
		const code = bytes[reader.at] as number;
		if (code === QUOTE) {
			const start = ++reader.at;
			return reader.skipText(bytes) && this.#note(slot, TEXT, start, reader.at - 1);
		}
		if (code === MINUS || (code >= ZERO && code <= NINE)) return this.#number(bytes, slot);
		const start = reader.at;
		if (code === OPEN_OBJECT)
			return slot !== PASS && inner !== undefined && inner.scan(bytes) && this.#note(slot, OBJECT, start, reader.at);
		if (reader.take(bytes, TRUE)) return this.#note(slot, YES, start, reader.at);
		if (reader.take(bytes, FALSE)) return this.#note(slot, NO, start, reader.at);
		return reader.take(bytes, NULL) && this.#note(slot, NOTHING, start, reader.at);
	}

	/** However many digits; a point or an exponent behind them is no end of a member, and so the twin's. */
	#number(bytes: Uint8Array, slot: number): boolean {
		const reader = this.#reader;
		const start = reader.at;
		let at = bytes[start] === MINUS ? start + 1 : start;
		const first = at;
		let code = bytes[at] as number;
		while (code >= ZERO && code <= NINE) code = bytes[++at] as number;
		reader.at = at;
		if (at === first || (bytes[first] === ZERO && at - first > 1)) return false;
		return this.#note(slot, NUMBER, start, at);
	}

	#note(slot: number, kind: number, start: number, end: number): true {
		this.#kinds[slot] = kind;
		this.#starts[slot] = start;
		this.#ends[slot] = end;
		return true;
	}
}

function isLetter(code: number): boolean {
	const small = code | 0x20;
	return small >= 0x61 && small <= 0x7a;
}
