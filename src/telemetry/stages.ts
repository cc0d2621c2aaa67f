/**
 * Where the time of a tick goes (B5), out of what is counted for Prometheus anyway: percentiles as near as the buckets are
 * fine, and what share of all flushes' time each stage was. Shares are of sums. Computing and the journal come one after
 * the other, and what is left of a flush is waiting for the exchange, however many calls are out at once; so they add up.
 */
import { BOUNDS_MS, type Buckets } from './buckets.ts';
import type { TimedSeries } from './timing-metric.ts';

export interface StageFigures {
	readonly name: string;
	readonly count: number;
	readonly p50: number | null;
	readonly p95: number | null;
	readonly p99: number | null;
	/** Of the time from a flush's first event to its last answer; null for what is no part of it. */
	readonly share: number | null;
}

export interface StageSource {
	readonly flush: Buckets;
	latencies(): Iterable<TimedSeries>;
}

/** In the order in which a tick goes through them; behind it what runs beside it. */
export function stagesOf(source: StageSource): StageFigures[] {
	const { flush } = source;
	const parts = new Map([...source.latencies()].map(({ labels, buckets }) => [labels['stage'] ?? '', buckets]));
	const shareOf = (name: string, most: number): number => Math.min(most, (parts.get(name)?.sumMs ?? 0) / flush.sumMs);
	const hasFlushes = flush.sumMs > 0;
	const decide = hasFlushes ? shareOf('decide', 1) : null;
	const journal = decide === null ? null : shareOf('journal', 1 - decide);
	const waiting = decide === null || journal === null ? null : 1 - decide - journal;
	const rowOf = (name: string, share: number | null): StageFigures[] => {
		const buckets = parts.get(name);
		return buckets === undefined ? [] : [rowFor(name, buckets, share)];
	};
	return [
		rowFor('tick', flush, hasFlushes ? 1 : null),
		...rowOf('decide', decide),
		...rowOf('journal', journal),
		{ ...rowFor('exchange', flush, waiting), p50: null, p95: null, p99: null },
		...[...parts.keys()].filter((name) => name !== 'decide' && name !== 'journal').flatMap((name) => rowOf(name, null)),
	];
}

function rowFor(name: string, buckets: Buckets, share: number | null): StageFigures {
	const count = buckets.counts.reduce((sum, each) => sum + each, 0);
	const at = (part: number): number | null => percentileOf(buckets, part * count);
	return { name, count, p50: at(0.5), p95: at(0.95), p99: at(0.99), share };
}

/** Between two bounds as if its records lay evenly there; above all bounds it is at least the last. */
function percentileOf({ counts }: Buckets, rank: number): number | null {
	if (rank === 0) return null;
	let below = 0;
	for (const [index, count] of counts.entries()) {
		const top = BOUNDS_MS[index];
		if (top === undefined) break;
		if (below + count >= rank) {
			const bottom = BOUNDS_MS[index - 1] ?? 0;
			return Math.round((bottom + ((top - bottom) * (rank - below)) / count) * 1_000) / 1_000;
		}
		below += count;
	}
	return BOUNDS_MS.at(-1) ?? null;
}
