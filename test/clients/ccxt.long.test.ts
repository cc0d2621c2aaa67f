/**
 * `ccxt` as it comes from its authors trades against the box over real sockets: REST and its pro streams, with the unified
 * symbols that its users know. Only the table of URLs is ours.
 */
import ccxt, { type Order, type OrderBook } from 'ccxt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Box, onlyLoopback, startBox } from './box.ts';
import { eventually, Inbox, promptly } from './wait.ts';

type Bybit = InstanceType<typeof ccxt.pro.bybit>;

const SWAP = 'BTC/USDT:USDT';
const SPOT = 'BTC/USDT';
const AMOUNT = 0.01;
const SECONDS = 1_000;
/** How long one sign of life from a stream may take before another order gives it something to say. */
const PROBE_MS = 500;

describe.skipIf(!onlyLoopback)('ccxt against the box', () => {
	let box: Box;
	let exchange: Bybit;
	const opened: Bybit[] = [];

	beforeAll(async () => {
		box = await startBox(['--market', 'synthetic', '--seed', '11']);
		exchange = await open();
		await exchange.loadMarkets();
	}, 60 * SECONDS);

	afterAll(async () => {
		for (const each of opened) await each.close();
		expect(await box.stop()).toBe(0);
	}, 60 * SECONDS);

	async function open(more: { secret?: string; enableRateLimit?: boolean } = {}): Promise<Bybit> {
		const { apiKey, apiSecret: secret } = box.account;
		const client = new ccxt.pro.bybit({ apiKey, secret, ...more });
		const { rest, public: streams, private: personal, trade } = box.bybit;
		client.urls.api = {
			public: rest,
			private: rest,
			ws: { public: { ...streams, option: streams.linear }, private: { spot: { unified: personal }, contract: personal, trade } },
		};
		await client.loadHttpProxyAgent(); // it wants this before any ws:// without TLS
		opened.push(client);
		return client;
	}

	/** One that need not load the markets, which takes keys that are in order. */
	async function openWithMarkets(more: { secret?: string; enableRateLimit?: boolean } = {}): Promise<Bybit> {
		const client = await open(more);
		client.setMarkets(exchange.markets);
		return client;
	}

	/** Once more when the rate limit said no. */
	function unhurried<T>(ask: () => Promise<T>): Promise<T> {
		return eventually('room in the rate limit', () =>
			ask().catch((error: unknown) => {
				if (error instanceof ccxt.RateLimitExceeded) return undefined;
				throw error;
			}),
		);
	}

	async function farBelow(): Promise<number> {
		const { bids } = await exchange.fetchOrderBook(SWAP, 1);
		return Math.round(Number(bids[0]?.[0]) * 0.98);
	}

	async function placeFarBelow(symbol: string, clientOrderId: string): Promise<{ id: string }> {
		const price = await farBelow();
		return named(
			await unhurried(() => exchange.createOrder(symbol, 'limit', 'buy', AMOUNT, price, { postOnly: true, clientOrderId })),
		);
	}

	async function positionSize(): Promise<number> {
		const positions = await exchange.fetchPositions([SWAP]);
		return positions.reduce((sum, { side, contracts }) => sum + (side === 'short' ? -1 : 1) * (contracts ?? 0), 0);
	}

	/** Everything that a watching loop yields, until the client is closed. */
	function collect<T>(watch: () => Promise<readonly T[]>): Inbox<T> {
		const inbox = new Inbox<T>();
		const follow = async (): Promise<void> => {
			for (;;) for (const item of await watch()) inbox.push(item);
		};
		follow().catch((error: unknown) => {
			if (!(error instanceof ccxt.ExchangeClosedByUser)) inbox.fail(error);
		});
		return inbox;
	}

	describe('over REST', () => {
		test('loads the markets with their grids', () => {
			expect(exchange.market(SWAP)).toMatchObject({ id: 'BTCUSDT', type: 'swap', linear: true, settle: 'USDT', active: true });
			expect(exchange.market(SPOT)).toMatchObject({ id: 'BTCUSDT', type: 'spot', active: true });
			for (const symbol of [SWAP, SPOT]) expect(exchange.market(symbol).precision.price, symbol).toBeGreaterThan(0);
		});

		test('reads the time, a ticker, candles and trades', async () => {
			expect(Math.abs(Number(await exchange.fetchTime()) - Date.now())).toBeLessThan(60_000);
			const ticker = await exchange.fetchTicker(SWAP);
			expect(ticker.bid ?? 0).toBeLessThan(ticker.ask ?? 0);
			await eventually('a public trade', async () => (await exchange.fetchTrades(SWAP, undefined, 5))[0]);
			expect((await exchange.fetchOHLCV(SWAP, '1m', undefined, 5))[0]).toHaveLength(6);
		});

		test('reads its balances and its fees', async () => {
			const balance = await exchange.fetchBalance();
			expect(Number(balance['USDT']?.total)).toBeGreaterThan(0);
			expect(Number(balance['USDT']?.free)).toBeGreaterThan(0);
			expect(await exchange.fetchTradingFee(SWAP)).toMatchObject({ symbol: SWAP, maker: 0.0002, taker: 0.00055 });
		});

		test.each([SWAP, SPOT])('places, amends and cancels %s', async (symbol) => {
			const { id } = await placeFarBelow(symbol, `ccxt-${symbol.length}`);
			expect(await exchange.fetchOpenOrder(id, symbol)).toMatchObject({ id, symbol, status: 'open', amount: AMOUNT, filled: 0 });
			const price = (await farBelow()) - 500;
			await exchange.editOrder(id, symbol, 'limit', 'buy', 0.02, price);
			expect(await exchange.fetchOpenOrder(id, symbol)).toMatchObject({ amount: 0.02, price });
			await exchange.cancelOrder(id, symbol);
			expect(await exchange.fetchOrder(id, symbol, { acknowledged: true })).toMatchObject({ status: 'canceled', filled: 0 });
			await expect(exchange.cancelOrder(id, symbol)).rejects.toBeInstanceOf(ccxt.OrderNotFound);
		});

		test.each([SWAP, SPOT])('sends batches for %s of which some items fail', async (symbol) => {
			const price = await farBelow();
			const order = (clientOrderId: string) =>
				({ symbol, type: 'limit', side: 'buy', amount: AMOUNT, price, params: { postOnly: true, clientOrderId } }) as const;
			const name = `ccxt-batch-${symbol.length}`;
			const created = await unhurried(() => exchange.createOrders([order(`${name}-1`), order(`${name}-1`), order(`${name}-2`)]));
			expect(created.map(({ status }) => status === 'rejected')).toEqual([false, true, false]);
			expect(created[1]).toMatchObject({ info: { code: symbol === SWAP ? 110072 : 170141 } });

			const ids = [created[0]?.id ?? '', created[2]?.id ?? ''];
			const amended = await exchange.editOrders(
				[ids[0] ?? '', '1234567890123456789'].map((id) => ({
					id,
					symbol,
					type: 'limit',
					side: 'buy',
					amount: 0.02,
					price,
				})),
			);
			expect(amended.map(({ status }) => status === 'rejected')).toEqual([false, true]);
			expect(await exchange.fetchOpenOrder(ids[0] ?? '', symbol)).toMatchObject({ amount: 0.02 });

			await exchange.cancelOrders([...ids, '1234567890123456789'], symbol);
			expect(await exchange.fetchOpenOrders(symbol)).toEqual([]);
		});

		test(
			'pages through more than 50 closed orders and meets each once',
			async () => {
				const price = await farBelow();
				const since = Date.now() - 60_000;
				const names = Array.from({ length: 57 }, (_, index) => `ccxt-page-${index}`);
				let waiting = names;
				await eventually(
					'57 orders within the rate limit',
					async () => {
						const items = waiting.slice(0, 10);
						const orders = items.map(
							(clientOrderId) =>
								({ symbol: SWAP, type: 'limit', side: 'buy', amount: AMOUNT, price, params: { clientOrderId } }) as const,
						);
						const sent = await unhurried(() => exchange.createOrders(orders));
						waiting = [...items.filter((_, index) => sent[index]?.status === 'rejected'), ...waiting.slice(10)];
						return waiting.length === 0 ? true : undefined;
					},
					{ withinMs: 30 * SECONDS },
				);
				await exchange.cancelAllOrders(SWAP);
				const closed = await exchange.fetchCanceledAndClosedOrders(SWAP, since, undefined, { paginate: true });
				const seen = closed.map(({ clientOrderId }) => clientOrderId).filter((name) => name?.startsWith('ccxt-page-'));
				expect(seen).toHaveLength(names.length);
				expect(new Set(seen)).toEqual(new Set(names));
			},
			60 * SECONDS,
		);

		test('is refused when the signature is wrong', async () => {
			const forger = await openWithMarkets({ secret: 'wrong' });
			await expect(forger.fetchTradingFee(SWAP)).rejects.toBeInstanceOf(ccxt.AuthenticationError);
			await expect(forger.fetchTradingFee(SWAP)).rejects.toThrow(/10004/);
		});

		test('is refused when its timestamp has expired', async () => {
			const late = await openWithMarkets();
			late.options['timeDifference'] = 60_000; // what adjustForTimeDifference with a wrong clock would leave behind
			await expect(late.fetchTradingFee(SWAP)).rejects.toBeInstanceOf(ccxt.InvalidNonce);
		});

		test('is refused with the headers once it asks too often', async () => {
			const hasty = await openWithMarkets({ enableRateLimit: false });
			const asked = await Promise.allSettled(Array.from({ length: 12 }, () => hasty.fetchTradingFee(SWAP)));
			const reasons = asked.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
			expect(reasons.length).toBeGreaterThan(0);
			expect(reasons.every((reason) => reason instanceof ccxt.RateLimitExceeded)).toBe(true);
			expect(hasty.last_response_headers).toMatchObject({ 'X-Bapi-Limit': '5', 'X-Bapi-Limit-Status': '0' });
			await unhurried(() => hasty.fetchTradingFee(SWAP));
		});
	});

	describe('over its pro streams', () => {
		test.each([SWAP, SPOT])(
			'watches a book of %s that goes through every state REST shows',
			async (symbol) => {
				const states = collect(async () => [bookText(await exchange.watchOrderBook(symbol, 50))]);
				await states.find('a book', () => true);
				for (let count = 0; count < 3; count++) {
					const shown = bookText(await exchange.fetchOrderBook(symbol, 50));
					await states.find(`the book that REST showed: ${shown}`, (state) => state === shown);
				}
			},
			60 * SECONDS,
		);

		test(
			'watches tickers, trades and candles',
			async () => {
				expect((await promptly('a ticker', exchange.watchTicker(SWAP))).symbol).toBe(SWAP);
				const trades = await promptly('trades', exchange.watchTrades(SWAP), { withinMs: 30 * SECONDS });
				expect(trades[0]).toMatchObject({ symbol: SWAP });
				expect((await promptly('a candle', exchange.watchOHLCV(SWAP), { withinMs: 30 * SECONDS }))[0]).toHaveLength(6);
			},
			60 * SECONDS,
		);

		test('watches its orders live and die, a refused post-only order among them', async () => {
			const orders = collect(() => exchange.watchOrders(SWAP));
			const { id } = await placeFarBelow(SWAP, 'ccxt-watched');
			let price = (await farBelow()) - 500;
			await eventually('the first news', async () => {
				await unhurried(() => exchange.editOrder(id, SWAP, 'limit', 'buy', AMOUNT, --price));
				return orders.find('news', (order) => order.id === id, { withinMs: PROBE_MS }).catch(() => undefined);
			});
			await exchange.cancelOrder(id, SWAP);
			await orders.find('the end', (order) => order.id === id && order.status === 'canceled');

			const ask = Number((await exchange.fetchOrderBook(SWAP, 1)).asks[0]?.[0]);
			const crossing = await unhurried(async () =>
				named(await exchange.createOrder(SWAP, 'limit', 'buy', AMOUNT, Math.round(ask * 1.01), { postOnly: true })),
			);
			const gone = await orders.find('the refusal', (order) => order.id === crossing.id && order.status === 'canceled');
			expect(gone).toMatchObject({ filled: 0, info: { rejectReason: 'EC_PostOnlyWillTakeLiquidity' } });
		});

		test(
			'watches a fill with its fee, the position and the balance',
			async () => {
				const before = await positionSize();
				const trades = collect(() => exchange.watchMyTrades(SWAP));
				const positions = collect(() => exchange.watchPositions([SWAP]));
				const balances = collect(async () => [await exchange.watchBalance()]);
				const bought: string[] = [];
				const first = await eventually('the first fill', async () => {
					const { id } = await unhurried(async () => named(await exchange.createOrder(SWAP, 'market', 'buy', AMOUNT)));
					bought.push(id);
					return trades.find('a fill', ({ order }) => order === id, { withinMs: PROBE_MS }).catch(() => undefined);
				});
				expect(first).toMatchObject({ symbol: SWAP, side: 'buy', takerOrMaker: 'taker', fee: { currency: 'USDT' } });
				expect(first.fee?.cost).toBeCloseTo((first.cost ?? 0) * 0.00055, 6);
				const listed = await exchange.fetchMyTrades(SWAP);
				expect(listed.map(({ id }) => id)).toContain(first.id);
				const held = await positionSize();
				expect(held - before).toBeCloseTo(AMOUNT * bought.length, 9);

				const news = positions.items.length;
				const { id } = await unhurried(async () =>
					named(await exchange.createOrder(SWAP, 'market', 'sell', held - before, undefined, { reduceOnly: true })),
				);
				expect(await exchange.fetchOrder(id, SWAP, { acknowledged: true })).toMatchObject({ status: 'closed', remaining: 0 });
				expect(await positionSize()).toBeCloseTo(before, 9);
				await positions.find('the position', ({ symbol }) => symbol === SWAP, { from: news });
				await balances.find('the balance', (balance) => Number(balance['USDT']?.total) > 0);
			},
			30 * SECONDS,
		);

		test.each([SWAP, SPOT])('places, amends and cancels %s over the trade socket', async (symbol) => {
			const price = await farBelow();
			const placed = named(await promptly('order.create', exchange.createOrderWs(symbol, 'limit', 'buy', AMOUNT, price)));
			await promptly('order.amend', exchange.editOrderWs(placed.id, symbol, 'limit', 'buy', 0.02, price));
			expect(await exchange.fetchOpenOrder(placed.id, symbol)).toMatchObject({ amount: 0.02 });
			await promptly('order.cancel', exchange.cancelOrderWs(placed.id, symbol));
			await expect(promptly('a late cancel', exchange.cancelOrderWs(placed.id, symbol))).rejects.toBeInstanceOf(
				ccxt.OrderNotFound,
			);
		});

		test('is refused its private stream when the signature is wrong', async () => {
			const forger = await openWithMarkets({ secret: 'wrong' });
			Object.assign(forger.options, { enableUnifiedMargin: false, enableUnifiedAccount: true }); // which it would ask REST for
			await expect(promptly('the refusal', forger.watchOrders(SWAP))).rejects.toBeInstanceOf(ccxt.ExchangeError);
		});
	});
});

/** The types of the client allow for orders without an id, which the venue never sends. */
function named({ id }: Order): { id: string } {
	if (id === undefined) throw new Error('an order without an id');
	return { id };
}

function bookText({ bids, asks }: OrderBook): string {
	return JSON.stringify([bids, asks].map((side) => side.map(([price, amount]) => [Number(price), Number(amount)])));
}
