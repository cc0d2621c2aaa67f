/** The venue's words for what a client alone takes and gives. */
import { z } from 'zod';
import type { Side } from '../../domain/side.ts';
import type { Amount, ClientOrder, ModifyWish, OrderStatus, OrderWish } from './client-types.ts';
import type { Market } from './codec/frames.ts';
import { idText } from './codec/lossless.ts';

const STATUSES: ReadonlyMap<string, OrderStatus> = new Map([
	['NEW', 'open'],
	['PENDING_NEW', 'open'],
	['PARTIALLY_FILLED', 'partlyFilled'],
	['FILLED', 'filled'],
	['CANCELED', 'cancelled'],
	['REJECTED', 'rejected'],
	['EXPIRED', 'expired'],
	['EXPIRED_IN_MATCH', 'expired'],
]);

const id = z.union([z.bigint(), z.int()]);
const ORDER_ROW = z.object({
	symbol: z.string().min(1).max(64),
	orderId: id,
	clientOrderId: z.string().max(64),
	/** Beside the id of the cancel, where that is what was answered. */
	origClientOrderId: z.string().max(64).optional(),
	side: z.enum(['BUY', 'SELL']),
	status: z.string(),
	price: z.string(),
	origQty: z.string(),
	executedQty: z.string(),
	time: z.int().optional(),
	updateTime: z.int().optional(),
	transactTime: z.int().optional(),
});

export interface OrderRow {
	readonly order: ClientOrder;
	/** When it came into being, where that is told. */
	readonly bornAtMs: number | undefined;
}

/** Undefined: not an order as the venue writes one. */
export function readOrder(row: unknown): OrderRow | undefined {
	const parsed = ORDER_ROW.safeParse(row);
	if (!parsed.success) return undefined;
	const { data } = parsed;
	const orderId = idText(data.orderId);
	const status = STATUSES.get(data.status);
	if (orderId === undefined || status === undefined) return undefined;
	const order = {
		symbol: data.symbol,
		orderId,
		clientOrderId: data.origClientOrderId ?? data.clientOrderId,
		side: data.side === 'BUY' ? 'buy' : 'sell',
		status,
		price: data.price,
		qty: data.origQty,
		filledQty: data.executedQty,
		atMs: data.updateTime ?? data.transactTime ?? data.time ?? 0,
	} as const;
	return { order, bornAtMs: data.time };
}

const TIMES_IN_FORCE = { gtc: 'GTC', postOnly: 'GTX', ioc: 'IOC', fok: 'FOK' } as const;
const DECIMAL = /^\d{1,20}(\.\d{1,20})?$/;
const CLIENT_ID = /^[A-Za-z0-9_-]{1,36}$/;
const SYMBOL = /^[A-Z0-9_]{1,40}$/;

/** In the venue's words. Throws a RangeError on what can be no order. */
export function orderParams(market: Market, wish: OrderWish & { readonly clientOrderId: string }): Record<string, string> {
	const { symbol, side, qty, price, timeInForce = 'gtc', reduceOnly = false, clientOrderId } = wish;
	if (!CLIENT_ID.test(clientOrderId)) {
		throw new RangeError(`the clientOrderId is '${clientOrderId}', expected 1 to 36 of A-Z a-z 0-9 _ -`);
	}
	if (reduceOnly && market === 'spot') throw new RangeError('reduceOnly is for futures: spot has no positions');
	if (!Object.hasOwn(TIMES_IN_FORCE, timeInForce)) {
		throw new RangeError(`the timeInForce is '${timeInForce}', expected one of ${Object.keys(TIMES_IN_FORCE).join(', ')}`);
	}
	const head = { symbol: symbolText(symbol), side: sideText(side), quantity: amountText('qty', qty) };
	const tail = {
		newClientOrderId: clientOrderId,
		newOrderRespType: 'RESULT',
		selfTradePreventionMode: 'EXPIRE_MAKER',
		...(reduceOnly ? { reduceOnly: 'true' } : {}),
	};
	if (price === undefined) return { ...head, type: 'MARKET', ...tail };
	const priced = { ...head, price: amountText('price', price) };
	// Spot has an order type for what futures have a time in force for.
	if (market === 'spot' && timeInForce === 'postOnly') return { ...priced, type: 'LIMIT_MAKER', ...tail };
	return { ...priced, type: 'LIMIT', timeInForce: TIMES_IN_FORCE[timeInForce], ...tail };
}

export function modifyParams({ symbol, side, qty, price }: ModifyWish): Record<string, string> {
	const size = { quantity: amountText('qty', qty), price: amountText('price', price) };
	return { symbol: symbolText(symbol), side: sideText(side), ...size };
}

/** Programs without types can write anything here. */
export function symbolText(symbol: string): string {
	if (SYMBOL.test(symbol)) return symbol;
	throw new RangeError(`the symbol is '${symbol}', expected the venue's own spelling, such as BTCUSDT`);
}

function sideText(side: Side): string {
	if (side === 'buy') return 'BUY';
	if (side === 'sell') return 'SELL';
	throw new RangeError(`the side is '${String(side)}', expected 'buy' or 'sell'`);
}

function amountText(what: string, amount: Amount): string {
	const text = String(amount);
	if (DECIMAL.test(text)) return text;
	throw new RangeError(`the ${what} is '${text}', expected plain decimal text, such as '64000.5'`);
}
