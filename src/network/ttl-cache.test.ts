import { expect, test } from 'vitest';
import { pass } from './in-virtual-time.suite.ts';
import { type CacheMaker, cacheOn, cacheSuite } from './ttl-cache.suite.ts';
import { MemoryCache } from './ttl-cache.ts';

const inMemory: CacheMaker = (options) => new MemoryCache<string>(options);

cacheSuite('a cache in memory', inMemory);

test('a cache in memory forgets what was used least recently, and still answers who waits for it', async () => {
	const { clock, cache, get } = await cacheOn(inMemory, { keysMax: 2 });
	const seen = ['a', 'b', 'c'].map(get);
	await pass(clock, 100);
	expect(seen.map(({ value }) => value?.kind)).toEqual(['ok', 'ok', 'ok']);
	expect([await cache.get('a'), (await cache.get('c'))?.value]).toEqual([undefined, 'v3']);
});
