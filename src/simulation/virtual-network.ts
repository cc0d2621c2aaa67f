/**
 * The network between clients and façades, in virtual time: the same `Transport` as over real sockets, with distance,
 * loss, breaks and silence as numbers. Everything that happens happens on the clock's timers, and all chance comes from
 * the generator that is handed in, so the same seed gives the same run. Memory is never shared between the ends.
 */
import type { Facade } from '../exchange/facade.ts';
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
import type { When } from '../network/transport-call.ts';
import { TRANSPORT_LIMITS, type TransportLimits, type TransportOptions } from '../network/transport-limits.ts';
import type { Clock } from '../ports/clock.ts';
import type { Rng } from '../ports/rng.ts';
import { FacadeTicker, type HostSpec, VirtualHost } from './virtual-network-host.ts';
import { VirtualHttp } from './virtual-network-http.ts';
import type { Link } from './virtual-network-link.ts';
import { Scratch, VirtualSocket } from './virtual-network-socket.ts';

export interface VirtualNetworkOptions {
	readonly clock: Clock;
	readonly rng: Rng;
	/** By origin. The scheme does not matter: `https://h:1` is also `wss://h:1`. */
	readonly hosts: ReadonlyMap<string, HostSpec>;
}

export interface VirtualTransportOptions extends Partial<TransportOptions> {
	/** The client's address, as façades see it. */
	readonly remote?: string;
}

export interface VirtualTransport extends Transport {
	/** As if its process were killed: servers see it gone, and nobody here hears of anything any more. */
	crash(): void;
}

export class VirtualNetwork {
	readonly #clock: Clock;
	readonly #hosts = new Map<string, VirtualHost>();

	constructor({ clock, rng, hosts }: VirtualNetworkOptions) {
		this.#clock = clock;
		const tickers = new Map<Facade, FacadeTicker>();
		for (const [origin, spec] of hosts) {
			const name = authorityOf(origin);
			if (this.#hosts.has(name)) throw new Error(`the host ${name} is named twice; one origin stands for all schemes`);
			const { facade, isTickedElsewhere = false } = spec;
			const ticker = tickers.get(facade) ?? new FacadeTicker(facade, clock, isTickedElsewhere);
			tickers.set(facade, ticker);
			this.#hosts.set(name, new VirtualHost(name, spec, { clock, ticker, rng: rng.fork(name) }));
		}
	}

	/** One for each process of a client. */
	transport(options: VirtualTransportOptions = {}): VirtualTransport {
		return new ClientTransport({ clock: this.#clock, options, hostOf: (origin) => this.#hosts.get(authorityOf(origin)) });
	}

	/** While it is on nothing passes in either direction; afterwards what was under way sets out anew. */
	partition(host: string, isOn: boolean): void {
		this.#host(host).partition(isOn);
	}

	/** All connections to the host break, now; their clients hear it as soon as the news can travel. Answers how many. */
	cut(host: string): number {
		return this.#host(host).cut();
	}

	/** All present connections to the host go half open: both ends believe in them, and nothing passes any more. Answers how many. */
	silence(host: string): number {
		return this.#host(host).silence();
	}

	/** While it is on nobody listens there. Connections that stand are not touched. */
	refuse(host: string, isOn: boolean): void {
		this.#host(host).isRefusing = isOn;
	}

	/** Another distance, or other faults, from now on. */
	setLink(host: string, link: Link): void {
		this.#host(host).link = link;
	}

	#host(origin: string): VirtualHost {
		const host = this.#hosts.get(authorityOf(origin));
		if (host === undefined) throw new Error(`no host is called ${origin}; there are ${[...this.#hosts.keys()].join(', ')}`);
		return host;
	}
}

const CLOSED = 'the transport is closed';

interface TransportParts {
	readonly clock: Clock;
	readonly options: VirtualTransportOptions;
	readonly hostOf: (origin: string) => VirtualHost | undefined;
}

class ClientTransport implements VirtualTransport {
	readonly #parts: TransportParts;
	readonly #limits: TransportLimits;
	readonly #isAllowed: (url: string) => boolean;
	readonly #http: VirtualHttp;
	readonly #sockets = new Set<VirtualSocket>();
	readonly #scratch = new Scratch();
	readonly #remote: string;
	/** Told at this moment, but after the present call has returned. */
	#toTell: (() => void)[] = [];
	readonly #soon: When = (task) => {
		if (this.#toTell.push(task) === 1) this.#parts.clock.after(0, () => this.#tell());
	};
	#isClosed = false;

	constructor(parts: TransportParts) {
		this.#parts = parts;
		const { options, clock, hostOf } = parts;
		this.#limits = { ...TRANSPORT_LIMITS, ...options.limits };
		this.#isAllowed = options.isAllowed ?? (() => true);
		this.#remote = options.remote ?? '127.0.0.1';
		const { onExhausted } = options;
		const transportOptions = { isAllowed: this.#isAllowed, ...(onExhausted === undefined ? {} : { onExhausted }) };
		this.#http = new VirtualHttp({
			clock,
			limits: this.#limits,
			options: transportOptions,
			remote: this.#remote,
			soon: this.#soon,
			hostOf,
		});
	}

	request(call: HttpCall, heard: (heard: HttpHeard) => void): Abortable {
		return this.#http.request(call, heard);
	}

	connect(target: SocketTarget, handler: SocketHandler): Socket {
		if (this.#isClosed) return this.#refused(handler, CLOSED, queueMicrotask);
		if (!URL.canParse(target.url) || !/^wss?:/.test(target.url))
			return this.#refused(handler, `${target.url} is not a URL of a socket`);
		const { host: name } = new URL(target.url);
		if (!this.#isAllowed(target.url)) return this.#refused(handler, `${name} is not on the list of hosts that may be reached`);
		const host = this.#parts.hostOf(target.url);
		if (host === undefined) return this.#refused(handler, `nobody is called ${name}`);
		const onEnded = (ended: VirtualSocket): void => void this.#sockets.delete(ended);
		const parts = { host, onEnded, limits: this.#limits, remote: this.#remote, scratch: this.#scratch, soon: this.#soon };
		const socket = new VirtualSocket(target, handler, parts);
		this.#sockets.add(socket);
		return socket;
	}

	warm(origin: string, pool: string, connections: number): void {
		this.#http.warm(origin, pool, connections);
	}

	pools(): readonly PoolFigures[] {
		return this.#http.figures();
	}

	crash(): void {
		this.#isClosed = true;
		const tellNobody: When = () => {};
		this.#toTell = [];
		this.#http.close('the process is gone', tellNobody);
		for (const socket of this.#sockets) socket.abandon('the process is gone', tellNobody);
	}

	/** Its callbacks come before the promise resolves, without virtual time going on. */
	async [Symbol.asyncDispose](): Promise<void> {
		this.#isClosed = true;
		queueMicrotask(() => this.#tell());
		this.#http.close(CLOSED, queueMicrotask);
		for (const socket of this.#sockets) socket.abandon(CLOSED, queueMicrotask);
		await Promise.resolve();
	}

	#tell(): void {
		const tasks = this.#toTell;
		this.#toTell = [];
		for (const task of tasks) task();
	}

	#refused(handler: SocketHandler, detail: string, tell: When = this.#soon): Socket {
		tell(() => handler.ended({ kind: 'refused', status: undefined, detail }));
		return { bufferedBytes: 0, send: () => false, ping: () => {}, close: () => {}, terminate: () => {} };
	}
}

function authorityOf(origin: string): string {
	return new URL(origin).host;
}
