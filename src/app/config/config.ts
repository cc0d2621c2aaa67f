/**
 * The configuration: one YAML file of sections, checked as a whole and frozen. A flag goes before a variable of the
 * environment, that before the file, the file before the default. Pure: text goes in, typed values or all problems come
 * out. What the sections are is in `sections.ts`.
 */
import * as z from 'zod';
import { check, type PlaceOf, valueAt } from './check.ts';
import { type Override, overridesOf } from './environment.ts';
import { missingForLive } from './live-rules.ts';
import { type Path, type Place, PROBLEMS_MAX, type Problem, pathText } from './problem.ts';
import { secretsIn } from './secrets.ts';
import { type Config, SECTIONS } from './sections.ts';
import { type Warning, warningsOf } from './warnings.ts';
import { readYaml, type YamlDocument } from './yaml-document.ts';

export type { Config } from './sections.ts';

/** What there is to read, each part optional. */
export interface ConfigSources {
	/** The name is for messages only. */
	readonly file?: { readonly name: string; readonly text: string };
	readonly environment?: Readonly<Record<string, string | undefined>>;
	readonly flags?: readonly Override[];
}

export interface Setting {
	/** Such as `box.seed`; lists are one setting. */
	readonly path: string;
	readonly place: Place;
	/** As it would be written in the file. */
	readonly value: unknown;
}

export type ConfigRead =
	| {
			readonly kind: 'read';
			readonly config: Config;
			/** The same as it would be written in a file, with the defaults. */
			readonly written: Readonly<Record<string, unknown>>;
			/** All of them, and where each comes from. */
			readonly settings: readonly Setting[];
			/** What is not wrong, but probably not meant. */
			readonly warnings: readonly Warning[];
	  }
	| { readonly kind: 'bad'; readonly problems: readonly Problem[] };

export function readConfig({ file, environment = {}, flags = [] }: ConfigSources): ConfigRead {
	const read = file === undefined ? NOTHING : readFile(file);
	const fromEnvironment = overridesOf(environment);
	const problems = [...read.problems, ...fromEnvironment.problems];
	if (problems.length > 0) return bad(problems);
	const overrides = [...fromEnvironment.overrides, ...flags];
	const tree = overrides.reduce((whole, { path, value }) => withValue(whole, path, value), read.value);
	const placeOf = placesOf(file?.name, read.document, overrides);
	const secrets = secretsIn(tree, placeOf);
	const checked = check(SECTIONS, tree, placeOf);
	if (checked.kind === 'bad') return bad([...secrets, ...checked.problems.filter((each) => !isTold(each, secrets))]);
	const missing = [...secrets, ...missingForLive(checked.value, tree, placeOf)];
	if (missing.length > 0) return bad(missing);
	const written = writtenOf(checked.value);
	const settings = settingsOf(written, tree, placeOf);
	const warnings = warningsOf(checked.value, tree, placeOf);
	return { kind: 'read', config: frozen(checked.value), written, settings, warnings };
}

/** That a secret is of no known key, or too long, is no news; and the second line might show it. */
function isTold({ path }: Problem, secrets: readonly Problem[]): boolean {
	return secrets.some((secret) => secret.path === path);
}

/** What a file without secrets would have to be to mean this; for changes that arrive one by one. */
export function checkWritten(written: unknown): Config | undefined {
	const checked = check(SECTIONS, written, () => ({ kind: 'default' }));
	return checked.kind === 'right' ? frozen(checked.value) : undefined;
}

/** What is wrong with it, if it were a file. */
export function problemsOfWritten(written: unknown): readonly Problem[] {
	const checked = check(SECTIONS, written, () => ({ kind: 'default' }));
	return checked.kind === 'bad' ? checked.problems : [];
}

/** As it would be written in a file, with the defaults. */
export function writtenOf(config: Config): Readonly<Record<string, unknown>> {
	return z.encode(SECTIONS, config);
}

/** As if a file had said all of it. */
export function knownOf(config: Config): Extract<ConfigRead, { kind: 'read' }> {
	return { kind: 'read', config, written: writtenOf(config), settings: [], warnings: [] };
}

/** For editors: put `# yaml-language-server: $schema=<file>` into the first line of a configuration. */
export function configJsonSchema(): object {
	return z.toJSONSchema(SECTIONS, { io: 'input', target: 'draft-7' });
}

interface FileRead {
	readonly value: unknown;
	readonly document?: YamlDocument;
	readonly problems: readonly Problem[];
}

const NOTHING: FileRead = { value: {}, problems: [] };

function readFile({ name, text }: { readonly name: string; readonly text: string }): FileRead {
	const read = readYaml(text);
	if (read.kind === 'read') {
		const { document } = read;
		// A word on an empty file; any other value that is no map is refused with the rest.
		return { value: document.value, document, problems: document.value === null ? [emptyFile(name)] : [] };
	}
	return {
		...NOTHING,
		problems: read.faults.map(({ line, column, ...fault }) => ({ ...fault, place: { kind: 'file', file: name, line, column } })),
	};
}

function emptyFile(file: string): Problem {
	const known = Object.keys(SECTIONS.shape).join(', ');
	return {
		place: { kind: 'file', file, line: 1, column: 1 },
		path: '',
		found: 'nothing',
		expected: `one of the sections ${known}`,
		mend: `write a section, or leave the file out`,
	};
}

/** The last one that sets a path, or something around or inside of it, is where it comes from. */
function placesOf(file: string | undefined, document: YamlDocument | undefined, overrides: readonly Override[]): PlaceOf {
	return (path, part) => {
		const override =
			overrides.findLast((each) => isAround(each.path, path)) ?? overrides.findLast((each) => isAround(path, each.path));
		if (override !== undefined) return override.place;
		if (file === undefined || document === undefined) return { kind: 'default' };
		return { kind: 'file', file, ...document.positionOf(path, part) };
	};
}

function isAround(outer: Path, inner: Path): boolean {
	return outer.length <= inner.length && outer.every((step, index) => step === inner[index]);
}

/** A copy of the tree with this value in it; what stands in the way and is no map gives way. */
function withValue(tree: unknown, [step, ...rest]: Path, value: unknown): unknown {
	if (step === undefined) return value;
	const map = typeof tree === 'object' && tree !== null && !Array.isArray(tree) ? tree : {};
	return { ...map, [step]: withValue(valueAt(map, [step]), rest, value) };
}

function settingsOf(written: unknown, tree: unknown, placeOf: PlaceOf): Setting[] {
	const settings: Setting[] = [];
	const walk = (value: unknown, path: Path): void => {
		if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
			for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
			return;
		}
		const place: Place = valueAt(tree, path) === undefined ? { kind: 'default' } : placeOf(path, 'value');
		settings.push({ path: pathText(path), place, value });
	};
	walk(written, []);
	return settings;
}

function bad(problems: readonly Problem[]): ConfigRead {
	return { kind: 'bad', problems: problems.slice(0, PROBLEMS_MAX) };
}

function frozen<Value>(value: Value): Value {
	if (typeof value === 'object' && value !== null) {
		for (const inner of Object.values(value)) frozen(inner);
		Object.freeze(value);
	}
	return value;
}
