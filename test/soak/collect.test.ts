import { Script } from 'node:vm';
import { expect, test } from 'vitest';
import { forcedCollection, heapNow } from './collect.ts';

const COUNT = 200_000;
/** Of an object with one number, and its place in a list. */
const BYTES_EACH = 32;
const COLLECTIONS = 10;

test('what is held is counted, what is let go of is not, and what the compiler makes is counted apart', () => {
	const collect = forcedCollection();
	const settle = (): void => {
		// What was not run for some collections is thrown away as well; that is over then.
		for (let i = 0; i < COLLECTIONS; i += 1) collect();
	};
	settle();
	const before = heapNow();
	let list: { readonly at: number }[] | undefined = Array.from({ length: COUNT }, (_, at) => ({ at }));
	expect(list).toHaveLength(COUNT);
	collect();
	expect(heapNow().heldBytes - before.heldBytes).toBeGreaterThan(COUNT * BYTES_EACH);
	list = undefined;
	settle();
	const compiledBefore = heapNow().compiledBytes;
	const scripts = Array.from({ length: 2_000 }, (_, at) => new Script(`((value) => value + ${at})(1)`));
	let sum = 0;
	for (const script of scripts) sum += Number(script.runInThisContext());
	expect(sum).toBe(2_000 + (2_000 * 1_999) / 2);
	collect();
	const after = heapNow();
	expect(after.heldBytes - before.heldBytes).toBeLessThan((COUNT * BYTES_EACH) / 2);
	expect(after.compiledBytes - compiledBefore).toBeGreaterThan(scripts.length * 50);
});
