/** The public socket against a venue of the tests' own, in virtual time. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakePublicVenue, GOOD_ROAD } from '../../../test/fixtures/bybit-public-venue.ts';
import { FakeTransport } from '../../../test/fixtures/fake-transport.ts';
import { BTCUSDT, ETHUSDT, makeTestInstrument, SOLUSDT_SPOT } from '../../../test/fixtures/instruments.ts';
import { createBook, type OrderBook } from '../../domain/book.ts';
import type { EngineEvent } from '../../domain/event.ts';
import type { Instrument } from '../../domain/instrument.ts';
import { RECONNECT_POLICY } from '../../network/reconnect.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import type { StreamNote } from '../wire/stream-note.ts';
import { PublicSocket, topicsOf } from './public-socket.ts';

/** What the engine does with the events of books. */
class Desk {
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
		let book = this.books.get(index);
		if (book === undefined) {
			book = createBook();
			this.books.set(index, book);
		}
		return book;
	}

	of(kind: EngineEvent['kind']): EngineEvent[] {
		return this.events.filter((event) => event.kind === kind);
	}
}

interface PublicOptions {
	readonly seed?: number;
	readonly instruments?: readonly Instrument[];
	readonly isStarted?: boolean;
	readonly heartbeatMs?: number;
}

function openPublic(options: PublicOptions = {}) {
	const { seed = 1, instruments = [BTCUSDT, ETHUSDT], isStarted = true, heartbeatMs } = options;
	const clock = new VirtualClock(1_771_000_000_000);
	const transport = new FakeTransport(clock);
	const rng = seededRng(seed);
	const venue = new FakePublicVenue({ clock, rng: rng.fork('venue'), instruments });
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
		category: instruments[0]?.category ?? 'linear',
		url: 'ws://test/v5/public/linear',
		depth: 50,
		instruments,
		...(heartbeatMs === undefined ? {} : { heartbeatMs }),
		bookOf: (index) => desk.book(index),
		sink: desk.sink,
		watch: (note) => notes.push(note),
		upChanged: (isUp) => ups.push(isUp),
	});
	if (isStarted) {
		socket.start();
		clock.run(100);
	}
	const isTrue = (instrument: Instrument): boolean => {
		const ours = desk.book(instrument.index);
		const { truth } = venue.book(instrument.symbol);
		return ours.trust.kind === 'whole' && ours.hash() === truth.hash();
	};
	return { clock, transport, venue, desk, notes, ups, socket, isTrue };
}

describe('books', () => {
	test('every topic is subscribed, in requests as small as spot wants them, and the books are the true ones', () => {
		for (const [instruments, most] of [
			[[BTCUSDT, ETHUSDT], 100],
			[Array.from({ length: 8 }, (_, index) => makeTestInstrument({ index, symbol: `S${index}USDT`, category: 'spot' })), 10],
		] as const) {
			const { venue, clock, socket, isTrue, ups } = openPublic({ instruments });
			expect([...venue.topics].sort()).toEqual(instruments.flatMap((each) => topicsOf(each, 50)).sort());
			expect(Math.max(...venue.requests.map(({ args }) => args.length))).toBeLessThanOrEqual(most);
			expect([socket.isComplete, ups]).toEqual([true, [true]]);
			for (const { symbol } of instruments) venue.change(symbol);
			clock.run(1);
			expect(instruments.map(isTrue)).toEqual(instruments.map(() => true));
		}
	});

	test('a book follows its deltas', () => {
		const { venue, clock, isTrue } = openPublic();
		for (let i = 0; i < 200; i += 1) {
			venue.change('BTCUSDT');
			clock.run(20);
			expect(isTrue(BTCUSDT)).toBe(true);
		}
		expect(isTrue(ETHUSDT)).toBe(true);
	});

	test('a book in which nothing was matched for a while is as old as the frame that tells of it (PT4)', () => {
		const { venue, clock, desk } = openPublic();
		venue.book('BTCUSDT').restedMs = 60_000;
		const changedAtMs = clock.wallMs();
		venue.change('BTCUSDT');
		clock.run(20);
		expect(desk.book(BTCUSDT.index).venueAtMs).toBeGreaterThanOrEqual(changedAtMs);
	});

	const breaks: readonly {
		readonly name: string;
		readonly reason: string;
		readonly break: (parts: ReturnType<typeof openPublic>) => void;
	}[] = [
		{
			name: 'a lost delta (F38)',
			reason: 'gap',
			break: ({ venue, clock }) => {
				venue.road.drop = 1;
				venue.change('BTCUSDT');
				clock.run(1);
				venue.road.drop = 0;
				venue.change('BTCUSDT');
			},
		},
		{
			name: 'an older snapshot (F38)',
			reason: 'gap',
			break: ({ venue }) => {
				const book = venue.book('BTCUSDT');
				const old = book.frame('orderbook.50.BTCUSDT', 'snapshot', book.all(50), 1_771_000_000_000);
				venue.change('BTCUSDT');
				venue.change('BTCUSDT');
				venue.tell(old.replace(/"seq":\d+/, '"seq":5'));
			},
		},
		{
			name: 'a crossed book (F39)',
			reason: 'crossed',
			break: ({ venue }) => {
				const book = venue.book('BTCUSDT');
				book.sequence += 1;
				book.crossSequence += 1;
				const levels = [['bid', 650_100, 1]] as const;
				venue.tell(book.frame('orderbook.50.BTCUSDT', 'delta', levels, 1_771_000_000_000));
			},
		},
		{
			name: 'a negative price (F39)',
			reason: 'unreadable',
			break: ({ venue }) => {
				const book = venue.book('BTCUSDT');
				const frame = book.frame('orderbook.50.BTCUSDT', 'delta', [['bid', 649_000, 1]], 1_771_000_000_000);
				venue.tell(frame.replace('"64900.0', '"-64900.0'));
			},
		},
		{
			name: 'a price between ticks (F39, F59)',
			reason: 'unreadable',
			break: ({ venue }) => {
				const book = venue.book('BTCUSDT');
				const frame = book.frame('orderbook.50.BTCUSDT', 'delta', [['bid', 649_000, 1]], 1_771_000_000_000);
				venue.tell(frame.replace('"64900.0', '"64900.05'));
			},
		},
		{
			name: 'a filter that changed (F59)',
			reason: 'stale',
			break: ({ socket }) => socket.update(makeTestInstrument({ tickSize: '0.01', version: 2 })),
		},
	];
	for (const { name, reason, break: breakIt } of breaks) {
		test(`${name} loses that book at once; its topic alone is subscribed again, the other goes on`, () => {
			const parts = openPublic();
			const { venue, clock, desk, notes, isTrue, transport } = parts;
			breakIt(parts);
			clock.run(1);
			expect(desk.book(0).trust).toEqual({ kind: 'broken', reason });
			expect(desk.of('bookLost')).toMatchObject([{ instrument: 0, reason }]);
			expect(notes).toContainEqual({ kind: 'bookLost', instrument: 'bybit:linear:BTCUSDT', reason });
			venue.change('ETHUSDT');
			clock.run(1);
			expect(isTrue(ETHUSDT)).toBe(true);
			clock.run(1_000);
			expect(venue.requests.slice(1)).toEqual([
				{ op: 'unsubscribe', args: ['orderbook.50.BTCUSDT'] },
				{ op: 'subscribe', args: ['orderbook.50.BTCUSDT'] },
			]);
			expect(desk.book(0).trust.kind).toBe('whole');
			if (name.includes('filter')) expect(desk.book(0).bestBidTicks).toBe(6_499_990);
			else expect(isTrue(BTCUSDT)).toBe(true);
			expect(transport.sockets).toHaveLength(1);
		});
	}

	test('repeated deltas change nothing, and are no reason to lose the book (F18, F38)', () => {
		const { venue, clock, desk, isTrue } = openPublic();
		venue.road.duplicate = 1;
		for (let i = 0; i < 50; i += 1) {
			venue.change('BTCUSDT');
			clock.run(20);
			expect(isTrue(BTCUSDT)).toBe(true);
		}
		expect(desk.of('bookLost')).toEqual([]);
	});

	test('a snapshot in mid-stream replaces the book, also when the venue counts anew after a restart (F40)', () => {
		const { venue, clock, desk, isTrue } = openPublic();
		venue.change('BTCUSDT');
		venue.snapshot('BTCUSDT');
		clock.run(1);
		expect(isTrue(BTCUSDT)).toBe(true);
		venue.restart('BTCUSDT');
		clock.run(1);
		expect([desk.book(0).sequence, isTrue(BTCUSDT)]).toEqual([1, true]);
		venue.change('BTCUSDT');
		clock.run(1);
		expect([desk.book(0).sequence, isTrue(BTCUSDT)]).toEqual([2, true]);
		expect(desk.of('bookLost')).toEqual([]);
	});

	test('a connection that is lost loses all its books, and brings them back', () => {
		const { venue, clock, desk, ups, isTrue } = openPublic();
		venue.cut();
		expect(desk.of('bookLost')).toMatchObject([
			{ instrument: 0, reason: 'disconnected' },
			{ instrument: 1, reason: 'disconnected' },
		]);
		for (let i = 0; i < 3; i += 1) venue.change('BTCUSDT');
		clock.run(2_000);
		expect([isTrue(BTCUSDT), isTrue(ETHUSDT), ups]).toEqual([true, true, [true, false, true]]);
	});

	test('what is disposed tells nothing more and leaves no timer', () => {
		const { socket, clock, venue, desk, transport } = openPublic();
		socket.stop();
		const told = desk.events.length;
		venue.tell('{"topic":"x"}');
		clock.run(15_000);
		expect(clock.step(), 'no timer is left').toBe(false);
		expect([desk.events.length, transport.sockets.length]).toEqual([told, 1]);
	});
});

describe('silence (F37)', () => {
	test('a quiet book is kept alive by its canary', () => {
		const { clock, desk } = openPublic();
		let agedMs = 0;
		let toldAtMono = clock.monotonicMs();
		desk.onBook = (index) => {
			if (index !== 0) return;
			agedMs = Math.max(agedMs, clock.monotonicMs() - toldAtMono);
			toldAtMono = clock.monotonicMs();
		};
		clock.run(120_000);
		expect(agedMs).toBeLessThan(3_500);
		expect(desk.of('bookLost')).toEqual([]);
		expect(desk.book(0).trust.kind).toBe('whole');
	});

	test('a muted book is lost once its canary shows another touch, and stays lost until it speaks', () => {
		const { venue, clock, desk, isTrue } = openPublic();
		venue.muted.add('orderbook.50.BTCUSDT');
		const book = venue.book('BTCUSDT');
		const { bestBidLots } = book.truth;
		while (book.truth.bestBidLots === bestBidLots) venue.change('BTCUSDT');
		clock.run(4_000);
		expect(desk.book(0).trust).toEqual({ kind: 'broken', reason: 'stale' });
		expect(desk.of('bookLost')).toMatchObject([{ instrument: 0, reason: 'stale' }]);
		clock.run(60_000);
		expect(desk.book(0).trust.kind).toBe('broken');
		expect(desk.book(1).trust.kind).toBe('whole');
		venue.muted.clear();
		clock.run(30_000);
		expect(isTrue(BTCUSDT)).toBe(true);
	});

	test('a symbol whose book and canary are both silent is subscribed again, whether its book was there or not', () => {
		for (const isMutedFirst of [false, true]) {
			const { venue, clock, socket, desk, isTrue } = openPublic({ isStarted: false });
			const mute = (): void => {
				venue.muted.add('orderbook.50.BTCUSDT').add('orderbook.1.BTCUSDT');
			};
			if (isMutedFirst) mute();
			socket.start();
			clock.run(100);
			mute();
			clock.run(11_000);
			expect(desk.book(0).trust).toEqual({ kind: 'broken', reason: 'stale' });
			expect(venue.requests.filter(({ op }) => op === 'unsubscribe').flatMap(({ args }) => args)).toEqual([
				'orderbook.50.BTCUSDT',
				'orderbook.1.BTCUSDT',
			]);
			venue.muted.clear();
			clock.run(20_000);
			expect([isTrue(BTCUSDT), isTrue(ETHUSDT)]).toEqual([true, true]);
		}
	});

	test('a connection without any data is dropped although it answers beats', () => {
		const { venue, clock, transport, isTrue } = openPublic();
		for (const topic of venue.topics) venue.muted.add(topic);
		transport.onConnect = (socket) => {
			venue.muted.clear();
			venue.accept(socket);
		};
		clock.run(40_000);
		expect(transport.sockets).toHaveLength(2);
		expect([isTrue(BTCUSDT), isTrue(ETHUSDT)]).toEqual([true, true]);
	});

	test.each([
		[undefined, 4],
		[1_000, 20],
		[30_000, 4],
	])('a beat every %s ms, or every five seconds where that is shorter', (heartbeatMs, beats) => {
		const { clock, transport } = openPublic(heartbeatMs === undefined ? {} : { heartbeatMs });
		const { socket } = transport;
		const { onSent } = socket;
		let count = 0;
		socket.onSent = (text) => {
			if (String(text).includes('"op":"ping"')) count += 1;
			onSent(text);
		};
		clock.run(20_000);
		expect(count).toBe(beats);
	});

	test('a half-open connection is dropped (F44)', () => {
		const { venue, clock, transport, isTrue } = openPublic();
		transport.socket.onSent = () => undefined;
		venue.muted.add('orderbook.50.BTCUSDT').add('orderbook.1.BTCUSDT').add('orderbook.50.ETHUSDT').add('orderbook.1.ETHUSDT');
		transport.onConnect = (socket) => {
			venue.muted.clear();
			venue.accept(socket);
		};
		clock.run(17_000);
		expect(transport.sockets[0]?.fate).toBe('terminated');
		expect([isTrue(BTCUSDT), isTrue(ETHUSDT)]).toEqual([true, true]);
	});
});

describe('subscriptions (F45)', () => {
	test('a topic that is refused leaves the others alone, is told of, and is taken when it is given', () => {
		const { venue, clock, socket, desk, notes, isTrue } = openPublic({ isStarted: false });
		venue.refused.add('orderbook.50.BTCUSDT');
		socket.start();
		clock.run(20_000);
		expect([isTrue(ETHUSDT), socket.isComplete, desk.book(0).trust.kind]).toEqual([true, false, 'empty']);
		expect(notes).toContainEqual({
			kind: 'topicRefused',
			socket: 'public',
			topic: 'orderbook.50.BTCUSDT',
			message: 'error:handler not found,topic:orderbook.50.BTCUSDT',
		});
		venue.refused.clear();
		clock.run(60_000);
		expect([isTrue(BTCUSDT), isTrue(ETHUSDT), socket.isComplete]).toEqual([true, true, true]);
	});

	test('a subscription that nobody answers is a reason to connect again', () => {
		const { venue, clock, transport, socket, isTrue } = openPublic({ isStarted: false });
		venue.unanswered.add('orderbook.50.BTCUSDT');
		socket.start();
		clock.run(4_900);
		expect(transport.sockets).toHaveLength(1);
		venue.unanswered.clear();
		clock.run(2_000);
		expect(transport.sockets).toHaveLength(2);
		expect([isTrue(BTCUSDT), socket.isComplete]).toEqual([true, true]);
	});
});

describe('the rest', () => {
	test('trades are told one by one, but not those that were agreed elsewhere', () => {
		const { venue, desk } = openPublic();
		const trade = (id: string, BT: boolean) => ({
			T: 1,
			s: 'BTCUSDT',
			S: 'Sell',
			v: '0.010',
			p: '65000.00',
			L: 'PlusTick',
			i: id,
			BT,
		});
		venue.tell({ topic: 'publicTrade.BTCUSDT', type: 'snapshot', ts: 2, data: [trade('1', false), trade('2', true)] });
		expect(desk.of('trade')).toMatchObject([{ instrument: 0, priceTicks: 650_000, qtyLots: 10, takerSide: 'sell' }]);
	});

	test('marks are told when they change; a bad ticker says nothing', () => {
		const { venue, desk, notes } = openPublic();
		const ticker = (type: string, data: object) =>
			venue.tell({ topic: 'tickers.ETHUSDT', type, data: { symbol: 'ETHUSDT', ...data }, cs: 1, ts: 2 });
		ticker('snapshot', { markPrice: '3200.505', fundingRate: '0.0001', nextFundingTime: '1771027200000', lastPrice: '1' });
		ticker('delta', { lastPrice: '2' });
		ticker('delta', { markPrice: '3200.50' });
		ticker('delta', { markPrice: 'much' });
		expect(desk.of('mark')).toMatchObject([
			{ instrument: 1, markTicks: 320_050.5, fundingRate: 0.0001, nextFundingAtMs: 1_771_027_200_000 },
			{ instrument: 1, markTicks: 320_050, fundingRate: 0.0001, nextFundingAtMs: 1_771_027_200_000 },
		]);
		expect(notes.filter(({ kind }) => kind === 'badFrame')).toMatchObject([{ where: 'ticker' }]);
	});

	test('spot has no marks to subscribe to', () => {
		expect(topicsOf(SOLUSDT_SPOT, 50)).toEqual(['orderbook.50.SOLUSDT', 'publicTrade.SOLUSDT', 'orderbook.1.SOLUSDT']);
		expect(topicsOf(BTCUSDT, 1)).toEqual(['orderbook.1.BTCUSDT', 'publicTrade.BTCUSDT', 'tickers.BTCUSDT']);
	});

	test('frames that are nothing of the kind change nothing', () => {
		const { venue, desk, notes, isTrue } = openPublic();
		const before = desk.events.length;
		for (const frame of [
			'',
			'x',
			'[]',
			'{"topic":"orderbook.50.NOPEUSDT"}',
			'{"op":"subscribe","success":"yes"}',
			'{"op":"auth"}',
		]) {
			venue.tell(frame);
		}
		expect([desk.events.length, isTrue(BTCUSDT)]).toEqual([before, true]);
		expect(notes.filter(({ kind }) => kind === 'badFrame')).toHaveLength(4);
	});
});

test('whatever the road loses, repeats, delays or swaps: a trusted book is what the venue had, and all is well after it', () => {
	const chance = fc.constantFrom(0, 0.02, 0.1, 0.3);
	const run = fc.record({
		seed: fc.nat(),
		road: fc.record({ drop: chance, duplicate: chance, delay: chance, delayMsMax: fc.constantFrom(5, 50, 3_000) }),
		acts: fc.array(
			fc.oneof(
				{ weight: 20, arbitrary: fc.constantFrom('BTCUSDT', 'ETHUSDT') },
				{ weight: 1, arbitrary: fc.constantFrom('restart', 'snapshot', 'cut', 'wait', 'mute') },
			),
			{ minLength: 20, maxLength: 200 },
		),
	});
	let trustedCount = 0;
	fc.assert(
		fc.property(run, ({ seed, road, acts }) => {
			const { venue, clock, desk, isTrue } = openPublic({ seed });
			desk.onBook = (index) => {
				const ours = desk.book(index);
				if (ours.trust.kind !== 'whole') return;
				trustedCount += 1;
				const known = venue.book(index === 0 ? 'BTCUSDT' : 'ETHUSDT').hashes.get(ours.sequence);
				if (known?.has(ours.hash()) !== true) throw new Error(`the book is wrong at ${ours.sequence}`);
			};
			Object.assign(venue.road, road);
			for (const act of acts) {
				// Once: two counts from 1 that interleave cannot be told apart, and do not happen within seconds.
				const isFirst = !venue.book('BTCUSDT').hashes.has(1);
				if (act === 'restart' && isFirst) venue.restart('BTCUSDT');
				else if (act === 'snapshot') venue.snapshot('BTCUSDT');
				else if (act === 'cut') venue.cut();
				else if (act === 'mute') venue.muted.add('orderbook.50.BTCUSDT');
				else if (act === 'wait') clock.run(4_000);
				else if (act !== 'restart') venue.change(act);
				clock.run(20);
			}
			Object.assign(venue.road, GOOD_ROAD);
			venue.muted.clear();
			clock.run(4_000);
			// A socket loses nothing in its middle; if one does, the next message gives it away.
			for (const symbol of ['BTCUSDT', 'ETHUSDT']) venue.change(symbol);
			clock.run(200_000);
			expect([isTrue(BTCUSDT), isTrue(ETHUSDT)]).toEqual([true, true]);
		}),
		{ numRuns: 200 },
	);
	expect(trustedCount, 'it is not always lost').toBeGreaterThan(5_000);
});
