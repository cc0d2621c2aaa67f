/**
 * What every market topic is: a frame to start from, and frames that fall due as time goes by. Kept once per topic,
 * however many sockets listen, so all of them get the very same text.
 */
import type { TradeExecution } from '../core/views.ts';
import type { TapedTrade } from './tape.ts';

export interface TopicStream {
	/** The frame a new subscriber starts from, or null where the topic has none. `alone`: nobody listened before. */
	start(nowMs: number, alone: boolean): string | null;
	/** What is to be sent to all subscribers now. Called only while there are any. */
	due(nowMs: number): readonly string[];
	/** Called for each trade of the symbol while there are subscribers. */
	trade?(trade: TapedTrade): void;
	/** Called for each fill of a forced close of the symbol while there are subscribers. */
	liquidation?(execution: TradeExecution): void;
}

/** True once in each slot of the given length, however often it is asked. */
export class Pace {
	readonly #intervalMs: number;
	#slot = -1;

	constructor(intervalMs: number) {
		this.#intervalMs = intervalMs;
	}

	reached(nowMs: number): boolean {
		const slot = Math.floor(nowMs / this.#intervalMs);
		if (slot === this.#slot) return false;
		this.#slot = slot;
		return true;
	}
}
