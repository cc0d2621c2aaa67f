/**
 * HOT: the trade frames of scan-public.ts, whose header states budget, fence and twin. The members of a trade come in
 * one order on spot and in another on derivatives, so each is told by its name.
 */
import type { Instrument } from '../../../domain/instrument.ts';
import type { Lots, Ticks, TimeMs } from '../../../domain/units.ts';
import { type ByteReader, UNREAD } from '../../wire/byte-reader.ts';
import { asciiBytes } from '../../wire/byte-table.ts';
import { FrameHead } from './frame-head.ts';
import { ITEMS_MAX, type PublicSink, type PublicTrade } from './frames.ts';
import type { Topic } from './topic-table.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const DATA = asciiBytes('"data":[');
const TRADED_AT = asciiBytes('"T":');
const SYMBOL = asciiBytes('"s":"');
const SIDE = asciiBytes('"S":"');
const SIZE = asciiBytes('"v":"');
const PRICE = asciiBytes('"p":"');
const DIRECTION = asciiBytes('"L":"');
const TRADE_ID = asciiBytes('"i":"');
const IS_BLOCK = asciiBytes('"BT":');
const IS_RPI = asciiBytes('"RPI":');
const CROSS_SEQUENCE = asciiBytes('"seq":');
const BUY = asciiBytes('Buy"');
const SELL = asciiBytes('Sell"');
const TRUE = asciiBytes('true');
const FALSE = asciiBytes('false');

/** One bit a member, so that none that matters is missing. One that comes twice counts as it does in JSON: the last holds. */
const HAS = { time: 1, symbol: 2, side: 4, size: 8, price: 16, direction: 32, id: 64, block: 128, rpi: 256, cross: 512 } as const;
const NEEDED = HAS.time | HAS.symbol | HAS.side | HAS.size | HAS.price;

type Lent<Shape> = { -readonly [Member in keyof Shape]: Shape[Member] };

export class TradeScanner {
	readonly #reader: ByteReader;
	readonly #head = new FrameHead();
	readonly #trades: Lent<PublicTrade>[] = [];
	#flag = false;

	constructor(reader: ByteReader) {
		this.#reader = reader;
	}

	/** From behind the comma after the topic to the end of the frame. */
	scan(bytes: Uint8Array, topic: Topic, sink: PublicSink): boolean {
		const reader = this.#reader;
		if (!this.#head.read(reader, bytes) || this.#head.kind !== 'snapshot' || !reader.take(bytes, DATA)) return false;
		let count = 0;
		for (let next = COMMA; next === COMMA; next = bytes[reader.at++] as number) {
			if (count === ITEMS_MAX || !this.#trade(bytes, topic, this.#tradeAt(count, topic.instrument))) return false;
			count++;
		}
		if (bytes[reader.at - 1] !== CLOSE_LIST) return false;
		if (bytes[reader.at] !== CLOSE_OBJECT || reader.at + 1 !== bytes.length) return false;
		for (let i = 0; i < count; i++) sink.trade(this.#trades[i] as PublicTrade);
		return true;
	}

	#tradeAt(index: number, instrument: Instrument): Lent<PublicTrade> {
		let trade = this.#trades[index];
		if (trade === undefined) {
			trade = {
				instrument,
				priceTicks: 0 as Ticks,
				qtyLots: 0 as Lots,
				takerSide: 'buy',
				tradedAtMs: 0 as TimeMs,
				isBlock: false,
			};
			this.#trades.push(trade);
		}
		trade.instrument = instrument;
		trade.isBlock = false;
		return trade;
	}

	/** From the opening brace to behind the closing one. */
	#trade(bytes: Uint8Array, topic: Topic, trade: Lent<PublicTrade>): boolean {
		const reader = this.#reader;
		if (bytes[reader.at] !== OPEN_OBJECT) return false;
		let seen = 0;
		for (;;) {
			// Behind the brace, then behind each comma.
			reader.at++;
			const has = this.#member(bytes, topic, trade);
			if (has === 0) return false;
			seen |= has;
			const next = bytes[reader.at];
			if (next === COMMA) continue;
			reader.at++;
			return next === CLOSE_OBJECT && (seen & NEEDED) === NEEDED;
		}
	}

	/** One member with its value; answers which, or 0 if it is unknown or its value is not what is expected. */
	#member(bytes: Uint8Array, topic: Topic, trade: Lent<PublicTrade>): number {
		const reader = this.#reader;
		const { priceGrid, qtyGrid } = topic.instrument;
		if (reader.take(bytes, TRADED_AT)) {
			const time = reader.whole(bytes);
			trade.tradedAtMs = time as TimeMs;
			return time === UNREAD ? 0 : HAS.time;
		}
		if (reader.take(bytes, SYMBOL)) {
			return reader.take(bytes, topic.symbolBytes) && bytes[reader.at++] === QUOTE ? HAS.symbol : 0;
		}
		if (reader.take(bytes, SIDE)) {
			const isBuy = reader.take(bytes, BUY);
			trade.takerSide = isBuy ? 'buy' : 'sell';
			return isBuy || reader.take(bytes, SELL) ? HAS.side : 0;
		}
		if (reader.take(bytes, SIZE)) {
			const lots = reader.steps(bytes, qtyGrid);
			trade.qtyLots = lots as Lots;
			return lots <= 0 ? 0 : HAS.size;
		}
		if (reader.take(bytes, PRICE)) {
			const ticks = reader.steps(bytes, priceGrid);
			trade.priceTicks = ticks as Ticks;
			return ticks <= 0 ? 0 : HAS.price;
		}
		if (reader.take(bytes, DIRECTION)) return reader.skipText(bytes) ? HAS.direction : 0;
		if (reader.take(bytes, TRADE_ID)) return reader.skipText(bytes) ? HAS.id : 0;
		if (reader.take(bytes, IS_BLOCK)) {
			if (!this.#boolean(bytes)) return 0;
			trade.isBlock = this.#flag;
			return HAS.block;
		}
		if (reader.take(bytes, IS_RPI)) return this.#boolean(bytes) ? HAS.rpi : 0;
		if (reader.take(bytes, CROSS_SEQUENCE)) return reader.whole(bytes) === UNREAD ? 0 : HAS.cross;
		return 0;
	}

	#boolean(bytes: Uint8Array): boolean {
		this.#flag = this.#reader.take(bytes, TRUE);
		return this.#flag || this.#reader.take(bytes, FALSE);
	}
}
