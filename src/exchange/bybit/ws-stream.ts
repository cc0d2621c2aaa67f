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
