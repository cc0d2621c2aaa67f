/**
 * The ledger: what we have, as a fold over the facts that venues state (M5). It books executions and funding once each,
 * exactly, in whatever coin they come, and answers with positions, totals and value at given marks. Facts may be late,
 * repeated or out of order. It reads no clock, asks nobody anything and never corrects itself by what a venue says the
 * position is; comparing the two is the reconciler's work.
 */
import { assert } from '../domain/assert.ts';
import type { Execution } from '../domain/execution.ts';
import type { Instrument, InstrumentIndex } from '../domain/instrument.ts';
import { type Money, moneyOf, NO_MONEY } from '../domain/money.ts';
import type { SignedLots, TimeMs } from '../domain/units.ts';
import { type Account, EXECUTIONS_REMEMBERED_MAX, type Funding, headOf, openAccount, sortedAmounts } from './account.ts';
import type { Novelty } from './fact-memory.ts';
import {
	type AccountSnapshot,
	type LedgerSnapshot,
	readAccount,
	readSnapshot,
	writeAccount,
	writeSnapshot,
} from './ledger-snapshot.ts';
import { averagePrice } from './position.ts';
import { type Mark, type Valuation, valueAccounts } from './valuation.ts';

export interface LedgerOptions {
	/** Ids that each instrument remembers; see `EXECUTIONS_REMEMBERED_MAX` for what the bound means. */
	readonly executionsRememberedMax?: number;
}

/**
 * `booked` counts; `realised` is what this fact added, before fees. `duplicate` was counted before and moved nothing.
 * `beyondMemory` is older than all that is remembered, so it may be news or a repeat: it moved nothing, and the
 * position must be compared with the venue's.
 */
export type Booking =
	| { readonly kind: 'booked'; readonly realised: Money }
	| { readonly kind: 'duplicate' }
	| { readonly kind: 'beyondMemory' };

export interface CurrencyAmount {
	readonly currency: string;
	readonly amount: Money;
}

/** One instrument's account, for screens, storage and the reconciler. */
export interface PositionView {
	readonly instrumentId: string;
	readonly venue: string;
	readonly symbol: string;
	readonly settleCurrency: string;
	/** The sum of the signed fills. */
	readonly positionLotsSigned: SignedLots;
	/** The same less spot fees taken in the base coin: what is there to sell or hedge. */
	readonly inventoryLotsSigned: SignedLots;
	readonly inventoryBaseSigned: Money;
	readonly baseSigned: Money;
	/** baseSigned and costSigned together are the exact average price; `averagePrice` is it rounded down. */
	readonly costSigned: Money;
	readonly averagePrice: Money | undefined;
	readonly averageTicks: number;
	/** Before fees and funding. */
	readonly realised: Money;
	/** Above zero is paid. */
	readonly fees: readonly CurrencyAmount[];
	/** Above zero is received. */
	readonly funding: readonly CurrencyAmount[];
	/** From where missed executions must be asked for; undefined before the first one. */
	readonly newestTradedAtMs: TimeMs | undefined;
}

/** Per coin, over all venues and instruments. Amounts of two coins are never added. */
export interface CurrencyTotals {
	readonly currency: string;
	readonly realised: Money;
	readonly fees: Money;
	readonly funding: Money;
}

export class Ledger {
	readonly #accounts = new Map<string, Account>();
	readonly #byIndex: (Account | undefined)[] = [];
	readonly #capital = new Map<string, Money>();
	/** Highest profit that `markToMarket` has seen, per coin; never below zero, since every account starts at it. */
	readonly #peakProfit = new Map<string, Money>();
	readonly #executionsMax: number;

	constructor(options: LedgerOptions = {}) {
		this.#executionsMax = options.executionsRememberedMax ?? EXECUTIONS_REMEMBERED_MAX;
	}

	/** Continues exactly where `snapshot()` was taken; throws on a snapshot that cannot be read. */
	static restore(snapshot: LedgerSnapshot, options: LedgerOptions = {}): Ledger {
		const ledger = new Ledger(options);
		const { accounts, capital, peakProfit } = readSnapshot(snapshot, ledger.#executionsMax);
		for (const account of accounts) ledger.#accounts.set(account.head.instrumentId, account);
		for (const [currency, amount] of capital) ledger.#capital.set(currency, amount);
		for (const [currency, amount] of peakProfit) ledger.#peakProfit.set(currency, amount);
		return ledger;
	}

	/** An account as it was when the snapshot was taken, whatever is known of it by now; it is followed again from here on. */
	restoreAccount(snapshot: AccountSnapshot): void {
		this.#accounts.set(snapshot.instrumentId, readAccount(snapshot, this.#executionsMax));
	}

	/** Ties an index to its account; to be called for every instrument at start and for every new version of one. */
	follow(instrument: Instrument): void {
		const head = headOf(instrument);
		const tied = this.#byIndex[instrument.index];
		if (tied !== undefined) assertSame(tied, instrument);
		let account = this.#accounts.get(instrument.id);
		if (account === undefined) {
			account = openAccount(head, this.#executionsMax);
			this.#accounts.set(instrument.id, account);
		} else {
			account.follow(head);
		}
		this.#byIndex[instrument.index] = account;
	}

	/** Counted in the grid of the version that the execution carries, whichever version is followed by now. */
	applyExecution(execution: Execution): Booking {
		if (this.#byIndex[execution.instrument.index] === undefined) this.follow(execution.instrument);
		const account = this.#at(execution.instrument.index);
		assertSame(account, execution.instrument);
		const before = account.position.realised;
		return booking(account.applyExecution(execution), moneyOf(account.position.realised - before));
	}

	/** `realised` of the answer is zero: funding is kept apart from the profit of trading. */
	applyFunding(funding: Funding): Booking {
		return booking(this.#at(funding.instrument).applyFunding(funding), NO_MONEY);
	}

	/**
	 * What equity is counted from. A deposit or withdrawal is told by setting the new sum; the peak moves along, so it is
	 * neither a profit nor a drawdown.
	 */
	setCapital(currency: string, amount: Money): void {
		this.#capital.set(currency, amount);
	}

	/** 0 for an instrument that is not followed. */
	positionLots(instrument: InstrumentIndex): SignedLots {
		return this.#byIndex[instrument]?.positionLotsSigned ?? (0 as SignedLots);
	}

	inventoryLots(instrument: InstrumentIndex): SignedLots {
		return this.#byIndex[instrument]?.inventoryLotsSigned ?? (0 as SignedLots);
	}

	/** Average price of the position, for models; 0 when flat. */
	averageTicks(instrument: InstrumentIndex): number {
		return this.#byIndex[instrument]?.averageTicks ?? 0;
	}

	position(instrument: InstrumentIndex): PositionView | undefined {
		const account = this.#byIndex[instrument];
		return account === undefined ? undefined : viewOf(account);
	}

	/** All accounts, those of instruments that are no longer followed included. */
	positions(): readonly PositionView[] {
		return [...this.#accounts.values()].map(viewOf);
	}

	totals(): readonly CurrencyTotals[] {
		const realised = new Map<string, bigint>();
		const fees = new Map<string, bigint>();
		const funding = new Map<string, bigint>();
		for (const account of this.#accounts.values()) {
			add(realised, account.head.settleCurrency, account.position.realised);
			for (const [currency, amount] of account.fees) add(fees, currency, amount);
			for (const [currency, amount] of account.funding) add(funding, currency, amount);
		}
		const currencies = new Set([...realised.keys(), ...fees.keys(), ...funding.keys()]);
		return [...currencies].sort().map((currency) => ({
			currency,
			realised: moneyOf(realised.get(currency) ?? 0n),
			fees: moneyOf(fees.get(currency) ?? 0n),
			funding: moneyOf(funding.get(currency) ?? 0n),
		}));
	}

	/** By how much our facts say that a venue's balance of each coin has changed, to hold against its own ledger (I25). */
	balanceChanges(venue: string): ReadonlyMap<string, Money> {
		const changes = new Map<string, bigint>();
		for (const { head, position, fees, funding } of this.#accounts.values()) {
			if (head.venue !== venue) continue;
			// on spot the cash itself moved; a derivative settles only what was won or lost
			const cash = head.category === 'spot' ? position.realised - position.costSigned : position.realised;
			add(changes, head.settleCurrency, cash);
			if (head.category === 'spot') add(changes, head.baseCurrency, position.baseSigned);
			for (const [currency, amount] of fees) add(changes, currency, -amount);
			for (const [currency, amount] of funding) add(changes, currency, amount);
		}
		return changes as ReadonlyMap<string, bigint> as ReadonlyMap<string, Money>;
	}

	/**
	 * Value of everything at the given marks, exactly, and equity, peak and drawdown per coin. Raises the peaks of coins
	 * whose instruments all have a mark; others are reported as incomplete and keep theirs.
	 */
	markToMarket(marks: Iterable<Mark>, atMs: TimeMs): Valuation {
		const valuation = this.valueAt(marks, atMs);
		for (const { currency, peakEquity, capital } of valuation.currencies) {
			this.#peakProfit.set(currency, moneyOf(peakEquity - capital));
		}
		return valuation;
	}

	/** The same for who only looks: no peak is raised. Counted from another capital, if one is given. */
	valueAt(marks: Iterable<Mark>, atMs: TimeMs, capital: ReadonlyMap<string, Money> = this.#capital): Valuation {
		const priceByInstrument = new Map<string, Money>();
		for (const mark of marks) {
			const account = this.#byIndex[mark.instrument];
			if (account !== undefined) priceByInstrument.set(account.head.instrumentId, mark.price);
		}
		const peakProfit = this.#peakProfit;
		return valueAccounts({ accounts: this.#accounts.values(), priceByInstrument, capital, peakProfit, atMs });
	}

	/** Plain frozen data that JSON can carry; amounts are decimal text. */
	snapshot(): LedgerSnapshot {
		return writeSnapshot({ accounts: this.#accounts.values(), capital: this.#capital, peakProfit: this.#peakProfit });
	}

	/** The same as `snapshot()` without its accounts, and those one at a time: all at once would take long. */
	snapshotInParts(): { readonly rest: LedgerSnapshot; readonly accounts: Iterable<AccountSnapshot> } {
		const rest = writeSnapshot({ accounts: [], capital: this.#capital, peakProfit: this.#peakProfit });
		return { rest, accounts: this.#accountSnapshots() };
	}

	*#accountSnapshots(): Generator<AccountSnapshot, undefined> {
		for (const account of this.#accounts.values()) yield writeAccount(account);
	}

	#at(instrument: InstrumentIndex): Account {
		const account = this.#byIndex[instrument];
		assert(account !== undefined, `the ledger follows the instrument at index ${instrument}`);
		return account;
	}
}

function booking(novelty: Novelty, realised: Money): Booking {
	return novelty === 'new' ? { kind: 'booked', realised } : { kind: novelty };
}

function assertSame(account: Account, { id, index }: Instrument): void {
	const found = account.head.instrumentId;
	assert(found === id, `index ${index} stands for one instrument for good: it is ${found}, and now ${id} came`);
}

function viewOf(account: Account): PositionView {
	const { head, position } = account;
	return Object.freeze({
		instrumentId: head.instrumentId,
		venue: head.venue,
		symbol: head.symbol,
		settleCurrency: head.settleCurrency,
		positionLotsSigned: account.positionLotsSigned,
		inventoryLotsSigned: account.inventoryLotsSigned,
		inventoryBaseSigned: account.inventoryBaseSigned,
		baseSigned: position.baseSigned,
		costSigned: position.costSigned,
		averagePrice: averagePrice(position),
		averageTicks: account.averageTicks,
		realised: position.realised,
		fees: amountsOf(account.fees),
		funding: amountsOf(account.funding),
		newestTradedAtMs: account.executions.newestMs,
	});
}

function amountsOf(amounts: ReadonlyMap<string, Money>): readonly CurrencyAmount[] {
	return Object.freeze(sortedAmounts(amounts).map(([currency, amount]) => Object.freeze({ currency, amount })));
}

function add(amounts: Map<string, bigint>, currency: string, amount: bigint): void {
	amounts.set(currency, (amounts.get(currency) ?? 0n) + amount);
}
