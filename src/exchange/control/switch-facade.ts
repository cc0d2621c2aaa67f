/**
 * A façade whose inside can be exchanged for a new one while it is carried: what a reset needs. Sockets of the old
 * inside are closed with 1012 (service restart), as a venue does when it is deployed anew.
 */
import type { Connected, Connection, ConnectTarget, Facade, HttpReply, HttpRequest, Peer } from '../facade.ts';

const SERVICE_RESTART = 1012;

interface Open {
	readonly peer: Peer;
	readonly connection: Connection;
}

export class SwitchFacade implements Facade {
	#inner: Facade;
	#open = new Set<Open>();

	constructor(inner: Facade) {
		this.#inner = inner;
	}

	replace(inner: Facade, nowMs: number): void {
		const old = this.#open;
		this.#open = new Set();
		this.#inner = inner;
		for (const { peer, connection } of old) {
			connection.closed(nowMs);
			peer.close(SERVICE_RESTART, 'the exchange was reset');
		}
	}

	request(request: HttpRequest, nowMs: number): HttpReply {
		return this.#inner.request(request, nowMs);
	}

	connect(target: ConnectTarget, peer: Peer, nowMs: number): Connected {
		const answer = this.#inner.connect(target, peer, nowMs);
		if (answer.kind === 'refused') return answer;
		const open: Open = { peer, connection: answer.connection };
		this.#open.add(open);
		return {
			...answer,
			connection: {
				receive: (text, atMs) => {
					if (this.#open.has(open)) open.connection.receive(text, atMs);
				},
				closed: (atMs) => {
					if (this.#open.delete(open)) open.connection.closed(atMs);
				},
			},
		};
	}

	tick(nowMs: number): void {
		this.#inner.tick(nowMs);
	}
}
