/** What the operator of the exchange does, as clients see it: instruments, codes, executions, over REST and by stream. */
import { describe, expect, test } from 'vitest';
import type { SymbolStatus } from '../core/views.ts';
import { LIMIT_ORDER, NOW_MS, openVenue } from './rest.fixture.ts';
import { World } from './ws.fixture.ts';

const ORDER = { ...LIMIT_ORDER, timeInForce: 'GTC' };
const SPOT_ORDER = { ...ORDER, category: 'spot' };

function rowOf(venue: ReturnType<typeof openVenue>, query: string): object | undefined {
	return venue.get('/v5/market/instruments-info', query).result.list[0];
}

describe('a symbol', () => {
	test.each<{ status: SymbolStatus; shown: string; linear: number; spot: number }>([
		{ status: 'trading', shown: 'Trading', linear: 0, spot: 0 },
		{ status: 'post-only', shown: 'Trading', linear: 110103, spot: 170217 },
		{ status: 'reduce-only', shown: 'Trading', linear: 30228, spot: 170151 },
		{ status: 'cancel-only', shown: 'Trading', linear: 110066, spot: 170151 },
		{ status: 'halted', shown: 'Settling', linear: 110066, spot: 170151 },
		{ status: 'closed', shown: 'Closed', linear: 110074, spot: 170121 },
	])('that is $status is shown as $shown and answers orders with $linear, $spot', ({ status, shown, linear, spot }) => {
		const venue = openVenue();
		for (const key of ['BTCUSDT', 'BTCUSDT.spot']) venue.exchange.setStatus(key, status, NOW_MS);
		expect(venue.post('/v5/order/create', ORDER).retCode).toBe(linear);
		expect(venue.post('/v5/order/create', SPOT_ORDER).retCode).toBe(spot);
		for (const category of ['linear', 'spot']) {
			const query = `category=${category}&symbol=BTCUSDT`;
			expect(rowOf(venue, `${query}&status=${shown}`)).toMatchObject({ symbol: 'BTCUSDT', status: shown });
			expect(rowOf(venue, query)?.constructor).toBe(shown === 'Trading' ? Object : undefined);
		}
	});

	test('shows its announced end and the filters that hold now', () => {
		const venue = openVenue();
		const { operator } = venue.exchange;
		operator.announceDelivery('BTCUSDT', NOW_MS + 1_000, NOW_MS);
		operator.changeFilters('BTCUSDT', { tickSize: '0.50', lotSize: '0.01', minQty: '0.01', minNotional: '50' }, NOW_MS);
		expect(rowOf(venue, 'category=linear&symbol=BTCUSDT')).toMatchObject({
			deliveryTime: String(NOW_MS + 1_000),
			priceFilter: { tickSize: '0.50' },
			lotSizeFilter: { qtyStep: '0.01', minOrderQty: '0.01', minNotionalValue: '50' },
		});
		expect(venue.post('/v5/order/create', { ...ORDER, price: '64000.1' })).toMatchObject({ retCode: 10001 });
		expect(venue.post('/v5/order/create', { ...ORDER, qty: '0.015' })).toMatchObject({ retCode: 10001 });
	});
});

describe('an account', () => {
	test('in hedge mode takes no orders until it switches back', () => {
		const venue = openVenue();
		venue.exchange.operator.accounts.setPositionMode('ann', 'BTCUSDT', 'hedge', NOW_MS);
		const wrongMode = { retCode: 10001, retMsg: 'position idx not match position mode' };
		expect(venue.post('/v5/order/create', ORDER)).toMatchObject(wrongMode);
		const side = (): unknown => venue.get('/v5/position/list', 'category=linear&symbol=BTCUSDT').result.list[0];
		expect(side()).toMatchObject({ positionIdx: 1 });
		const back = { category: 'linear', symbol: 'BTCUSDT', mode: 0 };
		expect(venue.post('/v5/position/switch-mode', back).retCode).toBe(0);
		expect(venue.post('/v5/position/switch-mode', back).retCode).toBe(110025);
		expect(side()).toMatchObject({ positionIdx: 0 });
		expect(venue.post('/v5/order/create', ORDER).retCode).toBe(0);
	});

	test('sees fees of its own', () => {
		const venue = openVenue();
		venue.exchange.operator.accounts.setFees('ann', 'BTCUSDT', { makerRateE8: -10_000, takerRateE8: 20_000 });
		expect(venue.get('/v5/account/fee-rate', 'category=linear&symbol=BTCUSDT').result.list).toEqual([
			{ symbol: 'BTCUSDT', makerFeeRate: '-0.0001', takerFeeRate: '0.0002' },
		]);
	});

	test('hears by stream of what was taken from it, and of its end', () => {
		const world = new World();
		const { exchange } = world.venue;
		exchange.setMarkPrice('BTCUSDT', 650_000, NOW_MS);
		const client = world.login('/v5/private');
		world.ask(client, { op: 'subscribe', args: ['execution', 'order', 'position'] });
		const { accounts } = exchange.operator;
		const told = (topic: string) =>
			client
				.take()
				.filter((message) => message['topic'] === topic)
				.flatMap((message) => message['data'] as object[]);
		const deed = (run: () => unknown): object[] => {
			run();
			world.pass(200);
			return told('execution');
		};
		const symbol = 'BTCUSDT';
		expect(deed(() => accounts.trade({ accountId: 'ann', symbol, side: 'buy', qtyLots: 1_000 }, world.nowMs))).toMatchObject([
			{ execType: 'Trade', orderLinkId: '', createType: 'CreateByUser', isMaker: false },
		]);
		expect(deed(() => accounts.deleverage({ accountId: 'ann', symbol, qtyLots: 400 }, world.nowMs))).toMatchObject([
			{ execType: 'AdlTrade', orderLinkId: '', createType: 'CreateByAdl_PassThrough', side: 'Sell', execFee: '0' },
		]);
		expect(deed(() => exchange.setStatus(symbol, 'closed', world.nowMs))).toMatchObject([
			{ execType: 'Delivery', createType: 'CreateBySettle', side: 'Sell' },
		]);
	});
});
