/** The official `@binance/spot` as it comes from its authors, over real sockets. Only the URLs are ours. */
import {
	BadRequestError,
	NotFoundError,
	type Spot,
	SpotRestAPI,
	SpotWebsocketAPI,
	SpotWebsocketStreams,
	UnauthorizedError,
} from '@binance/spot';
import { beforeAll, describe, expect, test } from 'vitest';
import { farBelow, SECONDS, SYMBOL, useBinance } from './binance.ts';
import { body, spotConnector } from './binance-connector.ts';
import { onlyLoopback } from './box.ts';
import { DiffBook, followBook } from './diff-book.ts';
import { eventually, Inbox, promptly, refusal } from './wait.ts';

const QTY = 0.001;
const { NewOrderSideEnum: RestSide, NewOrderTypeEnum: RestType, NewOrderTimeInForceEnum: RestTime } = SpotRestAPI;
const { OrderPlaceSideEnum: Side, OrderPlaceTypeEnum: Type, OrderPlaceTimeInForceEnum: Time } = SpotWebsocketAPI;

interface UserEvent {
	readonly e?: string;
	readonly x?: string;
	readonly i?: number | bigint;
}

describe.skipIf(!onlyLoopback)('@binance/spot', () => {
	const binance = useBinance({ seed: '53' });

	let client: Spot;

	beforeAll(() => {
		client = spotConnector(binance);
	});

	async function below(): Promise<number> {
		const { bids } = await body(client.restAPI.depth({ symbol: SYMBOL, limit: 5 }));
		return farBelow(bids?.[0]?.[0] ?? 0);
	}

	describe('over REST', () => {
		const buy = { symbol: SYMBOL, side: RestSide.BUY, quantity: QTY };

		test('reads the market', async () => {
			const info = await body(client.restAPI.exchangeInfo({ symbol: SYMBOL }));
			expect(info.symbols?.[0]).toMatchObject({ symbol: SYMBOL, status: 'TRADING' });
			expect(Math.abs(Number((await body(client.restAPI.time())).serverTime) - Date.now())).toBeLessThan(60_000);
			expect(await body(client.restAPI.avgPrice({ symbol: SYMBOL }))).toMatchObject({ mins: 5 });
			const interval = SpotRestAPI.UiKlinesIntervalEnum.INTERVAL_1m;
			const candle = await eventually(
				'a candle',
				async () => (await body(client.restAPI.uiKlines({ symbol: SYMBOL, interval })))[0],
			);
			expect(candle).toHaveLength(12);
		});

		test('places, amends in place, and cancels', async () => {
			const limit = { ...buy, type: RestType.LIMIT, timeInForce: RestTime.GTC, price: await below() };
			const placed = await body(client.restAPI.newOrder({ ...limit, newClientOrderId: 'official-1' }));
			expect(placed).toMatchObject({ status: 'NEW', clientOrderId: 'official-1' });
			const orderId = placed.orderId ?? 0;
			const amended = await body(
				client.restAPI.orderAmendKeepPriority({ symbol: SYMBOL, orderId, newQty: 0.0006, newClientOrderId: 'official-2' }),
			);
			expect(amended.amendedOrder).toMatchObject({ qty: '0.00060000', clientOrderId: 'official-2' });
			const history = await body(client.restAPI.orderAmendments({ symbol: SYMBOL, orderId }));
			expect(history).toMatchObject([{ orderId, origQty: '0.00100000', newQty: '0.00060000' }]);
			expect(await body(client.restAPI.deleteOrder({ symbol: SYMBOL, orderId }))).toMatchObject({ status: 'CANCELED' });
		});

		test('has its signature taken where the text that it signs is not the one that it sends', async () => {
			const limit = { ...buy, type: RestType.LIMIT, timeInForce: RestTime.GTC, price: await below() };
			const wrong = await refusal(client.restAPI.newOrder({ ...limit, newClientOrderId: 'a (b)!' }));
			expect(wrong).toBeInstanceOf(BadRequestError); // for the characters, which is looked at after the signature
			expect(wrong).toMatchObject({ code: -1100 });
		});

		test('trades, and finds its trades and its balances', async () => {
			const done = await body(client.restAPI.newOrder({ ...buy, type: RestType.MARKET }));
			expect(done).toMatchObject({ status: 'FILLED', executedQty: '0.00100000' });
			const trades = await body(client.restAPI.myTrades({ symbol: SYMBOL, orderId: done.orderId ?? 0 }));
			expect(trades.map(({ id }) => id)).toEqual(done.fills?.map(({ tradeId }) => tradeId));
			const { balances } = await body(client.restAPI.getAccount({ omitZeroBalances: true }));
			expect(balances?.map(({ asset }) => asset)).toEqual(expect.arrayContaining(['BTC', 'USDT']));
		});

		test('reads the limits from the headers', async () => {
			const limit = { ...buy, type: RestType.LIMIT, timeInForce: RestTime.GTC, price: await below() };
			const placed = await client.restAPI.newOrder(limit);
			expect(placed.rateLimits).toEqual(
				expect.arrayContaining([
					expect.objectContaining({ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1 }),
					expect.objectContaining({ rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10 }),
					expect.objectContaining({ rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1 }),
				]),
			);
			await client.restAPI.deleteOpenOrders({ symbol: SYMBOL });
		});

		test('throws what its authors made for each refusal', async () => {
			const gone = await refusal(client.restAPI.deleteOrder({ symbol: SYMBOL, orderId: 1 }));
			expect(gone).toBeInstanceOf(BadRequestError);
			expect(gone).toMatchObject({ code: -2011 });
			const { apiSecret } = binance.account;
			const stranger = spotConnector(binance, { apiKey: 'x'.repeat(64), apiSecret });
			expect(await refusal(stranger.restAPI.getAccount())).toBeInstanceOf(UnauthorizedError);
			const forger = spotConnector(binance, { apiKey: binance.account.apiKey, apiSecret: 'wrong' });
			expect(await refusal(forger.restAPI.getAccount())).toMatchObject({ code: -1022 });
			expect(await refusal(client.restAPI.sendRequest('/api/v3/nowhere', 'GET'))).toBeInstanceOf(NotFoundError);
		});
	});

	describe('over its streams', () => {
		test(
			'keeps a book without a gap, and gets the other streams',
			async () => {
				const streams = await client.websocketStreams.connect();
				binance.closeLater(() => streams.disconnect());
				const book = new DiffBook('spot');
				streams
					.diffBookDepth({ symbol: SYMBOL, updateSpeed: SpotWebsocketStreams.DiffBookDepthUpdateSpeedEnum.UPDATE_SPEED_100ms })
					.on('message', (event) => book.push(event));
				const heard = new Set<string>();
				const symbol = SYMBOL;
				streams.trade({ symbol }).on('message', ({ e }) => void heard.add(e ?? ''));
				streams.bookTicker({ symbol }).on('message', ({ B }) => void heard.add(`best ${B === undefined ? '' : 'prices'}`));
				streams.miniTicker({ symbol }).on('message', ({ e }) => void heard.add(e ?? ''));
				await followBook(book, (limit) => body(client.restAPI.depth({ symbol: SYMBOL, limit })));
				await eventually('all streams', () => (heard.size === 3 ? true : undefined), { withinMs: 30 * SECONDS });
				expect([...heard].sort()).toEqual(['24hrMiniTicker', 'best prices', 'trade']);
			},
			60 * SECONDS,
		);

		test('goes on with what it had subscribed to after its socket was cut', async () => {
			const connection = await client.websocketStreams.connect();
			binance.closeLater(() => connection.disconnect());
			let heard = 0;
			connection.bookTicker({ symbol: SYMBOL }).on('message', () => void heard++);
			await eventually('best prices', () => (heard > 0 ? true : undefined));
			let opened = 0;
			connection.on('open', () => void opened++);
			await binance.operate('POST', '/v1/faults', { name: 'cut-socket', parameters: { channel: 'ws-public', count: 2 } });
			await eventually('the reconnect', () => (opened > 0 ? true : undefined));
			const before = heard;
			await eventually('best prices again', () => (heard > before ? true : undefined));
		});
	});

	describe.each(['HMAC', 'Ed25519'] as const)('over the WebSocket API with an %s key', (kind) => {
		test('hears of the orders that it places, amends, replaces and cancels', async () => {
			const keys = kind === 'HMAC' ? binance.account : await binance.ed25519Keys();
			const api = await spotConnector(binance, keys).websocketAPI.connect();
			binance.closeLater(() => api.disconnect());
			if (kind === 'Ed25519') {
				const logons = await promptly('session.logon', api.sessionLogon());
				expect(logons.map(({ data }) => data.apiKey)).toEqual([keys.apiKey]);
			}
			const subscribed = await promptly(
				'the subscription',
				kind === 'HMAC' ? api.userDataStreamSubscribeSignature() : api.userDataStreamSubscribe(),
			);
			const events = new Inbox<UserEvent>();
			subscribed.stream.on('message', (event) => events.push(event));

			const price = await below();
			const buy = { symbol: SYMBOL, side: Side.BUY, type: Type.LIMIT, timeInForce: Time.GTC, quantity: QTY };
			const placed = await promptly('order.place', api.orderPlace({ ...buy, price }));
			const orderId = placed.data.orderId ?? 0;
			expect(placed.data).toMatchObject({ status: 'NEW' });
			expect(placed.rateLimits?.map(({ rateLimitType }) => rateLimitType)).toEqual(['ORDERS', 'ORDERS', 'REQUEST_WEIGHT']);
			await promptly('the amend', api.orderAmendKeepPriority({ symbol: SYMBOL, orderId, newQty: 0.0006 }));
			const replaced = await promptly(
				'the replace',
				api.orderCancelReplace({
					symbol: SYMBOL,
					cancelReplaceMode: SpotWebsocketAPI.OrderCancelReplaceCancelReplaceModeEnum.STOP_ON_FAILURE,
					cancelOrderId: orderId,
					side: SpotWebsocketAPI.OrderCancelReplaceSideEnum.BUY,
					type: SpotWebsocketAPI.OrderCancelReplaceTypeEnum.LIMIT,
					timeInForce: SpotWebsocketAPI.OrderCancelReplaceTimeInForceEnum.GTC,
					quantity: QTY,
					price: price - 10,
				}),
			);
			const newId = replaced.data.newOrderResponse?.orderId ?? 0;
			await promptly('the cancel', api.orderCancel({ symbol: SYMBOL, orderId: newId }));
			for (const [i, x] of [
				[orderId, 'NEW'],
				[orderId, 'REPLACED'],
				[orderId, 'CANCELED'],
				[newId, 'NEW'],
				[newId, 'CANCELED'],
			]) {
				await events.find(`${x} of ${i}`, (event) => event.i === i && event.x === x);
			}
			const again = api.orderCancel({ symbol: SYMBOL, orderId: newId });
			expect(await refusal(promptly('a late cancel', again))).toMatchObject({ code: -2011 });
			if (kind === 'Ed25519') {
				await promptly('session.logout', api.sessionLogout());
				await events.find('the end of the subscription', ({ e }) => e === 'eventStreamTerminated');
			}
		});
	});

	test('logs on again, by itself, after its socket was cut', async () => {
		const keys = await binance.ed25519Keys();
		const api = await spotConnector(binance, keys).websocketAPI.connect();
		binance.closeLater(() => api.disconnect());
		await promptly('session.logon', api.sessionLogon());
		await binance.operate('POST', '/v1/faults', { name: 'cut-socket', parameters: { channel: 'ws-trade', count: 1 } });
		await refusal(promptly('a request on a cut socket', api.time(), { withinMs: 2_000 }));
		const account = await eventually(
			'the account again',
			() => promptly('account.status', api.accountStatus(), { withinMs: 2_000 }).catch(() => undefined),
			{ withinMs: 20 * SECONDS },
		);
		expect(account.data.accountType).toBe('SPOT');
	});
});
