/** Whether our fills were good ones: what the market did after each, by symbol and side. */
import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { MarkoutsView } from '../../../src/api/types.ts';
import { CURVES_MAX, MarkoutCurves } from '../charts/markout-curves.tsx';
import { bps, count } from '../format.ts';
import { Tabs } from '../parts/controls.tsx';
import { Empty, Grid, Page, Panel } from '../parts/layout.tsx';
import { type Column, LiveTable } from '../parts/table.tsx';
import { toneOfSign } from '../parts/tone.ts';
import { useTopic } from '../store/live.ts';

type Row = MarkoutsView['rows'][number];

const SIDES = [
	{ value: 'both', text: 'Both sides' },
	{ value: 'buy', text: 'Bought' },
	{ value: 'sell', text: 'Sold' },
] as const;

export function MarkoutsPage(): JSX.Element {
	const markouts = useTopic('markouts', {});
	const side = useSignal<Row['side']>('both');
	const seconds = useComputed(() => markouts.value?.seconds.join(',') ?? '');
	const choice = (
		<Tabs
			label="Side"
			value={side.value}
			options={SIDES}
			onChange={(value) => {
				side.value = value;
			}}
		/>
	);
	const known = seconds.value === '' ? [] : seconds.value.split(',').map(Number);
	return (
		<Page title="Markouts" actions={choice}>
			<Grid>
				<Panel title={`The ${CURVES_MAX} symbols with most fills`}>
					<p class="field-hint">
						How far the middle of the book stood in our favour after a fill, weighed by worth. A curve that falls means that those
						who trade with us know more.
					</p>
					<Curves view={markouts.value} side={side.value} />
				</Panel>
				<Panel title="By symbol" flush>
					<LiveTable
						key={seconds.value}
						label="Markouts by symbol"
						columns={columnsFor(known)}
						rows={() => markouts.value && rowsOf(markouts.value, side.value)}
						rowKey={({ symbol }) => symbol}
						empty="No fill yet."
					/>
				</Panel>
			</Grid>
		</Page>
	);
}

function Curves({ view, side }: { readonly view: MarkoutsView | undefined; readonly side: Row['side'] }): JSX.Element {
	const rows = view === undefined ? [] : rowsOf(view, side);
	if (view === undefined || rows.length === 0) return <Empty>No fill yet.</Empty>;
	const curves = rows.map(({ symbol, edgeBps, markoutsBps }) => ({ label: symbol, edgeBps, markoutsBps }));
	return <MarkoutCurves seconds={view.seconds} curves={curves} />;
}

/** Most fills first. */
function rowsOf(view: MarkoutsView, side: Row['side']): Row[] {
	return view.rows
		.filter((row) => row.side === side && row.fills > 0)
		.toSorted((a, b) => b.fills - a.fills || (a.symbol < b.symbol ? -1 : 1));
}

function columnsFor(seconds: readonly number[]): Column<Row>[] {
	return [
		{ head: 'Symbol', cell: ({ symbol }) => symbol },
		{ head: 'Fills', cell: ({ fills }) => count(fills), kind: 'figure' },
		{ head: 'Edge', cell: (row) => bps(row.edgeBps), tone: (row) => toneOfSign(row.edgeBps), kind: 'figure' },
		...seconds.map(
			(second, index): Column<Row> => ({
				head: `${second} s`,
				cell: (row) => bps(row.markoutsBps[index]),
				tone: (row) => toneOfSign(row.markoutsBps[index]),
				kind: 'figure',
				wide: second !== 1 && second !== 60,
				title: (row) => `${count(row.counts[index])} fills`,
			}),
		),
	];
}
