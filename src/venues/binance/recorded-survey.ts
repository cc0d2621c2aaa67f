/**
 * What recorded frames of Binance are about: the market, the symbol, and the steps that prices and sizes are written in. No
 * frame says the market; each is spelled a little differently on the two.
 */
import type { Category } from '../../domain/instrument.ts';
import type { RecordedInstrument } from '../../domain/market-record.ts';
import {
	isSymbol,
	LineFault,
	type RecordedFormat,
	readingInstrument,
	StepFinder,
	type Survey,
	type Surveyed,
} from '../wire/recorded.ts';
import type { Market } from './codec/frames.ts';
import { arrivedAtUs, isSnapshot, JSON_FROM, type Seen, seenIn } from './recorded-line.ts';
import { FramesReplay } from './recorded-replay.ts';

export const BINANCE_FRAMES: RecordedFormat = {
	about: "raw frames of Binance, '<nanoseconds> {…}' a line",
	isLike: (line) => arrivedAtUs(line) !== undefined,
	survey: (category) => new FramesSurvey(category),
};

const DIFF_STREAM = /@depth(?:@\d+ms)?$/;

class FramesSurvey implements Survey {
	readonly #said: Category | undefined;
	readonly #prices = new StepFinder();
	readonly #sizes = new StepFinder();
	readonly #diffStreams = new Set<string>();
	#hasTrades = false;
	#market: Market | undefined;
	#symbol: string | undefined;
	#firstAtUs: number | undefined;
	lastAtUs = 0;

	constructor(said: Category | undefined) {
		this.#said = said;
	}

	line(bytes: Uint8Array): void {
		const atUs = arrivedAtUs(bytes);
		if (atUs === undefined) throw new LineFault('expected the time of receipt in nanoseconds (19 digits), a blank and a frame');
		this.#firstAtUs ??= atUs;
		this.lastAtUs = atUs;
		const seen = seenIn(bytes);
		const { event, symbol } = seen;
		if (event === 'trade') this.#hasTrades = true;
		const market = marketOf(seen);
		if (market !== undefined) this.#follow(market);
		if (READ_EVENTS.has(event) && !isSnapshot(bytes.subarray(JSON_FROM))) this.#name(symbol);
		this.#streamOf(seen);
		this.#see(seen);
	}

	end(): Surveyed {
		if (this.#symbol === undefined) return { kind: 'nothing', sentence: 'there is no book, trade or mark of a symbol in it' };
		const market = this.#market ?? (this.#said === 'spot' || this.#said === 'linear' ? this.#said : undefined);
		if (market === undefined) {
			return {
				kind: 'nothing',
				sentence: 'its frames are spelled alike on both markets: say --category spot or --category linear',
			};
		}
		if (this.#said !== undefined && this.#said !== market) {
			return { kind: 'nothing', sentence: `its frames are of the market '${market}', and --category says '${this.#said}'` };
		}
		const recorded: RecordedInstrument = {
			venue: 'binance',
			category: market,
			symbol: this.#symbol,
			tickSize: this.#prices.step,
			lotSize: this.#sizes.step,
		};
		const instrument = readingInstrument(recorded);
		if (instrument === undefined) return { kind: 'nothing', sentence: 'its prices and sizes have too many digits' };
		const [hasDiffs, hasTrades] = [this.#diffStreams.size > 0, this.#hasTrades];
		return {
			kind: 'found',
			instrument: recorded,
			firstAtUs: this.#firstAtUs ?? 0,
			lastAtUs: this.lastAtUs,
			replay: (sink) => new FramesReplay({ market, instrument, hasDiffs, hasTrades }, sink),
		};
	}

	#follow(market: Market): void {
		this.#market ??= market;
		if (market !== this.#market) {
			throw new LineFault(`it is a frame of the market '${market}', and those in front of it are of '${this.#market}'`);
		}
	}

	#name(symbol: unknown): void {
		if (!isSymbol(symbol)) throw new LineFault('the frame names no symbol');
		this.#symbol ??= symbol;
		if (symbol !== this.#symbol) {
			throw new LineFault(`it is of ${symbol}, and what is in front of it of ${this.#symbol}: one symbol at a time`);
		}
	}

	/** Two diff streams of one book go different ways from update to update, and would look like gaps. */
	#streamOf({ stream, event }: Seen): void {
		if (event !== 'depthUpdate' || (stream !== undefined && !DIFF_STREAM.test(stream))) return;
		this.#diffStreams.add(stream ?? 'depthUpdate');
		if (this.#diffStreams.size > 1) {
			throw new LineFault(`it is of a second stream of diffs (${[...this.#diffStreams].join(' and ')}): one at a time`);
		}
	}

	#see({ event, data }: Seen): void {
		if (event === 'trade' || event === 'aggTrade') {
			this.#prices.see(data['p']);
			this.#sizes.see(data['q']);
		} else if (event === 'bookTicker') {
			for (const name of ['b', 'a']) this.#prices.see(data[name]);
			for (const name of ['B', 'A']) this.#sizes.see(data[name]);
		} else if (event === 'depthUpdate' || event === 'snapshot') {
			for (const name of ['b', 'a', 'bids', 'asks']) this.#seeLevels(data[name]);
		}
	}

	#seeLevels(levels: unknown): void {
		if (!Array.isArray(levels)) return;
		for (const level of levels as readonly unknown[]) {
			if (!Array.isArray(level)) continue;
			this.#prices.see(level[0]);
			this.#sizes.see(level[1]);
		}
	}
}

const READ_EVENTS: ReadonlySet<string> = new Set([
	'depthUpdate',
	'snapshot',
	'bookTicker',
	'trade',
	'aggTrade',
	'markPriceUpdate',
]);

/** By what only one of them has; undefined where both spell it alike, or where it is none of ours. */
function marketOf({ event, data }: Seen): Market | undefined {
	if ('ps' in data) throw new LineFault('it is a frame of a coin-margined market, which is not traded here');
	if (event === 'depthUpdate') return 'pu' in data ? 'linear' : 'spot';
	if (event === 'snapshot' || event === 'bookTicker') return 'E' in data ? 'linear' : 'spot';
	if (event === 'trade' || event === 'aggTrade') return 'M' in data ? 'spot' : 'linear';
	return event === 'markPriceUpdate' ? 'linear' : undefined;
}
