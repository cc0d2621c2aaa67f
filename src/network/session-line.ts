/**
 * One socket of a session, from its opening to its end, and whether it is still alive: a heartbeat that must be answered
 * in time finds half-open connections (F44), a watch over data finds sockets that answer and tell nothing (F37). Once it
 * has ended, or was ended from here, it says nothing more.
 */
import type { Clock, Timer } from '../ports/clock.ts';
import type { Socket, SocketEnd, SocketHandler, SocketTarget, Transport } from './transport.ts';

export interface Heartbeat {
	readonly everyMs: number;
	/** From a beat to its answer; without one the socket is taken for dead. */
	readonly deadlineMs: number;
	/** What to send; without it a protocol-level ping. */
	readonly frame?: () => string;
	/** Which frame answers; without it any frame does, since a dead socket delivers none. */
	readonly isPong?: (frame: Uint8Array) => boolean;
}

export interface LineParts {
	readonly transport: Transport;
	readonly clock: Clock;
	readonly heartbeat: Heartbeat;
	/** Without data for so long the socket is of no use; undefined where silence is normal. */
	readonly stallMs?: number | undefined;
}

/** Each is called with the line that it is about. */
export interface LineOwner {
	lineOpened(line: SessionLine): void;
	lineReceived(line: SessionLine, frame: Uint8Array): void;
	/** `status`: of HTTP, where it was refused with one. */
	lineEnded(line: SessionLine, reason: string, status?: number): void;
}

/** A socket that does not get rid of so much is stuck; what is sent on top of it would only grow the memory. */
const BUFFERED_BYTES_MAX = 1 << 20;
/** Venue text in reasons is cut here. */
const REASON_LENGTH_MAX = 160;

export class SessionLine implements SocketHandler {
	readonly #parts: LineParts;
	readonly #owner: LineOwner;
	#socket: Socket | undefined;
	#phase: 'opening' | 'open' | 'over' = 'opening';
	#openedAtMono: number | undefined;
	#isAnswered = true;
	#beatTimer: Timer | undefined;
	#deadlineTimer: Timer | undefined;
	#stallTimer: Timer | undefined;
	#isDataHeard = false;

	constructor(parts: LineParts, owner: LineOwner) {
		this.#parts = parts;
		this.#owner = owner;
	}

	open(target: SocketTarget): void {
		this.#socket = this.#parts.transport.connect(target, this);
	}

	get isOpen(): boolean {
		return this.#phase === 'open';
	}

	/** For how long it has been open; 0 if it never was. */
	openMs(nowMono: number): number {
		return this.#openedAtMono === undefined ? 0 : nowMono - this.#openedAtMono;
	}

	/** False when nothing was sent. */
	send(text: string): boolean {
		const socket = this.#socket;
		if (socket === undefined || this.#phase !== 'open' || socket.bufferedBytes > BUFFERED_BYTES_MAX) return false;
		return socket.send(text);
	}

	noteData(): void {
		this.#isDataHeard = true;
	}

	/** Politely; nothing is heard of it any more. */
	close(): void {
		this.#finish();
		this.#socket?.close();
	}

	/** At once; nothing is heard of it any more. */
	terminate(): void {
		this.#finish();
		this.#socket?.terminate();
	}

	opened(): void {
		if (this.#phase !== 'opening') return;
		this.#phase = 'open';
		this.#openedAtMono = this.#parts.clock.monotonicMs();
		this.#beatLater();
		if (this.#parts.stallMs !== undefined) this.#watchData(this.#parts.stallMs);
		this.#owner.lineOpened(this);
	}

	received(frame: Uint8Array): void {
		if (this.#phase !== 'open') return;
		const { isPong } = this.#parts.heartbeat;
		if (isPong === undefined || isPong(frame)) this.#isAnswered = true;
		this.#owner.lineReceived(this, frame);
	}

	ponged(): void {
		this.#isAnswered = true;
	}

	ended(end: SocketEnd): void {
		if (this.#phase === 'over') return;
		this.#finish();
		this.#owner.lineEnded(this, sayEnd(end).slice(0, REASON_LENGTH_MAX), end.kind === 'refused' ? end.status : undefined);
	}

	#beatLater(): void {
		this.#beatTimer = this.#parts.clock.after(this.#parts.heartbeat.everyMs, () => this.#beat());
	}

	#beat(): void {
		const { frame, deadlineMs } = this.#parts.heartbeat;
		if (frame === undefined) this.#socket?.ping();
		else this.send(frame());
		if (this.#isAnswered) {
			this.#isAnswered = false;
			// An answer only sets the mark, since nearly every frame is one; the timer of an answered beat ends here.
			this.#deadlineTimer?.cancel();
			this.#deadlineTimer = this.#parts.clock.after(deadlineMs, () => {
				if (!this.#isAnswered) this.#fail(`no answer to a heartbeat within ${deadlineMs} ms`);
			});
		}
		this.#beatLater();
	}

	/** Looks twice in the time, so that silence is noticed between once and one and a half times of it. */
	#watchData(stallMs: number, silentLooks = 0): void {
		this.#stallTimer = this.#parts.clock.after(stallMs / 2, () => {
			const looks = this.#isDataHeard ? 0 : silentLooks + 1;
			this.#isDataHeard = false;
			if (looks >= 2) this.#fail(`no data for ${stallMs} ms`);
			else this.#watchData(stallMs, looks);
		});
	}

	#fail(reason: string): void {
		if (this.#phase === 'over') return;
		this.terminate();
		this.#owner.lineEnded(this, reason);
	}

	#finish(): void {
		this.#phase = 'over';
		this.#beatTimer?.cancel();
		this.#deadlineTimer?.cancel();
		this.#stallTimer?.cancel();
	}
}

function sayEnd(end: SocketEnd): string {
	switch (end.kind) {
		case 'closed':
			return `closed with ${end.code}${end.reason === '' ? '' : ` (${end.reason})`}`;
		case 'refused':
			return `refused${end.status === undefined ? '' : ` with status ${end.status}`}: ${end.detail}`;
		case 'lost':
			return `lost: ${end.detail}`;
	}
}
