/**
 * How the account is set up at the venue, as far as it decides what an order does there: one position a symbol or two,
 * what backs it, and how far (F62). A person may change any of it while we trade. Then the symbol is held (KL1), nothing
 * passes the gate where orders would mean something else (PT20), and all goes on once the venue shows the mode that we
 * trade in again. We never switch it back: that is for whoever switched it. Of a leverage that still allows what we allow
 * ourselves nothing depends here, so that is told only.
 */
import type { CensusEvent, SymbolMode } from '../domain/event.ts';
import type { InstrumentIndex } from '../domain/instrument.ts';
import type { MonoMs } from '../domain/units.ts';
import type { RiskLevels } from '../risk/level.ts';
import type { MarketState } from './market-state.ts';
import type { EngineEffect } from './ports.ts';

interface Parts {
	readonly levels: RiskLevels;
	readonly markets: readonly MarketState[];
	readonly effects: EngineEffect[];
	/** What we allow ourselves; it may change while we run. */
	leverageMax(): number;
}

const POSITION_MODE = 'position mode';
const MARGIN_MODE = 'margin mode';
const LEVERAGE = 'leverage';

interface Leverage {
	/** Before the venue showed another one. */
	before: number;
	now: number;
	/** Since we began. */
	most: number;
}

export class AccountModes {
	readonly #parts: Parts;
	/** As it was when we first looked: a doctor has judged it, or a person has accepted what the doctor said. */
	readonly #marginAtStart = new Map<InstrumentIndex, string>();
	readonly #leverages = new Map<InstrumentIndex, Leverage>();

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	applyCensus({ found, monoMs: nowMono }: CensusEvent): void {
		for (const mode of found?.modes ?? []) {
			const market = this.#parts.markets[mode.instrument];
			if (market === undefined) continue;
			this.#applyPosition(market, mode, nowMono);
			this.#applyMargin(market, mode, nowMono);
			this.#applyLeverage(market, mode, nowMono);
		}
	}

	#applyPosition(market: MarketState, { isHedged }: SymbolMode, nowMono: MonoMs): void {
		if (isHedged === undefined) return;
		market.isPositionModeRight = !isHedged;
		const { symbol, venue } = market.instrument;
		const mend = 'switch it to one-way mode there, which needs a flat position and no orders';
		this.#hold(
			market,
			POSITION_MODE,
			isHedged ? `the account at ${venue} is in hedge mode for ${symbol}: ${mend}` : undefined,
			nowMono,
		);
	}

	#applyMargin(market: MarketState, { margin }: SymbolMode, nowMono: MonoMs): void {
		if (margin === undefined) return;
		const { index, symbol, venue } = market.instrument;
		const before = this.#marginAtStart.get(index) ?? margin;
		this.#marginAtStart.set(index, before);
		const mend = 'switch it back there, or start anew if that is how it is to be';
		const change = `the margin mode of ${symbol} at ${venue} was ${before} and is ${margin}: ${mend}`;
		this.#hold(market, MARGIN_MODE, margin === before ? undefined : change, nowMono);
	}

	/** Less than we allow ourselves, and less than there was: what the gate reckons an order to cost is too little (PT17). */
	#applyLeverage(market: MarketState, { leverage }: SymbolMode, nowMono: MonoMs): void {
		if (leverage === undefined) return;
		const { index, id, symbol, venue } = market.instrument;
		const known = this.#leverages.get(index) ?? { before: leverage, now: leverage, most: leverage };
		this.#leverages.set(index, known);
		const leverageMax = this.#parts.leverageMax();
		const isTooLow = leverage < leverageMax && leverage < known.most;
		if (known.now !== leverage) {
			known.before = known.now;
			known.now = leverage;
			known.most = Math.max(known.most, leverage);
			const { before } = known;
			if (!isTooLow)
				this.#parts.effects.push({ kind: 'note', note: { kind: 'leverageChanged', instrument: id, before, leverage } });
		}
		const change = `the leverage of ${symbol} at ${venue} was ${known.before} and is ${leverage}`;
		const effect = `less than risk.leverage_max, which is ${leverageMax}: raise it there, or lower that`;
		this.#hold(market, LEVERAGE, isTooLow ? `${change}, ${effect}` : undefined, nowMono);
	}

	#hold({ instrument: { index, id } }: MarketState, cause: string, reason: string | undefined, nowMono: MonoMs): void {
		const { levels, effects } = this.#parts;
		if (reason === undefined) return levels.release(index, cause);
		const before = levels.holdsOf(index, nowMono).find((standing) => standing.cause === cause);
		if (before?.reason === reason) return;
		levels.hold(index, cause, { reason, liftsByItself: false, nowMono });
		levels.retellHold(index, cause, reason);
		effects.push({ kind: 'note', note: { kind: 'held', instrument: id, reason } });
	}
}
