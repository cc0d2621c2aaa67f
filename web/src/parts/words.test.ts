import { expect, test } from 'vitest';
import { levelTone, levelWord, spaced } from './words.ts';

const RUN = { level: 'run', pauses: [], isFlattening: false, isComparing: false } as const;
const HOLD = { cause: 'person', reason: 'asked for', liftsByItself: false };

test.each([
	[undefined, '…', 'dim'],
	[RUN, 'Running', 'good'],
	[{ ...RUN, isComparing: true }, 'Comparing', 'warn'],
	[{ ...RUN, pauses: [HOLD] }, 'Paused', 'warn'],
	[{ ...RUN, level: 'pauseQuoting' as const }, 'Paused', 'warn'],
	[{ ...RUN, level: 'reduceOnly' as const, pauses: [HOLD] }, 'Reduce only', 'warn'],
	[{ ...RUN, level: 'kill' as const, isComparing: true }, 'Killed', 'bad'],
	[{ ...RUN, level: 'kill' as const, isFlattening: true }, 'Flattening', 'bad'],
])('%j is said as %s', (overview, word, tone) => {
	expect([levelWord(overview), levelTone(overview)]).toEqual([word, tone]);
});

test('names of states are words', () =>
	expect([spaced('partiallyFilled'), spaced('KL_one')]).toEqual(['partially filled', 'KL one']));
