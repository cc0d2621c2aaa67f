/**
 * The venue's truth in plain JSON: what the exchange itself knows, whatever its wires show. Decimals are texts on the
 * grid of their symbol, money has eight decimals, instants are milliseconds.
 */
import type { Exchange } from '../core/exchange.ts';
import type { Listing } from '../core/listing.ts';
import { formatAtoms } from '../core/money.ts';
import type { BalanceView, CoinAmount, Execution, HousePosition, OrderView, PositionView, PublicTrade } from '../core/views.ts';

type Json = Readonly<Record<string, unknown>>;

export function balanceJson(balance: BalanceView): Json {
	return {
		coin: balance.coin,
		wallet: formatAtoms(balance.walletAtoms),
		locked: formatAtoms(balance.lockedAtoms),
		margin: formatAtoms(balance.marginAtoms),
		unrealised: formatAtoms(balance.unrealisedAtoms),
		available: formatAtoms(balance.availableAtoms),
		equity: formatAtoms(balance.equityAtoms),
	};
}

export function coinJson({ coin, atoms }: CoinAmount): Json {
	return { coin, amount: formatAtoms(atoms) };
}

export function orderJson(exchange: Exchange, order: OrderView): Json {
	const { price, qty } = listingOf(exchange, order.symbol);
	return {
		orderId: order.orderId,
		clientOrderId: order.clientOrderId,
		account: order.accountId,
		symbol: order.symbol,
		side: order.side,
		type: order.type,
		timeInForce: order.timeInForce,
		reduceOnly: order.reduceOnly,
		price: order.type === 'market' ? null : price.format(order.priceTicks),
		qty: qty.format(order.qtyLots),
		filled: qty.format(order.filledLots),
		leaves: qty.format(order.leavesLots),
		filledValue: formatAtoms(order.filledValueAtoms),
		fees: order.fees.map(coinJson),
		status: order.status,
		cancelReason: order.cancelReason,
		createdBy: order.createdBy,
		createdAtMs: order.createdAtMs,
		updatedAtMs: order.updatedAtMs,
		revision: order.revision,
	};
}

export function executionJson(exchange: Exchange, execution: Execution): Json {
	const { price, qty } = listingOf(exchange, execution.symbol);
	const common = {
		execId: execution.execId,
		kind: execution.kind,
		account: execution.accountId,
		symbol: execution.symbol,
		side: execution.side,
		price: price.format(execution.priceTicks),
		qty: qty.format(execution.qtyLots),
		value: formatAtoms(execution.valueAtoms),
		fee: formatAtoms(execution.feeAtoms),
		feeCoin: execution.feeCoin,
		atMs: execution.atMs,
	};
	if (execution.kind === 'funding') return common;
	const { orderId, clientOrderId, tradeId, maker, reason, realisedAtoms } = execution;
	return { ...common, orderId, clientOrderId, tradeId, maker, reason, realised: formatAtoms(realisedAtoms) };
}

export function positionJson(exchange: Exchange, position: PositionView): Json {
	const { price, qty } = listingOf(exchange, position.symbol);
	return {
		account: position.accountId,
		symbol: position.symbol,
		qtySigned: qty.format(position.qtyLotsSigned),
		costSigned: formatAtoms(position.costAtomsSigned),
		realised: formatAtoms(position.realisedAtoms),
		unrealised: formatAtoms(position.unrealisedAtoms),
		fundingPaid: formatAtoms(position.fundingPaidAtoms),
		margin: formatAtoms(position.marginAtoms),
		maintenance: formatAtoms(position.maintenanceAtoms),
		leverage: position.leverageHundredths / 100,
		markPrice: price.format(position.markTicks),
		updatedAtMs: position.updatedAtMs,
	};
}

export function housePositionJson(exchange: Exchange, position: HousePosition): Json {
	const { symbol, qtyLotsSigned, costAtomsSigned } = position;
	return { symbol, qtySigned: listingOf(exchange, symbol).qty.format(qtyLotsSigned), costSigned: formatAtoms(costAtomsSigned) };
}

export function symbolJson(exchange: Exchange, symbol: string): Json {
	const { kind, price, spec } = listingOf(exchange, symbol);
	const ticker = exchange.ticker(symbol);
	const { bidTicks, askTicks } = exchange.touch(symbol);
	const known = (ticks: number): string | null => (ticks === 0 ? null : price.format(ticks));
	return {
		symbol,
		kind,
		status: ticker?.status,
		bid: known(bidTicks),
		ask: known(askTicks),
		last: known(ticker?.lastTicks ?? 0),
		markPrice: known(ticker?.markTicks ?? 0),
		fundingRateE8: ticker?.fundingRateE8,
		nextFundingAtMs: ticker?.nextFundingAtMs,
		deliveryAtMs: ticker?.deliveryAtMs,
		filters: spec,
	};
}

export function bookJson(exchange: Exchange, symbol: string, depth: number): Json {
	const { price, qty } = listingOf(exchange, symbol);
	const book = exchange.book(symbol, depth);
	const levels = (side: 'bids' | 'asks'): unknown =>
		book?.[side].map(({ priceTicks, qtyLots }) => [price.format(priceTicks), qty.format(qtyLots)]);
	return { symbol, bookSeq: book?.bookSeq, bids: levels('bids'), asks: levels('asks') };
}

export function tradeJson(exchange: Exchange, trade: PublicTrade): Json {
	const { price, qty } = listingOf(exchange, trade.symbol);
	const { tradeId, symbol, priceTicks, qtyLots, takerSide, atMs } = trade;
	return { tradeId, symbol, price: price.format(priceTicks), qty: qty.format(qtyLots), takerSide, atMs };
}

function listingOf(exchange: Exchange, symbol: string): Listing {
	const listing = exchange.listing(symbol);
	if (listing === undefined) throw new Error(`invariant broken: ${symbol} is shown and not listed`);
	return listing;
}
