/**
 * What a fill costs whom. Fees on contracts are in the settle coin. Spot fees are taken from the coin received; a rebate
 * comes in the coin given, as on Bybit. An account may have rates of its own, and may pay its fees in a third coin as long as
 * it has enough of it and a listed pair says what it is worth; rebates are never turned into it.
 */
import type { Listing } from './listing.ts';
import { ceilDiv, chargeAtoms } from './money.ts';
import type { OrderRecord } from './order.ts';
import type { TradingSymbol } from './trading-symbol.ts';

export interface Charge {
	readonly coin: string;
	/** Above zero: paid. */
	readonly atoms: bigint;
	readonly rateE8: number;
}

interface ChargedFill {
	readonly qtyLots: number;
	readonly maker: boolean;
	/** The exchange's own doing: no fee. */
	readonly free?: boolean;
}

export function chargeOf(record: OrderRecord, fill: ChargedFill, valueAtoms: bigint, symbols: Iterable<TradingSymbol>): Charge {
	const { listing, account } = record;
	if (fill.free === true) return { coin: listing.settleCoin, atoms: 0n, rateE8: 0 };
	const rates = account.feeRates(listing);
	const rateE8 = fill.maker ? rates.makerRateE8 : rates.takerRateE8;
	const usual = usualCharge(record, fill, valueAtoms, rateE8);
	const { feeCoin } = account;
	const { baseCoin, quoteCoin } = listing.spec;
	// A coin that the fill itself moves is no third one: what is there of it is just changing.
	const isThird = listing.kind === 'spot' ? feeCoin !== baseCoin && feeCoin !== quoteCoin : feeCoin !== listing.settleCoin;
	if (feeCoin === null || !isThird || usual.atoms <= 0n) return usual;
	const atoms = worthIn(feeCoin, listing, chargeAtoms(valueAtoms, rateE8), symbols);
	return atoms === null || atoms > account.availableAtoms(feeCoin) ? usual : { coin: feeCoin, atoms, rateE8 };
}

function usualCharge({ listing, side }: OrderRecord, { qtyLots }: ChargedFill, valueAtoms: bigint, rateE8: number): Charge {
	if (listing.kind !== 'spot') return { coin: listing.settleCoin, atoms: chargeAtoms(valueAtoms, rateE8), rateE8 };
	const inBase = (side === 'buy') === rateE8 >= 0;
	if (!inBase) return { coin: listing.spec.quoteCoin, atoms: chargeAtoms(valueAtoms, rateE8), rateE8 };
	return { coin: listing.spec.baseCoin, atoms: chargeAtoms(listing.baseAtoms(qtyLots), rateE8), rateE8 };
}

/** An amount of the coin that the listing pays in, in another coin, rounded up; null where no pair says its worth. */
function worthIn(coin: string, { settleCoin }: Listing, amountAtoms: bigint, symbols: Iterable<TradingSymbol>): bigint | null {
	for (const { listing, markTicks, lastTicks } of symbols) {
		const ticks = markTicks || lastTicks;
		const { baseCoin, quoteCoin } = listing.spec;
		if (listing.kind === 'inverse' || baseCoin !== coin || quoteCoin !== settleCoin || ticks === 0) continue;
		return ceilDiv(amountAtoms * listing.lotAtoms, listing.valueAtoms(ticks, 1));
	}
	return null;
}
