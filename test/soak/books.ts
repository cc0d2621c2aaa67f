/**
 * Public streams that come from this process: as many book messages a second as somebody wants, in the venue's own
 * words, through a socket that looks like any other. An exchange in a box that pushed so much would need more of the
 * machine than what is measured. Everything that is not a public stream goes to the transport inside.
 */
import type { Socket, SocketHandler, SocketTarget, Transport } from '../../src/network/transport.ts';

export interface SoakSymbol {
	readonly symbol: string;
	readonly midPrice: number;
	readonly tickSize: number;
	readonly priceDecimals: number;
	readonly qtyDecimals: number;
}

export interface BookSourceOptions {
	readonly symbols: readonly SoakSymbol[];
	readonly messagesPerSec: number;
	readonly depth: number;
}

const LEVELS = 50;
const CHANGES = 4;
/** The venue repeats the touch this often. */
const CANARY_EVERY_MS = 3_000;
const PUSH_EVERY_MS = 2;
/** A process that was held up does not owe more than this. */
const OWED_MS_MAX = 100;
const FUNDING_AFTER_MS = 8 * 3_600_000;

export class BookSource {
	readonly #options: BookSourceOptions;
	readonly #books: Book[];
	#handler: SocketHandler | undefined;
	#timer: NodeJS.Timeout | undefined;
	#pushedAtMs = 0;
	#canaryAtMs = 0;
	#next = 0;
	sentCount = 0;

	constructor(options: BookSourceOptions) {
		this.#options = options;
		this.#books = options.symbols.map((symbol, index) => new Book(symbol, index));
	}

	/** The transport as the adapter is to see it. */
	wrap(inner: Transport): Transport {
		return {
			request: (call, heard) => inner.request(call, heard),
			connect: (target, handler) => (isPublic(target) ? this.#connect(handler) : inner.connect(target, handler)),
			warm: (origin, pool, connections) => inner.warm(origin, pool, connections),
			pools: () => inner.pools(),
			[Symbol.asyncDispose]: async () => {
				clearInterval(this.#timer);
				await inner[Symbol.asyncDispose]();
			},
		};
	}

	#connect(handler: SocketHandler): Socket {
		this.#handler = handler;
		setImmediate(() => handler.opened());
		const end = (): void => {
			if (this.#handler !== handler) return;
			this.#handler = undefined;
			clearInterval(this.#timer);
			setImmediate(() => handler.ended({ kind: 'closed', code: 1000, reason: '' }));
		};
		return {
			bufferedBytes: 0,
			send: (text) => {
				setImmediate(() => this.#answer(handler, text));
				return this.#handler === handler;
			},
			ping: () => setImmediate(() => handler.ponged()),
			close: end,
			terminate: end,
		};
	}

	#answer(handler: SocketHandler, text: string): void {
		if (this.#handler !== handler) return;
		const { op, req_id: requestId, args = [] } = JSON.parse(text) as { op: string; req_id?: string; args?: string[] };
		const said = op === 'ping' ? 'pong' : '';
		this.#say(JSON.stringify({ success: true, ret_msg: said, conn_id: 'soak', req_id: requestId ?? '', op }));
		if (op !== 'subscribe') return;
		const topics = new Set(args);
		for (const book of this.#books) {
			if (topics.has(`orderbook.${this.#options.depth}.${book.symbol}`)) this.#say(book.snapshot(this.#options.depth, LEVELS));
			if (topics.has(`tickers.${book.symbol}`)) this.#say(book.ticker());
		}
		if (this.#timer !== undefined) return;
		this.#pushedAtMs = performance.now();
		this.#timer = setInterval(() => this.#push(), PUSH_EVERY_MS);
	}

	#push(): void {
		const nowMs = performance.now();
		const { messagesPerSec, depth } = this.#options;
		this.#pushedAtMs = Math.max(this.#pushedAtMs, nowMs - OWED_MS_MAX);
		const due = Math.floor(((nowMs - this.#pushedAtMs) * messagesPerSec) / 1_000);
		this.#pushedAtMs += (due * 1_000) / messagesPerSec;
		for (let i = 0; i < due; i += 1) {
			const book = this.#books[this.#next];
			this.#next = (this.#next + 1) % this.#books.length;
			if (book === undefined) continue;
			this.#say(book.delta(depth));
			this.sentCount += 1;
		}
		if (nowMs - this.#canaryAtMs < CANARY_EVERY_MS) return;
		this.#canaryAtMs = nowMs;
		for (const book of this.#books) this.#say(book.snapshot(1, 1));
	}

	#say(text: string): void {
		this.#handler?.received(Buffer.from(text, 'latin1'));
	}
}

function isPublic({ url }: SocketTarget): boolean {
	return url.includes('/public/');
}

/** Levels that stay where they are, with quantities that change all the time. */
class Book {
	readonly symbol: string;
	readonly #of: SoakSymbol;
	readonly #bids: number[];
	readonly #asks: number[];
	#sequence = 1;
	#crossSequence: number;
	#turn = 0;

	constructor(of: SoakSymbol, index: number) {
		this.#of = of;
		this.symbol = of.symbol;
		this.#crossSequence = 1_000_000 * (index + 1);
		this.#bids = Array.from({ length: LEVELS }, (_, level) => 2 + (level % 7));
		this.#asks = Array.from({ length: LEVELS }, (_, level) => 2 + (level % 5));
	}

	snapshot(depth: number, count: number): string {
		const side = (isBid: boolean): string[][] => Array.from({ length: count }, (_, level) => this.#level(isBid, level));
		return this.#frame(depth, 'snapshot', side(true), side(false));
	}

	delta(depth: number): string {
		this.#turn += 1;
		this.#sequence += 1;
		this.#crossSequence += 3;
		const changed = (isBid: boolean): string[][] =>
			Array.from({ length: CHANGES / 2 }, (_, i) => {
				// The touch as often as the rest together: that is where a market is busy.
				const level = i === 0 ? 0 : (this.#turn * 13) % LEVELS;
				const quantities = isBid ? this.#bids : this.#asks;
				quantities[level] = 1 + ((this.#turn * (isBid ? 7 : 11) + level) % 50) / 10;
				return this.#level(isBid, level);
			});
		return this.#frame(depth, 'delta', changed(true), changed(false));
	}

	ticker(): string {
		const nextFundingTime = String(Date.now() + FUNDING_AFTER_MS);
		const data = { symbol: this.symbol, markPrice: this.#price(0), fundingRate: '0.0001', nextFundingTime };
		return JSON.stringify({ topic: `tickers.${this.symbol}`, type: 'snapshot', data, cs: this.#crossSequence, ts: Date.now() });
	}

	#frame(depth: number, type: string, bids: string[][], asks: string[][]): string {
		const nowMs = Date.now();
		const data = { s: this.symbol, b: bids, a: asks, u: this.#sequence, seq: this.#crossSequence };
		return JSON.stringify({ topic: `orderbook.${depth}.${this.symbol}`, type, ts: nowMs, data, cts: nowMs });
	}

	#level(isBid: boolean, level: number): string[] {
		const qty = (isBid ? this.#bids : this.#asks)[level] ?? 0;
		return [this.#price(isBid ? -1 - level : 1 + level), qty.toFixed(this.#of.qtyDecimals)];
	}

	#price(ticks: number): string {
		return (this.#of.midPrice + ticks * this.#of.tickSize).toFixed(this.#of.priceDecimals);
	}
}
