import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { parseExposition } from './exposition.suite.ts';
import { type Health, type MetricsServer, openMetricsServer } from './metrics-server.ts';
import { PrometheusMeter } from './prometheus-meter.ts';

const open: MetricsServer[] = [];
const bugs: unknown[] = [];

afterEach(async () => {
	for (const server of open.splice(0)) await server[Symbol.asyncDispose]();
	bugs.length = 0;
});

async function serve(
	metrics: { contentType: string; text(): Promise<string> } = new PrometheusMeter(),
	health?: () => Health,
): Promise<MetricsServer> {
	const onBug = (error: unknown): unknown => bugs.push(error);
	const opened = await openMetricsServer({ metrics, port: 0, onBug, ...(health === undefined ? {} : { health }) });
	if (opened.kind !== 'open') throw new Error(`the server is ${opened.kind}`);
	open.push(opened.server);
	return opened.server;
}

interface Asked {
	readonly path?: string;
	readonly method?: string;
	readonly host?: string;
	readonly body?: string;
}

function ask({ port }: MetricsServer, { path = '/metrics', method = 'GET', host = `127.0.0.1:${port}`, body }: Asked = {}) {
	const { promise, resolve, reject } = Promise.withResolvers<{
		status: number | undefined;
		headers: Readonly<Record<string, string | string[] | undefined>>;
		body: string;
	}>();
	const request = httpRequest({ host: '127.0.0.1', port, path, method, agent: false, headers: { host } }, (response) => {
		let text = '';
		response.setEncoding('utf8').on('data', (piece: string) => {
			text += piece;
		});
		response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: text }));
	});
	request.on('error', reject).end(body);
	return promise;
}

describe('the metrics server', () => {
	test('serves what the meter has, as a scraper wants it', async () => {
		const meter = new PrometheusMeter();
		meter.flush.record(41);
		const { status, headers, body } = await ask(await serve(meter), { path: '/metrics?name=all' });
		expect(status).toBe(200);
		expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
		expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
		expect(parseExposition(body).get('mm_tick_duration_ms')?.samples.at(-1)?.value).toBe(1);
	});

	test('says that it lives', async () => {
		const { status, body } = await ask(await serve(), { path: '/healthz' });
		expect({ status, body: JSON.parse(body) as unknown }).toEqual({ status: 200, body: { status: 'alive' } });
	});

	test('says that it does not know whether it is ready, where nobody told it', async () => {
		const { status, body } = await ask(await serve(), { path: '/readyz' });
		expect({ status, body: JSON.parse(body) as unknown }).toEqual({ status: 503, body: { status: 'not ready', checks: [] } });
	});

	test.each([
		{ isReady: true, status: 200, said: 'ready' },
		{ isReady: false, status: 503, said: 'not ready' },
	])('says that it is $said, and why', async ({ isReady, status: wanted, said }) => {
		const checks = [{ name: 'books', isGood: isReady, sentence: 'because' }];
		const server = await serve(undefined, () => ({ isReady, checks }));
		const { status, body, headers } = await ask(server, { path: '/readyz' });
		expect({ status, body: JSON.parse(body) as unknown }).toEqual({ status: wanted, body: { status: said, checks } });
		expect(headers['content-type']).toBe('application/json');
	});

	test('that readiness cannot be found out is a 500 without the reason, and a bug for us', async () => {
		const error = new Error('secret');
		const server = await serve(undefined, () => {
			throw error;
		});
		const { status, body } = await ask(server, { path: '/readyz' });
		expect([status, body.includes('secret'), bugs]).toEqual([500, false, [error]]);
	});

	test('HEAD has the length and no body', async () => {
		const { status, headers, body } = await ask(await serve(), { method: 'HEAD', path: '/healthz' });
		expect({ status, length: headers['content-length'], body }).toEqual({ status: 200, length: '19', body: '' });
	});

	test.each([
		{ name: 'another path', asked: { path: '/' }, status: 404 },
		{ name: 'a path below', asked: { path: '/metrics/x' }, status: 404 },
		{ name: 'a path that climbs', asked: { path: '/../metrics' }, status: 404 },
		{ name: 'POST', asked: { method: 'POST', body: 'x'.repeat(100_000) }, status: 405 },
		{ name: 'DELETE', asked: { method: 'DELETE', path: '/healthz' }, status: 405 },
		{ name: 'OPTIONS', asked: { method: 'OPTIONS' }, status: 405 },
		{ name: "a page's own name for loopback", asked: { host: 'rebound.example.com' }, status: 421 },
		{ name: 'our name with another port', asked: { host: 'localhost:1' }, status: 421 },
	])('answers $name with $status', async ({ asked, status }) => {
		const answer = await ask(await serve(), asked);
		expect(answer.status).toBe(status);
		expect(answer.headers['allow']).toBe(status === 405 ? 'GET, HEAD' : undefined);
		expect(answer.body).not.toContain('mm_');
	});

	test.each(['localhost', '[::1]', '127.0.0.1'])('knows itself as %s', async (name) => {
		const server = await serve();
		expect((await ask(server, { host: `${name}:${server.port}` })).status).toBe(200);
	});

	test.each(['0.0.0.0', '::', '192.168.1.1', 'localhost', 'example.com', ''])('refuses to listen on %j', async (host) => {
		const opened = await openMetricsServer({ metrics: new PrometheusMeter(), host, port: 0, onBug: () => {} });
		if (opened.kind === 'open') open.push(opened.server);
		expect(opened).toMatchObject({ kind: 'refused', host });
	});

	test('says which port is taken', async () => {
		const { port } = await serve();
		const second = await openMetricsServer({ metrics: new PrometheusMeter(), port, onBug: () => {} });
		expect(second).toEqual({ kind: 'unavailable', code: 'EADDRINUSE', host: '127.0.0.1', port });
	});

	test('a text that cannot be made is a 500 without the reason, and a bug for us', async () => {
		const error = new Error('secret');
		const answer = await ask(await serve({ contentType: 'text/plain', text: () => Promise.reject(error) }));
		expect(answer.status).toBe(500);
		expect(answer.body).not.toContain('secret');
		expect(bugs).toEqual([error]);
	});

	test('closes with a client that holds its connection, and twice', async () => {
		const server = await serve();
		const idle = connect(server.port, '127.0.0.1');
		const { promise: ended, resolve } = Promise.withResolvers<void>();
		idle.on('error', () => {}).once('close', () => resolve());
		await new Promise((connected) => idle.once('connect', connected));
		await server[Symbol.asyncDispose]();
		await server[Symbol.asyncDispose]();
		await ended;
		await expect(ask(server)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
	});
});
