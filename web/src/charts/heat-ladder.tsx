/** The quote ladder on its heat map, drawn at each new book, the heat behind it at each new second. */
import { type ReadonlySignal, useComputed, useSignal, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { HistoryView, SymbolView } from '../../../src/api/types.ts';
import { fixed, NOTHING, placesOf, price as priceText } from '../format.ts';
import { Button } from '../parts/controls.tsx';
import { theme } from '../store/theme.ts';
import { ChartFrame, type FiguresTable } from './frame.tsx';
import { ladderRows, ladderSentence } from './ladder.ts';
import { drawNow } from './ladder-now.ts';
import { drawPast } from './ladder-past.ts';
import { type LadderPicture, placesIn, TIME_AXIS_HEIGHT } from './ladder-picture.ts';
import { palette } from './palette.ts';
import { type InSight, type PriceWindow, priceWindow } from './price-window.ts';
import { useWidth } from './use-width.ts';

export interface HeatLadderProps {
	readonly view: ReadonlySignal<SymbolView | undefined>;
	readonly history: ReadonlySignal<HistoryView | undefined>;
}

const ROW_HEIGHT = 15;
const ZOOM_MAX = 4;
/** These levels of each side are always in sight; those behind them where there is room. */
const LEVELS_IN_SIGHT = 8;
/** So that the picture need not move with every step of the price. */
const PAST_IN_SIGHT_MS = 60_000;

export function HeatLadder({ view, history }: HeatLadderProps): JSX.Element {
	const past = useRef<HTMLCanvasElement>(null);
	const now = useRef<HTMLCanvasElement>(null);
	const host = useRef<HTMLDivElement>(null);
	const width = useWidth(host);
	const zoom = useSignal(0);
	const kept = useRef<Kept | undefined>(undefined);

	useSignalEffect(() => {
		const scene = { view: view.value, history: history.value, width: width.value, zoom: zoom.value };
		const worn = theme.value;
		const frame = requestAnimationFrame(() => {
			if (past.current === null || now.current === null || worn !== theme.peek()) return;
			kept.current = draw({ past: past.current, now: now.current }, scene, kept.current);
		});
		return () => cancelAnimationFrame(frame);
	});

	const summary = useComputed(() =>
		view.value === undefined ? 'No book yet.' : ladderSentence(view.value, pricesOf(view.value)),
	);
	return (
		<>
			<div class="chart-zoom" role="group" aria-label="Prices in sight">
				<Button disabled={zoom.value >= ZOOM_MAX} onClick={() => zoom.value++}>
					More prices
				</Button>
				<Button disabled={zoom.value <= -ZOOM_MAX} onClick={() => zoom.value--}>
					Fewer
				</Button>
			</div>
			<ChartFrame
				summary={summary.value}
				legend={[
					{ label: 'Middle', colour: 'mid' },
					{ label: 'Our bids, bought ▲', colour: 'bid' },
					{ label: 'Our asks, sold ▼', colour: 'ask' },
					{ label: 'Fair ▸', colour: 'fair' },
					{ label: 'Quoted around ◂', colour: 'reservation' },
				]}
				table={() => levelsTable(view.peek())}
			>
				<div ref={host} class="chart-ladder" aria-hidden="true">
					<canvas ref={past} />
					<canvas ref={now} />
				</div>
			</ChartFrame>
		</>
	);
}

interface Scene {
	readonly view: SymbolView | undefined;
	readonly history: HistoryView | undefined;
	readonly width: number;
	readonly zoom: number;
}

/** What one picture leaves for the next. */
interface Kept {
	readonly id: string;
	readonly zoom: number;
	readonly window: PriceWindow;
	readonly heat: HTMLCanvasElement;
	/** The past was drawn from these. */
	readonly drawn: Drawn;
}

interface Drawn {
	readonly history: HistoryView | undefined;
	readonly second: number;
	readonly theme: string;
	readonly width: number;
}

interface Canvases {
	readonly past: HTMLCanvasElement;
	readonly now: HTMLCanvasElement;
}

function draw(canvases: Canvases, scene: Scene, kept: Kept | undefined): Kept | undefined {
	const { view, history, width, zoom } = scene;
	if (view === undefined || view.row.mid === null || width === 0) return kept;
	const height = width < 560 ? 470 : 560;
	const before = kept?.id === view.row.id && kept.zoom === zoom ? kept : undefined;
	const window = priceWindow(before?.window, sightOf({ ...scene, height }, view, view.row.mid));
	const drawn = { history, second: Math.floor(view.atMs / 1_000), theme: theme.peek(), width };
	const heat = kept?.heat ?? document.createElement('canvas');
	const picture: LadderPicture = {
		...{ width, height, window, view, history },
		rows: ladderRows(view, window),
		colours: palette(drawn.theme),
		price: pricesOf(view),
		qty: (value) => quantity(value, view.lotSize),
	};
	const places = placesIn(picture);
	const isPastStale =
		before?.window !== window ||
		before.drawn.history !== drawn.history ||
		before.drawn.second !== drawn.second ||
		before.drawn.theme !== drawn.theme ||
		before.drawn.width !== drawn.width;
	if (isPastStale) drawPast(fitted(canvases.past, places.heatWidth, height), picture, places, heat);
	drawNow(fitted(canvases.now, places.nowWidth, height), picture, places);
	return { id: view.row.id, zoom, window, heat, drawn };
}

function sightOf({ history, height, zoom }: Scene & { readonly height: number }, view: SymbolView, mid: number): InSight {
	const near = [...view.bids.slice(0, LEVELS_IN_SIGHT), ...view.asks.slice(0, LEVELS_IN_SIGHT)];
	const first = history?.atMs.findIndex((atMs) => atMs >= view.atMs - PAST_IN_SIGHT_MS) ?? -1;
	const past = first === -1 ? [] : (history?.mid.slice(first) ?? []);
	const prices = [...near.map(({ price }) => price), view.row.ownBid, view.row.ownAsk, ...past].filter((price) => price !== null);
	const rows = 2 * Math.floor((height - TIME_AXIS_HEIGHT) / ROW_HEIGHT / 2);
	return { mid, prices, tickSize: view.tickSize, rows, zoom };
}

/** Its context, in CSS pixels on whatever screen. */
function fitted(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
	const [wide, high] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
	if (canvas.width !== wide || canvas.height !== high) {
		canvas.width = wide;
		canvas.height = high;
		canvas.style.width = `${width}px`;
		canvas.style.height = `${height}px`;
	}
	const ctx = canvas.getContext('2d', { alpha: false });
	if (ctx === null) throw new Error('this browser draws on no canvas');
	ctx.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
	return ctx;
}

function pricesOf({ tickSize }: SymbolView): (value: number) => string {
	return (value) => priceText(value, tickSize);
}

/** Large ones shortened: the ladder is narrow. */
function quantity(value: number, lotSize: number): string {
	if (value >= 1e6) return `${fixed(value / 1e6, 2)}M`;
	if (value >= 1e4) return `${fixed(value / 1e3, 1)}k`;
	return fixed(value, Math.min(placesOf(lotSize), value >= 100 ? 1 : 4));
}

function levelsTable(view: SymbolView | undefined): FiguresTable {
	const head = ['Price', 'Side', 'Quantity', 'Ours', 'Before ours'];
	if (view === undefined) return { head, rows: [] };
	const text = (value: number): string => fixed(value, placesOf(view.lotSize));
	const row = (side: string) => (level: SymbolView['bids'][number]) => [
		priceText(level.price, view.tickSize),
		side,
		text(level.qty),
		level.own === 0 ? NOTHING : text(level.own),
		level.ahead === null ? NOTHING : text(level.ahead),
	];
	return { head, rows: [...view.asks.toReversed().map(row('ask')), ...view.bids.map(row('bid'))] };
}
