import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pass, settle, virtualClock, watch } from './in-virtual-time.suite.ts';
import { mapConcurrent } from './map-concurrent.ts';
import { failed, ok } from './result.ts';

const DOWN = failed({ reason: 'error', class: 'transient', detail: 'down' });

/** Takes as long as the item says; a negative one fails after its time. */
function server() {
	const clock = virtualClock();
	const state = { startedCount: 0, activeCount: 0, activeMost: 0, signals: [] as AbortSignal[] };
	const work = (item: number, index: number, signal: AbortSignal) => {
		state.startedCount += 1;
		state.activeCount += 1;
		state.activeMost = Math.max(state.activeMost, state.activeCount);
		state.signals.push(signal);
		return new Promise<ReturnType<typeof ok<string>> | typeof DOWN>((resolve) =>
			clock.after(Math.abs(item), () => {
				state.activeCount -= 1;
				resolve(item < 0 ? DOWN : ok(`${index}:${item}`));
			}),
		);
	};
	return { clock, state, work };
}

describe('the same work for many items', () => {
	test('gives results in the order of the items, so many at once', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 30 }),
				fc.integer({ min: 1, max: 6 }),
				async (items, concurrency) => {
					const { clock, state, work } = server();
					const seen = watch(mapConcurrent(items, work, { concurrency, settle: true }), clock);
					await pass(clock, 2_000);
					expect(seen.value).toEqual(items.map((item, index) => (item < 0 ? DOWN : ok(`${index}:${item}`))));
					expect(state.activeMost).toBe(Math.min(concurrency, items.length));
				},
			),
			{ numRuns: 100 },
		);
	});

	test('stops at the first failure where that is wanted, and tells those under way', async () => {
		const { clock, state, work } = server();
		const seen = watch(mapConcurrent([30, -10, 20, 20], work, { concurrency: 2, settle: false }), clock);
		await pass(clock, 1_000);
		expect(seen).toEqual({ value: DOWN, atMono: 30 });
		expect([state.startedCount, state.signals[0]?.aborted]).toEqual([2, true]);
	});

	test('names the failure that came first', async () => {
		const clock = virtualClock();
		const failing = (ms: number) =>
			new Promise<typeof DOWN>((resolve) => clock.after(ms, () => resolve({ ...DOWN, detail: `after ${ms}` })));
		const seen = watch(mapConcurrent([30, 10], failing, { concurrency: 2, settle: false }), clock);
		await pass(clock, 100);
		expect(seen.value).toMatchObject({ detail: 'after 10' });
	});

	test('gives all values where nothing fails', async () => {
		const { clock, work } = server();
		const seen = watch(mapConcurrent([5, 1], work, { concurrency: 9, settle: false }), clock);
		await pass(clock, 1_000);
		expect(seen.value).toEqual(ok(['0:5', '1:1']));
		expect(await mapConcurrent([], work, { concurrency: 1, settle: false })).toEqual(ok([]));
	});

	test('begins nothing more once it is called off', async () => {
		const { clock, state, work } = server();
		const controller = new AbortController();
		const options = { concurrency: 1, signal: controller.signal };
		const all = watch(mapConcurrent([10, 10, 10], work, { ...options, settle: true }), clock);
		const first = watch(mapConcurrent([10, 10, 10], work, { ...options, settle: false }), clock);
		controller.abort();
		await pass(clock, 1_000);
		expect(all.value).toMatchObject([ok('0:10'), { reason: 'aborted' }, { reason: 'aborted' }]);
		expect([first.value, state.startedCount]).toMatchObject([{ reason: 'aborted' }, 2]);
	});

	test('takes work that throws as a failure of that item', async () => {
		const thrower = (item: number) => {
			if (item === 1) throw new Error('a bug');
			return Promise.resolve(ok(item));
		};
		expect(await mapConcurrent([0, 1, 2], thrower, { concurrency: 1, settle: true })).toMatchObject([
			...[ok(0), { reason: 'threw' }, ok(2)],
		]);
		await settle();
	});

	test('needs room for at least one', async () => {
		await expect(mapConcurrent([1], async () => ok(1), { concurrency: 0, settle: true })).rejects.toThrow('at least 1');
	});
});
