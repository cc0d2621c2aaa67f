/** Candles and tickers as spot prints them, for REST and for streams. */
import { formatScaled } from '../core/decimal.ts';
import type { Listing } from '../core/listing.ts';
import { formatAtoms } from '../core/money.ts';
import { type Candle, candleSpan } from './candles.ts';
import { shownTradeId } from './ids.ts';
import type { Json } from './numbers.ts';
import { spotPrice, spotQty } from './spot-views.ts';
import type { Tape } from './tape.ts';

const AVERAGE_MINUTES = 5;
const MINUTE_MS = 60_000;
const DECIMALS = 8;
const PERCENT_DECIMALS = 3;
const ZERO = '0.00000000';
const NO_TRADE = -1;

export function candleRow(listing: Listing, candle: Candle): readonly Json[] {
	return [
		candle.startMs,
		spotPrice(listing, candle.openTicks),
		spotPrice(listing, candle.highTicks),
		spotPrice(listing, candle.lowTicks),
		spotPrice(listing, candle.closeTicks),
		spotQty(listing, candle.volumeLots),
		candle.endMs,
		formatAtoms(candle.turnoverAtoms),
		candle.tradeCount,
		spotQty(listing, candle.takerBuyLots),
		formatAtoms(candle.takerBuyAtoms),
		'0',
	];
}

/** Of the last five minutes; where nothing traded, the last price. */
export function averagePrice(
	{ listing, candles, exchange, shown }: Tape,
	nowMs: number,
): { readonly mins: number; readonly price: string; readonly closeTime: number } {
	const { endMs } = candleSpan('1m', nowMs);
	const fromMs = endMs + 1 - AVERAGE_MINUTES * MINUTE_MS;
	const rows = candles.list('1m', { fromMs, toMs: nowMs, limit: AVERAGE_MINUTES });
	let [atoms, lots] = [0n, 0];
	for (const row of rows) {
		atoms += row.turnoverAtoms;
		lots += row.volumeLots;
	}
	const lastTicks = exchange.ticker(shown.exchangeKey)?.lastTicks ?? 0;
	const price = lots === 0 ? spotPrice(listing, lastTicks) : averageText(listing, atoms, lots);
	return { mins: AVERAGE_MINUTES, price, closeTime: nowMs };
}

export function priceObject(tape: Tape): Json {
	return { symbol: tape.shown.symbol, price: spotPrice(tape.listing, tape.ticker()?.lastTicks ?? 0) };
}

export function bookTickerObject(tape: Tape): Json {
	return { symbol: tape.shown.symbol, ...bestFields(tape) };
}

/** Best prices and what stands there; nothing where a side is empty. */
export function bestFields({ exchange, shown, listing }: Tape): {
	readonly bidPrice: string;
	readonly bidQty: string;
	readonly askPrice: string;
	readonly askQty: string;
} {
	const book = exchange.book(shown.exchangeKey, 1);
	const [bid] = book?.bids ?? [];
	const [ask] = book?.asks ?? [];
	return {
		bidPrice: spotPrice(listing, bid?.priceTicks ?? 0),
		bidQty: spotQty(listing, bid?.qtyLots ?? 0),
		askPrice: spotPrice(listing, ask?.priceTicks ?? 0),
		askQty: spotQty(listing, ask?.qtyLots ?? 0),
	};
}

export type TickerForm = 'full' | 'short';

/** Of the last twenty-four hours. The short form leaves out what is about the book and about change. */
export function dayObject(tape: Tape, nowMs: number, form: TickerForm): Json {
	const { listing, shown } = tape;
	const day = tape.candles.day(nowMs);
	const { prices, lastPrice, sums } = spanFields(listing, day, nowMs);
	if (form === 'short') return { symbol: shown.symbol, ...prices, lastPrice, ...sums };
	return {
		symbol: shown.symbol,
		...changeFields(listing, day),
		lastPrice,
		...lastFields(tape),
		...bestFields(tape),
		...prices,
		...sums,
	};
}

/** The same of any time until now, and nothing of the book. */
export function windowObject({ listing, shown, candles }: Tape, lengthMs: number, nowMs: number, form: TickerForm): Json {
	const span = candles.latest(lengthMs, nowMs);
	const { prices, lastPrice, sums } = spanFields(listing, span, nowMs);
	const { prevClosePrice: _, ...change } = changeFields(listing, span);
	return { symbol: shown.symbol, ...(form === 'short' ? {} : change), ...prices, lastPrice, ...sums };
}

function spanFields(listing: Listing, span: Candle | null, nowMs: number) {
	const isTraded = span !== null && span.firstTradeId !== '';
	return {
		prices: {
			openPrice: spotPrice(listing, span?.openTicks ?? 0),
			highPrice: spotPrice(listing, span?.highTicks ?? 0),
			lowPrice: spotPrice(listing, span?.lowTicks ?? 0),
		},
		lastPrice: spotPrice(listing, span?.closeTicks ?? 0),
		sums: {
			volume: spotQty(listing, span?.volumeLots ?? 0),
			quoteVolume: formatAtoms(span?.turnoverAtoms ?? 0n),
			openTime: span?.startMs ?? nowMs,
			closeTime: nowMs,
			firstId: isTraded ? shownTradeId('spot', span.firstTradeId) : NO_TRADE,
			lastId: isTraded ? shownTradeId('spot', span.lastTradeId) : NO_TRADE,
			count: span?.tradeCount ?? 0,
		},
	};
}

/** What the day brought. */
export function changeFields(
	listing: Listing,
	day: Candle | null,
): {
	readonly priceChange: string;
	readonly priceChangePercent: string;
	readonly weightedAvgPrice: string;
	readonly prevClosePrice: string;
} {
	if (day === null || day.openTicks === 0) {
		return { priceChange: ZERO, priceChangePercent: '0.000', weightedAvgPrice: ZERO, prevClosePrice: ZERO };
	}
	const changeTicks = BigInt(day.closeTicks - day.openTicks);
	const thousandths = (changeTicks * 100n * 10n ** BigInt(PERCENT_DECIMALS)) / BigInt(day.openTicks);
	const size = spotPrice(listing, Math.abs(Number(changeTicks)));
	return {
		priceChange: changeTicks < 0n ? `-${size}` : size,
		priceChangePercent: formatScaled(thousandths, PERCENT_DECIMALS),
		weightedAvgPrice: day.volumeLots === 0 ? ZERO : averageText(listing, day.turnoverAtoms, day.volumeLots),
		prevClosePrice: spotPrice(listing, day.openTicks),
	};
}

function lastFields({ exchange, shown, listing }: Tape): { readonly lastQty: string } {
	return { lastQty: spotQty(listing, exchange.trades(shown.exchangeKey).at(-1)?.qtyLots ?? 0) };
}

/** An amount over a quantity, cut to eight decimals. */
function averageText(listing: Listing, atoms: bigint, lots: number): string {
	return formatScaled((atoms * 10n ** BigInt(DECIMALS)) / listing.baseAtoms(lots), DECIMALS);
}
