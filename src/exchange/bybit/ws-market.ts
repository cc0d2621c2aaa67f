/**
 * All market topics of the venue: which names exist, one stream for each that somebody listens to, and who listens.
 * Sockets come and go; a stream without listeners does nothing.
 */

import type { TradeExecution } from '../core/views.ts';
import type { Peer } from '../facade.ts';
import { isCandleInterval } from './calendar.ts';
import type { Tape, TapedTrade, TapeListener, Tapes } from './tape.ts';
import type { BybitCategory, BybitVenue } from './venue.ts';
import { BookStream, bookDepthOf } from './ws-book.ts';
import { KlineStream } from './ws-kline.ts';
import { LiquidationStream } from './ws-liquidations.ts';
import { PriceLimitStream } from './ws-price-limit.ts';
import type { TopicStream } from './ws-stream.ts';
import { TickerStream } from './ws-ticker.ts';
import { TradeStream } from './ws-trades.ts';

interface Channel {
	readonly stream: TopicStream;
	readonly exchangeKey: string;
	readonly listeners: Set<Peer>;
}

export type FoundTopic = 'found' | 'unknown-topic' | 'unknown-symbol';

/** The topics of one kind of public socket. */
export interface PublicTopics {
	find(topic: string): FoundTopic;
	/** For topics that `find` found. Sends the first frame, where the topic has one. */
	join(topic: string, peer: Peer, nowMs: number): void;
	leave(topic: string, peer: Peer): void;
}

/** The socket of the venue's own state, which is always well: a maintenance is never announced here. */
export const STATUS_TOPICS: PublicTopics = {
	find: (topic) => (topic === 'system.status' ? 'found' : 'unknown-topic'),
	join: () => {},
	leave: () => {},
};

export class MarketTopics implements TapeListener {
	readonly #venue: BybitVenue;
	readonly #tapes: Tapes;
	readonly #channels = new Map<string, Channel>();
	readonly #bySymbol = new Map<string, Channel[]>();

	constructor(venue: BybitVenue, tapes: Tapes) {
		this.#venue = venue;
		this.#tapes = tapes;
	}

	of(category: BybitCategory): PublicTopics {
		return {
			find: (topic) => this.#find(category, topic),
			join: (topic, peer, nowMs) => this.#join(category, topic, { peer, nowMs }),
			leave: (topic, peer) => this.#channels.get(`${category}:${topic}`)?.listeners.delete(peer),
		};
	}

	trade(tape: Tape, trade: TapedTrade): void {
		for (const stream of this.#heard(tape)) stream.trade?.(trade);
	}

	liquidation(tape: Tape, execution: TradeExecution): void {
		for (const stream of this.#heard(tape)) stream.liquidation?.(execution);
	}

	*#heard(tape: Tape): Iterable<TopicStream> {
		for (const { listeners, stream } of this.#bySymbol.get(tape.shown.exchangeKey) ?? []) if (listeners.size > 0) yield stream;
	}

	#find(category: BybitCategory, topic: string): FoundTopic {
		const parsed = parseTopic(category, topic);
		if (parsed === null) return 'unknown-topic';
		return this.#venue.find(category, parsed.symbol) === undefined ? 'unknown-symbol' : 'found';
	}

	#join(category: BybitCategory, topic: string, { peer, nowMs }: { readonly peer: Peer; readonly nowMs: number }): void {
		const channel = this.#channels.get(`${category}:${topic}`) ?? this.#open(category, topic);
		if (channel === null) return;
		const first = channel.stream.start(nowMs, channel.listeners.size === 0);
		channel.listeners.add(peer);
		if (first !== null) peer.send(first);
	}

	tick(nowMs: number): void {
		for (const { stream, listeners } of this.#channels.values()) {
			if (listeners.size === 0) continue;
			for (const text of stream.due(nowMs)) for (const peer of listeners) peer.send(text);
		}
	}

	#open(category: BybitCategory, topic: string): Channel | null {
		const parsed = parseTopic(category, topic);
		const shown = parsed === null ? undefined : this.#venue.find(category, parsed.symbol);
		const tape = shown === undefined ? undefined : this.#tapes.of(shown);
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

function parseTopic(category: BybitCategory, topic: string): ParsedTopic | null {
	const [name = '', first = '', second, ...rest] = topic.split('.');
	if (rest.length > 0) return null;
	if (second === undefined) return parsePlain(category, topic, { name, symbol: first });
	if (name === 'kline' && isCandleInterval(first)) {
		return { symbol: second, open: (tape) => new KlineStream(tape, topic, first) };
	}
	const depth = name === 'orderbook' ? bookDepthOf(category, first) : null;
	return depth === null ? null : { symbol: second, open: (tape) => new BookStream(tape, topic, depth) };
}

function parsePlain(
	category: BybitCategory,
	topic: string,
	{ name, symbol }: { readonly name: string; readonly symbol: string },
): ParsedTopic | null {
	switch (name) {
		case 'publicTrade':
			return { symbol, open: (tape) => new TradeStream(tape, topic) };
		case 'tickers':
			return { symbol, open: (tape) => new TickerStream(tape, topic) };
		case 'priceLimit':
			return { symbol, open: (tape) => new PriceLimitStream(tape, topic) };
		case 'allLiquidation':
			return category === 'spot' ? null : { symbol, open: (tape) => new LiquidationStream(tape, topic) };
		default:
			return null;
	}
}
