/** The charts over time of one symbol. Each is made anew once a second, when its history has grown. */
import type { ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { HistoryView, SymbolView } from '../../../src/api/types.ts';
import { lastOf } from '../charts/history.ts';
import { ProfitLines, partsOf } from '../charts/profit-lines.tsx';
import { SeriesChart } from '../charts/series-chart.tsx';
import { lastMinutes, type Slice } from '../charts/span.ts';
import { Waterfall } from '../charts/waterfall.tsx';
import { bps, fixed, placesOf, price } from '../format.ts';
import { Empty } from '../parts/layout.tsx';

export interface SymbolChartProps {
	readonly history: ReadonlySignal<HistoryView | undefined>;
	readonly minutes: ReadonlySignal<number>;
	readonly view: ReadonlySignal<SymbolView | undefined>;
}

const TOGETHER = 'symbol';

function sliceOf({ history, minutes }: SymbolChartProps): Slice | undefined {
	return history.value === undefined || history.value.atMs.length === 0 ? undefined : lastMinutes(history.value, minutes.value);
}

function NoHistory(): JSX.Element {
	return <Empty>No history yet: a point is added each second.</Empty>;
}

export function PriceChart(props: SymbolChartProps): JSX.Element {
	const slice = sliceOf(props);
	if (slice === undefined) return <NoHistory />;
	const tickSize = props.view.peek()?.tickSize;
	const text = (value: number | null): string => price(value, tickSize);
	const [bid, ask] = [slice.of('ownBid'), slice.of('ownAsk')];
	const standing = `We ask ${text(lastOf(ask))} and bid ${text(lastOf(bid))}`;
	return (
		<SeriesChart
			axis={{ kind: 'time' }}
			x={slice.atMs}
			height={300}
			together={TOGETHER}
			format={text}
			lines={[
				{ label: 'Our ask', colour: 'ask', values: ask, stepped: true },
				{ label: 'Our bid', colour: 'bid', values: bid, stepped: true },
				{ label: 'Middle', colour: 'mid', values: slice.of('mid') },
				{ label: 'Fair', colour: 'fair', values: slice.of('fair') },
				{ label: 'Quoted around', colour: 'reservation', values: slice.of('reservation'), dashed: true },
			]}
			band={[0, 1]}
			marks={slice.fills.map(({ atMs, price: value, side }) => ({ at: atMs, value, side }))}
			summary={`${standing}, the middle is ${text(lastOf(slice.of('mid')))}; ${slice.fills.length} fills in this time.`}
		/>
	);
}

export function InventoryChart(props: SymbolChartProps): JSX.Element {
	const slice = sliceOf(props);
	if (slice === undefined) return <NoHistory />;
	const places = placesOf(props.view.peek()?.lotSize ?? 0.001);
	const text = (value: number | null): string => fixed(value, places);
	const [position, most] = [slice.of('position'), slice.of('positionMax')];
	const isBound = lastOf(most) !== null;
	const bound = isBound ? `at most ${text(lastOf(most))} may be held either way` : 'no limit bounds it';
	return (
		<SeriesChart
			key={String(isBound)}
			axis={{ kind: 'time' }}
			x={slice.atMs}
			together={TOGETHER}
			format={text}
			lines={[
				...(isBound
					? ([
							{ label: 'Most long', colour: 'ink', values: most, dashed: true },
							{ label: 'Most short', colour: 'ink', values: most.map((value) => (value === null ? null : -value)), dashed: true },
						] as const)
					: []),
				{ label: 'Held', colour: 'inventory', values: position, stepped: true, width: 2, filled: !isBound },
			]}
			{...(isBound ? { band: [0, 1] as const } : {})}
			summary={`Held: ${text(lastOf(position))}; ${bound}.`}
		/>
	);
}

export function SkewChart(props: SymbolChartProps): JSX.Element {
	const slice = sliceOf(props);
	if (slice === undefined) return <NoHistory />;
	const fair = slice.of('fair');
	const skew = slice.of('reservation').map((value, index) => {
		const around = fair[index] ?? null;
		return value === null || around === null || around === 0 ? null : (value / around - 1) * 10_000;
	});
	return (
		<SeriesChart
			axis={{ kind: 'time' }}
			x={slice.atMs}
			together={TOGETHER}
			format={(value) => bps(value)}
			lines={[{ label: 'Skew', colour: 'reservation', values: skew, stepped: true, filled: true }]}
			summary={`The price we quote around is ${bps(lastOf(skew))} from the fair price: below it while we hold too much, above while too little.`}
		/>
	);
}

export function ProfitSteps({ history, view }: SymbolChartProps): JSX.Element {
	const parts = history.value === undefined ? undefined : partsOf(history.value);
	if (parts === undefined) return <NoHistory />;
	return <Waterfall parts={parts} currency={view.peek()?.row.quote ?? ''} />;
}

export function ProfitChart(props: SymbolChartProps): JSX.Element {
	const slice = sliceOf(props);
	return slice === undefined ? <NoHistory /> : <ProfitLines slice={slice} together={TOGETHER} />;
}
