/** npm `binance` as it comes from its author, over real sockets: its REST client for USDⓈ-M futures. Only the URL is ours. */
import type { NewOrderError, NewOrderResult, USDMClient } from 'binance';
import { beforeAll, describe, expect, test } from 'vitest';
import { farBelow, SYMBOL, useBinance } from './binance.ts';
import { futuresRest, spotRest } from './binance-sdk.ts';
import { onlyLoopback } from './box.ts';
import { eventually, refusal } from './wait.ts';

const QTY = 0.01;

describe.skipIf(!onlyLoopback)('binance over REST: futures', () => {
	const binance = useBinance({ seed: '37' });

	let rest: USDMClient;

	beforeAll(() => {
		rest = futuresRest(binance);
	});

	async function prices(): Promise<{ below: number; crossing: number }> {
		const { bidPrice, askPrice } = await rest.getSymbolOrderBookTicker({ symbol: SYMBOL });
		return { below: farBelow(bidPrice), crossing: Math.ceil(Number(askPrice) * 1.01) };
	}

	const name = (text: string): string => `${rest.getOrderIdPrefix()}${text}`;
	/** Ids are numbers beyond 2^53 that this client rounds, so it has to go by its own names. */
	const by = (text: string) => ({ symbol: SYMBOL, origClientOrderId: name(text) });

	async function rests(text: string): Promise<NewOrderResult> {
		const { below: price } = await prices();
		const order = { symbol: SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'GTX', quantity: QTY, price } as const;
		return rest.submitNewOrder({ ...order, newClientOrderId: name(text) });
	}

	async function positionSize(): Promise<number> {
		const positions = await rest.getPositionsV3({ symbol: SYMBOL });
		return positions.reduce((sum, { positionAmt }) => sum + Number(positionAmt), 0);
	}

	test('reads the time, the markets with their grids, tickers, candles and trades', async () => {
		expect(Math.abs((await rest.getServerTime()) - Date.now())).toBeLessThan(60_000);
		const { symbols } = await rest.getExchangeInfo();
		const found = symbols.find(({ symbol }) => symbol === SYMBOL);
		expect(found).toMatchObject({ contractType: 'PERPETUAL', marginAsset: 'USDT', status: 'TRADING' });
		const filters = found?.filters.map(({ filterType }) => filterType);
		expect(filters).toEqual(expect.arrayContaining(['PRICE_FILTER', 'LOT_SIZE', 'MIN_NOTIONAL', 'PERCENT_PRICE']));
		const { bids, asks } = await rest.getOrderBook({ symbol: SYMBOL, limit: 5 });
		expect(Number(bids[0]?.[0])).toBeLessThan(Number(asks[0]?.[0]));
		await eventually('a public trade', async () => (await rest.getRecentTrades({ symbol: SYMBOL, limit: 5 }))[0]);
		expect((await rest.getKlines({ symbol: SYMBOL, interval: '1m', limit: 5 }))[0]).toHaveLength(12);
		expect(Number((await rest.getMarkPrice({ symbol: SYMBOL })).markPrice)).toBeGreaterThan(0);
		expect(await rest.get24hrChangeStatistics({ symbol: SYMBOL })).toMatchObject({ symbol: SYMBOL });
	});

	test('reads its balances, its fees and its brackets', async () => {
		const usdt = (await rest.getBalanceV3()).find(({ asset }) => asset === 'USDT');
		expect(Number(usdt?.availableBalance)).toBeGreaterThan(0);
		expect(Number((await rest.getAccountInformationV3()).totalWalletBalance)).toBeGreaterThan(0);
		expect(await rest.getAccountCommissionRate({ symbol: SYMBOL })).toMatchObject({ symbol: SYMBOL });
		expect((await rest.getNotionalAndLeverageBrackets({ symbol: SYMBOL }))[0]?.brackets).toHaveLength(1);
		expect(await rest.getCurrentPositionMode()).toEqual({ dualSidePosition: false });
	});

	test('places, modifies, finds and cancels, and hears -2011 when it cancels again', async () => {
		expect(await rests('placed')).toMatchObject({ status: 'NEW', clientOrderId: name('placed') });
		const price = (await prices()).below - 100;
		const modified = await rest.modifyOrder({ ...by('placed'), side: 'BUY', quantity: 0.02, price });
		expect([Number(modified.origQty), Number(modified.price)]).toEqual([0.02, price]);
		const found = await rest.getOrder(by('placed'));
		expect([Number(found.origQty), Number(found.price), found.status]).toEqual([0.02, price, 'NEW']);
		expect(await rest.getCurrentOpenOrder(by('placed'))).toMatchObject({ clientOrderId: name('placed') });
		const same = rest.modifyOrder({ ...by('placed'), side: 'BUY', quantity: 0.02, price });
		expect(await refusal(same)).toMatchObject({ code: -5027 });
		expect(await rest.cancelOrder(by('placed'))).toMatchObject({ status: 'CANCELED' });
		expect(await refusal(rest.cancelOrder(by('placed')))).toMatchObject({ code: -2011 });
		expect(await rest.getOrder(by('placed'))).toMatchObject({ status: 'CANCELED' });
		expect(await refusal(rest.getOrder(by('never')))).toMatchObject({ code: -2013 });
	});

	test('is refused a second order under the id of an open one', async () => {
		await rests('twice');
		expect(await refusal(rests('twice'))).toMatchObject({ code: -4116 });
		await rest.cancelOrder(by('twice'));
		await rests('twice');
		await rest.cancelOrder(by('twice'));
	});

	test('loses a post-only order by a modify that would take', async () => {
		await rests('pushed');
		const { crossing: price } = await prices();
		const modified = await rest.modifyOrder({ ...by('pushed'), side: 'BUY', quantity: QTY, price });
		expect(['CANCELED', 'EXPIRED']).toContain(modified.status);
		expect(await rest.getAllOpenOrders({ symbol: SYMBOL })).toEqual([]);
	});

	test('sends batches of which some items fail', async () => {
		const { below: price } = await prices();
		const order = (text: string, quantity: string) =>
			({
				symbol: SYMBOL,
				side: 'BUY',
				type: 'LIMIT',
				timeInForce: 'GTX',
				quantity,
				price: String(price),
				newClientOrderId: name(text),
			}) as const;
		const placed = await rest.submitMultipleOrders([order('b1', '0.010'), order('b2', '0.0000001'), order('b3', '0.010')]);
		expect(placed.map(codeOf)).toEqual([0, -1111, 0]);

		const timestamp = Date.now();
		const modify = (text: string) => ({ ...by(text), side: 'BUY', quantity: '0.020', price: String(price), timestamp }) as const;
		const modified = (await rest.modifyMultipleOrders([modify('b1'), modify('b2')])) as (NewOrderResult | NewOrderError)[];
		expect(modified.map(codeOf)).toEqual([0, -2013]);

		const names = ['b2', 'b1', 'b3'].map(name);
		const cancelled = await rest.cancelMultipleOrders({ symbol: SYMBOL, origClientOrderIdList: names });
		expect(cancelled.map((item) => ('code' in item ? item.code : item.status))).toEqual([-2011, 'CANCELED', 'CANCELED']);
		expect(await rest.getAllOpenOrders({ symbol: SYMBOL })).toEqual([]);

		const six = Array.from({ length: 6 }, (_, index) => order(`six-${index}`, '0.010'));
		expect(await refusal(rest.submitMultipleOrders(six))).toMatchObject({ code: -4082 });
	});

	test('buys with a fee, holds a position, and closes it', async () => {
		const market = { symbol: SYMBOL, type: 'MARKET', quantity: QTY, newOrderRespType: 'RESULT' } as const;
		const bought = await rest.submitNewOrder({ ...market, side: 'BUY', newClientOrderId: name('bought') });
		expect([bought.status, Number(bought.executedQty)]).toEqual(['FILLED', QTY]);
		expect(await positionSize()).toBeCloseTo(QTY, 9);
		const trades = await rest.getAccountTrades({ symbol: SYMBOL });
		expect(trades.reduce((sum, { qty }) => sum + Number(qty), 0)).toBeCloseTo(QTY, 9);
		for (const { commission, commissionAsset, quoteQty, maker } of trades) {
			expect({ commissionAsset, maker }).toEqual({ commissionAsset: 'USDT', maker: false });
			expect(Number(commission)).toBeGreaterThan(0);
			expect(Number(commission)).toBeLessThan(Number(quoteQty) * 0.001);
		}
		const more = rest.submitNewOrder({ ...market, side: 'BUY', reduceOnly: 'true' });
		expect(await refusal(more)).toMatchObject({ code: -2022 });
		const closed = await rest.submitNewOrder({ ...market, side: 'SELL', reduceOnly: 'true' });
		expect(closed.status).toBe('FILLED');
		expect(await positionSize()).toBe(0);
	});

	test('has its orders cancelled by the countdown that it lets run out', async () => {
		await rests('counted-down');
		const started = await rest.setCancelOrdersOnTimeout({ symbol: SYMBOL, countdownTime: 500 });
		expect(started).toMatchObject({ symbol: SYMBOL, countdownTime: '500' });
		await eventually('the end of the order', async () =>
			(await rest.getOrder(by('counted-down'))).status === 'CANCELED' ? true : undefined,
		);
		await rests('kept');
		await rest.setCancelOrdersOnTimeout({ symbol: SYMBOL, countdownTime: 60_000 });
		await rest.setCancelOrdersOnTimeout({ symbol: SYMBOL, countdownTime: 0 });
		expect(await rest.cancelAllOpenOrders({ symbol: SYMBOL })).toMatchObject({ code: 200 });
	});

	test('sets its leverage, and is refused a mode that there is not or that it has', async () => {
		expect(await rest.setLeverage({ symbol: SYMBOL, leverage: 7 })).toMatchObject({ symbol: SYMBOL, leverage: 7 });
		expect(await refusal(rest.setMarginType({ symbol: SYMBOL, marginType: 'CROSSED' }))).toMatchObject({ code: -4046 });
		expect(await refusal(rest.setPositionMode({ dualSidePosition: 'false' }))).toMatchObject({ code: -4059 });
	});

	test.each([
		['a price off its grid', { price: 20_000.01 }, -4014],
		['a quantity off its grid', { quantity: 0.000_1 }, -1111],
		['too small an amount', { quantity: 0.001, price: 1_000 }, -4164],
		['an unknown symbol', { symbol: 'NOPEUSDT' }, -1121],
		['an order of a kind that has moved elsewhere', { type: 'STOP' as 'LIMIT' }, -4120],
		['more than its margin', { quantity: 500 }, -2019],
	] as const)('hears what is wrong: %s', async (_, wrong, code) => {
		const { below: price } = await prices();
		const order = { symbol: SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: QTY, price } as const;
		expect(await refusal(rest.submitNewOrder({ ...order, ...wrong }))).toMatchObject({ code });
	});

	test('is refused at once what cannot be done as asked: post-only that takes, all or nothing that does not fit', async () => {
		const { below, crossing } = await prices();
		const order = { symbol: SYMBOL, side: 'BUY', type: 'LIMIT', quantity: QTY } as const;
		const taking = rest.submitNewOrder({ ...order, timeInForce: 'GTX', price: crossing });
		expect(await refusal(taking)).toMatchObject({ code: -5022 });
		const whole = rest.submitNewOrder({ ...order, timeInForce: 'FOK', price: below });
		expect(await refusal(whole)).toMatchObject({ code: -5021 });
	});

	test('gets a listen key, keeps it and gives it back', async () => {
		const { listenKey } = await rest.getFuturesUserDataListenKey();
		expect(listenKey).toMatch(/^\w{40,}$/);
		expect(await rest.getFuturesUserDataListenKey()).toMatchObject({ listenKey });
		expect(await rest.keepAliveFuturesUserDataListenKey()).toBeTypeOf('object');
		expect(await rest.closeFuturesUserDataListenKey()).toEqual({});
		expect(await refusal(rest.keepAliveFuturesUserDataListenKey())).toMatchObject({ code: -1125 });
	});

	test('signs with Ed25519 as well', async () => {
		const modern = futuresRest(binance, await binance.ed25519Keys());
		expect(Number((await modern.getAccountInformationV3()).totalWalletBalance)).toBeGreaterThan(0);
	});

	test('is told when its signature or its key is wrong, or its timestamp has expired', async () => {
		const { apiKey, apiSecret } = binance.account;
		const forger = futuresRest(binance, { apiKey, apiSecret: `${apiSecret}x` });
		expect(await refusal(forger.getBalanceV3())).toMatchObject({ code: -1022 });
		const stranger = futuresRest(binance, { apiKey: 'x'.repeat(64), apiSecret });
		expect(await refusal(stranger.getBalanceV3())).toMatchObject({ code: -2015 });
		const late = futuresRest(binance);
		late.setTimeOffset(-60_000);
		expect(await refusal(late.getBalanceV3())).toMatchObject({ code: -1021 });
	});

	test('holds another wallet than on spot, and counts by headers of its own', async () => {
		await rests('counted');
		const states = rest.getRateLimitStates();
		expect(states['x-mbx-order-count-10s']).toBeGreaterThan(0);
		expect(states['x-mbx-order-count-1m']).toBeGreaterThan(0);
		const spot = spotRest(binance);
		expect(await spot.getOpenOrders({ symbol: SYMBOL })).toEqual([]);
		expect(spot.getRateLimitStates()['x-mbx-order-count-10s']).toBe(0);
		await rest.cancelOrder(by('counted'));
	});
});

function codeOf(item: NewOrderResult | NewOrderError): number {
	return 'code' in item ? item.code : 0;
}
