/**
 * Faults that refuse a request before it has any effect, in the order in which a venue would look: is it open, does the
 * key hold, is the client too fast. REST and the trade socket ask the same question.
 */

import type { FaultContext } from './context.ts';
import type { Dialect, Refusal } from './dialect.ts';
import type { Candidate } from './strike.ts';

export interface Refused {
	readonly refusal: Refusal;
	/** How a refusal looks; the trade socket knows the venue's own form only. */
	readonly form: 'venue' | 'http-429';
	readonly retryAfterMs: number;
}

export function refusalOf(
	{ faults, dialect }: FaultContext,
	candidate: Candidate,
	{ isSigned }: { readonly isSigned: boolean },
): Refused | undefined {
	const closed = faults.prepare('maintenance', candidate, ({ mode }) => isShut(mode, candidate.operation, dialect));
	if (closed !== undefined) {
		closed.count();
		return { refusal: closed.parameters.mode === 'closed' ? 'closed' : 'halted', form: 'venue', retryAfterMs: 0 };
	}
	const revoked = isSigned ? faults.strike('revoke-key', candidate) : undefined;
	if (revoked !== undefined) return { refusal: `key-${revoked.parameters.reason}`, form: 'venue', retryAfterMs: 0 };
	const limited = faults.strike('rate-limit', candidate);
	if (limited === undefined) return undefined;
	return { refusal: 'too-many', form: limited.parameters.form, retryAfterMs: limited.parameters.retryAfterMs };
}

/** The post-only phase is told by the exchange, which knows one order from another. */
function isShut(mode: 'closed' | 'halted' | 'cancel-only' | 'post-only', operation: string, dialect: Dialect): boolean {
	if (mode === 'closed') return true;
	if (operation === '' || mode === 'post-only') return false;
	return mode === 'halted' || !dialect.isCancel(operation);
}
