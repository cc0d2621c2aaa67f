/**
 * The words of private records and what they mean to us. Sets that the venue may add to (reasons, causes) let unknown
 * words through as text; a status we do not know is an error, since an order's life hangs on it.
 */
import type { ReportedStatus } from '../../../domain/execution.ts';
import type { Instrument } from '../../../domain/instrument.ts';
import type { Side } from '../../../domain/side.ts';
import type { ExecutionCause, Market } from './frames.ts';

export const REPORTED_STATUS: ReadonlyMap<string, ReportedStatus> = new Map([
	['NEW', 'working'],
	['PENDING_NEW', 'working'],
	['PARTIALLY_FILLED', 'working'],
	['PENDING_CANCEL', 'working'],
	['FILLED', 'filled'],
	['CANCELED', 'cancelled'], // may have fills
	['REJECTED', 'rejected'],
	['EXPIRED', 'expired'], // may have fills
	['EXPIRED_IN_MATCH', 'expired'], // so that it would not trade with one of our own
]);

/** Our ids and the venue's are far shorter; an empty one is judged by whoever needs it. */
const ID = /^[\x21-\x7e]{0,64}$/;
/** Reasons end up in logs and on screens. */
const REASON = /^\w{1,64}$/;

export function isId(text: string): boolean {
	return ID.test(text);
}

/**
 * Trade ids count from 1 for each symbol of each market, so these two belong to the id. A trade between two orders of our
 * own has one id on both sides: tell them apart by the side. REST lists of trades make the same ids.
 */
export function executionIdOf({ category, symbol }: Instrument, tradeId: string): string {
	return `${category}:${symbol}:${tradeId}`;
}

/** Why futures ended an order, by number. */
const EXPIRY: ReadonlyMap<string, string> = new Map([
	['1', 'SELF_TRADE_PREVENTION'],
	['2', 'IOC_REST'],
	['3', 'IOC_REST_BY_SELF_TRADE_PREVENTION'],
	['4', 'KNOCKED_OUT_BY_REDUCE_ONLY'],
	['5', 'LIQUIDATION'],
	['6', 'GTE_CONDITION'],
	['7', 'DELISTED'],
	['8', 'STOP_TRIGGERED'],
	['9', 'MARKET_REST'],
	['10', 'FOK'],
	['11', 'POST_ONLY'],
]);

/** Members that say why, each empty where it is missing. */
export interface Why {
	/** Spot: of a rejection, and of an expiry. */
	readonly r: string;
	readonly eR: string;
	/** Futures: of an expiry. */
	readonly er: string;
	readonly status: string;
}

/** Why an order is not what was wished; undefined when the venue says that nothing is wrong. */
export function reasonOf({ r, eR, er, status }: Why): string | undefined {
	if (status === 'EXPIRED_IN_MATCH') return 'SELF_TRADE_PREVENTION';
	const word = r !== '' && r !== 'NONE' ? r : eR !== '' ? eR : er === '' || er === '0' ? '' : (EXPIRY.get(er) ?? `EXPIRY_${er}`);
	if (word === '') return undefined;
	return REASON.test(word) ? word : 'unreadable';
}

/**
 * Spot gives a cancel an id of its own, which stands where the order's was, and the order's beside it. An order that was
 * amended has the id that it goes by from then on.
 */
export function clientOrderIdOf({ c, C, x }: { readonly c: string; readonly C: string; readonly x: string }): string {
	return C === '' || x === 'REPLACED' ? c : C;
}

/** Positions that the venue closes itself carry ids of its own making. */
export function causeOf({ x, c }: { readonly x: string; readonly c: string }, market: Market): ExecutionCause {
	if (market === 'spot') return 'trade';
	if (c.startsWith('adl_autoclose')) return 'deleveraging';
	if (c.startsWith('settlement_autoclose-') || c.startsWith('delivery_autoclose-')) return 'settlement';
	return c.startsWith('autoclose-') || x === 'CALCULATED' ? 'liquidation' : 'trade';
}

/** The coin of the fee where the record leaves it open, as it does when there is none. */
export function feeCurrencyOf(instrument: Instrument, side: Side, told: string): string {
	if (told !== '') return told;
	if (instrument.category !== 'spot') return instrument.settleCurrency;
	return side === 'buy' ? instrument.baseCurrency : instrument.quoteCurrency;
}
