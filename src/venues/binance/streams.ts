/**
 * All streams of the venue behind the engine's port: for each market the public connections that its books, trades and
 * marks need, and the account's, which are handed in. Who subscribes hears everything as events until it is disposed.
 * Candles are no events: who asks for them is told, on connections that nothing else hangs on.
 */
import type { BookView } from '../../domain/book.ts';
import type { Instrument, InstrumentIndex } from '../../domain/instrument.ts';
import type { MonoMs, TimeMs } from '../../domain/units.ts';
import type { EventSink, VenueStreams } from '../../engine/ports.ts';
import { InstrumentTable } from '../wire/instrument-table.ts';
import { NO_PATIENCE } from '../wire/patience.ts';
import type { StreamWatch } from '../wire/stream-note.ts';
import type { AskBest } from './book-probe.ts';
import type { AskDepth } from './book-snapshots.ts';
import type { Market } from './codec/frames.ts';
import type { KlineInterval } from './codec/plain-kline.ts';
import { type KlineHeard, type KlineSocket, makeKlineSocket } from './kline-socket.ts';
import { PublicSocket } from './public-socket.ts';
import { BinanceReads } from './reads.ts';
import type { BinanceRest } from './rest.ts';
import type { SessionBasics } from './socket-wire.ts';
import { groupsOf, PARTS_OF, partUrl, type StreamPart } from './stream-topics.ts';
import type { BinanceUrls } from './urls.ts';

/** What the account's streams are made for. */
export interface UserAsked {
	readonly table: InstrumentTable;
	/** As they are now. */
	readonly instruments: () => readonly Instrument[];
	readonly sink: EventSink;
	readonly watch: StreamWatch;
}

/** The account's streams of all markets together: a census is of the whole venue. */
export interface UserStreams {
	/** Heard, and the state of the account was read. */
	readonly isUp: boolean;
	start(): void;
	stop(): void;
	takeCensus(): void;
}

export interface BinanceStreamsParts extends SessionBasics {
	/** What events call it. */
	readonly venue: string;
	readonly urls: BinanceUrls;
	/** Of each market that may be subscribed to: snapshots of books are asked for there. */
	readonly rests: Readonly<Partial<Record<Market, BinanceRest>>>;
	/** Of public streams. */
	readonly heartbeatMs?: number;
	/** The engine's own book of an instrument, which the streams check after each message. */
	readonly bookOf: (instrument: InstrumentIndex) => BookView | undefined;
	readonly watch?: StreamWatch;
	/** Without it there are public streams only. */
	readonly openUser?: (asked: UserAsked) => UserStreams;
}

const MARKETS = ['spot', 'linear'] as const satisfies readonly Market[];
/** Of an answer that says whether a book is still so, or that a book waits for: late is as good as never. */
const DEPTH_TIMEOUT_MS = 5_000;
const PROBE_TIMEOUT_MS = 1_500;
/** More than a thousand candles, and far from what the venue lets an address open. */
const KLINE_SOCKETS_MAX = 8;

export class BinanceStreams implements VenueStreams {
	readonly #parts: BinanceStreamsParts;
	readonly #watch: StreamWatch;
	readonly #table = new InstrumentTable();
	#instruments: readonly Instrument[] = [];
	#publicSockets: PublicSocket[] = [];
	#klineSockets: KlineSocket[] = [];
	#user: UserStreams | undefined;
	#upCount = 0;

	constructor(parts: BinanceStreamsParts) {
		this.#parts = parts;
		this.#watch = parts.watch ?? (() => undefined);
	}

	/** The instruments of the private streams, for whoever reads the same records over REST. */
	get table(): InstrumentTable {
		return this.#table;
	}

	/** Everything is confirmed, and the state of the account was read. Candles do not count. */
	get isComplete(): boolean {
		return (this.#user?.isUp ?? true) && this.#publicSockets.every(({ isComplete }) => isComplete);
	}

	/** The state of the account, as a `census`; market data alone has none. */
	takeCensus(): void {
		this.#user?.takeCensus();
	}

	/** Call once. */
	subscribe(instruments: readonly Instrument[], sink: EventSink): void {
		if (this.#instruments.length > 0) throw new Error('the streams of binance were subscribed already');
		this.#instruments = instruments;
		for (const instrument of instruments) this.#table.set(instrument);
		this.#startUser(sink);
		for (const market of MARKETS) {
			const ours = instruments.filter(({ category }) => category === market);
			for (const part of PARTS_OF[market]) {
				for (const group of groupsOf(ours, market, part)) this.#startPublic(market, part, group, sink);
			}
		}
	}

	/** Candles of an instrument that is subscribed to, until that or these streams are disposed. Undefined: there is no room. */
	followKlines(index: InstrumentIndex, interval: KlineInterval, heard: KlineHeard): Disposable | undefined {
		const instrument = this.#instruments.find((each) => each.index === index);
		if (instrument === undefined) throw new Error(`the streams of binance know no instrument ${index}: subscribe first`);
		const ours = this.#klineSockets.filter(({ category }) => category === instrument.category);
		for (const socket of ours) {
			const followed = socket.tryFollow(instrument, interval, heard);
			if (followed !== undefined) return followed;
		}
		if (this.#klineSockets.length >= KLINE_SOCKETS_MAX) return undefined;
		return this.#startKlines(instrument.category === 'spot' ? 'spot' : 'linear').tryFollow(instrument, interval, heard);
	}

	/** A filter or fee changed. */
	update(instrument: Instrument): void {
		this.#instruments = this.#instruments.map((each) => (each.index === instrument.index ? instrument : each));
		this.#table.set(instrument);
		for (const socket of [...this.#publicSockets, ...this.#klineSockets]) socket.update(instrument);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#user?.stop();
		for (const socket of [...this.#publicSockets, ...this.#klineSockets]) socket.stop();
	}

	/** First of all: fills of orders that are there already must not be missed (BOOT7). */
	#startUser(sink: EventSink): void {
		this.#user = this.#parts.openUser?.({
			table: this.#table,
			instruments: () => this.#instruments,
			sink,
			watch: this.#watch,
		});
		this.#user?.start();
	}

	#startPublic(market: Market, part: StreamPart, instruments: readonly Instrument[], sink: EventSink): void {
		const { urls, bookOf, heartbeatMs, rests } = this.#parts;
		const rest = rests[market];
		if (rest === undefined) throw new Error(`the streams of binance need a way to ask ${market} for books`);
		const name = `public ${market} ${this.#publicSockets.length + 1}`;
		const socket = new PublicSocket({
			...this.#basics(name, market),
			name,
			market,
			part,
			url: partUrl(urls, market, part),
			...(heartbeatMs === undefined ? {} : { heartbeatMs }),
			instruments,
			bookOf,
			askDepth: depthAsker(rest),
			askBest: bestAsker(rest),
			sink,
			watch: this.#watch,
			upChanged: (isUp) => this.#applyUp(isUp, sink),
		});
		this.#publicSockets.push(socket);
		socket.start();
	}

	#startKlines(market: Market): KlineSocket {
		const { urls, heartbeatMs } = this.#parts;
		const name = `klines ${market} ${this.#klineSockets.length + 1}`;
		const socket = makeKlineSocket({
			...this.#basics(name, market),
			name,
			category: market,
			// Where trades are told, on futures.
			url: partUrl(urls, market, 'deals'),
			heartbeatMs,
			watch: this.#watch,
		});
		this.#klineSockets.push(socket);
		socket.start();
		return socket;
	}

	/** Each connection tells which books it lost; the stream as a whole is down when none is left. */
	#applyUp(isUp: boolean, sink: EventSink): void {
		const wasUp = this.#upCount > 0;
		this.#upCount += isUp ? 1 : -1;
		const up = this.#upCount > 0;
		if (up === wasUp) return;
		const { clock, venue } = this.#parts;
		const at = { wallMs: clock.wallMs() as TimeMs, monoMs: clock.monotonicMs() as MonoMs };
		sink({ kind: 'stream', venue, stream: 'public', up, ...at });
	}

	#basics(name: string, market: Market): SessionBasics {
		const { transport, clock, rng, policy, rests } = this.#parts;
		return { transport, clock, rng: rng.fork(name), policy, ...rests[market]?.ban.atDoors };
	}
}

/** Repeating is up to whoever asks. */
function depthAsker(rest: BinanceRest): AskDepth {
	const reads = new BinanceReads(rest, NO_PATIENCE, DEPTH_TIMEOUT_MS);
	return (symbol, limit, heard) => void reads.depth(symbol, limit).then(heard);
}

function bestAsker(rest: BinanceRest): AskBest {
	const reads = new BinanceReads(rest, NO_PATIENCE, PROBE_TIMEOUT_MS);
	return (symbol, heard) => {
		if (symbol === undefined) void reads.bookTickers().then(heard);
		else void reads.bookTicker(symbol).then((read) => heard(read.kind === 'ok' ? { ...read, value: [read.value] } : read));
	};
}
