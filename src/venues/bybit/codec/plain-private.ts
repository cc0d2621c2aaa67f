/**
 * The plain decoder of private frames: JSON.parse and explicit checks, record by record. It is what a record means; the
 * scanner in scan-private.ts may only ever agree with it or leave the frame to it. The REST lists of orders and executions
 * hold the same records, with the category beside the list.
 */
import type { Execution, OrderReport } from '../../../domain/execution.ts';
import type { Category, Instrument } from '../../../domain/instrument.ts';
import { type Money, parseMoney } from '../../../domain/money.ts';
import type { Side } from '../../../domain/side.ts';
import type { Lots, Ticks, TimeMs } from '../../../domain/units.ts';
import type { InstrumentTable } from '../../wire/instrument-table.ts';
import { isObject, type JsonObject, stepsAboveZero, stepsFromZero } from '../../wire/plain-values.ts';
import {
	type BadReason,
	type Decoded,
	type ExecutionCause,
	type FastFill,
	type FundingPayment,
	ITEMS_MAX,
	type PrivateDecoder,
	type PrivateSink,
} from './frames.ts';
import { bad, parseFrame, sideOf, wholeText } from './plain.ts';
import {
	CATEGORIES,
	EXECUTION_MEANING,
	feeCurrencyOf,
	isId,
	isQtyInQuote,
	REPORTED_STATUS,
	reasonOf,
	received,
	statusOf,
	TOPIC_KIND,
} from './private-words.ts';

export interface RowFault {
	readonly kind: 'bad';
	readonly reason: BadReason;
	/** The member, such as `.price`. */
	readonly where: string;
	readonly instrument: Instrument | undefined;
}

interface Unlisted {
	readonly kind: 'unlisted';
}

export type OrderRow = { readonly kind: 'order'; readonly report: OrderReport } | Unlisted | RowFault;

export type ExecutionRow =
	| { readonly kind: 'execution'; readonly execution: Execution; readonly cause: ExecutionCause }
	| { readonly kind: 'funding'; readonly payment: FundingPayment }
	| { readonly kind: 'unbooked'; readonly instrument: Instrument }
	| Unlisted
	| RowFault;

type FastRow = { readonly kind: 'fast'; readonly fill: FastFill } | Unlisted | RowFault;

export class PlainPrivateDecoder implements PrivateDecoder {
	readonly #instruments: InstrumentTable;

	constructor(instruments: InstrumentTable) {
		this.#instruments = instruments;
	}

	decode(bytes: Uint8Array, sink: PrivateSink): Decoded {
		const parsed = parseFrame(bytes);
		if (parsed.kind === 'bad') return parsed;
		const { message } = parsed;
		const topic = message['topic'];
		const kind = typeof topic === 'string' ? TOPIC_KIND.get(topic) : undefined;
		if (kind === undefined) {
			sink.other(message);
			return 'other';
		}
		const rows = message['data'];
		if (!Array.isArray(rows)) return bad('missing', 'data');
		if (rows.length > ITEMS_MAX) return bad('too-many', 'data');
		let answer: Decoded = 'taken';
		for (const [index, row] of (rows as readonly unknown[]).entries()) {
			const fault = this.#tell(kind, row, sink);
			if (fault === undefined || answer !== 'taken') continue;
			const { reason, where, instrument } = fault;
			answer = { kind: 'bad', reason, where: `data[${index}]${where}`, instrument, depth: undefined };
		}
		return answer;
	}

	#tell(kind: 'order' | 'execution' | 'fast', row: unknown, sink: PrivateSink): RowFault | undefined {
		const read =
			kind === 'order'
				? readOrderRow(row, { instruments: this.#instruments, source: 'stream' })
				: kind === 'execution'
					? readExecutionRow(row, { instruments: this.#instruments })
					: readFastRow(row, this.#instruments);
		switch (read.kind) {
			case 'order':
				sink.order(read.report);
				return undefined;
			case 'execution':
				sink.execution(read.execution, read.cause);
				return undefined;
			case 'funding':
				sink.funding(read.payment);
				return undefined;
			case 'fast':
				sink.fastFill(read.fill);
				return undefined;
			case 'unbooked':
				sink.unbooked(read.instrument);
				return undefined;
			case 'unlisted':
				sink.unlisted();
				return undefined;
			case 'bad':
				return read;
		}
	}
}

export interface RowContext {
	readonly instruments: InstrumentTable;
	/** Of the list, where the rows do not say it themselves. */
	readonly category?: Category;
}

/** What every record begins with. */
interface Opening {
	readonly instrument: Instrument;
	readonly side: Side;
	readonly venueOrderId: string;
	readonly clientOrderId: string;
}

/** What does not fit the grid of today may be of an order from before the grid changed. */
function orFormer<Row extends OrderRow | ExecutionRow>({ instruments }: RowContext, read: (version?: Instrument) => Row): Row {
	const row = read();
	if (row.kind !== 'bad' || row.reason !== 'off-grid' || row.instrument === undefined) return row;
	for (const former of instruments.formerOf(row.instrument)) {
		const again = read(former);
		if (again.kind !== 'bad') return again;
	}
	return row;
}

function readOpening(row: JsonObject, { instruments, category }: RowContext): Opening | Unlisted | RowFault {
	const told = row['category'] ?? category;
	const symbol = row['symbol'];
	if (typeof told !== 'string') return rowFault('missing', '.category');
	if (typeof symbol !== 'string') return rowFault('missing', '.symbol');
	const known = CATEGORIES.find((one) => one === told);
	const instrument = known === undefined ? undefined : instruments.findText(known, symbol);
	if (instrument === undefined) return { kind: 'unlisted' };
	const venueOrderId = row['orderId'];
	if (typeof venueOrderId !== 'string' || !isId(venueOrderId)) return rowFault('bad-id', '.orderId', instrument);
	const clientOrderId = row['orderLinkId'];
	if (typeof clientOrderId !== 'string' || !isId(clientOrderId)) return rowFault('bad-id', '.orderLinkId', instrument);
	// A funding record has no order, and may have no side.
	return { instrument, side: sideOf(row['side']) ?? 'buy', venueOrderId, clientOrderId };
}

type OrderContext = RowContext & { readonly source: OrderReport['source'] };

export function readOrderRow(row: unknown, context: OrderContext): OrderRow {
	return orFormer(context, (version) => readOrderAs(row, context, version));
}

function readOrderAs(row: unknown, context: OrderContext, version: Instrument | undefined): OrderRow {
	if (!isObject(row)) return rowFault('missing', '');
	const opening = readOpening(row, context);
	if ('kind' in opening) return opening;
	const instrument = version ?? opening.instrument;
	const { side, venueOrderId, clientOrderId } = opening;
	const no = (reason: BadReason, where: string) => rowFault(reason, where, instrument);
	if (venueOrderId === '') return no('bad-id', '.orderId');
	if (sideOf(row['side']) === undefined) return no('unknown-word', '.side');
	const status = typeof row['orderStatus'] === 'string' ? REPORTED_STATUS.get(row['orderStatus']) : undefined;
	if (status === undefined) return no('unknown-word', '.orderStatus');
	// Market orders have no price: "" or "0", by category.
	const priceTicks = row['price'] === '' ? 0 : stepsFromZero(row['price'], instrument.priceGrid);
	if (typeof priceTicks === 'string') return no(priceTicks, '.price');
	const filledLots = stepsFromZero(row['cumExecQty'], instrument.qtyGrid);
	if (typeof filledLots === 'string') return no(filledLots, '.cumExecQty');
	const [orderType, marketUnit] = [textOf(row['orderType']), textOf(row['marketUnit'])];
	const inQuote = isQtyInQuote({ category: instrument.category, side, orderType, marketUnit });
	const qtyLots = inQuote ? filledLots : stepsFromZero(row['qty'], instrument.qtyGrid);
	if (typeof qtyLots === 'string') return no(qtyLots, '.qty');
	const updatedAtMs = wholeText(row['updatedTime']);
	if (typeof updatedAtMs === 'string') return no(updatedAtMs, '.updatedTime');
	const rejectReason = textOf(row['rejectReason']);
	return {
		kind: 'order',
		report: {
			instrument,
			clientOrderId,
			venueOrderId,
			side,
			status: statusOf(status, rejectReason, filledLots),
			priceTicks: priceTicks as Ticks,
			qtyLots: qtyLots as Lots,
			filledLots: filledLots as Lots,
			reason: reasonOf(rejectReason, textOf(row['cancelType'])),
			updatedAtMs: updatedAtMs as TimeMs,
			source: context.source,
		},
	};
}

export function readExecutionRow(row: unknown, context: RowContext): ExecutionRow {
	return orFormer(context, (version) => readExecutionAs(row, context, version));
}

function readExecutionAs(row: unknown, context: RowContext, version: Instrument | undefined): ExecutionRow {
	if (!isObject(row)) return rowFault('missing', '');
	const read = readOpening(row, context);
	if ('kind' in read) return read;
	const opening = version === undefined ? read : { ...read, instrument: version };
	const { instrument, side } = opening;
	const no = (reason: BadReason, where: string) => rowFault(reason, where, instrument);
	const word = row['execType'];
	if (typeof word !== 'string') return no('missing', '.execType');
	const meaning = EXECUTION_MEANING.get(word) ?? 'unbooked';
	if (meaning === 'unbooked') return { kind: 'unbooked', instrument };
	const fee = typeof row['execFee'] === 'string' ? parseMoney(row['execFee']) : undefined;
	if (fee === undefined) return no('not-a-decimal', '.execFee');
	const told = textOf(row['feeCurrency']);
	if (!isId(told)) return no('bad-id', '.feeCurrency');
	const feeCurrency = feeCurrencyOf(instrument, side, fee, told);
	// The price of a funding payment is the mark, which lies off the grid: it is not looked at.
	if (meaning === 'funding') return readFunding(row, instrument, fee, feeCurrency);
	const fill = readFill(row, opening);
	return 'kind' in fill ? fill : { kind: 'execution', execution: { ...fill, fee, feeCurrency }, cause: meaning };
}

function readFunding(row: JsonObject, instrument: Instrument, fee: Money, currency: string): ExecutionRow {
	const fundingId = row['execId'];
	if (typeof fundingId !== 'string' || fundingId === '' || !isId(fundingId)) return rowFault('bad-id', '.execId', instrument);
	const fundedAtMs = wholeText(row['execTime']);
	if (typeof fundedAtMs === 'string') return rowFault(fundedAtMs, '.execTime', instrument);
	return {
		kind: 'funding',
		payment: { fundingId, instrument, amount: received(fee), currency, fundedAtMs: fundedAtMs as TimeMs },
	};
}

function readFastRow(row: unknown, instruments: InstrumentTable): FastRow {
	if (!isObject(row)) return rowFault('missing', '');
	const opening = readOpening(row, { instruments });
	if ('kind' in opening) return opening;
	const fill = readFill(row, opening);
	return 'kind' in fill ? fill : { kind: 'fast', fill };
}

function readFill(row: JsonObject, opening: Opening): FastFill | RowFault {
	const { instrument } = opening;
	const no = (reason: BadReason, where: string) => rowFault(reason, where, instrument);
	if (sideOf(row['side']) === undefined) return no('unknown-word', '.side');
	const executionId = row['execId'];
	if (typeof executionId !== 'string' || executionId === '' || !isId(executionId)) return no('bad-id', '.execId');
	const priceTicks = stepsAboveZero(row['execPrice'], instrument.priceGrid);
	if (typeof priceTicks === 'string') return no(priceTicks, '.execPrice');
	const qtyLots = stepsAboveZero(row['execQty'], instrument.qtyGrid);
	if (typeof qtyLots === 'string') return no(qtyLots, '.execQty');
	const isMaker = row['isMaker'];
	if (typeof isMaker !== 'boolean') return no('missing', '.isMaker');
	const tradedAtMs = wholeText(row['execTime']);
	if (typeof tradedAtMs === 'string') return no(tradedAtMs, '.execTime');
	return {
		...opening,
		executionId,
		priceTicks: priceTicks as Ticks,
		qtyLots: qtyLots as Lots,
		isMaker,
		tradedAtMs: tradedAtMs as TimeMs,
	};
}

function rowFault(reason: BadReason, where: string, instrument?: Instrument): RowFault {
	return { kind: 'bad', reason, where, instrument };
}

/** Members that may be left out. */
function textOf(value: unknown): string {
	return typeof value === 'string' ? value : '';
}
