/**
 * HOT: what the planner proposes in one tick, over all symbols. Reused; an entry's order in the list is the order in
 * which it was planned. Urgency decides who goes first when the rate budget cannot carry all (T9).
 */
import type { AmendProposal, CancelCommand, PlaceProposal } from '../domain/command.ts';

export type Proposal = PlaceProposal | AmendProposal | CancelCommand;

export class Plan {
	readonly proposals: Proposal[] = [];
	readonly urgencies: number[] = [];
	/** For a place that takes the slot of an order whose cancel is in this plan: where that cancel stands; else -1. */
	readonly afterCancel: number[] = [];

	get size(): number {
		return this.proposals.length;
	}

	clear(): void {
		this.proposals.length = 0;
		this.urgencies.length = 0;
		this.afterCancel.length = 0;
	}

	add(proposal: Proposal, urgency: number, afterCancel = -1): number {
		this.proposals.push(proposal);
		this.urgencies.push(urgency);
		this.afterCancel.push(afterCancel);
		return this.proposals.length - 1;
	}
}
