/**
 * The engine joined to a venue: who is wired to whom, in one place. Everything that touches the world is handed in, so
 * the same App trades live, against the exchange in a box, and in virtual time. It is opened (instruments are read),
 * started (streams come up, then the engine), and stopped (gate shut, everything cancelled, and the venue asked whether
 * anything is left).
 */
import type { EngineEvent } from '../domain/event.ts';
import { type Category, type Instrument, type InstrumentIndex, instrumentIndex, makeInstrument } from '../domain/instrument.ts';
import { type OrderIdMark, parseOrderId, type RunTag } from '../domain/order-id.ts';
import { monoMs, timeMs } from '../domain/units.ts';
import { Engine } from '../engine/engine.ts';
import type { EngineNote, EventSink, Journal, Recorder } from '../engine/ports.ts';
import { Runtime } from '../engine/runtime.ts';
import type { EngineSettings } from '../engine/settings.ts';
import type { Transport } from '../network/transport.ts';
import type { Clock } from '../ports/clock.ts';
import type { Meter } from '../ports/meter.ts';
import type { Rng } from '../ports/rng.ts';
import type { Strategy } from '../strategy/strategy.ts';
import type { WantedSymbol } from '../venues/bybit/instruments.ts';
import type { StreamWatch } from '../venues/bybit/stream-note.ts';
import { Bybit, type BybitOptions } from '../venues/bybit/venue.ts';

export interface AppOptions {
	readonly venue: BybitOptions;
	/** What may be traded; nothing else is. */
	readonly symbols: readonly WantedSymbol[];
	readonly quoting: readonly Quoting[];
	readonly engine: EngineSettings;
	readonly runTag: RunTag;
	readonly lastOrderId?: OrderIdMark;
}

export interface Quoting {
	readonly strategy: Strategy;
	readonly symbols: readonly string[];
}

export interface AppPorts {
	readonly clock: Clock;
	readonly rng: Rng;
	readonly transport: Transport;
	readonly meter: Meter;
	readonly journal: (sink: EventSink) => Journal;
	readonly recorder?: Recorder;
	readonly onNote?: (note: EngineNote) => void;
	readonly onStreamNote?: StreamWatch;
}

export type AppOpened =
	| { readonly kind: 'open'; readonly app: App }
	/** One plain sentence each. */
	| { readonly kind: 'refused'; readonly sentences: readonly string[] };

/** Streams that are not up by then do not come up. */
const READY_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 5;
/** An orderly stop that has not proved itself by then ends with what is left. */
const STOP_WITHIN_MS = 20_000;

export async function openApp(options: AppOptions, ports: AppPorts): Promise<AppOpened> {
	const { clock } = ports;
	const troubles = whyNotSymbols(options.symbols);
	if (troubles.length > 0) return { kind: 'refused', sentences: troubles };
	const early: EngineEvent[] = [];
	const made: { app?: App } = {};
	const bybit = new Bybit(options.venue, {
		transport: ports.transport,
		clock,
		rng: ports.rng.fork('bybit'),
		meter: ports.meter,
		sink: (event) => {
			if (made.app === undefined) early.push(event);
			else made.app.hear(event);
		},
		bookOf: (instrument) => made.app?.engine.market(instrument)?.book,
		...(ports.onStreamNote === undefined ? {} : { watch: ports.onStreamNote }),
	});
	const loaded = await bybit.load(options.symbols);
	const instruments = loaded.kind === 'refused' ? loaded.sentences : instrumentsOf(loaded.specs, clock);
	if (!areInstruments(instruments)) {
		await bybit[Symbol.asyncDispose]();
		return { kind: 'refused', sentences: instruments };
	}
	try {
		const app = new App({ options, ports, bybit, instruments });
		made.app = app;
		for (const event of early) app.hear(event);
		return { kind: 'open', app };
	} catch (error) {
		await bybit[Symbol.asyncDispose]();
		throw error;
	}
}

/** What no venue need be asked about. */
function whyNotSymbols(symbols: readonly WantedSymbol[]): readonly string[] {
	if (symbols.length === 0) return ['no symbol is named: name at least one, such as BTCUSDT'];
	const names = symbols.map(({ symbol }) => symbol);
	const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
	const inverse = symbols.filter(({ category }) => category === 'inverse');
	return [
		...[...twice].map((name) => `${name} is named twice among the symbols: name it once`),
		...inverse.map(({ symbol }) => `${symbol} is to be traded as an inverse contract, and only spot and linear can be`),
	];
}

type Specs = Extract<Awaited<ReturnType<Bybit['load']>>, { kind: 'loaded' }>['specs'];

function instrumentsOf(specs: Specs, clock: Clock): readonly Instrument[] | readonly string[] {
	const made = specs.map((spec, index) => ({
		spec,
		made: makeInstrument(spec, { index: instrumentIndex(index), version: 1, refreshedAtMs: timeMs(clock.wallMs()) }),
	}));
	const sentences = made.flatMap(({ spec, made: one }) =>
		one.kind === 'made' ? [] : [`${spec.symbol} cannot be traded: its ${one.field} is ${one.found}, expected ${one.expected}`],
	);
	return sentences.length > 0 ? sentences : made.flatMap(({ made: one }) => (one.kind === 'made' ? [one.instrument] : []));
}

function areInstruments(given: readonly Instrument[] | readonly string[]): given is readonly Instrument[] {
	return given.every((each) => typeof each !== 'string');
}

interface AppParts {
	readonly options: AppOptions;
	readonly ports: AppPorts;
	readonly bybit: Bybit;
	readonly instruments: readonly Instrument[];
}

export class App implements AsyncDisposable {
	readonly engine: Engine;
	readonly runtime: Runtime;
	readonly instruments: readonly Instrument[];
	readonly bybit: Bybit;
	readonly #ports: AppPorts;
	readonly #runTag: RunTag;
	/** Those who wait until nothing is on its way. */
	readonly #waiting = new Set<() => void>();
	isEnded = false;

	constructor({ options, ports, bybit, instruments }: AppParts) {
		const { clock, meter } = ports;
		this.bybit = bybit;
		this.instruments = instruments;
		this.#ports = ports;
		this.#runTag = options.runTag;
		this.engine = new Engine({
			settings: options.engine,
			venues: [bybit.capabilities],
			instruments,
			quoting: options.quoting.map(({ strategy, symbols }) => ({
				strategy,
				instruments: symbols.map((symbol) => this.indexOf(symbol)),
			})),
			runTag: options.runTag,
			lastOrderId: options.lastOrderId,
			startedAtMono: monoMs(clock.monotonicMs()),
			meter,
		});
		this.runtime = new Runtime(this.engine, {
			clock,
			gateways: [bybit.gateway],
			journal: ports.journal((event) => this.hear(event)),
			meter,
			...(ports.recorder === undefined ? {} : { recorder: ports.recorder }),
			...(ports.onNote === undefined ? {} : { onNote: ports.onNote }),
		});
	}

	hear(event: EngineEvent): void {
		this.runtime.push(event);
		if (this.#waiting.size > 0 && this.engine.isQuiescent) this.#release();
	}

	/** Resolves with the last answer to what is on its way, or when that takes longer than this. */
	async answered(withinMs: number): Promise<void> {
		if (this.engine.isQuiescent) return;
		const { promise, resolve } = Promise.withResolvers<void>();
		this.#waiting.add(resolve);
		// Calls that are dropped unsent have no answer: their end is seen by looking.
		void this.#until(() => this.engine.isQuiescent || this.isEnded || !this.#waiting.has(resolve), withinMs).then(() =>
			resolve(),
		);
		await promise;
		this.#waiting.delete(resolve);
	}

	#release(): void {
		for (const resolve of this.#waiting) resolve();
		this.#waiting.clear();
	}

	indexOf(symbol: string): InstrumentIndex {
		const found = this.instruments.find((each) => each.symbol === symbol);
		if (found !== undefined) return found.index;
		throw new RangeError(
			`${symbol} is not among the symbols of this app: ${this.instruments.map((each) => each.symbol).join(', ')}`,
		);
	}

	/** Streams first, then the engine. Sentences where they do not come up. */
	async start(): Promise<readonly string[]> {
		this.bybit.subscribe(this.instruments);
		if (!(await this.#until(() => this.bybit.isReady && this.#areBooksSound, READY_WITHIN_MS))) return [this.#whyNotReady()];
		this.runtime.start();
		return [];
	}

	/** Shuts the gate, waits until nothing of ours is left, and answers with the orders that the venue still has. */
	async stop(reason: string): Promise<readonly string[]> {
		this.runtime.control({ kind: 'shutGate', reason });
		await this.#until(() => this.isFlat, STOP_WITHIN_MS);
		const left = await this.openAtVenue();
		await this[Symbol.asyncDispose]();
		return left;
	}

	/** Nothing of ours is at the venue or on its way, as far as we know. */
	get isFlat(): boolean {
		return this.engine.orders.openCount === 0 && this.engine.isQuiescent;
	}

	/** Our open orders, as the venue itself lists them; what cannot be read counts as one that may be there. */
	async openAtVenue(): Promise<readonly string[]> {
		const left: string[] = [];
		for (const selection of selectionsOf(this.instruments)) {
			const read = await this.bybit.reads.openOrderRows(selection);
			if (read.kind === 'failed') left.push(`? (${read.sentence})`);
			else left.push(...read.value.map(clientIdOf).filter((id) => parseOrderId(id)?.runTag === this.#runTag));
		}
		return left;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (this.isEnded) return;
		this.isEnded = true;
		this.runtime.stop();
		await this.bybit[Symbol.asyncDispose]();
	}

	/** False where it did not come about in time. */
	#until(condition: () => boolean, withinMs: number): Promise<boolean> {
		const { clock } = this.#ports;
		const deadlineMono = clock.monotonicMs() + withinMs;
		return new Promise((resolve) => {
			const look = (): void => {
				if (condition()) resolve(true);
				else if (clock.monotonicMs() >= deadlineMono) resolve(false);
				else clock.after(LOOK_EVERY_MS, look);
			};
			look();
		});
	}

	get #areBooksSound(): boolean {
		return this.instruments.every(({ index }) => this.engine.market(index)?.isBookSound === true);
	}

	#whyNotReady(): string {
		if (!this.bybit.isReady) return `the streams of the venue did not come up within ${READY_WITHIN_MS / 1_000} s`;
		const empty = this.instruments.filter(({ index }) => this.engine.market(index)?.isBookSound !== true);
		return `no whole two-sided book came within ${READY_WITHIN_MS / 1_000} s for ${empty.map(({ symbol }) => symbol).join(', ')}`;
	}
}

function clientIdOf(row: unknown): string {
	const id = typeof row === 'object' && row !== null && 'orderLinkId' in row ? row.orderLinkId : '';
	return typeof id === 'string' ? id : '';
}

/** One read for each coin that contracts settle in, one for spot. */
function selectionsOf(instruments: readonly Instrument[]): readonly { category: Category; settleCoin?: string }[] {
	const seen = new Map<string, { category: Category; settleCoin?: string }>();
	for (const { category, settleCurrency: settleCoin } of instruments) {
		const isSpot = category === 'spot';
		seen.set(isSpot ? category : `${category} ${settleCoin}`, isSpot ? { category } : { category, settleCoin });
	}
	return [...seen.values()];
}
