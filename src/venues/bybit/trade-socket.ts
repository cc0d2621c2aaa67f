/**
 * The socket that takes orders: logged in once, then many requests at a time, each found again by the id we gave it.
 * Nothing here repeats anything. Whoever sent a request hears of it exactly once: the answer, or that none will come, be
 * it for the deadline or because the socket died; a request that was sent and not answered may have been done (F13).
 *
 *   down ─ opened ─► loggingIn ─ confirmed ─► up ─ told to leave ─► leaving ─ last answer ─► down, and anew
 *     ▲──────── refused, no answer ─┘          └────────── lost ─────────┘
 */
import { monoMs, timeMs } from '../../domain/units.ts';
import type { EventSink } from '../../engine/ports.ts';
import { Session } from '../../network/session.ts';
import type { Timer } from '../../ports/clock.ts';
import { isObject } from './codec/plain.ts';
import { venueText, verdictOf } from './errors.ts';
import type { OrderOp } from './order-wire.ts';
import { codeOf, limitsOf, type RestAnswer } from './rest-answer.ts';
import type { Credentials } from './sign.ts';
import { HANDSHAKE_TIMEOUT_MS, heartbeat, type SessionBasics } from './socket-wire.ts';
import type { VenueClock } from './venue-clock.ts';

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

interface Pending {
	readonly heard: Heard;
	readonly deadlineMono: number;
	readonly mayLandUntilMs: number;
}

/** At our rates a hundredth of it is much; beyond it something is wrong, and requests take the other way. */
const PENDING_MAX = 1_000;
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
	/** In the order in which they were sent, and so in the order of their deadlines. */
	readonly #pending = new Map<string, Pending>();
	#state: 'down' | 'loggingIn' | 'up' | 'leaving' = 'down';
	#sendText: ((text: string) => boolean) | undefined;
	#loginTimer: Timer | undefined;
	#sweepTimer: Timer | undefined;
	/** Never used twice, not on a new connection either: an answer cannot find the wrong request. */
	#lastId = 0;
	/** A refused login may mean that our time was wrong (F46). */
	#distrustsClock = false;

	constructor(parts: TradeSocketParts) {
		this.#parts = parts;
		const { transport, clock, rng, policy, url } = parts;
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
		this.#sweepTimer?.cancel();
		this.#sweepTimer = undefined;
	}

	/** False when nothing was sent; otherwise heard exactly once, never from inside of this call. */
	send(op: OrderOp, args: string, heard: Heard): boolean {
		const { venueClock, clock, recvWindowMs, timeoutMs } = this.#parts;
		if (this.#state !== 'up' || this.#sendText === undefined || this.#pending.size >= PENDING_MAX) return false;
		this.#lastId += 1;
		const id = String(this.#lastId);
		const timestampMs = venueClock.venueNowMs();
		const header = `{"X-BAPI-TIMESTAMP":"${timestampMs}","X-BAPI-RECV-WINDOW":"${recvWindowMs}"}`;
		if (!this.#sendText(`{"reqId":"${id}","header":${header},"op":"${op}","args":[${args}]}`)) return false;
		const deadlineMono = clock.monotonicMs() + timeoutMs;
		this.#pending.set(id, { heard, deadlineMono, mayLandUntilMs: timestampMs + recvWindowMs });
		this.#sweepTimer ??= clock.after(timeoutMs, () => this.#sweep());
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
		if (this.#state === 'leaving' && this.#pending.size === 0) this.#session.drop('left because the venue wanted it');
	}

	#down(detail: string): void {
		const wasUp = this.#state === 'up';
		this.#state = 'down';
		this.#sendText = undefined;
		this.#loginTimer?.cancel();
		const lost = [...this.#pending.values()];
		this.#pending.clear();
		if (wasUp) this.#tell(false);
		for (const pending of lost) giveUp(pending, 'disconnected', detail);
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
		const pending = typeof reqId === 'string' ? this.#pending.get(reqId) : undefined;
		// Some refusals leave out whose they are. We are not wanted here; each request waits for its deadline.
		if (reqId === undefined && code !== undefined && code !== OK) return this.#leave();
		if (pending === undefined || typeof reqId !== 'string') return;
		if (code === REPEATED_ID) return this.#session.drop('the venue saw a request id twice');
		this.#pending.delete(reqId);
		pending.heard(answerOf(message, code, pending.mayLandUntilMs));
		if (code === RESTARTING || code === NOT_LOGGED_IN) this.#leave();
		this.#dropIfEmpty();
	}

	/** One timer for all: it waits for the oldest, whose deadline is the next. */
	#sweep(): void {
		const { clock, timeoutMs } = this.#parts;
		const nowMono = clock.monotonicMs();
		const overdue: Pending[] = [];
		this.#sweepTimer = undefined;
		for (const [id, pending] of this.#pending) {
			if (pending.deadlineMono > nowMono) {
				this.#sweepTimer = clock.after(pending.deadlineMono - nowMono, () => this.#sweep());
				break;
			}
			this.#pending.delete(id);
			overdue.push(pending);
		}
		for (const pending of overdue) giveUp(pending, 'timeout', `no answer within ${timeoutMs} ms`);
		this.#dropIfEmpty();
	}
}

function giveUp({ heard, mayLandUntilMs }: Pending, reason: 'disconnected' | 'timeout', detail: string): void {
	heard({ kind: 'lost', sent: true, reason, detail, mayLandUntilMs });
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
