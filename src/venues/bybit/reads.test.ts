/** Reads against a scripted venue: shapes, pages, and what a list that is not whole is worth. */
import { describe, expect, test } from 'vitest';
import { NO_PATIENCE } from '../wire/patience.ts';
import { type Answering, json, lost, reply, settle } from '../wire/rest-scene.suite.ts';
import { BybitReads, type Read } from './reads.ts';
import { envelope, makeScene, START_MS } from './rest-scene.suite.ts';

function scene(answering: Answering) {
	const made = makeScene(answering);
	return { ...made, reads: new BybitReads(made.rest, NO_PATIENCE) };
}

async function read<Value>(answering: Answering, ask: (reads: BybitReads) => Promise<Read<Value>>) {
	const { clock, reads, calls } = scene(answering);
	const found = await settle(clock, ask(reads));
	return { found, targets: calls.map(({ target }) => target), bodies: calls.map(({ body }) => body) };
}

const answer =
	(result: unknown): Answering =>
	() =>
		json(envelope({ result }));

const POSITION = {
	positionIdx: 0,
	riskId: 1,
	symbol: 'BTCUSDT',
	side: 'Buy',
	size: '0.004',
	avgPrice: '64990.00',
	leverage: '10',
	markPrice: '64995.10',
	unrealisedPnl: '0.0204',
	positionStatus: 'Normal',
	updatedTime: '1771000000140',
	seq: 300400500601,
};

test('whoever looks at the screen waits less long for each attempt', async () => {
	const { rest, clock, calls } = makeScene(answer({ dcpInfos: [] }));
	await settle(clock, new BybitReads(rest).dcp());
	await settle(clock, new BybitReads(rest, NO_PATIENCE, 700).dcp());
	expect(calls.map(({ timeoutMs }) => timeoutMs)).toEqual([10_000, 700]);
});

describe('shapes', () => {
	test('members that nobody asked for are dropped, hostile ones too (F83)', async () => {
		const list = [{ ...POSITION, constructor: 'x', __proto__: { polluted: 'yes' } }];
		const text = JSON.stringify(envelope({ result: { list } })).replace('"riskId"', '"__proto__":{"polluted":"yes"},"riskId"');
		const { found } = await read(
			() => reply(text),
			(reads) => reads.positions({ category: 'linear', symbol: 'BTCUSDT' }),
		);
		if (found.kind === 'failed') throw new Error(found.sentence);
		const [row] = found.value;
		expect(Object.keys(row ?? {}).sort()).toEqual([
			'avgPrice',
			'leverage',
			'markPrice',
			'positionIdx',
			'positionStatus',
			'side',
			'size',
			'symbol',
			'unrealisedPnl',
			'updatedTime',
		]);
		expect((row as unknown as Record<string, unknown>)['polluted']).toBeUndefined();
		expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
	});

	test.each([
		['no object', 'BTCUSDT'],
		['no list', {}],
		['a size that is a number', { list: [{ ...POSITION, size: 0.004 }] }],
		['a size in scientific notation', { list: [{ ...POSITION, size: '4e-3' }] }],
		['an unknown side', { list: [{ ...POSITION, side: 'Both' }] }],
		['a row that is null', { list: [null] }],
		['one good row and one bad one', { list: [POSITION, {}] }],
	])('%s is no answer about positions', async (_what, result) => {
		const { found } = await read(answer(result), (reads) => reads.positions({ category: 'linear', symbol: 'BTCUSDT' }));
		expect(found).toMatchObject({
			kind: 'failed',
			class: 'transient',
			sentence: expect.stringContaining('/v5/position/list') as string,
		});
	});

	test('the sentence names the place and what was expected, never what was found', async () => {
		const { found } = await read(answer({ list: [{ ...POSITION, size: '<script>' }] }), (reads) =>
			reads.positions({ category: 'linear' }),
		);
		expect(found).toMatchObject({ sentence: expect.stringContaining('size: expected a plain decimal') as string });
		expect(JSON.stringify(found)).not.toContain('script');
	});

	test('market data', async () => {
		const kline = ['1771000020000', '65001.20', '65003.00', '65000.00', '65002.10', '3.210', '208660.4'];
		const book = { s: 'BTCUSDT', b: [['64999.90', '1.250']], a: [], ts: 1, u: 2, seq: 3 };
		const ticker = { symbol: 'BTCUSDT', lastPrice: '65000', bid1Price: '', usdIndexPrice: '64980.12' };
		const asked = [
			await read(answer({ list: [kline] }), (reads) => reads.klines('linear', 'BTCUSDT', { interval: '1', limit: 2 })),
			await read(answer(book), (reads) => reads.orderBook('spot', 'BTCUSDT', 50)),
			await read(answer({ list: [ticker] }), (reads) => reads.tickers('spot')),
			await read(answer({ timeSecond: '1' }), (reads) => reads.serverTimeMs()),
		];
		expect(asked.flatMap(({ targets }) => targets)).toEqual([
			'/v5/market/kline?category=linear&symbol=BTCUSDT&interval=1&limit=2',
			'/v5/market/orderbook?category=spot&symbol=BTCUSDT&limit=50',
			'/v5/market/tickers?category=spot',
			'/v5/market/time',
		]);
		expect(asked.map(({ found }) => found)).toMatchObject([
			{ kind: 'ok', value: [kline] },
			{ kind: 'ok', value: book },
			{ kind: 'ok', value: [{ symbol: 'BTCUSDT', lastPrice: '65000', bid1Price: '' }] },
			{ kind: 'ok', value: expect.any(Number) as number },
		]);
	});

	test('account data', async () => {
		const coin = {
			coin: 'USDT',
			equity: '50000.10',
			walletBalance: '50000.05',
			locked: '0',
			totalOrderIM: '39',
			totalPositionIM: '26.1',
			unrealisedPnl: '0.02',
			borrowAmount: '0',
		};
		const wallet = {
			accountType: 'UNIFIED',
			totalEquity: '50000.10',
			totalAvailableBalance: '49900.00',
			totalInitialMargin: '65.1',
			totalMaintenanceMargin: '1.3',
			accountMMRate: '0.0001',
			coin: [coin],
		};
		const { found, targets } = await read(answer({ list: [wallet] }), (reads) => reads.wallet(['USDT', 'BTC']));
		expect(found).toMatchObject({ kind: 'ok', value: { totalEquity: '50000.10', coin: [coin] } });
		expect(targets).toEqual(['/v5/account/wallet-balance?accountType=UNIFIED&coin=USDT%2CBTC']);
		const none = await read(answer({ list: [] }), (reads) => reads.wallet());
		expect(none.found.kind).toBe('failed');
		const noDcp = await read(answer({}), (reads) => reads.dcp());
		expect(noDcp.found).toMatchObject({ kind: 'ok', value: [] });
	});
});

describe('lists of several pages (F31)', () => {
	const pages =
		(cursors: readonly string[], broken?: (page: number) => ReturnType<Answering>): Answering =>
		({ target }) => {
			const at = new URL(target, 'https://venue.test').searchParams.get('cursor');
			const page = at === null ? 0 : cursors.indexOf(at) + 1;
			const own = broken?.(page);
			if (own !== undefined) return own;
			return json(
				envelope({
					result: { category: 'linear', list: [{ page }], nextPageCursor: cursors[page] ?? '' },
					time: START_MS + page,
				}),
			);
		};
	const openOrders = (reads: BybitReads) => reads.openOrderRows({ category: 'linear', settleCoin: 'USDT' });

	test('are followed to their end, and as old as their first page', async () => {
		const { found, targets } = await read(pages(['a%2C1', 'b']), openOrders);
		expect(found).toMatchObject({ kind: 'ok', value: [{ page: 0 }, { page: 1 }, { page: 2 }], venueAtMs: START_MS });
		const first = '/v5/order/realtime?category=linear&settleCoin=USDT&limit=50';
		expect(targets).toEqual([first, `${first}&cursor=a%252C1`, `${first}&cursor=b`]);
	});

	test.each([
		['a cursor that comes round again', pages(['a', 'a'])],
		['an error on the second page', pages(['a'], (page) => (page === 1 ? json(envelope({ retCode: 10016 })) : undefined))],
		['silence on the second page', pages(['a'], (page) => (page === 1 ? lost('timeout') : undefined))],
		['a page without a list', pages(['a'], (page) => (page === 1 ? json(envelope({ result: {} })) : undefined))],
		[
			'a page of another category',
			pages(['a'], (page) => (page === 1 ? json(envelope({ result: { category: 'spot', list: [] } })) : undefined)),
		],
		[
			'an answer that does not say when it was',
			pages(['a'], (page) => (page === 1 ? reply('{"retCode":0,"result":{"list":[]}}') : undefined)),
		],
	])('%s makes the whole list worthless (F32)', async (_what, answering) => {
		const { found } = await read(answering, openOrders);
		expect(found).toMatchObject({ kind: 'failed', class: 'transient' });
	});

	test('a cursor that never ends is given up', async () => {
		let count = 0;
		const { found, targets } = await read(() => {
			count += 1;
			return json(envelope({ result: { list: [], nextPageCursor: `c${count}` } }));
		}, openOrders);
		expect(found.kind).toBe('failed');
		expect(targets.length).toBeLessThanOrEqual(200);
	});

	test('a refusal keeps its class and code', async () => {
		const { found } = await read(() => json(envelope({ retCode: 10005, retMsg: 'Permission denied' })), openOrders);
		expect(found).toMatchObject({ kind: 'failed', class: 'auth', code: 10005 });
	});
});

describe('changes', () => {
	test('cancel-all and disconnect protection say what they were given', async () => {
		const cancelled = { list: [{ orderId: 'v', orderLinkId: 'c', more: 1 }], success: '1' };
		const all = await read(answer(cancelled), (reads) => reads.cancelAll({ category: 'linear', symbol: 'BTCUSDT' }));
		expect(all.found).toMatchObject({ kind: 'ok', value: [{ orderId: 'v', orderLinkId: 'c' }] });
		expect(all.bodies).toEqual(['{"category":"linear","symbol":"BTCUSDT"}']);
		const dcp = await read(answer(undefined), (reads) => reads.setDcp('DERIVATIVES', 10));
		expect(dcp.found.kind).toBe('ok');
		expect(dcp.bodies).toEqual(['{"product":"DERIVATIVES","timeWindow":10}']);
	});

	test('a leverage that is set already is as good as one that was set; one out of range is not', async () => {
		const set = (retCode: number) =>
			read(
				() => json(envelope({ retCode })),
				(reads) => reads.setLeverage('linear', 'BTCUSDT', '5'),
			);
		expect((await set(0)).found.kind).toBe('ok');
		expect((await set(110043)).found.kind).toBe('ok');
		expect((await set(110013)).found).toMatchObject({ kind: 'failed', class: 'fatal', code: 110013 });
	});
});
