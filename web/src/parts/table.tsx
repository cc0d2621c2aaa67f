/**
 * A table that lives: rows come and go by their key, and inside a row only the cells whose text has changed are touched.
 * On a phone the columns marked `wide` are left out; what they say is in the row's title or on another page.
 */
import { batch, type ReadonlySignal, type Signal, signal, useComputed, useSignal, useSignalEffect } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { type Tone, toneClass } from './tone.ts';

export interface Column<Row> {
	readonly head: string;
	readonly cell: (row: Row) => string;
	readonly tone?: (row: Row) => Tone | undefined;
	/** Figures stand at the right, in digits of one width. */
	readonly kind?: 'figure' | 'text' | 'sentence';
	/** Not on a phone. */
	readonly wide?: boolean;
	/** Where a click leads. */
	readonly link?: (row: Row) => string;
	/** Said in full when the pointer rests on it. */
	readonly title?: (row: Row) => string;
	/** For what is more than text; given the row as a signal, since the cell is made only once. */
	readonly view?: (row: ReadonlySignal<Row>) => ComponentChildren;
}

export interface TableProps<Row> {
	/** What the table is, for those who hear it. */
	readonly label: string;
	readonly columns: readonly Column<Row>[];
	/** Undefined: not known yet. */
	readonly rows: () => readonly Row[] | undefined;
	readonly rowKey: (row: Row) => string;
	/** A sentence for when there are none. */
	readonly empty: string;
	readonly rowTone?: (row: Row) => Tone | undefined;
}

export function LiveTable<Row>({ label, columns, rows, rowKey, empty, rowTone }: TableProps<Row>): JSX.Element {
	const known = useRef(new Map<string, Signal<Row>>());
	const keys = useSignal<readonly string[] | undefined>(undefined);
	useSignalEffect(() => {
		const list = rows();
		if (list === undefined) return;
		batch(() => {
			keys.value = updated(known.current, list, rowKey, keys.peek());
		});
	});
	const shown = keys.value;
	if (shown?.length === 0) return <p class="empty">{empty}</p>;
	return (
		// Focusable, so that it can be scrolled by keyboard.
		<div class="table-scroll" role="group" aria-label={label} tabIndex={0}>
			<table>
				<caption class="unseen">{label}</caption>
				<thead>
					<tr>
						{columns.map((column) => (
							<th key={column.head} scope="col" class={cellClass(column)}>
								{column.head}
							</th>
						))}
					</tr>
				</thead>
				<tbody>
					{shown?.map((key) => {
						const row = known.current.get(key);
						return row === undefined ? null : <LiveRow key={key} row={row} columns={columns} rowTone={rowTone} />;
					})}
				</tbody>
			</table>
		</div>
	);
}

/** Writes each row into its signal; gives the keys in their order, the same array where nothing came or went. */
function updated<Row>(
	known: Map<string, Signal<Row>>,
	list: readonly Row[],
	rowKey: (row: Row) => string,
	before: readonly string[] | undefined,
): readonly string[] {
	const keys = list.map(rowKey);
	list.forEach((row, index) => {
		const key = keys[index] ?? '';
		const held = known.get(key);
		if (held === undefined) known.set(key, signal(row));
		else held.value = row;
	});
	if (before?.length === keys.length && before.every((key, index) => key === keys[index])) return before;
	const wanted = new Set(keys);
	for (const key of known.keys()) if (!wanted.has(key)) known.delete(key);
	return keys;
}

interface RowProps<Row> {
	readonly row: ReadonlySignal<Row>;
	readonly columns: readonly Column<Row>[];
	readonly rowTone: ((row: Row) => Tone | undefined) | undefined;
}

function LiveRow<Row>({ row, columns, rowTone }: RowProps<Row>): JSX.Element {
	const classes = useComputed(() => toneClass(rowTone?.(row.value)));
	return (
		<tr class={classes}>
			{columns.map((column) => (
				<Cell key={column.head} row={row} column={column} />
			))}
		</tr>
	);
}

function Cell<Row>({ row, column }: { readonly row: ReadonlySignal<Row>; readonly column: Column<Row> }): JSX.Element {
	const text = useComputed(() => column.cell(row.value));
	const classes = useComputed(() => `${cellClass(column)} ${toneClass(column.tone?.(row.value))}`);
	const title = useComputed(() => column.title?.(row.value));
	const href = useComputed(() => column.link?.(row.value) ?? '');
	const inside = column.view === undefined ? text : column.view(row);
	return (
		<td class={classes} title={title}>
			{column.link === undefined ? inside : <a href={href}>{inside}</a>}
		</td>
	);
}

function cellClass<Row>({ kind = 'text', wide = false }: Column<Row>): string {
	return `cell-${kind}${wide ? ' wide-only' : ''}`;
}
