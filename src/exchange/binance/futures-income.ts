/** What an account's money on futures came from: funding, profits of fills and their fees, each with a number of its own. */
import type { Execution } from '../core/views.ts';
import { chosen, readSpan } from './futures-order-lists.ts';
import type { FuturesCaller } from './futures-order-params.ts';
import { fillId, futuresMoney, type JsonObject } from './futures-views.ts';
import type { Json } from './numbers.ts';
import type { Params } from './params.ts';
import { invalidParameter, Refusal } from './refusal.ts';
import type { BinanceSymbol } from './venue.ts';

const TYPES = ['FUNDING_FEE', 'REALIZED_PNL', 'COMMISSION'] as const;
const PAGE = { preset: 100, most: 1_000 };

type IncomeType = (typeof TYPES)[number];

interface Income {
	readonly type: IncomeType;
	readonly symbol: string;
	readonly atoms: bigint;
	readonly execution: Execution;
}

/** From the oldest on; transfers are not among them. */
export function income(caller: FuturesCaller, given: Params): Json | Refusal {
	const { venue, accountId, nowMs } = caller;
	const symbols = chosen(caller, given);
	if (symbols instanceof Refusal) return symbols;
	const type = given.word('incomeType', TYPES, invalidParameter('incomeType'));
	if (type instanceof Refusal) return type;
	const span = readSpan(given, nowMs);
	if (span instanceof Refusal) return span;
	const limit = given.limit(PAGE.preset, PAGE.most);
	if (limit instanceof Refusal) return limit;
	const incomes = symbols
		.flatMap((symbol) => venue.exchange.executions(accountId, symbol.exchangeKey).flatMap((each) => incomesOf(each, symbol)))
		.filter((each) => (type === undefined || each.type === type) && each.atoms !== 0n)
		.filter(({ execution: { atMs } }) => atMs >= span.fromMs && atMs <= span.toMs)
		.sort((left, right) => Number(numberOf(left) - numberOf(right)));
	return incomes.slice(0, limit).map(incomeRow);
}

function incomesOf(execution: Execution, { symbol }: BinanceSymbol): readonly Income[] {
	const fee = { symbol, execution, atoms: -execution.feeAtoms };
	if (execution.kind === 'funding') return [{ ...fee, type: 'FUNDING_FEE' }];
	return [
		{ type: 'REALIZED_PNL', symbol, execution, atoms: execution.realisedAtoms },
		{ ...fee, type: 'COMMISSION' },
	];
}

function numberOf({ type, execution }: Income): bigint {
	return BigInt(execution.execId) * BigInt(TYPES.length) + BigInt(TYPES.indexOf(type));
}

function incomeRow(each: Income): JsonObject {
	const { type, symbol, atoms, execution } = each;
	const tradeId = execution.kind === 'trade' ? String(fillId(execution)) : '';
	const asset = execution.feeCoin;
	const info = tradeId === '' ? type : tradeId;
	return {
		symbol,
		incomeType: type,
		income: futuresMoney(atoms),
		asset,
		info,
		time: execution.atMs,
		tranId: numberOf(each),
		tradeId,
	};
}
