/**
 * The SDK `binance` against the exchange in a box, on futures. Prints the best prices as they change, rests an order,
 * modifies and cancels it, and prints what its own stream says of it.
 *
 *   npm run --silent exchange -- --json --binance-port 0 | node examples/binance.mjs
 *
 * The box runs on until Ctrl-C.
 */
import { createInterface } from 'node:readline';
import { USDMClient, WebsocketClient } from 'binance';

const { value: line } = await createInterface({ input: process.stdin })[Symbol.asyncIterator]().next();
const { binance, accounts } = JSON.parse(line);
const keys = { api_key: accounts[0].apiKey, api_secret: accounts[0].apiSecret };
// The bare hosts: it appends the paths. Spot is on the same ones.
const baseUrl = binance.futures.rest;
const wsUrl = binance.spot.stream;

const rest = new USDMClient({ ...keys, baseUrl });
const quiet = { trace() {}, info() {}, error: console.error };
const streams = new WebsocketClient({ ...keys, wsUrl, restOptions: { baseUrl } }, quiet);

const cancelled = new Promise((settle) => {
	streams.on('message', (event) => {
		if ('e' in event && event.e === 'bookTicker') console.log('book ', event.b, 'x', event.B, '/', event.a, 'x', event.A);
		if (!('e' in event) || event.e !== 'ORDER_TRADE_UPDATE') return;
		const { c: name, x: what, q: qty, p: price } = event.o;
		console.log('order', name, what, `${qty} at ${price}`);
		if (what === 'CANCELED') settle(undefined);
	});
});
await streams.subscribe(['btcusdt@bookTicker'], 'usdm');
await streams.subscribeUsdFuturesUserDataStream();

const symbol = 'BTCUSDT';
const { bidPrice } = await rest.getSymbolOrderBookTicker({ symbol });
const price = Math.floor(Number(bidPrice) * 0.98);
// Ids are beyond what a number holds, so an order goes by a name of ours.
const origClientOrderId = rest.generateNewOrderId();
const order = { symbol, side: 'BUY', quantity: 0.01, price };
const placed = await rest.submitNewOrder({
	...order,
	type: 'LIMIT',
	timeInForce: 'GTX',
	newClientOrderId: origClientOrderId,
});
console.log('placed', placed.status);
await rest.modifyOrder({ ...order, quantity: 0.02, origClientOrderId });
await rest.cancelOrder({ symbol, origClientOrderId });
await cancelled;
process.exit();
