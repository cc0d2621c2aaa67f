/**
 * What the venue has refused, so that nobody asks for it again and again (F36, I16). A slot whose create was refused three
 * times for the same reason waits before it tries the same once more: a second, then two, then four, up to a minute. It
 * may try something else meanwhile, but after ten refusals in a row a minute has to go by between the first of them and
 * the next try, whatever it is. An order that stands ends all of it. Pure; a row for each slot at most.
 */

/** So often the same is tried without waiting. */
const SAME_TRIES_MAX = 3;
const WAIT_MS_MIN = 1_000;
const WAIT_MS_MAX = 60_000;
/** Whatever is tried: so many tries in a row that were refused fit into any minute. */
const REFUSED_TRIES_MAX = 10;
const TRIES_WINDOW_MS = 60_000;
/** A wish that has moved by less is the same: markets never stand quite still. */
const PRICE_BAND = 0.0005;
const QTY_BAND = 0.1;
/** Some venues show what they refuse for a moment: only what has not been refused by then stands. */
export const STANDS_AFTER_MS = 1_000;

export interface Tried {
	readonly priceTicks: number;
	readonly qtyLots: number;
}

interface Row {
	tried: Tried;
	reason: string;
	sameCount: number;
	refusedAtMono: number;
	/** When the venue showed one that it has not refused since. */
	shownAtMono: number;
	/** The moments of the last refusals, the oldest at `next`. */
	readonly moments: Float64Array;
	next: number;
}

export class Refusals {
	readonly #rows = new Map<number, Row>();

	/** True where the slot begins to wait with this one, which is worth a word to a person. */
	refused(slotKey: number, { tried, reason }: { readonly tried: Tried; readonly reason: string }, nowMono: number): boolean {
		const row = this.#rowOf(slotKey, nowMono) ?? newRow(tried, reason);
		this.#rows.set(slotKey, row);
		row.shownAtMono = NEVER;
		row.sameCount = row.reason === reason && isSame(row.tried, tried) ? row.sameCount + 1 : 1;
		row.tried = { priceTicks: tried.priceTicks, qtyLots: tried.qtyLots };
		row.reason = reason;
		row.refusedAtMono = nowMono;
		row.moments[row.next] = nowMono;
		row.next = (row.next + 1) % REFUSED_TRIES_MAX;
		return row.sameCount === SAME_TRIES_MAX;
	}

	/** The venue shows an order of the slot. */
	shown(slotKey: number, nowMono: number): void {
		const row = this.#rowOf(slotKey, nowMono);
		if (row !== undefined) row.shownAtMono = nowMono;
	}

	mayTry(slotKey: number, wanted: Tried, nowMono: number): boolean {
		if (this.#rows.size === 0) return true;
		const row = this.#rowOf(slotKey, nowMono);
		if (row === undefined) return true;
		const oldest = row.moments[row.next] ?? Number.NEGATIVE_INFINITY;
		if (nowMono - oldest < TRIES_WINDOW_MS) return false;
		return !isSame(row.tried, wanted) || nowMono - row.refusedAtMono >= waitMs(row.sameCount);
	}

	#rowOf(slotKey: number, nowMono: number): Row | undefined {
		const row = this.#rows.get(slotKey);
		if (row === undefined || nowMono - row.shownAtMono < STANDS_AFTER_MS) return row;
		this.#rows.delete(slotKey);
		return undefined;
	}
}

/** No moment is so late. */
const NEVER = Number.POSITIVE_INFINITY;

function newRow(tried: Tried, reason: string): Row {
	const moments = new Float64Array(REFUSED_TRIES_MAX).fill(Number.NEGATIVE_INFINITY);
	return { tried, reason, sameCount: 0, refusedAtMono: 0, shownAtMono: NEVER, moments, next: 0 };
}

function waitMs(sameCount: number): number {
	return sameCount < SAME_TRIES_MAX ? 0 : Math.min(WAIT_MS_MAX, WAIT_MS_MIN * 2 ** (sameCount - SAME_TRIES_MAX));
}

function isSame(tried: Tried, wanted: Tried): boolean {
	return (
		Math.abs(wanted.priceTicks - tried.priceTicks) <= PRICE_BAND * tried.priceTicks &&
		Math.abs(wanted.qtyLots - tried.qtyLots) <= QTY_BAND * tried.qtyLots
	);
}
