/** The frame of every page: a heading, a grid of twelve columns, and panels in it. */
import type { ReadonlySignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

export interface PageProps {
	readonly title: string;
	/** Beside the heading: filters, buttons. */
	readonly actions?: ComponentChildren;
	/** Why what the page is about cannot be had. */
	readonly trouble?: ReadonlySignal<string | undefined>;
	readonly children: ComponentChildren;
}

export function Page({ title, actions, trouble, children }: PageProps): JSX.Element {
	const sentence = trouble?.value;
	return (
		<>
			<header class="page-head">
				<h1 tabIndex={-1}>{title}</h1>
				{actions === undefined ? null : <div class="page-actions">{actions}</div>}
			</header>
			{sentence === undefined ? null : (
				<p class="trouble tone-bad" role="alert">
					{sentence}
				</p>
			)}
			{children}
		</>
	);
}

export function Grid({ children }: { readonly children: ComponentChildren }): JSX.Element {
	return <div class="grid">{children}</div>;
}

export interface PanelProps {
	readonly title: string;
	/** A few words at the right of the title. */
	readonly note?: ComponentChildren;
	/** Columns of twelve on a wide screen; on a phone each panel takes the whole width. */
	readonly span?: 3 | 4 | 5 | 6 | 7 | 8 | 9 | 12;
	/** Without space around: for tables. */
	readonly flush?: boolean;
	readonly children: ComponentChildren;
}

export function Panel({ title, note, span = 12, flush = false, children }: PanelProps): JSX.Element {
	const id = useId();
	return (
		<section class={`panel span-${span}${flush ? ' flush' : ''}`} aria-labelledby={id}>
			<header class="panel-head">
				<h2 id={id}>{title}</h2>
				{note === undefined ? null : <div class="panel-note">{note}</div>}
			</header>
			<div class="panel-body">{children}</div>
		</section>
	);
}

/** Where there is nothing to show, why. */
export function Empty({ children }: { readonly children: ComponentChildren }): JSX.Element {
	return <p class="empty">{children}</p>;
}
