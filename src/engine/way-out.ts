/** What of a position is ours to close, and how much of it one order may take. Pure, for all who close positions. */
import type { Ticks } from '../domain/units.ts';
import { lotsWithin } from '../risk/clip.ts';
import type { MarketState } from './market-state.ts';

/** How far from the mid an order that closes a position may trade. */
const WAY_OUT_COLLAR = 0.005;

/**
 * What is ours and still there: what somebody else closed is no longer, and what he opened beside it stays his. Signed.
 */
export function toClose({ exposure: { positionLots, foreignLots } }: MarketState): number {
	const both = positionLots + foreignLots;
	return positionLots > 0 ? Math.max(0, Math.min(positionLots, both)) : Math.min(0, Math.max(positionLots, both));
}

/** A rest that the venue does not take (F64): it stays, and nobody tries again. */
export function isDust({ instrument, book }: MarketState, lots: number): boolean {
	if (lots < instrument.qtyLotsMin) return true;
	if (instrument.reduceOnlySkipsNotionalMin || book.midTwiceTicks === 0) return false;
	return lots * (book.midTwiceTicks / 2) < instrument.notionalTickLotsMin;
}

/** The worst price of such an order, rounded towards the mid so that none is worse than its collar, and the most lots. */
export function wayOutTerms(market: MarketState, side: 'buy' | 'sell', notionalMax: number) {
	const { instrument, book, exposure } = market;
	const midTicks = book.midTwiceTicks / 2;
	const worst = side === 'sell' ? Math.ceil(midTicks * (1 - WAY_OUT_COLLAR)) : Math.floor(midTicks * (1 + WAY_OUT_COLLAR));
	const worthOfLot = Math.max(worst, midTicks) * instrument.tickLotNumber * exposure.quoteRate;
	return { priceTicks: worst as Ticks, mostLots: Math.min(instrument.qtyLotsMax, lotsWithin(notionalMax, worthOfLot)) };
}
