/**
 * A book deeper than every topic of it, and always on the move: orders come, go and are taken at all depths, so that levels
 * cross the last place of each topic in both directions. The synthetic market has some twenty levels; this has 1,400.
 */
import { limitOrder, PERP } from '../../src/exchange/core/exchange.fixture.ts';
import { Exchange } from '../../src/exchange/core/exchange.ts';
import { atoms } from '../../src/exchange/core/money.ts';
import type { Rng } from '../../src/ports/rng.ts';
import { pick } from './mutations.ts';

export const CROWD_SYMBOL = PERP.symbol;
const MID_TICKS = 650_000;
const LEVELS = 1_400;
/** Levels that stay away, so that the book keeps its depth. */
const EMPTY_MAX = 30;
const ORDERS_MAX = 1_000_000;
/** Where things happen: at the touch, and around the ends of the topics. */
const RANKS = [1, 2, 5, 48, 50, 52, 198, 200, 202, 998, 1_000, 1_002, 1_390] as const;

export class DeepCrowd {
	readonly exchange = new Exchange({ listings: [{ ...PERP, maxOpenOrders: ORDERS_MAX }] });
	readonly #rng: Rng;
	/** Given up and not filled again yet, the oldest first. */
	readonly #empty: { readonly side: 'buy' | 'sell'; readonly priceTicks: number }[] = [];

	constructor(rng: Rng, nowMs: number) {
		this.#rng = rng;
		for (const name of ['crowd', 'taker']) {
			this.exchange.openAccount(name);
			this.exchange.deposit(name, 'USDT', atoms('1000000000'), nowMs);
		}
		this.exchange.setMarkPrice(CROWD_SYMBOL, MID_TICKS, nowMs);
		for (let rank = 1; rank <= LEVELS; rank += 1) {
			this.#place('buy', MID_TICKS - rank, nowMs);
			this.#place('sell', MID_TICKS + rank, nowMs);
		}
	}

	/** A handful of things that happen. */
	step(nowMs: number): void {
		for (let left = 1 + this.#rng.below(4); left > 0; left -= 1) this.#happen(nowMs);
	}

	#happen(nowMs: number): void {
		const side = pick(this.#rng, ['buy', 'sell'] as const);
		const rank = pick(this.#rng, [...RANKS, 1 + this.#rng.below(LEVELS)]);
		const dice = this.#rng.below(100);
		const priceTicks = MID_TICKS + (side === 'buy' ? -rank : rank);
		if (dice < 3) this.#take(side, nowMs);
		else if (dice < 45) this.#withdraw(side, priceTicks, nowMs);
		else {
			const again = this.#empty.length > EMPTY_MAX ? this.#empty.shift() : undefined;
			this.#place(again?.side ?? side, again?.priceTicks ?? priceTicks, nowMs);
		}
	}

	#place(side: 'buy' | 'sell', priceTicks: number, nowMs: number): void {
		this.exchange.place({ ...limitOrder('crowd', side, '1', '65000.0'), priceTicks, qtyLots: 1 + this.#rng.below(300) }, nowMs);
	}

	/** All orders at a price. */
	#withdraw(side: 'buy' | 'sell', priceTicks: number, nowMs: number): void {
		this.#empty.push({ side, priceTicks });
		for (const order of this.exchange.openOrders('crowd', CROWD_SYMBOL)) {
			if (order.side !== side || order.priceTicks !== priceTicks) continue;
			this.exchange.cancel({ accountId: 'crowd', symbol: CROWD_SYMBOL, order: { orderId: order.orderId } }, nowMs);
		}
	}

	/** Through some levels, which the crowd soon fills again. */
	#take(side: 'buy' | 'sell', nowMs: number): void {
		const priceTicks = MID_TICKS + (side === 'buy' ? -3 : 3);
		const order = limitOrder('taker', side === 'buy' ? 'sell' : 'buy', '1', '65000.0', { timeInForce: 'ioc' });
		this.exchange.place({ ...order, priceTicks, qtyLots: 1 + this.#rng.below(900) }, nowMs);
	}
}
