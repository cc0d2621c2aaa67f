/** Counts that only grow, told apart by the minute. */
import { expect, test } from 'vitest';
import { Buckets } from './buckets.ts';
import { MINUTES_KEPT, StageMinutes } from './stage-minutes.ts';

function scene() {
	const [flush, decide] = [new Buckets(), new Buckets()];
	const minutes = new StageMinutes({ flush, latencies: () => [{ labels: { stage: 'decide' }, buckets: decide }] });
	return { flush, decide, minutes };
}

test('each minute has its own percentiles, and one in which nothing happened has none', () => {
	const { flush, decide, minutes } = scene();
	minutes.look(0);
	for (let i = 0; i < 100; i += 1) flush.record(45);
	for (let i = 0; i < 100; i += 1) decide.record(0.2);
	minutes.look(59_999);
	expect(minutes.rows).toEqual([]);
	minutes.look(60_000);
	for (let i = 0; i < 10; i += 1) flush.record(200);
	minutes.look(120_000);
	minutes.look(180_000);
	const [first, second, third] = minutes.rows;
	expect(minutes.rows.map(({ atMs }) => atMs)).toEqual([60_000, 120_000, 180_000]);
	expect(first?.tickP50).toBeGreaterThan(42);
	expect(first?.tickP50).toBeLessThanOrEqual(45);
	expect(first?.decideP95).toBeLessThanOrEqual(0.25);
	// The hundred of the minute before are not in it.
	expect(second?.tickP50).toBeGreaterThan(150);
	expect(second?.decideP95).toBeNull();
	expect(third).toEqual({ atMs: 180_000, tickP50: null, tickP95: null, decideP95: null, journalP95: null });
});

test('three hours are kept', () => {
	const { minutes } = scene();
	for (let minute = 0; minute <= MINUTES_KEPT + 10; minute += 1) minutes.look(minute * 60_000);
	expect(minutes.rows.length).toBe(MINUTES_KEPT);
	expect(minutes.rows.at(-1)?.atMs).toBe((MINUTES_KEPT + 10) * 60_000);
});
