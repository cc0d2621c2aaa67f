import { describe, expect, test } from 'vitest';
import { correlation } from './correlation.fixture.ts';
import { LatentPrices } from './latent.ts';
import { SeededRng } from './seeded-rng.fixture.ts';

const SYMBOLS = [
	{ symbol: 'A', startPrice: 65_000, volatilityPerYear: 0.5, commonShare: 0.9 },
	{ symbol: 'B', startPrice: 2, volatilityPerYear: 0.9, commonShare: 0.8 },
];

/** Log returns of both symbols, one pair a step of `stepMs`. */
function returns(seed: number, { steps, stepMs }: { steps: number; stepMs: number }): [number[], number[]] {
	const latent = new LatentPrices(new SeededRng(seed), SYMBOLS);
	const series: [number[], number[]] = [[], []];
	for (let count = 0; count < steps; count += 1) {
		const before = [latent.price(0), latent.price(1)] as const;
		latent.step(stepMs);
		series[0].push(Math.log(latent.price(0) / before[0]));
		series[1].push(Math.log(latent.price(1) / before[1]));
	}
	return series;
}

describe('latent prices', () => {
	test('stay positive and within half as much again of where they started, for two days', () => {
		const latent = new LatentPrices(new SeededRng(7), SYMBOLS);
		let [low, high] = [Number.POSITIVE_INFINITY, 0];
		for (let count = 0; count < 2 * 24 * 3_600; count += 1) {
			latent.step(1_000);
			low = Math.min(low, latent.price(1) / 2);
			high = Math.max(high, latent.price(1) / 2);
		}
		expect(low).toBeGreaterThan(1 / 1.5 - 1e-9);
		expect(high).toBeLessThan(1.5 + 1e-9);
		expect(high / low).toBeGreaterThan(1.005);
	});

	test('are fenced even when volatility is absurd', () => {
		const latent = new LatentPrices(new SeededRng(7), [
			{ symbol: 'A', startPrice: 100, volatilityPerYear: 500, commonShare: 0.5 },
		]);
		for (let count = 0; count < 10_000; count += 1) {
			latent.step(1_000);
			expect(latent.price(0)).toBeGreaterThan(66);
			expect(latent.price(0)).toBeLessThan(151);
		}
	});

	test('move together as far as they share the common factor', () => {
		const [left, right] = returns(11, { steps: 20_000, stepMs: 100 });
		expect(correlation(left, right)).toBeGreaterThan(0.6);
		expect(correlation(left, right)).toBeLessThan(0.85);
	});

	test('have quiet and wild times: the size of a move says something about the next', () => {
		const [left] = returns(13, { steps: 20_000, stepMs: 1_000 });
		const sizes = left.map(Math.abs);
		expect(correlation(sizes, sizes.slice(10))).toBeGreaterThan(0.05);
		expect(Math.abs(correlation(left, left.slice(1)))).toBeLessThan(0.04);
	});

	test('vary as much in a year as asked, whatever the step', () => {
		for (const stepMs of [100, 1_000]) {
			const [left] = returns(17, { steps: 40_000, stepMs });
			const variance = left.reduce((sum, value) => sum + value * value, 0) / left.length;
			const perYear = Math.sqrt((variance * 365 * 24 * 3_600 * 1_000) / stepMs);
			expect(perYear).toBeGreaterThan(0.35);
			expect(perYear).toBeLessThan(1);
		}
	});

	test('do not move over a gap longer than a second more than in that second, nor backwards in time', () => {
		const [gap, second, back] = [
			new LatentPrices(new SeededRng(3), SYMBOLS),
			new LatentPrices(new SeededRng(3), SYMBOLS),
			new LatentPrices(new SeededRng(3), SYMBOLS),
		];
		gap.step(3_600_000);
		second.step(1_000);
		back.step(-5);
		expect(gap.price(0)).toBe(second.price(0));
		expect(back.price(0)).toBeCloseTo(65_000, 6);
	});
});
