/**
 * Exchange, market and engine in one process, on any clock. On a virtual clock a run is a function of its seed; on the
 * real one it is the demonstration that `npm start` shows. No wire in between: see `direct-venue.ts`.
 */
import { type Instrument, instrumentIndex, makeInstrument } from '../domain/instrument.ts';
import { RUN_TAGS, runTagOf } from '../domain/order-id.ts';
import { monoMs, timeMs } from '../domain/units.ts';
import { Engine } from '../engine/engine.ts';
import type { EngineNote, Recorder } from '../engine/ports.ts';
import { Runtime } from '../engine/runtime.ts';
import type { EngineSettings } from '../engine/settings.ts';
import { Exchange } from '../exchange/core/exchange.ts';
import type { ListingSpec } from '../exchange/core/listing.ts';
import { atoms } from '../exchange/core/money.ts';
import type { OrderView } from '../exchange/core/views.ts';
import { createMarket, MARKET_STEP_MS, type MarketSymbol } from '../exchange/market/market.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Rng } from '../ports/rng.ts';
import type { Strategy } from '../strategy/strategy.ts';
import { DIRECT_CAPABILITIES, DIRECT_VENUE, type DirectDelays, DirectVenue } from './direct-venue.ts';
import { memoryJournal } from './memory-journal.ts';

export interface WorldOptions {
	readonly clock: Clock;
	readonly rng: Rng;
	readonly listings: readonly ListingSpec[];
	readonly markets: readonly MarketSymbol[];
	readonly strategy: Strategy;
	readonly settings: EngineSettings;
	readonly delays: DirectDelays;
	/** How long the journal takes to confirm. */
	readonly journalMs: number;
	/** What our account starts with, in each quote coin. */
	readonly capital: string;
	readonly recorder?: Recorder;
	readonly onNote?: (note: EngineNote) => void;
}

export const OUR_ACCOUNT = 'evenkeel';

/** The market lives this long before anybody looks at it, so that books have two sides and a history. */
const WARM_UP_STEPS = 50;

export class World {
	readonly exchange: Exchange;
	readonly engine: Engine;
	readonly runtime: Runtime;
	readonly instruments: readonly Instrument[];
	readonly #clock: Clock;
	readonly #venue: DirectVenue;
	readonly #stepMarket: () => void;
	#marketTimer: Timer | undefined;

	constructor(options: WorldOptions) {
		const { clock, rng, listings, markets } = options;
		this.#clock = clock;
		this.exchange = new Exchange({ listings });
		const market = createMarket({ exchange: this.exchange, rng: rng.fork('market'), symbols: markets });
		const startMs = clock.wallMs();
		for (let step = WARM_UP_STEPS; step > 0; step -= 1) market.step(startMs - step * MARKET_STEP_MS);
		this.#stepMarket = () => market.step(clock.wallMs());
		this.exchange.openAccount(OUR_ACCOUNT);
		for (const coin of new Set(listings.map(({ quoteCoin }) => quoteCoin))) {
			this.exchange.deposit(OUR_ACCOUNT, coin, atoms(options.capital), startMs);
		}
		this.instruments = listings.map((listing, index) => instrumentOf(listing, index, startMs));
		this.engine = new Engine({
			settings: options.settings,
			venues: [DIRECT_CAPABILITIES],
			instruments: this.instruments,
			quoting: [{ strategy: options.strategy, instruments: this.instruments.map(({ index }) => index) }],
			runTag: runTagOf(rng.fork('run').below(RUN_TAGS)),
			lastOrderId: undefined,
			startedAtMono: monoMs(clock.monotonicMs()),
		});
		const sink = (event: Parameters<Runtime['push']>[0]): void => this.runtime.push(event);
		this.#venue = new DirectVenue({ exchange: this.exchange, accountId: OUR_ACCOUNT, clock, delays: options.delays });
		this.runtime = new Runtime(this.engine, {
			clock,
			gateways: [this.#venue],
			journal: memoryJournal({ clock, syncMs: options.journalMs, sink }),
			...(options.recorder === undefined ? {} : { recorder: options.recorder }),
			...(options.onNote === undefined ? {} : { onNote: options.onNote }),
		});
	}

	start(): void {
		this.runtime.start();
		this.#venue.subscribe(this.instruments, (event) => this.runtime.push(event));
		this.#scheduleMarket();
	}

	/** What the exchange itself says of our orders, whatever the engine believes. */
	openAtVenue(): readonly OrderView[] {
		return this.exchange.openOrders(OUR_ACCOUNT);
	}

	/** Nothing of ours moves any more: no order at the venue, none in our books, nothing on its way. */
	get isFlat(): boolean {
		return this.openAtVenue().length === 0 && this.engine.orders.openCount === 0 && this.engine.isQuiescent;
	}

	/** Nobody but us moves the books any more. */
	holdMarket(): void {
		this.#marketTimer?.cancel();
	}

	/** One step of it, for whoever holds it and moves it by hand. */
	stepMarket(): void {
		this.#stepMarket();
	}

	async stop(): Promise<void> {
		this.#marketTimer?.cancel();
		this.runtime.stop();
		await this.#venue[Symbol.asyncDispose]();
	}

	#scheduleMarket(): void {
		this.#marketTimer = this.#clock.after(MARKET_STEP_MS, () => {
			this.#stepMarket();
			this.#scheduleMarket();
		});
	}
}

function instrumentOf(listing: ListingSpec, index: number, nowMs: number): Instrument {
	const made = makeInstrument(
		{
			venue: DIRECT_VENUE,
			category: listing.kind,
			symbol: listing.symbol,
			baseCurrency: listing.baseCoin,
			quoteCurrency: listing.quoteCoin,
			settleCurrency: listing.quoteCoin,
			status: 'trading',
			tickSize: listing.tickSize,
			lotSize: listing.lotSize,
			priceMin: listing.tickSize,
			priceMax: PRICE_MAX,
			qtyMin: listing.minQty,
			qtyMax: listing.maxQty,
			notionalMin: listing.minNotional,
			reduceOnlySkipsNotionalMin: true,
			makerFeeRate: listing.makerFeeRate,
			takerFeeRate: listing.takerFeeRate,
		},
		{ index: instrumentIndex(index), version: 1, refreshedAtMs: timeMs(nowMs) },
	);
	if (made.kind === 'refused')
		throw new RangeError(`${listing.symbol}: ${made.field} is ${made.found}, expected ${made.expected}`);
	return made.instrument;
}

/** The box has no highest price of its own in ordinary use. */
const PRICE_MAX = '10000000';
