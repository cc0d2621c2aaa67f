/**
 * What a refusal of Bybit means for us. One rule stands above the table: for an order call, whatever is not surely
 * "not done" is unknown, and the venue is asked by id (I7). Codes that are not listed are ambiguous for orders, and
 * worth another try for reads.
 */
import type { Verb } from '../../domain/command.ts';
import type { FailureClass, Outcome } from '../../domain/outcome.ts';
import { type CallKind, unknownOutcome, type Verdict } from '../wire/verdict.ts';
import { ERROR_ROWS, type ErrorRow, FILTER_CODES } from './errors-table.ts';

const CLASS_OF_UNLISTED: Record<CallKind, FailureClass> = { order: 'ambiguous', read: 'transient' };

/** An amend to what stands already is refused with the code for bad parameters; only the text tells them apart. */
const PARAMETER_ERROR = 10001;
const UNCHANGED_TEXT = 'remains unchanged';

const UNCHANGED: Verdict = { class: 'benign', gone: false, meaning: 'order is already as asked' };

const VERDICTS: Record<CallKind, ReadonlyMap<number, Verdict>> = {
	order: new Map(ERROR_ROWS.map((row) => [row.code, verdict(row, row.order)])),
	read: new Map(ERROR_ROWS.map((row) => [row.code, verdict(row, row.order === 'ambiguous' ? 'transient' : row.order)])),
};

const UNLISTED: Record<CallKind, Verdict> = {
	order: plain(CLASS_OF_UNLISTED.order, 'code not in our table'),
	read: plain(CLASS_OF_UNLISTED.read, 'code not in our table'),
};

/** Statuses that say that the request was never looked at. All others leave that open. */
const HTTP_REFUSALS: ReadonlyMap<number, Verdict> = new Map([
	[400, plain('fatal', 'request malformed')],
	[401, plain('auth', 'API key not accepted')],
	[403, plain('rate-limited', 'address shut out for too many requests, or by region')],
	[404, plain('fatal', 'path or category not there')],
	[405, plain('fatal', 'method not allowed')],
]);
const OVERLOADED: Record<CallKind, Verdict> = {
	order: plain('ambiguous', 'system protection, said by somebody in between'),
	read: plain('rate-limited', 'system protection against too many requests'),
};
const GATEWAY: Record<CallKind, Verdict> = {
	order: plain('ambiguous', 'gateway failed or answer unreadable'),
	read: plain('transient', 'gateway failed or answer unreadable'),
};

export function verdictOf(code: number, message: string, kind: CallKind): Verdict {
	if (code === PARAMETER_ERROR && message.includes(UNCHANGED_TEXT)) return UNCHANGED;
	return VERDICTS[kind].get(code) ?? UNLISTED[kind];
}

/** Of an answer whose body is not the venue's own. */
export function httpVerdictOf(status: number, kind: CallKind): Verdict {
	return HTTP_REFUSALS.get(status) ?? (status === 429 ? OVERLOADED[kind] : GATEWAY[kind]);
}

/** The status alone, whatever the body says: shut out from this address, for ten minutes at least (F53). */
export const BAN_STATUS = 403;
export const BAN_MS = 600_000;

/** What became of one order command that was refused in these words. */
export function outcomeOf(
	{ class: failure, gone }: Verdict,
	of: { readonly verb: Verb; readonly reason: string; readonly mayLandUntilMs: number | undefined },
): Outcome {
	const { verb, reason } = of;
	switch (failure) {
		case 'ambiguous':
			return unknownOutcome(reason, of.mayLandUntilMs);
		case 'transient':
			// The venue is busy with it: a cancel is simply asked again, anything else might have taken effect.
			return verb === 'cancel' ? { kind: 'rejected', class: failure, gone, reason } : unknownOutcome(reason, of.mayLandUntilMs);
		case 'benign':
			if (gone && verb !== 'place') return { kind: 'rejected', class: failure, gone, reason };
			// "Already as asked" about a change that we hold for open says that our picture is old: look it up.
			return verb === 'cancel' ? { kind: 'accepted', venueOrderId: undefined } : unknownOutcome(reason, of.mayLandUntilMs);
		case 'rate-limited':
		case 'clock':
		case 'auth':
		case 'fatal':
			return { kind: 'rejected', class: failure, gone, reason };
	}
}

/** Whether the instruments should be read anew before anything like it is sent again. */
export function isAboutFilters(code: number): boolean {
	return FILTER_CODES.has(code);
}

function verdict({ gone, meaning }: ErrorRow, failure: FailureClass): Verdict {
	return { class: failure, gone: gone === true, meaning };
}

function plain(failure: FailureClass, meaning: string): Verdict {
	return { class: failure, gone: false, meaning };
}
