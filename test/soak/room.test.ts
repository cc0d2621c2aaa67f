/**
 * What is full takes no more room, whatever goes through it: the soak sees that over half an hour for a whole session,
 * and would need hours for what happens once in so many fills.
 */
import { expect, test } from 'vitest';
import { timeMs } from '../../src/domain/units.ts';
import { EXECUTIONS_REMEMBERED_MAX } from '../../src/portfolio/account.ts';
import { FactMemory, type FactSide } from '../../src/portfolio/fact-memory.ts';
import { forcedCollection, heapNow } from './collect.ts';

/** So many symbols that what one memory does is seen among everything else in this process. */
const MEMORIES = 20;
const LOOK_EVERY = 1_000;
const BYTES_A_MEMORY_MAX = 16 * 1024;

test.each<{ readonly name: string; readonly sideOf: (at: number) => FactSide }>([
	{ name: 'one side and the other in turn', sideOf: (at) => (at % 2 === 0 ? 'buy' : 'sell') },
	{ name: 'two thirds of them on one side', sideOf: (at) => (at % 3 === 0 ? 'sell' : 'buy') },
])('a memory of fills that is full never takes more room again: $name', ({ sideOf }) => {
	const collect = forcedCollection();
	const memories = Array.from({ length: MEMORIES }, () => new FactMemory(EXECUTIONS_REMEMBERED_MAX));
	let [leastBytes, roseBytes] = [Number.POSITIVE_INFINITY, 0];
	const ids = Array.from(
		{ length: EXECUTIONS_REMEMBERED_MAX * 2 },
		(_, at) => `7c1e2a40-0000-4000-8000-${String(at).padStart(12, '0')}`,
	);
	for (const [at, id] of ids.entries()) {
		for (const memory of memories) memory.take(id, timeMs(at * 100), sideOf(at));
		if (at <= EXECUTIONS_REMEMBERED_MAX || at % LOOK_EVERY !== 0) continue;
		collect();
		const { heldBytes } = heapNow();
		// What others in this process let go of makes it less, and nothing else runs meanwhile that could make it more.
		leastBytes = Math.min(leastBytes, heldBytes);
		roseBytes = Math.max(roseBytes, heldBytes - leastBytes);
	}
	expect(leastBytes).toBeLessThan(Number.POSITIVE_INFINITY);
	expect(roseBytes).toBeLessThan(MEMORIES * BYTES_A_MEMORY_MAX);
});
