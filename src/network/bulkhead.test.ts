import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bulkhead } from './bulkhead.ts';
import { pass, settle, virtualClock, watch } from './in-virtual-time.suite.ts';
import { ok, type Result } from './result.ts';

function bulkheadOn(concurrentMax: number, queuedMax: number) {
	const clock = virtualClock();
	const bulkhead = new Bulkhead({ concurrentMax, queuedMax });
	const startedAt: number[] = [];
	const state = { activeCount: 0, activeMost: 0 };
	const run = (durationMs: number, signal?: AbortSignal) =>
		watch(
			bulkhead.run(() => {
				startedAt.push(clock.monotonicMs());
				state.activeCount += 1;
				state.activeMost = Math.max(state.activeMost, state.activeCount);
				return new Promise<Result<number>>((resolve) =>
					clock.after(durationMs, () => {
						state.activeCount -= 1;
						resolve(ok(durationMs));
					}),
				);
			}, signal),
			clock,
		);
	return { clock, bulkhead, run, startedAt, state };
}

describe('a bulkhead', () => {
	test('lets so many in, so many wait in their order, and sends the rest away', async () => {
		const { clock, bulkhead, run, startedAt } = bulkheadOn(2, 2);
		const seen = [run(100), run(50), run(10), run(10), run(10)];
		await settle();
		expect(bulkhead.figures).toEqual({ active: 2, queued: 2 });
		expect(seen[4]?.value).toMatchObject({ reason: 'full' });
		await pass(clock, 1_000);
		expect(seen.map(({ atMono }) => atMono)).toEqual([100, 50, 60, 70, 0]);
		expect([startedAt, bulkhead.figures]).toEqual([[0, 0, 50, 60], { active: 0, queued: 0 }]);
	});

	test('frees the place of who leaves the queue, and of work that throws', async () => {
		const { clock, bulkhead, run } = bulkheadOn(1, 1);
		const controller = new AbortController();
		const bug = watch(
			bulkhead.run(() => {
				throw new Error('a bug');
			}),
			clock,
		);
		await settle();
		run(100);
		const leaving = run(10, controller.signal);
		controller.abort();
		const next = run(10);
		await pass(clock, 1_000);
		expect([bug.value, leaving.value, next.atMono]).toMatchObject([{ reason: 'threw' }, { reason: 'aborted' }, 110]);
	});

	test('sends away who waits when it is closed', async () => {
		const { clock, bulkhead, run, startedAt } = bulkheadOn(1, 1);
		const seen = [run(100), run(10)];
		await bulkhead[Symbol.asyncDispose]();
		const late = run(10);
		await pass(clock, 1_000);
		expect([...seen, late].map(({ value }) => value)).toMatchObject([ok(100), { reason: 'closed' }, { reason: 'closed' }]);
		expect(startedAt.length).toBe(1);
	});

	test('never holds more than it may, loses nobody and keeps the order, for any crowd', async () => {
		const visit = fc.record({ afterMs: fc.nat(30), durationMs: fc.integer({ min: 1, max: 100 }) });
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 1, max: 4 }),
				fc.nat(4),
				fc.array(visit, { maxLength: 40 }),
				async (concurrentMax, queuedMax, visits) => {
					const { clock, bulkhead, run, startedAt, state } = bulkheadOn(concurrentMax, queuedMax);
					const seen = [];
					for (const { afterMs, durationMs } of visits) {
						await pass(clock, afterMs);
						seen.push({ durationMs, result: run(durationMs) });
						expect(bulkhead.figures.queued).toBeLessThanOrEqual(queuedMax);
					}
					await pass(clock, 10_000);
					expect(state.activeMost).toBeLessThanOrEqual(concurrentMax);
					const done = seen.filter(({ result }) => result.value?.kind === 'ok');
					expect(done.map(({ result, durationMs }) => (result.atMono ?? 0) - durationMs)).toEqual(startedAt);
					expect(seen.every(({ result }) => result.value !== undefined)).toBe(true);
					expect(bulkhead.figures).toEqual({ active: 0, queued: 0 });
				},
			),
			{ numRuns: 100 },
		);
	});
});
