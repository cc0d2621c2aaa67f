/**
 * Subscriptions to the market. Prices and books are looked at again and again, where they are heard anyway (the engine's
 * own) or, if they are not, by asking the venue, slower; that is bounded whatever the market does, and only the latest
 * counts. Bars come from the venue's own streams.
 */
import type { Instrument, InstrumentIndex } from '../domain/instrument.ts';
import type { Bar, BarInterval, BookRead, PriceRead } from '../domain/market-read.ts';
import { failed, ok, type Result } from '../network/result.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { MarketDataSettings } from './market-data-settings.ts';
import type { VenueReads } from './venue-reads.ts';

export interface PriceFeed {
	readonly kind: 'price';
}

export interface BookFeed {
	readonly kind: 'book';
	readonly depth: number;
}

export interface BarsFeed {
	readonly kind: 'bars';
	readonly interval: BarInterval;
}

export type Feed = PriceFeed | BookFeed | BarsFeed;

export interface BarNews {
	readonly instrument: InstrumentIndex;
	readonly bar: Bar;
	/** It will not change any more. */
	readonly isClosed: boolean;
}

export type Heard<Value> = (news: Result<Value>) => void;

/** What is known without asking; undefined where it is not to be trusted. */
export interface HeardMarket {
	price(instrument: Instrument): PriceRead | undefined;
	book(instrument: Instrument, depth: number): BookRead | undefined;
}

export interface Found {
	readonly instrument: Instrument;
	readonly reads: VenueReads;
}

export interface MarketFeedsParts {
	readonly clock: Clock;
	readonly settings: Pick<MarketDataSettings, 'lookEveryMs' | 'askEveryMs'>;
	readonly heardMarket: HeardMarket | undefined;
	readonly listenerFailed: (error: unknown) => void;
	readonly find: (symbol: string) => Result<Found>;
	readonly price: (found: Found) => Promise<Result<PriceRead>>;
	readonly book: (found: Found, depth: number) => Promise<Result<BookRead>>;
}

export function isClosedBar(news: Result<BarNews>): boolean {
	return news.kind === 'ok' && news.value.isClosed;
}

export class MarketFeeds implements Disposable {
	readonly #parts: MarketFeedsParts;
	readonly #open = new Set<Disposable>();

	constructor(parts: MarketFeedsParts) {
		this.#parts = parts;
	}

	price(symbol: string, heard: Heard<PriceRead>): Disposable {
		const { price, heardMarket } = this.#parts;
		return this.#watch(symbol, heard, {
			look: ({ instrument }) => heardMarket?.price(instrument),
			ask: (found) => price(found),
		});
	}

	book(symbol: string, depth: number, heard: Heard<BookRead>): Disposable {
		const { book, heardMarket } = this.#parts;
		return this.#watch(symbol, heard, {
			look: ({ instrument }) => heardMarket?.book(instrument, depth),
			ask: (found) => book(found, depth),
		});
	}

	bars(symbol: string, interval: BarInterval, heard: Heard<BarNews>): Disposable {
		const { clock, find } = this.#parts;
		const following = new DisposableStack();
		const tell = this.#guarded(heard, following);
		// Nobody is told anything from inside of this call.
		const later = (news: Result<BarNews>): void => {
			const timer = clock.after(0, () => tell(news));
			following.defer(() => timer.cancel());
		};
		const found = find(symbol);
		if (found.kind === 'failed') later(found);
		else {
			const { instrument, reads } = found.value;
			const bars = reads.reader.followBars(instrument, interval, (bar, isClosed) =>
				tell(ok({ instrument: instrument.index, bar, isClosed })),
			);
			if (bars === undefined) later(noRoom(instrument));
			else following.use(bars);
		}
		return this.#kept(following);
	}

	[Symbol.dispose](): void {
		for (const each of this.#open) each[Symbol.dispose]();
	}

	#watch<Value extends PriceRead | BookRead>(symbol: string, heard: Heard<Value>, sources: Sources<Value>): Disposable {
		const following = new DisposableStack();
		const tell = this.#guarded(heard, following);
		following.use(new Watch({ ...this.#parts, ...sources, symbol, tell }));
		return this.#kept(following);
	}

	#guarded<Value>(heard: Heard<Value>, following: DisposableStack): Heard<Value> {
		return (news) => {
			if (following.disposed) return;
			try {
				heard(news);
			} catch (error: unknown) {
				following[Symbol.dispose]();
				this.#parts.listenerFailed(error);
			}
		};
	}

	#kept(following: DisposableStack): Disposable {
		this.#open.add(following);
		following.defer(() => void this.#open.delete(following));
		return following;
	}
}

interface Sources<Value> {
	readonly look: (found: Found) => Value | undefined;
	readonly ask: (found: Found) => Promise<Result<Value>>;
}

interface WatchParts<Value> extends Sources<Value>, Pick<MarketFeedsParts, 'clock' | 'settings' | 'find'> {
	readonly symbol: string;
	readonly tell: Heard<Value>;
}

class Watch<Value extends PriceRead | BookRead> implements Disposable {
	readonly #parts: WatchParts<Value>;
	#timer: Timer;
	#told = '';
	#isOver = false;

	constructor(parts: WatchParts<Value>) {
		this.#parts = parts;
		this.#timer = parts.clock.after(0, () => void this.#turn());
	}

	[Symbol.dispose](): void {
		this.#isOver = true;
		this.#timer.cancel();
	}

	async #turn(): Promise<void> {
		const { clock, settings, find, symbol, look, ask } = this.#parts;
		const found = find(symbol);
		const seen = found.kind === 'ok' ? look(found.value) : undefined;
		if (seen !== undefined) this.#tell(ok(seen));
		else this.#tell(found.kind === 'ok' ? await ask(found.value) : found);
		if (this.#isOver) return;
		const againMs = seen === undefined ? settings.askEveryMs : settings.lookEveryMs;
		this.#timer = clock.after(againMs, () => void this.#turn());
	}

	#tell(news: Result<Value>): void {
		if (this.#isOver) return;
		const told = signatureOf(news);
		if (told === this.#told) return;
		this.#told = told;
		this.#parts.tell(news);
	}
}

/** The same market at another moment is no news, nor is the same trouble in other words. */
function signatureOf(news: Result<PriceRead | BookRead>): string {
	return news.kind === 'ok' ? JSON.stringify({ ...news.value, atMs: 0 }) : `failed ${news.class}`;
}

function noRoom({ id }: Instrument): Result<never> {
	return failed({ reason: 'full', class: 'transient', detail: `the venue has no room for more bars: ${id} is not followed` });
}
