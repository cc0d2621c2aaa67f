/** Where the time of ticks goes, how full calls are, and what is left of the venues' limits. */

import type { StageMinute } from '../../telemetry/stage-minutes.ts';
import type { StageFigures } from '../../telemetry/stages.ts';
import { budgetPart } from './overview.ts';
import type { LatencyView } from './views.ts';
import type { Watched } from './watched.ts';

/** Who measures. */
export interface Times {
	stages(): readonly StageFigures[];
	/** Oldest first. */
	minutes(): readonly StageMinute[];
	/** Each second. */
	look(nowMs: number): void;
}

export function latencyView(watched: Watched, times: Times | undefined): LatencyView {
	const { clock, memory } = watched;
	const calls = [...memory.calls.values()];
	const countOf = (verb: string): number => calls.reduce((sum, call) => (call.verb === verb ? sum + call.commands : sum), 0);
	const [amends, cancels] = [countOf('amend'), countOf('cancel')];
	const minutes = times?.minutes() ?? [];
	return {
		atMs: clock.wallMs(),
		stages: [...(times?.stages() ?? [])],
		history: {
			atMs: minutes.map(({ atMs }) => atMs),
			tickP50: minutes.map(({ tickP50 }) => tickP50),
			tickP95: minutes.map(({ tickP95 }) => tickP95),
			decideP95: minutes.map(({ decideP95 }) => decideP95),
			journalP95: minutes.map(({ journalP95 }) => journalP95),
		},
		batchFill: calls.map(({ venue, verb, calls: count, commands, max }) => {
			return { venue, verb, calls: count, perCall: count === 0 ? 0 : commands / count, max };
		}),
		amendToCancel: cancels === 0 ? null : amends / cancels,
		budget: budgetPart(watched),
	};
}
