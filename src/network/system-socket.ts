/**
 * A WebSocket over a real connection, by `ws`. Frames are handed on as they came off the wire, without a copy or a
 * string; compression is off, since it costs more time than it saves. Frames that are sent in one turn leave together at
 * its end: a flush is dozens of them, and each write is a call to the system.
 */
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Socket, SocketEnd, SocketHandler, SocketTarget } from './transport.ts';
import { GOODBYE_MS_MAX, type TransportLimits } from './transport-limits.ts';

/** The code `ws` reports for a connection that ended without a closing frame; it never travels. */
const ABNORMAL = 1006;
const NORMAL = 1000;

interface SocketParts {
	readonly clock: Clock;
	readonly limits: TransportLimits;
	/** Once the underlying connection is gone. */
	readonly onGone: (socket: SystemSocket) => void;
}

export class SystemSocket implements Socket {
	readonly #parts: SocketParts;
	readonly #handler: SocketHandler;
	readonly #socket: WebSocket;
	#hasOpened = false;
	#hasEnded = false;
	#isTerminated = false;
	#status: number | undefined;
	/** Why it ends, as far as we know better than the closing code says. */
	#detail: string | undefined;
	#goodbye: Timer | undefined;
	/** What the socket writes to, once there is a connection. */
	#stream: Duplex | undefined;
	#isCorked = false;

	constructor(target: SocketTarget, handler: SocketHandler, parts: SocketParts) {
		this.#parts = parts;
		this.#handler = handler;
		this.#socket = new WebSocket(target.url, {
			headers: recordOf(target.headers ?? []),
			handshakeTimeout: target.handshakeTimeoutMs,
			maxPayload: parts.limits.frameBytesMax,
			perMessageDeflate: false,
			allowSynchronousEvents: target.givesWay !== true,
			followRedirects: false,
			// Said aloud, since an environment variable of Node's would otherwise switch the checks off.
			rejectUnauthorized: true,
		});
		this.#listen();
	}

	get bufferedBytes(): number {
		return this.#socket.bufferedAmount;
	}

	send(text: string): boolean {
		const socket = this.#socket;
		if (socket.readyState !== WebSocket.OPEN || this.#isTerminated) return false;
		this.#cork();
		socket.send(text);
		if (socket.bufferedAmount > this.#parts.limits.unsentBytesMax) {
			this.#end(`the peer takes nothing: ${socket.bufferedAmount} bytes unsent`);
		}
		return true;
	}

	ping(): void {
		if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping();
	}

	close(): void {
		if (this.#goodbye !== undefined || this.#hasEnded) return;
		this.#goodbye = this.#parts.clock.after(GOODBYE_MS_MAX, () => this.#end('no answer to our good-bye'));
		if (this.#socket.readyState === WebSocket.CONNECTING) this.#detail = 'closed before it was open';
		this.#socket.close(NORMAL);
	}

	terminate(): void {
		this.#end('terminated by us');
	}

	#end(detail: string): void {
		if (this.#hasEnded || this.#isTerminated) return;
		this.#isTerminated = true;
		this.#detail = detail;
		this.#socket.terminate();
	}

	#cork(): void {
		if (this.#isCorked || this.#stream === undefined) return;
		this.#isCorked = true;
		this.#stream.cork();
		queueMicrotask(() => {
			this.#isCorked = false;
			this.#stream?.uncork();
		});
	}

	#listen(): void {
		const socket = this.#socket;
		const handler = this.#handler;
		socket.on('upgrade', (response) => {
			this.#stream = response.socket;
		});
		socket.on('open', () => {
			if (this.#isTerminated) return;
			this.#hasOpened = true;
			handler.opened();
		});
		socket.on('message', (data) => {
			if (this.#isTerminated || !Buffer.isBuffer(data)) return;
			handler.received(data);
		});
		socket.on('pong', () => {
			if (!this.#isTerminated) handler.ponged();
		});
		// A status instead of an upgrade; the reply's body is of no use.
		socket.on('unexpected-response', (_request, response) => {
			this.#status = response.statusCode;
			this.#detail = `the server answered ${response.statusCode} ${response.statusMessage ?? ''}`.trimEnd();
			socket.terminate();
		});
		socket.on('error', (error) => {
			this.#detail ??= error.message === '' ? error.name : error.message;
		});
		socket.on('close', (code, reason) => {
			this.#goodbye?.cancel();
			this.#hasEnded = true;
			this.#parts.onGone(this);
			handler.ended(this.#endOf(code, reason));
		});
	}

	#endOf(code: number, reason: Buffer): SocketEnd {
		const detail = this.#detail ?? 'the connection broke without a closing frame';
		if (!this.#hasOpened) return { kind: 'refused', status: this.#status, detail };
		if (code === ABNORMAL || this.#isTerminated) return { kind: 'lost', detail };
		return { kind: 'closed', code, reason: reason.toString('utf8') };
	}
}

function recordOf(headers: readonly string[]): Record<string, string> {
	const record: Record<string, string> = {};
	for (let i = 0; i + 1 < headers.length; i += 2) record[headers[i] ?? ''] = headers[i + 1] ?? '';
	return record;
}
