/**
 * The text of a configuration with other values in it, for whoever writes them into the file: comments, order and whatever
 * else stands there stay. Where a value stands already only its own characters change.
 */
import { type Document, isMap, isScalar, parseDocument } from 'yaml';
import { readConfig } from './config.ts';
import { laidFurther, laidOver, stepsOf } from './overlay.ts';
import type { Path } from './problem.ts';

export interface Value {
	readonly path: Path;
	readonly value: unknown;
}

interface Splice {
	readonly from: number;
	readonly to: number;
	readonly text: string;
}

export type Saved =
	| { readonly kind: 'made'; readonly text: string }
	// With what is the matter with the file.
	| { readonly kind: 'refused'; readonly sentence: string };

/** A file with these settings, by their path, in it; only where it says exactly that, and of all others what it said before. */
export function savedSettings(
	file: { readonly name: string; readonly text: string },
	set: Readonly<Record<string, unknown>>,
): Saved {
	const before = readConfig({ file });
	if (before.kind === 'bad') return { kind: 'refused', sentence: 'it is no right configuration as it is' };
	const values = Object.entries(set).map(([path, value]) => ({ path: stepsOf(before.written, path), value }));
	const text = savedText(file.text, values);
	const after = text === undefined ? undefined : readConfig({ file: { name: file.name, text } });
	if (text === undefined || after?.kind !== 'read') return { kind: 'refused', sentence: 'it could not be edited' };
	const meant = laidOver(before, laidFurther([], set, before.written)).known.written;
	// Values that lie within one another, say.
	if (JSON.stringify(after.written) === JSON.stringify(meant)) return { kind: 'made', text };
	return { kind: 'refused', sentence: 'it would not say exactly that, and nothing else' };
}

/** Undefined where the text is none that it could be written into. */
export function savedText(text: string, values: readonly Value[]): string | undefined {
	const document = documentOf(text);
	if (document === undefined) return undefined;
	const splices = values.map((each) => spliceOf(document, each));
	const spliced = splices
		.filter((splice) => splice !== undefined)
		.sort((a, b) => b.from - a.from)
		.reduce((all, { from, to, text: inside }) => all.slice(0, from) + inside + all.slice(to), text);
	const others = values.filter((_, at) => splices[at] === undefined);
	return others.length === 0 ? spliced : withOthers(spliced, others);
}

function documentOf(text: string): Document.Parsed | undefined {
	const document = parseDocument(text, { version: '1.2', schema: 'core', logLevel: 'error' });
	const isEditable = document.errors.length === 0 && (document.contents === null || isMap(document.contents));
	return isEditable ? document : undefined;
}

/** Of one plain value in the place of another. */
function spliceOf(document: Document.Parsed, { path, value }: Value): Splice | undefined {
	const node: unknown = document.getIn(path, true);
	if (!isScalar(node) || node.range === undefined || node.range === null || (typeof value === 'object' && value !== null))
		return undefined;
	const [from, to] = node.range;
	// Nothing stands there yet.
	if (from === to) return undefined;
	// As JSON has it, which means the same wherever it stands.
	return { from, to, text: JSON.stringify(value) };
}

/** Lists, maps, and what was not there: the whole is printed anew, with its comments. */
function withOthers(text: string, others: readonly Value[]): string | undefined {
	const document = documentOf(text);
	if (document === undefined) return undefined;
	try {
		for (const { path, value } of others) document.setIn(path, value);
	} catch {
		// A value stands in the way that is no map.
		return undefined;
	}
	return document.toString({ lineWidth: 0 });
}
