/** How the connections of the venue hang together; what each one does is tested beside it. */
import { expect, test } from 'vitest';
import { FakeBinanceMarket } from '../../../test/fixtures/binance-public-venue.ts';
import { FakeTransport } from '../../../test/fixtures/fake-transport.ts';
import { makeTestInstrument } from '../../../test/fixtures/instruments.ts';
import type { EngineEvent } from '../../domain/event.ts';
import { type Instrument, instrumentIndex } from '../../domain/instrument.ts';
import { RECONNECT_POLICY } from '../../network/reconnect.ts';
import type { HttpCall, HttpHeard } from '../../network/transport.ts';
import { NO_METER } from '../../ports/meter.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { VenueClock } from '../wire/venue-clock.ts';
import { Ban } from './ban.ts';
import type { Market } from './codec/frames.ts';
import type { LiveKline } from './codec/plain-kline.ts';
import { Desk } from './public-scene.suite.ts';
import { BinanceRest } from './rest.ts';
import { BinanceStreams, type UserAsked, type UserStreams } from './streams.ts';
import { environmentUrls } from './urls.ts';
import { Weights } from './weights.ts';

const of = (category: Market, index: number, symbol: string) => makeTestInstrument({ venue: 'binance', category, index, symbol });
const FUTURES = [of('linear', 0, 'BTCUSDT'), of('linear', 1, 'ETHUSDT')];
const SPOT = [of('spot', 2, 'BTCUSDT')];

/** Both markets behind the transport port, told apart by address. */
class Venue extends FakeTransport {
	readonly markets: Readonly<Record<Market, FakeBinanceMarket>>;
	/** What each of our sockets asked for. */
	readonly asked: string[][] = [];

	constructor(clock: VirtualClock, instruments: readonly Instrument[]) {
		super(clock);
		const rng = seededRng(1);
		const open = (market: Market) =>
			new FakeBinanceMarket({ market, clock, rng, instruments: instruments.filter(({ category }) => category === market) });
		this.markets = { spot: open('spot'), linear: open('linear') };
		this.onConnect = (socket) => {
			this.markets[socket.target.url.includes('fstream') ? 'linear' : 'spot'].accept(socket);
			const names: string[] = [];
			this.asked.push(names);
			const { onSent } = socket;
			socket.onSent = (text) => {
				names.push(...(JSON.parse(text) as { params: string[] }).params);
				onSent(text);
			};
		};
	}

	override request({ target, origin }: HttpCall, heard: (heard: HttpHeard) => void): { abort(): void } {
		const market = this.markets[origin.includes('fapi') ? 'linear' : 'spot'];
		const { pathname, searchParams } = new URL(target, origin);
		const symbol = searchParams.get('symbol');
		const tell = (body: Uint8Array): void => heard({ kind: 'reply', status: 200, header: () => undefined, body });
		if (pathname.endsWith('/depth')) {
			market.askDepth(symbol ?? '', Number(searchParams.get('limit')), (read) => read.kind === 'ok' && tell(read.value));
		} else {
			market.askBest(symbol ?? undefined, (read) => {
				if (read.kind === 'ok') tell(new TextEncoder().encode(JSON.stringify(symbol === null ? read.value : read.value[0])));
			});
		}
		return { abort: () => undefined };
	}
}

class FakeUser implements UserStreams {
	isUp = false;
	readonly did: string[] = [];

	start(): void {
		this.did.push('start');
	}

	stop(): void {
		this.did.push('stop');
	}

	takeCensus(): void {
		this.did.push('census');
	}
}

async function openStreams(instruments: readonly Instrument[], given: { readonly user?: FakeUser } = {}) {
	const clock = new VirtualClock(1_771_000_000_000);
	const rng = seededRng(1);
	const transport = new Venue(clock, instruments);
	const desk = new Desk();
	const urls = environmentUrls('demo');
	const ban = new Ban(clock);
	const venueClock = new VenueClock({ venue: 'binance', clock, sink: desk.sink });
	const restOf = (market: Market) =>
		new BinanceRest({
			...{ market, transport, clock, rng, venueClock, credentials: undefined },
			weights: new Weights(market),
			ban,
			meter: NO_METER,
			venue: 'binance',
			origin: market === 'spot' ? urls.spotRest : urls.futuresRest,
		});
	const { user } = given;
	const userAsked: UserAsked[] = [];
	const openUser = (asked: UserAsked): UserStreams => {
		userAsked.push(asked);
		return user as FakeUser;
	};
	const streams = new BinanceStreams({
		venue: 'binance',
		urls,
		transport,
		clock,
		rng,
		policy: RECONNECT_POLICY,
		rests: { spot: restOf('spot'), linear: restOf('linear') },
		bookOf: (index) => desk.book(index),
		...(user === undefined ? {} : { openUser }),
	});
	/** Answers over REST are promises: virtual time goes on in small steps, with a real turn between them. */
	const run = async (durationMs: number): Promise<void> => {
		for (let ms = 0; ms < durationMs; ms += 10) {
			clock.run(10);
			await new Promise((resolve) => setImmediate(resolve));
		}
	};
	streams.subscribe(instruments, desk.sink);
	await run(400);
	const publicUps = (): boolean[] =>
		desk.events.flatMap((event: EngineEvent) => (event.kind === 'stream' && event.stream === 'public' ? [event.up] : []));
	return { clock, run, transport, desk, streams, ban, publicUps, userAsked };
}

test('one connection for spot, two for futures, and the books of both are asked for where they live', async () => {
	const { transport, streams, desk, run } = await openStreams([...FUTURES, ...SPOT]);
	expect(transport.sockets.map(({ target }) => target.url)).toEqual([
		'wss://demo-stream.binance.com/stream',
		'wss://demo-fstream.binance.com/public/stream',
		'wss://demo-fstream.binance.com/market/stream',
	]);
	expect(transport.asked).toEqual([
		['btcusdt@depth@100ms', 'btcusdt@bookTicker', 'btcusdt@aggTrade'],
		['btcusdt@depth@100ms', 'btcusdt@bookTicker', 'ethusdt@depth@100ms', 'ethusdt@bookTicker'],
		['btcusdt@aggTrade', 'btcusdt@markPrice@1s', 'ethusdt@aggTrade', 'ethusdt@markPrice@1s'],
	]);
	expect(streams.isComplete).toBe(true);
	const { spot, linear } = transport.markets;
	for (let i = 0; i < 20; i += 1) {
		for (const market of [spot, linear]) market.change('BTCUSDT');
		await run(50);
	}
	await run(200);
	expect([desk.book(0).hash(), desk.book(2).hash()]).toEqual([
		linear.book('BTCUSDT').truth.hash(),
		spot.book('BTCUSDT').truth.hash(),
	]);
	expect([0, 1, 2].map((index) => desk.book(index).trust.kind)).toEqual(['whole', 'whole', 'whole']);
});

test('quiet books of each market are asked about over its REST', async () => {
	const { transport, desk, run } = await openStreams([...FUTURES, ...SPOT]);
	const { version } = desk.book(2);
	await run(5_000);
	expect(transport.markets.spot.bestAsked).toContain('BTCUSDT');
	expect(new Set(transport.markets.linear.bestAsked)).toEqual(new Set(['BTCUSDT', 'ETHUSDT']));
	expect(desk.book(2).version).toBeGreaterThan(version);
});

test('one connection that is lost takes its own books with it, and only the last one takes the stream down', async () => {
	const { transport, desk, publicUps, run } = await openStreams([...FUTURES, ...SPOT]);
	const lost = (): number[] => desk.events.flatMap((event) => (event.kind === 'bookLost' ? [event.instrument] : []));
	transport.markets.spot.cut();
	expect([publicUps(), lost()]).toEqual([[true], [2]]);
	transport.markets.linear.cut();
	expect([publicUps(), lost()]).toEqual([
		[true, false],
		[2, 0, 1],
	]);
	await run(5_000);
	expect(publicUps()).toEqual([true, false, true]);
});

test('under a ban no connection is made, be it for books or candles (F53)', async () => {
	const { transport, streams, ban, publicUps, run } = await openStreams([...FUTURES, ...SPOT]);
	ban.begin(20_000);
	transport.markets.spot.cut();
	transport.markets.linear.cut();
	streams.followKlines(instrumentIndex(0), '1m', () => undefined);
	const before = transport.sockets.length;
	await run(19_900);
	expect(transport.sockets).toHaveLength(before);
	await run(5_000);
	expect([publicUps().at(-1), transport.sockets.length]).toEqual([true, before + 4]);
});

test('whoever is turned away at the door for a ban keeps all others from it (F53)', async () => {
	const { transport, ban, run } = await openStreams([...FUTURES, ...SPOT]);
	transport.onConnect = (socket) => socket.end({ kind: 'refused', status: 418, detail: '' });
	transport.markets.spot.cut();
	const before = transport.sockets.length;
	await run(5_000);
	transport.markets.linear.cut();
	await run(60_000);
	expect([transport.sockets.length - before, ban.leftMs() > 0]).toEqual([1, true]);
});

test('it is subscribed once, and ends everything when it is disposed', async () => {
	const { clock, streams, transport, desk, run } = await openStreams(FUTURES);
	expect(() => streams.subscribe(FUTURES, desk.sink)).toThrow('subscribed already');
	await streams[Symbol.asyncDispose]();
	const told = desk.events.length;
	await run(2_000);
	clock.run(60_000);
	expect([transport.sockets.map(({ fate }) => fate), desk.events.length]).toEqual([['closed', 'closed'], told]);
});

test('a changed filter reaches the one instrument that it is about, in its own market', async () => {
	const { streams, desk, run } = await openStreams([...FUTURES, ...SPOT]);
	streams.update(makeTestInstrument({ venue: 'binance', index: 0, tickSize: '0.01', version: 2 }));
	expect(desk.events.at(-1)).toMatchObject({ kind: 'bookLost', instrument: 0 });
	await run(1_000);
	expect([desk.book(0).bestBidTicks, desk.book(1).bestBidTicks, desk.book(2).bestBidTicks]).toEqual([
		6_499_990, 649_999, 649_999,
	]);
	expect(streams.table.findText('linear', 'BTCUSDT')?.version).toBe(2);
	expect(desk.of('bookLost')).toHaveLength(1);
});

test('the streams of the account begin first, count for completeness, take the census and end with the rest', async () => {
	const user = new FakeUser();
	const { streams, userAsked } = await openStreams(FUTURES, { user });
	expect([user.did, streams.isComplete]).toEqual([['start'], false]);
	expect(userAsked[0]?.table.findText('linear', 'ETHUSDT')?.index).toBe(1);
	const changed = makeTestInstrument({ venue: 'binance', index: 1, symbol: 'ETHUSDT', version: 2 });
	streams.update(changed);
	expect(userAsked[0]?.instruments()[1]).toBe(changed);
	user.isUp = true;
	expect(streams.isComplete).toBe(true);
	streams.takeCensus();
	await streams[Symbol.asyncDispose]();
	expect(user.did).toEqual(['start', 'census', 'stop']);
});

test('without an account nothing is missing, and there is no census to take', async () => {
	const { streams, desk } = await openStreams(SPOT);
	const told = desk.events.length;
	streams.takeCensus();
	expect([streams.isComplete, desk.events.length]).toEqual([true, told]);
});

const KLINE = {
	...{ t: 0, T: 59_999, i: '1m', f: 1, L: 1, o: '1.5', c: '1.5', h: '1.5', l: '1.5', v: '0', n: 0, x: true, q: '0' },
	...{ V: '0', Q: '0', B: '0' },
};

test('candles come on connections of their own, where trades are told, and the books hang on none of them', async () => {
	const { transport, streams, desk, run } = await openStreams([...FUTURES, ...SPOT]);
	const told: LiveKline[] = [];
	const hear = (kline: LiveKline): void => void told.push(kline);
	streams.followKlines(instrumentIndex(1), '1m', hear);
	streams.followKlines(instrumentIndex(0), '1d', hear);
	streams.followKlines(instrumentIndex(2), '1m', hear);
	expect(streams.isComplete, 'candles do not count').toBe(true);
	await run(300);
	expect(transport.sockets.slice(3).map(({ target }) => target.url)).toEqual([
		'wss://demo-fstream.binance.com/market/stream',
		'wss://demo-stream.binance.com/stream',
	]);
	expect(transport.asked.slice(3)).toEqual([['ethusdt@kline_1m', 'btcusdt@kline_1d'], ['btcusdt@kline_1m']]);
	const [futures, spot] = transport.sockets.slice(3);
	const frame = (symbol: string, over = {}) => ({
		stream: `${symbol.toLowerCase()}@kline_1m`,
		data: { e: 'kline', E: 1, s: symbol, k: { ...KLINE, s: symbol, ...over } },
	});
	futures?.receive(frame('ETHUSDT'));
	spot?.receive(frame('BTCUSDT'));
	streams.update(makeTestInstrument({ venue: 'binance', category: 'spot', index: 2, tickSize: '0.01', version: 2 }));
	spot?.receive(frame('BTCUSDT'));
	futures?.receive(frame('BTCUSDT'));
	expect(told.map(({ instrument, openTicks }) => [instrument, openTicks])).toEqual([
		[1, 15],
		[2, 15],
		[2, 150],
	]);
	const before = desk.events.length;
	futures?.end();
	expect(desk.events.slice(before), 'nothing is lost with it').toEqual([]);
	await streams[Symbol.asyncDispose]();
	await run(300);
	expect(transport.sockets.slice(3).map(({ fate }) => fate)).toEqual(['none', 'closed']);
});

test('a connection for candles takes as many as the venue lets it, at the pace that it takes them; then there is another', async () => {
	const symbols = Array.from({ length: 150 }, (_, index) => of('linear', index, `S${index}USDT`));
	const { transport, streams, run } = await openStreams(symbols);
	const booksCount = transport.sockets.length;
	for (const interval of ['1m', '1h'] as const) {
		for (const { index } of symbols) streams.followKlines(index, interval, () => undefined);
	}
	await run(1_000);
	expect(transport.asked.slice(booksCount).map((names) => names.length)).toEqual([200, 100]);
	for (const { sent } of transport.sockets.slice(booksCount)) expect(sent.length).toBeLessThanOrEqual(8);
	const before = transport.sockets.at(-1)?.sent.length ?? 0;
	for (const { index } of symbols.slice(0, 60)) streams.followKlines(index, '5m', () => undefined);
	await run(1_000);
	expect(transport.asked.at(-1), 'in one request').toHaveLength(160);
	expect(transport.sockets.at(-1)?.sent.length).toBe(before + 1);
	const sentBefore = transport.markets.linear.requests.length;
	for (const { index } of symbols.slice(0, 20)) {
		streams.followKlines(index, '1d', () => undefined);
		await run(10);
	}
	await run(3_000);
	const sent = transport.markets.linear.requests.slice(sentBefore);
	expect(sent).toHaveLength(20);
	for (const { atMono } of sent) {
		expect(sent.filter((each) => each.atMono >= atMono && each.atMono < atMono + 1_000).length).toBeLessThanOrEqual(8);
	}
	expect(() => streams.followKlines(instrumentIndex(700), '1m', () => undefined)).toThrow('know no instrument 700');
});
