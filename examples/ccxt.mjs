/**
 * `ccxt` against the exchange in a box. Watches a few books, rests an order and cancels it, buys and sells.
 *
 *   npm run --silent exchange -- --json | node examples/ccxt.mjs
 *
 * The box runs on until Ctrl-C.
 */
import { createInterface } from 'node:readline';
import ccxt from 'ccxt';

const { value: line } = await createInterface({ input: process.stdin })[Symbol.asyncIterator]().next();
const { bybit, accounts } = JSON.parse(line);
const exchange = new ccxt.pro.bybit({ apiKey: accounts[0].apiKey, secret: accounts[0].apiSecret });
exchange.urls.api = {
	public: bybit.rest,
	private: bybit.rest,
	ws: {
		public: bybit.public,
		private: { spot: { unified: bybit.private }, contract: bybit.private, trade: bybit.trade },
	},
};
await exchange.loadHttpProxyAgent(); // ccxt wants this before any ws:// without TLS

const symbol = 'BTC/USDT:USDT';
await exchange.loadMarkets();
console.log(`${exchange.symbols.length} markets, ${(await exchange.fetchBalance()).USDT?.total} USDT`);

for (let count = 0; count < 5; count++) {
	const { bids, asks } = await exchange.watchOrderBook(symbol, 50);
	console.log('book', bids[0].join(' x '), '/', asks[0].join(' x '));
}

const { bid = 0 } = await exchange.fetchTicker(symbol);
const resting = await exchange.createOrder(symbol, 'limit', 'buy', 0.01, bid * 0.98, { postOnly: true });
console.log('resting', (await exchange.fetchOpenOrder(resting.id, symbol)).status);
console.log('cancelled', (await exchange.cancelOrder(resting.id, symbol)).id);

await exchange.createOrder(symbol, 'market', 'buy', 0.01);
const [position] = await exchange.fetchPositions([symbol]);
console.log('holding', position?.contracts, 'at', position?.entryPrice);
await exchange.createOrder(symbol, 'market', 'sell', 0.01, undefined, { reduceOnly: true });
for (const { side, amount, price, fee } of await exchange.fetchMyTrades(symbol)) {
	console.log(side, amount, 'at', price, 'for', fee?.cost, fee?.currency);
}
await exchange.close();
process.exit();
