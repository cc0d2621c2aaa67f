/**
 * The place where a person or a test asks for faults by name while the box runs: lists, injects, clears, counts. What it
 * is asked for is checked against the catalogue, and a refusal names the field. Fulfils what `control/` needs of it.
 */
import type { FaultDesk } from '../control/fault-desk.ts';
import { type ActiveFaults, type FaultCount, RULES_MAX } from './active-faults.ts';
import { FAULT_NAMES, isFaultName, specOf } from './catalogue.ts';
import { type BadParameter, type FaultPlan, type FaultRule, parseRule, refused } from './plan.ts';

export type Injected = { readonly kind: 'injected'; readonly id: string } | (BadParameter & { readonly message: string });

export type ListedFault = FaultRule & { readonly numbers: readonly string[]; readonly about: string };

export interface BoxFaultDesk extends FaultDesk {
	list(): readonly ListedFault[];
	inject(name: string, parameters: Readonly<Record<string, unknown>>): Injected;
	/** Puts all rules of a plan in force; false where one of them has no room, and then none is. */
	apply(plan: FaultPlan): boolean;
	/** Counts with the numbers of docs/numbers.md, for a report that has to show what was never hit. */
	report(): { readonly byName: readonly FaultCount[]; readonly byNumber: Readonly<Record<string, number>> };
}

export function createFaultDesk(faults: ActiveFaults): BoxFaultDesk {
	let injectedCount = 0;
	return {
		list: () => faults.rules().map((rule) => ({ ...rule, numbers: specOf(rule.name).numbers, about: specOf(rule.name).about })),

		inject(name, parameters) {
			if (!isFaultName(name)) return withMessage(refused('name', name, `one of ${FAULT_NAMES.join(', ')}`));
			const id = `${name}-${injectedCount + 1}`;
			const parsed = parseRule(id, name, parameters);
			if (parsed.kind === 'refused') return withMessage(parsed);
			if (!faults.add(parsed.rule)) {
				return withMessage(refused('name', name, `at most ${RULES_MAX} faults at a time; clear one first`));
			}
			injectedCount += 1;
			return { kind: 'injected', id };
		},

		apply(plan) {
			const added: string[] = [];
			for (const rule of plan.rules) {
				if (faults.add(rule)) {
					added.push(rule.id);
					continue;
				}
				for (const id of added) faults.clear(id);
				return false;
			}
			return true;
		},

		clear: (id) => faults.clear(id),
		counts: () => Object.fromEntries(faults.counts().map(({ name, injected }) => [name, injected])),
		report: () => ({ byName: faults.counts(), byNumber: Object.fromEntries(faults.countsByNumber()) }),
	};
}

function withMessage(bad: BadParameter): BadParameter & { readonly message: string } {
	return { ...bad, message: `${bad.field} is ${bad.found}; expected ${bad.expected}` };
}
