/** The kinds of value that sections are made of. Each says in its message what is expected, in words for a person. */
import * as z from 'zod';

export function wholeNumber(min: number, max: number) {
	const expected = `a whole number from ${min} to ${max}`;
	return z.int(expected).min(min, expected).max(max, expected);
}

export function numberFrom(min: number, max: number) {
	const expected = `a number from ${min} to ${max}`;
	return z.number(expected).min(min, expected).max(max, expected);
}

export function oneOf<const Word extends string>(words: readonly [Word, ...Word[]]) {
	return z.enum(words, `one of ${words.join(', ')}`);
}

export function textOf(pattern: RegExp, expected: string) {
	return z.string(expected).regex(pattern, expected);
}

export function textUpTo(min: number, max: number) {
	const expected = min === 0 ? `a text of at most ${max} characters` : `a text of ${min} to ${max} characters`;
	return z.string(expected).min(min, expected).max(max, expected);
}

/** For a list that is known to the types as one that may be empty. */
export function atLeastOne<Item>(items: readonly Item[]): readonly [Item, ...Item[]] {
	const [first, ...rest] = items;
	if (first === undefined) throw new Error('invariant broken: a choice of nothing');
	return [first, ...rest];
}
