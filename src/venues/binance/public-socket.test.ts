/** The public socket of both markets against a venue of the tests' own, in virtual time. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GOOD_ROAD } from '../../../test/fixtures/bybit-public-venue.ts';
import { makeTestInstrument } from '../../../test/fixtures/instruments.ts';
import type { Market } from './codec/frames.ts';
import { instrumentsOf, openPublic } from './public-scene.suite.ts';
import { topicsOf } from './stream-topics.ts';

const MARKETS = ['spot', 'linear'] as const satisfies readonly Market[];
const BTC_DEPTH = 'btcusdt@depth@100ms';

describe.each(MARKETS)('books of %s', (market) => {
	const open = (options: Partial<Parameters<typeof openPublic>[0]> = {}) => openPublic({ market, ...options });

	test('everything is subscribed in one request, one snapshot is asked for each book, and the books are the true ones', () => {
		const { venue, socket, isTrue, ups, trade } = open();
		const part = market === 'spot' ? 'all' : 'books';
		expect([...venue.topics].sort()).toEqual(
			instrumentsOf(market)
				.flatMap((each) => topicsOf(each, part))
				.sort(),
		);
		expect(venue.requests).toHaveLength(1);
		expect([socket.isComplete, ups]).toEqual([true, [true]]);
		trade('BTCUSDT', 50);
		trade('ETHUSDT', 50);
		expect([isTrue('BTCUSDT'), isTrue('ETHUSDT')]).toEqual([true, true]);
		expect(venue.depthAsked).toEqual([
			{ symbol: 'BTCUSDT', limit: 1_000 },
			{ symbol: 'ETHUSDT', limit: 1_000 },
		]);
	});

	test('a book in which nothing was matched for a while is as old as the frame that tells of it (PT4)', () => {
		const { venue, clock, desk, trade } = open();
		venue.restedMs = 60_000;
		const changedAtMs = clock.wallMs();
		trade('BTCUSDT');
		expect(desk.book(0).venueAtMs).toBeGreaterThanOrEqual(changedAtMs);
	});

	test('before diffs flow no snapshot is asked for, whatever happens', () => {
		const { socket, venue, clock } = open({ isStarted: false });
		socket.update(makeTestInstrument({ venue: 'binance', category: market, tickSize: '0.01', version: 2 }));
		clock.run(5_000);
		expect(venue.depthAsked).toEqual([]);
	});

	test('diffs that come while the snapshot is on its way are folded into it, and nobody sees the book in between', () => {
		const { venue, clock, desk, isTrue, socket } = open({ isStarted: false });
		venue.restLateMs = 1_000;
		const seen: number[] = [];
		desk.onBook = (index) => {
			if (index !== 0) return;
			const { sequence } = desk.book(0);
			expect(venue.book('BTCUSDT').hashes.get(sequence)?.has(desk.book(0).hash())).toBe(true);
			seen.push(sequence);
		};
		socket.start();
		for (let i = 0; i < 40; i += 1) {
			venue.change('BTCUSDT');
			clock.run(20);
		}
		expect(seen).toEqual([]);
		clock.run(2_000);
		expect(seen.length).toBe(1);
		expect(isTrue('BTCUSDT')).toBe(true);
	});

	test('a snapshot that is older than the first diff is fetched again (F38)', () => {
		const { venue, clock, isTrue, socket, desk } = open({ isStarted: false });
		const old = venue.book('BTCUSDT').sequence - 1_000;
		let left = 2;
		venue.garble = (text) => {
			left -= 1;
			return left >= 0 ? text.replace(/"lastUpdateId":\d+/, `"lastUpdateId":${old}`) : text;
		};
		venue.restLateMs = 300;
		socket.start();
		for (let i = 0; i < 20; i += 1) {
			for (const symbol of ['BTCUSDT', 'ETHUSDT']) venue.change(symbol);
			clock.run(20);
		}
		expect([desk.book(0).trust.kind, desk.book(1).trust.kind]).toEqual(['empty', 'empty']);
		clock.run(5_000);
		expect([isTrue('BTCUSDT'), isTrue('ETHUSDT')]).toEqual([true, true]);
		expect(venue.depthAsked.length).toBe(4);
	});

	test('a snapshot that fails, cannot be read or is crossed is fetched again, slower each time', () => {
		const { venue, clock, isTrue, socket, notes } = open({ isStarted: false });
		venue.restFailures = 3;
		let garbled = 0;
		venue.garble = (text) => {
			garbled += 1;
			if (garbled <= 4) return text;
			if (garbled <= 6) return text.slice(1);
			return garbled <= 8 ? text.replace(/"asks":.*\]\]/, '"asks":[["64999.00","1.000"]]') : text;
		};
		socket.start();
		clock.run(60_000);
		expect([isTrue('BTCUSDT'), isTrue('ETHUSDT')]).toEqual([true, true]);
		expect(venue.depthAsked.length).toBeGreaterThanOrEqual(8);
		expect(notes.some((note) => note.kind === 'badFrame' && note.reason === 'not-json')).toBe(true);
	});

	const breaks: readonly {
		readonly name: string;
		readonly reason: string;
		readonly break: (parts: ReturnType<typeof open>) => void;
	}[] = [
		{
			name: 'a lost diff (F38)',
			reason: 'gap',
			break: ({ venue, trade }) => {
				venue.road.drop = 1;
				trade('BTCUSDT');
				venue.road.drop = 0;
				trade('BTCUSDT');
			},
		},
		{
			name: 'a crossed book (F39)',
			reason: 'crossed',
			break: ({ venue, clock }) => {
				const book = venue.book('BTCUSDT');
				book.apply([['bid', 650_100, 1]]);
				const { sequence } = book;
				const ids = market === 'spot' ? { U: sequence + 1, u: sequence + 1 } : { U: sequence + 1, u: sequence + 1, pu: sequence };
				const times = market === 'spot' ? { E: 1 } : { E: 1, T: 1 };
				venue.tellStream(BTC_DEPTH, { e: 'depthUpdate', ...times, s: 'BTCUSDT', ...ids, b: [['65010.00', '0.001']], a: [] });
				book.sequence += 1;
				book.apply([['bid', 650_100, 0]]);
				clock.run(1);
			},
		},
		{
			name: 'a price between ticks (F39, F59)',
			reason: 'unreadable',
			break: ({ venue }) => {
				venue.tellStream(BTC_DEPTH, {
					e: 'depthUpdate',
					E: 1,
					T: 1,
					s: 'BTCUSDT',
					U: 2,
					u: 3,
					pu: 1,
					b: [['0.05', '1.000']],
					a: [],
				});
			},
		},
		{
			name: 'a filter that changed (F59)',
			reason: 'stale',
			break: ({ socket }) =>
				socket.update(makeTestInstrument({ venue: 'binance', category: market, tickSize: '0.01', version: 2 })),
		},
	];
	for (const { name, reason, break: breakIt } of breaks) {
		test(`${name} loses that book at once and gets it another snapshot, while the other goes on`, () => {
			const parts = open();
			const { venue, clock, desk, notes, isTrue, transport } = parts;
			clock.run(12_000);
			const lost: string[] = [];
			desk.onBook = (index) => {
				const { trust } = desk.book(index);
				if (trust.kind === 'broken') lost.push(`${index} ${trust.reason}`);
			};
			breakIt(parts);
			expect(lost).toEqual([`0 ${reason}`]);
			expect(notes).toContainEqual({ kind: 'bookLost', instrument: `binance:${market}:BTCUSDT`, reason });
			clock.run(1_000);
			expect(desk.book(0).trust.kind).toBe('whole');
			if (name.includes('filter')) expect(desk.book(0).bestBidTicks).toBe(6_499_990);
			else expect(isTrue('BTCUSDT')).toBe(true);
			expect(isTrue('ETHUSDT')).toBe(true);
			expect(venue.depthAsked).toHaveLength(3);
			expect([transport.sockets.length, venue.requests.length]).toEqual([1, 1]);
		});
	}

	test('a connection that is lost loses all its books, and brings them back', () => {
		const { venue, clock, desk, ups, isTrue, trade } = open();
		venue.cut();
		expect(desk.of('bookLost')).toMatchObject([
			{ instrument: 0, reason: 'disconnected' },
			{ instrument: 1, reason: 'disconnected' },
		]);
		trade('BTCUSDT', 3);
		clock.run(3_000);
		expect([isTrue('BTCUSDT'), isTrue('ETHUSDT'), ups]).toEqual([true, true, [true, false, true]]);
	});

	test('a snapshot that was asked for on a lost connection is not taken for one of the next', () => {
		const { venue, clock, desk, socket, isTrue, trade } = open({ isStarted: false });
		venue.restLateMs = 4_000;
		socket.start();
		clock.run(100);
		venue.cut();
		trade('BTCUSDT', 3);
		clock.run(3_000);
		expect(venue.depthAsked.length).toBe(4);
		clock.run(1_000);
		expect(desk.book(0).trust.kind).toBe('empty');
		venue.restLateMs = 0;
		clock.run(10_000);
		expect(isTrue('BTCUSDT')).toBe(true);
	});

	test('what is disposed tells nothing more and leaves no timer of its own', () => {
		const { socket, clock, venue, desk, transport } = open();
		socket.stop();
		const told = desk.events.length;
		venue.change('BTCUSDT');
		clock.run(60_000);
		expect([desk.events.length, transport.sockets.length, venue.bestAsked.length]).toEqual([told, 1, 0]);
		expect(desk.book(0).trust.kind).toBe('broken');
	});
});

describe.each(MARKETS)('silence on %s (F37)', (market) => {
	const open = (options: Partial<Parameters<typeof openPublic>[0]> = {}) => openPublic({ market, ...options });

	test('a quiet book is asked about over REST, and is told to be as old as the question (PT4)', () => {
		const { clock, desk, venue } = open();
		let agedMs = 0;
		let toldAtMono = clock.monotonicMs();
		desk.onBook = (index) => {
			if (index !== 0) return;
			agedMs = Math.max(agedMs, clock.monotonicMs() - toldAtMono);
			toldAtMono = clock.monotonicMs();
			expect(clock.wallMs() - desk.book(0).venueAtMs).toBeLessThanOrEqual(40);
		};
		clock.run(120_000);
		expect(agedMs).toBeLessThan(2_100);
		expect(venue.bestAsked.filter((symbol) => symbol === 'BTCUSDT').length).toBeLessThan(80);
		expect([desk.of('bookLost'), desk.book(0).trust.kind]).toEqual([[], 'whole']);
	});

	test('the longer the answer takes, the older the book is taken to be', () => {
		const { clock, desk, venue } = open();
		venue.restLateMs = 500;
		let toldCount = 0;
		desk.onBook = () => {
			toldCount += 1;
			expect(clock.wallMs() - desk.book(0).venueAtMs).toBeGreaterThanOrEqual(500);
		};
		clock.run(10_000);
		expect(toldCount).toBeGreaterThan(3);
	});

	test('a busy book is not asked about; of many quiet ones all at once', () => {
		const symbols = Array.from({ length: 12 }, (_, index) => `S${index}USDT`);
		const { clock, venue, trade } = open({ instruments: instrumentsOf(market, symbols) });
		clock.run(60_000);
		expect(new Set(venue.bestAsked)).toEqual(new Set([undefined]));
		expect(venue.bestAsked.length).toBeLessThan(40);
		const busy = open();
		busy.trade('BTCUSDT', 100);
		expect(busy.venue.bestAsked).not.toContain('BTCUSDT');
		trade('S0USDT');
	});

	test('where nobody answers, a quiet book is not kept young', () => {
		const { clock, desk, venue } = open();
		venue.restFailures = 1_000;
		const { version } = desk.book(0);
		clock.run(30_000);
		expect([desk.book(0).version, desk.book(0).trust.kind]).toEqual([version, 'whole']);
	});

	test('an answer that the book has overtaken changes nothing', () => {
		const { clock, desk, venue, trade, isTrue } = open();
		venue.restLateMs = 1_000;
		let youngestMs = 0;
		desk.onBook = (index) => {
			if (index !== 0) return;
			expect(desk.book(0).venueAtMs, 'it never grows older').toBeGreaterThanOrEqual(youngestMs);
			youngestMs = desk.book(0).venueAtMs;
		};
		for (let i = 0; i < 20; i += 1) {
			clock.run(1_900);
			trade('BTCUSDT');
		}
		expect(desk.of('bookLost')).toEqual([]);
		expect(isTrue('BTCUSDT')).toBe(true);
	});

	test('a muted book is lost once its best prices have moved on for a second, and subscribed again', () => {
		const { venue, clock, desk, isTrue } = open();
		venue.muted.add(BTC_DEPTH);
		for (let i = 0; i < 30; i += 1) {
			venue.change('BTCUSDT');
			clock.run(50);
		}
		expect(desk.of('bookLost')).toMatchObject([{ instrument: 0, reason: 'stale' }]);
		expect(venue.requests.slice(1)[0]).toMatchObject({ method: 'UNSUBSCRIBE', params: [BTC_DEPTH] });
		venue.muted.clear();
		clock.run(5_000);
		expect([isTrue('BTCUSDT'), isTrue('ETHUSDT'), desk.book(1).trust.kind]).toEqual([true, true, 'whole']);
		expect(venue.topics.has(BTC_DEPTH)).toBe(true);
	});

	test('a symbol that is muted altogether is found by asking, and the connection too where it says nothing at all', () => {
		const { venue, clock, desk, transport, isTrue } = open();
		const mute = (): void => {
			for (const topic of venue.topics) venue.muted.add(topic);
		};
		const moveTop = (): void => {
			const { truth } = venue.book('BTCUSDT');
			const { bestBidTicks, bestBidLots } = truth;
			while (truth.bestBidTicks === bestBidTicks && truth.bestBidLots === bestBidLots) venue.change('BTCUSDT');
		};
		mute();
		moveTop();
		clock.run(4_500);
		expect(desk.of('bookLost')).toMatchObject([{ instrument: 0, reason: 'stale' }]);
		clock.run(8_000);
		expect([isTrue('BTCUSDT'), transport.sockets.length], 'another snapshot is true when it comes').toEqual([true, 1]);
		moveTop();
		clock.run(5_000);
		expect(transport.sockets).toHaveLength(2);
		venue.muted.clear();
		clock.run(20_000);
		expect([isTrue('BTCUSDT'), isTrue('ETHUSDT')]).toEqual([true, true]);
	});

	test('a book that shows other best prices for a second is lost: its snapshot did not reach so far', () => {
		const { venue, clock, desk, isTrue, socket } = open({ isStarted: false });
		venue.garble = (text) => text.replace('["64999.9","0.010"],', '');
		socket.start();
		clock.run(200);
		expect(desk.book(0).bestBidTicks).toBe(649_998);
		const book = venue.book('BTCUSDT');
		const push = (): void => {
			const previous = book.sequence;
			book.sequence += 1;
			book.apply([]);
			const ids = { U: book.sequence, u: book.sequence, ...(market === 'spot' ? {} : { T: 1, pu: previous }) };
			const top = { u: book.sequence, s: 'BTCUSDT', b: '64999.9', B: '0.010', a: '65000.1', A: `0.${book.sequence}` };
			venue.tellStream('btcusdt@bookTicker', market === 'spot' ? top : { e: 'bookTicker', E: 1, T: 1, ...top });
			venue.tellStream(BTC_DEPTH, { e: 'depthUpdate', E: 1, s: 'BTCUSDT', ...ids, b: [], a: [] });
			clock.run(100);
		};
		for (let i = 0; i < 10; i += 1) push();
		expect(desk.of('bookLost')).toEqual([]);
		venue.garble = (text) => text;
		for (let i = 0; i < 5; i += 1) push();
		expect(desk.of('bookLost')).toMatchObject([{ instrument: 0, reason: 'stale' }]);
		expect(venue.requests, 'the stream is not at fault').toHaveLength(1);
		clock.run(1_000);
		expect(isTrue('BTCUSDT')).toBe(true);
	});
});

describe('the connection', () => {
	test('many streams are asked for at a pace that the venue takes, within its limits of a request', () => {
		for (const [market, most, count] of [
			['spot', 5, 300],
			['linear', 10, 100],
		] as const) {
			const symbols = Array.from({ length: count }, (_, index) => `SYMBOL${index}USDT`);
			const { venue, clock, socket } = openPublic({ market, instruments: instrumentsOf(market, symbols) });
			clock.run(6_000);
			expect(socket.isComplete).toBe(true);
			for (const { params, atMono } of venue.requests) {
				expect(params.length).toBeLessThanOrEqual(100);
				const within = venue.requests.filter((each) => each.atMono >= atMono && each.atMono < atMono + 1_000);
				expect(within.length).toBeLessThan(most);
			}
			// One snapshot each, no deeper than so many books can have at once.
			expect(venue.depthAsked.length).toBe(count);
			expect(venue.depthAsked[0]?.limit).toBe(100);
		}
	});

	test('a stream that is refused is told of and does not stand in the way of the others', () => {
		const { venue, clock, notes, socket, isTrue } = openPublic({ market: 'spot', isStarted: false });
		venue.refused.add('ethusdt@aggTrade');
		socket.start();
		clock.run(5_000);
		expect([isTrue('BTCUSDT'), isTrue('ETHUSDT'), socket.isComplete]).toEqual([true, true, false]);
		expect(notes).toContainEqual({
			kind: 'topicRefused',
			socket: 'public',
			topic: 'ethusdt@aggTrade',
			message: 'Invalid request: invalid stream',
		});
		venue.refused.clear();
		clock.run(20_000);
		expect(socket.isComplete).toBe(true);
	});

	test('a book whose stream is refused is not asked for, until it is taken', () => {
		const { venue, clock, socket, isTrue, desk } = openPublic({ market: 'linear', isStarted: false });
		venue.refused.add('ethusdt@depth@100ms');
		socket.start();
		clock.run(5_000);
		expect([venue.depthAsked.map(({ symbol }) => symbol), desk.book(1).trust.kind]).toEqual([['BTCUSDT'], 'empty']);
		venue.refused.clear();
		clock.run(20_000);
		expect([isTrue('ETHUSDT'), socket.isComplete]).toEqual([true, true]);
	});

	test('a request without an answer means another connection (F45)', () => {
		const { venue, clock, transport, socket, isTrue } = openPublic({ market: 'linear', isStarted: false });
		venue.unanswered.add(BTC_DEPTH);
		socket.start();
		clock.run(5_500);
		venue.unanswered.clear();
		clock.run(5_000);
		expect([transport.sockets.length, isTrue('BTCUSDT')]).toEqual([2, true]);
	});

	test.each(MARKETS)('before a day is over, or the %s venue restarts, another one takes over without a hole (F48)', (market) => {
		const { venue, clock, transport, desk, ups, isTrue, trade, socket } = openPublic({ market });
		const follow = (): void => {
			for (let i = 0; i < 100; i += 1) {
				trade('BTCUSDT');
				expect(isTrue('BTCUSDT')).toBe(true);
			}
		};
		clock.run(22.9 * 3_600_000);
		expect(transport.sockets).toHaveLength(1);
		// Somewhere in the next hour.
		for (let i = 0; i < 3_600 && transport.sockets.length === 1; i += 1) clock.run(1_000);
		follow();
		expect([transport.sockets.length, transport.sockets[0]?.fate, socket.isComplete]).toEqual([2, 'closed', true]);
		venue.tell({ stream: '!serverShutdown', data: { e: 'serverShutdown', E: 1 } });
		follow();
		expect([transport.sockets.length, transport.sockets[1]?.fate]).toEqual([3, 'closed']);
		expect([desk.of('bookLost'), ups]).toEqual([[], [true]]);
	});

	test('while one takes over from another, no trade is told twice', () => {
		const { venue, clock, desk, transport } = openPublic({ market: 'spot' });
		const deal = (id: number) => ({
			...{ e: 'aggTrade', E: 1, s: 'BTCUSDT', a: id, p: '65000.00', q: '0.010', f: id, l: id, T: id, m: false, M: true },
		});
		const trade = (id: number): void => venue.tellStream('btcusdt@aggTrade', deal(id));
		venue.tell({ e: 'serverShutdown', E: 1 });
		clock.run(100);
		expect(transport.sockets.filter(({ isOpen }) => isOpen)).toHaveLength(2);
		trade(1);
		trade(2);
		expect(desk.of('trade')).toHaveLength(2);
		clock.run(10_000);
		trade(3);
		trade(3);
		expect(desk.of('trade'), 'alike, and two').toHaveLength(4);
	});

	test('it beats every five seconds, or as often as it is told to, and one that is dead is replaced (F44)', () => {
		for (const [heartbeatMs, beats] of [
			[undefined, 2],
			[2_000, 5],
			[10, 10],
			[60_000, 2],
		] as const) {
			const parts = openPublic({ market: 'linear', ...(heartbeatMs === undefined ? {} : { heartbeatMs }) });
			parts.clock.run(9_900);
			expect(parts.transport.socket.pingCount, `${heartbeatMs}`).toBeGreaterThanOrEqual(Math.min(beats, 1));
			expect(parts.transport.socket.pingCount, `${heartbeatMs}`).toBeLessThanOrEqual(beats);
		}
		const { clock, transport } = openPublic({ market: 'linear' });
		transport.socket.onPing = () => undefined;
		clock.run(20_000);
		expect(transport.sockets).toHaveLength(2);
	});
});

describe('trades and marks', () => {
	const AGG = { e: 'aggTrade', E: 1, s: 'BTCUSDT', a: 1, p: '65000.00', q: '0.010', f: 1, l: 2, T: 1, m: true };
	const MARK = { e: 'markPriceUpdate', E: 1, s: 'BTCUSDT', p: '64995.15000000', ap: '64995.00000000', i: '64994.80000000' };
	const FUNDING = { P: '64994.90000000', r: '0.00010000', T: 1_771_027_200_000 };

	test('trades are told with the side of the taker', () => {
		for (const [market, part] of [
			['spot', 'all'],
			['linear', 'deals'],
		] as const) {
			const { venue, desk } = openPublic({ market, part });
			venue.tellStream('btcusdt@aggTrade', { ...AGG, ...(market === 'spot' ? { M: true } : { nq: '0.010', st: 1 }) });
			expect(desk.of('trade')).toMatchObject([{ instrument: 0, priceTicks: 650_000, qtyLots: 10, takerSide: 'sell' }]);
		}
	});

	test('a mark is told when it is news, and again after the connection was lost', () => {
		const { venue, clock, desk } = openPublic({ market: 'linear', part: 'deals' });
		const mark = (price: string): void => venue.tellStream('btcusdt@markPrice@1s', { ...MARK, ...FUNDING, p: price, st: 1 });
		for (const price of ['64995.15', '64995.15', '64995.20', '64995.20']) mark(price);
		expect(desk.of('mark')).toMatchObject([
			{ instrument: 0, markTicks: 649_951.5, fundingRate: 0.0001, nextFundingAtMs: 1_771_027_200_000 },
			{ instrument: 0, markTicks: 649_952 },
		]);
		venue.cut();
		clock.run(2_000);
		mark('64995.20');
		expect(desk.of('mark')).toHaveLength(3);
		expect(venue.depthAsked).toEqual([]);
	});

	test('after a changed filter marks are counted in its ticks', () => {
		const { venue, desk, socket } = openPublic({ market: 'linear', part: 'deals' });
		const mark = (): void => venue.tellStream('btcusdt@markPrice@1s', { ...MARK, ...FUNDING });
		mark();
		socket.update(makeTestInstrument({ venue: 'binance', tickSize: '0.01', version: 2 }));
		mark();
		expect(desk.of('mark')).toMatchObject([{ markTicks: 649_951.5 }, { markTicks: 6_499_515 }]);
		expect(desk.of('bookLost')).toEqual([]);
	});

	test('a connection for marks on which nothing comes is dropped although it answers beats', () => {
		const { clock, transport } = openPublic({ market: 'linear', part: 'deals' });
		transport.onConnect = (socket) => socket.open();
		for (let i = 0; i < 40; i += 1) {
			clock.run(1_000);
			transport.socket.pong();
		}
		expect(transport.sockets.length).toBeGreaterThan(1);
	});

	test('frames that are nothing of the kind change nothing', () => {
		const { venue, desk, notes, isTrue } = openPublic({ market: 'linear' });
		const before = desk.events.length;
		for (const frame of ['', 'x', '[]', { stream: 'nopeusdt@depth@100ms', data: {} }, { result: 1, id: 2 }, { id: 'x' }]) {
			venue.tell(frame);
		}
		expect([desk.events.length, isTrue('BTCUSDT')]).toEqual([before, true]);
		expect(notes.filter(({ kind }) => kind === 'badFrame')).toHaveLength(4);
	});
});

describe.each(MARKETS)('%s', (market) => {
	test('whatever the road loses, repeats, delays or swaps: a trusted book is what the venue had, and all is well after it', () => {
		const chance = fc.constantFrom(0, 0.02, 0.1, 0.3);
		const run = fc.record({
			seed: fc.nat(),
			road: fc.record({ drop: chance, duplicate: chance, delay: chance, delayMsMax: fc.constantFrom(5, 50, 3_000) }),
			acts: fc.array(
				fc.oneof(
					{ weight: 30, arbitrary: fc.constantFrom('BTCUSDT', 'ETHUSDT') },
					{ weight: 1, arbitrary: fc.constantFrom('cut', 'wait', 'mute', 'shutdown', 'fail', 'late') },
				),
				{ minLength: 20, maxLength: 200 },
			),
		});
		let trustedCount = 0;
		fc.assert(
			fc.property(run, ({ seed, road, acts }) => {
				const { venue, clock, desk, isTrue } = openPublic({ market, seed });
				desk.onBook = (index) => {
					const ours = desk.book(index);
					if (ours.trust.kind !== 'whole') return;
					trustedCount += 1;
					const known = venue.book(index === 0 ? 'BTCUSDT' : 'ETHUSDT').hashes.get(ours.sequence);
					if (known?.has(ours.hash()) !== true) throw new Error(`the book is wrong at ${ours.sequence}`);
				};
				Object.assign(venue.road, road);
				for (const act of acts) {
					if (act === 'cut') venue.cut();
					else if (act === 'mute') venue.muted.add(BTC_DEPTH);
					else if (act === 'wait') clock.run(4_000);
					else if (act === 'shutdown') venue.tell({ e: 'serverShutdown', E: 1 });
					else if (act === 'fail') venue.restFailures += 3;
					else if (act === 'late') venue.restLateMs = 700;
					else venue.change(act);
					clock.run(30);
				}
				Object.assign(venue.road, GOOD_ROAD);
				venue.muted.clear();
				venue.restFailures = 0;
				venue.restLateMs = 0;
				clock.run(4_000);
				// A socket loses nothing in its middle; if one does, the next message gives it away.
				for (const symbol of ['BTCUSDT', 'ETHUSDT']) venue.change(symbol);
				clock.run(200_000);
				expect([isTrue('BTCUSDT'), isTrue('ETHUSDT')]).toEqual([true, true]);
			}),
			{ numRuns: 150 },
		);
		expect(trustedCount, 'it is not always lost').toBeGreaterThan(5_000);
	});
});
