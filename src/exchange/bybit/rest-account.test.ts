import { expect, test } from 'vitest';
import { KEY, LIMIT_ORDER, MAKER, NOW_MS, openVenue } from './rest.fixture.ts';

test('a position shows its size, entry price and margin; a flat one only by its symbol', () => {
	const { post, get } = openVenue();
	post('/v5/order/create', { ...LIMIT_ORDER, side: 'Sell', price: '65000.00' }, { key: MAKER });
	post('/v5/order/create', { ...LIMIT_ORDER, orderType: 'Market', qty: '0.004' });
	const { result } = get('/v5/position/list', 'category=linear&settleCoin=USDT');
	expect(result.list).toHaveLength(1);
	expect(result.list[0]).toMatchObject({
		positionIdx: 0,
		symbol: 'BTCUSDT',
		side: 'Buy',
		size: '0.004',
		avgPrice: '65000.00',
		positionValue: '260',
		leverage: '10',
		positionIM: '26',
		markPrice: '65000.00',
		unrealisedPnl: '0',
		seq: expect.any(Number) as unknown,
	});
	const [flat] = get('/v5/position/list', 'category=linear&symbol=ETHUSDT').result.list;
	expect(flat).toMatchObject({ side: '', size: '0', avgPrice: '0', seq: -1 });
	expect(get('/v5/position/list', 'category=linear').retCode).toBe(10001);
	expect(get('/v5/position/list', 'category=inverse').result.list).toEqual([]);
	const shut = { ...LIMIT_ORDER, side: 'Sell', orderType: 'Market', qty: '0', reduceOnly: true, closeOnTrigger: true };
	post('/v5/order/create', { ...LIMIT_ORDER, price: '64990.00' }, { key: MAKER });
	expect(post('/v5/order/create', shut).retCode).toBe(0);
	expect(get('/v5/position/list', 'category=linear&settleCoin=USDT').result.list).toEqual([]);
});

test('the wallet adds up', () => {
	const { post, get } = openVenue();
	post('/v5/order/create', { ...LIMIT_ORDER, price: '60000.00', qty: '0.100' });
	post('/v5/order/create', { ...LIMIT_ORDER, category: 'spot', price: '60000', qty: '0.1' });
	const [wallet] = get('/v5/account/wallet-balance', 'accountType=UNIFIED').result.list;
	expect(wallet).toMatchObject({ accountType: 'UNIFIED', totalEquity: '1150000', totalInitialMargin: '600' });
	const usdt = wallet?.coin.find(isCoin('USDT'));
	expect(usdt).toMatchObject({
		walletBalance: '500000',
		locked: '6000',
		totalOrderIM: '600',
		totalPositionIM: '0',
		availableToWithdraw: '',
	});
	const coins = (query: string): readonly unknown[] => {
		const [found] = get('/v5/account/wallet-balance', `accountType=UNIFIED${query}`).result.list;
		return (found?.coin ?? []).map(({ coin }) => coin);
	};
	expect(coins('&coin=BTC')).toEqual(['BTC']);
	expect(new Set(coins('&coin=BTC%2CUSDT'))).toEqual(new Set(['BTC', 'USDT']));
	expect(get('/v5/account/wallet-balance', 'accountType=SPOT').retCode).toBe(10001);
});

const SETTINGS: [path: string, body: Record<string, unknown>, retCode: number][] = [
	['set-leverage', { category: 'linear', symbol: 'BTCUSDT', buyLeverage: '10', sellLeverage: '10.00' }, 110043],
	['set-leverage', { category: 'linear', symbol: 'BTCUSDT', buyLeverage: '12.5', sellLeverage: '12.5' }, 0],
	['set-leverage', { category: 'linear', symbol: 'BTCUSDT', buyLeverage: '12', sellLeverage: '10' }, 10001],
	['set-leverage', { category: 'linear', symbol: 'BTCUSDT', buyLeverage: '101', sellLeverage: '101' }, 110013],
	['set-leverage', { category: 'linear', symbol: 'BTCUSDT', buyLeverage: 5, sellLeverage: 5 }, 10001],
	['set-leverage', { category: 'spot', symbol: 'BTCUSDT', buyLeverage: '5', sellLeverage: '5' }, 10001],
	['switch-mode', { category: 'linear', symbol: 'BTCUSDT', mode: 0 }, 110025],
	['switch-mode', { category: 'linear', coin: 'USDT', mode: 3 }, 110029],
	['switch-mode', { category: 'linear', mode: 0 }, 10001],
];

test.each(SETTINGS)('%s %j → %i', (path, body, retCode) => {
	expect(openVenue().post(`/v5/position/${path}`, body).retCode).toBe(retCode);
});

test('leverage that was set is the one shown', () => {
	const { post, get } = openVenue();
	post('/v5/position/set-leverage', { category: 'linear', symbol: 'BTCUSDT', buyLeverage: '12.5', sellLeverage: '12.5' });
	expect(get('/v5/position/list', 'category=linear&symbol=BTCUSDT').result.list[0]?.leverage).toBe('12.5');
});

test('the dead-man window is remembered per product', () => {
	const { post, get } = openVenue();
	const path = '/v5/order/disconnected-cancel-all';
	expect(post(path, { product: 'DERIVATIVES', timeWindow: 2 }).retCode).toBe(10001);
	const reply = post(path, { product: 'DERIVATIVES', timeWindow: 10 });
	expect(reply).toMatchObject({ retCode: 0, retMsg: 'success' });
	expect('result' in reply).toBe(false);
	expect(get('/v5/account/query-dcp-info').result).toEqual({
		dcpInfos: [{ product: 'DERIVATIVES', dcpStatus: 'ON', timeWindow: '10' }],
	});
	expect(get('/v5/account/query-dcp-info', '', { key: MAKER }).result).toEqual({ dcpInfos: [] });
});

test('what clients ask before anything else', () => {
	const { get } = openVenue();
	expect(get('/v5/user/query-api').result).toMatchObject({ uta: 1, readOnly: 0, apiKey: KEY.apiKey, secret: '' });
	expect(get('/v5/account/info').result).toMatchObject({ unifiedMarginStatus: 5, marginMode: 'REGULAR_MARGIN' });
	expect(get('/v5/asset/coin/query-info').result).toEqual({ rows: [] });
	expect(get('/v5/account/fee-rate', 'category=linear&symbol=BTCUSDT').result).toEqual({
		list: [{ symbol: 'BTCUSDT', takerFeeRate: '0.00055', makerFeeRate: '0.0002' }],
	});
	expect(get('/v5/account/fee-rate', 'category=spot').result).toMatchObject({ category: 'spot', list: [{ symbol: 'BTCUSDT' }] });
	expect(get('/v5/account/info').time).toBe(NOW_MS);
});

function isCoin(coin: string): (row: object) => boolean {
	return (row) => 'coin' in row && row.coin === coin;
}
