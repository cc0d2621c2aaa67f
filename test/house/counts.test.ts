/** The line that every suite ends in, and what counts as success. */
import { expect, test } from 'vitest';
import { addCounts, countsLine, isSuccess, noTests, parseCounts } from '../../scripts/test/counts.ts';

test('counts are read back from the line they are printed as, when it is the last one', () => {
	const counts = { passed: 12, failed: 1, skipped: 3 };
	expect(parseCounts(`much talk\n${countsLine(counts)}\n`)).toEqual(counts);
	expect(parseCounts(`${countsLine(counts)}\nmore talk`)).toBeUndefined();
	expect(parseCounts('')).toBeUndefined();
});

test('counts add up', () => {
	expect(addCounts({ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 20, skipped: 30 })).toEqual({
		passed: 11,
		failed: 22,
		skipped: 33,
	});
});

test.each([
	{ name: 'all passed', counts: { passed: 1, failed: 0, skipped: 0 }, success: true },
	{ name: 'one failed', counts: { passed: 9, failed: 1, skipped: 0 }, success: false },
	{ name: 'nothing ran', counts: noTests, success: false },
	{ name: 'all were skipped', counts: { passed: 0, failed: 0, skipped: 5 }, success: false },
])('$name: success is $success', ({ counts, success }) => expect(isSuccess(counts)).toBe(success));
