/** Lines over time, or over another axis, drawn by uPlot in the page's own colours. Takes plain columns. */
import { useSignal, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { theme } from '../store/theme.ts';
import { type Axis, everyRow, labelled, tickLabel } from './axis.ts';
import { ChartFrame } from './frame.tsx';
import { drawMarks, type Mark } from './marks.ts';
import { type ChartColour, palette } from './palette.ts';

export interface Line {
	readonly label: string;
	readonly colour: ChartColour;
	readonly values: readonly (number | null)[];
	readonly dashed?: boolean;
	/** Holds its value until the next. */
	readonly stepped?: boolean;
	readonly width?: number;
	/** Filled down to zero. */
	readonly filled?: boolean;
}

export interface SeriesChartProps {
	readonly axis: Axis;
	/** Ascending. */
	readonly x: readonly number[];
	readonly lines: readonly Line[];
	readonly format: (value: number | null) => string;
	readonly summary: string;
	readonly height?: number;
	/** The ground between two lines, by their places in `lines`: the higher, the lower. */
	readonly band?: readonly [number, number];
	readonly marks?: readonly Mark[];
	/** Charts of one name show the same moment under the pointer. */
	readonly together?: string;
}

export function SeriesChart(props: SeriesChartProps): JSX.Element {
	const { axis, x, lines, format, summary } = props;
	const host = useRef<HTMLDivElement>(null);
	const plot = useRef<uPlot | undefined>(undefined);
	const latest = useRef(props);
	latest.current = props;
	const pointed = useSignal<number | null>(null);
	const shape = lines.map(({ label, colour }) => `${label} ${colour}`).join(', ');

	useEffect(() => {
		const element = host.current;
		if (element === null) return;
		const made = new uPlot(optionsOf(latest, pointed), alignedOf(latest.current), element);
		plot.current = made;
		const resized = new ResizeObserver(() => {
			if (element.clientWidth > 0) made.setSize({ width: element.clientWidth, height: latest.current.height ?? HEIGHT });
		});
		resized.observe(element);
		return () => {
			resized.disconnect();
			made.destroy();
			plot.current = undefined;
		};
	}, [shape]);
	useEffect(() => {
		plot.current?.setData(alignedOf(props));
	}, [x, lines]);
	useSignalEffect(() => {
		const worn = theme.value;
		// The page wears it by the next picture.
		requestAnimationFrame(() => worn === theme.peek() && plot.current?.redraw(false, true));
	});

	const at = pointed.value ?? x.length - 1;
	const legend = lines.map(({ label, colour, values, dashed = false }) => ({
		label,
		colour,
		dashed,
		value: format(values[at] ?? null),
	}));
	return (
		<ChartFrame
			summary={summary}
			legend={legend}
			table={() => ({
				head: [axis.kind === 'time' ? 'Time' : axis.head, ...lines.map(({ label }) => label)],
				rows: everyRow(x.length).map((row) => [
					labelled(axis, x[row] ?? 0),
					...lines.map(({ values }) => format(values[row] ?? null)),
				]),
			})}
		>
			<div ref={host} />
		</ChartFrame>
	);
}

const HEIGHT = 220;
const FONT = '11px system-ui, sans-serif';

type Latest = { readonly current: SeriesChartProps };

function optionsOf(latest: Latest, pointed: { value: number | null }): uPlot.Options {
	const { axis, lines, band, together, height = HEIGHT } = latest.current;
	const paint = (name: ChartColour) => (): string => palette(theme.peek()).colour(name);
	const rules = { stroke: paint('grid'), width: 1 };
	const common: uPlot.Axis = { stroke: paint('ink'), font: FONT, grid: rules, ticks: { ...rules, size: 4 } };
	return {
		width: 300,
		height,
		ms: 1,
		legend: { show: false },
		// The first of the fixed ticks stands at the very edge.
		padding: [10, 12, 0, axis.kind === 'time' ? 10 : 22],
		cursor: {
			drag: { x: false, y: false, setScale: false },
			points: { size: 7 },
			...(together === undefined ? {} : { sync: { key: together, scales: ['x', null] } }),
		},
		scales: { x: axis.kind === 'time' ? { time: true } : { time: false, distr: 3 }, y: { range: valueRange } },
		axes: [
			{ ...common, size: 30, space: 70, ...ticksOf(axis) },
			{
				...common,
				side: 1,
				gap: 6,
				values: (_, splits) => splits.map((value) => latest.current.format(value)),
				size: (_, values) => 16 + 6.5 * (values ?? []).reduce((most, text) => Math.max(most, text.length), 3),
			},
		],
		series: [{}, ...lines.map(seriesOf)],
		...(band === undefined ? {} : { bands: [{ series: [band[0] + 1, band[1] + 1], fill: paint('band') }] }),
		hooks: {
			setCursor: [
				(made) => {
					pointed.value = made.cursor.idx ?? null;
				},
			],
			draw: [(made) => drawMarks(made, latest.current.marks ?? [], palette(theme.peek()))],
		},
	};
}

/** A line that stays where it is shows no mountains around it. */
function valueRange(_: uPlot, low: number | null, high: number | null): uPlot.Range.MinMax {
	if (low === null || high === null) return [0, 1];
	if (high > low) return uPlot.rangeNum(low, high, 0.1, true);
	const around = Math.abs(low) * 0.001 || 1;
	return [low - around, low + around];
}

function ticksOf(axis: Axis): Partial<uPlot.Axis> {
	const values: uPlot.Axis.DynamicValues = (_, splits, __, ___, distance) =>
		splits.map((value) => tickLabel(axis, value, distance));
	return axis.kind === 'time' ? { values } : { values, splits: [...axis.ticks], filter: (_, splits) => splits };
}

function seriesOf({ colour, dashed = false, stepped = false, filled = false, width = 1.5 }: Line): uPlot.Series {
	const paint = (): string => palette(theme.peek()).colour(colour);
	const steps = stepped ? uPlot.paths.stepped?.({ align: 1 }) : undefined;
	return {
		stroke: paint,
		width,
		points: { show: false },
		...(dashed ? { dash: [5, 4] } : {}),
		...(filled ? { fill: () => palette(theme.peek()).colour('band'), fillTo: 0 } : {}),
		...(steps === undefined ? {} : { paths: steps }),
	};
}

function alignedOf({ x, lines }: SeriesChartProps): uPlot.AlignedData {
	return [[...x], ...lines.map(({ values }) => [...values])];
}
