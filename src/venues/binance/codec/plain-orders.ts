/** What one order record says, spot's `executionReport` and the `o` of futures' `ORDER_TRADE_UPDATE` alike, and `TRADE_LITE`. */
import type { Execution, OrderReport } from '../../../domain/execution.ts';
import type { Instrument } from '../../../domain/instrument.ts';
import { NO_MONEY, parseMoney } from '../../../domain/money.ts';
import type { Lots, Ticks, TimeMs } from '../../../domain/units.ts';
import { type JsonObject, stepsAboveZero, stepsFromZero, wholeNumber } from '../../wire/plain-values.ts';
import type { ExecutionCause, FastFill, Market } from './frames.ts';
import { idText } from './lossless.ts';
import { type Fault, fault, isFault, sideOf } from './plain.ts';
import { causeOf, clientOrderIdOf, executionIdOf, feeCurrencyOf, isId, REPORTED_STATUS, reasonOf } from './private-words.ts';

export function readReport(order: JsonObject, instrument: Instrument, updatedAtMs: TimeMs): OrderReport | Fault {
	const names = readNames(order);
	if (isFault(names)) return names;
	const word = textOf(order['X']);
	const status = REPORTED_STATUS.get(word);
	if (status === undefined) return fault('unknown-word', 'X');
	const priceTicks = stepsFromZero(order['p'], instrument.priceGrid);
	if (typeof priceTicks === 'string') return fault(priceTicks, 'p');
	const filledLots = stepsFromZero(order['z'], instrument.qtyGrid);
	if (typeof filledLots === 'string') return fault(filledLots, 'z');
	// An order over an amount of the quote currency has no quantity of ours but what was filled.
	const qtyLots = isZero(order['Q']) ? stepsFromZero(order['q'], instrument.qtyGrid) : filledLots;
	if (typeof qtyLots === 'string') return fault(qtyLots, 'q');
	const why = { r: textOf(order['r']), eR: textOf(order['eR']), er: textOf(order['er']), status: word };
	return {
		instrument,
		...names,
		status,
		priceTicks: priceTicks as Ticks,
		qtyLots: qtyLots as Lots,
		filledLots: filledLots as Lots,
		reason: reasonOf(why),
		updatedAtMs,
		source: 'stream',
	};
}

export type Fill = { readonly execution: Execution; readonly cause: ExecutionCause };

/** Undefined: the record tells of no fill. 'unbooked': of one that has no id, and so cannot be counted once. */
export function readFill(order: JsonObject, instrument: Instrument, market: Market): Fill | 'unbooked' | Fault | undefined {
	const x = order['x'];
	if (typeof x !== 'string') return fault('missing', 'x');
	if (x !== 'TRADE' && !(x === 'CALCULATED' && market === 'linear')) return undefined;
	const names = readNames(order);
	if (isFault(names)) return names;
	if (x === 'CALCULATED' && order['t'] === 0) return 'unbooked';
	const done = readDone(order, instrument);
	if (isFault(done)) return done;
	const fee = order['n'] === undefined ? NO_MONEY : parseMoney(textOf(order['n']));
	if (fee === undefined) return fault('not-a-decimal', 'n');
	const told = order['N'] ?? '';
	if (typeof told !== 'string' || !isId(told)) return fault('bad-id', 'N');
	const feeCurrency = feeCurrencyOf(instrument, names.side, told);
	const cause = causeOf({ x, c: names.clientOrderId }, market);
	return { execution: { instrument, ...names, ...done, fee, feeCurrency }, cause };
}

export function readFastFill(record: JsonObject, instrument: Instrument): FastFill | Fault {
	const names = readNames(record);
	if (isFault(names)) return names;
	const done = readDone(record, instrument);
	return isFault(done) ? done : { instrument, ...names, ...done };
}

/** What every record about an order says. */
function readNames(order: JsonObject): Pick<OrderReport, 'venueOrderId' | 'clientOrderId' | 'side'> | Fault {
	const venueOrderId = idText(order['i']);
	if (venueOrderId === undefined) return fault('bad-id', 'i');
	const c = order['c'];
	if (typeof c !== 'string' || !isId(c)) return fault('bad-id', 'c');
	const C = order['C'] ?? '';
	if (typeof C !== 'string' || !isId(C)) return fault('bad-id', 'C');
	const side = sideOf(order['S']);
	if (side === undefined) return fault('unknown-word', 'S');
	return { venueOrderId, clientOrderId: clientOrderIdOf({ c, C, x: textOf(order['x']) }), side };
}

/** What was traded, at which price. */
function readDone(
	order: JsonObject,
	instrument: Instrument,
): Pick<Execution, 'executionId' | 'priceTicks' | 'qtyLots' | 'isMaker' | 'tradedAtMs'> | Fault {
	const tradeId = idText(order['t']);
	if (tradeId === undefined) return fault('bad-id', 't');
	const priceTicks = stepsAboveZero(order['L'], instrument.priceGrid);
	if (typeof priceTicks === 'string') return fault(priceTicks, 'L');
	const qtyLots = stepsAboveZero(order['l'], instrument.qtyGrid);
	if (typeof qtyLots === 'string') return fault(qtyLots, 'l');
	const isMaker = order['m'];
	if (typeof isMaker !== 'boolean') return fault('missing', 'm');
	const tradedAtMs = wholeNumber(order['T']);
	if (typeof tradedAtMs === 'string') return fault(tradedAtMs, 'T');
	return {
		executionId: executionIdOf(instrument, tradeId),
		priceTicks: priceTicks as Ticks,
		qtyLots: qtyLots as Lots,
		isMaker,
		tradedAtMs: tradedAtMs as TimeMs,
	};
}

/** Members that may be left out. */
function textOf(value: unknown): string {
	return typeof value === 'string' ? value : '';
}

const ZERO = /^[0.]*$/;

function isZero(value: unknown): boolean {
	return typeof value !== 'string' || ZERO.test(value);
}
