/** How market data is asked for: pace, company, patience, and how long an answer may be used again. */

export interface MarketDataSettings {
	/** False: each price is asked for by itself, at once; equal reads in flight are still shared. */
	readonly isBatching: boolean;
	/** Prices that are read in one go. */
	readonly batchSize: number;
	/** The longest that a price waits for company where nobody is in a hurry: subscriptions are not, reads are. */
	readonly batchTimeoutMs: number;
	readonly concurrentBatchesMax: number;
	/** Reads in flight at a venue. */
	readonly concurrentRequestsMax: number;
	/** False: the venues' own limits alone hold reads back. */
	readonly isLimiting: boolean;
	/** Calls to a venue. */
	readonly requestsPerMinute: number;
	readonly marketDataPerSecond: number;
	/** Of those who do not say how long they would wait. */
	readonly withinMs: number;
	readonly priceTtlMs: number;
	readonly bookTtlMs: number;
	/** A bar that closes makes what was read before it old, however young it is. */
	readonly barsTtlMs: number;
	/** How often a subscription looks: at what is heard anyway, and at what has to be asked for. */
	readonly lookEveryMs: number;
	readonly askEveryMs: number;
}

export const MARKET_DATA_SETTINGS: MarketDataSettings = {
	isBatching: true,
	batchSize: 20,
	batchTimeoutMs: 500,
	concurrentBatchesMax: 5,
	concurrentRequestsMax: 50,
	isLimiting: true,
	requestsPerMinute: 1_200,
	marketDataPerSecond: 20,
	withinMs: 5_000,
	priceTtlMs: 500,
	bookTtlMs: 250,
	barsTtlMs: 1_000,
	lookEveryMs: 100,
	askEveryMs: 1_000,
};
