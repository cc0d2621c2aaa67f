/** The part of the ladder's picture that was: the heat, and on it the middle of the book, our quotes and our fills. */
import { timeOfDay } from '../format.ts';
import { heatPixels } from './heat.ts';
import { FONT, heightOf, type LadderPicture, type Places, TIME_AXIS_HEIGHT } from './ladder-picture.ts';
import { drawTriangle } from './marks.ts';
import type { ChartColour } from './palette.ts';

const COLUMN_MS = 1_000;
/** Of the ten minutes that are known. */
const COLUMNS_MAX = 300;

/** Which seconds stand side by side. */
interface Span {
	readonly columns: number;
	readonly fromMs: number;
}

/** @param heat a canvas for cells of one pixel, which are stretched onto the real one. */
export function drawPast(ctx: CanvasRenderingContext2D, picture: LadderPicture, places: Places, heat: HTMLCanvasElement): void {
	// A second is wide enough to be told from the next.
	const columns = Math.min(COLUMNS_MAX, Math.max(40, Math.floor(places.heatWidth / 3)));
	// Begins on a whole second, so that the picture moves by whole columns.
	const fromMs = (Math.floor(picture.view.atMs / COLUMN_MS) + 1 - columns) * COLUMN_MS;
	const span = { columns, fromMs };
	ctx.fillStyle = picture.colours.colour('ground');
	ctx.fillRect(0, 0, places.heatWidth, picture.height);
	ctx.save();
	ctx.beginPath();
	ctx.rect(0, 0, places.heatWidth, places.bottom);
	ctx.clip();
	drawHeat(ctx, picture, places, { ...span, heat });
	drawLines(ctx, picture, places, span);
	drawFills(ctx, picture, places, span);
	ctx.restore();
	drawTimes(ctx, picture, places, span);
}

function drawHeat(
	ctx: CanvasRenderingContext2D,
	{ history, window, colours }: LadderPicture,
	{ heatWidth, bottom }: Places,
	{ columns, fromMs, heat }: Span & { readonly heat: HTMLCanvasElement },
): void {
	if (history === undefined) return;
	heat.width = columns;
	heat.height = window.rows;
	const pixels = heatPixels({ depth: history.depth, window, fromMs, columnMs: COLUMN_MS, columns }, colours.heat);
	heat.getContext('2d')?.putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), columns, window.rows), 0, 0);
	ctx.imageSmoothingEnabled = false;
	ctx.drawImage(heat, 0, 0, heatWidth, bottom);
}

function xOf({ heatWidth }: Places, { fromMs, columns }: Span, atMs: number): number {
	return ((atMs - fromMs) / COLUMN_MS / columns) * heatWidth;
}

function drawLines(ctx: CanvasRenderingContext2D, picture: LadderPicture, places: Places, span: Span): void {
	const { history, view } = picture;
	if (history === undefined) return;
	ctx.lineJoin = 'round';
	drawLine(ctx, picture, places, { ...span, values: history.mid, now: view.row.mid, colour: 'mid', width: 1.25 });
	drawLine(ctx, picture, places, { ...span, values: history.ownBid, now: view.row.ownBid, colour: 'bid', width: 2 });
	drawLine(ctx, picture, places, { ...span, values: history.ownAsk, now: view.row.ownAsk, colour: 'ask', width: 2 });
}

interface Path extends Span {
	readonly values: readonly (number | null)[];
	readonly now: number | null;
	readonly colour: ChartColour;
	readonly width: number;
}

/** Steps: a price holds until the next is known. */
function drawLine(ctx: CanvasRenderingContext2D, picture: LadderPicture, places: Places, path: Path): void {
	const { history, view, colours } = picture;
	if (history === undefined) return;
	ctx.beginPath();
	let before: number | undefined;
	const to = (atMs: number, value: number | null): void => {
		const x = xOf(places, path, atMs);
		if (before !== undefined) ctx.lineTo(x, before);
		if (value === null) {
			before = undefined;
			return;
		}
		const y = heightOf(picture, places, value);
		if (before === undefined) ctx.moveTo(x, y);
		else ctx.lineTo(x, y);
		before = y;
	};
	const first = history.atMs.findIndex((atMs) => atMs >= path.fromMs);
	for (let i = Math.max(0, first); first !== -1 && i < history.atMs.length; i++) to(history.atMs[i] ?? 0, path.values[i] ?? null);
	to(view.atMs, path.now);
	ctx.strokeStyle = colours.colour('ground');
	ctx.lineWidth = path.width + 1.5;
	ctx.globalAlpha = 0.6;
	ctx.stroke();
	ctx.globalAlpha = 1;
	ctx.strokeStyle = colours.colour(path.colour);
	ctx.lineWidth = path.width;
	ctx.stroke();
}

function drawFills(ctx: CanvasRenderingContext2D, picture: LadderPicture, places: Places, span: Span): void {
	for (const { atMs, price, side } of picture.history?.fills ?? []) {
		if (atMs < span.fromMs) continue;
		const [x, y] = [xOf(places, span, atMs), heightOf(picture, places, price)];
		drawTriangle(ctx, { x, y, size: 5, side, colours: picture.colours });
	}
}

function drawTimes(ctx: CanvasRenderingContext2D, { colours }: LadderPicture, places: Places, span: Span): void {
	const { heatWidth, bottom } = places;
	const { columns, fromMs } = span;
	const spanMs = columns * COLUMN_MS;
	const everyMs = [15_000, 30_000, 60_000, 120_000].find((each) => (heatWidth * each) / spanMs >= 70) ?? 300_000;
	ctx.font = FONT;
	ctx.textAlign = 'center';
	ctx.textBaseline = 'middle';
	ctx.fillStyle = colours.colour('ink');
	for (let atMs = Math.ceil(fromMs / everyMs) * everyMs; atMs < fromMs + spanMs; atMs += everyMs) {
		const x = xOf(places, span, atMs);
		if (x > 30 && x < heatWidth - 30) ctx.fillText(timeOfDay(atMs), x, bottom + TIME_AXIS_HEIGHT / 2);
	}
}
