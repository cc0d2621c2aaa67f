/**
 * What the answers to reads must look like before anybody uses them. Members that we have no use for are dropped, so that
 * nothing unexpected travels on (F83); amounts stay decimal text. Rows of orders, trades, positions and coins are left as
 * they are: `account-rows.ts` reads them one by one.
 */
import { z } from 'zod';

const decimal = z.string().regex(/^-?\d{1,40}(\.\d{1,40})?$/, 'expected a plain decimal');
/** What does not exist is empty. */
const decimalOrNone = z.union([decimal, z.literal('')]);
const name = z.string().min(1).max(64);
const time = z.int().nonnegative();

export const ROWS = z.array(z.unknown());
/** Where only the word "done" counts, or somebody else reads on. */
export const ANYTHING = z.unknown();

export const SERVER_TIME = z.object({ serverTime: time });

export const EXCHANGE_INFO = z.object({ rateLimits: ROWS, symbols: ROWS });

const bookTicker = z.object({ symbol: name, bidPrice: decimal, bidQty: decimal, askPrice: decimal, askQty: decimal });
export const BOOK_TICKER = bookTicker;
export const BOOK_TICKERS = z.array(bookTicker);

/** Of the last day on spot. */
export const DAY_ROW = z.object({ symbol: name, lastPrice: decimal, bidPrice: decimal, askPrice: decimal });

export const LAST_PRICE = z.object({ symbol: name, price: decimal });

const levels = z.array(z.tuple([decimal, decimal]));
/** Best first. */
export const BOOK = z.object({ bids: levels, asks: levels });

const premium = z.object({
	symbol: name,
	markPrice: decimal,
	indexPrice: decimal,
	/** Empty on contracts that end. */
	lastFundingRate: decimalOrNone,
	nextFundingTime: time,
	time,
});
export const PREMIUM = premium;
export const PREMIUMS = z.array(premium);

/** Oldest first, and the last may still be growing. */
export const KLINES = z.array(
	z.tuple([time, decimal, decimal, decimal, decimal, decimal, time, decimal, z.int(), decimal, decimal, z.unknown()]),
);

/** Of one symbol: spot's is wrapped. */
export const SPOT_FEES = z.object({
	symbol: name,
	standardCommission: z.object({ maker: decimal, taker: decimal }),
});
export const FUTURES_FEES = z.object({ symbol: name, makerCommissionRate: decimal, takerCommissionRate: decimal });

export const SPOT_ACCOUNT = z.object({
	canTrade: z.boolean(),
	canWithdraw: z.boolean().optional(),
	accountType: name.optional(),
	commissionRates: z.object({ maker: decimal, taker: decimal }).optional(),
	permissions: z.array(z.string().max(64)).optional(),
	/** Whose account it is; places for play may not say. */
	uid: z.int().nonnegative().optional(),
	balances: ROWS,
});

export const FUTURES_ACCOUNT = z.object({
	totalWalletBalance: decimal,
	totalMarginBalance: decimal,
	totalInitialMargin: decimal,
	totalMaintMargin: decimal,
	availableBalance: decimal,
	/** Of every coin. */
	assets: ROWS,
});

/** What a key may do. Only the real exchange can be asked, and only over its spot host. */
export const KEY_RIGHTS = z.object({
	ipRestrict: z.boolean(),
	enableReading: z.boolean(),
	enableSpotAndMarginTrading: z.boolean(),
	enableFutures: z.boolean(),
	enableWithdrawals: z.boolean(),
	/** The rights to trade end then. */
	tradingAuthorityExpirationTime: time.optional(),
});

export const FUTURES_CONFIG = z.object({
	canTrade: z.boolean(),
	/** Two positions in one symbol, one each way. */
	dualSidePosition: z.boolean(),
	multiAssetsMargin: z.boolean(),
});

export const SYMBOL_CONFIGS = z.array(z.object({ symbol: name, marginType: z.string().max(64), leverage: z.number() }));

/** Above zero is long. */
export const POSITIONS = z.array(
	z.object({ symbol: name, positionAmt: decimal, entryPrice: decimal, markPrice: decimal, unRealizedProfit: decimal }),
);

const filter = z.looseObject({ filterType: name });

export const SPOT_SYMBOL = z.object({
	symbol: name,
	status: name,
	baseAsset: name,
	quoteAsset: name,
	isSpotTradingAllowed: z.boolean().optional(),
	filters: z.array(filter),
});

export const FUTURES_SYMBOL = z.object({
	symbol: name,
	status: name,
	contractType: z.string().max(64),
	/** Of what never ends, a day in the year 2100. */
	deliveryDate: time.optional(),
	baseAsset: name,
	quoteAsset: name,
	marginAsset: name,
	filters: z.array(filter),
});

export const PRICE_FILTER = z.object({ minPrice: decimal, maxPrice: decimal, tickSize: decimal });
export const LOT_SIZE = z.object({ minQty: decimal, maxQty: decimal, stepSize: decimal });
export const MIN_NOTIONAL = z.object({ minNotional: decimal });
export const FUTURES_MIN_NOTIONAL = z.object({ notional: decimal });

export type BookTicker = z.infer<typeof BOOK_TICKER>;
export type Premium = z.infer<typeof PREMIUM>;
export type SpotAccount = z.infer<typeof SPOT_ACCOUNT>;
export type FuturesAccount = z.infer<typeof FUTURES_ACCOUNT>;
export type KeyRights = z.infer<typeof KEY_RIGHTS>;
export type FuturesConfig = z.infer<typeof FUTURES_CONFIG>;
export type SymbolConfig = z.infer<typeof SYMBOL_CONFIGS>[number];
export type SymbolFilter = z.infer<typeof filter>;
