import { describe, expect, test } from 'vitest';
import { limitOrder, NOW_MS, PERP } from '../core/exchange.fixture.ts';
import { Exchange } from '../core/exchange.ts';
import { atoms } from '../core/money.ts';
import { asMessage, rows, World } from './ws.fixture.ts';

const LINEAR = '/v5/public/linear';
const SPOT = '/v5/public/spot';

/** Bob sells to Ann's bid. */
function trade(world: World, price: string, qty = '0.010'): void {
	const { exchange } = world.venue;
	exchange.place(limitOrder('ann', 'buy', qty, price), world.nowMs);
	exchange.place(limitOrder('bob', 'sell', qty, price), world.nowMs);
}

interface Case {
	readonly name: string;
	readonly path: string;
	readonly frame: object | string;
	readonly answer: object;
}

const DECODE_FAILURE: unknown = expect.stringMatching(/^Failed to decode incoming data:/);
const ANY_TEXT: unknown = expect.any(String);
const ANY_NUMBER: unknown = expect.any(Number);
const ELEVEN = Array.from({ length: 11 }, (_, index) => `kline.${index}.BTCUSDT`);

const CASES: readonly Case[] = [
	{
		name: 'a subscription is acknowledged with the id it came with',
		path: LINEAR,
		frame: { req_id: 's1', op: 'subscribe', args: ['publicTrade.BTCUSDT'] },
		answer: { success: true, ret_msg: '', conn_id: 'sim-1', req_id: 's1', op: 'subscribe' },
	},
	{
		name: 'a number comes back as text, and spot names the operation',
		path: SPOT,
		frame: { req_id: 7, op: 'subscribe', args: ['publicTrade.BTCUSDT'] },
		answer: { success: true, ret_msg: 'subscribe', conn_id: 'sim-1', req_id: '7', op: 'subscribe' },
	},
	{
		name: 'without an id the answer has an empty one',
		path: LINEAR,
		frame: { op: 'subscribe', args: ['publicTrade.BTCUSDT'] },
		answer: { success: true, ret_msg: '', conn_id: 'sim-1', req_id: '', op: 'subscribe' },
	},
	{
		name: 'leaving is acknowledged',
		path: SPOT,
		frame: { op: 'unsubscribe', args: ['publicTrade.BTCUSDT'] },
		answer: { success: true, ret_msg: 'unsubscribe', conn_id: 'sim-1', req_id: '', op: 'unsubscribe' },
	},
	{
		name: 'a ping is answered as a ping',
		path: LINEAR,
		frame: { req_id: 'p1', op: 'ping' },
		answer: { success: true, ret_msg: 'pong', conn_id: 'sim-1', req_id: 'p1', op: 'ping' },
	},
	...[
		'XYZ',
		'orderbook.2.BTCUSDT',
		'orderbook.500.BTCUSDT',
		'orderbook.050.BTCUSDT',
		'orderbook.10000.BTCUSDT',
		'orderbook.full.BTCUSDT',
		'adlAlert.USDT',
		'priceLimit.NOPE',
		'publicTrade.BTCUSDT.x',
		'tickers.btcusdt',
		'tickers.NOPE',
		'order',
	].map((topic) => ({
		name: `${topic} is no topic of contracts`,
		path: LINEAR,
		frame: { op: 'subscribe', args: ['tickers.BTCUSDT', topic] },
		answer: { success: false, ret_msg: `error:handler not found,topic:${topic}`, conn_id: 'sim-1', req_id: '', op: 'subscribe' },
	})),
	{
		name: 'spot names an unknown symbol',
		path: SPOT,
		frame: { op: 'subscribe', args: ['tickers.NOPEUSDT'] },
		answer: { success: false, ret_msg: 'Invalid symbol :[tickers.NOPEUSDT]', conn_id: 'sim-1', req_id: '', op: 'subscribe' },
	},
	{
		name: 'spot has no liquidations',
		path: SPOT,
		frame: { op: 'subscribe', args: ['allLiquidation.BTCUSDT'] },
		answer: {
			success: false,
			ret_msg: 'error:handler not found,topic:allLiquidation.BTCUSDT',
			conn_id: 'sim-1',
			req_id: '',
			op: 'subscribe',
		},
	},
	{
		name: 'spot takes ten topics at once',
		path: SPOT,
		frame: { op: 'subscribe', args: ELEVEN },
		answer: { success: false, ret_msg: 'args size >10', conn_id: 'sim-1', req_id: '', op: 'subscribe' },
	},
	{
		name: 'an unknown operation is refused',
		path: LINEAR,
		frame: { op: 'jump' },
		answer: { success: false, ret_msg: 'error:invalid op', conn_id: 'sim-1', req_id: '', op: 'jump' },
	},
	{
		name: 'arguments must be texts',
		path: LINEAR,
		frame: { op: 'subscribe', args: [1] },
		answer: { success: false, ret_msg: 'error:args invalid', conn_id: 'sim-1', req_id: '', op: 'subscribe' },
	},
	{
		name: 'what is no JSON is refused',
		path: LINEAR,
		frame: '{"op":',
		answer: {
			success: false,
			ret_msg: DECODE_FAILURE,
			conn_id: 'sim-1',
			req_id: '',
			op: '',
		},
	},
];

describe('a public socket', () => {
	test.each(CASES)('$name', ({ path, frame, answer }) => {
		const world = new World();
		const client = world.connect(path);
		expect(world.ask(client, frame)[0]).toEqual(answer);
		expect(client.closedWith).toBeNull();
	});

	test('refuses the whole request over one topic that is active, which goes on', () => {
		const world = new World();
		const client = world.connect(LINEAR);
		world.ask(client, { op: 'subscribe', args: ['publicTrade.BTCUSDT'] });
		const [answer] = world.ask(client, { op: 'subscribe', args: ['tickers.BTCUSDT', 'publicTrade.BTCUSDT'] });
		expect(answer).toMatchObject({ success: false, ret_msg: 'error:already subscribed,topic:publicTrade.BTCUSDT' });
		trade(world, '50000');
		world.pass(200);
		expect(client.take().map(({ topic }) => topic)).toEqual(['publicTrade.BTCUSDT']);
	});

	test('limits the topics of a connection by their length', () => {
		const listings = Array.from({ length: 1_000 }, (_, index) => ({ ...PERP, symbol: `S${1_000 + index}USDT` }));
		const world = new World({ exchange: new Exchange({ listings }) });
		const client = world.connect(LINEAR);
		// A topic has 21 characters.
		const args = listings.map(({ symbol }) => `publicTrade.${symbol}`);
		expect(world.ask(client, { op: 'subscribe', args })).toMatchObject([{ success: true }]);
		expect(world.ask(client, { op: 'subscribe', args: ['tickers.S1000USDT'] })).toMatchObject([{ success: false }]);
		world.ask(client, { op: 'unsubscribe', args: args.slice(0, 1) });
		expect(world.ask(client, { op: 'subscribe', args: ['tickers.S1000USDT'] })).toMatchObject([{ success: true }, {}]);
	});

	test('ignores a pong and stops sending what was left', () => {
		const world = new World();
		const client = world.connect(LINEAR);
		expect(world.ask(client, { op: 'pong' })).toEqual([]);
		world.ask(client, { op: 'subscribe', args: ['publicTrade.BTCUSDT'] });
		world.ask(client, { op: 'unsubscribe', args: ['publicTrade.BTCUSDT'] });
		trade(world, '50000');
		world.pass(100);
		expect(client.take()).toEqual([]);
	});
});

describe('public trades', () => {
	test('come together, oldest first, with the direction of the price on contracts', () => {
		const world = new World();
		const client = world.connect(LINEAR);
		world.ask(client, { op: 'subscribe', args: ['publicTrade.BTCUSDT'] });
		for (const price of ['50000', '50000', '49999', '50001']) trade(world, price);
		world.pass(10);
		const [message, ...more] = client.take();
		expect(more).toEqual([]);
		expect(message).toMatchObject({ topic: 'publicTrade.BTCUSDT', type: 'snapshot', ts: world.nowMs });
		expect(rows(message).map(({ p, L }) => [p, L])).toEqual([
			['50000.0', 'PlusTick'],
			['50000.0', 'ZeroPlusTick'],
			['49999.0', 'MinusTick'],
			['50001.0', 'PlusTick'],
		]);
		expect(rows(message)[0]).toEqual({
			T: NOW_MS,
			s: 'BTCUSDT',
			S: 'Sell',
			v: '0.010',
			p: '50000.0',
			L: 'PlusTick',
			i: ANY_TEXT,
			BT: false,
			RPI: false,
			seq: ANY_NUMBER,
		});
	});
});

describe('tickers', () => {
	test('of contracts are sent whole once, then only what changed', () => {
		const world = new World();
		trade(world, '50000');
		const client = world.connect(LINEAR);
		const [, snapshot] = world.ask(client, { op: 'subscribe', args: ['tickers.BTCUSDT'] });
		expect(snapshot).toMatchObject({
			type: 'snapshot',
			data: { symbol: 'BTCUSDT', lastPrice: '50000.0', bid1Price: '', openInterest: '0.020', tickDirection: 'PlusTick' },
		});
		world.venue.exchange.place(limitOrder('bob', 'buy', '1', '49000'), world.nowMs);
		world.pass(300);
		const messages = client.take();
		expect(messages.map(({ type }) => type)).toEqual(['delta']);
		expect(messages[0]?.['data']).toEqual({ symbol: 'BTCUSDT', bid1Price: '49000.0', bid1Size: '1.000' });
	});

	test('of spot are always whole and show no best prices', () => {
		const world = new World();
		const client = world.connect(SPOT);
		const [, snapshot] = world.ask(client, { op: 'subscribe', args: ['tickers.BTCUSDT'] });
		const fields = Object.keys(asMessage(snapshot?.['data'])).sort();
		expect(fields).toEqual([
			'highPrice24h',
			'lastPrice',
			'lowPrice24h',
			'prevPrice24h',
			'price24hPcnt',
			'symbol',
			'turnover24h',
			'usdIndexPrice',
			'volume24h',
		]);
		world.venue.exchange.setMarkPrice('BTCUSDT.spot', 5_000_000, world.nowMs);
		world.pass(100);
		const [later] = client.take();
		expect(later?.['type']).toBe('snapshot');
		expect(Object.keys(asMessage(later?.['data'])).sort()).toEqual(fields);
	});
});

describe('candles', () => {
	test('are pushed about once a second, confirmed when done, and flat while nothing trades', () => {
		const world = new World();
		world.nowMs = Math.floor(NOW_MS / 60_000) * 60_000;
		const client = world.connect(LINEAR);
		expect(world.ask(client, { op: 'subscribe', args: ['kline.1.BTCUSDT'] })).toHaveLength(1);
		const startMs = world.nowMs;
		trade(world, '50000');
		trade(world, '50010', '0.020');
		world.pass(59_000);
		const [only, ...others] = client.take();
		expect(others).toEqual([]);
		expect(rows(only)[0]).toEqual({
			start: startMs,
			end: startMs + 59_999,
			interval: '1',
			open: '50000.0',
			close: '50010.0',
			high: '50010.0',
			low: '50000.0',
			volume: '0.030',
			turnover: '1500.2',
			confirm: false,
			timestamp: startMs,
		});
		world.pass(2_000);
		const [done, flat] = client.take().map((message) => rows(message)[0]);
		expect(done).toMatchObject({ start: startMs, confirm: true, close: '50010.0' });
		expect(flat).toMatchObject({ start: startMs + 60_000, confirm: false, open: '50010.0', close: '50010.0', volume: '0.000' });
	});

	test('begin where the calendar says, and know what the exchange remembers', () => {
		const world = new World();
		trade(world, '50000');
		const client = world.connect(LINEAR);
		const args = ['kline.5.BTCUSDT', 'kline.D.BTCUSDT', 'kline.W.BTCUSDT', 'kline.M.BTCUSDT'];
		const [, ...candles] = world.ask(client, { op: 'subscribe', args });
		const iso = (value: unknown): string => new Date(Number(value)).toISOString();
		// It is Friday, 13 February 2026, 16:26:40.
		expect(
			candles.map((message) => rows(message)[0]).map((row) => [iso(row?.['start']), iso(row?.['end']), row?.['volume']]),
		).toEqual([
			['2026-02-13T16:25:00.000Z', '2026-02-13T16:29:59.999Z', '0.010'],
			['2026-02-13T00:00:00.000Z', '2026-02-13T23:59:59.999Z', '0.010'],
			['2026-02-09T00:00:00.000Z', '2026-02-15T23:59:59.999Z', '0.010'],
			['2026-02-01T00:00:00.000Z', '2026-02-28T23:59:59.999Z', '0.010'],
		]);
	});
});

describe('candles that end between two ticks', () => {
	test('are confirmed even if the next one has traded already', () => {
		const world = new World();
		world.nowMs = Math.floor(NOW_MS / 60_000) * 60_000 + 59_995;
		const client = world.connect(LINEAR);
		world.ask(client, { op: 'subscribe', args: ['kline.1.BTCUSDT'] });
		trade(world, '50000');
		world.nowMs += 6;
		trade(world, '50010');
		world.pass(1_000);
		const told = client.take().map((message) => rows(message)[0]);
		expect(told.map((row) => [row?.['confirm'], row?.['open'], row?.['close']])).toEqual([
			[true, '50000.0', '50000.0'],
			[false, '50000.0', '50010.0'],
		]);
	});
});

describe('price limits', () => {
	test.each([LINEAR, SPOT])('on %s are told at once and when they move, as REST tells them', (path) => {
		const world = new World();
		const category = path === SPOT ? 'spot' : 'linear';
		const key = path === SPOT ? 'BTCUSDT.spot' : 'BTCUSDT';
		world.venue.exchange.setMarkPrice(key, 500_000, world.nowMs);
		const client = world.connect(path);
		const [, first] = world.ask(client, { op: 'subscribe', args: ['priceLimit.BTCUSDT'] });
		const { ts: _, ...limits } = world.look('/v5/market/price-limit', `category=${category}&symbol=BTCUSDT`);
		expect(first).toEqual({ topic: 'priceLimit.BTCUSDT', data: limits, ts: world.nowMs });
		world.pass(1_000);
		expect(client.take()).toEqual([]);
		world.venue.exchange.setMarkPrice(key, 510_000, world.nowMs);
		world.pass(300);
		const { ts: __, ...moved } = world.look('/v5/market/price-limit', `category=${category}&symbol=BTCUSDT`);
		expect(client.take().map(({ data }) => data)).toEqual(moved['buyLmt'] === limits['buyLmt'] ? [] : [moved]);
	});
});

describe('liquidations', () => {
	test('are a row for each position closed by force, with its side and the price that left its account nothing', () => {
		const world = new World();
		const { exchange } = world.venue;
		const client = world.connect(LINEAR);
		world.ask(client, { op: 'subscribe', args: ['allLiquidation.BTCUSDT'] });
		exchange.setLeverage('ann', 'BTCUSDT', 10_000);
		exchange.setMarkPrice('BTCUSDT', 600_000, world.nowMs);
		trade(world, '60000', '1');
		const left = exchange.balances('ann').find(({ coin }) => coin === 'USDT')?.walletAtoms ?? 0n;
		exchange.withdraw('ann', 'USDT', left - atoms('1000'), world.nowMs);
		world.pass(600);
		expect(client.take()).toEqual([]);
		// Two fills of one close: the book takes a part, the house the rest.
		exchange.place(limitOrder('bob', 'buy', '0.4', '59100'), world.nowMs);
		exchange.setMarkPrice('BTCUSDT', 592_000, world.nowMs);
		world.pass(500);
		expect(client.take()).toEqual([
			{
				topic: 'allLiquidation.BTCUSDT',
				type: 'snapshot',
				ts: ANY_NUMBER,
				data: [{ T: ANY_NUMBER, s: 'BTCUSDT', S: 'Buy', v: '1.000', p: '59000.0' }],
			},
		]);
		expect(exchange.positions('ann').find(({ symbol }) => symbol === 'BTCUSDT')?.qtyLotsSigned).toBe(0);
	});
});

describe('the socket of the venue’s own state', () => {
	test('takes its one topic and has nothing to tell', () => {
		const world = new World();
		const client = world.connect('/v5/public/misc/status');
		expect(world.ask(client, { op: 'subscribe', args: ['system.status'] })).toMatchObject([{ success: true }]);
		expect(world.ask(client, { op: 'subscribe', args: ['tickers.BTCUSDT'] })).toMatchObject([{ success: false }]);
		expect(world.ask(client, { op: 'unsubscribe', args: ['system.status'] })).toMatchObject([{ success: true }]);
	});
});
