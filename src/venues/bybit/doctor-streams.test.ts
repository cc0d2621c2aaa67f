/** One short connection to each stream, against sockets that do what the test says, in virtual time. */
import { expect, test } from 'vitest';
import { type FakeSocket, FakeTransport } from '../../../test/fixtures/fake-transport.ts';
import { runUntilSettled } from '../../simulation/promise-jobs.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import type { Finding } from '../wire/finding.ts';
import { streamFindings } from './doctor-streams.ts';
import { Credentials } from './sign.ts';
import { environmentUrls } from './urls.ts';

const START_MS = 1_771_000_000_000;
const SECRET = 'canaryOfTheSecret';

type Behaviour = (socket: FakeSocket, text: string) => void;

interface Given {
	readonly onConnect?: (socket: FakeSocket, count: number) => void;
	readonly onSent?: Behaviour;
	readonly environment?: 'testnet' | 'demo';
	readonly orderEntry?: 'ws' | 'rest';
	readonly hasKey?: boolean;
}

const isTrade = ({ target }: FakeSocket): boolean => target.url.endsWith('/v5/trade');

/** As the venue answers when all is well. */
const friendly: Behaviour = (socket, text) => {
	const { op } = JSON.parse(text) as { op: string };
	if (op === 'ping') socket.receive({ success: true, ret_msg: 'pong', op: 'ping' });
	else if (isTrade(socket)) socket.receive({ retCode: 0, retMsg: 'OK', op: 'auth' });
	else socket.receive({ success: true, ret_msg: '', op: 'auth' });
};

async function tried(given: Given = {}): Promise<{ findings: readonly Finding[]; sockets: readonly FakeSocket[] }> {
	const { onSent = friendly, environment = 'testnet', orderEntry = 'ws', hasKey = true } = given;
	const clock = new VirtualClock(START_MS);
	const transport = new FakeTransport(clock);
	transport.onConnect = (socket, count) => {
		socket.onSent = (text) => onSent(socket, text);
		if (given.onConnect === undefined) socket.open();
		else given.onConnect(socket, count);
	};
	const parts = {
		transport,
		clock,
		urls: environmentUrls(environment),
		credentials: hasKey ? new Credentials('canaryKey', SECRET) : undefined,
		venueNowMs: () => clock.wallMs() + 5_000,
		orderEntry,
	};
	const findings = await runUntilSettled(clock, streamFindings(parts, ['linear', 'spot']));
	return { findings, sockets: transport.sockets };
}

test('all are opened, greeted, and closed again; a login is signed with the time of the venue', async () => {
	const { findings, sockets } = await tried();
	expect(findings).toEqual([
		{ check: 'public stream', level: 'ok', sentence: 'the public stream of linear answers at stream-testnet.bybit.com' },
		{ check: 'public stream', level: 'ok', sentence: 'the public stream of spot answers at stream-testnet.bybit.com' },
		{ check: 'private stream', level: 'ok', sentence: 'the private stream lets the API key in at stream-testnet.bybit.com' },
		{ check: 'trade stream', level: 'ok', sentence: 'the stream for orders lets the API key in at stream-testnet.bybit.com' },
	]);
	expect(sockets.map(({ fate }) => fate)).toEqual(['closed', 'closed', 'closed', 'closed']);
	const [apiKey, expiresAtMs, signature] = (JSON.parse(sockets[2]?.sent[0] ?? '') as { args: [string, number, string] }).args;
	expect(apiKey).toBe('canaryKey');
	// The clock has moved by the millisecond that a connection takes.
	expect(expiresAtMs).toBe(START_MS + 1 + 5_000 + 10_000);
	expect(signature).toBe(new Credentials('canaryKey', SECRET).sign(`GET/realtime${expiresAtMs}`));
});

test.each<[string, Given, readonly string[]]>([
	['without a key', { hasKey: false }, ['public stream', 'public stream']],
	['orders over REST', { orderEntry: 'rest' }, ['public stream', 'public stream', 'private stream']],
	['an environment without a stream for orders', { environment: 'demo' }, ['public stream', 'public stream', 'private stream']],
])('%s: only what will be used is tried', async (_name, given, checks) => {
	const { findings } = await tried(given);
	expect(findings.map(({ check }) => check)).toEqual(checks);
});

test('a login that is refused is not tried again, and neither key nor secret is told', async () => {
	const { findings, sockets } = await tried({
		onSent: (socket, text) => {
			if (!text.includes('auth')) return friendly(socket, text);
			// Data before the answer is no answer.
			socket.receive({ topic: 'order', data: [] });
			if (isTrade(socket)) socket.receive({ retCode: 10003, retMsg: 'canaryKey\u001b[2J is wrong', op: 'auth' });
			else socket.receive({ success: false, ret_msg: '', op: 'auth' });
		},
	});
	expect(findings.slice(2).map(({ level, sentence }) => [level, sentence])).toEqual([
		[
			'problem',
			expect.stringMatching(/^the private stream at .* refuses the API key \(it does not say why\); without it nothing/),
		],
		[
			'problem',
			expect.stringMatching(
				/^the stream for orders at .* refuses the API key \(10003: … \[2J is wrong\); set order_entry to rest/,
			),
		],
	]);
	expect(sockets).toHaveLength(4);
	expect(JSON.stringify(findings)).not.toMatch(/canary/);
});

test('one connection that fails is no problem, three are', async () => {
	const flaky = await tried({ onConnect: (socket, count) => (count <= 8 ? socket.end() : socket.open()) });
	expect(flaky.findings.map(({ level }) => level)).toEqual(['ok', 'ok', 'ok', 'ok']);
	const dead = await tried({ onConnect: (socket) => socket.end({ kind: 'refused', status: 503, detail: '' }) });
	expect(dead.sockets).toHaveLength(12);
	expect(dead.findings[0]).toEqual({
		check: 'public stream',
		level: 'problem',
		sentence:
			'the public stream of linear at stream-testnet.bybit.com gives no answer (HTTP 503); look for a proxy or firewall that does not let WebSockets through',
	});
});

test.each<[string, Given, RegExp]>([
	['opens and stays silent', { onSent: () => {} }, /gives no answer \(none within 5 s\)/],
	['never opens', { onConnect: () => {} }, /gives no answer \(none within 5 s\)/],
	['closes at once', { onConnect: (socket) => socket.end({ kind: 'closed', code: 1006, reason: '' }) }, /closed with code 1006/],
	['talks nonsense', { onSent: (socket) => socket.receive('<html>') }, /none within 5 s/],
])('a stream that %s is told as such', async (_name, given, sentence) => {
	const { findings } = await tried(given);
	for (const finding of findings)
		expect(finding).toMatchObject({ level: 'problem', sentence: expect.stringMatching(sentence) as string });
});
