/**
 * Candles for whoever asks for them, on a connection of their own: a topic that the venue refuses or does not answer
 * for must not cost the books a thing. What is asked for is kept over every reconnect until the socket is stopped. How
 * the venue speaks of candles is handed in.
 *
 * A candle that ended while the line was down is not told. Whoever needs all of them sees the leap from one `startAtMs`
 * to the next, and reads what lies between over REST.
 */
import type { Category, Instrument, InstrumentIndex } from '../../domain/instrument.ts';
import { type Heartbeat, Session, type SessionHandler, type SessionParts, type SessionState } from '../../network/session.ts';
import { Topics, type TopicsAnswer, type TopicWire } from '../../network/topics.ts';
import type { JsonObject } from './plain-values.ts';
import type { StreamKline } from './stream-kline.ts';
import type { StreamWatch } from './stream-note.ts';

interface Bad {
	readonly reason: string;
	readonly where: string;
	readonly instrument: Instrument | undefined;
}

export interface KlineWords<Interval extends string, Kline extends StreamKline<Interval>> {
	readonly wire: TopicWire;
	readonly heartbeat: Heartbeat;
	readonly handshakeTimeoutMs: number;
	/** What a connection holds, and what a topic takes of it. */
	readonly roomMax: number;
	readonly roomOf: (topic: string) => number;
	readonly topic: (symbol: string, interval: Interval) => string;
	readonly parse: (
		frame: Uint8Array,
	) => { readonly kind: 'object'; readonly message: JsonObject } | ({ readonly kind: 'bad' } & Bad);
	/** Which topic a frame belongs to; undefined when it is no candle's. */
	readonly topicOf: (message: unknown) => string | undefined;
	readonly read: (message: unknown, interval: Interval, instrument: Instrument) => readonly Kline[] | Bad;
	readonly readAnswer: (message: unknown) => { readonly requestId: string; readonly answer: TopicsAnswer } | undefined;
	/** Where requests may not go out as fast as they come. */
	readonly paced?: (send: (text: string) => boolean) => { send(text: string): boolean; stop(): void };
}

export interface KlineSocketParts<Interval extends string, Kline extends StreamKline<Interval>>
	extends Pick<SessionParts, 'transport' | 'clock' | 'rng' | 'policy' | 'holdMs' | 'turnedAway'> {
	readonly name: string;
	readonly category: Category;
	readonly url: string;
	readonly words: KlineWords<Interval, Kline>;
	readonly watch: StreamWatch;
}

interface Feed<Interval, Kline> {
	readonly index: InstrumentIndex;
	readonly interval: Interval;
	instrument: Instrument;
	/** Each a listener of its own, even if one function is given twice. */
	readonly heard: Set<{ readonly tell: (kline: Kline, instrument: Instrument) => void }>;
}

export class KlineSocket<Interval extends string, Kline extends StreamKline<Interval>> implements SessionHandler {
	readonly #parts: KlineSocketParts<Interval, Kline>;
	readonly #session: Session;
	readonly #topics: Topics;
	readonly #feeds = new Map<string, Feed<Interval, Kline>>();
	/** Asked for in this turn: together they are one request. */
	readonly #wanted: string[] = [];
	#room = 0;
	#sender: { stop(): void } | undefined;

	constructor(parts: KlineSocketParts<Interval, Kline>) {
		this.#parts = parts;
		const { clock, rng, url, name, words, watch } = parts;
		// No stall watch: where nobody trades, no candle changes. A dead line is found by its beat.
		this.#session = new Session({
			...parts,
			target: () => ({ url, handshakeTimeoutMs: words.handshakeTimeoutMs }),
			heartbeat: words.heartbeat,
			handler: this,
		});
		this.#topics = new Topics({
			clock,
			rng,
			wire: words.wire,
			handler: {
				asked: () => undefined,
				refused: (topic, message) => watch({ kind: 'topicRefused', socket: name, topic, message }),
				completed: () => undefined,
				unanswered: (topics) => this.#session.drop(`no answer about ${topics.length} topics`),
			},
		});
	}

	get category(): Category {
		return this.#parts.category;
	}

	/** Subscribed and confirmed, everything. */
	get isComplete(): boolean {
		return this.#wanted.length === 0 && this.#topics.isComplete;
	}

	start(): void {
		this.#session.start();
	}

	stop(): void {
		this.#session.stop();
		this.#sender?.stop();
		this.#topics.disconnected();
	}

	/**
	 * `heard` is told of the running candle while it changes, and once more when it is closed, with the instrument that it is
	 * counted in, until it is disposed; the topic stays subscribed, for who asks next. Undefined where there is no room.
	 */
	tryFollow(
		instrument: Instrument,
		interval: Interval,
		heard: (kline: Kline, instrument: Instrument) => void,
	): Disposable | undefined {
		const { words } = this.#parts;
		const topic = words.topic(instrument.symbol, interval);
		const known = this.#feeds.get(topic);
		if (known !== undefined) return listening(known.heard, heard);
		const added = words.roomOf(topic);
		if (this.#room + added > words.roomMax) return undefined;
		this.#room += added;
		const feed: Feed<Interval, Kline> = { index: instrument.index, interval, instrument, heard: new Set() };
		this.#feeds.set(topic, feed);
		this.#wanted.push(topic);
		if (this.#wanted.length === 1) this.#parts.clock.after(0, () => this.#topics.want(this.#wanted.splice(0)));
		return listening(feed.heard, heard);
	}

	/** A filter changed: what is told from here on is counted in its ticks and lots. */
	update(instrument: Instrument): void {
		for (const feed of this.#feeds.values()) if (feed.index === instrument.index) feed.instrument = instrument;
	}

	opened(send: (text: string) => boolean): void {
		const sender = this.#parts.words.paced?.(send);
		this.#sender?.stop();
		this.#sender = sender;
		this.#topics.connected(sender === undefined ? send : (text) => sender.send(text));
	}

	received(frame: Uint8Array): void {
		const { words } = this.#parts;
		const parsed = words.parse(frame);
		if (parsed.kind === 'bad') {
			this.#noteBad(parsed);
			return;
		}
		const { message } = parsed;
		const topic = words.topicOf(message);
		if (topic !== undefined) {
			this.#tell(this.#feeds.get(topic), message);
			return;
		}
		const answer = words.readAnswer(message);
		if (answer !== undefined) this.#topics.applyAnswer(answer.requestId, answer.answer);
	}

	down(): void {
		this.#sender?.stop();
		this.#topics.disconnected();
	}

	stateChanged(state: SessionState, reason: string): void {
		this.#parts.watch({ kind: 'session', socket: this.#parts.name, state, reason });
	}

	#tell(feed: Feed<Interval, Kline> | undefined, message: unknown): void {
		if (feed === undefined) {
			this.#noteBad({ reason: 'unknown-instrument', where: 'topic', instrument: undefined });
			return;
		}
		const klines = this.#parts.words.read(message, feed.interval, feed.instrument);
		if ('reason' in klines) {
			this.#noteBad(klines);
			return;
		}
		for (const kline of klines) for (const { tell } of feed.heard) tell(kline, feed.instrument);
	}

	#noteBad({ reason, where, instrument }: Bad): void {
		this.#parts.watch({ kind: 'badFrame', socket: this.#parts.name, reason, where, instrument: instrument?.id });
	}
}

function listening<Kline>(
	heard: Set<{ readonly tell: (kline: Kline, instrument: Instrument) => void }>,
	tell: (kline: Kline, instrument: Instrument) => void,
): Disposable {
	const listener = { tell };
	heard.add(listener);
	return { [Symbol.dispose]: () => void heard.delete(listener) };
}
