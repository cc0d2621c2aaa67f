/**
 * Public streams of one market on one connection, as events: books, trades and marks of its instruments, or a part of
 * them. A book that cannot be believed is told of at once (`bookLost`) and gets another snapshot, slower each time; the
 * others go on. Nothing is mended from what comes next: only a snapshot makes a book whole.
 *
 * The venue cuts each connection after a day and says so before it restarts. A second one takes over in time, and books
 * go on over the change, since their diffs are numbered whichever way they came (F48).
 */
import type { BookView, DistrustReason } from '../../domain/book.ts';
import { BookDelta } from '../../domain/book-delta.ts';
import type { Instrument, InstrumentIndex } from '../../domain/instrument.ts';
import { isSameGrid } from '../../domain/instrument.ts';
import type { MonoMs, TimeMs } from '../../domain/units.ts';
import type { EventSink } from '../../engine/ports.ts';
import { Session, type SessionHandler, type SessionState } from '../../network/session.ts';
import { Topics } from '../../network/topics.ts';
import type { Timer } from '../../ports/clock.ts';
import type { StreamWatch } from '../wire/stream-note.ts';
import { BookFeed, type Touch } from './book-feed.ts';
import { type AskBest, BookProbe } from './book-probe.ts';
import { type AskDepth, BookSnapshots, depthLimit, type Usefulness } from './book-snapshots.ts';
import { DepthDecoder } from './codec/depth-snapshot.ts';
import type { BadFrame, BookFrame, Market, MarkFrame, PublicSink, PublicTrade, TopFrame } from './codec/frames.ts';
import { createPublicDecoder } from './codec/scan-public.ts';
import { StreamTable } from './codec/stream-table.ts';
import { PacedSender } from './paced-sender.ts';
import type { Read } from './read.ts';
import {
	HANDSHAKE_TIMEOUT_MS,
	isShutdown,
	LIFE_MS,
	MESSAGES_PER_SEC,
	publicHeartbeat,
	readAnswer,
	type SessionBasics,
	topicWire,
} from './socket-wire.ts';
import { hasBooks, type StreamPart, topicsOf } from './stream-topics.ts';
import { TradeOverlap } from './trade-overlap.ts';

export interface PublicSocketParts extends SessionBasics {
	readonly name: string;
	readonly market: Market;
	readonly part: StreamPart;
	readonly url: string;
	/** Heeded where it is shorter than the usual. */
	readonly heartbeatMs?: number;
	readonly instruments: readonly Instrument[];
	/** The book as whoever takes the events has it: what is applied is checked there, instead of keeping it twice. */
	readonly bookOf: (instrument: InstrumentIndex) => BookView | undefined;
	readonly askDepth: AskDepth;
	readonly askBest: AskBest;
	readonly sink: EventSink;
	readonly watch: StreamWatch;
	/** The connection is there, or gone. */
	readonly upChanged: (isUp: boolean) => void;
}

const LOOK_EVERY_MS = 500;
/** A book of which nothing was heard for so long is asked about; with the way there and back it stays below its beat (PT4). */
const QUIET_MS = 1_500;
/** Where a book proves muted and no frame of any kind came for so long, it is not the stream but the connection. */
const SILENT_MS = 10_000;
/** Marks come every second; without any data for so long their connection is of no use. */
const STALL_MS = 20_000;
/** Not all of our connections at once. */
const LIFE_SPREAD_MS = 30 * 60_000;

export class PublicSocket implements SessionHandler, PublicSink {
	readonly #parts: PublicSocketParts;
	readonly #session: Session;
	readonly #topics: Topics;
	readonly #table: StreamTable;
	readonly #decoder: ReturnType<typeof createPublicDecoder>;
	readonly #depths = new DepthDecoder();
	readonly #feeds = new Map<InstrumentIndex, BookFeed>();
	readonly #marks = new Map<InstrumentIndex, MarkFrame>();
	readonly #snapshots: BookSnapshots<BookFeed>;
	readonly #probe: BookProbe<BookFeed>;
	readonly #overlap = new TradeOverlap();
	/** Says nothing but that the book is still so. */
	readonly #alive = new BookDelta();
	#isUp = false;
	#sender: PacedSender | undefined;
	#lookTimer: Timer | undefined;
	#lifeTimer: Timer | undefined;
	#dataAtMono = 0;
	/** Of the frame that is being read. */
	#wallMs = 0 as TimeMs;
	#monoMs = 0 as MonoMs;

	constructor(parts: PublicSocketParts) {
		this.#parts = parts;
		const { clock, rng, market, instruments } = parts;
		this.#table = new StreamTable(market);
		this.#decoder = createPublicDecoder(this.#table);
		this.#session = new Session({
			...parts,
			target: () => ({ url: parts.url, handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS }),
			heartbeat: publicHeartbeat(parts.heartbeatMs),
			...(parts.part === 'deals' ? { stallMs: STALL_MS } : {}),
			handler: this,
		});
		this.#topics = new Topics({
			clock,
			rng,
			wire: topicWire(),
			handler: {
				asked: () => undefined,
				refused: (topic, message) => parts.watch({ kind: 'topicRefused', socket: parts.name, topic, message }),
				completed: () => undefined,
				unanswered: (topics) => this.#session.drop(`no answer about ${topics.length} streams`),
			},
		});
		this.#snapshots = new BookSnapshots({
			clock,
			rng: rng.fork('snapshots'),
			limit: depthLimit(market, instruments.length),
			ask: parts.askDepth,
			heard: (feed, read) => this.#join(feed, read),
		});
		this.#probe = new BookProbe({
			ask: parts.askBest,
			heard: (feed, touch, askedAtMs) => this.#applyProbe(feed, touch, askedAtMs as TimeMs),
		});
		for (const instrument of instruments) this.#follow(instrument);
	}

	start(): void {
		this.#session.start();
	}

	stop(): void {
		this.#session.stop();
		this.#quieten();
	}

	/** Subscribed and confirmed, everything. */
	get isComplete(): boolean {
		return this.#topics.isComplete;
	}

	/** A filter changed. Levels that were counted in other ticks or lots are wrong from here on. */
	update(instrument: Instrument): void {
		const { market } = this.#parts;
		if (instrument.category !== market || this.#table.findSymbolText(instrument.symbol) === undefined) return;
		this.#table.set(instrument);
		const feed = this.#feeds.get(instrument.index);
		if (feed === undefined) return;
		const isSame = isSameGrid(feed.instrument, instrument);
		feed.instrument = instrument;
		if (isSame) return;
		this.#readTime();
		this.#lose(feed, 'stale');
	}

	opened(send: (text: string) => boolean): void {
		const { clock, rng, market, upChanged } = this.#parts;
		const isRenewal = this.#isUp;
		this.#isUp = true;
		this.#readTime();
		this.#dataAtMono = this.#monoMs;
		if (isRenewal) this.#overlap.begin(this.#monoMs);
		this.#sender?.stop();
		const sender = new PacedSender({ clock, messagesPerSec: MESSAGES_PER_SEC[market], send });
		this.#sender = sender;
		this.#topics.connected((text) => sender.send(text));
		this.#lookLater();
		this.#lifeTimer?.cancel();
		this.#lifeTimer = clock.after(LIFE_MS + rng.next() * LIFE_SPREAD_MS, () => this.#session.renew());
		if (!isRenewal) upChanged(true);
	}

	received(frame: Uint8Array): void {
		this.#readTime();
		const decoded = this.#decoder.decode(frame, this, this.#wallMs);
		if (decoded === 'taken') this.#noteData();
		else if (decoded !== 'other') this.#applyBad(decoded);
	}

	down(): void {
		this.#isUp = false;
		this.#quieten();
		this.#readTime();
		this.#marks.clear();
		for (const feed of this.#feeds.values()) {
			if (feed.isLive) this.#tellLost(feed, 'disconnected');
			feed.restart();
		}
		this.#parts.upChanged(false);
	}

	stateChanged(state: SessionState, reason: string): void {
		this.#parts.watch({ kind: 'session', socket: this.#parts.name, state, reason });
	}

	book(frame: BookFrame): void {
		const feed = this.#feeds.get(frame.instrument.index);
		if (feed === undefined || frame.source !== 'diff') return;
		const verdict = feed.judge(frame, this.#monoMs);
		if (verdict === 'skip') return;
		if (verdict !== 'apply') {
			this.#lose(feed, verdict);
			return;
		}
		// A book is as old as the word that it is still so: one in which nothing was matched for a while is not old (PT4).
		frame.delta.venueAtMs = frame.pushedAtMs;
		this.#tellBook(feed, frame.delta);
		const lost = feed.judgeBook(this.#bookOf(feed), this.#monoMs);
		if (lost !== undefined) this.#lose(feed, lost);
	}

	top(frame: TopFrame): void {
		const feed = this.#feeds.get(frame.instrument.index);
		const lost = feed?.judgeTop(frame, this.#bookOf(feed), this.#monoMs);
		if (feed === undefined || lost === undefined) return;
		if (lost === 'muted') this.#loseMuted(feed);
		else this.#lose(feed, lost);
	}

	trade(trade: PublicTrade): void {
		if (this.#overlap.isRepeat(trade, this.#monoMs)) return;
		const { instrument, priceTicks, qtyLots, takerSide } = trade;
		this.#parts.sink({
			kind: 'trade',
			instrument: instrument.index,
			priceTicks,
			qtyLots,
			takerSide,
			wallMs: this.#wallMs,
			monoMs: this.#monoMs,
		});
	}

	/** Comes every second, whether it is news or not. */
	mark(frame: MarkFrame): void {
		const { instrument, markTicks, fundingRate, nextFundingAtMs } = frame;
		const told = this.#marks.get(instrument.index);
		const isSame = told?.markTicks === markTicks && told.fundingRate === fundingRate && told.nextFundingAtMs === nextFundingAtMs;
		if (isSame) return;
		this.#marks.set(instrument.index, { ...frame });
		this.#parts.sink({
			kind: 'mark',
			instrument: instrument.index,
			markTicks,
			fundingRate,
			nextFundingAtMs,
			wallMs: this.#wallMs,
			monoMs: this.#monoMs,
		});
	}

	other(message: unknown): void {
		if (isShutdown(message)) {
			this.#session.renew();
			return;
		}
		const answer = readAnswer(message);
		if (answer === undefined || !this.#topics.applyAnswer(answer.requestId, answer.answer)) return;
		for (const feed of this.#feeds.values()) this.#seekSnapshot(feed);
	}

	#follow(instrument: Instrument): void {
		const { market, part } = this.#parts;
		this.#table.set(instrument);
		if (hasBooks(part)) this.#feeds.set(instrument.index, new BookFeed(instrument, market));
		this.#topics.want(topicsOf(instrument, part));
	}

	/** A snapshot that was asked for before the diffs flow could leave a hole between them. */
	#seekSnapshot(feed: BookFeed): void {
		if (!feed.isLive && !this.#snapshots.isWanted(feed) && this.#topics.isHeld(feed.topic)) this.#snapshots.want(feed);
	}

	#join(feed: BookFeed, read: Read<Uint8Array>): Usefulness {
		if (read.kind === 'failed') return 'useless';
		this.#readTime();
		const snapshot = this.#depths.decode(read.value, feed.instrument, this.#wallMs);
		if (snapshot.kind === 'bad') {
			this.#noteBad({ ...snapshot, instrument: feed.instrument });
			return 'useless';
		}
		const asked = { askedAtMs: read.askedAtMs as TimeMs, receivedAtMs: this.#wallMs };
		const joined = feed.join(snapshot, asked, this.#monoMs);
		if (typeof joined === 'string') {
			if (joined !== 'tooOld') feed.restart();
			return 'useless';
		}
		this.#tellBook(feed, joined);
		return 'joined';
	}

	#applyProbe(feed: BookFeed, touch: Touch | 'unreadable', askedAtMs: TimeMs): void {
		this.#readTime();
		if (touch === 'unreadable') {
			this.#noteBad({ reason: 'not-a-decimal', where: 'bookTicker', instrument: feed.instrument });
			return;
		}
		// It has spoken meanwhile, and may be ahead of the answer.
		if (!this.#isQuiet(feed)) return;
		const verdict = feed.confirm(touch, this.#bookOf(feed), this.#monoMs);
		if (verdict === 'nothing') return;
		if (verdict === 'muted') {
			this.#loseMuted(feed);
			return;
		}
		this.#alive.reset('delta', feed.sync.sequence, askedAtMs, this.#wallMs);
		this.#tellBook(feed, this.#alive);
	}

	/** What was in it is lost, and with it the book that it was about. */
	#applyBad(bad: BadFrame): void {
		this.#noteBad(bad);
		const feed = bad.instrument === undefined ? undefined : this.#feeds.get(bad.instrument.index);
		// Where the book waits for its snapshot, the numbers will tell that something is missing.
		if (feed?.isLive === true && bad.isBook) this.#lose(feed, 'unreadable');
	}

	#lose(feed: BookFeed, reason: DistrustReason): void {
		this.#tellLost(feed, reason);
		feed.restart();
		if (this.#topics.isHeld(feed.topic)) this.#snapshots.want(feed);
	}

	/** Another snapshot alone would be muted too: the stream is subscribed anew, or the connection made anew (F37). */
	#loseMuted(feed: BookFeed): void {
		this.#tellLost(feed, 'stale');
		feed.restart();
		if (this.#monoMs - this.#dataAtMono >= SILENT_MS) this.#session.drop('books change, and no frame comes');
		else if (this.#topics.isHeld(feed.topic)) this.#topics.renew(feed.topic);
	}

	/** Looks for books of which nothing was heard for a while. */
	#lookLater(): void {
		this.#lookTimer?.cancel();
		if (this.#feeds.size === 0) return;
		this.#lookTimer = this.#parts.clock.after(LOOK_EVERY_MS, () => {
			this.#readTime();
			this.#probe.ask([...this.#feeds.values()].filter((feed) => this.#isQuiet(feed)));
			this.#lookLater();
		});
	}

	#noteData(): void {
		this.#dataAtMono = this.#monoMs;
		this.#session.noteData();
	}

	#isQuiet(feed: BookFeed): boolean {
		return feed.isLive && this.#monoMs - feed.heardAtMono >= QUIET_MS;
	}

	#quieten(): void {
		this.#sender?.stop();
		this.#topics.disconnected();
		this.#snapshots.clear();
		this.#lookTimer?.cancel();
		this.#lifeTimer?.cancel();
	}

	#bookOf(feed: BookFeed): BookView | undefined {
		return this.#parts.bookOf(feed.instrument.index);
	}

	#tellBook(feed: BookFeed, delta: BookDelta): void {
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
