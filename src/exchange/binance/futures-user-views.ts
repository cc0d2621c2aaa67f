/**
 * What an account on futures hears of its orders, money and positions. An order update has all the letters of an order at
 * every event: what happened is in `x`, what the order has become in `X`.
 */
import type { OrderView, TradeExecution } from '../core/views.ts';
import { breakEvenPrice, entryPrice, type Holding, wholeLeverage } from './futures-account-view.ts';
import type { Terms } from './futures-order-terms.ts';
import {
	averagePrice,
	fillId,
	futuresClientId,
	futuresExpiry,
	futuresMoney,
	futuresPositionSide,
	futuresTimeInForce,
	futuresType,
	type JsonObject,
} from './futures-views.ts';
import { shownOrderId } from './ids.ts';
import type { BinanceSymbol, BinanceVenue } from './venue.ts';
import { modeOf, statusOf, wireSide } from './words.ts';

export type ExecutionType = 'NEW' | 'TRADE' | 'CALCULATED' | 'AMENDMENT' | 'CANCELED' | 'EXPIRED';

/** Why money or positions changed. */
export type Occasion = 'ORDER' | 'FUNDING_FEE' | 'DEPOSIT' | 'WITHDRAW' | 'INSURANCE_CLEAR';

export interface OrderNews {
	readonly venue: BinanceVenue;
	readonly symbol: BinanceSymbol;
	readonly order: OrderView;
	readonly terms: Terms;
	/** The fill that is told; null if something else happened. */
	readonly fill: TradeExecution | null;
	/** What the account's open orders in the symbol come to. */
	readonly bidAtoms: bigint;
	readonly askAtoms: bigint;
	readonly atMs: number;
}

/** A fill that closes a position by force is `CALCULATED`. */
export function executionType(order: OrderView, fill: TradeExecution | null): ExecutionType {
	if (fill !== null) return fill.reason === 'liquidation' || fill.reason === 'adl' ? 'CALCULATED' : 'TRADE';
	switch (statusOf(order)) {
		case 'CANCELED':
			return 'CANCELED';
		case 'EXPIRED':
		case 'EXPIRED_IN_MATCH':
		case 'REJECTED':
			return 'EXPIRED';
		case 'NEW':
		case 'PARTIALLY_FILLED':
		case 'FILLED':
			return order.revision === 1 ? 'NEW' : 'AMENDMENT';
	}
}

export function orderTradeUpdate(news: OrderNews): JsonObject {
	const { venue, symbol, order, terms, fill, atMs } = news;
	const listing = venue.listing(symbol);
	const { price, qty } = listing;
	const kind = executionType(order, fill);
	return {
		e: 'ORDER_TRADE_UPDATE',
		T: atMs,
		E: atMs,
		o: {
			s: symbol.symbol,
			c: futuresClientId(order),
			S: wireSide(order.side),
			o: futuresType(order),
			f: futuresTimeInForce(order, terms),
			q: qty.format(order.qtyLots),
			p: price.format(order.priceTicks),
			ap: order.filledLots === 0 ? '0' : averagePrice(listing, order.filledValueAtoms, order.filledLots),
			sp: '0',
			x: kind,
			X: statusOf(order),
			i: shownOrderId('futures', order.orderId),
			l: fill === null ? '0' : qty.format(fill.qtyLots),
			z: order.filledLots === 0 ? '0' : qty.format(order.filledLots),
			L: fill === null ? '0' : price.format(fill.priceTicks),
			n: fill === null ? '0' : futuresMoney(fill.feeAtoms),
			N: fill === null ? listing.settleCoin : fill.feeCoin,
			T: order.updatedAtMs,
			t: fill === null ? 0 : fillId(fill),
			b: futuresMoney(news.bidAtoms),
			a: futuresMoney(news.askAtoms),
			m: fill?.maker ?? false,
			R: order.reduceOnly,
			wt: 'CONTRACT_PRICE',
			ot: futuresType(order),
			ps: 'BOTH',
			cp: false,
			rp: fill === null ? '0' : futuresMoney(fill.realisedAtoms),
			pP: false,
			si: 0,
			ss: 0,
			V: modeOf(order.selfTrade),
			pm: terms.priceMatch,
			gtd: terms.goodTillMs,
			er: futuresExpiry(order),
			...(kind === 'AMENDMENT' && terms.modifyId !== '' ? { M: terms.modifyId } : {}),
		},
		st: 1,
	};
}

/** A fill in few letters, without its fee; it comes before the order's own update. */
export function tradeLite({ venue, symbol, order, atMs }: OrderNews, fill: TradeExecution): JsonObject {
	const { price, qty } = venue.listing(symbol);
	return {
		e: 'TRADE_LITE',
		E: atMs,
		T: fill.atMs,
		s: symbol.symbol,
		q: qty.format(order.qtyLots),
		p: price.format(order.priceTicks),
		m: fill.maker,
		c: futuresClientId(order),
		S: wireSide(order.side),
		L: price.format(fill.priceTicks),
		l: qty.format(fill.qtyLots),
		t: fillId(fill),
		i: shownOrderId('futures', order.orderId),
	};
}

/** A wallet as it is now. `otherAtoms`: how much of its last change was neither profit nor fee. */
export interface ChangedWallet {
	readonly coin: string;
	readonly walletAtoms: bigint;
	readonly otherAtoms: bigint;
}

export type HeldPosition = Pick<Holding, 'symbol' | 'listing' | 'position'>;

export function accountUpdate(
	venue: BinanceVenue,
	occasion: Occasion,
	{
		wallets,
		positions,
		atMs,
	}: { readonly wallets: readonly ChangedWallet[]; readonly positions: readonly HeldPosition[]; readonly atMs: number },
): JsonObject {
	return {
		e: 'ACCOUNT_UPDATE',
		T: atMs,
		E: atMs,
		a: {
			m: occasion,
			B: wallets.map(({ coin, walletAtoms, otherAtoms }) => ({
				a: coin,
				wb: futuresMoney(walletAtoms),
				cw: futuresMoney(walletAtoms),
				bc: futuresMoney(otherAtoms),
			})),
			P: positions.map((held) => positionRow(venue, held)),
		},
		st: 1,
	};
}

function positionRow(venue: BinanceVenue, held: HeldPosition): JsonObject {
	const { symbol, listing, position } = held;
	return {
		s: symbol.symbol,
		pa: position.qtyLotsSigned === 0 ? '0' : listing.qty.format(position.qtyLotsSigned),
		ep: entryPrice(held),
		bep: breakEvenPrice(held),
		cr: futuresMoney(position.realisedAtoms),
		up: futuresMoney(position.unrealisedAtoms),
		mt: 'cross',
		iw: '0',
		ps: futuresPositionSide(venue, position),
	};
}

/** Positions come near the point where they are closed by force. */
export function marginCall(
	venue: BinanceVenue,
	{
		walletAtoms,
		positions,
		atMs,
	}: { readonly walletAtoms: bigint; readonly positions: readonly HeldPosition[]; readonly atMs: number },
): JsonObject {
	return {
		e: 'MARGIN_CALL',
		E: atMs,
		cw: futuresMoney(walletAtoms),
		p: positions.map(({ symbol, listing, position }) => ({
			s: symbol.symbol,
			ps: futuresPositionSide(venue, position),
			pa: listing.qty.format(position.qtyLotsSigned),
			mt: 'CROSSED',
			iw: '0',
			mp: listing.price.format(position.markTicks),
			up: futuresMoney(position.unrealisedAtoms),
			mm: futuresMoney(position.maintenanceAtoms),
		})),
		st: 1,
	};
}

export function configUpdate({ symbol, position }: HeldPosition, atMs: number): JsonObject {
	return { e: 'ACCOUNT_CONFIG_UPDATE', E: atMs, T: atMs, ac: { s: symbol.symbol, l: wholeLeverage(position) } };
}

export function listenKeyExpired(listenKey: string, atMs: number): JsonObject {
	return { e: 'listenKeyExpired', E: atMs, listenKey };
}
