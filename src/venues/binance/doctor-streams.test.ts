/** One short connection to each stream, against sockets that do what the test says, in virtual time. */
import { expect, test } from 'vitest';
import { type FakeSocket, FakeTransport } from '../../../test/fixtures/fake-transport.ts';
import { runUntilSettled } from '../../simulation/promise-jobs.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import type { Finding } from '../wire/finding.ts';
import type { Market } from './codec/frames.ts';
import { streamFindings } from './doctor-streams.ts';
import { framePayload, makeCredentials } from './sign.ts';
import { environmentUrls } from './urls.ts';

const START_MS = 1_771_000_000_000;
const SECRET = 'canaryOfTheSecret';
const LISTEN_KEY = 'listen';

type Behaviour = (socket: FakeSocket, text: string) => void;

interface Given {
	readonly markets?: readonly Market[];
	readonly onConnect?: (socket: FakeSocket, count: number) => void;
	readonly onSent?: Behaviour;
	readonly orderEntry?: 'ws' | 'rest';
	readonly hasKey?: boolean;
	readonly listenKey?: string | { readonly failed: string };
}

/** As the venue answers when all is well. */
const friendly: Behaviour = (socket, text) => {
	const { id, method } = JSON.parse(text) as { id: string; method: string };
	if (method === 'LIST_SUBSCRIPTIONS') socket.receive({ result: [], id });
	else socket.receive({ id, status: 200, result: {} });
};

async function tried(given: Given = {}): Promise<{ findings: readonly Finding[]; sockets: readonly FakeSocket[] }> {
	const { markets = ['spot', 'linear'], onSent = friendly, orderEntry = 'ws', hasKey = true } = given;
	const clock = new VirtualClock(START_MS);
	const transport = new FakeTransport(clock);
	transport.onConnect = (socket, count) => {
		socket.onSent = (text) => onSent(socket, text);
		if (given.onConnect === undefined) socket.open();
		else given.onConnect(socket, count);
	};
	const made = makeCredentials({ apiKey: 'canaryKey', apiSecret: SECRET });
	if (made.kind === 'refused') throw new Error(made.sentence);
	const parts = {
		transport,
		clock,
		urls: environmentUrls('mainnet'),
		credentials: hasKey ? made.credentials : undefined,
		venueNowMs: () => clock.wallMs() + 5_000.5,
		recvWindowMs: 5_000,
		orderEntry,
		listenKey: async () => given.listenKey ?? LISTEN_KEY,
	};
	const findings = await runUntilSettled(clock, streamFindings(parts, markets));
	return { findings, sockets: transport.sockets };
}

test('all are opened, greeted, and closed again; what is signed has the time of the venue', async () => {
	const { findings, sockets } = await tried();
	expect(findings).toEqual([
		{ check: 'public stream', level: 'ok', sentence: 'the public stream of spot answers at stream.binance.com' },
		{ check: 'public stream', level: 'ok', sentence: 'the stream of futures books answers at fstream.binance.com' },
		{ check: 'public stream', level: 'ok', sentence: 'the stream of futures marks and trades answers at fstream.binance.com' },
		{ check: 'private stream', level: 'ok', sentence: 'the WS API of spot lets the API key in at ws-api.binance.com' },
		{ check: 'private stream', level: 'ok', sentence: 'the private stream of futures opens at fstream.binance.com' },
		{ check: 'trade stream', level: 'ok', sentence: 'the WS API of futures lets the API key in at ws-fapi.binance.com' },
	]);
	expect(sockets.map(({ fate }) => fate)).toEqual(Array(6).fill('closed'));
	expect(sockets.map(({ target }) => target.url)).toContain(`wss://fstream.binance.com/private/ws?listenKey=${LISTEN_KEY}`);
	const own = sockets.find(({ target }) => target.url.endsWith('/ws-api/v3'));
	const { method, params } = JSON.parse(own?.sent[0] ?? '') as { method: string; params: Record<string, string | number> };
	expect(method).toBe('userDataStream.subscribe.signature');
	const { signature, ...signed } = params;
	expect(signed).toEqual({ apiKey: 'canaryKey', recvWindow: 5_000, timestamp: START_MS + 1 + 5_000 });
	const made = makeCredentials({ apiKey: 'canaryKey', apiSecret: SECRET });
	expect(made.kind === 'made' && made.credentials.sign(framePayload(signed))).toBe(signature);
});

test.each<[string, Given, readonly string[]]>([
	['without a key', { hasKey: false }, ['public stream', 'public stream', 'public stream']],
	['spot alone', { markets: ['spot'] }, ['public stream', 'private stream']],
	['futures alone', { markets: ['linear'] }, ['public stream', 'public stream', 'private stream', 'trade stream']],
	[
		'futures with orders over REST',
		{ markets: ['linear'], orderEntry: 'rest' },
		['public stream', 'public stream', 'private stream'],
	],
])('%s: only what will be used is tried', async (_name, given, checks) => {
	const { findings } = await tried(given);
	expect(findings.map(({ check }) => check)).toEqual(checks);
});

test('a key that is refused is not tried again, and neither key nor secret is told', async () => {
	const { findings, sockets } = await tried({
		onSent: (socket, text) => {
			if (!text.includes('canaryKey')) return friendly(socket, text);
			// Data before the answer is no answer.
			socket.receive({ subscriptionId: 0, event: { e: 'executionReport' } });
			const msg = 'canaryKey\u001b[2J is wrong';
			socket.receive({
				id: 'look',
				status: 401,
				error: socket.target.url.includes('fapi') ? { code: -2015, msg } : {},
			});
		},
	});
	expect(findings.filter(({ level }) => level === 'problem').map(({ sentence }) => sentence)).toEqual([
		expect.stringMatching(/^the WS API of spot at .* refuses the API key \(it does not say why\); without it nothing/),
		expect.stringMatching(/^the WS API of futures at .* refuses the API key \(-2015: … \[2J is wrong\); set order_entry/),
	]);
	expect(sockets).toHaveLength(6);
	expect(JSON.stringify(findings)).not.toMatch(/canary/);
});

test('one connection that fails is no problem, three are', async () => {
	const flaky = await tried({ onConnect: (socket, count) => (count <= 12 ? socket.end() : socket.open()) });
	expect(flaky.findings.map(({ level }) => level)).toEqual(Array(6).fill('ok'));
	const dead = await tried({ onConnect: (socket) => socket.end({ kind: 'refused', status: 503, detail: '' }) });
	expect(dead.sockets).toHaveLength(18);
	expect(dead.findings[0]).toEqual({
		check: 'public stream',
		level: 'problem',
		sentence:
			'the public stream of spot at stream.binance.com gives no answer (HTTP 503); look for a proxy or firewall that does not let WebSockets through',
	});
});

test('a socket that says nothing is given up, and one without a listen key is not opened', async () => {
	const { findings } = await tried({ onSent: () => {}, markets: ['spot'] });
	expect(findings.map(({ sentence }) => sentence)).toEqual([
		expect.stringContaining('gives no answer (none within 5 s)'),
		expect.stringContaining('gives no answer (none within 5 s)'),
	]);
	const keyless = await tried({ markets: ['linear'], listenKey: { failed: 'server busy (-1008)' } });
	expect(keyless.findings.find(({ check }) => check === 'private stream')).toEqual({
		check: 'private stream',
		level: 'problem',
		sentence: 'futures give no listen key: server busy (-1008); without it nothing is known of our orders, so nothing is traded',
	});
	expect(keyless.sockets.map(({ target }) => target.url).filter((url) => url.includes('/private'))).toEqual([]);
});
