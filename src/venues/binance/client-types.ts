/**
 * What a client alone takes and gives: decimal text, the venue's symbols, ids as text, and what became of each order. Types
 * and nothing else, so that programs of others need no library for them.
 */
import type { InstrumentSpec } from '../../domain/instrument.ts';
import type { FailureClass } from '../../domain/outcome.ts';
import type { Side } from '../../domain/side.ts';
import type { KlineInterval } from './codec/plain-kline.ts';
import type { Kline, KlinesAsked } from './klines.ts';
import type { Read, ReadFailed } from './read.ts';

/** Plain decimal text, or a number that prints as such; nothing is rounded. */
export type Amount = string | number;

export interface OrderWish {
	/** As the venue writes it: `BTCUSDT`. */
	readonly symbol: string;
	readonly side: Side;
	readonly qty: Amount;
	/** Without one it is a market order. */
	readonly price?: Amount;
	/** Of an order with a price; `gtc` unless given. */
	readonly timeInForce?: 'gtc' | 'postOnly' | 'ioc' | 'fok';
	/** Futures only. */
	readonly reduceOnly?: boolean;
	/** Of up to 36 of A-Z a-z 0-9 _ -, never used before; made up unless given. */
	readonly clientOrderId?: string;
}

export interface ModifyWish {
	readonly symbol: string;
	readonly side: Side;
	/** In total, what is filled included. */
	readonly qty: Amount;
	readonly price: Amount;
}

export type OrderStatus = 'open' | 'partlyFilled' | 'filled' | 'cancelled' | 'rejected' | 'expired';

export interface ClientOrder {
	readonly symbol: string;
	readonly orderId: string;
	readonly clientOrderId: string;
	readonly side: Side;
	readonly status: OrderStatus;
	readonly price: string;
	readonly qty: string;
	readonly filledQty: string;
	readonly atMs: number;
}

/** What is known of it, under the id it was named by. `unknown`: nobody answered, and asking did not help; it may be there. */
export type OrderResult =
	| { readonly kind: 'done'; readonly order: ClientOrder }
	| { readonly kind: 'refused'; readonly id: string; readonly class: FailureClass; readonly reason: string }
	| { readonly kind: 'unknown'; readonly id: string; readonly reason: string };

export interface Ticker {
	readonly symbol: string;
	/** Empty where that side of the book is. */
	readonly bid: string;
	readonly bidQty: string;
	readonly ask: string;
	readonly askQty: string;
	/** Of the last trade that was heard. */
	readonly last: string | undefined;
	/** Futures only. */
	readonly mark: string | undefined;
}

export interface BookLevel {
	readonly price: string;
	readonly qty: string;
}

export interface BookShown {
	readonly symbol: string;
	/** Best first. */
	readonly bids: readonly BookLevel[];
	readonly asks: readonly BookLevel[];
}

export interface TradeShown {
	readonly symbol: string;
	readonly price: string;
	readonly qty: string;
	readonly takerSide: Side;
}

/** The running one while it changes, and once more when it is closed. */
export interface CandleShown {
	readonly symbol: string;
	readonly startAtMs: number;
	readonly open: string;
	readonly high: string;
	readonly low: string;
	readonly close: string;
	readonly volume: string;
	readonly isClosed: boolean;
}

export interface FeedListener {
	readonly ticker?: (ticker: Ticker) => void;
	readonly book?: (book: BookShown) => void;
	readonly trade?: (trade: TradeShown) => void;
	readonly candle?: { readonly interval: KlineInterval; readonly heard: (candle: CandleShown) => void };
	/** What was told of this symbol is not to be believed until it is told anew. */
	readonly lost?: (symbol: string) => void;
}

export interface Balance {
	readonly currency: string;
	readonly free: string;
	readonly total: string;
}

export interface Position {
	readonly symbol: string;
	/** Above zero is long. */
	readonly qty: string;
	readonly entryPrice: string;
	readonly markPrice: string;
	readonly unrealisedProfit: string;
}

export interface AccountInfo {
	readonly canTrade: boolean;
	readonly balances: readonly Balance[];
	/** Spot has none. */
	readonly positions: readonly Position[];
}

export interface SymbolData {
	readonly price: string;
	readonly book: { readonly bids: readonly (readonly string[])[]; readonly asks: readonly (readonly string[])[] };
	readonly klines: readonly Kline[];
}

/** By the venue's id or by ours. */
export type OrderRef = { readonly orderId: string } | { readonly clientOrderId: string };

/** One market. What fails is a value; a mistake in an argument is a RangeError. */
export interface BinanceClient extends AsyncDisposable {
	readonly market: 'spot' | 'futures';
	getServerTime(): Promise<Read<number>>;
	getLatestPrice(symbol: string): Promise<Read<string>>;
	getOrderBook(symbol: string, levels?: number): Promise<Read<SymbolData['book']>>;
	getKlines(symbol: string, asked: KlinesAsked): Promise<Read<readonly Kline[]>>;
	/** Ticks, lots and bounds of symbols; a sentence for each that is wrong. */
	getInstruments(symbols: readonly string[]): Promise<Read<readonly InstrumentSpec[]>>;
	/** Price, book and candles of many symbols, some at a time. One that fails does not cost the others a thing. */
	getMultipleSymbolsData(
		symbols: readonly string[],
		asked?: Partial<Pick<KlinesAsked, 'interval' | 'limit'>>,
	): Promise<ReadonlyMap<string, Read<SymbolData>>>;
	/** Resolves when the books are whole. The streams end with what is returned, or with the client. */
	subscribe(symbols: readonly string[], listener: FeedListener): Promise<Read<AsyncDisposable>>;
	/** Best prices, last trade and mark, whenever one of them changes. */
	subscribeToTicker(symbols: string | readonly string[], heard: (ticker: Ticker) => void): Promise<Read<AsyncDisposable>>;
	/** Of all coins, or of one; a coin that the account never had is not among them. */
	getBalance(currency?: string): Promise<Read<readonly Balance[]>>;
	getAccountInfo(): Promise<Read<AccountInfo>>;
	/** Sent once. Where nobody answers, the venue is asked by its id until that is settled, for some seconds at most. */
	createOrder(wish: OrderWish): Promise<OrderResult>;
	/** Futures take five a call; spot takes them one by one, several at once. One result each, in their order. */
	createBatchOrders(wishes: readonly OrderWish[]): Promise<readonly OrderResult[]>;
	/** Price and quantity of an order that stands; it goes to the back of its queue. Spot cannot do that. */
	modifyOrder(wish: ModifyWish, ref: OrderRef): Promise<OrderResult>;
	cancelOrder(symbol: string, ref: OrderRef): Promise<OrderResult>;
	/** Everybody's orders of this account in the symbol; none open is as good as all cancelled. */
	cancelAllOrders(symbol: string): Promise<{ readonly kind: 'done' } | ReadFailed>;
	getOrder(symbol: string, ref: OrderRef): Promise<Read<ClientOrder>>;
	getOpenOrders(symbol?: string): Promise<Read<readonly ClientOrder[]>>;
}
