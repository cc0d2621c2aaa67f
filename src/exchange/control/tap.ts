/**
 * A wire tap: the last requests, frames and connections that went through a façade, as they stood on the wire. Bounded
 * in number and in length, so that it can always be on; the oldest go first.
 */
import type { Connected, Connection, ConnectTarget, Facade, HttpReply, HttpRequest, Peer } from '../facade.ts';

type TapBody =
	| { readonly kind: 'request'; readonly request: HttpRequest; readonly reply: HttpReply }
	| { readonly kind: 'opened'; readonly socket: number; readonly path: string; readonly query: string }
	| { readonly kind: 'refused'; readonly path: string; readonly status: number; readonly reason: string }
	/** `in`: from the client. */
	| { readonly kind: 'in' | 'out'; readonly socket: number; readonly text: string }
	| { readonly kind: 'closed'; readonly socket: number; readonly by: 'client' }
	| { readonly kind: 'closed'; readonly socket: number; readonly by: 'exchange'; readonly code: number; readonly reason: string };

export type TapEntry = TapBody & { readonly number: number; readonly atMs: number };

/** Some seconds of a busy client; a few megabytes at most. */
const ENTRIES_MAX = 2_000;
/** What is longer is cut, and says so. */
const TEXT_LENGTH_MAX = 8_192;

export class Tap {
	#entries: TapEntry[] = [];
	#count = 0;

	record(atMs: number, body: TapBody): void {
		this.#count += 1;
		this.#entries.push({ number: this.#count, atMs, ...body });
		// Seldom and many at once is cheaper than one each time.
		if (this.#entries.length >= 2 * ENTRIES_MAX) this.#entries = this.#entries.slice(-ENTRIES_MAX);
	}

	/** Oldest first; of all that are kept after a number, the last ones. */
	list(filter: { readonly after: number; readonly limit: number }): TapEntry[] {
		return this.#entries.filter(({ number }) => number > filter.after).slice(-Math.min(filter.limit, ENTRIES_MAX));
	}

	/** Numbers go on where they were. */
	clear(): void {
		this.#entries = [];
	}
}

export class TapFacade implements Facade {
	readonly #inner: Facade;
	readonly #tap: Tap;
	#socketCount = 0;
	/** Of the call that is under way, for what is pushed meanwhile. */
	#nowMs = 0;

	constructor(inner: Facade, tap: Tap) {
		this.#inner = inner;
		this.#tap = tap;
	}

	request(request: HttpRequest, nowMs: number): HttpReply {
		this.#nowMs = nowMs;
		const reply = this.#inner.request(request, nowMs);
		this.#tap.record(nowMs, {
			kind: 'request',
			request: { ...request, body: short(request.body) },
			reply: { ...reply, body: short(reply.body) },
		});
		return reply;
	}

	connect(target: ConnectTarget, peer: Peer, nowMs: number): Connected {
		this.#nowMs = nowMs;
		this.#socketCount += 1;
		const socket = this.#socketCount;
		const { path, query } = target;
		this.#tap.record(nowMs, { kind: 'opened', socket, path, query });
		const answer = this.#inner.connect(target, this.#tapped(peer, socket), nowMs);
		if (answer.kind === 'connected') return { ...answer, connection: this.#heard(answer.connection, socket) };
		this.#tap.record(nowMs, { kind: 'refused', path, status: answer.status, reason: answer.reason });
		return answer;
	}

	tick(nowMs: number): void {
		this.#nowMs = nowMs;
		this.#inner.tick(nowMs);
	}

	#tapped(peer: Peer, socket: number): Peer {
		return {
			send: (text) => {
				this.#tap.record(this.#nowMs, { kind: 'out', socket, text: short(text) });
				peer.send(text);
			},
			close: (code, reason) => {
				this.#tap.record(this.#nowMs, { kind: 'closed', socket, by: 'exchange', code, reason });
				peer.close(code, reason);
			},
		};
	}

	#heard(connection: Connection, socket: number): Connection {
		return {
			receive: (text, nowMs) => {
				this.#nowMs = nowMs;
				this.#tap.record(nowMs, { kind: 'in', socket, text: short(text) });
				connection.receive(text, nowMs);
			},
			closed: (nowMs) => {
				this.#nowMs = nowMs;
				this.#tap.record(nowMs, { kind: 'closed', socket, by: 'client' });
				connection.closed(nowMs);
			},
		};
	}
}

function short(text: string): string {
	return text.length <= TEXT_LENGTH_MAX
		? text
		: `${text.slice(0, TEXT_LENGTH_MAX)} … ${text.length - TEXT_LENGTH_MAX} more characters`;
}
