/**
 * The words of private records and what they mean to us. Sets that the venue may add to (reasons, causes) let unknown
 * words through as text or as "cannot be booked"; a status we do not know is an error, since an order's life hangs on it.
 */
import type { ReportedStatus } from '../../../domain/execution.ts';
import type { Category, Instrument } from '../../../domain/instrument.ts';
import { type Money, moneyOf } from '../../../domain/money.ts';
import type { Side } from '../../../domain/side.ts';
import type { ExecutionCause } from './frames.ts';

export const CATEGORIES: readonly Category[] = ['spot', 'linear', 'inverse'];

export const REPORTED_STATUS: ReadonlyMap<string, ReportedStatus> = new Map([
	['New', 'working'],
	['PartiallyFilled', 'working'],
	['Untriggered', 'working'],
	['Triggered', 'working'], // on its way to New
	['Filled', 'filled'],
	['Cancelled', 'cancelled'], // derivatives: may have fills
	['PartiallyFilledCanceled', 'cancelled'], // spot
	['Deactivated', 'cancelled'], // spot, before its trigger
	['Rejected', 'rejected'],
]);

/** 'unbooked': it may have changed the position in a way that we cannot book. */
export type ExecutionMeaning = ExecutionCause | 'funding' | 'unbooked';

export const EXECUTION_MEANING: ReadonlyMap<string, ExecutionMeaning> = new Map([
	['Trade', 'Trade'],
	['AdlTrade', 'AdlTrade'],
	['BustTrade', 'BustTrade'],
	['Settle', 'Settle'],
	['Delivery', 'Delivery'],
	['Funding', 'funding'],
]);

export const TOPIC_KIND: ReadonlyMap<string, 'order' | 'execution' | 'fast'> = new Map(
	['', '.spot', '.linear', '.inverse', '.option'].flatMap((suffix) => [
		[`order${suffix}`, 'order'],
		[`execution${suffix}`, 'execution'],
		[`execution.fast${suffix}`, 'fast'],
	]),
);

/** Our ids and the venue's are far shorter; an empty one is judged by whoever needs it. */
const ID = /^[\x21-\x7e]{0,64}$/;
/** Reasons end up in logs and on screens. */
const REASON = /^\w{1,64}$/;

export function isId(text: string): boolean {
	return ID.test(text);
}

/** Why an order is not what was wished; undefined when the venue says that nothing is wrong. */
export function reasonOf(rejectReason: string, cancelType: string): string | undefined {
	const word = isNothing(rejectReason, 'EC_NoError') ? cancelType : rejectReason;
	if (isNothing(word, 'UNKNOWN')) return undefined;
	return REASON.test(word) ? word : 'unreadable';
}

/**
 * A post-only order that would take is accepted first and cancelled then; to whoever placed it, it was never there. With
 * fills, or for any other reason, a cancelled order stays one.
 */
export function statusOf(status: ReportedStatus, rejectReason: string, filledLots: number): ReportedStatus {
	const neverRested = status === 'cancelled' && rejectReason === 'EC_PostOnlyWillTakeLiquidity' && filledLots === 0;
	return neverRested ? 'rejected' : status;
}

/** Spot market buys are counted in the quote currency unless the order says otherwise: no quantity of ours. */
export function isQtyInQuote(record: { category: Category; side: Side; orderType: string; marketUnit: string }): boolean {
	const { category, side, orderType, marketUnit } = record;
	return category === 'spot' && side === 'buy' && orderType === 'Market' && marketUnit !== 'baseCoin';
}

/** The coin of the fee where the record leaves it open: what was bought on spot, for rebates what was given. */
export function feeCurrencyOf(instrument: Instrument, side: Side, fee: Money, told: string): string {
	if (told !== '') return told;
	if (instrument.category !== 'spot') return instrument.settleCurrency;
	return (side === 'buy') === fee >= 0n ? instrument.baseCurrency : instrument.quoteCurrency;
}

/** The venue counts what is paid, we count what is received. */
export function received(fee: Money): Money {
	return moneyOf(-fee);
}

function isNothing(word: string, nothing: string): boolean {
	return word === '' || word === nothing;
}
