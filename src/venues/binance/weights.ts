/**
 * How much the venue still takes. It counts the weight of requests per address, and orders per account, in windows that
 * begin at whole seconds, minutes and days of its own clock; every answer says how far the count has come, other programs
 * on this address included. Reads keep clear of the last part of the weight, so that there is always room for a cancel
 * (I11, I16), and of another part before it, so that what became of our orders is never asked in vain: a program that is
 * started again finds the minute half spent (BOOT). Pure: time comes with each question.
 */
import type { Market } from './codec/frames.ts';

export interface LimitRule {
	readonly kind: 'weight' | 'orders';
	readonly windowMs: number;
	readonly limit: number;
}

/** The venue's own count in the window that runs. */
export interface LimitSeen extends LimitRule {
	readonly used: number;
	/** By the venue's clock. */
	readonly resetAtMs: number;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** As its documents promise them to everybody; `exchangeInfo` says them anew. */
export const LIMIT_RULES: Record<Market, readonly LimitRule[]> = {
	spot: [
		{ kind: 'weight', windowMs: MINUTE_MS, limit: 6_000 },
		{ kind: 'orders', windowMs: 10 * SECOND_MS, limit: 50 },
		{ kind: 'orders', windowMs: DAY_MS, limit: 160_000 },
	],
	linear: [
		{ kind: 'weight', windowMs: MINUTE_MS, limit: 2_400 },
		{ kind: 'orders', windowMs: 10 * SECOND_MS, limit: 300 },
		{ kind: 'orders', windowMs: MINUTE_MS, limit: 1_200 },
	],
};

/** Of the weight, that reads may come up to: what tells of our own account, what quotes hang on, and what models look at. */
const READ_SHARE = { account: 0.9, other: 0.8, models: 0.6 } as const;
export type ReadKind = keyof typeof READ_SHARE;
const INTERVAL_MS: Readonly<Record<string, number>> = { SECOND: SECOND_MS, MINUTE: MINUTE_MS, HOUR: HOUR_MS, DAY: DAY_MS };
const RULE_KINDS: Readonly<Record<string, LimitRule['kind']>> = { REQUEST_WEIGHT: 'weight', ORDERS: 'orders' };
const DIGITS = /^\d{1,15}$/;

export class Weights {
	#rules: readonly LimitRule[];
	readonly #isInNeed: boolean;
	/** Of the weight alone: orders are counted by whoever sends them. */
	#windowAtMs = 0;
	#used = 0;
	#closedUntilMs = Number.NEGATIVE_INFINITY;

	/** Whoever is in need asks whatever others have spent, until the venue refuses. */
	constructor(market: Market, isInNeed = false) {
		this.#rules = LIMIT_RULES[market];
		this.#isInNeed = isInNeed;
	}

	get rules(): readonly LimitRule[] {
		return this.#rules;
	}

	/** Out of `exchangeInfo`. What cannot be read leaves everything as it is. */
	setRules(rateLimits: unknown): void {
		const read = rulesOf(rateLimits);
		if (read.some(({ kind }) => kind === 'weight') && read.some(({ kind }) => kind === 'orders')) this.#rules = read;
	}

	/** How long a read of this weight has to wait; 0 when it may go now. */
	waitMs(weight: number, venueNowMs: number, kind: ReadKind = 'other'): number {
		if (venueNowMs < this.#closedUntilMs) return this.#closedUntilMs - venueNowMs;
		this.#turn(venueNowMs);
		const { limit, windowMs } = this.#weightRule;
		const isRoom = this.#isInNeed || this.#used === 0 || this.#used + weight <= limit * READ_SHARE[kind];
		return isRoom ? 0 : this.#windowAtMs + windowMs - venueNowMs;
	}

	spend(weight: number, venueNowMs: number): void {
		this.#turn(venueNowMs);
		this.#used += weight;
	}

	/** The venue is right about what it has counted, we are about what is still on its way: the higher count holds. */
	sighted(seen: readonly LimitSeen[], venueNowMs: number): void {
		this.#turn(venueNowMs);
		for (const { kind, used } of seen) if (kind === 'weight') this.#used = Math.max(this.#used, used);
	}

	/** Refused, and told for how long: no read leaves before. */
	close(forMs: number, venueNowMs: number): void {
		this.#closedUntilMs = Math.max(this.#closedUntilMs, venueNowMs + forMs);
	}

	/**
	 * Counts out of the headers of an answer, by their lower-case names. Where a window has ended while the answer was on its
	 * way nobody knows which one it tells of, so nothing is read of it.
	 */
	seenIn(
		header: (name: string) => string | undefined,
		{ askedAtMs, heardAtMs }: { readonly askedAtMs: number; readonly heardAtMs: number },
	): readonly LimitSeen[] {
		const seen: LimitSeen[] = [];
		for (const rule of this.#rules) {
			if (startOf(rule.windowMs, askedAtMs) !== startOf(rule.windowMs, heardAtMs)) continue;
			const name = rule.kind === 'weight' ? 'x-mbx-used-weight-' : 'x-mbx-order-count-';
			const used = header(`${name}${shortName(rule.windowMs)}`);
			if (used !== undefined && DIGITS.test(used)) seen.push(seenOf(rule, Number(used), heardAtMs));
		}
		return seen;
	}

	/** The same out of the `rateLimits` of an answer on the WS API. */
	seenAmong(rateLimits: unknown, venueNowMs: number): readonly LimitSeen[] {
		if (!Array.isArray(rateLimits)) return [];
		return (rateLimits as readonly unknown[]).flatMap((row) => {
			const [rule] = rulesOf([row]);
			const count = (row as { readonly count?: unknown } | null)?.count;
			return rule !== undefined && isCount(count) ? [seenOf(rule, count, venueNowMs)] : [];
		});
	}

	get #weightRule(): LimitRule {
		const rule = this.#rules.find(({ kind }) => kind === 'weight');
		if (rule === undefined) throw new Error('invariant broken: no limit of weight');
		return rule;
	}

	#turn(venueNowMs: number): void {
		const windowAtMs = startOf(this.#weightRule.windowMs, venueNowMs);
		if (windowAtMs === this.#windowAtMs) return;
		this.#windowAtMs = windowAtMs;
		this.#used = 0;
	}
}

/** Of rows as `exchangeInfo` has them; other kinds are left out. */
function rulesOf(rateLimits: unknown): LimitRule[] {
	if (!Array.isArray(rateLimits)) return [];
	return (rateLimits as readonly unknown[]).flatMap((row) => {
		const { rateLimitType, interval, intervalNum, limit } = (row ?? {}) as Readonly<Record<string, unknown>>;
		const kind = RULE_KINDS[String(rateLimitType)];
		const unitMs = INTERVAL_MS[String(interval)];
		if (kind === undefined || unitMs === undefined || !isCount(intervalNum) || !isCount(limit)) return [];
		return intervalNum > 0 && limit > 0 ? [{ kind, windowMs: unitMs * intervalNum, limit }] : [];
	});
}

function seenOf(rule: LimitRule, used: number, venueNowMs: number): LimitSeen {
	return { ...rule, used, resetAtMs: startOf(rule.windowMs, venueNowMs) + rule.windowMs };
}

function startOf(windowMs: number, atMs: number): number {
	return Math.floor(atMs / windowMs) * windowMs;
}

/** `10s`, `1m`, `1d`: as the headers name a window. */
function shortName(windowMs: number): string {
	if (windowMs % DAY_MS === 0) return `${windowMs / DAY_MS}d`;
	if (windowMs % HOUR_MS === 0) return `${windowMs / HOUR_MS}h`;
	return windowMs % MINUTE_MS === 0 ? `${windowMs / MINUTE_MS}m` : `${windowMs / SECOND_MS}s`;
}

function isCount(value: unknown): value is number {
	return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
