import { describe, expect, test } from 'vitest';
import { pass, virtualClock } from '../../network/in-virtual-time.suite.ts';
import { ok } from '../../network/result.ts';
import { cacheSuite } from '../../network/ttl-cache.suite.ts';
import type { MemoryCacheOptions } from '../../network/ttl-cache.ts';
import type { VirtualClock } from '../../simulation/virtual-clock.ts';
import { FakeRedis, linkTo } from './fake-redis.suite.ts';
import { RedisCache } from './redis-cache.ts';

type Options = MemoryCacheOptions & { readonly clock: VirtualClock };

async function inRedis(state: FakeRedis['state'], options: Options): Promise<RedisCache<string>> {
	const redis = new FakeRedis(options.clock);
	redis.state = state;
	const link = linkTo(redis, options.clock);
	await link.start();
	return new RedisCache<string>({ ...options, link, prefix: 'p:' });
}

cacheSuite('a cache in Redis', (options) => inRedis('up', options));
cacheSuite('a cache in a Redis that is away', (options) => inRedis('down', options));

function several(options: Partial<MemoryCacheOptions> = {}) {
	const clock = virtualClock();
	const redis = new FakeRedis(clock);
	const said: string[] = [];
	const make = (): RedisCache<string> => {
		const link = linkTo(redis, clock, (sentence) => said.push(sentence));
		void link.start();
		return new RedisCache<string>({ ttlMs: 1_000, ...options, clock, link, prefix: 'p:' });
	};
	const server = { loadCount: 0 };
	const load = async () => {
		server.loadCount += 1;
		return ok(`v${server.loadCount}`);
	};
	return { clock, redis, said, make, server, load };
}

describe('a cache in Redis', () => {
	test('is shared by processes, with its age', async () => {
		const { clock, make, server, load } = several();
		const [one, other] = [make(), make()];
		await pass(clock, 1);
		await one.getOrLoad('info', load);
		await pass(clock, 600);
		expect(await other.getOrLoad('info', load)).toEqual(ok({ value: 'v1', ageMs: 600, isStale: false }));
		expect(server.loadCount).toBe(1);
		await one.delete('info');
		expect(await other.get('info')).toBeUndefined();
	});

	test('goes on in memory while Redis is away, says so once, and returns', async () => {
		const { clock, redis, said, make, server, load } = several();
		const cache = make();
		await pass(clock, 1);
		await cache.getOrLoad('info', load);
		redis.goDown();
		for (let i = 0; i < 5; i += 1) {
			expect(await cache.getOrLoad('info', load)).toMatchObject(ok({ value: 'v1' }));
			redis.goDown();
		}
		await pass(clock, 1_001);
		expect(await cache.getOrLoad('info', load)).toMatchObject(ok({ value: 'v2' }));
		redis.comeBack();
		expect(await cache.getOrLoad('info', load)).toMatchObject(ok({ value: 'v3' }));
		expect(redis.text('p:info')).toContain('v3');
		expect(server.loadCount).toBe(3);
		expect(said).toEqual(['Redis is away, and everything goes on without it: read ECONNRESET', 'Redis is back']);
	});

	test('asks a Redis that hangs three times, and then now and then', async () => {
		const { clock, redis, said, make, load } = several();
		const cache = make();
		await pass(clock, 1);
		redis.state = 'hangs';
		const seen: string[] = [];
		for (let i = 0; i < 20; i += 1) {
			const asked = cache.getOrLoad(`key ${i}`, load).then(({ kind }) => seen.push(kind));
			await pass(clock, 300);
			await asked;
		}
		expect(seen.filter((kind) => kind === 'ok')).toHaveLength(20);
		expect(redis.callCount).toBeLessThanOrEqual(5);
		expect(said).toEqual(['Redis is away, and everything goes on without it: no answer within 250 ms']);
		redis.state = 'up';
		await pass(clock, 5_000);
		await cache.getOrLoad('another', load);
		expect([said.at(-1), redis.text('p:another') === undefined]).toEqual(['Redis is back', false]);
	});

	test.each(['not json', '[]', '{"value":1}', 'null', '{"value":1,"loadedAtMs":"x"}'])(
		'takes %s in its place for nothing',
		async (text) => {
			const { clock, redis, make, load } = several();
			const cache = make();
			await pass(clock, 1);
			redis.kept.set('p:info', { text, untilMono: Number.POSITIVE_INFINITY });
			expect(await cache.getOrLoad('info', load)).toMatchObject(ok({ value: 'v1' }));
		},
	);

	test('is not younger than it is when the clock of another is ahead', async () => {
		const { clock, redis, make } = several();
		const cache = make();
		await pass(clock, 1);
		const held = { value: 'theirs', loadedAtMs: clock.wallMs() + 500 };
		redis.kept.set('p:info', { text: JSON.stringify(held), untilMono: Number.POSITIVE_INFINITY });
		expect(await cache.get('info')).toEqual({ value: 'theirs', ageMs: 0, isStale: false });
	});

	test('is forgotten by Redis itself when it is too old for everybody', async () => {
		const { clock, redis, make, load } = several({ staleMsMax: 4_000 });
		const cache = make();
		await pass(clock, 1);
		await cache.getOrLoad('info', load);
		await pass(clock, 4_900);
		expect(redis.text('p:info')).toBeDefined();
		await pass(clock, 200);
		expect(redis.text('p:info')).toBeUndefined();
	});
});
