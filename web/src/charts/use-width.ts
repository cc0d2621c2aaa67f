/** How wide an element is, as it changes: a drawing that is stretched instead would have small letters on a phone. */
import { type ReadonlySignal, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';

/** 0 until it is known. */
export function useWidth(element: RefObject<HTMLElement | null>): ReadonlySignal<number> {
	const width = useSignal(0);
	useEffect(() => {
		const { current } = element;
		if (current === null) return;
		const resized = new ResizeObserver(() => {
			width.value = current.clientWidth;
		});
		resized.observe(current);
		return () => resized.disconnect();
	}, []);
	return width;
}
