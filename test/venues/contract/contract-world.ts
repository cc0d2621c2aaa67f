/**
 * One venue adapter in front of the exchange in a box, in virtual time, as an app would open it: what the contract asks is
 * asked of the port alone, and held against what the exchange itself has.
 */
import { type BoxVenue, createBoxVenue } from '../../../src/app/box-venue.ts';
import { accountOf, exchangeKeyOf, setupsOf, WIRED_ORIGINS } from '../../../src/app/wired-places.ts';
import { createBook, type OrderBook } from '../../../src/domain/book.ts';
import type { AmendCommand, CancelCommand, Command, PlaceCommand, PlaceProposal } from '../../../src/domain/command.ts';
import type { EngineEvent } from '../../../src/domain/event.ts';
import { type Category, type Instrument, instrumentIndex, makeInstrument } from '../../../src/domain/instrument.ts';
import type { OrderId } from '../../../src/domain/order-id.ts';
import { lots, ticks, timeMs } from '../../../src/domain/units.ts';
import type { Facade } from '../../../src/exchange/facade.ts';
import { ActiveFaults } from '../../../src/exchange/faults/active-faults.ts';
import { BINANCE_DIALECT } from '../../../src/exchange/faults/binance-dialect.ts';
import { BYBIT_DIALECT } from '../../../src/exchange/faults/bybit-dialect.ts';
import { createFaultDesk } from '../../../src/exchange/faults/desk.ts';
import { FaultyFacade } from '../../../src/exchange/faults/faulty-facade.ts';
import { FaultyLine } from '../../../src/exchange/faults/faulty-line.ts';
import { type Meter, NO_METER } from '../../../src/ports/meter.ts';
import { runWithJobs } from '../../../src/simulation/promise-jobs.ts';
import { seededRng } from '../../../src/simulation/seeded-rng.ts';
import { VirtualClock } from '../../../src/simulation/virtual-clock.ts';
import { VirtualNetwork } from '../../../src/simulation/virtual-network.ts';
import type { Venue } from '../../../src/venues/wire/venue.ts';

export interface Place {
	readonly venue: keyof typeof WIRED_ORIGINS;
	readonly category: Category;
	readonly orderEntry: 'ws' | 'rest';
}

export const PLACES: readonly Place[] = (['ws', 'rest'] as const).flatMap((orderEntry) => [
	{ venue: 'bybit', category: 'linear', orderEntry },
	{ venue: 'bybit', category: 'spot', orderEntry },
	{ venue: 'binance', category: 'linear', orderEntry },
	{ venue: 'binance', category: 'spot', orderEntry },
]);

interface WorldOptions {
	/** Of the venue's own limits; without it there are none. */
	readonly limitFactor?: number;
	/** Hears what comes to the exchange before it does, and may answer in its place. */
	readonly standsBefore?: (facade: Facade) => Facade;
}

const SYMBOLS = ['BTCUSDT', 'ETHUSDT'] as const;
const START_MS = 1_771_000_020_200;
const US = 'alice';
const OTHER = 'bob';
const MARKET_STEP_MS = 100;
const PATIENCE_MS = 120_000;

type Kind = EngineEvent['kind'];

export class ContractWorld implements AsyncDisposable {
	readonly place: Place;
	readonly clock = new VirtualClock(START_MS);
	readonly events: EngineEvent[] = [];
	readonly box: BoxVenue;
	readonly faults: ReturnType<typeof createFaultDesk>;
	readonly network: VirtualNetwork;
	readonly venue: Venue;
	/** No create or amend goes a second time while it is set. */
	isKilled = false;
	/** Reads that the exchange has answered. */
	readCount = 0;
	/** Calls that went wrong. */
	errorCount = 0;
	readonly #books = new Map<number, OrderBook>();
	#instruments: readonly Instrument[] = [];
	#isLiving = true;
	#batchId = 0;
	#orderCount = 0;

	/** Its instruments are read, and nothing else is asked yet. */
	static async open(place: Place, options: WorldOptions = {}): Promise<ContractWorld> {
		const world = new ContractWorld(place, options);
		const loaded = await world.settle(world.venue.load(SYMBOLS.map((symbol) => ({ category: place.category, symbol }))));
		if (loaded.kind === 'refused') throw new Error(loaded.sentences.join('; '));
		world.#instruments = loaded.specs.map((spec, index) => {
			const made = makeInstrument(spec, { index: instrumentIndex(index), version: 1, refreshedAtMs: timeMs(START_MS) });
			if (made.kind === 'refused') throw new Error(made.field);
			return made.instrument;
		});
		return world;
	}

	/** Everything up. */
	static async subscribed(place: Place, options: WorldOptions = {}): Promise<ContractWorld> {
		const world = await ContractWorld.open(place, options);
		world.venue.subscribe(world.instruments);
		await world.until('everything is up', () => world.venue.isReady && world.all('census').length > 0);
		return world;
	}

	private constructor(place: Place, { limitFactor = Number.POSITIVE_INFINITY, standsBefore }: WorldOptions) {
		this.place = place;
		const { clock } = this;
		const rng = seededRng(11);
		const isBybit = place.venue === 'bybit';
		this.box = createBoxVenue({
			...{ rng: rng.fork('venue'), market: 'quiet', symbols: SYMBOLS, nowMs: START_MS, limitFactor },
			categories: isBybit ? ['spot', 'linear'] : [],
			...(isBybit ? {} : { binanceMarkets: ['spot', 'futures'] as const }),
		});
		const active = new ActiveFaults({ rng: rng.fork('faults'), clock });
		this.faults = createFaultDesk(active);
		const shown = isBybit ? this.box.facade : this.box.binance;
		if (shown === undefined) throw new Error('the box does not have this venue');
		const inside = standsBefore?.(shown) ?? shown;
		const context = { faults: active, clock, dialect: isBybit ? BYBIT_DIALECT : BINANCE_DIALECT };
		const facade = new FaultyFacade(inside, context);
		const link = { requestMs: { fromMs: 2, toMs: 20 }, replyMs: { fromMs: 2, toMs: 20 } };
		const hosts = new Map([[this.#origin, { facade, link, requestLine: new FaultyLine(facade, context) }]]);
		this.network = new VirtualNetwork({ clock, rng: rng.fork('network'), hosts });
		this.venue = this.#openVenue(rng.fork('client'));
		this.#stepMarket();
	}

	#openVenue(rng: ReturnType<typeof seededRng>): Venue {
		const [key] = this.box.accounts;
		if (key === undefined) throw new Error('the box has no account');
		const symbols = SYMBOLS.map((symbol) => ({ venue: this.place.venue, category: this.place.category, symbol }));
		const [setup] = setupsOf(symbols, { key, orderEntry: this.place.orderEntry, bookDepth: 50 });
		if (setup === undefined) throw new Error('nothing to open');
		return setup.open({
			...{ transport: this.network.transport({ isAllowed: () => true }), clock: this.clock, rng, meter: this.#meter },
			sink: (event) => this.#hear(event),
			bookOf: (index) => this.book(index),
			mayPlace: () => !this.isKilled,
		});
	}

	readonly #meter: Meter = {
		...NO_METER,
		request: (verb) => ({
			record: () => {
				if (verb === 'read') this.readCount += 1;
			},
		}),
		restErrors: () => ({
			add: (count) => {
				this.errorCount += count;
			},
		}),
	};

	async [Symbol.asyncDispose](): Promise<void> {
		this.#isLiving = false;
		await this.settle(Promise.resolve(this.venue[Symbol.asyncDispose]()));
	}

	get #origin(): string {
		return WIRED_ORIGINS[this.place.venue];
	}

	get instruments(): readonly Instrument[] {
		return this.#instruments;
	}

	get instrument(): Instrument {
		return this.instrumentOf('BTCUSDT');
	}

	instrumentOf(symbol: (typeof SYMBOLS)[number]): Instrument {
		const instrument = this.#instruments.find((each) => each.symbol === symbol);
		if (instrument === undefined) throw new Error(`no ${symbol}`);
		return instrument;
	}

	#hear(event: EngineEvent): void {
		if (event.kind === 'bookLost') this.book(event.instrument).distrust(event.reason);
		if (event.kind === 'book') this.book(event.instrument).apply(event.delta);
		else this.events.push(event);
	}

	book(index: number): OrderBook {
		let book = this.#books.get(index);
		if (book === undefined) {
			book = createBook();
			this.#books.set(index, book);
		}
		return book;
	}

	all<Of extends Kind>(kind: Of): readonly Extract<EngineEvent, { readonly kind: Of }>[] {
		return this.events.filter((event): event is Extract<EngineEvent, { readonly kind: Of }> => event.kind === kind);
	}

	// ---- time ----

	#stepMarket(): void {
		if (!this.#isLiving) return;
		this.box.step(this.clock.wallMs());
		this.clock.after(MARKET_STEP_MS, () => this.#stepMarket());
	}

	async run(durationMs: number): Promise<void> {
		const untilMono = this.clock.monotonicMs() + durationMs;
		await runWithJobs(this.clock, () => this.clock.monotonicMs() < untilMono);
	}

	async until(what: string, isSo: () => boolean): Promise<void> {
		const latestMono = this.clock.monotonicMs() + PATIENCE_MS;
		await runWithJobs(this.clock, () => !isSo() && this.clock.monotonicMs() < latestMono);
		if (!isSo()) throw new Error(`waited in vain: ${what}`);
	}

	async settle<Value>(promise: Promise<Value>): Promise<Value> {
		const settled: Value[] = [];
		void promise.then((value) => settled.push(value));
		await this.until('an answer', () => settled.length > 0);
		return settled[0] as Value;
	}

	// ---- what goes wrong ----

	inject(name: string, parameters: Readonly<Record<string, unknown>> = {}): void {
		const injected = this.faults.inject(name, parameters);
		if (injected.kind !== 'injected') throw new Error(injected.message);
	}

	endFaults(): void {
		for (const { id } of this.faults.list()) this.faults.clear(id);
	}

	/** Nobody gets there, and who was there is out. */
	unreachable(isSo: boolean): void {
		this.network.refuse(this.#origin, isSo);
		if (isSo) this.network.cut(this.#origin);
	}

	// ---- orders ----

	order(more: Partial<PlaceProposal> = {}): PlaceCommand {
		const { instrument } = this;
		this.#orderCount += 1;
		const side = more.side === 'sell' ? 'Sell' : 'Buy';
		return {
			...{ kind: 'place', instrument, quoter: 0, slot: 0, side: 'buy', orderType: 'limit', timeInForce: 'postOnly' },
			...{ reduceOnly: false, priceTicks: this.farTicks(instrument), qtyLots: this.someLots(more.instrument ?? instrument) },
			orderId: `BTCUSDT-${side}-${START_MS}-${this.#orderCount}-4rx9` as OrderId,
			...more,
		} as PlaceCommand;
	}

	amendOf({ instrument, orderId, priceTicks, qtyLots }: PlaceCommand, byTicks: number): AmendCommand {
		return { kind: 'amend', instrument, orderId, priceTicks: ticks(priceTicks + byTicks), qtyLots } as AmendCommand;
	}

	cancelOf({ instrument, orderId }: PlaceCommand): CancelCommand {
		return { kind: 'cancel', instrument, orderId };
	}

	/** Far below the market and inside of every band. */
	farTicks(instrument: Instrument = this.instrument): PlaceCommand['priceTicks'] {
		return ticks(Math.round(this.touch(instrument).bidTicks * 0.98));
	}

	/** Worth a few hundred of the quote currency. */
	someLots({ symbol, qtyGrid: { stepUnits, scale } }: Instrument): PlaceCommand['qtyLots'] {
		return lots(Math.round(((symbol === 'BTCUSDT' ? 0.01 : 0.2) * 10 ** scale) / stepUnits));
	}

	/** By the port of the engine: outcomes in the order of the commands, `gone` for "no such order". */
	async outcomes(commands: readonly Command[]): Promise<readonly string[]> {
		const [first] = commands;
		if (first === undefined) return [];
		this.#batchId += 1;
		const batchId = this.#batchId;
		const { venue, category } = this.place;
		this.venue.gateway.send({ batchId, venue, category, verb: first.kind, commands, symbolOnly: undefined });
		const mine = () => this.all('answer').filter((event) => event.batchId === batchId);
		await this.until('the answer', () => mine().length > 0);
		await this.run(100);
		const answers = mine();
		if (answers.length !== 1) throw new Error(`${answers.length} answers to one batch`);
		const items = answers[0]?.items ?? [];
		if (items.map(({ orderId }) => orderId).join() !== commands.map(({ orderId }) => orderId).join()) {
			throw new Error('the outcomes are not those of the commands');
		}
		return items.map(({ outcome }) => {
			if (outcome.kind !== 'rejected') return outcome.kind;
			return outcome.gone ? 'gone' : outcome.class;
		});
	}

	/** What the exchange itself has of ours: `id at ticks`. */
	open(): readonly string[] {
		return this.box.exchange
			.openOrders(accountOf(this.instrument, US))
			.map(({ clientOrderId, priceTicks }) => `${clientOrderId} at ${priceTicks}`)
			.toSorted();
	}

	touch(instrument: Instrument = this.instrument): { readonly bidTicks: number; readonly askTicks: number } {
		return this.box.exchange.touch(exchangeKeyOf(instrument));
	}

	/** Somebody else trades with an order of ours. */
	fill({ instrument, side, priceTicks }: PlaceCommand, qtyLots: number): void {
		const placed = this.box.exchange.place(
			{
				...{ accountId: accountOf(instrument, OTHER), symbol: exchangeKeyOf(instrument), type: 'limit', timeInForce: 'ioc' },
				...{ side: side === 'buy' ? 'sell' : 'buy', priceTicks, qtyLots },
			},
			this.clock.wallMs(),
		);
		if (placed.kind === 'refused') throw new Error(placed.reason);
	}

	/** So many trades of others, one each time. */
	async trade(count: number, everyMs: number): Promise<void> {
		const { instrument } = this;
		for (let done = 0; done < count; done += 1) {
			const { askTicks } = this.touch();
			const bought = { side: 'buy', priceTicks: askTicks, qtyLots: this.someLots(instrument) } as const;
			const placed = this.box.exchange.place(
				{
					...{ accountId: accountOf(instrument, OTHER), symbol: exchangeKeyOf(instrument), type: 'limit', timeInForce: 'ioc' },
					...bought,
				},
				this.clock.wallMs(),
			);
			if (placed.kind === 'refused') throw new Error(placed.reason);
			await this.run(everyMs);
		}
	}

	/** A post-only order between the best prices, where somebody will meet it. */
	near(): PlaceCommand {
		return this.order({ priceTicks: ticks(this.touch().bidTicks + 1) });
	}

	reportsOf({ orderId }: PlaceCommand) {
		return this.all('orderReport').flatMap(({ report }) => (report.clientOrderId === orderId ? [report] : []));
	}

	/** Some lists name an order by the venue's id alone (F87). */
	executionsOf(order: PlaceCommand) {
		const names = new Set(this.reportsOf(order).map(({ venueOrderId }) => venueOrderId));
		return this.all('execution').flatMap(({ execution }) =>
			execution.clientOrderId === order.orderId || names.has(execution.venueOrderId) ? [execution] : [],
		);
	}
}
