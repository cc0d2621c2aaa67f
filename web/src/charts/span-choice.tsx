/** How much of the past a page's charts show. */
import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { Tabs } from '../parts/controls.tsx';

const OPTIONS = [
	{ value: '5', text: '5 min' },
	{ value: '15', text: '15 min' },
	{ value: '60', text: '1 h' },
] as const;

export function SpanChoice({ minutes }: { readonly minutes: Signal<number> }): JSX.Element {
	return (
		<Tabs
			label="How much of the past"
			value={String(minutes.value)}
			options={OPTIONS}
			onChange={(value) => {
				minutes.value = Number(value);
			}}
		/>
	);
}
