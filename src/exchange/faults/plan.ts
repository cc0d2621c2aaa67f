/**
 * A fault plan: rules that say which fault strikes what, when and how hard. A plan is plain data, so that a failing run
 * can print it. Parameters that come from outside are parsed here, and a bad one is named; nothing is corrected silently.
 */
import { type FAULTS, type FaultName, specOf } from './catalogue.ts';
import type { Channel, ChoiceParameter, FaultSpec, NumberParameter, TextParameter } from './fault-spec.ts';

/** Prefixes of what a rule strikes; what is not said matches all. */
export interface Where {
	readonly channel?: Channel;
	/** Of a request or of the address of a socket. */
	readonly path?: string;
	/** Such as `order.create`, over REST and over the trade socket alike; `order.c` matches cancels too. */
	readonly operation?: string;
	readonly topic?: string;
}

export interface When {
	/** Of striking, for each candidate that falls into the rest of this. */
	readonly probability: number;
	/** So many candidates go unharmed first. */
	readonly skip: number;
	/** After so many strikes the rule is spent; without it never. */
	readonly count?: number;
	/** Counted from when the rule became active. */
	readonly fromMs: number;
	readonly untilMs?: number;
}

type ValueOf<Parameter> = Parameter extends { kind: 'choice'; options: readonly (infer Option)[] }
	? Option
	: Parameter extends { kind: 'text' }
		? string
		: number;

export type ParametersOf<Name extends FaultName> = {
	readonly [Key in keyof (typeof FAULTS)[Name]['parameters']]: ValueOf<(typeof FAULTS)[Name]['parameters'][Key]>;
};

export interface RuleOf<Name extends FaultName> {
	readonly id: string;
	readonly name: Name;
	readonly where: Where;
	readonly when: When;
	readonly parameters: ParametersOf<Name>;
}

export type FaultRule = { [Name in FaultName]: RuleOf<Name> }[FaultName];

export interface FaultPlan {
	readonly rules: readonly FaultRule[];
}

export interface BadParameter {
	readonly kind: 'refused';
	readonly field: string;
	readonly found: string;
	readonly expected: string;
}

type Given = Readonly<Record<string, unknown>>;

export const TEXT_LENGTH_MAX = 200;
/** Of what every rule may say of when it strikes. */
export const RULE_BOUNDS = {
	probability: { min: 0, max: 1, isWhole: false },
	skip: { min: 0, max: 1_000_000_000, isWhole: true },
	count: { min: 1, max: 1_000_000_000, isWhole: true },
	fromMs: { min: 0, max: 31_536_000_000, isWhole: true },
	untilMs: { min: 1, max: 31_536_000_000, isWhole: true },
};
export const RULE_FILTERS = ['path', 'operation', 'topic'] as const;

/** One rule out of flat parameters: where, when and the fault's own, each with its standard value where it is not given. */
export function parseRule(
	id: string,
	name: FaultName,
	given: Given,
): { readonly kind: 'rule'; readonly rule: FaultRule } | BadParameter {
	const spec = specOf(name);
	const known = [...Object.keys(spec.parameters), 'channel', ...RULE_FILTERS, ...Object.keys(RULE_BOUNDS)];
	for (const field of Object.keys(given)) {
		if (!known.includes(field)) return refused(field, given[field], `one of ${known.join(', ')}`);
	}
	const bad =
		badChannel(spec.channels, given) ??
		badText(given) ??
		Object.entries(RULE_BOUNDS)
			.map(([field, bounds]) => badNumber(field, given[field], bounds))
			.find((each) => each !== undefined) ??
		badWindow(given);
	if (bad !== undefined) return bad;
	const parameters: Record<string, number | string> = {};
	for (const [field, parameter] of Object.entries(spec.parameters)) {
		const value = given[field] ?? parameter.standard;
		const wrong = badValue(field, value, parameter);
		if (wrong !== undefined) return wrong;
		if (typeof value === 'number' || typeof value === 'string') parameters[field] = value;
	}
	// Each value has been held against the entry of the catalogue from which its type is derived.
	const rule = { id, name, where: whereOf(given), when: whenOf(given), parameters } as unknown as FaultRule;
	return { kind: 'rule', rule };
}

function whereOf(given: Given): Where {
	const where: Record<string, unknown> = {};
	for (const field of ['channel', ...RULE_FILTERS]) if (given[field] !== undefined) where[field] = given[field];
	return where;
}

function whenOf(given: Given): When {
	const { probability, skip, count, fromMs, untilMs } = given;
	return {
		probability: typeof probability === 'number' ? probability : 1,
		skip: typeof skip === 'number' ? skip : 0,
		...(typeof count === 'number' ? { count } : {}),
		fromMs: typeof fromMs === 'number' ? fromMs : 0,
		...(typeof untilMs === 'number' ? { untilMs } : {}),
	};
}

function badChannel(channels: readonly Channel[], given: Given): BadParameter | undefined {
	if (given['channel'] === undefined || channels.some((channel) => channel === given['channel'])) return undefined;
	return refused('channel', given['channel'], `one of ${channels.join(', ')}`);
}

function badText(given: Given): BadParameter | undefined {
	const isText = (value: unknown) => typeof value === 'string' && value.length > 0 && value.length <= TEXT_LENGTH_MAX;
	const field = RULE_FILTERS.find((each) => given[each] !== undefined && !isText(given[each]));
	return field === undefined ? undefined : refused(field, given[field], `a text of 1 to ${TEXT_LENGTH_MAX} characters`);
}

function badNumber(
	field: string,
	value: unknown,
	bounds: Pick<NumberParameter, 'min' | 'max'> & { isWhole: boolean },
): BadParameter | undefined {
	if (value === undefined) return undefined;
	const isRight =
		typeof value === 'number' && value >= bounds.min && value <= bounds.max && (!bounds.isWhole || Number.isInteger(value));
	return isRight
		? undefined
		: refused(field, value, `a ${bounds.isWhole ? 'whole ' : ''}number from ${bounds.min} to ${bounds.max}`);
}

function badValue(field: string, value: unknown, parameter: FaultSpec['parameters'][string]): BadParameter | undefined {
	switch (parameter.kind) {
		case 'number':
			return badNumber(field, value, { ...parameter, isWhole: true });
		case 'choice':
			return badChoice(field, value, parameter);
		case 'text':
			return badName(field, value, parameter);
	}
}

function badName(field: string, value: unknown, { maxLength }: TextParameter): BadParameter | undefined {
	return typeof value === 'string' && value.length <= maxLength
		? undefined
		: refused(field, value, `a text of at most ${maxLength} characters`);
}

function badChoice(field: string, value: unknown, parameter: ChoiceParameter): BadParameter | undefined {
	return parameter.options.some((option) => option === value)
		? undefined
		: refused(field, value, `one of ${parameter.options.join(', ')}`);
}

function badWindow(given: Given): BadParameter | undefined {
	const { fromMs, untilMs } = whenOf(given);
	return untilMs === undefined || untilMs > fromMs
		? undefined
		: refused('untilMs', untilMs, `more than fromMs, which is ${fromMs}`);
}

export function refused(field: string, found: unknown, expected: string): BadParameter {
	const text = found === undefined ? 'nothing' : (JSON.stringify(found) ?? typeof found);
	return { kind: 'refused', field, found: text.slice(0, TEXT_LENGTH_MAX), expected };
}
