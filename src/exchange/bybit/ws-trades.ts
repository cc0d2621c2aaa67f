/** The public trades of a symbol: those since the last tick, oldest first, in messages of bounded length. */
import { shownTradeId } from './ids.ts';
import { sideName } from './json-views.ts';
import type { Tape, TapedTrade } from './tape.ts';
import type { TopicStream } from './ws-stream.ts';

const TRADES_PER_MESSAGE = 1_024;

export class TradeStream implements TopicStream {
	readonly #tape: Tape;
	readonly #topic: string;
	#pending: TapedTrade[] = [];

	constructor(tape: Tape, topic: string) {
		this.#tape = tape;
		this.#topic = topic;
	}

	/** Trades from before are not sent; those still waiting were for subscribers that have gone. */
	start(_nowMs: number, alone: boolean): null {
		if (alone) this.#pending = [];
		return null;
	}

	trade(trade: TapedTrade): void {
		this.#pending.push(trade);
	}

	due(nowMs: number): readonly string[] {
		if (this.#pending.length === 0) return [];
		const trades = this.#pending;
		this.#pending = [];
		const frames: string[] = [];
		for (let from = 0; from < trades.length; from += TRADES_PER_MESSAGE) {
			const data = trades.slice(from, from + TRADES_PER_MESSAGE).map((trade) => this.#row(trade));
			frames.push(JSON.stringify({ topic: this.#topic, type: 'snapshot', ts: nowMs, data }));
		}
		return frames;
	}

	#row({ trade, direction }: TapedTrade): object {
		const { shown, listing } = this.#tape;
		return {
			T: trade.atMs,
			s: shown.symbol,
			S: sideName(trade.takerSide),
			v: listing.qty.format(trade.qtyLots),
			p: listing.price.format(trade.priceTicks),
			// Only contracts say which way the price went.
			...(shown.category === 'spot' ? {} : { L: direction }),
			i: shownTradeId(trade.tradeId),
			BT: false,
			RPI: false,
			seq: Number(trade.tradeId),
		};
	}
}
