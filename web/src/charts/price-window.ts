/**
 * Which prices the ladder shows: rows of one height, lowest first, laid so that the middle of the book and our own quotes
 * are in sight. It moves seldom: a picture that jumps with every tick cannot be read, so the rows stay until the middle
 * nears an edge. Pure.
 */

export interface PriceWindow {
	/** Of the lowest row. */
	readonly low: number;
	/** How much price a row covers. */
	readonly step: number;
	readonly rows: number;
}

export interface InSight {
	readonly mid: number;
	/** Prices that should be seen as well: the near levels of the book, and our quotes. */
	readonly prices: readonly number[];
	readonly tickSize: number;
	readonly rows: number;
	/** 0 shows what should be seen; 1 is the next coarser, -1 the next finer. */
	readonly zoom: number;
}

/** The middle may wander over this share of the rows before they move. */
const CALM_SHARE = 0.3;

/** Rows as they are get coarser at once where something leaves them, and finer only when a third as high would do. */
const SLACK = 3;

export function priceWindow(previous: PriceWindow | undefined, sight: InSight): PriceWindow {
	const step = stepFor(previous?.step, sight);
	if (previous !== undefined && previous.step === step && previous.rows === sight.rows) {
		const row = (sight.mid - previous.low) / step;
		if (Math.abs(row - sight.rows / 2) <= (sight.rows * CALM_SHARE) / 2) return previous;
	}
	return { low: rowPrice(sight.mid - (sight.rows / 2) * step, step), step, rows: sight.rows };
}

/** The row a price falls into, lowest first; may lie outside. */
export function rowOf({ low, step }: PriceWindow, price: number): number {
	// A price on the edge of a row belongs to it, whatever the last bit of the division says.
	return Math.floor((price - low) / step + 1e-6);
}

export function priceOf({ low, step }: PriceWindow, row: number): number {
	return low + row * step;
}

function stepFor(previous: number | undefined, { mid, prices, tickSize, rows, zoom }: InSight): number {
	const reach = prices.reduce((most, price) => Math.max(most, Math.abs(price - mid)), tickSize);
	// The middle may stand off the centre, so that less than half of the rows is sure.
	const needed = reach / (rows * (0.5 - CALM_SHARE / 2));
	const steps = niceStepsFrom(tickSize);
	const index = steps.findIndex((step) => step >= needed * (1 - 1e-9));
	const best = index === -1 ? steps.length - 1 : index;
	const held = previous === undefined ? -1 : steps.findIndex((step) => Math.abs(step - previous) < step * 1e-9) - zoom;
	const base = held > best && (steps[held] ?? 0) <= needed * SLACK ? held : best;
	return steps[Math.min(steps.length - 1, Math.max(0, base + zoom))] ?? tickSize;
}

/** 1, 2, 5, 10, 20, 50 … ticks. */
function niceStepsFrom(tickSize: number): number[] {
	return Array.from({ length: 22 }, (_, i) => ([1, 2, 5][i % 3] ?? 1) * 10 ** Math.floor(i / 3) * tickSize);
}

function rowPrice(price: number, step: number): number {
	return Math.round(price / step) * step;
}
