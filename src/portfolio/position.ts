/**
 * A position as a fold over trades, exact to the last of the 10^-18 parts. Quantity is held as an amount of the base
 * coin and not in lots, so that a venue may change tick and lot size while a position is open. What is promised after
 * every trade: realised - cost = sum of all cash, so realised + unrealised = cash + value at mark, with no rounding in
 * between. In which order trades come decides only what of that is realised while the position is open. Fees and funding
 * do not belong here; the account keeps them beside the position.
 */
import type { Execution } from '../domain/execution.ts';
import { type Instrument, notionalOf } from '../domain/instrument.ts';
import { MONEY_SCALE, type Money, moneyOf, NO_MONEY } from '../domain/money.ts';
import { signOf } from '../domain/side.ts';
import type { Lots, SignedLots } from '../domain/units.ts';

export interface Position {
	/** Amount of the base coin: above zero is long, below zero short. */
	readonly baseSigned: Money;
	/** What the open part has cost: above zero was paid for a long, below zero was received for a short. */
	readonly costSigned: Money;
	readonly realised: Money;
}

/** One execution as the two amounts that changed hands. A buy brings base in and cash out. */
export interface Trade {
	readonly baseSigned: Money;
	readonly cashSigned: Money;
}

export const FLAT: Position = { baseSigned: NO_MONEY, costSigned: NO_MONEY, realised: NO_MONEY };

const PARTS_PER_ONE = 10n ** BigInt(MONEY_SCALE);

export function tradeOf(execution: Execution): Trade {
	const sign = BigInt(signOf(execution.side));
	return {
		baseSigned: moneyOf(sign * baseOf(execution.instrument, execution.qtyLots)),
		cashSigned: moneyOf(-sign * notionalOf(execution.instrument, execution.priceTicks, execution.qtyLots)),
	};
}

/** A quantity as an amount of the base coin. */
function baseOf(instrument: Instrument, qty: Lots | SignedLots): Money {
	return moneyOf(BigInt(qty) * lotSizeOf(instrument));
}

/** One lot, as an amount of the base coin. */
export function lotSizeOf(instrument: Instrument): Money {
	return stepOf(instrument.qtyGrid.stepUnits, instrument.qtyGrid.scale);
}

/** One tick, as an amount of the quote currency. */
export function tickSizeOf(instrument: Instrument): Money {
	return stepOf(instrument.priceGrid.stepUnits, instrument.priceGrid.scale);
}

/** A trade that goes through zero closes what is open and opens the rest. */
export function applyTrade(position: Position, trade: Trade): Position {
	const opposes = position.baseSigned > 0n ? trade.baseSigned < 0n : position.baseSigned < 0n && trade.baseSigned > 0n;
	if (!opposes) return increase(position, trade);
	if (magnitude(trade.baseSigned) <= magnitude(position.baseSigned)) return reduce(position, trade);
	const closing = partOf(trade, -position.baseSigned);
	return increase(reduce(position, closing), without(trade, closing));
}

/** Value of an amount of base at a price. Rounds down, which happens only if mark and lot have over 18 decimals together. */
export function valueAt(baseSigned: bigint, price: Money): Money {
	return moneyOf(divideDown(baseSigned * price, PARTS_PER_ONE));
}

export function unrealisedAt(position: Position, price: Money): Money {
	return moneyOf(valueAt(position.baseSigned, price) - position.costSigned);
}

/** For people: rounded down to 10^-18, undefined when flat. The exact average is the fraction cost / base. */
export function averagePrice(position: Position): Money | undefined {
	if (position.baseSigned === 0n) return undefined;
	return moneyOf((position.costSigned * PARTS_PER_ONE) / position.baseSigned);
}

/** For models: the average price in ticks as a float, 0 when flat. */
export function averageTicks(position: Position, tickSize: Money): number {
	if (position.baseSigned === 0n) return 0;
	const cost = position.costSigned * PARTS_PER_ONE;
	const costAtOneTick = position.baseSigned * tickSize;
	const whole = cost / costAtOneTick;
	return Number(whole) + Number(cost - whole * costAtOneTick) / Number(costAtOneTick);
}

function increase(position: Position, trade: Trade): Position {
	return {
		baseSigned: moneyOf(position.baseSigned + trade.baseSigned),
		costSigned: moneyOf(position.costSigned - trade.cashSigned),
		realised: position.realised,
	};
}

/**
 * The closed part takes its share of the cost with it. That share is rounded up, so that profit is rounded down and
 * never shown before it is there; the difference, below 10^-18, stays in the cost of what is still open and comes back
 * when that closes.
 */
function reduce(position: Position, trade: Trade): Position {
	const closedCost = divideUp(position.costSigned * magnitude(trade.baseSigned), magnitude(position.baseSigned));
	return {
		baseSigned: moneyOf(position.baseSigned + trade.baseSigned),
		costSigned: moneyOf(position.costSigned - closedCost),
		realised: moneyOf(position.realised + trade.cashSigned - closedCost),
	};
}

/**
 * The part of a trade that moves `baseSigned`. Its cash is exact, unless a dust position from an earlier, finer lot size
 * cuts a lot in pieces; then it is rounded down and the other part keeps the difference.
 */
function partOf(trade: Trade, baseSigned: bigint): Trade {
	const share = divideDown(trade.cashSigned * magnitude(baseSigned), magnitude(trade.baseSigned));
	return { baseSigned: moneyOf(baseSigned), cashSigned: moneyOf(share) };
}

function without(trade: Trade, part: Trade): Trade {
	return {
		baseSigned: moneyOf(trade.baseSigned - part.baseSigned),
		cashSigned: moneyOf(trade.cashSigned - part.cashSigned),
	};
}

function stepOf(stepUnits: number, scale: number): Money {
	return moneyOf(BigInt(stepUnits) * 10n ** BigInt(MONEY_SCALE - scale));
}

function magnitude(value: bigint): bigint {
	return value < 0n ? -value : value;
}

/** Towards minus infinity; the divisor is above zero. */
function divideDown(value: bigint, divisor: bigint): bigint {
	const quotient = value / divisor;
	return value < 0n && quotient * divisor !== value ? quotient - 1n : quotient;
}

/** Towards plus infinity; the divisor is above zero. */
function divideUp(value: bigint, divisor: bigint): bigint {
	return -divideDown(-value, divisor);
}
