/**
 * Shall this be bought, sold, or neither? Pure: the question with all that was read outside, what the engine knows of the
 * symbol, and out comes an answer with its reasons. What limits and levels allow is the gate's to say, after this.
 */
import type { DecideAction, DecisionReason, Wish } from '../domain/decision.ts';
import type { Side } from '../domain/side.ts';
import type { Ticks } from '../domain/units.ts';

/** What the engine knows of the symbol now. */
export interface DecideFacts {
	readonly nowMs: number;
	readonly isSpot: boolean;
	readonly isBookTrusted: boolean;
	readonly bestBidTicks: number;
	readonly bestAskTicks: number;
	/** The mid in the quote coin, as the readings are. */
	readonly mid: number;
	/** Value times confidence of the strongest signal in force that says buy, and of that which says sell. */
	readonly strongest: { readonly buy: number; readonly sell: number };
	/** Of the decision that is open in this symbol. */
	readonly open: { readonly wish: Wish; readonly isClosing: boolean } | undefined;
	/** Somebody is closing all that is held in it. */
	readonly isFlattening: boolean;
	readonly isFull: boolean;
}

export type Verdict = { readonly wish: Wish; readonly reasons: readonly DecisionReason[] } & (
	| { readonly act: 'nothing' }
	| {
			readonly act: 'open';
			readonly side: Side;
			readonly priceTicks: Ticks;
			readonly timeInForce: 'ioc' | 'gtc';
	  }
	/** The open decision of the other direction. */
	| { readonly act: 'close' }
);

/** What waited longer for its turn is asked for anew. */
export const READINGS_AGE_MS_MAX = 10_000;
/** Further from our own book it is another market, or another time. */
const READINGS_OFF_MAX = 0.01;

export function decideOn(asked: DecideAction, facts: DecideFacts): Verdict {
	const wished = wishOf(asked);
	if (wished.wish === 'HOLD') return { act: 'nothing', ...wished };
	const { wish, reasons } = wished;
	const against = whyNot(asked, facts, wish);
	if (against !== undefined) return hold(reasons, against);
	const { open } = facts;
	if (open !== undefined) return { act: 'close', wish, reasons: [...reasons, 'closes-open'] };
	if (facts.isSpot && wish === 'SELL') return hold(reasons, 'nothing-to-sell');
	if (facts.isFull) return hold(reasons, 'too-many-open');
	return { act: 'open', wish, reasons, ...termsOf(asked, facts, wish) };
}

function wishOf({ signal, thresholds }: DecideAction): { readonly wish: Wish; readonly reasons: readonly DecisionReason[] } {
	const { value, confidence } = signal;
	if (Number.isNaN(value) || Number.isNaN(confidence)) return { wish: 'HOLD', reasons: ['signal-missing'] };
	const isBuy = value >= thresholds.buyAbove;
	if (!isBuy && !(value <= thresholds.sellBelow)) return { wish: 'HOLD', reasons: ['signal-between'] };
	const reason = isBuy ? 'signal-above' : 'signal-below';
	if (confidence === 0 || confidence < thresholds.confidenceMin) return { wish: 'HOLD', reasons: [reason, 'confidence-low'] };
	return { wish: isBuy ? 'BUY' : 'SELL', reasons: [reason] };
}

/** The first thing that speaks against it. Comparisons are written so that a figure that is missing speaks against it, too. */
function whyNot({ signal, readings }: DecideAction, facts: DecideFacts, wish: Wish): DecisionReason | undefined {
	if (!(facts.nowMs - readings.atMs <= READINGS_AGE_MS_MAX)) return 'readings-old';
	const opposing = wish === 'BUY' ? facts.strongest.sell : facts.strongest.buy;
	if (opposing > Math.abs(signal.value) * signal.confidence) return 'signal-opposed';
	if (facts.isFlattening || facts.open?.isClosing === true) return 'being-closed';
	if (facts.open?.wish === wish) return 'position-open';
	if (!facts.isBookTrusted) return 'book-not-trusted';
	const { bid, ask, last } = readings;
	const read = bid > 0 && ask > 0 ? (bid + ask) / 2 : last;
	return Math.abs(read - facts.mid) <= READINGS_OFF_MAX * facts.mid ? undefined : 'readings-differ';
}

/** At the market: as far as it may slip, and what is not there is dropped. Rounded towards the touch. */
function termsOf({ entry }: DecideAction, { bestBidTicks, bestAskTicks }: DecideFacts, wish: Wish) {
	const isBuy = wish === 'BUY';
	const side: Side = isBuy ? 'buy' : 'sell';
	if (entry.type === 'limit') {
		const priceTicks = (isBuy ? bestBidTicks - entry.offsetTicks : bestAskTicks + entry.offsetTicks) as Ticks;
		return { side, priceTicks, timeInForce: 'gtc' as const };
	}
	const slip = entry.slipBps / 10_000;
	const worst = isBuy ? Math.floor(bestAskTicks * (1 + slip)) : Math.ceil(bestBidTicks * (1 - slip));
	return { side, priceTicks: worst as Ticks, timeInForce: 'ioc' as const };
}

function hold(reasons: readonly DecisionReason[], against: DecisionReason): Verdict {
	return { act: 'nothing', wish: 'HOLD', reasons: [...reasons, against] };
}
