/** Fills on a chart: a triangle up for what we bought, down for what we sold. By shape as well as by colour. */
import type uPlot from 'uplot';
import type { Palette } from './palette.ts';

export interface Mark {
	readonly at: number;
	readonly value: number;
	readonly side: 'buy' | 'sell';
}

export function drawMarks(plot: uPlot, marks: readonly Mark[], colours: Palette): void {
	const { ctx, bbox } = plot;
	if (marks.length === 0) return;
	const { min = 0, max = 0 } = plot.scales['x'] ?? {};
	ctx.save();
	ctx.beginPath();
	ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
	ctx.clip();
	const shown = marks.filter(({ at }) => at >= min && at <= max);
	const size = (shown.length > 150 ? 3 : 5) * devicePixelRatio;
	for (const { at, value, side } of shown) {
		drawTriangle(ctx, {
			x: plot.valToPos(at, 'x', true),
			y: plot.valToPos(value, 'y', true),
			size,
			side,
			colours,
		});
	}
	ctx.restore();
}

export interface Triangle {
	readonly x: number;
	readonly y: number;
	readonly size: number;
	readonly side: 'buy' | 'sell';
	readonly colours: Palette;
}

/** Its tip points at the price. */
export function drawTriangle(ctx: CanvasRenderingContext2D, { x, y, size, side, colours }: Triangle): void {
	const way = side === 'buy' ? 1 : -1;
	ctx.beginPath();
	ctx.moveTo(x, y);
	ctx.lineTo(x - size, y + way * size * 1.6);
	ctx.lineTo(x + size, y + way * size * 1.6);
	ctx.closePath();
	ctx.fillStyle = colours.colour(side === 'buy' ? 'bid' : 'ask');
	ctx.fill();
	ctx.lineWidth = Math.max(1, size / 4);
	ctx.strokeStyle = colours.colour('ground');
	ctx.stroke();
}
