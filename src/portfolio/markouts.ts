/**
 * How the market stood some time after each fill: against the price of the fill, in basis points, above zero where it
 * went our way. Whoever keeps it tells it the time and asks it when it wants to look again. Fills are remembered up to a
 * bound, sums by symbol and side for good; a fill that is forgotten before its last look counts in the earlier ones only.
 */
import type { Execution } from '../domain/execution.ts';
import { type InstrumentIndex, notionalNumber } from '../domain/instrument.ts';
import { type Side, signOf } from '../domain/side.ts';
import type { MonoMs } from '../domain/units.ts';

/** At 60 s that is some 60 fills a second. */
export const FILLS_REMEMBERED_MAX = 4_000;

export interface FillMark {
	readonly execution: Execution;
	/** When it was booked. */
	readonly atMono: MonoMs;
	/** Against the middle of the book when it came; undefined where nobody knew it, as below. */
	readonly edgeBps: number | undefined;
	/** The same later, one for each of the seconds; undefined before it is time as well. */
	readonly markoutsBps: readonly (number | undefined)[];
}

/** Means weighed by worth. */
export interface MarkoutRow {
	readonly instrumentId: string;
	readonly side: Side | 'both';
	readonly fills: number;
	readonly edgeBps: number | undefined;
	readonly markoutsBps: readonly (number | undefined)[];
	/** So many fills are in each of them. */
	readonly counts: readonly number[];
}

/** Best bid plus best ask; 0 where nobody knows. */
export type MidTwiceOf = (instrument: InstrumentIndex) => number;

interface Seen {
	readonly execution: Execution;
	readonly atMono: MonoMs;
	readonly edgeBps: number | undefined;
	readonly markoutsBps: (number | undefined)[];
}

export class Markouts {
	readonly #delaysMs: readonly number[];
	readonly #seen: Seen[] = [];
	/** How many were forgotten: the first that is remembered has this number. */
	#firstNumber = 0;
	/** For each delay the number of the fill that is looked at next: fills come in the order of their time. */
	readonly #next: number[];
	readonly #sums = new Map<string, Record<Side, Sums>>();

	constructor(seconds: readonly number[]) {
		this.#delaysMs = seconds.map((second) => second * 1_000);
		this.#next = seconds.map(() => 0);
	}

	applyFill(execution: Execution, midTwiceTicks: number, nowMono: MonoMs): void {
		const edgeBps = gainBps(execution, midTwiceTicks);
		this.#seen.push({ execution, atMono: nowMono, edgeBps, markoutsBps: this.#delaysMs.map(() => undefined) });
		if (this.#seen.length > FILLS_REMEMBERED_MAX) {
			this.#seen.shift();
			this.#firstNumber += 1;
		}
		const sums = this.#sumsOf(execution);
		sums.fills += 1;
		sums.edge.add(edgeBps, worthOf(execution));
	}

	/** Looks at all whose time has come. */
	applyTime(nowMono: MonoMs, midTwiceOf: MidTwiceOf): void {
		for (const [at, delayMs] of this.#delaysMs.entries()) {
			for (let seen = this.#nextAt(at); seen !== undefined && seen.atMono + delayMs <= nowMono; seen = this.#nextAt(at)) {
				this.#next[at] = (this.#next[at] ?? 0) + 1;
				const { execution } = seen;
				const markoutBps = gainBps(execution, midTwiceOf(execution.instrument.index));
				seen.markoutsBps[at] = markoutBps;
				this.#sumsOf(execution).markouts[at]?.add(markoutBps, worthOf(execution));
			}
		}
	}

	/** When it wants to be told the time again; undefined while nothing waits. */
	dueInMs(nowMono: MonoMs): number | undefined {
		let dueMono = Number.POSITIVE_INFINITY;
		for (const [at, delayMs] of this.#delaysMs.entries()) {
			const seen = this.#nextAt(at);
			if (seen !== undefined) dueMono = Math.min(dueMono, seen.atMono + delayMs);
		}
		return dueMono === Number.POSITIVE_INFINITY ? undefined : Math.max(0, dueMono - nowMono);
	}

	*newestFirst(): Generator<FillMark, undefined> {
		for (let at = this.#seen.length - 1; at >= 0; at -= 1) {
			const seen = this.#seen[at];
			if (seen !== undefined) yield seen;
		}
	}

	/** By symbol, in the order in which they were first traded: buys, sells and both together. */
	rows(): readonly MarkoutRow[] {
		return [...this.#sums].flatMap(([instrumentId, { buy, sell }]) => [
			rowOf(instrumentId, 'buy', [buy]),
			rowOf(instrumentId, 'sell', [sell]),
			rowOf(instrumentId, 'both', [buy, sell]),
		]);
	}

	/** The next fill to be looked at after this delay; those that were forgotten meanwhile are passed over. */
	#nextAt(at: number): Seen | undefined {
		const next = Math.max(this.#next[at] ?? 0, this.#firstNumber);
		this.#next[at] = next;
		return this.#seen[next - this.#firstNumber];
	}

	#sumsOf({ instrument, side }: Execution): Sums {
		let sums = this.#sums.get(instrument.id);
		if (sums === undefined) {
			const empty = (): Sums => ({ fills: 0, edge: new Mean(), markouts: this.#delaysMs.map(() => new Mean()) });
			sums = { buy: empty(), sell: empty() };
			this.#sums.set(instrument.id, sums);
		}
		return sums[side];
	}
}

interface Sums {
	fills: number;
	readonly edge: Mean;
	readonly markouts: readonly Mean[];
}

class Mean {
	count = 0;
	weight = 0;
	sum = 0;

	add(value: number | undefined, weight: number): void {
		if (value === undefined) return;
		this.count += 1;
		this.weight += weight;
		this.sum += value * weight;
	}
}

function rowOf(instrumentId: string, side: MarkoutRow['side'], parts: readonly Sums[]): MarkoutRow {
	const [first] = parts;
	return {
		instrumentId,
		side,
		fills: parts.reduce((sum, { fills }) => sum + fills, 0),
		edgeBps: meanOf(parts.map(({ edge }) => edge)),
		markoutsBps: (first?.markouts ?? []).map((_, at) => meanOf(parts.flatMap(({ markouts }) => markouts[at] ?? []))),
		counts: (first?.markouts ?? []).map((_, at) => parts.reduce((sum, { markouts }) => sum + (markouts[at]?.count ?? 0), 0)),
	};
}

function meanOf(means: readonly Mean[]): number | undefined {
	const weight = means.reduce((sum, mean) => sum + mean.weight, 0);
	return weight > 0 ? means.reduce((sum, mean) => sum + mean.sum, 0) / weight : undefined;
}

/** What the middle of the book says of the price: above zero where it would be better to have than not. */
function gainBps({ side, priceTicks }: Execution, midTwiceTicks: number): number | undefined {
	if (!(midTwiceTicks > 0)) return undefined;
	return (signOf(side) * (midTwiceTicks / 2 - priceTicks) * 10_000) / priceTicks;
}

function worthOf({ instrument, priceTicks, qtyLots }: Execution): number {
	return notionalNumber(instrument, priceTicks, qtyLots);
}
