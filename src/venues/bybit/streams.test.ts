/** How the connections of the venue hang together; what each one does is tested beside it. */
import { expect, test } from 'vitest';
import { FakePublicVenue } from '../../../test/fixtures/bybit-public-venue.ts';
import { FakeTransport } from '../../../test/fixtures/fake-transport.ts';
import { makeTestInstrument } from '../../../test/fixtures/instruments.ts';
import { createBook } from '../../domain/book.ts';
import type { EngineEvent } from '../../domain/event.ts';
import { type Instrument, instrumentIndex } from '../../domain/instrument.ts';
import { RECONNECT_POLICY } from '../../network/reconnect.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { BybitRest } from './rest.ts';
import { BybitStreams } from './streams.ts';
import { environmentUrls } from './urls.ts';
import { VenueClock } from './venue-clock.ts';

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
		transport,
		clock,
		rng,
		policy: RECONNECT_POLICY,
		urls: environmentUrls('testnet'),
		credentials: undefined,
		rest: new BybitRest({ transport, clock, rng, venueClock, origin: 'http://test', credentials: undefined }),
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
