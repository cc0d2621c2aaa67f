/** What came of each comparison with a venue: what was looked at, what differed, and what was done about it. */
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { QueryAnswer } from '../../../src/api/types.ts';
import { age, count, moment, ms } from '../format.ts';
import { Button, Tabs } from '../parts/controls.tsx';
import { Figure, Figures } from '../parts/figure.tsx';
import { Grid, Page, Panel } from '../parts/layout.tsx';
import { type Column, LiveTable } from '../parts/table.tsx';
import { actAndTell } from '../shell/actions.tsx';
import { useTopic, useTopicError } from '../store/live.ts';
import { mayDo } from '../store/session.ts';

type Row = QueryAnswer<'reconciliations'>['rows'][number];
type Shown = 'all' | 'differs';

export function ReconciliationPage(): JSX.Element {
	const [shown, setShown] = useState<Shown>('all');
	const comparisons = useTopic('reconciliations', {});
	const trouble = useTopicError('reconciliations', {});
	const rows = (): readonly Row[] | undefined => comparisons.value?.rows;
	const nowMs = useComputed(() => comparisons.value?.atMs ?? 0);
	const differing = (): readonly Row[] => rows()?.filter(({ kind }) => kind === 'differs') ?? [];
	return (
		<Page
			title="Reconciliation"
			trouble={trouble}
			actions={
				<>
					<Tabs<Shown>
						label="Which"
						value={shown}
						options={[
							{ value: 'all', text: 'All' },
							{ value: 'differs', text: 'Only differences' },
						]}
						onChange={setShown}
					/>
					{mayDo('operator') ? <Button onClick={() => void actAndTell('compare', {})}>Compare now</Button> : null}
				</>
			}
		>
			<Grid>
				<Panel title="Since the start">
					<Figures roomy>
						<Figure label="Comparisons kept" value={() => count(rows()?.length)} />
						<Figure
							label="With differences"
							value={() => count(differing().length)}
							tone={() => (differing().length > 0 ? 'warn' : 'good')}
						/>
						<Figure label="Last one" value={() => lastText(rows(), nowMs.value)} />
						<Figure
							label="What it found"
							value={() => (rows()?.[0]?.kind === 'differs' ? 'a difference' : rows()?.[0] === undefined ? '–' : 'clean')}
							tone={() => (rows()?.[0]?.kind === 'differs' ? 'warn' : 'good')}
						/>
					</Figures>
				</Panel>
				<Panel title="Comparisons" flush>
					<LiveTable
						label="Comparisons"
						columns={columns(() => nowMs.value)}
						rows={() => (shown === 'all' ? rows() : rows()?.filter(({ kind }) => kind === 'differs'))}
						rowKey={({ atMs, venue }) => `${venue} ${atMs}`}
						empty={shown === 'all' ? 'Nothing has been compared yet.' : 'No difference has been found.'}
					/>
				</Panel>
			</Grid>
		</Page>
	);
}

function lastText(rows: readonly Row[] | undefined, nowMs: number): string {
	const last = rows?.[0];
	return last === undefined ? '–' : `${age(nowMs - last.atMs)} ago`;
}

function columns(nowMs: () => number): readonly Column<Row>[] {
	return [
		{ head: 'Time', cell: ({ atMs }) => moment(atMs, nowMs()) },
		{ head: 'Venue', cell: ({ venue }) => venue },
		{
			head: 'Found',
			cell: ({ kind }) => (kind === 'clean' ? 'clean' : 'differs'),
			tone: ({ kind }) => (kind === 'clean' ? 'good' : 'warn'),
		},
		{
			head: 'Differences',
			cell: ({ diffs }) => diffs.map(({ sentence }) => sentence).join(' '),
			kind: 'sentence',
			view: (row) => <Differences row={() => row.value} />,
		},
		{ head: 'Orders', cell: ({ compared }) => count(compared), kind: 'figure', wide: true },
		{ head: 'Took', cell: ({ tookMs }) => ms(tookMs), kind: 'figure', wide: true },
		{ head: 'Why', cell: ({ why }) => why, kind: 'sentence', wide: true },
	];
}

function Differences({ row }: { readonly row: () => Row }): JSX.Element {
	const { diffs } = row();
	if (diffs.length === 0) return <span class="faint">none</span>;
	return (
		<ul class="diff-list">
			{diffs.map(({ kind, orderId, symbol, sentence }) => (
				<li key={`${kind} ${orderId} ${symbol}`}>
					<strong>{kind}</strong> {sentence}
				</li>
			))}
		</ul>
	);
}
