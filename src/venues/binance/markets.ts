/**
 * Both markets of the venue as somebody with one key uses them: a REST client and reads each, limits of their own, and what
 * they have in common: the clock, and a ban, which is of the address.
 */
import type { Transport } from '../../network/transport.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Meter } from '../../ports/meter.ts';
import type { Rng } from '../../ports/rng.ts';
import type { VenueClock } from '../wire/venue-clock.ts';
import { Ban } from './ban.ts';
import type { Market } from './codec/frames.ts';
import { BinanceReads } from './reads.ts';
import { BinanceRest, type ReadOptions } from './rest.ts';
import type { Credentials } from './sign.ts';
import type { BinanceUrls } from './urls.ts';
import { Weights } from './weights.ts';

export interface OpenMarketsParts {
	readonly transport: Transport;
	readonly clock: Clock;
	readonly rng: Rng;
	readonly meter: Meter;
	readonly venueClock: VenueClock;
	/** What events and figures call the venue. */
	readonly venue: string;
	readonly urls: BinanceUrls;
	readonly credentials: Credentials | undefined;
	readonly recvWindowMs: number;
	readonly reads?: ReadOptions | undefined;
}

export interface OpenMarket {
	readonly rest: BinanceRest;
	readonly reads: BinanceReads;
	readonly weights: Weights;
}

export interface OpenMarkets extends Readonly<Record<Market, OpenMarket>> {
	readonly ban: Ban;
}

/** Nothing is sent by it. */
export function openMarkets(parts: OpenMarketsParts): OpenMarkets {
	const { urls, rng, reads: readOptions, ...common } = parts;
	const ban = new Ban(parts.clock);
	const open = (market: Market, origin: string): OpenMarket => {
		const weights = new Weights(market);
		const options = readOptions === undefined ? {} : { reads: readOptions };
		const rest = new BinanceRest({ ...common, ...options, market, origin, weights, ban, rng: rng.fork(`rest ${market}`) });
		return { rest, reads: new BinanceReads(rest), weights };
	};
	return { spot: open('spot', urls.spotRest), linear: open('linear', urls.futuresRest), ban };
}
