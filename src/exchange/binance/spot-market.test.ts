/** Spot's public lists, and what an account may ask about itself. */
import { beforeEach, describe, expect, test } from 'vitest';
import { USUAL_RIGHTS } from '../key-rights.ts';
import { ANN, BOB, NOW_MS, openRest, type RestDesk, type Row, SPOT_ORDER, type Values } from './scene.fixture.ts';

const SYMBOL = { symbol: 'BTCUSDT' };
const MINUTE_MS = 60_000;
let desk: RestDesk;

/** Ann buys from Bob. */
function trade(price: string, quantity: string, nowMs: number): void {
	desk.call('POST', '/api/v3/order', { ...SPOT_ORDER, side: 'SELL', price, quantity }, { client: BOB, nowMs });
	desk.call('POST', '/api/v3/order', { ...SPOT_ORDER, price, quantity }, { nowMs });
}

beforeEach(() => {
	desk = openRest();
});

test('a book has its levels best first, and the number of its last change', () => {
	for (const price of ['64990.00', '64989.00', '64991.50']) desk.call('POST', '/api/v3/order', { ...SPOT_ORDER, price });
	desk.call('POST', '/api/v3/order', { ...SPOT_ORDER, side: 'SELL', price: '65001.00', quantity: '0.02' });
	expect(desk.get('/api/v3/depth', { ...SYMBOL, limit: 2 }).body).toEqual({
		lastUpdateId: 70_120_400_004,
		bids: [
			['64991.50000000', '0.01000000'],
			['64990.00000000', '0.01000000'],
		],
		asks: [['65001.00000000', '0.02000000']],
	});
	expect(desk.get('/api/v3/ticker/bookTicker', SYMBOL).body).toEqual({
		symbol: 'BTCUSDT',
		bidPrice: '64991.50000000',
		bidQty: '0.01000000',
		askPrice: '65001.00000000',
		askQty: '0.02000000',
	});
	expect(desk.get<Row[]>('/api/v3/ticker/bookTicker').body.map((row) => row['symbol'])).toEqual(['BTCUSDT', 'ETHUSDT']);
});

describe('trades', () => {
	beforeEach(() => {
		trade('65000.00', '0.01', NOW_MS);
		trade('65002.00', '0.02', NOW_MS + 10);
	});

	test('say who took', () => {
		expect(desk.get<Row[]>('/api/v3/trades', SYMBOL).body).toEqual([
			{
				id: 880_001,
				price: '65000.00000000',
				qty: '0.01000000',
				quoteQty: '650.00000000',
				time: NOW_MS,
				isBuyerMaker: false,
				isBestMatch: true,
			},
			expect.objectContaining({ id: 880_002, price: '65002.00000000' }),
		]);
	});

	test('are listed from an id on, and each is an aggregate of its own', () => {
		expect(desk.get<Row[]>('/api/v3/historicalTrades', { ...SYMBOL, fromId: 880_002 }).body).toMatchObject([{ id: 880_002 }]);
		expect(desk.get<Row[]>('/api/v3/aggTrades', SYMBOL).body).toEqual([
			{ a: 880_001, p: '65000.00000000', q: '0.01000000', f: 880_001, l: 880_001, T: NOW_MS, m: false, M: true },
			expect.objectContaining({ a: 880_002 }),
		]);
		expect(desk.get<Row[]>('/api/v3/aggTrades', { ...SYMBOL, startTime: NOW_MS + 5 }).body).toMatchObject([{ a: 880_002 }]);
	});

	test('add up to candles, to the day and to an average', () => {
		const openMs = Math.floor(NOW_MS / MINUTE_MS) * MINUTE_MS;
		const volume = '0.03000000';
		const turnover = '1950.04000000';
		const row = [
			openMs,
			'65000.00000000',
			'65002.00000000',
			'65000.00000000',
			'65002.00000000',
			volume,
			openMs + MINUTE_MS - 1,
			turnover,
			2,
			volume,
			turnover,
			'0',
		];
		const ask = (path: string, values: Values) =>
			desk.get<unknown[]>(path, { ...SYMBOL, ...values }, { nowMs: NOW_MS + 20 }).body;
		expect(ask('/api/v3/klines', { interval: '1m' })).toEqual([row]);
		expect(ask('/api/v3/uiKlines', { interval: '1m', startTime: openMs, limit: 1 })).toEqual([row]);
		expect(ask('/api/v3/klines', { interval: '1m', startTime: openMs + 1 })).toEqual([]);
		expect(ask('/api/v3/klines', { interval: '7m' })).toEqual({ code: -1120, msg: 'Invalid interval.' });
		expect(ask('/api/v3/avgPrice', {})).toEqual({ mins: 5, price: '65001.33333333', closeTime: NOW_MS + 20 });
		expect(ask('/api/v3/ticker/price', {})).toEqual({ symbol: 'BTCUSDT', price: '65002.00000000' });
		expect(ask('/api/v3/ticker/24hr', {})).toMatchObject({
			priceChange: '2.00000000',
			priceChangePercent: '0.003',
			weightedAvgPrice: '65001.33333333',
			lastPrice: '65002.00000000',
			lastQty: '0.02000000',
			openPrice: '65000.00000000',
			volume,
			quoteVolume: turnover,
			closeTime: NOW_MS + 20,
			firstId: 880_001,
			lastId: 880_002,
			count: 2,
		});
		expect(Object.keys(ask('/api/v3/ticker/24hr', { type: 'MINI' }))).not.toContain('bidPrice');
		const later = (windowSize: string) =>
			desk.get('/api/v3/ticker', { ...SYMBOL, windowSize }, { nowMs: NOW_MS + 2 * MINUTE_MS }).body;
		expect(later('3m')).toMatchObject({ openPrice: '65000.00000000', volume, count: 2, weightedAvgPrice: '65001.33333333' });
		expect(later('2m')).toMatchObject({ openPrice: '65002.00000000', volume: '0.00000000', count: 0, firstId: -1 });
		for (const size of ['59m', '23h', '7d']) expect(later(size)).toMatchObject({ count: 2 });
		for (const size of ['60m', '8d', '0h', '1w', 'm']) expect(later(size)).toMatchObject({ code: -1130 });
		expect(desk.get('/api/v3/ticker').body).toMatchObject({ code: -1102 });
	});

	test('are the fills of an account: the latest, of an order, or from an id on', () => {
		const fills = (values: Values, client = ANN) =>
			desk.call<Row[]>('GET', '/api/v3/myTrades', { ...SYMBOL, ...values }, { client }).body;
		expect(fills({})[0]).toEqual({
			symbol: 'BTCUSDT',
			id: 880_001,
			orderId: 4_100_200_002,
			orderListId: -1,
			price: '65000.00000000',
			qty: '0.01000000',
			quoteQty: '650.00000000',
			commission: '0.00001000',
			commissionAsset: 'BTC',
			time: NOW_MS,
			isBuyer: true,
			isMaker: false,
			isBestMatch: true,
		});
		expect(fills({}, BOB)).toMatchObject([{ isMaker: true, commissionAsset: 'USDT', commission: '0.65000000' }, {}]);
		expect(fills({ limit: 1 })).toMatchObject([{ id: 880_002 }]);
		expect(fills({ fromId: 880_001, limit: 1 })).toMatchObject([{ id: 880_001 }]);
		expect(fills({ orderId: 4_100_200_004 })).toMatchObject([{ id: 880_002 }]);
		expect(fills({ startTime: NOW_MS + 1 })).toMatchObject([{ id: 880_002 }]);
		expect(fills({ startTime: 1, endTime: 86_400_002 })).toMatchObject({ code: -1127 });
	});
});

test('a symbol without a trade has a flat day, and no candles', () => {
	expect(desk.get('/api/v3/ticker/24hr', SYMBOL).body).toMatchObject({
		count: 0,
		firstId: -1,
		lastPrice: '0.00000000',
		priceChangePercent: '0.000',
	});
	expect(desk.get('/api/v3/klines', { ...SYMBOL, interval: '1M' }).text).toBe('[]');
	expect(desk.get('/api/v3/avgPrice', SYMBOL).body).toMatchObject({ price: '0.00000000' });
});

describe('what is listed', () => {
	const names = (values: Values = {}) =>
		desk.get<{ readonly symbols: readonly Row[] }>('/api/v3/exchangeInfo', values).body.symbols?.map((row) => row['symbol']);

	test('can be chosen', () => {
		expect(names()).toEqual(['BTCUSDT', 'ETHUSDT']);
		expect(names({ symbol: 'ETHUSDT' })).toEqual(['ETHUSDT']);
		expect(names({ symbols: '["ETHUSDT","BTCUSDT"]' })).toEqual(['ETHUSDT', 'BTCUSDT']);
		expect(names({ symbolStatus: 'HALT' })).toEqual([]);
		expect(desk.get('/api/v3/exchangeInfo', { symbols: '["NIXUSDT"]' }).body).toMatchObject({ code: -1121 });
		expect(desk.get('/api/v3/exchangeInfo', { symbols: 'BTCUSDT' }).body).toMatchObject({ code: -1130 });
		expect(desk.get('/api/v3/exchangeInfo', { symbols: '[]', symbol: 'BTCUSDT' }).body).toMatchObject({ code: -1128 });
	});

	test('says which rules hold, and in which state it is', () => {
		desk.venue.exchange.setStatus('binance-spot:BTCUSDT', 'halted', NOW_MS);
		const [symbol] = desk.get<{ readonly symbols: readonly Row[] }>('/api/v3/exchangeInfo', SYMBOL).body.symbols;
		expect(symbol).toMatchObject({ status: 'HALT', baseAsset: 'BTC', quoteAsset: 'USDT', amendAllowed: true });
		expect(symbol?.['filters']).toEqual(
			expect.arrayContaining([
				{ filterType: 'PRICE_FILTER', minPrice: '0.01000000', maxPrice: '1000000.00000000', tickSize: '0.01000000' },
				{ filterType: 'LOT_SIZE', minQty: '0.00001000', maxQty: '9000.00000000', stepSize: '0.00001000' },
				expect.objectContaining({ filterType: 'NOTIONAL', minNotional: '5.00000000', maxNotional: '9000000.00000000' }),
				{ filterType: 'MAX_NUM_ORDERS', maxNumOrders: 200 },
				{
					filterType: 'PERCENT_PRICE_BY_SIDE',
					bidMultiplierUp: '1.80',
					bidMultiplierDown: '0.20',
					askMultiplierUp: '5.00',
					askMultiplierDown: '0.20',
					avgPriceMins: 5,
				},
			]),
		);
	});
});

describe('an account', () => {
	test('shows what is free and what its orders hold', () => {
		desk.call('POST', '/api/v3/order', SPOT_ORDER);
		const { body } = desk.call('GET', '/api/v3/account', { omitZeroBalances: 'true' });
		expect(body).toMatchObject({
			makerCommission: 10,
			takerCommission: 10,
			commissionRates: { maker: '0.00100000', taker: '0.00100000', buyer: '0.00000000', seller: '0.00000000' },
			canTrade: true,
			canWithdraw: false,
			accountType: 'SPOT',
			permissions: ['SPOT'],
		});
		expect(body['balances']).toEqual([
			{ asset: 'BTC', free: '10.00000000', locked: '0.00000000' },
			{ asset: 'USDT', free: '499350.10000000', locked: '649.90000000' },
			{ asset: 'ETH', free: '100.00000000', locked: '0.00000000' },
		]);
	});

	test('has money of its own on each market', () => {
		desk.call('POST', '/api/v3/order', { ...SPOT_ORDER, quantity: '1' });
		const held = (market: 'spot' | 'futures') =>
			desk.venue.exchange.balances(ANN.key.accounts[market]).map(({ lockedAtoms }) => lockedAtoms !== 0n);
		expect(held('spot')).toContain(true);
		expect(held('futures')).not.toContain(true);
	});

	test('pays its own rates', () => {
		const rates = { makerRateE8: -5_000, takerRateE8: 30_000 };
		desk.venue.exchange.operator.accounts.setFees(ANN.key.accounts.spot, 'binance-spot:BTCUSDT', rates);
		expect(desk.call('GET', '/api/v3/account/commission', SYMBOL).body).toMatchObject({
			symbol: 'BTCUSDT',
			standardCommission: { maker: '-0.00005000', taker: '0.00030000' },
		});
	});
});

test.each([
	[USUAL_RIGHTS, { enableSpotAndMarginTrading: true, enableFutures: true, enableWithdrawals: false, ipRestrict: false }],
	[{ ...USUAL_RIGHTS, withdraw: true }, { enableWithdrawals: true }],
	[
		{ ...USUAL_RIGHTS, readOnly: true },
		{ enableSpotAndMarginTrading: false, enableReading: true },
	],
	[
		{ ...USUAL_RIGHTS, spot: false, contracts: false },
		{ enableSpotAndMarginTrading: false, enableFutures: false },
	],
	[{ ...USUAL_RIGHTS, addresses: ['1.2.3.4', '127.0.0.1'] }, { ipRestrict: true }],
])('a key is told what it may do: %j', (rights, shown) => {
	desk.venue.addKey({ ...ANN.key, rights });
	expect(desk.call('GET', '/sapi/v1/account/apiRestrictions').body).toMatchObject(shown);
});
