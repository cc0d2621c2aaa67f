/** `bybit-api` as it comes from its authors, over real sockets: its REST client. Only the URLs are ours. */
import { RestClientV5 } from 'bybit-api';
import { describe, expect, test } from 'vitest';
import { onlyLoopback, startBox } from './box.ts';
import { codes, good, QTY, SECONDS, SYMBOL, unhurried, useBybitApi } from './bybit-api.ts';
import { eventually } from './wait.ts';

describe.skipIf(!onlyLoopback)('bybit-api over REST', () => {
	const api = useBybitApi({ seed: '13' });

	test('loads the markets with their grids', async () => {
		for (const category of ['spot', 'linear'] as const) {
			const { list } = good(await api.rest.getInstrumentsInfo({ category })).result;
			const found = list.find(({ symbol }) => symbol === SYMBOL);
			expect(found, category).toMatchObject({ symbol: SYMBOL, baseCoin: 'BTC', quoteCoin: 'USDT', status: 'Trading' });
			expect(Number(found?.priceFilter.tickSize)).toBeGreaterThan(0);
		}
		expect(good(await api.rest.getInstrumentsInfo({ category: 'inverse' })).result.category).toBe('inverse');
	});

	test('reads the time, a ticker, candles and trades', async () => {
		const { time, result } = good(await api.rest.getServerTime());
		expect(Math.abs(time - Date.now())).toBeLessThan(60_000);
		expect(Number(result.timeSecond)).toBe(Math.floor(Number(result.timeNano) / 1e9));
		const ticker = good(await api.rest.getTickers({ category: 'linear', symbol: SYMBOL })).result.list[0];
		expect(Number(ticker?.bid1Price)).toBeLessThan(Number(ticker?.ask1Price));
		const trades = await eventually('a public trade', async () => {
			const { list } = good(await api.rest.getPublicTradingHistory({ category: 'linear', symbol: SYMBOL, limit: 5 })).result;
			return list.length > 0 ? list : undefined;
		});
		expect(trades[0]).toMatchObject({ symbol: SYMBOL, side: expect.stringMatching(/^(Buy|Sell)$/) as string });
		const { list: candles } = good(
			await api.rest.getKline({ category: 'linear', symbol: SYMBOL, interval: '1', limit: 5 }),
		).result;
		expect(candles[0]).toHaveLength(7);
	});

	test('sees what kind of key and account it has', async () => {
		expect(good(await api.rest.getQueryApiKey()).result).toMatchObject({ apiKey: api.box.account.apiKey, uta: 1 });
		expect([5, 6]).toContain(good(await api.rest.getAccountInfo()).result.unifiedMarginStatus);
	});

	test('reads its balances and its fees', async () => {
		const wallet = good(await api.rest.getWalletBalance({ accountType: 'UNIFIED' })).result.list[0];
		const usdt = wallet?.coin.find(({ coin }) => coin === 'USDT');
		expect(Number(usdt?.walletBalance)).toBeGreaterThan(0);
		const fee = good(await api.rest.getFeeRate({ category: 'linear', symbol: SYMBOL })).result.list[0];
		expect(fee).toMatchObject({ symbol: SYMBOL, makerFeeRate: '0.0002', takerFeeRate: '0.00055' });
	});

	test('places, amends and cancels', async () => {
		const orderId = await api.placeFarBelow('api-amended');
		expect(await api.order(orderId)).toMatchObject({ orderStatus: 'New', orderLinkId: 'api-amended', qty: QTY, leavesQty: QTY });
		const price = ((await api.prices()).bid * 0.97).toFixed(1);
		good(await api.rest.amendOrder({ category: 'linear', symbol: SYMBOL, orderId, qty: '0.020', price }));
		const amended = await api.order(orderId);
		expect([Number(amended?.qty), Number(amended?.price)]).toEqual([0.02, Number(price)]);
		good(await api.rest.cancelOrder({ category: 'linear', symbol: SYMBOL, orderLinkId: 'api-amended' }));
		expect(await api.order(orderId)).toMatchObject({
			orderStatus: 'Cancelled',
			cancelType: 'CancelByUser',
			cumExecQty: expect.stringMatching(/^0/) as string,
		});
		const again = await api.rest.cancelOrder({ category: 'linear', symbol: SYMBOL, orderId });
		expect(again.retCode).toBe(110001);
	});

	test('is refused a second order under the same id', async () => {
		const orderId = await api.placeFarBelow('api-twice');
		const { farBelow: price } = await api.prices();
		const twin = { category: 'linear', symbol: SYMBOL, side: 'Buy', orderType: 'Limit', qty: QTY, price } as const;
		expect((await unhurried(() => api.rest.submitOrder({ ...twin, orderLinkId: 'api-twice' }))).retCode).toBe(110072);
		good(await api.rest.cancelOrder({ category: 'linear', symbol: SYMBOL, orderId }));
	});

	test.each(['linear', 'spot'] as const)('sends %s batches of which some items fail', async (category) => {
		const { farBelow: price } = await api.prices();
		const buy = { symbol: SYMBOL, side: 'Buy', orderType: 'Limit', price, timeInForce: 'PostOnly' } as const;
		const created = await api.rest.batchSubmitOrders(category, [
			{ ...buy, qty: QTY, orderLinkId: `${category}-b1` },
			{ ...buy, qty: '0.0000000001', orderLinkId: `${category}-b2` },
			{ ...buy, qty: QTY, orderLinkId: `${category}-b3` },
		]);
		expect(codes(created)).toEqual([0, expect.any(Number), 0]);
		expect(codes(created)[1]).toBeGreaterThan(10_000);
		const placed = good(created).result.list.map(({ orderId, createAt }) => orderId !== '' && createAt !== '');
		expect(placed).toEqual([true, false, true]);

		const gone = category === 'linear' ? 110001 : 170213;
		const amended = await api.rest.batchAmendOrders(category, [
			{ symbol: SYMBOL, orderLinkId: `${category}-b1`, qty: '0.020' },
			{ symbol: SYMBOL, orderLinkId: `${category}-b2`, qty: '0.020' },
		]);
		expect(codes(amended)).toEqual([0, gone]);

		const cancelled = await api.rest.batchCancelOrders(category, [
			{ symbol: SYMBOL, orderLinkId: `${category}-b2` },
			{ symbol: SYMBOL, orderLinkId: `${category}-b1` },
			{ symbol: SYMBOL, orderLinkId: `${category}-b3` },
		]);
		expect(codes(cancelled)).toEqual([gone, 0, 0]);
		expect(good(await api.rest.getActiveOrders({ category, symbol: SYMBOL })).result.list).toEqual([]);
	});

	test(
		'pages through more than 50 closed orders and meets each once',
		async () => {
			const { farBelow: price } = await api.prices();
			const names = Array.from({ length: 63 }, (_, index) => `page-${index}`);
			let waiting = names;
			await eventually(
				'63 orders within the rate limit',
				async () => {
					const items = waiting.slice(0, 10);
					const orders = items.map(
						(orderLinkId) => ({ symbol: SYMBOL, side: 'Buy', orderType: 'Limit', qty: QTY, price, orderLinkId }) as const,
					);
					const sent = codes(await api.rest.batchSubmitOrders('linear', orders));
					expect(sent.filter((code) => code !== 0 && code !== 10006)).toEqual([]);
					waiting = [...items.filter((_, index) => sent[index] !== 0), ...waiting.slice(10)];
					return waiting.length === 0 ? true : undefined;
				},
				{ withinMs: 30 * SECONDS },
			);
			const { list } = good(await api.rest.cancelAllOrders({ category: 'linear', symbol: SYMBOL })).result;
			expect(list).toHaveLength(names.length);

			const seen: string[] = [];
			const sizes: number[] = [];
			for (let cursor: string | undefined; cursor !== ''; ) {
				const page = good(
					await api.rest.getHistoricOrders({
						category: 'linear',
						symbol: SYMBOL,
						limit: 50,
						...(cursor === undefined ? {} : { cursor }),
					}),
				).result;
				seen.push(...page.list.map(({ orderLinkId }) => orderLinkId));
				sizes.push(page.list.length);
				cursor = page.nextPageCursor ?? '';
				expect(sizes.length).toBeLessThan(10);
			}
			expect(sizes[0]).toBe(50);
			expect(seen).toHaveLength(new Set(seen).size);
			expect(seen.filter((name) => name.startsWith('page-')).sort()).toEqual([...names].sort());
		},
		60 * SECONDS,
	);

	test('earns the fee of a maker when somebody else takes its order', async () => {
		const calm = await startBox(['--market', 'quiet']);
		try {
			const [maker, taker] = calm.line.accounts.map(
				({ apiKey: key, apiSecret: secret }) => new RestClientV5({ baseUrl: calm.bybit.rest, key, secret }),
			);
			if (maker === undefined || taker === undefined) throw new Error('the box has no two accounts');
			const { result: book } = good(await maker.getOrderbook({ category: 'linear', symbol: SYMBOL, limit: 1 }));
			const price = ((Number(book.b[0]?.[0]) + Number(book.a[0]?.[0])) / 2).toFixed(1);
			const limit = { category: 'linear', symbol: SYMBOL, orderType: 'Limit', qty: QTY, price } as const;
			const { orderId } = good(await maker.submitOrder({ ...limit, side: 'Buy', timeInForce: 'PostOnly' })).result;
			good(await taker.submitOrder({ ...limit, side: 'Sell', timeInForce: 'IOC' }));
			const fill = await eventually('the fill', async () => {
				const { list } = good(await maker.getExecutionList({ category: 'linear', symbol: SYMBOL, orderId })).result;
				return list[0];
			});
			expect(fill).toMatchObject({ orderId, isMaker: true, feeRate: '0.0002', execQty: QTY, leavesQty: '0.000' });
			expect([Number(fill.execPrice), Number(fill.execFee)]).toEqual([Number(price), Number(fill.execValue) * 0.0002]);
			const { list } = good(await taker.getPositionInfo({ category: 'linear', symbol: SYMBOL })).result;
			expect(list[0]).toMatchObject({ side: 'Sell', size: QTY });
		} finally {
			expect(await calm.stop()).toBe(0);
		}
	});

	test('sets its leverage, and hears 110043 when that is what it has', async () => {
		const leverage = { category: 'linear', symbol: 'ETHUSDT', buyLeverage: '7', sellLeverage: '7' } as const;
		good(await api.rest.setLeverage(leverage));
		expect((await api.rest.setLeverage(leverage)).retCode).toBe(110043);
		const { list } = good(await api.rest.getPositionInfo({ category: 'linear', symbol: 'ETHUSDT' })).result;
		expect(Number(list[0]?.leverage)).toBe(7);
	});

	test('is told 10004 when the signature is wrong', async () => {
		const forger = api.restClient({ secret: `${api.box.account.apiSecret}x` });
		const reads = await forger.getWalletBalance({ accountType: 'UNIFIED' });
		expect(reads.retCode).toBe(10004);
		expect((await forger.cancelAllOrders({ category: 'linear', symbol: SYMBOL })).retCode).toBe(10004);
	});

	test('is told 10002 when its timestamp has expired', async () => {
		const late = api.restClient();
		Reflect.set(late, 'timeOffset', -60_000); // what its own synchronisation with a wrong clock would leave behind
		expect((await late.getWalletBalance({ accountType: 'UNIFIED' })).retCode).toBe(10002);
	});

	test('is refused with 10006 and the headers once it asks too often', async () => {
		const asked = await Promise.all(
			Array.from({ length: 12 }, () => api.rest.getFeeRate({ category: 'linear', symbol: SYMBOL })),
		);
		const refused = asked.filter(({ retCode }) => retCode === 10006);
		expect(asked.filter(({ retCode }) => retCode !== 0 && retCode !== 10006)).toEqual([]);
		expect(refused.length).toBeGreaterThanOrEqual(12 - 2 * 5);
		for (const { rateLimitApi } of refused) {
			expect(rateLimitApi).toMatchObject({ maxRequests: 5, remainingRequests: 0 });
			expect(rateLimitApi?.resetAtTimestamp).toBeGreaterThan(Date.now() - 10_000);
		}
		good(await unhurried(() => api.rest.getFeeRate({ category: 'linear', symbol: SYMBOL })));
	});
});
