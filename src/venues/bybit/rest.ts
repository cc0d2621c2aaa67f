/**
 * Calls to Bybit over HTTP: built, signed, sent, judged. On the order path everything happens in the one turn in which
 * it is asked, with each string built once, and nothing is ever sent a second time, with one exception: a refusal for
 * the clock is surely not done, so the clock is measured anew and the same body goes once more with a fresh time stamp.
 * Calls that are safe to repeat are repeated (rest-patience.ts). During a ban nothing is sent at all (F53).
 */

import { BREAKER_SETTINGS, type BreakerFigures, type BreakerSettings, CircuitBreakers } from '../../network/breaker.ts';
import { type Failure, failed } from '../../network/result.ts';
import type { HttpHeard, Transport } from '../../network/transport.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Meter, Tally, Timing } from '../../ports/meter.ts';
import type { Rng } from '../../ports/rng.ts';
import { Patience, type PatienceOptions, READ_PATIENCE } from '../wire/patience.ts';
import { hasFailed } from '../wire/rest-answer.ts';
import type { VenueClock } from '../wire/venue-clock.ts';
import type { CallKind } from '../wire/verdict.ts';
import { BAN_MS, BAN_STATUS, httpVerdictOf } from './errors.ts';
import { isStatus, type RestAnswer, readReply } from './rest-answer.ts';
import { againJudge } from './rest-patience.ts';
import type { Credentials } from './sign.ts';

export type { RateLimits, RestAnswer } from './rest-answer.ts';

export type QueryParams = Readonly<Record<string, string | number | undefined>>;

export interface RestCall {
	readonly method: 'GET' | 'POST';
	readonly path: string;
	/** Of a GET, in this order; `undefined` is left out. */
	readonly params?: QueryParams;
	/** Of a POST: JSON text, as it is signed. */
	readonly body?: string;
	readonly signed: boolean;
	readonly kind: CallKind;
	/** Which connections carry it: orders have a pool of their own. */
	readonly pool: string;
	/** Of each attempt. */
	readonly timeoutMs: number;
	/** How to repeat it. Reads have a default; orders are not repeated unless this says that they may be. */
	readonly patience?: PatienceOptions;
	/** Asked before what was refused for its time is sent once more. */
	readonly mayGoAgain?: () => boolean;
	/** Of reads, asked before each attempt: what nobody waits for any more is not sent. */
	readonly isWanted?: () => boolean;
}

export interface RestParts {
	readonly transport: Transport;
	readonly clock: Clock;
	readonly rng: Rng;
	readonly venueClock: VenueClock;
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
export const RECV_WINDOW_MS = 5_000;

/**
 * Short, since these reads are also how we find out what became of our orders: a minute of rest after a venue that was
 * gone for a moment would leave them in doubt for a minute longer than the venue was (I24).
 */
const READS_REST_MS = 5_000;

const USUAL_READS: ReadOptions = { patience: READ_PATIENCE, breaker: BREAKER_SETTINGS };

const TIME_PATH = '/v5/market/time';
const TIME_TIMEOUT_MS = 2_000;

export class BybitRest {
	readonly recvWindowMs: number;
	readonly #parts: RestParts;
	readonly #patience: Patience<RestAnswer>;
	readonly #readPatience: PatienceOptions;
	/** By path, for reads alone: nothing may stand in the way of a cancel (I11). */
	readonly #breakers: CircuitBreakers;
	/** Orders are timed by whoever knows their verb (order-calls.ts). */
	readonly #readTiming: Timing;
	readonly #errors: Tally;
	#bannedUntilMono = Number.NEGATIVE_INFINITY;

	constructor(parts: RestParts) {
		this.#parts = parts;
		this.recvWindowMs = parts.recvWindowMs ?? RECV_WINDOW_MS;
		const { clock, rng, venueClock } = parts;
		this.#patience = new Patience({ clock, rng, again: againJudge(venueClock) });
		const { patience, breaker } = parts.reads ?? USUAL_READS;
		this.#readPatience = patience;
		this.#breakers = new CircuitBreakers({
			clock: parts.clock,
			settings: { ...breaker, recoveryMs: Math.min(breaker.recoveryMs, READS_REST_MS) },
		});
		this.#readTiming = parts.meter.request('read', 'rest');
		this.#errors = parts.meter.restErrors(parts.venue);
	}

	/** Of reads, by path. */
	get breakers(): readonly BreakerFigures[] {
		return this.#breakers.figures;
	}

	/** How long nothing may be sent; 0 outside of a ban. */
	banLeftMs(): number {
		return Math.max(0, this.#bannedUntilMono - this.#parts.clock.monotonicMs());
	}

	/** Heard exactly once, never from inside of this call. */
	ask(call: RestCall, heard: (answer: RestAnswer) => void): void {
		const patience = call.patience ?? (call.kind === 'read' ? this.#readPatience : undefined);
		if (patience === undefined) this.#askOnTime(call, heard);
		else this.#patience.ask(patience, (answered) => this.#askGuarded(call, answered), heard);
	}

	askAsync(call: RestCall): Promise<RestAnswer> {
		return new Promise((resolve) => this.ask(call, resolve));
	}

	/** For `VenueClock.start`: no retries, since a late answer is worth nothing here. */
	askVenueTime(heard: (venueAtMs: number | undefined) => void): void {
		this.#send(
			{ method: 'GET', path: TIME_PATH, signed: false, kind: 'read', pool: READ_POOL, timeoutMs: TIME_TIMEOUT_MS },
			(answer) => heard(answer.kind === 'ok' ? answer.venueAtMs : undefined),
		);
	}

	#askGuarded(call: RestCall, heard: (answer: RestAnswer) => void): void {
		if (call.kind === 'order') return this.#askOnTime(call, heard);
		if (call.isWanted?.() === false) return this.#tellUnsent('aborted', 'nobody waits for it any more', heard);
		const passage = this.#breakers.of(call.path).enter();
		if ('kind' in passage) {
			this.#tellUnsent('resting', passage.detail, heard);
			return;
		}
		this.#askOnTime(call, (answer) => {
			if (answer.kind === 'ok') passage.succeeded();
			else passage.failed(failureOf(answer));
			heard(answer);
		});
	}

	#askOnTime(call: RestCall, heard: (answer: RestAnswer) => void): void {
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

	#send(call: RestCall, heard: (answer: RestAnswer) => void): void {
		const { transport, clock, venueClock, origin, credentials } = this.#parts;
		if (this.banLeftMs() > 0) return this.#refuse(call, heard);
		const query = call.params === undefined ? '' : queryOf(call.params);
		let headers: readonly string[] = call.body === undefined ? NO_HEADERS : JSON_HEADERS;
		let mayLandUntilMs: number | undefined;
		if (call.signed) {
			if (credentials === undefined) throw new Error(`${call.path} wants a signature, and no API key was given`);
			const timestampMs = venueClock.venueNowMs();
			mayLandUntilMs = timestampMs + this.recvWindowMs;
			headers = signedHeaders({ credentials, timestampMs, recvWindowMs: this.recvWindowMs }, query, call.body);
		}
		const sentAtMono = clock.monotonicMs();
		transport.request(
			{
				origin,
				method: call.method,
				target: query === '' ? call.path : `${call.path}?${query}`,
				headers,
				...(call.body === undefined ? NO_BODY : { body: call.body }),
				pool: call.pool,
				timeoutMs: call.timeoutMs,
			},
			(reply) => {
				const answer = this.#judge(reply, { call, sentAtMono, mayLandUntilMs });
				if (hasFailed(answer, isStatus)) this.#errors.add(1);
				heard(answer);
			},
		);
	}

	#judge(reply: HttpHeard, sent: { call: RestCall; sentAtMono: number; mayLandUntilMs: number | undefined }): RestAnswer {
		const { clock, venueClock, credentials } = this.#parts;
		const { mayLandUntilMs } = sent;
		if (reply.kind === 'lost') {
			return { kind: 'lost', sent: reply.sent, reason: reply.reason, detail: reply.detail, mayLandUntilMs };
		}
		const answer = readReply(reply, { kind: sent.call.kind, mayLandUntilMs });
		if (answer.kind === 'unreadable') return answer;
		const nowMono = clock.monotonicMs();
		if (sent.call.kind === 'read') this.#readTiming.record(nowMono - sent.sentAtMono);
		if (answer.kind === 'ok') {
			if (answer.venueAtMs !== undefined) venueClock.witness(sent.sentAtMono, nowMono, answer.venueAtMs);
			return answer;
		}
		if (answer.isBan) this.#bannedUntilMono = nowMono + BAN_MS;
		// The venue quotes what was signed, our key with it.
		const message = credentials === undefined ? answer.message : withoutKey(answer.message, credentials.apiKey);
		return { ...answer, message };
	}

	#tellUnsent(reason: 'resting' | 'aborted', detail: string, heard: (answer: RestAnswer) => void): void {
		const answer: RestAnswer = { kind: 'lost', sent: false, reason, detail, mayLandUntilMs: undefined };
		this.#parts.clock.after(0, () => heard(answer));
	}

	#refuse(call: RestCall, heard: (answer: RestAnswer) => void): void {
		const verdict = httpVerdictOf(BAN_STATUS, call.kind);
		const message = `not sent: shut out for another ${Math.ceil(this.banLeftMs() / 1_000)} s`;
		this.#parts.clock.after(0, () =>
			heard({
				kind: 'refused',
				code: BAN_STATUS,
				message,
				verdict,
				isBan: true,
				limits: undefined,
				mayLandUntilMs: undefined,
			}),
		);
	}
}

/** As the breaker judges it: a refusal shows that the endpoint is well. */
function failureOf(answer: Exclude<RestAnswer, { kind: 'ok' }>): Failure {
	return failed({ reason: 'error', class: answer.kind === 'refused' ? answer.verdict.class : 'transient', detail: '' });
}

const NO_BODY: { readonly body?: string } = {};
const NO_HEADERS: readonly string[] = [];
const JSON_HEADERS: readonly string[] = ['content-type', 'application/json'];

function signedHeaders(
	of: { readonly credentials: Credentials; readonly timestampMs: number; readonly recvWindowMs: number },
	query: string,
	body: string | undefined,
): readonly string[] {
	const { credentials, timestampMs, recvWindowMs } = of;
	const { apiKey } = credentials;
	const stamp = String(timestampMs);
	const window = String(recvWindowMs);
	const signature = credentials.sign(`${stamp}${apiKey}${window}`, body ?? query);
	const signed = [
		'x-bapi-api-key',
		apiKey,
		'x-bapi-timestamp',
		stamp,
		'x-bapi-recv-window',
		window,
		'x-bapi-sign',
		signature,
		'x-bapi-sign-type',
		'2',
	];
	if (body !== undefined) signed.push('content-type', 'application/json');
	return signed;
}

function queryOf(params: QueryParams): string {
	let query = '';
	for (const [name, value] of Object.entries(params)) {
		if (value === undefined) continue;
		query += `${query === '' ? '' : '&'}${name}=${encodeURIComponent(value)}`;
	}
	return query;
}

const KEY_TAIL = 4;

function withoutKey(message: string, apiKey: string): string {
	return message.replaceAll(apiKey, `…${apiKey.slice(-KEY_TAIL)}`);
}
