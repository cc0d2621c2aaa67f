/**
 * What the engine has to be told when settings change while it runs: one change for each part of its settings that is not
 * what it was, with the whole of the new part.
 */
import type { EngineChange } from '../../engine/changes.ts';
import { ladder } from '../../strategy/index.ts';
import { engineSettings } from './engine-settings.ts';
import { ladderParamsOf } from './quoting-settings.ts';
import type { Config } from './sections.ts';

/** Who asks for the ticks was settled when the engine was opened, and is no setting: `isManual` is as it says there. */
export function liveChanges(before: Config, after: Config): EngineChange[] {
	const [was, is] = [engineSettings(before), engineSettings(after)];
	const changes: EngineChange[] = [];
	if (!isEqual(was.limits, is.limits)) changes.push({ kind: 'setLimits', limits: is.limits });
	if (!isEqual(was.lossLimits, is.lossLimits)) changes.push({ kind: 'setLossLimits', lossLimits: is.lossLimits });
	if (!isEqual(was.budget, is.budget)) changes.push({ kind: 'setBudget', budget: is.budget });
	if (!isEqual(was.bus, is.bus)) changes.push({ kind: 'setBus', bus: is.bus });
	if (!isEqual(was.tick, is.tick)) changes.push({ kind: 'setTick', tick: is.tick });
	if (!isEqual(was.policy, is.policy)) changes.push({ kind: 'setPolicy', policy: is.policy });
	return [...changes, ...strategyChanges(before, after)];
}

/** The engine was given its strategies in the order of the file, and no other order is live. */
function strategyChanges(before: Config, after: Config): EngineChange[] {
	return after.strategies.flatMap((entry, number) => {
		const old = before.strategies[number];
		if (old?.name !== entry.name) throw new Error('invariant broken: strategies came, went or moved while the engine runs');
		return isEqual(old.params, entry.params) ? [] : [{ kind: 'setStrategy', number, strategy: ladder(ladderParamsOf(entry)) }];
	});
}

/** Both were made by the same function, so their keys are in the same order. */
function isEqual(one: unknown, other: unknown): boolean {
	return JSON.stringify(one) === JSON.stringify(other);
}
