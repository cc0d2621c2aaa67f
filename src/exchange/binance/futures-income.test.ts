import { expect, test } from 'vitest';
import { BTC, type FuturesScene, openFutures } from './futures.fixture.ts';
import { BOB, NOW_MS, type Row, type Values } from './scene.fixture.ts';

const PERP = 'binance-futures:BTCUSDT';

/** Bought by Ann, funded, and sold again with a profit. */
function traded(): FuturesScene {
	const scene = openFutures();
	scene.place('BUY', '0.100', '64990.00');
	scene.place('SELL', '0.100', '64990.00', {}, BOB);
	scene.venue.exchange.applyFunding(PERP, { rateE8: 10_000, markTicks: 650_000 }, NOW_MS);
	scene.place('SELL', '0.100', '65010.00');
	scene.place('BUY', '0.100', '65010.00', {}, BOB);
	return scene;
}

function incomes(scene: FuturesScene, values: Values = {}) {
	return scene.call<readonly Row[]>('GET', '/fapi/v1/income', values, { nowMs: NOW_MS }).body;
}

test('each payment from the oldest on, with a number of its own', () => {
	const all = incomes(traded());
	expect(all.map(({ incomeType, income, asset }) => [incomeType, income, asset])).toEqual([
		['COMMISSION', '-1.29980000', 'USDT'],
		['FUNDING_FEE', '-0.65000000', 'USDT'],
		['REALIZED_PNL', '2.00000000', 'USDT'],
		['COMMISSION', '-1.30020000', 'USDT'],
	]);
	expect(new Set(all.map(({ tranId }) => tranId)).size).toBe(4);
	expect(all[1]).toMatchObject({ symbol: 'BTCUSDT', time: NOW_MS, tradeId: '', info: 'FUNDING_FEE' });
});

test('by kind, by symbol, by time and by page', () => {
	const scene = traded();
	expect(incomes(scene, { incomeType: 'FUNDING_FEE' })).toHaveLength(1);
	expect(incomes(scene, { ...BTC, limit: 2 })).toMatchObject([{ incomeType: 'COMMISSION' }, { incomeType: 'FUNDING_FEE' }]);
	expect(incomes(scene, { symbol: 'ETHUSDT' })).toEqual([]);
	expect(incomes(scene, { startTime: NOW_MS + 1 })).toEqual([]);
	expect(incomes(scene, { incomeType: 'TIPS' })).toMatchObject({ code: -1130 });
	expect(incomes(scene, { symbol: 'NONE' })).toMatchObject({ code: -1121 });
});
