/**
 * `bybit-api` as it comes from its authors trades against the box over real sockets: its REST client, its streams, public
 * and private, and its orders over the trade socket. Only the URLs are ours.
 */
import { type AccountOrderV5, type APIResponseV3, RestClientV5, WebsocketAPIClient, WebsocketClient } from 'bybit-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Box, onlyLoopback, startBox } from './box.ts';
import { type BookFrame, StreamBook } from './stream-book.ts';
import { eventually, Inbox, promptly } from './wait.ts';

const SYMBOL = 'BTCUSDT';
const QTY = '0.010';
/** The client pings on its own; so often that the answers matter within a test. */
const PING_EVERY_MS = 300;
const SECONDS = 1_000;

interface Frame {
	readonly topic: string;
	readonly type?: string;
	readonly data: readonly Readonly<Record<string, unknown>>[];
}

interface Trouble {
	readonly retCode?: number;
	readonly success?: boolean;
	readonly op?: string;
}

type Socket = 'public' | 'private';

const quiet = { trace: () => undefined, info: () => undefined, error: () => undefined };

describe.skipIf(!onlyLoopback)('bybit-api against the box', () => {
	let box: Box;
	let rest: RestClientV5;
	const closers: (() => void)[] = [];

	beforeAll(async () => {
		box = await startBox(['--market', 'synthetic', '--seed', '7']);
		rest = restClient();
	}, 60 * SECONDS);

	afterAll(async () => {
		for (const close of closers) close();
		expect(await box.stop()).toBe(0);
	}, 60 * SECONDS);

	function restClient(more: { key?: string; secret?: string } = {}): RestClientV5 {
		const { apiKey: key, apiSecret: secret } = box.account;
		return new RestClientV5({ baseUrl: box.bybit.rest, key, secret, parseAPIRateLimits: true, ...more });
	}

	function streams(
		kind: Socket,
		wsUrl: string,
		more: { secret?: string } = {},
		onNote: (note: string) => void = () => undefined,
	): { client: WebsocketClient; frames: Inbox<Frame>; troubles: Inbox<Trouble> } {
		const { apiKey: key, apiSecret: secret } = box.account;
		const keys = kind === 'private' ? { key, secret } : {};
		const logger = { ...quiet, trace: (note: unknown) => onNote(String(note)) };
		const client = new WebsocketClient({ wsUrl, market: 'v5', pingInterval: PING_EVERY_MS, ...keys, ...more }, logger);
		const frames = new Inbox<Frame>();
		const troubles = new Inbox<Trouble>();
		client.on('update', (frame: Frame) => frames.push(frame));
		client.on('exception', (trouble: Trouble) => troubles.push(trouble));
		client.on('reconnect', ({ wsKey }) => troubles.push({ op: `reconnect ${wsKey}` }));
		closers.push(() => client.closeAll(true));
		return { client, frames, troubles };
	}

	async function prices(): Promise<{ bid: number; ask: number; farBelow: string; crossing: string }> {
		const { result } = good(await rest.getOrderbook({ category: 'linear', symbol: SYMBOL, limit: 1 }));
		const bid = Number(result.b[0]?.[0]);
		const ask = Number(result.a[0]?.[0]);
		return { bid, ask, farBelow: (bid * 0.98).toFixed(1), crossing: (ask * 1.01).toFixed(1) };
	}

	async function placeFarBelow(orderLinkId: string, price?: string): Promise<string> {
		const { farBelow } = await prices();
		const order = { category: 'linear', symbol: SYMBOL, side: 'Buy', orderType: 'Limit', qty: QTY, orderLinkId } as const;
		const placed = await unhurried(() => rest.submitOrder({ ...order, price: price ?? farBelow, timeInForce: 'PostOnly' }));
		return good(placed).result.orderId;
	}

	async function order(orderId: string): Promise<AccountOrderV5 | undefined> {
		return good(await rest.getActiveOrders({ category: 'linear', symbol: SYMBOL, orderId })).result.list[0];
	}

	async function positionSize(): Promise<number> {
		const { list } = good(await rest.getPositionInfo({ category: 'linear', symbol: SYMBOL })).result;
		return list.reduce((sum, { side, size }) => sum + (side === 'Sell' ? -Number(size) : Number(size)), 0);
	}

	describe('over REST', () => {
		test('loads the markets with their grids', async () => {
			for (const category of ['spot', 'linear'] as const) {
				const { list } = good(await rest.getInstrumentsInfo({ category })).result;
				const found = list.find(({ symbol }) => symbol === SYMBOL);
				expect(found, category).toMatchObject({ symbol: SYMBOL, baseCoin: 'BTC', quoteCoin: 'USDT', status: 'Trading' });
				expect(Number(found?.priceFilter.tickSize)).toBeGreaterThan(0);
			}
			expect(good(await rest.getInstrumentsInfo({ category: 'inverse' })).result.category).toBe('inverse');
		});

		test('reads the time, a ticker, candles and trades', async () => {
			const { time, result } = good(await rest.getServerTime());
			expect(Math.abs(time - Date.now())).toBeLessThan(60_000);
			expect(Number(result.timeSecond)).toBe(Math.floor(Number(result.timeNano) / 1e9));
			const ticker = good(await rest.getTickers({ category: 'linear', symbol: SYMBOL })).result.list[0];
			expect(Number(ticker?.bid1Price)).toBeLessThan(Number(ticker?.ask1Price));
			const trades = await eventually('a public trade', async () => {
				const { list } = good(await rest.getPublicTradingHistory({ category: 'linear', symbol: SYMBOL, limit: 5 })).result;
				return list.length > 0 ? list : undefined;
			});
			expect(trades[0]).toMatchObject({ symbol: SYMBOL, side: expect.stringMatching(/^(Buy|Sell)$/) as string });
			const { list: candles } = good(await rest.getKline({ category: 'linear', symbol: SYMBOL, interval: '1', limit: 5 })).result;
			expect(candles[0]).toHaveLength(7);
		});

		test('sees what kind of key and account it has', async () => {
			expect(good(await rest.getQueryApiKey()).result).toMatchObject({ apiKey: box.account.apiKey, uta: 1 });
			expect([5, 6]).toContain(good(await rest.getAccountInfo()).result.unifiedMarginStatus);
		});

		test('reads its balances and its fees', async () => {
			const wallet = good(await rest.getWalletBalance({ accountType: 'UNIFIED' })).result.list[0];
			const usdt = wallet?.coin.find(({ coin }) => coin === 'USDT');
			expect(Number(usdt?.walletBalance)).toBeGreaterThan(0);
			const fee = good(await rest.getFeeRate({ category: 'linear', symbol: SYMBOL })).result.list[0];
			expect(fee).toMatchObject({ symbol: SYMBOL, makerFeeRate: '0.0002', takerFeeRate: '0.00055' });
		});

		test('places, amends and cancels', async () => {
			const orderId = await placeFarBelow('api-amended');
			expect(await order(orderId)).toMatchObject({ orderStatus: 'New', orderLinkId: 'api-amended', qty: QTY, leavesQty: QTY });
			const price = ((await prices()).bid * 0.97).toFixed(1);
			good(await rest.amendOrder({ category: 'linear', symbol: SYMBOL, orderId, qty: '0.020', price }));
			const amended = await order(orderId);
			expect([Number(amended?.qty), Number(amended?.price)]).toEqual([0.02, Number(price)]);
			good(await rest.cancelOrder({ category: 'linear', symbol: SYMBOL, orderLinkId: 'api-amended' }));
			expect(await order(orderId)).toMatchObject({
				orderStatus: 'Cancelled',
				cancelType: 'CancelByUser',
				cumExecQty: expect.stringMatching(/^0/) as string,
			});
			const again = await rest.cancelOrder({ category: 'linear', symbol: SYMBOL, orderId });
			expect(again.retCode).toBe(110001);
		});

		test('is refused a second order under the same id', async () => {
			const orderId = await placeFarBelow('api-twice');
			const { farBelow: price } = await prices();
			const twin = { category: 'linear', symbol: SYMBOL, side: 'Buy', orderType: 'Limit', qty: QTY, price } as const;
			expect((await unhurried(() => rest.submitOrder({ ...twin, orderLinkId: 'api-twice' }))).retCode).toBe(110072);
			good(await rest.cancelOrder({ category: 'linear', symbol: SYMBOL, orderId }));
		});

		test.each(['linear', 'spot'] as const)('sends %s batches of which some items fail', async (category) => {
			const { farBelow: price } = await prices();
			const buy = { symbol: SYMBOL, side: 'Buy', orderType: 'Limit', price, timeInForce: 'PostOnly' } as const;
			const created = await rest.batchSubmitOrders(category, [
				{ ...buy, qty: QTY, orderLinkId: `${category}-b1` },
				{ ...buy, qty: '0.0000000001', orderLinkId: `${category}-b2` },
				{ ...buy, qty: QTY, orderLinkId: `${category}-b3` },
			]);
			expect(codes(created)).toEqual([0, expect.any(Number), 0]);
			expect(codes(created)[1]).toBeGreaterThan(10_000);
			const placed = good(created).result.list.map(({ orderId, createAt }) => orderId !== '' && createAt !== '');
			expect(placed).toEqual([true, false, true]);

			const gone = category === 'linear' ? 110001 : 170213;
			const amended = await rest.batchAmendOrders(category, [
				{ symbol: SYMBOL, orderLinkId: `${category}-b1`, qty: '0.020' },
				{ symbol: SYMBOL, orderLinkId: `${category}-b2`, qty: '0.020' },
			]);
			expect(codes(amended)).toEqual([0, gone]);

			const cancelled = await rest.batchCancelOrders(category, [
				{ symbol: SYMBOL, orderLinkId: `${category}-b2` },
				{ symbol: SYMBOL, orderLinkId: `${category}-b1` },
				{ symbol: SYMBOL, orderLinkId: `${category}-b3` },
			]);
			expect(codes(cancelled)).toEqual([gone, 0, 0]);
			expect(good(await rest.getActiveOrders({ category, symbol: SYMBOL })).result.list).toEqual([]);
		});

		test(
			'pages through more than 50 closed orders and meets each once',
			async () => {
				const { farBelow: price } = await prices();
				const names = Array.from({ length: 63 }, (_, index) => `page-${index}`);
				let waiting = names;
				await eventually(
					'63 orders within the rate limit',
					async () => {
						const items = waiting.slice(0, 10);
						const orders = items.map(
							(orderLinkId) => ({ symbol: SYMBOL, side: 'Buy', orderType: 'Limit', qty: QTY, price, orderLinkId }) as const,
						);
						const sent = codes(await rest.batchSubmitOrders('linear', orders));
						expect(sent.filter((code) => code !== 0 && code !== 10006)).toEqual([]);
						waiting = [...items.filter((_, index) => sent[index] !== 0), ...waiting.slice(10)];
						return waiting.length === 0 ? true : undefined;
					},
					{ withinMs: 30 * SECONDS },
				);
				const { list } = good(await rest.cancelAllOrders({ category: 'linear', symbol: SYMBOL })).result;
				expect(list).toHaveLength(names.length);

				const seen: string[] = [];
				const sizes: number[] = [];
				for (let cursor: string | undefined; cursor !== ''; ) {
					const page = good(
						await rest.getHistoricOrders({
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
			good(await rest.setLeverage(leverage));
			expect((await rest.setLeverage(leverage)).retCode).toBe(110043);
			const { list } = good(await rest.getPositionInfo({ category: 'linear', symbol: 'ETHUSDT' })).result;
			expect(Number(list[0]?.leverage)).toBe(7);
		});

		test('is told 10004 when the signature is wrong', async () => {
			const forger = restClient({ secret: `${box.account.apiSecret}x` });
			const reads = await forger.getWalletBalance({ accountType: 'UNIFIED' });
			expect(reads.retCode).toBe(10004);
			expect((await forger.cancelAllOrders({ category: 'linear', symbol: SYMBOL })).retCode).toBe(10004);
		});

		test('is told 10002 when its timestamp has expired', async () => {
			const late = restClient();
			Reflect.set(late, 'timeOffset', -60_000); // what its own synchronisation with a wrong clock would leave behind
			expect((await late.getWalletBalance({ accountType: 'UNIFIED' })).retCode).toBe(10002);
		});

		test('is refused with 10006 and the headers once it asks too often', async () => {
			const asked = await Promise.all(Array.from({ length: 12 }, () => rest.getFeeRate({ category: 'linear', symbol: SYMBOL })));
			const refused = asked.filter(({ retCode }) => retCode === 10006);
			expect(asked.filter(({ retCode }) => retCode !== 0 && retCode !== 10006)).toEqual([]);
			expect(refused.length).toBeGreaterThanOrEqual(12 - 2 * 5);
			for (const { rateLimitApi } of refused) {
				expect(rateLimitApi).toMatchObject({ maxRequests: 5, remainingRequests: 0 });
				expect(rateLimitApi?.resetAtTimestamp).toBeGreaterThan(Date.now() - 10_000);
			}
			good(await unhurried(() => rest.getFeeRate({ category: 'linear', symbol: SYMBOL })));
		});
	});

	describe('over its public streams', () => {
		test.each([50, 1000] as const)(
			'builds a book from orderbook.%i that is the one REST shows',
			async (depth) => {
				const { client, troubles } = streams('public', box.bybit.public.linear);
				const book = new StreamBook();
				client.on('update', (frame: BookFrame) => book.apply(frame));
				void client.subscribeV5(`orderbook.${depth}.${SYMBOL}`, 'linear');
				await eventually('the first snapshot', () => book.last);
				let compared = 0;
				await eventually(
					'three moments at which both spoke',
					async () => {
						const { result } = good(await rest.getOrderbook({ category: 'linear', symbol: SYMBOL, limit: depth }));
						await eventually('the stream to get there', () => ((book.last?.seq ?? 0) >= result.seq ? true : undefined));
						const state = book.at(result.seq);
						if (state === undefined) return undefined;
						expect({ bids: state.bids, asks: state.asks }).toEqual({ bids: result.b, asks: result.a });
						compared++;
						return compared === 3 ? true : undefined;
					},
					{ withinMs: 30 * SECONDS },
				);
				expect(book.gaps).toEqual([]);
				expect(troubles.items).toEqual([]);
			},
			60 * SECONDS,
		);

		test('finds the update id of the deepest stream in the book over REST', async () => {
			const { client } = streams('public', box.bybit.public.linear);
			const book = new StreamBook();
			client.on('update', (frame: BookFrame) => book.apply(frame));
			await Promise.all(client.subscribeV5(`orderbook.1000.${SYMBOL}`, 'linear'));
			const first = await eventually('the first snapshot', () => book.last);
			const { u } = good(await rest.getOrderbook({ category: 'linear', symbol: SYMBOL, limit: 1000 })).result;
			const later = await eventually('the next delta', () => (book.last === first ? undefined : book.last));
			expect(u).toBeGreaterThanOrEqual(first.u);
			expect(u).toBeLessThanOrEqual(later.u);
		});

		test(
			'gets trades, tickers and candles',
			async () => {
				const { client, frames, troubles } = streams('public', box.bybit.public.linear);
				const topics = [`orderbook.1.${SYMBOL}`, `publicTrade.${SYMBOL}`, `tickers.${SYMBOL}`, `kline.1.${SYMBOL}`];
				void client.subscribeV5(topics, 'linear');
				for (const topic of topics) {
					const first = await frames.find(topic, (frame) => frame.topic === topic, { withinMs: 30 * SECONDS });
					expect(first.type, topic).toBe('snapshot');
				}
				expect(troubles.items).toEqual([]);
			},
			60 * SECONDS,
		);

		test('gets the spot book from the spot socket', async () => {
			const { client, frames, troubles } = streams('public', box.bybit.public.spot);
			void client.subscribeV5(`orderbook.50.${SYMBOL}`, 'spot');
			expect((await frames.find('the spot book', ({ topic }) => topic === `orderbook.50.${SYMBOL}`)).type).toBe('snapshot');
			expect(troubles.items).toEqual([]);
		});

		test('hears of a topic that does not exist', async () => {
			const { client, troubles } = streams('public', box.bybit.public.linear);
			void client.subscribeV5('orderbook.50.NOPEUSDT', 'linear');
			expect(await troubles.find('the refusal', ({ success }) => success === false)).toMatchObject({ op: 'subscribe' });
		});

		test('has its pings answered on every socket', async () => {
			for (const [kind, url] of [
				['public', box.bybit.public.spot],
				['public', box.bybit.public.linear],
				['public', box.bybit.public.inverse],
				['private', box.bybit.private],
			] as const) {
				const pongs = new Inbox<string>();
				const { client, troubles } = streams(kind, url, {}, (note) => pongs.push(note));
				// On a socket without a subscription nothing but the pong keeps the client from dropping it.
				void (kind === 'public' ? client.connect('v5LinearPublic') : client.connectPrivate());
				await eventually(`pongs from ${url}`, () =>
					pongs.items.filter((note) => note === 'Received PONG event').length > 2 ? true : undefined,
				);
				expect(troubles.items).toEqual([]);
			}
		});
	});

	describe('over its private stream', () => {
		let frames: Inbox<Frame>;
		let troubles: Inbox<Trouble>;

		beforeAll(async () => {
			const stream = streams('private', box.bybit.private);
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
			const orderId = await placeFarBelow('api-watched');
			expect(await about('order', orderId, { orderStatus: 'New' })).toMatchObject({
				category: 'linear',
				symbol: SYMBOL,
				orderLinkId: 'api-watched',
			});
			good(await rest.amendOrder({ category: 'linear', symbol: SYMBOL, orderId, qty: '0.020' }));
			await about('order', orderId, { orderStatus: 'New', qty: '0.020' });
			good(await rest.cancelOrder({ category: 'linear', symbol: SYMBOL, orderId }));
			await about('order', orderId, { orderStatus: 'Cancelled', cancelType: 'CancelByUser' });
		});

		test('sees a post-only order that would cross accepted first and cancelled with the reason then', async () => {
			const orderId = await placeFarBelow('api-crossing', (await prices()).crossing);
			expect(orderId).not.toBe('');
			expect(await about('order', orderId, { orderStatus: 'Cancelled' })).toMatchObject({
				rejectReason: 'EC_PostOnlyWillTakeLiquidity',
				cumExecQty: expect.stringMatching(/^0/) as string,
			});
			expect(await order(orderId)).toMatchObject({ orderStatus: 'Cancelled', rejectReason: 'EC_PostOnlyWillTakeLiquidity' });
		});

		test('buys with a fee, holds a position, and closes it', async () => {
			const before = await positionSize();
			const market = { category: 'linear', symbol: SYMBOL, orderType: 'Market', qty: QTY } as const;
			const { orderId } = good(await unhurried(() => rest.submitOrder({ ...market, side: 'Buy' }))).result;
			await about('order', orderId, { orderStatus: 'Filled' });
			const fill = await about('execution', orderId, { execType: 'Trade' });
			expect(fill).toMatchObject({ category: 'linear', side: 'Buy', isMaker: false, feeRate: '0.00055', feeCurrency: 'USDT' });
			expect(Number(fill['execFee'])).toBeCloseTo(Number(fill['execValue']) * 0.00055, 6);

			const listed = good(await rest.getExecutionList({ category: 'linear', symbol: SYMBOL, orderId })).result.list;
			expect(listed.map(({ execId }) => execId)).toContain(fill['execId']);
			expect(listed.reduce((sum, { execQty }) => sum + Number(execQty), 0)).toBeCloseTo(Number(QTY), 9);

			const held = await frames.find(
				'the position',
				({ topic, data }) => topic === 'position' && data.some((item) => item['symbol'] === SYMBOL && Number(item['size']) > 0),
			);
			expect(Number(held.data[0]?.['entryPrice'])).toBeGreaterThan(0);
			await frames.find('the wallet', ({ topic }) => topic === 'wallet');
			expect(await positionSize()).toBeCloseTo(before + Number(QTY), 9);

			const closing = good(await unhurried(() => rest.submitOrder({ ...market, side: 'Sell', reduceOnly: true }))).result;
			await about('order', closing.orderId, { orderStatus: 'Filled' });
			expect(await positionSize()).toBeCloseTo(before, 9);
		});

		test('pays on spot in the coin that it gets', async () => {
			const market = { category: 'spot', symbol: SYMBOL, orderType: 'Market', qty: QTY, marketUnit: 'baseCoin' } as const;
			for (const [side, feeCurrency] of [
				['Buy', 'BTC'],
				['Sell', 'USDT'],
			] as const) {
				const { orderId } = good(await unhurried(() => rest.submitOrder({ ...market, side }))).result;
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
			const forger = streams('private', box.bybit.private, { secret: 'wrong' });
			void forger.client.subscribeV5('order', 'linear', true);
			expect(await forger.troubles.find('the refusal', ({ op }) => op === 'auth')).toMatchObject({ success: false });
			expect(forger.frames.items).toEqual([]);
		});
	});

	describe('over its trade socket', () => {
		let trade: WebsocketAPIClient;

		beforeAll(() => {
			trade = tradeClient();
		});

		function tradeClient(more: { secret?: string } = {}): WebsocketAPIClient {
			const { apiKey: key, apiSecret: secret } = box.account;
			const options = { wsUrl: box.bybit.trade, key, secret, pingInterval: PING_EVERY_MS, attachEventListeners: false, ...more };
			const client = new WebsocketAPIClient(options, quiet);
			client.getWSClient().on('exception', () => undefined); // the refusals that the tests provoke also reject their promises
			closers.push(() => client.getWSClient().closeAll(true));
			return client;
		}

		test('places, amends and cancels', async () => {
			const { farBelow: price } = await prices();
			const target = { category: 'linear', symbol: SYMBOL, orderLinkId: 'ws-1' } as const;
			const placed = await promptly(
				'order.create',
				trade.submitNewOrder({ ...target, side: 'Buy', orderType: 'Limit', qty: QTY, price }),
			);
			expect(placed).toMatchObject({ retCode: 0, op: 'order.create', data: { orderLinkId: 'ws-1' } });
			expect(placed.header?.['X-Bapi-Limit']).toBe('10');
			const amended = await promptly('order.amend', trade.amendOrder({ ...target, qty: '0.020' }));
			expect(amended.data.orderId).toBe(placed.data.orderId);
			expect(Number((await order(placed.data.orderId))?.qty)).toBe(0.02);
			await promptly('order.cancel', trade.cancelOrder(target));
			expect(await order(placed.data.orderId)).toMatchObject({ orderStatus: 'Cancelled' });
			await expect(promptly('a late cancel', trade.cancelOrder(target))).rejects.toMatchObject({
				retCode: 110001,
				op: 'order.cancel',
			});
		});

		test('sends batches of which some items fail', async () => {
			const { farBelow: price } = await prices();
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
});

/** The reply, if the venue took the request in. */
function good<T extends APIResponseV3<unknown>>(reply: T): T {
	expect(reply.retCode, reply.retMsg).toBe(0);
	return reply;
}

/** Once more when the rate limit said no, since tests share an account. */
function unhurried<T extends APIResponseV3<unknown>>(ask: () => Promise<T>): Promise<T> {
	return eventually('room in the rate limit', async () => {
		const reply = await ask();
		return reply.retCode === 10006 ? undefined : reply;
	});
}

/** The codes of a batch, item by item. */
function codes(reply: { readonly retExtInfo: { readonly list?: readonly { readonly code: number }[] } }): number[] {
	return (reply.retExtInfo.list ?? []).map(({ code }) => code);
}

/** Numbers in text may have other zeros at their end. */
function fits(item: Readonly<Record<string, unknown>>, wanted: Readonly<Record<string, unknown>>): boolean {
	return Object.entries(wanted).every(
		([name, value]) => item[name] === value || (name === 'qty' && Number(item[name]) === Number(value)),
	);
}
