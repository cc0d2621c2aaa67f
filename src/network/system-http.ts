/**
 * HTTP over real sockets: undici's clients, one connection each, driven by their handlers and without promises. Which
 * client takes which call is decided by our own pools, because undici's `Pool` queues without bound, ties a call to a
 * connection that is still being opened, and cannot be warmed. No redirects, no retries, no pipelining, no HTTP/2: one
 * call, one connection, one reply.
 */
import { Socket } from 'node:net';
import { buildConnector, Client, type Dispatcher } from 'undici';
import type { Clock } from '../ports/clock.ts';
import type { Abortable, HttpCall, HttpHeard, LostReason, PoolFigures } from './transport.ts';
import { PendingCall } from './transport-call.ts';
import type { TransportLimits, TransportOptions } from './transport-limits.ts';
import { type Carrier, type Pool, Pools } from './transport-pools.ts';

type SystemPool = Pool<Connection, SystemCall>;

interface Connection {
	readonly client: Client;
	isOpen: boolean;
}

export class SystemHttp {
	readonly #clock: Clock;
	readonly #limits: TransportLimits;
	readonly #options: TransportOptions;
	readonly #pools: Pools<Connection, SystemCall>;
	readonly #pending = new Set<PendingCall>();
	readonly #forget = (call: PendingCall): void => void this.#pending.delete(call);
	readonly #connector: Connector;
	#exhaustions = 0;
	#isClosed = false;

	constructor(clock: Clock, limits: TransportLimits, options: TransportOptions) {
		this.#clock = clock;
		this.#limits = limits;
		this.#options = options;
		this.#connector = new Connector(limits.connectTimeoutMs);
		this.#pools = new Pools(limits, carrierOf(limits, this.#connector));
	}

	request(call: HttpCall, heard: (heard: HttpHeard) => void): Abortable {
		const pending = new SystemCall(call, heard, this.#forget);
		this.#pending.add(pending);
		const pool = this.#poolOf(call.origin, call.pool);
		if (typeof pool === 'string') pending.giveUp(this.#isClosed ? 'aborted' : 'refused', pool, queueMicrotask);
		else this.#offer(pool, pending);
		return pending;
	}

	warm(origin: string, name: string, connections: number): void {
		const pool = this.#poolOf(origin, name);
		if (typeof pool !== 'string') pool.warm(connections);
	}

	figures(): PoolFigures[] {
		return this.#pools.figures();
	}

	async close(): Promise<void> {
		this.#isClosed = true;
		for (const call of this.#pending) call.giveUp('aborted', CLOSED, queueMicrotask);
		this.#connector.close();
		await Promise.all(this.#pools.connections().map(({ client }) => client.destroy()));
	}

	#offer(pool: SystemPool, pending: SystemCall): void {
		pending.startTimer(this.#clock, Math.min(pending.call.timeoutMs, this.#limits.callTimeoutMsMax));
		pending.pool = pool;
		if (pool.offer(pending)) return;
		this.#exhaustions += 1;
		const figures = pool.figures();
		pending.giveUp('exhausted', `${figures.active} connections busy, ${figures.queued} calls waiting`, queueMicrotask);
		const exhaustion = { pool: figures, count: this.#exhaustions };
		queueMicrotask(() => this.#options.onExhausted?.(exhaustion));
	}

	/** Or why there is none. */
	#poolOf(origin: string, name: string): SystemPool | string {
		if (this.#isClosed) return CLOSED;
		return this.#pools.find(origin, name, this.#options.isAllowed);
	}
}

const CLOSED = 'the transport is closed';
/** Thrown into undici where it is about to send what nobody waits for: it lets go of the call and keeps the connection. */
const WITHDRAWN = new Error('withdrawn before a byte left');
const NOTHING = new Uint8Array(0);

function carrierOf(limits: TransportLimits, connector: Connector): Carrier<Connection, SystemCall> {
	const warming = (connection: Connection, pool: SystemPool): Dispatcher.DispatchHandler => ({
		onRequestStart: () => {
			throw WITHDRAWN;
		},
		// undici wants them to be there.
		onResponseStart: () => {},
		onResponseData: () => {},
		onResponseEnd: () => {},
		onResponseError: () => queueMicrotask(() => pool.release(connection)),
	});
	return {
		open: (origin) => openConnection(origin, limits, connector),
		isOpen: (connection) => connection.isOpen,
		carry: (connection, call) => call.carry(connection),
		warm: (connection, pool) => {
			connection.client.dispatch({ method: 'GET', path: '/' }, warming(connection, pool));
		},
	};
}

function openConnection(origin: string, limits: TransportLimits, connector: Connector): Connection {
	const client = new Client(origin, {
		connect: connector.connect,
		allowH2: false,
		pipelining: 1,
		keepAliveTimeout: limits.keepAliveMs,
		keepAliveMaxTimeout: limits.keepAliveMs,
		// A call has one time for everything, and that is watched here.
		headersTimeout: 0,
		bodyTimeout: 0,
		maxResponseSize: limits.replyBytesMax,
	});
	const connection: Connection = { client, isOpen: false };
	client.on('connect', () => {
		connection.isOpen = true;
	});
	client.on('disconnect', () => {
		connection.isOpen = false;
	});
	return connection;
}

/** Opens connections; all share its memory of TLS sessions, so that only the first pays for a whole handshake. */
class Connector {
	readonly connect: buildConnector.connector;
	/** Those that undici would leave to their timeout when it is closed. */
	readonly #opening = new Set<Socket>();

	constructor(timeoutMs: number) {
		// Checks are demanded aloud, since an environment variable of Node's would otherwise switch them off.
		const open: (...args: Parameters<buildConnector.connector>) => unknown = buildConnector({
			rejectUnauthorized: true,
			timeout: timeoutMs,
			allowH2: false,
		});
		this.connect = (options, callback) => {
			const socket = open(options, (...outcome) => {
				if (socket instanceof Socket) this.#opening.delete(socket);
				callback(...outcome);
			});
			if (socket instanceof Socket) this.#opening.add(socket);
		};
	}

	close(): void {
		for (const socket of this.#opening) socket.destroy();
	}
}

class SystemCall extends PendingCall implements Dispatcher.DispatchHandler, Abortable {
	pool: SystemPool | undefined;
	#connection: Connection | undefined;
	#controller: Dispatcher.DispatchController | undefined;
	#status = 0;
	#headers: Headers = {};
	#body: Uint8Array = NOTHING;
	#chunks: Uint8Array[] | undefined;

	carry(connection: Connection): void {
		const { method, target, headers, body } = this.call;
		this.#connection = connection;
		connection.client.dispatch({ method, path: target, headers: headers.slice(), body: body ?? null }, this);
	}

	abort(): void {
		this.giveUp('aborted', 'by the caller', queueMicrotask);
	}

	protected override drop(): void {
		if (this.pool?.withdraw(this) === true) return;
		this.#controller?.abort(WITHDRAWN);
	}

	onRequestStart(controller: Dispatcher.DispatchController): void {
		if (this.isSettled) throw WITHDRAWN;
		this.#controller = controller;
		this.isSent = true;
	}

	onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
		this.#status = status;
		this.#headers = headers;
	}

	onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
		if (this.#body === NOTHING) this.#body = chunk;
		else (this.#chunks ??= [this.#body]).push(chunk);
	}

	onResponseEnd(): void {
		this.#release();
		const headers = this.#headers;
		const body = this.#chunks === undefined ? this.#body : Buffer.concat(this.#chunks);
		const reply: HttpHeard = { kind: 'reply', status: this.#status, header: (name) => headerOf(headers, name), body };
		aside(() => this.settle(reply));
	}

	onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
		// Once something was written the connection dies with its call, and undici says so later.
		if (this.isSent && this.#connection !== undefined) this.#connection.isOpen = false;
		const { reason, detail } = lossOf(error, this.isSent);
		// Later, since this may be inside of `carry`, and since undici may be in the middle of clearing its queue: a call that
		// took this client's place now would fail its assertions.
		queueMicrotask(() => {
			this.#release();
			this.lose(reason, detail);
		});
	}

	#release(): void {
		if (this.#connection !== undefined) this.pool?.release(this.#connection);
		this.#connection = undefined;
	}
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

function headerOf(headers: Headers, name: string): string | undefined {
	const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
	return Array.isArray(value) ? value.join(', ') : value;
}

/** undici takes what a handler throws for a failure of the wire; a bug of ours has to surface as one. */
function aside(tell: () => void): void {
	try {
		tell();
	} catch (bug) {
		queueMicrotask(() => {
			throw bug;
		});
	}
}

const NOBODY_THERE = /^(ECONNREFUSED|ENOTFOUND|EAI_|EHOST|ENET|EADDR|ERR_INVALID_IP|ERR_SOCKET_BAD_PORT)/;
const TLS = /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS|ERR_SSL|EPROTO|HOSTNAME_MISMATCH|INVALID_CA|CRL_)/;
const TOO_LARGE = ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'UND_ERR_HEADERS_OVERFLOW'];

function lossOf(error: Error, wasSent: boolean): { readonly reason: LostReason; readonly detail: string } {
	const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
	const detail = `${code}: ${error.message}`;
	if (TOO_LARGE.includes(code)) return { reason: 'too-large', detail };
	if (wasSent) return { reason: 'reset', detail };
	if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') return { reason: 'timeout', detail };
	if (TLS.test(code)) return { reason: 'tls', detail };
	if (NOBODY_THERE.test(code) || code === 'UND_ERR_INVALID_ARG') return { reason: 'refused', detail };
	return { reason: 'reset', detail };
}
