/** A WebSocket of the virtual network: the client's end as the transport promises it, the server's as a façade sees it. */
import type { Connection, Peer } from '../exchange/facade.ts';
import type { Socket, SocketEnd, SocketHandler, SocketTarget } from '../network/transport.ts';
import type { When } from '../network/transport-call.ts';
import { GOODBYE_MS_MAX, type TransportLimits } from '../network/transport-limits.ts';
import type { Timer } from '../ports/clock.ts';
import type { VirtualHost, Wire } from './virtual-network-host.ts';

/** What the operating system takes off our hands while it is under way. */
const WINDOW_BYTES = 262_144;
/** What a server keeps for a client that reads too slowly, before it ends the connection. */
const BACKLOG_BYTES_MAX = 4 * 1_048_576;
const NORMAL = 1000;
const ABNORMAL = 1006;
const POLICY = 1008;
const TOO_BIG = 1009;

export interface SocketParts {
	readonly host: VirtualHost;
	readonly limits: TransportLimits;
	readonly remote: string;
	readonly scratch: Scratch;
	readonly soon: When;
	readonly onEnded: (socket: VirtualSocket) => void;
}

export class VirtualSocket implements Socket {
	readonly #parts: SocketParts;
	readonly #handler: SocketHandler;
	readonly #wire: Wire;
	readonly #server: ServerEnd;
	#state: 'connecting' | 'open' | 'closing' | 'ended' = 'connecting';
	#timer: Timer;

	constructor(target: SocketTarget, handler: SocketHandler, parts: SocketParts) {
		this.#parts = parts;
		this.#handler = handler;
		const { host } = parts;
		const server = new ServerEnd(host);
		this.#server = server;
		this.#wire = host.wire(server, { toServer: (text) => server.receive(text), toClient: (text) => this.#receive(text) });
		this.#wire.onRefused = (detail) => this.#end({ kind: 'refused', status: undefined, detail });
		this.#wire.onBroken = (detail) => this.#endBroken(detail);
		this.#timer = host.clock.after(target.handshakeTimeoutMs, () => {
			this.#leave();
			this.#end({ kind: 'refused', status: undefined, detail: `no handshake within ${target.handshakeTimeoutMs} ms` });
		});
		this.#wire.open(() => this.#upgrade(target.url));
	}

	get bufferedBytes(): number {
		return this.#state === 'ended' ? 0 : Math.max(0, this.#wire.there.bytes - WINDOW_BYTES);
	}

	send(text: string): boolean {
		if (this.#state !== 'open') return false;
		this.#pass(this.#wire.there, text);
		const { bufferedBytes } = this;
		const { limits, soon } = this.#parts;
		if (bufferedBytes > limits.unsentBytesMax) this.abandon(`the peer takes nothing: ${bufferedBytes} bytes unsent`, soon);
		return true;
	}

	ping(): void {
		if (this.#state !== 'open') return;
		const { there, back } = this.#wire;
		there.push(() =>
			back.push(() => {
				if (this.#state === 'open') this.#handler.ponged();
			}),
		);
	}

	close(): void {
		if (this.#state === 'connecting') return this.abandon('closed before it was open', this.#parts.soon);
		if (this.#state !== 'open') return;
		this.#state = 'closing';
		const { there, back } = this.#wire;
		there.push(() => {
			this.#server.isClosing = true;
			back.push(() => this.#end({ kind: 'closed', code: NORMAL, reason: '' }));
			this.#wire.end();
		});
		this.#timer = this.#parts.host.clock.after(GOODBYE_MS_MAX, () => this.#endBroken('no answer to our good-bye'));
	}

	terminate(): void {
		this.abandon('terminated by us', this.#parts.soon);
	}

	/** As `terminate`, but told by `tell`. */
	abandon(detail: string, tell: When): void {
		if (this.#state === 'ended') return;
		const end: SocketEnd =
			this.#state === 'connecting' ? { kind: 'refused', status: undefined, detail } : { kind: 'lost', detail };
		this.#state = 'ended';
		this.#timer.cancel();
		this.#leave();
		this.#parts.onEnded(this);
		tell(() => this.#handler.ended(end));
	}

	/** What is under way still arrives, and then the server sees that we are gone. */
	#leave(): void {
		this.#wire.there.push(() => this.#wire.end());
	}

	#upgrade(url: string): void {
		if (this.#state !== 'connecting') return;
		this.#wire.there.push(() => {
			this.#server.upgrade(
				{ url, remote: this.#parts.remote, pass: (content) => this.#passBack(content), wire: this.#wire },
				(answer) => {
					if (answer.kind === 'refused') {
						const { status, reason } = answer;
						this.#wire.back.push(() => this.#end({ kind: 'refused', status, detail: `the server answered ${status} ${reason}` }));
					} else {
						this.#wire.back.push(() => this.#opened());
					}
				},
			);
		});
	}

	#opened(): void {
		if (this.#state !== 'connecting') return;
		this.#timer.cancel();
		this.#state = 'open';
		this.#handler.opened();
	}

	/** Text and closing frames of the server. */
	#passBack(content: string | ServerClose): void {
		const { back } = this.#wire;
		if (typeof content !== 'string') {
			back.push(() => this.#closedByServer(content));
		} else if (back.bytes > BACKLOG_BYTES_MAX) {
			back.clear();
			this.#server.isClosing = true;
			back.push(() => this.#closedByServer({ code: POLICY, reason: 'reads too slowly' }));
		} else {
			this.#pass(back, content);
		}
	}

	#closedByServer({ code, reason }: ServerClose): void {
		this.#leave();
		if (code === ABNORMAL) this.#endBroken('the connection broke without a closing frame');
		else this.#end({ kind: 'closed', code, reason });
	}

	#pass(path: Wire['there'], text: string): void {
		const { host } = this.#parts;
		if (host.strikes('silenceSocket')) this.#wire.silence();
		if (host.strikes('cutSocket')) this.#wire.reset();
		else path.push(text);
	}

	#receive(text: string): void {
		if (this.#state !== 'open' && this.#state !== 'closing') return;
		const { scratch, limits } = this.#parts;
		if (text.length > limits.frameBytesMax) {
			this.#leave();
			this.#end({ kind: 'closed', code: TOO_BIG, reason: '' });
			return;
		}
		scratch.lend(text, (frame) => this.#handler.received(frame));
	}

	#endBroken(detail: string): void {
		this.#leave();
		this.#end(this.#state === 'connecting' ? { kind: 'refused', status: undefined, detail } : { kind: 'lost', detail });
	}

	#end(end: SocketEnd): void {
		if (this.#state === 'ended') return;
		this.#state = 'ended';
		this.#timer.cancel();
		this.#parts.onEnded(this);
		this.#handler.ended(end);
	}
}

interface ServerClose {
	readonly code: number;
	readonly reason: string;
}

interface Upgrade {
	readonly url: string;
	readonly remote: string;
	readonly wire: Wire;
	readonly pass: (content: string | ServerClose) => void;
}

type UpgradeAnswer =
	| { readonly kind: 'connected' }
	| { readonly kind: 'refused'; readonly status: number; readonly reason: string };

/** The façade's end. */
class ServerEnd implements Peer {
	readonly #host: VirtualHost;
	#connection: Connection | undefined;
	#pass: Upgrade['pass'] | undefined;
	/** What the façade says before it has agreed to talk. */
	#early: (string | ServerClose)[] = [];
	/** Nothing more is said. */
	isClosing = false;

	constructor(host: VirtualHost) {
		this.#host = host;
	}

	upgrade({ url, remote, wire, pass }: Upgrade, answer: (answer: UpgradeAnswer) => void): void {
		const { pathname, search } = new URL(url);
		const { clock, facade, ticker } = this.#host;
		ticker.enter();
		const connected = facade.connect({ path: pathname, query: search.slice(1), remote }, this, clock.wallMs());
		if (connected.kind === 'refused') {
			ticker.leave();
			answer(connected);
			wire.end();
			return;
		}
		this.#connection = connected.connection;
		answer(connected);
		this.#pass = pass;
		for (const content of this.#early) pass(content);
		this.#early = [];
	}

	receive(text: string): void {
		if (!this.isClosing) this.#connection?.receive(text, this.#host.clock.wallMs());
	}

	gone(): void {
		this.isClosing = true;
		if (this.#connection === undefined) return;
		this.#host.ticker.leave();
		this.#connection.closed(this.#host.clock.wallMs());
	}

	send(text: string): void {
		if (!this.isClosing) this.#say(text);
	}

	close(code: number, reason: string): void {
		if (this.isClosing) return;
		this.isClosing = true;
		this.#say({ code, reason });
	}

	#say(content: string | ServerClose): void {
		if (this.#pass === undefined) this.#early.push(content);
		else this.#pass(content);
	}
}

/**
 * The one piece of memory in which frames are lent to their readers. It is spoilt when they return, so that whoever
 * keeps a frame finds out.
 */
export class Scratch {
	#bytes = Buffer.alloc(65_536);

	lend(text: string, read: (frame: Uint8Array) => void): void {
		// No character of a string takes more than three bytes.
		if (text.length * 3 > this.#bytes.length) this.#bytes = Buffer.alloc(text.length * 3);
		const bytes = this.#bytes;
		const length = bytes.write(text);
		try {
			read(bytes.subarray(0, length));
		} finally {
			bytes.fill(0xff, 0, length);
		}
	}
}
