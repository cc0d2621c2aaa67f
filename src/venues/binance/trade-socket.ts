/**
 * The WS API of one market as a way for orders (wire/order-socket.ts). A key that may log on does so once; with any other
 * each request is signed by itself, and the socket is up as soon as it is open.
 */
import type { EventSink } from '../../engine/ports.ts';
import type { SessionParts } from '../../network/session.ts';
import { OrderSocket } from '../wire/order-socket.ts';
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
import { LIFE_MS } from './socket-wire.ts';
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

const LOG_ON_ID = 'logon';
/** By pings of the protocol, of which the venue takes five a second. */
const HEARTBEAT = { everyMs: 2_000, deadlineMs: 3_000 };
/** One answer may be lost on a connection that is well. */
const SILENT_MAX = 2;
const LOGGED_ON = 200;
/** Signed with a key that is not known any more, or on a socket that the venue has logged out. */
const NOT_AUTHORISED = 401;

export class TradeSocket {
	readonly #parts: TradeSocketParts;
	readonly #socket: OrderSocket<RestAnswer>;

	constructor(parts: TradeSocketParts) {
		this.#parts = parts;
		this.#socket = new OrderSocket({
			...parts,
			// Whoever goes on asking is shut out for longer, and a connection is asked for too (F53).
			...parts.ban.atDoors,
			heartbeat: HEARTBEAT,
			logOn: parts.credentials.canLogOn ? () => this.#logOn() : undefined,
			received: (frame) => this.#received(frame),
			lifeMs: LIFE_MS,
			silentMax: SILENT_MAX,
		});
	}

	get isUp(): boolean {
		return this.#socket.isUp;
	}

	start(): void {
		this.#socket.start();
	}

	/** Requests that are still open are heard as lost. */
	stop(): void {
		this.#socket.stop();
	}

	/** False when nothing was sent; otherwise heard exactly once, never from inside of this call. */
	send({ method, params, weight }: SocketRequest, heard: (answer: RestAnswer) => void): boolean {
		const { venueClock, weights, recvWindowMs } = this.#parts;
		const timestampMs = venueClock.venueNowMs();
		const frameOf = (id: string): string => this.#frame({ id, method, params }, timestampMs);
		const isSent = this.#socket.send(frameOf, { heard, mayLandUntilMs: timestampMs + recvWindowMs });
		if (isSent) weights.spend(weight, timestampMs);
		return isSent;
	}

	#frame(request: Parameters<typeof apiFrame>[0], timestampMs: number): string {
		const { credentials, recvWindowMs } = this.#parts;
		const isLoggedOn = credentials.canLogOn && request.id !== LOG_ON_ID;
		return apiFrame(request, { credentials, timestampMs, recvWindowMs, isLoggedOn });
	}

	#logOn(): string {
		return this.#frame({ id: LOG_ON_ID, method: 'session.logon', params: {} }, this.#parts.venueClock.venueNowMs());
	}

	#received(frame: Uint8Array): void {
		const parsed = parseFrame(frame);
		if (parsed.kind === 'bad') return;
		const { message } = parsed;
		const { id, event, status } = message;
		if (id === LOG_ON_ID) return this.#applyLogOn(message);
		if (isObject(event) && event['e'] === 'serverShutdown') return this.#socket.leave();
		const isAwaited = this.#socket.answer(id, (mayLandUntilMs) => this.#answerOf(message, mayLandUntilMs));
		if (!isAwaited) this.#heed(message);
		if (status !== NOT_AUTHORISED) return;
		// Some refusals leave out whose they are. We are not wanted here; each request waits for its deadline.
		if (isAwaited ? this.#parts.credentials.canLogOn : id === null || id === undefined) this.#socket.leave();
	}

	#applyLogOn(message: JsonObject): void {
		const { status } = message;
		this.#heed(message);
		if (status === LOGGED_ON) this.#socket.loggedOn();
		else this.#socket.logOnRefused(`log-on refused with status ${String(status).slice(0, 8)}`);
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
