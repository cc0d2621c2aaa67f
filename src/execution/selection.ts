/**
 * Who goes first when a venue's rate budget cannot carry a whole plan: the most urgent commands (T9). What is
 * chosen is spent at once; what is not is not queued either, the next tick plans it anew.
 */
import type { InstrumentIndex } from '../domain/instrument.ts';
import type { MonoMs } from '../domain/units.ts';
import type { Lane } from './lanes.ts';
import type { Plan } from './plan.ts';
import type { RateBudget } from './rate-budget.ts';

export type LaneOf = (instrument: InstrumentIndex) => Lane;

/** One flag per proposal, 1 where it may go; undefined where all may. */
export function selectWithinBudget(plan: Plan, budget: RateBudget, laneOf: LaneOf, nowMono: MonoMs): Uint8Array | undefined {
	if (!budget.isBounded) return undefined;
	const chosen = new Uint8Array(plan.size);
	const byUrgency = Array.from(chosen.keys());
	byUrgency.sort((a, b) => (plan.urgencies[b] ?? 0) - (plan.urgencies[a] ?? 0) || a - b);
	for (const at of byUrgency) {
		const proposal = plan.proposals[at];
		if (proposal === undefined) continue;
		// A place whose slot is still taken, since the cancel before it did not get a turn, would be a third order (I1).
		const cancel = plan.afterCancel[at] ?? -1;
		if (cancel >= 0 && chosen[cancel] === 0) continue;
		const lane = laneOf(proposal.instrument.index);
		if (budget.available(lane, proposal.kind, nowMono) < 1) continue;
		budget.spend(lane, proposal.kind, 1, nowMono);
		chosen[at] = 1;
	}
	return chosen;
}
