/** Over real sockets and with real processes: what arrives, what is refused, and that no secret is said. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Result } from '../../network/result.ts';
import { systemClock } from '../../network/system-clock.ts';
import type { AlertChange } from '../../telemetry/alerts/alert-book.ts';
import type { SinkSettings } from '../config/alert-settings.ts';
import { messageOf } from './alert-message.ts';
import type { AlertSink } from './alert-post.ts';
import { openSinks } from './open-sinks.ts';

const CANARY = 'canary-0123456789';
const NEVER = new AbortController().signal;
const about = { symbol: 'bybit:linear:BTCUSDT', venue: 'bybit', subject: undefined, sinceMs: 5, endedMs: undefined, count: 1 };
const stale: AlertChange = {
	kind: 'begun',
	alert: { id: '1', code: 'book-stale', severity: 'warning', sentence: 'too old; $(touch pwned) `id`', ...about },
};

interface Heard {
	readonly method: string;
	readonly url: string;
	readonly headers: IncomingHttpHeaders;
	readonly body: string;
}

let server: Server;
let port: number;
let heard: Heard[];
let status: number;
let opened: AsyncDisposableStack;

beforeEach(async () => {
	heard = [];
	status = 200;
	opened = new AsyncDisposableStack();
	server = createServer((request, response) => {
		let body = '';
		request.on('data', (part: Buffer) => {
			body += part.toString();
		});
		request.on('end', () => {
			heard.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
			response.writeHead(status, status === 302 ? { location: `http://127.0.0.1:${port}/elsewhere` } : {}).end('{}');
		});
	});
	await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
	const address = server.address();
	port = typeof address === 'object' && address !== null ? address.port : 0;
});

afterEach(async () => {
	await opened.disposeAsync();
	server.closeAllConnections();
	await new Promise((closed) => server.close(closed));
});

async function open(settings: SinkSettings, variables: Record<string, string> = {}): Promise<AlertSink> {
	const made = await openSinks({ settings: [settings], variables, instance: 'x', clock: systemClock() });
	if (made.kind === 'refused') throw new Error(made.sentences.join('\n'));
	opened.use(made.transports);
	const [sink] = made.sinks;
	if (sink === undefined) throw new Error('no sink');
	return sink;
}

function webhook(about: Partial<Extract<SinkSettings, { kind: 'webhook' }>> = {}): SinkSettings {
	return {
		kind: 'webhook',
		name: 'one',
		url: `http://127.0.0.1:${port}/hook?a=1`,
		urlEnv: undefined,
		tokenEnv: undefined,
		...about,
	};
}

const send = (sink: AlertSink): Promise<Result<void>> => sink.send(messageOf('x', [stale]), NEVER);

describe('a webhook', () => {
	test('gets text for people and facts for programs', async () => {
		const sink = await open(webhook({ tokenEnv: 'A_TOKEN' }), { A_TOKEN: CANARY });
		expect((await send(sink)).kind).toBe('ok');
		expect(heard).toMatchObject([{ method: 'POST', url: '/hook?a=1', headers: { authorization: `Bearer ${CANARY}` } }]);
		expect(JSON.parse(heard[0]?.body ?? '')).toMatchObject({
			text: 'x: [warning] book-stale bybit:linear:BTCUSDT: too old; $(touch pwned) `id`',
			alerts: [{ id: '1', state: 'on', code: 'book-stale', symbol: 'bybit:linear:BTCUSDT', endedMs: null }],
		});
	});

	test('tells programs what is over, and what was no sooner on than over', async () => {
		const sink = await open(webhook());
		const alerts = (['again', 'ended', 'passed'] as const).map((kind) => ({ ...stale, kind }));
		await sink.send(messageOf('x', alerts), NEVER);
		expect(JSON.parse(heard[0]?.body ?? '')).toMatchObject({ alerts: ['on', 'over', 'passed'].map((state) => ({ state })) });
	});

	test('may have a URL that is a secret', async () => {
		const sink = await open(webhook({ url: undefined, urlEnv: 'A_URL' }), { A_URL: `http://127.0.0.1:${port}/${CANARY}` });
		expect((await send(sink)).kind).toBe('ok');
		expect(heard[0]?.url).toBe(`/${CANARY}`);
	});

	test.each([
		{ status: 302, class: 'fatal', says: 'redirects' },
		{ status: 403, class: 'fatal', says: 'status 403' },
		{ status: 429, class: 'rate-limited', says: 'status 429' },
		{ status: 503, class: 'transient', says: 'status 503' },
	])('that answers $status has failed: $class, and is asked once', async ({ status: answered, class: kind, says }) => {
		status = answered;
		const sink = await open(webhook({ url: undefined, urlEnv: 'A_URL' }), { A_URL: `http://127.0.0.1:${port}/${CANARY}` });
		const result = await send(sink);
		expect(result).toMatchObject({ kind: 'failed', class: kind, detail: expect.stringContaining(says) as string });
		expect(heard).toHaveLength(1);
		expect(JSON.stringify(result)).not.toContain(CANARY);
	});

	test('that is not there has failed without a word of its URL', async () => {
		server.closeAllConnections();
		await new Promise((closed) => server.close(closed));
		const sink = await open(webhook({ url: undefined, urlEnv: 'A_URL' }), { A_URL: `http://127.0.0.1:${port}/${CANARY}` });
		const result = await send(sink);
		expect(result).toMatchObject({ kind: 'failed', class: 'transient' });
		expect(JSON.stringify(result)).not.toContain(CANARY);
	});
});

test('a chat gets a message of its bot', async () => {
	const settings = { kind: 'telegram', name: 'one', url: `http://127.0.0.1:${port}`, tokenEnv: 'A_TOKEN', chat: '-42' } as const;
	const sink = await open(settings, { A_TOKEN: '12:ab-c' });
	expect((await send(sink)).kind).toBe('ok');
	expect(heard[0]?.url).toBe('/bot12:ab-c/sendMessage');
	expect(JSON.parse(heard[0]?.body ?? '')).toMatchObject({
		chat_id: '-42',
		text: expect.stringContaining('book-stale') as string,
	});
});

describe('a command', () => {
	let folder: string;
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), 'evenkeel-sink-'));
	});
	afterEach(() => rmSync(folder, { recursive: true, force: true }));

	const WRITES =
		'const fs=require("fs");fs.writeFileSync(process.argv[1],JSON.stringify({env:process.env,argv:process.argv.slice(2),text:fs.readFileSync(0,"utf8")}))';

	test('reads the text, and nothing in it is run; it inherits no secret', async () => {
		const file = join(folder, 'out');
		const command = [process.execPath, '-e', WRITES, file, '$HOME; exit 3'];
		const sink = await open({ kind: 'command', name: 'one', command }, { PATH: '/usr/bin', BYBIT_API_SECRET: CANARY });
		expect(await send(sink)).toEqual({ kind: 'ok', value: undefined });
		const out = JSON.parse(readFileSync(file, 'utf8')) as { env: Record<string, string>; argv: string[]; text: string };
		expect(out.text).toBe('x: [warning] book-stale bybit:linear:BTCUSDT: too old; $(touch pwned) `id`\n');
		expect(out.argv).toEqual(['$HOME; exit 3']);
		expect(out.env['PATH']).toBe('/usr/bin');
		expect(JSON.stringify(out.env)).not.toContain(CANARY);
	});

	test.each([
		{ name: 'that is not there', command: ['/no/such/program'], says: 'could not be started (ENOENT)', kind: 'fatal' },
		{ name: 'that fails', command: [process.execPath, '-e', 'process.exit(3)'], says: 'ended with 3', kind: 'transient' },
	])('$name has failed', async ({ command, says, kind }) => {
		const sink = await open({ kind: 'command', name: 'one', command });
		expect(await send(sink)).toMatchObject({ kind: 'failed', class: kind, detail: expect.stringContaining(says) as string });
	});

	test('that hangs is ended with the session', async () => {
		const sink = await open({ kind: 'command', name: 'one', command: [process.execPath, '-e', 'setInterval(()=>{},9e4)'] });
		const giveUp = new AbortController();
		const result = sink.send(messageOf('x', [stale]), giveUp.signal);
		giveUp.abort();
		expect(await result).toMatchObject({ kind: 'failed', detail: expect.stringContaining('a signal') as string });
	});
});

describe('what the environment does not hold is refused, by the name of the variable', () => {
	const refusedFor = async (settings: SinkSettings, variables: Record<string, string> = {}): Promise<string> => {
		const made = await openSinks({ settings: [settings], variables, instance: 'x', clock: systemClock() });
		return made.kind === 'refused' ? made.sentences.join('\n') : 'open';
	};

	test.each([
		{ settings: () => webhook({ tokenEnv: 'A_TOKEN' }), variables: {}, name: 'A_TOKEN' },
		{ settings: () => webhook({ tokenEnv: 'A_TOKEN' }), variables: { A_TOKEN: `${CANARY}\r\nx: y` }, name: 'A_TOKEN' },
		{ settings: () => webhook({ url: undefined, urlEnv: 'A_URL' }), variables: {}, name: 'A_URL' },
		{
			settings: () => webhook({ url: undefined, urlEnv: 'A_URL' }),
			variables: { A_URL: `http://a.example/${CANARY}` },
			name: 'A_URL',
		},
		{ settings: () => webhook({ url: undefined, urlEnv: 'A_URL' }), variables: { A_URL: CANARY }, name: 'A_URL' },
		{
			settings: () => ({ kind: 'telegram', name: 'one', url: 'https://a.example', tokenEnv: 'A_TOKEN', chat: '1' }) as const,
			variables: { A_TOKEN: ' ' },
			name: 'A_TOKEN',
		},
	])('$name as in case %#', async ({ settings, variables, name }) => {
		const sentence = await refusedFor(settings(), variables);
		expect(sentence).toContain(name);
		expect(sentence).toContain("alerts.sinks 'one'");
		expect(sentence).not.toContain(CANARY);
	});
});

test('a sink reaches its own host alone', async () => {
	const asked: ((url: string) => boolean)[] = [];
	const { systemTransport } = await import('../../network/system-transport.ts');
	const clock = systemClock();
	const made = await openSinks({
		settings: [webhook({ url: 'https://hooks.example/a' })],
		...{ variables: {}, instance: 'x', clock },
		openTransport: (isAllowed) => {
			asked.push(isAllowed);
			return systemTransport({ clock, isAllowed });
		},
	});
	if (made.kind === 'open') opened.use(made.transports);
	const [isAllowed] = asked;
	for (const url of [
		'https://hooks.example.evil.example/',
		'http://hooks.example/',
		'https://hooks.example:444/',
		'https://127.0.0.1/',
		'x',
	]) {
		expect(isAllowed?.(url), url).toBe(false);
	}
	expect(isAllowed?.('https://hooks.example')).toBe(true);
});
