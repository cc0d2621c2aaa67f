/** The contract of the venue port, for every adapter, each of its markets, and each way of its orders. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { BEHAVIOURS } from './behaviours.ts';
import { PLACES } from './contract-world.ts';

const PAGE = new URL('../../../docs/venues/contract.md', import.meta.url);

describe.each(PLACES)('$venue $category by $orderEntry', (place) => {
	test.each(BEHAVIOURS)('$number: $says', async ({ prove }) => {
		await prove(place);
	});
});

test('the page lists what is proven, and nothing else', () => {
	const rows = [...readFileSync(PAGE, 'utf8').matchAll(/^\| (VC\d+) \| (.*) \|$/gm)].map(
		([, number, says]) => `${number} ${says}`,
	);
	expect(rows).toEqual(BEHAVIOURS.map(({ number, says }) => `${number} ${says}`));
	expect(BEHAVIOURS.map(({ number }) => number)).toEqual(BEHAVIOURS.map((_, at) => `VC${at + 1}`));
});
