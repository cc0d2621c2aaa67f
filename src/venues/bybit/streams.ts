/**
 * All streams of the venue behind the engine's port: one public connection for each category, or more where one cannot
 * hold all topics, and the private one. Who subscribes hears everything as events until it is disposed. Candles are no
 * events: who asks for them is told, on connections that nothing else hangs on.
 */
import type { BookView } from '../../domain/book.ts';
import type { Category, Instrument, InstrumentIndex } from '../../domain/instrument.ts';
import type { MonoMs, TimeMs } from '../../domain/units.ts';
import type { EventSink, VenueStreams } from '../../engine/ports.ts';
import { InstrumentTable } from '../wire/instrument-table.ts';
import type { StreamWatch } from '../wire/stream-note.ts';
import type { VenueClock } from '../wire/venue-clock.ts';
import type { BookDepth } from './codec/frames.ts';
import type { KlineInterval } from './codec/plain-kline.ts';
import { type KlineHeard, type KlineSocket, makeKlineSocket } from './kline-socket.ts';
import { readOf } from './pages.ts';
import { PrivateSocket } from './private-socket.ts';
import { PublicSocket, topicsOf } from './public-socket.ts';
import type { BybitRest } from './rest.ts';
import type { Credentials } from './sign.ts';
import { CONNECTION_CHARS_MAX, type SessionBasics, topicChars } from './socket-wire.ts';
import type { BybitUrls } from './urls.ts';

export interface BybitStreamsParts extends SessionBasics {
	/** What events call it. */
	readonly venue: string;
	readonly urls: BybitUrls;
	/** Without them there are public streams only. */
	readonly credentials: Credentials | undefined;
	readonly rest: BybitRest;
	readonly venueClock: VenueClock;
	readonly depth?: BookDepth;
	/** Of public streams. */
	readonly heartbeatMs?: number;
	/** The engine's own book of an instrument, which the streams check after each message. */
	readonly bookOf: (instrument: InstrumentIndex) => BookView | undefined;
	readonly executionsSinceMs?: TimeMs;
	readonly watch?: StreamWatch;
}

const DEPTH: BookDepth = 50;
/** Thousands of candles, and far from what the venue lets an address open. */
const KLINE_SOCKETS_MAX = 8;

export class BybitStreams implements VenueStreams {
	readonly #parts: BybitStreamsParts;
	readonly #table = new InstrumentTable();
	#instruments: readonly Instrument[] = [];
	#publicSockets: PublicSocket[] = [];
	#klineSockets: KlineSocket[] = [];
	#privateSocket: PrivateSocket | undefined;
	#upCount = 0;

	constructor(parts: BybitStreamsParts) {
		this.#parts = parts;
	}

	/** The instruments of the private streams, for whoever reads the same records over REST. */
	get table(): InstrumentTable {
		return this.#table;
	}

	/** Everything is confirmed, and the state of the account was read. Candles do not count. */
	get isComplete(): boolean {
		const isPrivateUp = this.#privateSocket?.isUp ?? true;
		return isPrivateUp && this.#publicSockets.every(({ isComplete }) => isComplete);
	}

	/** The state of the account, as a `census`; market data alone has none. */
	takeCensus(): void {
		this.#privateSocket?.takeCensus();
	}

	/** Call once. */
	subscribe(instruments: readonly Instrument[], sink: EventSink): void {
		if (this.#instruments.length > 0) throw new Error('the streams of bybit were subscribed already');
		this.#instruments = instruments;
		for (const instrument of instruments) this.#table.set(instrument);
		this.#startPrivate(sink);
		for (const category of ['spot', 'linear', 'inverse'] as const) {
			// Of what stands still when we begin there is no market, and a topic that is refused would keep all from being complete.
			const ours = instruments.filter((each) => each.category === category && each.status !== 'halted');
			for (const group of groupsOf(ours, this.#depth)) this.#startPublic(category, group, sink);
		}
	}

	/** Candles of an instrument that is subscribed to, until that or these streams are disposed. Undefined: there is no room. */
	followKlines(index: InstrumentIndex, interval: KlineInterval, heard: KlineHeard): Disposable | undefined {
		const instrument = this.#instruments.find((each) => each.index === index);
		if (instrument === undefined) throw new Error(`the streams of bybit know no instrument ${index}: subscribe first`);
		const ours = this.#klineSockets.filter(({ category }) => category === instrument.category);
		for (const socket of ours) {
			const followed = socket.tryFollow(instrument, interval, heard);
			if (followed !== undefined) return followed;
		}
		if (this.#klineSockets.length >= KLINE_SOCKETS_MAX) return undefined;
		return this.#startKlines(instrument.category).tryFollow(instrument, interval, heard);
	}

	/** A filter or fee changed. */
	update(instrument: Instrument): void {
		this.#instruments = this.#instruments.map((each) => (each.index === instrument.index ? instrument : each));
		this.#table.set(instrument);
		for (const socket of [...this.#publicSockets, ...this.#klineSockets]) socket.update(instrument);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#privateSocket?.stop();
		for (const socket of [...this.#publicSockets, ...this.#klineSockets]) socket.stop();
	}

	get #depth(): BookDepth {
		return this.#parts.depth ?? DEPTH;
	}

	/** First of all: fills of orders that are there already must not be missed (BOOT7). */
	#startPrivate(sink: EventSink): void {
		const { venue, credentials, urls, rest, venueClock, executionsSinceMs, watch = () => undefined } = this.#parts;
		if (credentials === undefined) return;
		this.#privateSocket = new PrivateSocket({
			...this.#basics('private'),
			venue,
			url: urls.private,
			credentials,
			venueNowMs: () => venueClock.venueNowMs(),
			resyncClock: (then) => venueClock.remeasure(then),
			read: readOf(rest),
			table: this.#table,
			instruments: () => this.#instruments,
			...(executionsSinceMs === undefined ? {} : { executionsSinceMs }),
			sink,
			watch,
		});
		this.#privateSocket.start();
	}

	#startPublic(category: Category, instruments: readonly Instrument[], sink: EventSink): void {
		const { bookOf, watch = () => undefined, heartbeatMs } = this.#parts;
		const name = `public ${category} ${this.#publicSockets.length + 1}`;
		const socket = new PublicSocket({
			...this.#basics(name),
			name,
			category,
			url: this.#publicUrl(category),
			depth: this.#depth,
			...(heartbeatMs === undefined ? {} : { heartbeatMs }),
			instruments,
			bookOf,
			sink,
			watch,
			upChanged: (isUp) => this.#applyUp(isUp, sink),
		});
		this.#publicSockets.push(socket);
		socket.start();
	}

	#startKlines(category: Category): KlineSocket {
		const { watch = () => undefined, heartbeatMs } = this.#parts;
		const name = `klines ${category} ${this.#klineSockets.length + 1}`;
		const socket = makeKlineSocket({
			...this.#basics(name),
			name,
			category,
			url: this.#publicUrl(category),
			heartbeatMs,
			watch,
		});
		this.#klineSockets.push(socket);
		socket.start();
		return socket;
	}

	#publicUrl(category: Category): string {
		const { publicSpot, publicLinear, publicInverse } = this.#parts.urls;
		return { spot: publicSpot, linear: publicLinear, inverse: publicInverse }[category];
	}

	/** Each connection tells which books it lost; the stream as a whole is down when none is left. */
	#applyUp(isUp: boolean, sink: EventSink): void {
		const wasUp = this.#upCount > 0;
		this.#upCount += isUp ? 1 : -1;
		const up = this.#upCount > 0;
		if (up === wasUp) return;
		const { clock } = this.#parts;
		const at = { wallMs: clock.wallMs() as TimeMs, monoMs: clock.monotonicMs() as MonoMs };
		sink({ kind: 'stream', venue: this.#parts.venue, stream: 'public', up, ...at });
	}

	#basics(name: string): SessionBasics {
		const { transport, clock, rng, policy } = this.#parts;
		return { transport, clock, rng: rng.fork(name), policy };
	}
}

/** As many instruments on a connection as the venue lets topics be. */
function groupsOf(instruments: readonly Instrument[], depth: BookDepth): Instrument[][] {
	const groups: Instrument[][] = [];
	let chars = Number.POSITIVE_INFINITY;
	for (const instrument of instruments) {
		const added = topicsOf(instrument, depth).reduce((sum, topic) => sum + topicChars(topic), 0);
		if (chars + added > CONNECTION_CHARS_MAX) {
			groups.push([]);
			chars = 0;
		}
		groups.at(-1)?.push(instrument);
		chars += added;
	}
	return groups;
}
