/** Signals that nobody keeps: for worlds in virtual time, and for programs that want no file. */
import {
	decideSignal,
	type ShelfResult,
	type Signal,
	type SignalNews,
	type SignalOperation,
	type SignalResult,
	type SignalShelf,
} from '../domain/signal.ts';
import type { TimeMs } from '../domain/units.ts';

export function memorySignalShelf(): SignalShelf {
	const kept = new Map<string, Signal>();
	const known = {
		get count() {
			return kept.size;
		},
		find: (id: string) => kept.get(id),
	};
	let heard: (news: SignalNews) => void = () => {};

	function decide(operation: SignalOperation, nowMs: TimeMs, touched: Set<string>): SignalResult {
		const decision = decideSignal(operation, known, nowMs);
		if (decision.kind === 'refused') return decision;
		const { signal } = decision;
		touched.add(signal.id);
		if (decision.kind === 'put') kept.set(signal.id, signal);
		else kept.delete(signal.id);
		return { kind: 'done', signal };
	}

	return {
		open: async (listener) => {
			heard = listener;
			if (kept.size > 0) heard({ put: [...kept.values()], gone: [] });
			return { kind: 'open' };
		},
		apply: async (operations, nowMs): Promise<ShelfResult> => {
			const touched = new Set<string>();
			for (const { id, expiresAtMs } of kept.values()) if (expiresAtMs <= nowMs) touched.add(id);
			for (const id of touched) kept.delete(id);
			const results = operations.map((operation) => decide(operation, nowMs, touched));
			if (touched.size > 0) heard(newsOf(touched, kept));
			return { kind: 'kept', results };
		},
		[Symbol.asyncDispose]: async () => {},
	};
}

function newsOf(touched: ReadonlySet<string>, kept: ReadonlyMap<string, Signal>): SignalNews {
	const ids = [...touched];
	return { put: ids.flatMap((id) => kept.get(id) ?? []), gone: ids.filter((id) => !kept.has(id)) };
}
