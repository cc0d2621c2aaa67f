import { describe, expect, test } from 'vitest';
import { BTC, type FuturesScene, openFutures } from './futures.fixture.ts';
import { ANN, BOB, NOW_MS, type Reply, type Row, type Values } from './scene.fixture.ts';

const ANY_NUMBER: unknown = expect.any(Number);

function ask<Body = Row>(scene: FuturesScene, path: string, values: Values = BTC): Reply<Body> {
	return scene.get(`/fapi/v1/${path}`, values);
}

function traded(): FuturesScene {
	const scene = openFutures();
	scene.place('SELL', '0.010', '65000.00', {}, BOB);
	scene.place('SELL', '0.020', '65010.00', {}, BOB);
	scene.place('BUY', '0.010', '65000.00');
	scene.place('BUY', '0.005', '65010.00');
	scene.place('BUY', '0.050', '64990.00');
	return scene;
}

test('what is listed, with the names that this market gives its filters', () => {
	const { body } = ask(openFutures(), 'exchangeInfo', {});
	expect(body).toMatchObject({
		timezone: 'UTC',
		serverTime: NOW_MS,
		futuresType: 'U_MARGINED',
		exchangeFilters: [],
		assets: [{ asset: 'USDT', marginAvailable: true, autoAssetExchange: '0' }],
	});
	const [bitcoin, ether] = body['symbols'] as readonly Row[];
	expect(ether).toMatchObject({ symbol: 'ETHUSDT' });
	expect(bitcoin).toMatchObject({
		symbol: 'BTCUSDT',
		pair: 'BTCUSDT',
		contractType: 'PERPETUAL',
		deliveryDate: 4_133_404_800_000,
		status: 'TRADING',
		maintMarginPercent: '0.5000',
		requiredMarginPercent: '1.0000',
		baseAsset: 'BTC',
		quoteAsset: 'USDT',
		marginAsset: 'USDT',
		pricePrecision: 2,
		quantityPrecision: 3,
		filters: [
			{ filterType: 'PRICE_FILTER', minPrice: '0.10', maxPrice: '1000000000.00', tickSize: '0.10' },
			{ filterType: 'LOT_SIZE', minQty: '0.001', stepSize: '0.001', maxQty: '1000.000' },
			{ filterType: 'MARKET_LOT_SIZE', minQty: '0.001', stepSize: '0.001', maxQty: '120.000' },
			{ filterType: 'MAX_NUM_ORDERS', limit: 200 },
			{ filterType: 'MIN_NOTIONAL', notional: '50' },
			{ filterType: 'PERCENT_PRICE', multiplierUp: '1.0500', multiplierDown: '0.9500', multiplierDecimal: '4' },
		],
		timeInForce: ['GTC', 'IOC', 'FOK', 'GTX', 'GTD'],
	});
});

test('a symbol that is halted says so', () => {
	const scene = openFutures();
	scene.venue.exchange.setStatus('binance-futures:BTCUSDT', 'halted', NOW_MS);
	expect(ask(scene, 'exchangeInfo', {}).body['symbols']).toMatchObject([{ status: 'SETTLING' }, { status: 'TRADING' }]);
});

describe('the book', () => {
	test('has its levels from the best on, and the id of its last change', () => {
		const scene = traded();
		const reply = ask(scene, 'depth', { ...BTC, limit: 5 });
		expect(reply.body).toEqual({
			lastUpdateId: ANY_NUMBER,
			E: NOW_MS,
			T: NOW_MS,
			bids: [['64990.00', '0.050']],
			asks: [['65010.00', '0.015']],
		});
		const before = Number(reply.body['lastUpdateId']);
		scene.place('BUY', '0.010', '64980.00');
		expect(Number(ask(scene, 'depth').body['lastUpdateId'])).toBeGreaterThan(before);
		expect(ask(scene, 'depth', { ...BTC, limit: 7 }).body['code']).toBe(-4021);
	});

	test('its best prices, of one symbol as an object and of all as a list', () => {
		const scene = traded();
		const best = { symbol: 'BTCUSDT', bidPrice: '64990.00', bidQty: '0.050', askPrice: '65010.00', askQty: '0.015' };
		expect(ask(scene, 'ticker/bookTicker').body).toMatchObject(best);
		expect(ask(scene, 'ticker/bookTicker', {}).body).toMatchObject([best, { symbol: 'ETHUSDT', bidPrice: '0.00' }]);
		expect(ask(scene, 'ticker/bookTicker', { symbol: 'NONE' }).body['code']).toBe(-1121);
	});
});

describe('trades', () => {
	test('oldest first, with who was there first', () => {
		const { body } = ask<readonly Row[]>(traded(), 'trades');
		expect(body).toMatchObject([
			{ id: 550_001, price: '65000.00', qty: '0.010', quoteQty: '650.00000000', time: NOW_MS, isBuyerMaker: false },
			{ id: 550_002, price: '65010.00', qty: '0.005' },
		]);
	});

	test('aggregates, from an id on or of a time', () => {
		const scene = traded();
		const first = { a: 550_001, p: '65000.00', q: '0.010', nq: '0.010', f: 550_001, l: 550_001, T: NOW_MS, m: false };
		expect(ask<readonly Row[]>(scene, 'aggTrades').body[0]).toEqual(first);
		expect(ask(scene, 'aggTrades', { ...BTC, fromId: 550_002 }).body).toMatchObject([{ a: 550_002 }]);
		expect(ask(scene, 'aggTrades', { ...BTC, startTime: NOW_MS + 1 }).body).toEqual([]);
		expect(ask(scene, 'aggTrades', { ...BTC, endTime: NOW_MS, limit: 1 }).body).toMatchObject([{ a: 550_002 }]);
		expect(ask(scene, 'aggTrades', { ...BTC, startTime: NOW_MS, limit: 1 }).body).toMatchObject([{ a: 550_001 }]);
	});

	test('older ones need a key', () => {
		const scene = traded();
		expect(ask(scene, 'historicalTrades').status).toBe(401);
		const { body } = scene.call<readonly Row[]>('GET', '/fapi/v1/historicalTrades', { ...BTC, fromId: 550_002 }, { client: ANN });
		expect(body).toMatchObject([{ id: 550_002 }]);
	});

	test('candles: twelve columns, the last one idle', () => {
		const startMs = Math.floor(NOW_MS / 60_000) * 60_000;
		expect(ask(traded(), 'klines', { ...BTC, interval: '1m' }).body).toEqual([
			[
				startMs,
				'65000.00',
				'65010.00',
				'65000.00',
				'65010.00',
				'0.015',
				startMs + 59_999,
				'975.05000000',
				2,
				'0.015',
				'975.05000000',
				'0',
			],
		]);
		expect(ask(traded(), 'klines', { ...BTC, interval: '1s' }).body['code']).toBe(-1120);
	});
});

describe('prices', () => {
	test('mark price and funding', () => {
		const scene = traded();
		scene.venue.exchange.setFundingRate('binance-futures:BTCUSDT', -12_500, NOW_MS);
		expect(ask(scene, 'premiumIndex').body).toMatchObject({
			symbol: 'BTCUSDT',
			markPrice: '65000.00',
			indexPrice: '65000.00',
			lastFundingRate: '-0.00012500',
			time: NOW_MS,
		});
	});

	test('the last day', () => {
		expect(ask(traded(), 'ticker/24hr').body).toMatchObject({
			symbol: 'BTCUSDT',
			priceChange: '10.00',
			priceChangePercent: '0.015',
			weightedAvgPrice: '65003.33333333',
			lastPrice: '65010.00',
			lastQty: '0.005',
			openPrice: '65000.00',
			highPrice: '65010.00',
			lowPrice: '65000.00',
			volume: '0.015',
			quoteVolume: '975.05000000',
			firstId: 550_001,
			lastId: 550_002,
			count: 2,
		});
	});

	test('before the first trade the mark price stands in', () => {
		const scene = openFutures();
		expect(ask(scene, 'ticker/24hr').body).toMatchObject({ lastPrice: '65000.00', openPrice: '65000.00', count: 0, firstId: -1 });
		expect(ask(scene, 'ticker/price').body).toMatchObject({ symbol: 'BTCUSDT', price: '65000.00' });
	});
});
