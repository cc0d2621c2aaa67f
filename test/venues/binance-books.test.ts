/**
 * Books of both markets of Binance over the exchange in a box, in virtual time, on a network on which things go wrong:
 * whenever a book is taken for whole it is what the exchange had at that number, and when the faults end all is well.
 */
import { describe, expect, test } from 'vitest';
import { createBoxVenue } from '../../src/app/box-venue.ts';
import { createBook, type OrderBook } from '../../src/domain/book.ts';
import { BookDelta } from '../../src/domain/book-delta.ts';
import type { EngineEvent } from '../../src/domain/event.ts';
import { type Instrument, instrumentIndex, makeInstrument } from '../../src/domain/instrument.ts';
import type { Lots, Ticks, TimeMs } from '../../src/domain/units.ts';
import { shownUpdateId } from '../../src/exchange/binance/ids.ts';
import { ActiveFaults } from '../../src/exchange/faults/active-faults.ts';
import { BINANCE_DIALECT } from '../../src/exchange/faults/binance-dialect.ts';
import { createFaultDesk } from '../../src/exchange/faults/desk.ts';
import { FaultyFacade } from '../../src/exchange/faults/faulty-facade.ts';
import { RECONNECT_POLICY } from '../../src/network/reconnect.ts';
import { NO_METER } from '../../src/ports/meter.ts';
import { runWithJobs } from '../../src/simulation/promise-jobs.ts';
import { seededRng } from '../../src/simulation/seeded-rng.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { VirtualNetwork } from '../../src/simulation/virtual-network.ts';
import type { Link } from '../../src/simulation/virtual-network-link.ts';
import { Ban } from '../../src/venues/binance/ban.ts';
import type { Market } from '../../src/venues/binance/codec/frames.ts';
import { BinanceInstruments } from '../../src/venues/binance/instruments.ts';
import { BinanceReads } from '../../src/venues/binance/reads.ts';
import { BinanceRest } from '../../src/venues/binance/rest.ts';
import { BinanceStreams } from '../../src/venues/binance/streams.ts';
import { boxUrlsBeside } from '../../src/venues/binance/urls.ts';
import { Weights } from '../../src/venues/binance/weights.ts';
import type { StreamNote } from '../../src/venues/wire/stream-note.ts';
import { VenueClock } from '../../src/venues/wire/venue-clock.ts';

const ORIGIN = 'http://127.0.0.1:9';
const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];
const MARKETS = ['spot', 'linear'] as const satisfies readonly Market[];
const MARKET_STEP_MS = 100;
const LINK: Link = { requestMs: { fromMs: 2, toMs: 30 }, replyMs: { fromMs: 2, toMs: 30 } };

class World {
	readonly clock = new VirtualClock(1_771_000_000_000);
	readonly books = new Map<number, OrderBook>();
	readonly events: EngineEvent[] = [];
	readonly notes: StreamNote[] = [];
	/** Books that were taken for whole, and how many of them could be held against the exchange's own. */
	seenCount = 0;
	judgedCount = 0;
	readonly network: VirtualNetwork;
	readonly faults: ReturnType<typeof createFaultDesk>;
	readonly #venue: ReturnType<typeof createBoxVenue>;
	readonly #active: ActiveFaults;
	readonly #truth = new Map<string, Map<number, number>>();
	readonly #rng: ReturnType<typeof seededRng>;
	#instruments: readonly Instrument[] = [];
	#isHeld = false;
	streams: BinanceStreams | undefined;

	constructor(seed: number, market: 'synthetic' | 'quiet') {
		const { clock } = this;
		this.#rng = seededRng(seed);
		this.#venue = createBoxVenue({
			rng: this.#rng.fork('venue'),
			market,
			symbols: SYMBOLS,
			categories: [],
			nowMs: clock.wallMs(),
			limitFactor: 1,
			binanceMarkets: ['spot', 'futures'],
		});
		const { binance } = this.#venue;
		if (binance === undefined) throw new Error('the box has no Binance');
		this.#active = new ActiveFaults({ rng: this.#rng.fork('faults'), clock });
		this.faults = createFaultDesk(this.#active);
		const facade = new FaultyFacade(binance, { faults: this.#active, clock, dialect: BINANCE_DIALECT });
		const hosts = new Map([[ORIGIN, { facade, link: LINK }]]);
		this.network = new VirtualNetwork({ clock, rng: this.#rng.fork('network'), hosts });
		this.#step();
	}

	async open(): Promise<void> {
		const { clock } = this;
		const rng = this.#rng.fork('client');
		const transport = this.network.transport({ isAllowed: () => true });
		const sink = (event: EngineEvent): void => this.#hear(event);
		const venueClock = new VenueClock({ venue: 'binance', clock, sink });
		const ban = new Ban(clock);
		const open = (market: Market) => {
			const weights = new Weights(market);
			const parts = { market, transport, clock, rng: rng.fork(market), venueClock, weights, ban, meter: NO_METER };
			const rest = new BinanceRest({ ...parts, venue: 'binance', origin: ORIGIN, credentials: undefined });
			return { rest, weights, reads: new BinanceReads(rest) };
		};
		const markets = { spot: open('spot'), linear: open('linear') };
		const venueNowMs = (): number => venueClock.venueNowMs();
		const instruments = new BinanceInstruments({ venue: 'binance', markets, clock, venueNowMs, hasFees: false, sink });
		const wanted = MARKETS.flatMap((category) => SYMBOLS.map((symbol) => ({ category, symbol })));
		let loaded: Awaited<ReturnType<typeof instruments.load>> | undefined;
		void instruments.load(wanted).then((each) => {
			loaded = each;
		});
		await runWithJobs(clock, () => loaded === undefined);
		if (loaded?.kind !== 'loaded') throw new Error(JSON.stringify(loaded));
		this.#instruments = loaded.specs.map((spec, index) => {
			const made = makeInstrument(spec, { index: instrumentIndex(index), version: 1, refreshedAtMs: 0 as TimeMs });
			if (made.kind === 'refused') throw new Error(made.field);
			return made.instrument;
		});
		this.streams = new BinanceStreams({
			venue: 'binance',
			...{ transport, clock, rng, policy: RECONNECT_POLICY },
			urls: boxUrlsBeside(ORIGIN),
			rests: { spot: markets.spot.rest, linear: markets.linear.rest },
			bookOf: (index) => this.book(index),
			watch: (note) => this.notes.push(note),
		});
		this.streams.subscribe(this.#instruments, sink);
	}

	async run(durationMs: number): Promise<void> {
		const untilMono = this.clock.monotonicMs() + durationMs;
		await runWithJobs(this.clock, () => this.clock.monotonicMs() < untilMono);
	}

	inject(name: string, parameters: Readonly<Record<string, unknown>>): void {
		const injected = this.faults.inject(name, { channel: 'ws-public', ...parameters });
		if (injected.kind !== 'injected') throw new Error(injected.message);
	}

	endFaults(): void {
		for (const { id } of this.faults.list()) this.faults.clear(id);
	}

	holdMarket(): void {
		this.#isHeld = true;
	}

	book(index: number): OrderBook {
		const book = this.books.get(index) ?? createBook();
		this.books.set(index, book);
		return book;
	}

	/** Ids of instruments whose book is not that of the exchange, now. */
	wrong(): string[] {
		return this.#instruments
			.filter((instrument) => {
				const book = this.book(instrument.index);
				return book.trust.kind !== 'whole' || book.hash() !== this.#exchangeBook(instrument).hash();
			})
			.map(({ id }) => id);
	}

	#step(): void {
		if (!this.#isHeld) this.#venue.step(this.clock.wallMs());
		for (const instrument of this.#instruments) {
			const truth = this.#exchangeBook(instrument);
			const known = this.#truth.get(instrument.id) ?? new Map<number, number>();
			this.#truth.set(instrument.id, known.set(truth.sequence, truth.hash()));
		}
		this.clock.after(MARKET_STEP_MS, () => this.#step());
	}

	#hear(event: EngineEvent): void {
		if (event.kind === 'bookLost') this.book(event.instrument).distrust(event.reason);
		if (event.kind !== 'book') {
			this.events.push(event);
			return;
		}
		const book = this.book(event.instrument);
		book.apply(event.delta);
		const instrument = this.#instruments[event.instrument];
		if (instrument === undefined || book.trust.kind !== 'whole') return;
		this.seenCount += 1;
		const known = this.#truth.get(instrument.id)?.get(book.sequence);
		if (known === undefined) return;
		this.judgedCount += 1;
		if (known !== book.hash()) throw new Error(`the book of ${instrument.id} is wrong at ${book.sequence}`);
	}

	#exchangeBook({ category, symbol }: Instrument): OrderBook {
		const market = category === 'spot' ? 'spot' : 'futures';
		const shown = this.#venue.exchange.book(`binance-${market}:${symbol}`, 5_000);
		if (shown === undefined) throw new Error(`the box has no ${symbol} on ${market}`);
		const delta = new BookDelta();
		delta.reset('snapshot', shownUpdateId(market, shown.bookSeq), 0 as TimeMs, 0 as TimeMs);
		for (const { priceTicks, qtyLots } of shown.bids) delta.push('bid', priceTicks as Ticks, qtyLots as Lots);
		for (const { priceTicks, qtyLots } of shown.asks) delta.push('ask', priceTicks as Ticks, qtyLots as Lots);
		const book = createBook();
		book.apply(delta);
		return book;
	}
}

async function openWorld(seed: number, market: 'synthetic' | 'quiet' = 'synthetic'): Promise<World> {
	const world = new World(seed, market);
	await world.open();
	await world.run(2_000);
	return world;
}

describe('books of both markets', () => {
	test('are those of the exchange at every number, trades and marks come, and nothing is lost', async () => {
		const world = await openWorld(1);
		await world.run(15_000);
		world.holdMarket();
		await world.run(1_000);
		expect(world.wrong()).toEqual([]);
		expect(world.streams?.isComplete).toBe(true);
		expect(world.judgedCount).toBeGreaterThan(400);
		expect(world.judgedCount / world.seenCount).toBeGreaterThan(0.9);
		expect(world.events.filter(({ kind }) => kind === 'bookLost')).toEqual([]);
		expect(world.notes.filter(({ kind }) => kind !== 'session')).toEqual([]);
		for (const kind of ['trade', 'mark']) expect(world.events.some((event) => event.kind === kind)).toBe(true);
	});

	test('that are quiet are known to be so, and never grow old', async () => {
		const world = await openWorld(2, 'quiet');
		for (let i = 0; i < 40; i += 1) {
			await world.run(300);
			for (const [, book] of world.books) {
				expect(book.trust.kind).toBe('whole');
				expect(world.clock.wallMs() - book.venueAtMs).toBeLessThan(3_500);
			}
		}
		expect(world.events.filter(({ kind }) => kind === 'bookLost')).toEqual([]);
	});

	test.each([1, 2])(
		'are never wrong where frames are lost, doubled, late, shuffled or muted, and connections cut: seed %i',
		async (seed) => {
			const world = await openWorld(seed);
			world.inject('drop-frames', { probability: 0.002 });
			world.inject('duplicate-frames', { probability: 0.02 });
			world.inject('reorder-frames', { probability: 0.002 });
			world.inject('delay-frames', { probability: 0.02 });
			world.inject('mute-topic', { probability: 0.0005, forMs: 6_000 });
			world.inject('break-sequence', { probability: 0.002, form: seed % 2 === 0 ? 'gap' : 'repeat' });
			for (let i = 0; i < 4; i += 1) {
				await world.run(8_000);
				if (i === 1) world.network.cut(ORIGIN);
				if (i === 2) world.network.silence(ORIGIN);
			}
			world.endFaults();
			await world.run(40_000);
			world.holdMarket();
			await world.run(2_000);
			expect(world.wrong()).toEqual([]);
			const reasons = new Set(world.events.flatMap((event) => (event.kind === 'bookLost' ? [event.reason] : [])));
			expect([...reasons].sort()).toEqual(expect.arrayContaining(['disconnected', 'gap']));
			expect(world.judgedCount).toBeGreaterThan(500);
			// Nobody was ever asked for more than it takes.
			expect(world.notes.filter(({ kind }) => kind === 'topicRefused')).toEqual([]);
		},
	);
});
