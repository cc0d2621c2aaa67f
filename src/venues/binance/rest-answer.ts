/**
 * What comes back on a call over REST, in one form. Parsed with suspicion: whatever the bytes are, the result is one of
 * four kinds and nothing is thrown. What is not surely a refusal by the venue itself is left open, since an order may hang
 * on it (F05, F06). Numbers keep all their digits (F66).
 */
import { isObject } from '../wire/plain-values.ts';
import type { LostAnswer, Reply, UnreadableAnswer } from '../wire/rest-answer.ts';
import { type CallKind, type Verdict, venueText } from '../wire/verdict.ts';
import { BAN_MS_MIN } from './ban.ts';
import type { Market } from './codec/frames.ts';
import { parseLossless } from './codec/lossless.ts';
import { BAN_STATUS, httpVerdictOf, TOO_MANY_STATUS, verdictOf } from './errors.ts';
import type { LimitSeen } from './weights.ts';

export type RestAnswer =
	| {
			readonly kind: 'ok';
			/** As parsed; undefined where the call asked for the bytes alone. */
			readonly result: unknown;
			readonly body: Uint8Array;
			readonly limits: readonly LimitSeen[];
			/** The venue's time when it was asked: what it says is not older. */
			readonly askedAtMs: number;
	  }
	| {
			readonly kind: 'refused';
			/** The venue's code; the HTTP status where the body is not the venue's own. */
			readonly code: number;
			readonly message: string;
			readonly verdict: Verdict;
			/** What stands beside code and text: how far both halves of a replacement came. */
			readonly data: unknown;
			/** Shut out from this address: nothing may be sent for a while (F53). */
			readonly isBan: boolean;
			/** The venue says when to come back. */
			readonly retryAfterMs: number | undefined;
			readonly limits: readonly LimitSeen[];
			readonly mayLandUntilMs: number | undefined;
	  }
	| LostAnswer
	| UnreadableAnswer;

export interface Asked {
	readonly market: Market;
	readonly kind: CallKind;
	/** Nobody wants it parsed: a long book goes to a scanner. */
	readonly isRaw: boolean;
	readonly mayLandUntilMs: number | undefined;
	readonly askedAtMs: number;
	/** The venue's own count of our requests. */
	readonly limits: readonly LimitSeen[];
}

const HTTP_OK = 200;
const [BRACE, BRACKET] = [0x7b, 0x5b];
const SECONDS = /^\d{1,7}$/;
const BANNED_UNTIL = /banned until (\d{13})\b/;
/** Days at most; a longer one is no ban but a wrong clock. */
const RETRY_AFTER_MS_MAX = 3 * 86_400_000;

export function readReply(reply: Reply, asked: Asked): Exclude<RestAnswer, { kind: 'lost' }> {
	const { status, body } = reply;
	const { limits, askedAtMs } = asked;
	if (status === HTTP_OK && asked.isRaw) return { kind: 'ok', result: undefined, body, limits, askedAtMs };
	const result = parse(body);
	if (status === HTTP_OK && result !== undefined) return { kind: 'ok', result, body, limits, askedAtMs };
	return refusalOf(reply, result, asked);
}

function refusalOf(reply: Reply, result: unknown, asked: Asked): Exclude<RestAnswer, { kind: 'lost' | 'ok' }> {
	const { status, body } = reply;
	const { market, kind, limits, mayLandUntilMs, askedAtMs } = asked;
	const said = saidIn(result);
	const isBan = status === BAN_STATUS;
	const retryAfterMs = stayAwayMs({ status, toldMs: headerMs(reply), said: said?.message ?? '', nowMs: askedAtMs });
	const refusal = { kind: 'refused', isBan, retryAfterMs, limits, mayLandUntilMs } as const;
	if (status !== HTTP_OK && said !== undefined) {
		const { code, message, data } = said;
		return { ...refusal, code, message, data, verdict: verdictOf({ market, status, code, message }, kind) };
	}
	const verdict = httpVerdictOf(status, kind);
	if (status !== HTTP_OK && verdict.class !== 'ambiguous' && verdict.class !== 'transient') {
		return { ...refusal, code: status, message: verdict.meaning, data: undefined, verdict };
	}
	const detail = `HTTP ${status} with a body of ${body.length} bytes that is not the venue's own`;
	return { kind: 'unreadable', status, detail, verdict, mayLandUntilMs };
}

/** Of HTTP, where the refusal was not the venue's own: its codes are below zero. */
export function isStatus(code: number): boolean {
	return code > 0;
}

/** As the answer tells it; a ban also says its end in words, and lasts for minutes at least. */
export function stayAwayMs(of: {
	readonly status: number;
	readonly toldMs: number | undefined;
	readonly said: string;
	readonly nowMs: number;
}): number | undefined {
	const { status, toldMs, said, nowMs } = of;
	if (status !== BAN_STATUS && status !== TOO_MANY_STATUS) return undefined;
	if (toldMs !== undefined) return Math.min(Math.max(0, toldMs), RETRY_AFTER_MS_MAX);
	if (status === TOO_MANY_STATUS) return undefined;
	const until = BANNED_UNTIL.exec(said)?.[1];
	const leftMs = until === undefined ? 0 : Number(until) - nowMs;
	return Math.min(Math.max(leftMs, BAN_MS_MIN), RETRY_AFTER_MS_MAX);
}

/** Seconds. */
function headerMs(reply: Reply): number | undefined {
	const header = reply.header('retry-after');
	return header !== undefined && SECONDS.test(header) ? Number(header) * 1_000 : undefined;
}

/** What a refusal says: `{code, msg}`, and more beside it. */
export function saidIn(result: unknown): { readonly code: number; readonly message: string; readonly data: unknown } | undefined {
	if (!isObject(result)) return undefined;
	const { code, msg, data } = result;
	if (typeof code !== 'number' || !Number.isSafeInteger(code)) return undefined;
	return { code, message: typeof msg === 'string' ? venueText(msg) : '', data };
}

/** Undefined: no JSON, or none that the venue would send. */
function parse(body: Uint8Array): unknown {
	// HTML and emptiness are common enough not to pay for an exception.
	if (body[0] !== BRACE && body[0] !== BRACKET) return undefined;
	try {
		return parseLossless(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
	} catch (error) {
		if (error instanceof SyntaxError) return undefined;
		throw error;
	}
}
