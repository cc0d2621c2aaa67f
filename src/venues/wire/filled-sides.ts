/**
 * A snapshot with an empty side may be true, and then nobody quotes on it; or it is senseless, and what fills the side
 * later would make it look whole. Nobody can tell, so the first level there asks for another snapshot (F39).
 */
import type { BookDelta, BookSide } from '../../domain/book-delta.ts';

export class FilledSides {
	/** Of the last snapshot. */
	#hasNoBids = false;
	#hasNoAsks = false;

	/** Whether this message, which is about to be applied, fills a side that the snapshot left empty. */
	isPatchedUp(delta: BookDelta): boolean {
		if (delta.kind === 'snapshot') {
			this.#hasNoBids = !hasLevel(delta, 'bid');
			this.#hasNoAsks = !hasLevel(delta, 'ask');
			return false;
		}
		return (this.#hasNoBids && hasLevel(delta, 'bid')) || (this.#hasNoAsks && hasLevel(delta, 'ask'));
	}
}

function hasLevel(delta: BookDelta, side: BookSide): boolean {
	for (let i = 0; i < delta.count; i++) if (delta.lotsAt(i) > 0 && delta.sideAt(i) === side) return true;
	return false;
}
