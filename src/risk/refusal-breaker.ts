/**
 * Notices a symbol that the venue takes hardly anything from (KL1): of the creates of ten seconds at least twelve, and at
 * least half, were refused. It only says so; the caller holds the symbol until nothing has been refused for a while.
 */
import type { InstrumentIndex } from '../domain/instrument.ts';
import { SecondCounts } from './second-counts.ts';

/** More than one slot can do alone: a single level that is refused waits by itself. */
export const REFUSED_MAX = 12;
const REFUSED_SHARE = 0.5;
const WINDOW_MS = 10_000;

interface Counts {
	readonly refused: SecondCounts;
	readonly shown: SecondCounts;
}

export class RefusalBreaker {
	readonly #symbols: Counts[] = [];

	/** A text is the reason to hold the symbol. `wasShown`: for a moment, a moment ago, and so it counts as shown. */
	refused(
		instrument: InstrumentIndex,
		{ reason, wasShown }: { readonly reason: string; readonly wasShown: boolean },
		nowMono: number,
	): string | undefined {
		const { refused, shown } = this.#of(instrument);
		refused.add(1, nowMono);
		if (wasShown) shown.add(-1, nowMono);
		const refusedCount = refused.sum(nowMono);
		const allCount = refusedCount + shown.sum(nowMono);
		if (refusedCount < REFUSED_MAX || refusedCount < REFUSED_SHARE * allCount) return undefined;
		return `the venue refused ${refusedCount} of ${allCount} new orders within ${WINDOW_MS / 1_000} s: ${reason}`;
	}

	shown(instrument: InstrumentIndex, nowMono: number): void {
		this.#of(instrument).shown.add(1, nowMono);
	}

	#of(instrument: InstrumentIndex): Counts {
		let counts = this.#symbols[instrument];
		if (counts === undefined) {
			counts = { refused: new SecondCounts(WINDOW_MS), shown: new SecondCounts(WINDOW_MS) };
			this.#symbols[instrument] = counts;
		}
		return counts;
	}
}
