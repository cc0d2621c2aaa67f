/** Backtests that were run beside this engine. */
import type { JSX } from 'preact';
import type { QueryAnswer } from '../../../src/api/types.ts';
import { dateTime } from '../format.ts';
import { Page, Panel } from '../parts/layout.tsx';
import { type Column, LiveTable } from '../parts/table.tsx';
import { useTopic } from '../store/live.ts';

type Run = QueryAnswer<'backtests'>['runs'][number];

export function BacktestsPage(): JSX.Element {
	const backtests = useTopic('backtests', {});
	return (
		<Page title="Backtests">
			<Panel title="Runs" flush>
				<LiveTable
					label="Backtests"
					columns={COLUMNS}
					rows={() => backtests.value?.runs}
					rowKey={({ id }) => id}
					empty="No backtest was run on this data folder."
				/>
			</Panel>
		</Page>
	);
}

const COLUMNS: readonly Column<Run>[] = [
	{ head: 'When', cell: ({ atMs }) => dateTime(atMs) },
	{ head: 'Run', cell: ({ id }) => id },
	{ head: 'What came of it', cell: ({ sentence }) => sentence, kind: 'sentence' },
];
