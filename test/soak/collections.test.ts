import { expect, test } from 'vitest';
import { collectionsBelow } from './collections.ts';

class Keeper {
	readonly #kept = new Map<string, readonly number[]>([['a', [1, 2, 3]]]);
	readonly tell: () => number;

	constructor() {
		const hidden = new Set([1, 2]);
		this.tell = () => hidden.size + this.#kept.size;
	}
}

test('finds what is private, what is nested and what only a closure holds', () => {
	const sizes = collectionsBelow({ keepers: [new Keeper(), new Keeper()], no: 1 });
	expect(Object.fromEntries(sizes)).toMatchObject({
		'.keepers': 2,
		'.keepers[].#kept': 1,
		'.keepers[].#kept[]': 3,
		'.keepers[].tell(hidden)': 2,
	});
});

test('comes to an end where objects hold each other', () => {
	const one: { other?: object; list: number[] } = { list: [1] };
	one.other = { one };
	expect(collectionsBelow(one).get('.list')).toBe(1);
});
