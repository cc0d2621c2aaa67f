import { expect, test } from 'vitest';
import { CLOSED_ORDERS_MAX } from '../../src/execution/order-manager.ts';
import { judgeSizes, notFull } from './bounds.ts';

const look = (sizes: Readonly<Record<string, number>>) => new Map(Object.entries(sizes));
const CLOSED = '.app.engine.orders.#closed.#recent.#items';

test.each([
	{ name: 'stays as it is', sizes: [500, 500, 500], troubles: 0 },
	{ name: 'breathes', sizes: [500, 300, 520], troubles: 0 },
	{ name: 'grows and falls again', sizes: [500, 900, 700], troubles: 0 },
	{ name: 'grows all the time', sizes: [500, 700, 900], troubles: 1 },
	{ name: 'is new and large', sizes: [0, 200, 400], troubles: 1 },
])('a place without a bound that $name: $troubles troubles', ({ sizes, troubles }) => {
	expect(judgeSizes(sizes.map((size) => look({ '.app.some': size }))).troubles).toHaveLength(troubles);
});

test('a place with a bound may grow up to it, and not further', () => {
	const series = (last: number) => [100, 1_000, last].map((size) => look({ [CLOSED]: size }));
	expect(judgeSizes(series(CLOSED_ORDERS_MAX)).troubles).toEqual([]);
	expect(judgeSizes(series(CLOSED_ORDERS_MAX * 3)).troubles).toHaveLength(1);
});

test('a place that has still to fill up is named, and so is one that is nowhere', () => {
	const [first, ...rest] = notFull(look({ [CLOSED]: CLOSED_ORDERS_MAX }));
	expect(first).toBe(`.engine.orders.#orders holds 0 of ${CLOSED_ORDERS_MAX}`);
	expect(rest.join()).not.toContain('#closed');
	expect(notFull(look({ [CLOSED]: CLOSED_ORDERS_MAX - 1 })).join()).toContain(`#items holds ${CLOSED_ORDERS_MAX - 1} of`);
});
