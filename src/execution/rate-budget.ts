/**
 * How many commands each venue still takes. Venues count orders, not calls, so a batch of ten spends ten. One pool per
 * lane and group of verbs, refilled evenly; where cancels share a pool with other verbs, a fifth of it is kept for them
 * (I11). Without a rule a lane is unbounded. Pure: time comes with each question.
 */
import type { Verb } from '../domain/command.ts';
import type { MonoMs } from '../domain/units.ts';
import type { Lane } from './lanes.ts';

export interface BudgetRule {
	readonly venue: string;
	readonly verbs: readonly Verb[];
	/** Commands a second that we allow ourselves; PT13 sets it below what the venue allows. */
	readonly perSec: number;
	/** How many may leave at once after a rest. */
	readonly burst: number;
}

export const CANCEL_RESERVE = 0.2;

interface Pool {
	readonly rule: BudgetRule;
	readonly reserve: number;
	tokens: number;
	filledAtMono: number;
}

export class RateBudget {
	readonly #rules: readonly BudgetRule[];
	readonly #pools: Record<Verb, Pool | undefined>[] = [];

	constructor(rules: readonly BudgetRule[]) {
		this.#rules = rules;
	}

	follow(lane: Lane): void {
		if (this.#pools[lane.index] !== undefined) return;
		const pools: Record<Verb, Pool | undefined> = { place: undefined, amend: undefined, cancel: undefined };
		for (const rule of this.#rules) {
			if (rule.venue !== lane.venue) continue;
			const shared = rule.verbs.includes('cancel') && rule.verbs.length > 1;
			const pool = {
				rule,
				// One command always fits beside the reserve: a share of a tiny burst would lock the other verbs out for ever.
				reserve: shared ? Math.min(rule.burst * CANCEL_RESERVE, Math.max(0, rule.burst - 1)) : 0,
				tokens: rule.burst,
				// Full already, so it does not matter when that was.
				filledAtMono: 0,
			};
			for (const verb of rule.verbs) pools[verb] = pool;
		}
		this.#pools[lane.index] = pools;
	}

	/** Whole commands of this verb that may leave now. */
	available(lane: Lane, verb: Verb, nowMono: MonoMs): number {
		const pool = this.#pools[lane.index]?.[verb];
		if (pool === undefined) return Number.POSITIVE_INFINITY;
		this.#fill(pool, nowMono);
		return Math.max(0, Math.floor(pool.tokens - (verb === 'cancel' ? 0 : pool.reserve)));
	}

	/** May overdraw: what has left has left, and the debt is paid back before anything else goes. Below zero gives back. */
	spend(lane: Lane, verb: Verb, count: number, nowMono: MonoMs): void {
		const pool = this.#pools[lane.index]?.[verb];
		if (pool === undefined) return;
		this.#fill(pool, nowMono);
		pool.tokens -= count;
	}

	/** Without a rule nobody has to choose. */
	get isBounded(): boolean {
		return this.#rules.length > 0;
	}

	#fill(pool: Pool, nowMono: MonoMs): void {
		const elapsedMs = Math.max(0, nowMono - pool.filledAtMono);
		pool.filledAtMono = nowMono;
		pool.tokens = Math.min(pool.rule.burst, pool.tokens + (elapsedMs * pool.rule.perSec) / 1000);
	}
}
