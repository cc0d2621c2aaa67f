/**
 * The WS API of one market as a way for orders: many requests at a time, each found again by the id we gave it
 * (wire/pending-requests.ts). Nothing here repeats anything. A key that may log on does so once; with any other each
 * request is signed by itself, and the socket is up as soon as it is open.
 *
 *   down ─ opened ─► loggingOn ─ confirmed ─► up ─ told to leave, or a day old ─► leaving ─ last answer ─► down, and anew
 *     ▲──────── refused, no answer ─┘          └────────── lost ──────────────────────┘
 */
import { monoMs, timeMs } from '../../domain/units.ts';
import type { EventSink } from '../../engine/ports.ts';
import { Session, type SessionParts } from '../../network/session.ts';
import type { Timer } from '../../ports/clock.ts';
import { PendingRequests } from '../wire/pending-requests.ts';
import { isObject, type JsonObject } from '../wire/plain-values.ts';
import type { VenueClock } from '../wire/venue-clock.ts';
import { isAboutRate, readApiAnswer } from './api-answer.ts';
import { apiFrame } from './api-frame.ts';
import type { Ban } from './ban.ts';
import type { Market } from './codec/frames.ts';
import { parseFrame } from './codec/plain.ts';
import { heed } from './heed.ts';
import { withoutKey } from './rest.ts';
import type { RestAnswer } from './rest-answer.ts';
import type { Credentials, FrameParams } from './sign.ts';
import type { Weights } from './weights.ts';

export interface TradeSocketParts extends Pick<SessionParts, 'transport' | 'clock' | 'rng' | 'policy'> {
	readonly market: Market;
	readonly venue: string;
	readonly url: string;
	readonly credentials: Credentials;
	readonly venueClock: Pick<VenueClock, 'venueNowMs' | 'remeasure'>;
	readonly recvWindowMs: number;
	/** From sending to the answer. */
	readonly timeoutMs: number;
	/** Both are shared with REST: the venue counts per address. */
	readonly weights: Weights;
	readonly ban: Ban;
	/** Hears when orders can be sent this way, and when no longer. */
	readonly sink: EventSink;
}

export interface SocketRequest {
	readonly method: string;
	readonly params: FrameParams;
	readonly weight: number;
}

type Heard = (answer: RestAnswer) => void;
type SendText = (text: string) => boolean;

const LOGON_ID = 'logon';
const LOGON_TIMEOUT_MS = 5_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** By pings of the protocol, of which the venue takes five a second. */
const HEARTBEAT = { everyMs: 2_000, deadlineMs: 3_000 };
/** The venue cuts after a day, with whatever is under way (F48). */
const LIFE_MS = 23 * 3_600_000;
/** One answer may be lost on a connection that is well. */
const SILENT_MAX = 2;
/** Signed with a key that is not known any more, or on a socket that the venue has logged out. */
const NOT_AUTHORISED = 401;

export class TradeSocket {
	readonly #parts: TradeSocketParts;
	readonly #session: Session;
	readonly #pending: PendingRequests<RestAnswer>;
	#state: 'down' | 'loggingOn' | 'up' | 'leaving' = 'down';
	#sendText: SendText | undefined;
	#logonTimer: Timer | undefined;
	#lifeTimer: Timer | undefined;
	#heardAtMono = Number.NEGATIVE_INFINITY;
	/** How often in a row requests were given up, and not a word was heard since the last of them was sent. */
	#silentCount = 0;
	/** A refused log-on may mean that our time was wrong (F46). */
	#distrustsClock = false;

	constructor(parts: TradeSocketParts) {
		this.#parts = parts;
		const { transport, clock, rng, policy, url, timeoutMs, ban } = parts;
		this.#pending = new PendingRequests({ clock, timeoutMs, swept: (sentAtMono) => this.#swept(sentAtMono) });
		this.#session = new Session({
			transport,
			clock,
			rng,
			policy,
			// Whoever goes on asking is shut out for longer, and a connection is asked for too (F53).
			...ban.atDoors,
			target: () => ({ url, handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS }),
			heartbeat: HEARTBEAT,
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
	send({ method, params, weight }: SocketRequest, heard: Heard): boolean {
		const { venueClock, weights, recvWindowMs } = this.#parts;
		if (this.#state !== 'up' || this.#sendText === undefined || this.#pending.isFull) return false;
		const id = this.#pending.nextId();
		const timestampMs = venueClock.venueNowMs();
		if (!this.#sendText(this.#frame({ id, method, params }, timestampMs))) return false;
		weights.spend(weight, timestampMs);
		this.#pending.add(id, { heard, mayLandUntilMs: timestampMs + recvWindowMs });
		return true;
	}

	#frame(request: Parameters<typeof apiFrame>[0], timestampMs: number): string {
		const { credentials, recvWindowMs } = this.#parts;
		const isLoggedOn = credentials.canLogOn && request.id !== LOGON_ID;
		return apiFrame(request, { credentials, timestampMs, recvWindowMs, isLoggedOn });
	}

	// ---- opening and closing ----

	#opened(send: SendText): void {
		const { clock, credentials, venueClock } = this.#parts;
		this.#sendText = send;
		this.#lifeTimer = clock.after(LIFE_MS, () => this.#leave());
		if (!credentials.canLogOn) return this.#rise();
		this.#state = 'loggingOn';
		this.#logonTimer = clock.after(LOGON_TIMEOUT_MS, () => this.#session.drop('no answer to the log-on'));
		if (!this.#distrustsClock) return this.#logOn(send);
		venueClock.remeasure(() => {
			if (this.#sendText === send) this.#logOn(send);
		});
	}

	#logOn(send: SendText): void {
		send(this.#frame({ id: LOGON_ID, method: 'session.logon', params: {} }, this.#parts.venueClock.venueNowMs()));
	}

	#applyLogon(message: JsonObject): void {
		if (this.#state !== 'loggingOn') return;
		this.#logonTimer?.cancel();
		this.#distrustsClock = message['status'] !== 200;
		this.#heed(message);
		if (this.#distrustsClock) return this.#session.drop(`log-on refused with status ${String(message['status']).slice(0, 8)}`);
		this.#rise();
	}

	#rise(): void {
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

	/** Pongs come from the connection, and not from whoever ought to answer behind it (F44). */
	#swept(sentAtMono: number): void {
		this.#silentCount = this.#heardAtMono < sentAtMono ? this.#silentCount + 1 : 0;
		if (this.#state === 'up' && this.#silentCount >= SILENT_MAX) this.#session.drop('nothing is answered any more');
		this.#dropIfEmpty();
	}

	#dropIfEmpty(): void {
		if (this.#state === 'leaving' && this.#pending.isEmpty) this.#session.drop('left before the venue cuts it');
	}

	#down(detail: string): void {
		const wasUp = this.#state === 'up';
		this.#state = 'down';
		this.#silentCount = 0;
		this.#sendText = undefined;
		this.#logonTimer?.cancel();
		this.#lifeTimer?.cancel();
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
		this.#heardAtMono = this.#parts.clock.monotonicMs();
		const parsed = parseFrame(frame);
		if (parsed.kind === 'bad') return;
		const { message } = parsed;
		const { id, event } = message;
		if (id === LOGON_ID) return this.#applyLogon(message);
		if (isObject(event) && event['e'] === 'serverShutdown') return this.#leave();
		const isShutOut = message['status'] === NOT_AUTHORISED;
		const pending = this.#pending.take(id);
		if (pending === undefined) this.#heed(message);
		// Some refusals leave out whose they are. We are not wanted here; each request waits for its deadline.
		if (pending === undefined) return isShutOut && (id === null || id === undefined) ? this.#leave() : undefined;
		pending.heard(this.#answerOf(message, pending.mayLandUntilMs));
		if (isShutOut && this.#parts.credentials.canLogOn) this.#leave();
		this.#dropIfEmpty();
	}

	/** What is no answer to a request may say that we ask too much all the same. */
	#heed(message: JsonObject): void {
		if (isAboutRate(message['status'])) this.#answerOf(message, 0);
	}

	#answerOf(message: JsonObject, mayLandUntilMs: number): RestAnswer {
		const { market, weights, ban, venueClock, credentials } = this.#parts;
		const heardAtMs = venueClock.venueNowMs();
		const limits = weights.seenAmong(message['rateLimits'], heardAtMs);
		weights.sighted(limits, heardAtMs);
		const answer = readApiAnswer(message, { market, mayLandUntilMs, heardAtMs, limits });
		if (answer.kind !== 'refused') return answer;
		heed(answer, { ban, weights, status: Number(message['status']), heardAtMs });
		return { ...answer, message: withoutKey(answer.message, credentials.apiKey) };
	}
}
