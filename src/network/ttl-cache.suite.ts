/** What every cache does, wherever it keeps things: in memory, or in a store that others share. */
import { describe, expect, test } from 'vitest';
import type { VirtualClock } from '../simulation/virtual-clock.ts';
import { pass, settle, virtualClock, watch } from './in-virtual-time.suite.ts';
import { failed, ok, type Result } from './result.ts';
import type { Cache, MemoryCacheOptions } from './ttl-cache.ts';

const DOWN = failed({ reason: 'error', class: 'transient', detail: 'down' });

export type CacheMaker = (
	options: MemoryCacheOptions & { readonly clock: VirtualClock },
) => Cache<string> | Promise<Cache<string>>;

export async function cacheOn(make: CacheMaker, options: Partial<MemoryCacheOptions> = {}) {
	const clock = virtualClock();
	const cache = await make({ ttlMs: 1_000, ...options, clock });
	const server = { loadCount: 0, isDown: false };
	const load = () => {
		server.loadCount += 1;
		const answer: Result<string> = server.isDown ? DOWN : ok(`v${server.loadCount}`);
		return new Promise<Result<string>>((resolve) => clock.after(100, () => resolve(answer)));
	};
	const get = (key = 'info') => watch(cache.getOrLoad(key, load), clock);
	return { clock, cache, server, get };
}

export function cacheSuite(name: string, make: CacheMaker): void {
	describe(name, () => {
		test('keeps an answer for its time and not longer', async () => {
			const { clock, cache, server, get } = await cacheOn(make);
			get();
			await pass(clock, 100);
			const fresh = get();
			await pass(clock, 1_000);
			const old = get();
			expect(await cache.get('info')).toEqual({ value: 'v1', ageMs: 1_000, isStale: false });
			expect(server.loadCount).toBe(1);
			await pass(clock, 1);
			expect(await cache.get('info')).toBeUndefined();
			const anew = get();
			await pass(clock, 1_000);
			expect([fresh, old, anew].map(({ value }) => value)).toEqual([
				ok({ value: 'v1', ageMs: 0, isStale: false }),
				ok({ value: 'v1', ageMs: 1_000, isStale: false }),
				ok({ value: 'v2', ageMs: 0, isStale: false }),
			]);
		});

		test('goes by its clock alone, from the very beginning', async () => {
			const { clock, cache, server } = await cacheOn(make);
			const load = async () => {
				server.loadCount += 1;
				return ok(`v${server.loadCount}`);
			};
			// At 0, and with no real time in between, in which a timer of its own could put it right.
			for (let i = 0; i < 3; i += 1) {
				await cache.getOrLoad('info', load);
				await cache.getOrLoad('info', load);
				clock.run(1_001);
			}
			expect(server.loadCount).toBe(3);
		});

		test('of no time at all loads for everybody, and shares a load that is under way', async () => {
			const { clock, cache, server, get } = await cacheOn(make, { ttlMs: 0 });
			const together = [get(), get()];
			await pass(clock, 200);
			expect([together.map(({ value }) => value), server.loadCount]).toMatchObject([
				[ok({ value: 'v1' }), ok({ value: 'v1' })],
				1,
			]);
			const later = get();
			await pass(clock, 200);
			await cache.set('info', 'told');
			const inTheSameInstant = get();
			await pass(clock, 200);
			expect([later, inTheSameInstant].map(({ value }) => value)).toMatchObject([ok({ value: 'v2' }), ok({ value: 'v3' })]);
		});

		test('keeps an answer for parts of a millisecond', async () => {
			const { clock, cache, server, get } = await cacheOn(make, { ttlMs: 2.01 });
			await cache.set('info', 'told');
			await pass(clock, 2);
			const fresh = get();
			await pass(clock, 1);
			const anew = get();
			await pass(clock, 200);
			expect([fresh, anew].map(({ value }) => value)).toMatchObject([ok({ value: 'told' }), ok({ value: 'v1' })]);
			expect(server.loadCount).toBe(1);
		});

		test('lets all who miss together share one load, and its failure', async () => {
			const { clock, server, get } = await cacheOn(make);
			const seen = Array.from({ length: 50 }, () => get());
			const other = get('prices');
			await pass(clock, 50);
			seen.push(get());
			await pass(clock, 1_000);
			expect(new Set(seen.map(({ value }) => JSON.stringify(value))).size).toBe(1);
			expect([server.loadCount, other.value]).toMatchObject([2, ok({ value: 'v2' })]);
			server.isDown = true;
			await pass(clock, 5_000);
			const failing = [get(), get()];
			await pass(clock, 1_000);
			expect([failing.map(({ value }) => value), server.loadCount]).toEqual([[DOWN, DOWN], 3]);
		});

		test('does not remember failures', async () => {
			const { clock, server, get } = await cacheOn(make);
			server.isDown = true;
			get();
			await pass(clock, 1_000);
			server.isDown = false;
			const seen = get();
			await pass(clock, 1_000);
			expect(seen.value).toMatchObject(ok({ value: 'v2' }));
		});

		test('gives what is too old while loading fails, says so, and only up to a bound', async () => {
			const { clock, server, get } = await cacheOn(make, { staleMsMax: 5_000 });
			get();
			await pass(clock, 2_000);
			server.isDown = true;
			const seen = [get(), get()];
			await pass(clock, 1_000);
			seen.push(get());
			await pass(clock, 4_000);
			seen.push(get());
			await pass(clock, 1_000);
			expect(seen.map(({ value }) => value)).toEqual([
				ok({ value: 'v1', ageMs: 2_000, isStale: true }),
				ok({ value: 'v1', ageMs: 2_000, isStale: true }),
				ok({ value: 'v1', ageMs: 3_000, isStale: true }),
				DOWN,
			]);
			server.isDown = false;
			const healed = get();
			await pass(clock, 1_000);
			expect([healed.value, server.loadCount]).toMatchObject([ok({ isStale: false }), 5]);
		});

		test('can be told', async () => {
			const { clock, cache, server, get } = await cacheOn(make);
			await cache.set('info', 'told');
			const seen = get();
			await settle();
			expect([seen.value, server.loadCount]).toMatchObject([ok({ value: 'told' }), 0]);
			await cache.delete('info');
			expect(await cache.get('info')).toBeUndefined();
			await pass(clock, 0);
		});

		test('leaves no timer, and knows nothing once it is closed', async () => {
			const { clock, cache, get } = await cacheOn(make);
			const waiting = get();
			await cache[Symbol.asyncDispose]();
			const late = get();
			await pass(clock, 200);
			expect([waiting.value, late.value]).toMatchObject([ok({ value: 'v1' }), { reason: 'closed' }]);
			await cache.set('info', 'told');
			expect([clock.step(), await cache.get('info')]).toEqual([false, undefined]);
		});
	});
}
