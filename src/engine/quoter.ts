/** One strategy on one instrument: its state, what it wants now, and the orders that stand for it. */
import type { Side } from '../domain/side.ts';
import { Targets } from '../domain/targets.ts';
import type { Slots } from '../execution/slots.ts';
import type { DenialCode } from '../risk/denial.ts';
import type { Strategy } from '../strategy/strategy.ts';
import type { MarketState } from './market-state.ts';

export class Quoter {
	readonly index: number;
	/** Of the strategy, in the order in which the engine was given them. */
	readonly number: number;
	strategy: Strategy;
	state: unknown;
	readonly market: MarketState;
	readonly slots: Slots;
	readonly targets = new Targets();
	/** What the gate last said to a side since it was planned; undefined where it let all of it pass. */
	buyDenial: DenialCode | undefined;
	sellDenial: DenialCode | undefined;
	/** What was wanted, and which orders stood, when the last comparison found nothing to do. */
	readonly #settledQty = new Float64Array(this.targets.qtyLots.length);
	readonly #settledPrice = new Float64Array(this.targets.priceTicks.length);
	#settledVersion = -1;

	constructor(parts: { index: number; number: number; strategy: Strategy; market: MarketState; slots: Slots }) {
		this.index = parts.index;
		this.number = parts.number;
		this.strategy = parts.strategy;
		this.market = parts.market;
		this.slots = parts.slots;
		this.state = parts.strategy.init(parts.market.instrument);
	}

	/** From the next tick on another one quotes here; the orders that stand are its orders now. */
	replace(strategy: Strategy): void {
		// One that cannot begin throws here, and the old one goes on.
		this.state = strategy.init(this.market.instrument);
		this.strategy = strategy;
	}

	forgetDenials(): void {
		this.buyDenial = undefined;
		this.sellDenial = undefined;
	}

	applyDenial(side: Side, code: DenialCode): void {
		if (side === 'buy') this.buyDenial = code;
		else this.sellDenial = code;
	}

	/** The same wish against the same orders as when there was nothing to do: there still is nothing to do. */
	get isSettled(): boolean {
		if (this.#settledVersion !== this.slots.version) return false;
		const { qtyLots, priceTicks } = this.targets;
		for (let slot = 0; slot < qtyLots.length; slot += 1) {
			if (qtyLots[slot] !== this.#settledQty[slot]) return false;
			if (qtyLots[slot] !== 0 && priceTicks[slot] !== this.#settledPrice[slot]) return false;
		}
		return true;
	}

	/** The same wish may ask for something else now. */
	unsettle(): void {
		this.#settledVersion = -1;
	}

	settle(): void {
		this.#settledQty.set(this.targets.qtyLots);
		this.#settledPrice.set(this.targets.priceTicks);
		this.#settledVersion = this.slots.version;
	}
}
