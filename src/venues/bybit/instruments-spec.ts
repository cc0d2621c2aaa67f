/**
 * What Bybit says about a symbol, in our words: grids, limits, status and fees. Spot and contracts write it differently.
 * Pure: the venue's time is handed in, since a symbol with an end stops taking risk before its end (F60).
 */

import { gridOf, printSteps } from '../../domain/grid.ts';
import type { Category, InstrumentSpec, InstrumentStatus } from '../../domain/instrument.ts';
import { CONTRACT_ROW, type ContractRow, type FeeRate, SPOT_ROW, type SpotRow } from './reads-schemas.ts';

export interface SpecContext {
	readonly venue: string;
	readonly category: Category;
	readonly venueNowMs: number;
	/** Of this account; the venue's rates for everybody where it keeps them to itself. */
	readonly fee: Pick<FeeRate, 'makerFeeRate' | 'takerFeeRate'> | undefined;
}

/** Before its delivery a symbol takes no new risk for so long; the hour is what a refresh may be late by. */
const NO_NEW_RISK_MS = 25 * 3_600_000;
/** Spot prices have no upper limit of their own; this many ticks is above any price and leaves room to multiply. */
const SPOT_PRICE_TICKS_MAX = 1_000_000_000_000;
/** Spot quantities without a limit: above any order. */
const QTY_LOTS_MAX = 1_000_000_000_000;

/** For accounts without a level, as published; the demo environment answers no question about fees. */
const PUBLISHED_FEES: Record<Category, { readonly makerFeeRate: string; readonly takerFeeRate: string }> = {
	spot: { makerFeeRate: '0.001', takerFeeRate: '0.001' },
	linear: { makerFeeRate: '0.0002', takerFeeRate: '0.00055' },
	inverse: { makerFeeRate: '0.0002', takerFeeRate: '0.00055' },
};

/** Undefined where the row is not one of this category. */
export function specOf(row: unknown, context: SpecContext): InstrumentSpec | undefined {
	if (context.category === 'spot') {
		const spot = SPOT_ROW.safeParse(row);
		return spot.success ? spotSpec(spot.data, context) : undefined;
	}
	const contract = CONTRACT_ROW.safeParse(row);
	return contract.success ? contractSpec(contract.data, context) : undefined;
}

function contractSpec(row: ContractRow, { venue, category, venueNowMs, fee }: SpecContext): InstrumentSpec {
	const { priceFilter, lotSizeFilter } = row;
	return {
		venue,
		category,
		symbol: row.symbol,
		baseCurrency: row.baseCoin,
		quoteCurrency: row.quoteCoin,
		settleCurrency: row.settleCoin,
		status: statusOf(row.status, Number(row.deliveryTime ?? 0), venueNowMs),
		tickSize: priceFilter.tickSize,
		lotSize: lotSizeFilter.qtyStep,
		priceMin: priceFilter.minPrice,
		priceMax: priceFilter.maxPrice,
		qtyMin: lotSizeFilter.minOrderQty,
		qtyMax: lotSizeFilter.maxOrderQty,
		notionalMin: lotSizeFilter.minNotionalValue || '0',
		reduceOnlySkipsNotionalMin: true,
		...feesOf(category, fee),
	};
}

function spotSpec(row: SpotRow, { venue, category, venueNowMs, fee }: SpecContext): InstrumentSpec | undefined {
	const { priceFilter, lotSizeFilter } = row;
	const priceGrid = gridOf(priceFilter.tickSize);
	const qtyGrid = gridOf(lotSizeFilter.basePrecision);
	if (priceGrid === undefined || qtyGrid === undefined) return undefined;
	return {
		venue,
		category,
		symbol: row.symbol,
		baseCurrency: row.baseCoin,
		quoteCurrency: row.quoteCoin,
		settleCurrency: row.quoteCoin,
		status: statusOf(row.status, 0, venueNowMs),
		tickSize: priceFilter.tickSize,
		lotSize: lotSizeFilter.basePrecision,
		priceMin: priceFilter.tickSize,
		priceMax: printSteps(priceGrid, SPOT_PRICE_TICKS_MAX),
		qtyMin: lotSizeFilter.minOrderQty ?? lotSizeFilter.basePrecision,
		qtyMax: lotSizeFilter.maxLimitOrderQty ?? lotSizeFilter.maxOrderQty ?? printSteps(qtyGrid, QTY_LOTS_MAX),
		notionalMin: lotSizeFilter.minOrderAmt,
		reduceOnlySkipsNotionalMin: false,
		...feesOf(category, fee),
	};
}

function feesOf(category: Category, fee: SpecContext['fee']): Pick<InstrumentSpec, 'makerFeeRate' | 'takerFeeRate'> {
	const { makerFeeRate, takerFeeRate } = fee ?? PUBLISHED_FEES[category];
	return { makerFeeRate, takerFeeRate };
}

/** Not trading yet, being settled, closed, or a word we do not know: nothing can be done there. */
function statusOf(word: string, deliveryAtMs: number, venueNowMs: number): InstrumentStatus {
	if (word !== 'Trading') return 'halted';
	return deliveryAtMs > 0 && deliveryAtMs - venueNowMs <= NO_NEW_RISK_MS ? 'delisting' : 'trading';
}
