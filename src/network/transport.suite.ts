/**
 * What every transport promises, over real sockets and in virtual time. Each implementation brings a scene: a server
 * that behaves as its paths say (see `answerTo` and `SocketScript`), and a way to let things happen.
 */
import { afterEach, describe, expect, test } from 'vitest';
import type { HttpCall, HttpHeard, Socket, SocketEnd, Transport } from './transport.ts';
import type { Exhaustion, TransportOptions } from './transport-limits.ts';

export interface Scene extends AsyncDisposable {
	readonly transport: Transport;
	/** `http://host:port` of the server; its sockets are at `ws://host:port`. */
	readonly origin: string;
	/** Nobody listens there. */
	readonly deadOrigin: string;
	/** Requests that the server has read, such as `POST /echo?a=1`. */
	readonly served: readonly string[];
	/** Lets things happen until the condition holds; throws when it never does. */
	until(condition: () => boolean): Promise<void>;
	pass(durationMs: number): Promise<void>;
	/** The server closes the connections that are idle, and the client cannot know it when it sends next. */
	closeIdle(): Promise<void>;
	/** Present connections go half open. */
	silence(): void;
	/** New connections get no answer. */
	stall(): void;
}

export type OpenScene = (options?: Partial<TransportOptions>) => Promise<Scene>;

export type Answer =
	| { readonly kind: 'reply'; readonly status: number; readonly headers: Record<string, string>; readonly body: string }
	/** The request is read, and then: nothing, a reset, half a reply and the end. */
	| { readonly kind: 'silent' }
	| { readonly kind: 'reset' }
	| { readonly kind: 'half' };

export function answerTo(request: { readonly path: string; readonly query: string; readonly body: string }): Answer {
	const { path, query, body } = request;
	const reply = (status: number, text: string): Answer => ({
		kind: 'reply',
		status,
		headers: { 'content-type': 'text/plain', 'X-Query': query },
		body: text,
	});
	if (path === '/echo') return reply(200, body);
	if (path === '/status') return reply(Number(query), 'as asked');
	if (path === '/large') return reply(200, 'x'.repeat(Number(query)));
	if (path === '/silent' || path === '/reset' || path === '/half') return { kind: path.slice(1) as 'silent' | 'reset' | 'half' };
	return reply(404, path);
}

export interface ScriptPeer {
	send(text: string): void;
	close(code: number, reason: string): void;
	/** Without a word. */
	cut(): void;
}

export type SocketScript =
	| { readonly kind: 'refused'; readonly status: number }
	| { readonly kind: 'connected'; receive(text: string): void };

export function scriptOf(target: { readonly path: string; readonly query: string }, peer: ScriptPeer): SocketScript {
	const { path, query } = target;
	if (path === '/refuse') return { kind: 'refused', status: Number(query) };
	if (path === '/burst') for (let i = 0; i < Number(query); i += 1) peer.send(`frame ${i}`);
	return {
		kind: 'connected',
		receive: (text) => {
			if (path === '/close') peer.close(Number(query), 'as asked');
			else if (path === '/cut') peer.cut();
			else if (path === '/large') peer.send('y'.repeat(Number(text)));
			else if (path === '/echo') peer.send(text);
		},
	};
}

const PATIENCE_MS = 5_000;
const SHORT_MS = 150;

export function transportSuite(name: string, openScene: OpenScene): void {
	describe(name, () => {
		let scene: Scene;
		afterEach(() => scene[Symbol.asyncDispose]());
		const open = async (options?: Partial<TransportOptions>): Promise<void> => {
			scene = await openScene(options);
		};

		const callOf = (target: string, more: Partial<HttpCall> = {}): HttpCall => ({
			origin: scene.origin,
			method: 'POST',
			target,
			headers: ['content-type', 'application/json'],
			body: '{}',
			pool: 'orders',
			timeoutMs: PATIENCE_MS,
			...more,
		});
		/** What was heard, and that it was heard once and not from inside our call. */
		const ask = (target: string, more: Partial<HttpCall> = {}) => {
			const heard: HttpHeard[] = [];
			let isInside = true;
			const abortable = scene.transport.request(callOf(target, more), (each) => {
				expect(isInside, 'heard from inside the call').toBe(false);
				heard.push(each);
			});
			isInside = false;
			const abort = (): void => {
				isInside = true;
				abortable.abort();
				isInside = false;
			};
			return { heard, abort };
		};
		const replyTo = async (target: string, more: Partial<HttpCall> = {}) => {
			const { heard } = ask(target, more);
			await scene.until(() => heard.length > 0);
			return heard[0] as HttpHeard;
		};

		describe('a call', () => {
			test('brings status, headers by their lower-case names, and body', async () => {
				await open();
				const reply = await replyTo('/status?503', { method: 'GET', body: '' });
				expect(reply).toMatchObject({ kind: 'reply', status: 503 });
				if (reply.kind !== 'reply') return;
				expect(textOf(reply)).toBe('as asked');
				expect([reply.header('x-query'), reply.header('content-type')]).toEqual(['503', 'text/plain']);
				expect([reply.header('absent'), reply.header('constructor')]).toEqual([undefined, undefined]);
			});

			test('puts target and body on the wire as they were given', async () => {
				await open();
				const reply = await replyTo('/echo?b=2&a=%20x', { body: '{"text":"Grüße 你好"}' });
				expect(scene.served).toEqual(['POST /echo?b=2&a=%20x']);
				expect(reply.kind === 'reply' && [textOf(reply), reply.header('x-query')]).toEqual([
					'{"text":"Grüße 你好"}',
					'b=2&a=%20x',
				]);
			});

			test('owns the body of its reply', async () => {
				await open();
				const first = await replyTo('/echo', { body: 'first' });
				for (let i = 0; i < 5; i += 1) await replyTo('/echo', { body: 'other' });
				expect(first.kind === 'reply' && textOf(first)).toBe('first');
			});

			test('is followed by others on the same connection', async () => {
				await open();
				for (let i = 0; i < 3; i += 1) await replyTo('/echo', { body: `${i}` });
				expect(scene.transport.pools()).toEqual([
					{ origin: scene.origin, pool: 'orders', connections: 1, active: 0, idle: 1, queued: 0 },
				]);
			});

			test('may be made from inside the answer to another', async () => {
				await open();
				const bodies: string[] = [];
				const next = (i: number): void => {
					scene.transport.request(callOf('/echo', { body: `${i}` }), (heard) => {
						bodies.push(heard.kind === 'reply' ? textOf(heard) : heard.reason);
						if (i < 5) next(i + 1);
					});
				};
				next(0);
				await scene.until(() => bodies.length === 6);
				expect(bodies).toEqual(['0', '1', '2', '3', '4', '5']);
			});

			test('with a reply beyond the bound is lost, and the next one is not', async () => {
				await open({ limits: { replyBytesMax: 1_000 } });
				expect(await replyTo('/large?1001')).toMatchObject({ kind: 'lost', sent: true, reason: 'too-large' });
				const reply = await replyTo('/large?1000');
				expect(reply.kind === 'reply' && reply.body.length).toBe(1_000);
			});

			test('runs out of time when the server is silent', async () => {
				await open();
				const { heard } = ask('/silent', { timeoutMs: SHORT_MS });
				await scene.until(() => heard.length > 0);
				expect(heard).toMatchObject([{ kind: 'lost', sent: true, reason: 'timeout' }]);
				expect(await replyTo('/echo')).toMatchObject({ kind: 'reply' });
				expect(heard).toHaveLength(1);
			});

			test('never takes longer than the longest time of all', async () => {
				await open({ limits: { callTimeoutMsMax: SHORT_MS } });
				expect(await replyTo('/silent')).toMatchObject({ reason: 'timeout' });
			});

			test('gives up connecting, with nothing sent', async () => {
				await open();
				scene.stall();
				expect(await replyTo('/echo', { timeoutMs: SHORT_MS })).toMatchObject({ kind: 'lost', reason: 'timeout' });
				expect(scene.served).toEqual([]);
			});

			test.each(['/reset', '/half'])(
				'is lost after it was sent when the server does %s, and is never sent again',
				async (target) => {
					await open();
					const { heard } = ask(target);
					await scene.until(() => heard.length > 0);
					await scene.pass(100);
					expect(heard).toMatchObject([{ kind: 'lost', sent: true, reason: 'reset' }]);
					expect(scene.served).toEqual([`POST ${target}`]);
				},
			);

			test('that crosses the end of an idle connection is reported, and never sent again', async () => {
				await open();
				await replyTo('/echo?first');
				await scene.closeIdle();
				const { heard } = ask('/echo?second');
				await scene.until(() => heard.length > 0);
				await scene.pass(100);
				expect(heard).toMatchObject([{ kind: 'lost', sent: true, reason: 'reset' }]);
				expect(scene.served).toEqual(['POST /echo?first']);
				expect(await replyTo('/echo?third')).toMatchObject({ kind: 'reply' });
			});

			test('to nobody was not sent', async () => {
				await open();
				expect(await replyTo('/echo', { origin: scene.deadOrigin })).toMatchObject({
					kind: 'lost',
					sent: false,
					reason: 'refused',
				});
			});

			test('to a host that is not allowed opens nothing', async () => {
				await open({ isAllowed: () => false });
				expect(await replyTo('/echo')).toMatchObject({ kind: 'lost', sent: false, reason: 'refused' });
				expect(scene.transport.pools()).toEqual([]);
				await scene.pass(50);
				expect(scene.served).toEqual([]);
			});

			test.each(['not a url', 'http://a:1/path', 'ftp://a:1', 'http://:0'])(
				'to %s is refused and not an exception',
				async (origin) => {
					await open();
					expect(await replyTo('/echo', { origin })).toMatchObject({ kind: 'lost', sent: false, reason: 'refused' });
				},
			);
		});

		describe('an abort', () => {
			test('before anything left: nothing was sent, and nothing is', async () => {
				await open();
				const { heard, abort } = ask('/echo?aborted');
				abort();
				await scene.until(() => heard.length > 0);
				expect(heard).toMatchObject([{ kind: 'lost', sent: false, reason: 'aborted' }]);
				// What was being opened for it is of use to others.
				await scene.until(() => scene.transport.pools()[0]?.idle === 1);
				expect(await replyTo('/echo?next')).toMatchObject({ kind: 'reply' });
				expect(scene.served).toEqual(['POST /echo?next']);
			});

			test('on the way: what was sent may have been done', async () => {
				await open();
				const { heard, abort } = ask('/silent');
				await scene.until(() => scene.served.length > 0);
				abort();
				abort();
				await scene.until(() => heard.length > 0);
				expect(heard).toMatchObject([{ kind: 'lost', sent: true, reason: 'aborted' }]);
				expect(await replyTo('/echo')).toMatchObject({ kind: 'reply' });
			});

			test('after the reply: nothing more is heard', async () => {
				await open();
				const { heard, abort } = ask('/echo');
				await scene.until(() => heard.length > 0);
				abort();
				await scene.pass(50);
				expect(heard).toMatchObject([{ kind: 'reply' }]);
			});
		});

		describe('a pool', () => {
			const narrow = (waitingMax: number, onExhausted: (exhaustion: Exhaustion) => void = () => {}) => ({
				limits: { plans: { narrow: { connections: 1, waitingMax } } },
				onExhausted,
			});

			test('that is full says so at once, with figures; what waited in it was not sent', async () => {
				const exhaustions: Exhaustion[] = [];
				await open(narrow(1, (exhaustion) => exhaustions.push(exhaustion)));
				const more = { pool: 'narrow', timeoutMs: 4 * SHORT_MS };
				const busy = ask('/silent', more);
				await scene.until(() => scene.served.length > 0);
				const waiting = ask('/echo?waited', { ...more, timeoutMs: SHORT_MS });
				const refused = ask('/echo?refused', more);
				await scene.until(() => refused.heard.length > 0);
				expect(refused.heard).toMatchObject([{ kind: 'lost', sent: false, reason: 'exhausted' }]);
				expect([busy.heard, waiting.heard]).toEqual([[], []]);
				const pool = { origin: scene.origin, pool: 'narrow', connections: 1, active: 1, idle: 0, queued: 1 };
				expect(exhaustions).toEqual([{ pool, count: 1 }]);
				await scene.until(() => waiting.heard.length > 0);
				expect(waiting.heard).toMatchObject([{ kind: 'lost', sent: false, reason: 'timeout' }]);
				await scene.until(() => busy.heard.length > 0);
				await replyTo('/echo?after', more);
				expect(scene.served).toEqual(['POST /silent', 'POST /echo?after']);
			});

			test('serves those who wait in their order', async () => {
				await open(narrow(10));
				const calls = [0, 1, 2, 3, 4].map((i) => ask(`/echo?${i}`, { pool: 'narrow' }));
				await scene.until(() => calls.every(({ heard }) => heard.length === 1));
				expect(scene.served).toEqual([0, 1, 2, 3, 4].map((i) => `POST /echo?${i}`));
			});

			test('whose server is not there says so to all who wait, and goes on asking for it', async () => {
				await open(narrow(10));
				const more = { pool: 'narrow', origin: scene.deadOrigin };
				const calls = [0, 1, 2, 3, 4].map((i) => ask(`/echo?${i}`, more));
				await scene.until(() => calls.every(({ heard }) => heard.length === 1));
				for (const { heard } of calls) expect(heard).toMatchObject([{ kind: 'lost', sent: false, reason: 'refused' }]);
				expect(await replyTo('/echo', more)).toMatchObject({ reason: 'refused' });
			});

			test('is not held up by another', async () => {
				await open(narrow(10));
				const busy = ask('/silent', { pool: 'narrow' });
				await scene.until(() => scene.served.length > 0);
				expect(await replyTo('/echo')).toMatchObject({ kind: 'reply' });
				expect(busy.heard).toEqual([]);
			});

			test('carries calls at the same time, up to its connections', async () => {
				await open({ limits: { plans: { orders: { connections: 3, waitingMax: 10 } } } });
				for (let i = 0; i < 4; i += 1) ask('/silent');
				await scene.until(() => scene.served.length === 3);
				await scene.pass(50);
				expect(scene.transport.pools()).toMatchObject([{ connections: 3, active: 3, idle: 0, queued: 1 }]);
				expect(scene.served).toHaveLength(3);
			});

			test('is warmed without a request, and once', async () => {
				await open();
				for (const connections of [2, 3, 3]) {
					scene.transport.warm(scene.origin, 'orders', connections);
					await scene.until(() => scene.transport.pools()[0]?.idle === connections);
				}
				expect(scene.transport.pools()).toMatchObject([{ connections: 3, active: 0, idle: 3, queued: 0 }]);
				await replyTo('/echo');
				expect(scene.transport.pools()).toMatchObject([{ connections: 3, idle: 3 }]);
				expect(scene.served).toEqual(['POST /echo']);
			});

			test.each(['/reset', '/half', '/silent'])('does not take a connection for idle that has ended with %s', async (target) => {
				await open();
				scene.transport.warm(scene.origin, 'orders', 2);
				await scene.until(() => scene.transport.pools()[0]?.idle === 2);
				let idleCount: number | undefined;
				const call = scene.transport.request(callOf(target), () => {
					idleCount = scene.transport.pools()[0]?.idle;
				});
				await scene.until(() => scene.served.length > 0);
				if (target === '/silent') call.abort();
				await scene.until(() => idleCount !== undefined);
				expect(idleCount).toBe(1);
			});

			test('stops opening connections at the bound of all pools', async () => {
				await open({ limits: { connectionsMax: 2 } });
				ask('/silent', { pool: 'a' });
				ask('/silent', { pool: 'b' });
				expect(await replyTo('/echo', { pool: 'c' })).toMatchObject({ kind: 'lost', sent: false, reason: 'exhausted' });
			});
		});

		describe('a socket', () => {
			const connect = (target: string, { base = scene.origin.replace('http', 'ws'), handshakeTimeoutMs = PATIENCE_MS } = {}) => {
				const frames: string[] = [];
				const ends: SocketEnd[] = [];
				const seen = { opened: 0, ponged: 0 };
				let isInside = false;
				const outside = (what: string): void => {
					expect(isInside, `${what} from inside a call`).toBe(false);
					expect(ends, `${what} after the end`).toEqual([]);
				};
				const calling = <T>(call: () => T): T => {
					isInside = true;
					const answer = call();
					isInside = false;
					return answer;
				};
				const socket: Socket = calling(() =>
					scene.transport.connect(
						{ url: `${base}${target}`, headers: ['x-test', '1'], handshakeTimeoutMs },
						{
							opened: () => {
								outside('opened');
								seen.opened += 1;
							},
							received: (frame) => {
								outside('received');
								expect(seen.opened, 'received before it was open').toBe(1);
								frames.push(Buffer.from(frame).toString());
							},
							ponged: () => {
								outside('ponged');
								seen.ponged += 1;
							},
							ended: (end) => {
								outside('ended');
								ends.push(end);
							},
						},
					),
				);
				const send = (text: string): boolean => calling(() => socket.send(text));
				const opened = () => scene.until(() => seen.opened === 1);
				const ended = () => scene.until(() => ends.length === 1);
				return { socket, frames, ends, seen, send, opened, ended, calling };
			};

			test('carries frames both ways, in order and unchanged', async () => {
				await open();
				const { send, frames, opened } = connect('/echo');
				await opened();
				const sent = Array.from({ length: 100 }, (_, i) => `{"n":${i},"text":"Grüße 你好 \u{1f600}"}`);
				expect(sent.map(send)).toEqual(sent.map(() => true));
				await scene.until(() => frames.length === 100);
				expect(frames).toEqual(sent);
			});

			test('is open before it receives what the server says first', async () => {
				await open();
				const { frames, seen } = connect('/burst?200');
				await scene.until(() => frames.length === 200);
				expect(seen.opened).toBe(1);
				expect(frames).toEqual(Array.from({ length: 200 }, (_, i) => `frame ${i}`));
			});

			test('carries big frames', async () => {
				await open();
				const { send, frames, opened } = connect('/echo');
				await opened();
				const big = 'ä'.repeat(400_000);
				send(big);
				await scene.until(() => frames.length === 1);
				expect(frames[0] === big).toBe(true);
			});

			test('ends when a frame is beyond the bound', async () => {
				await open({ limits: { frameBytesMax: 1_000 } });
				const { send, frames, ends, opened, ended } = connect('/large');
				await opened();
				send('1000');
				await scene.until(() => frames.length === 1);
				send('1001');
				await ended();
				expect(frames).toHaveLength(1);
				expect(ends[0]?.kind).not.toBe('refused');
			});

			test('sends nothing before it is open and after it has ended', async () => {
				await open();
				const { socket, send, frames, ends, opened, ended, calling } = connect('/echo');
				expect(send('early')).toBe(false);
				await opened();
				send('once');
				await scene.until(() => frames.length === 1);
				calling(() => socket.close());
				await ended();
				expect(send('late')).toBe(false);
				expect(ends).toEqual([{ kind: 'closed', code: 1000, reason: '' }]);
				expect(frames).toEqual(['once']);
			});

			test('hears its pong', async () => {
				await open();
				const { socket, seen, opened, calling } = connect('/echo');
				calling(() => socket.ping());
				await opened();
				calling(() => socket.ping());
				await scene.until(() => seen.ponged === 1);
				await scene.pass(50);
				expect(seen.ponged).toBe(1);
			});

			test('hears with which code and why the server closes', async () => {
				await open();
				const { send, ends, opened, ended } = connect('/close?4001');
				await opened();
				send('go');
				await ended();
				expect(ends).toEqual([{ kind: 'closed', code: 4001, reason: 'as asked' }]);
			});

			test('that dies without a word is lost', async () => {
				await open();
				const { send, ends, opened, ended } = connect('/cut');
				await opened();
				send('go');
				await ended();
				expect(ends[0]?.kind).toBe('lost');
			});

			test('that we terminate is lost, and hears nothing more', async () => {
				await open();
				const { socket, send, frames, ends, opened, ended, calling } = connect('/echo');
				await opened();
				send('unheard');
				calling(() => socket.terminate());
				calling(() => socket.terminate());
				await ended();
				await scene.pass(100);
				expect([ends.map(({ kind }) => kind), frames]).toEqual([['lost'], []]);
			});

			test('that is terminated by its listener hears nothing more, though more has come', async () => {
				await open();
				const frames: number[] = [];
				const ends: SocketEnd[] = [];
				const url = `${scene.origin.replace('http', 'ws')}/burst?50`;
				const socket = scene.transport.connect(
					{ url, handshakeTimeoutMs: PATIENCE_MS },
					{
						opened: () => {},
						received: (frame) => {
							frames.push(frame.length);
							if (frames.length === 3) socket.terminate();
						},
						ponged: () => {},
						ended: (end) => void ends.push(end),
					},
				);
				await scene.until(() => ends.length === 1);
				await scene.pass(50);
				expect([frames.length, ends.map(({ kind }) => kind)]).toEqual([3, ['lost']]);
			});

			test.each(['close', 'terminate'] as const)('before it is open: %s ends it', async (verb) => {
				await open();
				const { socket, ends, ended, calling, seen } = connect('/echo');
				calling(() => socket[verb]());
				await ended();
				await scene.pass(100);
				expect([ends.map(({ kind }) => kind), seen.opened]).toEqual([['refused'], 0]);
			});

			test('that the server refuses hears the status', async () => {
				await open();
				const { ends, ended } = connect('/refuse?401');
				await ended();
				await scene.pass(50);
				expect(ends).toMatchObject([{ kind: 'refused', status: 401 }]);
			});

			test('to nobody is refused without a status', async () => {
				await open();
				const { ends, ended } = connect('/echo', { base: scene.deadOrigin.replace('http', 'ws') });
				await ended();
				await scene.pass(50);
				expect(ends).toMatchObject([{ kind: 'refused', status: undefined }]);
			});

			test('to a host that is not allowed opens nothing', async () => {
				await open({ isAllowed: (url) => !url.startsWith('ws') });
				const { ends, ended } = connect('/echo');
				await ended();
				expect(ends).toMatchObject([{ kind: 'refused', status: undefined }]);
			});

			test('waits for its handshake no longer than it was told', async () => {
				await open();
				scene.stall();
				const { ends, ended } = connect('/echo', { handshakeTimeoutMs: SHORT_MS });
				await ended();
				await scene.pass(50);
				expect(ends).toMatchObject([{ kind: 'refused', status: undefined }]);
			});

			test('that is half open hears nothing, not even a pong, until we end it', async () => {
				await open();
				const { socket, send, seen, frames, ends, opened, ended, calling } = connect('/echo');
				await opened();
				send('heard');
				await scene.until(() => frames.length === 1);
				scene.silence();
				expect(send('unheard')).toBe(true);
				calling(() => socket.ping());
				await scene.pass(300);
				expect([seen.ponged, frames, ends]).toEqual([0, ['heard'], []]);
				calling(() => socket.terminate());
				await ended();
				expect(ends[0]?.kind).toBe('lost');
			});

			test('that is half open is gone a second after a polite good-bye', async () => {
				await open();
				const { socket, ends, opened, ended, calling } = connect('/echo');
				await opened();
				scene.silence();
				calling(() => socket.close());
				await ended();
				expect(ends[0]?.kind).toBe('lost');
			});

			test('shows what its peer does not take, and ends when that is too much', async () => {
				await open({ limits: { unsentBytesMax: 2_000_000 } });
				const { socket, send, ends, opened, ended } = connect('/echo');
				await opened();
				expect(socket.bufferedBytes).toBe(0);
				scene.silence();
				const piece = 'z'.repeat(100_000);
				for (let i = 0; i < 400 && socket.bufferedBytes <= 1_000_000; i += 1) send(piece);
				expect(socket.bufferedBytes).toBeGreaterThan(1_000_000);
				expect(ends).toEqual([]);
				for (let i = 0; i < 20; i += 1) send(piece);
				await ended();
				expect(ends[0]?.kind).toBe('lost');
			});
		});

		describe('the end', () => {
			test('comes to all that is under way, and nothing after it', async () => {
				await open({ limits: { plans: { orders: { connections: 1, waitingMax: 5 } } } });
				const sent = ask('/silent');
				await scene.until(() => scene.served.length === 1);
				const waiting = ask('/echo');
				const ends: SocketEnd[] = [];
				let opened = 0;
				const handler = {
					opened: () => void (opened += 1),
					received: () => {},
					ponged: () => {},
					ended: (end: SocketEnd) => void ends.push(end),
				};
				const target = { url: `${scene.origin.replace('http', 'ws')}/echo`, handshakeTimeoutMs: PATIENCE_MS };
				scene.transport.connect(target, handler);
				await scene.until(() => opened === 1);
				scene.transport.connect(target, handler);
				await scene.transport[Symbol.asyncDispose]();
				const atTheEnd = [sent.heard, waiting.heard, ends].map((each) => each.length);
				expect(atTheEnd).toEqual([1, 1, 2]);
				expect(sent.heard).toMatchObject([{ kind: 'lost', sent: true, reason: 'aborted' }]);
				expect(waiting.heard).toMatchObject([{ kind: 'lost', sent: false, reason: 'aborted' }]);
				expect(ends.map(({ kind }) => kind).sort()).toEqual(['lost', 'refused']);
				await scene.pass(100);
				expect([sent.heard, waiting.heard, ends].map((each) => each.length)).toEqual(atTheEnd);
				expect(scene.served).toHaveLength(1);
			});

			test('is final', async () => {
				await open();
				await scene.transport[Symbol.asyncDispose]();
				await scene.transport[Symbol.asyncDispose]();
				expect(await replyTo('/echo')).toMatchObject({ kind: 'lost', sent: false, reason: 'aborted' });
				const ends: SocketEnd[] = [];
				const handler = {
					opened: () => {},
					received: () => {},
					ponged: () => {},
					ended: (end: SocketEnd) => void ends.push(end),
				};
				const url = `${scene.origin.replace('http', 'ws')}/echo`;
				const socket = scene.transport.connect({ url, handshakeTimeoutMs: PATIENCE_MS }, handler);
				await scene.until(() => ends.length === 1);
				expect([ends[0]?.kind, socket.send('x'), socket.bufferedBytes]).toEqual(['refused', false, 0]);
			});
		});
	});
}

function textOf(reply: Extract<HttpHeard, { kind: 'reply' }>): string {
	return new TextDecoder().decode(reply.body);
}
