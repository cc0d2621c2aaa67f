/**
 * Market data joined to what there is: to an app that trades, whose engine hears the market anyway, or to venues that are
 * opened for it alone, without a key and without an engine. docs/market-data.md shows it in use.
 */
import type { Instrument } from '../domain/instrument.ts';
import { systemClock } from '../network/system-clock.ts';
import { systemRng } from '../network/system-rng.ts';
import { systemTransport } from '../network/system-transport.ts';
import type { Clock } from '../ports/clock.ts';
import { NO_METER } from '../ports/meter.ts';
import { FollowedMarket, heardIn } from '../trading/heard-market.ts';
import { MarketData, type MarketDataParts } from '../trading/market-data.ts';
import type { MarketDataSettings } from '../trading/market-data-settings.ts';
import type { Venue } from '../venues/wire/venue.ts';
import type { App } from './app.ts';
import {
	type BinanceMarketOptions,
	type BybitMarketOptions,
	binanceMarketOf,
	bybitMarketOf,
	cannotStart,
	type LibraryVenue,
} from './library-venues.ts';
import { openVenues } from './open-venues.ts';
import { findSymbol } from './symbol-names.ts';

export type MarketDataOfApp = Pick<MarketDataParts, 'clock' | 'settings' | 'cacheOf' | 'listenerFailed'>;

/** Of what this app trades and follows, by the names that it has there. Whoever asks for it disposes of it, before the app. */
export function marketDataOf({ engine, venues, instruments }: App, parts: MarketDataOfApp): MarketData {
	const pictureOf = (index: Instrument['index']) => engine.market(index);
	return new MarketData({ ...parts, ...joined({ venues, instruments, pictureOf }) });
}

export interface ConnectMarketDataOptions {
	readonly venues: { readonly bybit?: BybitMarketOptions; readonly binance?: BinanceMarketOptions };
	/** What differs from `MARKET_DATA_SETTINGS`. */
	readonly settings?: Partial<MarketDataSettings>;
	/** Hears what a listener of a subscription threw; that one hears nothing more. Without it the process ends as by any error. */
	readonly listenerFailed?: (error: unknown) => void;
}

/**
 * Instruments are read, and streams coming up, when this resolves. Throws an AppError `cannot-start` with what is wrong. Who
 * connects disposes of it, and with it of all that was opened for it.
 */
export async function connectMarketData(options: ConnectMarketDataOptions): Promise<MarketData> {
	const places = placesOf(options);
	const clock = systemClock();
	const rng = systemRng();
	const followed = new FollowedMarket();
	await using opening = new AsyncDisposableStack();
	const transport = opening.use(systemTransport({ clock, isAllowed: (url) => places.some((place) => place.isAllowedUrl(url)) }));
	const wanted = { setups: places.map(({ setup }) => setup), symbols: places.flatMap(({ symbols }) => symbols) };
	const opened = await openVenues({ ...wanted, left: [], grids: [] }, clock, ({ name }) => ({
		...{ transport, clock, rng: rng.fork(name), meter: NO_METER },
		sink: (event) => followed.hear(event),
		bookOf: (index) => followed.pictureOf(index)?.book,
	}));
	if (opened.kind === 'refused') throw cannotStart(opened.sentences);
	const { venues, instruments } = opened;
	for (const venue of venues) opening.use(venue);
	followed.follow(instruments);
	for (const venue of venues) venue.subscribe(instruments.filter((each) => each.venue === venue.name));
	const { settings = {}, listenerFailed = (error) => throwLater(clock, error) } = options;
	const pictureOf = (index: Instrument['index']) => followed.pictureOf(index);
	const closing = opening.move();
	return new MarketData({ clock, settings, listenerFailed, closing, ...joined({ venues, instruments, pictureOf }) });
}

function joined(of: {
	readonly venues: readonly Venue[];
	readonly instruments: readonly Instrument[];
	readonly pictureOf: Parameters<typeof heardIn>[0];
}): Pick<MarketDataParts, 'readers' | 'instrumentOf' | 'heardMarket'> {
	const { venues, instruments, pictureOf } = of;
	return {
		readers: venues.map(({ market }) => market),
		instrumentOf: (symbol) => {
			const meant = findSymbol(symbol, instruments);
			if (meant.kind === 'several') return `${symbol} is several symbols: say ${meant.ids.join(' or ')}`;
			// As it is now: the venue may have changed or halted it since.
			return meant.kind === 'found' ? (pictureOf(meant.found.index)?.instrument ?? meant.found) : undefined;
		},
		heardMarket: heardIn(pictureOf),
	};
}

function placesOf({ venues: { bybit, binance, ...others } }: ConnectMarketDataOptions): readonly LibraryVenue[] {
	const [other] = Object.keys(others);
	if (other !== undefined) throw cannotStart([`there is no venue '${other}': expected bybit, binance or both under venues`]);
	const places = [
		...(bybit === undefined ? [] : [bybitMarketOf(bybit)]),
		...(binance === undefined ? [] : [binanceMarketOf(binance)]),
	];
	if (places.length === 0) throw cannotStart(['no venue is named: name bybit, binance or both under venues']);
	return places;
}

/** Out of the way of everything else that is to hear of the same. */
function throwLater(clock: Clock, error: unknown): void {
	clock.after(0, () => {
		throw error;
	});
}
