/** HTTP of the virtual network: the same pools as over real sockets, on connections of virtual time. */
import type { HttpReply, HttpRequest } from '../exchange/facade.ts';
import type { RequestOutcome } from '../exchange/server/http-carrier.ts';
import type { Abortable, HttpCall, HttpHeard, PoolFigures } from '../network/transport.ts';
import { PendingCall, type When } from '../network/transport-call.ts';
import type { TransportLimits, TransportOptions } from '../network/transport-limits.ts';
import { type Carrier, type Pool, Pools } from '../network/transport-pools.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { VirtualHost, Wire } from './virtual-network-host.ts';

type VirtualPool = Pool<Connection, VirtualCall>;

export interface HttpParts {
	readonly clock: Clock;
	readonly limits: TransportLimits;
	readonly options: TransportOptions;
	readonly remote: string;
	readonly soon: When;
	readonly hostOf: (origin: string) => VirtualHost | undefined;
}

export class VirtualHttp {
	readonly #parts: HttpParts;
	readonly #pools: Pools<Connection, VirtualCall>;
	readonly #pending = new Set<PendingCall>();
	readonly #forget = (call: PendingCall): void => void this.#pending.delete(call);
	#exhaustions = 0;
	#closed: string | undefined;
	#later: When;

	constructor(parts: HttpParts) {
		this.#parts = parts;
		this.#later = parts.soon;
		const carrier: Carrier<Connection, VirtualCall> = {
			open: (origin) => new Connection(origin, parts),
			isOpen: (connection) => connection.isOpen,
			carry: (connection, call, pool) => connection.carry(call, pool),
			warm: (connection, pool) => connection.warm(pool),
		};
		this.#pools = new Pools(parts.limits, carrier);
	}

	request(call: HttpCall, heard: (heard: HttpHeard) => void): Abortable {
		const pending = new VirtualCall(call, heard, { onSettled: this.#forget, soon: this.#parts.soon });
		this.#pending.add(pending);
		const pool = this.#poolOf(call.origin, call.pool);
		if (typeof pool === 'string') pending.giveUp(this.#closed === undefined ? 'refused' : 'aborted', pool, this.#later);
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

	/** From now on `tell` decides when, since virtual time may stand still once the transport is closed. */
	close(detail: string, tell: When): void {
		this.#closed = detail;
		this.#later = tell;
		for (const call of this.#pending) call.giveUp('aborted', detail, tell);
		for (const connection of this.#pools.connections()) connection.close();
	}

	#offer(pool: VirtualPool, pending: VirtualCall): void {
		const { clock, limits, options, soon } = this.#parts;
		pending.startTimer(clock, Math.min(pending.call.timeoutMs, limits.callTimeoutMsMax));
		pending.pool = pool;
		if (pool.offer(pending)) return;
		this.#exhaustions += 1;
		const figures = pool.figures();
		pending.giveUp('exhausted', `${figures.active} connections busy, ${figures.queued} calls waiting`, soon);
		const exhaustion = { pool: figures, count: this.#exhaustions };
		soon(() => options.onExhausted?.(exhaustion));
	}

	#poolOf(origin: string, name: string): VirtualPool | string {
		if (this.#closed !== undefined) return this.#closed;
		return this.#pools.find(origin, name, this.#parts.options.isAllowed);
	}
}

interface CallParts {
	readonly onSettled: (call: PendingCall) => void;
	readonly soon: When;
}

class VirtualCall extends PendingCall implements Abortable {
	readonly #soon: When;
	pool: VirtualPool | undefined;
	connection: Connection | undefined;

	constructor(call: HttpCall, heard: (heard: HttpHeard) => void, { onSettled, soon }: CallParts) {
		super(call, heard, onSettled);
		this.#soon = soon;
	}

	abort(): void {
		this.giveUp('aborted', 'by the caller', this.#soon);
	}

	protected override drop(): void {
		if (this.pool?.withdraw(this) !== true) this.connection?.drop(this);
	}
}

/** Why an exchange of one request and one reply failed. */
type Failure = { readonly reason: 'refused' | 'reset' | 'timeout' | 'too-large'; readonly detail: string };

/** A place for one connection: the wire comes and goes, as with keep-alive over real sockets. */
class Connection {
	readonly #origin: string;
	readonly #host: VirtualHost | undefined;
	readonly #parts: HttpParts;
	#wire: Wire | undefined;
	#connecting: Timer | undefined;
	#call: VirtualCall | undefined;
	#pool: VirtualPool | undefined;
	isOpen = false;
	/** In monotonic time: when the last reply left the server, and when it came here. */
	#servedAtMs = 0;
	#idleSinceMs = 0;

	constructor(origin: string, parts: HttpParts) {
		this.#origin = origin;
		this.#host = parts.hostOf(origin);
		this.#parts = parts;
	}

	carry(call: VirtualCall, pool: VirtualPool): void {
		this.#call = call;
		this.#pool = pool;
		call.connection = this;
		if (this.isOpen && this.#hasAged()) this.close();
		if (this.isOpen) this.#send(call);
		else this.#connect();
	}

	warm(pool: VirtualPool): void {
		this.#pool = pool;
		this.#connect();
	}

	/** Its caller has given up: what is under way stays so, but nobody reads the reply, and the connection is spent. */
	drop(call: VirtualCall): void {
		if (this.#call !== call || !call.isSent) return;
		this.close();
		this.#done();
	}

	/** From our side; the server hears of it after whatever we have sent. */
	close(): void {
		const wire = this.#wire;
		this.#forgetWire();
		wire?.there.push(() => wire.end());
	}

	/** As far as we could know: nothing that is still on its way to us counts. */
	#hasAged(): boolean {
		const { clock, limits } = this.#parts;
		const nowMs = clock.monotonicMs();
		if (nowMs - this.#idleSinceMs >= limits.keepAliveMs) return true;
		const toldAtMs = (this.#closesAtMs() ?? Number.POSITIVE_INFINITY) + this.#idleSinceMs - this.#servedAtMs;
		return nowMs >= toldAtMs;
	}

	/** When the server closes this connection if nothing arrives. */
	#closesAtMs(): number | undefined {
		const keepAliveMs = this.#host?.link.keepAliveMs;
		return keepAliveMs === undefined ? undefined : this.#servedAtMs + keepAliveMs;
	}

	#connect(): void {
		const { clock, limits, soon } = this.#parts;
		const host = this.#host;
		if (host === undefined) return soon(() => this.#fail({ reason: 'refused', detail: `nobody is called ${this.#origin}` }));
		const ignore = (): void => {};
		const wire = host.wire({ gone: ignore }, { toServer: ignore, toClient: ignore });
		this.#wire = wire;
		wire.onRefused = (detail) => this.#breaks(wire, { reason: 'refused', detail });
		wire.onBroken = (detail) => this.#breaks(wire, { reason: 'reset', detail });
		this.#connecting = clock.after(limits.connectTimeoutMs, () =>
			this.#breaks(wire, { reason: 'timeout', detail: `no connection within ${limits.connectTimeoutMs} ms` }),
		);
		wire.open(() => {
			if (this.#wire === wire) this.#opened();
		});
	}

	#opened(): void {
		this.#connecting?.cancel();
		this.isOpen = true;
		this.#servedAtMs = this.#idleSinceMs = this.#parts.clock.monotonicMs();
		const call = this.#call;
		if (call === undefined || call.isSettled) this.#done();
		else this.#send(call);
	}

	#send(call: VirtualCall): void {
		const wire = this.#wire;
		const host = this.#host;
		if (wire === undefined || host === undefined) return;
		call.isSent = true;
		if (host.strikes('loseRequest')) return;
		if (host.strikes('resetBeforeRequest')) return wire.there.push(() => wire.reset());
		const request = requestOf(call.call, this.#parts.remote);
		const closesAtMs = this.#closesAtMs() ?? Number.POSITIVE_INFINITY;
		wire.there.push(() => {
			// The server had closed the connection while this was under way to it.
			if (this.#parts.clock.monotonicMs() >= closesAtMs) return wire.reset();
			host.handle(request, (outcome) => this.#reply(host, wire, { call, outcome }));
		});
	}

	#reply(host: VirtualHost, wire: Wire, { call, outcome }: { call: VirtualCall; outcome: RequestOutcome }): void {
		if (outcome.kind === 'never' || host.strikes('loseReply')) return;
		if (outcome.kind === 'reset' || host.strikes('resetAfterRequest')) return wire.reset();
		const { reply } = outcome;
		const servedAtMs = this.#parts.clock.monotonicMs();
		wire.back.push(() => {
			if (this.#wire !== wire || this.#call !== call) return;
			this.#servedAtMs = servedAtMs;
			this.#heard(call, reply);
		});
	}

	#heard(call: VirtualCall, reply: HttpReply): void {
		const { clock, limits } = this.#parts;
		const body = new TextEncoder().encode(reply.body);
		if (body.length > limits.replyBytesMax) {
			this.close();
			return this.#fail({ reason: 'too-large', detail: `more than ${limits.replyBytesMax} bytes` });
		}
		this.#idleSinceMs = clock.monotonicMs();
		const { status, headers } = reply;
		const header = (name: string): string | undefined => headerOf(headers, name);
		if (header('connection') === 'close') this.close();
		this.#done();
		call.settle({ kind: 'reply', status, header, body });
	}

	#breaks(wire: Wire, failure: Failure): void {
		if (this.#wire !== wire) return;
		this.close();
		this.#fail(failure);
	}

	#fail({ reason, detail }: Failure): void {
		const call = this.#call;
		this.#done();
		call?.lose(reason, detail);
	}

	#forgetWire(): void {
		this.#connecting?.cancel();
		this.#wire = undefined;
		this.isOpen = false;
	}

	/** Free for the next call. */
	#done(): void {
		const pool = this.#pool;
		this.#call = undefined;
		this.#pool = undefined;
		pool?.release(this);
	}
}

function requestOf({ method, target, headers, body = '' }: HttpCall, remote: string): HttpRequest {
	const mark = target.indexOf('?');
	const named = Object.create(null) as Record<string, string>;
	for (let i = 0; i + 1 < headers.length; i += 2) named[(headers[i] ?? '').toLowerCase()] = headers[i + 1] ?? '';
	return {
		method,
		path: mark === -1 ? target : target.slice(0, mark),
		query: mark === -1 ? '' : target.slice(mark + 1),
		headers: named,
		body,
		remote,
	};
}

function headerOf(headers: HttpReply['headers'], name: string): string | undefined {
	for (const key of Object.keys(headers)) if (key.toLowerCase() === name) return headers[key];
	return undefined;
}
