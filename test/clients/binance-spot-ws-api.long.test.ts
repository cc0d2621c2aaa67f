/** npm `binance` as it comes from its author, over real sockets: its WebSocket API for spot. Only the URL is ours. */
import type { WebsocketAPIClient } from 'binance';
import { beforeAll, describe, expect, test } from 'vitest';
import { farBelow, type Keys, SECONDS, SYMBOL, useBinance } from './binance.ts';
import { type Event, type SocketRefusal, spotRest, stamped, wsApi } from './binance-sdk.ts';
import { onlyLoopback } from './box.ts';
import { eventually, type Inbox, promptly, refusal } from './wait.ts';

const QTY = '0.001';

describe.skipIf(!onlyLoopback)('binance over the WebSocket API: spot', () => {
	const binance = useBinance({ seed: '43' });

	describe.each(['HMAC', 'Ed25519'] as const)('with an %s key', (kind) => {
		let api: WebsocketAPIClient;
		let events: Inbox<Event>;
		let troubles: Inbox<unknown>;
		let keys: Keys;

		beforeAll(async () => {
			keys = kind === 'HMAC' ? binance.account : await binance.ed25519Keys();
			({ api, events, troubles } = wsApi(binance, keys));
			await promptly('the subscription', api.subscribeUserDataStream('mainWSAPI'));
		});

		async function prices(): Promise<{ below: number; crossing: number }> {
			const { result } = await promptly('depth', api.getSpotOrderBook({ symbol: SYMBOL, limit: 5 }));
			return { below: farBelow(result.bids[0]?.[0] ?? 0), crossing: Math.ceil(Number(result.asks[0]?.[0]) * 1.01) };
		}

		const name = (text: string): string => `x-U5D79M5B${kind}-${text}`;

		async function rests(text: string): Promise<number> {
			const { below } = await prices();
			const order = { symbol: SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: QTY } as const;
			const { result } = await promptly(
				'order.place',
				api.submitNewSpotOrder(stamped({ ...order, price: String(below), newClientOrderId: name(text) })),
			);
			return result.orderId;
		}

		const report = (wanted: Readonly<Record<string, unknown>>): Promise<Event> =>
			events.find(
				JSON.stringify(wanted),
				(event) => event['e'] === 'executionReport' && Object.entries(wanted).every(([key, value]) => event[key] === value),
			);

		test('places, finds, amends and cancels, and sees each step on its user data', async () => {
			const orderId = await rests('placed');
			expect(await report({ i: orderId, x: 'NEW' })).toMatchObject({ s: SYMBOL, S: 'BUY', X: 'NEW', c: name('placed'), C: '' });
			const found = await api.getSpotOrderStatus({ symbol: SYMBOL, orderId, timestamp: Date.now() });
			expect(found.result).toMatchObject({ orderId, status: 'NEW', clientOrderId: name('placed') });

			const amend = { symbol: SYMBOL, orderId, newQty: '0.0006', newClientOrderId: name('amended') };
			const amended = await api.amendSpotOrderKeepPriority({ ...amend, timestamp: Date.now() });
			expect(amended.result.amendedOrder).toMatchObject({ orderId, qty: '0.00060000', clientOrderId: name('amended') });
			expect(await report({ i: orderId, x: 'REPLACED' })).toMatchObject({ X: 'NEW', q: '0.00060000', c: name('amended') });
			const same = api.amendSpotOrderKeepPriority({ ...amend, timestamp: Date.now() });
			expect(await refusal<SocketRefusal>(same)).toMatchObject({ status: 400, error: { code: -2038 } });

			const cancel = { symbol: SYMBOL, orderId, timestamp: Date.now() };
			expect((await api.cancelSpotOrder(cancel)).result).toMatchObject({ orderId, status: 'CANCELED' });
			expect(await report({ i: orderId, x: 'CANCELED' })).toMatchObject({ X: 'CANCELED', C: name('amended') });
			expect(await refusal<SocketRefusal>(api.cancelSpotOrder(cancel))).toMatchObject({ status: 400, error: { code: -2011 } });
		});

		test('buys and hears of the fill, its fee and the balances', async () => {
			const from = events.items.length;
			const order = { symbol: SYMBOL, side: 'BUY', type: 'MARKET', quantity: QTY } as const;
			const { result } = await promptly('order.place', api.submitNewSpotOrder(stamped(order)));
			const fill = await report({ i: result.orderId, x: 'TRADE' });
			expect(fill).toMatchObject({ N: 'BTC', m: false, r: 'NONE' });
			expect(Number(fill['n'])).toBeCloseTo(Number(fill['l']) * 0.001, 8);
			const trades = await spotRest(binance).getAccountTradeList({ symbol: SYMBOL, orderId: result.orderId });
			expect(trades.map(({ id }) => id)).toContain(fill['t']);
			const position = (event: Event): boolean => event['e'] === 'outboundAccountPosition';
			const { B: balances } = await events.find('the balances', position, { from });
			const coins = (balances as readonly { readonly a: string }[]).map(({ a }) => a);
			expect(coins.sort()).toEqual(['BTC', 'USDT']);
		});

		test('replaces an order, and is told with 409 when only half of it was done', async () => {
			const orderId = await rests('replaced');
			const { crossing } = await prices();
			const half = api.cancelReplaceSpotOrder({
				symbol: SYMBOL,
				cancelReplaceMode: 'STOP_ON_FAILURE',
				cancelOrderId: orderId,
				side: 'BUY',
				type: 'LIMIT_MAKER',
				quantity: QTY,
				price: String(crossing),
				timestamp: Date.now(),
			});
			expect(await refusal<SocketRefusal>(half)).toMatchObject({
				status: 409,
				error: { code: -2021, data: { cancelResult: 'SUCCESS', newOrderResult: 'FAILURE' } },
			});
			await report({ i: orderId, x: 'CANCELED' });
		});

		test('reads what REST shows, with the limits in each answer', async () => {
			const timestamp = Date.now();
			const account = await api.getSpotAccountInformation({ timestamp });
			expect(account.result.balances.length).toBeGreaterThan(0);
			expect(account.rateLimits).toContainEqual(
				expect.objectContaining({ rateLimitType: 'REQUEST_WEIGHT', intervalNum: 1, limit: 6000 }),
			);
			expect((await api.getSpotOpenOrders({ symbol: SYMBOL, timestamp })).result).toEqual([]);
			expect((await api.getSpotExchangeInfo({ symbol: SYMBOL })).result.symbols[0]).toMatchObject({ symbol: SYMBOL });
		});

		test('was never disconnected until then, and subscribes anew by itself once it is', async () => {
			expect(troubles.items.filter((trouble) => typeof trouble === 'string')).toEqual([]);
			await binance.operate('POST', '/v1/faults', { name: 'cut-socket', parameters: { channel: 'ws-trade', count: 1 } });
			await refusal(promptly('a request on a cut socket', api.getSpotServerTime()));
			await eventually('the reconnect', () => (troubles.items.some((each) => typeof each === 'string') ? true : undefined));
			const rest = spotRest(binance);
			await eventually(
				'news again',
				async () => {
					const order = {
						symbol: SYMBOL,
						side: 'BUY',
						type: 'LIMIT',
						timeInForce: 'GTC',
						quantity: 0.001,
						price: 20_000,
					} as const;
					const { orderId } = await rest.submitNewOrder({ ...order, price: (await prices()).below });
					await rest.cancelOrder({ symbol: SYMBOL, orderId });
					return events.items.some(({ i, x }) => i === orderId && x === 'NEW') ? true : undefined;
				},
				{ withinMs: 20 * SECONDS },
			);
		});
	});

	test('logs on with an Ed25519 key, and stays itself', async () => {
		const keys = await binance.ed25519Keys();
		const { api } = wsApi(binance, keys);
		await promptly('the logon', api.getWSClient().connectWSAPI('mainWSAPI'));
		const status = await promptly('session.status', api.getSpotSessionStatus());
		expect(status.result).toMatchObject({ apiKey: keys.apiKey, authorizedSince: expect.any(Number) as number });
	});

	test('is refused when its signature is wrong or its clock is late', async () => {
		const forger = wsApi(binance, { apiKey: binance.account.apiKey, apiSecret: 'wrong' });
		const forged = forger.api.getSpotAccountInformation({ timestamp: Date.now() });
		expect(await refusal<SocketRefusal>(promptly('a forged request', forged))).toMatchObject({ error: { code: -1022 } });
		const { api } = wsApi(binance);
		const late = api.cancelSpotOrder({ symbol: SYMBOL, orderId: 1, timestamp: Date.now() - 60_000 });
		expect(await refusal<SocketRefusal>(promptly('a late request', late))).toMatchObject({ error: { code: -1021 } });
	});
});
