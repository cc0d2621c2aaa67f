/**
 * Settings from the environment. `EVENKEEL_BOX__BYBIT_PORT` is `box.bybit_port`: after `EVENKEEL_`, the path in capitals
 * with two underscores between its steps. The value is what would stand behind the colon in the file, in YAML. Variables
 * without two underscores are somebody else's.
 */
import { type Path, type Place, PROBLEMS_MAX, type Problem } from './problem.ts';
import { readYaml } from './yaml-document.ts';

/** One setting that goes before what the file says. */
export interface Override {
	readonly place: Place;
	readonly path: Path;
	readonly value: unknown;
}

const PREFIX = 'EVENKEEL_';
const STEP = '__';

export function overridesOf(environment: Readonly<Record<string, string | undefined>>): {
	readonly overrides: readonly Override[];
	readonly problems: readonly Problem[];
} {
	const overrides: Override[] = [];
	const problems: Problem[] = [];
	// In order of their names, so that a variable for a part comes after the one for the whole.
	for (const [variable, text] of Object.entries(environment).sort(([one], [other]) => (one < other ? -1 : 1))) {
		if (text === undefined || !variable.startsWith(PREFIX) || !variable.includes(STEP, PREFIX.length)) continue;
		const place = { kind: 'environment', variable } as const;
		const path = variable.slice(PREFIX.length).toLowerCase().split(STEP);
		if (path.some((step) => step === '')) {
			const expected = `${PREFIX}<SECTION>${STEP}<KEY>`;
			problems.push({
				place,
				path: '',
				found: 'a step without a name',
				expected,
				mend: 'write two underscores between two names',
			});
			continue;
		}
		const read = readYaml(text);
		if (read.kind === 'read') overrides.push({ place, path, value: read.document.value });
		else {
			for (const { path: inside, found, expected, mend } of read.faults) {
				problems.push({ place, path: [path.join('.'), inside].filter((each) => each !== '').join('.'), found, expected, mend });
			}
		}
	}
	return { overrides, problems: problems.slice(0, PROBLEMS_MAX) };
}
