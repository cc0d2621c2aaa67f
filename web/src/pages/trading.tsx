/** What the trading desk decided and why, and the signals it decides by. */
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import type { QueryAnswer } from '../../../src/api/types.ts';
import { age, amount, fixed, moment, NOTHING, percent, price } from '../format.ts';
import { Grid, Page, Panel } from '../parts/layout.tsx';
import { type Column, LiveTable } from '../parts/table.tsx';
import { useTopic } from '../store/live.ts';

type Decision = QueryAnswer<'decisions'>['decisions'][number];
type Signal = QueryAnswer<'signals'>['signals'][number];

export function TradingPage(): JSX.Element {
	const decisions = useTopic('decisions', { limit: 100 });
	const signals = useTopic('signals', { limit: 100 });
	const nowMs = useComputed(() => decisions.value?.atMs ?? signals.value?.atMs ?? 0);
	return (
		<Page title="Decisions and signals">
			<Grid>
				<Panel title="Decisions" flush>
					<LiveTable
						label="Decisions, newest first"
						columns={decisionColumns(() => nowMs.value)}
						rows={() => decisions.value?.decisions}
						rowKey={({ id }) => id}
						empty="Nothing was decided yet. Without a desk in the configuration, nothing will be: the strategies quote by themselves."
					/>
				</Panel>
				<Panel title="Signals in force" flush>
					<LiveTable
						label="Signals by symbol"
						columns={signalColumns(() => nowMs.value)}
						rows={() => signals.value?.signals}
						rowKey={({ id }) => id}
						empty="No signal is in force."
					/>
				</Panel>
			</Grid>
		</Page>
	);
}

function decisionColumns(nowMs: () => number): readonly Column<Decision>[] {
	return [
		{ head: 'Time', cell: ({ atMs }) => moment(atMs, nowMs()) },
		{ head: 'Symbol', cell: ({ symbol }) => symbol },
		{
			head: 'Side',
			cell: ({ side }) => (side === 'none' ? NOTHING : side),
			tone: ({ side }) => (side === 'none' ? 'dim' : side),
		},
		{ head: 'What', cell: ({ what }) => what, wide: true },
		{ head: 'Why', cell: ({ why }) => why, kind: 'sentence' },
		{ head: 'Confidence', cell: ({ confidence }) => percent(confidence, 0), kind: 'figure', wide: true },
		{ head: 'State', cell: ({ state }) => state, title: ({ orderId }) => orderId ?? '' },
		{ head: 'Held', cell: ({ held }) => amount(held), kind: 'figure', wide: true },
		{ head: 'At', cell: ({ averagePrice }) => price(averagePrice), kind: 'figure', wide: true },
		{ head: 'Exits', cell: ({ exits }) => exits, kind: 'sentence', wide: true },
		{ head: 'Workflow', cell: ({ workflow }) => workflow, wide: true },
	];
}

function signalColumns(nowMs: () => number): readonly Column<Signal>[] {
	return [
		{ head: 'Symbol', cell: ({ symbol }) => symbol },
		{ head: 'Type', cell: ({ type }) => type },
		{ head: 'Value', cell: ({ value }) => fixed(value, 3), kind: 'figure' },
		{ head: 'Confidence', cell: ({ confidence }) => percent(confidence, 0), kind: 'figure' },
		{ head: 'Age', cell: ({ createdAtMs }) => age(nowMs() - createdAtMs), kind: 'figure' },
		{
			head: 'Ends in',
			cell: ({ expiresAtMs }) => (expiresAtMs === null ? 'never' : age(expiresAtMs - nowMs())),
			kind: 'figure',
		},
		{ head: 'Source', cell: ({ source }) => source, wide: true },
	];
}
