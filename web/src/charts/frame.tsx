/** What stands around every chart: what its colours mean with the figures of one moment, and the same as a table. */
import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import type { ChartColour } from './palette.ts';
import './charts.css';

export interface LegendEntry {
	readonly label: string;
	readonly colour: ChartColour;
	readonly value?: string;
	readonly dashed?: boolean;
}

export interface FiguresTable {
	readonly head: readonly string[];
	readonly rows: readonly (readonly string[])[];
}

export interface ChartFrameProps {
	/** What the picture shows, in a sentence, for those who do not see it. */
	readonly summary: string;
	readonly legend?: readonly LegendEntry[];
	/** The same as text; made only when somebody opens it. */
	readonly table: () => FiguresTable;
	readonly children: ComponentChildren;
}

export function ChartFrame({ summary, legend, table, children }: ChartFrameProps): JSX.Element {
	const isOpen = useSignal(false);
	return (
		<figure class="chart">
			<div role="img" aria-label={summary} class="chart-canvas">
				{children}
			</div>
			{legend === undefined ? null : <Legend entries={legend} />}
			<details class="chart-figures" onToggle={({ currentTarget }) => (isOpen.value = currentTarget.open)}>
				<summary>As a table</summary>
				{isOpen.value ? <FiguresAsTable label={summary} {...table()} /> : null}
			</details>
		</figure>
	);
}

function Legend({ entries }: { readonly entries: readonly LegendEntry[] }): JSX.Element {
	return (
		<ul class="chart-legend">
			{entries.map(({ label, colour, value, dashed = false }) => (
				<li key={label}>
					<svg viewBox="0 0 18 8" aria-hidden="true">
						<line
							x1="0"
							y1="4"
							x2="18"
							y2="4"
							stroke={`var(--chart-${colour})`}
							stroke-width="2.5"
							stroke-dasharray={dashed ? '4 3' : undefined}
						/>
					</svg>
					<span>{label}</span>
					{value === undefined ? null : <span class="chart-value">{value}</span>}
				</li>
			))}
		</ul>
	);
}

function FiguresAsTable({ label, head, rows }: FiguresTable & { readonly label: string }): JSX.Element {
	return (
		// Focusable, so that it can be scrolled by keyboard.
		<div class="table-scroll" role="region" aria-label={label} tabIndex={0}>
			<table>
				<caption class="unseen">{label}</caption>
				<thead>
					<tr>
						{head.map((text, index) => (
							<th key={text} scope="col" class={index === 0 ? 'cell-text' : 'cell-figure'}>
								{text}
							</th>
						))}
					</tr>
				</thead>
				<tbody>
					{rows.map((cells, row) => (
						<tr key={row}>
							{cells.map((text, index) => (
								<td key={index} class={index === 0 ? 'cell-text' : 'cell-figure'}>
									{text}
								</td>
							))}
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}
