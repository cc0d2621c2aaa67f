import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect as connectTcp, createServer as createTcpServer, type Socket as TcpSocket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { SELF_SIGNED } from '../../test/fixtures/self-signed.ts';
import { systemClock } from './system-clock.ts';
import { systemTransport } from './system-transport.ts';
import { answerTo, type OpenScene, scriptOf, transportSuite } from './transport.suite.ts';
import type { HttpHeard, Socket, SocketEnd, SocketTarget, Transport } from './transport.ts';

const PATIENCE_MS = 10_000;

const openScene: OpenScene = async (options = {}) => {
	const server = await scriptedServer();
	const transport = systemTransport({ clock: systemClock(), isAllowed: () => true, ...options });
	const pass = (durationMs: number) => new Promise<void>((resolve) => setTimeout(resolve, durationMs));
	return {
		...server,
		transport,
		deadOrigin: await deadOrigin(),
		// On loopback what has not happened after a quarter of the time does not happen.
		pass: (durationMs) => pass(durationMs / 4),
		until: async (condition) => {
			const lastMs = performance.now() + PATIENCE_MS;
			while (!condition()) {
				if (performance.now() > lastMs) throw new Error('what was waited for did not happen');
				await pass(1);
			}
		},
		[Symbol.asyncDispose]: async () => {
			await transport[Symbol.asyncDispose]();
			await server.close();
		},
	};
};

async function scriptedServer() {
	const served: string[] = [];
	const connections = new Set<TcpSocket>();
	const closedInSecret = new Set<TcpSocket>();
	let isStalling = false;
	const answer = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
		// As if the end of the connection were still under way to the client.
		if (closedInSecret.has(message.socket)) return void message.socket.destroy();
		let body = '';
		for await (const piece of message.setEncoding('utf8')) body += String(piece);
		served.push(`${message.method} ${message.url}`);
		const { pathname: path, search } = new URL(message.url ?? '', 'http://h');
		const told = answerTo({ path, query: search.slice(1), body });
		if (told.kind === 'reply') response.writeHead(told.status, told.headers).end(told.body);
		else if (told.kind === 'reset') message.socket.resetAndDestroy();
		else if (told.kind === 'half') {
			response.writeHead(200, { 'content-length': 100 }).write('a piece', () => message.socket.destroy());
		}
	};
	const http = createServer({ keepAliveTimeout: 30_000 }, (message, response) => void answer(message, response));
	http.on('connection', (socket: TcpSocket) => {
		connections.add(socket);
		socket.on('error', () => {}).once('close', () => connections.delete(socket));
	});
	http.on('upgrade', (message, socket, head) => {
		if (isStalling) return;
		const { pathname: path, search } = new URL(message.url ?? '', 'http://h');
		let webSocket: WebSocket | undefined;
		const early: string[] = [];
		const script = scriptOf(
			{ path, query: search.slice(1) },
			{
				send: (text) => (webSocket === undefined ? void early.push(text) : webSocket.send(text)),
				close: (code, reason) => webSocket?.close(code, reason),
				cut: () => socket.destroy(),
			},
		);
		if (script.kind === 'refused') return void socket.end(`HTTP/1.1 ${script.status} No\r\nconnection: close\r\n\r\n`);
		webSockets.handleUpgrade(message, socket, head, (opened) => {
			webSocket = opened;
			opened.on('error', () => {}).on('message', (data: Buffer) => script.receive(data.toString()));
			for (const text of early) opened.send(text);
		});
	});
	const webSockets = new WebSocketServer({ noServer: true });
	// What is not accepted waits in the queue of the operating system; so a stalled server is another that never answers.
	await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve));
	return {
		served,
		origin: originOf(http),
		closeIdle: async () => {
			for (const connection of connections) closedInSecret.add(connection);
		},
		silence: () => {
			for (const connection of connections) connection.removeAllListeners('data').removeAllListeners('readable').pause();
		},
		stall: () => {
			isStalling = true;
			http.removeAllListeners('request');
			http.on('request', () => {});
		},
		close: async () => {
			for (const connection of connections) connection.destroy();
			await new Promise((resolve) => http.close(resolve));
		},
	};
}

function originOf(server: { address(): unknown }): string {
	return `http://127.0.0.1:${(server.address() as { readonly port: number }).port}`;
}

/** A port that was free a moment ago. */
async function deadOrigin(): Promise<string> {
	const server = createTcpServer();
	await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
	const origin = originOf(server);
	await new Promise((resolve) => server.close(resolve));
	return origin;
}

transportSuite('the transport over real sockets', openScene);

describe('over real sockets alone', () => {
	const opened: AsyncDisposable[] = [];
	afterEach(async () => {
		for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]();
	});

	const open = (options: Partial<Parameters<typeof systemTransport>[0]> = {}): Transport => {
		const transport = systemTransport({ clock: systemClock(), isAllowed: () => true, ...options });
		opened.push(transport);
		return transport;
	};
	const serve = async (server: Server): Promise<string> => {
		await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
		opened.push({
			[Symbol.asyncDispose]: async () => {
				server.closeAllConnections();
				await new Promise((resolve) => server.close(resolve));
			},
		});
		return originOf(server);
	};
	const get = (transport: Transport, origin: string): Promise<HttpHeard> =>
		new Promise((resolve) => {
			const call = { origin, target: '/', headers: [], pool: 'reads', timeoutMs: PATIENCE_MS };
			transport.request({ ...call, method: 'GET' }, resolve);
		});

	/** Whoever can set an environment variable must not be able to switch the checks off. */
	test('a certificate that nobody vouches for ends calls and sockets before a byte is sent, whatever Node is told', async () => {
		const served: string[] = [];
		const server = createTlsServer({ key: SELF_SIGNED.key, cert: SELF_SIGNED.cert }, (message, response) => {
			served.push(String(message.url));
			response.end();
		});
		const origin = (await serve(server)).replace('http:', 'https:');
		const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
		// Node warns of it aloud, which is right, and would look like a mistake among the lines of the tests.
		using _quiet = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
		process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
		try {
			const transport = open();
			expect(await get(transport, origin)).toMatchObject({ kind: 'lost', sent: false, reason: 'tls' });
			const end = await new Promise<SocketEnd>((ended) => {
				const handler = { opened: () => {}, received: () => {}, ponged: () => {}, ended };
				transport.connect({ url: origin.replace('https', 'wss'), handshakeTimeoutMs: PATIENCE_MS }, handler);
			});
			expect(end).toMatchObject({ kind: 'refused', status: undefined });
		} finally {
			if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
			else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
		}
		expect(served).toEqual([]);
	});

	describe('where connections are neither taken nor refused', () => {
		test('a call runs out of time to connect, with nothing sent', async () => {
			await using hole = await blackHole();
			expect(await get(open({ limits: { connectTimeoutMs: 100 } }), hole.origin)).toMatchObject({
				kind: 'lost',
				sent: false,
				reason: 'timeout',
			});
		});

		test('the end does not wait for them', async () => {
			await using hole = await blackHole();
			const transport = open();
			const underWay = (): number => process.getActiveResourcesInfo().filter((each) => each === 'ConnectWrap').length;
			const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
			await nextTurn();
			const before = underWay();
			const heard = get(transport, hole.origin);
			const ended = new Promise((resolve) => {
				const handler = { opened: () => {}, received: () => {}, ponged: () => {}, ended: resolve };
				transport.connect({ url: hole.origin.replace('http', 'ws'), handshakeTimeoutMs: PATIENCE_MS }, handler);
			});
			await nextTurn();
			expect(underWay()).toBe(before + 2);
			await transport[Symbol.asyncDispose]();
			expect(await heard).toMatchObject({ kind: 'lost', sent: false, reason: 'aborted' });
			expect(await ended).toMatchObject({ kind: 'refused' });
			await nextTurn();
			expect(underWay()).toBe(before);
		});
	});

	test('frames of one turn wait for its end and leave together, turn after turn', async () => {
		const server = createServer();
		new WebSocketServer({ server });
		const url = (await serve(server)).replace('http', 'ws');
		const transport = open();
		const socket = await new Promise<Socket>((resolve) => {
			const handler = { received: () => {}, ponged: () => {}, ended: () => {} };
			const connected = transport.connect(
				{ url, handshakeTimeoutMs: PATIENCE_MS },
				{ ...handler, opened: () => resolve(connected) },
			);
		});
		for (let turn = 0; turn < 3; turn += 1) {
			socket.send('one');
			const one = socket.bufferedBytes;
			socket.send('two');
			expect([one > 0, socket.bufferedBytes > one]).toEqual([true, true]);
			await new Promise((resolve) => setImmediate(resolve));
			expect(socket.bufferedBytes).toBe(0);
		}
	});

	test('frames that came together are told together, or one a turn where the socket gives way', async () => {
		const server = createServer();
		new WebSocketServer({ server }).on('connection', (socket, { socket: stream }) => {
			stream.cork();
			for (const frame of ['1', '2', '3']) socket.send(frame);
			stream.uncork();
		});
		const url = (await serve(server)).replace('http', 'ws');
		const logOf = async (target: Pick<SocketTarget, 'givesWay'>): Promise<readonly string[]> => {
			const log: string[] = [];
			await new Promise<void>((resolve) => {
				open().connect(
					{ url, handshakeTimeoutMs: PATIENCE_MS, ...target },
					{
						opened: () => {},
						received: (frame) => {
							log.push(Buffer.from(frame).toString());
							setImmediate(() => {
								log.push('turn');
								if (log.length === 6) resolve();
							});
						},
						ponged: () => {},
						ended: () => {},
					},
				);
			});
			return log;
		};
		expect(await logOf({})).toEqual(['1', '2', '3', 'turn', 'turn', 'turn']);
		expect(await logOf({ givesWay: true })).toEqual(['1', 'turn', '2', 'turn', '3', 'turn']);
	});

	test('a redirect is a reply like any other', async () => {
		const served: string[] = [];
		const server = createServer((message, response) => {
			served.push(String(message.url));
			response.writeHead(302, { location: '/elsewhere' }).end();
		});
		const reply = await get(open(), await serve(server));
		expect(reply.kind === 'reply' && [reply.status, reply.header('location')]).toEqual([302, '/elsewhere']);
		expect(served).toEqual(['/']);
	});

	test('a connection that the server closed while it was idle is opened anew', async () => {
		let opened = 0;
		const server = createServer((_message, response) => response.end());
		server.on('connection', () => {
			opened += 1;
		});
		const origin = await serve(server);
		const transport = open();
		await get(transport, origin);
		server.closeIdleConnections();
		while (transport.pools()[0]?.idle !== 0) await new Promise((resolve) => setTimeout(resolve, 1));
		expect(await get(transport, origin)).toMatchObject({ kind: 'reply' });
		expect(opened).toBe(2);
	});

	test('early hints are not the reply, repeated headers are joined, a body in pieces is put together', async () => {
		const pieces = ['one ', 'two ', 'three'];
		const server = createServer((_message, response) => {
			response.writeEarlyHints({ link: '</style.css>; rel=preload' });
			response.setHeader('x-limit', ['1', '2']);
			const writeNext = (): void => {
				const piece = pieces.shift();
				if (piece === undefined) response.end();
				else response.write(piece, () => setImmediate(writeNext));
			};
			writeNext();
		});
		const reply = await get(open(), await serve(server));
		if (reply.kind !== 'reply') throw new Error(reply.detail);
		expect([reply.status, reply.header('x-limit'), reply.header('link')]).toEqual([200, '1, 2', undefined]);
		expect(new TextDecoder().decode(reply.body)).toBe('one two three');
	});

	test('what a listener throws is a bug and surfaces as one', async () => {
		const origin = await serve(createServer((_message, response) => response.end('fine')));
		const transport = open();
		const listeners = process.listeners('uncaughtException');
		process.removeAllListeners('uncaughtException');
		try {
			const surfaced = new Promise((resolve) => process.once('uncaughtException', resolve));
			const call = { origin, target: '/', headers: [], pool: 'reads', timeoutMs: PATIENCE_MS };
			transport.request({ ...call, method: 'GET' }, () => {
				throw new Error('a bug of the listener');
			});
			expect(await surfaced).toMatchObject({ message: 'a bug of the listener' });
		} finally {
			for (const listener of listeners) process.on('uncaughtException', listener);
		}
		expect(await get(transport, origin)).toMatchObject({ kind: 'reply' });
	});

	test('a header that cannot be one is refused before anything is sent', async () => {
		const server = createServer((_message, response) => response.end());
		const call = { origin: await serve(server), target: '/', headers: ['x', 'a\r\nb: c'], pool: 'reads', timeoutMs: 1_000 };
		let isInside = true;
		const heard = await new Promise<HttpHeard>((resolve) => {
			open().request({ ...call, method: 'GET' }, (each) => {
				expect(isInside).toBe(false);
				resolve(each);
			});
			isInside = false;
		});
		expect(heard).toMatchObject({ kind: 'lost', sent: false, reason: 'refused' });
	});
});

/** A server whose queue of new connections is full, and that never looks at it. */
async function blackHole(): Promise<AsyncDisposable & { readonly origin: string }> {
	const listening = `
		const { parentPort } = require('node:worker_threads');
		const server = require('node:net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
			parentPort.postMessage(server.address().port);
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
		});`;
	const worker = new Worker(listening, { eval: true });
	const [port] = (await once(worker, 'message')) as [number];
	const fillers = Array.from({ length: 4 }, () => connectTcp({ host: '127.0.0.1', port }).on('error', () => {}));
	await once(fillers[0]!, 'connect');
	await once(fillers[1]!, 'connect');
	return {
		origin: `http://127.0.0.1:${port}`,
		[Symbol.asyncDispose]: async () => {
			for (const filler of fillers) filler.destroy();
			await worker.terminate();
		},
	};
}
