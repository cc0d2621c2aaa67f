/**
 * While one connection takes over from another, both tell the same trades. For as long as that may last, a trade that is
 * equal to one that was told is taken for the same: a deal too few now and then does less harm than all of them twice.
 */
import type { PublicTrade } from './codec/frames.ts';

/** Longer than the older connection stays. */
const OVERLAP_MS = 8_000;
/** Of all symbols of a connection; more than that are told, twice if need be. */
const TOLD_MAX = 50_000;

export class TradeOverlap {
	#untilMono = Number.NEGATIVE_INFINITY;
	readonly #told = new Set<string>();

	begin(nowMono: number): void {
		this.#told.clear();
		this.#untilMono = nowMono + OVERLAP_MS;
	}

	isRepeat({ instrument, tradedAtMs, priceTicks, qtyLots, takerSide }: PublicTrade, nowMono: number): boolean {
		if (nowMono >= this.#untilMono) {
			if (this.#told.size > 0) this.#told.clear();
			return false;
		}
		const name = `${instrument.index} ${tradedAtMs} ${priceTicks} ${qtyLots} ${takerSide}`;
		if (this.#told.has(name)) return true;
		if (this.#told.size < TOLD_MAX) this.#told.add(name);
		return false;
	}
}
