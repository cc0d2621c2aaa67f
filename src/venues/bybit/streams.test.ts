/** How the connections of the venue hang together; what each one does is tested beside it. */
import { expect, test } from 'vitest';
import { FakePublicVenue } from '../../../test/fixtures/bybit-public-venue.ts';
import { FakeTransport } from '../../../test/fixtures/fake-transport.ts';
import { makeTestInstrument } from '../../../test/fixtures/instruments.ts';
import { createBook } from '../../domain/book.ts';
import type { EngineEvent } from '../../domain/event.ts';
import { type Instrument, instrumentIndex } from '../../domain/instrument.ts';
import { RECONNECT_POLICY } from '../../network/reconnect.ts';
import { NO_METER } from '../../ports/meter.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { VenueClock } from '../wire/venue-clock.ts';
import type { Kline } from './codec/plain-kline.ts';
import { BybitRest } from './rest.ts';
import { BybitStreams } from './streams.ts';
import { environmentUrls } from './urls.ts';

const LINEAR = Array.from({ length: 2 }, (_, index) => makeTestInstrument({ index, symbol: `L${index}USDT` }));
const SPOT = [makeTestInstrument({ index: 2, symbol: 'S2USDT', category: 'spot' })];
const MANY = Array.from({ length: 400 }, (_, index) => makeTestInstrument({ index, symbol: `SYMBOL${index}USDT` }));

function openStreams(instruments: readonly Instrument[]) {
	const clock = new VirtualClock(1_771_000_000_000);
	const rng = seededRng(1);
	const transport = new FakeTransport(clock);
	const venues: FakePublicVenue[] = [];
	transport.onConnect = (socket) => {
		const venue = new FakePublicVenue({ clock, rng, instruments });
		venues.push(venue);
		venue.accept(socket);
	};
	const events: EngineEvent[] = [];
	const books = new Map(instruments.map(({ index }) => [index, createBook()]));
	const sink = (event: EngineEvent): void => {
		if (event.kind === 'book') books.get(event.instrument)?.apply(event.delta);
		else events.push(event);
	};
	const venueClock = new VenueClock({ venue: 'bybit', clock, sink });
	const streams = new BybitStreams({
		venue: 'bybit',
		transport,
		clock,
		rng,
		policy: RECONNECT_POLICY,
		urls: environmentUrls('testnet'),
		credentials: undefined,
		rest: new BybitRest({
			...{ transport, clock, rng, venueClock },
			venue: 'bybit',
			meter: NO_METER,
			origin: 'http://test',
			credentials: undefined,
		}),
		venueClock,
		bookOf: (index) => books.get(index),
	});
	streams.subscribe(instruments, sink);
	clock.run(500);
	const publicUps = (): boolean[] => events.flatMap((event) => (event.kind === 'stream' ? [event.up] : []));
	return { clock, transport, venues, events, streams, sink, books, publicUps };
}

test('one connection a category; without a key there is no private one', () => {
	const { transport, streams, books } = openStreams([...LINEAR, ...SPOT]);
	expect(transport.sockets.map(({ target }) => target.url)).toEqual([
		'wss://stream-testnet.bybit.com/v5/public/spot',
		'wss://stream-testnet.bybit.com/v5/public/linear',
	]);
	expect(streams.isComplete).toBe(true);
	expect([...books.values()].map(({ trust }) => trust.kind)).toEqual(['whole', 'whole', 'whole']);
});

test('of what stands still when we begin no topic is asked for, which would be refused and keep the rest from being complete', () => {
	const [one, two] = LINEAR;
	if (one === undefined || two === undefined) throw new Error('two instruments are needed');
	const { venues, streams, books } = openStreams([one, { ...two, status: 'halted' }]);
	expect(streams.isComplete).toBe(true);
	expect(venues.flatMap(({ topics }) => [...topics]).filter((topic) => topic.endsWith(`.${two.symbol}`))).toEqual([]);
	expect(books.get(one.index)?.trust.kind).toBe('whole');
});

test('as many connections as the topics of all symbols need, each within the bound of the venue', () => {
	const { transport, venues, books } = openStreams(MANY);
	expect(transport.sockets.length).toBeGreaterThan(1);
	for (const { topics } of venues) expect([...topics].join('","').length + 2).toBeLessThanOrEqual(21_000);
	expect(venues.reduce((sum, { topics }) => sum + topics.size, 0)).toBe(MANY.length * 4);
	expect([...books.values()].every(({ trust }) => trust.kind === 'whole')).toBe(true);
});

test('one connection that is lost takes its own books with it, and only the last one takes the stream down', () => {
	const { clock, venues, events, publicUps } = openStreams([...LINEAR, ...SPOT]);
	const lost = () => events.flatMap((event) => (event.kind === 'bookLost' ? [event.instrument] : []));
	venues[0]?.cut();
	expect([publicUps(), lost()]).toEqual([[true], [2]]);
	venues[1]?.cut();
	expect([publicUps(), lost()]).toEqual([
		[true, false],
		[2, 0, 1],
	]);
	clock.run(5_000);
	expect(publicUps()).toEqual([true, false, true]);
});

test('it is subscribed once, and ends everything when it is disposed', async () => {
	const { clock, streams, sink, transport, events } = openStreams(LINEAR);
	expect(() => streams.subscribe(LINEAR, sink)).toThrow('subscribed already');
	await streams[Symbol.asyncDispose]();
	const told = events.length;
	clock.run(60_000);
	expect([transport.sockets.length, transport.socket.fate, events.length]).toEqual([1, 'closed', told]);
});

test('a changed filter reaches the one instrument that it is about', () => {
	const { clock, streams, books, events } = openStreams(LINEAR);
	streams.update(makeTestInstrument({ index: 1, symbol: 'L1USDT', tickSize: '0.01', version: 2 }));
	expect(events.at(-1)).toMatchObject({ kind: 'bookLost', instrument: 1 });
	expect(streams.isComplete).toBe(false);
	clock.run(2_000);
	expect([streams.isComplete, books.get(instrumentIndex(0))?.bestBidTicks]).toEqual([true, 649_999]);
	expect(books.get(instrumentIndex(1))?.bestBidTicks).toBe(6_499_990);
});

test('candles come on connections of their own, of the category that their symbol has, and the books hang on none of them', async () => {
	const { clock, transport, venues, streams, events } = openStreams([...LINEAR, ...SPOT]);
	const told: Kline[] = [];
	const hear = (kline: Kline): void => void told.push(kline);
	streams.followKlines(instrumentIndex(1), '1', hear);
	streams.followKlines(instrumentIndex(0), 'D', hear);
	streams.followKlines(instrumentIndex(2), '1', hear);
	expect(streams.isComplete, 'candles do not count').toBe(true);
	clock.run(500);
	expect(transport.sockets.slice(2).map(({ target }) => target.url)).toEqual([
		'wss://stream-testnet.bybit.com/v5/public/linear',
		'wss://stream-testnet.bybit.com/v5/public/spot',
	]);
	expect(venues.slice(2).map(({ topics }) => [...topics])).toEqual([['kline.1.L1USDT', 'kline.D.L0USDT'], ['kline.1.S2USDT']]);

	const row = { start: 0, end: 59_999, interval: '1', open: '1.5', close: '1.5', high: '1.5', low: '1.5' };
	const frame = (topic: string) => ({
		...{ topic, type: 'snapshot', ts: 1 },
		data: [{ ...row, volume: '0', turnover: '0', confirm: true, timestamp: 1 }],
	});
	venues[2]?.tell(frame('kline.1.L1USDT'));
	venues[3]?.tell(frame('kline.1.S2USDT'));
	streams.update(makeTestInstrument({ index: 2, symbol: 'S2USDT', category: 'spot', tickSize: '0.01', version: 2 }));
	venues[3]?.tell(frame('kline.1.S2USDT'));
	expect(told.map(({ instrument, openTicks }) => [instrument, openTicks])).toEqual([
		[1, 15],
		[2, 15],
		[2, 150],
	]);

	const before = events.length;
	venues[2]?.cut();
	expect(events.slice(before), 'nothing is lost with it').toEqual([]);
	await streams[Symbol.asyncDispose]();
	clock.run(60_000);
	expect(transport.sockets.slice(2).map(({ fate }) => fate)).toEqual(['none', 'closed']);
});

test('more candles than one connection holds get another one', () => {
	const { clock, transport, venues, streams } = openStreams(MANY);
	const bookSockets = transport.sockets.length;
	for (const interval of ['1', '5', 'D'] as const) {
		for (const { index } of MANY) streams.followKlines(index, interval, () => undefined);
	}
	clock.run(500);
	const topics = venues.slice(bookSockets).map((venue) => [...venue.topics]);
	expect(topics.length).toBeGreaterThan(1);
	expect(topics.flat()).toHaveLength(MANY.length * 3);
});

test('there are no candles of what is not subscribed to', () => {
	const { streams } = openStreams(LINEAR);
	expect(() => streams.followKlines(instrumentIndex(7), '1', () => undefined)).toThrow('know no instrument 7');
});
