/** What tables of orders and fills can be narrowed by, and the buttons to page through the rest. */
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { count } from '../format.ts';
import { useTopic } from '../store/live.ts';
import { Button, Select, Tabs } from './controls.tsx';

export type SideFilter = 'both' | 'buy' | 'sell';

export interface Filter {
	readonly symbol: string;
	readonly side: SideFilter;
	readonly offset: number;
}

export const NO_FILTER: Filter = { symbol: '', side: 'both', offset: 0 };

/** Rows at once: enough to look at, few enough to redraw ten times a second. */
const ROWS_A_PAGE = 100;

/** As the API takes it. */
export function paramsOf({ symbol, side, offset }: Filter): {
	symbol?: string;
	side?: 'buy' | 'sell';
	limit: number;
	offset: number;
} {
	return {
		...(symbol === '' ? {} : { symbol }),
		...(side === 'both' ? {} : { side }),
		limit: ROWS_A_PAGE,
		offset,
	};
}

export interface FilterBarProps {
	readonly filter: Filter;
	readonly onChange: (filter: Filter) => void;
}

export function FilterBar({ filter, onChange }: FilterBarProps): JSX.Element {
	const symbols = useTopic('symbols', {});
	// The names alone: the list must not be drawn again with each price.
	const names = useComputed(() => symbols.value?.symbols.map(({ name }) => name).join('\n') ?? '');
	const options = names.value === '' ? [] : names.value.split('\n').map((name) => ({ value: name, text: name }));
	return (
		<>
			<Select
				label="Symbol"
				value={filter.symbol}
				options={[{ value: '', text: 'all' }, ...options]}
				onChange={(symbol) => onChange({ ...filter, symbol, offset: 0 })}
			/>
			<Tabs<SideFilter>
				label="Side"
				value={filter.side}
				options={[
					{ value: 'both', text: 'Both sides' },
					{ value: 'buy', text: 'Buy' },
					{ value: 'sell', text: 'Sell' },
				]}
				onChange={(side) => onChange({ ...filter, side, offset: 0 })}
			/>
		</>
	);
}

export function Pager({
	filter,
	onChange,
	total,
}: FilterBarProps & { readonly total: () => number | undefined }): JSX.Element | null {
	const known = useComputed(total).value ?? 0;
	if (known <= ROWS_A_PAGE && filter.offset === 0) return null;
	const to = (offset: number): void => onChange({ ...filter, offset });
	return (
		<div class="pager">
			<Button onClick={() => to(Math.max(0, filter.offset - ROWS_A_PAGE))} disabled={filter.offset === 0}>
				Newer
			</Button>
			<span>
				{count(filter.offset + 1)} to {count(Math.min(filter.offset + ROWS_A_PAGE, known))} of {count(known)}
			</span>
			<Button onClick={() => to(filter.offset + ROWS_A_PAGE)} disabled={filter.offset + ROWS_A_PAGE >= known}>
				Older
			</Button>
		</div>
	);
}
