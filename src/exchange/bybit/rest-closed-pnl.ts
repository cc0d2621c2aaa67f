/**
 * What closing made: a row for each order that took something off a position, with what that part was opened and closed
 * for. It is added up from the fills that are still remembered. Newest first, in pages.
 */
import type { TradeExecution } from '../core/views.ts';
import { params, Refusal } from './codes.ts';
import { shownOrderId } from './ids.ts';
import { averagePrice, execType, type Json, leverage, sideName } from './json-views.ts';
import { pageOf } from './paging.ts';
import { type Params, selectSymbols } from './params.ts';
import { money } from './printing.ts';
import { readSpan } from './rest-orders.ts';
import type { Caller } from './rest-route.ts';
import type { BybitSymbol } from './venue.ts';

const PAGE = { preset: 50, most: 100 };

interface ClosedOrder {
	readonly symbol: BybitSymbol;
	/** Those that closed something, oldest first. */
	readonly fills: readonly TradeExecution[];
	readonly last: TradeExecution;
}

export function closedPnl(caller: Caller, given: Params): Json | Refusal {
	const category = given.category();
	if (category instanceof Refusal) return category;
	if (category !== 'linear' && category !== 'inverse') return params('category only support linear or inverse');
	const span = readSpan(given, caller.nowMs);
	if (span instanceof Refusal) return span;
	const symbols = selectSymbols(caller.venue, category, given);
	if (symbols instanceof Refusal) return symbols;
	const orders = symbols
		.flatMap((symbol) => closedOrders(caller, symbol))
		.filter(({ last }) => last.atMs >= span.fromMs && last.atMs <= span.toMs);
	const page = pageOf(orders, ({ last }) => Number(last.execId), given, PAGE);
	if (page instanceof Refusal) return page;
	return { category, list: page.rows.map((order) => closedObject(caller, order)), nextPageCursor: page.nextPageCursor };
}

function closedOrders({ venue, key }: Caller, symbol: BybitSymbol): ClosedOrder[] {
	const byOrder = new Map<string, TradeExecution[]>();
	for (const fill of venue.exchange.executions(key.accountId, symbol.exchangeKey)) {
		if (fill.kind !== 'trade' || fill.closing === null) continue;
		const fills = byOrder.get(fill.orderId);
		if (fills === undefined) byOrder.set(fill.orderId, [fill]);
		else fills.push(fill);
	}
	return [...byOrder.values()].flatMap((fills) => {
		const last = fills.at(-1);
		return last === undefined ? [] : [{ symbol, fills, last }];
	});
}

function closedObject({ venue, key }: Caller, { symbol, fills, last }: ClosedOrder): Json {
	const listing = venue.listing(symbol);
	const sum = (pick: (closing: NonNullable<TradeExecution['closing']>) => bigint): bigint =>
		fills.reduce((total, { closing }) => total + (closing === null ? 0n : pick(closing)), 0n);
	const closedLots = fills.reduce((total, fill) => total + fill.closedLots, 0);
	const entryAtoms = sum((closing) => closing.entryAtoms);
	const exitAtoms = sum((closing) => closing.exitAtoms);
	const held = venue.exchange.positions(key.accountId).find((position) => position.symbol === symbol.exchangeKey);
	return {
		symbol: symbol.symbol,
		orderId: shownOrderId(symbol, last.orderId),
		side: sideName(last.side),
		qty: listing.qty.format(last.orderQtyLots),
		orderPrice: listing.price.format(last.orderPriceTicks),
		orderType: last.orderType === 'limit' ? 'Limit' : 'Market',
		execType: execType(last),
		closedSize: listing.qty.format(closedLots),
		cumEntryValue: money(entryAtoms),
		avgEntryPrice: averagePrice(listing, entryAtoms, closedLots),
		cumExitValue: money(exitAtoms),
		avgExitPrice: averagePrice(listing, exitAtoms, closedLots),
		closedPnl: money(sum((closing) => closing.pnlAtoms)),
		fillCount: String(fills.length),
		leverage: leverage(held?.leverageHundredths ?? 0),
		openFee: money(sum((closing) => closing.openFeeAtoms)),
		closeFee: money(sum((closing) => closing.closeFeeAtoms)),
		createdTime: String(fills[0]?.atMs ?? last.atMs),
		updatedTime: String(last.atMs),
	};
}
