/**
 * What was traded before the market was there: four trades a minute and symbol, on a random path that ends where the
 * market begins, so that candles and figures of the day have something to show. Symbols wander together as they will
 * later. Nobody's account is in it; the trades have no number of their own.
 */
import type { Rng } from '../../ports/rng.ts';
import type { Listing } from '../core/listing.ts';
import type { PublicTrade } from '../core/views.ts';
import { gaussian } from './latent.ts';
import type { MarketSymbol } from './market.ts';

export interface PastOptions {
	readonly rng: Rng;
	readonly markets: readonly MarketSymbol[];
	readonly listingOf: (symbol: string) => Listing | undefined;
	/** The first moment of the market: all trades are before it. */
	readonly nowMs: number;
	readonly forMs: number;
}

const STEP_MS = 15_000;
const YEAR_MS = 365 * 24 * 3_600_000;

/** By symbol, oldest first. */
export type Past = ReadonlyMap<string, readonly PublicTrade[]>;

export const NO_PAST: Past = new Map();

export function pastTrades({ rng, markets, listingOf, nowMs, forMs }: PastOptions): Past {
	const count = Math.floor(forMs / STEP_MS);
	const common = steps(rng.fork('common'), count);
	const own = new Map<string, readonly number[]>();
	const paths = markets.map((spec) => {
		// A follower shares its leader's path; alone it has one of its own.
		const { volatilityPerYear, commonShare } = markets.find(({ symbol }) => symbol === spec.latentOf) ?? spec;
		const name = spec.latentOf ?? spec.symbol;
		const alone = own.get(name) ?? steps(rng.fork(name), count);
		own.set(name, alone);
		const deviation = volatilityPerYear * Math.sqrt(STEP_MS / YEAR_MS);
		const ownShare = Math.sqrt(1 - commonShare * commonShare);
		return {
			spec,
			listing: listingOf(spec.symbol),
			rng: rng.fork(`trades of ${spec.symbol}`),
			deviation,
			alone,
			commonShare,
			ownShare,
		};
	});
	const trades = new Map<string, PublicTrade[]>(markets.map(({ symbol }) => [symbol, []]));
	// From the end backwards, since the end is what is known.
	const logs = paths.map(({ spec }) => Math.log(Number(spec.startPrice)));
	for (let back = 0; back < count; back += 1) {
		const atMs = nowMs - 1 - back * STEP_MS;
		for (const [index, path] of paths.entries()) {
			const { listing, spec } = path;
			if (listing === undefined) continue;
			const log = logs[index] ?? 0;
			trades.get(spec.symbol)?.push(tradeAt({ log, atMs, spec, listing, rng: path.rng }));
			const shock = path.commonShare * (common[back] ?? 0) + path.ownShare * (path.alone[back] ?? 0);
			logs[index] = log - path.deviation * shock;
		}
	}
	for (const each of trades.values()) each.reverse();
	return trades;
}

function steps(rng: Rng, count: number): readonly number[] {
	return Array.from({ length: count }, () => gaussian(rng));
}

interface Moment {
	readonly log: number;
	readonly atMs: number;
	readonly spec: MarketSymbol;
	readonly listing: Listing;
	readonly rng: Rng;
}

function tradeAt({ log, atMs, spec, listing, rng }: Moment): PublicTrade {
	const priceTicks = Math.max(1, Math.round(Math.exp(log) / Number(listing.spec.tickSize)));
	const lotsASpan = listing.qty.count(spec.typicalQty) * spec.tradesPerSec * (STEP_MS / 1_000);
	return {
		tradeId: '',
		symbol: spec.symbol,
		priceTicks,
		qtyLots: Math.max(1, Math.round(lotsASpan * (0.5 + rng.next()))),
		takerSide: rng.next() < 0.5 ? 'buy' : 'sell',
		atMs,
	};
}
