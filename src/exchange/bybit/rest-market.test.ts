import { expect, test } from 'vitest';
import { type Desktop, LIMIT_ORDER, MAKER, NOW_MS, openVenue, type Row, readReply } from './rest.fixture.ts';

const MINUTE_MS = 60_000;
const START_MS = Math.floor(NOW_MS / MINUTE_MS) * MINUTE_MS;

function trade({ post }: Desktop, price: string, nowMs: number): void {
	post('/v5/order/create', { ...LIMIT_ORDER, side: 'Sell', price, qty: '0.001' }, { key: MAKER, nowMs });
	post('/v5/order/create', { ...LIMIT_ORDER, orderType: 'Market', qty: '0.001' }, { nowMs });
}

test('public endpoints need no signature, and carry no rate headers', () => {
	const { handle } = openVenue();
	const request = { method: 'GET', path: '/v5/market/time', query: '', headers: {}, body: '', remote: 'x' };
	const reply = handle(request, NOW_MS);
	expect(reply.headers).not.toHaveProperty('X-Bapi-Limit');
	expect(readReply(reply)).toMatchObject({
		retCode: 0,
		time: NOW_MS,
		result: { timeSecond: '1771000000', timeNano: '1771000000123000000' },
	});
});

test('instruments: each category in its own shape, nothing where there is nothing', () => {
	const { get } = openVenue();
	const list = (query: string): readonly Row[] => {
		const { retCode, result } = get('/v5/market/instruments-info', query);
		expect([retCode, result.category]).toEqual([0, query.split('&')[0]?.slice('category='.length)]);
		return result.list;
	};
	expect(list('category=linear').map(({ symbol }) => symbol)).toEqual(['BTCUSDT', 'ETHUSDT']);
	expect(list('category=linear&symbol=BTCUSDT')[0]).toMatchObject({
		contractType: 'LinearPerpetual',
		settleCoin: 'USDT',
		priceScale: '2',
		priceFilter: { tickSize: '0.10' },
		lotSizeFilter: { qtyStep: '0.001', minNotionalValue: '5', maxMktOrderQty: '50.000' },
		leverageFilter: { maxLeverage: '100.00' },
		fundingInterval: 480,
	});
	const [spot] = list('category=spot');
	expect(spot).toMatchObject({ lotSizeFilter: { basePrecision: '0.0001', minOrderAmt: '5' }, priceFilter: { tickSize: '0.01' } });
	expect('contractType' in (spot ?? {})).toBe(false);
	for (const query of ['category=option&baseCoin=BTC', 'category=linear&status=PreLaunch', 'category=inverse&status=PreLaunch']) {
		expect(list(query)).toEqual([]);
	}
	const page = get('/v5/market/instruments-info', 'category=linear&limit=1');
	const next = get('/v5/market/instruments-info', `category=linear&limit=1&cursor=${page.result.nextPageCursor}`);
	expect([page, next].map(({ result }) => result.list[0]?.symbol)).toEqual(['BTCUSDT', 'ETHUSDT']);
	expect(next.result.nextPageCursor).toBe('');
	expect(get('/v5/market/instruments-info').retCode).toBe(10001);
});

test('the book, the tape and the ticker show the same market', () => {
	const desktop = openVenue();
	const { post, get } = desktop;
	trade(desktop, '65000.00', NOW_MS);
	trade(desktop, '65010.00', NOW_MS);
	post('/v5/order/create', { ...LIMIT_ORDER, price: '64990.00' });
	post('/v5/order/create', { ...LIMIT_ORDER, price: '64980.00', qty: '0.020' });
	post('/v5/order/create', { ...LIMIT_ORDER, side: 'Sell', price: '65020.00' }, { key: MAKER });
	const book = get('/v5/market/orderbook', 'category=linear&symbol=BTCUSDT&limit=1').result;
	expect(book).toMatchObject({ s: 'BTCUSDT', b: [['64990.00', '0.010']], a: [['65020.00', '0.010']], ts: NOW_MS });
	expect(get('/v5/market/orderbook', 'category=linear&symbol=BTCUSDT').result.b).toHaveLength(2);
	const trades = get('/v5/market/recent-trade', 'category=linear&symbol=BTCUSDT').result.list;
	expect(trades.map(({ price, side }) => [price, side])).toEqual([
		['65010.00', 'Buy'],
		['65000.00', 'Buy'],
	]);
	const [ticker] = get('/v5/market/tickers', 'category=linear&symbol=BTCUSDT').result.list;
	expect(ticker).toMatchObject({
		lastPrice: '65010.00',
		bid1Price: '64990.00',
		ask1Price: '65020.00',
		volume24h: '0.002',
		turnover24h: '130.01',
		highPrice24h: '65010.00',
		lowPrice24h: '65000.00',
		prevPrice24h: '65000.00',
		markPrice: '65000.00',
		openInterest: '0.004',
		openInterestValue: '260',
	});
	const [spot] = get('/v5/market/tickers', 'category=spot').result.list;
	expect('openInterestValue' in (spot ?? {})).toBe(false);
	expect(get('/v5/market/tickers', 'category=spot&symbol=NOPE').retCode).toBe(170121);
});

test('candles: newest first, opening where the last one closed, flat where nothing traded, added up over minutes', () => {
	const desktop = openVenue();
	expect(desktop.get('/v5/market/kline', 'category=linear&symbol=BTCUSDT&interval=1').result.list).toEqual([]);
	trade(desktop, '65000.00', START_MS);
	trade(desktop, '65030.00', START_MS + 1_000);
	trade(desktop, '65010.00', START_MS + 2 * MINUTE_MS);
	const nowMs = START_MS + 2 * MINUTE_MS + 30_000;
	const rows = (query: string): string[][] => {
		const { result } = desktop.get('/v5/market/kline', `category=linear&symbol=BTCUSDT&${query}`, { nowMs });
		return result.list as unknown as string[][];
	};
	expect(rows('interval=1')).toEqual([
		[String(START_MS + 2 * MINUTE_MS), '65030.00', '65030.00', '65010.00', '65010.00', '0.001', '65.01'],
		[String(START_MS + MINUTE_MS), '65030.00', '65030.00', '65030.00', '65030.00', '0.000', '0'],
		[String(START_MS), '65000.00', '65030.00', '65000.00', '65030.00', '0.002', '130.03'],
	]);
	expect(rows('interval=1&limit=2').map(([start]) => start)).toEqual([
		String(START_MS + 2 * MINUTE_MS),
		String(START_MS + MINUTE_MS),
	]);
	expect(rows(`interval=1&end=${START_MS}`)).toHaveLength(1);
	expect(rows(`interval=1&start=${START_MS + 1}`)).toHaveLength(2);
	expect(rows('interval=D')[0]?.slice(1)).toEqual(['65000.00', '65030.00', '65000.00', '65010.00', '0.003', '195.04']);
	expect(desktop.get('/v5/market/kline', 'category=linear&symbol=BTCUSDT&interval=7').retCode).toBe(10001);
});

test('the full book is there for spot, whole, and for spot only', () => {
	const { get, post } = openVenue();
	for (let count = 0; count < 30; count += 1) {
		post('/v5/order/create', { ...LIMIT_ORDER, category: 'spot', qty: '0.01', price: `649${10 + count}.00` });
	}
	const { result } = get('/v5/market/full_orderbook', 'category=spot&symbol=BTCUSDT');
	expect(Object.keys(result).sort()).toEqual(['a', 'b', 'cts', 's', 'seq', 'ts', 'u']);
	expect(result.b).toHaveLength(30);
	expect(result.b[0]?.[0]).toBe('64939.00');
	expect(get('/v5/market/full_orderbook', 'category=linear&symbol=BTCUSDT').retCode).toBe(10001);
	expect(get('/v5/market/full_orderbook', 'category=spot&symbol=NOPE').retCode).toBe(170121);
});

test('the venue announces nothing', () => {
	const { get } = openVenue();
	expect(get('/v5/system/status')).toMatchObject({ retCode: 0, result: { list: [] } });
	expect(get('/v5/announcements/index', 'locale=en-US')).toMatchObject({ retCode: 0, result: { total: 0, list: [] } });
});
