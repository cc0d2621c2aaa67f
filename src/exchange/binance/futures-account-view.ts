/**
 * Positions and money of a futures account: one position a symbol, cross margin, one coin at a time. What positions and
 * what orders hold back is told apart, as clients read it; together it is what the exchange holds back.
 */
import type { Listing } from '../core/listing.ts';
import { ceilDiv } from '../core/money.ts';
import { LEVERAGE_ONE } from '../core/position.ts';
import type { BalanceView, PositionView } from '../core/views.ts';
import { averagePrice, futuresMoney, futuresPositionSide, type JsonObject } from './futures-views.ts';
import type { BinanceSymbol, BinanceVenue } from './venue.ts';

/** What the exchange holds back, and shares out to positions and orders. */
interface Margin {
	readonly totalAtoms: bigint;
	readonly positionAtoms: bigint;
}

export interface Holding {
	readonly symbol: BinanceSymbol;
	readonly listing: Listing;
	readonly position: PositionView;
	/** At the mark price, below zero for shorts. */
	readonly notionalAtoms: bigint;
	readonly bidAtoms: bigint;
	readonly askAtoms: bigint;
	readonly margin: Margin;
}

/** In the order in which the symbols are shown; flat ones included. */
export function holdings(venue: BinanceVenue, accountId: string, symbols: readonly BinanceSymbol[]): readonly Holding[] {
	const held = new Map(venue.exchange.positions(accountId).map((position) => [position.symbol, position]));
	return symbols.flatMap((symbol) => {
		const position = held.get(symbol.exchangeKey);
		return position === undefined ? [] : [holding(venue, symbol, position)];
	});
}

/** A position, or orders that could make one. */
export function isUsed({ position, bidAtoms, askAtoms }: Holding): boolean {
	return position.qtyLotsSigned !== 0 || bidAtoms !== 0n || askAtoms !== 0n;
}

/** Of the coins that contracts here settle in. */
export function futuresBalances(venue: BinanceVenue, accountId: string): readonly BalanceView[] {
	const coins = new Set(venue.symbolsOf('futures').map((symbol) => venue.listing(symbol).settleCoin));
	return venue.exchange.balances(accountId).filter(({ coin }) => coins.has(coin));
}

export function entryPrice({ listing, position }: Pick<Holding, 'listing' | 'position'>): string {
	const { costAtomsSigned, qtyLotsSigned } = position;
	return qtyLotsSigned === 0 ? '0.0' : averagePrice(listing, absolute(costAtomsSigned), Math.abs(qtyLotsSigned));
}

/** Where closing all of it leaves nothing, what it has made and paid since it was opened included. */
export function breakEvenPrice({ listing, position }: Pick<Holding, 'listing' | 'position'>): string {
	const { costAtomsSigned, sessionAtoms, qtyLotsSigned } = position;
	if (qtyLotsSigned === 0) return '0.0';
	const evenAtoms = costAtomsSigned - sessionAtoms;
	const isBeyondZero = evenAtoms < 0n !== qtyLotsSigned < 0;
	return isBeyondZero ? '0.0' : averagePrice(listing, absolute(evenAtoms), Math.abs(qtyLotsSigned));
}

/** What every list of positions says of one. */
export function positionCore(venue: BinanceVenue, held: Holding): JsonObject {
	const { symbol, listing, position, notionalAtoms, margin } = held;
	const { qtyLotsSigned, updatedAtMs, maintenanceAtoms } = position;
	return {
		symbol: symbol.symbol,
		positionSide: futuresPositionSide(venue, position),
		positionAmt: listing.qty.format(qtyLotsSigned),
		isolatedMargin: '0',
		notional: futuresMoney(notionalAtoms),
		isolatedWallet: '0',
		initialMargin: futuresMoney(margin.totalAtoms),
		maintMargin: futuresMoney(maintenanceAtoms),
		updateTime: updatedAtMs,
	};
}

export function positionRiskRow(venue: BinanceVenue, held: Holding): JsonObject {
	const { listing, position, bidAtoms, askAtoms, margin } = held;
	return {
		...positionCore(venue, held),
		...pricesOf(venue, held),
		marginAsset: listing.settleCoin,
		positionInitialMargin: futuresMoney(margin.positionAtoms),
		openOrderInitialMargin: futuresMoney(margin.totalAtoms - margin.positionAtoms),
		adl: position.qtyLotsSigned === 0 ? 0 : 2,
		bidNotional: futuresMoney(bidAtoms),
		askNotional: futuresMoney(askAtoms),
	};
}

/** The older form, which says leverage and margin type too. */
export function positionRiskRowV2(venue: BinanceVenue, held: Holding): JsonObject {
	const { symbol, listing, position, notionalAtoms } = held;
	return {
		symbol: symbol.symbol,
		positionAmt: listing.qty.format(position.qtyLotsSigned),
		...pricesOf(venue, held),
		leverage: String(wholeLeverage(position)),
		maxNotionalValue: String(NOTIONAL_MAX),
		marginType: 'cross',
		isolatedMargin: '0.00000000',
		isAutoAddMargin: 'false',
		positionSide: futuresPositionSide(venue, position),
		notional: futuresMoney(notionalAtoms),
		isolatedWallet: '0',
		updateTime: position.updatedAtMs,
	};
}

export function wholeLeverage({ leverageHundredths }: PositionView): number {
	return Math.max(1, Math.floor(leverageHundredths / LEVERAGE_ONE));
}

/** There is one tier of risk here, and this is where it ends. */
export const NOTIONAL_MAX = 100_000_000;

function pricesOf(venue: BinanceVenue, held: Holding): JsonObject {
	const { symbol, listing, position } = held;
	const liquidationTicks = venue.exchange.liquidationTicks(position.accountId, symbol.exchangeKey);
	return {
		entryPrice: entryPrice(held),
		breakEvenPrice: breakEvenPrice(held),
		markPrice: listing.price.format(position.markTicks),
		unRealizedProfit: futuresMoney(position.unrealisedAtoms),
		liquidationPrice: liquidationTicks === 0 ? '0' : listing.price.format(liquidationTicks),
	};
}

/** What open orders come to that could make a position. */
export function openNotional(
	venue: BinanceVenue,
	accountId: string,
	symbol: BinanceSymbol,
): { readonly bidAtoms: bigint; readonly askAtoms: bigint } {
	const listing = venue.listing(symbol);
	const orders = { buy: 0n, sell: 0n };
	for (const { side, priceTicks, leavesLots, reduceOnly } of venue.exchange.openOrders(accountId, symbol.exchangeKey)) {
		if (!reduceOnly) orders[side] += listing.valueAtoms(priceTicks, leavesLots);
	}
	return { bidAtoms: orders.buy, askAtoms: orders.sell };
}

function holding(venue: BinanceVenue, symbol: BinanceSymbol, position: PositionView): Holding {
	const listing = venue.listing(symbol);
	const { qtyLotsSigned, markTicks, marginAtoms, leverageHundredths, accountId } = position;
	const notionalAtoms = markTicks === 0 ? position.costAtomsSigned : listing.positionAtoms(markTicks, qtyLotsSigned);
	const alone = ceilDiv(absolute(notionalAtoms) * BigInt(LEVERAGE_ONE), BigInt(leverageHundredths));
	return {
		symbol,
		listing,
		position,
		notionalAtoms,
		...openNotional(venue, accountId, symbol),
		margin: { totalAtoms: marginAtoms, positionAtoms: alone < marginAtoms ? alone : marginAtoms },
	};
}

function absolute(atoms: bigint): bigint {
	return atoms < 0n ? -atoms : atoms;
}
