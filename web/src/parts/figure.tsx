/** Single figures. Each is one signal bound to one text, so that a new value changes that text and nothing else. */
import { useComputed } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { type Tone, toneClass } from './tone.ts';

export interface FigureProps {
	readonly label: string;
	readonly value: () => string;
	readonly tone?: () => Tone | undefined;
	/** Smaller, below. */
	readonly hint?: () => string;
	/** For the one or two figures that matter most. */
	readonly large?: boolean;
}

/** Belongs into `<Figures>`. */
export function Figure({ label, value, tone, hint, large = false }: FigureProps): JSX.Element {
	const text = useComputed(value);
	const classes = useComputed(() => `figure-value ${toneClass(tone?.())}`);
	const below = useComputed(() => hint?.() ?? '');
	return (
		<div class={large ? 'figure large' : 'figure'}>
			<dt>{label}</dt>
			<dd>
				<span class={classes}>{text}</span>
				{hint === undefined ? null : <span class="figure-hint">{below}</span>}
			</dd>
		</div>
	);
}

export interface FiguresProps {
	/** Wider columns, for large figures and longer hints. */
	readonly roomy?: boolean;
	readonly children: ComponentChildren;
}

export function Figures({ roomy = false, children }: FiguresProps): JSX.Element {
	return <dl class={roomy ? 'figures roomy' : 'figures'}>{children}</dl>;
}

/** Text that changes by itself. */
export function Live({ text, tone }: { readonly text: () => string; readonly tone?: () => Tone | undefined }): JSX.Element {
	const shown = useComputed(text);
	const classes = useComputed(() => toneClass(tone?.()));
	return <span class={classes}>{shown}</span>;
}

/** A word in a coloured frame. */
export function Pill({
	tone,
	children,
}: {
	readonly tone?: Tone | undefined;
	readonly children: ComponentChildren;
}): JSX.Element {
	return <span class={`pill ${toneClass(tone)}`}>{children}</span>;
}

/** How much of something is used or left, as a bar beside its figure. The figure itself says it for those who do not see bars. */
export function Bar({ share, tone }: { readonly share: () => number; readonly tone?: () => Tone | undefined }): JSX.Element {
	// A drawing of 100 units: its width is an attribute, since the page's policy allows no inline style.
	const width = useComputed(() => Math.round(Math.min(Math.max(share(), 0), 1) * 100));
	const classes = useComputed(() => `bar ${toneClass(tone?.())}`);
	return (
		<svg class={classes} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
			<rect class="bar-ground" width="100" height="6" />
			<rect class="bar-filled" width={width} height="6" />
		</svg>
	);
}
