/** Orders that rest, and the last that are over, with what ended them. */
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { QueryAnswer } from '../../../src/api/types.ts';
import { age, amount, count, moment, NOTHING } from '../format.ts';
import { Button, Tabs } from '../parts/controls.tsx';
import { Live } from '../parts/figure.tsx';
import { type Filter, FilterBar, NO_FILTER, Pager, paramsOf } from '../parts/filters.tsx';
import { Grid, Page, Panel } from '../parts/layout.tsx';
import { type Column, LiveTable } from '../parts/table.tsx';
import { spaced } from '../parts/words.ts';
import { linkTo } from '../router.ts';
import { ask } from '../shell/actions.tsx';
import { useTopic, useTopicError } from '../store/live.ts';
import { mayDo } from '../store/session.ts';

type Row = QueryAnswer<'orders'>['orders'][number];
type State = 'open' | 'closed' | 'all';

export function OrdersPage(): JSX.Element {
	const [state, setState] = useState<State>('open');
	const [filter, setFilter] = useState<Filter>(NO_FILTER);
	const orders = useTopic('orders', { ...paramsOf(filter), state });
	const trouble = useTopicError('orders', { ...paramsOf(filter), state });
	const total = useComputed(() => orders.value?.total);
	const nowMs = useComputed(() => orders.value?.atMs ?? 0);
	return (
		<Page
			title="Orders"
			trouble={trouble}
			actions={
				<>
					<Tabs<State>
						label="State"
						value={state}
						options={[
							{ value: 'open', text: 'Open' },
							{ value: 'closed', text: 'Over' },
							{ value: 'all', text: 'All' },
						]}
						onChange={(chosen) => {
							setState(chosen);
							setFilter({ ...filter, offset: 0 });
						}}
					/>
					<FilterBar filter={filter} onChange={setFilter} />
					{mayDo('operator') ? (
						<Button onClick={() => ask({ action: 'cancel-all', ...(filter.symbol === '' ? {} : { symbol: filter.symbol }) })}>
							Cancel all
						</Button>
					) : null}
				</>
			}
		>
			<Grid>
				<Panel
					title={state === 'open' ? 'Open orders' : state === 'closed' ? 'Orders that are over' : 'All orders'}
					note={<Live text={() => (total.value === undefined ? '' : `${count(total.value)} in all`)} />}
					flush
				>
					<LiveTable
						// Another set of columns is another table.
						key={state}
						label="Orders"
						columns={columnsFor(state, () => nowMs.value)}
						rows={() => orders.value?.orders}
						rowKey={({ orderId }) => orderId}
						empty={state === 'open' ? 'No order rests anywhere.' : 'None yet.'}
						rowTone={(row) => (state === 'all' && !row.isOpen ? 'dim' : undefined)}
					/>
					<Pager filter={filter} onChange={setFilter} total={() => total.value} />
				</Panel>
			</Grid>
		</Page>
	);
}

function columnsFor(state: State, nowMs: () => number): readonly Column<Row>[] {
	const whenIt: Column<Row> =
		state === 'open'
			? { head: 'Age', cell: ({ createdAtMs }) => age(nowMs() - createdAtMs), kind: 'figure' }
			: { head: 'Last change', cell: ({ updatedAtMs }) => moment(updatedAtMs, nowMs()), kind: 'figure' };
	return [
		{ head: 'Symbol', cell: ({ symbol }) => symbol, link: ({ symbol }) => linkTo('symbol', symbol) },
		{ head: 'Side', cell: ({ side }) => side, tone: ({ side }) => side },
		{ head: 'Price', cell: ({ price }) => amount(price), kind: 'figure' },
		{ head: 'Quantity', cell: ({ qty }) => amount(qty), kind: 'figure' },
		{
			head: 'Filled',
			cell: ({ filled }) => amount(filled),
			kind: 'figure',
			tone: ({ filled }) => (Number(filled) > 0 ? 'good' : 'dim'),
		},
		{
			head: 'Ahead',
			cell: ({ ahead }) => (ahead === null ? NOTHING : amount(String(Number(ahead.toPrecision(6))))),
			kind: 'figure',
			wide: true,
			title: () => 'What stood before it in the queue when last seen, as far as anybody outside can tell',
		},
		{
			head: 'State',
			cell: ({ state: of, reduceOnly }) => `${spaced(of)}${reduceOnly ? ', reduce only' : ''}`,
			title: ({ reason }) => reason ?? '',
		},
		whenIt,
		{ head: 'Venue', cell: ({ venue }) => venue, wide: true },
		{ head: 'Of', cell: ({ owner, level }) => (level === null ? owner : `${owner}, level ${level}`), wide: true },
		...(state === 'open'
			? []
			: [{ head: 'Ended by', cell: ({ reason }: Row) => reason ?? NOTHING, kind: 'sentence' as const, wide: true }]),
		{
			head: 'Our id',
			cell: ({ orderId }) => orderId,
			title: ({ venueOrderId }) => `At the venue: ${venueOrderId ?? 'not known'}`,
			wide: true,
		},
	];
}
