/**
 * What the load is made of: limit orders that rest below the market, spread over four symbols and fifty prices, each
 * with a client order id of its own, alone or ten in a batch; signed as any client signs them. All bytes are ready
 * before the clock starts, and the bare server gets the very same.
 */
import { createHmac } from 'node:crypto';
import type { BoxListening } from '../../src/app/box.ts';
import { FOUR_MARKETS, FOUR_PERPETUALS } from '../../src/exchange/market/preset.ts';
import { httpRequest, type Protocol, wsFrame } from './server-wire.ts';

export type Account = BoxListening['accounts'][number];
export type Operation = 'create' | 'create-batch';

export const BATCH_SIZE = 10;

/** Long enough for a round; the signature covers it. */
const RECV_WINDOW_MS = 60_000;
const PRICE_COUNT = 50;
/** Away from the market by one percent and up to another: inside the price band, outside the resting book. */
const NEAREST = 0.99;
const STEP = 0.0002;

const SYMBOLS = FOUR_PERPETUALS.map(({ symbol, tickSize, minQty, lotSize, minNotional }) => {
	const startPrice = Number(FOUR_MARKETS.find((market) => market.symbol === symbol)?.startPrice);
	const lots = Math.ceil(Math.max(Number(minQty), (1.1 * Number(minNotional)) / startPrice) / Number(lotSize));
	const prices = Array.from({ length: PRICE_COUNT }, (_, index) => {
		const ticks = Math.round((startPrice * (NEAREST - index * STEP)) / Number(tickSize));
		return (ticks * Number(tickSize)).toFixed(decimalsOf(tickSize));
	});
	return { symbol, prices, qty: (lots * Number(lotSize)).toFixed(decimalsOf(lotSize)) };
});

/** The bytes of one request of one account. Ids are unique as long as tag and number together are. */
export function orderRequest(
	account: Account,
	{ protocol, operation }: { readonly protocol: Protocol; readonly operation: Operation },
	{ tag, number }: { readonly tag: string; readonly number: number },
): Buffer {
	const count = operation === 'create' ? 1 : BATCH_SIZE;
	const orders = Array.from({ length: count }, (_, index) => order(number * count + index, tag));
	const args = operation === 'create' ? { category: 'linear', ...orders[0] } : { category: 'linear', request: orders };
	if (protocol === 'http') return signedPost(account, `/v5/order/${operation}`, JSON.stringify(args));
	const header = { 'X-BAPI-TIMESTAMP': String(Date.now()), 'X-BAPI-RECV-WINDOW': String(RECV_WINDOW_MS) };
	return wsFrame(JSON.stringify({ reqId: `${tag}-${number}`, header, op: `order.${operation}`, args: [args] }));
}

/** Cancels up to 500 orders at once; over HTTP always. */
export function cancelAll(account: Account): Buffer {
	return signedPost(account, '/v5/order/cancel-all', '{"category":"linear","settleCoin":"USDT"}');
}

export function login({ apiKey, apiSecret }: Account): Buffer {
	const expiresMs = Date.now() + RECV_WINDOW_MS;
	return wsFrame(JSON.stringify({ op: 'auth', args: [apiKey, expiresMs, sign(apiSecret, `GET/realtime${expiresMs}`)] }));
}

function order(number: number, tag: string): Readonly<Record<string, string>> {
	const { symbol, prices, qty } = SYMBOLS[number % SYMBOLS.length] as (typeof SYMBOLS)[number];
	const price = prices[Math.floor(number / SYMBOLS.length) % PRICE_COUNT] ?? '';
	return { symbol, side: 'Buy', orderType: 'Limit', qty, price, timeInForce: 'GTC', orderLinkId: `${tag}-${number}` };
}

function signedPost({ apiKey, apiSecret }: Account, path: string, body: string): Buffer {
	const timestamp = String(Date.now());
	const headers = {
		'X-BAPI-API-KEY': apiKey,
		'X-BAPI-TIMESTAMP': timestamp,
		'X-BAPI-RECV-WINDOW': String(RECV_WINDOW_MS),
		'X-BAPI-SIGN': sign(apiSecret, `${timestamp}${apiKey}${RECV_WINDOW_MS}${body}`),
	};
	return httpRequest('POST', path, headers, body);
}

function sign(secret: string, text: string): string {
	return createHmac('sha256', secret).update(text).digest('hex');
}

function decimalsOf(step: string): number {
	return step.split('.')[1]?.length ?? 0;
}
