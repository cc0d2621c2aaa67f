/** The inverse category: counted in dollars, priced in dollars, settled in the coin, over REST and the sockets. */
import { describe, expect, test } from 'vitest';
import { INVERSE, PERP } from '../core/exchange.fixture.ts';
import { Exchange } from '../core/exchange.ts';
import { KEY, MAKER, NOW_MS, openVenue, type Reply } from './rest.fixture.ts';
import { rows, World } from './ws.fixture.ts';

const ORDER = { category: 'inverse', symbol: 'BTCUSD', side: 'Buy', orderType: 'Limit', qty: '65000', price: '65000.00' };
const INVERSE_ONLY = 'category=inverse&symbol=BTCUSD';

/** Ann is long of 65 000 dollars from bob: one bitcoin's worth. */
function trade(desk: ReturnType<typeof openVenue>): void {
	expect(desk.post('/v5/order/create', { ...ORDER, side: 'Sell' }, { key: MAKER }).retCode).toBe(0);
	expect(desk.post('/v5/order/create', { ...ORDER, orderLinkId: 'i-1' }).retCode).toBe(0);
}

function first(reply: Reply): unknown {
	return reply.result.list[0];
}

describe('inverse market data', () => {
	test('says how it is counted and settled', () => {
		const { get } = openVenue();
		expect(get('/v5/market/instruments-info', 'category=inverse').result.list).toMatchObject([
			{
				symbol: 'BTCUSD',
				contractType: 'InversePerpetual',
				baseCoin: 'BTC',
				quoteCoin: 'USD',
				settleCoin: 'BTC',
				priceFilter: { tickSize: '0.50' },
				lotSizeFilter: { qtyStep: '1', minOrderQty: '1' },
			},
		]);
		for (const category of ['linear', 'spot']) {
			const { list } = get('/v5/market/instruments-info', `category=${category}`).result;
			expect(list.map(({ symbol }) => symbol)).not.toContain('BTCUSD');
		}
	});

	test('has a book, a tape, a ticker and candles, with turnover in the coin', () => {
		const desk = openVenue();
		desk.get('/v5/market/kline', `${INVERSE_ONLY}&interval=1`);
		trade(desk);
		desk.post('/v5/order/create', { ...ORDER, price: '64000.00', qty: '7' });
		expect(desk.get('/v5/market/orderbook', INVERSE_ONLY).result.b).toEqual([['64000.00', '7']]);
		expect(first(desk.get('/v5/market/recent-trade', INVERSE_ONLY))).toMatchObject({
			price: '65000.00',
			size: '65000',
			side: 'Buy',
		});
		expect(first(desk.get('/v5/market/tickers', INVERSE_ONLY))).toMatchObject({
			lastPrice: '65000.00',
			markPrice: '65000.00',
			bid1Price: '64000.00',
			bid1Size: '7',
		});
		const [candle] = desk.get('/v5/market/kline', `${INVERSE_ONLY}&interval=1`).result.list as unknown as string[][];
		expect(candle?.slice(4)).toEqual(['65000.00', '65000', '1']);
	});

	test('comes over its own public socket, and over no other', () => {
		const world = new World({ exchange: new Exchange({ listings: [PERP, INVERSE] }) });
		const client = world.connect('/v5/public/inverse');
		const args = ['orderbook.50.BTCUSD', 'publicTrade.BTCUSD', 'tickers.BTCUSD', 'kline.1.BTCUSD'];
		expect(world.ask(client, { op: 'subscribe', args })[0]).toMatchObject({ success: true });
		expect(world.ask(world.connect('/v5/public/linear'), { op: 'subscribe', args })[0]).toMatchObject({ success: false });
		const order = { symbol: 'BTCUSD', type: 'limit', timeInForce: 'gtc', priceTicks: 130_000, qtyLots: 65 } as const;
		world.venue.exchange.place({ ...order, accountId: 'bob', side: 'sell' }, world.nowMs);
		world.venue.exchange.place({ ...order, accountId: 'ann', side: 'buy' }, world.nowMs);
		world.venue.exchange.place({ ...order, accountId: 'ann', side: 'buy', priceTicks: 129_000 }, world.nowMs);
		world.pass(1_100);
		const frames = client.take();
		const topics = new Set(frames.map(({ topic }) => topic));
		expect(new Set([...topics].filter((topic) => topic !== undefined))).toEqual(new Set(args));
		expect(rows(frames.find(({ topic }) => topic === 'publicTrade.BTCUSD'))[0]).toMatchObject({ p: '65000.00', v: '65' });
		expect(rows(frames.findLast(({ topic }) => topic === 'kline.1.BTCUSD'))[0]).toMatchObject({
			volume: '65',
			turnover: '0.001',
		});
	});
});

describe('inverse orders', () => {
	test('are created, amended, cancelled, batched and read like linear ones', () => {
		const { post, get } = openVenue();
		const resting = { ...ORDER, price: '60000.00', qty: '100' };
		const name = { category: 'inverse', symbol: 'BTCUSD', orderLinkId: 'i-2' };
		expect(post('/v5/order/create', { ...resting, orderLinkId: 'i-2' }).retCode).toBe(0);
		expect(post('/v5/order/amend', { ...name, qty: '50' }).retCode).toBe(0);
		expect(first(get('/v5/order/realtime', 'category=inverse'))).toMatchObject({
			qty: '50',
			leavesValue: '0.00083333',
			tpslMode: '',
		});
		expect(post('/v5/order/cancel', name).retCode).toBe(0);
		expect(post('/v5/order/cancel', name).retCode).toBe(110001);
		expect(first(get('/v5/order/history', 'category=inverse'))).toMatchObject({ orderLinkId: 'i-2', orderStatus: 'Cancelled' });
		const request = [resting, { ...resting, qty: '0.5' }, { ...resting, price: '60000.25' }, { ...resting, qty: '1000001' }];
		const batch = post('/v5/order/create-batch', { category: 'inverse', request });
		expect(batch.retExtInfo.list?.map(({ code }) => code)).toEqual([0, 10001, 10001, 10001]);
		expect(post('/v5/order/cancel-all', { category: 'inverse', settleCoin: 'BTC' }).result.list).toHaveLength(1);
		expect(post('/v5/order/cancel-all', { category: 'inverse' }).retCode).toBe(10001);
	});

	test('are paid in the coin: fills, position, wallet and what closing made', () => {
		const desk = openVenue();
		trade(desk);
		expect(first(desk.get('/v5/order/realtime', `${INVERSE_ONLY}&orderLinkId=i-1`))).toMatchObject({
			orderStatus: 'Filled',
			avgPrice: '65000.00',
			cumExecQty: '65000',
			cumExecValue: '1',
			cumFeeDetail: { BTC: '0.00055' },
		});
		expect(first(desk.get('/v5/execution/list', INVERSE_ONLY))).toMatchObject({
			execValue: '1',
			execFee: '0.00055',
			feeCurrency: 'BTC',
		});
		expect(first(desk.get('/v5/position/list', 'category=inverse'))).toMatchObject({
			side: 'Buy',
			size: '65000',
			avgPrice: '65000.00',
			positionValue: '1',
			positionIM: '0.1',
			positionMM: '0.005',
			curRealisedPnl: '-0.00055',
		});
		desk.exchange.setMarkPrice('BTCUSD', 140_000, NOW_MS);
		expect(desk.get('/v5/account/wallet-balance', 'accountType=UNIFIED&coin=BTC').result.list[0]?.coin[0]).toMatchObject({
			walletBalance: '9.99945',
			unrealisedPnl: '0.07142858',
			equity: '10.07087858',
		});
		const close = { ...ORDER, price: '70000.00' };
		desk.post('/v5/order/create', close, { key: MAKER });
		desk.post('/v5/order/create', { ...close, side: 'Sell', reduceOnly: true });
		expect(first(desk.get('/v5/position/closed-pnl', INVERSE_ONLY))).toMatchObject({
			side: 'Sell',
			closedSize: '65000',
			avgEntryPrice: '65000.00',
			cumEntryValue: '1',
			cumExitValue: '0.92857142',
			openFee: '0.00055',
			closeFee: '0.00051072',
			closedPnl: '0.07036786',
		});
		expect(desk.get('/v5/position/list', 'category=inverse').result.list).toEqual([]);
	});

	test('tell the private stream their category', () => {
		const world = new World({ exchange: new Exchange({ listings: [PERP, INVERSE] }) });
		const [stream, other, desk] = [world.login('/v5/private'), world.login('/v5/private'), world.login('/v5/trade')];
		world.ask(stream, { op: 'subscribe', args: ['order.inverse', 'execution.inverse', 'position.inverse', 'wallet'] });
		world.ask(other, { op: 'subscribe', args: ['order.linear', 'execution.linear', 'position.linear'] });
		world.venue.exchange.place(
			{ accountId: 'bob', symbol: 'BTCUSD', side: 'sell', type: 'limit', timeInForce: 'gtc', priceTicks: 130_000, qtyLots: 65 },
			world.nowMs,
		);
		const header = { 'X-BAPI-TIMESTAMP': String(world.nowMs) };
		const [answer] = world.ask(desk, { header, op: 'order.create', args: [{ ...ORDER, qty: '65' }] });
		expect(answer).toMatchObject({ retCode: 0 });
		expect(other.take()).toEqual([]);
		const frames = stream.take();
		expect(new Set(frames.map(({ topic }) => topic))).toEqual(
			new Set(['order.inverse', 'execution.inverse', 'position.inverse', 'wallet']),
		);
		const position = rows(frames.findLast(({ topic }) => topic === 'position.inverse'))[0];
		const [execution] = world.venue.exchange.executions(KEY.accountId, 'BTCUSD');
		expect(position).toMatchObject({ category: 'inverse', size: '65', positionValue: '0.001', seq: Number(execution?.execId) });
	});
});
