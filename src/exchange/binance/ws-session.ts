/**
 * The open sockets of one market: lets new ones in as often as an address may, hands each its client's frames, tells all
 * of them that time passes, and ends those that are a day old. What a socket does is its session's business. Pure: the
 * carrier has the bytes, the clock, the queues, and the pings whose pace is said here.
 */
import type { Connected, Connection, Heartbeat, Peer } from '../facade.ts';
import { FRAME_LENGTH_MAX } from './ws-frame.ts';

export interface Session {
	receive(text: string, nowMs: number): void;
	/** The socket is gone: forget it. */
	closed(nowMs: number): void;
	tick?(nowMs: number): void;
	/** Says that the socket will soon be closed. */
	sayGoodbye(nowMs: number): void;
}

export interface HubRules {
	readonly heartbeat: Heartbeat;
	/** Multiplies how often an address may connect. */
	readonly limitFactor: number;
}

const CONNECTS_MAX = 300;
const CONNECTS_WINDOW_MS = 300_000;
/** Addresses remembered; beyond that all are forgotten, which lets too many in rather than too few. */
const ADDRESSES_KEPT = 10_000;

const LIFE_MS = 86_400_000;
/** How long before its end a socket is told of it. */
const GOODBYE_MS = 600_000;
/** How often the venue looks for old sockets. */
const SCAN_MS = 1_000;

const GOING_AWAY = 1001;
const TOO_BIG = 1009;

export class SocketHub {
	readonly #rules: HubRules;
	readonly #sockets = new Set<Socket>();
	readonly #connects = new Map<string, { readonly windowIndex: number; count: number }>();
	#scannedAtMs = 0;

	constructor(rules: HubRules) {
		this.#rules = rules;
	}

	/** `start` opens the session and may speak at once; the peer it gets is dead once either end has closed. */
	open(
		{ remote, peer, nowMs }: { readonly remote: string; readonly peer: Peer; readonly nowMs: number },
		start: (peer: Peer) => Session,
	): Connected {
		if (!this.#admits(remote, nowMs)) return { kind: 'refused', status: 429, reason: 'Too many connection attempts.' };
		const socket: Socket = new Socket(peer, nowMs, () => this.#sockets.delete(socket));
		this.#sockets.add(socket);
		socket.session = start(socket);
		return { kind: 'connected', connection: socket, heartbeat: this.#rules.heartbeat };
	}

	tick(nowMs: number): void {
		const isScan = nowMs - this.#scannedAtMs >= SCAN_MS;
		if (isScan) this.#scannedAtMs = nowMs;
		for (const socket of this.#sockets) {
			socket.session?.tick?.(nowMs);
			if (isScan) socket.age(nowMs);
		}
	}

	#admits(remote: string, nowMs: number): boolean {
		const windowIndex = Math.floor(nowMs / CONNECTS_WINDOW_MS);
		let connects = this.#connects.get(remote);
		if (connects?.windowIndex !== windowIndex) {
			if (this.#connects.size >= ADDRESSES_KEPT) this.#connects.clear();
			connects = { windowIndex, count: 0 };
			this.#connects.set(remote, connects);
		}
		connects.count += 1;
		return connects.count <= Math.max(1, CONNECTS_MAX * this.#rules.limitFactor);
	}
}

/** One connection; once either end has closed it, nothing goes through it any more. */
class Socket implements Connection, Peer {
	session: Session | null = null;
	readonly #peer: Peer;
	readonly #openedAtMs: number;
	readonly #forget: () => void;
	#nowMs: number;
	#isOpen = true;
	#isToldOfEnd = false;

	constructor(peer: Peer, nowMs: number, forget: () => void) {
		this.#peer = peer;
		this.#openedAtMs = nowMs;
		this.#nowMs = nowMs;
		this.#forget = forget;
	}

	receive(text: string, nowMs: number): void {
		if (!this.#isOpen) return;
		this.#nowMs = nowMs;
		if (text.length > FRAME_LENGTH_MAX) this.close(TOO_BIG, 'message too big');
		else this.session?.receive(text, nowMs);
	}

	closed(nowMs: number): void {
		if (!this.#isOpen) return;
		this.#isOpen = false;
		this.session?.closed(nowMs);
		this.#forget();
	}

	send(text: string): void {
		if (this.#isOpen) this.#peer.send(text);
	}

	/** For sessions, which close in answer to a frame. */
	close(code: number, reason: string): void {
		if (!this.#isOpen) return;
		this.closed(this.#nowMs);
		this.#peer.close(code, reason);
	}

	age(nowMs: number): void {
		this.#nowMs = nowMs;
		const ageMs = nowMs - this.#openedAtMs;
		if (ageMs >= LIFE_MS) {
			this.close(GOING_AWAY, 'a connection lives for 24 hours');
			return;
		}
		if (this.#isToldOfEnd || ageMs < LIFE_MS - GOODBYE_MS) return;
		this.#isToldOfEnd = true;
		this.session?.sayGoodbye(nowMs);
	}
}
