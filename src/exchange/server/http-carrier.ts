/**
 * Carries a façade over real sockets: HTTP requests and WebSockets on one port, on loopback unless told otherwise. It
 * knows nothing of what it carries. Clients are bounded (see `limits.ts`); closing takes less than a second whatever
 * they do. This folder is the only one of `src/exchange` that opens sockets.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Timer } from '../../ports/clock.ts';
import type { Connected, Facade, HttpReply, HttpRequest } from '../facade.ts';
import { CarriedSocket, type SocketContext } from './carried-socket.ts';
import type { Line } from './latency.ts';
import { CARRIER_LIMITS, type CarrierLimits } from './limits.ts';
import { readBody, requestOf, targetOf } from './request.ts';

export interface CarrierOptions extends Omit<SocketContext, 'limits'> {
	readonly facade: Facade;
	/** What lies between client and façade and may lose or hold back requests; nothing unless said. */
	readonly requestLine?: (facade: Facade) => RequestLine;
	/** Loopback unless said. */
	readonly host?: string;
	/** 0: any that is free. */
	readonly port: number;
	readonly limits?: Partial<CarrierLimits>;
}

/** What a client gets for its request: `reset` tears its connection down, `never` leaves it waiting. */
export type RequestOutcome =
	| { readonly kind: 'reply'; readonly reply: HttpReply }
	| { readonly kind: 'reset' }
	| { readonly kind: 'never' };

export interface RequestLine {
	/** Tells the outcome once, at once or later, on its own timers. */
	handle(request: HttpRequest, nowMs: number, done: (outcome: RequestOutcome) => void): void;
}

export interface Carrier extends AsyncDisposable {
	readonly host: string;
	readonly port: number;
}

export type CarrierOpened =
	| { readonly kind: 'open'; readonly carrier: Carrier }
	| { readonly kind: 'unavailable'; readonly code: string; readonly host: string; readonly port: number };

const LOOPBACK = '127.0.0.1';
const HEADERS_BYTES_MAX = 16_384;
/** How often Node looks for connections that are over their time. */
const TIMEOUT_CHECK_MS = 500;
const INTERNAL_ERROR: HttpReply = textReply(500, 'internal error');

export async function openCarrier(options: CarrierOptions): Promise<CarrierOpened> {
	const { host = LOOPBACK, port } = options;
	const carrier = new HttpCarrier(options, { ...CARRIER_LIMITS, ...options.limits });
	const code = await carrier.listen(host, port);
	return code === null ? { kind: 'open', carrier } : { kind: 'unavailable', code, host, port };
}

class HttpCarrier implements Carrier {
	readonly #facade: Facade;
	readonly #context: SocketContext;
	readonly #requestLine: RequestLine;
	readonly #server: Server;
	readonly #webSockets: WebSocketServer;
	readonly #carried = new Set<CarriedSocket>();
	readonly #connections = new Set<Socket>();
	/** When each can carry its first request. */
	readonly #openMono = new WeakMap<Socket, number>();
	/** Of requests on connections that are still being opened. */
	readonly #opening = new Set<Timer>();
	/** Requests that latency holds back. */
	readonly #underWay = new Set<Line>();
	#closed: Promise<void> | null = null;
	host = '';
	port = 0;

	constructor(options: CarrierOptions, limits: CarrierLimits) {
		const { facade, clock, wallMs, latency, onBug } = options;
		this.#facade = facade;
		this.#context = { clock, wallMs, latency, onBug, limits };
		this.#requestLine = options.requestLine?.(this.#guarded()) ?? directLine(this.#guarded());
		this.#webSockets = new WebSocketServer({
			noServer: true,
			clientTracking: false,
			perMessageDeflate: false,
			maxPayload: limits.frameBytesMax,
		});
		this.#server = createServer({
			headersTimeout: limits.headersTimeoutMs,
			requestTimeout: limits.requestTimeoutMs,
			keepAliveTimeout: limits.keepAliveMs,
			connectionsCheckingInterval: TIMEOUT_CHECK_MS,
			maxHeaderSize: HEADERS_BYTES_MAX,
			// Others that would like to upgrade (curl to HTTP/2) are answered as if they had not asked.
			shouldUpgradeCallback: (message) => message.headers.upgrade?.toLowerCase() === 'websocket',
		});
		this.#server.maxConnections = limits.connectionsMax;
		this.#server.on('connection', (socket: Socket) => {
			this.#connections.add(socket);
			this.#openMono.set(socket, this.#context.clock.monotonicMs() + this.#context.latency.openingMs);
			socket.once('close', () => this.#connections.delete(socket));
		});
		this.#server.on('request', (message, response) => this.#request(message, response));
		this.#server.on('upgrade', (message, socket, head) => this.#upgrade(message, socket, head));
	}

	/** Answers with null, or with the system's code for why not. */
	async listen(host: string, port: number): Promise<string | null> {
		const { promise, resolve } = Promise.withResolvers<string | null>();
		const onError = (error: NodeJS.ErrnoException): void => resolve(error.code ?? error.message);
		this.#server.once('error', onError).listen({ host, port }, () => resolve(null));
		const code = await promise;
		this.#server.off('error', onError);
		const address = this.#server.address();
		if (address !== null && typeof address === 'object') {
			this.host = host;
			this.port = address.port;
		}
		return code;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#closed ??= this.#close();
		await this.#closed;
	}

	async #close(): Promise<void> {
		const { clock, limits } = this.#context;
		const server = Promise.withResolvers<void>();
		this.#server.close(() => server.resolve());
		for (const timer of this.#opening) timer.cancel();
		for (const line of this.#underWay) line.clear();
		const goodbyes = [...this.#carried].map((carried) => carried.goAway());
		const timer = clock.after(limits.closeGraceMs, () => {
			for (const socket of this.#connections) socket.destroy();
		});
		await Promise.all([server.promise, ...goodbyes]);
		timer.cancel();
	}

	#request(message: IncomingMessage, response: ServerResponse): void {
		const { latency, limits, wallMs } = this.#context;
		readBody(message, limits.bodyBytesMax, (read) => {
			if (read.kind === 'refused') {
				if (!read.drained) response.setHeader('connection', 'close');
				this.#answer(response, textReply(read.status, read.reason));
				return;
			}
			const bytes = read.text.length;
			const line = latency.line();
			this.#underWay.add(line);
			const answer = (outcome: RequestOutcome): void => {
				line.push(bytes, () => {
					this.#underWay.delete(line);
					this.#settle(response, outcome);
				});
			};
			this.#onceOpen(message.socket, () => {
				line.push(bytes, () => this.#requestLine.handle(requestOf(message, read.text), wallMs(), answer));
			});
		});
	}

	/** At once, but on a connection that is still being opened, as far as the distance goes. */
	#onceOpen(socket: Socket, go: () => void): void {
		const { clock } = this.#context;
		const waitMs = (this.#openMono.get(socket) ?? 0) - clock.monotonicMs();
		if (waitMs <= 0) return go();
		// Nobody would hear the answer.
		if (this.#closed !== null) return;
		const timer = clock.after(waitMs, () => {
			this.#opening.delete(timer);
			go();
		});
		this.#opening.add(timer);
	}

	/** The façade, but a mistake in it costs one request. */
	#guarded(): Facade {
		return {
			request: (request, nowMs) => {
				try {
					return this.#facade.request(request, nowMs);
				} catch (error) {
					this.#context.onBug(error);
					return INTERNAL_ERROR;
				}
			},
			connect: (target, peer, nowMs) => this.#facade.connect(target, peer, nowMs),
			tick: (nowMs) => this.#facade.tick(nowMs),
		};
	}

	#settle(response: ServerResponse, outcome: RequestOutcome): void {
		if (outcome.kind === 'reply') this.#answer(response, outcome.reply);
		else if (outcome.kind === 'reset') response.socket?.resetAndDestroy();
	}

	#answer(response: ServerResponse, { status, headers, body }: HttpReply): void {
		if (response.destroyed) return;
		if (this.#closed !== null) response.setHeader('connection', 'close');
		try {
			const bytes = Buffer.byteLength(body);
			// Where each character is one byte, Node need not look for those that are more.
			const encoding = bytes === body.length ? 'latin1' : 'utf8';
			response.writeHead(status, { ...headers, 'content-length': bytes }).end(body, encoding);
		} catch (error) {
			// A header that no header can be.
			this.#context.onBug(error);
			response.destroy();
		}
	}

	#upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void {
		socket.on('error', () => {});
		if (this.#closed !== null) return refuse(socket, 503, 'the exchange is closing');
		const carried = new CarriedSocket(this.#context);
		const answer = this.#connect(message, carried);
		if (answer.kind === 'refused') return refuse(socket, answer.status, answer.reason);
		let attached = false;
		// Calls back before it returns, or has refused the handshake by itself.
		this.#webSockets.handleUpgrade(message, socket, head, (webSocket) => {
			attached = true;
			this.#carried.add(carried);
			carried.attach({ socket: webSocket, stream: socket }, answer, () => this.#carried.delete(carried));
		});
		if (!attached) answer.connection.closed(this.#context.wallMs());
	}

	#connect(message: IncomingMessage, carried: CarriedSocket): Connected {
		try {
			return this.#facade.connect(targetOf(message), carried, this.#context.wallMs());
		} catch (error) {
			this.#context.onBug(error);
			return { kind: 'refused', status: 500, reason: 'internal error' };
		}
	}
}

function directLine(facade: Facade): RequestLine {
	return { handle: (request, nowMs, done) => done({ kind: 'reply', reply: facade.request(request, nowMs) }) };
}

function textReply(status: number, text: string): HttpReply {
	return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: text };
}

function refuse(socket: Duplex, status: number, reason: string): void {
	const head = [
		`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`,
		'connection: close',
		'content-type: text/plain; charset=utf-8',
		`content-length: ${Buffer.byteLength(reason)}`,
	];
	socket.end(`${head.join('\r\n')}\r\n\r\n${reason}`);
}
