/** `bybit-api` as it comes from its authors, over real sockets: its public streams. Only the URLs are ours. */
import { describe, expect, test } from 'vitest';
import { onlyLoopback } from './box.ts';
import { good, SECONDS, SYMBOL, useBybitApi } from './bybit-api.ts';
import { type BookFrame, StreamBook } from './stream-book.ts';
import { eventually, Inbox } from './wait.ts';

describe.skipIf(!onlyLoopback)('bybit-api over its public streams', () => {
	const api = useBybitApi({ seed: '17' });

	test.each([
		['linear', 1],
		['linear', 50],
		['linear', 200],
		['linear', 1000],
		['spot', 50],
	] as const)(
		'builds a book of %s from orderbook.%i that is the one REST shows',
		async (category, depth) => {
			const { client, troubles } = api.streams('public', api.box.bybit.public[category]);
			const book = new StreamBook();
			client.on('update', (frame: BookFrame) => book.apply(frame));
			void client.subscribeV5(`orderbook.${depth}.${SYMBOL}`, category);
			await eventually('the first snapshot', () => book.last);
			let compared = 0;
			await eventually(
				'three moments at which both spoke',
				async () => {
					const { result } = good(await api.rest.getOrderbook({ category, symbol: SYMBOL, limit: depth }));
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
		const { client } = api.streams('public', api.box.bybit.public.linear);
		const book = new StreamBook();
		client.on('update', (frame: BookFrame) => book.apply(frame));
		await Promise.all(client.subscribeV5(`orderbook.1000.${SYMBOL}`, 'linear'));
		const first = await eventually('the first snapshot', () => book.last);
		const { u } = good(await api.rest.getOrderbook({ category: 'linear', symbol: SYMBOL, limit: 1000 })).result;
		const later = await eventually('the next delta', () => (book.last === first ? undefined : book.last));
		expect(u).toBeGreaterThanOrEqual(first.u);
		expect(u).toBeLessThanOrEqual(later.u);
	});

	test(
		'gets trades, tickers and candles',
		async () => {
			const { client, frames, troubles } = api.streams('public', api.box.bybit.public.linear);
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
		const { client, frames, troubles } = api.streams('public', api.box.bybit.public.spot);
		void client.subscribeV5(`orderbook.50.${SYMBOL}`, 'spot');
		expect((await frames.find('the spot book', ({ topic }) => topic === `orderbook.50.${SYMBOL}`)).type).toBe('snapshot');
		expect(troubles.items).toEqual([]);
	});

	test('hears of a topic that does not exist', async () => {
		const { client, troubles } = api.streams('public', api.box.bybit.public.linear);
		void client.subscribeV5('orderbook.50.NOPEUSDT', 'linear');
		expect(await troubles.find('the refusal', ({ success }) => success === false)).toMatchObject({ op: 'subscribe' });
	});

	test('has its pings answered on every socket', async () => {
		for (const [kind, url] of [
			['public', api.box.bybit.public.spot],
			['public', api.box.bybit.public.linear],
			['public', api.box.bybit.public.inverse],
			['private', api.box.bybit.private],
		] as const) {
			const pongs = new Inbox<string>();
			const { client, troubles } = api.streams(kind, url, {}, (note) => pongs.push(note));
			// On a socket without a subscription nothing but the pong keeps the client from dropping it.
			void (kind === 'public' ? client.connect('v5LinearPublic') : client.connectPrivate());
			await eventually(`pongs from ${url}`, () =>
				pongs.items.filter((note) => note === 'Received PONG event').length > 2 ? true : undefined,
			);
			expect(troubles.items).toEqual([]);
		}
	});
});
