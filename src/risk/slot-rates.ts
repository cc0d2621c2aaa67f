/**
 * How often each slot acts (PT14): in any second and in any minute, wherever it begins, at most so many creates and
 * amends. Memory is the moments of a slot's last minute, of which there are never more than the limit of a minute.
 */
export interface SlotRateLimits {
	readonly slotActionsPerSecMax: number;
	readonly slotActionsPerMinMax: number;
}

/** More slots than any quoter has; makes one number of quoter and slot. */
const SLOT_KEYS_PER_QUOTER = 128;

export function slotKey({ quoter, slot }: { readonly quoter: number; readonly slot: number }): number {
	return quoter * SLOT_KEYS_PER_QUOTER + slot;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** Moments that have passed stay in the list until there are so many, and as many as the others. */
const COMPACT_AT = 8;

interface Moments {
	readonly atMono: number[];
	head: number;
}

export class SlotRates {
	readonly #slots = new Map<number, Moments>();

	/** The limits come with each question, so that a lowered one holds at once. */
	mayAct(slotKey: number, nowMono: number, limits: SlotRateLimits): boolean {
		const moments = this.#slots.get(slotKey);
		return (
			hasRoom(moments, limits.slotActionsPerSecMax, nowMono - SECOND_MS) &&
			hasRoom(moments, limits.slotActionsPerMinMax, nowMono - MINUTE_MS)
		);
	}

	count(slotKey: number, nowMono: number): void {
		let moments = this.#slots.get(slotKey);
		if (moments === undefined) {
			moments = { atMono: [], head: 0 };
			this.#slots.set(slotKey, moments);
		}
		moments.atMono.push(nowMono);
		forget(moments, nowMono - MINUTE_MS);
	}
}

/** The window is full if the action that is so many before the next one is still in it. */
function hasRoom(moments: Moments | undefined, max: number, sinceMono: number): boolean {
	if (!(max >= 1)) return false;
	if (moments === undefined) return true;
	const at = moments.atMono.length - Math.floor(max);
	return at < moments.head || (moments.atMono[at] ?? Number.POSITIVE_INFINITY) <= sinceMono;
}

function forget(moments: Moments, sinceMono: number): void {
	const { atMono } = moments;
	while (moments.head < atMono.length && (atMono[moments.head] ?? 0) <= sinceMono) moments.head += 1;
	if (moments.head < COMPACT_AT || moments.head * 2 < atMono.length) return;
	atMono.splice(0, moments.head);
	moments.head = 0;
}
