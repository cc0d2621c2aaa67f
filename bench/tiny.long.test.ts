import { describe, expect, test } from 'vitest';
import { benchmarkNames, loadBenchmark } from './catalog.ts';

/** Runs every benchmark small and untimed, so that none rots. What they assert about their peers holds here too. */
describe('every benchmark runs', () => {
	test.each(benchmarkNames())('%s', async (name) => {
		const benchmark = await loadBenchmark(name);
		const first = await benchmark.run({ tiny: true });
		const second = await benchmark.run({ tiny: true });
		expect(first.cases.length).toBeGreaterThan(0);
		expect(new Set(first.cases.map((one) => one.name)).size, 'case names differ').toBe(first.cases.length);
		for (const one of first.cases) {
			const rising = [one.p50, one.p90, one.p95, one.p99, one.p999, one.p9999, one.max];
			expect(rising, one.name).toEqual(rising.toSorted((a, b) => a - b));
			expect(one.p50, one.name).toBeGreaterThanOrEqual(0);
			expect(one.sampleCount, one.name).toBeGreaterThan(0);
		}
		for (const [ratio, value] of Object.entries(first.ratios)) expect(value, ratio).toBeGreaterThan(0);
		const checksums = (result: typeof first) => result.cases.map(({ name, checksum }) => [name, checksum]);
		expect(checksums(second), 'the same work gives the same checksums').toEqual(checksums(first));
	});
});
