/** What the server answers to those who may ask. What it refuses stands in test/api/hostile.test.ts. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ACTIONS, type ActionName, QUERIES, type QueryAnswer, ROLES } from '../app/console/contract.ts';
import { API_ERRORS } from './api-error.ts';
import { openStage, type Stage } from './stage.suite.ts';

/** Something that each action takes. */
const BODIES: Readonly<Record<ActionName, string>> = {
	pause: '{}',
	resume: '{}',
	'cancel-all': '{}',
	'reduce-only': '{"reason":"x"}',
	'flatten-preview': '{}',
	flatten: '{}',
	kill: '{"reason":"x"}',
	rearm: '{"phrase":"x"}',
	compare: '{}',
	'patch-config': '{"set":{}}',
	'strategy-params': '{"strategy":"x","set":{}}',
	'test-alert': '{}',
};

describe('what the contract says is what is served', () => {
	test.each(Object.keys(QUERIES))('GET /v1/%s, to a viewer', async (name) => {
		await using stage = await openStage();
		const params = name === 'symbol' ? '?symbol=BTCUSDT' : '';
		const { status, json } = await stage.ask(`/v1/${name}${params}`, { role: 'viewer' });
		expect(status).toBe(200);
		// The audit record is the API's own.
		if (name !== 'audit') expect(json).toMatchObject({ of: { name } });
	});

	test.each(Object.keys(ACTIONS) as ActionName[])('POST /v1/%s, to whoever has the role and to nobody else', async (name) => {
		await using stage = await openStage();
		for (const role of ROLES) {
			const isEnough = ROLES.indexOf(role) >= ROLES.indexOf(ACTIONS[name].role);
			const { status, json } = await stage.ask(`/v1/${name}`, { body: BODIES[name], role });
			expect(status, role).toBe(isEnough ? 200 : 403);
			if (isEnough) expect(json).toEqual({ kind: 'done', sentence: `${name} is done` });
		}
		expect(new Set(stage.done.map((each) => each.name))).toEqual(new Set([name]));
	});

	test('parameters come with their defaults, and text is made what it means', async () => {
		await using stage = await openStage();
		await stage.ask('/v1/history?symbol=A&depth=true&sinceMs=5');
		await stage.ask('/v1/orders?limit=7&state=all&side=buy');
		expect(stage.asked.flat()).toEqual([
			{ name: 'history', params: { symbol: 'A', depth: true, sinceMs: 5 } },
			{ name: 'orders', params: { limit: 7, state: 'all', side: 'buy', offset: 0 } },
		]);
	});

	test('what the engine refuses is an answer; what it cannot answer is a failure with its code', async () => {
		await using stage = await openStage({
			acted: () => ({ kind: 'result', result: { kind: 'refused', code: 'not-latched', sentence: 'nothing is latched' } }),
			answer: () => ({ kind: 'failed', error: { code: 'API_UNKNOWN_SYMBOL', sentence: 'X is no symbol here' } }),
		});
		const refused = await stage.ask('/v1/rearm', { body: '{"phrase":"x"}' });
		expect([refused.status, refused.json]).toEqual([
			200,
			{ kind: 'refused', code: 'not-latched', sentence: 'nothing is latched' },
		]);
		const unknown = await stage.ask('/v1/symbol?symbol=X');
		expect([unknown.status, unknown.json]).toEqual([404, { code: 'API_UNKNOWN_SYMBOL', sentence: 'X is no symbol here' }]);
	});
});

describe('the audit record (SEC10)', () => {
	test('has who, from where, what and what became of it, also of what was refused', async () => {
		await using stage = await openStage();
		await stage.ask('/v1/pause', { body: '{"symbol":"BTCUSDT"}', role: 'operator' });
		await stage.ask('/v1/kill', { body: '{"reason":"too much"}', role: 'viewer' });
		await stage.ask('/v1/kill', { body: '{"reason":5}' });
		const { rows } = (await stage.ask('/v1/audit', { role: 'viewer' })).json as QueryAnswer<'audit'>;
		const told = rows.map(({ who, role, from, what, result }) => [who, role, from, what, result.split(':')[0]]);
		expect(told).toEqual([
			['admin token', 'admin', '127.0.0.1', 'kill with something else', 'API_PARAMS'],
			['viewer token', 'viewer', '127.0.0.1', 'kill', 'API_ROLE'],
			['operator token', 'operator', '127.0.0.1', 'pause {"symbol":"BTCUSDT","reason":"asked for"}', 'done'],
		]);
		const kept = readFileSync(`${stage.folder}/audit.log`, 'utf8').trim().split('\n');
		expect(kept.map((line) => JSON.parse(line) as unknown).reverse()).toEqual(rows);
	});

	test('has who came in by a browser, who went, and who made a link', async () => {
		await using stage = await openStage();
		await stage.ask('/v1/login-code', { body: '{}', role: 'operator' });
		await stage.ask('/v1/login-code', { body: '{}' });
		const page = { authorization: undefined, origin: stage.url };
		const login = await stage.ask('/v1/login', { body: JSON.stringify({ code: stage.code }), headers: page });
		const { csrf } = login.json as { csrf: string };
		const cookie = login.headers['set-cookie']?.[0]?.split(';')[0];
		await stage.ask('/v1/logout', { body: '{}', headers: { ...page, cookie, 'x-evenkeel-csrf': csrf } });
		const { rows } = (await stage.ask('/v1/audit')).json as QueryAnswer<'audit'>;
		expect(rows.map(({ who, role, what, result }) => [who, role, what, result.split(':')[0]])).toEqual([
			['browser 1', 'admin', 'logout', 'done'],
			['browser 1', 'admin', 'login', 'done'],
			['admin token', 'admin', 'login-code', 'done'],
			['operator token', 'operator', 'login-code', 'API_ROLE'],
		]);
		expect(JSON.stringify(rows)).not.toContain(stage.code);
	});

	test('is not pushed out by one who asks for what he may not', async () => {
		await using stage = await openStage();
		const tried = { body: JSON.stringify({ reason: 'x'.repeat(200) }), role: 'viewer' } as const;
		await Promise.all(Array.from({ length: 180 }, () => stage.ask('/v1/kill', tried)));
		const { rows } = (await stage.ask('/v1/audit', { from: '127.0.0.9' })).json as QueryAnswer<'audit'>;
		// Two in a second at most, and a slow machine needs some seconds.
		expect(rows.length).toBeLessThan(30);
		expect(JSON.stringify(rows)).not.toContain('xxx');
	});

	test('is a topic of the feed like others', async () => {
		await using stage = await openStage();
		await stage.ask('/v1/pause', { body: '{}' });
		const [heard] = await frames(stage, [{ name: 'audit', params: {} }], 1);
		expect(heard).toMatchObject({ name: 'audit', answer: { rows: [{ what: 'pause {"reason":"asked for"}' }] } });
	});
});

describe('how often (SEC6)', () => {
	test('sixty in a second are answered, the next are not, a kill always is', async () => {
		await using stage = await openStage();
		const many = await Promise.all(Array.from({ length: 180 }, () => stage.ask('/v1/overview')));
		const refused = many.filter(({ status }) => status === 429);
		// As many, since a slow machine needs some seconds for them and answers sixty in each.
		expect(refused.length).toBeGreaterThan(0);
		expect(many.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(60);
		expect(refused[0]?.json).toMatchObject({ code: 'API_TOO_MANY' });
		const kills = await Promise.all(Array.from({ length: 80 }, () => stage.ask('/v1/kill', { body: '{"reason":"x"}' })));
		expect(kills.filter(({ status }) => status !== 200)).toEqual([]);
		expect(stage.done).toHaveLength(80);
	});

	test('a kill by one who may not is counted like anything else', async () => {
		await using stage = await openStage();
		const body = '{"reason":"x"}';
		const many = await Promise.all(Array.from({ length: 180 }, () => stage.ask('/v1/kill', { body, role: 'viewer' })));
		expect(many.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
		expect((await stage.ask('/v1/kill', { body, role: 'operator' })).status).toBe(200);
	});

	test('ten bad tokens lock the address, for all but a kill with a good one', async () => {
		await using stage = await openStage();
		const bad = { headers: { authorization: 'Bearer AAAA' } };
		for (let index = 0; index < 10; index++) expect((await stage.ask('/v1/overview', bad)).status).toBe(401);
		expect((await stage.ask('/v1/overview')).json).toMatchObject({ code: 'API_LOCKED' });
		expect((await stage.ask('/v1/pause', { body: '{}' })).status).toBe(429);
		expect((await stage.ask('/v1/kill', { body: '{"reason":"x"}', ...bad })).status).toBe(401);
		expect((await stage.ask('/v1/kill', { body: '{"reason":"x"}', role: 'operator' })).status).toBe(200);
		expect(stage.done.map(({ name }) => name)).toEqual(['kill']);
	});

	test('twenty feeds are open, and no more', async () => {
		await using stage = await openStage();
		const sockets = await Promise.all(Array.from({ length: 22 }, () => feed(stage)));
		expect(sockets.filter(({ state }) => state === 'open')).toHaveLength(20);
		expect(sockets.filter(({ state }) => state === '503')).toHaveLength(2);
		for (const { socket } of sockets) socket.terminate();
	});
});

describe('every reply', () => {
	test.each([
		['the page', '/', {}],
		['an answer', '/v1/overview', {}],
		['a refusal', '/v1/overview', { headers: { authorization: undefined } }],
		['a misnamed host', '/', { headers: { host: 'evil.example' } }],
		['nothing there', '/v1/nothing', {}],
		['an address that cannot be decoded', '/v1/%zz', {}],
	])('%s carries what keeps a browser from harm (SEC8)', async (_, path, how) => {
		await using stage = await openStage();
		const { headers } = await stage.ask(path, how);
		expect(headers['content-security-policy']).toBe(
			"default-src 'none';script-src 'self';style-src 'self';connect-src 'self';frame-ancestors 'none';base-uri 'none';form-action 'none'",
		);
		expect(headers).toMatchObject({
			'x-content-type-options': 'nosniff',
			'referrer-policy': 'no-referrer',
			'cache-control': 'no-store',
			'x-frame-options': 'DENY',
		});
		expect(headers['access-control-allow-origin']).toBeUndefined();
	});

	test('the document lists every query and action, and nothing of it names a secret', async () => {
		await using stage = await openStage();
		const { json, text } = await stage.ask('/v1/openapi.json');
		const { paths } = json as { paths: Record<string, Record<string, unknown>> };
		const methods = Object.entries(paths).flatMap(([path, each]) => Object.keys(each).map((method) => `${method} ${path}`));
		const wanted = [
			...Object.keys(QUERIES).map((name) => `get /v1/${name}`),
			...Object.keys(ACTIONS).map((name) => `post /v1/${name}`),
		];
		expect(methods.sort()).toEqual(wanted.sort());
		for (const code of Object.keys(API_ERRORS)) expect(text).toContain(code);
		for (const secret of Object.values(stage.tokens)) expect(text).not.toContain(secret);
	});
});

describe('the log-in of a browser', () => {
	test('gets a cookie that no script sees and a mark, and ends when it says so', async () => {
		await using stage = await openStage();
		const page = { authorization: undefined, origin: stage.url, 'sec-fetch-site': 'same-origin' };
		expect((await stage.ask('/v1/session', { headers: page })).json).toEqual({});
		const login = await stage.ask('/v1/login', { body: JSON.stringify({ token: stage.tokens.operator }), headers: page });
		const [cookie = ''] = login.headers['set-cookie'] ?? [];
		expect(cookie).toMatch(new RegExp(`^evenkeel-${stage.port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`));
		const { role, csrf } = login.json as { role: string; csrf: string };
		expect(role).toBe('operator');
		const known = { ...page, cookie: cookie.split(';')[0] };
		expect((await stage.ask('/v1/session', { headers: known })).json).toEqual({ role, csrf });
		const marked = { ...known, 'x-evenkeel-csrf': csrf };
		expect((await stage.ask('/v1/pause', { body: '{}', headers: marked })).status).toBe(200);
		expect((await stage.ask('/v1/rearm', { body: '{"phrase":"x"}', headers: marked })).status).toBe(403);
		expect(stage.done[0]?.actor).toEqual({ name: 'browser 1', role: 'operator', from: '127.0.0.1' });
		const out = await stage.ask('/v1/logout', { body: '{}', headers: marked });
		expect(out.headers['set-cookie']?.[0]).toContain('Max-Age=0');
		expect((await stage.ask('/v1/overview', { headers: known })).status).toBe(401);
	});

	test('an admin makes a link for another', async () => {
		await using stage = await openStage();
		const { json } = await stage.ask('/v1/login-code', { body: '{}' });
		const headers = { authorization: undefined, origin: stage.url };
		const login = await stage.ask('/v1/login', { body: JSON.stringify(json), headers });
		expect(login.json).toMatchObject({ role: 'admin' });
	});
});

describe('behind a proxy', () => {
	test('its name and its origin are ours too, its client is who it says, and cookies go over TLS alone', async () => {
		await using stage = await openStage({ settings: { behindProxy: 'https://desk.example.com' } });
		const page = {
			authorization: undefined,
			host: 'desk.example.com',
			origin: 'https://desk.example.com',
			'x-forwarded-for': '6.6.6.6, 9.9.9.9',
		};
		const login = await stage.ask('/v1/login', { body: JSON.stringify({ code: stage.code }), headers: page });
		expect(login.headers['set-cookie']?.[0]).toContain('; Secure');
		await stage.ask('/v1/pause', { body: '{}', headers: { 'x-forwarded-for': '6.6.6.6, 9.9.9.9' } });
		expect(stage.done[0]?.actor.from).toBe('9.9.9.9');
		expect((await stage.ask('/', { headers: { host: 'evil.example' } })).status).toBe(421);
	});

	test('without one, nobody is believed about who he is', async () => {
		await using stage = await openStage();
		await stage.ask('/v1/pause', { body: '{}', headers: { 'x-forwarded-for': '6.6.6.6' } });
		expect(stage.done[0]?.actor.from).toBe('127.0.0.1');
	});
});

interface Opened {
	readonly socket: WebSocket;
	readonly state: string;
}

function feed(stage: Stage): Promise<Opened> {
	const headers = { authorization: `Bearer ${stage.tokens.viewer}` };
	const socket = new WebSocket(`ws://127.0.0.1:${stage.port}/v1/live`, { headers });
	return new Promise((resolve) => {
		socket.on('open', () => resolve({ socket, state: 'open' }));
		socket.on('unexpected-response', (_, response) => resolve({ socket, state: `${response.statusCode}` }));
		socket.on('error', (error) => resolve({ socket, state: error.message }));
	});
}

async function frames(stage: Stage, watch: readonly unknown[], count: number): Promise<readonly unknown[]> {
	const { socket } = await feed(stage);
	const heard: unknown[] = [];
	await new Promise<void>((resolve) => {
		socket.on('message', (data) => {
			const said: unknown = JSON.parse((data as Buffer).toString());
			if (typeof said !== 'object' || said === null || 'alive' in said) return;
			heard.push(said);
			if (heard.length >= count) resolve();
		});
		socket.send(JSON.stringify({ watch }));
	});
	socket.terminate();
	return heard;
}
