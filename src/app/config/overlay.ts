/**
 * What somebody has laid over the file while it ran: single settings, by their path, each with what the file said then. A
 * later edit of that setting in the file wins, so an entry whose file says something else by now is dropped. Pure.
 */
import { valueAt } from './check.ts';
import { type ConfigRead, checkWritten, problemsOfWritten, writtenOf } from './config.ts';

type KnownConfig = Extract<ConfigRead, { kind: 'read' }>;
type Written = KnownConfig['written'];

export interface Laid {
	/** As changes are told: strategies go by their name. */
	readonly path: string;
	readonly value: unknown;
	/** In the file, or by default, when it was laid over. */
	readonly was: unknown;
}

export type Overlay = readonly Laid[];

/** What may be laid over at most: it has to be read again at the next start. */
export const OVERLAY_MAX = { entries: 500, pathLength: 200 } as const;

export interface LaidOver {
	readonly known: KnownConfig;
	/** What holds of it. */
	readonly overlay: Overlay;
	/** What does not, but for what the file says as well by now. */
	readonly fallen: Overlay;
}

/** The file with what still holds laid over it: what the file has overruled falls, and what makes it a wrong configuration. */
export function laidOver(known: KnownConfig, overlay: Overlay): LaidOver {
	const asked = overlay.filter(({ path, was }) => isSame(leafAt(known.written, path), was));
	const holding = rightTogether(known.written, asked);
	const fallen = overlay.filter((each) => !holding.includes(each) && !isSame(leafAt(known.written, each.path), each.value));
	const config = holding.length === 0 ? undefined : checkWritten(writtenWith(known.written, holding));
	if (config === undefined) return { known, overlay: holding, fallen };
	return { known: { ...known, config, written: writtenOf(config) }, overlay: holding, fallen };
}

/** For the person who laid them over. */
export function fallenText(fallen: Overlay): readonly string[] {
	if (fallen.length === 0) return [];
	const paths = fallen.map(({ path }) => path).join(', ');
	return [`laid over the settings by hand, and dropped, since it does not go with what the file says now: ${paths}`];
}

/** A sentence where it is more than could be read again. */
export function whyTooMuch(overlay: Overlay): string | undefined {
	const { entries, pathLength } = OVERLAY_MAX;
	if (overlay.length > entries)
		return `nothing has changed: at most ${entries} settings are laid over a file; write some into it`;
	const isLong = overlay.some(({ path }) => path.length > pathLength);
	return isLong ? `nothing has changed: the path of a setting has at most ${pathLength} characters` : undefined;
}

/** Those that leave a right configuration. Few do not, so many are tried at once; what fails alone may do with a later one. */
function rightTogether(written: Written, overlay: Overlay): Overlay {
	const kept = new Set<Laid>();
	const lay = (more: Overlay): void => {
		if (more.length === 0) return;
		const tried = new Set([...kept, ...more]);
		// In their own order, since one may lie within another.
		const laid = overlay.filter((each) => tried.has(each));
		if (checkWritten(writtenWith(written, laid)) !== undefined) {
			for (const each of more) kept.add(each);
		} else if (more.length > 1) {
			const middle = more.length >> 1;
			lay(more.slice(0, middle));
			lay(more.slice(middle));
		}
	};
	let before: number;
	do {
		before = kept.size;
		lay(overlay.filter((each) => !kept.has(each)));
	} while (kept.size > before);
	return overlay.filter((each) => kept.has(each));
}

/** Why the two are none, one sentence each. */
export function problemsOver({ written }: Pick<KnownConfig, 'written'>, overlay: Overlay): readonly string[] {
	return problemsOfWritten(writtenWith(written, overlay)).map(({ path, found, expected, mend }) => {
		return `${path}: found ${found}, expected ${expected}; ${mend}`;
	});
}

function writtenWith(written: Written, overlay: Overlay): Written {
	return overlay.reduce((all, { path, value }) => replaced(all, stepsOf(all, path), value) as Written, written);
}

/** With these laid over as well; null takes one away. */
export function laidFurther(overlay: Overlay, set: Readonly<Record<string, unknown>>, file: Written): Overlay {
	const others = overlay.filter(({ path }) => !Object.hasOwn(set, path));
	const laid = Object.entries(set).flatMap(([path, value]) => {
		return value === null ? [] : [{ path, value, was: leafAt(file, path) }];
	});
	return [...others, ...laid];
}

/** Where a path leads in a file: of strategies, whose list it is, the place of the one that is named. */
export function stepsOf(written: Written, path: string): readonly (string | number)[] {
	const [section = '', name = '', ...rest] = path.split('.');
	if (section !== 'strategies') return path.split('.');
	return [section, strategiesOf(written).findIndex((entry) => entry['name'] === name), ...rest];
}

function leafAt(written: Written, path: string): unknown {
	return valueAt(written, stepsOf(written, path));
}

function replaced(tree: unknown, [step, ...rest]: readonly (string | number)[], value: unknown): unknown {
	if (step === undefined) return value;
	if (Array.isArray(tree)) return tree.map((item: unknown, at) => (at === step ? replaced(item, rest, value) : item));
	const map = typeof tree === 'object' && tree !== null ? (tree as Record<string, unknown>) : {};
	return { ...map, [step]: replaced(map[step], rest, value) };
}

function strategiesOf(written: Written): readonly Readonly<Record<string, unknown>>[] {
	return (written['strategies'] ?? []) as readonly Readonly<Record<string, unknown>>[];
}

function isSame(one: unknown, other: unknown): boolean {
	return JSON.stringify(one) === JSON.stringify(other);
}
