/**
 * A WebSocket that comes back: it connects, watches that the line is alive, and connects again when it is not, at a
 * pace that no venue minds. What is said on it, logins and subscriptions too, is its handler's business; every opening
 * begins anew.
 *
 *   idle ─ start ─► connecting ─ opened ─► open ─ lost, drop ─► waiting ─ in time ─► connecting …
 *                       └────── refused ──────────────────────────► waiting, or degraded after many in a row
 *   any ─ stop ─► stopped
 */
import type { Clock, Timer } from '../ports/clock.ts';
import type { Rng } from '../ports/rng.ts';
import { type ReconnectPolicy, Reconnects } from './reconnect.ts';
import { type Heartbeat, type LineOwner, SessionLine } from './session-line.ts';
import type { SocketTarget, Transport } from './transport.ts';

export type { Heartbeat } from './session-line.ts';

/** 'degraded' is 'waiting' after many failures in a row: it goes on trying, slowly, and somebody should look. */
export type SessionState = 'idle' | 'connecting' | 'open' | 'waiting' | 'degraded' | 'stopped';

export interface SessionHandler {
	/** `send` belongs to this opening, and answers false once it is over. Nothing that was said before holds any more. */
	opened(send: (text: string) => boolean): void;
	/** Valid until this returns. While a renewal is under way, frames of both openings come. */
	received(frame: Uint8Array): void;
	/** What was open is gone; also told from inside `drop` and `stop`. Not told of attempts that never opened. */
	down(reason: string): void;
	stateChanged(state: SessionState, reason: string): void;
}

export interface SessionParts {
	readonly transport: Transport;
	readonly clock: Clock;
	readonly rng: Rng;
	/** Asked for at each connect. */
	readonly target: () => SocketTarget;
	readonly policy: ReconnectPolicy;
	/** How long nobody may connect, 0 when everybody may: asked before each connect. What stands goes on. */
	readonly holdMs?: () => number;
	/** Somebody answered, and would have none of it; with which status of HTTP. */
	readonly turnedAway?: (status: number) => void;
	readonly heartbeat: Heartbeat;
	readonly stallMs?: number;
	readonly handler: SessionHandler;
}

/** A connection that held for so long was good: the next failure is the first one in a row. */
const STEADY_MS = 10_000;
/** After a renewal the old socket stays for so long, until the new one has logged in and subscribed. */
const OVERLAP_MS = 5_000;

export class Session implements LineOwner {
	readonly #parts: SessionParts;
	readonly #reconnects: Reconnects;
	#state: SessionState = 'idle';
	#line: SessionLine | undefined;
	/** On its way to take the line's place. */
	#successor: SessionLine | undefined;
	/** Whose place was taken, until its last words are heard. */
	#predecessor: SessionLine | undefined;
	#timer: Timer | undefined;
	#openedCount = 0;

	constructor(parts: SessionParts) {
		this.#parts = parts;
		this.#reconnects = new Reconnects(parts.policy, parts.rng);
	}

	get state(): SessionState {
		return this.#state;
	}

	get openedCount(): number {
		return this.#openedCount;
	}

	start(): void {
		if (this.#state !== 'idle' && this.#state !== 'stopped') return;
		const waitMs = this.#reconnects.capDelayMs(this.#parts.clock.monotonicMs());
		if (waitMs === 0) this.#connect();
		else this.#connectIn(waitMs, 'waiting', 'too many connects in five minutes');
	}

	/** False when nothing was sent. */
	send(text: string): boolean {
		return this.#line?.send(text) ?? false;
	}

	/** The handler heard something that is not a pong or an answer: the stall watch begins anew. */
	noteData(): void {
		this.#line?.noteData();
	}

	/** What stands is of no use: away with it, and connect again. */
	drop(reason: string): void {
		const line = this.#line;
		if (line === undefined || this.#state === 'stopped') return;
		line.terminate();
		this.lineEnded(line, reason);
	}

	/**
	 * The venue is going to cut us: a second socket takes over before the first one goes (F48). If it cannot be had, the
	 * first one stays until it is cut.
	 */
	renew(): void {
		if (this.#state !== 'open' || this.#successor !== undefined || this.#predecessor !== undefined) return;
		if (this.#holdMs() > 0 || this.#reconnects.capDelayMs(this.#parts.clock.monotonicMs()) > 0) return;
		this.#successor = this.#newLine();
	}

	stop(): void {
		if (this.#state === 'stopped') return;
		const wasOpen = this.#state === 'open';
		this.#timer?.cancel();
		this.#line?.close();
		this.#forgetOthers();
		this.#line = undefined;
		this.#enter('stopped', 'stopped');
		if (wasOpen) this.#parts.handler.down('stopped');
	}

	lineOpened(line: SessionLine): void {
		if (line === this.#successor) {
			this.#successor = undefined;
			this.#predecessor = this.#line;
			this.#timer = this.#parts.clock.after(OVERLAP_MS, () => {
				this.#predecessor?.close();
				this.#predecessor = undefined;
			});
			this.#line = line;
		}
		this.#openedCount += 1;
		this.#enter('open', 'opened');
		this.#parts.handler.opened((text) => line.send(text));
	}

	lineReceived(_line: SessionLine, frame: Uint8Array): void {
		this.#parts.handler.received(frame);
	}

	lineEnded(line: SessionLine, reason: string, status?: number): void {
		if (status !== undefined) this.#parts.turnedAway?.(status);
		if (line === this.#predecessor) this.#predecessor = undefined;
		else if (line === this.#successor) this.#successor = undefined;
		else if (line === this.#line) this.#lost(line, reason);
	}

	#lost(line: SessionLine, reason: string): void {
		const nowMono = this.#parts.clock.monotonicMs();
		const wasOpen = this.#state === 'open';
		if (line.openMs(nowMono) >= STEADY_MS) this.#reconnects.noteSuccess();
		this.#reconnects.noteFailure();
		// A successor that is still on its way is as good as a fresh attempt, but the attempt below is simpler to be right about.
		this.#forgetOthers();
		this.#line = undefined;
		this.#timer?.cancel();
		this.#connectIn(this.#reconnects.delayMs(nowMono), this.#reconnects.isDegraded ? 'degraded' : 'waiting', reason);
		if (wasOpen) this.#parts.handler.down(reason);
	}

	#forgetOthers(): void {
		this.#successor?.terminate();
		this.#successor = undefined;
		this.#predecessor?.close();
		this.#predecessor = undefined;
	}

	#connectIn(delayMs: number, state: 'waiting' | 'degraded', reason: string): void {
		this.#timer = this.#parts.clock.after(delayMs, () => this.#connect());
		this.#enter(state, reason);
	}

	#connect(): void {
		const holdMs = this.#holdMs();
		if (holdMs > 0) return this.#connectIn(holdMs, 'waiting', 'nobody may connect now');
		this.#line = this.#newLine();
		this.#enter('connecting', 'connecting');
	}

	#holdMs(): number {
		return this.#parts.holdMs?.() ?? 0;
	}

	#newLine(): SessionLine {
		const { transport, clock, heartbeat, stallMs, target } = this.#parts;
		this.#reconnects.noteConnect(clock.monotonicMs());
		const line = new SessionLine({ transport, clock, heartbeat, stallMs }, this);
		line.open(target());
		return line;
	}

	#enter(state: SessionState, reason: string): void {
		if (state === this.#state) return;
		this.#state = state;
		this.#parts.handler.stateChanged(state, reason);
	}
}
