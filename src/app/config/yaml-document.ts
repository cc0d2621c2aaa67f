/**
 * YAML text into plain values that remember where they stood. Takes the plain part of YAML only: maps with names as keys,
 * lists, texts, numbers, true and false. Anchors, aliases, merge keys, tags and several documents are refused: a reader of
 * the file should see each value where it is. Never throws, whatever the text is.
 */
import {
	type CST,
	isAlias,
	isMap,
	isPair,
	isScalar,
	isSeq,
	LineCounter,
	type Node,
	Parser,
	parseDocument,
	type YAMLError,
} from 'yaml';
import { type Path, type Position, type Problem, pathText, shown } from './problem.ts';

export interface YamlDocument {
	readonly value: unknown;
	/** Of a key, or of its value; of the nearest one around it where there is none. */
	positionOf(path: Path, part: 'key' | 'value'): Position;
}

export type YamlRead =
	| { readonly kind: 'read'; readonly document: YamlDocument }
	| { readonly kind: 'bad'; readonly faults: readonly YamlFault[] };

/** A problem that does not know yet what its text is called. */
export type YamlFault = Position & Omit<Problem, 'place'>;

/** Far more than anybody writes by hand; what a parser does with worse stays below a second. */
export const YAML_LENGTH_MAX = 131_072;
const DEPTH_MAX = 24;
const TOP: Position = { line: 1, column: 1 };

export function readYaml(text: string): YamlRead {
	if (text.length > YAML_LENGTH_MAX) {
		const found = `${text.length} characters`;
		return refused({ ...TOP, path: '', found, expected: `at most ${YAML_LENGTH_MAX}`, mend: 'make it shorter' });
	}
	const lineCounter = lineCounterOf(text);
	const deepAt = tooDeepAt(text);
	const at = (offset: number): Position => positionAt(lineCounter, Math.min(offset, text.length));
	if (deepAt !== undefined) return refused(tooDeep(at(deepAt)));
	// No merge keys, and `yes` is a text, as YAML 1.2 has it.
	const parsed = parseDocument(text, { prettyErrors: false, version: '1.2', schema: 'core', logLevel: 'error' });
	const wrong = [...parsed.errors, ...parsed.warnings];
	if (wrong.length > 0) return { kind: 'bad', faults: wrong.map((error) => syntaxFault(error, text, at)) };
	const walk = new Walk(at);
	const value = walk.plain(parsed.contents, []);
	return walk.faults.length > 0
		? { kind: 'bad', faults: walk.faults }
		: { kind: 'read', document: { value, positionOf: (path, part) => walk.positionOf(path, part) } };
}

/** The parser itself does not tell of line breaks inside of a quoted text that has no end. */
function lineCounterOf(text: string): LineCounter {
	const lineCounter = new LineCounter();
	lineCounter.addNewLine(0);
	for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lineCounter.addNewLine(at + 1);
	return lineCounter;
}

/** Where the text is nested deeper than the composer, which calls itself for each level, should be asked to follow. */
function tooDeepAt(text: string): number | undefined {
	for (const token of new Parser().parse(text)) {
		const waiting: { readonly token: CST.Token; readonly depth: number }[] = [{ token, depth: 0 }];
		for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
			const { token, depth } = next;
			if (depth > DEPTH_MAX) return token.offset;
			const within = token.type === 'document' ? [{ value: token.value }] : 'items' in token ? token.items : [];
			for (const item of within) {
				for (const child of [item.value, 'key' in item ? item.key : undefined]) {
					if (child !== undefined && child !== null) waiting.push({ token: child, depth: depth + 1 });
				}
			}
		}
	}
	return undefined;
}

function positionAt(lineCounter: LineCounter, offset: number): Position {
	const { line, col } = lineCounter.linePos(offset);
	return line === 0 ? TOP : { line, column: col };
}

function syntaxFault(error: YAMLError, text: string, at: (offset: number) => Position): YamlFault {
	const [from, to] = error.pos;
	const place = { ...at(from), path: '' };
	const piece = shown(text.slice(from, to).trim());
	switch (error.code) {
		case 'DUPLICATE_KEY': {
			const key = shown(/^[^:\n]*/.exec(text.slice(from))?.[0].trim() ?? '');
			return { ...place, found: `the key '${key}' a second time`, expected: 'each key once', mend: 'take one of them out' };
		}
		case 'MULTIPLE_DOCS':
			return { ...place, found: 'a second document', expected: 'one', mend: 'take out what follows from the line --- on' };
		case 'TAB_AS_INDENT':
			return { ...place, found: 'a tab', expected: 'blanks in front of a key', mend: 'indent with blanks' };
		case 'TAG_RESOLVE_FAILED':
			return tagged(place, piece);
		default:
			return {
				...place,
				found: piece === '' ? 'a line that is not YAML' : `'${piece}'`,
				expected: 'valid YAML',
				mend: `the reader says: ${shown(error.message.replaceAll(/\s+/g, ' '))}`,
			};
	}
}

/** Turns nodes into values and keeps their places. */
class Walk {
	readonly faults: YamlFault[] = [];
	readonly #at: (offset: number) => Position;
	readonly #places = new Map<string, { readonly key: Position; readonly value: Position }>();

	constructor(at: (offset: number) => Position) {
		this.#at = at;
	}

	positionOf(path: Path, part: 'key' | 'value'): Position {
		for (let length = path.length; length >= 0; length -= 1) {
			const place = this.#places.get(JSON.stringify(path.slice(0, length)));
			// Around something that is not there, the name of what surrounds it is the better sign.
			if (place !== undefined) return length === path.length ? place[part] : place.key;
		}
		return TOP;
	}

	plain(node: unknown, path: Path, keyPosition?: Position): unknown {
		const position = positionOfNode(node, this.#at) ?? keyPosition ?? TOP;
		this.#places.set(JSON.stringify(path), { key: keyPosition ?? position, value: position });
		const place = { ...position, path: pathText(path) };
		if (isAlias(node)) return this.#refuse(named(place, `an alias, *${shown(node.source)}`));
		if (!isMap(node) && !isSeq(node) && !isScalar(node)) return null;
		if (node.anchor !== undefined) return this.#refuse(named(place, `an anchor, &${shown(node.anchor)}`));
		if (node.tag !== undefined) return this.#refuse(tagged(place, shown(node.tag)));
		if (isScalar(node)) return node.value;
		if (isSeq(node)) return node.items.map((item, index) => this.plain(item, [...path, index]));
		const entries: [string, unknown][] = [];
		for (const pair of node.items) {
			const key = this.#keyOf(pair.key, path, position);
			if (key !== undefined) entries.push([key, this.plain(pair.value, [...path, key], positionOfNode(pair.key, this.#at))]);
		}
		return Object.fromEntries(entries);
	}

	#keyOf(key: unknown, path: Path, around: Position): string | undefined {
		const place = { ...(positionOfNode(key, this.#at) ?? around), path: pathText(path) };
		if (isScalar(key) && (key.anchor !== undefined || key.tag !== undefined)) {
			return this.#refuse(named(place, 'a key with an anchor or a tag'));
		}
		const name = isScalar(key) ? key.value : undefined;
		if (typeof name !== 'string') {
			const found = isScalar(key) ? `the key ${shown(String(name))}` : 'a key that is not a name';
			return this.#refuse({ ...place, found, expected: 'a name', mend: 'put it in quotes if it is meant as one' });
		}
		if (name === '<<') return this.#refuse(named(place, 'a merge key, <<'));
		if (name === '__proto__')
			return this.#refuse({ ...place, found: "the key '__proto__'", expected: 'a setting', mend: 'take it out' });
		return name;
	}

	#refuse(fault: YamlFault): undefined {
		this.faults.push(fault);
	}
}

function positionOfNode(node: unknown, at: (offset: number) => Position): Position | undefined {
	if (isPair(node) || typeof node !== 'object' || node === null) return undefined;
	const offset = (node as Node).range?.[0];
	return offset === undefined ? undefined : at(offset);
}

function refused(fault: YamlFault): YamlRead {
	return { kind: 'bad', faults: [fault] };
}

type Spot = Position & { readonly path: string };

function tooDeep(spot: Position): YamlFault {
	return {
		...spot,
		path: '',
		found: 'a value nested very deep',
		expected: `at most ${DEPTH_MAX} levels`,
		mend: 'check the brackets and the indentation',
	};
}

function tagged(spot: Spot, tag: string): YamlFault {
	return { ...spot, found: `the tag ${tag}`, expected: 'plain YAML', mend: 'take the tag out, or put the text in quotes' };
}

function named(spot: Spot, found: string): YamlFault {
	return { ...spot, found, expected: 'plain YAML without anchors', mend: 'write the values out where they are needed' };
}
