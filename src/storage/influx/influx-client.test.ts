/** What goes over the wire to each generation of InfluxDB, and what is made of its answers. The server is a stub. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { influxSender } from './influx-client.ts';
import type { InfluxTarget } from './influx-target.ts';

interface Heard {
	readonly url: string | undefined;
	readonly headers: IncomingHttpHeaders;
	readonly body: string;
}

const like = (pattern: RegExp): unknown => expect.stringMatching(pattern);

let server: Server;
let heard: Heard[];
let answer: { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> };

beforeEach(async () => {
	heard = [];
	answer = { status: 204 };
	server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const bytes = Buffer.concat(chunks);
			const isZipped = request.headers['content-encoding'] === 'gzip';
			heard.push({ url: request.url, headers: request.headers, body: (isZipped ? gunzipSync(bytes) : bytes).toString() });
			response.writeHead(answer.status, answer.headers);
			response.end(answer.body);
		});
	});
	await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
});

const urlOf = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const target = (given: Partial<InfluxTarget> = {}): InfluxTarget => ({
	url: urlOf(),
	api: 'v1',
	database: 'my db',
	org: 'my org',
	...given,
});

describe('a batch', () => {
	test.each<[given: Partial<InfluxTarget>, url: string, authorization: string | undefined]>([
		[{ api: 'v1' }, '/write?db=my%20db&precision=ns', undefined],
		[{ api: 'v1', token: 't' }, '/write?db=my%20db&precision=ns', 'Token t'],
		[
			{ api: 'v1', username: 'me', token: 't' },
			'/write?db=my%20db&precision=ns',
			`Basic ${Buffer.from('me:t').toString('base64')}`,
		],
		[{ api: 'v2', token: 't' }, '/api/v2/write?org=my%20org&bucket=my%20db&precision=ns', 'Token t'],
		[{ api: 'v3', token: 't' }, '/api/v3/write_lp?db=my%20db&precision=nanosecond', 'Bearer t'],
	])('to %j goes to its place, under its key', async (given, url, authorization) => {
		const send = influxSender(target(given));
		expect(await send(['m f=1 1', 'm f=2 2'])).toEqual({ kind: 'ok', value: { kind: 'written' } });
		expect(heard).toMatchObject([{ url, body: 'm f=1 1\nm f=2 2' }]);
		expect(heard[0]?.headers.authorization).toBe(authorization);
	});

	test('that is long goes zipped, and in one piece', async () => {
		const lines = Array.from({ length: 20_000 }, (_, i) => `measurement,tag=value field=${i} ${i}`);
		expect(await influxSender(target())(lines)).toMatchObject({ kind: 'ok' });
		expect(heard).toHaveLength(1);
		expect([heard[0]?.headers['content-encoding'], heard[0]?.body]).toEqual(['gzip', lines.join('\n')]);
	});

	const conflict = 'partial write: field type conflict: input field \\"f\\" on measurement \\"m\\" is type string dropped=2';
	test.each<[status: number, body: string, expected: object]>([
		[200, '', { kind: 'ok', value: { kind: 'written' } }],
		[400, `{"error":"${conflict}"}`, { kind: 'ok', value: { kind: 'partly', refusedCount: 2 } }],
		[
			400,
			'{"error":"partial write of line protocol occurred","data":[{"line_number":1},{"line_number":3},{"line_number":4}]}',
			{ kind: 'ok', value: { kind: 'partly', refusedCount: 3 } },
		],
		[400, '{"error":"unable to parse"}', { kind: 'ok', value: { kind: 'refused', detail: '400 unable to parse' } }],
		[422, '{"code":"unprocessable entity","message":"no"}', { kind: 'ok', value: { kind: 'refused', detail: '422 no' } }],
		[413, '', { kind: 'ok', value: { kind: 'refused' } }],
		[401, '', { kind: 'failed', class: 'auth', detail: like(/influxdb\.token_env/), retryAfterMs: 30_000 }],
		[404, 'page not found', { kind: 'failed', detail: like(/404 page not found; make the database 'my db'/) }],
		[500, '{"error":"timeout"}', { kind: 'failed', class: 'transient', detail: '500 timeout' }],
		[503, '', { kind: 'failed', class: 'transient' }],
	])('that is answered with %d %s', async (status, body, expected) => {
		answer = { status, body };
		expect(await influxSender(target())(['m f=1 1'])).toMatchObject(expected);
		// What is to become of it is not decided by repeating it here.
		expect(heard).toHaveLength(1);
	});

	test('may be asked to come later, in seconds', async () => {
		answer = { status: 429, headers: { 'retry-after': '7' } };
		expect(await influxSender(target())(['m f=1 1'])).toMatchObject({ kind: 'failed', class: 'transient', retryAfterMs: 7_000 });
	});

	test('that nobody hears may be sent again', async () => {
		const url = urlOf();
		await new Promise((resolve) => server.close(resolve));
		expect(await influxSender({ url, api: 'v1', database: 'd', org: 'o' })(['m f=1 1'])).toMatchObject({
			kind: 'failed',
			class: 'transient',
			detail: like(/ECONNREFUSED/),
		});
	});
});

test.each([{ api: 'v2' }, { api: 'v3' }, { api: 'v1', username: 'me' }] as const)(
	'an error page that shows the request of %j shows no token',
	async (given) => {
		const token = 'canary/token"5f3a9c';
		const send = influxSender(target({ ...given, token }));
		await send(['m f=1 1']);
		answer = { status: 502, body: `<h1>${JSON.stringify(heard[0]?.headers)}</h1> ${token}` };
		const found = await send(['m f=1 1']);
		const detail = found.kind === 'ok' ? '' : found.detail;
		expect(detail).toMatch(/^502 <h1>.*\[secret\]/);
		const all = inspect(found, { depth: 9 });
		for (const text of [token, '5f3a9c', Buffer.from(`me:${token}`).toString('base64')]) expect(all).not.toContain(text);
	},
);

/** As far as the client reads. */
const HEARD_MAX = 1_000;

test.each([
	{ token: 'canary-token-5f3a9c', shown: 'canary-token-5f3a9c' },
	{ token: 'canary-to"ken-5f3a9c', shown: 'canary-to\\"ken-5f3a9c' },
])('nor does a page so long that $shown is cut off in it', async ({ token, shown }) => {
	const send = influxSender(target({ api: 'v2', token }));
	for (let length = 8; length <= shown.length; length += 1) {
		answer = { status: 502, body: `${'x'.repeat(HEARD_MAX - length)}${shown}${'y'.repeat(HEARD_MAX)}` };
		expect(await send(['m f=1 1'])).toMatchObject({ detail: like(/^502 x+\[secret\]$/) });
	}
});
