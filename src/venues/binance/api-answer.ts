/** What comes back on a request of the WS API, in the form in which answers over REST are judged too. */
import { isObject, type JsonObject } from '../wire/plain-values.ts';
import type { Market } from './codec/frames.ts';
import { BAN_STATUS, httpVerdictOf, TOO_MANY_STATUS, verdictOf } from './errors.ts';
import { type RestAnswer, saidIn, stayAwayMs } from './rest-answer.ts';
import type { LimitSeen } from './weights.ts';

export interface ApiAsked {
	readonly market: Market;
	readonly mayLandUntilMs: number;
	/** By the venue's clock. */
	readonly heardAtMs: number;
	readonly limits: readonly LimitSeen[];
}

const OK = 200;
const EMPTY = new Uint8Array();

export function readApiAnswer(message: JsonObject, asked: ApiAsked): Exclude<RestAnswer, { kind: 'lost' }> {
	const { market, mayLandUntilMs, heardAtMs, limits } = asked;
	const { status, result, error } = message;
	if (status === OK && result !== undefined) return { kind: 'ok', result, body: EMPTY, limits, askedAtMs: heardAtMs };
	const said = saidIn(error) ?? bareOf(status);
	if (typeof status !== 'number' || status === OK || said === undefined) {
		const verdict = httpVerdictOf(OK, 'order');
		return { kind: 'unreadable', status: OK, detail: 'an answer without a result or a code', verdict, mayLandUntilMs };
	}
	const { code, message: text, data } = said;
	return {
		...{ kind: 'refused', code, message: text, data, limits, mayLandUntilMs },
		verdict: verdictOf({ market, status, code, message: text }, 'order'),
		isBan: status === BAN_STATUS,
		retryAfterMs: stayAwayMs({ status, toldMs: toldMs(data, heardAtMs), said: text, nowMs: heardAtMs }),
	};
}

/** Whether it says that we ask too much, whoever asked for it. */
export function isAboutRate(status: unknown): status is number {
	return status === BAN_STATUS || status === TOO_MANY_STATUS;
}

/** There the status says enough. */
function bareOf(status: unknown): ReturnType<typeof saidIn> {
	return isAboutRate(status) ? { code: status, message: '', data: undefined } : undefined;
}

/** An instant here, where HTTP has seconds to wait. */
function toldMs(data: unknown, heardAtMs: number): number | undefined {
	const retryAtMs = isObject(data) ? data['retryAfter'] : undefined;
	return typeof retryAtMs === 'number' && Number.isSafeInteger(retryAtMs) ? retryAtMs - heardAtMs : undefined;
}
