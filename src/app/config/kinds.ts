/** The kinds of value that sections are made of. Each says in its message what is expected, in words for a person. */
import * as z from 'zod';

export function wholeNumber(min: number, max: number) {
	const expected = `a whole number from ${min} to ${max}`;
	return z.int(expected).min(min, expected).max(max, expected);
}

export function numberFrom(min: number, max: number) {
	const expected = `a number from ${min} to ${max}`;
	return z.number(expected).min(min, expected).max(max, expected);
}

export function oneOf<const Word extends string>(words: readonly [Word, ...Word[]]) {
	return z.enum(words, `one of ${words.join(', ')}`);
}

export function textOf(pattern: RegExp, expected: string) {
	return z.string(expected).regex(pattern, expected);
}

export function textUpTo(min: number, max: number) {
	const expected = min === 0 ? `a text of at most ${max} characters` : `a text of ${min} to ${max} characters`;
	return z.string(expected).min(min, expected).max(max, expected);
}

/** For a list that is known to the types as one that may be empty. */
export function atLeastOne<Item>(items: readonly Item[]): readonly [Item, ...Item[]] {
	const [first, ...rest] = items;
	if (first === undefined) throw new Error('invariant broken: a choice of nothing');
	return [first, ...rest];
}

export function numberAbove(min: number, max: number) {
	const expected = `a number above ${min} and up to ${max}`;
	return z.number(expected).gt(min, expected).max(max, expected);
}

export function yesNo() {
	return z.boolean('true or false');
}

/** Without anything that would have to stay secret in front of the host. */
export function urlOf(schemes: string) {
	const expected = `a URL that begins with ${schemes.replaceAll('|', ':// or ')}://`;
	const pattern = new RegExp(`^(${schemes})://[^\\s/@]+(/\\S*)?$`);
	return z
		.string('a URL')
		.regex(pattern, expected)
		.refine(
			(text) => !pattern.test(text) || URL.canParse(text),
			`${expected}, with a host and, where there is one, a port up to 65535`,
		);
}

/** Such as `2.0`; blocks that people bring along have some times in seconds. */
export function seconds(min: number, max: number) {
	const expected = `a number of seconds from ${min} to ${max}`;
	return z.number(expected).min(min, expected).max(max, expected);
}

const VARIABLE = /^[A-Z][A-Z0-9_]{0,63}$/;
const VARIABLE_EXPECTED = 'the name of a variable of the environment, such as BYBIT_API_KEY, and never the secret itself';

/** What stands there instead of a name may be the secret, so it is not shown. */
export function variableName() {
	return z.string(VARIABLE_EXPECTED).superRefine((text, context) => {
		if (VARIABLE.test(text)) return;
		context.addIssue({ code: 'custom', message: VARIABLE_EXPECTED, params: { found: 'something else' } });
	});
}

/** For the refinement of a section: two of its settings of which one may not be the greater. */
export function refuseAbove(
	context: { addIssue(issue: { code: 'custom'; path: string[]; message: string; params: { found: string } }): void },
	section: Readonly<Record<string, unknown>>,
	{ key, atMost }: { readonly key: string; readonly atMost: string },
): void {
	const [value, bound] = [Number(section[key]), Number(section[atMost])];
	if (value <= bound) return;
	context.addIssue({
		code: 'custom',
		path: [key],
		message: `at most ${atMost}, which is ${bound}`,
		params: { found: `${value}` },
	});
}
