/**
 * What the ladder on its heat map is drawn from, and where its parts stand:
 *
 *     time ──────────────────────────────►  bids │ price │ asks      a row is a price (PriceWindow)
 *     ░▒▓ how much stood there, second by    ▒▒ 3│ 99.50 │           a bar is what stands there now
 *     second; lines: middle, our quotes;         │ 99.51 │12 ▒▒▒▒▒   framed: ours, with what is before it
 *     triangles: our fills
 *
 * The past changes once a second and the present with each book, so each has a canvas of its own (ladder-past.ts,
 * ladder-now.ts). All measures are in CSS pixels; whoever calls has scaled the canvas.
 */
import type { HistoryView, SymbolView } from '../../../src/api/types.ts';
import type { LadderRow } from './ladder.ts';
import type { Palette } from './palette.ts';
import type { PriceWindow } from './price-window.ts';

export interface LadderPicture {
	readonly width: number;
	readonly height: number;
	readonly window: PriceWindow;
	/** Highest price first. */
	readonly rows: readonly LadderRow[];
	readonly view: SymbolView;
	readonly history: HistoryView | undefined;
	readonly colours: Palette;
	readonly price: (value: number) => string;
	readonly qty: (value: number) => string;
}

export const TIME_AXIS_HEIGHT = 20;
export const FONT = '11px system-ui, sans-serif';
export const BOLD = '600 11px system-ui, sans-serif';

export interface Places {
	/** Of the past; the present has the rest. */
	readonly heatWidth: number;
	readonly nowWidth: number;
	readonly priceWidth: number;
	/** Of the bids, and of the asks. */
	readonly barWidth: number;
	readonly rowHeight: number;
	readonly bottom: number;
}

export function placesIn({ width, height, window }: LadderPicture): Places {
	const nowWidth = Math.round(Math.min(400, Math.max(190, width * 0.42)));
	const priceWidth = nowWidth < 240 ? 66 : 84;
	const bottom = height - TIME_AXIS_HEIGHT;
	return {
		heatWidth: width - nowWidth,
		nowWidth,
		priceWidth,
		barWidth: (nowWidth - priceWidth) / 2,
		rowHeight: bottom / window.rows,
		bottom,
	};
}

/** A price stands in the middle of its tick. */
export function heightOf({ window, view }: LadderPicture, { rowHeight }: Places, price: number): number {
	return (window.rows - (price + view.tickSize / 2 - window.low) / window.step) * rowHeight;
}
