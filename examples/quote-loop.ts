/**
 * A quoting loop of your own, in about 30 lines: two symbols on the exchange in a box, three levels a side, one round
 * trip a tick. In a project of your own: `npm install evenkeel`, then `node quote-loop.ts`. With test keys of Bybit's,
 * `exchange: 'testnet'` and your key take the place of the box. docs/library.md has the rest.
 */
import { createApp, openExchange, type Quote } from 'evenkeel';

await using box = await openExchange({ seed: 7, latency: { roundTripMs: 20, jitterMs: 2 }, limitFactor: 20 });
await using app = await createApp({ exchange: box.bybit, ...box.account(), symbols: ['BTCUSDT', 'ETHUSDT'] });
app.onFill(({ symbol, side, qty, price }) => console.log(`filled: ${side} ${qty} ${symbol} at ${price}`));

for (let tick = 1; tick <= 10; tick += 1) {
	for (const [symbol, qty] of Object.entries({ BTCUSDT: '0.010', ETHUSDT: '0.20' })) {
		const quotes: Quote[] = [];
		const top = app.top(symbol);
		for (const away of [2, 4, 6]) {
			// The book is not to be trusted now: nothing is wanted, and the engine pulls what stands.
			if (top === undefined) break;
			quotes.push({ side: 'buy', price: app.moved(symbol, top.bid, -away), qty });
			quotes.push({ side: 'sell', price: app.moved(symbol, top.ask, away), qty });
		}
		app.quote(symbol, quotes);
	}
	const { commands, calls, ms } = await app.processTick();
	console.log(`tick ${tick}: ${commands} commands in ${calls} calls, ${ms.toFixed(1)} ms, ${app.openOrders().length} open`);
	await app.sleep(200);
}

const { p50_tick_ms: p50, p95_tick_ms: p95, calls, total_commands: commands } = app.getStats();
console.log(`p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, ${commands} commands in ${calls} calls`);
console.log('positions', Object.fromEntries(app.symbols.map((symbol) => [symbol, app.position(symbol)])));
const left = await app.stop();
console.log(left.length === 0 ? 'nothing is left at the exchange' : `left: ${left.join(', ')}`);
