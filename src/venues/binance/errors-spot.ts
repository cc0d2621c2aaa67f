/**
 * Every code with which spot refuses, what it says in words, and what kind of failure it is for an order call. Futures
 * use some of the same codes for other things, so each market has a table. Kept as data, so that tests walk the same list.
 */
import { all, type ErrorRow, type TextRow } from './errors-rows.ts';

export const SPOT_ROWS: readonly ErrorRow[] = [
	...all('ambiguous', [
		[-1000, 'unknown error'],
		[-1001, 'internal error, connection within the venue lost'],
		[-1006, 'unexpected answer within the venue'],
		[-1007, 'timeout within the venue'],
		[-1010, 'refused by the matching engine'],
		// With 'Duplicate order sent.' it stands there, and in words that we do not know nobody can tell (F08).
		[-2010, 'order refused'],
		[-2021, 'half of the replacement was done'],
		[-2022, 'the replacement failed: what became of the old order stands beside it'],
	]),
	...all('rate-limited', [
		[-1003, 'too many requests'],
		[-1015, 'too many new orders'],
		[-1034, 'too many connections'],
	]),
	...all('clock', [[-1021, 'timestamp outside of the window']]),
	...all('auth', [
		[-1002, 'not authorised'],
		[-1022, 'wrong signature'],
		[-2014, 'API key malformed'],
		[-2015, 'API key, address or permission not accepted'],
	]),
	...all('transient', [
		[-1008, 'server busy'],
		[-1016, 'service shutting down'],
		[-1125, 'listen key unknown'],
	]),
	...all('fatal', [
		[-1013, 'against a filter of the symbol'],
		[-1014, 'order unsupported'],
		[-1020, 'operation unsupported'],
		[-1100, 'illegal characters in a parameter'],
		[-1101, 'too many parameters, or one twice'],
		[-1102, 'parameter missing'],
		[-1103, 'parameter unknown'],
		[-1104, 'parameter not read'],
		[-1105, 'parameter empty'],
		[-1106, 'parameter not needed'],
		[-1108, 'parameter out of range'],
		[-1111, 'too many decimals'],
		[-1112, 'no orders on the book'],
		[-1114, 'time in force not needed'],
		[-1115, 'time in force wrong'],
		[-1116, 'order type wrong'],
		[-1117, 'side wrong'],
		[-1118, 'new client order id empty'],
		[-1119, 'client order id empty'],
		[-1120, 'interval wrong'],
		[-1121, 'symbol unknown'],
		[-1122, 'symbol status wrong'],
		[-1127, 'time span too long'],
		[-1128, 'parameters do not go together'],
		[-1130, 'parameter not valid'],
		[-1131, 'receive window too wide'],
		[-1134, 'strategy type too small'],
		[-1135, 'JSON in a parameter wrong'],
		[-1139, 'ticker type wrong'],
		[-1145, 'cancel restrictions wrong'],
		[-1151, 'symbol named twice'],
		[-1194, 'time unit wrong'],
		[-1210, 'peg wrong'],
		[-1211, 'peg and price do not go together'],
		[-1220, 'symbol status does not match'],
		[-2011, 'cancel refused'],
		[-2016, 'no trading window'],
		[-2038, 'amend refused'],
		[-2039, 'client order id belongs to another order'],
		[-2042, 'too many subscriptions to user data'],
		[-2043, 'no reference price'],
	]),
	...all('benign', [
		[-2035, 'user data already subscribed'],
		[-2036, 'user data not subscribed'],
	]),
	{ code: -2013, meaning: 'no such order', order: 'benign', gone: true },
	{ code: -2026, meaning: 'order archived, ended without a fill long ago', order: 'benign', gone: true },
];

/** What the matching engine says in words: these codes only say that it said something. -1013 names a filter, or that nobody trades. */
export const SPOT_TEXT_CODES: ReadonlySet<number> = new Set([-1010, -1013, -2010, -2011, -2038]);

export const SPOT_TEXTS: readonly TextRow[] = [
	{ text: 'Unknown order sent.', order: 'benign', gone: true, meaning: 'order gone' },
	{ text: 'Duplicate order sent.', order: 'ambiguous', meaning: 'an open order has this id' },
	{ text: 'The requested action would change no state; rejecting', order: 'benign', meaning: 'order is already as asked' },
	...texts('fatal', [
		['Account has insufficient balance for requested action.', 'not enough money'],
		['Order would immediately match and take.', 'post-only order would take'],
		['Order would trigger immediately.', 'order would trigger at once'],
		['Price * QTY is zero or less.', 'order is worth nothing'],
		['IcebergQty exceeds QTY.', 'visible part larger than the whole'],
		['Unsupported order combination', 'combination unsupported'],
		['Order was not canceled due to cancel restrictions.', 'order not in the state that the cancel asks for'],
		['Order cancel-replace is not supported for this symbol.', 'symbol takes no replacement'],
		['Order amend is not supported for this symbol.', 'symbol takes no amends'],
		['Order amend (quantity increase) is not supported.', 'amends only reduce'],
		['Market orders are not supported for this symbol.', 'symbol takes no market orders'],
	]),
	...texts('auth', [
		['This action is disabled on this account.', 'account may not do this'],
		['This account may not place or cancel orders.', 'account may not trade'],
		['This symbol is not permitted for this account.', 'symbol not permitted'],
		['This symbol is restricted for this account.', 'symbol restricted'],
	]),
	...texts('transient', [
		['Market is closed.', 'market closed'],
		['Rest API trading is not enabled.', 'trading over REST switched off'],
		['WebSocket API trading is not enabled.', 'trading over the socket switched off'],
		['Order book liquidity is less than', 'not enough on the book'],
	]),
];

/** About tick, lot, bounds or status: our picture of the instrument may be old. */
export const SPOT_FILTER_CODES: ReadonlySet<number> = new Set([-1013, -1111, -1121, -1122]);

function texts(order: TextRow['order'], rows: readonly (readonly [text: string, meaning: string])[]): TextRow[] {
	return rows.map(([text, meaning]) => ({ text, meaning, order }));
}
