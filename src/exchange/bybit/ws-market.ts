/**
 * All market topics of the venue: which names exist, one stream for each that somebody listens to, and who listens.
 * Sockets come and go; a stream without listeners does nothing.
 */

import type { ExchangeEvent } from '../core/events.ts';
import type { Peer } from '../facade.ts';
import type { BybitCategory, BybitVenue } from './venue.ts';
import { BOOK_INTERVAL_MS, BookStream } from './ws-book.ts';
import { isCandleInterval } from './ws-calendar.ts';
import { KlineStream } from './ws-kline.ts';
import type { TopicStream } from './ws-stream.ts';
import { symbolOf, Tape } from './ws-tape.ts';
import { TickerStream } from './ws-ticker.ts';
import { TradeStream } from './ws-trades.ts';

interface Channel {
	readonly stream: TopicStream;
	readonly exchangeKey: string;
	readonly listeners: Set<Peer>;
}

export type FoundTopic = 'found' | 'unknown-topic' | 'unknown-symbol';

export class MarketTopics {
	readonly #venue: BybitVenue;
	readonly #tapes = new Map<string, Tape>();
	readonly #channels = new Map<string, Channel>();
	readonly #bySymbol = new Map<string, Channel[]>();

	constructor(venue: BybitVenue) {
		this.#venue = venue;
		for (const symbol of venue.symbols) this.#tapes.set(symbol.exchangeKey, new Tape(venue, symbol));
	}

	apply(event: ExchangeEvent): void {
		const key = symbolOf(event);
		if (key === null) return;
		const trade = this.#tapes.get(key)?.apply(event) ?? null;
		if (trade === null) return;
		for (const { listeners, stream } of this.#bySymbol.get(key) ?? []) if (listeners.size > 0) stream.trade?.(trade);
	}

	find(category: BybitCategory, topic: string): FoundTopic {
		const parsed = parseTopic(topic);
		if (parsed === null) return 'unknown-topic';
		return this.#venue.find(category, parsed.symbol) === undefined ? 'unknown-symbol' : 'found';
	}

	/** For topics that `find` found. Sends the first frame, where the topic has one. */
	join(category: BybitCategory, topic: string, peer: Peer, nowMs: number): void {
		const channel = this.#channels.get(`${category}:${topic}`) ?? this.#open(category, topic);
		if (channel === null) return;
		const first = channel.stream.start(nowMs, channel.listeners.size === 0);
		channel.listeners.add(peer);
		if (first !== null) peer.send(first);
	}

	leave(category: BybitCategory, topic: string, peer: Peer): void {
		this.#channels.get(`${category}:${topic}`)?.listeners.delete(peer);
	}

	tick(nowMs: number): void {
		for (const { stream, listeners } of this.#channels.values()) {
			if (listeners.size === 0) continue;
			for (const text of stream.due(nowMs)) for (const peer of listeners) peer.send(text);
		}
	}

	#open(category: BybitCategory, topic: string): Channel | null {
		const parsed = parseTopic(topic);
		const shown = parsed === null ? undefined : this.#venue.find(category, parsed.symbol);
		const tape = shown === undefined ? undefined : this.#tapes.get(shown.exchangeKey);
		if (parsed === null || tape === undefined) return null;
		const { exchangeKey } = tape.shown;
		const channel = { stream: parsed.open(tape), exchangeKey, listeners: new Set<Peer>() };
		this.#channels.set(`${category}:${topic}`, channel);
		this.#bySymbol.set(exchangeKey, [...(this.#bySymbol.get(exchangeKey) ?? []), channel]);
		return channel;
	}
}

interface ParsedTopic {
	readonly symbol: string;
	readonly open: (tape: Tape) => TopicStream;
}

function parseTopic(topic: string): ParsedTopic | null {
	const [name, ...rest] = topic.split('.');
	const [first = '', second] = rest;
	if (name === 'publicTrade' && rest.length === 1) return { symbol: first, open: (tape) => new TradeStream(tape, topic) };
	if (name === 'tickers' && rest.length === 1) return { symbol: first, open: (tape) => new TickerStream(tape, topic) };
	if (rest.length !== 2 || second === undefined) return null;
	if (name === 'kline' && isCandleInterval(first)) {
		return { symbol: second, open: (tape) => new KlineStream(tape, topic, first) };
	}
	const depth = Number(first);
	if (name !== 'orderbook' || !BOOK_INTERVAL_MS.has(depth) || String(depth) !== first) return null;
	return { symbol: second, open: (tape) => new BookStream(tape, topic, depth) };
}
