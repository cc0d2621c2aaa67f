/**
 * Swarm: a seed picks a random subset of the faults, each with a random strength inside its usual range. How large the
 * subset is gets drawn first, so that quiet runs and wild runs both occur. The same seed gives the same plan.
 */
import type { Rng } from '../../ports/rng.ts';
import { FAULT_NAMES, type FaultName, specOf } from './catalogue.ts';
import { type FaultPlan, type FaultRule, parseRule } from './plan.ts';

export interface DrawOptions {
	/** Only these are drawn from; all of the catalogue without it. */
	readonly names?: readonly FaultName[];
	/** Length of the run: faults that hold as long as their rule does get a window inside it. */
	readonly durationMs: number;
}

/** Faults that hold all the time would leave nothing else to be seen, so each gets a window of at most this share. */
const WINDOW_SHARE_MAX = 0.2;

export function drawPlan(rng: Rng, options: DrawOptions): FaultPlan {
	const share = rng.fork('share').next();
	const names = options.names ?? FAULT_NAMES;
	const rules: FaultRule[] = [];
	for (const name of names) {
		const own = rng.fork(name);
		if (own.next() < share) rules.push(drawRule(name, own, options.durationMs));
	}
	return { rules };
}

function drawRule(name: FaultName, rng: Rng, durationMs: number): FaultRule {
	const spec = specOf(name);
	const [low, high] = spec.usualProbability;
	const given: Record<string, unknown> = { probability: low + (high - low) * rng.next() };
	if (low === 1) {
		const fromMs = Math.floor(rng.next() * durationMs);
		given['fromMs'] = fromMs;
		given['untilMs'] = fromMs + 1 + Math.floor(rng.next() * durationMs * WINDOW_SHARE_MAX);
	}
	for (const [field, parameter] of Object.entries(spec.parameters)) {
		if (parameter.kind === 'choice') given[field] = parameter.options[rng.below(parameter.options.length)];
		else if (parameter.kind === 'number')
			given[field] = parameter.usual[0] + rng.below(parameter.usual[1] - parameter.usual[0] + 1);
	}
	const parsed = parseRule(name, name, given);
	if (parsed.kind === 'refused')
		throw new Error(`invariant broken: drew ${name}.${parsed.field} ${parsed.found}, not ${parsed.expected}`);
	return parsed.rule;
}
