import { chmodSync, existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SELF_SIGNED } from '../../test/fixtures/self-signed.ts';
import { systemClock } from '../network/system-clock.ts';
import type { Clock } from '../ports/clock.ts';
import { takeLock } from '../storage/host-lock.ts';
import { openClient } from './client.ts';
import { openStage } from './stage.suite.ts';
import { openTokens, readTokens, tokensPath } from './tokens.ts';

function place(): string {
	return mkdtempSync(join(tmpdir(), 'evenkeel-serve-'));
}

function sentenceOf(found: object): string {
	return 'sentence' in found ? String(found.sentence) : 'it was not refused';
}

describe('the tokens of a folder (SEC2)', () => {
	test('are made once, 256 bits each, for their owner alone', () => {
		const folder = join(place(), 'new');
		const made = openTokens(folder);
		if (made.kind === 'refused') throw new Error(made.sentence);
		for (const token of Object.values(made.tokens)) expect(Buffer.from(token, 'base64url')).toHaveLength(32);
		expect(new Set(Object.values(made.tokens)).size).toBe(3);
		expect(statSync(tokensPath(folder)).mode & 0o777).toBe(0o600);
		expect(statSync(folder).mode & 0o777).toBe(0o700);
		expect(openTokens(folder)).toEqual(made);
	});

	test('are not used where others may have read them, and no sentence shows them', () => {
		const folder = place();
		openTokens(folder);
		chmodSync(tokensPath(folder), 0o644);
		expect(sentenceOf(openTokens(folder))).toContain('chmod 600');
	});

	test.each(['', '{}', '{"viewer":"SHORTBUTSECRET","operator":"x","admin":"x"}', 'SHORTBUTSECRET'])('%j is none', (text) => {
		const folder = place();
		writeFileSync(tokensPath(folder), text, { mode: 0o600 });
		const read = readTokens(folder);
		expect(sentenceOf(read)).toContain('delete it');
		expect(JSON.stringify(read)).not.toContain('SHORTBUTSECRET');
	});
});

describe('where it listens', () => {
	test('stands in the folder as long as it does, for its owner alone', async () => {
		const folder = place();
		{
			await using stage = await openStage({ folder });
			const address = JSON.parse(readFileSync(join(folder, 'api.json'), 'utf8')) as unknown;
			expect(address).toMatchObject({ url: stage.url, pid: process.pid });
			expect(statSync(join(folder, 'api.json')).mode & 0o777).toBe(0o600);
		}
		expect(existsSync(join(folder, 'api.json'))).toBe(false);
	});

	test('is another port where that one is taken, and the command line stays with the first', async () => {
		const folder = place();
		await using first = await openStage({ folder });
		await using second = await openStage({ folder, settings: { port: first.port } });
		expect(second.port).not.toBe(first.port);
		expect(readFileSync(join(folder, 'api.json'), 'utf8')).toContain(first.url);
		expect(second.said.join()).toContain('which was here first');
		expect(first.tokens).toEqual(second.tokens);
		expect((await second.ask('/v1/overview')).status).toBe(200);
	});

	test('is told also where a command looks at that very moment', async () => {
		const folder = place();
		const command = held(folder);
		const clock = systemClock();
		const after: Clock['after'] = (ms, callback) => {
			command[Symbol.dispose]();
			return clock.after(ms, callback);
		};
		await using stage = await openStage({ folder, clock: { ...clock, after } });
		expect(readFileSync(join(folder, 'api.json'), 'utf8')).toContain(stage.url);
	});

	test('has a record for each of two sessions: neither writes over the other', async () => {
		const folder = place();
		await using first = await openStage({ folder });
		await using second = await openStage({ folder });
		await first.ask('/v1/pause', { body: '{}' });
		await second.ask('/v1/resume', { body: '{}' });
		await first.ask('/v1/compare', { body: '{}' });
		const whatIn = (name: string): readonly string[] =>
			readFileSync(join(folder, name), 'utf8')
				.trim()
				.split('\n')
				.map((line) => (JSON.parse(line) as { what: string }).what.split(' ')[0] ?? '');
		expect(whatIn('audit.log')).toEqual(['pause', 'compare']);
		expect(whatIn(`audit.${process.pid}.log`)).toEqual(['resume']);
	});

	test('is refused behind a proxy, which looks at one port alone', async () => {
		await using first = await openStage();
		await expect(openStage({ settings: { port: first.port, behindProxy: 'https://one.example' } })).rejects.toThrow('is taken');
	});

	test('is refused without the files of its certificate', async () => {
		await expect(openStage({ settings: { tls: { cert: '/none.pem', key: '/none.key' } } })).rejects.toThrow('api.tls_cert');
	});
});

describe('over TLS', () => {
	test('it answers under its certificate and not without, and cookies go over TLS alone', async () => {
		const folder = place();
		const [cert, key] = [join(folder, 'own.pem'), join(folder, 'own.key')];
		writeFileSync(cert, SELF_SIGNED.cert);
		writeFileSync(key, SELF_SIGNED.key);
		await using stage = await openStage({ folder, settings: { tls: { cert, key } } });
		expect(stage.url).toBe(`https://127.0.0.1:${stage.port}`);
		const asked = { port: stage.port, host: '127.0.0.1', ca: SELF_SIGNED.cert, agent: false } as const;
		const login = await overTls({ ...asked, path: '/v1/login', headers: { origin: stage.url } }, { code: stage.code });
		expect(login).toMatchObject({ status: 200, cookie: expect.stringContaining('; Secure') as string });
		await expect(stage.ask('/v1/overview')).rejects.toThrow('socket hang up');
	});
});

function overTls(options: RequestOptions, body: object): Promise<{ readonly status: number; readonly cookie: string }> {
	const headers = { ...options.headers, 'content-type': 'application/json' };
	return new Promise((resolve, reject) => {
		const request = httpsRequest({ ...options, method: 'POST', headers }, (response) => {
			response.resume();
			resolve({ status: response.statusCode ?? 0, cookie: response.headers['set-cookie']?.[0] ?? '' });
		});
		request.on('error', reject);
		request.end(JSON.stringify(body));
	});
}

describe('a client of the folder', () => {
	test('reads, acts and watches as the contract says', async () => {
		const health = { atMs: 1, isReady: true, checks: [{ name: 'one', isGood: true, sentence: 'fine' }] };
		await using stage = await openStage({ answer: () => ({ kind: 'text', text: JSON.stringify(health) }) });
		const opened = await openClient(stage.folder);
		if (opened.kind === 'refused') throw new Error(opened.sentence);
		const { client } = opened;
		expect(await client.read('health', {})).toEqual(health);
		expect(await client.act('pause', { symbol: 'BTCUSDT' })).toEqual({ kind: 'done', sentence: 'pause is done' });
		expect(stage.done[0]?.params).toEqual({ symbol: 'BTCUSDT', reason: 'asked for' });
		const { promise, resolve } = Promise.withResolvers<unknown>();
		using _ = client.watch([{ name: 'health', params: {} }], { onAnswer: (_, answer) => resolve(answer), onEnd: resolve });
		expect(await promise).toEqual(health);
		expect(await client.loginLink()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#code=[\w-]{43}$/);
	});

	test('kills where the address is locked, and hears that for anything else', async () => {
		await using stage = await openStage();
		for (let index = 0; index < 10; index++) await stage.ask('/v1/overview', { headers: { authorization: 'Bearer AAAA' } });
		const opened = await openClient(stage.folder, 'operator');
		if (opened.kind === 'refused') throw new Error(opened.sentence);
		expect(await opened.client.act('kill', { reason: 'x' })).toEqual({ kind: 'done', sentence: 'kill is done' });
		await expect(opened.client.act('pause', {})).rejects.toMatchObject({ code: 'API_LOCKED' });
	});

	test('says that none runs there, or that it does not answer', async () => {
		const folder = place();
		expect(sentenceOf(await openClient(folder))).toContain('no engine runs');
		openTokens(folder);
		tellAddress(folder, 'http://127.0.0.1:1');
		using _ = held(folder);
		expect(sentenceOf(await openClient(folder))).toContain('4711');
	});

	test('shows no token to whoever has the port of an engine that was killed', async () => {
		const folder = place();
		await using stranger = await strangerOf('{"role":"admin"}');
		openTokens(folder);
		tellAddress(folder, stranger.url);
		expect(sentenceOf(await openClient(folder))).toContain('no engine runs');
		expect(stranger.asked()).toBe(0);
	});

	test.each(['{}', 'null', '{"role":"king"}', 'hello'])(
		'has a sentence for the answer %s, which is none of ours',
		async (text) => {
			const folder = place();
			await using stranger = await strangerOf(text);
			openTokens(folder);
			tellAddress(folder, stranger.url);
			using _ = held(folder);
			expect(sentenceOf(await openClient(folder))).toContain('the answer 200 is none of our API');
		},
	);

	test('hears the end of the engine', async () => {
		const stage = await openStage();
		const opened = await openClient(stage.folder);
		if (opened.kind === 'refused') throw new Error(opened.sentence);
		const ended = Promise.withResolvers<string>();
		const first = Promise.withResolvers<void>();
		using _ = opened.client.watch([{ name: 'overview', params: {} }], { onAnswer: () => first.resolve(), onEnd: ended.resolve });
		await first.promise;
		await stage[Symbol.asyncDispose]();
		expect(await ended.promise).toContain('ended');
		await expect(opened.client.read('overview', {})).rejects.toMatchObject({ code: 'UNREACHED', status: 0 });
	});
});

function tellAddress(folder: string, url: string): void {
	writeFileSync(join(folder, 'api.json'), JSON.stringify({ url, pid: 4711, startedAtMs: 1 }), { mode: 0o600 });
}

/** As by an engine that runs. */
function held(folder: string): Disposable {
	const taken = takeLock(join(folder, 'api.json.lock'), 'a test');
	if (taken.kind === 'busy') throw new Error(taken.by);
	return taken.lock;
}

async function strangerOf(text: string): Promise<AsyncDisposable & { readonly url: string; asked(): number }> {
	let count = 0;
	const server = createServer((_, response) => {
		count++;
		response.end(text);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		asked: () => count,
		[Symbol.asyncDispose]: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
