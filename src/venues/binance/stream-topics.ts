/**
 * What the public streams of an instrument are called, and which connection carries them. Spot has one place for all of
 * them. Futures have two, and a stream that is asked for at the wrong one is confirmed and stays silent.
 */
import type { Instrument } from '../../domain/instrument.ts';
import type { Market } from './codec/frames.ts';
import { STREAMS_MAX } from './socket-wire.ts';
import type { BinanceUrls } from './urls.ts';

/** 'books' with their best prices, 'deals': trades and marks. */
export type StreamPart = 'all' | 'books' | 'deals';

export const PARTS_OF: Readonly<Record<Market, readonly StreamPart[]>> = { spot: ['all'], linear: ['books', 'deals'] };

export function hasBooks(part: StreamPart): boolean {
	return part !== 'deals';
}

/** Every level that changed. Ten times a second is as often as it is offered. */
export function depthTopic(symbol: string): string {
	return `${symbol.toLowerCase()}@depth@100ms`;
}

/** Trades of one taker at one price come as one: the only form that both markets document. Spot has no marks. */
export function topicsOf({ symbol, category }: Instrument, part: StreamPart): string[] {
	const name = symbol.toLowerCase();
	const topics = hasBooks(part) ? [depthTopic(symbol), `${name}@bookTicker`] : [];
	if (part !== 'books') topics.push(`${name}@aggTrade`);
	if (part !== 'books' && category === 'linear') topics.push(`${name}@markPrice@1s`);
	return topics;
}

/** Frames come with the names of their streams there. */
export function partUrl(urls: BinanceUrls, market: Market, part: StreamPart): string {
	if (market === 'spot') return `${urls.spotStream}/stream`;
	return `${part === 'deals' ? urls.futuresMarket : urls.futuresPublic}/stream`;
}

/** As many instruments on a connection as the venue lets streams be. */
export function groupsOf(instruments: readonly Instrument[], market: Market, part: StreamPart): Instrument[][] {
	const groups: Instrument[][] = [];
	let count = Number.POSITIVE_INFINITY;
	for (const instrument of instruments) {
		const added = topicsOf(instrument, part).length;
		if (count + added > STREAMS_MAX[market]) {
			groups.push([]);
			count = 0;
		}
		groups.at(-1)?.push(instrument);
		count += added;
	}
	return groups;
}
