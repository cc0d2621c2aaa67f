/** The yardstick on Binance's futures, over REST as batches travel there. See tick-bare.ts. */
import { createSecretKey } from 'node:crypto';
import { Pool } from 'undici';
import { type BareClient, type Body, call, clientOf, type Send, signed, type Verb } from './tick-bare.ts';
import type { BenchBox } from './tick-box.ts';
import { inBatches, type Standing, WorkSheet, type WorkSymbol } from './tick-work.ts';

const METHODS = { create: 'POST', amend: 'PUT', cancel: 'DELETE' } as const;
const BATCHES = '/fapi/v1/batchOrders';
const FORM = ['content-type', 'application/x-www-form-urlencoded'];
const PER_CALL = 5;

export async function bareFutures(box: BenchBox, origin: string, work: readonly WorkSymbol[]): Promise<BareClient> {
	const { apiKey, apiSecret } = box.account('others');
	// Two calls of places and one of cancels for each symbol.
	const connections = work.length * 3;
	const pool = new Pool(origin, { connections });
	const key = createSecretKey(apiSecret, 'utf8');
	const send: Send = (verb, body) => {
		const text = `${body}&recvWindow=5000&timestamp=${Date.now()}`;
		const form = `${text}&signature=${signed(key, text)}`;
		const headers = ['x-mbx-apikey', apiKey];
		if (verb === 'cancel') return call(pool, { method: METHODS[verb], path: `${BATCHES}?${form}`, headers });
		return call(pool, { method: METHODS[verb], path: BATCHES, headers: [...headers, ...FORM], body: form });
	};
	const askTime = (): Promise<string> => call(pool, { method: 'GET', path: '/fapi/v1/time', headers: [] });
	// All connections are open before anything is measured.
	await Promise.all(Array.from({ length: connections }, askTime));
	const sheet = new WorkSheet(work, 'bare-');
	return clientOf({ send, echo: askTime, sheet, bodiesOf, acceptedIn, close: () => pool.destroy() });
}

function bodiesOf(verb: Verb, orders: readonly Standing[]): readonly Body[] {
	if (verb !== 'cancel') return inBatches(orders, PER_CALL).map((batch) => [verb, batchOf(verb, batch)]);
	return [...Map.groupBy(orders, ({ symbol }) => symbol.symbol)].map(([symbol, batch]) => {
		const ids = JSON.stringify(batch.map(({ id }) => id));
		return [verb, `symbol=${symbol}&origClientOrderIdList=${encodeURIComponent(ids)}`];
	});
}

function batchOf(verb: 'create' | 'amend', orders: readonly Standing[]): string {
	const rows = orders.map(({ symbol: { symbol }, id, quote: { side, price, qty } }) => {
		const terms = { symbol, side: side === 'buy' ? 'BUY' : 'SELL', quantity: qty, price };
		if (verb === 'amend') return { ...terms, origClientOrderId: id };
		return { ...terms, type: 'LIMIT', timeInForce: 'GTX', newClientOrderId: id, newOrderRespType: 'ACK' };
	});
	return `batchOrders=${encodeURIComponent(JSON.stringify(rows))}`;
}

function acceptedIn(text: string): number {
	const rows = JSON.parse(text) as readonly { readonly orderId?: number }[] | object;
	return Array.isArray(rows) ? rows.filter(({ orderId }: { readonly orderId?: number }) => orderId !== undefined).length : 0;
}
