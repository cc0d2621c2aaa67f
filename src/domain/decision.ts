/**
 * What the trading desk asks the engine: shall this symbol be bought or sold now, on this signal and these terms? And the
 * words in which the engine answers. All that was read outside is in the question, so that a replay decides alike.
 */
import type { InstrumentIndex } from './instrument.ts';
import type { Lots, TimeMs } from './units.ts';

export type Wish = 'BUY' | 'SELL' | 'HOLD';

/** How a position is entered. At the market it is still an order with a worst price, and what that does not fill is dropped. */
export type EntryRule =
	| { readonly type: 'market'; readonly slipBps: number }
	/** So many ticks behind the best price of its own side (below 0: in front of it), for so long. */
	| { readonly type: 'limit'; readonly offsetTicks: number; readonly forMs: number };

/** When what was bought is sold again, or the other way round; 0 where there is no such rule. */
export interface ExitRules {
	/** From the average price that was paid, against us and for us. */
	readonly stopBps: number;
	readonly targetBps: number;
	/** From the first fill. */
	readonly forMs: number;
}

export interface Thresholds {
	/** Of the signal's value, from -1 to 1: from here up it is a buy, from there down a sell. */
	readonly buyAbove: number;
	readonly sellBelow: number;
	readonly confidenceMin: number;
}

/** What was read outside, in the quote coin; 0 where the venue has none. */
export interface Readings {
	readonly last: number;
	readonly bid: number;
	readonly ask: number;
	/** Of the last bar that the models know. */
	readonly barEndAtMs: TimeMs;
	/** When the oldest of these was read. */
	readonly atMs: TimeMs;
}

export interface DecideAction {
	readonly kind: 'decide';
	/** Decided once, however often it is asked for, restarts included. */
	readonly decisionId: string;
	readonly instrument: InstrumentIndex;
	/** Its own signal in force is no other opinion. */
	readonly signal: { readonly source: string; readonly value: number; readonly confidence: number };
	readonly thresholds: Thresholds;
	readonly qtyLots: Lots;
	readonly entry: EntryRule;
	readonly exits: ExitRules;
	readonly readings: Readings;
	/** Decide and write down, place nothing. */
	readonly isDryRun: boolean;
}

/** Why, as a person reads it; beside these a reason may be the code of a check of the gate. */
export const DECISION_REASONS = {
	'signal-above': 'the signal is at or above the threshold for buying',
	'signal-below': 'the signal is at or below the threshold for selling',
	'signal-between': 'the signal is between the thresholds',
	'signal-missing': 'no model has a signal yet',
	'signal-opposed': 'a stronger signal in force says the opposite',
	'confidence-low': 'the confidence of the signal is below the least',
	'readings-old': 'what was read is too old by now',
	'readings-differ': 'what was read is far from the book that we follow',
	'book-not-trusted': 'the book is not whole, not fresh, or crossed',
	'position-open': 'an earlier decision of this direction is still open',
	'closes-open': 'an earlier decision of the other direction is closed by it',
	'being-closed': 'what is held in the symbol is just being closed',
	'nothing-to-sell': 'spot is only sold where a decision has bought it',
	'too-many-open': 'too many decisions are open',
	'dry-run': 'nothing is placed in a dry run',
} as const;

export type DecisionReason = keyof typeof DECISION_REASONS;

/** Why a position that a decision opened is closed, or is not watched any more. */
export const EXIT_REASONS = ['stop', 'target', 'time', 'reversed', 'elsewhere', 'dust'] as const;
export type ExitReason = (typeof EXIT_REASONS)[number];
