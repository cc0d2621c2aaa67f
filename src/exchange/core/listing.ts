/**
 * A symbol that the exchange lists: what it trades, on which grid, under which filters and at which fees. The spec is
 * written in decimals, as venues publish it; everything behind it is whole numbers. Building a listing throws on a
 * contradiction, since that is a mistake in our own wiring; judging an order answers with a reason.
 */
import { MAX_PRICE_TICKS, type OrderSide } from './book.ts';
import { type Decimal, Grid, rescale } from './decimal.ts';
import { type FilterChange, type FilterSpec, type Filters, type ReadFilters, readFilters } from './filters.ts';
import { ATOM_DECIMALS, addRateFloor, ceilDiv, RATE_ONE, rateE8, subtractRateCeil } from './money.ts';
import type { RefusalReason } from './requests.ts';

/**
 * `linear`: a perpetual on the base coin, settled in the quote coin. `inverse`: a perpetual counted in whole units of the
 * quote currency and settled in the base coin, so what it is worth goes by one over the price.
 */
export type ListingKind = 'spot' | 'linear' | 'inverse';

export interface ListingSpec extends FilterSpec {
	/** The exchange's key. A venue that lists spot and perpetual under one name needs two keys. */
	readonly symbol: string;
	readonly kind: ListingKind;
	readonly baseCoin: string;
	readonly quoteCoin: string;
	readonly makerFeeRate: string;
	readonly takerFeeRate: string;
	/** What becomes of a limit price beyond the band: refused (unless said), or moved to the edge of the band. */
	readonly outOfBand?: 'refuse' | 'clamp';
	/** What becomes of a post-only order that would trade: never taken in, or taken in and cancelled at once. */
	readonly postOnlyCross: 'refuse' | 'cancel';
	/** Contracts only. */
	readonly maxLeverage?: number;
	/** Contracts only. The share of a position's value below which equity must not fall; 0.5 % unless said. */
	readonly maintenanceRate?: string;
	/** Contracts only. Unset: no funding. */
	readonly fundingIntervalMs?: number;
	/** Per account; 500 unless said. */
	readonly maxOpenOrders?: number;
	/** How long an account cannot use a client id again: for ever unless said, or only while the order is open. */
	readonly clientIdsUsed?: 'for-ever' | 'while-open';
}

const OPEN_ORDERS_MAX = 500;
const LEVERAGE_MAX = 100;
const MAINTENANCE_RATE = '0.005';

/** In 1e-8; below zero the account is paid. */
export interface FeeRates {
	readonly makerRateE8: number;
	readonly takerRateE8: number;
}

/** The worst prices at which each side may trade around a mark price. */
interface Band {
	readonly markTicks: number;
	readonly buyTicks: number;
	readonly sellTicks: number;
}

const NO_BAND: Band = { markTicks: Number.NaN, buyTicks: 0, sellTicks: 0 };

export class Listing {
	readonly symbol: string;
	readonly kind: ListingKind;
	readonly price: Grid;
	readonly qty: Grid;
	/** What a profit is paid in, and what the value of a trade is counted in. */
	readonly settleCoin: string;
	/** One lot of what is counted (of an inverse contract the quote currency), and one tick times one lot. */
	readonly lotAtoms: bigint;
	readonly tickLotAtoms: bigint;
	readonly makerRateE8: number;
	readonly takerRateE8: number;
	readonly maxLeverage: number;
	readonly maintenanceRateE8: number;
	readonly maxOpenOrders: number;
	/** An inverse contract's value is lots times the first over ticks times the second. */
	readonly #perPrice: { readonly dividend: bigint; readonly divisor: bigint } | null;
	#spec: ListingSpec;
	#filters: Filters;
	/** Of the mark price that was asked about last: every order asks, and the mark price moves seldom. */
	#band = NO_BAND;

	constructor(spec: ListingSpec) {
		this.#spec = spec;
		this.symbol = spec.symbol;
		this.kind = spec.kind;
		this.settleCoin = spec.kind === 'inverse' ? spec.baseCoin : spec.quoteCoin;
		this.price = new Grid(spec.tickSize);
		this.qty = new Grid(spec.lotSize);
		this.#perPrice = spec.kind === 'inverse' ? perPrice(this.price.step, this.qty.step) : null;
		this.lotAtoms = wholeAtoms(spec, 'lot', this.qty.step.digits, this.qty.step.scale);
		this.tickLotAtoms = wholeAtoms(
			spec,
			'tick times lot',
			this.price.step.digits * this.qty.step.digits,
			this.price.step.scale + this.qty.step.scale,
		);
		this.makerRateE8 = rateE8(spec.makerFeeRate);
		this.takerRateE8 = rateE8(spec.takerFeeRate);
		this.maxLeverage = spec.maxLeverage ?? LEVERAGE_MAX;
		this.maintenanceRateE8 = rateE8(spec.maintenanceRate ?? MAINTENANCE_RATE);
		this.maxOpenOrders = spec.maxOpenOrders ?? OPEN_ORDERS_MAX;
		const read = this.#read(spec);
		if (read.kind === 'refused') throw new RangeError(`${spec.symbol}: ${read.message}`);
		this.#filters = read.filters;
		// Else the first fill at full leverage would be liquidated at once.
		if (BigInt(this.maintenanceRateE8) * BigInt(this.maxLeverage) >= RATE_ONE) {
			throw new RangeError(`${spec.symbol}: a leverage of ${this.maxLeverage} leaves less than the maintenance margin`);
		}
	}

	/** As it is published now. */
	get spec(): ListingSpec {
		return this.#spec;
	}

	get minLots(): number {
		return this.#filters.minLots;
	}

	get maxLots(): number {
		return this.#filters.maxLots;
	}

	get maxMarketLots(): number {
		return this.#filters.maxMarketLots;
	}

	/** Orders that stand already stay as they are, even where they no longer fit. Answers with what is wrong, or null. */
	change(change: FilterChange): string | null {
		const next = { ...this.#spec, ...change };
		const read = this.#read(next);
		if (read.kind === 'refused') return read.message;
		this.#spec = next;
		this.#filters = read.filters;
		this.#band = NO_BAND;
		return null;
	}

	/** The nearest price of the published grid that is no nearer to the other side. */
	fitTicks(side: OrderSide, priceTicks: number): number {
		const { tickStep } = this.#filters;
		return side === 'buy' ? floorTo(tickStep, priceTicks) : ceilTo(tickStep, priceTicks);
	}

	/** What is left of a quantity when it is cut to the published grid. */
	wholeLots(lots: number): number {
		return floorTo(this.#filters.lotStep, lots);
	}

	/** The nearest quantity that one limit order may have. */
	fitLots(lots: number): number {
		const { lotStep, minLots, maxLots } = this.#filters;
		return Math.min(Math.max(floorTo(lotStep, lots), minLots), maxLots);
	}

	/**
	 * What a quantity is worth at a price, in the settle coin. Of an inverse contract it is rounded towards zero, so the
	 * parts of a quantity may be worth an atom less than the whole: whoever splits one gives the rest to one part.
	 * Without a price (0), nothing.
	 */
	valueAtoms(priceTicks: number, qtyLots: number): bigint {
		if (this.#perPrice === null) return BigInt(priceTicks) * BigInt(qtyLots) * this.tickLotAtoms;
		if (priceTicks === 0) return 0n;
		return (BigInt(qtyLots) * this.#perPrice.dividend) / (BigInt(priceTicks) * this.#perPrice.divisor);
	}

	/** What a position counts in its account: who is long of an inverse contract owes the coin that it is worth. */
	positionAtoms(priceTicks: number, qtyLotsSigned: number): bigint {
		const valueAtoms = this.valueAtoms(priceTicks, qtyLotsSigned);
		return this.#perPrice === null ? valueAtoms : -valueAtoms;
	}

	/** The price at which a quantity is worth this much, rounded down or up. */
	ticksAt(valueAtoms: bigint, qtyLots: number, rounding: 'down' | 'up'): number {
		const lots = BigInt(qtyLots);
		const [dividend, divisor] =
			this.#perPrice === null
				? [valueAtoms, lots * this.tickLotAtoms]
				: [lots * this.#perPrice.dividend, valueAtoms * this.#perPrice.divisor];
		if (valueAtoms <= 0n) return this.#perPrice === null ? 1 : MAX_PRICE_TICKS;
		const ticks = rounding === 'down' ? dividend / divisor : ceilDiv(dividend, divisor);
		return ticks < 1n ? 1 : ticks > BigInt(MAX_PRICE_TICKS) ? MAX_PRICE_TICKS : Number(ticks);
	}

	/** The quantity itself, in atoms of what is counted. */
	baseAtoms(qtyLots: number): bigint {
		return BigInt(qtyLots) * this.lotAtoms;
	}

	/** The worst price at which a side may trade, given the mark price (0: unknown, so no band). */
	limitTicks(side: OrderSide, markTicks: number): number {
		const band = this.#band.markTicks === markTicks ? this.#band : this.#bandAround(markTicks);
		return side === 'buy' ? band.buyTicks : band.sellTicks;
	}

	/** The price an order stands at that asks for this one: the same, or the edge of the band if the listing clamps. */
	standingTicks(side: OrderSide, priceTicks: number, markTicks: number): number {
		if (this.spec.outOfBand !== 'clamp' || !isPrice(priceTicks)) return priceTicks;
		const limitTicks = this.limitTicks(side, markTicks);
		return side === 'buy' ? Math.min(priceTicks, limitTicks) : Math.max(priceTicks, limitTicks);
	}

	checkPrice(side: OrderSide, priceTicks: number, markTicks: number): RefusalReason | null {
		if (!isPrice(priceTicks)) return 'invalid-price';
		if (priceTicks % this.#filters.tickStep !== 0) return 'price-off-grid';
		const limitTicks = this.limitTicks(side, markTicks);
		if (side === 'buy' ? priceTicks > limitTicks : priceTicks < limitTicks) return 'price-outside-band';
		return null;
	}

	checkQty(type: 'limit' | 'market', qtyLots: number): RefusalReason | null {
		if (!Number.isSafeInteger(qtyLots) || qtyLots < 1) return 'invalid-quantity';
		if (qtyLots % this.#filters.lotStep !== 0) return 'quantity-off-grid';
		if (qtyLots < this.minLots) return 'below-min-quantity';
		if (qtyLots > (type === 'market' ? this.maxMarketLots : this.maxLots)) return 'above-max-quantity';
		return null;
	}

	checkNotional(priceTicks: number, qtyLots: number): RefusalReason | null {
		return this.checkValue(this.valueAtoms(priceTicks, qtyLots));
	}

	checkValue(valueAtoms: bigint): RefusalReason | null {
		return valueAtoms < this.#filters.minNotionalAtoms ? 'below-min-notional' : null;
	}

	#bandAround(markTicks: number): Band {
		const { bandE8, tickStep } = this.#filters;
		this.#band =
			bandE8 === null || markTicks === 0
				? { markTicks, buyTicks: MAX_PRICE_TICKS, sellTicks: 1 }
				: {
						markTicks,
						buyTicks: Math.min(MAX_PRICE_TICKS, floorTo(tickStep, addRateFloor(markTicks, bandE8))),
						sellTicks: Math.max(1, ceilTo(tickStep, subtractRateCeil(markTicks, bandE8))),
					};
		return this.#band;
	}

	#read(spec: ListingSpec): ReadFilters {
		return readFilters(spec, { price: this.price, qty: this.qty });
	}
}

function floorTo(step: number, count: number): number {
	return step === 1 ? count : Math.floor(count / step) * step;
}

function ceilTo(step: number, count: number): number {
	return step === 1 ? count : Math.ceil(count / step) * step;
}

export function isPrice(priceTicks: number): boolean {
	return Number.isSafeInteger(priceTicks) && priceTicks >= 1 && priceTicks <= MAX_PRICE_TICKS;
}

function perPrice(tick: Decimal, lot: Decimal): { readonly dividend: bigint; readonly divisor: bigint } {
	return {
		dividend: lot.digits * 10n ** BigInt(tick.scale + ATOM_DECIMALS),
		divisor: tick.digits * 10n ** BigInt(lot.scale),
	};
}

function wholeAtoms(spec: ListingSpec, what: string, digits: bigint, scale: number): bigint {
	const value = rescale({ digits, scale }, ATOM_DECIMALS);
	if (value === null) throw new RangeError(`${spec.symbol}: one ${what} must be a whole number of 1e-${ATOM_DECIMALS} coins`);
	return value;
}
