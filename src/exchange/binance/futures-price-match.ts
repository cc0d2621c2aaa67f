/** Orders that ask for a price of the book instead of naming one: so many levels deep, on their own side or the other. */
import type { OrderSide } from '../core/book.ts';
import type { Exchange } from '../core/exchange.ts';
import { NO_DEPTH } from './futures-refusals.ts';
import type { Refusal } from './refusal.ts';

const PRICE_MATCHES = {
	OPPONENT: { own: false, level: 1 },
	OPPONENT_5: { own: false, level: 5 },
	OPPONENT_10: { own: false, level: 10 },
	OPPONENT_20: { own: false, level: 20 },
	QUEUE: { own: true, level: 1 },
	QUEUE_5: { own: true, level: 5 },
	QUEUE_10: { own: true, level: 10 },
	QUEUE_20: { own: true, level: 20 },
} as const;

export type PriceMatch = keyof typeof PRICE_MATCHES;

export function isPriceMatch(text: string): text is PriceMatch {
	return Object.hasOwn(PRICE_MATCHES, text);
}

export function matchedTicks(exchange: Exchange, exchangeKey: string, side: OrderSide, match: PriceMatch): number | Refusal {
	const { own, level } = PRICE_MATCHES[match];
	const book = exchange.book(exchangeKey, level);
	const levels = (side === 'buy') === own ? book?.bids : book?.asks;
	return levels?.[level - 1]?.priceTicks ?? NO_DEPTH;
}
