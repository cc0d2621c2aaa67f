/** Market data over real sockets: joined to an app that trades, and to venues that are opened for it alone. */
import { afterEach, describe, expect, test } from 'vitest';
import { createApp } from './create-app.ts';
import { type ConnectMarketDataOptions, connectMarketData } from './market-data.ts';
import { type ExchangeOptions, openExchange } from './open-exchange.ts';

const toDispose: AsyncDisposable[] = [];

afterEach(async () => {
	for (const each of toDispose.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

async function openBox(options: ExchangeOptions = {}) {
	const box = await openExchange({ market: 'quiet', binancePort: 0, ...options });
	toDispose.push(box);
	if (box.binance === undefined) throw new Error('the box was opened with Binance');
	return { ...box, binance: box.binance, account: () => box.account() };
}

const bothOf = (box: Awaited<ReturnType<typeof openBox>>): ConnectMarketDataOptions => ({
	venues: {
		bybit: { exchange: box.bybit, symbols: ['BTCUSDT', 'spot:ETHUSDT'] },
		binance: { exchange: box.binance, symbols: ['spot:BTCUSDT', 'ETHUSDT'] },
	},
});

test('without key or engine: every market of both venues, by the names that say which one is meant', async () => {
	const data = await connectMarketData(bothOf(await openBox()));
	toDispose.push(data);
	const names = ['linear:BTCUSDT', 'bybit:spot:ETHUSDT', 'spot:BTCUSDT', 'binance:linear:ETHUSDT'];
	const prices = await data.fetchPricesBatch([...names, 'BTCUSDT', 'NOSUCH']);
	expect([...prices].map(([name, price]) => (price.kind === 'ok' ? `${name} ok` : price.detail))).toEqual([
		...names.map((name) => `${name} ok`),
		'BTCUSDT is several symbols: say bybit:linear:BTCUSDT or binance:spot:BTCUSDT',
		'NOSUCH is unknown: it is not among the symbols that were opened',
	]);
	const books = await data.fetchOrderBooksBatch(names, { depth: 5 });
	for (const book of books.values()) {
		if (book.kind === 'failed') throw new Error(book.detail);
		expect([book.value.bids.length, book.value.asks.length]).toEqual([5, 5]);
	}
	const bars = await data.fetchKlinesBatch(names, { interval: '1m', count: 3 });
	expect([...bars.values()].every(({ kind }) => kind === 'ok')).toBe(true);
});

test('what streams bring is told as the venues say it, from each market', async () => {
	const data = await connectMarketData(bothOf(await openBox()));
	toDispose.push(data);
	for (const symbol of ['linear:BTCUSDT', 'spot:BTCUSDT', 'binance:linear:ETHUSDT']) {
		for await (const told of data.stream(symbol, { kind: 'book', depth: 3 })) {
			const asked = (await data.fetchOrderBooksBatch([symbol], { depth: 3 })).get(symbol);
			if (told.kind === 'failed' || asked?.kind !== 'ok') throw new Error('no book');
			expect([told.value.bids, told.value.asks]).toEqual([asked.value.bids, asked.value.asks]);
			break;
		}
	}
});

test('what is heard anyway is not asked for', async () => {
	const data = await connectMarketData(bothOf(await openBox()));
	toDispose.push(data);
	const signal = AbortSignal.timeout(10_000);
	const prices = data.stream('binance:linear:ETHUSDT', { kind: 'price' }, { signal });
	let isHeard = false;
	for await (const price of prices) {
		// Who asks is told the mark in place of a trade; here nobody has traded.
		isHeard = price.kind === 'ok' && price.value.last === 0 && price.value.mark > 0;
		if (isHeard) break;
	}
	expect(isHeard).toBe(true);
});

test('an app has it of what it trades; what a listener throws is thrown by the next tick', async () => {
	const box = await openBox();
	const app = await createApp({ exchange: box.bybit, ...box.account(), symbols: ['BTCUSDT'] });
	toDispose.push(app);
	const { bid } = app.top('BTCUSDT') ?? {};
	const prices = await app.marketData.fetchPricesBatch(['BTCUSDT', 'ETHUSDT']);
	expect(prices.get('BTCUSDT')).toMatchObject({ kind: 'ok', value: { bid: Number(bid) } });
	expect(prices.get('ETHUSDT')).toMatchObject({ kind: 'failed', class: 'fatal' });
	const bug = new Error('a bug of theirs');
	app.marketData.subscribe('BTCUSDT', { kind: 'price' }, () => {
		throw bug;
	});
	await app.sleep(20);
	await expect(app.processTick()).rejects.toThrow(bug);
	await app.stop();
	expect((await app.marketData.fetchPricesBatch(['BTCUSDT'])).get('BTCUSDT')).toMatchObject({ kind: 'failed', reason: 'closed' });
});

describe('what is wrong is said', () => {
	test.each([
		['no venue', {}, 'no venue is named'],
		['a venue that there is not', { kraken: { exchange: 'mainnet', symbols: ['BTCUSDT'] } }, "there is no venue 'kraken'"],
		['no place', { bybit: { symbols: ['BTCUSDT'] } }, 'the exchange is not given'],
		['a strange place', { binance: { exchange: 'prod', symbols: ['BTCUSDT'] } }, "the exchange is 'prod'"],
		['no symbols', { bybit: { exchange: 'mainnet', symbols: 'BTCUSDT' } }, 'the symbols of bybit are no list'],
	])('%s', async (_what, venues, says) => {
		// As programs without types write it.
		const options = { venues } as unknown as ConnectMarketDataOptions;
		await expect(connectMarketData(options)).rejects.toMatchObject({
			code: 'cannot-start',
			message: expect.stringContaining(says) as string,
		});
	});

	test('a symbol that the venue does not have', async () => {
		const box = await openBox();
		const venues = { bybit: { exchange: box.bybit, symbols: ['BTCUSDT', 'NOSUCHUSDT'] } };
		await expect(connectMarketData({ venues })).rejects.toMatchObject({
			code: 'cannot-start',
			message: expect.stringContaining('NOSUCHUSDT') as string,
		});
	});
});
