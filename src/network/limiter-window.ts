/**
 * One rolling window of a rate limit, as a time line of what has been granted and, after that, of what is planned for
 * those who wait. An entry weighs from its moment until the window's length has passed. Pure: time comes with each
 * question.
 *
 *      granted                 now        planned
 *   ──■──■■───■─────────■───────┼───□──□───────□──────►
 *              └── an entry weighs this long ──┘
 */
export interface WindowRule {
	/** Whole units of weight within any window. */
	readonly limit: number;
	readonly windowMs: number;
	/** How much longer than the server's we count our windows, since requests do not all take equally long to get there. */
	readonly guardMs?: number;
	/** The part of the limit that only urgent takers may use, 0 to 1. */
	readonly urgentShare?: number;
}

/** What the other side said of its own count. */
export interface WindowSighting {
	/** Replaces ours: servers raise it for good customers and lower it in need. */
	readonly limit?: number;
	readonly remaining: number;
	/** Until the server's count starts anew; heeded where nothing remains. */
	readonly resetInMs?: number;
}

interface Entry {
	readonly atMono: number;
	readonly untilMono: number;
	readonly weight: number;
	/** The sum of all weights before it, so that the load of any moment is a difference. */
	before: number;
	/** What may weigh at its moment, and, for planned ones, what does. */
	readonly allowance: number;
	load: number;
}

/** Entries whose time has passed stay until this many have gathered. */
const PRUNE_AT = 64;

export class LimitWindow {
	readonly #lengthMs: number;
	readonly #urgentShare: number;
	#limit: number;
	#closedUntilMono = Number.NEGATIVE_INFINITY;
	/** Sorted by moment: first the granted ones, then the planned ones. */
	readonly #entries: Entry[] = [];
	#plannedFrom = 0;

	constructor({ limit, windowMs, guardMs = 0, urgentShare = 0 }: WindowRule) {
		this.#limit = limit;
		this.#lengthMs = windowMs + guardMs;
		this.#urgentShare = urgentShare;
	}

	get limit(): number {
		return this.#limit;
	}

	/** One unit always fits beside the reserve: a share of a tiny limit would lock out the others for ever. */
	allowance(isUrgent: boolean): number {
		if (isUrgent) return this.#limit;
		return Math.max(Math.min(1, this.#limit), Math.floor(this.#limit * (1 - this.#urgentShare)));
	}

	/**
	 * The first moment at or after `fromMono` at which the weight fits without pushing back anything that is planned;
	 * `Infinity` where it never fits.
	 */
	earliest(fromMono: number, weight: number, isUrgent: boolean): number {
		const allowance = this.allowance(isUrgent);
		if (weight > allowance) return Number.POSITIVE_INFINITY;
		let atMono = Math.max(fromMono, this.#closedUntilMono);
		for (;;) {
			const begunCount = this.#begunCount(atMono);
			const passedSum = this.#sum(this.#passedCount(atMono));
			const excess = this.#sum(begunCount) - passedSum + weight - allowance;
			if (excess > 0) {
				// So much of the oldest has to pass first; it is there, since the weight alone would fit.
				const oldest = firstIndex(this.#entries, (entry) => entry.before + entry.weight >= passedSum + excess);
				atMono = this.#entries[oldest]?.untilMono ?? Number.POSITIVE_INFINITY;
				continue;
			}
			const disturbed = this.#disturbed(begunCount, atMono + this.#lengthMs, weight);
			if (disturbed === undefined) return atMono;
			atMono = disturbed.atMono;
		}
	}

	grant(weight: number, nowMono: number): void {
		this.#prune(nowMono);
		this.#insert(this.#plannedFrom, nowMono, weight, this.#limit);
		this.#plannedFrom += 1;
	}

	plan(weight: number, isUrgent: boolean, atMono: number): void {
		this.#insert(Math.max(this.#plannedFrom, this.#begunCount(atMono)), atMono, weight, this.allowance(isUrgent));
	}

	clearPlan(): void {
		this.#entries.length = this.#plannedFrom;
	}

	/** The server is right about what it has counted, we are about what is still on its way: the higher count holds. */
	applySighting({ limit, remaining, resetInMs = 0 }: WindowSighting, nowMono: number): void {
		if (limit !== undefined && limit > 0) this.#limit = limit;
		const elsewhere = this.#limit - Math.max(0, remaining) - this.used(nowMono);
		if (elsewhere > 0) this.grant(elsewhere, nowMono);
		if (remaining <= 0) this.close(nowMono + resetInMs);
	}

	/** Nothing is granted before that moment, however urgent. */
	close(untilMono: number): void {
		this.#closedUntilMono = Math.max(this.#closedUntilMono, untilMono);
	}

	used(nowMono: number): number {
		return this.#sum(this.#plannedFrom) - this.#sum(Math.min(this.#passedCount(nowMono), this.#plannedFrom));
	}

	closedForMs(nowMono: number): number {
		return Math.max(0, this.#closedUntilMono - nowMono);
	}

	/** The first planned entry before `endMono` that would no longer fit. */
	#disturbed(fromIndex: number, endMono: number, weight: number): Entry | undefined {
		for (let i = Math.max(fromIndex, this.#plannedFrom); i < this.#entries.length; i += 1) {
			const entry = this.#entries[i];
			if (entry === undefined || entry.atMono >= endMono) return undefined;
			if (entry.load + weight > entry.allowance) return entry;
		}
		return undefined;
	}

	#insert(index: number, atMono: number, weight: number, allowance: number): void {
		const untilMono = atMono + this.#lengthMs;
		const before = this.#sum(index);
		const load = before - this.#sum(this.#passedCount(atMono)) + weight;
		for (let i = index; i < this.#entries.length; i += 1) {
			const later = this.#entries[i];
			if (later === undefined) break;
			later.before += weight;
			if (later.atMono < untilMono) later.load += weight;
		}
		this.#entries.splice(index, 0, { atMono, untilMono, weight, before, allowance, load });
	}

	/** Of the first so many. */
	#sum(count: number): number {
		const next = this.#entries[count];
		if (next !== undefined) return next.before;
		const last = this.#entries.at(-1);
		return last === undefined ? 0 : last.before + last.weight;
	}

	#begunCount(atMono: number): number {
		return firstIndex(this.#entries, (entry) => entry.atMono > atMono);
	}

	#passedCount(atMono: number): number {
		return firstIndex(this.#entries, (entry) => entry.untilMono > atMono);
	}

	#prune(nowMono: number): void {
		const passedCount = Math.min(this.#passedCount(nowMono), this.#plannedFrom);
		if (passedCount < PRUNE_AT) return;
		this.#entries.splice(0, passedCount);
		this.#plannedFrom -= passedCount;
	}
}

/** Of the first entry that passes the test, when all behind it do too. */
function firstIndex(entries: readonly Entry[], test: (entry: Entry) => boolean): number {
	let low = 0;
	let high = entries.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		const entry = entries[middle];
		if (entry === undefined || test(entry)) high = middle;
		else low = middle + 1;
	}
	return low;
}
