/** npm `binance` as it comes from its author, over real sockets: its REST client for spot. Only the URL is ours. */
import type { MainClient, OrderResponseFull } from 'binance';
import { beforeAll, describe, expect, test } from 'vitest';
import { farBelow, SYMBOL, useBinance } from './binance.ts';
import { spotRest } from './binance-sdk.ts';
import { onlyLoopback } from './box.ts';
import { eventually, refusal } from './wait.ts';

const QTY = 0.001;

describe.skipIf(!onlyLoopback)('binance over REST: spot', () => {
	const binance = useBinance({ seed: '31' });

	let rest: MainClient;

	beforeAll(() => {
		rest = spotRest(binance);
	});

	async function prices(): Promise<{ below: number; crossing: number }> {
		const { bids, asks } = await rest.getOrderBook({ symbol: SYMBOL, limit: 5 });
		return { below: farBelow(bids[0]?.[0] ?? 0), crossing: Math.ceil(Number(asks[0]?.[0]) * 1.01) };
	}

	const name = (text: string): string => `${rest.getOrderIdPrefix()}${text}`;

	async function rests(clientOrderId: string, quantity = QTY): Promise<{ orderId: number; price: number }> {
		const { below: price } = await prices();
		const order = { symbol: SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity, price } as const;
		const { orderId } = await rest.submitNewOrder({ ...order, newClientOrderId: name(clientOrderId) });
		return { orderId, price };
	}

	// Its own question for the time goes to the real venue whatever its base URL, so nobody asks it here.
	test('reads the markets with their grids, tickers, candles and trades', async () => {
		const { symbols, rateLimits } = await rest.getExchangeInfo();
		const found = symbols.find(({ symbol }) => symbol === SYMBOL);
		expect(found).toMatchObject({ baseAsset: 'BTC', quoteAsset: 'USDT', status: 'TRADING' });
		const filters = found?.filters.map(({ filterType }) => filterType);
		expect(filters).toEqual(expect.arrayContaining(['PRICE_FILTER', 'LOT_SIZE', 'NOTIONAL']));
		expect(rateLimits).toContainEqual({ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6000 });

		const best = await rest.getSymbolOrderBookTicker({ symbol: SYMBOL });
		if (Array.isArray(best)) throw new Error('one symbol was asked for');
		expect(Number(best.bidPrice)).toBeLessThan(Number(best.askPrice));
		const trades = await eventually('a public trade', async () => {
			const list = await rest.getRecentTrades({ symbol: SYMBOL, limit: 5 });
			return list.length > 0 ? list : undefined;
		});
		expect(trades[0]).toMatchObject({ isBestMatch: true, qty: expect.stringMatching(/^\d+\.\d{8}$/) as string });
		expect((await rest.getKlines({ symbol: SYMBOL, interval: '1m', limit: 5 }))[0]).toHaveLength(12);
		expect(await rest.get24hrChangeStatistics({ symbol: SYMBOL, type: 'FULL' })).toMatchObject({ symbol: SYMBOL });
	});

	test('reads its balances and its fees', async () => {
		const account = await rest.getAccountInformation({ omitZeroBalances: true });
		expect(account).toMatchObject({ accountType: 'SPOT', canTrade: true });
		expect(Number(account.balances.find(({ asset }) => asset === 'USDT')?.free)).toBeGreaterThan(0);
		expect(await rest.getCommissionRates({ symbol: SYMBOL })).toMatchObject({ symbol: SYMBOL });
	});

	test('places, finds and cancels, and hears -2011 when it cancels again', async () => {
		const { orderId, price } = await rests('placed');
		const found = await rest.getOrder({ symbol: SYMBOL, origClientOrderId: name('placed') });
		expect(found).toMatchObject({ orderId, status: 'NEW', type: 'LIMIT', isWorking: true });
		expect([Number(found.price), Number(found.origQty)]).toEqual([price, QTY]);
		expect((await rest.getOpenOrders({ symbol: SYMBOL })).map((order) => order.orderId)).toEqual([orderId]);
		expect(await rest.cancelOrder({ symbol: SYMBOL, orderId })).toMatchObject({
			orderId,
			status: 'CANCELED',
			origClientOrderId: name('placed'),
		});
		expect(await rest.getOrder({ symbol: SYMBOL, orderId })).toMatchObject({ status: 'CANCELED' });
		expect(await refusal(rest.cancelOrder({ symbol: SYMBOL, orderId }))).toMatchObject({ code: -2011 });
		expect(await refusal(rest.getOrder({ symbol: SYMBOL, orderId: 1 }))).toMatchObject({ code: -2013 });
	});

	test('is refused a second order under the id of an open one, and may use it again afterwards', async () => {
		const first = await rests('twice');
		expect(await refusal(rests('twice'))).toMatchObject({ code: -2010, message: 'Duplicate order sent.' });
		await rest.cancelOrder({ symbol: SYMBOL, orderId: first.orderId });
		const again = await rests('twice');
		expect(again.orderId).toBeGreaterThan(first.orderId);
		await rest.cancelOrder({ symbol: SYMBOL, orderId: again.orderId });
	});

	test('is refused a maker order that would take, at once and without a trace', async () => {
		const { crossing: price } = await prices();
		const order = { symbol: SYMBOL, side: 'BUY', type: 'LIMIT_MAKER', quantity: QTY, price } as const;
		const newClientOrderId = name('crossing');
		expect(await refusal(rest.submitNewOrder({ ...order, newClientOrderId }))).toMatchObject({
			code: -2010,
			message: 'Order would immediately match and take.',
		});
		expect(await refusal(rest.getOrder({ symbol: SYMBOL, origClientOrderId: newClientOrderId }))).toMatchObject({ code: -2013 });
		expect(await rest.testNewOrder({ ...order, price: price / 2 })).toEqual({});
	});

	test('buys and sells, pays in the coin that it gets, and finds its trades', async () => {
		for (const [side, commissionAsset] of [
			['BUY', 'BTC'],
			['SELL', 'USDT'],
		] as const) {
			const market = { symbol: SYMBOL, side, type: 'MARKET', quantity: QTY } as const;
			const done: OrderResponseFull = await rest.submitNewOrder({ ...market, newOrderRespType: 'FULL' });
			expect(done).toMatchObject({ status: 'FILLED', side });
			const filled = done.fills.reduce((sum, { qty }) => sum + Number(qty), 0);
			expect(filled).toBeCloseTo(QTY, 9);
			const trades = await rest.getAccountTradeList({ symbol: SYMBOL, orderId: done.orderId });
			expect(trades.map(({ id }) => id)).toEqual(done.fills.map(({ tradeId }) => tradeId));
			for (const { commission, commissionAsset: paidIn, qty, quoteQty, isMaker } of trades) {
				expect({ paidIn, isMaker }).toEqual({ paidIn: commissionAsset, isMaker: false });
				expect(Number(commission)).toBeCloseTo(Number(side === 'BUY' ? qty : quoteQty) * 0.001, 8);
			}
		}
	});

	test('replaces an order, and is told with 409 when only half of it was done', async () => {
		const { below, crossing } = await prices();
		const first = await rests('replaced');
		const order = { symbol: SYMBOL, side: 'BUY', quantity: QTY, cancelReplaceMode: 'STOP_ON_FAILURE' } as const;
		const limit = { ...order, type: 'LIMIT', timeInForce: 'GTC', price: below - 10 } as const;
		const replaced = await rest.replaceOrder({ ...limit, cancelOrderId: first.orderId, newOrderRespType: 'RESULT' });
		expect(replaced).toMatchObject({
			cancelResult: 'SUCCESS',
			newOrderResult: 'SUCCESS',
			cancelResponse: { orderId: first.orderId, status: 'CANCELED' },
			newOrderResponse: { status: 'NEW' },
		});
		expect(await refusal(rest.replaceOrder({ ...limit, cancelOrderId: first.orderId }))).toMatchObject({
			code: -2022,
			body: { data: { cancelResult: 'FAILURE', newOrderResult: 'NOT_ATTEMPTED', newOrderResponse: null } },
		});
		const half = rest.replaceOrder({
			...order,
			type: 'LIMIT_MAKER',
			price: crossing,
			cancelOrderId: replaced.newOrderResponse.orderId,
		});
		expect(await refusal(half)).toMatchObject({
			code: -2021,
			body: {
				data: {
					cancelResult: 'SUCCESS',
					newOrderResult: 'FAILURE',
					cancelResponse: { status: 'CANCELED' },
					newOrderResponse: { code: -2010 },
				},
			},
		});
		expect(await rest.getOpenOrders({ symbol: SYMBOL })).toEqual([]);
	});

	test('cancels all, meets each closed order once, and is refused when none is open', async () => {
		const names = Array.from({ length: 7 }, (_, index) => `all-${index}`);
		const ids: number[] = [];
		for (const each of names) ids.push((await rests(each)).orderId);
		const cancelled = await rest.cancelAllSymbolOrders({ symbol: SYMBOL });
		expect(cancelled.map(({ orderId }) => orderId).sort((left, right) => left - right)).toEqual(ids);
		const seen: number[] = [];
		for (let orderId = ids[0] ?? 0; seen.length < ids.length; orderId = (seen.at(-1) ?? 0) + 1) {
			const page = await rest.getAllOrders({ symbol: SYMBOL, orderId, limit: 3 });
			seen.push(...page.map((order) => order.orderId));
			expect(page.length).toBeGreaterThan(0);
		}
		expect(seen).toEqual(ids);
		expect(await refusal(rest.cancelAllSymbolOrders({ symbol: SYMBOL }))).toMatchObject({ code: -2011 });
	});

	test.each([
		['a price off its grid', { price: 20_000.001 }, -1013],
		['a quantity off its grid', { quantity: 0.000_001 }, -1013],
		['too small an amount', { quantity: 0.000_01, price: 20_000 }, -1013],
		['too fine a price', { price: 20_000.000_000_000_1 }, -1111],
		['an unknown symbol', { symbol: 'NOPEUSDT' }, -1121],
		['an unknown type', { type: 'LIMITED' as 'LIMIT' }, -1116],
		['more than there is', { quantity: 100 }, -2010],
	] as const)('hears what is wrong: %s', async (_, wrong, code) => {
		const { below: price } = await prices();
		const order = { symbol: SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: QTY, price } as const;
		expect(await refusal(rest.submitNewOrder({ ...order, ...wrong }))).toMatchObject({ code });
	});

	test('signs with Ed25519 as well', async () => {
		const modern = spotRest(binance, await binance.ed25519Keys());
		const { below: price } = await prices();
		const order = { symbol: SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: QTY, price } as const;
		const { orderId } = await modern.submitNewOrder(order);
		expect(await rest.cancelOrder({ symbol: SYMBOL, orderId })).toMatchObject({ status: 'CANCELED' });
	});

	test('is told when its signature or its key is wrong, or its timestamp has expired', async () => {
		const { apiKey, apiSecret } = binance.account;
		const forger = spotRest(binance, { apiKey, apiSecret: `${apiSecret}x` });
		expect(await refusal(forger.getAccountInformation())).toMatchObject({ code: -1022 });
		expect(await refusal(forger.cancelAllSymbolOrders({ symbol: SYMBOL }))).toMatchObject({ code: -1022 });
		const stranger = spotRest(binance, { apiKey: 'x'.repeat(64), apiSecret });
		expect(await refusal(stranger.getAccountInformation())).toMatchObject({ code: -2015 });
		const late = spotRest(binance);
		late.setTimeOffset(-60_000);
		expect(await refusal(late.getAccountInformation())).toMatchObject({ code: -1021 });
	});

	test('counts its weight and its orders by the headers', async () => {
		const { orderId } = await rests('counted');
		const states = rest.getRateLimitStates();
		expect(states['x-mbx-used-weight-1m']).toBeGreaterThan(0);
		expect(states['x-mbx-order-count-10s']).toBeGreaterThan(0);
		expect(states['x-mbx-order-count-1d']).toBeGreaterThan(0);
		await rest.cancelOrder({ symbol: SYMBOL, orderId });
		expect((await rest.getOrderRateLimit()).map(({ interval, limit }) => [interval, limit])).toEqual([
			['SECOND', 50],
			['DAY', 160_000],
		]);
	});
});
