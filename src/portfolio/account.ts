/**
 * What one instrument has brought in: its position, the fees paid on it by coin and the funding. An account knows its
 * instrument by name, so that it lives on through restarts in which the instrument is no longer followed. It books each
 * execution and each funding payment once. It reads no clock and knows no market price.
 */
import { assert } from '../domain/assert.ts';
import type { Execution } from '../domain/execution.ts';
import type { Category, Instrument, InstrumentIndex } from '../domain/instrument.ts';
import { type Money, moneyOf, NO_MONEY } from '../domain/money.ts';
import { type SignedLots, signedLots, type TimeMs } from '../domain/units.ts';
import { FactMemory, type Novelty } from './fact-memory.ts';
import { applyTrade, averageTicks, FLAT, lotSizeOf, type Position, tickSizeOf, tradeOf } from './position.ts';

/** What an account needs to know of its instrument, in the version that now holds. */
export interface AccountHead {
	readonly instrumentId: string;
	readonly venue: string;
	readonly category: Category;
	readonly symbol: string;
	readonly baseCurrency: string;
	readonly settleCurrency: string;
	readonly tickSize: Money;
	readonly lotSize: Money;
}

/** A funding payment as the venue books it. */
export interface Funding {
	readonly instrument: InstrumentIndex;
	readonly fundingId: string;
	/** Above zero is received, below zero is paid. */
	readonly amount: Money;
	readonly currency: string;
	/** The venue's own instant, the same on every repeat; the time of arrival would let a late repeat count again. */
	readonly fundedAtMs: TimeMs;
}

export interface AccountState {
	readonly position: Position;
	readonly feesByCurrency: ReadonlyMap<string, Money>;
	readonly fundingByCurrency: ReadonlyMap<string, Money>;
	readonly executions: FactMemory;
	readonly fundings: FactMemory;
}

/**
 * Ids an instrument remembers. A reconnect asks for executions from 60 s before the gap; at 20 fills a second that is
 * 1200 of them, so this covers bursts of over 100 a second. A new fill from before all of them is not booked but
 * answered `beyondMemory`: whoever sends facts must then compare the position with the venue.
 */
export const EXECUTIONS_REMEMBERED_MAX = 8_192;
/** At one payment an hour, some 40 days. */
export const FUNDINGS_REMEMBERED_MAX = 1_024;

export class Account {
	#head: AccountHead;
	#position: Position;
	readonly #fees: Map<string, Money>;
	readonly #funding: Map<string, Money>;
	readonly #executions: FactMemory;
	readonly #fundings: FactMemory;
	/** Views read these at every tick, so they are worked out when something changes. */
	#positionLotsSigned = signedLots(0);
	#inventoryLotsSigned = signedLots(0);
	#averageTicks = 0;

	constructor(head: AccountHead, state: AccountState) {
		this.#head = head;
		this.#position = state.position;
		this.#fees = new Map(state.feesByCurrency);
		this.#funding = new Map(state.fundingByCurrency);
		this.#executions = state.executions;
		this.#fundings = state.fundings;
		this.#recount();
	}

	get head(): AccountHead {
		return this.#head;
	}
	get position(): Position {
		return this.#position;
	}
	get fees(): ReadonlyMap<string, Money> {
		return this.#fees;
	}
	get funding(): ReadonlyMap<string, Money> {
		return this.#funding;
	}
	get executions(): FactMemory {
		return this.#executions;
	}
	get fundings(): FactMemory {
		return this.#fundings;
	}
	/** Whole lots of the version that now holds, rounded towards zero; dust from a finer lot size stays in `position`. */
	get positionLotsSigned(): SignedLots {
		return this.#positionLotsSigned;
	}
	get inventoryLotsSigned(): SignedLots {
		return this.#inventoryLotsSigned;
	}
	get averageTicks(): number {
		return this.#averageTicks;
	}

	/**
	 * Fees that a spot venue took out of the bought coin itself. They do not touch position or realised PnL, which stay
	 * the sum of the fills; they lessen the inventory, and equity counts them at the mark.
	 */
	get feesInBase(): Money {
		return this.#head.category === 'spot' ? (this.#fees.get(this.#head.baseCurrency) ?? NO_MONEY) : NO_MONEY;
	}

	/** What is really there to sell or to hedge: the position less the fees taken in its own coin. */
	get inventoryBaseSigned(): Money {
		return moneyOf(this.#position.baseSigned - this.feesInBase);
	}

	/** The instrument has a new version: the same holdings are so many lots of it from now on. */
	follow(head: AccountHead): void {
		this.#head = head;
		this.#recount();
	}

	applyExecution(execution: Execution): Novelty {
		// both sides of a trade with ourselves may carry one id (Binance numbers trades, not fills): the side tells them apart
		const novelty = this.#executions.take(execution.executionId, execution.tradedAtMs, execution.side);
		if (novelty !== 'new') return novelty;
		this.#position = applyTrade(this.#position, tradeOf(execution));
		if (execution.fee !== 0n) add(this.#fees, execution.feeCurrency, execution.fee);
		this.#recount();
		return novelty;
	}

	applyFunding(funding: Funding): Novelty {
		const novelty = this.#fundings.take(funding.fundingId, funding.fundedAtMs);
		if (novelty === 'new') add(this.#funding, funding.currency, funding.amount);
		return novelty;
	}

	#recount(): void {
		const { lotSize, tickSize } = this.#head;
		this.#positionLotsSigned = signedLots(Number(this.#position.baseSigned / lotSize));
		this.#inventoryLotsSigned = signedLots(Number(this.inventoryBaseSigned / lotSize));
		this.#averageTicks = averageTicks(this.#position, tickSize);
	}
}

export function openAccount(head: AccountHead, executionsMax: number): Account {
	return new Account(head, {
		position: FLAT,
		feesByCurrency: new Map(),
		fundingByCurrency: new Map(),
		executions: new FactMemory(executionsMax),
		fundings: new FactMemory(FUNDINGS_REMEMBERED_MAX),
	});
}

export function headOf(instrument: Instrument): AccountHead {
	// an inverse contract pays in 1 / price, which no decimal holds exactly
	assert(instrument.category !== 'inverse', `the ledger keeps spot and linear instruments, found ${instrument.id}`);
	return {
		instrumentId: instrument.id,
		venue: instrument.venue,
		category: instrument.category,
		symbol: instrument.symbol,
		baseCurrency: instrument.baseCurrency,
		settleCurrency: instrument.settleCurrency,
		tickSize: tickSizeOf(instrument),
		lotSize: lotSizeOf(instrument),
	};
}

/** By currency, so that what is shown does not depend on the order in which facts came. */
export function sortedAmounts(amounts: ReadonlyMap<string, Money>): (readonly [currency: string, amount: Money])[] {
	return [...amounts].sort(([a], [b]) => (a < b ? -1 : 1));
}

function add(amounts: Map<string, Money>, currency: string, amount: Money): void {
	amounts.set(currency, moneyOf((amounts.get(currency) ?? NO_MONEY) + amount));
}
