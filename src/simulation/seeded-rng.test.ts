import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Rng } from '../ports/rng.ts';
import { seededRng } from './seeded-rng.ts';

function draws(rng: Rng, count: number): number[] {
	return Array.from({ length: count }, () => rng.next());
}

/** How far counts are from all being equal: about as large as there are counts, for fair ones. */
function chiSquare(counts: readonly number[]): number {
	const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
	return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

function countsOf(values: readonly number[], kinds: number): number[] {
	const counts = new Array<number>(kinds).fill(0);
	for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
	return counts;
}

/** So far from fair comes up once in a million fair streams; the seeds are fixed, so a stream that passes always does. */
const CHI_SQUARE_MAX = { 16: 53, 64: 136, 256: 380 } as const;

const anySeed = fc.oneof(fc.nat({ max: 1_000 }), fc.nat({ max: 2 ** 32 - 1 }), fc.maxSafeNat());
const anyName = fc.oneof(fc.constantFrom('market', 'network', 'a', 'b', 'ab', 'ba', ''), fc.string({ maxLength: 12 }));

describe('a seed', () => {
	test('gives the same stream each time', () => {
		fc.assert(
			fc.property(anySeed, (seed) => {
				expect(draws(seededRng(seed), 20)).toEqual(draws(seededRng(seed), 20));
			}),
		);
	});

	test('gives this stream, on every machine and in every version: recorded runs depend on it', () => {
		const rng = seededRng(7);
		expect([rng.below(1_000_000), rng.below(1_000_000), rng.below(1_000_000)]).toEqual([350_161, 307_194, 121_853]);
		const market = seededRng(7).fork('market');
		expect([market.below(1_000_000), market.below(1_000_000), market.below(1_000_000)]).toEqual([374_783, 767_363, 667_823]);
	});

	test('of a thousand neighbours gives no stream that another one gives', () => {
		const firsts = Array.from({ length: 1_000 }, (_, seed) => draws(seededRng(seed), 2).join());
		expect(new Set(firsts).size).toBe(1_000);
	});

	test('uses what it has above 32 bits', () => {
		expect(draws(seededRng(2 ** 32 + 7), 3)).not.toEqual(draws(seededRng(7), 3));
	});
});

describe('draws', () => {
	test('are from 0 up and below 1', () => {
		fc.assert(
			fc.property(anySeed, (seed) => {
				for (const value of draws(seededRng(seed), 100)) expect(value >= 0 && value < 1, String(value)).toBe(true);
			}),
		);
	});

	test.each([1, 2, 3, 7, 1_000, 2 ** 31, 2 ** 32])('below %i are whole numbers from 0 up and below it', (bound) => {
		const rng = seededRng(bound);
		for (let i = 0; i < 500; i += 1) {
			const value = rng.below(bound);
			expect(Number.isInteger(value) && value >= 0 && value < bound, String(value)).toBe(true);
		}
	});

	test('below one take their draw all the same, so that a bound does not shift what follows', () => {
		const [one, other] = [seededRng(5), seededRng(5)];
		one.below(1);
		other.below(1_000);
		expect(one.next()).toBe(other.next());
	});

	test.each([0, 1, 2, 12_345, 2 ** 40])('of seed %d fill 64 equal parts equally', (seed) => {
		const rng = seededRng(seed);
		const parts = Array.from({ length: 64_000 }, () => rng.below(64));
		expect(chiSquare(countsOf(parts, 64))).toBeLessThan(CHI_SQUARE_MAX[64]);
	});

	test('that follow each other do not depend on each other', () => {
		const rng = seededRng(3);
		const pairs = Array.from({ length: 64_000 }, () => rng.below(16) * 16 + rng.below(16));
		expect(chiSquare(countsOf(pairs, 256))).toBeLessThan(CHI_SQUARE_MAX[256]);
	});

	test('of neighbouring seeds do not depend on each other', () => {
		const firsts = Array.from({ length: 16_000 }, (_, seed) => seededRng(seed).below(16));
		expect(chiSquare(countsOf(firsts, 16))).toBeLessThan(CHI_SQUARE_MAX[16]);
		const pairs = firsts.slice(1).map((value, index) => (firsts[index] ?? 0) * 16 + value);
		expect(chiSquare(countsOf(pairs, 256))).toBeLessThan(CHI_SQUARE_MAX[256]);
	});

	test('use all their bits: the lowest ones, too, are fair', () => {
		const rng = seededRng(9);
		const low = Array.from({ length: 64_000 }, () => (rng.next() * 2 ** 53) % 16);
		expect(chiSquare(countsOf(low, 16))).toBeLessThan(CHI_SQUARE_MAX[16]);
	});
});

describe('a fork', () => {
	test('depends on the seed and the name, and not on what was drawn before', () => {
		fc.assert(
			fc.property(anySeed, anyName, fc.nat(50), (seed, name, drawn) => {
				const used = seededRng(seed);
				draws(used, drawn);
				expect(draws(used.fork(name), 5)).toEqual(draws(seededRng(seed).fork(name), 5));
			}),
		);
	});

	test('takes nothing from the stream that it is forked from', () => {
		fc.assert(
			fc.property(anySeed, anyName, (seed, name) => {
				const [forked, plain] = [seededRng(seed), seededRng(seed)];
				draws(forked.fork(name), 10);
				expect(draws(forked, 5)).toEqual(draws(plain, 5));
			}),
		);
	});

	test('of another name or another seed is another stream, and so is the one it comes from', () => {
		fc.assert(
			fc.property(anySeed, anySeed, anyName, anyName, (seed, otherSeed, name, otherName) => {
				const rng = seededRng(seed);
				const stream = draws(rng.fork(name), 3).join();
				expect(draws(rng, 3).join()).not.toBe(stream);
				if (otherName !== name) expect(draws(seededRng(seed).fork(otherName), 3).join()).not.toBe(stream);
				if (otherSeed !== seed) expect(draws(seededRng(otherSeed).fork(name), 3).join()).not.toBe(stream);
			}),
			{ numRuns: 500 },
		);
	});

	test('of a fork goes by the whole path: parts in another order or cut elsewhere are other streams', () => {
		const rng = seededRng(11);
		const paths = [['ab'], ['a', 'b'], ['b', 'a'], ['a'], ['b'], ['', 'ab'], ['ab', ''], ['']];
		const streams = paths.map((path) =>
			draws(
				path.reduce((parent, name) => parent.fork(name), rng),
				3,
			).join(),
		);
		expect(new Set(streams).size).toBe(paths.length);
	});

	test('does not move with its neighbours: streams of numbered names are fair together', () => {
		const rng = seededRng(1);
		const firsts = Array.from({ length: 16_000 }, (_, index) => rng.fork(`symbol-${index}`).below(16));
		expect(chiSquare(countsOf(firsts, 16))).toBeLessThan(CHI_SQUARE_MAX[16]);
	});
});
