/**
 * The liquidation topic: the positions that were closed by force since the last push, a row each, whatever number of
 * fills it took. Says the side of the position, not of the order that closed it.
 */
import type { TradeExecution } from '../core/views.ts';
import { Pace } from '../pace.ts';
import type { Tape } from './tape.ts';
import type { TopicStream } from './ws-stream.ts';

const PUSH_MS = 500;

interface Liquidation {
	readonly execution: TradeExecution;
	qtyLots: number;
}

export class LiquidationStream implements TopicStream {
	readonly #tape: Tape;
	readonly #topic: string;
	readonly #pace = new Pace(PUSH_MS);
	/** By the order that closed the position. Emptied at each push. */
	#pending = new Map<string, Liquidation>();

	constructor(tape: Tape, topic: string) {
		this.#tape = tape;
		this.#topic = topic;
	}

	start(_nowMs: number, alone: boolean): null {
		if (alone) this.#pending.clear();
		return null;
	}

	liquidation(execution: TradeExecution): void {
		const known = this.#pending.get(execution.orderId);
		if (known === undefined) this.#pending.set(execution.orderId, { execution, qtyLots: execution.qtyLots });
		else known.qtyLots += execution.qtyLots;
	}

	due(nowMs: number): readonly string[] {
		if (!this.#pace.reached(nowMs) || this.#pending.size === 0) return [];
		const data = [...this.#pending.values()].map((liquidation) => this.#row(liquidation));
		this.#pending.clear();
		return [JSON.stringify({ topic: this.#topic, type: 'snapshot', ts: nowMs, data })];
	}

	/** The price of the order is where the account has nothing left. */
	#row({ execution, qtyLots }: Liquidation): object {
		const { shown, listing } = this.#tape;
		return {
			T: execution.atMs,
			s: shown.symbol,
			S: execution.side === 'sell' ? 'Buy' : 'Sell',
			v: listing.qty.format(qtyLots),
			p: listing.price.format(execution.orderPriceTicks),
		};
	}
}
