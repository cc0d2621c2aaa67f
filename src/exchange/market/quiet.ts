/**
 * A market in which nothing happens by itself: one maker's resting ladder around the starting price, put there once,
 * and the calendar. What a client does is then all that moves; what it takes away is put back a step later.
 */
import type { OrderSide } from '../core/book.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Listing } from '../core/listing.ts';
import { atoms } from '../core/money.ts';

export interface QuietSymbol {
	readonly symbol: string;
	readonly startPrice: string;
	readonly typicalQty: string;
}

export interface QuietMarket {
	step(nowMs: number): void;
}

const QUIET_ACCOUNT = 'market.quiet';
const LEVEL_COUNT = 25;
/** Distance of neighbouring levels in basis points of the price; the touch is half of it away. */
const STEP_BPS = 1;
const DEPOSIT_ATOMS = atoms('1000000000');

export function createQuietMarket(exchange: Exchange, symbols: readonly QuietSymbol[]): QuietMarket {
	const ladders = symbols.map((spec) => ladderOf(exchange, spec));
	let started = false;

	function step(nowMs: number): void {
		if (!started) open(exchange, ladders, nowMs);
		started = true;
		exchange.advance(nowMs);
		for (const ladder of ladders) restock(exchange, ladder, nowMs);
	}

	return { step };
}

/** Nobody at all: empty books, the starting price as mark price, and the calendar. */
export function createEmptyMarket(exchange: Exchange, symbols: readonly QuietSymbol[]): QuietMarket {
	const ladders = symbols.map((spec) => ladderOf(exchange, spec));
	let started = false;

	function step(nowMs: number): void {
		if (!started) setMarks(exchange, ladders, nowMs);
		started = true;
		exchange.advance(nowMs);
	}

	return { step };
}

interface Ladder {
	readonly listing: Listing;
	readonly midTicks: number;
	readonly stepTicks: number;
	readonly lots: number;
}

function ladderOf(exchange: Exchange, { symbol, startPrice, typicalQty }: QuietSymbol): Ladder {
	const listing = exchange.listing(symbol);
	if (listing === undefined) throw new RangeError(`the quiet market needs ${symbol} listed`);
	const midTicks = listing.price.count(startPrice);
	return {
		listing,
		midTicks,
		stepTicks: Math.max(1, Math.round((midTicks * STEP_BPS) / 10_000)),
		lots: listing.qty.count(typicalQty),
	};
}

function open(exchange: Exchange, ladders: readonly Ladder[], nowMs: number): void {
	exchange.openCrowdAccount(QUIET_ACCOUNT);
	const coins = new Set<string>();
	for (const { listing } of ladders) {
		coins.add(listing.settleCoin);
		if (listing.kind === 'spot') coins.add(listing.spec.baseCoin);
	}
	for (const coin of coins) exchange.deposit(QUIET_ACCOUNT, coin, DEPOSIT_ATOMS, nowMs);
	setMarks(exchange, ladders, nowMs);
}

/** Once: what somebody sets by hand afterwards stays. */
function setMarks(exchange: Exchange, ladders: readonly Ladder[], nowMs: number): void {
	for (const { listing, midTicks } of ladders) {
		if (listing.kind !== 'spot') exchange.setMarkPrice(listing.symbol, midTicks, nowMs);
	}
}

/** Fills the levels that hold nothing of ours, unless the quote would trade with somebody who stands there. */
function restock(exchange: Exchange, { listing, midTicks, stepTicks, lots }: Ladder, nowMs: number): void {
	// Counted first: to look at the orders of a hundred ladders that are whole takes milliseconds, ten times a second.
	if (exchange.openOrderCount(QUIET_ACCOUNT, listing.symbol) >= 2 * LEVEL_COUNT) return;
	const standing = exchange.openOrders(QUIET_ACCOUNT, listing.symbol);
	const taken = new Set(standing.map(({ priceTicks }) => priceTicks));
	for (let level = 0; level < LEVEL_COUNT; level += 1) {
		const distanceTicks = Math.max(1, Math.round((level + 0.5) * stepTicks));
		const wishes: readonly (readonly [OrderSide, number])[] = [
			['buy', listing.fitTicks('buy', midTicks - distanceTicks)],
			['sell', listing.fitTicks('sell', midTicks + distanceTicks)],
		];
		for (const [side, priceTicks] of wishes) {
			if (taken.has(priceTicks) || wouldTrade(exchange.touch(listing.symbol), side, priceTicks)) continue;
			exchange.place(
				{
					accountId: QUIET_ACCOUNT,
					symbol: listing.symbol,
					side,
					type: 'limit',
					timeInForce: 'post-only',
					priceTicks,
					qtyLots: listing.fitLots(lots),
				},
				nowMs,
			);
		}
	}
}

function wouldTrade(touch: { bidTicks: number; askTicks: number }, side: OrderSide, priceTicks: number): boolean {
	if (side === 'buy') return touch.askTicks !== 0 && priceTicks >= touch.askTicks;
	return touch.bidTicks !== 0 && priceTicks <= touch.bidTicks;
}
