/** How a budget that is too small can be shared out: by value, to whoever waits longest, or to everybody in turn. */
import type { Command } from '../../src/domain/command.ts';
import type { Plan, Proposal } from '../../src/execution/plan.ts';
import { byUrgency, type Ranking } from '../../src/execution/selection.ts';

export interface Policy {
	readonly rank: Ranking;
	/** It had its turn. */
	sent(command: Command): void;
}

/** What the engine does. */
export function byValue(): Policy {
	return { rank: byUrgency, sent: () => {} };
}

/**
 * What has been waiting longest to be put right goes first, to where it is wanted by now. Kinder than a queue of
 * commands as they were thought of, which would send stale prices as well.
 */
export function firstInFirstOut(): Policy {
	const waitingSinceMono = new Map<string, number>();
	return {
		rank(plan, nowMono) {
			const since = plan.proposals.map((proposal) => {
				const key = keyOf(proposal);
				const atMono = waitingSinceMono.get(key) ?? nowMono;
				waitingSinceMono.set(key, atMono);
				return atMono;
			});
			return inPlaces(plan).sort((a, b) => (since[a] ?? 0) - (since[b] ?? 0) || a - b);
		},
		sent: (command) => waitingSinceMono.delete(keyOf(command)),
	};
}

/** One command of each symbol, beginning each time behind the symbol that had its turn last. */
export function roundRobin(): Policy {
	let lastSymbol = -1;
	return {
		rank(plan) {
			const bySymbol = Map.groupBy(inPlaces(plan), (at) => plan.proposals[at]?.instrument.index ?? -1);
			const symbols: number[] = [...bySymbol.keys()].sort((a, b) => a - b);
			const turns = [...symbols.filter((symbol) => symbol > lastSymbol), ...symbols.filter((symbol) => symbol <= lastSymbol)];
			const lists = turns.map((symbol) => [...bySymbol].find(([index]) => index === symbol)?.[1] ?? []);
			const order: number[] = [];
			for (let round = 0; order.length < plan.size; round += 1) {
				for (const list of lists) {
					const at = list[round];
					if (at !== undefined) order.push(at);
				}
			}
			return order;
		},
		sent(command) {
			lastSymbol = command.instrument.index;
		},
	};
}

function inPlaces({ size }: Plan): number[] {
	return Array.from({ length: size }, (_, at) => at);
}

function keyOf(command: Proposal | Command): string {
	return command.kind === 'place' ? `${command.instrument.index} ${command.slot}` : command.orderId;
}
