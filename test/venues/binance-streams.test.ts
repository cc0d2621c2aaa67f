/** The public streams of both markets of Binance over real sockets against the exchange in a box, which shares no code with them. */
import { afterEach, expect, test } from 'vitest';
import { createBook, type OrderBook } from '../../src/domain/book.ts';
import type { EngineEvent } from '../../src/domain/event.ts';
import { type Instrument, instrumentIndex, makeInstrument, printPrice, printQty } from '../../src/domain/instrument.ts';
import { timeMs } from '../../src/domain/units.ts';
import { RECONNECT_POLICY } from '../../src/network/reconnect.ts';
import { systemClock } from '../../src/network/system-clock.ts';
import { systemRng } from '../../src/network/system-rng.ts';
import { systemTransport } from '../../src/network/system-transport.ts';
import { NO_METER } from '../../src/ports/meter.ts';
import { Ban } from '../../src/venues/binance/ban.ts';
import type { Market } from '../../src/venues/binance/codec/frames.ts';
import type { LiveKline } from '../../src/venues/binance/codec/plain-kline.ts';
import { BinanceInstruments } from '../../src/venues/binance/instruments.ts';
import { BinanceReads } from '../../src/venues/binance/reads.ts';
import { BinanceRest } from '../../src/venues/binance/rest.ts';
import { BinanceStreams } from '../../src/venues/binance/streams.ts';
import { boxUrls, isAllowedUrl } from '../../src/venues/binance/urls.ts';
import { Weights } from '../../src/venues/binance/weights.ts';
import type { StreamNote } from '../../src/venues/wire/stream-note.ts';
import { VenueClock } from '../../src/venues/wire/venue-clock.ts';
import { control, openRealBox } from '../fixtures/real-box.ts';

const toDispose: AsyncDisposable[] = [];
const bugs: unknown[] = [];

afterEach(async () => {
	for (const each of toDispose.splice(0).reverse()) await each[Symbol.asyncDispose]();
	expect(bugs).toEqual([]);
});

async function open() {
	const box = await openRealBox(bugs, { seed: 7, market: 'synthetic', symbols: ['BTCUSDT', 'ETHUSDT'], binancePort: 0 });
	toDispose.push(box);
	const { binance } = box.listening;
	if (binance === undefined) throw new Error('the box has no Binance');
	const [clock, rng, urls] = [systemClock(), systemRng(), boxUrls(binance)];
	const transport = systemTransport({ clock, isAllowed: (url) => isAllowedUrl('box', url) });
	toDispose.push(transport);
	const events: EngineEvent[] = [];
	const notes: StreamNote[] = [];
	const books = new Map<number, OrderBook>();
	let instruments: readonly Instrument[] = [];
	/** Every book that was told, by instrument and number. */
	const seen = new Map<string, number[][][]>();
	const bookOf = (index: number): OrderBook => {
		const book = books.get(index) ?? createBook();
		books.set(index, book);
		return book;
	};
	const sink = (event: EngineEvent): void => {
		if (event.kind === 'book') {
			const book = bookOf(event.instrument);
			book.apply(event.delta);
			const instrument = instruments[event.instrument];
			if (instrument !== undefined) seen.set(`${event.instrument} ${book.sequence}`, levelsOf(instrument, book));
		} else events.push(event);
		if (event.kind === 'bookLost') bookOf(event.instrument).distrust(event.reason);
	};
	const venueClock = new VenueClock({ venue: 'binance', clock, sink });
	const ban = new Ban(clock);
	const marketOf = (market: Market) => {
		const weights = new Weights(market);
		const origin = market === 'spot' ? urls.spotRest : urls.futuresRest;
		const parts = { market, transport, clock, rng, venueClock, weights, ban, meter: NO_METER, origin };
		const rest = new BinanceRest({ ...parts, venue: 'binance', credentials: undefined });
		return { rest, weights, reads: new BinanceReads(rest) };
	};
	const markets = { spot: marketOf('spot'), linear: marketOf('linear') };
	const venueNowMs = (): number => venueClock.venueNowMs();
	const loaded = await new BinanceInstruments({ venue: 'binance', markets, clock, venueNowMs, hasFees: false, sink }).load([
		{ category: 'linear', symbol: 'BTCUSDT' },
		{ category: 'linear', symbol: 'ETHUSDT' },
		{ category: 'spot', symbol: 'BTCUSDT' },
	]);
	if (loaded.kind !== 'loaded') throw new Error(JSON.stringify(loaded));
	instruments = loaded.specs.map((spec, index) => {
		const made = makeInstrument(spec, { index: instrumentIndex(index), version: 1, refreshedAtMs: timeMs(0) });
		if (made.kind === 'refused') throw new Error(made.field);
		return made.instrument;
	});
	const streams = new BinanceStreams({
		venue: 'binance',
		...{ transport, clock, rng, urls, bookOf },
		policy: { ...RECONNECT_POLICY, baseDelayMs: 50, maxDelayMs: 200 },
		rests: { spot: markets.spot.rest, linear: markets.linear.rest },
		watch: (note) => notes.push(note),
	});
	toDispose.push(streams);
	streams.subscribe(instruments, sink);
	return { box, urls, events, notes, bookOf, seen, streams, instruments };
}

async function until(what: string, isDone: () => boolean): Promise<void> {
	const untilMs = performance.now() + 8_000;
	while (!isDone()) {
		if (performance.now() > untilMs) throw new Error(`waited in vain until ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
}

/** All of them as numbers, bids and asks. */
function levelsOf(instrument: Instrument, book: OrderBook): number[][][] {
	return (['bid', 'ask'] as const).map((side) =>
		Array.from({ length: side === 'bid' ? book.bidCount : book.askCount }, (_, i) => [
			Number(printPrice(instrument, side === 'bid' ? book.bidTicksAt(i) : book.askTicksAt(i))),
			Number(printQty(instrument, side === 'bid' ? book.bidLotsAt(i) : book.askLotsAt(i))),
		]),
	);
}

async function readBook(origin: string, { category, symbol }: Instrument) {
	const path = category === 'spot' ? '/api/v3' : '/fapi/v1';
	const reply = await fetch(`${origin}${path}/depth?symbol=${symbol}&limit=1000`);
	const { lastUpdateId, bids, asks } = (await reply.json()) as { lastUpdateId: number; bids: string[][]; asks: string[][] };
	return { lastUpdateId, levels: [bids, asks].map((rows) => rows.map((row) => row.map(Number))) };
}

test('books are those of REST, trades and marks come, and all of it again after a cut', async () => {
	const { box, urls, events, notes, bookOf, seen, streams, instruments } = await open();
	const booksAreTrue = async (): Promise<void> => {
		await until('the books are whole', () => instruments.every(({ index }) => bookOf(index).trust.kind === 'whole'));
		for (const instrument of instruments) {
			const origin = instrument.category === 'spot' ? urls.spotRest : urls.futuresRest;
			// What REST showed between two changes is never told on the stream; then once more.
			let told: number[][][] | undefined;
			let read: Awaited<ReturnType<typeof readBook>> | undefined;
			for (let looksLeft = 20; looksLeft > 0 && told === undefined; looksLeft -= 1) {
				read = await readBook(origin, instrument);
				await new Promise((resolve) => setTimeout(resolve, 250));
				told = seen.get(`${instrument.index} ${read.lastUpdateId}`);
			}
			expect(told).toEqual(read?.levels);
			expect(read?.levels[0]?.length).toBeGreaterThan(10);
		}
	};
	await until('all is subscribed', () => streams.isComplete);
	await until('trades of both and marks come', () =>
		[
			['trade', 2],
			['trade', 0],
			['mark', 0],
		].every(([kind, index]) =>
			events.some((event) => event.kind === kind && 'instrument' in event && event.instrument === index),
		),
	);
	await booksAreTrue();
	expect(events.filter(({ kind }) => kind === 'bookLost')).toEqual([]);

	await control(box, 'POST /v1/faults', { name: 'cut-socket', parameters: { probability: 1, bytes: 1 } });
	await until(
		'all sockets are cut',
		() => new Set(notes.flatMap((note) => (note.kind === 'session' && note.state === 'waiting' ? [note.socket] : []))).size === 3,
	);
	await control(box, 'DELETE /v1/faults');
	await until('all is back', () => streams.isComplete);
	await booksAreTrue();
	expect(notes.filter(({ kind }) => kind === 'badFrame' || kind === 'topicRefused')).toEqual([]);
}, 30_000);

test('candles of both markets are those of REST', async () => {
	const { urls, notes, streams, instruments } = await open();
	await until('all is subscribed', () => streams.isComplete);
	const told: LiveKline[] = [];
	for (const index of [0, 2]) streams.followKlines(instrumentIndex(index), '1m', (kline) => told.push(kline));
	const of = (index: number): LiveKline[] => told.filter(({ instrument }) => instrument === index);
	await until('candles of both come', () => of(0).length > 1 && of(2).length > 1);
	for (const [index, origin, path] of [
		[0, urls.futuresRest, '/fapi/v1'],
		[2, urls.spotRest, '/api/v3'],
	] as const) {
		const reply = await fetch(`${origin}${path}/klines?symbol=BTCUSDT&interval=1m&limit=5`);
		const rows = (await reply.json()) as readonly (readonly [number, string, string, string, string, string, number])[];
		const instrument = instruments[index];
		const kline = of(index).at(-1);
		const row = rows.find(([startAtMs]) => startAtMs === kline?.startAtMs);
		if (instrument === undefined || kline === undefined || row === undefined) throw new Error('no candle');
		const price = (ticks: number): number => Number(printPrice(instrument, ticks as typeof instrument.priceTicksMin));
		expect([price(kline.openTicks), kline.endAtMs]).toEqual([Number(row[1]), row[6]]);
		// Of the running one it is up to two seconds old.
		expect([price(kline.highTicks) <= Number(row[2]), price(kline.lowTicks) >= Number(row[3])]).toEqual([true, true]);
		expect(Number(printQty(instrument, kline.volumeLots as typeof instrument.qtyLotsMin))).toBeLessThanOrEqual(Number(row[5]));
	}
	expect(notes.filter(({ kind }) => kind === 'badFrame' || kind === 'topicRefused')).toEqual([]);
}, 30_000);
