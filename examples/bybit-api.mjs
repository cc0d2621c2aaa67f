/**
 * The SDK `bybit-api` against the exchange in a box. Prints the best prices as they change, rests an order, cancels it.
 *
 *   npm run --silent exchange -- --json | node examples/bybit-api.mjs
 *
 * The box runs on until Ctrl-C.
 */
import { createInterface } from 'node:readline';
import { RestClientV5, WebsocketClient } from 'bybit-api';

const { value: line } = await createInterface({ input: process.stdin })[Symbol.asyncIterator]().next();
const { bybit, accounts } = JSON.parse(line);
const { apiKey: key, apiSecret: secret } = accounts[0];

const rest = new RestClientV5({ baseUrl: bybit.rest, key, secret });
// One client for each socket: `wsUrl` is a whole path and replaces all of them.
const quiet = { trace() {}, info() {}, error: console.error };
const market = new WebsocketClient({ wsUrl: bybit.public.linear, market: 'v5' }, quiet);
const own = new WebsocketClient({ wsUrl: bybit.private, market: 'v5', key, secret }, quiet);

market.on('update', ({ data }) => console.log('book ', data.b[0]?.join(' x '), '/', data.a[0]?.join(' x ')));
await Promise.all(market.subscribeV5('orderbook.1.BTCUSDT', 'linear'));
const subscribed = new Promise((settle) => own.on('response', settle));
const cancelled = new Promise((settle) => {
	own.on('update', ({ data }) => {
		for (const { orderId, orderStatus, price, qty } of data) {
			console.log('order', orderId, orderStatus, `${qty} at ${price}`);
			if (orderStatus === 'Cancelled') settle(undefined);
		}
	});
});
await Promise.all(own.subscribeV5('order', 'linear', true));
await subscribed;

const order = { category: 'linear', symbol: 'BTCUSDT' };
const { result: book } = await rest.getOrderbook({ ...order, limit: 1 });
const price = (Number(book.b[0][0]) * 0.98).toFixed(1);
const placed = await rest.submitOrder({
	...order,
	side: 'Buy',
	orderType: 'Limit',
	qty: '0.010',
	price,
	timeInForce: 'PostOnly',
});
console.log('placed', placed.retCode, placed.retMsg);
await rest.cancelOrder({ ...order, orderId: placed.result.orderId });
await cancelled;
process.exit();
