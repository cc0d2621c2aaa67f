/**
 * Fault plans as people write them: a list of rules, each a name and its parameters side by side, or a seed from which a
 * plan is drawn. Names, parameters and bounds are those of the catalogue of faults; this file knows none by itself.
 */
import * as z from 'zod';
import { RULES_MAX } from '../../exchange/faults/active-faults.ts';
import { FAULT_NAMES, type FaultName, isFaultName, specOf } from '../../exchange/faults/catalogue.ts';
import { drawPlan } from '../../exchange/faults/draw-plan.ts';
import type { FaultSpec } from '../../exchange/faults/fault-spec.ts';
import {
	type FaultPlan,
	type FaultRule,
	parseRule,
	RULE_BOUNDS,
	RULE_FILTERS,
	TEXT_LENGTH_MAX,
} from '../../exchange/faults/plan.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { check } from './check.ts';
import { atLeastOne, numberFrom, oneOf, textUpTo, wholeNumber } from './kinds.ts';
import { PROBLEMS_MAX, type Problem } from './problem.ts';
import { readYaml } from './yaml-document.ts';

/** Of a run under a drawn plan, unless said. */
const DRAWN_MINUTES = 10;
const DRAWN_MINUTES_MAX = 7 * 24 * 60;
const RULES = `a list of rules, each with a name and its parameters`;

function parameterSchema(parameter: FaultSpec['parameters'][string]): z.ZodType {
	switch (parameter.kind) {
		case 'number':
			return wholeNumber(parameter.min, parameter.max);
		case 'choice':
			return oneOf(atLeastOne(parameter.options));
		case 'text':
			return textUpTo(0, parameter.maxLength);
	}
}

function ruleSchema(name: FaultName) {
	const { about, channels, parameters } = specOf(name);
	const shape: Record<string, z.ZodType> = {};
	for (const [field, parameter] of Object.entries(parameters)) shape[field] = parameterSchema(parameter).optional();
	if (channels.length > 0) shape['channel'] = oneOf(atLeastOne(channels)).optional();
	for (const field of RULE_FILTERS) shape[field] = textUpTo(1, TEXT_LENGTH_MAX).optional();
	for (const [field, { min, max, isWhole }] of Object.entries(RULE_BOUNDS)) {
		shape[field] = (isWhole ? wholeNumber(min, max) : numberFrom(min, max)).optional();
	}
	return z.strictObject({ name: z.literal(name), ...shape }).describe(about);
}

const RULE = z.discriminatedUnion('name', atLeastOne(FAULT_NAMES.map(ruleSchema))).superRefine((given, context) => {
	const parsed = ruleOf('checked', given);
	if (parsed.kind === 'rule') return;
	context.addIssue({ code: 'custom', path: [parsed.field], message: parsed.expected, params: { found: parsed.found } });
});

export const FAULT_RULES = z.array(RULE, RULES).max(RULES_MAX, `at most ${RULES_MAX} rules`);
export const DRAWN_FAULTS = z.strictObject({
	seed: wholeNumber(0, Number.MAX_SAFE_INTEGER).describe('the same seed draws the same plan'),
	minutes: wholeNumber(1, DRAWN_MINUTES_MAX)
		.describe('length of the run over which faults that hold for a time are spread')
		.prefault(DRAWN_MINUTES),
});

/** A rule whose name and parameters the schema has seen. */
export type WrittenRule = Readonly<Record<string, unknown>> & { readonly name: string };
export type DrawnFaults = z.output<typeof DRAWN_FAULTS>;

const PLAN = z.union([FAULT_RULES, z.strictObject({ rules: FAULT_RULES })], `${RULES}, or a map with rules`);

export type PlanRead =
	| { readonly kind: 'read'; readonly rules: readonly WrittenRule[] }
	| { readonly kind: 'bad'; readonly problems: readonly Problem[] };

/** The text of a plan file; what it is called is for messages only. */
export function readFaultPlan(file: string, text: string): PlanRead {
	const yaml = readYaml(text);
	if (yaml.kind === 'bad') {
		const problems = yaml.faults.slice(0, PROBLEMS_MAX).map(({ line, column, ...fault }) => ({
			...fault,
			place: { kind: 'file', file, line, column } as const,
		}));
		return { kind: 'bad', problems };
	}
	const { document } = yaml;
	const checked = check(PLAN, document.value, (path, part) => ({ kind: 'file', file, ...document.positionOf(path, part) }));
	if (checked.kind === 'bad') return { kind: 'bad', problems: checked.problems.slice(0, PROBLEMS_MAX) };
	return { kind: 'read', rules: Array.isArray(checked.value) ? checked.value : checked.value.rules };
}

/** Ids differ from those that the control API gives, so that both kinds of rule can be in force. */
export function planOf(rules: readonly WrittenRule[]): FaultPlan {
	return {
		rules: rules.map((written, index): FaultRule => {
			const parsed = ruleOf(`plan-${index + 1}`, written);
			if (parsed.kind === 'rule') return parsed.rule;
			throw new Error(`invariant broken: ${written.name}.${parsed.field} was checked and is ${parsed.found}`);
		}),
	};
}

/** Chance of its own, so that the seed of the market does not change the plan. */
export function drawnPlan({ seed, minutes }: DrawnFaults): FaultPlan {
	return drawPlan(seededRng(seed).fork('fault-plan'), { durationMs: minutes * 60_000 });
}

function ruleOf(id: string, { name, ...parameters }: WrittenRule) {
	if (!isFaultName(name)) throw new Error(`invariant broken: no fault is called ${name}`);
	return parseRule(id, name, parameters);
}
