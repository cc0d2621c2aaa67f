/**
 * The picture behind the ladder: a column a moment, a row a price, brighter where more stands. Pure: makes the pixels of a
 * picture with one pixel a cell, which the canvas then stretches. Costs a walk over the columns in sight, once a second.
 */
import type { HistoryView } from '../../../src/api/types.ts';
import type { PriceWindow } from './price-window.ts';

/** From the faintest to the strongest, as 0xAABBGGRR: the way four bytes of a pixel are read as a number. */
export type Ramp = Uint32Array<ArrayBuffer>;
export const RAMP_LENGTH = 64;

export interface HeatParts {
	readonly depth: HistoryView['depth'];
	readonly window: PriceWindow;
	readonly fromMs: number;
	readonly columnMs: number;
	readonly columns: number;
}

/** Row 0 is at the top, as in a picture; cells without a known quantity stay clear. */
export function heatPixels(parts: HeatParts, ramp: Ramp): Uint32Array<ArrayBuffer> {
	const pixels = new Uint32Array(parts.columns * parts.window.rows);
	const sums = heatQuantities(parts);
	const strongest = strongestOf(sums);
	if (strongest === 0) return pixels;
	sums.forEach((qty, cell) => {
		if (qty > 0) pixels[cell] = ramp[shade(qty / strongest)] ?? 0;
	});
	return pixels;
}

/** How much stood in each cell, row by row from the top. */
export function heatQuantities({ depth, window, fromMs, columnMs, columns }: HeatParts): Float64Array {
	const cells = new Float64Array(columns * window.rows);
	let until = columns;
	// Newest first: each column of depth lasts until the next one came.
	for (let i = depth.atMs.length - 1; i >= 0 && until > 0; i--) {
		const begin = Math.max(0, Math.floor(((depth.atMs[i] ?? 0) - fromMs) / columnMs));
		if (begin < until) paintColumn(cells, depth, i, { window, begin, until, columns });
		until = Math.min(until, begin);
	}
	return cells;
}

interface Span {
	readonly window: PriceWindow;
	readonly begin: number;
	readonly until: number;
	readonly columns: number;
}

/** The steps of the depth are not those of the rows: what stands in a step is spread over the rows that it lies across. */
function paintColumn(cells: Float64Array, depth: HistoryView['depth'], index: number, span: Span): void {
	const { window, begin, until, columns } = span;
	const low = depth.low[index] ?? 0;
	const qty = depth.qty[index] ?? [];
	const height = depth.step / window.step;
	for (let level = 0; level < qty.length; level++) {
		const bottom = clean((low - window.low) / window.step + level * height);
		const top = clean(bottom + height);
		for (let row = Math.max(0, Math.floor(bottom)); row < Math.min(top, window.rows); row++) {
			const part = ((qty[level] ?? 0) * (Math.min(top, row + 1) - Math.max(bottom, row))) / height;
			const first = (window.rows - 1 - row) * columns;
			for (let column = begin; column < until; column++) cells[first + column] = (cells[first + column] ?? 0) + part;
		}
	}
}

/** Without the last bits of a division, so that a step that ends at a row's edge does not reach into the next. */
function clean(rows: number): number {
	return Math.round(rows * 1e6) / 1e6;
}

/** One wall of a hundred times the usual size must not make all else dark: nearly the strongest is taken for it. */
function strongestOf(quantities: Float64Array): number {
	const known = quantities.filter((qty) => qty > 0).sort();
	return known[Math.floor((known.length - 1) * 0.97)] ?? 0;
}

/** The eye sees small differences among the faint ones better this way. */
function shade(share: number): number {
	return Math.min(RAMP_LENGTH - 1, Math.floor(Math.min(1, share) ** 0.7 * (RAMP_LENGTH - 1)));
}

export interface Rgba {
	readonly red: number;
	readonly green: number;
	readonly blue: number;
	readonly alpha: number;
}

/** Evenly from stop to stop. */
export function rampOf(stops: readonly Rgba[]): Ramp {
	const ramp = new Uint32Array(RAMP_LENGTH);
	for (let i = 0; i < RAMP_LENGTH; i++) {
		const place = (i / (RAMP_LENGTH - 1)) * (stops.length - 1);
		const from = stops[Math.floor(place)];
		const to = stops[Math.ceil(place)];
		if (from !== undefined && to !== undefined) ramp[i] = packed(mixed(from, to, place - Math.floor(place)));
	}
	return ramp;
}

function mixed(from: Rgba, to: Rgba, share: number): Rgba {
	const at = (a: number, b: number): number => a + (b - a) * share;
	return {
		red: at(from.red, to.red),
		green: at(from.green, to.green),
		blue: at(from.blue, to.blue),
		alpha: at(from.alpha, to.alpha),
	};
}

function packed({ red, green, blue, alpha }: Rgba): number {
	return ((Math.round(alpha * 255) << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)) >>> 0;
}
