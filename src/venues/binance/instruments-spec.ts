/**
 * What Binance says about a symbol, in our words: grids, limits, status and fees. Spot and futures name the same filters'
 * members differently. Pure: the venue's time is handed in, since a contract with an end stops taking risk before it (F60).
 */
import type { z } from 'zod';
import { gridOf, printSteps } from '../../domain/grid.ts';
import type { InstrumentSpec, InstrumentStatus } from '../../domain/instrument.ts';
import type { Market } from './codec/frames.ts';
import type { FeeRates } from './reads.ts';
import {
	FUTURES_MIN_NOTIONAL,
	FUTURES_SYMBOL,
	LOT_SIZE,
	MIN_NOTIONAL,
	PRICE_FILTER,
	SPOT_SYMBOL,
	type SymbolFilter,
} from './reads-schemas.ts';

export interface SpecContext {
	readonly venue: string;
	readonly market: Market;
	readonly venueNowMs: number;
	/** Of this account; the venue's rates for everybody where it keeps them to itself. */
	readonly fee: FeeRates | undefined;
}

/** Before its delivery a contract takes no new risk for so long; the hour is what a refresh may be late by. */
const NO_NEW_RISK_MS = 25 * 3_600_000;
/** A bound that the venue switches off with a 0: above any price or order, and with room to multiply. */
const STEPS_MAX = 1_000_000_000_000;

/** For accounts without a level, as published. */
const PUBLISHED_FEES: Record<Market, FeeRates> = {
	spot: { makerFeeRate: '0.001', takerFeeRate: '0.001' },
	linear: { makerFeeRate: '0.0002', takerFeeRate: '0.0005' },
};

/** Undefined where the row is none that we could trade by. */
export function specOf(row: unknown, context: SpecContext): InstrumentSpec | undefined {
	return context.market === 'spot' ? spotSpec(row, context) : futuresSpec(row, context);
}

function spotSpec(row: unknown, { venue, fee }: SpecContext): InstrumentSpec | undefined {
	const parsed = SPOT_SYMBOL.safeParse(row);
	if (!parsed.success || parsed.data.isSpotTradingAllowed === false) return undefined;
	const { symbol, status, baseAsset, quoteAsset, filters } = parsed.data;
	const bounds = boundsOf(filters);
	if (bounds === undefined) return undefined;
	// A symbol has the one or the other.
	const least = filterOf(filters, 'NOTIONAL', MIN_NOTIONAL) ?? filterOf(filters, 'MIN_NOTIONAL', MIN_NOTIONAL);
	return {
		venue,
		category: 'spot',
		symbol,
		baseCurrency: baseAsset,
		quoteCurrency: quoteAsset,
		settleCurrency: quoteAsset,
		status: SPOT_STATUS[status] ?? 'halted',
		...bounds,
		notionalMin: least?.minNotional ?? '0',
		reduceOnlySkipsNotionalMin: false,
		...(fee ?? PUBLISHED_FEES.spot),
	};
}

function futuresSpec(row: unknown, { venue, venueNowMs, fee }: SpecContext): InstrumentSpec | undefined {
	const parsed = FUTURES_SYMBOL.safeParse(row);
	if (!parsed.success) return undefined;
	const { symbol, status, baseAsset, quoteAsset, marginAsset, filters, deliveryDate = 0 } = parsed.data;
	const bounds = boundsOf(filters);
	if (bounds === undefined) return undefined;
	const least = filterOf(filters, 'MIN_NOTIONAL', FUTURES_MIN_NOTIONAL);
	return {
		venue,
		category: 'linear',
		symbol,
		baseCurrency: baseAsset,
		quoteCurrency: quoteAsset,
		settleCurrency: marginAsset,
		status: futuresStatus(status, deliveryDate, venueNowMs),
		...bounds,
		notionalMin: least?.notional ?? '0',
		reduceOnlySkipsNotionalMin: true,
		...(fee ?? PUBLISHED_FEES.linear),
	};
}

type Bounds = Pick<InstrumentSpec, 'tickSize' | 'lotSize' | 'priceMin' | 'priceMax' | 'qtyMin' | 'qtyMax'>;

/** From the filters alone: the `…Precision` members beside them are neither tick nor step. */
function boundsOf(filters: readonly SymbolFilter[]): Bounds | undefined {
	const price = filterOf(filters, 'PRICE_FILTER', PRICE_FILTER);
	const lot = filterOf(filters, 'LOT_SIZE', LOT_SIZE);
	if (price === undefined || lot === undefined) return undefined;
	const priceGrid = gridOf(price.tickSize);
	const qtyGrid = gridOf(lot.stepSize);
	// Without a step there is nothing to count in.
	if (priceGrid === undefined || qtyGrid === undefined) return undefined;
	return {
		tickSize: price.tickSize,
		lotSize: lot.stepSize,
		priceMin: price.minPrice,
		priceMax: isZero(price.maxPrice) ? printSteps(priceGrid, STEPS_MAX) : price.maxPrice,
		qtyMin: lot.minQty,
		qtyMax: isZero(lot.maxQty) ? printSteps(qtyGrid, STEPS_MAX) : lot.maxQty,
	};
}

function filterOf<Schema extends z.ZodType>(
	filters: readonly SymbolFilter[],
	filterType: string,
	schema: Schema,
): z.infer<Schema> | undefined {
	const parsed = schema.safeParse(filters.find((each) => each.filterType === filterType));
	return parsed.success ? parsed.data : undefined;
}

/** All other words, known or not: nothing can be done there. */
const SPOT_STATUS: Readonly<Record<string, InstrumentStatus>> = { TRADING: 'trading', CANCEL_ONLY: 'cancelOnly' };

function futuresStatus(word: string, deliveryAtMs: number, venueNowMs: number): InstrumentStatus {
	if (word !== 'TRADING') return 'halted';
	return deliveryAtMs > 0 && deliveryAtMs - venueNowMs <= NO_NEW_RISK_MS ? 'delisting' : 'trading';
}

function isZero(text: string): boolean {
	return /^[0.]+$/.test(text);
}
