/**
 * How spot is made to tell of an account: a signed request on the WS API subscribes the connection to it. Every kind of
 * key may sign it, so nobody has to log on first. The subscription ends with the connection, or when the venue says so.
 *
 *   opened ─► subscribe ─► subscribed ─ terminated, key revoked ─► a new connection
 *               └ refused: measure the clock again if it was that, then a new connection (F46)
 */
import type { Clock, Timer } from '../../ports/clock.ts';
import { isObject, type JsonObject } from '../wire/plain-values.ts';
import type { VenueClock } from '../wire/venue-clock.ts';
import { readApiAnswer } from './api-answer.ts';
import { apiFrame } from './api-frame.ts';
import { type BinanceRest, withoutKey } from './rest.ts';
import type { Credentials } from './sign.ts';
import type { UserDoor, UserLine } from './user-socket.ts';
import { eventIn } from './user-words.ts';

export interface SpotDoorParts {
	readonly clock: Clock;
	readonly url: string;
	readonly credentials: Credentials;
	readonly venueClock: Pick<VenueClock, 'venueNowMs' | 'remeasure'>;
	/** Of spot: what it knows of bans, and how old a request may be. */
	readonly rest: Pick<BinanceRest, 'banLeftMs' | 'recvWindowMs' | 'heed'>;
}

/** A subscription that takes longer is none. */
const ANSWER_MS_MAX = 5_000;
/** The connection has it already, which is what was wanted. */
const ALREADY_ACTIVE = -2035;
/** Of a key that is gone. */
const NOT_AUTHORISED = 401;

export class SpotDoor implements UserDoor {
	readonly #parts: SpotDoorParts;
	#line: UserLine | undefined;
	#requestId = '';
	#requestCount = 0;
	#timer: Timer | undefined;

	constructor(parts: SpotDoorParts) {
		this.#parts = parts;
	}

	prepare(then: () => void): void {
		then();
	}

	url(): string {
		return this.#parts.url;
	}

	opened(line: UserLine): void {
		const { clock, rest } = this.#parts;
		this.#line = line;
		this.#requestId = '';
		this.#timer?.cancel();
		// Whoever asks during a ban is shut out for longer (F53).
		const banLeftMs = rest.banLeftMs();
		if (banLeftMs > 0) this.#timer = clock.after(banLeftMs, () => this.opened(line));
		else this.#subscribe(line);
	}

	ended(): void {
		this.#timer?.cancel();
		this.#line = undefined;
	}

	heard(message: unknown): void {
		const line = this.#line;
		if (line === undefined || !isObject(message)) return;
		if (eventIn(message)?.['e'] === 'eventStreamTerminated') return line.drop('the venue ended the subscription');
		const { id, status } = message;
		if (this.#requestId !== '' && id === this.#requestId) this.#applyAnswer(message, line);
		else if (status === NOT_AUTHORISED && (id === null || id === undefined)) line.drop('the key is not valid any more');
	}

	#subscribe(line: UserLine): void {
		const { clock, credentials, venueClock, rest } = this.#parts;
		this.#requestCount += 1;
		this.#requestId = `subscribe-${this.#requestCount}`;
		const request = { id: this.#requestId, method: 'userDataStream.subscribe.signature', params: {} };
		const timestampMs = venueClock.venueNowMs();
		line.send(apiFrame(request, { credentials, timestampMs, recvWindowMs: rest.recvWindowMs, isLoggedOn: false }));
		this.#timer = clock.after(ANSWER_MS_MAX, () => line.drop('no answer to the subscription'));
	}

	#applyAnswer(message: JsonObject, line: UserLine): void {
		const { venueClock, rest, credentials } = this.#parts;
		this.#requestId = '';
		this.#timer?.cancel();
		const heardAtMs = venueClock.venueNowMs();
		const answer = readApiAnswer(message, { market: 'spot', mayLandUntilMs: heardAtMs, heardAtMs, limits: [] });
		if (answer.kind === 'ok' || (answer.kind === 'refused' && answer.code === ALREADY_ACTIVE)) return line.subscribed();
		if (answer.kind !== 'refused') return line.drop(answer.detail);
		rest.heed(answer, Number(message['status']));
		line.refused(`${answer.verdict.meaning} (${answer.code}: ${withoutKey(answer.message, credentials.apiKey)})`);
		if (answer.verdict.class === 'clock') venueClock.remeasure(() => line.drop('our time was refused'));
		else line.drop('the subscription is refused');
	}
}
