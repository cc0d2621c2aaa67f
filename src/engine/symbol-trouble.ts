/** What stops one symbol (KL1): for as long as it lasts, and until it has been gone for ten seconds. */
import type { RiskLimits } from '../risk/limits.ts';
import type { MarketState } from './market-state.ts';

/** Quotes stay this long after the book has become too old to quote from (PT4). */
export const PULL_AFTER_MS = 1_000;

export interface SymbolTrouble {
	readonly cause: 'symbol-mode' | 'book' | 'outlier';
	readonly reason: string;
}

/** A book that was never good to quote from is no trouble yet: it has not come, or came old. */
export function symbolTrouble(market: MarketState, { markCollar }: RiskLimits): SymbolTrouble | undefined {
	const { instrument, book, markTicks } = market;
	if (market.isBookTrusted) market.wasBookTrusted = true;
	if (instrument.status !== 'trading') {
		return { cause: 'symbol-mode', reason: `the venue does not trade ${instrument.symbol} now: ${instrument.status}` };
	}
	if (market.wasBookTrusted && market.bookOldForMs > PULL_AFTER_MS) {
		return { cause: 'book', reason: `the book of ${instrument.symbol} was too old` };
	}
	const midTicks = book.midTwiceTicks / 2;
	if (markTicks !== 0 && market.isBookSound && Math.abs(midTicks - markTicks) > markCollar * markTicks) {
		return { cause: 'outlier', reason: `the mid of ${instrument.symbol} was far from its mark` };
	}
	return undefined;
}
