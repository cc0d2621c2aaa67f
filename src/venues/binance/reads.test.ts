/** What is asked, what it weighs, and what becomes of answers that are not what they should be. */
import { describe, expect, test } from 'vitest';
import { NO_PATIENCE } from '../wire/patience.ts';
import { type Answering, json, lost, reply, settle } from '../wire/rest-scene.suite.ts';
import type { Market } from './codec/frames.ts';
import type { Read } from './read.ts';
import { BinanceReads, depthWeight } from './reads.ts';
import { makeScene, refusal } from './rest-scene.suite.ts';

function open(answering: Answering, market: Market = 'spot') {
	const scene = makeScene(answering, { market });
	return { ...scene, reads: new BinanceReads(scene.rest, NO_PATIENCE) };
}

type Asking = (reads: BinanceReads) => Promise<Read<unknown> | { readonly kind: 'done' }>;

const ASKED: readonly (readonly [market: Market, target: string, weight: number, ask: Asking])[] = [
	['spot', '/api/v3/exchangeInfo', 20, (reads) => reads.exchangeInfo()],
	['linear', '/fapi/v1/exchangeInfo', 1, (reads) => reads.exchangeInfo()],
	['spot', '/api/v3/ticker/bookTicker?symbol=BTCUSDT', 2, (reads) => reads.bookTicker('BTCUSDT')],
	['spot', '/api/v3/ticker/bookTicker', 4, (reads) => reads.bookTickers()],
	['linear', '/fapi/v1/ticker/bookTicker', 5, (reads) => reads.bookTickers()],
	['spot', '/api/v3/depth?symbol=BTCUSDT&limit=1000', 50, (reads) => reads.depth('BTCUSDT', 1_000)],
	['linear', '/fapi/v1/depth?symbol=BTCUSDT&limit=1000', 20, (reads) => reads.depth('BTCUSDT', 1_000)],
	['spot', '/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1000', 2, (reads) => reads.klines('BTCUSDT', { interval: '1m' })],
	['linear', '/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=1500', 10, (reads) => reads.klines('BTCUSDT', { interval: '1m' })],
	['linear', '/fapi/v1/premiumIndex?symbol=BTCUSDT', 1, (reads) => reads.premium('BTCUSDT')],
	['linear', '/fapi/v1/premiumIndex', 10, (reads) => reads.premiums()],
	['spot', '/api/v3/ticker/24hr?symbols=%5B%22A%22%2C%22B%22%5D', 2, (reads) => reads.dayRows(['A', 'B'])],
	['linear', '/fapi/v1/ticker/price?symbol=BTCUSDT', 1, (reads) => reads.futuresRows('last', 'BTCUSDT')],
	['linear', '/fapi/v1/ticker/price', 2, (reads) => reads.futuresRows('last')],
	['linear', '/fapi/v1/ticker/bookTicker?symbol=BTCUSDT', 2, (reads) => reads.futuresRows('best', 'BTCUSDT')],
	['linear', '/fapi/v1/ticker/bookTicker', 5, (reads) => reads.futuresRows('best')],
	['linear', '/fapi/v1/premiumIndex?symbol=BTCUSDT', 1, (reads) => reads.futuresRows('mark', 'BTCUSDT')],
	['linear', '/fapi/v1/premiumIndex', 10, (reads) => reads.futuresRows('mark')],
	['spot', '/api/v3/openOrders?symbol=BTCUSDT&', 6, (reads) => reads.openOrderRows('BTCUSDT')],
	['spot', '/api/v3/openOrders?recvWindow', 80, (reads) => reads.openOrderRows()],
	['linear', '/fapi/v1/openOrders?symbol=BTCUSDT&', 1, (reads) => reads.openOrderRows('BTCUSDT')],
	['linear', '/fapi/v1/openOrders?recvWindow', 40, (reads) => reads.openOrderRows()],
	['spot', '/api/v3/order?symbol=BTCUSDT&orderId=7&', 4, (reads) => reads.orderRow('BTCUSDT', { venueOrderId: '7' })],
	[
		'linear',
		'/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=mm-1&',
		1,
		(reads) => reads.orderRow('BTCUSDT', { clientOrderId: 'mm-1' }),
	],
	['spot', '/api/v3/myTrades?symbol=BTCUSDT&orderId=7&limit=1000&', 5, (reads) => reads.tradeRowsOf('BTCUSDT', '7')],
	['linear', '/fapi/v1/userTrades?symbol=BTCUSDT&orderId=7&limit=1000&', 5, (reads) => reads.tradeRowsOf('BTCUSDT', '7')],
	['spot', '/api/v3/account?omitZeroBalances=true&', 20, (reads) => reads.balanceRows()],
	['linear', '/fapi/v3/balance?', 5, (reads) => reads.balanceRows()],
	['linear', '/fapi/v3/account?', 5, (reads) => reads.futuresAccount()],
	['linear', '/fapi/v1/income?incomeType=FUNDING_FEE&', 30, (reads) => reads.fundingRows(0, () => 1)],
	['linear', '/fapi/v3/positionRisk?', 5, (reads) => reads.positionRows()],
	['spot', '/api/v3/account/commission?symbol=BTCUSDT&', 20, (reads) => reads.fees('BTCUSDT')],
	['linear', '/fapi/v1/commissionRate?symbol=BTCUSDT&', 20, (reads) => reads.fees('BTCUSDT')],
	['spot', '/api/v3/openOrders?symbol=BTCUSDT&', 1, (reads) => reads.cancelAll('BTCUSDT')],
	['linear', '/fapi/v1/allOpenOrders?symbol=BTCUSDT&', 1, (reads) => reads.cancelAll('BTCUSDT')],
];

test.each(ASKED)('%s %s weighs %s', async (market, target, weight, asking) => {
	const { reads, calls, clock, weights } = open(() => json(null), market);
	const spent: number[] = [];
	const spend = weights.spend.bind(weights);
	weights.spend = (each, nowMs) => {
		spent.push(each);
		spend(each, nowMs);
	};
	await settle(clock, asking(reads));
	expect(spent).toEqual([weight]);
	expect(calls).toHaveLength(1);
	expect(calls[0]?.target.startsWith(target)).toBe(true);
	expect(calls[0]?.target.includes('signature')).toBe(target.includes('?recv') || /[&?]$/.test(target));
});

test.each([
	['spot', 100, 5],
	['spot', 101, 25],
	['spot', 1_000, 50],
	['spot', 5_000, 250],
	['linear', 50, 2],
	['linear', 100, 5],
	['linear', 500, 10],
	['linear', 1_000, 20],
] as const)('a book of %s of %s levels weighs %s', (market, limit, weight) => {
	expect(depthWeight(market, limit)).toBe(weight);
});

describe('what nobody waits for any more', () => {
	function wanting(market: Market) {
		const scene = makeScene(() => refusal(-1001, 'Internal error; unable to process your request.'), { market });
		const state = { isWanted: true };
		const terms = { rank: 'models', isWanted: () => state.isWanted } as const;
		return { ...scene, state, reads: new BinanceReads(scene.rest, undefined, 5_000, terms) };
	}

	test('is not asked again', async () => {
		const { clock, reads, state, calls } = wanting('spot');
		const read = reads.lastPrice('BTCUSDT');
		clock.run(500);
		state.isWanted = false;
		expect(await settle(clock, read)).toMatchObject({
			kind: 'failed',
			sentence: expect.stringContaining('nobody waits') as string,
		});
		expect(calls).toHaveLength(1);
	});

	test('and has waited for room is not sent either, and proves nothing about the endpoint', async () => {
		const { clock, reads, state, calls, weights } = wanting('spot');
		weights.spend(6_000, clock.wallMs());
		const waiting = Array.from({ length: 10 }, () => reads.lastPrice('BTCUSDT'));
		clock.run(1_000);
		state.isWanted = false;
		await settle(clock, Promise.all(waiting));
		expect(calls).toHaveLength(0);
		// More than a breaker bears of failures.
		state.isWanted = true;
		await settle(clock, reads.lastPrice('BTCUSDT'));
		expect(calls.length).toBeGreaterThan(0);
	});
});

describe('an answer that is no answer', () => {
	const ROW = { symbol: 'BTCUSDT', bidPrice: '1', bidQty: '1', askPrice: '2', askQty: '1' };

	test.each([
		[
			'a refusal',
			refusal(-1121, 'Invalid symbol.'),
			'fatal',
			-1121,
			'Binance refuses /api/v3/ticker/bookTicker: symbol unknown (-1121: Invalid symbol.)',
		],
		['silence', lost('reset'), 'transient', undefined, 'no answer to'],
		['HTML', reply('<html>'), 'transient', undefined, 'cannot be used: HTTP 200 with a body of 6 bytes'],
		['a row without a price', json({ ...ROW, askPrice: undefined }), 'transient', undefined, 'askPrice'],
		['a price that is a number', json({ ...ROW, askPrice: 2 }), 'transient', undefined, 'askPrice'],
		['a price that is text of theirs', json({ ...ROW, askPrice: 'EVIL' }), 'transient', undefined, 'expected a plain decimal'],
	] as const)('%s is a failure with one sentence', async (_what, said, failure, code, sentence) => {
		const { reads, clock } = open(() => said);
		const read = await settle(clock, reads.bookTicker('BTCUSDT'));
		expect(read).toMatchObject({ kind: 'failed', class: failure, code, sentence: expect.stringContaining(sentence) as string });
		expect(JSON.stringify(read)).not.toContain('EVIL');
	});

	test('what is good is stripped of what we did not ask for (F83)', async () => {
		const { reads, clock } = open(() => json({ ...ROW, evil: '<script>' }));
		expect(await settle(clock, reads.bookTicker('BTCUSDT'))).toMatchObject({ kind: 'ok', value: ROW });
		expect(JSON.stringify(await settle(clock, reads.bookTicker('BTCUSDT')))).not.toContain('script');
	});

	test('an order that is not there says so (F21)', async () => {
		const { reads, clock } = open(() => refusal(-2013, 'Order does not exist.'), 'linear');
		const read = await settle(clock, reads.orderRow('BTCUSDT', { clientOrderId: 'mm-1' }));
		expect(read).toMatchObject({ kind: 'failed', class: 'benign', code: -2013 });
	});

	test('nothing left to cancel is as good as all cancelled', async () => {
		const { reads, clock, calls } = open(() => refusal(-2011, 'Unknown order sent.'));
		expect(await settle(clock, reads.cancelAll('BTCUSDT'))).toEqual({ kind: 'done' });
		expect(calls[0]?.method).toBe('DELETE');
		const { reads: others, clock: later } = open(() => refusal(-2015, 'Invalid API-key.'));
		expect(await settle(later, others.cancelAll('BTCUSDT'))).toMatchObject({ kind: 'failed', class: 'auth' });
	});
});

test('candles of both markets', async () => {
	const row = [1_771_000_000_000, '1.0', '3.0', '0.5', '2.0', '10', 1_771_000_059_999, '15.5', 7, '4', '6.2', '0'];
	const { reads, clock } = open(() => json([row]));
	expect(await settle(clock, reads.klines('BTCUSDT', { interval: '1m', limit: 1 }))).toMatchObject({
		kind: 'ok',
		value: [
			{
				openAtMs: 1_771_000_000_000,
				open: '1.0',
				high: '3.0',
				low: '0.5',
				close: '2.0',
				volume: '10',
				closeAtMs: 1_771_000_059_999,
				quoteVolume: '15.5',
				tradeCount: 7,
			},
		],
	});
});
