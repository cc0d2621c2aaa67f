/**
 * The public streams of one category on one connection: books, trades and marks of its instruments, as events. A book
 * that cannot be believed is told of at once (`bookLost`), its topic alone is subscribed again, slower each time, and
 * the others go on. Nothing is mended from what comes next: only a snapshot makes a book whole.
 */
import type { BookView, DistrustReason } from '../../domain/book.ts';
import { BookDelta } from '../../domain/book-delta.ts';
import type { Category, Instrument, InstrumentIndex } from '../../domain/instrument.ts';
import { isSameGrid } from '../../domain/instrument.ts';
import type { MonoMs, TimeMs } from '../../domain/units.ts';
import type { EventSink } from '../../engine/ports.ts';
import { Session, type SessionHandler, type SessionState } from '../../network/session.ts';
import { Topics } from '../../network/topics.ts';
import type { Timer } from '../../ports/clock.ts';
import type { StreamWatch } from '../wire/stream-note.ts';
import { BookFeed } from './book-feed.ts';
import type { BadFrame, BookDepth, BookFrame, PublicSink, PublicTrade } from './codec/frames.ts';
import { createPublicDecoder } from './codec/scan-public.ts';
import { TopicTable } from './codec/topic-table.ts';
import { HANDSHAKE_TIMEOUT_MS, publicHeartbeat, readAnswer, type SessionBasics, topicWire } from './socket-wire.ts';
import { tickerSymbol } from './tickers.ts';

export interface PublicSocketParts extends SessionBasics {
	readonly name: string;
	readonly category: Category;
	readonly url: string;
	readonly depth: BookDepth;
	/** Heeded where it is shorter than the usual. */
	readonly heartbeatMs?: number;
	readonly instruments: readonly Instrument[];
	/** The book as whoever takes the events has it: what is applied is checked there, instead of keeping it twice. */
	readonly bookOf: (instrument: InstrumentIndex) => BookView | undefined;
	readonly sink: EventSink;
	readonly watch: StreamWatch;
	/** The connection is there, or gone. */
	readonly upChanged: (isUp: boolean) => void;
}

/** The canaries alone speak every 3 s; a socket without any data for this long is of no use. */
const STALL_MS = 20_000;
const LOOK_EVERY_MS = 2_000;
/** A book that just changed needs no proof of life. */
const ALIVE_EVERY_MS = 250;

export class PublicSocket implements SessionHandler, PublicSink {
	readonly #parts: PublicSocketParts;
	readonly #session: Session;
	readonly #topics: Topics;
	readonly #table = new TopicTable();
	readonly #decoder = createPublicDecoder(this.#table);
	readonly #feeds = new Map<InstrumentIndex, BookFeed>();
	readonly #feedByTopic = new Map<string, BookFeed>();
	readonly #feedBySymbol = new Map<string, BookFeed>();
	/** Says nothing but that the book is still so. */
	readonly #alive = new BookDelta();
	#lookTimer: Timer | undefined;
	/** Of the frame that is being read. */
	#wallMs = 0 as TimeMs;
	#monoMs = 0 as MonoMs;

	constructor(parts: PublicSocketParts) {
		this.#parts = parts;
		const { clock, rng, category } = parts;
		this.#session = new Session({
			...parts,
			target: () => ({ url: parts.url, handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS }),
			heartbeat: publicHeartbeat(parts.heartbeatMs),
			stallMs: STALL_MS,
			handler: this,
		});
		this.#topics = new Topics({
			clock,
			rng,
			wire: topicWire(category),
			handler: {
				asked: (topic) => this.#feedByTopic.get(topic)?.restart(clock.monotonicMs()),
				refused: (topic, message) => parts.watch({ kind: 'topicRefused', socket: parts.name, topic, message }),
				completed: () => undefined,
				unanswered: (topics) => this.#session.drop(`no answer about ${topics.length} topics`),
			},
		});
		for (const instrument of parts.instruments) this.#follow(instrument);
	}

	start(): void {
		this.#session.start();
	}

	stop(): void {
		this.#session.stop();
		this.#topics.disconnected();
		this.#lookTimer?.cancel();
	}

	/** Subscribed and confirmed, everything. */
	get isComplete(): boolean {
		return this.#topics.isComplete;
	}

	/** A filter changed. Levels that were counted in other ticks or lots are wrong from here on. */
	update(instrument: Instrument): void {
		const feed = this.#feeds.get(instrument.index);
		if (feed === undefined || instrument.category !== this.#parts.category) return;
		const isSame = isSameGrid(feed.instrument, instrument);
		feed.instrument = instrument;
		this.#table.set(instrument);
		if (isSame) return;
		this.#readTime();
		this.#lose(feed, feed.fail('stale'));
	}

	opened(send: (text: string) => boolean): void {
		const nowMono = this.#parts.clock.monotonicMs();
		for (const feed of this.#feeds.values()) {
			feed.restart(nowMono);
			feed.ticker.restart();
		}
		this.#topics.connected(send);
		this.#lookLater();
		this.#parts.upChanged(true);
	}

	received(frame: Uint8Array): void {
		this.#readTime();
		const decoded = this.#decoder.decode(frame, this, this.#wallMs);
		if (decoded === 'taken') this.#session.noteData();
		else if (decoded !== 'other') this.#applyBad(decoded);
	}

	down(): void {
		this.#lookTimer?.cancel();
		this.#topics.disconnected();
		this.#readTime();
		for (const feed of this.#feeds.values()) {
			if (feed.sync.state.kind === 'live') this.#tellLost(feed, 'disconnected');
			feed.fail('disconnected');
		}
		this.#parts.upChanged(false);
	}

	stateChanged(state: SessionState, reason: string): void {
		this.#parts.watch({ kind: 'session', socket: this.#parts.name, state, reason });
	}

	book(frame: BookFrame): void {
		const feed = this.#feeds.get(frame.instrument.index);
		if (feed === undefined) return;
		if (frame.depth !== this.#parts.depth) {
			this.#applyCanary(feed, frame);
			return;
		}
		const verdict = feed.judge(frame, this.#monoMs);
		if (verdict === 'skip') return;
		if (verdict !== 'apply') {
			this.#lose(feed, verdict);
			return;
		}
		// A book is as old as the word that it is still so: one in which nothing was matched for a while is not old (PT4).
		frame.delta.venueAtMs = frame.pushedAtMs;
		this.#tellBook(feed, frame.delta);
		const lost = feed.judgeTop(this.#parts.bookOf(frame.instrument.index));
		if (lost !== undefined) this.#lose(feed, lost);
	}

	trade({ instrument, priceTicks, qtyLots, takerSide, isBlock }: PublicTrade): void {
		// Agreed elsewhere: says nothing about what the book would have given.
		if (isBlock) return;
		const { sink } = this.#parts;
		sink({
			kind: 'trade',
			instrument: instrument.index,
			priceTicks,
			qtyLots,
			takerSide,
			wallMs: this.#wallMs,
			monoMs: this.#monoMs,
		});
	}

	other(message: unknown): void {
		const symbol = tickerSymbol(message);
		if (symbol !== undefined) {
			this.#session.noteData();
			this.#applyTicker(symbol, message);
			return;
		}
		const answer = readAnswer(message);
		if (answer?.kind === 'topics') this.#topics.applyAnswer(answer.requestId, answer.answer);
	}

	#follow(instrument: Instrument): void {
		const { depth, clock } = this.#parts;
		const feed = new BookFeed(instrument, depth, clock.monotonicMs());
		this.#table.set(instrument);
		this.#feeds.set(instrument.index, feed);
		this.#feedByTopic.set(feed.topic, feed);
		this.#feedBySymbol.set(instrument.symbol, feed);
		this.#topics.want(topicsOf(instrument, depth));
	}

	#applyCanary(feed: BookFeed, frame: BookFrame): void {
		if (frame.depth !== 1) return;
		const { index } = frame.instrument;
		const verdict = feed.judgeCanary(frame, this.#parts.bookOf(index), this.#monoMs);
		if (verdict === 'nothing') return;
		if (verdict !== 'alive') {
			this.#lose(feed, verdict);
			return;
		}
		if (this.#monoMs - feed.toldAtMono < ALIVE_EVERY_MS) return;
		this.#alive.reset('delta', feed.sync.sequence, frame.pushedAtMs, this.#wallMs);
		this.#tellBook(feed, this.#alive);
	}

	#applyTicker(symbol: string, message: unknown): void {
		const feed = this.#feedBySymbol.get(symbol);
		if (feed === undefined) return;
		const { instrument } = feed;
		const mark = feed.ticker.apply(message, instrument);
		if (mark === undefined) return;
		if (mark === 'bad') this.#noteBad({ reason: 'missing', where: 'ticker', instrument });
		else this.#parts.sink({ kind: 'mark', instrument: instrument.index, ...mark, wallMs: this.#wallMs, monoMs: this.#monoMs });
	}

	/** What was in it is lost, and with it the book that it was about. */
	#applyBad(bad: BadFrame): void {
		this.#noteBad(bad);
		const feed = bad.instrument === undefined ? undefined : this.#feeds.get(bad.instrument.index);
		if (feed === undefined || bad.depth !== this.#parts.depth || feed.sync.state.kind === 'broken') return;
		this.#lose(feed, feed.fail('unreadable'));
	}

	#lose(feed: BookFeed, reason: DistrustReason): void {
		this.#tellLost(feed, reason);
		this.#topics.renew(feed.topic);
	}

	/** A topic that is confirmed and says nothing is no better than one that is not (F45). */
	#lookLater(): void {
		this.#lookTimer?.cancel();
		this.#lookTimer = this.#parts.clock.after(LOOK_EVERY_MS, () => {
			this.#readTime();
			for (const feed of this.#feeds.values()) {
				if (!feed.isSilent(this.#monoMs) || !this.#topics.isHeld(feed.topic)) continue;
				this.#lose(feed, feed.fail('stale'));
				this.#topics.renew(feed.canaryTopic);
			}
			this.#lookLater();
		});
	}

	#tellBook(feed: BookFeed, delta: BookDelta): void {
		feed.toldAtMono = this.#monoMs;
		this.#parts.sink({ kind: 'book', instrument: feed.instrument.index, delta, wallMs: this.#wallMs, monoMs: this.#monoMs });
	}

	#tellLost({ instrument }: BookFeed, reason: DistrustReason): void {
		this.#parts.sink({ kind: 'bookLost', instrument: instrument.index, reason, wallMs: this.#wallMs, monoMs: this.#monoMs });
		this.#parts.watch({ kind: 'bookLost', instrument: instrument.id, reason });
	}

	#noteBad({ reason, where, instrument }: Pick<BadFrame, 'reason' | 'where' | 'instrument'>): void {
		this.#parts.watch({ kind: 'badFrame', socket: this.#parts.name, reason, where, instrument: instrument?.id });
	}

	#readTime(): void {
		this.#wallMs = this.#parts.clock.wallMs() as TimeMs;
		this.#monoMs = this.#parts.clock.monotonicMs() as MonoMs;
	}
}

/** Spot has neither mark nor funding. */
export function topicsOf({ symbol, category }: Instrument, depth: BookDepth): string[] {
	const topics = [`orderbook.${depth}.${symbol}`, `publicTrade.${symbol}`];
	if (depth !== 1) topics.push(`orderbook.1.${symbol}`);
	if (category !== 'spot') topics.push(`tickers.${symbol}`);
	return topics;
}
