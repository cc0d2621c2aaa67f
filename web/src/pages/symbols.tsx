/** All symbols in one table: what stands, what is held, and for each side why it quotes or not. */
import { type Signal, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { SymbolRow } from '../../../src/api/types.ts';
import { age, amount, fixed, percent, price, signedMoney } from '../format.ts';
import { Select } from '../parts/controls.tsx';
import { Page, Panel } from '../parts/layout.tsx';
import { type Column, LiveTable } from '../parts/table.tsx';
import { type Tone, toneOfSign } from '../parts/tone.ts';
import { linkTo } from '../router.ts';
import { useTopic } from '../store/live.ts';
import { ORDERS, type Order, shownSymbols } from './symbol-order.ts';

export function SymbolsPage(): JSX.Element {
	const symbols = useTopic('symbols', {});
	const filter = useSignal('');
	const order = useSignal<Order>('name');
	return (
		<Page title="Symbols" actions={<Choices filter={filter} order={order} />}>
			<Panel title="Quoting" flush>
				<LiveTable
					label="Symbols"
					columns={COLUMNS}
					rows={() => symbols.value && shownSymbols(symbols.value.symbols, filter.value, order.value)}
					rowKey={(row) => row.id}
					empty="No symbol fits."
				/>
			</Panel>
		</Page>
	);
}

function Choices({ filter, order }: { readonly filter: Signal<string>; readonly order: Signal<Order> }): JSX.Element {
	return (
		<>
			<input
				type="search"
				aria-label="Find a symbol"
				placeholder="Find"
				value={filter}
				onInput={({ currentTarget }) => {
					filter.value = currentTarget.value;
				}}
			/>
			<Select
				label="Order"
				value={order.value}
				options={ORDERS}
				onChange={(value) => {
					order.value = value;
				}}
			/>
		</>
	);
}

const COLUMNS: readonly Column<SymbolRow>[] = [
	{ head: 'Symbol', cell: (row) => row.name, link: (row) => linkTo('symbol', row.id), title: (row) => row.id },
	{ head: 'Bid', cell: (row) => price(row.bid), kind: 'figure', wide: true },
	{ head: 'Ask', cell: (row) => price(row.ask), kind: 'figure', wide: true },
	{ head: 'Spread, bp', cell: (row) => fixed(row.spreadBps, 2), kind: 'figure', wide: true },
	{ head: 'Ours, bp', cell: (row) => fixed(ownSpreadBps(row), 2), kind: 'figure', wide: true },
	{ head: 'Held', cell: (row) => amount(row.position), kind: 'figure', title: (row) => `${row.position} ${row.base}` },
	{ head: 'Worth', cell: (row) => signedMoney(row.positionWorth), kind: 'figure', wide: true, title: (row) => row.quote },
	{
		head: 'Profit',
		cell: (row) => signedMoney(row.profit),
		tone: (row) => toneOfSign(row.profit),
		kind: 'figure',
		title: (row) => row.quote,
	},
	{
		head: 'Up',
		cell: (row) => percent(row.uptime, 0),
		kind: 'figure',
		wide: true,
		title: () => 'Share of the time with both sides in the book',
	},
	{
		head: 'Book',
		cell: (row) => (row.isBookTrusted ? age(row.bookAgeMs) : 'not trusted'),
		tone: (row) => (row.isBookTrusted ? undefined : 'bad'),
		kind: 'figure',
		wide: true,
	},
	{
		head: 'Quotes',
		cell: quotedSides,
		tone: (row) => (row.buy.isQuoting && row.sell.isQuoting ? 'good' : 'warn'),
		title: whyBoth,
	},
	{ head: 'Buying', cell: (row) => row.buy.why, tone: (row) => toneOfSide(row.buy.isQuoting), kind: 'sentence', wide: true },
	{ head: 'Selling', cell: (row) => row.sell.why, tone: (row) => toneOfSide(row.sell.isQuoting), kind: 'sentence', wide: true },
];

function ownSpreadBps({ ownBid, ownAsk, mid }: SymbolRow): number | null {
	return ownBid === null || ownAsk === null || mid === null ? null : ((ownAsk - ownBid) / mid) * 10_000;
}

function toneOfSide(isQuoting: boolean): Tone | undefined {
	return isQuoting ? undefined : 'warn';
}

function quotedSides({ buy, sell }: SymbolRow): string {
	if (buy.isQuoting) return sell.isQuoting ? 'both' : 'buys';
	return sell.isQuoting ? 'sells' : 'none';
}

function whyBoth({ buy, sell }: SymbolRow): string {
	return `Buying: ${buy.why}. Selling: ${sell.why}.`;
}
