/**
 * HOT: finds the members of one record of a private frame by name, in whatever order they come, and notes where the
 * values of those that matter stand; of one that comes twice the last holds, as in JSON. It reads the venue's compact form
 * with names it knows, and leaves everything else to the plain twin. Rows of one topic nearly always have the same members
 * in the same order, so the names of the last row are tried first: comparing costs a third of looking up. Budget, fence and
 * twin: see scan-private.ts.
 */
import { type ByteReader, UNREAD } from '../../wire/byte-reader.ts';
import { asciiBytes, ByteTable } from '../../wire/byte-table.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const TRUE = asciiBytes('true');
const FALSE = asciiBytes('false');

/** Members whose values are read. A member's slot is its place in this list. */
const READ = [
	'category',
	'symbol',
	'orderId',
	'orderLinkId',
	'side',
	'orderStatus',
	'price',
	'qty',
	'cumExecQty',
	'orderType',
	'marketUnit',
	'rejectReason',
	'cancelType',
	'updatedTime',
	'execId',
	'execPrice',
	'execQty',
	'execFee',
	'feeCurrency',
	'execType',
	'execTime',
	'isMaker',
] as const;
type Member = (typeof READ)[number];
declare const slot: unique symbol;
/** Where a member's value is noted. A number, since names would be looked up again and again. */
export type Slot = number & { readonly [slot]: 'Slot' };
export const SLOT = Object.fromEntries(READ.map((name, index) => [name, index])) as Readonly<Record<Member, Slot>>;

/** Members that are passed over. One that is not listed is new, and the twin decides. */
const PASSED = `
	avgPrice basePrice blockTradeId brokerOrderPrice bustPrice closeOnTrigger closedPnl closedSize createType createdTime
	cumExecFee cumExecValue cumFeeDetail execFeeV2 execPnl execValue extraFees feeRate indexPrice isLeverage
	lastPriceOnCreated leavesQty leavesValue markIv markPrice ocoTriggerBy orderIv orderPrice orderQty parentOrderLinkId
	placeType positionIdx reduceOnly rpiMatchedQty rpiTakerAccess seq slLimitPrice slTriggerBy slippageTolerance
	slippageToleranceType smpGroup smpOrderId smpType stopLoss stopOrderType takeProfit timeInForce tpLimitPrice
	tpTriggerBy tpslMode tradeIv triggerBy triggerDirection triggerPrice underlyingPrice`
	.trim()
	.split(/\s+/);

const PASS = -1;
const SLOTS = ByteTable.of<number>([
	...READ.map((name, slot) => [name, slot] as const),
	...PASSED.map((name) => [name, PASS] as const),
]);

/** What rows are about: those of one kind are alike. */
export type Topic = 'order' | 'execution' | 'fast';

const ABSENT = 0;
const TEXT = 1;
const YES = 2;
const NO = 3;

/** The names of a row, each with quotes and colon, and their slots. */
interface Shape {
	readonly names: Uint8Array[];
	readonly slots: number[];
}

/** A row with more members than the venue has names repeats some; those are looked up. */
const SHAPE_MEMBERS_MAX = READ.length + PASSED.length;

export class RowScanner {
	readonly #reader: ByteReader;
	readonly #shapes: Record<Topic, Shape> = { order: noShape(), execution: noShape(), fast: noShape() };
	readonly #kinds = new Uint8Array(READ.length);
	readonly #starts = new Int32Array(READ.length);
	readonly #ends = new Int32Array(READ.length);

	constructor(reader: ByteReader) {
		this.#reader = reader;
	}

	/** From the opening brace to behind the closing one. */
	scan(bytes: Uint8Array, topic: Topic): boolean {
		const reader = this.#reader;
		const shape = this.#shapes[topic];
		this.#kinds.fill(ABSENT);
		if (bytes[reader.at] !== OPEN_OBJECT) return false;
		for (let index = 0; ; index++) {
			// Behind the brace, then behind each comma.
			reader.at++;
			if (!this.#member(bytes, shape, index)) return false;
			const next = bytes[reader.at];
			if (next === COMMA) continue;
			reader.at++;
			return next === CLOSE_OBJECT;
		}
	}

	has(slot: Slot): boolean {
		return this.#kinds[slot] !== ABSENT;
	}

	isText(slot: Slot): boolean {
		return this.#kinds[slot] === TEXT;
	}

	/** `undefined` when the value is neither true nor false. */
	flag(slot: Slot): boolean | undefined {
		const kind = this.#kinds[slot];
		return kind === YES ? true : kind === NO ? false : undefined;
	}

	/** Where a text stands, without its quotes. */
	start(slot: Slot): number {
		return this.#starts[slot] as number;
	}

	end(slot: Slot): number {
		return this.#ends[slot] as number;
	}

	/** `"name":value` */
	#member(bytes: Uint8Array, shape: Shape, index: number): boolean {
		const name = shape.names[index];
		const isExpected = name !== undefined && this.#reader.take(bytes, name);
		const slot = isExpected ? shape.slots[index] : this.#name(bytes, shape, index);
		if (slot === undefined) return false;
		return slot === PASS ? this.#pass(bytes) : this.#note(bytes, slot);
	}

	/** Looks a name up, and expects it in this place from now on. */
	#name(bytes: Uint8Array, shape: Shape, index: number): number | undefined {
		const reader = this.#reader;
		const start = reader.at;
		if (bytes[reader.at++] !== QUOTE || !reader.skipText(bytes)) return undefined;
		const slot = SLOTS.find(bytes, start + 1, reader.at - 1);
		if (slot === undefined || bytes[reader.at++] !== COLON) return undefined;
		if (index < SHAPE_MEMBERS_MAX) {
			// A copy: what was received is not ours to keep.
			shape.names[index] = Uint8Array.prototype.slice.call(bytes, start, reader.at);
			shape.slots[index] = slot;
		}
		return slot;
	}

	#note(bytes: Uint8Array, slot: number): boolean {
		const reader = this.#reader;
		if (bytes[reader.at] === QUOTE) {
			const start = ++reader.at;
			if (!reader.skipText(bytes)) return false;
			this.#kinds[slot] = TEXT;
			this.#starts[slot] = start;
			this.#ends[slot] = reader.at - 1;
			return true;
		}
		const isTrue = reader.take(bytes, TRUE);
		this.#kinds[slot] = isTrue ? YES : NO;
		return isTrue || reader.take(bytes, FALSE);
	}

	/** A value of no interest: a text, a flag, a whole number, an empty list, or an object of texts. */
	#pass(bytes: Uint8Array): boolean {
		const reader = this.#reader;
		const code = bytes[reader.at];
		if (code === QUOTE) {
			reader.at++;
			return reader.skipText(bytes);
		}
		if (code === OPEN_OBJECT) return this.#passObject(bytes);
		if (code === OPEN_LIST) {
			reader.at += 2;
			return bytes[reader.at - 1] === CLOSE_LIST;
		}
		if (code === MINUS) reader.at++;
		return reader.take(bytes, TRUE) || reader.take(bytes, FALSE) || reader.whole(bytes) !== UNREAD;
	}

	#passObject(bytes: Uint8Array): boolean {
		const reader = this.#reader;
		if (bytes[++reader.at] === CLOSE_OBJECT) {
			reader.at++;
			return true;
		}
		for (;;) {
			if (!this.#passText(bytes) || bytes[reader.at++] !== COLON || !this.#passText(bytes)) return false;
			const next = bytes[reader.at++];
			if (next !== COMMA) return next === CLOSE_OBJECT;
		}
	}

	#passText(bytes: Uint8Array): boolean {
		return bytes[this.#reader.at++] === QUOTE && this.#reader.skipText(bytes);
	}
}

function noShape(): Shape {
	return { names: [], slots: [] };
}
