/** How far the market moved our way after our fills, by how long after. */
import type { JSX } from 'preact';
import { bps } from '../format.ts';
import type { ChartColour } from './palette.ts';
import { SeriesChart } from './series-chart.tsx';

export interface MarkoutCurve {
	readonly label: string;
	/** At the moment of the fill. */
	readonly edgeBps: number | null;
	readonly markoutsBps: readonly (number | null)[];
}

const COLOURS: readonly ChartColour[] = ['first', 'fifth', 'third', 'second', 'fourth', 'sixth'];
export const CURVES_MAX = COLOURS.length;

export function MarkoutCurves({
	seconds,
	curves,
}: {
	readonly seconds: readonly number[];
	readonly curves: readonly MarkoutCurve[];
}): JSX.Element {
	const shown = curves.slice(0, CURVES_MAX);
	const last = seconds.at(-1) ?? 0;
	return (
		<SeriesChart
			axis={{ kind: 'powers', head: 'After', unit: 's', ticks: seconds }}
			x={seconds}
			format={(value) => bps(value)}
			lines={shown.map(({ label, markoutsBps }, index) => ({
				label,
				colour: COLOURS[index] ?? 'first',
				values: markoutsBps,
				width: index === 0 ? 2.5 : 1.5,
			}))}
			summary={shown.map(({ label, markoutsBps }) => `${label}: ${bps(markoutsBps.at(-1) ?? null)} after ${last} s`).join('; ')}
		/>
	);
}
