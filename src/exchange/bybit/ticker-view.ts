/**
 * The ticker of a symbol as text, for whoever shows it: REST shows all of it but the direction of the last tick, the
 * sockets leave out what a perpetual has no use for. Before the first trade the mark price stands in for every price.
 */
import { money, quotient, rate } from './printing.ts';
import type { Tape } from './tape.ts';

export type TickerFields = Readonly<Record<string, string>>;

const HOUR_MS = 3_600_000;
const PERCENT_DECIMALS = 6;
/** Shown on perpetuals of this venue unless it says otherwise. */
const FUNDING_CAP = '0.005';

/** The fields that spot and contracts have in common, on REST and on sockets. */
export function dayFields(tape: Tape, nowMs: number): TickerFields {
	const { price, qty } = tape.listing;
	const { highTicks, lowTicks, dayAgoTicks, volumeLots, turnoverAtoms } = tape.minutes.day(nowMs);
	const lastTicks = lastTicksOf(tape);
	const beforeTicks = dayAgoTicks || lastTicks;
	return {
		symbol: tape.shown.symbol,
		lastPrice: price.format(lastTicks),
		prevPrice24h: price.format(beforeTicks),
		price24hPcnt: quotient(BigInt(lastTicks - beforeTicks), BigInt(beforeTicks), 0, PERCENT_DECIMALS),
		highPrice24h: price.format(highTicks || lastTicks),
		lowPrice24h: price.format(lowTicks || lastTicks),
		turnover24h: money(turnoverAtoms),
		volume24h: qty.format(volumeLots),
	};
}

export function bestFields(tape: Tape): TickerFields {
	const { price, qty } = tape.listing;
	const book = tape.venue.exchange.book(tape.shown.exchangeKey, 1);
	const [bid, ask] = [book?.bids[0], book?.asks[0]];
	return {
		bid1Price: bid === undefined ? '' : price.format(bid.priceTicks),
		bid1Size: bid === undefined ? '' : qty.format(bid.qtyLots),
		ask1Price: ask === undefined ? '' : price.format(ask.priceTicks),
		ask1Size: ask === undefined ? '' : qty.format(ask.qtyLots),
	};
}

export function spotFields(tape: Tape): TickerFields {
	const ticker = tape.ticker();
	return { usdIndexPrice: tape.listing.price.format(ticker?.markTicks || (ticker?.lastTicks ?? 0)) };
}

export function contractFields(tape: Tape, nowMs: number): TickerFields {
	const { listing, openLots } = tape;
	const { price, qty, spec } = listing;
	const ticker = tape.ticker();
	const markTicks = ticker?.markTicks ?? 0;
	return {
		prevPrice1h: price.format(tape.minutes.day(nowMs).hourAgoTicks || lastTicksOf(tape)),
		markPrice: price.format(markTicks),
		indexPrice: price.format(markTicks),
		openInterest: qty.format(openLots),
		openInterestValue: money(listing.valueAtoms(markTicks, openLots)),
		fundingRate: rate(ticker?.fundingRateE8 ?? 0),
		nextFundingTime: String(ticker?.nextFundingAtMs ?? 0),
		fundingIntervalHour: String(Math.floor((spec.fundingIntervalMs ?? 0) / HOUR_MS)),
		fundingCap: FUNDING_CAP,
		preOpenPrice: '',
		preQty: '',
		curPreListingPhase: '',
	};
}

function lastTicksOf(tape: Tape): number {
	const ticker = tape.ticker();
	return ticker?.lastTicks || (ticker?.markTicks ?? 0);
}
