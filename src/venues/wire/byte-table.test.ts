import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asciiBytes, ByteTable, isPlainWord } from './byte-table.ts';

const word = fc.string({ unit: fc.constantFrom('a', 'b', '.', '1'), minLength: 1, maxLength: 9 });

test('finds what a Map would find, wherever the word stands', () => {
	fc.assert(
		fc.property(fc.array(fc.tuple(word, fc.nat())), fc.array(word), fc.nat({ max: 3 }), (entries, asked, offset) => {
			const table = ByteTable.of(entries);
			const map = new Map(entries);
			for (const text of [...asked, ...map.keys()]) {
				const bytes = asciiBytes(`${'x'.repeat(offset)}${text}yyy`);
				expect(table.find(bytes, offset, offset + text.length), text).toBe(map.get(text));
			}
		}),
	);
});

test('grows with thousands of words', () => {
	const words = Array.from({ length: 5_000 }, (_, i) => `orderbook.50.COIN${i}USDT`);
	const table = ByteTable.of(words.map((name, i) => [name, i]));
	for (const [i, name] of words.entries()) expect(table.find(asciiBytes(name), 0, name.length)).toBe(i);
});

test.each(['', '"', '\\', 'ä', '\n', 'x'.repeat(65)])('takes no word that stands otherwise in a frame: %j', (text) => {
	expect(isPlainWord(text)).toBe(false);
	expect(() => new ByteTable<number>().set(text, 1)).toThrow(RangeError);
});
