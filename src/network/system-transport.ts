/** The transport over real sockets. Whoever opens it disposes of it; that ends whatever is under way. */
import type { Clock } from '../ports/clock.ts';
import { SystemHttp } from './system-http.ts';
import { SystemSocket } from './system-socket.ts';
import type { Abortable, HttpCall, HttpHeard, PoolFigures, Socket, SocketHandler, SocketTarget, Transport } from './transport.ts';
import { TRANSPORT_LIMITS, type TransportLimits, type TransportOptions } from './transport-limits.ts';

export interface SystemTransportOptions extends TransportOptions {
	readonly clock: Clock;
}

export function systemTransport(options: SystemTransportOptions): Transport {
	return new SystemTransport(options);
}

class SystemTransport implements Transport {
	readonly #options: SystemTransportOptions;
	readonly #limits: TransportLimits;
	readonly #http: SystemHttp;
	readonly #sockets = new Set<SystemSocket>();
	#onLastGone: (() => void) | undefined;
	#closed: Promise<void> | undefined;

	constructor(options: SystemTransportOptions) {
		this.#options = options;
		this.#limits = { ...TRANSPORT_LIMITS, ...options.limits };
		this.#http = new SystemHttp(options.clock, this.#limits, options);
	}

	request(call: HttpCall, heard: (heard: HttpHeard) => void): Abortable {
		return this.#http.request(call, heard);
	}

	connect(target: SocketTarget, handler: SocketHandler): Socket {
		if (this.#closed !== undefined) return refusedSocket(handler, 'the transport is closed');
		if (!URL.canParse(target.url) || !/^wss?:/.test(target.url))
			return refusedSocket(handler, `${target.url} is not a URL of a socket`);
		if (!this.#options.isAllowed(target.url)) {
			return refusedSocket(handler, `${new URL(target.url).host} is not on the list of hosts that may be reached`);
		}
		const onGone = (gone: SystemSocket): void => {
			this.#sockets.delete(gone);
			if (this.#sockets.size === 0) this.#onLastGone?.();
		};
		const socket = new SystemSocket(target, handler, { clock: this.#options.clock, limits: this.#limits, onGone });
		this.#sockets.add(socket);
		return socket;
	}

	warm(origin: string, pool: string, connections: number): void {
		this.#http.warm(origin, pool, connections);
	}

	pools(): readonly PoolFigures[] {
		return this.#http.figures();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#closed ??= this.#close();
		await this.#closed;
	}

	async #close(): Promise<void> {
		const { promise, resolve } = Promise.withResolvers<void>();
		this.#onLastGone = resolve;
		if (this.#sockets.size === 0) resolve();
		for (const socket of this.#sockets) socket.terminate();
		await Promise.all([promise, this.#http.close()]);
	}
}

/** A socket that was never opened; it says so after the call that asked for it. */
function refusedSocket(handler: SocketHandler, detail: string): Socket {
	queueMicrotask(() => handler.ended({ kind: 'refused', status: undefined, detail }));
	return { bufferedBytes: 0, send: () => false, ping: () => {}, close: () => {}, terminate: () => {} };
}
