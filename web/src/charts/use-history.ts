/** The history of a symbol, or of all together, while a component is on the page: the whole once, then each second the news. */
import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { HistoryView } from '../../../src/api/types.ts';
import { read } from '../store/door.ts';
import { mergeHistory, newsSince } from './history.ts';

const PAUSE_MS = 1_000;

export function useHistory({
	symbol,
	depth = false,
}: {
	readonly symbol?: string;
	readonly depth?: boolean;
}): ReadonlySignal<HistoryView | undefined> {
	const history = useSignal<HistoryView | undefined>(undefined);
	useEffect(() => {
		history.value = undefined;
		let timer: ReturnType<typeof setTimeout> | undefined;
		let isOver = false;
		const look = async (): Promise<void> => {
			const sinceMs = newsSince(history.peek());
			const result = await read('history', { ...(symbol === undefined ? {} : { symbol }), sinceMs, depth: String(depth) });
			if (isOver) return;
			if (result.kind === 'answer') history.value = mergeHistory(history.peek(), result.answer, sinceMs);
			// A hidden page asks less, since nobody sees it.
			timer = setTimeout(() => void look(), document.hidden ? 10 * PAUSE_MS : PAUSE_MS);
		};
		void look();
		return () => {
			isOver = true;
			clearTimeout(timer);
		};
	}, [symbol, depth]);
	return history;
}
