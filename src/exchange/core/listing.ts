/**
 * A symbol that the exchange lists: what it trades, on which grid, under which filters and at which fees. The spec is
 * written in decimals, as venues publish it; everything behind it is whole numbers. Building a listing throws on a
 * contradiction, since that is a mistake in our own wiring; judging an order answers with a reason.
 */
import { MAX_ORDER_LOTS, MAX_PRICE_TICKS, type OrderSide } from './book.ts';
import { Grid, rescale } from './decimal.ts';
import { ATOM_DECIMALS, addRateFloor, atoms, RATE_ONE, rateE8, subtractRateCeil } from './money.ts';
import type { RefusalReason } from './requests.ts';

export interface ListingSpec {
	/** The exchange's key. A venue that lists spot and perpetual under one name needs two keys. */
	readonly symbol: string;
	/** `linear`: a perpetual, settled in the quote coin. */
	readonly kind: 'spot' | 'linear';
	readonly baseCoin: string;
	readonly quoteCoin: string;
	readonly tickSize: string;
	readonly lotSize: string;
	readonly minQty: string;
	readonly maxQty: string;
	/** Limit if market orders have a lower one. */
	readonly maxMarketQty?: string;
	/** Smallest value of an order in the quote coin; reduce-only orders are exempt. '0': none. */
	readonly minNotional: string;
	readonly makerFeeRate: string;
	readonly takerFeeRate: string;
	/** How far a buy may be above the mark price and a sell below it, as a fraction. Unset: no band. */
	readonly priceBand?: string;
	/** What becomes of a limit price beyond the band: refused (unless said), or moved to the edge of the band. */
	readonly outOfBand?: 'refuse' | 'clamp';
	/** What becomes of a post-only order that would trade: never taken in, or taken in and cancelled at once. */
	readonly postOnlyCross: 'refuse' | 'cancel';
	/** Linear only. */
	readonly maxLeverage?: number;
	/** Linear only. The share of a position's value below which equity must not fall; 0.5 % unless said. */
	readonly maintenanceRate?: string;
	/** Linear only. Unset: no funding. */
	readonly fundingIntervalMs?: number;
	/** Per account; 500 unless said. */
	readonly maxOpenOrders?: number;
}

const OPEN_ORDERS_MAX = 500;
const LEVERAGE_MAX = 100;
const MAINTENANCE_RATE = '0.005';

export class Listing {
	readonly spec: ListingSpec;
	readonly symbol: string;
	readonly kind: 'spot' | 'linear';
	readonly price: Grid;
	readonly qty: Grid;
	/** One lot of the base coin, and one tick times one lot in the quote coin. */
	readonly lotAtoms: bigint;
	readonly tickLotAtoms: bigint;
	readonly makerRateE8: number;
	readonly takerRateE8: number;
	readonly maxLeverage: number;
	readonly maintenanceRateE8: number;
	readonly maxOpenOrders: number;
	readonly minLots: number;
	readonly maxLots: number;
	readonly maxMarketLots: number;
	readonly #minNotionalAtoms: bigint;
	readonly #bandE8: number | null;

	constructor(spec: ListingSpec) {
		this.spec = spec;
		this.symbol = spec.symbol;
		this.kind = spec.kind;
		this.price = new Grid(spec.tickSize);
		this.qty = new Grid(spec.lotSize);
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
		this.minLots = this.qty.count(spec.minQty);
		this.maxLots = this.qty.count(spec.maxQty);
		this.maxMarketLots = spec.maxMarketQty === undefined ? this.maxLots : this.qty.count(spec.maxMarketQty);
		this.#minNotionalAtoms = atoms(spec.minNotional);
		this.#bandE8 = spec.priceBand === undefined ? null : rateE8(spec.priceBand);
		if (this.minLots < 1 || this.maxLots < this.minLots || this.maxLots > MAX_ORDER_LOTS) {
			throw new RangeError(
				`${spec.symbol}: quantities must be 1 to ${MAX_ORDER_LOTS} lots, found ${spec.minQty} to ${spec.maxQty}`,
			);
		}
		// Else the first fill at full leverage would be liquidated at once.
		if (BigInt(this.maintenanceRateE8) * BigInt(this.maxLeverage) >= RATE_ONE) {
			throw new RangeError(`${spec.symbol}: a leverage of ${this.maxLeverage} leaves less than the maintenance margin`);
		}
	}

	valueAtoms(priceTicks: number, qtyLots: number): bigint {
		return BigInt(priceTicks) * BigInt(qtyLots) * this.tickLotAtoms;
	}

	baseAtoms(qtyLots: number): bigint {
		return BigInt(qtyLots) * this.lotAtoms;
	}

	/** The worst price at which a side may trade, given the mark price (0: unknown, so no band). */
	limitTicks(side: OrderSide, markTicks: number): number {
		if (this.#bandE8 === null || markTicks === 0) return side === 'buy' ? MAX_PRICE_TICKS : 1;
		if (side === 'buy') return Math.min(MAX_PRICE_TICKS, addRateFloor(markTicks, this.#bandE8));
		return Math.max(1, subtractRateCeil(markTicks, this.#bandE8));
	}

	/** The price an order stands at that asks for this one: the same, or the edge of the band if the listing clamps. */
	standingTicks(side: OrderSide, priceTicks: number, markTicks: number): number {
		if (this.spec.outOfBand !== 'clamp' || !isPrice(priceTicks)) return priceTicks;
		const limitTicks = this.limitTicks(side, markTicks);
		return side === 'buy' ? Math.min(priceTicks, limitTicks) : Math.max(priceTicks, limitTicks);
	}

	checkPrice(side: OrderSide, priceTicks: number, markTicks: number): RefusalReason | null {
		if (!isPrice(priceTicks)) return 'invalid-price';
		const limitTicks = this.limitTicks(side, markTicks);
		if (side === 'buy' ? priceTicks > limitTicks : priceTicks < limitTicks) return 'price-outside-band';
		return null;
	}

	checkQty(type: 'limit' | 'market', qtyLots: number): RefusalReason | null {
		if (!Number.isSafeInteger(qtyLots) || qtyLots < 1) return 'invalid-quantity';
		if (qtyLots < this.minLots) return 'below-min-quantity';
		if (qtyLots > (type === 'market' ? this.maxMarketLots : this.maxLots)) return 'above-max-quantity';
		return null;
	}

	checkNotional(priceTicks: number, qtyLots: number): RefusalReason | null {
		return this.checkValue(this.valueAtoms(priceTicks, qtyLots));
	}

	checkValue(valueAtoms: bigint): RefusalReason | null {
		return valueAtoms < this.#minNotionalAtoms ? 'below-min-notional' : null;
	}
}

export function isPrice(priceTicks: number): boolean {
	return Number.isSafeInteger(priceTicks) && priceTicks >= 1 && priceTicks <= MAX_PRICE_TICKS;
}

function wholeAtoms(spec: ListingSpec, what: string, digits: bigint, scale: number): bigint {
	const value = rescale({ digits, scale }, ATOM_DECIMALS);
	if (value === null) throw new RangeError(`${spec.symbol}: one ${what} must be a whole number of 1e-${ATOM_DECIMALS} coins`);
	return value;
}
