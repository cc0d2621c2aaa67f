/**
 * Orders, executions, positions and wallets as the venue's JSON objects: the members that REST and the private stream
 * have in common, everything a string unless the venue says otherwise. What only one of the two sends (`category` on
 * the stream, `basePrice` on REST ...) is added by whoever sends it. The wallet has a file of its own.
 */
import type { Listing } from '../core/listing.ts';
import type { CancelReason, Execution, OrderView, PositionView, TradeExecution } from '../core/views.ts';
import { shownExecutionId, shownOrderId } from './ids.ts';
import { money, quotient, rate } from './printing.ts';
import type { BybitSymbol, BybitVenue } from './venue.ts';

export type Json = Record<string, unknown>;

const AVERAGE_EXTRA_DECIMALS = 4;

const TIME_IN_FORCE = { gtc: 'GTC', ioc: 'IOC', fok: 'FOK', 'post-only': 'PostOnly' } as const;
const SELF_TRADE = {
	none: 'None',
	'cancel-maker': 'CancelMaker',
	'cancel-taker': 'CancelTaker',
	'cancel-both': 'CancelBoth',
} as const;

const CANCEL_TYPES: Record<CancelReason, string> = {
	user: 'CancelByUser',
	admin: 'CancelByAdmin',
	disconnect: 'CancelByDCP',
	liquidation: 'CancelAllBeforeLiq',
	'reduce-only': 'CancelByReduceOnly',
	'self-trade': 'CancelBySmp',
	'ioc-remainder': 'UNKNOWN',
	'fok-not-fillable': 'UNKNOWN',
	'post-only-would-cross': 'UNKNOWN',
	'no-liquidity': 'UNKNOWN',
	rejected: 'UNKNOWN',
};

const REJECT_REASONS: Record<CancelReason, string> = {
	user: 'EC_PerCancelRequest',
	admin: 'EC_PerCancelRequest',
	disconnect: 'EC_PerCancelRequest',
	liquidation: 'EC_PerCancelRequest',
	'reduce-only': 'EC_PerCancelRequest',
	'self-trade': 'EC_BySelfMatch',
	'ioc-remainder': 'EC_NoImmediateQtyToFill',
	'fok-not-fillable': 'EC_NoEnoughQtyToFill',
	'post-only-would-cross': 'EC_PostOnlyWillTakeLiquidity',
	'no-liquidity': 'EC_NoImmediateQtyToFill',
	rejected: 'EC_Others',
};

/** Without `category`. Spot orders have neither `tpslMode` nor `createType`: clients tell the market by that. */
export function orderObject(venue: BybitVenue, symbol: BybitSymbol, order: OrderView): Json {
	const listing = venue.listing(symbol);
	const { price, qty } = listing;
	const spot = symbol.category === 'spot';
	const inQuote = order.quoteAtoms !== 0n;
	return {
		symbol: symbol.symbol,
		orderId: shownOrderId(symbol, order.orderId),
		orderLinkId: order.clientOrderId,
		parentOrderLinkId: '',
		blockTradeId: '',
		side: sideName(order.side),
		orderType: order.type === 'limit' ? 'Limit' : 'Market',
		timeInForce: TIME_IN_FORCE[order.timeInForce],
		price: order.type === 'limit' ? price.format(order.priceTicks) : '0',
		qty: inQuote ? money(order.quoteAtoms) : qty.format(order.qtyLots),
		orderStatus: orderStatus(order, spot),
		avgPrice: order.filledLots === 0 ? '' : averagePrice(listing, order.filledValueAtoms, order.filledLots),
		leavesQty: qty.format(order.leavesLots),
		leavesValue: money(
			inQuote ? order.quoteAtoms - order.filledValueAtoms : listing.valueAtoms(order.priceTicks, order.leavesLots),
		),
		cumExecQty: qty.format(order.filledLots),
		cumExecValue: money(order.filledValueAtoms),
		cumExecFee: money(order.fees.reduce((sum, fee) => sum + fee.atoms, 0n)),
		cumFeeDetail: Object.fromEntries(order.fees.map((fee) => [fee.coin, money(fee.atoms)])),
		...(spot ? {} : { createType: createType(order.createdBy), tpslMode: '' }),
		cancelType: order.cancelReason === null ? 'UNKNOWN' : CANCEL_TYPES[order.cancelReason],
		rejectReason: rejectReason(order),
		isLeverage: spot ? '0' : '',
		positionIdx: 0,
		stopOrderType: '',
		orderIv: '',
		marketUnit: spot && order.type === 'market' ? marketUnit(order.quoteAtoms) : '',
		slippageToleranceType: 'UNKNOWN',
		slippageTolerance: '',
		triggerPrice: '',
		triggerDirection: 0,
		triggerBy: '',
		takeProfit: '',
		stopLoss: '',
		tpLimitPrice: '',
		slLimitPrice: '',
		tpTriggerBy: '',
		slTriggerBy: '',
		ocoTriggerBy: '',
		lastPriceOnCreated: order.lastPriceTicksAtPlace === 0 ? '' : price.format(order.lastPriceTicksAtPlace),
		reduceOnly: order.reduceOnly,
		closeOnTrigger: false,
		placeType: '',
		smpType: SELF_TRADE[order.selfTrade],
		smpGroup: 0,
		smpOrderId: order.selfTradeOrderId === '' ? '' : shownOrderId(symbol, order.selfTradeOrderId),
		rpiTakerAccess: false,
		rpiMatchedQty: '0',
		createdTime: String(order.createdAtMs),
		updatedTime: String(order.updatedAtMs),
	};
}

/** Without `category`, `execPnl` and the other members that only the stream has. */
export function executionObject(venue: BybitVenue, symbol: BybitSymbol, execution: Execution): Json {
	const listing = venue.listing(symbol);
	const { price, qty } = listing;
	const trade = execution.kind === 'trade' ? execution : undefined;
	return {
		symbol: symbol.symbol,
		orderId: trade === undefined ? '' : shownOrderId(symbol, trade.orderId),
		orderLinkId: trade?.clientOrderId ?? '',
		side: sideName(execution.side),
		orderPrice: price.format(trade?.orderPriceTicks ?? 0),
		orderQty: qty.format(trade === undefined || trade.orderQuoteAtoms !== 0n ? 0 : trade.orderQtyLots),
		leavesQty: qty.format(trade?.leavesLots ?? 0),
		...(symbol.category === 'spot' ? {} : { createType: trade === undefined ? '' : createType(trade.reason) }),
		orderType: trade === undefined ? 'UNKNOWN' : trade.orderType === 'limit' ? 'Limit' : 'Market',
		stopOrderType: 'UNKNOWN',
		execFee: money(execution.feeAtoms),
		execFeeV2: '',
		execId: shownExecutionId(execution.execId),
		execPrice: price.format(execution.priceTicks),
		execQty: qty.format(execution.qtyLots),
		execType: execType(execution),
		execValue: money(execution.valueAtoms),
		execTime: String(execution.atMs),
		feeCurrency: execution.feeCoin,
		isMaker: trade?.maker ?? false,
		feeRate: rate(execution.feeRateE8),
		tradeIv: '',
		markIv: '',
		markPrice: execution.markTicks === 0 ? '' : price.format(execution.markTicks),
		indexPrice: '',
		underlyingPrice: '',
		blockTradeId: '',
		closedSize: trade === undefined || trade.closedLots === 0 ? '0' : qty.format(trade.closedLots),
		seq: Number(execution.execId),
		extraFees: '',
	};
}

const EXEC_TYPES = {
	trade: 'Trade',
	liquidation: 'BustTrade',
	adl: 'AdlTrade',
	settlement: 'Delivery',
} as const satisfies Record<TradeExecution['reason'], string>;

export function execType(execution: Execution): (typeof EXEC_TYPES)[TradeExecution['reason']] | 'Funding' {
	return execution.kind === 'funding' ? 'Funding' : EXEC_TYPES[execution.reason];
}

/** REST says `avgPrice`, the stream `entryPrice`. Without `category`. */
export function positionObject(
	venue: BybitVenue,
	symbol: BybitSymbol,
	position: PositionView,
	entryKey: 'avgPrice' | 'entryPrice',
): Json {
	const listing = venue.listing(symbol);
	const lots = Math.abs(position.qtyLotsSigned);
	const flat = lots === 0;
	const costAtoms = positionCostAtoms(position);
	const entry = flat ? '0' : averagePrice(listing, costAtoms, lots);
	const initial = flat ? '0' : money(positionMarginAtoms(venue, position));
	const maintenance = money(position.maintenanceAtoms);
	const liquidationTicks = venue.exchange.liquidationTicks(position.accountId, position.symbol);
	const isHedged = venue.exchange.operator.accounts.isHedged(position.accountId, position.symbol);
	return {
		// In hedge mode it is that of the long or of the short side; here only one of them is shown.
		positionIdx: isHedged ? (position.qtyLotsSigned < 0 ? 2 : 1) : 0,
		riskId: 1,
		riskLimitValue: '2000000',
		symbol: symbol.symbol,
		side: flat ? '' : position.qtyLotsSigned > 0 ? 'Buy' : 'Sell',
		size: flat ? '0' : listing.qty.format(lots),
		[entryKey]: entry,
		positionValue: money(costAtoms),
		tradeMode: 0,
		positionStatus: 'Normal',
		autoAddMargin: 0,
		adlRankIndicator: flat ? 0 : 2,
		leverage: leverage(position.leverageHundredths),
		breakEvenPrice: flat ? '' : entry,
		positionBalance: '0',
		markPrice: listing.price.format(position.markTicks),
		liqPrice: liquidationTicks === 0 ? '' : listing.price.format(liquidationTicks),
		bustPrice: '',
		positionMM: maintenance,
		positionMMByMp: maintenance,
		positionIM: initial,
		positionIMByMp: initial,
		tpslMode: 'Full',
		takeProfit: '',
		stopLoss: '',
		trailingStop: '0',
		unrealisedPnl: money(position.unrealisedAtoms),
		curRealisedPnl: money(position.sessionAtoms),
		cumRealisedPnl: money(positionNetAtoms(position)),
		seq: position.lastExecId === '' ? -1 : Number(position.lastExecId),
		isReduceOnly: false,
		mmrSysUpdatedTime: '',
		leverageSysUpdatedTime: '',
		sessionAvgPrice: '',
		createdTime: String(position.openedAtMs),
		updatedTime: String(position.updatedAtMs),
		openTime: position.openedAtMs,
	};
}

/** Initial margin of what is held, resting orders not counted. */
export function positionMarginAtoms(venue: BybitVenue, position: PositionView): bigint {
	const listing = venue.exchange.listing(position.symbol);
	if (listing === undefined || position.qtyLotsSigned === 0) return 0n;
	const lots = Math.abs(position.qtyLotsSigned);
	const heldAtoms = position.markTicks === 0 ? positionCostAtoms(position) : listing.valueAtoms(position.markTicks, lots);
	return (heldAtoms * 100n) / BigInt(position.leverageHundredths);
}

/** All that a position ever made, fees and funding taken off. */
export function positionNetAtoms({ realisedAtoms, fundingPaidAtoms, feesPaidAtoms }: PositionView): bigint {
	return realisedAtoms - fundingPaidAtoms - feesPaidAtoms;
}

const CREATE_TYPES = {
	account: 'CreateByUser',
	trade: 'CreateByUser',
	liquidation: 'CreateByLiq',
	adl: 'CreateByAdl_PassThrough',
	settlement: 'CreateBySettle',
} as const satisfies Record<OrderView['createdBy'] | TradeExecution['reason'], string>;

function createType(by: keyof typeof CREATE_TYPES): string {
	return CREATE_TYPES[by];
}

export function marketUnit(quoteAtoms: bigint): 'quoteCoin' | 'baseCoin' {
	return quoteAtoms === 0n ? 'baseCoin' : 'quoteCoin';
}

function positionCostAtoms({ costAtomsSigned }: PositionView): bigint {
	return costAtomsSigned < 0n ? -costAtomsSigned : costAtomsSigned;
}

export function leverage(hundredths: number): string {
	return quotient(BigInt(hundredths), 100n, 0, 2);
}

export function sideName(side: 'buy' | 'sell'): 'Buy' | 'Sell' {
	return side === 'buy' ? 'Buy' : 'Sell';
}

export function orderStatus(order: OrderView, spot: boolean): string {
	if (order.status === 'new') return 'New';
	if (order.status === 'partially-filled') return 'PartiallyFilled';
	if (order.status === 'filled') return leavesAmount(order) ? 'PartiallyFilledCanceled' : 'Filled';
	if (order.cancelReason === 'rejected' && order.filledLots === 0) return 'Rejected';
	return spot && order.filledLots > 0 ? 'PartiallyFilledCanceled' : 'Cancelled';
}

/** An amount hardly ever comes out even: the venue then calls the order cancelled, for the rest that buys no lot. */
function leavesAmount(order: OrderView): boolean {
	return order.filledValueAtoms < order.quoteAtoms;
}

function rejectReason(order: OrderView): string {
	if (order.filledLots > 0 && order.leavesLots === 0 && leavesAmount(order)) return 'EC_CancelForNoFullFill';
	return order.cancelReason === null ? 'EC_NoError' : REJECT_REASONS[order.cancelReason];
}

export function averagePrice(listing: Listing, valueAtoms: bigint, lots: number): string {
	const decimals = listing.price.step.scale;
	const qtyAtoms = listing.baseAtoms(lots);
	const [dividend, divisor] = listing.kind === 'inverse' ? [qtyAtoms, valueAtoms] : [valueAtoms, qtyAtoms];
	return quotient(dividend, divisor, decimals, decimals + AVERAGE_EXTRA_DECIMALS);
}
