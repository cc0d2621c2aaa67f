/** The two sides of a trade. An order buys or sells; a book has bids and asks. */
export type Side = 'buy' | 'sell';

/** 1 for what adds to a position, -1 for what takes from it. */
export function signOf(side: Side): 1 | -1 {
	return side === 'buy' ? 1 : -1;
}
