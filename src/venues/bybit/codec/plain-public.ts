/**
 * The plain decoder of public frames: JSON.parse and explicit checks. It is what a frame means; the scanner in
 * scan-public.ts may only ever agree with it or leave the frame to it.
 */
import { BookDelta, type BookSide, DELTA_LEVELS_MAX } from '../../../domain/book-delta.ts';
import type { Instrument } from '../../../domain/instrument.ts';
import type { Lots, Ticks, TimeMs } from '../../../domain/units.ts';
import { isObject, type JsonObject, stepsAboveZero, stepsFromZero, wholeNumber } from '../../wire/plain-values.ts';
import type { PublicDecoder, PublicSink, PublicTrade } from './frames.ts';
import { type BadFrame, type BadReason, type BookDepth, type Decoded, ITEMS_MAX } from './frames.ts';
import { bad, parseFrame, sideOf } from './plain.ts';
import type { Topic, TopicTable } from './topic-table.ts';

const HOT_TOPIC = /^(?:orderbook\.(?:1|50|200|500|1000)|publicTrade)\./;

export class PlainPublicDecoder implements PublicDecoder {
	readonly #topics: TopicTable;
	readonly #delta = new BookDelta();

	constructor(topics: TopicTable) {
		this.#topics = topics;
	}

	decode(bytes: Uint8Array, sink: PublicSink, receivedAtMs: TimeMs): Decoded {
		const parsed = parseFrame(bytes);
		if (parsed.kind === 'bad') return parsed;
		const { message } = parsed;
		const name = message['topic'];
		if (typeof name !== 'string' || !HOT_TOPIC.test(name)) {
			sink.other(message);
			return 'other';
		}
		const topic = this.#topics.findText(name);
		if (topic === undefined) return bad('unknown-instrument', 'topic');
		if (topic.depth !== 0) return this.#book(message, topic.instrument, topic.depth, sink, receivedAtMs);
		return readTrades(message, topic, sink);
	}

	#book(message: JsonObject, instrument: Instrument, depth: BookDepth, sink: PublicSink, receivedAtMs: TimeMs): Decoded {
		const no = (reason: BadReason, where: string) => bad(reason, where, { instrument, depth });
		const kind = message['type'];
		if (kind !== 'snapshot' && kind !== 'delta') return no('unknown-word', 'type');
		const data = message['data'];
		if (!isObject(data)) return no('missing', 'data');
		if (data['s'] !== instrument.symbol) return no('wrong-symbol', 'data.s');
		const pushedAtMs = wholeNumber(message['ts']);
		if (typeof pushedAtMs === 'string') return no(pushedAtMs, 'ts');
		const venueAtMs = wholeNumber(message['cts']);
		if (typeof venueAtMs === 'string') return no(venueAtMs, 'cts');
		const sequence = wholeNumber(data['u']);
		if (typeof sequence === 'string') return no(sequence, 'data.u');
		const crossSequence = wholeNumber(data['seq']);
		if (typeof crossSequence === 'string') return no(crossSequence, 'data.seq');
		const delta = this.#delta;
		delta.reset(kind, sequence, venueAtMs as TimeMs, receivedAtMs);
		const fault = pushSide(delta, 'bid', data['b'], instrument) ?? pushSide(delta, 'ask', data['a'], instrument);
		if (fault !== undefined) return no(fault.reason, fault.where);
		sink.book({ instrument, depth, delta, crossSequence, pushedAtMs: pushedAtMs as TimeMs });
		return 'taken';
	}
}

type Fault = Pick<BadFrame, 'reason' | 'where'>;

function pushSide(delta: BookDelta, side: BookSide, levels: unknown, instrument: Instrument): Fault | undefined {
	const where = side === 'bid' ? 'data.b' : 'data.a';
	if (!Array.isArray(levels)) return { reason: 'missing', where };
	if (delta.count + levels.length > DELTA_LEVELS_MAX) return { reason: 'too-many', where };
	for (const [index, level] of (levels as readonly unknown[]).entries()) {
		if (!Array.isArray(level) || level.length !== 2) return { reason: 'missing', where: `${where}[${index}]` };
		const [price, size] = level as readonly unknown[];
		const ticks = stepsAboveZero(price, instrument.priceGrid);
		if (typeof ticks === 'string') return { reason: ticks, where: `${where}[${index}][0]` };
		const lots = stepsFromZero(size, instrument.qtyGrid);
		if (typeof lots === 'string') return { reason: lots, where: `${where}[${index}][1]` };
		delta.push(side, ticks as Ticks, lots as Lots);
	}
	return undefined;
}

function readTrades(message: JsonObject, { instrument }: Topic, sink: PublicSink): Decoded {
	const rows = message['data'];
	if (!Array.isArray(rows)) return bad('missing', 'data', { instrument });
	if (rows.length > ITEMS_MAX) return bad('too-many', 'data', { instrument });
	const trades: PublicTrade[] = [];
	for (const [index, row] of (rows as readonly unknown[]).entries()) {
		const trade = readTrade(row, instrument);
		if ('reason' in trade) return bad(trade.reason, `data[${index}]${trade.where}`, { instrument });
		trades.push(trade);
	}
	for (const trade of trades) sink.trade(trade);
	return 'taken';
}

function readTrade(row: unknown, instrument: Instrument): PublicTrade | Fault {
	if (!isObject(row)) return { reason: 'missing', where: '' };
	if (row['s'] !== instrument.symbol) return { reason: 'wrong-symbol', where: '.s' };
	const takerSide = sideOf(row['S']);
	if (takerSide === undefined) return { reason: 'unknown-word', where: '.S' };
	const priceTicks = stepsAboveZero(row['p'], instrument.priceGrid);
	if (typeof priceTicks === 'string') return { reason: priceTicks, where: '.p' };
	const qtyLots = stepsAboveZero(row['v'], instrument.qtyGrid);
	if (typeof qtyLots === 'string') return { reason: qtyLots, where: '.v' };
	const tradedAtMs = wholeNumber(row['T']);
	if (typeof tradedAtMs === 'string') return { reason: tradedAtMs, where: '.T' };
	// Older frames leave it out.
	const isBlock = row['BT'] ?? false;
	if (typeof isBlock !== 'boolean') return { reason: 'missing', where: '.BT' };
	return {
		instrument,
		priceTicks: priceTicks as Ticks,
		qtyLots: qtyLots as Lots,
		takerSide,
		tradedAtMs: tradedAtMs as TimeMs,
		isBlock,
	};
}
