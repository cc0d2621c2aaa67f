/** Where the time of a tick goes, and what calls cost: stages, batches, and what is left of the venues' limits. */
import { type ReadonlySignal, useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import type { LatencyView } from '../../../src/api/types.ts';
import { lastOf } from '../charts/history.ts';
import { SeriesChart } from '../charts/series-chart.tsx';
import { StageBars } from '../charts/stage-bars.tsx';
import { count, fixed, ms, percent } from '../format.ts';
import { Bar, Figure, Figures } from '../parts/figure.tsx';
import { Empty, Grid, Page, Panel } from '../parts/layout.tsx';
import { type Column, LiveTable } from '../parts/table.tsx';
import { useTopic } from '../store/live.ts';

type Stage = LatencyView['stages'][number];
type Batch = LatencyView['batchFill'][number];
type Budget = LatencyView['budget'][number];

export function LatencyPage(): JSX.Element {
	const latency = useTopic('latency', {});
	const overview = useTopic('overview', {});
	const saved = useComputed(() => {
		const commands = overview.value?.commands;
		return commands === undefined || commands.before === 0 ? null : commands.saved / commands.before;
	});
	return (
		<Page title="Latency and budget">
			<Grid>
				<Panel title="Now">
					<Figures>
						<Figure label="Tick, median" large value={() => ms(overview.value?.tick.p50)} />
						<Figure label="Tick, 95 %" value={() => ms(overview.value?.tick.p95)} />
						<Figure label="Tick, 99 %" value={() => ms(overview.value?.tick.p99)} />
						<Figure label="Ticks" value={() => count(overview.value?.tick.count)} />
						<Figure
							label="Overruns"
							value={() => count(overview.value?.tick.overruns)}
							tone={() => ((overview.value?.tick.overruns ?? 0) > 0 ? 'warn' : undefined)}
						/>
						<Figure label="Calls" value={() => count(overview.value?.commands.calls)} />
						<Figure
							label="Saved of commands"
							value={() => percent(saved.value)}
							hint={() => `${count(overview.value?.commands.saved)} commands`}
						/>
						<Figure label="Amends for each cancel" value={() => fixed(latency.value?.amendToCancel, 2)} />
						<Figure label="Event loop late, 99 %" value={() => ms(overview.value?.process.loopDelayP99Ms)} />
						<Figure label="Journal" value={() => ms(overview.value?.process.journalDelayMs)} />
					</Figures>
				</Panel>
				<Panel title="By stage: median, 95 %, 99 %" span={12}>
					<Stages latency={latency} />
				</Panel>
				<Panel title="Stages" span={6} flush>
					<LiveTable
						label="Stages of a tick"
						columns={STAGE_COLUMNS}
						rows={() => latency.value?.stages}
						rowKey={({ name }) => name}
						empty="Nothing was measured yet."
					/>
				</Panel>
				<Panel title="By the minute" span={6}>
					<ByMinute latency={latency} />
				</Panel>
				<Panel title="What is left of the venues' limits" span={6} flush>
					<LiveTable
						label="Rate budget"
						columns={BUDGET_COLUMNS}
						rows={() => latency.value?.budget}
						rowKey={({ venue, name }) => `${venue} ${name}`}
						empty="No venue has told its limits yet."
					/>
				</Panel>
				<Panel title="How full batches are" span={6} flush>
					<LiveTable
						label="Batch fill"
						columns={BATCH_COLUMNS}
						rows={() => latency.value?.batchFill}
						rowKey={({ venue, verb }) => `${venue} ${verb}`}
						empty="No batch was sent yet."
					/>
				</Panel>
			</Grid>
		</Page>
	);
}

interface OfLatency {
	readonly latency: ReadonlySignal<LatencyView | undefined>;
}

function Stages({ latency }: OfLatency): JSX.Element {
	const stages = latency.value?.stages.filter(({ p50 }) => p50 !== null) ?? [];
	return stages.length === 0 ? <Empty>Nothing was measured yet.</Empty> : <StageBars stages={stages} />;
}

function ByMinute({ latency }: OfLatency): JSX.Element {
	const history = latency.value?.history;
	if (history === undefined || history.atMs.length === 0) return <Empty>The first minute is not over.</Empty>;
	return (
		<SeriesChart
			axis={{ kind: 'time' }}
			x={history.atMs}
			format={ms}
			lines={[
				{ label: 'Tick, 95 %', colour: 'first', values: history.tickP95, width: 2 },
				{ label: 'Tick, median', colour: 'sixth', values: history.tickP50 },
				{ label: 'Deciding, 95 %', colour: 'second', values: history.decideP95 },
				{ label: 'Journal, 95 %', colour: 'fourth', values: history.journalP95 },
			]}
			summary={`The last minute's tick took ${ms(lastOf(history.tickP50))} in the median and at most ${ms(lastOf(history.tickP95))} in 95 of 100.`}
		/>
	);
}

const STAGE_COLUMNS: readonly Column<Stage>[] = [
	{ head: 'Stage', cell: ({ name }) => name },
	{ head: 'Times', cell: (row) => count(row.count), kind: 'figure', wide: true },
	{ head: 'Median', cell: (row) => ms(row.p50), kind: 'figure' },
	{ head: '95 %', cell: (row) => ms(row.p95), kind: 'figure' },
	{ head: '99 %', cell: (row) => ms(row.p99), kind: 'figure' },
	{ head: 'Of a tick', cell: (row) => percent(row.share), kind: 'figure' },
];

const BUDGET_COLUMNS: readonly Column<Budget>[] = [
	{ head: 'Venue', cell: ({ venue }) => venue },
	{ head: 'Limit', cell: ({ name, limit }) => `${name}, ${count(limit)}` },
	{ head: 'Left', cell: ({ left }) => percent(left, 0), tone: ({ left }) => (left < 0.2 ? 'warn' : undefined), kind: 'figure' },
	{ head: 'As a bar', cell: () => '', view: (row) => <Bar share={() => row.value.left} />, wide: true },
];

const BATCH_COLUMNS: readonly Column<Batch>[] = [
	{ head: 'Venue', cell: ({ venue }) => venue },
	{ head: 'Call', cell: ({ verb }) => verb },
	{ head: 'Calls', cell: ({ calls }) => count(calls), kind: 'figure' },
	{ head: 'Commands in one', cell: ({ perCall, max }) => `${fixed(perCall, 1)} of ${count(max)}`, kind: 'figure' },
	{ head: 'Filled', cell: () => '', view: (row) => <Bar share={() => row.value.perCall / row.value.max} />, wide: true },
];
