/** The last fills: what each earned at its moment, and what the market did afterwards. */
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { MARKOUT_SECONDS, QueryAnswer } from '../../../src/api/types.ts';
import { amount, count, fixed, moment, NOTHING, signed } from '../format.ts';
import { Live } from '../parts/figure.tsx';
import { type Filter, FilterBar, NO_FILTER, Pager, paramsOf } from '../parts/filters.tsx';
import { Grid, Page, Panel } from '../parts/layout.tsx';
import { type Column, LiveTable } from '../parts/table.tsx';
import { type Tone, toneOfSign } from '../parts/tone.ts';
import { linkTo } from '../router.ts';
import { useTopic, useTopicError } from '../store/live.ts';

type Row = QueryAnswer<'fills'>['fills'][number];

/** The API's own list: another there breaks the build here. */
const SECONDS: typeof MARKOUT_SECONDS = [0.1, 0.5, 1, 5, 10, 30, 60];
/** Of those, what a table has room for. */
const SHOWN_SECONDS = [1, 10, 60] as const;

export function FillsPage(): JSX.Element {
	const [filter, setFilter] = useState<Filter>(NO_FILTER);
	const fills = useTopic('fills', paramsOf(filter));
	const trouble = useTopicError('fills', paramsOf(filter));
	const total = useComputed(() => fills.value?.total);
	const nowMs = useComputed(() => fills.value?.atMs ?? 0);
	return (
		<Page title="Fills" trouble={trouble} actions={<FilterBar filter={filter} onChange={setFilter} />}>
			<Grid>
				<Panel
					title="The last fills"
					note={<Live text={() => (total.value === undefined ? '' : `${count(total.value)} kept`)} />}
					flush
				>
					<LiveTable
						label="Fills"
						columns={columns(() => nowMs.value)}
						rows={() => fills.value?.fills}
						rowKey={({ executionId, venue }) => `${venue} ${executionId}`}
						empty="Nothing has been filled yet."
					/>
					<Pager filter={filter} onChange={setFilter} total={() => total.value} />
				</Panel>
			</Grid>
			<p class="page-note">
				Edge is what the fill earned against the middle of the book at its moment, in basis points. The columns after it say the
				same some seconds later: below zero, the market had moved against us.
			</p>
		</Page>
	);
}

function columns(nowMs: () => number): readonly Column<Row>[] {
	return [
		{ head: 'Time', cell: ({ atMs }) => moment(atMs, nowMs()) },
		{ head: 'Symbol', cell: ({ symbol }) => symbol, link: ({ symbol }) => linkTo('symbol', symbol) },
		{ head: 'Side', cell: ({ side }) => side, tone: ({ side }) => side },
		{ head: 'Price', cell: ({ price }) => amount(price), kind: 'figure' },
		{ head: 'Quantity', cell: ({ qty }) => amount(qty), kind: 'figure' },
		{ head: 'Edge', cell: ({ edgeBps }) => signed(edgeBps, 2), tone: ({ edgeBps }) => toneOfSign(edgeBps), kind: 'figure' },
		...SHOWN_SECONDS.map((seconds) => markoutColumn(seconds)),
		{ head: 'Fee', cell: feeText, kind: 'figure', wide: true },
		{
			head: 'Made by',
			cell: ({ isMaker }) => (isMaker ? 'maker' : 'taker'),
			tone: ({ isMaker }) => (isMaker ? undefined : 'warn'),
			wide: true,
		},
		{ head: 'Venue', cell: ({ venue }) => venue, wide: true },
		{ head: 'Order', cell: ({ orderId }) => orderId, title: ({ executionId }) => `Execution ${executionId}`, wide: true },
	];
}

function markoutColumn(seconds: (typeof SHOWN_SECONDS)[number]): Column<Row> {
	const index = SECONDS.indexOf(seconds);
	return {
		head: `+${seconds} s`,
		cell: ({ markoutsBps }) => signed(markoutsBps[index], 2),
		tone: ({ markoutsBps }): Tone | undefined => toneOfSign(markoutsBps[index]),
		kind: 'figure',
		wide: seconds !== 10,
	};
}

function feeText({ fee, feeCurrency }: Row): string {
	return fee === '' ? NOTHING : `${fixed(Number(fee), 5)} ${feeCurrency}`;
}
