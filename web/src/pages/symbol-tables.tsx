/** Orders, fills and markouts of one symbol. */
import { type ReadonlySignal, useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import type { FillRow, OrderRow, SymbolRow } from '../../../src/api/types.ts';
import { MarkoutCurves } from '../charts/markout-curves.tsx';
import { age, amount, bps, fixed, timeOfDay } from '../format.ts';
import { Empty } from '../parts/layout.tsx';
import { type Column, LiveTable } from '../parts/table.tsx';
import { toneOfSign } from '../parts/tone.ts';
import { useTopic } from '../store/live.ts';

export function SymbolOrders({ symbol }: { readonly symbol: string }): JSX.Element {
	const orders = useTopic('orders', { symbol, state: 'open', limit: 30 });
	const columns: readonly Column<OrderRow>[] = [
		{ head: 'Side', cell: ({ side }) => side, tone: ({ side }) => side },
		{ head: 'Price', cell: (row) => amount(row.price), kind: 'figure' },
		{ head: 'Quantity', cell: (row) => amount(row.qty), kind: 'figure' },
		{ head: 'Filled', cell: (row) => amount(row.filled), kind: 'figure', wide: true },
		{ head: 'Before it', cell: (row) => fixed(row.ahead, 3), kind: 'figure' },
		{ head: 'Age', cell: (row) => age((orders.value?.atMs ?? row.createdAtMs) - row.createdAtMs), kind: 'figure' },
		{ head: 'State', cell: ({ state }) => state, title: ({ orderId }) => orderId },
	];
	return (
		<LiveTable
			label="Orders in the book"
			columns={columns}
			rows={() => orders.value?.orders}
			rowKey={({ orderId }) => orderId}
			empty="No order stands in the book."
		/>
	);
}

export function SymbolFills({ symbol }: { readonly symbol: string }): JSX.Element {
	const fills = useTopic('fills', { symbol, limit: 20 });
	return (
		<LiveTable
			label="Fills, newest first"
			columns={FILL_COLUMNS}
			rows={() => fills.value?.fills}
			rowKey={({ executionId }) => executionId}
			empty="Nothing was bought or sold yet."
		/>
	);
}

const FILL_COLUMNS: readonly Column<FillRow>[] = [
	{ head: 'Time', cell: ({ atMs }) => timeOfDay(atMs) },
	{ head: 'Side', cell: ({ side }) => side, tone: ({ side }) => side },
	{ head: 'Price', cell: (row) => amount(row.price), kind: 'figure' },
	{ head: 'Quantity', cell: (row) => amount(row.qty), kind: 'figure' },
	{ head: 'Fee', cell: (row) => amount(row.fee), kind: 'figure', wide: true, title: ({ feeCurrency }) => feeCurrency },
	{ head: 'Edge', cell: (row) => bps(row.edgeBps), tone: (row) => toneOfSign(row.edgeBps), kind: 'figure' },
	{ head: 'After 1 s', cell: (row) => bps(row.markoutsBps[2]), tone: (row) => toneOfSign(row.markoutsBps[2]), kind: 'figure' },
	{
		head: 'After 60 s',
		cell: (row) => bps(row.markoutsBps[6]),
		tone: (row) => toneOfSign(row.markoutsBps[6]),
		kind: 'figure',
		wide: true,
	},
];

export function SymbolMarkouts({
	symbol,
	row,
}: {
	readonly symbol: string;
	readonly row: ReadonlySignal<SymbolRow | undefined>;
}): JSX.Element {
	const markouts = useTopic('markouts', {});
	const names = useComputed(() => [symbol, row.value?.id, row.value?.name]);
	const rows = (markouts.value?.rows ?? []).filter(({ symbol: of, fills }) => fills > 0 && names.peek().includes(of));
	if (markouts.value === undefined || rows.length === 0) return <Empty>No fill yet.</Empty>;
	const curves = rows.map((each) => ({ label: LABELS[each.side], edgeBps: each.edgeBps, markoutsBps: each.markoutsBps }));
	return <MarkoutCurves seconds={markouts.value.seconds} curves={curves} />;
}

const LABELS = { both: 'Both sides', buy: 'Bought', sell: 'Sold' } as const;
