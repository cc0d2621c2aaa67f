/** `bybit-api` as it comes from its authors, over real sockets: its private stream. Only the URLs are ours. */
import { beforeAll, describe, expect, test } from 'vitest';
import { onlyLoopback } from './box.ts';
import { type Frame, fits, good, QTY, SYMBOL, type Trouble, unhurried, useBybitApi } from './bybit-api.ts';
import { Inbox } from './wait.ts';

describe.skipIf(!onlyLoopback)('bybit-api over its private stream', () => {
	const api = useBybitApi({ seed: '19' });

	let frames: Inbox<Frame>;
	let troubles: Inbox<Trouble>;

	beforeAll(async () => {
		const stream = api.streams('private', api.box.bybit.private);
		({ frames, troubles } = stream);
		const answers = new Inbox<{ op?: string; success?: boolean }>();
		stream.client.on('response', (answer: { op?: string; success?: boolean }) => answers.push(answer));
		void stream.client.subscribeV5(['order', 'execution', 'position', 'wallet'], 'linear', true);
		await answers.find('the subscription', ({ op, success }) => op === 'subscribe' && success === true);
	});

	const about = (topic: string, orderId: string, more: Readonly<Record<string, unknown>> = {}) =>
		frames
			.find(
				`${topic} of ${orderId}`,
				(frame) => frame.topic === topic && frame.data.some((item) => item['orderId'] === orderId && fits(item, more)),
			)
			.then(({ data }) => data.find((item) => item['orderId'] === orderId && fits(item, more)) ?? {});

	test('sees an order rest, change and go', async () => {
		const orderId = await api.placeFarBelow('api-watched');
		expect(await about('order', orderId, { orderStatus: 'New' })).toMatchObject({
			category: 'linear',
			symbol: SYMBOL,
			orderLinkId: 'api-watched',
		});
		good(await api.rest.amendOrder({ category: 'linear', symbol: SYMBOL, orderId, qty: '0.020' }));
		await about('order', orderId, { orderStatus: 'New', qty: '0.020' });
		good(await api.rest.cancelOrder({ category: 'linear', symbol: SYMBOL, orderId }));
		await about('order', orderId, { orderStatus: 'Cancelled', cancelType: 'CancelByUser' });
	});

	test('sees a post-only order that would cross accepted first and cancelled with the reason then', async () => {
		const orderId = await api.placeFarBelow('api-crossing', (await api.prices()).crossing);
		expect(orderId).not.toBe('');
		expect(await about('order', orderId, { orderStatus: 'Cancelled' })).toMatchObject({
			rejectReason: 'EC_PostOnlyWillTakeLiquidity',
			cumExecQty: expect.stringMatching(/^0/) as string,
		});
		expect(await api.order(orderId)).toMatchObject({ orderStatus: 'Cancelled', rejectReason: 'EC_PostOnlyWillTakeLiquidity' });
	});

	test('buys with a fee, holds a position, and closes it', async () => {
		const before = await api.positionSize();
		const market = { category: 'linear', symbol: SYMBOL, orderType: 'Market', qty: QTY } as const;
		const { orderId } = good(await unhurried(() => api.rest.submitOrder({ ...market, side: 'Buy' }))).result;
		await about('order', orderId, { orderStatus: 'Filled' });
		const fill = await about('execution', orderId, { execType: 'Trade' });
		expect(fill).toMatchObject({ category: 'linear', side: 'Buy', isMaker: false, feeRate: '0.00055', feeCurrency: 'USDT' });
		expect(Number(fill['execFee'])).toBeCloseTo(Number(fill['execValue']) * 0.00055, 6);

		const listed = good(await api.rest.getExecutionList({ category: 'linear', symbol: SYMBOL, orderId })).result.list;
		expect(listed.map(({ execId }) => execId)).toContain(fill['execId']);
		expect(listed.reduce((sum, { execQty }) => sum + Number(execQty), 0)).toBeCloseTo(Number(QTY), 9);

		const held = await frames.find(
			'the position',
			({ topic, data }) => topic === 'position' && data.some((item) => item['symbol'] === SYMBOL && Number(item['size']) > 0),
		);
		expect(Number(held.data[0]?.['entryPrice'])).toBeGreaterThan(0);
		await frames.find('the wallet', ({ topic }) => topic === 'wallet');
		expect(await api.positionSize()).toBeCloseTo(before + Number(QTY), 9);

		const closing = good(await unhurried(() => api.rest.submitOrder({ ...market, side: 'Sell', reduceOnly: true }))).result;
		await about('order', closing.orderId, { orderStatus: 'Filled' });
		expect(await api.positionSize()).toBeCloseTo(before, 9);
	});

	test('pays on spot in the coin that it gets', async () => {
		const market = { category: 'spot', symbol: SYMBOL, orderType: 'Market', qty: QTY, marketUnit: 'baseCoin' } as const;
		for (const [side, feeCurrency] of [
			['Buy', 'BTC'],
			['Sell', 'USDT'],
		] as const) {
			const { orderId } = good(await unhurried(() => api.rest.submitOrder({ ...market, side }))).result;
			expect(await about('order', orderId, { orderStatus: 'Filled' })).toMatchObject({ category: 'spot' });
			const fill = await about('execution', orderId);
			expect(fill).toMatchObject({ category: 'spot', side, feeCurrency, isMaker: false });
			const got = Number(fill[side === 'Buy' ? 'execQty' : 'execValue']);
			expect(Number(fill['execFee'])).toBeCloseTo(got * Number(fill['feeRate']), 8);
		}
	});

	test('was never disconnected and never told of an error', () => {
		expect(troubles.items).toEqual([]);
	});

	test('is told when its signature is wrong', async () => {
		const forger = api.streams('private', api.box.bybit.private, { secret: 'wrong' });
		void forger.client.subscribeV5('order', 'linear', true);
		expect(await forger.troubles.find('the refusal', ({ op }) => op === 'auth')).toMatchObject({ success: false });
		expect(forger.frames.items).toEqual([]);
	});
});
