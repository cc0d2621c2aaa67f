/**
 * What the answers to reads must look like before anybody uses them. Members that we have no use for are dropped, so
 * that nothing unexpected travels on (F83); amounts stay decimal text. Rows of orders and executions are left as they
 * are: the codec reads them, as it reads the same rows of the streams.
 */
import { z } from 'zod';

const decimal = z.string().regex(/^-?\d{1,40}(\.\d{1,40})?$/, 'expected a plain decimal');
/** Prices and figures that do not exist are empty. */
const decimalOrNone = z.union([decimal, z.literal('')]);
const digits = z.string().regex(/^\d{1,16}$/, 'expected digits');
const name = z.string().min(1).max(64);
const text = z.string().max(256);
const level = z.tuple([decimal, decimal]);

export const TICKER = z.object({
	symbol: name,
	lastPrice: decimal,
	bid1Price: decimalOrNone.optional(),
	bid1Size: decimalOrNone.optional(),
	ask1Price: decimalOrNone.optional(),
	ask1Size: decimalOrNone.optional(),
	markPrice: decimalOrNone.optional(),
	indexPrice: decimalOrNone.optional(),
	fundingRate: decimalOrNone.optional(),
	nextFundingTime: z.union([digits, z.literal('')]).optional(),
	volume24h: decimalOrNone.optional(),
	turnover24h: decimalOrNone.optional(),
});
export const TICKERS = z.object({ list: z.array(TICKER) });
/** One row that cannot be read must not hide the others. */
export const ROWS = z.object({ list: z.array(z.unknown()) });

export const ORDER_BOOK = z.object({
	s: name,
	b: z.array(level),
	a: z.array(level),
	ts: z.int(),
	u: z.int(),
	seq: z.int().optional(),
});

/** Newest first; the first may still be growing. */
export const KLINES = z.object({
	list: z.array(z.tuple([digits, decimal, decimal, decimal, decimal, decimal, decimal])),
});

export const FEE_RATES = z.object({
	list: z.array(z.object({ symbol: text, makerFeeRate: decimal, takerFeeRate: decimal })),
});

export const CONTRACT_ROW = z.object({
	symbol: name,
	status: name,
	baseCoin: name,
	quoteCoin: name,
	settleCoin: name,
	/** 0 for what never ends. */
	deliveryTime: digits.optional(),
	priceFilter: z.object({ minPrice: decimal, maxPrice: decimal, tickSize: decimal }),
	lotSizeFilter: z.object({
		minOrderQty: decimal,
		maxOrderQty: decimal,
		qtyStep: decimal,
		minNotionalValue: decimalOrNone.optional(),
	}),
});

export const SPOT_ROW = z.object({
	symbol: name,
	status: name,
	baseCoin: name,
	quoteCoin: name,
	priceFilter: z.object({ tickSize: decimal }),
	lotSizeFilter: z.object({
		basePrecision: decimal,
		minOrderAmt: decimal,
		minOrderQty: decimal.optional(),
		maxLimitOrderQty: decimal.optional(),
		maxOrderQty: decimal.optional(),
	}),
});

export const POSITION_ROW = z.object({
	positionIdx: z.int(),
	symbol: name,
	side: z.enum(['Buy', 'Sell', '']),
	size: decimal,
	avgPrice: decimalOrNone,
	leverage: decimalOrNone,
	markPrice: decimalOrNone,
	unrealisedPnl: decimalOrNone,
	positionStatus: text,
	updatedTime: digits,
});

export const WALLET = z.object({
	list: z
		.array(
			z.object({
				accountType: name,
				totalEquity: decimalOrNone,
				totalAvailableBalance: decimalOrNone,
				totalInitialMargin: decimalOrNone,
				totalMaintenanceMargin: decimalOrNone,
				accountMMRate: decimalOrNone,
				coin: z.array(
					z.object({
						coin: name,
						equity: decimalOrNone,
						walletBalance: decimalOrNone,
						locked: decimalOrNone,
						totalOrderIM: decimalOrNone,
						totalPositionIM: decimalOrNone,
						unrealisedPnl: decimalOrNone,
						borrowAmount: decimalOrNone,
					}),
				),
			}),
		)
		.min(1),
});

export const ACCOUNT = z.object({
	/** 1 is the old account of separate wallets; 3 to 6 are unified ones. */
	unifiedMarginStatus: z.int(),
	marginMode: name,
});

export const KEY = z.object({
	readOnly: z.int(),
	permissions: z.record(z.string().max(64), z.array(text).nullable()),
	ips: z.array(text).nullable(),
	expiredAt: text,
	uta: z.int(),
	vipLevel: text,
	/** Of the account, whichever of its keys asks. An odd one is none: the rest is worth more than it. */
	userID: z.union([z.int(), digits]).optional().catch(undefined),
});

export const DCP = z.object({
	dcpInfos: z.array(z.object({ product: name, dcpStatus: text, timeWindow: z.union([digits, z.literal('')]) })).nullish(),
});

/** Where only the word "done" counts. */
export const ANYTHING = z.unknown();

export const CANCELLED = z.object({ list: z.array(z.object({ orderId: text, orderLinkId: text })) });

export type Ticker = z.infer<typeof TICKERS>['list'][number];
export type BookSnapshot = z.infer<typeof ORDER_BOOK>;
export type Kline = z.infer<typeof KLINES>['list'][number];
export type FeeRate = z.infer<typeof FEE_RATES>['list'][number];
export type ContractRow = z.infer<typeof CONTRACT_ROW>;
export type SpotRow = z.infer<typeof SPOT_ROW>;
export type PositionRow = z.infer<typeof POSITION_ROW>;
export type WalletState = z.infer<typeof WALLET>['list'][number];
export type AccountState = z.infer<typeof ACCOUNT>;
export type KeyState = z.infer<typeof KEY>;
export type DcpState = NonNullable<z.infer<typeof DCP>['dcpInfos']>[number];
