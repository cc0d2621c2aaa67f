/**
 * One WebSocket between a client and a façade: frames in, pushes out, each through its line of latency. Frames that are due
 * together leave in one write, since a batch brings many and each write is a call to the system. A client that
 * reads too slowly is cut instead of remembered without bound; whoever does not finish the closing handshake in time
 * is torn down. A façade that throws loses this socket only.
 */
import { isUtf8 } from 'node:buffer';
import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { Connected, Connection, Peer } from '../facade.ts';
import type { Latency, Line } from './latency.ts';
import type { CarrierLimits } from './limits.ts';
import { type Pinging, ping } from './pings.ts';

export interface SocketContext {
	/** For waiting; the time that the façade is told comes from `wallMs`. */
	readonly clock: Clock;
	readonly wallMs: () => number;
	readonly latency: Latency;
	readonly limits: CarrierLimits;
	readonly onBug: (error: unknown) => void;
}

type Accepted = Extract<Connected, { readonly kind: 'connected' }>;

/** Close codes of RFC 6455. */
const ABNORMAL = 1006;
const GOING_AWAY = 1001;
const NOT_TEXT = 1007;
const POLICY = 1008;
const INTERNAL_ERROR = 1011;
/** A close reason has to fit into a control frame. */
const REASON_BYTES_MAX = 123;

export class CarriedSocket implements Peer {
	readonly #context: SocketContext;
	readonly #inbound: Line;
	readonly #outbound: Line;
	#socket: WebSocket | null = null;
	#stream: Duplex | null = null;
	#isCorked = false;
	#connection: Connection | null = null;
	/** What the façade says while the handshake is still under way. */
	#early: (() => void)[] = [];
	#pinging: Pinging | null = null;
	#ending = false;
	#grace: Timer | null = null;
	#goneAway: PromiseWithResolvers<void> | null = null;

	constructor(context: SocketContext) {
		this.#context = context;
		this.#inbound = context.latency.line();
		this.#outbound = context.latency.line();
	}

	/** The stream is what the socket writes to. */
	attach(wire: { readonly socket: WebSocket; readonly stream: Duplex }, accepted: Accepted, onGone: () => void): void {
		const { socket, stream } = wire;
		const { connection, heartbeat } = accepted;
		this.#socket = socket;
		this.#stream = stream;
		this.#connection = connection;
		socket.on('message', (data) => this.#receive(data));
		// What breaks on the wire (a frame too long, bytes that are no frame) also closes the socket, with the right code.
		socket.on('error', () => {});
		socket.on('close', () => {
			this.#ending = true;
			this.#grace?.cancel();
			this.#pinging?.stop();
			this.#outbound.clear();
			const tell = (): void => this.#guard(() => connection.closed(this.#context.wallMs()));
			// Frames that are still on their way arrive before the end does, unless the carrier itself closes.
			if (this.#goneAway === null) this.#inbound.push(0, tell);
			else tell();
			onGone();
			this.#goneAway?.resolve();
		});
		if (heartbeat !== undefined)
			this.#pinging = ping(socket, heartbeat, this.#context.clock, () => this.#cut('answers no pings'));
		for (const speak of this.#early) speak();
		this.#early = [];
	}

	send(text: string): void {
		if (this.#ending) return;
		const socket = this.#socket;
		if (socket === null) {
			this.#early.push(() => this.send(text));
			return;
		}
		if (socket.bufferedAmount + this.#outbound.waitingBytes > this.#context.limits.outboundBytesMax) {
			this.#cut('reads too slowly');
			return;
		}
		this.#outbound.push(text.length, () => {
			this.#cork();
			socket.send(text);
		});
	}

	close(code: number, reason: string): void {
		if (this.#ending) return;
		if (this.#socket === null) {
			this.#early.push(() => this.close(code, reason));
			return;
		}
		this.#ending = true;
		this.#outbound.push(0, () => this.#shut(code, reason));
	}

	/** The carrier closes: nothing that still waits is delivered. Resolves when the socket is gone. */
	async goAway(): Promise<void> {
		const { promise } = (this.#goneAway = Promise.withResolvers<void>());
		this.#ending = true;
		this.#inbound.clear();
		this.#outbound.clear();
		this.#shut(GOING_AWAY, 'the exchange is closing');
		await promise;
	}

	#receive(data: RawData): void {
		if (this.#ending || !Buffer.isBuffer(data)) return;
		// Text sent as a binary frame is read all the same; some clients do that.
		if (!isUtf8(data)) return this.close(NOT_TEXT, 'a frame must be UTF-8 text');
		if (this.#inbound.waitingBytes > this.#context.limits.inboundBytesMax) return this.#cut('sends too much at once');
		const text = data.toString('utf8');
		this.#inbound.push(data.length, () => {
			if (!this.#ending) this.#guard(() => this.#connection?.receive(text, this.#context.wallMs()));
		});
	}

	#cut(reason: string): void {
		this.#ending = true;
		this.#outbound.clear();
		this.#shut(POLICY, reason);
	}

	#shut(code: number, reason: string): void {
		const socket = this.#socket;
		if (socket === null) return;
		// The code of a line that dies without a handshake; it is never sent.
		if (code === ABNORMAL) {
			this.#uncork();
			socket.terminate();
			return;
		}
		socket.close(code, Buffer.from(reason).subarray(0, REASON_BYTES_MAX));
		this.#grace ??= this.#context.clock.after(this.#context.limits.closeGraceMs, () => socket.terminate());
	}

	/** Until all that is due now has been handed over. */
	#cork(): void {
		if (this.#isCorked) return;
		this.#isCorked = true;
		this.#stream?.cork();
		queueMicrotask(() => this.#uncork());
	}

	#uncork(): void {
		if (!this.#isCorked) return;
		this.#isCorked = false;
		this.#stream?.uncork();
	}

	#guard(call: () => void): void {
		try {
			call();
		} catch (error) {
			this.#context.onBug(error);
			this.close(INTERNAL_ERROR, 'internal error');
		}
	}
}
