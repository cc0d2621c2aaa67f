/**
 * A synthetic market: latent prices that wander together, makers that quote around them, takers that trade. It drives
 * an exchange through its public API with accounts of its own, and plays the index as well (mark price, funding rate,
 * the exchange's calendar). All chance comes from the handed-in generator: the same seed and the same instants give
 * the same market, as long as nobody else trades on it differently. Spot pairs trade likewise, without mark price and
 * funding; they start with both coins in every hand, and may follow the perpetual of the same name. Call `step` every `MARKET_STEP_MS`.
 */
import type { Rng } from '../../ports/rng.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Listing } from '../core/listing.ts';
import { atoms } from '../core/money.ts';
import { CROWD, type Crowd, THIN_CROWD } from './crowd.ts';
import { LatentPrices, type LatentSymbol } from './latent.ts';
import { MAKER_ACCOUNTS, Makers } from './makers.ts';
import { TAKER_ACCOUNTS, Takers } from './takers.ts';

/** The suggested interval. Other intervals work; latent time follows `nowMs`, up to a second a step. */
export const MARKET_STEP_MS = 100;
/** Enough for weeks of fees and any inventory these takers can leave behind. */
const DEPOSIT_ATOMS = atoms('1000000000');
/** Rates of the exchange are in 1e-8. */
const SPIKE_ONE = 1e8;
const COIN_ATOMS = atoms('1');

export interface MarketSymbol {
	readonly symbol: string;
	readonly startPrice: string;
	/** Yearly standard deviation of the log price in ordinary times. */
	readonly volatilityPerYear: number;
	/** Correlation with the common factor, 0 to 1. */
	readonly commonShare: number;
	/** Size of an ordinary quote. */
	readonly typicalQty: string;
	readonly tradesPerSec: number;
	readonly halfSpreadTicks: number;
	/** How far the book reaches, in basis points of the price. */
	readonly depthBps: number;
	/** A funding interval's rate, in 1e-8. Contracts only. */
	readonly fundingRateE8: number;
	/** Another symbol here whose latent price this one shares but for a small basis: volatility and share are then its. */
	readonly latentOf?: string;
}

export interface MarketOptions {
	readonly exchange: Exchange;
	readonly rng: Rng;
	/** Symbols that the exchange lists. */
	readonly symbols: readonly MarketSymbol[];
	/** With a fraction of the quotes, and still a change of every book at nearly every step: for long simulations. */
	readonly isThin?: boolean;
}

export interface Market {
	/** Lets the market live up to this instant. */
	step(nowMs: number): void;
	/** What a symbol is worth just now, for tests and demonstrations. */
	latentPrice(symbol: string): number | undefined;
}

interface Participant {
	readonly listing: Listing;
	readonly tickSize: number;
	readonly makers: Makers;
	readonly takers: Takers;
}

export function createMarket(options: MarketOptions): Market {
	const { exchange, rng, symbols, isThin = false } = options;
	const crowd = isThin ? THIN_CROWD : CROWD;
	const latent = new LatentPrices(rng.fork('latent'), symbols.map(latentSymbol));
	const participants = symbols.map((spec) => participantOf({ exchange, rng: rng.fork(spec.symbol), crowd }, spec));
	let lastMs: number | null = null;

	function step(nowMs: number): void {
		if (lastMs === null) openAccounts(exchange, symbols, nowMs);
		const elapsedMs = lastMs === null ? 0 : Math.max(0, nowMs - lastMs);
		lastMs = nowMs;
		latent.step(elapsedMs);
		exchange.advance(nowMs);
		for (const [index, { listing, tickSize, makers, takers }] of participants.entries()) {
			const spike = 1 + exchange.operator.spikeE8(listing.symbol) / SPIKE_ONE;
			const latentTicks = (latent.price(index) / tickSize) * spike;
			if (listing.kind !== 'spot') exchange.setMarkPrice(listing.symbol, Math.max(1, Math.round(latentTicks)), nowMs);
			// Takers come first: they meet the quotes of a moment ago, which is when stale quotes hurt.
			takers.step({ latentTicks, elapsedMs, excitement: latent.excitement, nowMs });
			makers.step(latentTicks, nowMs);
		}
	}

	function latentPrice(symbol: string): number | undefined {
		const index = symbols.findIndex((spec) => spec.symbol === symbol);
		return index === -1 ? undefined : latent.price(index);
	}

	return { step, latentPrice };
}

function latentSymbol({ startPrice, ...spec }: MarketSymbol): LatentSymbol {
	return { ...spec, startPrice: Number(startPrice) };
}

function participantOf(
	{ exchange, rng, crowd }: { readonly exchange: Exchange; readonly rng: Rng; readonly crowd: Crowd },
	spec: MarketSymbol,
): Participant {
	const listing = listingOf(exchange, spec.symbol);
	const tickSize = Number(listing.spec.tickSize);
	const { symbol, halfSpreadTicks, tradesPerSec } = spec;
	const typicalLots = listing.qty.count(spec.typicalQty);
	const depthTicks = Math.round((Number(spec.startPrice) / tickSize) * spec.depthBps * 1e-4);
	return {
		listing,
		tickSize,
		makers: new Makers(exchange, rng.fork('makers'), { symbol, listing, typicalLots, halfSpreadTicks, depthTicks, crowd }),
		takers: new Takers(exchange, rng.fork('takers'), {
			symbol,
			listing,
			typicalLots,
			tradesPerSec,
			informedChance: crowd.informedChance,
		}),
	};
}

function openAccounts(exchange: Exchange, symbols: readonly MarketSymbol[], nowMs: number): void {
	const depositAtoms = depositsOf(exchange, symbols);
	for (const accountId of [...MAKER_ACCOUNTS, ...TAKER_ACCOUNTS]) {
		exchange.openCrowdAccount(accountId);
		for (const [coin, amountAtoms] of depositAtoms) exchange.deposit(accountId, coin, amountAtoms, nowMs);
	}
	for (const { symbol, fundingRateE8 } of symbols) {
		if (listingOf(exchange, symbol).kind !== 'spot') exchange.setFundingRate(symbol, fundingRateE8, nowMs);
	}
}

/** Of each quote coin the full sum; of the base coin of spot pairs and inverse contracts as much as is worth the same. */
function depositsOf(exchange: Exchange, symbols: readonly MarketSymbol[]): ReadonlyMap<string, bigint> {
	const listed = symbols.map(({ symbol, startPrice }) => ({ startPrice, listing: listingOf(exchange, symbol) }));
	const deposits = new Map<string, bigint>();
	for (const { listing, startPrice } of listed) {
		if (listing.kind !== 'linear') deposits.set(listing.spec.baseCoin, (DEPOSIT_ATOMS * COIN_ATOMS) / atoms(startPrice));
	}
	for (const { listing } of listed) if (listing.kind !== 'inverse') deposits.set(listing.spec.quoteCoin, DEPOSIT_ATOMS);
	return deposits;
}

function listingOf(exchange: Exchange, symbol: string): Listing {
	const listing = exchange.listing(symbol);
	if (listing === undefined) throw new RangeError(`the market needs ${symbol} listed`);
	return listing;
}
