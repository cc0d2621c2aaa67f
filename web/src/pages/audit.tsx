/** Who asked for what through this door, from where, and what came of it. */
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import type { QueryAnswer } from '../../../src/api/types.ts';
import { moment } from '../format.ts';
import { Grid, Page, Panel } from '../parts/layout.tsx';
import { type Column, LiveTable } from '../parts/table.tsx';
import { useTopic, useTopicError } from '../store/live.ts';

type Row = QueryAnswer<'audit'>['rows'][number];

export function AuditPage(): JSX.Element {
	const audit = useTopic('audit', {});
	const trouble = useTopicError('audit', {});
	const nowMs = useComputed(() => audit.value?.atMs ?? 0);
	return (
		<Page title="Audit" trouble={trouble}>
			<Grid>
				<Panel title="What was asked of this engine" note="newest first; kept in audit.log of the data folder" flush>
					<LiveTable
						label="Audit"
						columns={columns(() => nowMs.value)}
						rows={() => numbered(audit.value?.rows)}
						rowKey={({ key }) => key}
						empty="Nobody has asked for anything yet."
					/>
				</Panel>
			</Grid>
		</Page>
	);
}

interface Numbered extends Row {
	readonly key: string;
}

/** Two records may be of the same millisecond; counted from the oldest, each keeps its key when newer ones come. */
function numbered(rows: readonly Row[] | undefined): readonly Numbered[] | undefined {
	return rows?.map((row, index) => ({ ...row, key: `${row.atMs} ${row.what} ${rows.length - index}` }));
}

function columns(nowMs: () => number): readonly Column<Numbered>[] {
	return [
		{ head: 'Time', cell: ({ atMs }) => moment(atMs, nowMs()) },
		{ head: 'Who', cell: ({ who }) => who },
		{ head: 'Role', cell: ({ role }) => role, wide: true },
		{ head: 'From', cell: ({ from }) => from, wide: true },
		{ head: 'What', cell: ({ what }) => what, kind: 'sentence' },
		{ head: 'Result', cell: ({ result }) => result, kind: 'sentence' },
	];
}
