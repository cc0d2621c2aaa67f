/**
 * A transport that writes down what passes: a hash over every byte in either direction with its virtual moment, so that
 * two runs can be held against each other, and a listener for whoever judges what was said. It changes nothing.
 */
import { createHash } from 'node:crypto';
import type {
	Abortable,
	HttpCall,
	HttpHeard,
	PoolFigures,
	Socket,
	SocketHandler,
	SocketTarget,
	Transport,
} from '../network/transport.ts';
import type { Clock } from '../ports/clock.ts';

export interface Passing {
	readonly way: 'out' | 'in';
	/** 'line' is what happens to a socket besides its frames: it connects, opens, beats and ends. */
	readonly what: 'http' | 'frame' | 'line';
	/** Of a request and its reply the target; of a frame the URL of its socket. */
	readonly where: string;
	/** Of a request. */
	readonly method?: HttpCall['method'];
	/** A request and its reply bear the same number, as a connect and all that its socket says. */
	readonly number: number;
	/** Nothing came of a request that has no status. */
	readonly status?: number;
	/** Body or frame; of a line what happens to it. */
	readonly text: string;
}

/** Text is hashed in pieces of about this length. */
const PIECE_LENGTH = 65_536;

export class WireTap implements Transport {
	readonly #inner: Transport;
	readonly #clock: Clock;
	readonly #hash = createHash('sha256');
	readonly #listener: ((passing: Passing) => void) | undefined;
	readonly #isHashed: boolean;
	readonly #decoder = new TextDecoder();
	#piece = '';
	passedCount = 0;
	#lastNumber = 0;

	constructor(parts: {
		readonly inner: Transport;
		readonly clock: Clock;
		readonly listener?: (passing: Passing) => void;
		/** Without it there is no digest, and less to do. */
		readonly isHashed?: boolean;
	}) {
		this.#inner = parts.inner;
		this.#clock = parts.clock;
		this.#listener = parts.listener;
		this.#isHashed = parts.isHashed ?? true;
	}

	/** May be asked for once, at the end. */
	digest(): string {
		return this.#hash.update(this.#piece).digest('hex');
	}

	request(call: HttpCall, heard: (heard: HttpHeard) => void): Abortable {
		const { method, origin, target: where, headers, body = '' } = call;
		const number = this.#next();
		this.#note({ way: 'out', what: 'http', where, method, number, text: body }, `${method} ${origin} ${headers.join('|')}`);
		return this.#inner.request(call, (told) => {
			if (told.kind === 'lost') {
				this.#note({ way: 'in', what: 'http', where, number, text: '' }, `${told.reason} ${told.sent}`);
			} else {
				this.#note({ way: 'in', what: 'http', where, number, status: told.status, text: this.#decoder.decode(told.body) });
			}
			heard(told);
		});
	}

	connect(target: SocketTarget, handler: SocketHandler): Socket {
		const where = target.url;
		const number = this.#next();
		const noteLine = (way: 'out' | 'in', text: string, more = ''): void =>
			this.#note({ way, what: 'line', where, number, text }, more);
		noteLine('out', 'connect', target.headers?.join('|'));
		const socket = this.#inner.connect(target, {
			opened: () => {
				noteLine('in', 'opened');
				handler.opened();
			},
			received: (frame) => {
				this.#note({ way: 'in', what: 'frame', where, number, text: this.#decoder.decode(frame) });
				handler.received(frame);
			},
			ponged: () => {
				noteLine('in', 'pong');
				handler.ponged();
			},
			ended: (end) => {
				noteLine('in', 'ended', JSON.stringify(end));
				handler.ended(end);
			},
		});
		return {
			get bufferedBytes() {
				return socket.bufferedBytes;
			},
			send: (text) => {
				this.#note({ way: 'out', what: 'frame', where, number, text });
				return socket.send(text);
			},
			ping: () => {
				noteLine('out', 'ping');
				socket.ping();
			},
			close: () => {
				noteLine('out', 'close');
				socket.close();
			},
			terminate: () => {
				noteLine('out', 'terminate');
				socket.terminate();
			},
		};
	}

	warm(origin: string, pool: string, connections: number): void {
		this.#inner.warm(origin, pool, connections);
	}

	pools(): readonly PoolFigures[] {
		return this.#inner.pools();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#inner[Symbol.asyncDispose]();
	}

	#next(): number {
		this.#lastNumber += 1;
		return this.#lastNumber;
	}

	#note(passing: Passing, more = ''): void {
		this.passedCount += 1;
		this.#listener?.(passing);
		if (!this.#isHashed) return;
		const { way, where, number, status = 0, text } = passing;
		this.#piece += `${this.#clock.monotonicMs()} ${way} ${where} ${number} ${status} ${more}\n${text}\n`;
		if (this.#piece.length >= PIECE_LENGTH) {
			this.#hash.update(this.#piece);
			this.#piece = '';
		}
	}
}
