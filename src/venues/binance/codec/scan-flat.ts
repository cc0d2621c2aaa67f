/**
 * HOT: trades and best prices of scan-public.ts, whose header states budget, fence and twin. Their members are told by
 * name, as in scan-book.ts.
 */
import type { Grid } from '../../../domain/grid.ts';
import type { Lots, Ticks, TimeMs } from '../../../domain/units.ts';
import { type ByteReader, UNREAD } from '../../wire/byte-reader.ts';
import { asciiBytes } from '../../wire/byte-table.ts';
import type { PublicSink, PublicTrade, TopFrame } from './frames.ts';
import type { Listed, StreamTable } from './stream-table.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const CLOSE_OBJECT = 0x7d;

const EVENT = { trade: asciiBytes('"trade"'), aggTrade: asciiBytes('"aggTrade"'), top: asciiBytes('"bookTicker"') } as const;
const TRUE = asciiBytes('true');
const FALSE = asciiBytes('false');
const PAIR = asciiBytes('"ps":"');
const MARKET = asciiBytes('"st":');
const WITHOUT_RPI = asciiBytes('"nq":"');
const ORIGIN = asciiBytes('"MARKET"');

export type FlatKind = keyof typeof EVENT;

const CODE = {
	a: 0x61,
	b: 0x62,
	e: 0x65,
	f: 0x66,
	l: 0x6c,
	m: 0x6d,
	p: 0x70,
	q: 0x71,
	s: 0x73,
	t: 0x74,
	u: 0x75,
	A: 0x41,
	B: 0x42,
	E: 0x45,
	M: 0x4d,
	T: 0x54,
	X: 0x58,
} as const;
/** A one-letter name as its bit: a to z are 0 to 25; capitals, of which a few are used, are put where small ones are not. */
const bitOf = (code: number): number => 1 << ((code & 0x1f) - 1);
const small = (...names: (keyof typeof CODE)[]): number => names.reduce((bits, name) => bits | bitOf(CODE[name]), 0);
const NEEDED_TRADE = { small: small('e', 's', 'p', 'q', 'm'), large: small('T') };
const NEEDED_TOP = { small: small('s', 'u', 'b', 'a'), large: small('A', 'B') };

type Lent<Shape> = { -readonly [Member in keyof Shape]: Shape[Member] };

export class FlatScanner {
	readonly #reader: ByteReader;
	readonly #streams: StreamTable;
	#trade: Lent<PublicTrade> | undefined;
	#top: Lent<TopFrame> | undefined;
	#kind: FlatKind = 'trade';
	#listed: Listed | undefined;
	// What the members of the frame at hand said; prices and sizes of a trade stand where those of the bid do.
	#bidTicks = 0;
	#bidLots = 0;
	#askTicks = 0;
	#askLots = 0;
	#updateId = 0;
	#pushedAtMs = UNREAD;
	#tradedAtMs = 0;
	#isBuyerMaker = false;

	constructor(reader: ByteReader, streams: StreamTable) {
		this.#reader = reader;
		this.#streams = streams;
	}

	/** From behind the opening brace of the data to behind the closing one. */
	scan(bytes: Uint8Array, kind: FlatKind, listed: Listed | undefined): boolean {
		const reader = this.#reader;
		this.#kind = kind;
		this.#listed = listed;
		this.#pushedAtMs = UNREAD;
		let seenSmall = 0;
		let seenLarge = 0;
		for (;;) {
			const at = reader.at;
			if (bytes[at] === QUOTE && bytes[at + 2] === QUOTE && bytes[at + 3] === COLON) {
				const code = bytes[at + 1] as number;
				reader.at = at + 4;
				if (!this.#member(bytes, code)) return false;
				// One that comes twice counts as it does in JSON: the last holds.
				if (code >= CODE.a) seenSmall |= bitOf(code);
				else seenLarge |= bitOf(code);
			} else if (!this.#longMember(bytes)) return false;
			const next = bytes[reader.at++];
			if (next === COMMA) continue;
			if (next !== CLOSE_OBJECT) return false;
			const needed = kind === 'top' ? NEEDED_TOP : NEEDED_TRADE;
			if ((seenSmall & needed.small) !== needed.small || (seenLarge & needed.large) !== needed.large) return false;
			// Both zero is an empty side; the twin says what is wrong with one of them.
			return kind !== 'top' || (isSide(this.#bidTicks, this.#bidLots) && isSide(this.#askTicks, this.#askLots));
		}
	}

	/** What the last scan found, once its frame turned out to be whole. */
	tell(sink: PublicSink): void {
		if (this.#kind === 'top') this.#tellTop(sink);
		else this.#tellTrade(sink, this.#kind === 'aggTrade');
	}

	/** Whether the value of a one-letter name is what is expected; `at` goes behind it. */
	#member(bytes: Uint8Array, code: number): boolean {
		if (code === CODE.s) return this.#symbol(bytes);
		if (code === CODE.e) return this.#reader.take(bytes, EVENT[this.#kind]);
		if (code === CODE.E) {
			this.#pushedAtMs = this.#reader.whole(bytes);
			return this.#pushedAtMs !== UNREAD;
		}
		return this.#kind === 'top' ? this.#topMember(bytes, code) : this.#tradeMember(bytes, code);
	}

	#tradeMember(bytes: Uint8Array, code: number): boolean {
		const reader = this.#reader;
		switch (code) {
			case CODE.p:
				this.#bidTicks = this.#steps(bytes, 'priceGrid');
				return this.#bidTicks > 0;
			case CODE.q:
				this.#bidLots = this.#steps(bytes, 'qtyGrid');
				return this.#bidLots > 0;
			case CODE.T:
				this.#tradedAtMs = reader.whole(bytes);
				return this.#tradedAtMs !== UNREAD;
			case CODE.m:
				this.#isBuyerMaker = reader.take(bytes, TRUE);
				return this.#isBuyerMaker || reader.take(bytes, FALSE);
			case CODE.M:
				return reader.take(bytes, TRUE) || reader.take(bytes, FALSE);
			case CODE.t:
			case CODE.a:
			case CODE.f:
			case CODE.l:
				return reader.whole(bytes) !== UNREAD;
			case CODE.X:
				return reader.take(bytes, ORIGIN);
			default:
				return false;
		}
	}

	#topMember(bytes: Uint8Array, code: number): boolean {
		const reader = this.#reader;
		switch (code) {
			case CODE.u:
				this.#updateId = reader.whole(bytes);
				return this.#updateId !== UNREAD;
			case CODE.b:
				this.#bidTicks = this.#steps(bytes, 'priceGrid');
				return this.#bidTicks !== UNREAD;
			case CODE.B:
				this.#bidLots = this.#steps(bytes, 'qtyGrid');
				return this.#bidLots !== UNREAD;
			case CODE.a:
				this.#askTicks = this.#steps(bytes, 'priceGrid');
				return this.#askTicks !== UNREAD;
			case CODE.A:
				this.#askLots = this.#steps(bytes, 'qtyGrid');
				return this.#askLots !== UNREAD;
			case CODE.T:
				return reader.whole(bytes) !== UNREAD;
			default:
				return false;
		}
	}

	#longMember(bytes: Uint8Array): boolean {
		const reader = this.#reader;
		if (reader.take(bytes, PAIR) || reader.take(bytes, WITHOUT_RPI)) return reader.skipText(bytes);
		return reader.take(bytes, MARKET) && reader.whole(bytes) !== UNREAD;
	}

	#symbol(bytes: Uint8Array): boolean {
		const reader = this.#reader;
		if (bytes[reader.at++] !== QUOTE) return false;
		if (this.#listed !== undefined) return reader.take(bytes, this.#listed.symbolBytes) && bytes[reader.at++] === QUOTE;
		const start = reader.at;
		if (!reader.skipText(bytes)) return false;
		this.#listed = this.#streams.findSymbol(bytes, start, reader.at - 1);
		return this.#listed !== undefined;
	}

	/** A decimal in quotes; UNREAD as long as nobody said of which instrument. */
	#steps(bytes: Uint8Array, which: 'priceGrid' | 'qtyGrid'): number {
		const reader = this.#reader;
		const listed = this.#listed;
		if (listed === undefined || bytes[reader.at++] !== QUOTE) return UNREAD;
		const grid: Grid = listed.instrument[which];
		return reader.steps(bytes, grid);
	}

	#tellTrade(sink: PublicSink, isAggregate: boolean): void {
		const instrument = (this.#listed as Listed).instrument;
		const trade = (this.#trade ??= {
			instrument,
			priceTicks: 0 as Ticks,
			qtyLots: 0 as Lots,
			takerSide: 'buy',
			tradedAtMs: 0 as TimeMs,
			isAggregate,
		});
		trade.instrument = instrument;
		trade.priceTicks = this.#bidTicks as Ticks;
		trade.qtyLots = this.#bidLots as Lots;
		trade.takerSide = this.#isBuyerMaker ? 'sell' : 'buy';
		trade.tradedAtMs = this.#tradedAtMs as TimeMs;
		trade.isAggregate = isAggregate;
		sink.trade(trade);
	}

	#tellTop(sink: PublicSink): void {
		const instrument = (this.#listed as Listed).instrument;
		const top = (this.#top ??= {
			instrument,
			updateId: 0,
			bidTicks: 0 as Ticks,
			bidLots: 0 as Lots,
			askTicks: 0 as Ticks,
			askLots: 0 as Lots,
			pushedAtMs: undefined,
		});
		top.instrument = instrument;
		top.updateId = this.#updateId;
		top.bidTicks = this.#bidTicks as Ticks;
		top.bidLots = this.#bidLots as Lots;
		top.askTicks = this.#askTicks as Ticks;
		top.askLots = this.#askLots as Lots;
		top.pushedAtMs = this.#pushedAtMs === UNREAD ? undefined : (this.#pushedAtMs as TimeMs);
		sink.top(top);
	}
}

function isSide(ticks: number, lots: number): boolean {
	return (ticks === 0) === (lots === 0);
}
