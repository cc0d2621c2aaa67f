/**
 * No secret belongs into a configuration: files are copied, shown and committed. What looks like one is refused, under
 * whatever name, and never repeated in the message.
 */
import type { PlaceOf } from './check.ts';
import { type Path, type Problem, pathText } from './problem.ts';

const SECRET_NAME =
	/(^|_)(api_?key|api_?secret|access_?key|private_?key|secret(_?key)?|password|passwd|passphrase|auth_?token|token|credentials?)$/;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
const URL_WITH_PASSWORD = /^[a-z][a-z0-9+.-]*:\/\/[^\s/@]*:[^\s/@]*@/i;
const EXPECTED = 'no secret in a configuration';

export function secretsIn(tree: unknown, placeOf: PlaceOf): Problem[] {
	const problems: Problem[] = [];
	const walk = (value: unknown, path: Path): void => {
		const found = secretAt(value, path.at(-1));
		if (found !== undefined) problems.push(problem(found, path, placeOf));
		else if (typeof value === 'object' && value !== null) {
			const entries: Iterable<[string | number, unknown]> = Array.isArray(value) ? value.entries() : Object.entries(value);
			for (const [step, inner] of entries) walk(inner, [...path, step]);
		}
	};
	walk(tree, []);
	return problems;
}

type Found = { readonly kind: 'name'; readonly name: string } | { readonly kind: 'value'; readonly about: string };

function secretAt(value: unknown, name: string | number | undefined): Found | undefined {
	if (typeof name === 'string' && typeof value !== 'object' && SECRET_NAME.test(plainName(name))) {
		return { kind: 'name', name: plainName(name) };
	}
	if (typeof value !== 'string') return undefined;
	if (PRIVATE_KEY.test(value)) return { kind: 'value', about: 'a private key' };
	if (URL_WITH_PASSWORD.test(value)) return { kind: 'value', about: 'a URL with a password' };
	return undefined;
}

function problem(found: Found, path: Path, placeOf: PlaceOf): Problem {
	const isName = found.kind === 'name';
	return {
		place: placeOf(path, isName ? 'key' : 'value'),
		path: pathText(path),
		found: isName ? 'a key that looks like a secret' : found.about,
		expected: EXPECTED,
		mend: isName
			? `take it out, and give the name of a variable of the environment in ${found.name}_env; a key that others may have seen must be replaced`
			: 'take it out, and give the name of a variable of the environment instead; what others may have seen must be replaced',
	};
}

/** `apiSecret`, `API-SECRET` and `api_secret` are one name. */
function plainName(name: string): string {
	return name
		.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
		.replaceAll(/[-.]/g, '_')
		.toLowerCase();
}
