/**
 * What is full takes no more room, whatever goes through it: the soak sees that over half an hour for a whole session,
 * and would need hours for what happens once in so many fills.
 */
import { expect, test } from 'vitest';
import { timeMs } from '../../src/domain/units.ts';
import { EXECUTIONS_REMEMBERED_MAX } from '../../src/portfolio/account.ts';
import { FactMemory, type FactSide } from '../../src/portfolio/fact-memory.ts';
import { SlotRates } from '../../src/risk/slot-rates.ts';
import { forcedCollection, heapNow } from './collect.ts';

/** So many symbols that what one memory does is seen among everything else in this process. */
const MEMORIES = 20;
const LOOK_EVERY = 1_000;
const BYTES_A_MEMORY_MAX = 16 * 1024;

const SLOTS = 2_000;
const SLOW_MS = 24_000;
const ACTIONS = 100;
const BYTES_A_SLOT_MAX = 64;

/** How much more is held than at the least before. */
class Rise {
	readonly #collect = forcedCollection();
	#leastBytes = Number.POSITIVE_INFINITY;
	bytes = 0;

	/** What others in this process let go of makes it less, and nothing else runs meanwhile that could make it more. */
	look(): void {
		this.#collect();
		const { heldBytes } = heapNow();
		this.#leastBytes = Math.min(this.#leastBytes, heldBytes);
		this.bytes = Math.max(this.bytes, heldBytes - this.#leastBytes);
	}
}

test.each<{ readonly name: string; readonly sideOf: (at: number) => FactSide }>([
	{ name: 'one side and the other in turn', sideOf: (at) => (at % 2 === 0 ? 'buy' : 'sell') },
	{ name: 'two thirds of them on one side', sideOf: (at) => (at % 3 === 0 ? 'sell' : 'buy') },
])('a memory of fills that is full never takes more room again: $name', ({ sideOf }) => {
	const memories = Array.from({ length: MEMORIES }, () => new FactMemory(EXECUTIONS_REMEMBERED_MAX));
	const rise = new Rise();
	const ids = Array.from(
		{ length: EXECUTIONS_REMEMBERED_MAX * 2 },
		(_, at) => `7c1e2a40-0000-4000-8000-${String(at).padStart(12, '0')}`,
	);
	for (const [at, id] of ids.entries()) {
		for (const memory of memories) memory.take(id, timeMs(at * 100), sideOf(at));
		if (at > EXECUTIONS_REMEMBERED_MAX && at % LOOK_EVERY === 0) rise.look();
	}
	expect(memories[0]?.newestMs).toBe((ids.length - 1) * 100);
	expect(rise.bytes).toBeLessThan(MEMORIES * BYTES_A_MEMORY_MAX);
});

test('a slot that acts now and then takes no more room for it, however long that goes on', () => {
	const rates = new SlotRates();
	const rise = new Rise();
	for (let action = 0; action < ACTIONS; action += 1) {
		for (let slot = 0; slot < SLOTS; slot += 1) rates.count(slot, action * SLOW_MS + 0.5);
		if (action > 0) rise.look();
	}
	expect(rates.mayAct(0, ACTIONS * SLOW_MS, { slotActionsPerSecMax: 1, slotActionsPerMinMax: 2 })).toBe(false);
	expect(rise.bytes).toBeLessThan(SLOTS * BYTES_A_SLOT_MAX);
});
