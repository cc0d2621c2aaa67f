/**
 * What a refusal of Binance means for us, by market. One rule stands above the tables: for an order call, whatever is not
 * surely "not done" is unknown, and the venue is asked by id (I7). Codes that are not listed are ambiguous for orders, and
 * worth another try for reads.
 */
import type { Verb } from '../../domain/command.ts';
import type { FailureClass, Outcome } from '../../domain/outcome.ts';
import { type CallKind, unknownOutcome, type Verdict } from '../wire/verdict.ts';
import type { Market } from './codec/frames.ts';
import { FUTURES_FILTER_CODES, FUTURES_ROWS, FUTURES_UNAVAILABLE } from './errors-futures.ts';
import type { ErrorRow, TextRow } from './errors-rows.ts';
import { SPOT_FILTER_CODES, SPOT_ROWS, SPOT_TEXT_CODES, SPOT_TEXTS } from './errors-spot.ts';

/** A refusal as it came. */
export interface Refused {
	readonly market: Market;
	/** Of HTTP, or the one that stands in a frame of the WS API; an item of a batch has none. */
	readonly status: number | undefined;
	readonly code: number;
	readonly message: string;
}

/** Shut out from this address, for minutes or days (F53). */
export const BAN_STATUS = 418;
export const TOO_MANY_STATUS = 429;
const UNAVAILABLE_STATUS = 503;
const SERVER_ERRORS_FROM = 500;
/** The one code that says even with a server error that nothing was done. */
const BUSY_CODE = -1008;

type Verdicts = ReadonlyMap<number, Verdict>;

const VERDICTS: Record<Market, Record<CallKind, Verdicts>> = {
	spot: { order: verdictsOf(SPOT_ROWS, 'order'), read: verdictsOf(SPOT_ROWS, 'read') },
	linear: { order: verdictsOf(FUTURES_ROWS, 'order'), read: verdictsOf(FUTURES_ROWS, 'read') },
};
const UNLISTED: Record<CallKind, Verdict> = {
	order: plain('ambiguous', 'code not in our table'),
	read: plain('transient', 'code not in our table'),
};

/** Statuses that say that the request was never looked at. All others leave that open. */
const HTTP_REFUSALS: ReadonlyMap<number, Verdict> = new Map([
	[400, plain('fatal', 'request malformed')],
	[401, plain('auth', 'API key not accepted')],
	[403, plain('rate-limited', 'held back by the firewall, for too many requests or for their content')],
	[404, plain('fatal', 'path not there')],
	[405, plain('fatal', 'method not allowed')],
	[BAN_STATUS, plain('rate-limited', 'address shut out for too many requests')],
	[TOO_MANY_STATUS, plain('rate-limited', 'too many requests')],
	[451, plain('auth', 'nobody is served at this location')],
]);
/** Those that say more than whatever code stands beside them. */
const TELLING_STATUSES: ReadonlySet<number> = new Set([403, BAN_STATUS, TOO_MANY_STATUS, 451]);
const GATEWAY: Record<CallKind, Verdict> = {
	order: plain('ambiguous', 'server failed or answer unreadable'),
	read: plain('transient', 'server failed or answer unreadable'),
};

export function verdictOf(refused: Refused, kind: CallKind): Verdict {
	const { market, status = 400, code, message } = refused;
	if (TELLING_STATUSES.has(status)) return httpVerdictOf(status, kind);
	if (market === 'linear' && status === UNAVAILABLE_STATUS) {
		return textVerdictOf(FUTURES_UNAVAILABLE, message, kind) ?? busyOrGateway(refused, kind);
	}
	if (status >= SERVER_ERRORS_FROM) return busyOrGateway(refused, kind);
	const byText = market === 'spot' && SPOT_TEXT_CODES.has(code) ? textVerdictOf(SPOT_TEXTS, message, kind) : undefined;
	return byText ?? VERDICTS[market][kind].get(code) ?? UNLISTED[kind];
}

/** Of an answer whose body is not the venue's own. */
export function httpVerdictOf(status: number, kind: CallKind): Verdict {
	return HTTP_REFUSALS.get(status) ?? GATEWAY[kind];
}

/** Whether the instruments should be read anew before anything like it is sent again. */
export function isAboutFilters({ market, code }: Pick<Refused, 'market' | 'code'>): boolean {
	return (market === 'spot' ? SPOT_FILTER_CODES : FUTURES_FILTER_CODES).has(code);
}

/** What became of one order command that was refused in these words. */
export function outcomeOf(
	{ class: failure, gone }: Verdict,
	of: { readonly verb: Verb; readonly reason: string; readonly mayLandUntilMs: number | undefined },
): Outcome {
	const { verb, reason } = of;
	switch (failure) {
		case 'ambiguous':
			return unknownOutcome(reason, of.mayLandUntilMs);
		case 'benign':
			if (gone && verb !== 'place') return { kind: 'rejected', class: failure, gone, reason };
			if (gone) return unknownOutcome(reason, of.mayLandUntilMs);
			if (verb === 'cancel') return { kind: 'accepted', venueOrderId: undefined };
			// "Already as asked" about a change that we hold for open says that our picture is old: look it up.
			if (verb === 'amend') return unknownOutcome(reason, of.mayLandUntilMs);
			return { kind: 'rejected', class: failure, gone, reason };
		case 'transient':
		case 'rate-limited':
		case 'clock':
		case 'auth':
		case 'fatal':
			return { kind: 'rejected', class: failure, gone, reason };
	}
}

function busyOrGateway({ market, code, status }: Refused, kind: CallKind): Verdict {
	const busy = code === BUSY_CODE ? VERDICTS[market][kind].get(code) : undefined;
	return busy ?? httpVerdictOf(status ?? SERVER_ERRORS_FROM, kind);
}

function textVerdictOf(rows: readonly TextRow[], message: string, kind: CallKind): Verdict | undefined {
	const row = rows.find(({ text }) => message.startsWith(text));
	return row === undefined ? undefined : verdict(row, kind);
}

function verdictsOf(rows: readonly ErrorRow[], kind: CallKind): Verdicts {
	return new Map(rows.map((row) => [row.code, verdict(row, kind)]));
}

/** A read changes nothing, so that nothing about it is left open. */
function verdict({ order, gone, meaning }: Omit<ErrorRow, 'code'>, kind: CallKind): Verdict {
	const failure = kind === 'read' && order === 'ambiguous' ? 'transient' : order;
	return { class: failure, gone: gone === true, meaning };
}

function plain(failure: FailureClass, meaning: string): Verdict {
	return { class: failure, gone: false, meaning };
}
