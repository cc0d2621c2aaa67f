/**
 * The rows of the private topics: the objects that REST shows, with what only the stream has added and what only REST
 * has taken away.
 */
import type { Execution, OrderView, PositionView, TradeExecution } from '../core/views.ts';
import { executionObject, type Json, marketUnit, orderObject, positionObject } from './json-views.ts';
import { money } from './printing.ts';
import type { BybitSymbol, BybitVenue } from './venue.ts';

export function orderRow(venue: BybitVenue, shown: BybitSymbol, order: OrderView): Json {
	const row = orderObject(venue, shown, order);
	// Added to it, since a copy of some fifty members would be most of the work.
	row['category'] = shown.category;
	row['closedPnl'] = money(order.closedPnlAtoms);
	row['feeCurrency'] = '';
	row['brokerOrderPrice'] = '';
	return row;
}

export function executionRow(venue: BybitVenue, shown: BybitSymbol, execution: Execution): Json {
	const { execFeeV2: _, ...common } = executionObject(venue, shown, execution);
	const realisedAtoms = execution.kind === 'trade' ? execution.realisedAtoms : 0n;
	const onSpotMarket = shown.category === 'spot' && execution.kind === 'trade' && execution.orderType === 'market';
	return {
		category: shown.category,
		...common,
		isLeverage: '0',
		execPnl: money(realisedAtoms),
		marketUnit: onSpotMarket ? marketUnit(execution.orderQuoteAtoms) : '',
		extraFees: [],
	};
}

/** The quick form: no fee, and no name of the client's for whoever was there first. */
export function fastExecutionRow(venue: BybitVenue, shown: BybitSymbol, execution: TradeExecution): Json {
	const { execId, execPrice, execQty, orderId, isMaker, orderLinkId, side, execTime, seq } = executionObject(
		venue,
		shown,
		execution,
	);
	return {
		category: shown.category,
		symbol: shown.symbol,
		execId,
		execPrice,
		execQty,
		orderId,
		isMaker,
		orderLinkId: execution.maker ? '' : orderLinkId,
		side,
		execTime,
		seq,
	};
}

export function positionRow(venue: BybitVenue, shown: BybitSymbol, position: PositionView): Json {
	return { category: shown.category, ...positionObject(venue, shown, position, 'entryPrice'), trailingStop: '' };
}
