/**
 * Those who trade at once. Informed takers know the latent price and take whatever stands on the wrong side of it,
 * which is what punishes a stale quote and moves the market. Noise takers come at random, more of them in wild times,
 * keep to a side for a while, and now and then are large enough to reach deep into the book.
 */
import type { Rng } from '../../ports/rng.ts';
import type { OrderSide } from '../core/book.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Listing } from '../core/listing.ts';

export interface TakenSymbol {
	readonly symbol: string;
	readonly typicalLots: number;
	/** Its filters may change at any time. */
	readonly listing: Listing;
	/** Noise trades a second in ordinary times. */
	readonly tradesPerSec: number;
	/** That the informed look at a step at all. */
	readonly informedChance: number;
}

/** What takers go by at one step. */
export interface Moment {
	readonly latentTicks: number;
	readonly elapsedMs: number;
	/** 1 in ordinary times. */
	readonly excitement: number;
	readonly nowMs: number;
}

const INFORMED_ACCOUNT = 'market-informed';
const NOISE_ACCOUNT = 'market-noise';
export const TAKER_ACCOUNTS: readonly string[] = [INFORMED_ACCOUNT, NOISE_ACCOUNT];

/** How far beyond the latent price a quote must stand to be worth taking: somewhat more than nothing. */
const INFORMED_EDGE_TICKS = 2;
const SIDE_SWITCH_CHANCE = 0.3;
/** Sizes have a Pareto tail of this exponent: one trade in thirty is ten times the smallest. */
const SIZE_TAIL = 1.5;
const SIZE_MAX_TIMES = 60;
const NOISE_TRADES_PER_STEP_MAX = 5;

export class Takers {
	readonly #exchange: Exchange;
	readonly #rng: Rng;
	readonly #symbol: TakenSymbol;
	#noiseSide: OrderSide = 'buy';

	constructor(exchange: Exchange, rng: Rng, symbol: TakenSymbol) {
		this.#exchange = exchange;
		this.#rng = rng;
		this.#symbol = symbol;
	}

	step({ latentTicks, elapsedMs, excitement, nowMs }: Moment): void {
		this.#takeWhatIsWrong(latentTicks, nowMs);
		const expected = (this.#symbol.tradesPerSec * excitement * Math.min(elapsedMs, 1_000)) / 1_000;
		const count = Math.floor(expected + this.#rng.next());
		for (let index = 0; index < Math.min(count, NOISE_TRADES_PER_STEP_MAX); index += 1) this.#tradeAtRandom(nowMs);
	}

	#takeWhatIsWrong(latentTicks: number, nowMs: number): void {
		if (this.#rng.next() >= this.#symbol.informedChance) return;
		const { bidTicks, askTicks } = this.#exchange.touch(this.#symbol.symbol);
		const qtyLots = this.#size();
		const { listing } = this.#symbol;
		const buyBelow = listing.fitTicks('buy', Math.floor(latentTicks - INFORMED_EDGE_TICKS));
		const sellAbove = listing.fitTicks('sell', Math.ceil(latentTicks + INFORMED_EDGE_TICKS));
		if (askTicks !== 0 && askTicks <= buyBelow) this.#take(INFORMED_ACCOUNT, 'buy', qtyLots, buyBelow, nowMs);
		else if (bidTicks !== 0 && bidTicks >= sellAbove) this.#take(INFORMED_ACCOUNT, 'sell', qtyLots, sellAbove, nowMs);
	}

	#tradeAtRandom(nowMs: number): void {
		if (this.#rng.next() < SIDE_SWITCH_CHANCE) this.#noiseSide = this.#rng.next() < 0.5 ? 'buy' : 'sell';
		const order = { accountId: NOISE_ACCOUNT, symbol: this.#symbol.symbol, side: this.#noiseSide, qtyLots: this.#size() };
		this.#exchange.place({ ...order, type: 'market' }, nowMs);
	}

	#take(accountId: string, side: OrderSide, qtyLots: number, priceTicks: number, nowMs: number): void {
		const { symbol } = this.#symbol;
		this.#exchange.place({ accountId, symbol, side, type: 'limit', timeInForce: 'ioc', priceTicks, qtyLots }, nowMs);
	}

	#size(): number {
		const times = Math.min((1 - this.#rng.next()) ** (-1 / SIZE_TAIL), SIZE_MAX_TIMES);
		const lots = Math.round(this.#symbol.typicalLots * times * 0.4);
		const { listing } = this.#symbol;
		return Math.min(listing.fitLots(lots), listing.wholeLots(listing.maxMarketLots));
	}
}
