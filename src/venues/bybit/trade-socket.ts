/**
 * The socket that takes orders: logged in once, then many requests at a time, each found again by the id we gave it
 * (wire/pending-requests.ts). Nothing here repeats anything.
 *
 *   down ─ opened ─► loggingIn ─ confirmed ─► up ─ told to leave ─► leaving ─ last answer ─► down, and anew
 *     ▲──────── refused, no answer ─┘          └────────── lost ─────────┘
 */
import { monoMs, timeMs } from '../../domain/units.ts';
import type { EventSink } from '../../engine/ports.ts';
import { Session } from '../../network/session.ts';
import type { Timer } from '../../ports/clock.ts';
import { PendingRequests } from '../wire/pending-requests.ts';
import { isObject } from '../wire/plain-values.ts';
import type { VenueClock } from '../wire/venue-clock.ts';
import { venueText } from '../wire/verdict.ts';
import { verdictOf } from './errors.ts';
import type { OrderOp } from './order-wire.ts';
import { codeOf, limitsOf, type RestAnswer } from './rest-answer.ts';
import type { Credentials } from './sign.ts';
import { HANDSHAKE_TIMEOUT_MS, heartbeat, type SessionBasics } from './socket-wire.ts';

export interface TradeSocketParts extends SessionBasics {
	readonly venue: string;
	readonly url: string;
	readonly credentials: Credentials;
	readonly venueClock: Pick<VenueClock, 'venueNowMs' | 'remeasure'>;
	readonly recvWindowMs: number;
	/** From sending to the answer. */
	readonly timeoutMs: number;
	/** Hears when orders can be sent this way, and when no longer. */
	readonly sink: EventSink;
}

type Heard = (answer: RestAnswer) => void;

const LOGIN_TIMEOUT_MS = 5_000;
/** A login expires so long after it was signed. */
const LOGIN_LIFE_MS = 10_000;
const PACE = { everyMs: 2_000, deadlineMs: 3_000 };

const OK = 0;
const LOGGED_IN_ALREADY = 20001;
const NOT_LOGGED_IN = 10003;
const RESTARTING = 10019;
const REPEATED_ID = 20006;

export class TradeSocket {
	readonly #parts: TradeSocketParts;
	readonly #session: Session;
	readonly #pending: PendingRequests<RestAnswer>;
	#state: 'down' | 'loggingIn' | 'up' | 'leaving' = 'down';
	#sendText: ((text: string) => boolean) | undefined;
	#loginTimer: Timer | undefined;
	/** A refused login may mean that our time was wrong (F46). */
	#distrustsClock = false;

	constructor(parts: TradeSocketParts) {
		this.#parts = parts;
		const { transport, clock, rng, policy, url, timeoutMs } = parts;
		this.#pending = new PendingRequests({ clock, timeoutMs, swept: () => this.#dropIfEmpty() });
		this.#session = new Session({
			transport,
			clock,
			rng,
			policy,
			target: () => ({ url, handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS }),
			heartbeat: heartbeat(PACE),
			handler: {
				opened: (send) => this.#opened(send),
				received: (frame) => this.#received(frame),
				down: (reason) => this.#down(reason),
				stateChanged: () => {},
			},
		});
	}

	get isUp(): boolean {
		return this.#state === 'up';
	}

	start(): void {
		this.#session.start();
	}

	/** Requests that are still open are heard as lost. */
	stop(): void {
		this.#session.stop();
		this.#pending.stop();
	}

	/** False when nothing was sent; otherwise heard exactly once, never from inside of this call. */
	send(op: OrderOp, args: string, heard: Heard): boolean {
		const { venueClock, recvWindowMs } = this.#parts;
		if (this.#state !== 'up' || this.#sendText === undefined || this.#pending.isFull) return false;
		const id = this.#pending.nextId();
		const timestampMs = venueClock.venueNowMs();
		const header = `{"X-BAPI-TIMESTAMP":"${timestampMs}","X-BAPI-RECV-WINDOW":"${recvWindowMs}"}`;
		if (!this.#sendText(`{"reqId":"${id}","header":${header},"op":"${op}","args":[${args}]}`)) return false;
		this.#pending.add(id, { heard, mayLandUntilMs: timestampMs + recvWindowMs });
		return true;
	}

	// ---- opening and closing ----

	#opened(send: (text: string) => boolean): void {
		const { clock, venueClock } = this.#parts;
		this.#state = 'loggingIn';
		this.#sendText = send;
		this.#loginTimer = clock.after(LOGIN_TIMEOUT_MS, () => this.#session.drop('no answer to the login'));
		if (!this.#distrustsClock) return this.#logIn(send);
		venueClock.remeasure(() => {
			if (this.#sendText === send) this.#logIn(send);
		});
	}

	#logIn(send: (text: string) => boolean): void {
		const { credentials, venueClock } = this.#parts;
		const expiresAtMs = venueClock.venueNowMs() + LOGIN_LIFE_MS;
		const signature = credentials.sign(`GET/realtime${expiresAtMs}`);
		send(JSON.stringify({ reqId: 'login', op: 'auth', args: [credentials.apiKey, expiresAtMs, signature] }));
	}

	#applyLogin(code: number | undefined): void {
		if (this.#state !== 'loggingIn') return;
		this.#loginTimer?.cancel();
		this.#distrustsClock = code !== OK && code !== LOGGED_IN_ALREADY;
		if (this.#distrustsClock) return this.#session.drop(`login refused with code ${code}`);
		this.#state = 'up';
		this.#tell(true);
	}

	/** What is under way may end here; nothing new is sent, and then the connection is made anew. */
	#leave(): void {
		if (this.#state !== 'up') return;
		this.#state = 'leaving';
		this.#tell(false);
		this.#dropIfEmpty();
	}

	#dropIfEmpty(): void {
		if (this.#state === 'leaving' && this.#pending.isEmpty) this.#session.drop('left because the venue wanted it');
	}

	#down(detail: string): void {
		const wasUp = this.#state === 'up';
		this.#state = 'down';
		this.#sendText = undefined;
		this.#loginTimer?.cancel();
		if (wasUp) this.#tell(false);
		this.#pending.loseAll(detail);
	}

	#tell(up: boolean): void {
		const { venue, clock, sink } = this.#parts;
		const at = { wallMs: timeMs(clock.wallMs()), monoMs: monoMs(clock.monotonicMs()) };
		sink({ kind: 'stream', venue, stream: 'order', up, ...at });
	}

	// ---- answers ----

	#received(frame: Uint8Array): void {
		const message = parse(frame);
		if (message === undefined) return;
		const { op, reqId } = message;
		const code = codeOf(message['retCode']);
		if (op === 'auth') return this.#applyLogin(code);
		if (typeof op === 'string' && !op.startsWith('order.') && code !== RESTARTING) return;
		// Some refusals leave out whose they are. We are not wanted here; each request waits for its deadline.
		if (reqId === undefined && code !== undefined && code !== OK) return this.#leave();
		if (code === REPEATED_ID && this.#pending.find(reqId) !== undefined) {
			return this.#session.drop('the venue saw a request id twice');
		}
		const pending = this.#pending.take(reqId);
		if (pending === undefined) return;
		pending.heard(answerOf(message, code, pending.mayLandUntilMs));
		if (code === RESTARTING || code === NOT_LOGGED_IN) this.#leave();
		this.#dropIfEmpty();
	}
}

type Message = Readonly<Record<string, unknown>>;

function parse(frame: Uint8Array): Message | undefined {
	try {
		const message: unknown = JSON.parse(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString('utf8'));
		return isObject(message) ? message : undefined;
	} catch (error) {
		if (error instanceof SyntaxError) return undefined;
		throw error;
	}
}

function answerOf(message: Message, code: number | undefined, mayLandUntilMs: number): RestAnswer {
	const { data, retExtInfo, retMsg, header } = message;
	const headerText = (name: string): string | undefined => {
		const value = isObject(header) ? header[name] : undefined;
		return typeof value === 'string' ? value : undefined;
	};
	const limits = limitsOf((name) => headerText(HEADER_NAMES[name] ?? name));
	if (code === undefined) {
		const verdict = verdictOf(Number.NaN, '', 'order');
		return { kind: 'unreadable', status: 0, detail: 'an answer without a code', verdict, mayLandUntilMs };
	}
	if (code === OK) {
		const venueAtMs = msOf(headerText('Timenow'));
		return { kind: 'ok', result: data, ext: retExtInfo, venueAtMs, limits };
	}
	const text = typeof retMsg === 'string' ? venueText(retMsg) : '';
	const verdict = verdictOf(code, text, 'order');
	return { kind: 'refused', code, message: text, verdict, isBan: false, limits, mayLandUntilMs };
}

/** On this socket names keep their capitals, which in HTTP do not matter. */
const HEADER_NAMES: Readonly<Record<string, string>> = {
	'x-bapi-limit': 'X-Bapi-Limit',
	'x-bapi-limit-status': 'X-Bapi-Limit-Status',
	'x-bapi-limit-reset-timestamp': 'X-Bapi-Limit-Reset-Timestamp',
};

function msOf(text: string | undefined): number | undefined {
	return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
