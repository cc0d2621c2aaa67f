/**
 * What the account is worth, and what follows when it loses too much (PT16): hears what balances, fills and funding make
 * of it, tells the gate, and has the loss judged on live marks, since the venue speaks only when something happens and a
 * position loses while nothing does. What follows goes to whoever carries it out; books nothing.
 */
import type { BalanceEvent } from '../domain/event.ts';
import type { Execution } from '../domain/execution.ts';
import type { JournalRecord } from '../domain/journal-record.ts';
import { type Money, moneyToNumber } from '../domain/money.ts';
import type { MonoMs } from '../domain/units.ts';
import { purseOf } from '../domain/venue.ts';
import type { Funding } from '../portfolio/account.ts';
import type { AccountFunds } from '../risk/funds.ts';
import type { RiskLevels } from '../risk/level.ts';
import type { Equity } from './equity.ts';
import type { Guards } from './guards.ts';
import type { MarketState } from './market-state.ts';
import type { Now } from './orchestrator.ts';
import type { Scene } from './scene.ts';

interface Parts {
	readonly funds: AccountFunds;
	readonly equity: Equity;
	readonly guards: Guards;
	readonly levels: RiskLevels;
	readonly scene: Pick<Scene, 'equity'>;
	/** KL4. */
	readonly shut: (reason: string, nowMono: MonoMs) => void;
	/** KL3. */
	readonly reduceOnly: (reason: string, nowMono: MonoMs) => void;
	readonly keep: (record: JournalRecord) => void;
}

export class Worth {
	readonly #parts: Parts;

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	applyBalance(event: BalanceEvent): void {
		const { funds, equity } = this.#parts;
		const { venue, currency, free, total, monoMs: nowMono } = event;
		const purse = purseOf(venue, event);
		funds.of(purse, currency).report(moneyToNumber(free));
		equity.applyBalance(purse, currency, moneyToNumber(total), nowMono);
		this.applyTime(event);
	}

	/** Of a fill that was just booked; the fee may be in another coin. */
	applyFill({ fee, feeCurrency }: Execution, market: MarketState, realised: Money): void {
		const { equity } = this.#parts;
		equity.applyProfit(market, moneyToNumber(realised), market.instrument.settleCurrency);
		equity.applyProfit(market, -moneyToNumber(fee), feeCurrency);
	}

	applyFunding({ amount, currency }: Funding, market: MarketState): void {
		this.#parts.equity.applyProfit(market, moneyToNumber(amount), currency);
	}

	/** With every balance, and now and then. What the account is worth is judged only where it is known. */
	applyTime({ wallMs, monoMs: nowMono }: Now): void {
		const { equity, guards, levels, scene, keep, shut, reduceOnly } = this.#parts;
		equity.applyTime(nowMono);
		scene.equity = equity.onMargin;
		const now = equity.now;
		if (now === undefined || Number.isNaN(now)) return;
		const verdict = guards.judgeEquity(now, wallMs);
		const record = guards.takeRecord();
		if (record !== undefined) keep(record);
		if (verdict.level === 'kill' && levels.level !== 'kill') shut(verdict.reason, nowMono);
		else if (verdict.level === 'reduceOnly') reduceOnly(verdict.reason, nowMono);
	}
}
