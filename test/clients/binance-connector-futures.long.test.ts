/** The official connector for USDⓈ-M futures as it comes from its authors, over real sockets. Only the URLs are ours. */
import {
	BadRequestError,
	type DerivativesTradingUsdsFutures,
	DerivativesTradingUsdsFuturesRestAPI as Rest,
	DerivativesTradingUsdsFuturesWebsocketAPI as SocketApi,
	DerivativesTradingUsdsFuturesWebsocketStreams as Streams,
	UnauthorizedError,
} from '@binance/derivatives-trading-usds-futures';
import { beforeAll, describe, expect, test } from 'vitest';
import { farBelow, SECONDS, SYMBOL, useBinance } from './binance.ts';
import { body, futuresConnector } from './binance-connector.ts';
import { onlyLoopback } from './box.ts';
import { DiffBook, followBook } from './diff-book.ts';
import { eventually, Inbox, promptly, refusal } from './wait.ts';

const QTY = 0.01;
const { ModifyMultipleOrdersBatchOrdersParameterInnerSideEnum: BatchSide } = Rest;

interface UserEvent {
	readonly e?: string;
	readonly o?: { readonly x?: string; readonly i?: number | bigint };
}

describe.skipIf(!onlyLoopback)('@binance/derivatives-trading-usds-futures', () => {
	const binance = useBinance({ seed: '59' });

	let client: DerivativesTradingUsdsFutures;

	beforeAll(() => {
		client = futuresConnector(binance);
	});

	const depth = (limit: number) => body(client.restAPI.orderBook({ symbol: SYMBOL, limit }));

	async function resting() {
		const { bids } = await depth(5);
		const order = { symbol: SYMBOL, side: Rest.NewOrderSideEnum.BUY, type: Rest.NewOrderTypeEnum.LIMIT, quantity: QTY };
		return { ...order, timeInForce: Rest.NewOrderTimeInForceEnum.GTX, price: farBelow(bids?.[0]?.[0] ?? 0) };
	}

	test('finds, modifies and cancels an order by an id beyond 2^53 that nothing was lost of', async () => {
		const order = await resting();
		const placed = await body(client.restAPI.newOrder({ ...order, newClientOrderId: 'official-1' }));
		const orderId = placed.orderId ?? 0;
		expect(orderId).toBeTypeOf('bigint');
		expect(orderId > Number.MAX_SAFE_INTEGER).toBe(true);
		const modified = await body(
			client.restAPI.modifyOrder({
				...{ symbol: SYMBOL, orderId, quantity: 0.02, price: order.price },
				side: Rest.ModifyOrderSideEnum.BUY,
			}),
		);
		expect(modified).toMatchObject({ orderId, origQty: '0.020' });
		expect(await body(client.restAPI.queryOrder({ symbol: SYMBOL, orderId }))).toMatchObject({ orderId, status: 'NEW' });
		expect(await body(client.restAPI.cancelOrder({ symbol: SYMBOL, orderId }))).toMatchObject({ orderId, status: 'CANCELED' });
		const gone = await refusal(client.restAPI.cancelOrder({ symbol: SYMBOL, orderId }));
		expect(gone).toBeInstanceOf(BadRequestError);
		expect(gone).toMatchObject({ code: -2011 });
	});

	test('sends batches of which some items fail, numbers as numbers, and cancels by ids as texts', async () => {
		const order = await resting();
		const item = (newClientOrderId: string, type: string) => ({ ...order, type, newClientOrderId }) as object;
		const batchOrders = [item('b1', 'LIMIT'), item('b2', 'STOP'), item('b3', 'LIMIT')];
		const placed = await body(client.restAPI.placeMultipleOrders({ batchOrders }));
		expect(placed).toMatchObject([{ clientOrderId: 'b1' }, { code: -4120 }, { clientOrderId: 'b3' }]);
		const change = { symbol: SYMBOL, quantity: 0.02, price: order.price, side: BatchSide.BUY };
		const named = ['b1', 'b2'].map((origClientOrderId) => ({ ...change, origClientOrderId }));
		const modified = await body(client.restAPI.modifyMultipleOrders({ batchOrders: named }));
		expect(modified).toMatchObject([{ clientOrderId: 'b1', origQty: '0.020' }, { code: -2013 }]);
		// The type says numbers, which would lose the id; its authors send them as texts.
		const orderIdList = placed.map(({ orderId }) => String(orderId ?? 1)) as unknown as number[];
		const cancelled = await body(client.restAPI.cancelMultipleOrders({ symbol: SYMBOL, orderIdList }));
		expect(cancelled).toMatchObject([{ status: 'CANCELED' }, { code: -2011 }, { status: 'CANCELED' }]);
	});

	test('reads its account, its limits by the headers, and throws for refusals', async () => {
		expect(Number((await body(client.restAPI.accountInformationV3())).totalWalletBalance)).toBeGreaterThan(0);
		const placed = await client.restAPI.newOrder(await resting());
		expect(placed.rateLimits).toEqual(
			expect.arrayContaining([
				expect.objectContaining({ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1 }),
				expect.objectContaining({ rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10 }),
				expect.objectContaining({ rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1 }),
			]),
		);
		const started = await body(client.restAPI.autoCancelAllOpenOrders({ symbol: SYMBOL, countdownTime: 300 }));
		expect(started).toMatchObject({ symbol: SYMBOL, countdownTime: '300' });
		await eventually('the end of the countdown', async () =>
			(await body(client.restAPI.currentAllOpenOrders({ symbol: SYMBOL }))).length === 0 ? true : undefined,
		);
		const stranger = futuresConnector(binance, { apiKey: 'x'.repeat(64), apiSecret: 'x' });
		expect(await refusal(stranger.restAPI.accountInformationV3())).toBeInstanceOf(UnauthorizedError);
		const modern = futuresConnector(binance, await binance.ed25519Keys());
		expect((await body(modern.restAPI.positionInformationV3())).length).toBe(0);
	});

	test(
		'keeps a book without a gap, gets the other streams, and its own events by listen key',
		async () => {
			const streams = await promptly('three sockets', client.websocketStreams.connect());
			binance.closeLater(() => streams.disconnect());
			const book = new DiffBook('futures');
			streams
				.diffBookDepthStreams({ symbol: SYMBOL, updateSpeed: Streams.DiffBookDepthStreamsUpdateSpeedEnum.UPDATE_SPEED_100ms })
				.on('message', (event) => book.push(event));
			const heard = new Set<string>();
			const hear = ({ e }: { readonly e?: string }): void => void heard.add(e ?? '');
			streams.aggregateTradeStreams({ symbol: SYMBOL }).on('message', hear);
			streams.individualSymbolBookTickerStreams({ symbol: SYMBOL }).on('message', hear);
			streams
				.markPriceStream({ symbol: SYMBOL, updateSpeed: Streams.MarkPriceStreamUpdateSpeedEnum.UPDATE_SPEED_1s })
				.on('message', hear);
			const { listenKey = '' } = await body(client.restAPI.startUserDataStream());
			const events = new Inbox<UserEvent>();
			streams.userData(listenKey).on('message', (event) => events.push(event as UserEvent));

			const api = await promptly('the socket for orders', client.websocketAPI.connect());
			binance.closeLater(() => api.disconnect());
			const { symbol, quantity, price } = await resting();
			const placed = await promptly(
				'order.place',
				api.newOrder({
					...{ symbol, quantity, price },
					side: SocketApi.NewOrderSideEnum.BUY,
					type: SocketApi.NewOrderTypeEnum.LIMIT,
					timeInForce: SocketApi.NewOrderTimeInForceEnum.GTX,
				}),
			);
			const orderId = placed.data.orderId ?? 0;
			expect(orderId > Number.MAX_SAFE_INTEGER).toBe(true);
			// It can read such an id here, and fails to write one.
			const by = { symbol, origClientOrderId: placed.data.clientOrderId ?? '' };
			await promptly('order.cancel', api.cancelOrder(by));
			for (const x of ['NEW', 'CANCELED']) {
				await events.find(x, ({ e, o }) => e === 'ORDER_TRADE_UPDATE' && o?.x === x && o.i === orderId);
			}
			const again = api.cancelOrder(by);
			expect(await refusal(promptly('a late cancel', again))).toMatchObject({ code: -2011 });

			await followBook(book, depth);
			await eventually('all streams', () => (heard.size === 3 ? true : undefined), { withinMs: 30 * SECONDS });
			expect([...heard].sort()).toEqual(['aggTrade', 'bookTicker', 'markPriceUpdate']);
		},
		60 * SECONDS,
	);
});
