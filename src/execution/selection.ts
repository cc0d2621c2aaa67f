/**
 * Who goes first when a venue's rate budget cannot carry a whole plan: the most urgent commands (T9). What is
 * chosen is spent at once; what is not is not queued either, a later tick plans it anew. One selection belongs to one
 * plan in one tick.
 */
import type { InstrumentIndex } from '../domain/instrument.ts';
import type { MonoMs } from '../domain/units.ts';
import type { Lane } from './lanes.ts';
import type { Plan } from './plan.ts';
import type { RateBudget } from './rate-budget.ts';
import { isWorthAGap } from './urgency.ts';

export type LaneOf = (instrument: InstrumentIndex) => Lane;

/** In which order the proposals of a plan get their turn: their places in it, the first one first. */
export type Ranking = (plan: Plan, nowMono: MonoMs) => readonly number[];

/** The most urgent first, among equals the one planned first. */
export const byUrgency: Ranking = ({ urgencies, size }) => {
	const order = Array.from({ length: size }, (_, at) => at);
	return order.sort((a, b) => (urgencies[b] ?? 0) - (urgencies[a] ?? 0) || a - b);
};

const WAITS = 0;
const CHOSEN = 1;
const REFUSED = 2;

interface Parts {
	readonly plan: Plan;
	readonly budget: RateBudget;
	readonly laneOf: LaneOf;
	readonly nowMono: MonoMs;
	readonly rank?: Ranking | undefined;
}

export class Selection {
	readonly #parts: Parts;
	readonly #order: readonly number[];
	/** By place in the plan. */
	readonly #state: Uint8Array;
	/** Of a cancel: where the order stands that takes its slot; else -1. */
	readonly #successor: Int32Array;

	constructor(parts: Parts) {
		this.#parts = parts;
		this.#order = (parts.rank ?? byUrgency)(parts.plan, parts.nowMono);
		this.#state = new Uint8Array(parts.plan.size);
		this.#successor = new Int32Array(parts.plan.size).fill(-1);
		parts.plan.afterCancel.forEach((cancel, place) => {
			if (cancel >= 0) this.#successor[cancel] = place;
		});
	}

	/** The places of those that get a turn now, in the order of the plan; none where nobody is left or nothing fits. */
	choose(): readonly number[] {
		const chosen: number[] = [];
		for (const at of this.#order) {
			if (this.#state[at] !== WAITS || this.#waitsForCancel(at) || !this.#take(at)) continue;
			chosen.push(at);
			const successor = this.#partnerOf(at);
			if (successor < 0) continue;
			if (this.#take(successor)) chosen.push(successor);
			else this.#giveBack(chosen.pop() ?? at, WAITS);
		}
		return chosen.sort((a, b) => a - b);
	}

	has(at: number): boolean {
		return this.#state[at] === CHOSEN;
	}

	/** What it took from the budget is there for others again. */
	refuse(at: number): void {
		if (this.#state[at] === CHOSEN) this.#giveBack(at, REFUSED);
	}

	/** When the budget has room for the first of those that did not get a turn; never, where all did. */
	get resumeAtMono(): number {
		let soonest = Number.POSITIVE_INFINITY;
		for (let at = 0; at < this.#state.length; at += 1) {
			if (this.#state[at] !== WAITS || this.#waitsForCancel(at)) continue;
			const successor = this.#partnerOf(at);
			const fitsAtMono = successor < 0 ? this.#fitsAtMono(at) : Math.max(this.#fitsAtMono(at), this.#fitsAtMono(successor));
			soonest = Math.min(soonest, fitsAtMono);
		}
		return soonest;
	}

	/** What a cancel only makes sense with: better an order that is a little off than none. */
	#partnerOf(at: number): number {
		return isWorthAGap(this.#parts.plan.urgencies[at] ?? 0) ? -1 : (this.#successor[at] ?? -1);
	}

	#take(at: number): boolean {
		const { plan, budget, laneOf, nowMono } = this.#parts;
		const proposal = plan.proposals[at];
		if (proposal === undefined) return false;
		const lane = laneOf(proposal.instrument.index);
		if (budget.available(lane, proposal.kind, nowMono) < 1) return false;
		budget.spend(lane, proposal.kind, 1, nowMono);
		this.#state[at] = CHOSEN;
		return true;
	}

	#giveBack(at: number, state: typeof WAITS | typeof REFUSED): void {
		const { plan, budget, laneOf, nowMono } = this.#parts;
		const proposal = plan.proposals[at];
		this.#state[at] = state;
		if (proposal !== undefined) budget.spend(laneOf(proposal.instrument.index), proposal.kind, -1, nowMono);
	}

	#fitsAtMono(at: number): number {
		const { plan, budget, laneOf, nowMono } = this.#parts;
		const proposal = plan.proposals[at];
		if (proposal === undefined) return Number.POSITIVE_INFINITY;
		return budget.fitsAtMono(laneOf(proposal.instrument.index), proposal.kind, nowMono);
	}

	/** A place whose slot is still taken, since the cancel before it did not get a turn, would be a third order (I1). */
	#waitsForCancel(at: number): boolean {
		const cancel = this.#parts.plan.afterCancel[at] ?? -1;
		return cancel >= 0 && this.#state[cancel] !== CHOSEN;
	}
}
