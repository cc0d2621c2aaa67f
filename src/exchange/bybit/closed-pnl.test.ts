/** What closing made, the liquidation price and the last fill of a position, alike wherever they are shown. */
import { describe, expect, test } from 'vitest';
import { LIMIT_ORDER, MAKER, NOW_MS, openVenue, type Reply } from './rest.fixture.ts';
import { type Client, rows, World } from './ws.fixture.ts';

const ORDER = { ...LIMIT_ORDER, timeInForce: 'GTC', qty: '1.000', price: '65000.00' };
const ONE = 'category=linear&symbol=BTCUSDT';

/** Ann's order meets bob's of the other side at its price. */
function trade(desk: ReturnType<typeof openVenue>, order: { side: string; qty: string; price: string }): Reply {
	const other = order.side === 'Buy' ? 'Sell' : 'Buy';
	expect(desk.post('/v5/order/create', { ...ORDER, ...order, side: other }, { key: MAKER }).retCode).toBe(0);
	const reply = desk.post('/v5/order/create', { ...ORDER, ...order });
	expect(reply.retCode).toBe(0);
	return reply;
}

describe('closed profit', () => {
	test('is a row an order, less its fees and the funding of what it closed, newest first and in pages', () => {
		const desk = openVenue();
		trade(desk, { side: 'Buy', qty: '1.000', price: '65000.00' });
		desk.exchange.applyFunding('BTCUSDT', { rateE8: 10_000, markTicks: 650_000 }, NOW_MS);
		trade(desk, { side: 'Sell', qty: '0.400', price: '66000.00' });
		const flip = trade(desk, { side: 'Sell', qty: '1.000', price: '64000.00' });
		const { list, nextPageCursor } = desk.get('/v5/position/closed-pnl', `${ONE}&limit=1`).result;
		// 0.6 of it closed at 1000 less: 600, fees of 21.45 and 21.12, funding of 3.9.
		expect(list).toMatchObject([
			{
				orderId: flip.result.orderId,
				side: 'Sell',
				qty: '1.000',
				closedSize: '0.600',
				avgEntryPrice: '65000.00',
				avgExitPrice: '64000.00',
				cumEntryValue: '39000',
				cumExitValue: '38400',
				openFee: '21.45',
				closeFee: '21.12',
				closedPnl: '-646.47',
				fillCount: '1',
				execType: 'Trade',
			},
		]);
		const next = desk.get('/v5/position/closed-pnl', `${ONE}&limit=1&cursor=${nextPageCursor}`).result;
		expect(next.list).toMatchObject([{ closedSize: '0.400', closedPnl: '368.58', openFee: '14.3', closeFee: '14.52' }]);
		expect(next.nextPageCursor).toBe('');
		expect(desk.get('/v5/position/closed-pnl', 'category=linear&symbol=ETHUSDT').result.list).toEqual([]);
		expect(desk.get('/v5/position/closed-pnl', 'category=spot').retCode).toBe(10001);
		// The position that the flip opened has paid the fee of its own part.
		expect(desk.get('/v5/position/list', ONE).result.list[0]).toMatchObject({
			size: '0.400',
			side: 'Sell',
			curRealisedPnl: '-14.08',
			cumRealisedPnl: '-291.97',
		});
	});

	test('has one row for an order of many fills', () => {
		const desk = openVenue();
		trade(desk, { side: 'Buy', qty: '1.000', price: '65000.00' });
		for (const price of ['64900.00', '64800.00']) {
			desk.post('/v5/order/create', { ...ORDER, qty: '0.500', price }, { key: MAKER });
		}
		desk.post('/v5/order/create', { ...ORDER, side: 'Sell', orderType: 'Market' });
		expect(desk.get('/v5/position/closed-pnl', ONE).result.list).toMatchObject([
			{ fillCount: '2', closedSize: '1.000', avgExitPrice: '64850.00', orderType: 'Market' },
		]);
	});
});

describe('a position', () => {
	test('shows the price at which it is closed by force, and is closed there', () => {
		const desk = openVenue();
		desk.post('/v5/position/set-leverage', { category: 'linear', symbol: 'BTCUSDT', buyLeverage: '100', sellLeverage: '100' });
		trade(desk, { side: 'Buy', qty: '10.000', price: '65000.00' });
		const spareAtoms = desk.exchange.balances('ann').find(({ coin }) => coin === 'USDT')?.availableAtoms ?? 0n;
		desk.exchange.withdraw('ann', 'USDT', spareAtoms, NOW_MS);
		// 6500 of margin behind 650000: 10 * (65000 - p) = 6500 - 0.5 % of 10 * p.
		expect(desk.get('/v5/position/list', ONE).result.list[0]).toMatchObject({ liqPrice: '64673.30' });
		desk.exchange.setMarkPrice('BTCUSDT', 646_734, NOW_MS);
		expect(desk.get('/v5/position/list', ONE).result.list[0]).toMatchObject({ size: '10.000' });
		desk.exchange.setMarkPrice('BTCUSDT', 646_733, NOW_MS);
		expect(desk.get('/v5/position/list', ONE).result.list[0]).toMatchObject({ size: '0', liqPrice: '' });
		expect(desk.get('/v5/execution/list', `${ONE}&execType=BustTrade`).result.list).toHaveLength(1);
	});

	test('has no such price where no price takes all the money', () => {
		const desk = openVenue();
		trade(desk, { side: 'Buy', qty: '0.010', price: '65000.00' });
		expect(desk.get('/v5/position/list', ONE).result.list[0]).toMatchObject({ liqPrice: '' });
	});

	test('names its last fill or funding alike over REST and the stream', () => {
		const desk = openVenue();
		const world = new World({ exchange: desk.exchange });
		const stream = world.login('/v5/private');
		world.ask(stream, { op: 'subscribe', args: ['position'] });
		expect(desk.get('/v5/position/list', ONE).result.list[0]).toMatchObject({ seq: -1 });
		trade(desk, { side: 'Buy', qty: '1.000', price: '65000.00' });
		const filled = Number(desk.exchange.executions('ann', 'BTCUSDT').at(-1)?.execId);
		expect(seqOf(desk)).toBe(filled);
		expect(lastRow(stream)).toMatchObject({ seq: filled, size: '1.000' });
		desk.exchange.applyFunding('BTCUSDT', { rateE8: 10_000, markTicks: 650_000 }, NOW_MS);
		const seq = Number(desk.exchange.executions('ann', 'BTCUSDT').at(-1)?.execId);
		expect(seq).toBeGreaterThan(filled);
		expect(lastRow(stream)).toMatchObject({ seq });
		// A later socket and one that saw it all say the same.
		const late = world.login('/v5/private');
		world.ask(late, { op: 'subscribe', args: ['position'] });
		desk.post('/v5/order/create', { ...ORDER, price: '60000.00' });
		expect(seqOf(desk)).toBe(seq);
		expect([lastRow(stream)?.['seq'], lastRow(late)?.['seq']]).toEqual([seq, seq]);
	});
});

test('an order on the stream tells what its fills closed', () => {
	const desk = openVenue();
	const world = new World({ exchange: desk.exchange });
	const stream = world.login('/v5/private');
	world.ask(stream, { op: 'subscribe', args: ['order', 'execution'] });
	trade(desk, { side: 'Buy', qty: '1.000', price: '65000.00' });
	expect(lastRow(stream)).toMatchObject({ orderStatus: 'Filled', closedPnl: '0' });
	trade(desk, { side: 'Sell', qty: '0.400', price: '66000.00' });
	const frames = stream.take();
	// 400 less fees of 14.3 and 14.52.
	expect(rows(frames.findLast(({ topic }) => topic === 'order'))[0]).toMatchObject({ closedPnl: '371.18' });
	expect(rows(frames.findLast(({ topic }) => topic === 'execution'))[0]).toMatchObject({ execPnl: '400', closedSize: '0.400' });
});

function lastRow(client: Client): Readonly<Record<string, unknown>> | undefined {
	return rows(client.take().at(-1)).at(-1);
}

function seqOf(desk: ReturnType<typeof openVenue>): unknown {
	return Object.entries(desk.get('/v5/position/list', ONE).result.list[0] ?? {}).find(([name]) => name === 'seq')?.[1];
}
