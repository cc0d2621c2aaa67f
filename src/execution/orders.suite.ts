/** Commands and venue facts for the tests of this folder. Say only what a test is about. */
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import type { AmendCommand, CancelCommand, PlaceCommand, Verb } from '../domain/command.ts';
import type { Execution, OrderReport } from '../domain/execution.ts';
import type { Instrument } from '../domain/instrument.ts';
import { NO_MONEY } from '../domain/money.ts';
import type { OrderId } from '../domain/order-id.ts';
import type { FailureClass, ItemOutcome, Outcome } from '../domain/outcome.ts';
import { lots, ticks, timeMs } from '../domain/units.ts';
import type { CategoryCapability, VenueCapabilities } from '../domain/venue.ts';

export const BTC = makeTestInstrument({ index: 0, symbol: 'BTCUSDT' });
export const ETH = makeTestInstrument({ index: 1, symbol: 'ETHUSDT' });

export function id(text: string): OrderId {
	return text as OrderId;
}

export function capabilityOf(batchMax = 20, mixesSymbols = true): CategoryCapability {
	const verb = { batchMax, mixesSymbols };
	return { verbs: { place: verb, amend: verb, cancel: verb }, canAmend: true, amendsPrice: true, amendsQty: true };
}

/** Batches like Bybit's: 20 on linear, 10 on spot, symbols mixed. */
export const BYBIT: VenueCapabilities = {
	venue: 'bybit',
	rateRules: [],
	categories: { linear: capabilityOf(20), spot: capabilityOf(10) },
};

/** Batches of five, one symbol each. */
export const FIVES: VenueCapabilities = { venue: 'fives', rateRules: [], categories: { linear: capabilityOf(5, false) } };

export interface TestPlace {
	readonly instrument?: Instrument;
	readonly quoter?: number;
	readonly slot?: number;
	readonly side?: 'buy' | 'sell';
	readonly orderType?: 'limit' | 'market';
	readonly price?: number;
	readonly qty?: number;
}

export function placeOf(orderId: string, place: TestPlace = {}): PlaceCommand {
	const { instrument = BTC, quoter = 0, slot = 0, side = 'buy', orderType = 'limit', price = 1_000, qty = 10 } = place;
	const proposal = {
		kind: 'place',
		instrument,
		quoter,
		slot,
		side,
		orderType,
		timeInForce: 'postOnly',
		reduceOnly: false,
	} as const;
	return { ...proposal, priceTicks: ticks(price), qtyLots: lots(qty), orderId: id(orderId) } as PlaceCommand;
}

export function amendOf(orderId: string, to: { price?: number; qty?: number; instrument?: Instrument } = {}): AmendCommand {
	const { price = 1_000, qty = 10, instrument = BTC } = to;
	return { kind: 'amend', instrument, orderId: id(orderId), priceTicks: ticks(price), qtyLots: lots(qty) } as AmendCommand;
}

export function cancelOf(orderId: string, instrument: Instrument = BTC): CancelCommand {
	return { kind: 'cancel', instrument, orderId: id(orderId) };
}

export interface TestReport {
	readonly instrument?: Instrument;
	readonly venueOrderId?: string;
	readonly status?: OrderReport['status'];
	readonly price?: number;
	readonly qty?: number;
	readonly filled?: number;
	readonly at?: number;
	readonly source?: OrderReport['source'];
}

export function reportOf(orderId: string, report: TestReport = {}): OrderReport {
	return {
		instrument: report.instrument ?? BTC,
		clientOrderId: orderId,
		venueOrderId: report.venueOrderId ?? `venue-${orderId}`,
		side: 'buy',
		status: report.status ?? 'working',
		priceTicks: ticks(report.price ?? 1_000),
		qtyLots: lots(report.qty ?? 10),
		filledLots: lots(report.filled ?? 0),
		reason: undefined,
		updatedAtMs: timeMs(report.at ?? 1),
		source: report.source ?? 'stream',
	};
}

export interface TestFill {
	readonly instrument?: Instrument;
	readonly venueOrderId?: string;
	readonly qty?: number;
	readonly executionId?: string;
}

/** With an empty `orderId` the venue hides our id. */
export function fillOf(orderId: string, fill: TestFill = {}): Execution {
	return {
		executionId: fill.executionId ?? 'e1',
		instrument: fill.instrument ?? BTC,
		clientOrderId: orderId,
		venueOrderId: fill.venueOrderId ?? `venue-${orderId}`,
		side: 'buy',
		priceTicks: ticks(1_000),
		qtyLots: lots(fill.qty ?? 10),
		fee: NO_MONEY,
		feeCurrency: 'USDT',
		isMaker: true,
		tradedAtMs: timeMs(1),
	};
}

export function answerOf(orderId: string, verb: Verb, outcome: Outcome): ItemOutcome {
	return { orderId: id(orderId), verb, outcome };
}

export function acceptedAs(venueOrderId: string | undefined): Outcome {
	return { kind: 'accepted', venueOrderId };
}

export function refused(failure: FailureClass = 'fatal'): Outcome {
	return { kind: 'rejected', class: failure, gone: false, reason: 'refused' };
}

export const ACCEPTED: Outcome = acceptedAs(undefined);
export const GONE: Outcome = { kind: 'rejected', class: 'benign', gone: true, reason: 'no such order' };
export const UNANSWERED: Outcome = { kind: 'unknown', reason: 'timeout' };
