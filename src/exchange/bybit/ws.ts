/**
 * The sockets of the Bybit façade: opens a session for each path, hands it the frames of its client, feeds all of them
 * from the exchange's events and the passing of time, and closes those that fell silent. Pure: the carrier has the
 * bytes, the clock and the queues.
 */
import type { Connected, Connection, ConnectTarget, Peer } from '../facade.ts';
import { RollingWindow } from './rate-limits.ts';
import type { Tapes } from './tape.ts';
import type { BybitCategory, BybitVenue } from './venue.ts';
import { AccountTopics } from './ws-account.ts';
import { DisconnectGuard } from './ws-dcp.ts';
import { FRAME_LENGTH_MAX, parseFrame } from './ws-frame.ts';
import { MarketTopics, STATUS_TOPICS } from './ws-market.ts';
import { type PrivateFloor, PrivateSession } from './ws-private.ts';
import { PublicSession } from './ws-public.ts';
import type { Session, SessionStart } from './ws-session.ts';
import { type RunLimited, TradeFloor, TradeSession } from './ws-trade.ts';

const SILENCE_MS_MAX = 600_000;
const SILENCE_MS_MIN = 30_000;
/** How often the venue looks for silent connections. */
const SCAN_MS = 30_000;
const ACTIVE_TIME = /^(\d{1,4})([sm])$/;

const CONNECTS_MAX = 500;
const CONNECTS_WINDOW_MS = 300_000;
const SOCKETS_PER_ADDRESS_MAX = 1_000;
const ADDRESSES_KEPT = 10_000;

const GOING_AWAY = 1001;
const TOO_BIG = 1009;

const PUBLIC_PATHS: ReadonlyMap<string, BybitCategory> = new Map([
	['/v5/public/spot', 'spot'],
	['/v5/public/linear', 'linear'],
	['/v5/public/inverse', 'inverse'],
]);
const STATUS_PATH = '/v5/public/misc/status';
const PRIVATE_PATH = '/v5/private';
const TRADE_PATH = '/v5/trade';

export interface BybitSockets {
	connect(target: ConnectTarget, peer: Peer, nowMs: number): Connected;
	tick(nowMs: number): void;
}

export function createBybitSockets(venue: BybitVenue, tapes: Tapes, runLimited: RunLimited): BybitSockets {
	const hub = new Hub(venue, tapes, runLimited);
	return {
		connect: (target, peer, nowMs) => hub.connect(target, peer, nowMs),
		tick: (nowMs) => hub.tick(nowMs),
	};
}

class Hub {
	readonly #venue: BybitVenue;
	readonly #market: MarketTopics;
	readonly #private: PrivateFloor;
	readonly #floor: TradeFloor;
	readonly #sockets = new Set<Socket>();
	readonly #connects = new Map<string, RollingWindow>();
	#connectCount = 0;
	#scannedAtMs = 0;

	constructor(venue: BybitVenue, tapes: Tapes, runLimited: RunLimited) {
		this.#venue = venue;
		this.#market = new MarketTopics(venue, tapes);
		tapes.listen(this.#market);
		const account = new AccountTopics(venue);
		this.#private = { venue, account, guard: new DisconnectGuard(venue) };
		this.#floor = new TradeFloor(venue, runLimited);
		venue.exchange.subscribe((event) => account.apply(event));
		venue.tellTogether(account);
	}

	connect(target: ConnectTarget, peer: Peer, nowMs: number): Connected {
		if (!isPath(target.path)) return { kind: 'refused', status: 404, reason: 'Not Found' };
		if (!this.#admits(target, nowMs)) return { kind: 'refused', status: 403, reason: 'access too frequent' };
		this.#connectCount += 1;
		const socket: Socket = new Socket(target, peer, nowMs, () => this.#sockets.delete(socket));
		const start = { peer: socket, connId: `sim-${this.#connectCount}`, remote: target.remote, activeMsMax: activeMsMax(target) };
		socket.session = this.#open(target.path, start);
		this.#sockets.add(socket);
		return { kind: 'connected', connection: socket };
	}

	tick(nowMs: number): void {
		this.#private.guard.tick(nowMs);
		this.#market.tick(nowMs);
		if (nowMs - this.#scannedAtMs < SCAN_MS) return;
		this.#scannedAtMs = nowMs;
		for (const socket of this.#sockets) socket.expire(nowMs);
	}

	#open(path: string, start: SessionStart): Session {
		const category = PUBLIC_PATHS.get(path);
		if (category !== undefined) {
			return new PublicSession(this.#market.of(category), category === 'spot' ? 'spot' : 'other', start);
		}
		if (path === STATUS_PATH) return new PublicSession(STATUS_TOPICS, 'other', start);
		return path === TRADE_PATH ? new TradeSession(this.#floor, start) : new PrivateSession(this.#private, start);
	}

	#admits({ path, remote }: ConnectTarget, nowMs: number): boolean {
		const factor = this.#venue.options.limitFactor;
		let connects = this.#connects.get(remote);
		if (connects === undefined) {
			if (this.#connects.size >= ADDRESSES_KEPT) this.#connects.clear();
			connects = new RollingWindow(CONNECTS_MAX * factor, CONNECTS_WINDOW_MS);
			this.#connects.set(remote, connects);
		}
		if (connects.take(1, 1, nowMs) === 0) return false;
		if (!PUBLIC_PATHS.has(path)) return true;
		let beside = 0;
		for (const { target } of this.#sockets) if (target.remote === remote && target.path === path) beside += 1;
		return beside < SOCKETS_PER_ADDRESS_MAX * factor;
	}
}

/** One connection; once either end has closed it, nothing goes through it any more. */
class Socket implements Connection, Peer {
	readonly target: ConnectTarget;
	session: Session | null = null;
	readonly #peer: Peer;
	readonly #forget: () => void;
	#heardAtMs: number;
	#open = true;

	constructor(target: ConnectTarget, peer: Peer, nowMs: number, forget: () => void) {
		this.target = target;
		this.#peer = peer;
		this.#heardAtMs = nowMs;
		this.#forget = forget;
	}

	receive(text: string, nowMs: number): void {
		if (!this.#open) return;
		this.#heardAtMs = nowMs;
		if (text.length > FRAME_LENGTH_MAX) this.close(TOO_BIG, 'message too big');
		else this.session?.receive(parseFrame(text), nowMs);
	}

	closed(nowMs: number): void {
		if (!this.#open) return;
		this.#open = false;
		this.session?.closed(nowMs);
		this.#forget();
	}

	send(text: string): void {
		if (this.#open) this.#peer.send(text);
	}

	/** For sessions, which close only in answer to a frame. */
	close(code: number, reason: string): void {
		this.#shut({ code, reason, nowMs: this.#heardAtMs });
	}

	expire(nowMs: number): void {
		if (this.session === null || nowMs - this.#heardAtMs <= this.session.silenceMsMax()) return;
		this.#shut({ code: GOING_AWAY, reason: 'silent for too long', nowMs });
	}

	#shut({ code, reason, nowMs }: { readonly code: number; readonly reason: string; readonly nowMs: number }): void {
		if (!this.#open) return;
		this.closed(nowMs);
		this.#peer.close(code, reason);
	}
}

function isPath(path: string): boolean {
	return PUBLIC_PATHS.has(path) || path === STATUS_PATH || path === PRIVATE_PATH || path === TRADE_PATH;
}

/** Private sockets may ask for a shorter life in silence; what cannot be read or is out of range is not granted. */
function activeMsMax({ path, query }: ConnectTarget): number {
	if (path !== PRIVATE_PATH && path !== TRADE_PATH) return SILENCE_MS_MAX;
	const match = ACTIVE_TIME.exec(new URLSearchParams(query).get('max_active_time') ?? '');
	if (match === null) return SILENCE_MS_MAX;
	const askedMs = Number(match[1]) * (match[2] === 'm' ? 60_000 : 1_000);
	return askedMs >= SILENCE_MS_MIN && askedMs <= SILENCE_MS_MAX ? askedMs : SILENCE_MS_MAX;
}
