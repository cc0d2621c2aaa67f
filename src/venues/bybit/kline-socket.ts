/**
 * Candles for whoever asks for them, on a connection of their own: a topic that the venue refuses or does not answer
 * for must not cost the books a thing. What is asked for is kept over every reconnect until the socket is stopped.
 *
 * A candle that ended while the line was down is not told. Whoever needs all of them sees the leap from one `startAtMs`
 * to the next, and reads what lies between over REST.
 */
import type { Category, Instrument, InstrumentIndex } from '../../domain/instrument.ts';
import { Session, type SessionHandler, type SessionState } from '../../network/session.ts';
import { Topics } from '../../network/topics.ts';
import type { BadFrame } from './codec/frames.ts';
import { parseFrame } from './codec/plain.ts';
import { type Kline, type KlineInterval, klineTopic, klineTopicOf, readKlines } from './codec/plain-kline.ts';
import {
	CONNECTION_CHARS_MAX,
	HANDSHAKE_TIMEOUT_MS,
	publicHeartbeat,
	readAnswer,
	type SessionBasics,
	topicChars,
	topicWire,
} from './socket-wire.ts';
import type { StreamWatch } from './stream-note.ts';

export interface KlineSocketParts extends SessionBasics {
	readonly name: string;
	readonly category: Category;
	readonly url: string;
	readonly heartbeatMs: number | undefined;
	readonly watch: StreamWatch;
}

/** The running candle while it changes, about once a second, and once more when it is closed. */
export type KlineHeard = (kline: Kline) => void;

interface Feed {
	readonly index: InstrumentIndex;
	readonly interval: KlineInterval;
	instrument: Instrument;
	readonly heard: KlineHeard[];
}

export class KlineSocket implements SessionHandler {
	readonly #parts: KlineSocketParts;
	readonly #session: Session;
	readonly #topics: Topics;
	readonly #feeds = new Map<string, Feed>();
	#chars = 0;

	constructor(parts: KlineSocketParts) {
		this.#parts = parts;
		const { clock, rng, category, url, heartbeatMs, name, watch } = parts;
		// No stall watch: where nobody trades, no candle changes. A dead line is found by its beat.
		this.#session = new Session({
			...parts,
			target: () => ({ url, handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS }),
			heartbeat: publicHeartbeat(heartbeatMs),
			handler: this,
		});
		this.#topics = new Topics({
			clock,
			rng,
			wire: topicWire(category),
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
		return this.#topics.isComplete;
	}

	start(): void {
		this.#session.start();
	}

	stop(): void {
		this.#session.stop();
		this.#topics.disconnected();
	}

	/** False when the connection has no room for another topic. */
	tryFollow(instrument: Instrument, interval: KlineInterval, heard: KlineHeard): boolean {
		const topic = klineTopic({ interval, symbol: instrument.symbol });
		const known = this.#feeds.get(topic);
		if (known !== undefined) {
			known.heard.push(heard);
			return true;
		}
		const chars = topicChars(topic);
		if (this.#chars + chars > CONNECTION_CHARS_MAX) return false;
		this.#chars += chars;
		this.#feeds.set(topic, { index: instrument.index, interval, instrument, heard: [heard] });
		this.#topics.want([topic]);
		return true;
	}

	/** A filter changed: what is told from here on is counted in its ticks and lots. */
	update(instrument: Instrument): void {
		for (const feed of this.#feeds.values()) if (feed.index === instrument.index) feed.instrument = instrument;
	}

	opened(send: (text: string) => boolean): void {
		this.#topics.connected(send);
	}

	received(frame: Uint8Array): void {
		const parsed = parseFrame(frame);
		if (parsed.kind === 'bad') {
			this.#noteBad(parsed);
			return;
		}
		const { message } = parsed;
		const topic = klineTopicOf(message);
		if (topic !== undefined) {
			this.#tell(this.#feeds.get(klineTopic(topic)), message);
			return;
		}
		const answer = readAnswer(message);
		if (answer?.kind === 'topics') this.#topics.applyAnswer(answer.requestId, answer.answer);
	}

	down(): void {
		this.#topics.disconnected();
	}

	stateChanged(state: SessionState, reason: string): void {
		this.#parts.watch({ kind: 'session', socket: this.#parts.name, state, reason });
	}

	#tell(feed: Feed | undefined, message: unknown): void {
		if (feed === undefined) {
			this.#noteBad({ reason: 'unknown-instrument', where: 'topic', instrument: undefined });
			return;
		}
		const klines = readKlines(message, feed.interval, feed.instrument);
		if ('reason' in klines) {
			this.#noteBad(klines);
			return;
		}
		for (const kline of klines) for (const heard of feed.heard) heard(kline);
	}

	#noteBad({ reason, where, instrument }: Pick<BadFrame, 'reason' | 'where' | 'instrument'>): void {
		this.#parts.watch({ kind: 'badFrame', socket: this.#parts.name, reason, where, instrument: instrument?.id });
	}
}
