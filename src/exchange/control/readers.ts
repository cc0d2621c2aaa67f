/**
 * Small readers for what comes in as JSON or query: each takes an unknown value and answers with a typed one, or says
 * what it expected. Fields that nobody asked for are refused, since a misspelt name would otherwise do nothing.
 */
import { atoms } from '../core/money.ts';
import { Refusal } from './refusal.ts';

/** What would have been right, to end the sentence "expected …". */
export class Expected {
	readonly what: string;
	constructor(what: string) {
		this.what = what;
	}
}

export type Reader<Value> = (value: unknown) => Value | Expected;
type Readers = Readonly<Record<string, Reader<unknown>>>;
export type Fields<Spec extends Readers> = { readonly [Name in keyof Spec]: Exclude<ReturnType<Spec[Name]>, Expected> };

export function readJson<Spec extends Readers>(body: string, spec: Spec): Fields<Spec> | Refusal {
	const parsed = body.trim() === '' ? {} : parseJson(body);
	if (!isRecord(parsed)) return new Refusal(400, 'the body is no JSON object; send one such as {"name":"carol"}');
	return readFields('body', parsed, spec);
}

/** Of repeated names the last. */
export function readQuery<Spec extends Readers>(query: string, spec: Spec): Fields<Spec> | Refusal {
	return readFields('query', Object.fromEntries(new URLSearchParams(query)), spec);
}

function readFields<Spec extends Readers>(
	where: 'body' | 'query',
	given: Readonly<Record<string, unknown>>,
	spec: Spec,
): Fields<Spec> | Refusal {
	const known = Object.keys(spec);
	const unknown = Object.keys(given).find((name) => !known.includes(name));
	if (unknown !== undefined) {
		const listed = known.length === 0 ? 'nothing is expected there' : `there are: ${known.join(', ')}`;
		return new Refusal(400, `unknown field ${JSON.stringify(unknown)} in the ${where}; ${listed}`);
	}
	const fields: Record<string, unknown> = {};
	for (const [name, read] of Object.entries(spec)) {
		const value = Object.hasOwn(given, name) ? given[name] : undefined;
		const result = read(value);
		if (result instanceof Expected) {
			return new Refusal(400, `${name} in the ${where} is ${shown(value)}, expected ${result.what}`);
		}
		fields[name] = result;
	}
	return fields as Fields<Spec>;
}

export function optional<Value>(read: Reader<Value>): Reader<Value | undefined> {
	return (value) => (value === undefined ? undefined : read(value));
}

export function oneOf<const Choice extends string>(...choices: readonly Choice[]): Reader<Choice> {
	return (value) => choices.find((choice) => choice === value) ?? new Expected(`one of ${choices.join(', ')}`);
}

/** A name that stands in paths and reports: letters, digits, dot, dash, underscore. */
export const name: Reader<string> = (value) =>
	typeof value === 'string' && /^[\w.-]{1,40}$/.test(value)
		? value
		: new Expected('1 to 40 letters, digits, dots, dashes or underscores');

export const text: Reader<string> = (value) =>
	typeof value === 'string' && value.length >= 1 && value.length <= 100 ? value : new Expected('a text of 1 to 100 characters');

/** Longer than other texts: as long as the largest public key in PEM. */
export const longText: Reader<string> = (value) =>
	typeof value === 'string' && value.length >= 1 && value.length <= 2_000
		? value
		: new Expected('a text of 1 to 2000 characters');

/** Plain decimal above zero, as text or number; numbers lose digits, texts do not. */
export const amountAtoms: Reader<bigint> = (value) => {
	const plain = typeof value === 'number' ? String(value) : value;
	if (typeof plain !== 'string' || !/^\d{1,15}(\.\d{1,8})?$/.test(plain) || atoms(plain) === 0n) {
		return new Expected("an amount above zero with at most eight decimals, such as '1000.5'");
	}
	return atoms(plain);
};

/** A decimal as text or number, not yet read. */
export const decimalText: Reader<string> = (value) => {
	const plain = typeof value === 'number' ? String(value) : value;
	return typeof plain === 'string' && /^-?\d{1,15}(\.\d{1,12})?$/.test(plain)
		? plain
		: new Expected("a plain decimal, such as '65000.5'");
};

export const flag: Reader<boolean> = (value) => (typeof value === 'boolean' ? value : new Expected('true or false'));

/** Digits in a query, a number in a body. */
export function whole(bounds: { readonly min: number; readonly max: number }): Reader<number> {
	return (value) => {
		const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
		return typeof number === 'number' && Number.isSafeInteger(number) && number >= bounds.min && number <= bounds.max
			? number
			: new Expected(`a whole number from ${bounds.min} to ${bounds.max}`);
	};
}

export const record: Reader<Readonly<Record<string, unknown>>> = (value) => (isRecord(value) ? value : new Expected('an object'));

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(body: string): unknown {
	try {
		return JSON.parse(body) as unknown;
	} catch {
		return undefined;
	}
}

function shown(value: unknown): string {
	if (value === undefined) return 'missing';
	const json = JSON.stringify(value);
	return json.length <= 80 ? json : `${json.slice(0, 80)}…`;
}
