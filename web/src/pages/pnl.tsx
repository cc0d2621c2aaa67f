/** What was earned and lost, and by what: the parts add up to the whole, over time and symbol by symbol. */
import { type ReadonlySignal, useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { HistoryView, Overview, SymbolRow } from '../../../src/api/types.ts';
import { ProfitLines } from '../charts/profit-lines.tsx';
import { lastMinutes } from '../charts/span.ts';
import { SpanChoice } from '../charts/span-choice.tsx';
import { useHistory } from '../charts/use-history.ts';
import { Waterfall } from '../charts/waterfall.tsx';
import { amount, count, money, percent, signedMoney } from '../format.ts';
import { Figure, Figures } from '../parts/figure.tsx';
import { Empty, Grid, Page, Panel } from '../parts/layout.tsx';
import { type Column, LiveTable } from '../parts/table.tsx';
import { toneOfSign } from '../parts/tone.ts';
import { linkTo } from '../router.ts';
import { useTopic } from '../store/live.ts';
import { shownSymbols } from './symbol-order.ts';

export function PnlPage(): JSX.Element {
	const overview = useTopic('overview', {});
	const symbols = useTopic('symbols', {});
	const history = useHistory({});
	const minutes = useSignal(60);
	const currency = useComputed(() => overview.value?.profit.currency ?? '');
	return (
		<Page title="Profit and loss">
			<Grid>
				<Panel title="Now">
					<ProfitFigures overview={overview} />
				</Panel>
				<Panel title="By its parts" span={6} note={currency}>
					<Parts overview={overview} />
				</Panel>
				<Panel title="The same, as the books have it" span={6} note={currency}>
					<Books overview={overview} />
				</Panel>
				<Panel title="Over time" note={<SpanChoice minutes={minutes} />}>
					<OverTime history={history} minutes={minutes} />
				</Panel>
				<Panel title="By symbol" flush>
					<LiveTable
						label="Profit by symbol"
						columns={COLUMNS}
						rows={() => symbols.value && shownSymbols(symbols.value.symbols, '', 'loss')}
						rowKey={(row) => row.id}
						empty="No symbol is configured."
					/>
				</Panel>
			</Grid>
		</Page>
	);
}

interface OfOverview {
	readonly overview: ReadonlySignal<Overview | undefined>;
}

function ProfitFigures({ overview }: OfOverview): JSX.Element {
	const profit = useComputed(() => overview.value?.profit);
	return (
		<Figures>
			<Figure
				label="Since the start"
				large
				value={() => signedMoney(profit.value?.total)}
				tone={() => toneOfSign(profit.value?.total)}
				hint={() => (profit.value?.isComplete === false ? 'a mark or a rate is missing' : (profit.value?.currency ?? ''))}
			/>
			<Figure label="Equity" value={() => money(overview.value?.equity)} />
			<Figure label="Drawdown" value={() => money(overview.value?.drawdown)} />
			<Figure label="Gross exposure" value={() => money(overview.value?.grossExposure)} />
			<Figure label="Net exposure" value={() => signedMoney(overview.value?.netExposure)} />
			<Figure label="Fills" value={() => count(overview.value?.fills)} />
		</Figures>
	);
}

function Parts({ overview }: OfOverview): JSX.Element {
	const profit = overview.value?.profit;
	if (profit === undefined) return <Empty>Waiting for the engine.</Empty>;
	const parts = {
		spread: Number(profit.spread),
		inventory: Number(profit.inventory),
		fees: Number(profit.fees),
		funding: Number(profit.funding),
		total: Number(profit.total),
	};
	return <Waterfall parts={parts} currency={profit.currency} />;
}

const BOOK_ROWS = [
	['Realised', 'realised'],
	['Unrealised', 'unrealised'],
	['Fees', 'fees'],
	['Funding', 'funding'],
] as const;

/** Exact amounts: whoever checks the sum must find it. */
function Books({ overview }: OfOverview): JSX.Element {
	const profit = useComputed(() => overview.value?.profit);
	return (
		<dl class="sums">
			{BOOK_ROWS.map(([label, name]) => [
				<dt key={name}>{label}</dt>,
				<dd key={`${name} sum`}>{amount(profit.value?.[name])}</dd>,
			])}
			<dt class="sum">Total</dt>
			<dd class="sum">{amount(profit.value?.total)}</dd>
		</dl>
	);
}

function OverTime({
	history,
	minutes,
}: {
	readonly history: ReadonlySignal<HistoryView | undefined>;
	readonly minutes: ReadonlySignal<number>;
}): JSX.Element {
	if (history.value === undefined || history.value.atMs.length === 0)
		return <Empty>No history yet: a point is added each second.</Empty>;
	return <ProfitLines slice={lastMinutes(history.value, minutes.value)} />;
}

const COLUMNS: readonly Column<SymbolRow>[] = [
	{ head: 'Symbol', cell: ({ name }) => name, link: ({ id }) => linkTo('symbol', id) },
	{ head: 'Profit', cell: (row) => signedMoney(row.profit), tone: (row) => toneOfSign(row.profit), kind: 'figure' },
	{ head: 'In', cell: ({ quote }) => quote },
	{ head: 'Held', cell: (row) => amount(row.position), kind: 'figure' },
	{ head: 'Worth', cell: (row) => signedMoney(row.positionWorth), kind: 'figure' },
	{ head: 'Fills', cell: (row) => count(row.fills), kind: 'figure', wide: true },
	{ head: 'Both sides up', cell: (row) => percent(row.uptime), kind: 'figure', wide: true },
];
