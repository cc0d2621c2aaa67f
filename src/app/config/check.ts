/**
 * A plain value against a schema: the typed value, or everything that is wrong with it, in our words. Knows nothing of
 * files: whoever calls says where a path stands.
 */
import * as z from 'zod';
import { nearest } from './nearest.ts';
import { foundText, type Path, type Place, type Problem, pathText, shown } from './problem.ts';

/** Where a setting stands: its name, or its value. */
export type PlaceOf = (path: Path, part: 'key' | 'value') => Place;

export type Checked<Value> =
	| { readonly kind: 'right'; readonly value: Value }
	| { readonly kind: 'bad'; readonly problems: readonly Problem[] };

export function check<Schema extends z.ZodType>(schema: Schema, value: unknown, placeOf: PlaceOf): Checked<z.output<Schema>> {
	const result = schema.safeParse(value, { error: expectedText });
	if (result.success) return { kind: 'right', value: result.data };
	const leaves = result.error.issues.flatMap((issue) => leavesOf(issue, []));
	return { kind: 'bad', problems: inOrder(leaves.flatMap((leaf) => problemsOf(leaf, value, placeOf))) };
}

/** As they stand in the file, and of one value the first thing that is wrong with it. */
function inOrder(problems: readonly Problem[]): Problem[] {
	const first = new Map<string, Problem>();
	for (const problem of problems) if (!first.has(problem.path)) first.set(problem.path, problem);
	return [...first.values()].sort((one, other) => {
		if (one.place.kind !== 'file' || other.place.kind !== 'file') return 0;
		return one.place.line - other.place.line || one.place.column - other.place.column;
	});
}

type Issue = z.core.$ZodIssue;

/** Of known keys in a message; no key has it in its name. */
const SEPARATOR = ', ';
/** How all schemas begin to say what a choice is. */
const CHOICE = 'one of ';
const WORDS_MAX = 16;
const WORDS_SHOWN = 3;

/** What is expected, for where a schema does not say so itself; of a map its keys, from which suggestions are made. */
function expectedText(issue: z.core.$ZodRawIssue): string {
	switch (issue.code) {
		case 'unrecognized_keys':
			return issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape).join(SEPARATOR) : '';
		case 'invalid_type':
			return issue.expected === 'object' || issue.expected === 'record'
				? 'a map'
				: issue.expected === 'array'
					? 'a list'
					: `a ${issue.expected}`;
		case 'too_small':
			return `at least ${issue.minimum} of them`;
		case 'too_big':
			return `at most ${issue.maximum} of them`;
		case 'invalid_union':
			return Array.isArray(issue['options']) ? `one of ${issue['options'].join(SEPARATOR)}` : 'another kind of value';
		default:
			return 'another value';
	}
}

interface Leaf {
	readonly issue: Issue;
	readonly path: Path;
}

/** Of a choice of forms, the one that was probably meant is looked into: the only one that takes this kind of value. */
function leavesOf(issue: Issue, around: Path): Leaf[] {
	const path = [...around, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))];
	if (issue.code !== 'invalid_union') return [{ issue, path }];
	const meant = issue.errors.find((issues) => !issues.some((each) => each.path.length === 0 && each.code === 'invalid_type'));
	return meant === undefined ? [{ issue, path }] : meant.flatMap((each) => leavesOf(each, path));
}

function problemsOf({ issue, path }: Leaf, value: unknown, placeOf: PlaceOf): Problem[] {
	if (issue.code === 'unrecognized_keys') {
		const known = issue.message.split(SEPARATOR);
		return issue.keys.map((key) => unknownKey([...path, key], key, known, placeOf));
	}
	if (issue.code === 'invalid_key') {
		const key = String(path.at(-1));
		const expected = issue.issues[0]?.message ?? 'another name';
		return [
			{
				place: placeOf(path, 'key'),
				path: pathText(path),
				found: `the key '${shown(key)}'`,
				expected,
				mend: mendOf(key, expected),
			},
		];
	}
	const there = valueAt(value, path);
	const params = issue.code === 'custom' ? issue.params : undefined;
	const given = typeof params?.['found'] === 'string' ? params['found'] : undefined;
	const found = given ?? foundText(there);
	const expected = inShort(issue.message);
	return [{ place: placeOf(path, 'value'), path: pathText(path), found, expected, mend: mendOf(given ?? there, issue.message) }];
}

function unknownKey(path: Path, key: string, known: readonly string[], placeOf: PlaceOf): Problem {
	const meant = nearest(key, known);
	return {
		place: placeOf(path, 'key'),
		path: pathText(path),
		found: 'an unknown key',
		expected: `one of ${known.join(SEPARATOR)}`,
		mend: meant === undefined ? 'take it out' : `did you mean '${meant}'?`,
	};
}

/** A choice of so many that nobody reads them all is named by its first ones. */
function inShort(expected: string): string {
	const words = wordsOf(expected);
	if (words.length <= WORDS_MAX) return expected;
	return `one of ${words.slice(0, WORDS_SHOWN).join(SEPARATOR)} and ${words.length - WORDS_SHOWN} more (evenkeel config schema lists them)`;
}

function wordsOf(expected: string): readonly string[] {
	return expected.startsWith(CHOICE) ? expected.slice(CHOICE.length).split(SEPARATOR) : [];
}

function mendOf(found: unknown, expected: string): string {
	if (found === undefined || found === null) return 'give it a value';
	const words = wordsOf(expected);
	const meant = typeof found === 'string' ? nearest(found, words) : undefined;
	if (meant !== undefined) return `did you mean '${meant}'?`;
	if (words.length > 0) return 'choose one of them';
	if (typeof found === 'string' && found.trim() !== '' && Number.isFinite(Number(found)) && expected.includes('number')) {
		return 'write it without quotes, within these bounds';
	}
	if (typeof found === 'number' && /^(a text|an amount)/.test(expected)) return 'put it in quotes';
	return 'change it';
}

export function valueAt(value: unknown, path: Path): unknown {
	let at = value;
	for (const step of path) {
		if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
		at = (at as Record<string | number, unknown>)[step];
	}
	return at;
}
