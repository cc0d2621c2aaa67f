/** A client of Binance alone, over real sockets against the exchange in a box, on both markets. */
import { generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { control } from '../../test/fixtures/real-box.ts';
import type { BinanceClient, OrderResult, Ticker } from '../venues/binance/client-types.ts';
import { AppError } from './app-error.ts';
import { type ConnectBinanceOptions, connectBinance } from './binance-client.ts';
import { type ExchangeOptions, type OpenExchange, openExchange } from './open-exchange.ts';

const toDispose: AsyncDisposable[] = [];
afterEach(async () => {
	for (const each of toDispose.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

async function openBox(more: ExchangeOptions = {}): Promise<OpenExchange> {
	const box = await openExchange({ binancePort: 0, market: 'quiet', symbols: ['BTCUSDT', 'ETHUSDT'], ...more });
	toDispose.push(box);
	return box;
}

async function connect(box: OpenExchange, more: object): Promise<BinanceClient> {
	const options = { market: 'spot', environment: box.binance, credentials: box.account(), ...more } as ConnectBinanceOptions;
	const client = await connectBinance(options);
	toDispose.push(client);
	return client;
}

/** The box's operator gives the key a private half that only its owner has. */
async function ownKey(box: OpenExchange) {
	const { publicKey, privateKey } = generateKeyPairSync('ed25519');
	const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' });
	const { apiKey } = await control({ listening: box }, 'POST /v1/accounts/alice/public-key', { publicKey: publicKeyPem });
	return { apiKey: String(apiKey), apiSecret: String(privateKey.export({ type: 'pkcs8', format: 'pem' })) };
}

function valueOf<Value>(
	read: { readonly kind: 'ok'; readonly value: Value } | { readonly kind: 'failed'; readonly sentence: string },
): Value {
	if (read.kind === 'failed') throw new Error(read.sentence);
	return read.value;
}

function doneOf(result: OrderResult) {
	if (result.kind !== 'done') throw new Error(JSON.stringify(result));
	return result.order;
}

const LOW = { symbol: 'BTCUSDT', side: 'buy', qty: '0.010', price: '60000.0', timeInForce: 'postOnly' } as const;

describe.each(['spot', 'futures'] as const)('%s', (market) => {
	test('reads the market, one symbol or many, and a wrong one costs the others nothing', async () => {
		const client = await connect(await openBox({ market: 'synthetic' }), { market, credentials: undefined });
		const lastPrice = async () => Number(valueOf(await client.getLatestPrice('ETHUSDT')));
		while ((await lastPrice()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
		expect(Math.abs(valueOf(await client.getServerTime()) - Date.now())).toBeLessThan(60_000);
		expect(await lastPrice()).toBeGreaterThan(100);
		expect(valueOf(await client.getKlines('ETHUSDT', { interval: '1m', limit: 3 }))).toHaveLength(3);
		const { bids, asks } = valueOf(await client.getOrderBook('BTCUSDT', 5));
		expect(Number(bids[0]?.[0])).toBeLessThan(Number(asks[0]?.[0]));
		expect(bids).toHaveLength(5);
		expect(valueOf(await client.getInstruments(['ETHUSDT']))[0]?.symbol).toBe('ETHUSDT');

		const many = await client.getMultipleSymbolsData(['BTCUSDT', 'NOSUCH', 'ETHUSDT', 'BTCUSDT']);
		expect([...many.keys()]).toEqual(['BTCUSDT', 'NOSUCH', 'ETHUSDT']);
		expect([...many.values()].map(({ kind }) => kind)).toEqual(['ok', 'failed', 'ok']);
		expect(many.get('NOSUCH')).toMatchObject({ code: -1121, class: 'fatal' });
		const ethereum = many.get('ETHUSDT');
		expect(ethereum?.kind === 'ok' && Number(ethereum.value.price)).toBeGreaterThan(100);
		expect(ethereum?.kind === 'ok' && ethereum.value.klines.length).toBeGreaterThan(0);
	});

	test.each(['HMAC', 'Ed25519'])('creates, finds and cancels an order with a key of kind %s', async (kind) => {
		const box = await openBox();
		const client = await connect(box, { market, credentials: kind === 'HMAC' ? box.account() : await ownKey(box) });
		const order = doneOf(await client.createOrder(LOW));
		expect(order).toMatchObject({ symbol: 'BTCUSDT', side: 'buy', status: 'open' });
		expect([Number(order.price), Number(order.qty), Number(order.filledQty)]).toEqual([60_000, 0.01, 0]);
		expect(valueOf(await client.getOpenOrders('BTCUSDT')).map(({ orderId }) => orderId)).toEqual([order.orderId]);
		expect(valueOf(await client.getOrder('BTCUSDT', order))).toMatchObject({ clientOrderId: order.clientOrderId });
		const { orderId } = order;
		expect(doneOf(await client.cancelOrder('BTCUSDT', { orderId })).status).toBe('cancelled');
		expect(valueOf(await client.getOpenOrders())).toEqual([]);
		expect(await client.cancelOrder('BTCUSDT', { clientOrderId: order.clientOrderId })).toMatchObject({
			kind: 'refused',
			class: 'benign',
		});
	});

	test('many orders at once have an outcome each, in their order', async () => {
		const client = await connect(await openBox(), { market });
		const prices = ['60000.0', '60001.0', '66000.0', '60003.0', '60004.0', '60005.0', '60006.0'];
		const results = await client.createBatchOrders(prices.map((price) => ({ ...LOW, price })));
		expect(results.map(({ kind }) => kind)).toEqual(['done', 'done', 'refused', 'done', 'done', 'done', 'done']);
		expect(results[2]).toMatchObject({ class: 'fatal', reason: expect.stringMatching(/^post-only order would take/) as string });
		const ids = results.flatMap((result) => (result.kind === 'done' ? [result.order.clientOrderId] : []));
		expect(
			valueOf(await client.getOpenOrders('BTCUSDT'))
				.map(({ clientOrderId }) => clientOrderId)
				.sort(),
		).toEqual(ids.sort());
		expect(await client.cancelAllOrders('BTCUSDT')).toEqual({ kind: 'done' });
		expect(await client.cancelAllOrders('BTCUSDT')).toEqual({ kind: 'done' });
		expect(valueOf(await client.getOpenOrders('BTCUSDT'))).toEqual([]);
	});

	test('knows its account, and what a market order made of it', async () => {
		const client = await connect(await openBox(), { market });
		const [before] = valueOf(await client.getBalance('USDT'));
		expect(before).toEqual({ currency: 'USDT', free: '100000', total: '100000' });
		expect(doneOf(await client.createOrder({ symbol: 'BTCUSDT', side: 'buy', qty: 0.01 })).status).toBe('filled');
		const { canTrade, balances, positions } = valueOf(await client.getAccountInfo());
		expect(canTrade).toBe(true);
		expect(Number(balances.find(({ currency }) => currency === 'USDT')?.total)).toBeLessThan(100_000);
		expect(positions.map(({ symbol, qty }) => [symbol, Number(qty)])).toEqual(market === 'spot' ? [] : [['BTCUSDT', 0.01]]);
		expect(valueOf(await client.getBalance('NONE'))).toEqual([]);
	});

	test('a ticker tells the best prices, and no longer once it is closed', async () => {
		const client = await connect(await openBox({ market: 'synthetic' }), { market, credentials: undefined });
		const heard: Ticker[] = [];
		const books: number[] = [];
		const subscribed = valueOf(await client.subscribeToTicker('BTCUSDT', (ticker) => heard.push(ticker)));
		const both = valueOf(await client.subscribe(['BTCUSDT', 'ETHUSDT'], { book: ({ bids }) => books.push(bids.length) }));
		while (heard.length < 3 || heard.at(-1)?.last === undefined || books.length < 2) {
			await new Promise((resolve) => setTimeout(resolve, 10));
		}
		for (const { bid, ask } of heard) expect(Number(bid)).toBeLessThan(Number(ask));
		expect(Math.max(...books)).toBeGreaterThan(5);
		if (market === 'futures') expect(Number(heard.at(-1)?.mark ?? heard.at(-1)?.bid)).toBeGreaterThan(1_000);
		await subscribed[Symbol.asyncDispose]();
		const count = heard.length;
		const told = books.length;
		while (books.length < told + 3) await new Promise((resolve) => setTimeout(resolve, 10));
		expect(heard).toHaveLength(count);
		await both[Symbol.asyncDispose]();
		expect(await client.subscribeToTicker('NOSUCH', () => {})).toMatchObject({
			kind: 'failed',
			sentence: expect.stringContaining('NOSUCH') as string,
		});
	});

	test('demo needs neither network nor key', async () => {
		const client = await connectBinance({ market, demo: true, roundTripMs: 4 });
		toDispose.push(client);
		expect(doneOf(await client.createOrder({ ...LOW, price: '50000.0' })).status).toBe('open');
		const many = await client.getMultipleSymbolsData(['BTCUSDT', 'ETHUSDT', 'SOLUSDT']);
		expect([...many.values()].map(({ kind }) => kind)).toEqual(['ok', 'ok', 'ok']);
	});
});

test('futures change an order where it stands, spot does not', async () => {
	const box = await openBox();
	const futures = await connect(box, { market: 'futures' });
	const { clientOrderId } = doneOf(await futures.createOrder(LOW));
	const changed = doneOf(await futures.modifyOrder({ ...LOW, price: '60010.0', qty: '0.020' }, { clientOrderId }));
	expect([Number(changed.price), Number(changed.qty)]).toEqual([60_010, 0.02]);
	const spot = await connect(box, { market: 'spot' });
	await expect(spot.modifyOrder(LOW, { clientOrderId })).rejects.toThrow(RangeError);
});

describe('a mistake in an argument is a RangeError before anything is sent:', () => {
	test.each<[string, object, RegExp]>([
		['a price that is no number', { price: 'cheap' }, /^the price is 'cheap', expected plain decimal text/],
		['a price of a float gone wrong', { price: 1e-7 }, /^the price is '1e-7'/],
		['a negative quantity', { qty: '-1' }, /^the qty is '-1'/],
		['another side', { side: 'BUY' }, /^the side is 'BUY', expected 'buy' or 'sell'/],
		['a symbol in small letters', { symbol: 'btcusdt' }, /^the symbol is 'btcusdt', expected the venue's own spelling/],
		['another time in force', { timeInForce: 'toString' }, /^the timeInForce is 'toString', expected one of gtc, postOnly/],
		['an id with blanks', { clientOrderId: 'a b' }, /^the clientOrderId is 'a b'/],
		['a reduce-only order on spot', { reduceOnly: true }, /^reduceOnly is for futures/],
	])('%s', async (_name, more, message) => {
		const client = await connect(await openBox(), {});
		const wish = { ...LOW, ...more };
		await expect(client.createOrder(wish)).rejects.toThrow(RangeError);
		await expect(client.createBatchOrders([LOW, wish])).rejects.toThrow(message);
		expect(valueOf(await client.getOpenOrders())).toEqual([]);
	});
});

describe('connectBinance says what is wrong with', () => {
	test.each<[string, object, RegExp]>([
		['another market', { market: 'linear' }, /^the market is 'linear', expected 'spot' or 'futures'$/],
		['another environment', { environment: 'prod' }, /^the environment is 'prod', expected 'mainnet'/],
		['no environment', { environment: undefined }, /^the environment is none of those, expected/],
		[
			'real money',
			{ environment: 'mainnet', credentials: { apiKey: 'a', apiSecret: 'b' } },
			/^the environment is 'mainnet', where a library cannot trade yet/,
		],
		['an empty key', { credentials: { apiKey: '', apiSecret: 'x' } }, /^the API key is empty/],
		['an address elsewhere', { environment: elsewhere() }, /^spotRest is no loopback address/],
		['a box that is gone', { environment: elsewhere('127.0.0.1:9') }, /^127\.0\.0\.1:9 does not say its time/],
	])('%s', async (_name, more, message) => {
		const options = { market: 'spot', environment: 'testnet', ...more } as ConnectBinanceOptions;
		const error: unknown = await connectBinance(options).catch((reason: unknown) => reason);
		expect(error).toBeInstanceOf(AppError);
		expect((error as AppError).code).toBe('cannot-start');
		expect((error as AppError).message).toMatch(message);
	});
});

function elsewhere(at = 'example.com') {
	const http = `http://${at}`;
	const ws = `ws://${at}`;
	return {
		spot: { rest: http, stream: ws, wsApi: ws },
		futures: { rest: http, public: ws, market: ws, private: ws, wsApi: ws },
	};
}
