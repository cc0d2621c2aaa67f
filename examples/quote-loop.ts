/**
 * A quoting loop of your own, in about 30 lines: two symbols on the exchange in a box, three levels a side, one round
 * trip a tick. In a project of your own: `npm install evenkeel`, then `node quote-loop.ts`; with real test keys put
 * `exchange: 'testnet'` and your key in the place of the box.
 */
import { createApp, openExchange } from 'evenkeel';

await using box = await openExchange({ seed: 7, latency: { roundTripMs: 20, jitterMs: 2 }, limitFactor: 20 });
const [account] = box.accounts;
if (account === undefined) throw new Error('the box has demo accounts');
const app = await createApp({ exchange: box.bybit, ...account, symbols: ['BTCUSDT', 'ETHUSDT'] });

const size = { BTCUSDT: '0.010', ETHUSDT: '0.20' } as Record<string, string>;

for (let tick = 1; tick <= 10; tick += 1) {
	for (const symbol of app.symbols) {
		const top = app.top(symbol);
		const qty = size[symbol] ?? '0';
		// Nothing is wanted while the book is not to be trusted: the engine pulls what stands.
		const levels = top === undefined ? [] : [2, 4, 6];
		app.quote(symbol, [
			...levels.map((away) => ({ side: 'buy' as const, price: app.moved(symbol, top?.bid ?? '', -away), qty })),
			...levels.map((away) => ({ side: 'sell' as const, price: app.moved(symbol, top?.ask ?? '', away), qty })),
		]);
	}
	const { commands, calls, ms } = await app.processTick();
	console.log(
		`tick ${tick}: ${commands} commands in ${calls} calls, ${ms.toFixed(1)} ms, ${app.openOrders().length} orders open`,
	);
	await app.sleep(200);
}

const { p50_tick_ms: p50, p95_tick_ms: p95, calls, total_commands: commands } = app.getStats();
console.log(`p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms, ${commands} commands in ${calls} calls`);
console.log('positions', Object.fromEntries(app.symbols.map((symbol) => [symbol, app.position(symbol)])));
const left = await app.stop();
console.log(left.length === 0 ? 'nothing is left at the exchange' : `left: ${left.join(', ')}`);
