/** The streams over real sockets against the exchange in a box: what we keep is what it has, and what we trade we hear. */
import { isDeepStrictEqual } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import type { Box } from '../../src/app/box.ts';
import { createBook, type OrderBook } from '../../src/domain/book.ts';
import type { EngineEvent } from '../../src/domain/event.ts';
import { type Instrument, printPrice, printQty } from '../../src/domain/instrument.ts';
import type { OrderId } from '../../src/domain/order-id.ts';
import { RECONNECT_POLICY } from '../../src/network/reconnect.ts';
import { systemClock } from '../../src/network/system-clock.ts';
import { systemRng } from '../../src/network/system-rng.ts';
import { systemTransport } from '../../src/network/system-transport.ts';
import type { Transport } from '../../src/network/transport.ts';
import { NO_METER } from '../../src/ports/meter.ts';
import type { Kline } from '../../src/venues/bybit/codec/plain-kline.ts';
import { LookUps } from '../../src/venues/bybit/look-up.ts';
import { readOf } from '../../src/venues/bybit/pages.ts';
import { BybitReads } from '../../src/venues/bybit/reads.ts';
import { BybitRest, ORDER_POOL } from '../../src/venues/bybit/rest.ts';
import { Credentials } from '../../src/venues/bybit/sign.ts';
import { BybitStreams } from '../../src/venues/bybit/streams.ts';
import { boxUrls } from '../../src/venues/bybit/urls.ts';
import type { StreamNote } from '../../src/venues/wire/stream-note.ts';
import { VenueClock } from '../../src/venues/wire/venue-clock.ts';
import { makeTestInstrument } from '../fixtures/instruments.ts';
import { control, openRealBox } from '../fixtures/real-box.ts';

const toDispose: AsyncDisposable[] = [];
const bugs: unknown[] = [];

afterEach(async () => {
	for (const each of toDispose.splice(0).reverse()) await each[Symbol.asyncDispose]();
	expect(bugs).toEqual([]);
});

async function open() {
	const box = await openRealBox(bugs, { seed: 7, market: 'synthetic', historyHours: 0, symbols: ['BTCUSDT', 'ETHUSDT'] });
	toDispose.push(box);
	const clock = systemClock();
	const transport = systemTransport({ clock, isAllowed: () => true });
	toDispose.push(transport);
	const parts = await connect(box, transport);
	return { box, ...parts };
}

async function connect(box: Box, transport: Transport) {
	const { bybit, accounts } = box.listening;
	const [alice] = accounts;
	if (alice === undefined) throw new Error('the box has no account');
	const [clock, rng, urls] = [systemClock(), systemRng(), boxUrls(bybit)];
	const events: EngineEvent[] = [];
	const notes: StreamNote[] = [];
	const books = new Map<number, OrderBook>();
	const bookOf = (index: number): OrderBook => {
		const book = books.get(index) ?? createBook();
		books.set(index, book);
		return book;
	};
	const sink = (event: EngineEvent): void => {
		if (event.kind === 'book') bookOf(event.instrument).apply(event.delta);
		else events.push(event);
		if (event.kind === 'bookLost') bookOf(event.instrument).distrust(event.reason);
	};
	const venueClock = new VenueClock({ venue: 'bybit', clock, sink });
	const credentials = new Credentials(alice.apiKey, alice.apiSecret);
	const rest = new BybitRest({
		...{ transport, clock, rng, venueClock, credentials },
		venue: 'bybit',
		meter: NO_METER,
		origin: urls.rest,
	});
	const streams = new BybitStreams({
		venue: 'bybit',
		transport,
		clock,
		rng,
		policy: { ...RECONNECT_POLICY, baseDelayMs: 50, maxDelayMs: 200 },
		urls,
		credentials,
		rest,
		venueClock,
		bookOf,
		watch: (note) => notes.push(note),
	});
	toDispose.push(streams);
	const instruments = [
		await instrumentOf(urls.rest, 0, 'linear', 'BTCUSDT'),
		await instrumentOf(urls.rest, 1, 'linear', 'ETHUSDT'),
		await instrumentOf(urls.rest, 2, 'spot', 'BTCUSDT'),
	];
	streams.subscribe(instruments, sink);
	const read = readOf(rest);
	const lookUps = new LookUps({ clock, read, table: streams.table, sink, venueNowMs: () => venueClock.venueNowMs() });
	return { urls, events, notes, bookOf, rest, streams, instruments, lookUps };
}

/** By the venue's own words; what a test does not look at stays as it is. */
async function instrumentOf(rest: string, index: number, category: 'spot' | 'linear', symbol: string): Promise<Instrument> {
	const reply = await fetch(`${rest}/v5/market/instruments-info?category=${category}&symbol=${symbol}`);
	const { result } = (await reply.json()) as {
		result: { list: { lotSizeFilter: Record<string, string>; priceFilter: { tickSize: string } }[] };
	};
	const [row] = result.list;
	if (row === undefined) throw new Error(`the box has no ${symbol}`);
	const lotSize = row.lotSizeFilter[category === 'spot' ? 'basePrecision' : 'qtyStep'] ?? '';
	return makeTestInstrument({ index, category, symbol, tickSize: row.priceFilter.tickSize, lotSize, qtyMin: lotSize });
}

async function until(what: string, isDone: () => boolean): Promise<void> {
	const untilMs = performance.now() + 8_000;
	while (!isDone()) {
		if (performance.now() > untilMs) throw new Error(`waited in vain until ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
}

async function send(rest: BybitRest, order: Readonly<Record<string, string>>): Promise<void> {
	const body = JSON.stringify({ category: 'linear', symbol: 'BTCUSDT', orderType: 'Limit', ...order });
	const call = { method: 'POST', path: '/v5/order/create', body, signed: true, kind: 'order', timeoutMs: 2_000 } as const;
	expect(await rest.askAsync({ ...call, pool: ORDER_POOL })).toMatchObject({ kind: 'ok' });
}

/** Best levels in the venue's spelling, ours and over REST. */
async function bothBooks(rest: string, instrument: Instrument, book: OrderBook) {
	const { category, symbol } = instrument;
	const reply = await fetch(`${rest}/v5/market/orderbook?category=${category}&symbol=${symbol}&limit=50`);
	const { result } = (await reply.json()) as { result: { b: string[][]; a: string[][] } };
	const ours = (side: 'bid' | 'ask') =>
		Array.from({ length: Math.min(50, side === 'bid' ? book.bidCount : book.askCount) }, (_, i) => [
			printPrice(instrument, side === 'bid' ? book.bidTicksAt(i) : book.askTicksAt(i)),
			printQty(instrument, side === 'bid' ? book.bidLotsAt(i) : book.askLotsAt(i)),
		]);
	const numbers = (rows: string[][]): number[][] => rows.map((row) => row.map(Number));
	return { ours: [numbers(ours('bid')), numbers(ours('ask'))], theirs: [numbers(result.b), numbers(result.a)] };
}

test('books are those of REST, trades and marks come, fills arrive, and all of it again after a cut', async () => {
	const { box, urls, events, notes, bookOf, rest, streams, instruments, lookUps } = await open();
	const [btc] = instruments;
	if (btc === undefined) throw new Error('no instrument');
	const booksAreTrue = async (): Promise<void> => {
		await until('the books are whole', () => instruments.every(({ index }) => bookOf(index).trust.kind === 'whole'));
		// Time may stand still after a change of the book and before the moment at which it is told; then once more. A book
		// that is wrong is wrong at every look.
		for (let looksLeft = 20; looksLeft > 0; looksLeft -= 1) {
			await control(box, 'POST /v1/time/freeze');
			// What was on its way when time stood still.
			await new Promise((resolve) => setTimeout(resolve, 100));
			const books = await Promise.all(
				instruments.map((instrument) => bothBooks(urls.rest, instrument, bookOf(instrument.index))),
			);
			await control(box, 'POST /v1/time/resume');
			if (looksLeft > 1 && !books.every(({ ours, theirs }) => isDeepStrictEqual(ours, theirs))) continue;
			for (const { ours, theirs } of books) {
				expect(ours).toEqual(theirs);
				expect(ours[0]?.length).toBeGreaterThan(10);
			}
			return;
		}
	};
	const place = (orderId: string, price: string, timeInForce: string): Promise<void> =>
		send(rest, { orderLinkId: orderId, side: 'Buy', qty: '0.010', price, timeInForce });
	const executionsOf = (orderId: string) =>
		events.flatMap((event) => (event.kind === 'execution' && event.execution.clientOrderId === orderId ? [event.execution] : []));
	const lotsOf = (orderId: string): number => executionsOf(orderId).reduce((sum, { qtyLots }) => sum + qtyLots, 0);

	await until('all is subscribed', () => streams.isComplete);
	expect(events.filter(({ kind }) => kind === 'stream')).toMatchObject([
		{ stream: 'private', up: false },
		{ stream: 'public', up: true },
		{ stream: 'private', up: true },
	]);
	expect(events.filter((event) => event.kind === 'position')).toMatchObject([
		{ instrument: 0, positionLotsSigned: 0 },
		{ instrument: 1, positionLotsSigned: 0 },
	]);
	expect(events.some((event) => event.kind === 'balance' && event.currency === 'USDT' && event.free > 0n)).toBe(true);
	await until('trades and marks come', () => ['trade', 'mark'].every((kind) => events.some((event) => event.kind === kind)));
	await booksAreTrue();

	await place('resting', printPrice(btc, (bookOf(0).bestBidTicks - 2_000) as typeof btc.priceTicksMin), 'PostOnly');
	await until('the resting order is told of', () =>
		events.some(
			(event) => event.kind === 'orderReport' && event.report.clientOrderId === 'resting' && event.report.status === 'working',
		),
	);
	await place('taking', printPrice(btc, (bookOf(0).bestAskTicks + 100) as typeof btc.priceTicksMin), 'IOC');
	await until('the fill arrives', () => lotsOf('taking') === 10);

	const before = events.length;
	expect(await control(box, 'POST /v1/faults', { name: 'cut-socket', parameters: { probability: 1, bytes: 1 } })).toMatchObject(
		{},
	);
	await until(
		'all sockets are cut',
		() => new Set(notes.flatMap((note) => (note.kind === 'session' && note.state === 'waiting' ? [note.socket] : []))).size === 3,
	);
	await place('deaf', printPrice(btc, (bookOf(0).bestAskTicks + 2_000) as typeof btc.priceTicksMin), 'IOC');
	await control(box, 'DELETE /v1/faults');
	await until('all is back', () => streams.isComplete);
	const since = events.slice(before);
	expect(since.flatMap((event) => (event.kind === 'stream' && event.stream === 'private' ? [event.up] : []))).toEqual([
		false,
		true,
	]);
	await until('the fill that nobody told of is booked', () => lotsOf('deaf') === 10);
	await booksAreTrue();

	const asked = ['taking', 'resting', 'never'].map((orderId) => ({
		orderId: orderId as OrderId,
		instrument: btc,
		venueOrderId: undefined,
	}));
	const answers = async () => {
		const told = events.length;
		lookUps.ask(asked);
		await until('the look-ups are done', () => events.slice(told).filter(({ kind }) => kind === 'lookedUp').length === 3);
		return events.slice(told).filter((event) => event.kind === 'lookedUp');
	};
	// What a busy machine answers too late is incomplete, and asked for again.
	let found = await answers();
	for (let asksLeft = 20; asksLeft > 0 && found.some(({ isComplete }) => !isComplete); asksLeft -= 1) {
		await new Promise((resolve) => setTimeout(resolve, 500));
		found = await answers();
	}
	expect(Object.fromEntries(found.map(({ orderId, isFound, isComplete }) => [orderId, [isFound, isComplete]]))).toEqual({
		taking: [true, true],
		resting: [true, true],
		never: [false, true],
	});
	expect(notes.filter(({ kind }) => kind === 'badFrame' || kind === 'topicRefused' || kind === 'loginRefused')).toEqual([]);
});

test('candles are those of REST, and come again after a cut', async () => {
	const { box, urls, notes, bookOf, rest, streams, instruments } = await open();
	const [btc, , spot] = instruments;
	if (btc === undefined || spot === undefined) throw new Error('no instrument');
	await until('all is subscribed', () => streams.isComplete);
	const told: Kline[] = [];
	for (const { index } of [btc, spot]) streams.followKlines(index, '1', (kline) => told.push(kline));
	const last = ({ index }: Instrument): Kline | undefined => told.findLast(({ instrument }) => instrument === index);
	await until('candles of both come', () => last(btc) !== undefined && last(spot) !== undefined);
	// Both ends leave the opening price, so that none of the three can stand in the place of another.
	const away = (ticks: number): string => printPrice(btc, (bookOf(0).bestBidTicks + ticks) as typeof btc.priceTicksMin);
	await send(rest, { side: 'Buy', qty: '2.000', price: away(2_000), timeInForce: 'IOC' });
	await send(rest, { side: 'Sell', qty: '4.000', price: away(-2_000), timeInForce: 'IOC' });
	await until('a candle has wicks on both sides', () =>
		told.some(({ openTicks, highTicks, lowTicks }) => lowTicks < openTicks && openTicks < highTicks),
	);

	const candlesAreTrue = async (): Promise<void> => {
		await control(box, 'POST /v1/time/freeze');
		await new Promise((resolve) => setTimeout(resolve, 100));
		for (const instrument of [btc, spot]) {
			const read = await new BybitReads(rest).klines(instrument.category, instrument.symbol, { interval: '1', limit: 5 });
			if (read.kind !== 'ok') throw new Error(read.sentence);
			const rows = new Map(read.value.map(([startMs, ...figures]) => [Number(startMs), figures.map(Number)]));
			const price = (ticks: number): number => Number(printPrice(instrument, ticks as typeof instrument.priceTicksMin));
			// The last word on each minute; of the running one it is up to a second old.
			const ours = told.filter((kline) => kline.instrument === instrument.index);
			for (const kline of new Map(ours.map((each) => [each.startAtMs, each])).values()) {
				const [open = 0, high = 0, low = 0, close = 0, volume = 0] = rows.get(kline.startAtMs) ?? [];
				expect([price(kline.openTicks), kline.endAtMs], instrument.id).toEqual([open, kline.startAtMs + 59_999]);
				expect([price(kline.highTicks) <= high, price(kline.lowTicks) >= low]).toEqual([true, true]);
				expect(Math.abs(price(kline.closeTicks) - close)).toBeLessThan(close * 0.1);
				const volumeBase = Number(printQty(instrument, kline.volumeLots as typeof instrument.qtyLotsMin));
				expect(volumeBase).toBeLessThanOrEqual(volume);
				// At an average price that is near; a minute without a trade has none.
				expect(Math.abs(kline.turnover - volumeBase * price(kline.closeTicks))).toBeLessThanOrEqual(kline.turnover * 0.05);
			}
		}
		await control(box, 'POST /v1/time/resume');
	};
	await candlesAreTrue();

	await control(box, 'POST /v1/faults', { name: 'cut-socket', parameters: { probability: 1, bytes: 1 } });
	const isCut = (socket: string): boolean =>
		notes.some((note) => note.kind === 'session' && note.state === 'waiting' && note.socket === socket);
	await until('both connections of candles are cut', () => isCut('klines linear 1') && isCut('klines spot 2'));
	await control(box, 'DELETE /v1/faults');
	await until('all is back', () => streams.isComplete);
	told.length = 0;
	await until('candles of both come again', () => last(btc) !== undefined && last(spot) !== undefined);
	await candlesAreTrue();
	expect(notes.filter(({ kind }) => kind === 'badFrame' || kind === 'topicRefused')).toEqual([]);
	expect(urls.publicSpot).not.toBe(urls.publicLinear);
}, 30_000);
