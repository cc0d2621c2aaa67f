/**
 * Calls to one market of Binance over HTTP: built, signed, sent, judged. On the order path everything happens in the one
 * turn in which it is asked, with each string built once, and nothing is ever sent a second time, with one exception: a
 * refusal for the clock is surely not done, so the clock is measured anew and the same call goes once more with a fresh
 * time stamp. Calls that are safe to repeat are repeated, and wait where the venue has no room. During a ban nothing is
 * sent at all (F53).
 */

import { BREAKER_SETTINGS, type BreakerFigures, type BreakerSettings, CircuitBreakers } from '../../network/breaker.ts';
import { type Failure, failed } from '../../network/result.ts';
import type { HttpHeard, Transport } from '../../network/transport.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Meter, Tally, Timing } from '../../ports/meter.ts';
import type { Rng } from '../../ports/rng.ts';
import { Patience, type PatienceOptions, READ_PATIENCE } from '../wire/patience.ts';
import { isObject } from '../wire/plain-values.ts';
import { hasFailed } from '../wire/rest-answer.ts';
import type { VenueClock } from '../wire/venue-clock.ts';
import type { CallKind } from '../wire/verdict.ts';
import type { Ban } from './ban.ts';
import type { Market } from './codec/frames.ts';
import { BAN_STATUS, httpVerdictOf } from './errors.ts';
import { heed } from './heed.ts';
import { ReadGate } from './read-gate.ts';
import { isStatus, type RestAnswer, readReply } from './rest-answer.ts';
import { again, orderAgain } from './rest-patience.ts';
import type { Credentials } from './sign.ts';
import type { ReadKind, Weights } from './weights.ts';

export type { RestAnswer } from './rest-answer.ts';

export type Params = Readonly<Record<string, string | number | undefined>>;

export interface RestCall {
	readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
	readonly path: string;
	/** In this order, `undefined` left out; or the same as text, encoded already. */
	readonly params?: Params | string;
	/** `key`: the key without a signature, as for listen keys. */
	readonly security: 'none' | 'key' | 'signed';
	readonly kind: CallKind;
	/** What the venue counts for it. */
	readonly weight: number;
	/** What comes first where weight is short; the market unless said. */
	readonly rank?: ReadKind;
	/** Which connections carry it: orders have a pool of their own. */
	readonly pool: string;
	/** Of each attempt, once it may leave. */
	readonly timeoutMs: number;
	/** The bytes of a good answer are handed over unparsed. */
	readonly isRaw?: boolean;
	/** How to repeat it. Reads have a default; orders are not repeated unless this says that they may be. */
	readonly patience?: PatienceOptions;
	/** Asked before what was refused for its time is sent once more. */
	readonly mayGoAgain?: () => boolean;
	/** Of reads, asked before each attempt: what nobody waits for any more is not sent. */
	readonly isWanted?: () => boolean;
}

export interface RestParts {
	readonly market: Market;
	readonly transport: Transport;
	readonly clock: Clock;
	readonly rng: Rng;
	readonly venueClock: VenueClock;
	readonly weights: Weights;
	readonly ban: Ban;
	readonly meter: Pick<Meter, 'request' | 'restErrors'>;
	/** What events and figures call it. */
	readonly venue: string;
	/** Scheme, host and port. */
	readonly origin: string;
	/** Without them only public calls can be made. */
	readonly credentials: Credentials | undefined;
	/** How long the venue may take a request after its time stamp. */
	readonly recvWindowMs?: number;
	/** The usual unless said. */
	readonly reads?: ReadOptions;
}

/** What happens to reads that fail. */
export interface ReadOptions {
	readonly patience: PatienceOptions;
	/** What is longer than the usual rest is cut down to it. */
	readonly breaker: Pick<BreakerSettings, 'failureThreshold' | 'recoveryMs'>;
}

export const ORDER_POOL = 'orders';
export const READ_POOL = 'reads';
/** Small, since it is also how long an unanswered create stays in doubt. */
const RECV_WINDOW_MS = 5_000;

/** Short: these reads are also how we find out what became of our orders (I24). */
const READS_REST_MS = 5_000;
const USUAL_READS: ReadOptions = { patience: READ_PATIENCE, breaker: BREAKER_SETTINGS };

export const TIME_PATH: Record<Market, string> = { spot: '/api/v3/time', linear: '/fapi/v1/time' };
const TIME_TIMEOUT_MS = 2_000;
type Heard = (answer: RestAnswer) => void;

interface Sent {
	readonly call: RestCall;
	readonly sentAtMono: number;
	readonly askedAtMs: number;
	readonly mayLandUntilMs: number | undefined;
}

export class BinanceRest {
	readonly market: Market;
	readonly recvWindowMs: number;
	readonly #parts: RestParts;
	readonly #gate: ReadGate;
	readonly #patience: Readonly<Record<CallKind, Patience<RestAnswer>>>;
	readonly #readPatience: PatienceOptions;
	/** By path, for reads alone: nothing may stand in the way of a cancel (I11). */
	readonly #breakers: CircuitBreakers;
	/** Orders are timed by whoever knows their verb. */
	readonly #readTiming: Timing;
	readonly #errors: Tally;

	constructor(parts: RestParts) {
		const { clock, rng, venueClock, weights } = parts;
		this.#parts = parts;
		this.market = parts.market;
		this.recvWindowMs = parts.recvWindowMs ?? RECV_WINDOW_MS;
		this.#gate = new ReadGate({ clock, venueClock, weights });
		this.#patience = {
			read: new Patience({ clock, rng, again }),
			order: new Patience({ clock, rng, again: orderAgain }),
		};
		const { patience, breaker } = parts.reads ?? USUAL_READS;
		this.#readPatience = patience;
		this.#breakers = new CircuitBreakers({
			clock,
			settings: { ...breaker, recoveryMs: Math.min(breaker.recoveryMs, READS_REST_MS) },
		});
		this.#readTiming = parts.meter.request('read', 'rest');
		this.#errors = parts.meter.restErrors(parts.venue);
	}

	/** Of reads, by path. */
	get breakers(): readonly BreakerFigures[] {
		return this.#breakers.figures;
	}

	get ban(): Ban {
		return this.#parts.ban;
	}

	/** How long nothing may be sent; 0 outside of a ban. */
	banLeftMs(): number {
		return this.#parts.ban.leftMs();
	}

	/** A refusal of this market that came by another way. */
	heed(refused: Extract<RestAnswer, { kind: 'refused' }>, status: number): void {
		const { ban, weights, venueClock } = this.#parts;
		heed(refused, { ban, weights, status, heardAtMs: venueClock.venueNowMs() });
	}

	/** Heard exactly once, never from inside of this call. */
	ask(call: RestCall, heard: Heard): void {
		const patience = call.patience ?? (call.kind === 'read' ? this.#readPatience : undefined);
		if (patience === undefined) this.#askOnTime(call, heard);
		else this.#patience[call.kind].ask(patience, (answered) => this.#askGuarded(call, answered), heard);
	}

	askAsync(call: RestCall): Promise<RestAnswer> {
		return new Promise((resolve) => this.ask(call, resolve));
	}

	/** For `VenueClock.start`: no retries and no waiting, since a late answer is worth nothing here. */
	askVenueTime(heard: (venueAtMs: number | undefined) => void): void {
		const path = TIME_PATH[this.market];
		const timeoutMs = TIME_TIMEOUT_MS;
		this.#send({ method: 'GET', path, security: 'none', kind: 'read', weight: 1, pool: READ_POOL, timeoutMs }, (answer) =>
			heard(answer.kind === 'ok' ? serverTimeOf(answer.result) : undefined),
		);
	}

	#askGuarded(call: RestCall, heard: Heard): void {
		if (call.kind === 'order') return this.#askOnTime(call, heard);
		const passage = this.#breakers.of(call.path).enter();
		if ('kind' in passage) return this.#tellLater(unsent('resting', passage.detail), heard);
		const judged: Heard = (answer) => {
			if (answer.kind === 'ok') passage.succeeded();
			else passage.failed(failureOf(answer));
			heard(answer);
		};
		// It may have waited for long.
		const go = (): void => (call.isWanted?.() === false ? this.#tellLater(UNWANTED, judged) : this.#askOnTime(call, judged));
		const { rank: kind, isWanted } = call;
		const isTaken = this.#gate.pass(call.weight, go, {
			...(kind === undefined ? {} : { kind }),
			...(isWanted === undefined ? {} : { isWanted }),
		});
		if (!isTaken) this.#tellLater(unsent('exhausted', 'too many reads wait for room already'), judged);
	}

	#askOnTime(call: RestCall, heard: Heard): void {
		const { clock, venueClock } = this.#parts;
		const startedAtMono = clock.monotonicMs();
		this.#send(call, (answer) => {
			if (answer.kind !== 'refused' || answer.verdict.class !== 'clock') return heard(answer);
			venueClock.remeasure((isMeasured) => {
				// It may be us who were late, asleep, and not the clock: then what was to be placed is old (F58).
				const isStale = call.kind === 'order' && clock.monotonicMs() - startedAtMono >= call.timeoutMs;
				if (isMeasured && !isStale && call.mayGoAgain?.() !== false) this.#send(call, heard);
				else heard(answer);
			});
		});
	}

	#send(call: RestCall, heard: Heard): void {
		const { transport, clock, venueClock, weights, origin } = this.#parts;
		if (this.banLeftMs() > 0) return this.#tellLater(this.#banned(call), heard);
		const askedAtMs = venueClock.venueNowMs();
		weights.spend(call.weight, askedAtMs);
		const text = this.#textOf(call, askedAtMs);
		const isForm = text !== '' && (call.method === 'POST' || call.method === 'PUT');
		const mayLandUntilMs = call.security === 'signed' ? askedAtMs + this.recvWindowMs : undefined;
		const sent: Sent = { call, sentAtMono: clock.monotonicMs(), askedAtMs, mayLandUntilMs };
		transport.request(
			{
				origin,
				method: call.method,
				target: isForm || text === '' ? call.path : `${call.path}?${text}`,
				headers: this.#headersOf(call, isForm),
				...(isForm ? { body: text } : NO_BODY),
				pool: call.pool,
				timeoutMs: call.timeoutMs,
			},
			(reply) => {
				const answer = this.#judge(reply, sent);
				if (hasFailed(answer, isStatus)) this.#errors.add(1);
				heard(answer);
			},
		);
	}

	/** As it is signed and as it is sent, to the letter. */
	#textOf({ params, security }: RestCall, timestampMs: number): string {
		const text = params === undefined ? '' : typeof params === 'string' ? params : textOfParams(params);
		if (security !== 'signed') return text;
		const stamped = `${text}${text === '' ? '' : '&'}recvWindow=${this.recvWindowMs}&timestamp=${timestampMs}`;
		return `${stamped}&signature=${encodeURIComponent(this.#credentials().sign(stamped))}`;
	}

	#headersOf({ security }: RestCall, isForm: boolean): readonly string[] {
		if (security === 'none') return isForm ? FORM_HEADERS : NO_HEADERS;
		const headers = ['x-mbx-apikey', this.#credentials().apiKey];
		return isForm ? [...headers, ...FORM_HEADERS] : headers;
	}

	#credentials(): Credentials {
		const { credentials } = this.#parts;
		if (credentials === undefined) throw new Error('the call wants a signature, and no API key was given');
		return credentials;
	}

	#judge(reply: HttpHeard, { call, sentAtMono, askedAtMs, mayLandUntilMs }: Sent): RestAnswer {
		const { clock, venueClock, weights, credentials } = this.#parts;
		if (reply.kind === 'lost') {
			return { kind: 'lost', sent: reply.sent, reason: reply.reason, detail: reply.detail, mayLandUntilMs };
		}
		const heardAtMs = venueClock.venueNowMs();
		const limits = weights.seenIn((name) => reply.header(name), { askedAtMs, heardAtMs });
		weights.sighted(limits, heardAtMs);
		const { market } = this;
		const { kind, isRaw = false } = call;
		const answer = readReply(reply, { market, kind, isRaw, mayLandUntilMs, askedAtMs, limits });
		if (answer.kind === 'unreadable') return answer;
		if (kind === 'read') this.#readTiming.record(clock.monotonicMs() - sentAtMono);
		if (answer.kind === 'ok') return answer;
		this.heed(answer, reply.status);
		// The venue quotes what was signed, our key with it.
		const message = credentials === undefined ? answer.message : withoutKey(answer.message, credentials.apiKey);
		return { ...answer, message };
	}

	#banned({ kind }: RestCall): RestAnswer {
		const leftMs = this.banLeftMs();
		return {
			kind: 'refused',
			code: BAN_STATUS,
			message: `not sent: shut out for another ${Math.ceil(leftMs / 1_000)} s`,
			verdict: httpVerdictOf(BAN_STATUS, kind),
			data: undefined,
			isBan: true,
			retryAfterMs: leftMs,
			limits: [],
			mayLandUntilMs: undefined,
		};
	}

	#tellLater(answer: RestAnswer, heard: Heard): void {
		this.#parts.clock.after(0, () => heard(answer));
	}
}

/** As the breaker judges it: a refusal shows that the endpoint is well, and what never left shows nothing. */
function failureOf(answer: Exclude<RestAnswer, { kind: 'ok' }>): Failure {
	const isOurs = answer.kind === 'lost' && (answer.reason === 'aborted' || answer.reason === 'exhausted');
	return failed({
		reason: isOurs ? 'aborted' : 'error',
		class: answer.kind === 'refused' ? answer.verdict.class : 'transient',
		detail: '',
	});
}

function unsent(reason: 'resting' | 'exhausted' | 'aborted', detail: string): RestAnswer {
	return { kind: 'lost', sent: false, reason, detail, mayLandUntilMs: undefined };
}

const UNWANTED = unsent('aborted', 'nobody waits for it any more');

function serverTimeOf(result: unknown): number | undefined {
	const serverTime = isObject(result) ? result['serverTime'] : undefined;
	return typeof serverTime === 'number' && Number.isSafeInteger(serverTime) && serverTime > 0 ? serverTime : undefined;
}

const NO_BODY: { readonly body?: string } = {};
const NO_HEADERS: readonly string[] = [];
const FORM_HEADERS: readonly string[] = ['content-type', 'application/x-www-form-urlencoded'];

export function textOfParams(params: Params): string {
	let text = '';
	for (const [name, value] of Object.entries(params)) {
		if (value === undefined) continue;
		text += `${text === '' ? '' : '&'}${name}=${encodeURIComponent(value)}`;
	}
	return text;
}

const KEY_TAIL = 4;

/** Text of the venue may quote what was signed (I19). */
export function withoutKey(message: string, apiKey: string): string {
	return message.replaceAll(apiKey, `…${apiKey.slice(-KEY_TAIL)}`);
}
