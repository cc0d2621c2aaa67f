/**
 * HOT: reads orders and fills byte by byte. They are far rarer than book frames, but an order's next step waits for them,
 * and ids of more digits than a double has (F66) would need the slow kind of JSON.parse. Budget: half of the twin's time
 * (bench/venues/binance/codec.bench.ts). Fence: the places of values are noted in reused arrays; what the sink gets is
 * newly made and its to keep. The sink is told nothing unless the whole frame was understood. Twin: plain-private.ts,
 * which also takes whatever this leaves; one suite for both.
 *
 * Taken: `executionReport`, `ORDER_TRADE_UPDATE` and `TRADE_LITE` of listed instruments, bare or wrapped, members in any
 * order. Left to the twin: everything about balances and positions, and what flat-row.ts does not know.
 */
import type { Execution, OrderReport, ReportedStatus } from '../../../domain/execution.ts';
import type { Instrument } from '../../../domain/instrument.ts';
import { type Money, NO_MONEY, parseMoney } from '../../../domain/money.ts';
import type { Side } from '../../../domain/side.ts';
import type { Lots, Ticks, TimeMs } from '../../../domain/units.ts';
import { ByteReader, UNREAD } from '../../wire/byte-reader.ts';
import { asciiBytes, ByteTable } from '../../wire/byte-table.ts';
import { FlatRow, SLOT_ER, SLOT_EXPIRY_WORD, slotOf } from './flat-row.ts';
import { type Decoded, type FastFill, FRAME_BYTES_MAX, type PrivateDecoder, type PrivateSink } from './frames.ts';
import { PlainPrivateDecoder, type PrivateContext } from './plain-private.ts';
import { causeOf, clientOrderIdOf, executionIdOf, feeCurrencyOf, isId, REPORTED_STATUS, reasonOf } from './private-words.ts';

const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const OF_SPOT = asciiBytes('{"subscriptionId":');
const EVENT = asciiBytes(',"event":');
const COMBINED = asciiBytes('{"stream":"');
const DATA = asciiBytes(',"data":');

const KIND = {
	spot: ByteTable.of([['executionReport', 'order' as const]]),
	linear: ByteTable.of([
		['ORDER_TRADE_UPDATE', 'order' as const],
		['TRADE_LITE', 'fast' as const],
	]),
};
const SIDE = ByteTable.of<Side>([
	['BUY', 'buy'],
	['SELL', 'sell'],
]);
const STATUS = ByteTable.of<readonly [word: string, status: ReportedStatus]>(
	[...REPORTED_STATUS].map(([word, status]) => [word, [word, status]]),
);
/** Words that come in nearly every record, so that no string is made of them. */
const COMMON = ByteTable.of(
	['NEW', 'TRADE', 'CANCELED', 'AMENDMENT', 'REPLACED', 'NONE', 'USDT', 'USDC', 'BNB'].map((word) => [word, word] as const),
);

const SLOT = {
	c: slotOf('c'),
	C: slotOf('C'),
	e: slotOf('e'),
	i: slotOf('i'),
	l: slotOf('l'),
	L: slotOf('L'),
	m: slotOf('m'),
	n: slotOf('n'),
	N: slotOf('N'),
	o: slotOf('o'),
	p: slotOf('p'),
	q: slotOf('q'),
	Q: slotOf('Q'),
	r: slotOf('r'),
	s: slotOf('s'),
	S: slotOf('S'),
	t: slotOf('t'),
	T: slotOf('T'),
	x: slotOf('x'),
	X: slotOf('X'),
	z: slotOf('z'),
} as const;

export function createPrivateDecoder(context: PrivateContext): PrivateDecoder {
	const scanner = new PrivateScanner(context);
	const plain = new PlainPrivateDecoder(context);
	return {
		decode(bytes: Uint8Array, sink: PrivateSink): Decoded {
			return scanner.scan(bytes, sink) ? 'taken' : plain.decode(bytes, sink);
		},
	};
}

/** What every record says. */
type Names = Pick<OrderReport, 'instrument' | 'venueOrderId' | 'clientOrderId' | 'side'>;

export class PrivateScanner {
	readonly #context: PrivateContext;
	readonly #reader = new ByteReader();
	readonly #outer = new FlatRow(this.#reader);
	readonly #inner = new FlatRow(this.#reader);

	constructor(context: PrivateContext) {
		this.#context = context;
	}

	/** True if the sink was told; false if it was not, and the frame is the twin's. */
	scan(bytes: Uint8Array, sink: PrivateSink): boolean {
		const length = bytes.length;
		// The last byte is no digit and no letter, so no run of either goes past it.
		if (length > FRAME_BYTES_MAX || bytes[length - 1] !== CLOSE_OBJECT || bytes[0] !== OPEN_OBJECT) return false;
		if (!this.#frame(bytes)) return false;
		const outer = this.#outer;
		if (!outer.isText(SLOT.e)) return false;
		const { market } = this.#context;
		const kind = KIND[market].find(bytes, outer.start(SLOT.e), outer.end(SLOT.e));
		if (kind === undefined) return false;
		if (kind === 'fast') return this.#fast(bytes, sink);
		const isNested = market === 'linear';
		if (isNested !== outer.isObject(SLOT.o)) return false;
		return this.#order(bytes, isNested ? this.#inner : outer, sink);
	}

	/** The whole frame, with its wrapper if it has one. */
	#frame(bytes: Uint8Array): boolean {
		const reader = this.#reader;
		reader.at = 0;
		const isOfSpot = reader.take(bytes, OF_SPOT);
		if (isOfSpot && (reader.whole(bytes) === UNREAD || !reader.take(bytes, EVENT))) return false;
		const isCombined = !isOfSpot && reader.take(bytes, COMBINED);
		if (isCombined && !(reader.skipText(bytes) && reader.take(bytes, DATA))) return false;
		if (!isOfSpot && !isCombined) reader.at = 0;
		if (!this.#outer.scan(bytes, this.#inner)) return false;
		if ((isOfSpot || isCombined) && bytes[reader.at++] !== CLOSE_OBJECT) return false;
		return reader.at === bytes.length;
	}

	#order(bytes: Uint8Array, row: FlatRow, sink: PrivateSink): boolean {
		const x = this.#text(bytes, row, SLOT.x);
		if (x === undefined) return false;
		const names = this.#names(bytes, row, x);
		if (names === undefined) return false;
		const report = this.#report(bytes, row, names);
		if (report === undefined) return false;
		// A fill of a liquidation may lack its id: that is the twin's to weigh.
		const execution = x === 'TRADE' ? this.#execution(bytes, row, names) : undefined;
		if (x === 'CALCULATED' || (x === 'TRADE' && execution === undefined)) return false;
		sink.order(report);
		if (execution !== undefined) sink.execution(execution, causeOf({ x, c: names.clientOrderId }, this.#context.market));
		return true;
	}

	#report(bytes: Uint8Array, row: FlatRow, names: Names): OrderReport | undefined {
		const { priceGrid, qtyGrid } = names.instrument;
		const known = row.isText(SLOT.X) ? STATUS.find(bytes, row.start(SLOT.X), row.end(SLOT.X)) : undefined;
		const priceTicks = this.#steps(bytes, row, SLOT.p, priceGrid);
		const filledLots = this.#steps(bytes, row, SLOT.z, qtyGrid);
		const inQuote = row.isText(SLOT.Q) && this.#isAboveZero(bytes, row, SLOT.Q);
		const qtyLots = inQuote ? filledLots : this.#steps(bytes, row, SLOT.q, qtyGrid);
		// Beside the order on futures, in it on spot.
		const updatedAtMs = this.#whole(bytes, this.#outer, SLOT.T);
		if (known === undefined || priceTicks === UNREAD || filledLots === UNREAD) return undefined;
		if (qtyLots === UNREAD || updatedAtMs === UNREAD) return undefined;
		const [word, status] = known;
		const r = this.#textIfAny(bytes, row, SLOT.r);
		const eR = this.#textIfAny(bytes, row, SLOT_EXPIRY_WORD);
		const er = this.#textIfAny(bytes, row, SLOT_ER);
		if (r === undefined || eR === undefined || er === undefined) return undefined;
		return {
			instrument: names.instrument,
			venueOrderId: names.venueOrderId,
			clientOrderId: names.clientOrderId,
			side: names.side,
			status,
			priceTicks: priceTicks as Ticks,
			qtyLots: qtyLots as Lots,
			filledLots: filledLots as Lots,
			reason: reasonOf({ r, eR, er, status: word }),
			updatedAtMs: updatedAtMs as TimeMs,
			source: 'stream',
		};
	}

	#execution(bytes: Uint8Array, row: FlatRow, names: Names): Execution | undefined {
		const done = this.#done(bytes, row, names.instrument);
		const fee = this.#fee(bytes, row);
		const told = row.has(SLOT.N) ? this.#text(bytes, row, SLOT.N) : '';
		if (done === undefined || fee === undefined || told === undefined || !isId(told)) return undefined;
		const feeCurrency = feeCurrencyOf(names.instrument, names.side, told);
		return { ...names, ...done, fee, feeCurrency };
	}

	#fast(bytes: Uint8Array, sink: PrivateSink): boolean {
		const row = this.#outer;
		const names = this.#names(bytes, row, this.#textIfAny(bytes, row, SLOT.x) ?? '');
		if (names === undefined) return false;
		const done = this.#done(bytes, row, names.instrument);
		if (done === undefined) return false;
		sink.fastFill({ ...names, ...done } satisfies FastFill);
		return true;
	}

	#names(bytes: Uint8Array, row: FlatRow, x: string): Names | undefined {
		if (!row.isText(SLOT.s)) return undefined;
		const { instruments, market } = this.#context;
		const instrument = instruments.find(market, bytes, row.start(SLOT.s), row.end(SLOT.s));
		const side = row.isText(SLOT.S) ? SIDE.find(bytes, row.start(SLOT.S), row.end(SLOT.S)) : undefined;
		const venueOrderId = this.#id(bytes, row, SLOT.i);
		const c = this.#text(bytes, row, SLOT.c);
		const C = row.isAbsent(SLOT.C) ? '' : this.#text(bytes, row, SLOT.C);
		if (instrument === undefined || side === undefined || venueOrderId === undefined) return undefined;
		if (c === undefined || C === undefined || !isId(c) || !isId(C)) return undefined;
		return { instrument, venueOrderId, clientOrderId: clientOrderIdOf({ c, C, x }), side };
	}

	#done(
		bytes: Uint8Array,
		row: FlatRow,
		instrument: Instrument,
	): Pick<Execution, 'executionId' | 'priceTicks' | 'qtyLots' | 'isMaker' | 'tradedAtMs'> | undefined {
		const tradeId = this.#id(bytes, row, SLOT.t);
		const priceTicks = this.#steps(bytes, row, SLOT.L, instrument.priceGrid);
		const qtyLots = this.#steps(bytes, row, SLOT.l, instrument.qtyGrid);
		const isMaker = row.flag(SLOT.m);
		const tradedAtMs = this.#whole(bytes, row, SLOT.T);
		if (tradeId === undefined || priceTicks <= 0 || qtyLots <= 0 || isMaker === undefined || tradedAtMs === UNREAD)
			return undefined;
		return {
			executionId: executionIdOf(instrument, tradeId),
			priceTicks: priceTicks as Ticks,
			qtyLots: qtyLots as Lots,
			isMaker,
			tradedAtMs: tradedAtMs as TimeMs,
		};
	}

	#fee(bytes: Uint8Array, row: FlatRow): Money | undefined {
		if (row.isAbsent(SLOT.n)) return NO_MONEY;
		const text = this.#text(bytes, row, SLOT.n);
		return text === undefined ? undefined : parseMoney(text);
	}

	/** All digits of a whole number from 0 up. */
	#id(bytes: Uint8Array, row: FlatRow, slot: number): string | undefined {
		if (!row.isNumber(slot)) return undefined;
		const text = asciiText(bytes, row.start(slot), row.end(slot));
		return text.startsWith('-') ? undefined : text;
	}

	/** UNREAD unless the member is a decimal text on the grid. */
	#steps(bytes: Uint8Array, row: FlatRow, slot: number, grid: Instrument['priceGrid']): number {
		if (!row.isText(slot)) return UNREAD;
		this.#reader.at = row.start(slot);
		return this.#reader.steps(bytes, grid);
	}

	#whole(bytes: Uint8Array, row: FlatRow, slot: number): number {
		if (!row.isNumber(slot)) return UNREAD;
		this.#reader.at = row.start(slot);
		return this.#reader.whole(bytes);
	}

	/** Any digit but zero; anything but digits and a point is the twin's, as it would be in its own place. */
	#isAboveZero(bytes: Uint8Array, row: FlatRow, slot: number): boolean {
		for (let at = row.start(slot); at < row.end(slot); at++) if (bytes[at] !== 0x30 && bytes[at] !== 0x2e) return true;
		return false;
	}

	/** A member that may be left out, which reads as the empty text; undefined if it is there and no text. */
	#textIfAny(bytes: Uint8Array, row: FlatRow, slot: number): string | undefined {
		return row.isAbsent(slot) ? '' : this.#text(bytes, row, slot);
	}

	#text(bytes: Uint8Array, row: FlatRow, slot: number): string | undefined {
		if (!row.isText(slot)) return undefined;
		const start = row.start(slot);
		const end = row.end(slot);
		return COMMON.find(bytes, start, end) ?? asciiText(bytes, start, end);
	}
}

function asciiText(bytes: Uint8Array, start: number, end: number): string {
	const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	return buffer.toString('latin1', start, end);
}
