import { expect, test } from 'vitest';
import { ok } from '../network/result.ts';
import { MemoryCache } from '../network/ttl-cache.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { readConfig } from './config/config.ts';
import type { Variables } from './keys.ts';
import { type OutletsOpened, openOutlets } from './outlets.ts';

function open(text: string, variables: Variables = {}): Promise<OutletsOpened> {
	const read = readConfig({ file: { name: 't.yaml', text } });
	if (read.kind === 'bad') throw new Error('the text is right');
	const clock = new VirtualClock(0);
	return openOutlets({ config: read.config, variables, folder: '/nowhere', clock, rng: seededRng(1), onSay: () => {} });
}

test('without an address nobody is told anything, and what is cached is in memory', async () => {
	const opened = await open('influxdb: { database: d, token_env: T }\nredis: { password_env: P }');
	if (opened.kind === 'refused') throw new Error(opened.sentence);
	await using outlets = opened.outlets;
	await using cache = outlets.cache<string>({ name: 'price', ttlMs: 10 });
	expect(cache).toBeInstanceOf(MemoryCache);
	expect(await cache.getOrLoad('a', async () => ok('loaded'))).toMatchObject(ok({ value: 'loaded' }));
	outlets.hearNote({ kind: 'resumed' });
});

test.each([
	'influxdb: { url: http://127.0.0.1:1, token_env: SECRET }',
	'redis: { url: redis://127.0.0.1:1, password_env: SECRET }',
])('%s does not begin without its secret, and says which variable is empty', async (text) => {
	for (const variables of [{}, { SECRET: '' }]) {
		const opened = await open(text, variables);
		expect(opened.kind === 'refused' ? opened.sentence : 'it began').toMatch(/^the variable SECRET is not set/);
	}
});
