/**
 * JSON text into plain values that remember where they stood, for files that people write. The built-in reader says what
 * is wrong, and where only now and then; here every fault has a place, and so has every value. Never throws.
 */
import { type Path, type Position, pathText, shown } from './config/problem.ts';

export interface JsonFault extends Position {
	/** Of the value around it. */
	readonly path: string;
	readonly found: string;
	readonly expected: string;
	readonly mend: string;
}

export type JsonRead =
	| { readonly kind: 'read'; readonly value: unknown; positionOf(path: Path, part?: 'key' | 'value'): Position }
	| { readonly kind: 'bad'; readonly fault: JsonFault };

const DEPTH_MAX = 24;
const SCALAR = /"(?:[^"\\]|\\.)*"|[^\s{}[\],:"]+/y;
const BLANK = /[ \t\r\n]*/y;

export function readJson(text: string): JsonRead {
	const reader = new Reader(text);
	const value = reader.whole();
	const { fault } = reader;
	if (fault !== undefined) return { kind: 'bad', fault };
	return { kind: 'read', value, positionOf: (path, part) => reader.positionOf(path, part) };
}

class Reader {
	fault: JsonFault | undefined;
	readonly #text: string;
	readonly #offsets = new Map<string, number>();
	readonly #keyOffsets = new Map<string, number>();
	/** Where each begins. */
	readonly #lines: number[] = [0];
	#at = 0;

	constructor(text: string) {
		// Some editors put a mark in front that nobody sees.
		this.#text = text.startsWith('\uFEFF') ? ` ${text.slice(1)}` : text;
		for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#lines.push(at + 1);
	}

	whole(): unknown {
		const value = this.#value([]);
		if (this.fault === undefined && this.#peek() !== undefined) this.#refuse([], 'nothing more');
		return value;
	}

	/** Of the nearest one around it where there is none. */
	positionOf(path: Path, part: 'key' | 'value' = 'value'): Position {
		const keyOffset = part === 'key' ? this.#keyOffsets.get(JSON.stringify(path)) : undefined;
		if (keyOffset !== undefined) return this.#position(keyOffset);
		for (let length = path.length; length >= 0; length -= 1) {
			const offset = this.#offsets.get(JSON.stringify(path.slice(0, length)));
			if (offset !== undefined) return this.#position(offset);
		}
		return this.#position(0);
	}

	#value(path: Path): unknown {
		const next = this.#peek();
		this.#offsets.set(JSON.stringify(path), this.#at);
		if (path.length > DEPTH_MAX) return this.#refuse(path, `at most ${DEPTH_MAX} levels`, 'check the brackets');
		if (next === '{') return this.#map(path);
		if (next === '[') return this.#list(path);
		return this.#scalar(path, 'a value', VALUE_MENDS);
	}

	#map(path: Path): unknown {
		const entries = new Map<string, unknown>();
		this.#at += 1;
		if (this.#takes('}')) return {};
		do {
			this.#peek();
			const from = this.#at;
			const key = this.#scalar(path, 'a name in double quotes', 'check for a comma too many, and put names in double quotes');
			if (this.fault !== undefined) return undefined;
			if (typeof key !== 'string' || entries.has(key)) {
				this.#at = from;
				const expected = typeof key === 'string' ? 'each name once' : 'a name in double quotes';
				return this.#refuse(path, expected, typeof key === 'string' ? 'take one of them out' : 'put it in double quotes');
			}
			if (!this.#takes(':')) return this.#refuse([...path, key], "':'", 'put a colon behind the name');
			this.#keyOffsets.set(JSON.stringify([...path, key]), from);
			entries.set(key, this.#value([...path, key]));
		} while (this.fault === undefined && this.#takes(','));
		if (this.fault === undefined && !this.#takes('}')) return this.#refuse(path, "',' or '}'", COMMA_MEND);
		return Object.fromEntries(entries);
	}

	#list(path: Path): unknown {
		const items: unknown[] = [];
		this.#at += 1;
		if (this.#takes(']')) return items;
		do items.push(this.#value([...path, items.length]));
		while (this.fault === undefined && this.#takes(','));
		if (this.fault === undefined && !this.#takes(']')) return this.#refuse(path, "',' or ']'", COMMA_MEND);
		return items;
	}

	#scalar(path: Path, expected: string, mend: string): unknown {
		SCALAR.lastIndex = this.#at;
		const [word] = SCALAR.exec(this.#text) ?? [];
		try {
			if (word === undefined) return this.#refuse(path, expected, mend);
			const value: unknown = JSON.parse(word);
			this.#at += word.length;
			return value;
		} catch (error) {
			if (!(error instanceof SyntaxError)) throw error;
			return this.#refuse(path, expected, mend);
		}
	}

	/** The next sign that is no blank. */
	#peek(): string | undefined {
		BLANK.lastIndex = this.#at;
		BLANK.exec(this.#text);
		this.#at = BLANK.lastIndex;
		return this.#text[this.#at];
	}

	#takes(sign: string): boolean {
		if (this.#peek() !== sign) return false;
		this.#at += 1;
		return true;
	}

	#refuse(path: Path, expected: string, mend = 'take it out'): undefined {
		this.#peek();
		SCALAR.lastIndex = this.#at;
		const [word] = SCALAR.exec(this.#text) ?? [this.#text[this.#at]];
		const found = word === undefined ? 'the end of the text' : `'${shown(word)}'`;
		this.fault ??= { ...this.#position(this.#at), path: pathText(path), found, expected, mend };
	}

	#position(offset: number): Position {
		let [from, to] = [0, this.#lines.length];
		while (to - from > 1) {
			const middle = (from + to) >> 1;
			if ((this.#lines[middle] ?? 0) <= offset) from = middle;
			else to = middle;
		}
		return { line: from + 1, column: offset - (this.#lines[from] ?? 0) + 1 };
	}
}

const COMMA_MEND = 'put a comma between two, and check the brackets';
const VALUE_MENDS = 'put texts in double quotes, and check for a comma too many';
