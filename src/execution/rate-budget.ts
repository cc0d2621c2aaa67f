/**
 * How many commands each venue still takes. Venues count orders, not calls, so a batch of ten spends ten, and most
 * count within rolling windows; so do we, with a share of each window that is ours (PT13) and windows that are a little
 * longer than the venue's, since requests do not all take equally long to get there. Where windows are fixed, we count
 * in the venue's own as soon as it has said when one ends. Where cancels share a window with other verbs, a fifth of it
 * is kept for them (I11). What a venue says of its own count corrects ours. Verbs without a rule are unbounded. Pure:
 * time comes with each question.
 */
import type { Verb } from '../domain/command.ts';
import type { MonoMs } from '../domain/units.ts';
import type { RateRule } from '../domain/venue.ts';
import type { Lane } from './lanes.ts';

export interface BudgetOptions {
	/** Off for benchmarks and venues without limits. */
	readonly isEnabled: boolean;
	/** How much of what the venue allows is ours; the rest is for people, other programs and slow requests. */
	readonly share: number;
	/** How much longer than the venue's we count our windows; how far we may misjudge when one ends. */
	readonly guardMs: number;
}

export const BUDGET_OPTIONS: BudgetOptions = { isEnabled: true, share: 0.8, guardMs: 40 };

/** What a venue said of a window, in the headers of an answer or by refusing. */
export interface RateSighting {
	readonly limit: number;
	readonly remaining: number;
	readonly resetInMs: number;
	/** The command was one too many. */
	readonly isRefusal: boolean;
	/** The rule that is meant, by name; all that the verb draws on unless said. */
	readonly rule?: string;
}

export const CANCEL_RESERVE = 0.2;
/** A refusal halves what we allow ourselves, down to this; afterwards a tenth comes back at a time. */
const THROTTLE_PERCENT_MIN = 12;
const REGAIN_PERCENT = 10;
const REGAIN_EVERY_MS = 5_000;
/** On its way this long, and a command may still count: what leaves so shortly before a fixed window ends, counts in the next. */
export const WAY_MS_MAX = 500;
/** Spent entries stay in the lists until this many have gathered. */
const COMPACT_AT = 256;

export class RateBudget {
	#options: BudgetOptions;
	readonly #windows: readonly Window[];
	/** By lane: the windows that a verb draws on. */
	readonly #drawn: Record<Verb, Window[]>[] = [];

	constructor(rules: readonly RateRule[], options: BudgetOptions) {
		this.#options = options;
		this.#windows = rules.map((rule) => new Window(rule, options));
	}

	get options(): BudgetOptions {
		return this.#options;
	}

	/** What was spent before counts on. */
	set options(options: BudgetOptions) {
		this.#options = options;
		for (const window of this.#windows) window.options = options;
	}

	follow(lane: Lane): void {
		if (this.#drawn[lane.index] !== undefined) return;
		const mine = this.#windows.filter(({ rule }) => rule.venue === lane.venue && rule.categories.includes(lane.category));
		const drawnBy = (verb: Verb): Window[] => mine.filter(({ rule }) => rule.verbs.includes(verb));
		this.#drawn[lane.index] = { place: drawnBy('place'), amend: drawnBy('amend'), cancel: drawnBy('cancel') };
	}

	/** Whole commands of this verb that may leave now. `all`: of what the venue grants, not only of our share of it. */
	available(lane: Lane, verb: Verb, nowMono: MonoMs, of: Part = 'share'): number {
		let least = Number.POSITIVE_INFINITY;
		if (!this.#options.isEnabled) return least;
		const windows = this.#drawn[lane.index]?.[verb] ?? NONE;
		for (let i = 0; i < windows.length; i += 1) {
			const left = windows[i]?.left(verb, nowMono, of) ?? least;
			if (left < least) least = left;
		}
		return least;
	}

	/** When the next command of this verb fits, if nothing else is spent or heard until then; at the earliest now. */
	fitsAtMono(lane: Lane, verb: Verb, nowMono: MonoMs, of: Part = 'share'): number {
		let latest: number = nowMono;
		if (!this.#options.isEnabled) return latest;
		for (const window of this.#drawn[lane.index]?.[verb] ?? NONE) {
			latest = Math.max(latest, window.fitsAtMono(verb, nowMono, of));
		}
		return latest;
	}

	/** May overdraw: what has left has left, and nothing else goes until it has passed. Below zero gives back. */
	spend(lane: Lane, verb: Verb, count: number, nowMono: MonoMs): void {
		const windows = this.#drawn[lane.index]?.[verb] ?? NONE;
		for (let i = 0; i < windows.length; i += 1) windows[i]?.spend(count, nowMono);
	}

	/** So many commands travel as one call: where venues count calls by rules of their own, the count is put right. */
	spendCall(lane: Lane, verb: Verb, commandCount: number, nowMono: MonoMs): void {
		if (commandCount < 2) return;
		for (const window of this.#drawn[lane.index]?.[verb] ?? NONE) {
			const counts = window.rule.batchCounts?.[verb] ?? commandCount;
			window.spend(counts - commandCount, nowMono);
		}
	}

	/** What was spent at that moment and never left is there again. */
	giveBack(lane: Lane, verb: Verb, spentAtMono: MonoMs): void {
		for (const window of this.#drawn[lane.index]?.[verb] ?? NONE) window.giveBack(spentAtMono);
	}

	/** The venue's own count is right about what it has counted, ours about what is still on its way. */
	applySighting(lane: Lane, verb: Verb, seen: RateSighting, nowMono: MonoMs): void {
		for (const window of this.#drawn[lane.index]?.[verb] ?? NONE) {
			if (seen.rule === undefined || seen.rule === window.rule.name) window.applySighting(seen, nowMono);
		}
	}

	/** How full each window is, for whoever shows it; looking changes nothing. */
	figures(nowMono: MonoMs): readonly BudgetFigure[] {
		return this.#windows.map((window) => window.figure(nowMono));
	}

	/** Without a rule nobody has to choose. */
	get isBounded(): boolean {
		return this.#options.isEnabled && this.#windows.length > 0;
	}
}

/** One window of a venue's, in commands: what it grants, and what of that nobody has used. */
export interface BudgetFigure {
	readonly venue: string;
	readonly name: string;
	readonly limit: number;
	readonly left: number;
}

const NONE: readonly Window[] = [];

/** Ours is a share, which a refusal halves for a while; a kill and a person may draw on all that the venue grants. */
export type Part = 'share' | 'all';

/** What counts in one window, rolling or fixed: when how many were spent, oldest first. */
class Window {
	readonly rule: RateRule;
	options: BudgetOptions;
	readonly #hasReserve: boolean;
	readonly #atMono: number[] = [];
	readonly #counts: number[] = [];
	#head = 0;
	#used = 0;
	/** The venue raises it for good customers, and says so in its headers. */
	#limit: number;
	#throttlePercent = 100;
	#throttledAtMono = 0;
	#closedUntilMono = Number.NEGATIVE_INFINITY;
	/** When some window of the venue's ends, and so when all others do; not known before it has said so. */
	#endMono: number | undefined;

	constructor(rule: RateRule, options: BudgetOptions) {
		this.rule = rule;
		this.options = options;
		this.#hasReserve = rule.verbs.includes('cancel') && rule.verbs.length > 1;
		this.#limit = rule.limit;
	}

	figure(nowMono: MonoMs): BudgetFigure {
		const { venue, categories, verbs, name } = this.rule;
		let used = 0;
		for (let at = this.#head; at < this.#atMono.length; at += 1) {
			if (this.#countsUntilMono(this.#atMono[at] ?? 0) > nowMono) used += this.#counts[at] ?? 0;
		}
		const left = Math.max(0, this.#limit - used);
		return { venue, name: `${categories.join('+')} ${name ?? verbs.join('+')}`, limit: this.#limit, left };
	}

	left(verb: Verb, nowMono: MonoMs, of: Part): number {
		this.#forget(nowMono);
		if (this.#isClosed(verb, nowMono)) return 0;
		return Math.max(0, Math.floor(this.#openTo(verb, of) - this.#used));
	}

	fitsAtMono(verb: Verb, nowMono: MonoMs, of: Part): number {
		this.#forget(nowMono);
		const open = this.#openTo(verb, of);
		let fitsAtMono = this.#isClosed(verb, nowMono) ? this.#closedUntilMono : nowMono;
		let used = this.#used;
		for (let at = this.#head; at < this.#atMono.length && open - used < 1; at += 1) {
			used -= this.#counts[at] ?? 0;
			fitsAtMono = Math.max(fitsAtMono, this.#countsUntilMono(this.#atMono[at] ?? 0));
		}
		return fitsAtMono;
	}

	spend(count: number, nowMono: MonoMs): void {
		this.#forget(nowMono);
		if (count < 0) this.#giveBack(-count);
		else if (count > 0) this.#note(count, nowMono);
	}

	giveBack(spentAtMono: MonoMs): void {
		// Which of them travelled together nobody knows any more: rather too few than too many.
		if (this.rule.batchCounts !== undefined) return;
		for (let at = this.#atMono.length - 1; at >= this.#head; at -= 1) {
			const spentMono = this.#atMono[at] ?? Number.NEGATIVE_INFINITY;
			if (spentMono > spentAtMono) continue;
			if (spentMono === spentAtMono && (this.#counts[at] ?? 0) > 0) {
				this.#counts[at] = (this.#counts[at] ?? 0) - 1;
				this.#used -= 1;
			}
			return;
		}
	}

	applySighting({ limit, remaining, resetInMs, isRefusal }: RateSighting, nowMono: MonoMs): void {
		this.#forget(nowMono);
		if (limit > 0) this.#limit = limit;
		const elsewhere = limit - remaining - this.#used;
		if (elsewhere > 0) this.#note(elsewhere, nowMono);
		if (!isRefusal) {
			if (this.rule.isFixed === true) this.#endMono = nowMono + resetInMs;
			return;
		}
		this.#closedUntilMono = Math.max(this.#closedUntilMono, nowMono + Math.max(0, resetInMs));
		this.#throttlePercent = Math.max(THROTTLE_PERCENT_MIN, Math.floor(this.#throttlePercent / 2));
		this.#throttledAtMono = nowMono;
	}

	/** After a refusal only what is kept for cancels goes before the stated time (I16). */
	#isClosed(verb: Verb, nowMono: MonoMs): boolean {
		return nowMono < this.#closedUntilMono && !(verb === 'cancel' && this.#hasReserve);
	}

	/** How many of the window this verb may use. */
	#openTo(verb: Verb, of: Part): number {
		const allowance = of === 'all' ? this.#limit : this.#allowance;
		// One command always fits beside the reserve: a share of a tiny limit would lock the other verbs out for ever.
		return this.#hasReserve && verb !== 'cancel' ? allowance - Math.min(allowance * CANCEL_RESERVE, allowance - 1) : allowance;
	}

	get #allowance(): number {
		return Math.max(1, Math.floor((this.#limit * this.options.share * this.#throttlePercent) / 100));
	}

	/** What was spent at that moment; later moments never count less long. */
	#countsUntilMono(spentAtMono: number): number {
		const { windowMs } = this.rule;
		const { guardMs } = this.options;
		const endMono = this.#endMono;
		if (endMono === undefined) return spentAtMono + (windowMs + guardMs);
		// In whichever window it arrives, that one has ended by then.
		const windows = Math.ceil((spentAtMono + WAY_MS_MAX - endMono) / windowMs);
		return endMono + windows * windowMs + guardMs;
	}

	#note(count: number, nowMono: MonoMs): void {
		const last = this.#atMono.length - 1;
		if (last >= this.#head && this.#atMono[last] === nowMono) {
			this.#counts[last] = (this.#counts[last] ?? 0) + count;
		} else {
			this.#atMono.push(nowMono);
			this.#counts.push(count);
		}
		this.#used += count;
	}

	#giveBack(count: number): void {
		const last = this.#counts.length - 1;
		if (last < this.#head) return;
		const back = Math.min(count, this.#counts[last] ?? 0);
		this.#counts[last] = (this.#counts[last] ?? 0) - back;
		this.#used -= back;
	}

	#forget(nowMono: MonoMs): void {
		while (this.#head < this.#atMono.length && this.#countsUntilMono(this.#atMono[this.#head] ?? 0) <= nowMono) {
			this.#used -= this.#counts[this.#head] ?? 0;
			this.#head += 1;
		}
		if (this.#head >= COMPACT_AT) {
			this.#atMono.splice(0, this.#head);
			this.#counts.splice(0, this.#head);
			this.#head = 0;
		}
		if (this.#throttlePercent < 100 && nowMono - this.#throttledAtMono >= REGAIN_EVERY_MS) {
			const steps = Math.floor((nowMono - this.#throttledAtMono) / REGAIN_EVERY_MS);
			this.#throttlePercent = Math.min(100, this.#throttlePercent + steps * REGAIN_PERCENT);
			this.#throttledAtMono += steps * REGAIN_EVERY_MS;
		}
	}
}
