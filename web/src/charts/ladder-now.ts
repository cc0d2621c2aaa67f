/** The part of the ladder's picture that is: what stands at each price, what is ours in it, and what the strategy makes of it. */
import { barScale, type LadderRow } from './ladder.ts';
import { BOLD, FONT, heightOf, type LadderPicture, type Places } from './ladder-picture.ts';

export function drawNow(ctx: CanvasRenderingContext2D, picture: LadderPicture, places: Places): void {
	ctx.fillStyle = picture.colours.colour('ground');
	ctx.fillRect(0, 0, places.nowWidth, picture.height);
	drawRows(ctx, picture, places);
	drawModelPrices(ctx, picture, places);
}

function drawRows(ctx: CanvasRenderingContext2D, picture: LadderPicture, places: Places): void {
	const { rows, colours, price, view, window } = picture;
	const { barWidth, priceWidth, rowHeight, bottom } = places;
	const longest = barScale(rows);
	ctx.strokeStyle = colours.colour('grid');
	ctx.lineWidth = 1;
	ctx.strokeRect(0.5, -1, 0, bottom + 2);
	ctx.textBaseline = 'middle';
	// Rows too low for their text show it in every second one, and so on.
	const every = Math.max(1, Math.ceil(12 / rowHeight));
	rows.forEach((row, index) => {
		const top = index * rowHeight;
		if (row.side !== undefined) drawBar(ctx, picture, places, { row, top, share: Math.min(1, row.qty / longest) });
		const isBest = isWithin(row, view.row.bid, window.step) || isWithin(row, view.row.ask, window.step);
		if (index % every !== 0 && !isBest && row.own === 0) return;
		ctx.textAlign = 'center';
		ctx.font = isBest || row.own > 0 ? BOLD : FONT;
		ctx.fillStyle = colours.colour(isBest || row.own > 0 ? 'strong' : 'ink');
		ctx.fillText(price(row.price), barWidth + priceWidth / 2, top + rowHeight / 2 + 0.5);
	});
}

interface RowBar {
	readonly row: LadderRow;
	readonly top: number;
	readonly share: number;
}

function drawBar(ctx: CanvasRenderingContext2D, picture: LadderPicture, places: Places, { row, top, share }: RowBar): void {
	const { colours, qty } = picture;
	const { priceWidth, barWidth, rowHeight } = places;
	const isBid = row.side === 'bid';
	const width = Math.max(1, share * (barWidth - 4));
	const left = isBid ? barWidth - width : barWidth + priceWidth;
	ctx.fillStyle = colours.colour(isBid ? 'bid-bar' : 'ask-bar');
	ctx.fillRect(left, top + 0.5, width, rowHeight - 1);
	// A row of ours says what is ours instead.
	if (rowHeight >= 10 && row.own === 0) {
		ctx.font = FONT;
		ctx.textAlign = isBid ? 'right' : 'left';
		ctx.fillStyle = colours.colour('ink');
		ctx.fillText(qty(row.qty), isBid ? barWidth - 5 : barWidth + priceWidth + 5, top + rowHeight / 2 + 0.5);
	}
	if (row.own > 0) drawOwn(ctx, picture, places, { row, top, share });
	else if (row.wished) drawWish(ctx, picture, places, { row, top, share });
}

/** A frame with what is ours at the outer edge, and what is before it in the queue. */
function drawOwn(ctx: CanvasRenderingContext2D, picture: LadderPicture, places: Places, { row, top }: RowBar): void {
	const { colours, qty } = picture;
	const { priceWidth, barWidth, rowHeight } = places;
	const isBid = row.side === 'bid';
	const ink = colours.colour(isBid ? 'bid' : 'ask');
	const left = isBid ? 1 : barWidth + priceWidth;
	ctx.strokeStyle = ink;
	ctx.lineWidth = 1.5;
	ctx.strokeRect(left + 0.75, top + 0.75, barWidth - 2.5, rowHeight - 1.5);
	const ahead = row.ahead === null || barWidth < 140 ? '' : ` · ${qty(row.ahead)} before`;
	const text = `${qty(row.own)}${ahead}`;
	const high = Math.max(12, rowHeight);
	ctx.font = BOLD;
	const wide = Math.min(barWidth, ctx.measureText(text).width + 8);
	const tag = isBid ? left : left + barWidth - wide;
	ctx.fillStyle = ink;
	ctx.fillRect(tag, top + (rowHeight - high) / 2, wide, high);
	ctx.textAlign = 'left';
	ctx.fillStyle = colours.colour('ground');
	ctx.fillText(text, tag + 4, top + rowHeight / 2 + 0.5);
}

function drawWish(ctx: CanvasRenderingContext2D, { colours }: LadderPicture, places: Places, { row, top }: RowBar): void {
	const { priceWidth, barWidth, rowHeight } = places;
	const isBid = row.side === 'bid';
	ctx.strokeStyle = colours.colour(isBid ? 'bid' : 'ask');
	ctx.lineWidth = 1;
	ctx.setLineDash([3, 3]);
	ctx.strokeRect((isBid ? 0 : barWidth + priceWidth) + 1.5, top + 1, barWidth - 3, rowHeight - 2);
	ctx.setLineDash([]);
}

function isWithin(row: LadderRow, price: number | null, step: number): boolean {
	return price !== null && price >= row.price - step * 1e-6 && price < row.price + step * (1 - 1e-6);
}

/** What the strategy takes for the fair price and where it quotes around: a pointer at each edge of the prices. */
function drawModelPrices(ctx: CanvasRenderingContext2D, picture: LadderPicture, places: Places): void {
	const { view, colours } = picture;
	const { barWidth, priceWidth, bottom } = places;
	for (const [price, colour, x, way] of [
		[view.row.fair, 'fair', barWidth, 1],
		[view.row.reservation, 'reservation', barWidth + priceWidth, -1],
	] as const) {
		if (price === null) continue;
		const y = heightOf(picture, places, price);
		if (y < 0 || y > bottom) continue;
		ctx.beginPath();
		ctx.moveTo(x + way * 8, y);
		ctx.lineTo(x, y - 5);
		ctx.lineTo(x, y + 5);
		ctx.closePath();
		ctx.fillStyle = colours.colour(colour);
		ctx.fill();
	}
}
