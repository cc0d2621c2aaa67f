/**
 * The plain decoder of public frames: JSON.parse and explicit checks. It is what a frame means; the scanner in
 * scan-public.ts may only ever agree with it or leave the frame to it.
 */
import { BookDelta, type BookSide, DELTA_LEVELS_MAX } from '../../../domain/book-delta.ts';
import { countSteps, type Grid } from '../../../domain/grid.ts';
import type { Instrument } from '../../../domain/instrument.ts';
import type { Lots, Ticks, TimeMs } from '../../../domain/units.ts';
import { type BadValue, isObject, type JsonObject, stepsAboveZero, stepsFromZero, wholeNumber } from '../../wire/plain-values.ts';
import type { BadFrame, Decoded, MarkFrame, PublicDecoder, PublicSink, PublicTrade, TopFrame } from './frames.ts';
import { bad, type Fault, fault, isFault, parseFrame } from './plain.ts';
import { isReadableStream, type StreamKind, type StreamTable } from './stream-table.ts';

/** Events of the raw form, which does not name its stream. */
const KIND_OF_EVENT: ReadonlyMap<unknown, StreamKind> = new Map([
	['depthUpdate', 'diff'],
	['bookTicker', 'top'],
	['trade', 'trade'],
	['aggTrade', 'aggTrade'],
	['markPriceUpdate', 'mark'],
]);
/** On spot the best prices come without an event. */
const TOP_MEMBERS = ['u', 's', 'b', 'B', 'a', 'A'];

interface Subject {
	readonly kind: StreamKind;
	readonly instrument: Instrument;
	readonly data: JsonObject;
	/** In front of where the data stand: `data.`, or nothing in the raw form. */
	readonly path: string;
}

export class PlainPublicDecoder implements PublicDecoder {
	readonly #streams: StreamTable;
	readonly #delta = new BookDelta();

	constructor(streams: StreamTable) {
		this.#streams = streams;
	}

	decode(bytes: Uint8Array, sink: PublicSink, receivedAtMs: TimeMs): Decoded {
		const parsed = parseFrame(bytes);
		if (parsed.kind === 'bad') return parsed;
		const { message } = parsed;
		const subject = 'stream' in message ? this.#combined(message) : this.#raw(message);
		if (subject === 'other') {
			sink.other(message);
			return 'other';
		}
		if (isBad(subject)) return subject;
		const { instrument, kind, path } = subject;
		const wrong = this.#tell(subject, sink, receivedAtMs);
		if (wrong === undefined) return 'taken';
		const isBook = kind === 'diff' || kind === 'partial';
		return bad({ reason: wrong.reason, where: `${path}${wrong.where}` }, { instrument, isBook });
	}

	#combined(message: JsonObject): Subject | BadFrame | 'other' {
		const name = message['stream'];
		if (typeof name !== 'string' || !isReadableStream(name)) return 'other';
		const stream = this.#streams.findStreamText(name);
		if (stream === undefined) return bad(fault('unknown-instrument', 'stream'));
		const { kind, listed } = stream;
		const { instrument } = listed;
		const data = message['data'];
		if (!isObject(data)) return bad(fault('missing', 'data'), { instrument, isBook: kind === 'diff' || kind === 'partial' });
		return { kind, instrument, data, path: 'data.' };
	}

	#raw(data: JsonObject): Subject | BadFrame | 'other' {
		const isTop = data['e'] === undefined && TOP_MEMBERS.every((name) => name in data);
		const kind = isTop ? 'top' : KIND_OF_EVENT.get(data['e']);
		if (kind === undefined) return 'other';
		const symbol = data['s'];
		if (typeof symbol !== 'string') return bad(fault('missing', 's'));
		const listed = this.#streams.findSymbolText(symbol);
		if (listed === undefined) return bad(fault('unknown-instrument', 's'));
		return { kind, instrument: listed.instrument, data, path: '' };
	}

	#tell({ kind, instrument, data }: Subject, sink: PublicSink, receivedAtMs: TimeMs): Fault | undefined {
		if (kind === 'diff') return this.#book(data, 'diff', instrument, sink, receivedAtMs);
		if (kind === 'partial') {
			if (this.#streams.market === 'linear') return this.#book(data, 'partial', instrument, sink, receivedAtMs);
			return this.#partialOfSpot(data, instrument, sink, receivedAtMs);
		}
		if (kind === 'top') {
			const top = readTop(data, instrument);
			if (isFault(top)) return top;
			sink.top(top);
		} else if (kind === 'mark') {
			const mark = readMark(data, instrument);
			if (isFault(mark)) return mark;
			sink.mark(mark);
		} else {
			const trade = readTrade(data, kind, instrument);
			if (trade === undefined) return undefined;
			if (isFault(trade)) return trade;
			sink.trade(trade);
		}
		return undefined;
	}

	#book(
		data: JsonObject,
		source: 'diff' | 'partial',
		instrument: Instrument,
		sink: PublicSink,
		receivedAtMs: TimeMs,
	): Fault | undefined {
		const isLinear = this.#streams.market === 'linear';
		if (data['e'] !== 'depthUpdate') return fault('unknown-word', 'e');
		if (data['s'] !== instrument.symbol) return fault('wrong-symbol', 's');
		const pushedAtMs = wholeNumber(data['E']);
		if (typeof pushedAtMs === 'string') return fault(pushedAtMs, 'E');
		const venueAtMs = isLinear ? wholeNumber(data['T']) : pushedAtMs;
		if (typeof venueAtMs === 'string') return fault(venueAtMs, 'T');
		const firstId = wholeNumber(data['U']);
		if (typeof firstId === 'string') return fault(firstId, 'U');
		const sequence = wholeNumber(data['u']);
		if (typeof sequence === 'string') return fault(sequence, 'u');
		if (firstId > sequence) return fault('contradiction', 'u');
		const previousId = isLinear ? wholeNumber(data['pu']) : firstId - 1;
		if (typeof previousId === 'string') return fault(previousId, 'pu');
		if (previousId < 0) return fault('zero', 'U');
		if (previousId > sequence) return fault('contradiction', 'pu');
		const delta = this.#delta;
		delta.reset(source === 'diff' ? 'delta' : 'snapshot', sequence, venueAtMs as TimeMs, receivedAtMs);
		const wrong = pushSide(delta, { side: 'bid', levels: data['b'], where: 'b', instrument });
		const wrongToo = wrong ?? pushSide(delta, { side: 'ask', levels: data['a'], where: 'a', instrument });
		if (wrongToo !== undefined) return wrongToo;
		sink.book({ instrument, source, delta, previousId, pushedAtMs: pushedAtMs as TimeMs });
		return undefined;
	}

	#partialOfSpot(data: JsonObject, instrument: Instrument, sink: PublicSink, receivedAtMs: TimeMs): Fault | undefined {
		const delta = this.#delta;
		const wrong = readDepth(data, delta, { instrument, venueAtMs: receivedAtMs, receivedAtMs });
		if (wrong !== undefined) return wrong;
		sink.book({ instrument, source: 'partial', delta, previousId: delta.sequence, pushedAtMs: receivedAtMs });
		return undefined;
	}
}

export interface DepthContext {
	readonly instrument: Instrument;
	readonly venueAtMs: TimeMs;
	readonly receivedAtMs: TimeMs;
}

/** `{lastUpdateId,bids,asks}`: the form of partial books on spot, and of the answers to a question about depth. */
export function readDepth(data: JsonObject, delta: BookDelta, context: DepthContext): Fault | undefined {
	const { instrument, venueAtMs, receivedAtMs } = context;
	const sequence = wholeNumber(data['lastUpdateId']);
	if (typeof sequence === 'string') return fault(sequence, 'lastUpdateId');
	delta.reset('snapshot', sequence, venueAtMs, receivedAtMs);
	return (
		pushSide(delta, { side: 'bid', levels: data['bids'], where: 'bids', instrument }) ??
		pushSide(delta, { side: 'ask', levels: data['asks'], where: 'asks', instrument })
	);
}

interface Levels {
	readonly side: BookSide;
	readonly levels: unknown;
	readonly where: string;
	readonly instrument: Instrument;
}

function pushSide(delta: BookDelta, { side, levels, where, instrument }: Levels): Fault | undefined {
	if (!Array.isArray(levels)) return fault('missing', where);
	if (delta.count + levels.length > DELTA_LEVELS_MAX) return fault('too-many', where);
	for (const [index, level] of (levels as readonly unknown[]).entries()) {
		if (!Array.isArray(level) || level.length !== 2) return fault('missing', `${where}[${index}]`);
		const [price, size] = level as readonly unknown[];
		const ticks = stepsAboveZero(price, instrument.priceGrid);
		if (typeof ticks === 'string') return fault(ticks, `${where}[${index}][0]`);
		const lots = publicLots(size, instrument.qtyGrid);
		if (typeof lots === 'string') return fault(lots, `${where}[${index}][1]`);
		delta.push(side, ticks as Ticks, lots as Lots);
	}
	return undefined;
}

/**
 * Other people's orders outlive a change of the lot size, so sizes between two lots are true (F59): several stood in
 * recorded BTCUSDT books, years after the change. They are counted up, so that what is there never reads as nothing.
 */
function publicLots(value: unknown, grid: Grid): number | BadValue {
	if (typeof value !== 'string') return 'missing';
	const counted = countSteps(grid, value, 'up');
	if (counted.kind === 'ok') return counted.count;
	return counted.reason === 'too-large' ? 'number-too-large' : counted.reason;
}

function readTop(data: JsonObject, instrument: Instrument): TopFrame | Fault {
	if (data['e'] !== undefined && data['e'] !== 'bookTicker') return fault('unknown-word', 'e');
	if (data['s'] !== instrument.symbol) return fault('wrong-symbol', 's');
	const updateId = wholeNumber(data['u']);
	if (typeof updateId === 'string') return fault(updateId, 'u');
	const pushedAtMs = data['E'] === undefined ? undefined : wholeNumber(data['E']);
	if (typeof pushedAtMs === 'string') return fault(pushedAtMs, 'E');
	const bid = readBest(data, { price: 'b', qty: 'B' }, instrument);
	if (isFault(bid)) return bid;
	const ask = readBest(data, { price: 'a', qty: 'A' }, instrument);
	if (isFault(ask)) return ask;
	return {
		instrument,
		updateId,
		bidTicks: bid.ticks as Ticks,
		bidLots: bid.lots as Lots,
		askTicks: ask.ticks as Ticks,
		askLots: ask.lots as Lots,
		pushedAtMs: pushedAtMs as TimeMs | undefined,
	};
}

function readBest(
	data: JsonObject,
	names: { readonly price: string; readonly qty: string },
	{ priceGrid, qtyGrid }: { readonly priceGrid: Grid; readonly qtyGrid: Grid },
): { readonly ticks: number; readonly lots: number } | Fault {
	const ticks = stepsFromZero(data[names.price], priceGrid);
	if (typeof ticks === 'string') return fault(ticks, names.price);
	const lots = publicLots(data[names.qty], qtyGrid);
	if (typeof lots === 'string') return fault(lots, names.qty);
	// An empty side is zero in both.
	return (ticks === 0) === (lots === 0) ? { ticks, lots } : fault('contradiction', names.qty);
}

/** Undefined: of the insurance fund or of deleveraging, which says nothing about what the book would have given. */
function readTrade(data: JsonObject, kind: 'trade' | 'aggTrade', instrument: Instrument): PublicTrade | Fault | undefined {
	if (data['e'] !== kind) return fault('unknown-word', 'e');
	if (data['s'] !== instrument.symbol) return fault('wrong-symbol', 's');
	const origin = data['X'] ?? 'MARKET';
	if (typeof origin !== 'string') return fault('missing', 'X');
	if (origin !== 'MARKET') return undefined;
	const priceTicks = stepsAboveZero(data['p'], instrument.priceGrid);
	if (typeof priceTicks === 'string') return fault(priceTicks, 'p');
	const qtyLots = publicLots(data['q'], instrument.qtyGrid);
	if (typeof qtyLots === 'string') return fault(qtyLots, 'q');
	if (qtyLots === 0) return fault('zero', 'q');
	const tradedAtMs = wholeNumber(data['T']);
	if (typeof tradedAtMs === 'string') return fault(tradedAtMs, 'T');
	const isBuyerMaker = data['m'];
	if (typeof isBuyerMaker !== 'boolean') return fault('missing', 'm');
	return {
		instrument,
		priceTicks: priceTicks as Ticks,
		qtyLots: qtyLots as Lots,
		takerSide: isBuyerMaker ? 'sell' : 'buy',
		tradedAtMs: tradedAtMs as TimeMs,
		isAggregate: kind === 'aggTrade',
	};
}

function readMark(data: JsonObject, instrument: Instrument): MarkFrame | Fault {
	if (data['e'] !== 'markPriceUpdate') return fault('unknown-word', 'e');
	if (data['s'] !== instrument.symbol) return fault('wrong-symbol', 's');
	const { scale, stepUnits } = instrument.priceGrid;
	const mark = floatOf(data['p']);
	if (mark === undefined || !(mark > 0)) return fault('not-a-decimal', 'p');
	// A dated future has no funding: its rate is empty and its time 0.
	const fundingRate = data['r'] === '' ? 0 : floatOf(data['r']);
	if (fundingRate === undefined) return fault('not-a-decimal', 'r');
	const nextFundingAtMs = wholeNumber(data['T']);
	if (typeof nextFundingAtMs === 'string') return fault(nextFundingAtMs, 'T');
	const pushedAtMs = wholeNumber(data['E']);
	if (typeof pushedAtMs === 'string') return fault(pushedAtMs, 'E');
	return {
		instrument,
		markTicks: (mark * 10 ** scale) / stepUnits,
		fundingRate,
		nextFundingAtMs: nextFundingAtMs as TimeMs,
		pushedAtMs: pushedAtMs as TimeMs,
	};
}

const PLAIN_DECIMAL = /^-?\d{1,20}(?:\.\d{1,20})?$/;

function floatOf(value: unknown): number | undefined {
	return typeof value === 'string' && PLAIN_DECIMAL.test(value) ? Number(value) : undefined;
}

function isBad(subject: Subject | BadFrame): subject is BadFrame {
	return subject.kind === 'bad';
}
