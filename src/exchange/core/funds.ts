/**
 * What orders reserve, and whether an account can afford one. Spot orders lock what they would give away; orders in
 * contracts count towards the initial margin of their position, unless they can only reduce it. A market order reserves
 * nothing, since it never rests: it is measured against the book instead, before it goes in.
 */
import type { Account } from './account.ts';
import type { OrderSide } from './book.ts';
import type { OrderRecord } from './order.ts';
import type { RefusalReason } from './requests.ts';
import type { TradingSymbol } from './trading-symbol.ts';

/** Reserves for `lots` of an order at its present price; a negative count gives back. */
export function reserve(record: OrderRecord, symbol: TradingSymbol, lots: number): void {
	const { account, listing, side } = record;
	if (listing.kind === 'spot') {
		const wallet = account.wallet(side === 'buy' ? listing.spec.quoteCoin : listing.spec.baseCoin);
		wallet.lockedAtoms += side === 'buy' ? listing.valueAtoms(record.reserveTicks, lots) : listing.baseAtoms(lots);
		return;
	}
	if (record.reduceOnly) return;
	const position = account.position(symbol);
	// As a difference of wholes, since the parts of an inverse order may be worth less than the whole.
	const before = listing.valueAtoms(record.reserveTicks, record.reservedLots);
	record.reservedLots += lots;
	const valueAtoms = listing.valueAtoms(record.reserveTicks, record.reservedLots) - before;
	if (side === 'buy') position.buyOrdersAtoms += valueAtoms;
	else position.sellOrdersAtoms += valueAtoms;
}

export interface Wish {
	readonly account: Account;
	readonly symbol: TradingSymbol;
	readonly side: OrderSide;
	readonly reduceOnly: boolean;
	/** What the order would reserve, in the coin it gives (spot) or as order value (linear), beyond what it does now. */
	readonly moreAtoms: bigint;
}

/** Orders that reserve no more than before always pass: whoever is short of money must be able to reduce. */
export function checkFunds({ account, symbol, side, reduceOnly, moreAtoms }: Wish): RefusalReason | null {
	const { listing } = symbol;
	if (moreAtoms <= 0n) return null;
	if (listing.kind === 'spot') {
		const coin = side === 'buy' ? listing.spec.quoteCoin : listing.spec.baseCoin;
		return moreAtoms > account.availableAtoms(coin) ? 'insufficient-balance' : null;
	}
	if (reduceOnly) return null;
	const position = account.position(symbol);
	const { leverageHundredths } = position;
	const after = position.marginWith(
		symbol.markTicks,
		leverageHundredths,
		side === 'buy' ? moreAtoms : 0n,
		side === 'sell' ? moreAtoms : 0n,
	);
	const moreMarginAtoms = after - position.marginAtoms(symbol.markTicks);
	if (moreMarginAtoms <= 0n) return null;
	return moreMarginAtoms > account.availableAtoms(listing.settleCoin) ? 'insufficient-margin' : null;
}

/** What an order gives if it trades whole at its limit, or as a market order against the book as it stands. */
export function reservationAtoms(
	symbol: TradingSymbol,
	side: OrderSide,
	limitTicks: number,
	lots: number,
	market: boolean,
): bigint {
	const { listing } = symbol;
	if (listing.kind === 'spot' && side === 'sell') return listing.baseAtoms(lots);
	return market ? sweepAtoms(symbol, side, limitTicks, lots) : listing.valueAtoms(limitTicks, lots);
}

function sweepAtoms(symbol: TradingSymbol, side: OrderSide, limitTicks: number, lots: number): bigint {
	let valueAtoms = 0n;
	let missingLots = lots;
	symbol.book.walk(side === 'buy' ? 'ask' : 'bid', (priceTicks, levelLots) => {
		if (side === 'buy' ? priceTicks > limitTicks : priceTicks < limitTicks) return false;
		const takenLots = Math.min(missingLots, levelLots);
		valueAtoms += symbol.listing.valueAtoms(priceTicks, takenLots);
		missingLots -= takenLots;
		return missingLots > 0;
	});
	return valueAtoms;
}
