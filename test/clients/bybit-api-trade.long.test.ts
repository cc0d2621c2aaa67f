/** `bybit-api` as it comes from its authors, over real sockets: its orders over the trade socket. Only the URLs are ours. */
import { WebsocketAPIClient } from 'bybit-api';
import { beforeAll, describe, expect, test } from 'vitest';
import { onlyLoopback } from './box.ts';
import { PING_EVERY_MS, QTY, quiet, SYMBOL, useBybitApi } from './bybit-api.ts';
import { promptly } from './wait.ts';

describe.skipIf(!onlyLoopback)('bybit-api over its trade socket', () => {
	const api = useBybitApi({ seed: '23' });

	let trade: WebsocketAPIClient;

	beforeAll(() => {
		trade = tradeClient();
	});

	function tradeClient(more: { secret?: string } = {}): WebsocketAPIClient {
		const { apiKey: key, apiSecret: secret } = api.box.account;
		const options = {
			wsUrl: api.box.bybit.trade,
			key,
			secret,
			pingInterval: PING_EVERY_MS,
			attachEventListeners: false,
			...more,
		};
		const client = new WebsocketAPIClient(options, quiet);
		client.getWSClient().on('exception', () => undefined); // the refusals that the tests provoke also reject their promises
		api.closeLater(() => client.getWSClient().closeAll(true));
		return client;
	}

	test('places, amends and cancels', async () => {
		const { farBelow: price } = await api.prices();
		const target = { category: 'linear', symbol: SYMBOL, orderLinkId: 'ws-1' } as const;
		const placed = await promptly(
			'order.create',
			trade.submitNewOrder({ ...target, side: 'Buy', orderType: 'Limit', qty: QTY, price }),
		);
		expect(placed).toMatchObject({ retCode: 0, op: 'order.create', data: { orderLinkId: 'ws-1' } });
		expect(placed.header?.['X-Bapi-Limit']).toBe('10');
		const amended = await promptly('order.amend', trade.amendOrder({ ...target, qty: '0.020' }));
		expect(amended.data.orderId).toBe(placed.data.orderId);
		expect(Number((await api.order(placed.data.orderId))?.qty)).toBe(0.02);
		await promptly('order.cancel', trade.cancelOrder(target));
		expect(await api.order(placed.data.orderId)).toMatchObject({ orderStatus: 'Cancelled' });
		await expect(promptly('a late cancel', trade.cancelOrder(target))).rejects.toMatchObject({
			retCode: 110001,
			op: 'order.cancel',
		});
	});

	test('sends batches of which some items fail', async () => {
		const { farBelow: price } = await api.prices();
		const buy = { symbol: SYMBOL, side: 'Buy', orderType: 'Limit', price } as const;
		const created = await promptly(
			'order.create-batch',
			trade.batchSubmitOrders('linear', [
				{ ...buy, qty: QTY, orderLinkId: 'ws-b1' },
				{ ...buy, qty: '0.0000000001', orderLinkId: 'ws-b2' },
			]),
		);
		expect(created.retExtInfo.list.map(({ code }) => code === 0)).toEqual([true, false]);
		expect(created.data.list.map(({ orderId }) => orderId !== '')).toEqual([true, false]);
		const both = ['ws-b1', 'ws-b2'].map((orderLinkId) => ({ symbol: SYMBOL, orderLinkId }));
		const amended = await promptly(
			'order.amend-batch',
			trade.batchAmendOrder(
				'linear',
				both.map((item) => ({ ...item, qty: '0.020' })),
			),
		);
		expect(amended.retExtInfo.list.map(({ code }) => code)).toEqual([0, 110001]);
		const cancelled = await promptly('order.cancel-batch', trade.batchCancelOrder('linear', both));
		expect(cancelled.retExtInfo.list.map(({ code }) => code)).toEqual([0, 110001]);
	});

	test('is refused with 10006 and the headers once it asks too often', async () => {
		const asked = await Promise.allSettled(
			Array.from({ length: 25 }, () => trade.cancelOrder({ category: 'linear', symbol: SYMBOL, orderLinkId: 'ws-none' })),
		);
		const reasons = asked.map((each) =>
			each.status === 'rejected' ? (each.reason as { retCode: number; header: object }) : undefined,
		);
		expect(new Set(reasons.map((reason) => reason?.retCode))).toEqual(new Set([110001, 10006]));
		const refused = reasons.filter((reason) => reason?.retCode === 10006);
		expect(refused.at(-1)?.header).toMatchObject({ 'X-Bapi-Limit': '10', 'X-Bapi-Limit-Status': '0' });
	});

	test('is refused with 10002 when its clock is late', async () => {
		const late = tradeClient();
		await promptly('the login', late.getWSClient().connectWSAPI());
		late.setTimeOffsetMs(-60_000);
		const cancel = late.cancelOrder({ category: 'linear', symbol: SYMBOL, orderLinkId: 'ws-none' });
		await expect(promptly('a late request', cancel)).rejects.toMatchObject({ retCode: 10002 });
	});

	test('is refused its orders when its signature is wrong', async () => {
		const forger = tradeClient({ secret: 'wrong' });
		const cancel = forger.cancelOrder({ category: 'linear', symbol: SYMBOL, orderLinkId: 'ws-none' });
		await expect(promptly('a forged request', cancel)).rejects.toMatchObject({ retCode: expect.any(Number) as number });
	});
});
