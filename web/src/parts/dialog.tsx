/** A question that has to be answered first. The browser's own dialog keeps the focus inside and closes it on Escape. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

export interface DialogProps {
	readonly title: string;
	readonly tone?: 'plain' | 'danger';
	readonly onClose: () => void;
	readonly children: ComponentChildren;
}

export function Dialog({ title, tone = 'plain', onClose, children }: DialogProps): JSX.Element {
	const dialog = useRef<HTMLDialogElement>(null);
	const id = useId();
	useEffect(() => {
		const before = document.activeElement;
		dialog.current?.showModal();
		return () => {
			if (before instanceof HTMLElement) before.focus();
		};
	}, []);
	return (
		<dialog ref={dialog} class={`dialog ${tone}`} aria-labelledby={id} onClose={onClose}>
			<h2 id={id}>{title}</h2>
			{children}
		</dialog>
	);
}
