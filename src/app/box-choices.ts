/** What whoever opens a box may choose, and what is chosen where nothing is said. */
import type { KeyRights } from '../exchange/key-rights.ts';

/** `synthetic`: it lives; `quiet`: a resting book that only clients move; `none`: empty books, a mark price alone. */
export const MARKET_KINDS = ['synthetic', 'quiet', 'none'] as const;
export type MarketKind = (typeof MARKET_KINDS)[number];
/** `thin`: it lives, with a fraction of the quotes, for simulations of many hours. */
export type SimulatedMarket = MarketKind | 'thin';

/** Candles of an ordinary chart, and of the longest average that models look at. */
export const HISTORY_HOURS = 4;

/** An account that is there from the start, with what it holds: plain decimals by coin. */
export interface StartingAccount {
	readonly name: string;
	readonly balances: Readonly<Record<string, string>>;
	/** Instead of what each symbol charges everybody; below zero the account is paid. */
	readonly fees?: { readonly maker: string; readonly taker: string };
	/** What its key may do; the usual unless said. */
	readonly key?: KeyRights;
}

const DEMO_BALANCES = { USDT: '100000', BTC: '5', ETH: '50' };
/** Unless others are asked for. */
export const DEMO_ACCOUNTS: readonly StartingAccount[] = [
	{ name: 'alice', balances: DEMO_BALANCES },
	{ name: 'bob', balances: DEMO_BALANCES },
];
