/**
 * HOT: reads order and execution frames byte by byte. They are far rarer than book frames, but an order's next step waits
 * for them. Budget: four fifths of the twin's time, 3.5 µs for an order. Fence: the places of values are noted in
 * reused arrays; what the sink gets is newly made and its to keep. The sink is told nothing unless the whole frame was
 * understood. Twin: plain-private.ts, which also takes whatever this leaves; one suite for both.
 *
 * Taken: orders, trades and fast executions of listed instruments in the venue's compact form, members in any order. Left
 * to the twin: funding, liquidations and other rare records, and everything row-scanner.ts does not know.
 */
import type { Execution, OrderReport } from '../../../domain/execution.ts';
import type { Category, Instrument } from '../../../domain/instrument.ts';
import { parseMoney } from '../../../domain/money.ts';
import type { Side } from '../../../domain/side.ts';
import type { Lots, Ticks, TimeMs } from '../../../domain/units.ts';
import { ByteReader, UNREAD } from '../../wire/byte-reader.ts';
import { asciiBytes, ByteTable } from '../../wire/byte-table.ts';
import type { InstrumentTable } from '../../wire/instrument-table.ts';
import { type Decoded, type FastFill, FRAME_BYTES_MAX, ITEMS_MAX, type PrivateDecoder, type PrivateSink } from './frames.ts';
import { PlainPrivateDecoder } from './plain-private.ts';
import {
	CATEGORIES,
	feeCurrencyOf,
	isId,
	isQtyInQuote,
	REPORTED_STATUS,
	reasonOf,
	statusOf,
	TOPIC_KIND,
} from './private-words.ts';
import { RowScanner, SLOT, type Slot, type Topic } from './row-scanner.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const CLOSE_LIST = 0x5d;
const CLOSE_OBJECT = 0x7d;

const FRAME_ID = asciiBytes('"id":"');
const TOPIC = asciiBytes('"topic":"');
const CREATED_AT = asciiBytes('"creationTime":');
const DATA = asciiBytes('"data":[');

const CATEGORY = ByteTable.of<Category>(CATEGORIES.map((one) => [one, one]));
const SIDE = ByteTable.of<Side>([
	['Buy', 'buy'],
	['Sell', 'sell'],
]);
const STATUS = ByteTable.of(REPORTED_STATUS);
const KIND = ByteTable.of(TOPIC_KIND);
/** Words that come in nearly every record, so that no string is made of them. */
const COMMON = ByteTable.of(
	['Limit', 'Market', 'Trade', 'EC_NoError', 'UNKNOWN', 'CancelByUser', 'EC_PerCancelRequest', 'USDT', 'USDC', 'baseCoin'].map(
		(word) => [word, word] as const,
	),
);

export function createPrivateDecoder(instruments: InstrumentTable): PrivateDecoder {
	const scanner = new PrivateScanner(instruments);
	const plain = new PlainPrivateDecoder(instruments);
	return {
		decode(bytes: Uint8Array, sink: PrivateSink): Decoded {
			return scanner.scan(bytes, sink) ? 'taken' : plain.decode(bytes, sink);
		},
	};
}

export class PrivateScanner {
	readonly #instruments: InstrumentTable;
	readonly #reader = new ByteReader();
	readonly #row = new RowScanner(this.#reader);
	#kind: Topic | undefined;
	readonly #reports: OrderReport[] = [];
	readonly #executions: Execution[] = [];
	readonly #fills: FastFill[] = [];

	constructor(instruments: InstrumentTable) {
		this.#instruments = instruments;
	}

	/** True if the sink was told; false if it was not, and the frame is the twin's. */
	scan(bytes: Uint8Array, sink: PrivateSink): boolean {
		const reader = this.#reader;
		// The last byte is no digit and no letter, so no run of either goes past it.
		if (bytes.length > FRAME_BYTES_MAX || bytes[bytes.length - 1] !== CLOSE_OBJECT || bytes[0] !== OPEN_OBJECT) return false;
		reader.at = 1;
		this.#reports.length = 0;
		this.#executions.length = 0;
		this.#fills.length = 0;
		if (!this.#head(bytes) || !this.#rows(bytes)) return false;
		for (const report of this.#reports) sink.order(report);
		for (const execution of this.#executions) sink.execution(execution, 'Trade');
		for (const fill of this.#fills) sink.fastFill(fill);
		return true;
	}

	/** The members before the data, in any order; `at` goes behind the bracket that opens the data. */
	#head(bytes: Uint8Array): boolean {
		const reader = this.#reader;
		this.#kind = undefined;
		let hasId = false;
		let hasTime = false;
		for (;;) {
			if (reader.take(bytes, DATA)) return this.#kind !== undefined;
			if (!hasId && reader.take(bytes, FRAME_ID)) {
				hasId = true;
				if (!reader.skipText(bytes)) return false;
			} else if (!hasTime && reader.take(bytes, CREATED_AT)) {
				hasTime = true;
				if (reader.whole(bytes) === UNREAD) return false;
			} else if (this.#kind === undefined && reader.take(bytes, TOPIC)) {
				const start = reader.at;
				if (!reader.skipText(bytes)) return false;
				this.#kind = KIND.find(bytes, start, reader.at - 1);
				if (this.#kind === undefined) return false;
			} else {
				return false;
			}
			if (bytes[reader.at++] !== COMMA) return false;
		}
	}

	#rows(bytes: Uint8Array): boolean {
		const reader = this.#reader;
		const kind = this.#kind;
		if (kind === undefined) return false;
		let count = 0;
		for (let next = COMMA; next === COMMA; next = bytes[reader.at++] as number) {
			if (count++ === ITEMS_MAX || !this.#row.scan(bytes, kind)) return false;
			const behind = reader.at;
			if (!this.#read(bytes)) return false;
			reader.at = behind;
		}
		return bytes[reader.at - 1] === CLOSE_LIST && bytes[reader.at] === CLOSE_OBJECT && reader.at + 1 === bytes.length;
	}

	#read(bytes: Uint8Array): boolean {
		const row = this.#row;
		const category = this.#find(bytes, SLOT.category, CATEGORY);
		if (category === undefined || !row.isText(SLOT.symbol)) return false;
		const instrument = this.#instruments.find(category, bytes, row.start(SLOT.symbol), row.end(SLOT.symbol));
		const side = this.#find(bytes, SLOT.side, SIDE);
		if (instrument === undefined || side === undefined || !row.isText(SLOT.orderLinkId)) return false;
		const venueOrderId = this.#text(bytes, SLOT.orderId);
		const clientOrderId = this.#text(bytes, SLOT.orderLinkId);
		if (venueOrderId === undefined || venueOrderId === '' || !isId(venueOrderId)) return false;
		if (clientOrderId === undefined || !isId(clientOrderId)) return false;
		if (this.#kind === 'order') return this.#order(bytes, instrument, side, venueOrderId, clientOrderId);
		return this.#execution(bytes, instrument, side, venueOrderId, clientOrderId);
	}

	#order(bytes: Uint8Array, instrument: Instrument, side: Side, venueOrderId: string, clientOrderId: string): boolean {
		const row = this.#row;
		const status = this.#find(bytes, SLOT.orderStatus, STATUS);
		const hasPrice = row.isText(SLOT.price) && row.end(SLOT.price) > row.start(SLOT.price);
		const priceTicks = hasPrice ? this.#steps(bytes, SLOT.price, instrument, 'price') : row.isText(SLOT.price) ? 0 : UNREAD;
		const filledLots = this.#steps(bytes, SLOT.cumExecQty, instrument, 'qty');
		const orderType = this.#textIfAny(bytes, SLOT.orderType);
		const marketUnit = this.#textIfAny(bytes, SLOT.marketUnit);
		const rejectReason = this.#textIfAny(bytes, SLOT.rejectReason);
		const cancelType = this.#textIfAny(bytes, SLOT.cancelType);
		const updatedAtMs = this.#wholeText(bytes, SLOT.updatedTime);
		if (status === undefined || priceTicks === UNREAD || filledLots === UNREAD || updatedAtMs === UNREAD) return false;
		if (orderType === undefined || marketUnit === undefined || rejectReason === undefined || cancelType === undefined)
			return false;
		const inQuote = isQtyInQuote({ category: instrument.category, side, orderType, marketUnit });
		const qtyLots = inQuote ? filledLots : this.#steps(bytes, SLOT.qty, instrument, 'qty');
		if (qtyLots === UNREAD) return false;
		this.#reports.push({
			instrument,
			clientOrderId,
			venueOrderId,
			side,
			status: statusOf(status, rejectReason, filledLots),
			priceTicks: priceTicks as Ticks,
			qtyLots: qtyLots as Lots,
			filledLots: filledLots as Lots,
			reason: reasonOf(rejectReason, cancelType),
			updatedAtMs: updatedAtMs as TimeMs,
			source: 'stream',
		});
		return true;
	}

	#execution(bytes: Uint8Array, instrument: Instrument, side: Side, venueOrderId: string, clientOrderId: string): boolean {
		const executionId = this.#text(bytes, SLOT.execId);
		const priceTicks = this.#steps(bytes, SLOT.execPrice, instrument, 'price') as Ticks;
		const qtyLots = this.#steps(bytes, SLOT.execQty, instrument, 'qty') as Lots;
		const tradedAtMs = this.#wholeText(bytes, SLOT.execTime) as TimeMs;
		const isMaker = this.#row.flag(SLOT.isMaker);
		if (executionId === undefined || executionId === '' || !isId(executionId) || isMaker === undefined) return false;
		if (priceTicks <= 0 || qtyLots <= 0 || tradedAtMs === UNREAD) return false;
		if (this.#kind === 'fast') {
			this.#fills.push({ executionId, instrument, clientOrderId, venueOrderId, side, priceTicks, qtyLots, isMaker, tradedAtMs });
			return true;
		}
		if (this.#text(bytes, SLOT.execType) !== 'Trade') return false;
		const fee = parseMoney(this.#text(bytes, SLOT.execFee) ?? '');
		const told = this.#textIfAny(bytes, SLOT.feeCurrency);
		if (fee === undefined || told === undefined || !isId(told)) return false;
		const feeCurrency = feeCurrencyOf(instrument, side, fee, told);
		this.#executions.push({
			executionId,
			instrument,
			clientOrderId,
			venueOrderId,
			side,
			priceTicks,
			qtyLots,
			fee,
			feeCurrency,
			isMaker,
			tradedAtMs,
		});
		return true;
	}

	#find<Value>(bytes: Uint8Array, slot: Slot, words: ByteTable<Value>): Value | undefined {
		const row = this.#row;
		return row.isText(slot) ? words.find(bytes, row.start(slot), row.end(slot)) : undefined;
	}

	/** UNREAD unless the member is a decimal text on the grid. */
	#steps(bytes: Uint8Array, slot: Slot, instrument: Instrument, grid: 'price' | 'qty'): number {
		if (!this.#row.isText(slot)) return UNREAD;
		this.#reader.at = this.#row.start(slot);
		return this.#reader.steps(bytes, grid === 'price' ? instrument.priceGrid : instrument.qtyGrid);
	}

	#wholeText(bytes: Uint8Array, slot: Slot): number {
		if (!this.#row.isText(slot)) return UNREAD;
		this.#reader.at = this.#row.start(slot);
		const value = this.#reader.whole(bytes);
		return bytes[this.#reader.at] === QUOTE ? value : UNREAD;
	}

	/** A member that may be left out, which reads as the empty text; undefined if it is there and no text. */
	#textIfAny(bytes: Uint8Array, slot: Slot): string | undefined {
		return this.#row.has(slot) ? this.#text(bytes, slot) : '';
	}

	#text(bytes: Uint8Array, slot: Slot): string | undefined {
		const row = this.#row;
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
