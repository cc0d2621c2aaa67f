/** JSON with places: the same values as the built-in reader, and of every fault where it is. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Path } from './config/problem.ts';
import { readJson } from './json-text.ts';

function placesIn(value: unknown, path: Path = []): Path[] {
	if (Array.isArray(value)) return [path, ...value.flatMap((each, index) => placesIn(each, [...path, index]))];
	if (typeof value !== 'object' || value === null) return [path];
	return [path, ...Object.entries(value).flatMap(([key, each]) => placesIn(each, [...path, key]))];
}

const json = fc.jsonValue({ maxDepth: 5 });

test('what it reads is what the built-in reader reads, and it knows where each value begins', () => {
	fc.assert(
		fc.property(json, fc.constantFrom('', '\t', '  '), (value, indent) => {
			const text = JSON.stringify(value, undefined, indent);
			const read = readJson(text);
			if (read.kind === 'bad') throw new Error(JSON.stringify(read.fault));
			expect(read.value).toEqual(JSON.parse(text));
			const lines = text.split('\n');
			for (const path of placesIn(read.value)) {
				const { line, column } = read.positionOf(path);
				const there = path.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], read.value);
				const rest = [lines[line - 1]?.slice(column - 1), ...lines.slice(line)].join('\n');
				expect(rest.startsWith(JSON.stringify(there, undefined, indent).slice(0, 1))).toBe(true);
			}
		}),
	);
});

test('it refuses what the built-in reader refuses, whatever it is, and never throws', () => {
	const spoilt = fc
		.tuple(json, fc.nat(), fc.constantFrom('', ',', '"', '}', ']', 'x', '\\', '\u0001', '01', '\n'), fc.nat(3))
		.map(([value, at, piece, gone]) => {
			const text = JSON.stringify(value);
			const from = at % (text.length + 1);
			return text.slice(0, from) + piece + text.slice(from + gone);
		});
	fc.assert(
		fc.property(fc.oneof(spoilt, fc.string()), (text) => {
			const read = readJson(text);
			let isRight = true;
			try {
				JSON.parse(text);
			} catch {
				isRight = false;
			}
			// A name that stands twice is the one thing that it takes more seriously.
			const isTwice = read.kind === 'bad' && read.fault.expected === 'each name once';
			expect(read.kind === 'read' || isTwice, text).toBe(isRight || isTwice);
		}),
		{ numRuns: 2_000 },
	);
});

describe('a fault', () => {
	test.each<[string, string, object]>([
		['an end that comes too early', '{\n  "a": [1,\n', { line: 3, column: 1, path: 'a[1]', found: 'the end of the text' }],
		['a comma too many', '[1, 2,\n]', { line: 2, column: 1, expected: 'a value', path: '[2]' }],
		['a comma too few', '{"a": 1\n "b": 2}', { line: 2, column: 2, found: '\'"b"\'', expected: "',' or '}'" }],
		['a name without quotes', '{a: 1}', { line: 1, column: 2, found: "'a'", expected: 'a name in double quotes' }],
		['a name that is a number', '{1: 1}', { line: 1, column: 2, expected: 'a name in double quotes' }],
		['single quotes', '{"a": \'x\'}', { line: 1, column: 7, found: "''x''", expected: 'a value' }],
		['a name twice', '{"a": 1,\n"a": 2}', { line: 2, column: 1, expected: 'each name once', mend: 'take one of them out' }],
		['no colon', '{"a" 1}', { line: 1, column: 6, expected: "':'", path: 'a' }],
		['something behind the end', '{} x', { line: 1, column: 4, found: "'x'", expected: 'nothing more' }],
		['a comment', '// hello\n{}', { line: 1, column: 1, expected: 'a value' }],
		['nothing', '', { line: 1, column: 1, found: 'the end of the text' }],
		['a text without an end', '{"a": "b}', { line: 1, column: 7, found: "'\"'" }],
		['brackets without end', '['.repeat(100_000), { line: 1, column: 26, expected: 'at most 24 levels' }],
	])('%s', (_, text, expected) => {
		const read = readJson(text);
		expect(read.kind === 'bad' ? read.fault : read).toMatchObject(expected);
	});

	test('a mark in front that nobody sees is none', () => {
		expect(readJson('\uFEFF{"a": 1}')).toMatchObject({ kind: 'read', value: { a: 1 } });
	});

	test('of what is not there is the place of what is around it', () => {
		const read = readJson('{\n  "a": [\n    {}\n  ]\n}');
		if (read.kind === 'bad') throw new Error('it is right');
		expect(read.positionOf(['a', 0, 'b'])).toEqual({ line: 3, column: 5 });
		expect(read.positionOf(['x', 'y'])).toEqual({ line: 1, column: 1 });
	});
});
