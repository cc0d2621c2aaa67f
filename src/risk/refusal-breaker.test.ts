import { expect, test } from 'vitest';
import { instrumentIndex } from '../domain/instrument.ts';
import { REFUSED_MAX, RefusalBreaker } from './refusal-breaker.ts';

interface Word {
	readonly atMs: number;
	readonly symbol?: number;
	readonly isShown?: boolean;
	readonly wasShown?: boolean;
}

const times = (count: number, word: Word): Word[] => Array.from({ length: count }, () => word);

/** What the breaker says to the last of these words. */
function lastOf(words: readonly Word[]): string | undefined {
	const breaker = new RefusalBreaker();
	let last: string | undefined;
	for (const { atMs, symbol = 0, isShown = false, wasShown = false } of words) {
		const index = instrumentIndex(symbol);
		if (isShown) breaker.shown(index, atMs);
		else last = breaker.refused(index, { reason: 'would take', wasShown }, atMs);
	}
	return last;
}

const HELD = 'the venue refused 12 of 12 new orders within 10 s: would take';

const CASES: readonly { name: string; words: readonly Word[]; says: string | undefined }[] = [
	{ name: 'eleven are few', words: times(REFUSED_MAX - 1, { atMs: 0 }), says: undefined },
	{ name: 'twelve are many', words: times(REFUSED_MAX, { atMs: 0 }), says: HELD },
	{ name: 'over ten seconds, too', words: [...times(11, { atMs: 0 }), { atMs: 10_000 }], says: HELD },
	{ name: 'and not over more', words: [...times(11, { atMs: 0 }), { atMs: 11_000 }], says: undefined },
	{ name: 'each symbol counts for itself', words: [...times(11, { atMs: 0 }), { atMs: 0, symbol: 1 }], says: undefined },
	{
		name: 'half of all is many',
		words: [...times(12, { atMs: 0, isShown: true }), ...times(12, { atMs: 0 })],
		says: 'the venue refused 12 of 24 new orders within 10 s: would take',
	},
	{
		name: 'less than half is not',
		words: [...times(13, { atMs: 0, isShown: true }), ...times(12, { atMs: 0 })],
		says: undefined,
	},
	{
		name: 'what is shown for a moment and refused then is refused',
		words: times(12, { atMs: 0 }).flatMap(() => [
			{ atMs: 0, isShown: true },
			{ atMs: 0, wasShown: true },
		]),
		says: HELD,
	},
	{
		name: 'what another symbol takes is no comfort',
		words: [...times(99, { atMs: 0, isShown: true, symbol: 1 }), ...times(12, { atMs: 0 })],
		says: HELD,
	},
];

test.each(CASES)('$name', ({ words, says }) => {
	expect(lastOf(words)).toBe(says);
});
