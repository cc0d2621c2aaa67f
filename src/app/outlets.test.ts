import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { Desk } from '../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import { Scripted } from '../../test/fixtures/scripted.ts';
import type { EngineEvent } from '../domain/event.ts';
import { monoMs, timeMs } from '../domain/units.ts';
import type { EngineEffect } from '../engine/ports.ts';
import { ok } from '../network/result.ts';
import { MemoryCache } from '../network/ttl-cache.ts';
import { seededRng } from '../simulation/seeded-rng.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { readConfig } from './config/config.ts';
import type { Variables } from './keys.ts';
import { type OutletsOpened, type OutletsOptions, openOutlets, together } from './outlets.ts';

const BOX: Pick<OutletsOptions, 'environment' | 'origins'> = { environment: 'box', origins: ['http://127.0.0.1:4710'] };

function open(text: string, variables: Variables = {}, at = BOX): Promise<OutletsOpened> {
	const read = readConfig({ file: { name: 't.yaml', text } });
	if (read.kind === 'bad') throw new Error('the text is right');
	const clock = new VirtualClock(0);
	return openOutlets({ config: read.config, variables, folder: '/nowhere', clock, rng: seededRng(1), onSay: () => {}, ...at });
}

/** Says that all is well to whatever is asked, and remembers it. */
async function yesRedis(port = 0) {
	const sockets = new Set<Socket>();
	const heard = { text: '' };
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on('data', (bytes) => {
			heard.text += bytes.toString();
			socket.write('+OK\r\n'.repeat(bytes.toString().match(/^\*\d/gm)?.length ?? 0));
		});
	});
	server.listen(port, '127.0.0.1');
	await once(server, 'listening');
	return {
		heard,
		url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
		[Symbol.dispose]: () => {
			for (const socket of sockets) socket.destroy();
			server.close();
		},
	};
}

test('what is cached of one exchange is not taken for that of another on the same Redis', async () => {
	const keysAt = async (at: typeof BOX): Promise<readonly string[]> => {
		using redis = await yesRedis();
		const opened = await open(`redis: { url: "${redis.url}" }`, {}, at);
		if (opened.kind === 'refused') throw new Error(opened.sentence);
		await using outlets = opened.outlets;
		await using cache = outlets.cache<string>({ name: 'price', ttlMs: 10 });
		await cache.set('bybit:linear:BTCUSDT', '1');
		return redis.heard.text.match(/evenkeel:.*/g) ?? [];
	};
	const live = { environment: 'mainnet', origins: ['https://two.example', 'https://one.example'] } as const;
	expect([await keysAt(BOX), await keysAt(live)]).toEqual([
		['evenkeel:cache:127.0.0.1:4710:price:bybit:linear:BTCUSDT'],
		['evenkeel:cache:one.example+two.example:price:bybit:linear:BTCUSDT'],
	]);
});

test('the state of a symbol is published by the environment that it is of', async () => {
	using redis = await yesRedis();
	const clock = new VirtualClock(0);
	const read = readConfig({ file: { name: 't.yaml', text: `redis: { url: "${redis.url}" }` } });
	if (read.kind === 'bad') throw new Error('the text is right');
	const opened = await openOutlets({
		...{ config: read.config, variables: {}, folder: '/nowhere', clock, rng: seededRng(1), onSay: () => {} },
		...BOX,
	});
	if (opened.kind === 'refused') throw new Error(opened.sentence);
	await using outlets = opened.outlets;
	const desk = new Desk({ instruments: [makeTestInstrument()], strategy: new Scripted() });
	outlets.watch({ engine: desk.engine, instruments: desk.instruments });
	clock.run(250);
	await vi.waitFor(() => expect(redis.heard.text).toContain('evenkeel:state:box:bybit:BTCUSDT'));
});

test.each(['redis://127.0.0.1:99999', 'redis://127.0.0.1/main'])(
	'an address that the client does not take is refused in a sentence: %s',
	async (url) => {
		const read = readConfig({ file: { name: 't.yaml', text: 'redis: { url: redis://host }' } });
		if (read.kind === 'bad') throw new Error('the text is right');
		const config = { ...read.config, redis: { ...read.config.redis, url } };
		const clock = new VirtualClock(0);
		const opened = await openOutlets({
			...{ config, variables: {}, folder: '/nowhere', clock, rng: seededRng(1), onSay: () => {} },
			...BOX,
		});
		expect(opened.kind === 'refused' ? opened.sentence : 'it began').toMatch(
			/^Redis at redis:.* cannot be used: .*; look at redis\.url$/,
		);
	},
);

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

test('a listener that fails ends nothing: it is said once, and the others hear all', () => {
	const [heard, said]: [string[], string[]] = [[], []];
	const listener = {
		input: ({ kind }: EngineEvent) => heard.push(kind),
		output: ({ kind }: EngineEffect) => heard.push(kind),
	};
	const failing = { input: () => expect.unreachable('first'), output: () => expect.unreachable('second') };
	const all = together([failing, listener], (sentence) => said.push(sentence));
	for (let turn = 0; turn < 3; turn += 1) {
		all.input({ kind: 'timer', key: 'tick', wallMs: timeMs(0), monoMs: monoMs(0) });
		all.output({ kind: 'turn', key: 'piece' });
	}
	expect(heard).toEqual(Array.from({ length: 3 }, () => ['timer', 'turn']).flat());
	expect(said).toEqual([expect.stringContaining('first')]);
});

test('nor does it where saying so fails as well', () => {
	const heard: string[] = [];
	const failing = { input: () => expect.unreachable(), output: () => expect.unreachable() };
	const listener = { input: ({ kind }: EngineEvent) => heard.push(kind), output: ({ kind }: EngineEffect) => heard.push(kind) };
	let triedCount = 0;
	const all = together([failing, listener], () => {
		triedCount += 1;
		throw new Error('nobody hears');
	});
	all.input({ kind: 'timer', key: 'tick', wallMs: timeMs(0), monoMs: monoMs(0) });
	all.output({ kind: 'turn', key: 'piece' });
	expect([heard, triedCount]).toEqual([['timer', 'turn'], 1]);
});
