/**
 * The same work for many items, a bounded number at once, the results in the order of the items. Either every item is
 * tried, or the first failure calls off the rest.
 */
import { aborted, NEVER_ABORTED, perform, type Result } from './result.ts';

export interface MapConcurrently {
	/** At most so many at once. */
	readonly concurrency: number;
	/** True: every item gets a result of its own. False: all values, or the first failure. */
	readonly settle: boolean;
	readonly signal?: AbortSignal;
}

type ItemWork<T, V> = (item: T, index: number, signal: AbortSignal) => Promise<Result<V>>;

export function mapConcurrent<T, V>(
	items: readonly T[],
	work: ItemWork<T, V>,
	options: MapConcurrently & { readonly settle: true },
): Promise<readonly Result<V>[]>;
export function mapConcurrent<T, V>(
	items: readonly T[],
	work: ItemWork<T, V>,
	options: MapConcurrently & { readonly settle: false },
): Promise<Result<readonly V[]>>;
export async function mapConcurrent<T, V>(
	items: readonly T[],
	work: ItemWork<T, V>,
	{ concurrency, settle, signal = NEVER_ABORTED }: MapConcurrently,
): Promise<readonly Result<V>[] | Result<readonly V[]>> {
	if (!(concurrency >= 1)) throw new RangeError(`concurrency is at least 1, not ${concurrency}`);
	const results: Result<V>[] = items.map(() => aborted());
	const controller = new AbortController();
	const onAbort = (): void => controller.abort();
	signal.addEventListener('abort', onAbort);
	if (signal.aborted) controller.abort();

	let nextIndex = 0;
	let firstFailure: Result<never> | undefined;
	const workThrough = async (): Promise<void> => {
		while (nextIndex < items.length && !controller.signal.aborted) {
			const index = nextIndex;
			nextIndex += 1;
			const item = items[index] as T; // the index is in range; an item may be undefined itself
			const result = await perform((itemSignal) => work(item, index, itemSignal), controller.signal);
			results[index] = result;
			if (result.kind === 'ok' || settle) continue;
			firstFailure ??= result;
			controller.abort();
		}
	};
	await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, workThrough));
	signal.removeEventListener('abort', onAbort);
	if (settle) return results;
	return firstFailure ?? allValues(results);
}

function allValues<V>(results: readonly Result<V>[]): Result<readonly V[]> {
	const values: V[] = [];
	for (const result of results) {
		if (result.kind !== 'ok') return result;
		values.push(result.value);
	}
	return { kind: 'ok', value: values };
}
