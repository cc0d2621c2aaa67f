import { describe, expect, test } from 'vitest';
import { BTC, type FuturesScene, openFutures } from './futures.fixture.ts';
import { ANN, BOB, NOW_MS, type Reply, type Row, type Values } from './scene.fixture.ts';

const ANY_TEXT: unknown = expect.any(String);

const ACCOUNT = ANN.key.accounts.futures;
const EXCHANGE_KEY = 'binance-futures:BTCUSDT';

function ask<Body = Row>(scene: FuturesScene, path: string, values: Values = {}): Reply<Body> {
	return scene.call('GET', `/fapi/${path}`, values);
}

/** Ann is long of 0.010 at 65000, bids for 0.020 more, and offers half of what there is. */
function longTen(): FuturesScene {
	const scene = openFutures();
	scene.place('SELL', '0.010', '65000.00', {}, BOB);
	scene.place('BUY', '0.010', '65000.00');
	scene.place('BUY', '0.020', '64000.00');
	scene.place('SELL', '0.005', '66000.00', { reduceOnly: 'true' });
	return scene;
}

describe('money', () => {
	test('the account adds up: what positions and what orders hold back is the margin in all', () => {
		const { body } = ask(longTen(), 'v3/account');
		expect(body).toMatchObject({
			totalInitialMargin: '193.00000000',
			totalPositionInitialMargin: '65.00000000',
			totalOpenOrderInitialMargin: '128.00000000',
			totalMaintMargin: '3.25000000',
			totalWalletBalance: '499999.67500000',
			totalUnrealizedProfit: '0',
			totalMarginBalance: '499999.67500000',
			availableBalance: '499806.67500000',
		});
		expect(body['assets']).toMatchObject([{ asset: 'USDT', walletBalance: '499999.67500000', initialMargin: '193.00000000' }]);
		expect(body['positions']).toEqual([
			{
				symbol: 'BTCUSDT',
				positionSide: 'BOTH',
				positionAmt: '0.010',
				unrealizedProfit: '0',
				isolatedMargin: '0',
				notional: '650.00000000',
				isolatedWallet: '0',
				initialMargin: '193.00000000',
				maintMargin: '3.25000000',
				updateTime: NOW_MS,
			},
		]);
	});

	test('the older form shows every symbol, with its leverage', () => {
		const { body } = ask(longTen(), 'v2/account');
		expect(body).toMatchObject({ canTrade: true, multiAssetsMargin: false });
		expect(body['positions']).toMatchObject([
			{ symbol: 'BTCUSDT', leverage: '10', entryPrice: '65000.00', bidNotional: '1280.00000000', askNotional: '0' },
			{ symbol: 'ETHUSDT', positionAmt: '0.000', entryPrice: '0.0' },
		]);
	});

	test('balances are those of the coins that contracts settle in, apart from spot', () => {
		const { body } = ask<readonly Row[]>(longTen(), 'v3/balance');
		expect(body).toEqual([
			{
				accountAlias: ANY_TEXT,
				asset: 'USDT',
				balance: '499999.67500000',
				crossWalletBalance: '499999.67500000',
				crossUnPnl: '0',
				availableBalance: '499806.67500000',
				maxWithdrawAmount: '499806.67500000',
				marginAvailable: true,
				updateTime: NOW_MS,
			},
		]);
	});
});

describe('positions', () => {
	test('a long one: its prices, its margin, its orders', () => {
		const scene = longTen();
		scene.venue.exchange.setMarkPrice(EXCHANGE_KEY, 651_000, NOW_MS);
		expect(ask(scene, 'v3/positionRisk').body).toEqual([
			{
				symbol: 'BTCUSDT',
				positionSide: 'BOTH',
				positionAmt: '0.010',
				entryPrice: '65000.00',
				breakEvenPrice: '65032.50',
				markPrice: '65100.00',
				unRealizedProfit: '1.00000000',
				liquidationPrice: '0',
				isolatedMargin: '0',
				notional: '651.00000000',
				marginAsset: 'USDT',
				isolatedWallet: '0',
				initialMargin: '193.10000000',
				maintMargin: '3.25500000',
				positionInitialMargin: '65.10000000',
				openOrderInitialMargin: '128.00000000',
				adl: 2,
				bidNotional: '1280.00000000',
				askNotional: '0',
				updateTime: NOW_MS,
			},
		]);
	});

	test('a short one has signs', () => {
		const scene = longTen();
		const { body } = scene.call<readonly Row[]>('GET', '/fapi/v3/positionRisk', {}, { client: BOB });
		expect(body).toMatchObject([
			{ positionAmt: '-0.010', notional: '-650.00000000', entryPrice: '65000.00', breakEvenPrice: '64987.00' },
		]);
	});

	test('where there is neither a position nor an order nothing is shown, but in the older form', () => {
		const scene = openFutures();
		expect(ask(scene, 'v3/positionRisk').body).toEqual([]);
		expect(ask(scene, 'v2/positionRisk', BTC).body).toMatchObject([{ symbol: 'BTCUSDT', leverage: '10', marginType: 'cross' }]);
		expect(ask(scene, 'v3/positionRisk', { symbol: 'NONE' }).body).toMatchObject({ code: -1121 });
	});
});

describe('terms and settings', () => {
	test('leverage is set, shown, and refused where it does not fit', () => {
		const scene = longTen();
		const set = (leverage: number): Reply => scene.call('POST', '/fapi/v1/leverage', { ...BTC, leverage });
		expect(set(20).body).toEqual({ leverage: 20, maxNotionalValue: '100000000', symbol: 'BTCUSDT' });
		expect(ask<readonly Row[]>(scene, 'v1/symbolConfig', BTC).body).toEqual([
			{ symbol: 'BTCUSDT', marginType: 'CROSSED', isAutoAddMargin: 'false', leverage: 20, maxNotionalValue: '100000000' },
		]);
		expect(set(101).body['code']).toBe(-4028);
		expect(set(0).body['code']).toBe(-4028);
		expect(set(999_999_999_999_999).body['code']).toBe(-4028);
	});

	test('one tier of risk, with numbers', () => {
		expect(ask(openFutures(), 'v1/leverageBracket', BTC).body).toEqual([
			{
				symbol: 'BTCUSDT',
				brackets: [
					{ bracket: 1, initialLeverage: 100, notionalCap: 100_000_000, notionalFloor: 0, maintMarginRatio: 0.005, cum: 0 },
				],
			},
		]);
	});

	test('fees are the listing’s, or those set by hand', () => {
		const scene = openFutures();
		const rate = (): Row => ask(scene, 'v1/commissionRate', BTC).body;
		expect(rate()).toEqual({ symbol: 'BTCUSDT', makerCommissionRate: '0.00020000', takerCommissionRate: '0.00050000' });
		scene.venue.exchange.operator.accounts.setFees(ACCOUNT, EXCHANGE_KEY, { makerRateE8: -1_000, takerRateE8: 40_000 });
		expect(rate()).toMatchObject({ makerCommissionRate: '-0.00001000', takerCommissionRate: '0.00040000' });
	});

	test.each([
		{ path: 'marginType', values: { ...BTC, marginType: 'CROSSED' }, code: -4046 },
		{ path: 'marginType', values: { ...BTC, marginType: 'ISOLATED' }, code: -1020 },
		{ path: 'marginType', values: { ...BTC, marginType: 'cross' }, code: -1130 },
		{ path: 'positionSide/dual', values: { dualSidePosition: 'false' }, code: -4059 },
		{ path: 'positionSide/dual', values: { dualSidePosition: 'true' }, code: -1020 },
		{ path: 'positionSide/dual', values: {}, code: -1102 },
		{ path: 'multiAssetsMargin', values: { multiAssetsMargin: 'false' }, code: -4171 },
		{ path: 'multiAssetsMargin', values: { multiAssetsMargin: 'true' }, code: -1020 },
		{ path: 'algoOrder', values: { ...BTC, algoType: 'CONDITIONAL', type: 'STOP_MARKET' }, code: -1020 },
	])('$path with $values is refused with $code', ({ path, values, code }) => {
		expect(openFutures().call('POST', `/fapi/v1/${path}`, values as Values)).toMatchObject({ status: 400, body: { code } });
	});

	test('an account that was put into hedge mode takes no order until it comes out of it', () => {
		const scene = longTen();
		scene.venue.exchange.operator.accounts.setPositionMode(ACCOUNT, EXCHANGE_KEY, 'hedge', NOW_MS);
		expect(ask(scene, 'v1/positionSide/dual').body).toEqual({ dualSidePosition: true });
		expect(ask(scene, 'v3/positionRisk').body).toMatchObject([{ positionSide: 'LONG' }]);
		expect(scene.place('BUY', '0.010', '64000.00').body['code']).toBe(-4061);
		const back = scene.call('POST', '/fapi/v1/positionSide/dual', { dualSidePosition: 'false' });
		expect(back.body).toEqual({ code: 200, msg: 'success' });
		expect(ask(scene, 'v1/positionSide/dual').body).toEqual({ dualSidePosition: false });
		expect(scene.place('BUY', '0.010', '64000.00').status).toBe(200);
	});

	test('there are no conditional orders', () => {
		const scene = openFutures();
		expect(ask(scene, 'v1/openAlgoOrders').body).toEqual([]);
		expect(ask(scene, 'v1/allAlgoOrders', BTC).body).toEqual([]);
		expect(ask(scene, 'v1/algoOrder', { algoId: 7 }).body).toMatchObject({ code: -2013 });
		expect(scene.call('DELETE', '/fapi/v1/algoOrder', { algoId: 7 }).body['code']).toBe(-2011);
		expect(scene.call('DELETE', '/fapi/v1/algoOpenOrders', BTC).body['code']).toBe(200);
	});
});

describe('listen keys', () => {
	const HOUR = 3_600;
	const call = (scene: FuturesScene, method: string, seconds = 0): Reply => {
		const nowMs = NOW_MS + seconds * 1_000;
		const headers = { 'x-mbx-apikey': ANN.key.apiKey };
		const reply = scene.handle({ method, path: '/fapi/v1/listenKey', query: '', body: '', headers, remote: '127.0.0.1' }, nowMs);
		return { status: reply.status, headers: reply.headers, body: JSON.parse(reply.body) as Row, text: reply.body };
	};

	test('need a key and no signature; asking again gives the same one and another hour', () => {
		const scene = openFutures();
		const { body } = call(scene, 'POST');
		expect(body['listenKey']).toMatch(/^[a-z0-9]{64}$/);
		expect(call(scene, 'POST', HOUR - 1).body).toEqual(body);
		expect(call(scene, 'PUT', 2 * HOUR - 2).body).toEqual(body);
		expect(scene.desk.listenKeys.accountOf(String(body['listenKey']))).toBe(ACCOUNT);
		scene.desk.tick(NOW_MS + (3 * HOUR - 3) * 1_000);
		expect(scene.desk.listenKeys.accountOf(String(body['listenKey']))).toBe(ACCOUNT);
		expect(call(scene, 'PUT', 3 * HOUR - 2).body['code']).toBe(-1125);
	});

	test('one that expires is told of once, and names nobody any more', () => {
		const scene = openFutures();
		const told: unknown[] = [];
		scene.desk.listenKeys.onExpired((...what) => told.push(what));
		const listenKey = String(call(scene, 'POST').body['listenKey']);
		scene.desk.tick(NOW_MS + HOUR * 1_000 - 1);
		expect(told).toEqual([]);
		scene.desk.tick(NOW_MS + HOUR * 1_000);
		scene.desk.tick(NOW_MS + HOUR * 1_000 + 10);
		expect(told).toEqual([[listenKey, ACCOUNT, NOW_MS + HOUR * 1_000]]);
		expect(scene.desk.listenKeys.accountOf(listenKey)).toBeUndefined();
		expect(call(scene, 'POST', HOUR).body['listenKey']).not.toBe(listenKey);
	});

	test('one that is closed is gone without a word', () => {
		const scene = openFutures();
		const told: unknown[] = [];
		scene.desk.listenKeys.onExpired((...what) => told.push(what));
		call(scene, 'POST');
		expect(call(scene, 'DELETE').body).toEqual({});
		expect(call(scene, 'PUT').body['code']).toBe(-1125);
		scene.desk.tick(NOW_MS + 2 * HOUR * 1_000);
		expect(told).toEqual([]);
	});
});
