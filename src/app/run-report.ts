/**
 * What a run comes to, as anybody may look at it who may look at the engine: what it did, where its time went, and how the
 * market moved after its fills. Gathered from a running engine, or by a session at its end for those who ask later.
 */
import * as z from 'zod';
import type { QueryAnswer } from './console/contract.ts';
import { type HistoryView, historyView, latencyView, markoutsView, overviewView, symbolsView } from './console/views.ts';

/** More moments than a plot is wide are not kept. */
const MOMENTS_MAX = 720;

export const runReport = z.object({
	version: z.literal(1),
	/** Of the moment that it tells of. */
	atMs: z.number(),
	overview: overviewView,
	symbols: symbolsView.shape.symbols,
	latency: latencyView,
	markouts: markoutsView,
	history: historyView.omit({ depth: true, fills: true }),
});
export type RunReport = z.output<typeof runReport>;

/** Asked of an engine; its own door and that from outside want the same said in different ways. */
type Asked = { readonly [Name in 'overview' | 'symbols' | 'latency' | 'markouts' | 'history']: Promise<QueryAnswer<Name>> };

export async function gatherReport(asked: Asked): Promise<RunReport> {
	const [overview, { symbols }, latency, markouts, history] = await Promise.all([
		...([asked.overview, asked.symbols, asked.latency, asked.markouts, asked.history] as const),
	]);
	return { version: 1, atMs: overview.atMs, overview, symbols, latency, markouts, history: thinned(history) };
}

/** Undefined where it is none of this version. */
export function readReport(text: string): RunReport | undefined {
	try {
		return runReport.safeParse(JSON.parse(text)).data;
	} catch {
		return undefined;
	}
}

/** Every so-manieth moment, the last among them. */
function thinned(history: HistoryView): RunReport['history'] {
	const { length } = history.atMs;
	const every = Math.max(1, Math.ceil(length / MOMENTS_MAX));
	const kept = <Value>(column: readonly Value[]): Value[] => column.filter((_, at) => (length - 1 - at) % every === 0);
	const { symbol, atMs, mid, fair, reservation, ownBid, ownAsk, position, positionMax } = history;
	const { profit, spread, inventory, fees, funding } = history;
	return {
		...{ symbol, atMs: kept(atMs), mid: kept(mid), fair: kept(fair), reservation: kept(reservation) },
		...{ ownBid: kept(ownBid), ownAsk: kept(ownAsk), position: kept(position), positionMax: kept(positionMax) },
		...{ profit: kept(profit), spread: kept(spread), inventory: kept(inventory), fees: kept(fees), funding: kept(funding) },
	};
}
