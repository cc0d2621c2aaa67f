import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pass, settle, virtualClock, watch } from './in-virtual-time.suite.ts';
import { ReadBatcher, type ReadBatcherOptions } from './read-batcher.ts';
import { failed, ok, type Result } from './result.ts';

const DOWN = failed({ reason: 'error', class: 'transient', detail: 'down' });
const UNKNOWN = failed({ reason: 'error', class: 'fatal', detail: 'no such symbol' });

interface Call {
	readonly atMono: number;
	readonly keys: readonly string[];
}

/** A server that takes 100 ms, knows nothing of `bad`, forgets `lost` and is down for any call with `poison` in it. */
function batcherOn(options: Partial<ReadBatcherOptions<string>> = {}) {
	const clock = virtualClock();
	const calls: Call[] = [];
	const state = { activeCount: 0, activeMost: 0 };
	const read: ReadBatcherOptions<string>['read'] = (keys) => {
		calls.push({ atMono: clock.monotonicMs(), keys });
		state.activeCount += 1;
		state.activeMost = Math.max(state.activeMost, state.activeCount);
		return new Promise((resolve) =>
			clock.after(100, () => {
				state.activeCount -= 1;
				const known = keys.filter((key) => key !== 'lost');
				const answer = new Map(known.map((key): [string, Result<string>] => [key, key === 'bad' ? UNKNOWN : ok(`${key}!`)]));
				resolve(keys.includes('poison') ? DOWN : ok(answer));
			}),
		);
	};
	const batcher = new ReadBatcher<string>({ clock, read, batchSize: 3, ...options });
	const get = (key: string, signal?: AbortSignal) => watch(batcher.get(key, signal), clock);
	return { clock, batcher, calls, get, state };
}

describe('a read batcher', () => {
	test('sends a call when it is full, and the rest when its first key has waited long enough', async () => {
		const { clock, calls, get } = batcherOn();
		const seen = ['a', 'b', 'c', 'd'].map((key) => get(key));
		await pass(clock, 200);
		get('e');
		await pass(clock, 1_000);
		expect(calls).toEqual([
			{ atMono: 0, keys: ['a', 'b', 'c'] },
			{ atMono: 500, keys: ['d', 'e'] },
		]);
		expect(seen.map(({ atMono }) => atMono)).toEqual([100, 100, 100, 600]);
	});

	test('sends what waits at once when told to, as far as there are calls free', async () => {
		const { clock, batcher, calls, get } = batcherOn({ concurrentBatchesMax: 1 });
		get('a');
		await pass(clock, 50);
		batcher.flush();
		get('b');
		batcher.flush();
		get('c');
		await pass(clock, 1_000);
		expect(calls).toEqual([
			{ atMono: 50, keys: ['a'] },
			{ atMono: 150, keys: ['b', 'c'] },
		]);
		batcher.flush();
		expect(calls).toHaveLength(2);
	});

	test('shares what is waiting or on its way, and reads anew after that', async () => {
		const { clock, calls, get } = batcherOn();
		const seen = [get('a'), get('a'), get('b'), get('c')];
		await pass(clock, 50);
		const shared = get('a');
		await pass(clock, 60);
		get('a');
		await pass(clock, 1_000);
		expect([...seen, shared].map(({ value, atMono }) => [value, atMono])).toEqual(
			['a', 'a', 'b', 'c', 'a'].map((key) => [ok(`${key}!`), 100]),
		);
		expect(calls.map(({ keys }) => keys)).toEqual([['a', 'b', 'c'], ['a']]);
	});

	test('fails only for those who asked for what failed', async () => {
		const { clock, get } = batcherOn();
		const seen = [get('bad'), get('lost'), get('a'), get('poison'), get('b')];
		await pass(clock, 1_000);
		expect(seen.map(({ value }) => value)).toMatchObject([
			UNKNOWN,
			{ kind: 'failed', detail: 'the answer does not mention lost' },
			ok('a!'),
			DOWN,
			DOWN,
		]);
	});

	test('has so many calls at once; who waits for a place fills it better', async () => {
		const { clock, calls, get } = batcherOn({ concurrentBatchesMax: 1, batchTimeoutMs: 10 });
		get('a');
		await pass(clock, 20);
		get('b');
		await pass(clock, 50);
		get('c');
		await pass(clock, 1_000);
		expect(calls).toEqual([
			{ atMono: 10, keys: ['a'] },
			{ atMono: 110, keys: ['b', 'c'] },
		]);
	});

	test('frees the place of a call that hangs or throws', async () => {
		const hanging = batcherOn({ concurrentBatchesMax: 1, readTimeoutMs: 50 });
		const [slow, next] = ['a', 'b', 'c', 'd'].map((key) => hanging.get(key)).filter((_, index) => index === 0 || index === 3);
		await pass(hanging.clock, 5_000);
		expect([slow?.value, next?.value]).toMatchObject([{ reason: 'timeout' }, { reason: 'timeout' }]);

		const throwing = batcherOn({ read: () => Promise.reject(new Error('a bug')) });
		const seen = throwing.get('a');
		await pass(throwing.clock, 5_000);
		expect([seen.value, throwing.batcher.figures.batches]).toMatchObject([{ reason: 'threw' }, 0]);
	});

	test('asks nothing for a caller who left, and still answers the others', async () => {
		const { clock, batcher, calls, get } = batcherOn();
		const controller = new AbortController();
		const gone = get('a', controller.signal);
		const [mate, leaving] = [get('b'), get('b', controller.signal)];
		controller.abort();
		await pass(clock, 1_000);
		expect([gone.value, leaving.value, mate.value]).toMatchObject([{ reason: 'aborted' }, { reason: 'aborted' }, ok('b!')]);
		expect(calls.map(({ keys }) => keys)).toEqual([['b']]);
		expect(batcher.figures).toEqual({ callers: 0, waitingKeys: 0, readingKeys: 0, batches: 0 });
	});

	test('has an end to its queue, and answers everybody when it is closed', async () => {
		const { clock, batcher, calls, get } = batcherOn({ callersMax: 4 });
		const seen = ['a', 'b', 'c', 'd', 'e'].map((key) => get(key));
		await settle();
		await batcher[Symbol.asyncDispose]();
		const late = get('f');
		await settle();
		const reasons = [...seen, late].map(({ value }) => value?.kind === 'failed' && value.reason);
		expect(reasons).toEqual(['closed', 'closed', 'closed', 'closed', 'full', 'closed']);
		await pass(clock, 5_000);
		expect(calls.length).toBe(1);
	});

	test('answers every caller exactly once, with few calls, whatever is asked when', async () => {
		const ask = fc.record({
			afterMs: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(300)),
			key: fc.oneof(fc.integer({ min: 0, max: 30 }).map(String), fc.constantFrom('bad', 'lost', 'poison')),
		});
		await fc.assert(
			fc.asyncProperty(
				fc.array(ask, { maxLength: 80 }),
				fc.record({ batchSize: fc.integer({ min: 1, max: 7 }), concurrentBatchesMax: fc.integer({ min: 1, max: 3 }) }),
				async (asks, sizes) => {
					const { clock, batcher, calls, state } = batcherOn(sizes);
					const answers: string[][] = asks.map(() => []);
					for (const [index, { afterMs, key }] of asks.entries()) {
						await pass(clock, afterMs);
						const note = (result: Result<string>) => answers[index]?.push(result.kind === 'ok' ? result.value : result.detail);
						void batcher.get(key).then(note);
					}
					await pass(clock, 60_000);
					answers.forEach((heard, index) => {
						const { key } = asks[index]!;
						const expected: Record<string, string> = { bad: 'no such symbol', lost: 'the answer does not mention lost' };
						expect(heard.length).toBe(1);
						expect(['down', expected[key] ?? `${key}!`]).toContain(heard[0]);
					});
					expect(state.activeMost).toBeLessThanOrEqual(sizes.concurrentBatchesMax);
					// No key twice in a call or in two calls at once, and a call that is not full ends a stretch of time.
					calls.forEach(({ atMono, keys }, index) => {
						const meanwhile = calls.slice(0, index).filter((each) => each.atMono > atMono - 100);
						const all = [...keys, ...meanwhile.flatMap((each) => each.keys)];
						expect(new Set(all).size).toBe(all.length);
						expect(keys.length).toBeLessThanOrEqual(sizes.batchSize);
						const partial = calls
							.slice(0, index)
							.filter((each) => each.keys.length < sizes.batchSize && each.atMono > atMono - 400);
						if (keys.length < sizes.batchSize) expect(partial.length).toBe(0);
					});
				},
			),
			{ numRuns: 200 },
		);
	});

	test('sends n keys that come together in ⌈n/size⌉ calls', async () => {
		for (const count of [1, 19, 20, 21, 100, 101]) {
			const { clock, calls, get } = batcherOn({ batchSize: 20 });
			for (let i = 0; i < count; i += 1) get(`${i}`);
			await pass(clock, 5_000);
			expect(calls.length, `${count} keys`).toBe(Math.ceil(count / 20));
		}
	});
});
