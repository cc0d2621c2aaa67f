/** Candles as both markets list them: rows of twelve, oldest first, of which we use the first eight and the count. */

/** Amounts are decimal text. */
export interface Kline {
	readonly openAtMs: number;
	readonly open: string;
	readonly high: string;
	readonly low: string;
	readonly close: string;
	readonly volume: string;
	readonly closeAtMs: number;
	readonly quoteVolume: string;
	readonly tradeCount: number;
}

export interface KlinesAsked {
	/** In the venue's words: `1m`, `4h`, `1d`. */
	readonly interval: string;
	readonly startTime?: number;
	readonly endTime?: number;
	readonly limit?: number;
}

/** The rest of a row is of no use to us. */
type KlineRow = readonly [number, string, string, string, string, string, number, string, number, ...unknown[]];

export function klinesOf(rows: readonly KlineRow[]): readonly Kline[] {
	return rows.map(([openAtMs, open, high, low, close, volume, closeAtMs, quoteVolume, tradeCount]) => ({
		openAtMs,
		open,
		high,
		low,
		close,
		volume,
		closeAtMs,
		quoteVolume,
		tradeCount,
	}));
}

export const SPOT_KLINES_MAX = 1_000;
export const FUTURES_KLINES_MAX = 1_500;

/** Futures weigh by length, spot does not. */
export function klinesWeight(market: 'spot' | 'linear', limit: number): number {
	if (market === 'spot') return 2;
	if (limit < 100) return 1;
	if (limit < 500) return 2;
	return limit <= 1_000 ? 5 : 10;
}
