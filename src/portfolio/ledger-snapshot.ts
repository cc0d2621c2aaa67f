/**
 * A ledger written down as plain data and read back. Amounts are decimal text, so that JSON carries them and a person
 * can read them; nothing is rounded on either way. The facts already counted travel along, so that a restart does not
 * count them again.
 */
import type { Category } from '../domain/instrument.ts';
import { type Money, parseMoney, printMoney } from '../domain/money.ts';
import { Account, FUNDINGS_REMEMBERED_MAX, sortedAmounts } from './account.ts';
import { FactMemory, type FactMemorySnapshot } from './fact-memory.ts';

type AmountsByCurrency = readonly (readonly [currency: string, amount: string])[];

export interface AccountSnapshot {
	readonly instrumentId: string;
	readonly venue: string;
	readonly category: Category;
	readonly symbol: string;
	readonly baseCurrency: string;
	readonly settleCurrency: string;
	readonly tickSize: string;
	readonly lotSize: string;
	readonly baseSigned: string;
	readonly costSigned: string;
	readonly realised: string;
	readonly fees: AmountsByCurrency;
	readonly funding: AmountsByCurrency;
	readonly executions: FactMemorySnapshot;
	readonly fundings: FactMemorySnapshot;
}

export interface LedgerSnapshot {
	/** Rises when the shape changes. */
	readonly version: 1;
	readonly accounts: readonly AccountSnapshot[];
	readonly capital: AmountsByCurrency;
	readonly peakProfit: AmountsByCurrency;
}

interface LedgerContents {
	readonly accounts: Iterable<Account>;
	readonly capital: ReadonlyMap<string, Money>;
	readonly peakProfit: ReadonlyMap<string, Money>;
}

export function writeSnapshot({ accounts, capital, peakProfit }: LedgerContents): LedgerSnapshot {
	return Object.freeze({
		version: 1,
		accounts: Object.freeze([...accounts].map(writeAccount)),
		capital: writeAmounts(capital),
		peakProfit: writeAmounts(peakProfit),
	});
}

export function readSnapshot(snapshot: LedgerSnapshot, executionsMax: number): LedgerContents {
	if (snapshot.version !== 1) throw new RangeError(`a ledger snapshot of version 1 was expected, found ${snapshot.version}`);
	return {
		accounts: snapshot.accounts.map((account) => readAccount(account, executionsMax)),
		capital: readAmounts(snapshot.capital),
		peakProfit: readAmounts(snapshot.peakProfit),
	};
}

export function writeAccount(account: Account): AccountSnapshot {
	const { head, position } = account;
	return Object.freeze({
		instrumentId: head.instrumentId,
		venue: head.venue,
		category: head.category,
		symbol: head.symbol,
		baseCurrency: head.baseCurrency,
		settleCurrency: head.settleCurrency,
		tickSize: printMoney(head.tickSize),
		lotSize: printMoney(head.lotSize),
		baseSigned: printMoney(position.baseSigned),
		costSigned: printMoney(position.costSigned),
		realised: printMoney(position.realised),
		fees: writeAmounts(account.fees),
		funding: writeAmounts(account.funding),
		executions: account.executions.snapshot(),
		fundings: account.fundings.snapshot(),
	});
}

export function readAccount(snapshot: AccountSnapshot, executionsMax: number): Account {
	const head = {
		instrumentId: snapshot.instrumentId,
		venue: snapshot.venue,
		category: snapshot.category,
		symbol: snapshot.symbol,
		baseCurrency: snapshot.baseCurrency,
		settleCurrency: snapshot.settleCurrency,
		tickSize: readAmount(snapshot.tickSize),
		lotSize: readAmount(snapshot.lotSize),
	};
	return new Account(head, {
		position: {
			baseSigned: readAmount(snapshot.baseSigned),
			costSigned: readAmount(snapshot.costSigned),
			realised: readAmount(snapshot.realised),
		},
		feesByCurrency: readAmounts(snapshot.fees),
		fundingByCurrency: readAmounts(snapshot.funding),
		executions: FactMemory.restore(executionsMax, snapshot.executions),
		fundings: FactMemory.restore(FUNDINGS_REMEMBERED_MAX, snapshot.fundings),
	});
}

function writeAmounts(amounts: ReadonlyMap<string, Money>): AmountsByCurrency {
	return Object.freeze(
		sortedAmounts(amounts).map(([currency, amount]) => Object.freeze([currency, printMoney(amount)] as const)),
	);
}

function readAmounts(amounts: AmountsByCurrency): Map<string, Money> {
	return new Map(amounts.map(([currency, amount]) => [currency, readAmount(amount)]));
}

function readAmount(text: string): Money {
	const amount = parseMoney(text);
	if (amount === undefined) throw new RangeError(`an amount in a ledger snapshot must be plain decimal text, found ${text}`);
	return amount;
}
