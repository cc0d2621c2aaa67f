/**
 * The ticker topics. Contracts send all fields once and then only those that changed; spot sends all its fields every
 * time, and no best prices among them.
 */
import { money, quotient, rate } from './printing.ts';
import { Pace, type TopicStream } from './ws-stream.ts';
import type { Tape } from './ws-tape.ts';

const CONTRACT_INTERVAL_MS = 100;
const SPOT_INTERVAL_MS = 50;
const HOUR_MS = 3_600_000;
const PERCENT_DECIMALS = 6;
/** Shown on perpetuals of this venue unless it says otherwise. */
const FUNDING_CAP = '0.005';

type Fields = Readonly<Record<string, string>>;

export class TickerStream implements TopicStream {
	readonly #tape: Tape;
	readonly #topic: string;
	readonly #spot: boolean;
	readonly #pace: Pace;
	#published: Fields = {};

	constructor(tape: Tape, topic: string) {
		this.#tape = tape;
		this.#topic = topic;
		this.#spot = tape.shown.category === 'spot';
		this.#pace = new Pace(this.#spot ? SPOT_INTERVAL_MS : CONTRACT_INTERVAL_MS);
	}

	start(nowMs: number, alone: boolean): string {
		if (alone) this.#published = this.#fields(nowMs);
		return this.#frame('snapshot', nowMs, this.#published);
	}

	due(nowMs: number): readonly string[] {
		if (!this.#pace.reached(nowMs)) return [];
		const fields = this.#fields(nowMs);
		const changed = Object.entries(fields).filter(([name, text]) => this.#published[name] !== text);
		this.#published = fields;
		if (changed.length === 0) return [];
		if (this.#spot) return [this.#frame('snapshot', nowMs, fields)];
		return [this.#frame('delta', nowMs, { symbol: this.#tape.shown.symbol, ...Object.fromEntries(changed) })];
	}

	#frame(type: 'snapshot' | 'delta', nowMs: number, data: Fields): string {
		return JSON.stringify({ topic: this.#topic, type, data, cs: this.#tape.bookSeq, ts: nowMs });
	}

	#fields(nowMs: number): Fields {
		return this.#spot ? this.#spotFields(nowMs) : { ...this.#dayFields(nowMs), ...this.#contractFields() };
	}

	#spotFields(nowMs: number): Fields {
		const { prevPrice1h: _, ...fields } = this.#dayFields(nowMs);
		const ticker = this.#ticker();
		return { ...fields, usdIndexPrice: this.#price(ticker?.markTicks || (ticker?.lastTicks ?? 0)) };
	}

	#dayFields(nowMs: number): Record<'symbol' | 'prevPrice1h', string> & Fields {
		const { shown, listing, day } = this.#tape;
		const { highTicks, lowTicks, dayAgoTicks, hourAgoTicks, volumeLots, turnoverAtoms } = day.view(nowMs);
		const ticker = this.#ticker();
		// Before the first trade the mark stands in for every price, as it does on REST.
		const lastTicks = ticker?.lastTicks || (ticker?.markTicks ?? 0);
		const beforeTicks = dayAgoTicks || lastTicks;
		return {
			symbol: shown.symbol,
			lastPrice: this.#price(lastTicks),
			highPrice24h: this.#price(highTicks || lastTicks),
			lowPrice24h: this.#price(lowTicks || lastTicks),
			prevPrice24h: this.#price(beforeTicks),
			volume24h: listing.qty.format(volumeLots),
			turnover24h: money(turnoverAtoms),
			price24hPcnt: quotient(BigInt(lastTicks - beforeTicks), BigInt(beforeTicks), 0, PERCENT_DECIMALS),
			prevPrice1h: this.#price(hourAgoTicks || lastTicks),
		};
	}

	#contractFields(): Fields {
		const { venue, shown, listing, openLots, direction } = this.#tape;
		const ticker = this.#ticker();
		const markTicks = ticker?.markTicks ?? 0;
		const best = venue.exchange.book(shown.exchangeKey, 1);
		const bid = best?.bids[0];
		const ask = best?.asks[0];
		return {
			tickDirection: direction,
			markPrice: this.#price(markTicks),
			indexPrice: this.#price(markTicks),
			openInterest: listing.qty.format(openLots),
			openInterestValue: money(listing.valueAtoms(markTicks, openLots)),
			fundingRate: rate(ticker?.fundingRateE8 ?? 0),
			nextFundingTime: String(ticker?.nextFundingAtMs ?? 0),
			fundingIntervalHour: String((listing.spec.fundingIntervalMs ?? 0) / HOUR_MS),
			fundingCap: FUNDING_CAP,
			bid1Price: bid === undefined ? '' : this.#price(bid.priceTicks),
			bid1Size: bid === undefined ? '' : listing.qty.format(bid.qtyLots),
			ask1Price: ask === undefined ? '' : this.#price(ask.priceTicks),
			ask1Size: ask === undefined ? '' : listing.qty.format(ask.qtyLots),
			preOpenPrice: '',
			preQty: '',
			curPreListingPhase: '',
		};
	}

	#ticker(): ReturnType<Tape['venue']['exchange']['ticker']> {
		return this.#tape.venue.exchange.ticker(this.#tape.shown.exchangeKey);
	}

	#price(ticks: number): string {
		return this.#tape.listing.price.format(ticks);
	}
}
