/**
 * Our order entry at Binance against the exchange in a box, in virtual time: both markets, every way, a market that does
 * not move, and faults when they are asked for.
 */
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { type BoxVenue, createBoxVenue } from '../../src/app/box-venue.ts';
import type { AmendCommand, CancelCommand, Command, PlaceCommand, PlaceProposal } from '../../src/domain/command.ts';
import type { EngineEvent } from '../../src/domain/event.ts';
import { type Instrument, instrumentIndex, makeInstrument } from '../../src/domain/instrument.ts';
import type { OrderId } from '../../src/domain/order-id.ts';
import type { ItemOutcome } from '../../src/domain/outcome.ts';
import { lots, ticks, timeMs } from '../../src/domain/units.ts';
import { ActiveFaults } from '../../src/exchange/faults/active-faults.ts';
import { BINANCE_DIALECT } from '../../src/exchange/faults/binance-dialect.ts';
import { createFaultDesk } from '../../src/exchange/faults/desk.ts';
import { FaultyFacade } from '../../src/exchange/faults/faulty-facade.ts';
import { FaultyLine } from '../../src/exchange/faults/faulty-line.ts';
import { RECONNECT_POLICY } from '../../src/network/reconnect.ts';
import type { Transport } from '../../src/network/transport.ts';
import { NO_METER } from '../../src/ports/meter.ts';
import { runWithJobs } from '../../src/simulation/promise-jobs.ts';
import { seededRng } from '../../src/simulation/seeded-rng.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { VirtualNetwork } from '../../src/simulation/virtual-network.ts';
import { binanceCapabilities } from '../../src/venues/binance/capabilities.ts';
import type { Market } from '../../src/venues/binance/codec/frames.ts';
import { BinanceGateway, GATEWAY_OPTIONS } from '../../src/venues/binance/gateway.ts';
import { BinanceInstruments } from '../../src/venues/binance/instruments.ts';
import { type OpenMarkets, openMarkets } from '../../src/venues/binance/markets.ts';
import type { OrderCallOptions } from '../../src/venues/binance/order-calls.ts';
import { type Credentials, makeCredentials } from '../../src/venues/binance/sign.ts';
import { TradeSocket } from '../../src/venues/binance/trade-socket.ts';
import { boxUrlsBeside } from '../../src/venues/binance/urls.ts';
import { VenueClock } from '../../src/venues/wire/venue-clock.ts';

export const MARKETS = ['spot', 'linear'] as const satisfies readonly Market[];
export const URLS = boxUrlsBeside('http://127.0.0.1:9');
const SYMBOLS = ['BTCUSDT', 'ETHUSDT'] as const;
const START_MS = 1_771_000_020_200;
const CORE_MARKET: Record<Market, string> = { spot: 'binance-spot', linear: 'binance-futures' };

export interface WorldOptions {
	readonly seed?: number;
	readonly limitFactor?: number;
	/** Unless said, a secret of the venue's making. */
	readonly keyKind?: 'hmac' | 'ed25519';
	readonly calls?: Partial<OrderCallOptions>;
}

export class OrderWorld {
	readonly clock = new VirtualClock(START_MS);
	readonly events: EngineEvent[] = [];
	readonly venue: BoxVenue;
	readonly faults: ReturnType<typeof createFaultDesk>;
	readonly network: VirtualNetwork;
	readonly transport: Transport;
	readonly credentials: Credentials;
	readonly markets: OpenMarkets;
	readonly sockets: Readonly<Record<Market, TradeSocket>>;
	readonly gateway: BinanceGateway;
	readonly venueClock: VenueClock;
	readonly #instruments = new Map<string, Instrument>();

	/** With its instruments read and its sockets up, where orders go by socket. */
	static async open(options: WorldOptions = {}): Promise<OrderWorld> {
		const world = new OrderWorld(options);
		await world.#load();
		if (options.calls?.orderEntry !== 'rest') {
			for (const market of MARKETS) world.sockets[market].start();
			await world.until(() => MARKETS.every((market) => world.sockets[market].isUp));
		}
		return world;
	}

	constructor({ seed = 1, limitFactor = Number.POSITIVE_INFINITY, keyKind = 'hmac', calls = {} }: WorldOptions) {
		const { clock } = this;
		const rng = seededRng(seed);
		this.venue = createBoxVenue({
			...{ rng: rng.fork('venue'), market: 'quiet', symbols: SYMBOLS, categories: [], nowMs: START_MS, limitFactor },
			binanceMarkets: ['spot', 'futures'],
		});
		this.venue.step(START_MS);
		const { binance } = this.venue;
		if (binance === undefined) throw new Error('the box has no Binance');
		const active = new ActiveFaults({ rng: rng.fork('faults'), clock });
		this.faults = createFaultDesk(active);
		const context = { faults: active, clock, dialect: BINANCE_DIALECT };
		const facade = new FaultyFacade(binance, context);
		const link = { requestMs: { fromMs: 2, toMs: 30 }, replyMs: { fromMs: 2, toMs: 30 } };
		const hosts = new Map([[URLS.spotRest, { facade, link, requestLine: new FaultyLine(facade, context) }]]);
		this.network = new VirtualNetwork({ clock, rng: rng.fork('network'), hosts });
		this.transport = this.network.transport({ isAllowed: () => true });
		this.credentials = this.#makeKey(keyKind);
		const sink = (event: EngineEvent): void => {
			this.events.push(event);
		};
		const { transport, credentials } = this;
		this.venueClock = new VenueClock({ venue: 'binance', clock, sink });
		const { venueClock } = this;
		const basics = { transport, clock, venueClock, venue: 'binance', credentials, recvWindowMs: 5_000 };
		this.markets = openMarkets({ ...basics, rng: rng.fork('client'), meter: NO_METER, urls: URLS });
		const options = { ...GATEWAY_OPTIONS, ...calls };
		const socketOf = (market: Market): TradeSocket =>
			new TradeSocket({
				...{ ...basics, market, sink, policy: RECONNECT_POLICY, timeoutMs: options.orderTimeoutMs },
				...{ rng: rng.fork(`socket ${market}`), weights: this.markets[market].weights, ban: this.markets.ban },
				url: market === 'spot' ? URLS.spotWsApi : URLS.futuresWsApi,
			});
		this.sockets = { spot: socketOf('spot'), linear: socketOf('linear') };
		const ordersOf = (market: Market) => ({ rest: this.markets[market].rest, socket: this.sockets[market], venueClock });
		this.gateway = new BinanceGateway({
			...{ clock, sink, meter: NO_METER, options, capabilities: binanceCapabilities('binance') },
			markets: { spot: ordersOf('spot'), linear: ordersOf('linear') },
			lookUp: () => {},
			takeCensus: () => {},
			filtersRefused: () => {},
		});
		this.venueClock.start((heard) => this.markets.spot.rest.askVenueTime(heard));
	}

	#makeKey(kind: 'hmac' | 'ed25519'): Credentials {
		const [alice] = this.venue.accounts;
		if (alice === undefined) throw new Error('the box has no account');
		let key = { apiKey: alice.apiKey, apiSecret: alice.apiSecret };
		if (kind === 'ed25519') {
			const { privateKey } = generateKeyPairSync('ed25519');
			const publicPem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
			const apiKey = this.venue.addPublicKey(alice.name, publicPem) ?? '';
			key = { apiKey, apiSecret: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
		}
		const made = makeCredentials(key);
		if (made.kind === 'refused') throw new Error(made.sentence);
		return made.credentials;
	}

	async #load(): Promise<void> {
		const { clock } = this;
		const venueNowMs = (): number => this.venueClock.venueNowMs();
		const parts = { venue: 'binance', markets: this.markets, clock, venueNowMs, hasFees: false, sink: () => {} };
		const instruments = new BinanceInstruments(parts);
		const wanted = MARKETS.flatMap((category) => SYMBOLS.map((symbol) => ({ category, symbol })));
		const loaded = await this.settle(instruments.load(wanted));
		instruments.stop();
		if (loaded.kind !== 'loaded') throw new Error(JSON.stringify(loaded));
		for (const [index, spec] of loaded.specs.entries()) {
			const made = makeInstrument(spec, { index: instrumentIndex(index), version: 1, refreshedAtMs: timeMs(0) });
			if (made.kind === 'refused') throw new Error(made.field);
			this.#instruments.set(`${spec.category} ${spec.symbol}`, made.instrument);
		}
	}

	instrument(market: Market, symbol: (typeof SYMBOLS)[number] = 'BTCUSDT'): Instrument {
		const instrument = this.#instruments.get(`${market} ${symbol}`);
		if (instrument === undefined) throw new Error(`${market} has no ${symbol}`);
		return instrument;
	}

	// ---- time ----

	async run(durationMs: number): Promise<void> {
		const untilMono = this.clock.monotonicMs() + durationMs;
		await runWithJobs(this.clock, () => this.clock.monotonicMs() < untilMono);
	}

	async until(isSo: () => boolean): Promise<void> {
		const latestMono = this.clock.monotonicMs() + 600_000;
		await runWithJobs(this.clock, () => !isSo() && this.clock.monotonicMs() < latestMono);
		if (!isSo()) throw new Error('it does not come about');
	}

	async settle<Value>(promise: Promise<Value>): Promise<Value> {
		let settled: { readonly value: Value } | undefined;
		void promise.then((value) => {
			settled = { value };
		});
		await this.until(() => settled !== undefined);
		return (settled as unknown as { readonly value: Value }).value;
	}

	// ---- orders ----

	inject(name: string, parameters: Readonly<Record<string, unknown>> = {}): void {
		const injected = this.faults.inject(name, parameters);
		if (injected.kind !== 'injected') throw new Error(injected.message);
	}

	endFaults(): void {
		for (const { id } of this.faults.list()) this.faults.clear(id);
	}

	/** Nobody gets there, and who was there is out. */
	unreachable(isSo: boolean): void {
		this.network.refuse(URLS.spotRest, isSo);
		if (isSo) this.network.cut(URLS.spotRest);
	}

	/** What becomes of each, by the promises of the gateway. */
	async outcomes(commands: readonly Command[]): Promise<readonly string[]> {
		const [first] = commands;
		const { gateway } = this;
		const sent: Promise<readonly ItemOutcome[]> =
			first?.kind === 'place'
				? gateway.batchPlaceOrders(commands as readonly PlaceCommand[])
				: first?.kind === 'amend'
					? gateway.batchAmendOrders(commands as readonly AmendCommand[])
					: gateway.batchCancelOrders(commands as readonly CancelCommand[]);
		return (await this.settle(sent)).map(({ outcome }) => {
			if (outcome.kind !== 'rejected') return outcome.kind;
			return outcome.gone ? 'gone' : outcome.class;
		});
	}

	/** What the exchange has, whatever anybody told: `id 10 at 600000`. */
	open(market: Market): readonly string[] {
		return this.venue.exchange
			.openOrders(`alice@${CORE_MARKET[market]}`)
			.map(({ clientOrderId, qtyLots, priceTicks }) => `${clientOrderId} ${qtyLots} at ${priceTicks}`)
			.sort();
	}

	/** Whether the exchange has or had it. */
	knows(market: Market, clientOrderId: string): boolean {
		const account = `alice@${CORE_MARKET[market]}`;
		const isIt = (order: { readonly clientOrderId: string }): boolean => order.clientOrderId === clientOrderId;
		if (this.venue.exchange.openOrders(account).some(isIt)) return true;
		return SYMBOLS.some((symbol) => this.venue.exchange.closedOrders(account, `${CORE_MARKET[market]}:${symbol}`).some(isIt));
	}

	place(id: string, instrument: Instrument, more: Partial<PlaceProposal> = {}): PlaceCommand {
		return {
			...{ kind: 'place', instrument, quoter: 0, slot: 0, side: 'buy', orderType: 'limit', timeInForce: 'postOnly' },
			...{
				reduceOnly: false,
				priceTicks: ticks(lowTicks(instrument)),
				qtyLots: lots(sizeLots(instrument)),
				orderId: id as OrderId,
			},
			...more,
		} as PlaceCommand;
	}

	amend({ instrument, orderId, priceTicks, qtyLots }: PlaceCommand, by: { ticks?: number; lots?: number }): AmendCommand {
		const price = ticks(priceTicks + (by.ticks ?? 0));
		return { kind: 'amend', instrument, orderId, priceTicks: price, qtyLots: lots(qtyLots + (by.lots ?? 0)) } as AmendCommand;
	}

	cancel({ instrument, orderId }: Pick<PlaceCommand, 'instrument' | 'orderId'>): CancelCommand {
		return { kind: 'cancel', instrument, orderId };
	}
}

/** In our form, of a run's tag. */
export function idOf(
	counter: number,
	{ side = 'Buy', runTag = '4rx9' }: { side?: 'Buy' | 'Sell'; runTag?: string } = {},
): string {
	return `x-${side === 'Buy' ? 'B' : 'S'}-mltg8w0-${counter.toString(36)}-${runTag}`;
}

/** A little below the market, inside of every band. */
function lowTicks({ symbol, priceGrid }: Instrument): number {
	return stepsOf(symbol === 'BTCUSDT' ? 64_000 : 3_200, priceGrid);
}

/** Worth some 600 in the quote currency. */
function sizeLots({ symbol, qtyGrid }: Instrument): number {
	return stepsOf(symbol === 'BTCUSDT' ? 0.01 : 0.2, qtyGrid);
}

function stepsOf(value: number, { stepUnits, scale }: Instrument['priceGrid']): number {
	return Math.round((value * 10 ** scale) / stepUnits);
}
