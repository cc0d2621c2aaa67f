/** The carrier over real loopback sockets, with a façade so small that all of it is in view. */
import { connect as connectTcp } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { systemClock } from '../../network/system-clock.ts';
import type { Clock } from '../../ports/clock.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import type { Connected, ConnectTarget, Facade, Heartbeat, HttpReply, HttpRequest, Peer } from '../facade.ts';
import { type Carrier, openCarrier, type RequestLine } from './http-carrier.ts';
import { latencyOf, NO_LATENCY } from './latency.ts';
import type { CarrierLimits } from './limits.ts';

/** By the query of the address. */
const HEARTBEATS: ReadonlyMap<string, Heartbeat> = new Map([
	['patient', { everyMs: 5, answerMsMax: 60_000 }],
	['strict', { everyMs: 5, answerMsMax: 5 }],
]);

/** Echoes requests as JSON and frames as they are. */
class EchoFacade implements Facade {
	readonly requests: HttpRequest[] = [];
	readonly peers: Peer[] = [];
	closedCount = 0;

	request(request: HttpRequest): HttpReply {
		this.requests.push(request);
		if (request.path === '/throws') throw new Error('a bug');
		return { status: 200, headers: { 'content-type': 'application/json', 'x-limit': '7' }, body: JSON.stringify(request) };
	}

	connect(target: ConnectTarget, peer: Peer): Connected {
		if (target.path !== '/ws') return { kind: 'refused', status: 404, reason: `no socket at ${target.path}` };
		this.peers.push(peer);
		if (target.query === 'greet') peer.send('hello');
		const heartbeat = HEARTBEATS.get(target.query);
		return {
			kind: 'connected',
			...(heartbeat === undefined ? {} : { heartbeat }),
			connection: {
				receive: (text) => {
					if (text === 'throw') throw new Error('a bug');
					if (text === 'bye') peer.close(4001, 'as you wish');
					else if (text === 'die') peer.close(1006, '');
					else peer.send(text);
				},
				closed: () => {
					this.closedCount += 1;
				},
			},
		};
	}

	tick(): void {}
}

const opened: Carrier[] = [];
const bugs: unknown[] = [];

afterEach(async () => {
	for (const carrier of opened.splice(0)) await carrier[Symbol.asyncDispose]();
	bugs.length = 0;
});

async function serve(
	more: {
		limits?: Partial<CarrierLimits>;
		clock?: Clock;
		roundTripMs?: number;
		openingTrips?: number;
		requestLine?: (facade: Facade) => RequestLine;
	} = {},
) {
	const facade = new EchoFacade();
	const { clock = systemClock() } = more;
	const result = await openCarrier({
		facade,
		clock,
		wallMs: () => clock.wallMs(),
		latency:
			more.roundTripMs === undefined
				? NO_LATENCY
				: latencyOf(
						{ roundTripMs: more.roundTripMs, jitterMs: 10, openingTrips: more.openingTrips ?? 0 },
						{ clock, rng: seededRng(1) },
					),
		onBug: (error) => bugs.push(error),
		port: 0,
		limits: more.limits ?? {},
		...(more.requestLine === undefined ? {} : { requestLine: more.requestLine }),
	});
	if (result.kind !== 'open') throw new Error(result.code);
	opened.push(result.carrier);
	const { port } = result.carrier;
	return { facade, carrier: result.carrier, http: `http://127.0.0.1:${port}`, ws: `ws://127.0.0.1:${port}/ws`, port };
}

async function openSocket(url: string): Promise<{ socket: WebSocket; frames: string[] }> {
	const socket = new WebSocket(url);
	const frames: string[] = [];
	socket.on('message', (data: Buffer) => frames.push(data.toString()));
	await new Promise((resolve, reject) => {
		socket.once('open', resolve).once('error', reject);
	});
	return { socket, frames };
}

function closing(socket: WebSocket): Promise<{ code: number; reason: string }> {
	return new Promise((resolve) => {
		socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
	});
}

/** Says exactly these bytes and answers with all that comes back. */
function raw(port: number, bytes: string): Promise<string> {
	return new Promise((resolve) => {
		let heard = '';
		const socket = connectTcp(port, '127.0.0.1', () => socket.write(bytes));
		socket.on('data', (chunk) => {
			heard += chunk.toString('latin1');
		});
		socket.on('error', () => {}).on('close', () => resolve(heard));
	});
}

async function until(condition: () => boolean): Promise<void> {
	const deadline = performance.now() + 3_000;
	while (!condition()) {
		if (performance.now() > deadline) throw new Error('this did not happen within 3 s');
		await new Promise((resolve) => setTimeout(resolve, 2));
	}
}

describe('requests', () => {
	test('query and body reach the façade byte for byte, headers in lower case, the last one of a kind', async () => {
		const { http, facade, port } = await serve();
		const body = '{ "qty":"1.0",\t"note":"ünïcode \u{1F600} %20 +" }\n';
		const reply = await fetch(`${http}/v5/order/create?b=2&a=1%2C&a=+x%20y&&=`, {
			method: 'POST',
			body,
			headers: { 'X-Key': 'K' },
		});
		expect(reply.status).toBe(200);
		expect(reply.headers.get('x-limit')).toBe('7');
		expect(JSON.parse(await reply.text())).toMatchObject({ body });
		const [seen] = facade.requests;
		expect(seen).toMatchObject({ method: 'POST', path: '/v5/order/create', query: 'b=2&a=1%2C&a=+x%20y&&=', body });
		expect(seen?.headers['x-key']).toBe('K');
		expect(seen?.remote).toBe('127.0.0.1');
		await raw(port, 'GET /x??y HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nx-a: 2\r\n__proto__: 3\r\nConnection: close\r\n\r\n');
		expect(facade.requests[1]).toMatchObject({ path: '/x', query: '?y', body: '' });
		expect(facade.requests[1]?.headers['x-a']).toBe('2');
	});

	test('a chunked body is put together, a connection is used again', async () => {
		const { port, facade } = await serve();
		const one = 'POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n';
		const heard = await raw(port, `${one}${one.replace('Host: a', 'Host: a\r\nConnection: close')}`);
		expect(heard.match(/HTTP\/1.1 200/g)).toHaveLength(2);
		expect(facade.requests.map(({ body }) => body)).toEqual(['abcde', 'abcde']);
	});

	test.each([
		['a little too long', 1_500],
		['far too long', 200_000],
	])('a body that is %s is answered with 413 and never reaches the façade', async (_name, length) => {
		const { http, facade } = await serve({ limits: { bodyBytesMax: 1_000 } });
		const reply = await fetch(`${http}/a`, { method: 'POST', body: 'x'.repeat(length) });
		expect(reply.status).toBe(413);
		expect(await reply.text()).toContain('longer than 1000 bytes');
		expect(facade.requests).toHaveLength(0);
		expect((await fetch(`${http}/a`, { method: 'POST', body: 'x'.repeat(1_000) })).status).toBe(200);
	});

	test('a body that is no text is answered with 400', async () => {
		const { http, facade } = await serve();
		expect((await fetch(`${http}/a`, { method: 'POST', body: new Uint8Array([0x7b, 0xff, 0xfe]) })).status).toBe(400);
		expect(facade.requests).toHaveLength(0);
	});

	test('headers that do not end are timed out, headers that are too long refused', async () => {
		const { port } = await serve({ limits: { headersTimeoutMs: 200, requestTimeoutMs: 400 } });
		expect(await raw(port, 'GET / HTTP/1.1\r\nHost: a\r\n')).toContain('408');
		expect(await raw(port, `GET / HTTP/1.1\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`)).toContain('431');
		expect(await raw(port, 'nonsense\r\n\r\n')).toContain('400');
	});

	test('a façade that throws costs one request', async () => {
		const { http } = await serve();
		expect((await fetch(`${http}/throws`)).status).toBe(500);
		expect((await fetch(`${http}/a`)).status).toBe(200);
		expect(bugs).toHaveLength(1);
	});
});

describe('sockets', () => {
	test('frames go both ways in order, text in a binary frame too', async () => {
		const { ws, facade } = await serve();
		const { socket, frames } = await openSocket(`${ws}?greet`);
		socket.send('{"op":"a"}');
		socket.send(Buffer.from('{"op":"b"}'));
		await until(() => frames.length === 3);
		expect(frames).toEqual(['hello', '{"op":"a"}', '{"op":"b"}']);
		socket.send('bye');
		expect(await closing(socket)).toEqual({ code: 4001, reason: 'as you wish' });
		await until(() => facade.closedCount === 1);
	});

	test('a line that dies without a handshake does so, and nobody throws (F13)', async () => {
		const { ws, facade } = await serve();
		const { socket } = await openSocket(ws);
		const gone = closing(socket);
		socket.send('die');
		expect((await gone).code).toBe(1006);
		await until(() => facade.closedCount === 1);
		expect(bugs).toEqual([]);
	});

	test('an unknown path is refused with its status and reason', async () => {
		const { http, port } = await serve();
		await expect(openSocket(`${http.replace('http', 'ws')}/nowhere`)).rejects.toThrow('404');
		const upgrade = 'GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
		expect(await raw(port, upgrade)).toContain('no socket at /nowhere');
	});

	test('a handshake that is none tells the façade that its socket is gone', async () => {
		const { port, facade } = await serve();
		const heard = await raw(port, 'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
		expect(heard).toContain('400 Bad Request');
		expect(facade.closedCount).toBe(1);
	});

	test('who would upgrade to something else is answered over HTTP', async () => {
		const { port, facade } = await serve();
		const heard = await raw(port, 'GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n');
		expect(heard).toContain('200 OK');
		expect(facade.requests).toHaveLength(1);
	});

	test.each([
		['a frame that is too long', 'x'.repeat(2_000), 1009],
		['a frame that is no text', Buffer.from([0xff, 0xfe]), 1007],
		['a frame that meets a bug', 'throw', 1011],
	])('%s closes this socket and no other', async (_name, frame, code) => {
		const { ws } = await serve({ limits: { frameBytesMax: 1_000 } });
		const [one, other] = [await openSocket(ws), await openSocket(ws)];
		one.socket.send(frame);
		expect((await closing(one.socket)).code).toBe(code);
		other.socket.send('still here');
		await until(() => other.frames.length === 1);
	});

	test('a frame as long as allowed is none too long', async () => {
		const { ws } = await serve({ limits: { frameBytesMax: 1_000 } });
		const { socket, frames } = await openSocket(ws);
		socket.send('x'.repeat(1_000));
		await until(() => frames.length === 1);
		expect(frames[0]).toHaveLength(1_000);
	});

	test('a client is pinged at the pace that the façade names, and one that does not answer is cut', async () => {
		const { ws } = await serve();
		const { socket } = await openSocket(`${ws}?patient`);
		let pings = 0;
		socket.on('ping', () => {
			pings += 1;
		});
		await until(() => pings > 3);
		const deaf = new WebSocket(`${ws}?strict`, { autoPong: false });
		expect(await closing(deaf)).toEqual({ code: 1008, reason: 'answers no pings' });
		expect(socket.readyState).toBe(WebSocket.OPEN);
	});

	test('a client that does not read is cut, and what waits for it is bounded', async () => {
		const { ws, facade } = await serve({ limits: { outboundBytesMax: 100_000, closeGraceMs: 100 } });
		const { socket, frames } = await openSocket(ws);
		socket.pause();
		const push = 'y'.repeat(50_000);
		// All in one go, so that nothing leaves meanwhile but what the system takes off at once.
		for (let i = 0; i < 2_000; i += 1) facade.peers[0]?.send(push);
		await until(() => facade.closedCount === 1);
		const gone = closing(socket);
		socket.resume();
		await gone;
		expect(frames.length * push.length).toBeLessThan(20_000_000);
	});

	test('a client that reads slowly, but reads, is not cut', async () => {
		const { ws, facade } = await serve({ limits: { outboundBytesMax: 100_000 } });
		const { frames } = await openSocket(ws);
		for (let i = 1; i <= 40; i += 1) {
			facade.peers[0]?.send('y'.repeat(50_000));
			await until(() => frames.length === i);
		}
		expect(facade.closedCount).toBe(0);
	});

	test('what a client sends while latency holds it back is bounded', async () => {
		const { ws } = await serve({ roundTripMs: 60_000, limits: { inboundBytesMax: 10_000 } });
		const { socket } = await openSocket(ws);
		for (let i = 0; i < 30; i += 1) socket.send('z'.repeat(1_000));
		expect(await closing(socket)).toEqual({ code: 1008, reason: 'sends too much at once' });
	});

	test('what latency holds back for a client is bounded', async () => {
		const { ws, facade } = await serve({ roundTripMs: 60_000, limits: { outboundBytesMax: 10_000 } });
		const { socket } = await openSocket(ws);
		const gone = closing(socket);
		for (let i = 0; i < 30; i += 1) facade.peers[0]?.send('z'.repeat(1_000));
		expect(await gone).toEqual({ code: 1008, reason: 'reads too slowly' });
	});

	test('connections beyond the bound are dropped, and there is room again once one leaves', async () => {
		const { ws, facade } = await serve({ limits: { connectionsMax: 1 } });
		const { socket } = await openSocket(ws);
		await expect(openSocket(ws)).rejects.toThrow('socket hang up');
		socket.close();
		await until(() => facade.closedCount === 1);
		await openSocket(ws);
	});
});

describe('latency', () => {
	test('a round trip takes its time, and frames keep their order whatever the jitter', async () => {
		const { http, ws } = await serve({ roundTripMs: 60 });
		const startMs = performance.now();
		await fetch(`${http}/a`);
		expect(performance.now() - startMs).toBeGreaterThan(45);
		const { socket, frames } = await openSocket(ws);
		const sent = Array.from({ length: 50 }, (_, index) => String(index));
		for (const text of sent) socket.send(text);
		await until(() => frames.length === 50);
		expect(frames).toEqual(sent);
	});

	test('a new connection takes a round trip more where that is asked for', async () => {
		const { http } = await serve({ roundTripMs: 60, openingTrips: 1 });
		const startMs = performance.now();
		await fetch(`${http}/a`, { headers: { connection: 'close' } });
		expect(performance.now() - startMs).toBeGreaterThan(105);
	});
});

describe('a line that loses requests', () => {
	test('leaves clients without an answer, with their connection torn down or open', async () => {
		const requestLine = (facade: Facade): RequestLine => ({
			handle: (request, nowMs, done) => {
				if (request.path === '/reset') done({ kind: 'reset' });
				else if (request.path === '/never') done({ kind: 'never' });
				else setTimeout(() => done({ kind: 'reply', reply: facade.request(request, nowMs) }), 5);
			},
		});
		const { http } = await serve({ requestLine });
		await expect(fetch(`${http}/reset`)).rejects.toThrow('fetch failed');
		expect((await fetch(`${http}/a`)).status).toBe(200);
		expect((await fetch(`${http}/throws`)).status).toBe(500);
		const waiting = fetch(`${http}/never`).then(() => 'answered');
		expect(await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 100))])).toBeUndefined();
		waiting.catch(() => 'cut when the carrier closes');
	});
});

describe('closing', () => {
	test('leaves nothing behind of a request whose connection is still being opened', async () => {
		const virtual = new VirtualClock(0);
		const held = vi.spyOn(virtual, 'after');
		const { http, carrier, facade } = await serve({ clock: virtual, roundTripMs: 1_000, openingTrips: 1 });
		const cut = fetch(`${http}/a`).catch(() => 'cut');
		await until(() => held.mock.calls.length > 0);
		const closing = carrier[Symbol.asyncDispose]();
		virtual.run(10_000);
		await closing;
		expect([await cut, facade.requests]).toEqual(['cut', []]);
	});

	test('takes less than a second with all kinds of clients about, and frees the port', async () => {
		const { http, ws, port, carrier, facade } = await serve({ roundTripMs: 20_000 });
		await openSocket(ws);
		const deaf = await openSocket(ws);
		deaf.socket.pause();
		const unanswered = fetch(`${http}/a`).catch(() => 'cut');
		const halfSent = raw(port, 'POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc');
		await until(() => facade.peers.length === 2);
		const startMs = performance.now();
		await carrier[Symbol.asyncDispose]();
		expect(performance.now() - startMs).toBeLessThan(1_000);
		expect(await unanswered).toBe('cut');
		await halfSent;
		await expect(fetch(`${http}/a`)).rejects.toThrow('fetch failed');
		deaf.socket.terminate();
	});

	test('says so to its sockets', async () => {
		const { ws, carrier, facade } = await serve();
		const { socket } = await openSocket(ws);
		const end = closing(socket);
		await carrier[Symbol.asyncDispose]();
		expect(await end).toEqual({ code: 1001, reason: 'the exchange is closing' });
		expect(facade.closedCount).toBe(1);
	});

	test('a port in use is an answer, not an exception', async () => {
		const { port, facade } = await serve();
		const again = await openCarrier({
			facade,
			clock: systemClock(),
			wallMs: () => 0,
			latency: NO_LATENCY,
			onBug: () => {},
			port,
		});
		expect(again).toEqual({ kind: 'unavailable', code: 'EADDRINUSE', host: '127.0.0.1', port });
	});
});
