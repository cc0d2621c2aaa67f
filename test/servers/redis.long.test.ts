/** The cache and the published state against a real Redis that is killed, hangs and comes back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { describe, expect } from 'vitest';
import { ok } from '../../src/network/result.ts';
import { systemClock } from '../../src/network/system-clock.ts';
import { systemRng } from '../../src/network/system-rng.ts';
import { RedisCache } from '../../src/storage/redis/redis-cache.ts';
import { connectRedis } from '../../src/storage/redis/redis-client.ts';
import { RedisLink } from '../../src/storage/redis/redis-link.ts';
import { StatePublisher } from '../../src/storage/redis/state-publisher.ts';
import { REDIS, redisWith, ServerProcess, testWith } from './server-process.ts';

const testRedis = testWith(REDIS);
const clock = systemClock();

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
	const deadlineMs = performance.now() + 10_000;
	while (!(await condition())) {
		if (performance.now() > deadlineMs) throw new Error('it did not come about');
		await sleep(20);
	}
}

async function linkedTo(server: ServerProcess, said: string[], password?: string): Promise<RedisLink> {
	const link = new RedisLink({
		clock,
		name: 'Redis',
		connect: (events) => connectRedis({ url: `redis://127.0.0.1:${server.port}`, password }, systemRng(), events),
		say: (sentence) => said.push(sentence),
	});
	await link.start();
	return link;
}

const cacheOver = (link: RedisLink): RedisCache<string> =>
	new RedisCache({ clock, link, ttlMs: 60_000, prefix: 'evenkeel:cache:' });

describe('Redis', () => {
	testRedis(
		'is a cache for several processes, does without itself when it is killed, and is one again when it is back',
		async () => {
			await using server = await ServerProcess.start(REDIS);
			const [said, others]: [string[], string[]] = [[], []];
			await using link = await linkedTo(server, said);
			await using otherLink = await linkedTo(server, others);
			await using cache = cacheOver(link);
			await using other = cacheOver(otherLink);
			let loadCount = 0;
			const load = async () => ok(`v${++loadCount}`);
			const all = await Promise.all(Array.from({ length: 50 }, () => cache.getOrLoad('info', load)));
			expect(new Set(all.map((each) => each.kind === 'ok' && each.value.value))).toEqual(new Set(['v1']));
			expect(await other.getOrLoad('info', load)).toMatchObject(ok({ value: 'v1' }));
			await server.kill();
			await until(() => said.length > 0);
			const beganAt = performance.now();
			expect(await cache.getOrLoad('info', load)).toMatchObject(ok({ value: 'v1' }));
			expect(await other.getOrLoad('info', load)).toMatchObject(ok({ value: 'v2' }));
			expect(performance.now() - beganAt).toBeLessThan(200);
			await sleep(1_000);
			await server.start();
			await until(() => said.length === 2 && others.length === 2);
			// It kept nothing on disk.
			expect(await cache.getOrLoad('info', load)).toMatchObject(ok({ value: 'v3' }));
			expect(await other.getOrLoad('info', load)).toMatchObject(ok({ value: 'v3' }));
			expect(said).toEqual([expect.stringMatching(/^Redis is away, and everything goes on without it: /), 'Redis is back']);
		},
	);

	testRedis('that hangs keeps nobody waiting for long', async () => {
		await using server = await ServerProcess.start(REDIS);
		const said: string[] = [];
		await using link = await linkedTo(server, said);
		await using cache = cacheOver(link);
		server.freeze();
		for (let i = 0; i < 20; i += 1) {
			const beganAt = performance.now();
			expect(await cache.getOrLoad(`key ${i}`, async () => ok('loaded'))).toMatchObject(ok({ value: 'loaded' }));
			expect(performance.now() - beganAt).toBeLessThan(2_000);
		}
		expect(said).toHaveLength(1);
		server.thaw();
		await until(async () => {
			await cache.getOrLoad('again', async () => ok('loaded'));
			return said.length === 2;
		});
	});

	testRedis('has the latest state, tells of changes, and has it again after it was killed', async () => {
		await using server = await ServerProcess.start(REDIS);
		await using link = await linkedTo(server, []);
		const state = { bid: 1 };
		await using publisher = new StatePublisher({
			clock,
			link,
			prefix: 'evenkeel:state:',
			states: () => [['bybit:BTCUSDT', state]],
			everyMs: 50,
		});
		publisher.start();
		const reader = createClient({ url: `redis://127.0.0.1:${server.port}` }).on('error', () => {});
		await reader.connect();
		const listener = reader.duplicate().on('error', () => {});
		await listener.connect();
		const heard: string[] = [];
		await listener.subscribe('evenkeel:state:bybit:BTCUSDT', (text) => void heard.push(text));
		const read = (): Promise<string | null> => reader.get('evenkeel:state:bybit:BTCUSDT');
		await until(async () => (await read()) === '{"bid":1}');
		state.bid = 2;
		await until(() => heard.includes('{"bid":2}'));
		expect(await read()).toBe('{"bid":2}');
		expect(await reader.pTTL('evenkeel:state:bybit:BTCUSDT')).toBeGreaterThan(20_000);
		await server.kill();
		state.bid = 3;
		await sleep(500);
		await server.start();
		await until(async () => (reader.isReady ? (await read()) === '{"bid":3}' : false));
		reader.destroy();
		listener.destroy();
	});

	testRedis('that does not know our password says where to look', async () => {
		await using server = await ServerProcess.start(redisWith('right'));
		const said: string[] = [];
		await using _wrong = await linkedTo(server, said, 'wrong');
		await until(() => said.length > 0);
		expect(said[0]).toMatch(/look at redis\.password_env$/);
		await using right = await linkedTo(server, [], 'right');
		expect(await right.run((wire) => wire.get('anything'))).toEqual(ok(null));
	});
});
