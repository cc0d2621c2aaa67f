import { Script } from 'node:vm';
import { expect, test } from 'vitest';
import { forcedCollection, heapNow } from './collect.ts';

const COUNT = 200_000;
/** Of an object with one number, and its place in a list. */
const BYTES_EACH = 32;

test('what is held is counted, what is let go of is not, and what the compiler makes is counted apart', () => {
	const collect = forcedCollection();
	collect();
	const before = heapNow();
	let list: { readonly at: number }[] | undefined = Array.from({ length: COUNT }, (_, at) => ({ at }));
	expect(list).toHaveLength(COUNT);
	collect();
	expect(heapNow().heldBytes - before.heldBytes).toBeGreaterThan(COUNT * BYTES_EACH);
	list = undefined;
	const scripts = Array.from({ length: 2_000 }, (_, at) => new Script(`((value) => value + ${at})(1)`));
	let sum = 0;
	for (const script of scripts) sum += Number(script.runInThisContext());
	expect(sum).toBe(2_000 + (2_000 * 1_999) / 2);
	collect();
	const after = heapNow();
	expect(after.heldBytes - before.heldBytes).toBeLessThan((COUNT * BYTES_EACH) / 2);
	expect(after.compiledBytes - before.compiledBytes).toBeGreaterThan(scripts.length * 50);
});
