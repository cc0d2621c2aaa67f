/**
 * What the accounts are worth at given marks: unrealised profit, exposure, equity and drawdown, exact. A position
 * without a mark is worth what it cost and makes its coin's row incomplete, so that nobody takes a guess for a figure.
 *
 *   equity = capital + realised + unrealised - fees - baseFeesAtMark + funding      (per coin, to the last digit)
 */
import type { Instrument, InstrumentIndex } from '../domain/instrument.ts';
import { type Money, moneyOf, NO_MONEY } from '../domain/money.ts';
import type { TimeMs } from '../domain/units.ts';
import type { Account } from './account.ts';
import { tickSizeOf, unrealisedAt, valueAt } from './position.ts';

/** The price of one unit of base in the quote currency; `parseMoney` makes one from a venue's text, exactly. */
export interface Mark {
	readonly instrument: InstrumentIndex;
	readonly price: Money;
}

export interface InstrumentValue {
	readonly instrumentId: string;
	/** Undefined where the account holds something and nobody said what it is worth. */
	readonly mark: Money | undefined;
	readonly unrealised: Money;
	/** Spot fees that were taken in the base coin, at the mark. */
	readonly baseFeesAtMark: Money;
	/** Value of the inventory at the mark; below zero when short. */
	readonly netNotional: Money;
	readonly grossNotional: Money;
}

export interface CurrencyValue {
	readonly currency: string;
	readonly capital: Money;
	readonly realised: Money;
	readonly unrealised: Money;
	/** Paid in this coin, but for spot fees in the base coin: those are charged where that spot instrument settles. */
	readonly fees: Money;
	readonly baseFeesAtMark: Money;
	readonly funding: Money;
	readonly equity: Money;
	/** The highest equity so far, this one included if it is complete. */
	readonly peakEquity: Money;
	/** From the peak down, never below zero. */
	readonly drawdown: Money;
	/** Drawdown as a share of the peak, for screens and limits; 0 where the peak is not above zero. */
	readonly drawdownRatio: number;
	readonly netNotional: Money;
	readonly grossNotional: Money;
	/** Every holding that settles in this coin had a mark. */
	readonly isComplete: boolean;
}

export interface Valuation {
	readonly atMs: TimeMs;
	readonly instruments: readonly InstrumentValue[];
	/** Sorted by currency. */
	readonly currencies: readonly CurrencyValue[];
}

export interface ValuationInput {
	readonly accounts: Iterable<Account>;
	readonly priceByInstrument: ReadonlyMap<string, Money>;
	readonly capital: ReadonlyMap<string, Money>;
	readonly peakProfit: ReadonlyMap<string, Money>;
	readonly atMs: TimeMs;
}

/** Parts of a tick that a float mark is read in: finer than any venue publishes, coarser than a float's noise. */
const PARTS_PER_TICK = 1_000_000;

/** A float mark as an exact price, to the nearest millionth of a tick. The float is only as good as its source. */
export function markOfTicks(instrument: Instrument, markTicks: number): Mark {
	const parts = BigInt(Math.round(markTicks * PARTS_PER_TICK));
	return { instrument: instrument.index, price: moneyOf((parts * tickSizeOf(instrument)) / BigInt(PARTS_PER_TICK)) };
}

export function valueAccounts(input: ValuationInput): Valuation {
	const instruments: InstrumentValue[] = [];
	const rows = new Map<string, Row>();
	for (const currency of input.capital.keys()) rowOf(rows, currency);
	for (const account of input.accounts) {
		const value = valueAccount(account, input.priceByInstrument.get(account.head.instrumentId));
		instruments.push(Object.freeze(value));
		addTo(rows, account, value);
	}
	const currencies = [...rows.keys()].sort().map((currency) => closeRow(currency, rowOf(rows, currency), input));
	return Object.freeze({ atMs: input.atMs, instruments: Object.freeze(instruments), currencies: Object.freeze(currencies) });
}

function valueAccount(account: Account, mark: Money | undefined): InstrumentValue {
	const { position, inventoryBaseSigned } = account;
	const instrumentId = account.head.instrumentId;
	if (mark === undefined) {
		return { instrumentId, mark, unrealised: NO_MONEY, baseFeesAtMark: NO_MONEY, netNotional: NO_MONEY, grossNotional: NO_MONEY };
	}
	const netNotional = valueAt(inventoryBaseSigned, mark);
	return {
		instrumentId,
		mark,
		unrealised: unrealisedAt(position, mark),
		// as a difference, so that position less fees is the inventory's value also where the mark makes them round
		baseFeesAtMark: moneyOf(valueAt(position.baseSigned, mark) - netNotional),
		netNotional,
		grossNotional: moneyOf(netNotional < 0n ? -netNotional : netNotional),
	};
}

interface Row {
	realised: bigint;
	unrealised: bigint;
	fees: bigint;
	baseFeesAtMark: bigint;
	funding: bigint;
	netNotional: bigint;
	grossNotional: bigint;
	isComplete: boolean;
}

function rowOf(rows: Map<string, Row>, currency: string): Row {
	const known = rows.get(currency);
	if (known !== undefined) return known;
	const row: Row = {
		realised: 0n,
		unrealised: 0n,
		fees: 0n,
		baseFeesAtMark: 0n,
		funding: 0n,
		netNotional: 0n,
		grossNotional: 0n,
		isComplete: true,
	};
	rows.set(currency, row);
	return row;
}

function addTo(rows: Map<string, Row>, account: Account, value: InstrumentValue): void {
	const { head, position } = account;
	const row = rowOf(rows, head.settleCurrency);
	row.realised += position.realised;
	row.unrealised += value.unrealised;
	row.baseFeesAtMark += value.baseFeesAtMark;
	row.netNotional += value.netNotional;
	row.grossNotional += value.grossNotional;
	const isEmpty = position.baseSigned === 0n && account.feesInBase === 0n;
	if (value.mark === undefined && !isEmpty) row.isComplete = false;
	for (const [currency, amount] of account.fees) {
		if (head.category === 'spot' && currency === head.baseCurrency) continue;
		rowOf(rows, currency).fees += amount;
	}
	for (const [currency, amount] of account.funding) rowOf(rows, currency).funding += amount;
}

function closeRow(currency: string, row: Row, input: ValuationInput): CurrencyValue {
	const capital = input.capital.get(currency) ?? NO_MONEY;
	const profit = row.realised + row.unrealised - row.fees - row.baseFeesAtMark + row.funding;
	const peakBefore = input.peakProfit.get(currency) ?? NO_MONEY;
	const peak = row.isComplete && profit > peakBefore ? profit : peakBefore;
	const drawdown = peak > profit ? peak - profit : 0n;
	const peakEquity = capital + peak;
	return Object.freeze({
		currency,
		capital,
		realised: moneyOf(row.realised),
		unrealised: moneyOf(row.unrealised),
		fees: moneyOf(row.fees),
		baseFeesAtMark: moneyOf(row.baseFeesAtMark),
		funding: moneyOf(row.funding),
		equity: moneyOf(capital + profit),
		peakEquity: moneyOf(peakEquity),
		drawdown: moneyOf(drawdown),
		drawdownRatio: peakEquity > 0n ? Number(drawdown) / Number(peakEquity) : 0,
		netNotional: moneyOf(row.netNotional),
		grossNotional: moneyOf(row.grossNotional),
		isComplete: row.isComplete,
	});
}
