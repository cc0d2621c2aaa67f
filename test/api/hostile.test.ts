/**
 * What a page from elsewhere, a program without a token and a broken client can send (I20, F81, F82): over real sockets
 * each is refused, nothing of it reaches the engine, no reply tells a secret, and whoever may ask is answered after it.
 */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Asked, openStage, type Stage } from '../../src/api/stage.suite.ts';

interface Hostile extends Asked {
	readonly name: string;
	readonly path?: string;
	readonly expected: number | readonly number[];
	readonly code?: string;
}

const KILL = '/v1/kill';
const WANTED = '{"reason":"hostile"}';
const JSON_BODY = { body: WANTED, path: KILL };
const NO_TOKEN = { authorization: undefined };

const HOST: readonly Hostile[] = [
	'evil.example',
	'evil.example:<port>',
	'127.0.0.1',
	'127.0.0.1:1',
	'localhost',
	'localhost.:<port>',
	'127.0.0.1.nip.io:<port>',
	'127.0.0.2:<port>',
	'0.0.0.0:<port>',
	'[::ffff:127.0.0.1]:<port>',
	'127.1:<port>',
	'2130706433:<port>',
	'127.0.0.1:<port>@evil.example',
	'127.0.0.1:<port>.evil.example',
].flatMap((host) => [
	{ name: `a look with Host ${host}`, path: '/v1/overview', headers: { host }, expected: [400, 421] },
	{ name: `a kill with Host ${host}`, ...JSON_BODY, headers: { host }, expected: [400, 421] },
]);

const ORIGIN: readonly Hostile[] = [
	'http://evil.example',
	'https://127.0.0.1:<port>',
	'http://127.0.0.1',
	'http://127.0.0.1:1',
	'http://localhost.evil.example:<port>',
	'http://127.0.0.1:<port>/',
	'null',
	'file://',
	'chrome-extension://abcdefgh',
	'http://127.0.0.1:<port>, http://evil.example',
].flatMap((origin) => [
	{ name: `a kill from Origin ${origin}`, ...JSON_BODY, headers: { origin }, expected: 403, code: 'API_ORIGIN' },
	{ name: `a look from Origin ${origin}`, path: '/v1/overview', headers: { origin }, expected: 403, code: 'API_ORIGIN' },
]);

const SITE: readonly Hostile[] = [
	{ name: 'a kill that a page elsewhere sends', ...JSON_BODY, headers: { 'sec-fetch-site': 'cross-site' } },
	{ name: 'a kill that a page of a sibling port sends', ...JSON_BODY, headers: { 'sec-fetch-site': 'same-site' } },
	{ name: 'a kill from the address bar', ...JSON_BODY, headers: { 'sec-fetch-site': 'none' } },
	{ name: 'a look by a page elsewhere', path: '/v1/overview', headers: { 'sec-fetch-site': 'cross-site' } },
	{ name: 'our page as a script elsewhere', path: '/', headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'script' } },
	{
		name: 'our page in a frame elsewhere',
		path: '/',
		headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
	},
	{ name: 'a log-in from elsewhere', path: '/v1/login', body: '{"code":"x"}', headers: { 'sec-fetch-site': 'cross-site' } },
].map((each) => ({ ...each, expected: 403, code: 'API_ORIGIN' }));

const TOKEN: readonly Hostile[] = [
	...['overview', 'orders', 'config', 'audit', 'openapi.json', 'live', 'nothing', '%6fverview', '%2fv1/overview'].map(
		(name): Hostile => ({ name: `/v1/${name} without a token`, path: `/v1/${name}`, headers: NO_TOKEN, expected: 401 }),
	),
	{ name: '/%761/overview without a token', path: '/%761/overview', headers: NO_TOKEN, expected: 401 },
	{ name: '/v1/overview/ without a token', path: '/v1/overview/', headers: NO_TOKEN, expected: [401, 404] },
	{ name: '/V1/overview without a token', path: '/V1/overview', headers: NO_TOKEN, expected: [401, 404] },
	...['Bearer', 'Bearer ', 'Bearer x', 'Bearer null', `Bearer ${'A'.repeat(43)}`, 'Basic YWRtaW46', 'bearer: x', 'x'].map(
		(authorization): Hostile => ({
			name: `kill with '${authorization}'`,
			...JSON_BODY,
			headers: { authorization },
			expected: 401,
		}),
	),
	{ name: 'a token of 9,000 characters', ...JSON_BODY, headers: { authorization: `Bearer ${'A'.repeat(9_000)}` }, expected: 401 },
	{ name: 'a cookie that nobody got', ...JSON_BODY, headers: { ...NO_TOKEN, cookie: 'evenkeel-<port>=AAAA' }, expected: 401 },
	{ name: 'the token in the address', path: '/v1/overview?token=<token>', headers: NO_TOKEN, expected: 401 },
	{ name: 'the token in the address, once more', path: '/v1/overview?access_token=<token>', headers: NO_TOKEN, expected: 401 },
	{ name: 'a kill by a viewer', ...JSON_BODY, role: 'viewer', expected: 403, code: 'API_ROLE' },
	{ name: 'a re-arm by an operator', path: '/v1/rearm', body: '{"phrase":"x"}', role: 'operator', expected: 403 },
	{ name: 'a patch by an operator', path: '/v1/patch-config', body: '{"set":{}}', role: 'operator', expected: 403 },
	{ name: 'a code for a link by an operator', path: '/v1/login-code', body: '{}', role: 'operator', expected: 403 },
	{ name: 'a log-in with a guess', path: '/v1/login', body: '{"code":"x"}', headers: { origin: '<origin>' }, expected: 401 },
	{ name: 'a log-in that names no page', path: '/v1/login', body: '{"token":"<token>"}', headers: NO_TOKEN, expected: 403 },
	{
		name: 'a log-in with more',
		path: '/v1/login',
		body: '{"code":"x","role":"admin"}',
		headers: { origin: '<origin>' },
		expected: 400,
	},
];

const BODY: readonly Hostile[] = [
	...[
		'text/plain',
		'application/x-www-form-urlencoded',
		'multipart/form-data; boundary=x',
		'application/json+x',
		'',
		undefined,
	].map((type): Hostile => ({ name: `a body of type ${type}`, ...JSON_BODY, headers: { 'content-type': type }, expected: 415 })),
	{ name: 'JSON in UTF-7', ...JSON_BODY, headers: { 'content-type': 'application/json; charset=utf-7' }, expected: 415 },
	{ name: 'a form that looks like JSON', path: KILL, body: '{"reason":"x","a=":"b"}', expected: 400, code: 'API_PARAMS' },
	{ name: 'no body', path: KILL, method: 'POST', headers: { 'content-type': 'application/json' }, expected: 400 },
	{ name: 'half a body', path: KILL, body: '{"reason":', expected: 400, code: 'API_BODY' },
	{ name: 'a list', path: KILL, body: '[]', expected: 400 },
	{ name: 'nothing of JSON', path: KILL, body: 'null', expected: 400 },
	{ name: 'a prototype', path: KILL, body: '{"reason":"x","__proto__":{"role":"admin"}}', expected: 400 },
	{ name: 'a constructor', path: KILL, body: '{"reason":"x","constructor":{"prototype":{"a":1}}}', expected: 400 },
	{ name: 'another type', path: KILL, body: '{"reason":5}', expected: 400, code: 'API_PARAMS' },
	{ name: 'an empty reason', path: KILL, body: '{"reason":"  "}', expected: 400, code: 'API_PARAMS' },
	{ name: 'a reason of 10,000', path: KILL, body: `{"reason":"${'x'.repeat(10_000)}"}`, expected: 400, code: 'API_PARAMS' },
	{ name: 'a body of 70 kB', path: KILL, body: `{"reason":"${'x'.repeat(70_000)}"}`, expected: 413, code: 'API_SIZE' },
	{ name: 'lists in lists', path: KILL, body: `${'['.repeat(30_000)}${']'.repeat(30_000)}`, expected: 400 },
	{ name: 'an unknown field of a look', path: '/v1/orders?role=admin', expected: 400, code: 'API_PARAMS' },
	{ name: 'a field twice', path: '/v1/orders?limit=1&limit=2', expected: 400, code: 'API_PARAMS' },
	{ name: 'a limit beyond all', path: '/v1/orders?limit=1e9', expected: 400, code: 'API_PARAMS' },
	{ name: 'a prototype in the address', path: '/v1/orders?__proto__[x]=1', expected: 400 },
];

const PLACE: readonly Hostile[] = [
	...['OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND'].map(
		(method): Hostile => ({ name: `${method} of kill`, path: KILL, method, expected: 405 }),
	),
	{ name: 'a kill by GET', path: '/v1/kill', expected: 404 },
	{ name: 'a kill by GET with its reason', path: '/v1/kill?reason=x', expected: 404 },
	{ name: 'a look by POST', path: '/v1/overview', body: '{}', expected: 404 },
	{ name: 'a method in a header', path: '/v1/kill', headers: { 'x-http-method-override': 'POST' }, expected: 404 },
	{ name: 'an address that cannot be decoded', path: '/v1/%zz', expected: 400 },
	{ name: 'a folder up', path: '/../api-tokens.json', expected: [400, 403, 404] },
	{ name: 'a folder up, hidden', path: '/%2e%2e/%2e%2e/api-tokens.json', expected: [400, 403, 404] },
	{ name: 'a folder up, hidden better', path: '/..%2fapi-tokens.json', expected: [400, 403, 404] },
	{ name: 'a folder up by backslash', path: '/..\\api-tokens.json', expected: [400, 403, 404] },
	{ name: 'a zero byte', path: '/index.html%00.json', expected: [400, 403, 404] },
	{ name: 'another host in the address', path: 'http://evil.example/v1/overview', expected: [400, 421] },
	{ name: 'an address without a host', path: '//evil.example/v1/overview', expected: 400 },
	{ name: 'an address of 20 kB', path: `/v1/${'a'.repeat(20_000)}`, expected: [414, 431] },
	{ name: 'a header of 20 kB', path: '/v1/overview', headers: { 'x-long': 'a'.repeat(20_000) }, expected: 431 },
];

const TABLE = [...HOST, ...ORIGIN, ...SITE, ...TOKEN, ...BODY, ...PLACE];

test(`there are ${TABLE.length} of them, and each has a name of its own`, () => {
	expect(TABLE.length).toBeGreaterThanOrEqual(60);
	expect(new Set(TABLE.map(({ name }) => name)).size).toBe(TABLE.length);
});

describe.each([
	{ what: 'a hostile request', pages: undefined, table: TABLE },
	{ what: 'one where the dashboard is built', pages: `${import.meta.dirname}/../fixtures`, table: [...SITE, ...PLACE] },
])('$what', ({ pages, table }) => {
	test.each(table)('$name', async ({ path = '/v1/overview', expected, code, ...how }) => {
		// One of its own for each: what is counted by address is tested elsewhere.
		await using stage = await openStage(pages === undefined ? {} : { pages });
		const headers = Object.entries(how.headers ?? {}).map(([name, value]) => [name, filled(value, stage)]);
		const { body } = how;
		const replied = await stage.ask(filled(path, stage) ?? '', {
			...how,
			headers: Object.fromEntries(headers) as Record<string, string | undefined>,
			...(body === undefined ? {} : { body: filled(body, stage) ?? '' }),
		});
		expect([expected].flat()).toContain(replied.status);
		if (code !== undefined) expect(replied.json).toMatchObject({ code });
		expectNothingDone(stage, JSON.stringify([replied.headers, replied.text]));
		expect((await stage.ask('/v1/overview')).status).toBe(200);
	});
});

function filled(text: string | undefined, { port, tokens }: Stage): string | undefined {
	return text
		?.replaceAll('<port>', `${port}`)
		.replaceAll('<token>', tokens.admin)
		.replaceAll('<origin>', `http://127.0.0.1:${port}`);
}

function expectNothingDone(stage: Stage, reply: string): void {
	expect(stage.done).toEqual([]);
	expect(stage.asked).toEqual([]);
	for (const secret of [...Object.values(stage.tokens), stage.code]) expect(reply).not.toContain(secret);
	expect(reply).not.toMatch(/access-control-allow/i);
	expect(reply).not.toContain(stage.folder);
}

describe('bytes that are no request', () => {
	let stage: Stage;
	beforeAll(async () => {
		stage = await openStage();
	});
	afterAll(async () => stage[Symbol.asyncDispose]());

	const HEAD =
		'POST /v1/kill HTTP/1.1\r\nhost: 127.0.0.1:<port>\r\nauthorization: Bearer <token>\r\ncontent-type: application/json\r\n';

	test.each([
		['nothing at all', ''],
		['what is none', 'hello\r\n\r\n'],
		['no host', 'GET /v1/overview HTTP/1.1\r\nauthorization: Bearer <token>\r\n\r\n'],
		['no host, of the last century', 'GET /v1/overview HTTP/1.0\r\nauthorization: Bearer <token>\r\n\r\n'],
		[
			'two hosts',
			`GET /v1/overview HTTP/1.1\r\nhost: 127.0.0.1:<port>\r\nhost: evil.example\r\nauthorization: Bearer <token>\r\n\r\n`,
		],
		['two tokens', `${HEAD}authorization: Bearer x\r\ncontent-length: 14\r\n\r\n{"reason":"x"}`],
		['two lengths', `${HEAD}content-length: 14\r\ncontent-length: 3\r\n\r\n{"reason":"x"}`],
		['a length and pieces', `${HEAD}content-length: 14\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
		['a piece of a strange length', `${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n{"reason":"x"}\r\n0\r\n\r\n`],
		[
			'a line break in a header',
			'GET /v1/overview HTTP/1.1\r\nhost: 127.0.0.1:<port>\r\nx: a\nauthorization: Bearer <token>\r\n\r\n',
		],
		['a name and a blank', 'GET /v1/overview HTTP/1.1\r\nhost : 127.0.0.1:<port>\r\nauthorization: Bearer <token>\r\n\r\n'],
		['a tunnel', 'CONNECT 127.0.0.1:22 HTTP/1.1\r\nhost: 127.0.0.1:<port>\r\nauthorization: Bearer <token>\r\n\r\n'],
		['TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001'],
		['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
		[
			'an upgrade to something else',
			'GET /v1/live HTTP/1.1\r\nhost: 127.0.0.1:<port>\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n',
		],
	])('%s', async (_, bytes) => {
		const reply = await sent(stage.port, filled(bytes, stage) ?? '');
		expect(reply).not.toMatch(/^HTTP\/1.1 (1|2|3)/);
		expectNothingDone(stage, reply);
	});
});

test('upgrades of an address that cannot be decoded hold no connection', async () => {
	await using stage = await openStage();
	const bytes = 'GET /%zz HTTP/1.1\r\nhost: evil.example\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n';
	// As many as there may be connections.
	const replies = await Promise.all(Array.from({ length: 200 }, () => sent(stage.port, bytes)));
	for (const reply of replies) expect(reply).toMatch(/^HTTP\/1.1 400 /);
	expectNothingDone(stage, replies.join());
	expect((await stage.ask('/v1/overview')).status).toBe(200);
});

/** What came back until the other side closed or was silent. */
function sent(port: number, bytes: string): Promise<string> {
	return new Promise((resolve) => {
		let reply = '';
		const socket = connect({ port, host: '127.0.0.1' }, () => socket.end(bytes, 'latin1'));
		socket.on('data', (part) => {
			reply += part.toString();
		});
		socket.on('error', () => resolve(reply));
		socket.on('close', () => resolve(reply));
	});
}

describe('a feed from elsewhere', () => {
	const CASES: readonly (readonly [string, (stage: Stage) => Readonly<Record<string, string>>])[] = [
		['nobody', () => ({})],
		['a guess', () => ({ authorization: 'Bearer x' })],
		['another page', ({ tokens }) => ({ authorization: `Bearer ${tokens.admin}`, origin: 'http://evil.example' })],
		['a page of another port', ({ tokens }) => ({ authorization: `Bearer ${tokens.admin}`, origin: 'http://127.0.0.1:1' })],
		[
			'a name that is not ours',
			({ tokens, port }) => ({ authorization: `Bearer ${tokens.admin}`, host: `evil.example:${port}` }),
		],
		['a page elsewhere', ({ tokens }) => ({ authorization: `Bearer ${tokens.admin}`, 'sec-fetch-site': 'cross-site' })],
		['the token as a subprotocol', ({ tokens }) => ({ 'sec-websocket-protocol': tokens.admin })],
	];

	test.each(CASES)('%s', async (_, headersOf) => {
		await using stage = await openStage();
		const socket = new WebSocket(`ws://127.0.0.1:${stage.port}/v1/live`, { headers: headersOf(stage) });
		const { promise, resolve } = Promise.withResolvers<string>();
		socket.on('open', () => resolve('open'));
		socket.on('unexpected-response', (_request, response) => resolve(`${response.statusCode}`));
		socket.on('error', (error) => resolve(error.message));
		expect(await promise).toMatch(/^(401|403|421)$/);
		socket.terminate();
		expectNothingDone(stage, '');
	});

	test.each(['/', '/app.js', '/v1/session', '/v1/login', '/v1/overview'])('at %s there is none', async (path) => {
		await using plain = await openStage();
		await using built = await openStage({ pages: `${import.meta.dirname}/../fixtures` });
		for (const stage of [plain, built]) {
			expect(await opens(stage, {}, path)).toBe('404');
			expect(await opens(stage, { authorization: `Bearer ${stage.tokens.admin}` }, path)).toBe('404');
		}
	});

	test('a log-in of a browser is no use to another page', async () => {
		await using stage = await openStage();
		const cookie = await loggedIn(stage);
		const tried = await Promise.all(
			[{}, { origin: 'http://evil.example' }].map((headers) => opens(stage, { ...headers, cookie: cookie.cookie })),
		);
		expect(tried).toEqual(['403', '403']);
		expect(await opens(stage, { cookie: cookie.cookie, origin: stage.url })).toBe('open');
	});
});

function opens(stage: Stage, headers: Readonly<Record<string, string>>, path = '/v1/live'): Promise<string> {
	const socket = new WebSocket(`ws://127.0.0.1:${stage.port}${path}`, { headers });
	return new Promise((resolve) => {
		socket.on('open', () => {
			socket.terminate();
			resolve('open');
		});
		socket.on('unexpected-response', (_request, response) => resolve(`${response.statusCode}`));
		socket.on('error', (error) => resolve(error.message));
	});
}

async function loggedIn(stage: Stage): Promise<{ readonly cookie: string; readonly csrf: string }> {
	const headers = { authorization: undefined, origin: stage.url };
	const replied = await stage.ask('/v1/login', { body: JSON.stringify({ code: stage.code }), headers });
	const { csrf } = replied.json as { csrf: string };
	return { cookie: replied.headers['set-cookie']?.[0]?.split(';')[0] ?? '', csrf };
}

describe('a page elsewhere and a browser that is logged in', () => {
	const CASES: readonly (readonly [string, Readonly<Record<string, string | undefined>>, number])[] = [
		['no word of who asks', {}, 403],
		['another page', { origin: 'http://evil.example' }, 403],
		['our page without its mark', { origin: '<origin>' }, 403],
		['our page with a wrong mark', { origin: '<origin>', 'x-evenkeel-csrf': 'AAAA' }, 403],
		['our page with an empty mark', { origin: '<origin>', 'x-evenkeel-csrf': '' }, 403],
		['the right mark and no page', { 'x-evenkeel-csrf': '<csrf>' }, 403],
		['the right mark and another page', { origin: 'http://evil.example', 'x-evenkeel-csrf': '<csrf>' }, 403],
		['a form', { origin: '<origin>', 'x-evenkeel-csrf': '<csrf>', 'content-type': 'application/x-www-form-urlencoded' }, 415],
		['our page with its mark', { origin: '<origin>', 'x-evenkeel-csrf': '<csrf>' }, 200],
	];

	test.each(CASES)('%s', async (_, headers, expected) => {
		await using stage = await openStage();
		const { cookie, csrf } = await loggedIn(stage);
		const said = Object.entries(headers).map(([name, value]) => [name, filled(value, stage)?.replaceAll('<csrf>', csrf)]);
		const replied = await stage.ask(KILL, {
			body: WANTED,
			headers: { authorization: undefined, cookie, ...Object.fromEntries(said) } as Record<string, string | undefined>,
		});
		expect(replied.status).toBe(expected);
		expect(stage.done.length).toBe(expected === 200 ? 1 : 0);
	});
});
