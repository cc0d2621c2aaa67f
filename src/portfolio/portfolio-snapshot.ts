/**
 * All that we have at one moment: what each coin brought in and is worth, each position, and the whole in one currency.
 * Amounts are exact at the marks and rates they were made with; a coin or a position that has none makes the whole
 * incomplete, and is left out of it rather than guessed.
 */
import { type Money, moneyOf, NO_MONEY, printMoney } from '../domain/money.ts';
import type { TimeMs } from '../domain/units.ts';
import type { CurrencyAmount, Ledger, PositionView } from './ledger.ts';
import { valueAt } from './position.ts';
import type { Mark } from './valuation.ts';

export interface CoinPart {
	readonly currency: string;
	/** One of it in the home currency; undefined where nobody knows. */
	readonly rate: Money | undefined;
	/** What was there without our trading. */
	readonly capital: Money;
	readonly equity: Money;
	readonly realised: Money;
	readonly unrealised: Money;
	/** Above zero is paid. */
	readonly fees: Money;
	/** Above zero is received. */
	readonly funding: Money;
	readonly isComplete: boolean;
}

export interface PositionPart {
	readonly instrumentId: string;
	readonly venue: string;
	readonly symbol: string;
	/** What amounts and prices of it are in. */
	readonly currency: string;
	/** In the base currency, less fees that were taken in it; below zero is short. */
	readonly qtySigned: Money;
	/** Undefined when flat. */
	readonly averagePrice: Money | undefined;
	/** Undefined where there is none. */
	readonly mark: Money | undefined;
	readonly realised: Money;
	readonly unrealised: Money;
	readonly fees: readonly CurrencyAmount[];
	readonly funding: readonly CurrencyAmount[];
	/** At the mark; below zero when short. */
	readonly netExposure: Money;
	readonly grossExposure: Money;
}

/** In the home currency. */
export interface PortfolioTotal {
	readonly capital: Money;
	readonly equity: Money;
	/** Of trading: equity less capital, as capital is worth now. */
	readonly profit: Money;
	/** The highest profit so far, this one included if it is complete; never below zero. */
	readonly peakProfit: Money;
	/** From there down. */
	readonly drawdown: Money;
	/** As a share of the highest equity, for screens; 0 where that is not above zero. */
	readonly drawdownRatio: number;
	readonly netExposure: Money;
	readonly grossExposure: Money;
}

export interface PortfolioSnapshot {
	readonly atMs: TimeMs;
	readonly homeCurrency: string;
	readonly total: PortfolioTotal;
	/** Sorted by currency. */
	readonly coins: readonly CoinPart[];
	readonly positions: readonly PositionPart[];
	readonly isComplete: boolean;
}

export interface PortfolioAsked {
	readonly ledger: Ledger;
	readonly marks: Iterable<Mark>;
	/** By currency, over all venues. */
	readonly capital: ReadonlyMap<string, Money>;
	/** The venues have spoken. */
	readonly isCapitalKnown: boolean;
	readonly homeCurrency: string;
	readonly rateOf: (currency: string) => Money | undefined;
	readonly peakProfit: Money;
	readonly atMs: TimeMs;
}

export function takePortfolioSnapshot(asked: PortfolioAsked): PortfolioSnapshot {
	const { ledger, marks, capital, homeCurrency, rateOf, atMs } = asked;
	const { instruments, currencies } = ledger.valueAt(marks, atMs, capital);
	const coins = currencies.map((row): CoinPart => {
		const { currency, capital: had, equity, realised, unrealised, funding, isComplete } = row;
		const fees = moneyOf(row.fees + row.baseFeesAtMark);
		return { currency, rate: rateOf(currency), capital: had, equity, realised, unrealised, fees, funding, isComplete };
	});
	const values = new Map(instruments.map((value) => [value.instrumentId, value]));
	const positions = ledger
		.positions()
		.filter(hasHistory)
		.map((view): PositionPart => {
			const { instrumentId, venue, symbol, settleCurrency: currency, inventoryBaseSigned, averagePrice } = view;
			const { mark, unrealised = NO_MONEY, netNotional = NO_MONEY, grossNotional = NO_MONEY } = values.get(instrumentId) ?? {};
			return {
				...{ instrumentId, venue, symbol, currency, qtySigned: inventoryBaseSigned, averagePrice, mark },
				...{ realised: view.realised, unrealised, fees: view.fees, funding: view.funding },
				...{ netExposure: netNotional, grossExposure: grossNotional },
			};
		});
	const isComplete = asked.isCapitalKnown && coins.every((coin) => coin.isComplete && (coin.rate !== undefined || isEmpty(coin)));
	const total = totalOf(coins, positions, { isComplete, ...asked });
	return { atMs, homeCurrency, total, coins, positions, isComplete };
}

/** What is followed and was never traded says nothing. */
function hasHistory({ newestTradedAtMs, funding }: PositionView): boolean {
	return newestTradedAtMs !== undefined || funding.length > 0;
}

function totalOf(
	coins: readonly CoinPart[],
	positions: readonly PositionPart[],
	{ rateOf, peakProfit, isComplete }: Pick<PortfolioAsked, 'rateOf' | 'peakProfit'> & { readonly isComplete: boolean },
): PortfolioTotal {
	const [capital, equity] = [sum(coins, rateOf, ({ capital }) => capital), sum(coins, rateOf, (coin) => coin.equity)];
	const profit = moneyOf(equity - capital);
	const peak = isComplete && profit > peakProfit ? profit : peakProfit;
	const drawdown = moneyOf(peak > profit ? peak - profit : 0n);
	const peakEquity = capital + peak;
	return {
		...{ capital, equity, profit, peakProfit: peak, drawdown },
		drawdownRatio: peakEquity > 0n ? Number(drawdown) / Number(peakEquity) : 0,
		netExposure: sum(positions, rateOf, ({ netExposure }) => netExposure),
		grossExposure: sum(positions, rateOf, ({ grossExposure }) => grossExposure),
	};
}

function sum<Part extends { readonly currency: string }>(
	parts: readonly Part[],
	rateOf: (currency: string) => Money | undefined,
	amountOf: (part: Part) => Money,
): Money {
	let total = 0n;
	for (const part of parts) total += valueAt(amountOf(part), rateOf(part.currency) ?? NO_MONEY);
	return moneyOf(total);
}

function isEmpty({ equity, capital }: CoinPart): boolean {
	return equity === 0n && capital === 0n;
}

/** As JSON has it: amounts are decimal text, and what is undefined is not there. */
export type Plain<Value> = Value extends bigint
	? string
	: Value extends readonly (infer Item)[]
		? readonly Plain<Item>[]
		: Value extends number | string | boolean | undefined
			? Value
			: { readonly [Key in keyof Value]: Plain<Value[Key]> };

export function plainPortfolio(snapshot: PortfolioSnapshot): Plain<PortfolioSnapshot> {
	const text = JSON.stringify(snapshot, (_key, value: unknown) =>
		typeof value === 'bigint' ? printMoney(moneyOf(value)) : value,
	);
	return JSON.parse(text) as Plain<PortfolioSnapshot>;
}
