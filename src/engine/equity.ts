/**
 * What the account is worth right now (PT16): what the venue last said of each margin coin, and what our own fills,
 * funding and the marks have made of it since. A wallet that trades on spot alone has no margin coin: there both coins of
 * each symbol count, what is held of the base coin at its price of now. The venue speaks only when something happens; a position that loses while
 * nothing does is seen all the same. In floats, since nothing is booked from it.
 *
 * The venue's figure is made at a mark that we may hear of a moment later, or have heard of a moment ago. While a position
 * is held the difference to our own sum is therefore watched for a while, and the smallest one counts: what passes was
 * the mark, what stays was somebody else's doing. On spot the two coins of a trade are told one after the other, and the
 * fill before or after them, so there the difference is always watched.
 */
import { stepsToNumber } from '../domain/grid.ts';
import { priceToNumber } from '../domain/instrument.ts';
import type { MonoMs } from '../domain/units.ts';
import { purseOf } from '../domain/venue.ts';
import type { MarketState } from './market-state.ts';
import type { QuoteRates } from './quote-rates.ts';

interface Pool {
	readonly currency: string;
	/** That settle in it. */
	readonly markets: readonly MarketState[];
	/** Of a wallet for spot alone: those that trade this coin, which therefore is in it as well. */
	readonly traded: readonly MarketState[];
	readonly isSpot: boolean;
	/** What was won or lost for good, fees and funding included, since this began. */
	settled: number;
	/** The venue's figure, less what our own sum of it was then; NaN before it has spoken. */
	base: number;
	/** What it said lately, oldest first, while it is not yet believed. */
	readonly told: Told[];
}

interface Told {
	readonly total: number;
	readonly untilMono: number;
	/** Between which two figures our own sum put the base since then. */
	low: number;
	high: number;
}

/** Marks are never further behind one another than this. */
const MARK_SKEW_MS = 2_000;
/** All coins of a wallet are told at once, when it is read. */
const COINS_MS = 2_000;
/** Of a busy account; a later figure replaces the newest. */
const TOLD_MAX = 32;

export class Equity {
	readonly #pools = new Map<string, Pool>();
	readonly #rates: QuoteRates;
	/** Until then coins of which nothing was heard may still be told. */
	#coinsToldByMono = Number.POSITIVE_INFINITY;
	#nowMono = Number.NEGATIVE_INFINITY;

	constructor(markets: readonly MarketState[], rates: QuoteRates) {
		this.#rates = rates;
		const onMargin = new Set(markets.filter(({ instrument }) => instrument.category !== 'spot').map(purseOfMarket));
		for (const market of markets) {
			const { instrument } = market;
			const purse = purseOfMarket(market);
			const isSpot = !onMargin.has(purse);
			const own = markets.filter((each) => purseOfMarket(each) === purse);
			const coins = isSpot ? [instrument.settleCurrency, instrument.baseCurrency] : [instrument.settleCurrency];
			if (instrument.category !== 'spot' || isSpot) for (const currency of coins) this.#addPool(purse, { currency, own, isSpot });
		}
	}

	#addPool(purse: string, { currency, own, isSpot }: { currency: string; own: readonly MarketState[]; isSpot: boolean }): void {
		const key = keyOf(purse, currency);
		if (this.#pools.has(key)) return;
		const markets = own.filter(({ instrument }) => instrument.settleCurrency === currency);
		const traded = isSpot ? own.filter(({ instrument }) => instrument.baseCurrency === currency) : [];
		this.#pools.set(key, { currency, markets, traded, isSpot, settled: 0, base: Number.NaN, told: [] });
	}

	/** Of a fill or of funding, before anything else is asked. */
	applyProfit(market: MarketState, amount: number, currency: string): void {
		const pool = this.#pools.get(keyOf(purseOfMarket(market), currency));
		if (pool !== undefined) pool.settled += amount;
	}

	/** The venue's word on all that the coin is worth, open positions of derivatives counted in. */
	applyBalance(purse: string, currency: string, total: number, nowMono: MonoMs): void {
		const pool = this.#pools.get(keyOf(purse, currency));
		if (pool === undefined) return;
		const base = total - this.#toldBy(pool);
		this.#coinsToldByMono = Math.min(this.#coinsToldByMono, nowMono + COINS_MS);
		const isWatched = pool.isSpot || pool.markets.some(({ positionLotsSigned }) => positionLotsSigned !== 0);
		if (Number.isNaN(pool.base) || !isWatched) {
			pool.base = base;
			pool.told.length = 0;
			return;
		}
		if (pool.told.length === TOLD_MAX) pool.told.pop();
		pool.told.push({ total, low: base, high: base, untilMono: nowMono + MARK_SKEW_MS });
	}

	/** Looks again at what the venue said a moment ago; to be called before anybody asks what there is now. */
	applyTime(nowMono: MonoMs): void {
		this.#nowMono = nowMono;
		for (const pool of this.#pools.values()) {
			if (pool.told.length === 0) continue;
			const own = this.#toldBy(pool);
			for (const told of pool.told) {
				told.low = Math.min(told.low, told.total - own);
				told.high = Math.max(told.high, told.total - own);
			}
			const isOver = ({ untilMono }: Told): boolean => nowMono >= untilMono;
			// What lies between two marks says nothing; what is beyond both was somebody else's doing.
			for (const { low, high } of pool.told.filter(isOver)) pool.base = Math.min(Math.max(pool.base, low), high);
			pool.told.splice(0, pool.told.filter(isOver).length);
		}
	}

	/** Undefined before every coin was heard of, and NaN where a coin has no worth that we know. */
	get now(): number | undefined {
		return this.#sumOf([...this.#pools.values()]);
	}

	/** The part of it that backs contracts; where nothing does, there are none. */
	get onMargin(): number | undefined {
		return this.#sumOf([...this.#pools.values()].filter(({ isSpot }) => !isSpot));
	}

	#sumOf(pools: readonly Pool[]): number | undefined {
		let sum = 0;
		for (const pool of pools) {
			const base = this.#baseOf(pool);
			if (Number.isNaN(base)) return undefined;
			const whole = base + this.#worthOf(pool);
			if (whole !== 0) sum += whole * this.#rateOf(pool);
		}
		return pools.length === 0 ? undefined : sum;
	}

	/** Venues leave out coins of which there is nothing, so a coin that is not among those told is one of these. */
	#baseOf({ base, isSpot }: Pool): number {
		return Number.isNaN(base) && isSpot && this.#nowMono >= this.#coinsToldByMono ? 0 : base;
	}

	/** Of a coin that is traded here at its price of now; NaN before there is one. */
	#rateOf({ currency, traded: [market] }: Pool): number {
		const rate = this.#rates.of(currency);
		if (market === undefined || !Number.isNaN(rate)) return rate;
		const { instrument, exposure } = market;
		return exposure.referenceTicks > 0
			? priceToNumber(instrument, exposure.referenceTicks) * this.#rates.of(instrument.settleCurrency)
			: Number.NaN;
	}

	#worthOf(pool: Pool): number {
		let worth = pool.settled;
		for (const market of pool.markets) worth += unrealised(market);
		return worth;
	}

	/** What of it the venue counts in the coin itself: coins that were bought on spot are another coin, and counted there. */
	#toldBy(pool: Pool): number {
		let told = pool.settled;
		for (const { positionLotsSigned, instrument } of pool.traded) told += stepsToNumber(instrument.qtyGrid, positionLotsSigned);
		for (const market of pool.markets) told += market.instrument.category === 'spot' ? -costOf(market) : unrealised(market);
		return told;
	}
}

function keyOf(purse: string, currency: string): string {
	return `${purse}:${currency}`;
}

function purseOfMarket({ instrument, lane }: MarketState): string {
	return purseOf(instrument.venue, lane.capability);
}

function costOf({ positionLotsSigned, averageTicks, instrument }: MarketState): number {
	return positionLotsSigned * averageTicks * instrument.tickLotNumber;
}

/** At the mark, or where the venue has none at the mid; without either it is worth what it cost. */
function unrealised(market: MarketState): number {
	const { positionLotsSigned, instrument, markTicks, exposure } = market;
	const priceTicks = markTicks > 0 ? markTicks : exposure.referenceTicks;
	if (positionLotsSigned === 0 || priceTicks === 0) return 0;
	return positionLotsSigned * (priceTicks - market.averageTicks) * instrument.tickLotNumber;
}
