/** What holds the venue together; that it trades at all is shown over real sockets (test/venues/binance-venue.test.ts). */
import { expect, test } from 'vitest';
import { makeTestInstrument } from '../../../test/fixtures/instruments.ts';
import { createBook, type OrderBook } from '../../domain/book.ts';
import type { EngineEvent } from '../../domain/event.ts';
import { instrumentIndex, makeInstrument, printPrice } from '../../domain/instrument.ts';
import { timeMs } from '../../domain/units.ts';
import { RECONNECT_POLICY } from '../../network/reconnect.ts';
import { NO_METER } from '../../ports/meter.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { settle } from '../wire/rest-scene.suite.ts';
import { GATEWAY_OPTIONS } from './gateway.ts';
import { SpotPlace } from './spot-place.suite.ts';
import { environmentUrls } from './urls.ts';
import { Binance } from './venue.ts';

const HALF_HOUR_MS = 1_800_000;

test('a filter that changed reaches the engine and the streams: prices are counted on the new grid from then on', async () => {
	const clock = new VirtualClock(1_771_000_000_000);
	const place = new SpotPlace(clock);
	const book: OrderBook = createBook();
	const events: EngineEvent[] = [];
	const options = { urls: environmentUrls('testnet'), credentials: undefined, recvWindowMs: 5_000, warmConnections: 0 };
	const venue = new Binance(
		{ ...options, orderCalls: GATEWAY_OPTIONS, reconnect: RECONNECT_POLICY },
		{
			...{ transport: place, clock, rng: seededRng(3), meter: NO_METER, bookOf: () => book },
			sink: (event) => {
				if (event.kind === 'book') book.apply(event.delta);
				else events.push(event);
			},
		},
	);
	const loaded = await settle(clock, venue.load([{ category: 'spot', symbol: 'BTCUSDT' }]));
	const [spec] = loaded.kind === 'loaded' ? loaded.specs : [];
	if (spec === undefined) throw new Error(JSON.stringify(loaded));
	const made = makeInstrument(spec, { index: instrumentIndex(0), version: 1, refreshedAtMs: timeMs(0) });
	if (made.kind === 'refused') throw new Error(made.field);
	venue.subscribe([made.instrument]);
	const pass = (ms: number): Promise<void> => settle(clock, new Promise((resolve) => void clock.after(ms, resolve)));
	await pass(1_000);
	const { truth } = place.market.book('BTCUSDT');
	expect(venue.isReady).toBe(true);
	expect(book.bestBidTicks).toBe(truth.bestBidTicks);

	place.tickSize = '0.05';
	await pass(HALF_HOUR_MS + 5_000);
	const renewed = events.flatMap((event) => (event.kind === 'instrument' ? [event.instrument] : [])).at(-1);
	expect(renewed).toMatchObject({ version: 2, priceGrid: { step: '0.05' } });
	if (renewed === undefined) return;
	place.market.cut();
	await pass(30_000);
	expect(book.trust.kind).toBe('whole');
	expect(printPrice(renewed, book.bestBidTicks)).toBe((truth.bestBidTicks / 10).toFixed(2));
	await venue[Symbol.asyncDispose]();
	expect(place.sockets.filter(({ isOpen }) => isOpen)).toEqual([]);
});

test.each([
	['ws', ['linear']],
	['rest', ['spot', 'linear']],
] as const)(
	'with orders by %s, connections are warmed for %j: batches of futures go over REST in any case',
	async (orderEntry, markets) => {
		const clock = new VirtualClock(1_771_000_000_000);
		const place = new SpotPlace(clock);
		const urls = environmentUrls('testnet');
		const orderCalls = { ...GATEWAY_OPTIONS, orderEntry };
		await using venue = new Binance(
			{ urls, credentials: undefined, recvWindowMs: 5_000, warmConnections: 7, orderCalls, reconnect: RECONNECT_POLICY },
			{ transport: place, clock, rng: seededRng(3), meter: NO_METER, bookOf: () => createBook(), sink: () => {} },
		);
		const wanted = (['spot', 'linear'] as const).map((category) => ({ category, symbol: 'BTCUSDT' }));
		const loaded = await settle(clock, venue.load(wanted));
		expect(loaded).toMatchObject({ kind: 'loaded' });
		venue.subscribe(wanted.map((each, index) => makeTestInstrument({ venue: 'binance', index, ...each })));
		const origins = { spot: urls.spotRest, linear: urls.futuresRest };
		expect(place.warmed.toSorted()).toEqual(markets.map((market) => `7 orders to ${origins[market]}`).toSorted());
	},
);
