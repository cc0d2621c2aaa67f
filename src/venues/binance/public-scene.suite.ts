/** A public socket against a market of the tests' own, in virtual time. */
import { FakeBinanceMarket } from '../../../test/fixtures/binance-public-venue.ts';
import { FakeTransport } from '../../../test/fixtures/fake-transport.ts';
import { BTCUSDT_SPEC, makeTestInstrument } from '../../../test/fixtures/instruments.ts';
import { createBook, type OrderBook } from '../../domain/book.ts';
import type { EngineEvent } from '../../domain/event.ts';
import type { Instrument } from '../../domain/instrument.ts';
import { RECONNECT_POLICY } from '../../network/reconnect.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import type { StreamNote } from '../wire/stream-note.ts';
import type { Market } from './codec/frames.ts';
import { PublicSocket } from './public-socket.ts';
import type { StreamPart } from './stream-topics.ts';

const START_MS = 1_771_000_000_000;

export function instrumentsOf(market: Market, symbols: readonly string[] = ['BTCUSDT', 'ETHUSDT']): Instrument[] {
	return symbols.map((symbol, index) =>
		makeTestInstrument({ ...BTCUSDT_SPEC, venue: 'binance', category: market, symbol, index }),
	);
}

/** What the engine does with the events of books. */
export class Desk {
	readonly books = new Map<number, OrderBook>();
	readonly events: EngineEvent[] = [];
	/** Called after each event about a book. */
	onBook: (index: number) => void = () => undefined;

	readonly sink = (event: EngineEvent): void => {
		if (event.kind === 'book') this.book(event.instrument).apply(event.delta);
		else this.events.push(event);
		if (event.kind === 'bookLost') this.book(event.instrument).distrust(event.reason);
		if (event.kind === 'book' || event.kind === 'bookLost') this.onBook(event.instrument);
	};

	book(index: number): OrderBook {
		const book = this.books.get(index) ?? createBook();
		this.books.set(index, book);
		return book;
	}

	of(kind: EngineEvent['kind']): EngineEvent[] {
		return this.events.filter((event) => event.kind === kind);
	}
}

export interface PublicOptions {
	readonly market: Market;
	readonly part?: StreamPart;
	readonly seed?: number;
	readonly instruments?: readonly Instrument[];
	readonly isStarted?: boolean;
	readonly heartbeatMs?: number;
}

export function openPublic(options: PublicOptions) {
	const { market, seed = 1, isStarted = true, heartbeatMs } = options;
	const instruments = options.instruments ?? instrumentsOf(market);
	const part = options.part ?? (market === 'spot' ? 'all' : 'books');
	const clock = new VirtualClock(START_MS);
	const transport = new FakeTransport(clock);
	const rng = seededRng(seed);
	const venue = new FakeBinanceMarket({ market, clock, rng: rng.fork('venue'), instruments });
	transport.onConnect = venue.accept;
	const desk = new Desk();
	const notes: StreamNote[] = [];
	const ups: boolean[] = [];
	const socket = new PublicSocket({
		transport,
		clock,
		rng: rng.fork('socket'),
		policy: RECONNECT_POLICY,
		name: 'public',
		market,
		part,
		url: 'ws://test/stream',
		instruments,
		...(heartbeatMs === undefined ? {} : { heartbeatMs }),
		bookOf: (index) => desk.book(index),
		askDepth: venue.askDepth,
		askBest: venue.askBest,
		sink: desk.sink,
		watch: (note) => notes.push(note),
		upChanged: (isUp) => ups.push(isUp),
	});
	if (isStarted) {
		socket.start();
		clock.run(200);
	}
	const isTrue = (symbol: string): boolean => {
		const index = instruments.find((each) => each.symbol === symbol)?.index ?? -1;
		const ours = desk.book(index);
		return ours.trust.kind === 'whole' && ours.hash() === venue.book(symbol).truth.hash();
	};
	/** Changes that the venue tells of, one by one. */
	const trade = (symbol: string, count = 1): void => {
		for (let i = 0; i < count; i += 1) {
			venue.change(symbol);
			clock.run(60);
		}
		clock.run(120);
	};
	return { clock, transport, venue, desk, notes, ups, socket, instruments, isTrue, trade };
}
