/**
 * Orders, trades, positions and coins as REST lists them. A row is read whole or not at all; what is about nothing of ours
 * says so. Ids keep all their digits (F66); executions get the ids that the stream gives them, so that each is booked once.
 */
import type { Execution, OrderReport } from '../../domain/execution.ts';
import type { Instrument } from '../../domain/instrument.ts';
import { type Money, moneyOf, parseMoney } from '../../domain/money.ts';
import { type Lots, type SignedLots, signedLots, type Ticks, type TimeMs } from '../../domain/units.ts';
import type { Payment } from '../wire/account-feed.ts';
import type { InstrumentTable } from '../wire/instrument-table.ts';
import { isObject, type JsonObject, stepsAboveZero, stepsFromZero, wholeNumber } from '../wire/plain-values.ts';
import type { Market } from './codec/frames.ts';
import { idText } from './codec/lossless.ts';
import { sideOf } from './codec/plain.ts';
import { executionIdOf, feeCurrencyOf, isId, REPORTED_STATUS, reasonOf } from './codec/private-words.ts';

export interface RowContext {
	readonly market: Market;
	readonly instruments: InstrumentTable;
}

/** `where`: the member that cannot be read. */
export type RowRead<Value> =
	| { readonly kind: 'read'; readonly value: Value }
	| { readonly kind: 'unlisted' }
	| { readonly kind: 'bad'; readonly where: string };

export interface PositionRow {
	readonly instrument: Instrument;
	readonly positionLotsSigned: SignedLots;
}

export interface CoinRow {
	readonly currency: string;
	readonly free: Money;
	readonly total: Money;
}

/** What one reading of a row in one grid gives: the value, or the member that is wrong. */
type Tried<Value> = Value | { readonly wrong: string; readonly isOffGrid: boolean };

/** An order as it is now, from a query or out of the answer to a call. */
export function readOrderRow(row: unknown, context: RowContext): RowRead<OrderReport> {
	return readInGrid(row, context, (order, instrument) => tryOrder(order, instrument));
}

/** REST does not say our id of the order. */
export function readTradeRow(row: unknown, context: RowContext): RowRead<Execution> {
	return readInGrid(row, context, (trade, instrument) => tryTrade(trade, instrument));
}

/** In hedge mode there are two of one symbol, one each way. */
export function readPositionRow(row: unknown, context: RowContext): RowRead<PositionRow> {
	return readInGrid(row, context, (position, instrument) => {
		const text = position['positionAmt'];
		if (typeof text !== 'string') return wrong('positionAmt');
		const isShort = text.startsWith('-');
		const lots = stepsFromZero(isShort ? text.slice(1) : text, instrument.qtyGrid);
		if (typeof lots === 'string') return wrong('positionAmt', lots);
		return { instrument, positionLotsSigned: signedLots(isShort ? -lots : lots) };
	});
}

/** Of a list of nothing but funding. What it was for stands in no frame of the stream, so this is the one place to book it from. */
export function readFundingRow(row: unknown, context: RowContext): RowRead<Payment> {
	return readInGrid(row, context, (payment, instrument) => {
		const id = idText(payment['tranId']);
		if (id === undefined) return wrong('tranId');
		const { income, asset } = payment;
		const amount = typeof income === 'string' ? parseMoney(income) : undefined;
		if (amount === undefined) return wrong('income');
		if (typeof asset !== 'string' || asset === '' || !isId(asset)) return wrong('asset');
		const fundedAtMs = wholeNumber(payment['time']);
		if (typeof fundedAtMs === 'string') return wrong('time');
		return { fundingId: `funding:${id}`, instrument, amount, currency: asset, fundedAtMs: fundedAtMs as TimeMs };
	});
}

/** The venue has a wallet for each market, and what is in one is of no use in the other. */
export const WALLET_OF = { spot: 'spot', linear: 'futures' } as const satisfies Record<Market, string>;

/**
 * Total is all that the coin is worth, open profits and losses of positions counted in; free is what new orders may use.
 * Coins of futures are those of the account: its list of balances leaves out what isolated positions win and lose.
 */
export function readCoinRow(row: unknown, market: Market): CoinRow | 'bad' {
	if (!isObject(row)) return 'bad';
	const { asset } = row;
	if (typeof asset !== 'string' || asset === '' || !isId(asset)) return 'bad';
	const amount = (member: string): Money | undefined => {
		const text = row[member];
		return typeof text === 'string' ? parseMoney(text) : undefined;
	};
	if (market === 'spot') {
		const [free, locked] = [amount('free'), amount('locked')];
		return free === undefined || locked === undefined ? 'bad' : { currency: asset, free, total: moneyOf(free + locked) };
	}
	const [free, total] = [amount('availableBalance'), amount('marginBalance')];
	return free === undefined || total === undefined ? 'bad' : { currency: asset, free, total };
}

/** What does not fit the grid of today may be of an order from before the grid changed (F59). */
function readInGrid<Value extends object>(
	row: unknown,
	{ market, instruments }: RowContext,
	read: (row: JsonObject, instrument: Instrument) => Tried<Value>,
): RowRead<Value> {
	if (!isObject(row)) return { kind: 'bad', where: '' };
	const { symbol } = row;
	if (typeof symbol !== 'string') return { kind: 'bad', where: 'symbol' };
	const instrument = instruments.findText(market, symbol);
	if (instrument === undefined) return { kind: 'unlisted' };
	let first: string | undefined;
	for (const version of [instrument, ...instruments.formerOf(instrument)]) {
		const tried = read(row, version);
		if (!('wrong' in tried)) return { kind: 'read', value: tried };
		first ??= tried.wrong;
		if (!tried.isOffGrid) break;
	}
	return { kind: 'bad', where: first ?? '' };
}

function tryOrder(order: JsonObject, instrument: Instrument): Tried<OrderReport> {
	const venueOrderId = idText(order['orderId']);
	if (venueOrderId === undefined) return wrong('orderId');
	// The answer to a cancel on spot gives the cancel an id of its own, and the order's beside it.
	const clientOrderId = order['origClientOrderId'] ?? order['clientOrderId'];
	if (typeof clientOrderId !== 'string' || !isId(clientOrderId)) return wrong('clientOrderId');
	const side = sideOf(order['side']);
	if (side === undefined) return wrong('side');
	const word = String(order['status']);
	const status = REPORTED_STATUS.get(word);
	if (status === undefined) return wrong('status');
	const priceTicks = stepsFromZero(order['price'], instrument.priceGrid);
	if (typeof priceTicks === 'string') return wrong('price', priceTicks);
	const filledLots = stepsFromZero(order['executedQty'], instrument.qtyGrid);
	if (typeof filledLots === 'string') return wrong('executedQty', filledLots);
	// An order over an amount of the quote currency has no quantity of ours but what was filled.
	const qtyLots = isZero(order['origQuoteOrderQty']) ? stepsFromZero(order['origQty'], instrument.qtyGrid) : filledLots;
	if (typeof qtyLots === 'string') return wrong('origQty', qtyLots);
	const updatedAtMs = wholeNumber(order['updateTime'] ?? order['transactTime']);
	if (typeof updatedAtMs === 'string') return wrong('updateTime');
	const expiry = order['expiryReason'];
	return {
		instrument,
		clientOrderId,
		venueOrderId,
		side,
		status,
		priceTicks: priceTicks as Ticks,
		qtyLots: qtyLots as Lots,
		filledLots: filledLots as Lots,
		reason: reasonOf({ r: '', eR: typeof expiry === 'string' ? expiry : '', er: '', status: word }),
		updatedAtMs: updatedAtMs as TimeMs,
		source: 'lookup',
	};
}

function tryTrade(trade: JsonObject, instrument: Instrument): Tried<Execution> {
	const tradeId = idText(trade['id']);
	if (tradeId === undefined) return wrong('id');
	const venueOrderId = idText(trade['orderId']);
	if (venueOrderId === undefined) return wrong('orderId');
	const isBuyer = trade['isBuyer'] ?? trade['buyer'];
	const isMaker = trade['isMaker'] ?? trade['maker'];
	if (typeof isBuyer !== 'boolean') return wrong('isBuyer');
	if (typeof isMaker !== 'boolean') return wrong('isMaker');
	const side = isBuyer ? 'buy' : 'sell';
	const priceTicks = stepsAboveZero(trade['price'], instrument.priceGrid);
	if (typeof priceTicks === 'string') return wrong('price', priceTicks);
	const qtyLots = stepsAboveZero(trade['qty'], instrument.qtyGrid);
	if (typeof qtyLots === 'string') return wrong('qty', qtyLots);
	const { commission, commissionAsset } = trade;
	const fee = typeof commission === 'string' ? parseMoney(commission) : undefined;
	if (fee === undefined) return wrong('commission');
	if (typeof commissionAsset !== 'string' || !isId(commissionAsset)) return wrong('commissionAsset');
	const tradedAtMs = wholeNumber(trade['time']);
	if (typeof tradedAtMs === 'string') return wrong('time');
	return {
		executionId: executionIdOf(instrument, tradeId),
		instrument,
		clientOrderId: '',
		venueOrderId,
		side,
		priceTicks: priceTicks as Ticks,
		qtyLots: qtyLots as Lots,
		fee,
		feeCurrency: feeCurrencyOf(instrument, side, commissionAsset),
		isMaker,
		tradedAtMs: tradedAtMs as TimeMs,
	};
}

function wrong(member: string, reason?: string): { readonly wrong: string; readonly isOffGrid: boolean } {
	return { wrong: member, isOffGrid: reason === 'off-grid' };
}

function isZero(value: unknown): boolean {
	return typeof value !== 'string' || /^[0.]*$/.test(value);
}
