/**
 * `ccxt` as it comes from its authors trades on the Binance of the box over real sockets: REST, its pro streams and its
 * orders by socket, on both markets, with the unified symbols that its users know.
 */
import ccxt from 'ccxt';
import { beforeAll, describe, expect, test } from 'vitest';
import { SECONDS, useBinance } from './binance.ts';
import { onlyLoopback } from './box.ts';
import { bookText, collect, type Futures, named, openFutures, openSpot, type Spot } from './ccxt-binance.ts';
import { eventually, promptly } from './wait.ts';

const AMOUNT = 0.01;
/** How long one sign of life from a stream may take before another order gives it something to say. */
const PROBE_MS = 500;

describe.skipIf(!onlyLoopback)('ccxt against the Binance of the box', () => {
	const binance = useBinance({ seed: '61' });

	describe.each([
		{ market: 'spot', symbol: 'BTC/USDT', open: openSpot },
		{ market: 'futures', symbol: 'BTC/USDT:USDT', open: openFutures },
	] as const)('$market', ({ market, symbol, open }) => {
		let exchange: Spot | Futures;

		beforeAll(async () => {
			exchange = await open(binance);
			await exchange.loadMarkets();
		});

		async function prices(): Promise<{ below: number; crossing: number }> {
			const { bids, asks } = await exchange.fetchOrderBook(symbol, 5);
			return { below: Math.floor(Number(bids[0]?.[0]) * 0.98), crossing: Math.ceil(Number(asks[0]?.[0]) * 1.01) };
		}

		async function rests(clientOrderId: string): Promise<string> {
			const { below } = await prices();
			return named(await exchange.createOrder(symbol, 'limit', 'buy', AMOUNT, below, { postOnly: true, clientOrderId }));
		}

		describe('over REST', () => {
			test('loads the markets with their grids', () => {
				const type = market === 'spot' ? 'spot' : 'swap';
				expect(exchange.market(symbol)).toMatchObject({ id: 'BTCUSDT', type, active: true });
				expect(exchange.market(symbol).precision.price).toBeGreaterThan(0);
			});

			test('reads the time, a ticker, candles, trades and its balance', async () => {
				expect(Math.abs(Number(await exchange.fetchTime()) - Date.now())).toBeLessThan(60_000);
				await eventually('a public trade', async () => (await exchange.fetchTrades(symbol, undefined, 5))[0]);
				expect(Number((await exchange.fetchTicker(symbol)).last)).toBeGreaterThan(0);
				expect((await exchange.fetchOHLCV(symbol, '1m', undefined, 5))[0]).toHaveLength(6);
				const balance = await exchange.fetchBalance();
				expect(Number(balance['USDT']?.free)).toBeGreaterThan(0);
			});

			test('places, edits and cancels', async () => {
				const id = await rests(`ccxt-${market}`);
				expect(await exchange.fetchOrder(id, symbol)).toMatchObject({ id, symbol, status: 'open', amount: AMOUNT, filled: 0 });
				const price = (await prices()).below - 500;
				const edited = named(await exchange.editOrder(id, symbol, 'limit', 'buy', 0.02, price));
				// Futures change the order, spot has another one in its place.
				expect(edited === id).toBe(market === 'futures');
				expect(await exchange.fetchOrder(edited, symbol)).toMatchObject({ amount: 0.02, price, status: 'open' });
				expect(await exchange.fetchOpenOrders(symbol)).toHaveLength(1);
				await exchange.cancelOrder(edited, symbol);
				expect(await exchange.fetchOrder(edited, symbol)).toMatchObject({ status: 'canceled', filled: 0 });
				await expect(exchange.cancelOrder(edited, symbol)).rejects.toBeInstanceOf(ccxt.OrderNotFound);
			});

			test('keeps every digit of an id', async () => {
				const id = await rests(`ccxt-id-${market}`);
				const listed = (await exchange.fetchOpenOrders(symbol)).map(named);
				expect(listed).toEqual([id]);
				expect(BigInt(id) > BigInt(Number.MAX_SAFE_INTEGER)).toBe(market === 'futures');
				await exchange.cancelAllOrders(symbol);
				expect(await exchange.fetchOpenOrders(symbol)).toEqual([]);
			});

			test('throws what it made of each refusal', async () => {
				const { below, crossing } = await prices();
				const order = (amount: number, price: number, params = {}) =>
					exchange.createOrder(symbol, 'limit', 'buy', amount, price, params);
				// It looks most codes of a market up by the real venue's host name, which the box has not.
				if (market === 'spot') await expect(order(100, below)).rejects.toBeInstanceOf(ccxt.InsufficientFunds);
				else await expect(order(100, below)).rejects.toThrow(/-2019/);
				const taking = order(AMOUNT, crossing, { postOnly: true });
				await expect(taking).rejects.toBeInstanceOf(market === 'spot' ? ccxt.OrderImmediatelyFillable : ccxt.InvalidOrder);
				await expect(exchange.fetchOrder('1', symbol)).rejects.toBeInstanceOf(ccxt.OrderNotFound);
				const keys = { apiKey: binance.account.apiKey, apiSecret: 'wrong' };
				const forger = await open(binance, { keys });
				forger.setMarkets(exchange.markets);
				await expect(forger.fetchBalance()).rejects.toBeInstanceOf(ccxt.AuthenticationError);
				const late = await open(binance);
				late.setMarkets(exchange.markets);
				late.options['timeDifference'] = 60_000; // what its own synchronisation with a wrong clock would leave behind
				await expect(late.fetchBalance()).rejects.toBeInstanceOf(ccxt.InvalidNonce);
			});

			test('signs with Ed25519 as well', async () => {
				const modern = await open(binance, { keys: await binance.ed25519Keys() });
				modern.setMarkets(exchange.markets);
				expect(Number((await modern.fetchBalance())['USDT']?.total)).toBeGreaterThan(0);
			});
		});

		describe('over its pro streams', () => {
			test(
				'watches a book that goes through the states REST shows',
				async () => {
					const states = collect(async () => [bookText(await exchange.watchOrderBook(symbol))]);
					await states.find('a book', () => true);
					let agreed = 0;
					await eventually(
						'two moments at which both spoke',
						async () => {
							const shown = bookText(await exchange.fetchOrderBook(symbol, 1000));
							const same = await states.find('the same book', (state) => state === shown, { withinMs: 300 }).catch(() => '');
							if (same !== '') agreed++;
							return agreed === 2 ? true : undefined;
						},
						{ withinMs: 45 * SECONDS },
					);
				},
				60 * SECONDS,
			);

			test(
				'watches tickers, trades, best prices and candles',
				async () => {
					expect((await promptly('a ticker', exchange.watchTicker(symbol))).symbol).toBe(symbol);
					const trades = await promptly('trades', exchange.watchTrades(symbol), { withinMs: 30 * SECONDS });
					expect(trades[0]).toMatchObject({ symbol });
					const best = (await promptly('best prices', exchange.watchBidsAsks([symbol])))[symbol];
					expect(Number(best?.bid)).toBeLessThan(Number(best?.ask));
					expect((await promptly('a candle', exchange.watchOHLCV(symbol), { withinMs: 30 * SECONDS }))[0]).toHaveLength(6);
				},
				60 * SECONDS,
			);

			test('is told when its sockets were cut, and watches on', async () => {
				const watcher = await open(binance);
				watcher.setMarkets(exchange.markets);
				await promptly('a ticker', watcher.watchTicker(symbol));
				await binance.operate('POST', '/v1/faults', { name: 'cut-socket', parameters: { channel: 'ws-public' } });
				const cut = eventually('the cut', () => watcher.watchTicker(symbol).then(() => undefined));
				await expect(cut).rejects.toBeInstanceOf(ccxt.NetworkError);
				await binance.operate('DELETE', '/v1/faults');
				await eventually('a ticker again', () => watcher.watchTicker(symbol).catch(() => undefined));
			});

			test(
				'watches its orders, fills and money, and trades over the socket',
				async () => {
					const orders = collect(() => exchange.watchOrders(symbol));
					const trades = collect(() => exchange.watchMyTrades(symbol));
					const balances = collect(async () => [await exchange.watchBalance()]);
					await eventually('the first news', async () => {
						const id = await rests('');
						await exchange.cancelOrder(id, symbol);
						return orders.find('news', (order) => order.id === id, { withinMs: PROBE_MS }).catch(() => undefined);
					});

					const { below } = await prices();
					const id = named(await promptly('order.place', exchange.createOrderWs(symbol, 'limit', 'buy', AMOUNT, below)));
					await orders.find('the order', (order) => order.id === id && order.status === 'open');
					await promptly('order.cancel', exchange.cancelOrderWs(id, symbol));
					await orders.find('its end', (order) => order.id === id && order.status === 'canceled');
					const again = promptly('a late cancel', exchange.cancelOrderWs(id, symbol));
					await expect(again).rejects.toBeInstanceOf(ccxt.OrderNotFound);

					const bought = named(await promptly('order.place', exchange.createOrderWs(symbol, 'market', 'buy', AMOUNT)));
					const fill = await trades.find('the fill', ({ order }) => order === bought);
					expect(fill).toMatchObject({ symbol, side: 'buy', takerOrMaker: 'taker' });
					expect(fill.fee?.currency).toBe(market === 'spot' ? 'BTC' : 'USDT');
					const listed = await exchange.fetchMyTrades(symbol);
					expect(listed.map(({ id: tradeId }) => tradeId)).toContain(fill.id);
					await balances.find('the balance', (balance) => Number(balance['USDT']?.total) > 0);
				},
				60 * SECONDS,
			);
		});
	});

	test('sends batches on futures of which some items fail, and holds a position', async () => {
		const exchange = await openFutures(binance);
		await exchange.loadMarkets();
		const symbol = 'BTC/USDT:USDT';
		const { bids } = await exchange.fetchOrderBook(symbol, 5);
		const price = Math.floor(Number(bids[0]?.[0]) * 0.98);
		const order = (params: object) => ({ symbol, type: 'limit', side: 'buy', amount: AMOUNT, price, params }) as const;
		const placed = await exchange.createOrders([order({}), order({ timeInForce: 'FOK' }), order({})]);
		expect(placed.map(({ status }) => status)).toEqual(['open', 'rejected', 'open']);
		const ids = [placed[0], placed[2]].map((each) => named(each ?? {}));
		const edited = await exchange.editOrders([
			...ids.map((id) => ({ id, symbol, type: 'limit', side: 'buy', amount: 0.02, price }) as const),
		]);
		expect(edited.map(({ amount }) => amount)).toEqual([0.02, 0.02]);
		const cancelled = await exchange.cancelOrders(ids, symbol);
		expect(cancelled.map(({ status }) => status)).toEqual(['canceled', 'canceled']);

		const before = await positionSize(exchange, symbol);
		await exchange.createOrder(symbol, 'market', 'buy', AMOUNT);
		expect(await positionSize(exchange, symbol)).toBeCloseTo(before + AMOUNT, 9);
		await exchange.createOrder(symbol, 'market', 'sell', before + AMOUNT, undefined, { reduceOnly: true });
		expect(await positionSize(exchange, symbol)).toBe(0);
	});
});

async function positionSize(exchange: Futures, symbol: string): Promise<number> {
	const positions = await exchange.fetchPositions([symbol]);
	return positions.reduce((sum, { side, contracts }) => sum + (side === 'short' ? -1 : 1) * (contracts ?? 0), 0);
}
