/**
 * What comes back on a call, over REST or over the trade socket, in one form. Parsed with suspicion: whatever the bytes
 * are, the result is one of four kinds and nothing is thrown. What is not surely a refusal by the venue itself is left
 * open, since an order may hang on it (F05, F06).
 */
import type { LostAnswer, Reply, UnreadableAnswer } from '../wire/rest-answer.ts';
import { type CallKind, type Verdict, venueText } from '../wire/verdict.ts';
import { BAN_STATUS, httpVerdictOf, verdictOf } from './errors.ts';

/** The venue's own count of our requests of this kind. */
export interface RateLimits {
	readonly limit: number;
	readonly remaining: number;
	/** By the venue's clock; just about now unless the limit was exceeded. */
	readonly resetAtMs: number;
}

export type RestAnswer =
	| {
			readonly kind: 'ok';
			readonly result: unknown;
			/** `retExtInfo`: the outcome of each item, where a batch was sent. */
			readonly ext: unknown;
			/** A few old endpoints do not say. */
			readonly venueAtMs: number | undefined;
			readonly limits: RateLimits | undefined;
	  }
	| {
			readonly kind: 'refused';
			/** The venue's code; the HTTP status where the body is not the venue's own. */
			readonly code: number;
			readonly message: string;
			readonly verdict: Verdict;
			/** Shut out from this address: nothing may be sent for a while (F53). */
			readonly isBan: boolean;
			readonly limits: RateLimits | undefined;
			readonly mayLandUntilMs: number | undefined;
	  }
	| LostAnswer
	| UnreadableAnswer;

/** What the venue wraps every answer in. */
interface Envelope {
	readonly code: number;
	readonly message: string;
	readonly result: unknown;
	readonly ext: unknown;
	readonly venueAtMs: number | undefined;
}

const OK = 0;
const HTTP_OK = 200;
const TOO_MANY_REQUESTS = 429;
const SHORTEST_SERVER_ERROR = 500;
const BRACE = 0x7b;
const WHOLE = /^(0|-?[1-9]\d{0,8})$/;
const DIGITS = /^\d{1,15}$/;

export function readReply(
	reply: Reply,
	asked: { kind: CallKind; mayLandUntilMs: number | undefined },
): Exclude<RestAnswer, { kind: 'lost' }> {
	const { status } = reply;
	const { kind, mayLandUntilMs } = asked;
	const limits = limitsOf((name) => reply.header(name));
	const envelope = parseEnvelope(reply.body);
	if (status === HTTP_OK && envelope?.code === OK) {
		return { kind: 'ok', result: envelope.result, ext: envelope.ext, venueAtMs: envelope.venueAtMs, limits };
	}
	const refusal = { kind: 'refused', isBan: false, limits, mayLandUntilMs } as const;
	const byStatus = httpVerdictOf(status, kind);
	if (status === BAN_STATUS) {
		return { ...refusal, code: status, message: byStatus.meaning, verdict: byStatus, isBan: true };
	}
	if (envelope !== undefined && envelope.code !== OK) {
		const { code, message } = envelope;
		return { ...refusal, code, message, verdict: judged({ status, code, message }, kind) };
	}
	const detail = `HTTP ${status} with a body of ${reply.body.length} bytes that is not the venue's own`;
	const isRefusal = status !== HTTP_OK && byStatus.class !== 'ambiguous' && byStatus.class !== 'transient';
	if (isRefusal) {
		return { ...refusal, code: status, message: byStatus.meaning, verdict: byStatus };
	}
	return { kind: 'unreadable', status, detail, verdict: byStatus, mayLandUntilMs };
}

/** The code decides, unless the status says that something in between failed, or that we ask too often. */
function judged(said: { readonly status: number; readonly code: number; readonly message: string }, kind: CallKind): Verdict {
	const verdict = verdictOf(said.code, said.message, kind);
	if (said.status === TOO_MANY_REQUESTS) return { ...verdict, class: 'rate-limited', gone: false };
	return said.status >= SHORTEST_SERVER_ERROR ? httpVerdictOf(said.status, kind) : verdict;
}

/** A code below this is no code of the venue's. */
const FIRST_VENUE_CODE = 1_000;

/** Of HTTP, where the refusal was not the venue's own. */
export function isStatus(code: number): boolean {
	return code < FIRST_VENUE_CODE;
}

/** From headers by their lower-case names. */
export function limitsOf(header: (name: string) => string | undefined): RateLimits | undefined {
	const limit = digits(header('x-bapi-limit'));
	const remaining = digits(header('x-bapi-limit-status'));
	const resetAtMs = digits(header('x-bapi-limit-reset-timestamp'));
	if (limit === undefined || remaining === undefined || resetAtMs === undefined) return undefined;
	return { limit, remaining, resetAtMs };
}

function parseEnvelope(body: Uint8Array): Envelope | undefined {
	const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
	// HTML and emptiness are common enough not to pay for an exception.
	if (text.charCodeAt(0) !== BRACE) return undefined;
	try {
		// JSON that begins with a brace is an object.
		return envelopeOf(JSON.parse(text) as Readonly<Record<string, unknown>>);
	} catch (error) {
		if (error instanceof SyntaxError) return undefined;
		throw error;
	}
}

function envelopeOf({ retCode, retMsg, result, retExtInfo, time }: Readonly<Record<string, unknown>>): Envelope | undefined {
	const code = codeOf(retCode);
	if (code === undefined) return undefined;
	return {
		code,
		message: typeof retMsg === 'string' ? venueText(retMsg) : '',
		result,
		ext: retExtInfo,
		venueAtMs: typeof time === 'number' && Number.isSafeInteger(time) && time > 0 ? time : undefined,
	};
}

/** A number in the documents; some endpoints have been seen to write it as text. */
export function codeOf(value: unknown): number | undefined {
	if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
	return typeof value === 'string' && WHOLE.test(value) ? Number(value) : undefined;
}

function digits(text: string | undefined): number | undefined {
	return text !== undefined && DIGITS.test(text) ? Number(text) : undefined;
}
