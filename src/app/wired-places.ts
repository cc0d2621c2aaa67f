/**
 * Which venues a wired world trades on: what of its symbols is traded where, at which addresses the venues live, and what
 * the app is opened with there. All of them are one exchange inside.
 */
import type { Instrument } from '../domain/instrument.ts';
import { accountAt, type BinanceMarket } from '../exchange/binance/venue.ts';
import { RECONNECT_POLICY } from '../network/reconnect.ts';
import type { OwnOrders } from '../sentinel/sentinel.ts';
import { GATEWAY_OPTIONS as BINANCE_GATEWAY } from '../venues/binance/gateway.ts';
import { BinanceOwnOrders } from '../venues/binance/own-orders.ts';
import { type Credentials as BinanceCredentials, makeCredentials } from '../venues/binance/sign.ts';
import { boxUrlsBeside as binanceBoxUrls } from '../venues/binance/urls.ts';
import { BINANCE, binanceVenue } from '../venues/binance/venue.ts';
import type { BookDepth } from '../venues/bybit/codec/frames.ts';
import { GATEWAY_OPTIONS as BYBIT_GATEWAY } from '../venues/bybit/gateway.ts';
import { BybitOwnOrders } from '../venues/bybit/own-orders.ts';
import { RECV_WINDOW_MS } from '../venues/bybit/rest.ts';
import { Credentials } from '../venues/bybit/sign.ts';
import { boxUrlsBeside as bybitBoxUrls } from '../venues/bybit/urls.ts';
import { BYBIT, bybitVenue } from '../venues/bybit/venue.ts';
import type { WantedSymbol } from '../venues/wire/instruments.ts';
import type { VenueSetup } from '../venues/wire/venue.ts';
import type { TradedSymbol } from './open-venues.ts';
import type { ApiKey, OwnOrdersPorts } from './venue-access.ts';

/** `mixed`: symbol by symbol on Bybit, on Binance futures and on Binance spot in turn. */
export const WIRED_TRADES = ['bybit', 'binance-futures', 'binance-spot', 'mixed'] as const;
export type WiredTrades = (typeof WIRED_TRADES)[number];

/** Of each venue that has a door in the world. */
export const WIRED_ORIGINS = { [BYBIT]: 'http://127.0.0.1:4710', [BINANCE]: 'http://127.0.0.1:4711' } as const;
type WiredVenue = keyof typeof WIRED_ORIGINS;

type Place = 'bybit' | 'binance-futures' | 'binance-spot';
const PLACES: readonly Place[] = ['bybit', 'binance-futures', 'binance-spot'];
const MARKET_OF = { 'binance-futures': 'futures', 'binance-spot': 'spot' } as const;

/** What is traded where, whatever category was named for it; on Bybit it stays what it is. */
export function placedSymbols(trades: WiredTrades, symbols: readonly WantedSymbol[]): readonly TradedSymbol[] {
	return symbols.map((wanted, index) => {
		const place = trades === 'mixed' ? (PLACES[index % PLACES.length] ?? 'bybit') : trades;
		if (place === 'bybit') return { ...wanted, venue: BYBIT };
		return { venue: BINANCE, category: MARKET_OF[place] === 'spot' ? 'spot' : 'linear', symbol: wanted.symbol };
	});
}

/** What the exchange inside lists at each venue. */
export function listedAt(symbols: readonly TradedSymbol[]) {
	const of = (isMeant: (symbol: TradedSymbol) => boolean): readonly string[] => [
		...new Set(symbols.filter(isMeant).map(({ symbol }) => symbol)),
	];
	const bybit = symbols.filter(({ venue }) => venue === BYBIT);
	const spot = of(({ venue, category }) => venue === BINANCE && category === 'spot');
	const futures = of(({ venue, category }) => venue === BINANCE && category !== 'spot');
	const markets: readonly BinanceMarket[] = [
		...(spot.length > 0 ? (['spot'] as const) : []),
		...(futures.length > 0 ? (['futures'] as const) : []),
	];
	return {
		bybit: { symbols: of(({ venue }) => venue === BYBIT), categories: bybit.map(({ category }) => category) },
		...(markets.length > 0 ? { binance: { markets, symbols: { spot, futures } } } : {}),
	};
}

/** How the exchange inside calls an instrument. */
export function exchangeKeyOf({ venue, category, symbol }: Pick<Instrument, 'venue' | 'category' | 'symbol'>): string {
	if (venue === BINANCE) return `binance-${category === 'spot' ? 'spot' : 'futures'}:${symbol}`;
	return category === 'spot' ? `spot:${symbol}` : symbol;
}

/** Which account inside is ours for an instrument. */
export function accountOf({ venue, category }: Pick<Instrument, 'venue' | 'category'>, account: string): string {
	return venue === BINANCE ? accountAt(category === 'spot' ? 'spot' : 'futures', account) : account;
}

export interface WiredAccess {
	readonly key: ApiKey;
	readonly orderEntry: 'ws' | 'rest';
	readonly bookDepth: BookDepth;
	/** Of Binance's own watch over us; none unless said, since it ends strangers' orders too. */
	readonly countdownMs?: number | undefined;
}

export function setupsOf(symbols: readonly TradedSymbol[], access: WiredAccess): readonly VenueSetup[] {
	return venuesOf(symbols).map((venue) => SETUPS[venue](access));
}

export function venuesOf(symbols: readonly TradedSymbol[]): readonly WiredVenue[] {
	const venues = ([BYBIT, BINANCE] as const).filter((name) => symbols.some(({ venue }) => venue === name));
	// A world without symbols is refused by the app, which has to be opened somewhere.
	return venues.length === 0 ? [BYBIT] : venues;
}

const COMMON = { recvWindowMs: RECV_WINDOW_MS, reconnect: RECONNECT_POLICY, warmConnections: 0 } as const;

const SETUPS: Record<WiredVenue, (access: WiredAccess) => VenueSetup> = {
	[BYBIT]: ({ key, orderEntry, bookDepth }) =>
		bybitVenue({
			...COMMON,
			urls: bybitBoxUrls(WIRED_ORIGINS[BYBIT]),
			credentials: new Credentials(key.apiKey, key.apiSecret),
			bookDepth,
			orderCalls: { ...BYBIT_GATEWAY, orderEntry },
		}),
	[BINANCE]: ({ key, orderEntry, countdownMs }) =>
		binanceVenue({
			...COMMON,
			urls: binanceBoxUrls(WIRED_ORIGINS[BINANCE]),
			credentials: binanceCredentials(key),
			orderCalls: { ...BINANCE_GATEWAY, orderEntry },
			countdownMs,
		}),
};

/** What a sentinel of this world reaches our orders by, under a key of its own. */
export function openOwnOrders(
	symbols: readonly TradedSymbol[],
	key: ApiKey,
	ports: OwnOrdersPorts,
): ReadonlyMap<string, OwnOrders & Disposable> {
	const { patience, ...parts } = ports;
	return new Map(
		venuesOf(symbols).map((venue) => {
			const common = { recvWindowMs: RECV_WINDOW_MS, patience };
			const own =
				venue === BYBIT
					? new BybitOwnOrders(
							{ ...common, urls: bybitBoxUrls(WIRED_ORIGINS[BYBIT]), credentials: new Credentials(key.apiKey, key.apiSecret) },
							parts,
						)
					: new BinanceOwnOrders(
							{ ...common, urls: binanceBoxUrls(WIRED_ORIGINS[BINANCE]), credentials: binanceCredentials(key) },
							parts,
						);
			return [venue, own] as const;
		}),
	);
}

function binanceCredentials(key: ApiKey): BinanceCredentials {
	const made = makeCredentials(key);
	if (made.kind === 'refused') throw new Error(made.sentence);
	return made.credentials;
}
