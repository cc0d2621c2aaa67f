/**
 * Serves the built dashboard with a made-up engine behind it: `node web/dev/fake-engine.ts [--port 4790] [--symbols 5]
 * [--dist web/dist]`. Token: dev (admin), or viewer, operator. For looking at pages; the real server is src/api.
 */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ActionResult, Phrases, Role } from '../../src/api/types.ts';
import { type FakeAudit, fakeView, UnknownSymbol } from './fake-views.ts';
import { FakeWorld } from './fake-world.ts';

const { values } = parseArgs({
	options: {
		port: { type: 'string', default: '4790' },
		symbols: { type: 'string', default: '5' },
		dist: { type: 'string', default: fileURLToPath(new URL('../dist', import.meta.url)) },
	},
});

const STEP_MS = 100;
const WARM_UP_STEPS = 6_000;
const BODY_BYTES_MAX = 64 * 1024;
/** The policy of the real server, so that a page that breaks it is seen to break here. */
const POLICY =
	"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
const TYPES: Record<string, string> = {
	'.html': 'text/html; charset=utf-8',
	'.js': 'text/javascript',
	'.css': 'text/css',
	'.svg': 'image/svg+xml',
};
const PHRASE: Phrases = { rearm: 'I know why it stopped', raise: 'I want to risk more' };
const SLOW = ['orders', 'fills', 'reconciliations', 'alerts', 'decisions', 'signals', 'latency', 'markouts', 'history'];

const world = new FakeWorld(Number(values.symbols), Date.now() - WARM_UP_STEPS * STEP_MS);
for (let step = 0; step < WARM_UP_STEPS; step++) world.step(STEP_MS);
setInterval(() => world.step(STEP_MS), STEP_MS);

const audit: FakeAudit = [];
const ROLE_OF_TOKEN: Record<string, Role> = { dev: 'admin', admin: 'admin', operator: 'operator', viewer: 'viewer' };

const server = createServer((request, response) => {
	void answer(request, response).catch((error: unknown) => {
		const isUnknown = error instanceof UnknownSymbol;
		reply(response, isUnknown ? 404 : 500, { code: isUnknown ? 'API_UNKNOWN_SYMBOL' : 'API_BUG', sentence: String(error) });
	});
});
const sockets = new WebSocketServer({ server, path: '/v1/live' });
sockets.on('connection', follow);
server.listen(Number(values.port), '127.0.0.1', () => console.error(`dashboard: http://127.0.0.1:${values.port}/ (token: dev)`));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
	const url = new URL(request.url ?? '/', 'http://localhost');
	if (!url.pathname.startsWith('/v1/')) return serveFile(url.pathname, response);
	const name = url.pathname.slice('/v1/'.length);
	const role = ROLE_OF_TOKEN[/fake=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? ''];
	if (name === 'login') return logIn(response, await bodyOf(request));
	if (name === 'session') return reply(response, 200, role === undefined ? {} : { role, csrf: 'fake' });
	if (role === undefined) return reply(response, 401, { code: 'API_NO_TOKEN', sentence: 'Log in first.' });
	if (request.method === 'POST') return reply(response, ...act(name, await bodyOf(request), role));
	const view = fakeView(world, audit, name, Object.fromEntries(url.searchParams));
	if (view === undefined) return reply(response, 404, { code: 'API_NOT_FOUND', sentence: `There is no ${name}.` });
	reply(response, 200, view);
}

function logIn(response: ServerResponse, body: Record<string, unknown>): void {
	const token = String(body['token'] ?? body['code']);
	const role = ROLE_OF_TOKEN[token];
	if (role === undefined) return reply(response, 401, { code: 'API_BAD_TOKEN', sentence: 'This token is not known here.' });
	response.setHeader('set-cookie', `fake=${token}; HttpOnly; SameSite=Strict; Path=/`);
	reply(response, 200, { role, csrf: 'fake' });
}

function act(name: string, body: Record<string, unknown>, role: Role): [number, object] {
	if (name === 'logout') return [200, {}];
	const result = actionOf(name, body);
	audit.unshift({
		atMs: world.nowMs,
		who: role,
		role,
		from: '127.0.0.1',
		what: `${name} ${JSON.stringify(body)}`,
		result: result.sentence,
	});
	return [result.kind === 'done' ? 200 : 409, result];
}

function actionOf(name: string, body: Record<string, unknown>): ActionResult {
	const one = typeof body['symbol'] === 'string' ? body['symbol'] : undefined;
	const chosen = world.chosen(one);
	const where = one ?? 'every symbol';
	const cancelled = (reason: string): number => chosen.reduce((sum, each) => sum + each.cancelAll(world.nowMs, reason), 0);
	switch (name) {
		case 'pause':
			if (one === undefined) world.isPaused = true;
			for (const each of one === undefined ? [] : chosen) each.isPaused = true;
			return { kind: 'done', sentence: `Paused ${where}.`, orders: cancelled('paused') };
		case 'resume':
			if (one === undefined) world.isPaused = false;
			for (const each of chosen) each.isPaused = false;
			return { kind: 'done', sentence: `Quoting ${where} again.` };
		case 'cancel-all':
			return { kind: 'done', sentence: `Cancelled every order of ${where}.`, orders: cancelled('cancel-all') };
		case 'reduce-only':
		case 'kill':
			world.level = name === 'kill' ? 'kill' : 'reduceOnly';
			world.reason = String(body['reason']);
			return { kind: 'done', sentence: `The level is now ${world.level}.`, orders: cancelled(world.level) };
		case 'rearm':
			if (body['phrase'] !== PHRASE.rearm) return { kind: 'refused', code: 'PHRASE', sentence: `Type exactly: ${PHRASE.rearm}` };
			world.level = 'run';
			world.reason = null;
			return { kind: 'done', sentence: 'Orders are allowed again.' };
		case 'flatten-preview':
			return { kind: 'done', sentence: 'This would be closed.', closing: closingOf(one) };
		case 'flatten':
			for (const each of chosen) each.flatten(world.nowMs);
			return { kind: 'done', sentence: `Closed what was held in ${where}.` };
		case 'patch-config':
		case 'strategy-params':
			return { kind: 'done', sentence: 'In force from the next tick.', changes: Object.keys(body['set'] ?? {}) };
		default:
			return { kind: 'done', sentence: `${name}: done.` };
	}
}

function closingOf(one: string | undefined): NonNullable<Extract<ActionResult, { kind: 'done' }>['closing']> {
	return world
		.chosen(one)
		.filter(({ position }) => position !== 0)
		.map((each) => ({
			symbol: each.name,
			side: each.position > 0 ? 'sell' : 'buy',
			qty: Math.abs(each.position).toFixed(6),
			price: each.position > 0 ? each.bid : each.ask,
			worth: Math.abs(each.position) * each.mid,
			cost: (Math.abs(each.position) * each.tickSize) / 2,
		}));
}

/** Sends what is watched, as often as the real one does; nothing while the socket is behind. */
function follow(socket: WebSocket): void {
	let wishes: { name: string; params: Record<string, unknown> }[] = [];
	let turn = 0;
	socket.on('message', (data: Buffer) => {
		wishes = (JSON.parse(data.toString('utf8')) as { watch: typeof wishes }).watch;
		turn = 0;
	});
	const timer = setInterval(() => {
		if (socket.bufferedAmount > 1_000_000) return;
		for (const { name, params } of wishes) {
			if (SLOW.includes(name) && turn % 5 !== 0) continue;
			socket.send(JSON.stringify({ name, params, ...whole(name, params) }));
		}
		turn++;
	}, STEP_MS);
	socket.on('close', () => clearInterval(timer));
}

function whole(name: string, params: Record<string, unknown>): object {
	try {
		return { answer: fakeView(world, audit, name, params) };
	} catch (error) {
		return { error: { code: 'API_UNKNOWN_SYMBOL', sentence: error instanceof Error ? error.message : '' } };
	}
}

function serveFile(path: string, response: ServerResponse): void {
	const inside = normalize(path === '/' ? '/index.html' : path);
	try {
		const file = readFileSync(join(values.dist, inside));
		response.writeHead(200, {
			'content-type': TYPES[extname(inside)] ?? 'application/octet-stream',
			'content-security-policy': POLICY,
		});
		response.end(file);
	} catch {
		reply(response, 404, { code: 'API_NOT_FOUND', sentence: 'not built? npm run build:web' });
	}
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
	let text = '';
	for await (const chunk of request.setEncoding('utf8')) {
		text += String(chunk);
		if (text.length > BODY_BYTES_MAX) throw new Error('too long');
	}
	return JSON.parse(text === '' ? '{}' : text) as Record<string, unknown>;
}

function reply(response: ServerResponse, status: number, body: object): void {
	response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
