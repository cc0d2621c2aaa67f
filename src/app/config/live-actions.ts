/**
 * What the engine has to be told when settings change while it runs: one action for each part of its settings that is
 * not what it was, with the whole of the new part. Made to travel as control events, so that a replay repeats them.
 */
import type { ControlAction } from '../../domain/event.ts';
import type { EngineSettings } from '../../engine/settings.ts';
import type { LadderParams } from '../../strategy/index.ts';
import { engineSettings } from './engine-settings.ts';
import { ladderParamsOf } from './quoting-settings.ts';
import type { Config } from './sections.ts';

export type LiveAction =
	/** The only one that the engine knew from the start: batching on or off. */
	| Extract<ControlAction, { kind: 'setParallel' }>
	| { readonly kind: 'setBus'; readonly bus: Omit<EngineSettings['bus'], 'parallel'> }
	| { readonly kind: 'setTick'; readonly tick: Omit<EngineSettings['tick'], 'isManual'> }
	| { readonly kind: 'setPolicy'; readonly policy: EngineSettings['policy'] }
	| { readonly kind: 'setLimits'; readonly limits: EngineSettings['limits'] }
	| { readonly kind: 'setLossLimits'; readonly lossLimits: EngineSettings['lossLimits'] }
	| { readonly kind: 'setBudget'; readonly budget: EngineSettings['budget'] }
	/** Of the entry in `strategies` with this name, for all its symbols. */
	| { readonly kind: 'setLadder'; readonly strategy: string; readonly params: LadderParams };

/** Stricter limits first, so that nothing new is tried under the old ones. */
export function liveActions(before: Config, after: Config): LiveAction[] {
	const [was, is] = [engineSettings(before), engineSettings(after)];
	const actions: LiveAction[] = [];
	if (!isEqual(was.limits, is.limits)) actions.push({ kind: 'setLimits', limits: is.limits });
	if (!isEqual(was.lossLimits, is.lossLimits)) actions.push({ kind: 'setLossLimits', lossLimits: is.lossLimits });
	if (!isEqual(was.budget, is.budget)) actions.push({ kind: 'setBudget', budget: is.budget });
	const { parallel: wasParallel, ...busWas } = was.bus;
	const { parallel, ...bus } = is.bus;
	if (parallel !== wasParallel) actions.push({ kind: 'setParallel', parallel });
	if (!isEqual(busWas, bus)) actions.push({ kind: 'setBus', bus });
	// Who asks for the ticks was settled when the engine was opened.
	const { isManual: _, ...tick } = is.tick;
	if (!isEqual(was.tick, is.tick)) actions.push({ kind: 'setTick', tick });
	if (!isEqual(was.policy, is.policy)) actions.push({ kind: 'setPolicy', policy: is.policy });
	return [...actions, ...ladderActions(before, after)];
}

function ladderActions(before: Config, after: Config): LiveAction[] {
	return after.strategies.flatMap((entry) => {
		const old = before.strategies.find(({ name }) => name === entry.name);
		if (old === undefined || isEqual(old.params, entry.params)) return [];
		return [{ kind: 'setLadder', strategy: entry.name, params: ladderParamsOf(entry) } as const];
	});
}

/** Both were made by the same function, so their keys are in the same order. */
function isEqual(one: unknown, other: unknown): boolean {
	return JSON.stringify(one) === JSON.stringify(other);
}
