/** Books that other people's clients keep as floats, counted back into whole numbers, so that they can be compared with ours. */
import { hashBook } from '../../src/domain/book-hash.ts';

/** Best level first: price and size. */
export type PeerLevels = readonly (readonly number[])[];

export interface PeerUnits {
	readonly ticksPerOne: number;
	readonly lotsPerOne: number;
}

export function hashOfPeerBook(bids: PeerLevels, asks: PeerLevels, { ticksPerOne, lotsPerOne }: PeerUnits): number {
	const ticks = (level: readonly number[] | undefined) => Math.round((level?.[0] ?? 0) * ticksPerOne);
	const lots = (level: readonly number[] | undefined) => Math.round((level?.[1] ?? 0) * lotsPerOne);
	return hashBook({
		bidCount: bids.length,
		askCount: asks.length,
		bidTicksAt: (index) => ticks(bids[index]),
		bidLotsAt: (index) => lots(bids[index]),
		askTicksAt: (index) => ticks(asks[index]),
		askLotsAt: (index) => lots(asks[index]),
	});
}
