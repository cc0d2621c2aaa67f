/** npm `binance` as it comes from its author, over real sockets: its streams of both markets. Only the URLs are ours. */
import type { WebsocketClient } from 'binance';
import { afterEach, describe, expect, test } from 'vitest';
import { farBelow, SECONDS, SYMBOL, useBinance } from './binance.ts';
import { type Event, futuresRest, spotRest, streams } from './binance-sdk.ts';
import { onlyLoopback } from './box.ts';
import { DiffBook, type DiffEvent, followBook } from './diff-book.ts';
import { eventually, type Inbox } from './wait.ts';

const FUTURES_QTY = 0.01;

describe.skipIf(!onlyLoopback)('binance over its streams', () => {
	const binance = useBinance({ seed: '41' });
	const opened: WebsocketClient[] = [];

	afterEach(() => {
		for (const client of opened.splice(0)) client.closeAll(true);
	});

	function open(onNote?: (note: string) => void): ReturnType<typeof streams> {
		const stream = streams(binance, onNote);
		opened.push(stream.client);
		return stream;
	}

	test.each(['spot', 'futures'] as const)(
		'keeps a book of %s without a gap that goes where REST says it stands',
		async (market) => {
			const { client, troubles } = open();
			const book = new DiffBook(market);
			client.on('message', (message) => {
				const event = { ...message } as unknown as DiffEvent & { readonly e?: string };
				if (event.e === 'depthUpdate') book.push(event);
			});
			await client.subscribe(['btcusdt@depth@100ms'], market === 'spot' ? 'main' : 'usdm');
			const rest = market === 'spot' ? spotRest(binance) : futuresRest(binance);
			await followBook(book, (limit) => rest.getOrderBook({ symbol: SYMBOL, limit }));
			expect(troubles.items).toEqual([]);
		},
		60 * SECONDS,
	);

	test(
		'gets everything there is of a spot symbol on one socket',
		async () => {
			const { client, events, troubles } = open();
			const named = ['depth@100ms', 'trade', 'aggTrade', 'kline_1m', 'miniTicker', 'ticker', 'depth5@100ms', 'bookTicker'];
			await client.subscribe(
				named.map((each) => `btcusdt@${each}`),
				'main',
			);
			for (const e of ['depthUpdate', 'trade', 'aggTrade', 'kline', '24hrMiniTicker', '24hrTicker']) {
				expect(await heard(events, e)).toMatchObject({ e, s: SYMBOL });
			}
			const best = await events.find('the best prices', (event) => 'B' in event && 'A' in event);
			expect(Number(best['b'])).toBeLessThan(Number(best['a']));
			const levels = await events.find('five levels', (event) => 'bids' in event);
			expect(levels['bids']).toHaveLength(5);
			expect(troubles.items).toEqual([]);
		},
		60 * SECONDS,
	);

	test(
		'gets everything there is of a contract, from two sockets that it picks by topic',
		async () => {
			const { client, events, troubles } = open();
			const named = ['depth', 'bookTicker', 'aggTrade', 'kline_1m', 'miniTicker', 'ticker', 'markPrice@1s', 'depth5@100ms'];
			await client.subscribe([...named.map((each) => `btcusdt@${each}`), '!markPrice@arr@1s'], 'usdm');
			const kinds = ['depthUpdate', 'bookTicker', 'aggTrade', 'kline', '24hrMiniTicker', '24hrTicker', 'markPriceUpdate'];
			for (const e of kinds) expect(await heard(events, e)).toMatchObject({ e, s: SYMBOL });
			expect(Number((await heard(events, 'markPriceUpdate'))['p'])).toBeGreaterThan(0);
			expect(troubles.items).toEqual([]);
		},
		60 * SECONDS,
	);

	test('hears of its futures orders, fills, money and leverage by listen key', async () => {
		const { client, events, troubles } = open();
		await client.subscribeUsdFuturesUserDataStream();
		const rest = futuresRest(binance);
		const { bidPrice } = await rest.getSymbolOrderBookTicker({ symbol: SYMBOL });
		const newClientOrderId = `${rest.getOrderIdPrefix()}watched`;
		const order = { symbol: SYMBOL, side: 'BUY', quantity: FUTURES_QTY } as const;
		const price = farBelow(bidPrice);
		await rest.submitNewOrder({ ...order, type: 'LIMIT', timeInForce: 'GTX', price, newClientOrderId });
		await rest.modifyOrder({ symbol: SYMBOL, side: 'BUY', origClientOrderId: newClientOrderId, quantity: 0.02, price });
		await rest.cancelOrder({ symbol: SYMBOL, origClientOrderId: newClientOrderId });
		for (const [x, X] of [
			['NEW', 'NEW'],
			['AMENDMENT', 'NEW'],
			['CANCELED', 'CANCELED'],
		]) {
			expect(await ofOrder(events, { c: newClientOrderId, x })).toMatchObject({ s: SYMBOL, S: 'BUY', f: 'GTX', X });
		}

		const bought = `${rest.getOrderIdPrefix()}bought`;
		await rest.submitNewOrder({ ...order, type: 'MARKET', newClientOrderId: bought });
		const fill = await ofOrder(events, { c: bought, x: 'TRADE' });
		expect(fill).toMatchObject({ N: 'USDT', m: false, o: 'MARKET' });
		expect(Number(fill['n'])).toBeGreaterThan(0);
		const trades = await rest.getAccountTrades({ symbol: SYMBOL });
		expect(trades.map(({ id }) => id)).toContain(fill['t']);
		expect(await events.find('the trade in short', (event) => event['e'] === 'TRADE_LITE')).toMatchObject({ c: bought });
		const account = await events.find('the account', (event) => event['e'] === 'ACCOUNT_UPDATE');
		expect(account['a']).toMatchObject({ m: 'ORDER', B: [{ a: 'USDT' }], P: [{ s: SYMBOL, ps: 'BOTH' }] });

		await rest.submitNewOrder({ ...order, side: 'SELL', type: 'MARKET', reduceOnly: 'true' });
		await rest.setLeverage({ symbol: SYMBOL, leverage: 9 });
		const settings = await events.find('the leverage', (event) => event['e'] === 'ACCOUNT_CONFIG_UPDATE');
		expect(settings['ac']).toEqual({ s: SYMBOL, l: 9 });
		expect(troubles.items).toEqual([]);
	});

	test('gets a new listen key and its events again after the socket of its own was cut', async () => {
		const { client, events, troubles } = open();
		await client.subscribeUsdFuturesUserDataStream();
		const rest = futuresRest(binance);
		await binance.operate('POST', '/v1/faults', { name: 'cut-socket', parameters: { channel: 'ws-private', count: 1 } });
		const from = events.items.length;
		let count = 0;
		await eventually('news again', async () => {
			await rest.setLeverage({ symbol: SYMBOL, leverage: 2 + (count++ % 20) });
			return events.items.slice(from).some((event) => event['e'] === 'ACCOUNT_CONFIG_UPDATE') ? true : undefined;
		});
		expect(troubles.items).toContainEqual(expect.stringMatching(/^reconnecting/) as string);
	});

	test('hears of a name that is no stream, and nothing of a symbol that there is not', async () => {
		const { client, events, troubles } = open();
		await client.subscribe(['nopeusdt@trade'], 'main');
		expect(troubles.items).toEqual([]);
		await client.subscribe(['btcusdt'], 'main');
		expect(await troubles.find('the refusal', () => true)).toMatchObject({ error: { code: 2 } });
		expect(events.items).toEqual([]);
	});

	test('has its pings answered where nothing else is said', async () => {
		const keys = ['main', 'usdmPublic', 'usdmMarket', 'mainWSAPI', 'usdmWSAPI'] as const;
		const ponged = keys.map(async (wsKey) => {
			let pongs = 0;
			const { client, troubles } = open((note) => {
				if (note.startsWith('Received pong')) pongs++;
			});
			await client.connect(wsKey);
			await eventually(`pongs on ${wsKey}`, () => (pongs > 1 ? true : undefined));
			expect(troubles.items).toEqual([]);
		});
		await Promise.all(ponged);
	});

	test(
		'comes back after its sockets were cut and goes on with what it had subscribed to',
		async () => {
			const { client, events, troubles } = open();
			await client.subscribe(['btcusdt@bookTicker'], 'main');
			await client.subscribe(['btcusdt@bookTicker'], 'usdm');
			await eventually('both markets', () => (marketsOf(events.items).size === 2 ? true : undefined));
			const from = events.items.length;
			await binance.operate('POST', '/v1/faults', { name: 'cut-socket', parameters: { channel: 'ws-public', count: 2 } });
			await eventually('two reconnects', () => (troubles.items.length >= 2 ? true : undefined));
			await eventually('both markets again', () => (marketsOf(events.items.slice(from)).size === 2 ? true : undefined));
			await binance.operate('DELETE', '/v1/faults');
			const later = events.items.length;
			await eventually('more of both', () => (marketsOf(events.items.slice(later)).size === 2 ? true : undefined));
		},
		60 * SECONDS,
	);
});

function heard(events: Inbox<Event>, kind: string): Promise<Event> {
	return events.find(kind, (event) => event['e'] === kind, { withinMs: 30 * SECONDS });
}

async function ofOrder(events: Inbox<Event>, wanted: Readonly<Record<string, unknown>>): Promise<Event> {
	const about = (event: Event): Event => (event['o'] ?? {}) as Event;
	const fits = (event: Event): boolean =>
		event['e'] === 'ORDER_TRADE_UPDATE' && Object.entries(wanted).every(([key, value]) => about(event)[key] === value);
	return about(await events.find(JSON.stringify(wanted), fits));
}

function marketsOf(events: readonly Event[]): ReadonlySet<unknown> {
	return new Set(events.map((event) => event['wsMarket']));
}
