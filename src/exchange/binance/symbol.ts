/** The two markets of the venue, and a symbol as it is shown on one of them. */
export type BinanceMarket = 'spot' | 'futures';
export const BINANCE_MARKETS: readonly BinanceMarket[] = ['spot', 'futures'];

/** The exchange lists it under another key, since both markets share names. */
export interface BinanceSymbol {
	readonly market: BinanceMarket;
	readonly symbol: string;
	readonly exchangeKey: string;
}
