/** Who goes on asking after an answer that tells him to stop is shut out, or for longer (F52, F53). */
import type { Ban } from './ban.ts';
import { TOO_MANY_STATUS } from './errors.ts';
import type { RestAnswer } from './rest-answer.ts';
import type { Weights } from './weights.ts';

/** Refused for its weight, and not told for how long: until the next window has surely begun. */
const PAUSE_MS = 60_000;
/** About orders alone, so that reads may go on. */
const TOO_MANY_ORDERS = -1015;

export function heed(
	{ code, isBan, retryAfterMs = PAUSE_MS }: Extract<RestAnswer, { kind: 'refused' }>,
	of: { readonly ban: Ban; readonly weights: Weights; readonly status: number; readonly heardAtMs: number },
): void {
	const { ban, weights, status, heardAtMs } = of;
	if (isBan) ban.begin(retryAfterMs);
	else if (status === TOO_MANY_STATUS && code !== TOO_MANY_ORDERS) weights.close(retryAfterMs, heardAtMs);
}
