/**
 * The market streams of one market: which names exist is the market's to say, the rest is alike. One channel a name,
 * however many sockets listen, so all of them get the very same text; a channel that nobody listens to does nothing.
 * What a stream says, it says when something happens on the tape of a symbol, or when time has passed.
 */
import type { Level } from '../core/book.ts';
import type { ExchangeEvent } from '../core/events.ts';
import type { PublicTrade, TickerView, TradeExecution } from '../core/views.ts';
import type { Tape, TapeListener } from './tape.ts';
import { Frame, type StreamListener, type Streams } from './ws-control.ts';

export type BookLevelChange = Extract<ExchangeEvent, { readonly kind: 'book-level' }>;

/** Called only while somebody listens. */
export interface MarketStream {
	/** Somebody listens; `isFirst`: nobody did before. */
	start?(nowMs: number, isFirst: boolean): void;
	tick?(nowMs: number): void;
	level?(change: BookLevelChange, tape: Tape): void;
	trade?(trade: PublicTrade, tape: Tape): void;
	ticker?(ticker: TickerView, tape: Tape): void;
	liquidation?(execution: TradeExecution, tape: Tape): void;
}

/** One JSON text to all who listen. */
export type Say = (text: string) => void;

export interface FoundStream {
	/** Whose events it hears. */
	readonly tapes: readonly Tape[];
	open(say: Say): MarketStream;
}

/** `silent`: well formed, of which nothing will ever be heard. Null: no stream's name. */
export type FindStream = (name: string) => FoundStream | 'silent' | null;

interface Channel {
	readonly stream: MarketStream;
	readonly listeners: Set<StreamListener>;
}

export class StreamFloor implements Streams, TapeListener {
	readonly #find: FindStream;
	readonly #channels = new Map<string, Channel>();
	readonly #byTape = new Map<Tape, Channel[]>();

	constructor(find: FindStream) {
		this.#find = find;
	}

	find(name: string): 'stream' | 'silent' | 'malformed' {
		if (this.#channels.has(name)) return 'stream';
		const found = this.#find(name);
		return found === null ? 'malformed' : found === 'silent' ? 'silent' : 'stream';
	}

	join(name: string, listener: StreamListener, nowMs: number): void {
		const channel = this.#channels.get(name) ?? this.#open(name);
		if (channel === null) return;
		const isFirst = channel.listeners.size === 0;
		channel.listeners.add(listener);
		channel.stream.start?.(nowMs, isFirst);
	}

	leave(name: string, listener: StreamListener): void {
		this.#channels.get(name)?.listeners.delete(listener);
	}

	tick(nowMs: number): void {
		for (const { stream, listeners } of this.#channels.values()) if (listeners.size > 0) stream.tick?.(nowMs);
	}

	level(tape: Tape, change: BookLevelChange): void {
		for (const { stream, listeners } of this.#of(tape)) if (listeners.size > 0) stream.level?.(change, tape);
	}

	trade(tape: Tape, trade: PublicTrade): void {
		for (const { stream, listeners } of this.#of(tape)) if (listeners.size > 0) stream.trade?.(trade, tape);
	}

	ticker(tape: Tape, ticker: TickerView): void {
		for (const { stream, listeners } of this.#of(tape)) if (listeners.size > 0) stream.ticker?.(ticker, tape);
	}

	liquidation(tape: Tape, execution: TradeExecution): void {
		for (const { stream, listeners } of this.#of(tape)) if (listeners.size > 0) stream.liquidation?.(execution, tape);
	}

	#of(tape: Tape): readonly Channel[] {
		return this.#byTape.get(tape) ?? [];
	}

	#open(name: string): Channel | null {
		const found = this.#find(name);
		if (found === null || found === 'silent') return null;
		const listeners = new Set<StreamListener>();
		const say = (text: string): void => {
			const frame = new Frame(name, text);
			for (const listener of listeners) listener.hear(frame);
		};
		const channel = { stream: found.open(say), listeners };
		this.#channels.set(name, channel);
		for (const tape of found.tapes) this.#byTape.set(tape, [...this.#of(tape), channel]);
		return channel;
	}
}

/** What a book's levels have become since the last time, with the numbers of the first and last change. */
export interface ChangedLevels {
	readonly firstSeq: number;
	readonly lastSeq: number;
	/** When the last change was made. */
	readonly atMs: number;
	/** Best first; size 0 where the level is gone. */
	readonly bids: readonly Level[];
	readonly asks: readonly Level[];
}

export class BookChanges {
	#firstSeq = 0;
	#lastSeq = 0;
	#atMs = 0;
	readonly #bids = new Map<number, number>();
	readonly #asks = new Map<number, number>();

	add({ side, priceTicks, qtyLots, bookSeq, atMs }: BookLevelChange): void {
		if (this.#firstSeq === 0) this.#firstSeq = bookSeq;
		this.#lastSeq = bookSeq;
		this.#atMs = atMs;
		(side === 'bid' ? this.#bids : this.#asks).set(priceTicks, qtyLots);
	}

	/** Forgets what it hands out; null if nothing changed. */
	take(): ChangedLevels | null {
		if (this.#firstSeq === 0) return null;
		const changed = {
			firstSeq: this.#firstSeq,
			lastSeq: this.#lastSeq,
			atMs: this.#atMs,
			bids: sorted(this.#bids, -1),
			asks: sorted(this.#asks, 1),
		};
		this.clear();
		return changed;
	}

	clear(): void {
		this.#firstSeq = 0;
		this.#bids.clear();
		this.#asks.clear();
	}
}

function sorted(levels: ReadonlyMap<number, number>, direction: 1 | -1): readonly Level[] {
	return [...levels]
		.map(([priceTicks, qtyLots]) => ({ priceTicks, qtyLots }))
		.sort((left, right) => (left.priceTicks - right.priceTicks) * direction);
}
