/**
 * What a new text of the configuration changes, and what of that may happen while the engine runs: ticks, batching, how
 * orders are moved, the parameters of a strategy, limits that become stricter, and where the last comparison with the
 * venue was clean those that become wider. All else waits for a restart. Pure.
 */
import type { EngineChange } from '../../engine/changes.ts';
import { type ConfigRead, checkWritten } from './config.ts';
import { STRICTER_WHEN_GREATER } from './engine-sections.ts';
import { liveChanges } from './live-changes.ts';
import { type Place, placeText } from './problem.ts';
import type { Config } from './sections.ts';

export type KnownConfig = Extract<ConfigRead, { kind: 'read' }>;
/** What is in force, which after a reload is no longer what any file says as a whole. */
export type RunningConfig = Pick<KnownConfig, 'config' | 'written'>;

export interface Change {
	/** As in the file, but strategies go by their name: `strategies.main.params.levels.count`. */
	readonly path: string;
	/** Undefined where there was nothing. */
	readonly from: unknown;
	/** Undefined where there is nothing any more. */
	readonly to: unknown;
	readonly place: Place;
	/** A limit that becomes wider waits until we know that we are of one mind with the venue. */
	readonly takesEffect: 'now' | 'after a clean comparison with the venue' | 'after a restart';
}

export interface Reload {
	readonly changes: readonly Change[];
	/** For the engine, all at once between two ticks. */
	readonly engineChanges: readonly EngineChange[];
	readonly running: RunningConfig;
}

export function reload(running: RunningConfig, next: KnownConfig, mayRaise = false): Reload {
	const changes = changesBetween(running, next, mayRaise);
	const written = withLiveChanges(running.written, next.written, changes);
	const config = checkWritten(written);
	// Sections are live as a whole, but for limits, and the stricter of two right sets of limits is right.
	if (config === undefined) throw new Error('invariant broken: two right configurations made a wrong one');
	return { changes, engineChanges: liveChanges(running.config, config), running: { config, written } };
}

export function changesBetween(running: RunningConfig, next: KnownConfig, mayRaise = false): Change[] {
	const [before, after] = [leavesOf(running.written), leavesOf(next.written)];
	const places = new Map(next.settings.map(({ path, place }) => [path, place]));
	const changes: Change[] = [];
	for (const path of new Set([...before.keys(), ...after.keys()])) {
		const [from, to] = [before.get(path), after.get(path)];
		if (JSON.stringify(from) === JSON.stringify(to)) continue;
		const place = places.get(path) ?? places.get(path.split('.', 1)[0] ?? '') ?? { kind: 'default' };
		changes.push({ path, from, to, place, takesEffect: takesEffect(path, { from, to, before, after, mayRaise }) });
	}
	return changes;
}

/** Settings of this section may change while it runs, each by itself. */
const LIVE_SECTIONS: ReadonlySet<string> = new Set(['async_batch', 'strategy', 'risk']);

/** Whether a setting may change while it runs; of limits only the stricter way, unless a comparison was clean. */
export function isLivePath(path: string, written: Readonly<Record<string, unknown>>): boolean {
	const [section = '', key, part] = path.split('.');
	if (section === 'strategies') return part === 'params' && strategiesOf(written).some(({ name }) => name === key);
	return LIVE_SECTIONS.has(section) && key !== undefined;
}

export function livePaths(written: Readonly<Record<string, unknown>>): readonly string[] {
	return [...leavesOf(written).keys()].filter((path) => isLivePath(path, written));
}

/** One line that an editor can jump from; what is gone from the file has no place in it. */
export function changeText(change: Change): string {
	const { place } = change;
	return place.kind === 'default' ? changeLine(change) : `${placeText(place)}: ${changeLine(change)}`;
}

export function changeLine({ path, from, to, takesEffect }: Change): string {
	return `${path}: ${shownValue(from)} -> ${shownValue(to)}, ${takesEffect}`;
}

function shownValue(value: unknown): string {
	return value === undefined ? 'nothing' : JSON.stringify(value);
}

type Leaves = ReadonlyMap<string, unknown>;
interface Step {
	readonly from: unknown;
	readonly to: unknown;
	readonly before: Leaves;
	readonly after: Leaves;
	readonly mayRaise: boolean;
}

function takesEffect(path: string, step: Step): Change['takesEffect'] {
	if (isLive(path, step)) return 'now';
	if (!path.startsWith('risk.')) return 'after a restart';
	return step.mayRaise ? 'now' : 'after a clean comparison with the venue';
}

function isLive(path: string, { from, to, before, after }: Step): boolean {
	const [section, key = '', part] = path.split('.');
	switch (section) {
		case 'async_batch':
		case 'strategy':
			return true;
		case 'risk':
			if (key === 'symbols_allowed') return isFewer(to, from);
			return STRICTER_WHEN_GREATER.has(key) ? Number(to) > Number(from) : Number(to) < Number(from);
		case 'strategies': {
			const name = `strategies.${key}.name`;
			return part === 'params' && before.has(name) && after.has(name);
		}
		default:
			return false;
	}
}

/** No list allows every symbol. */
function isFewer(to: unknown, from: unknown): boolean {
	if (!Array.isArray(to)) return false;
	return !Array.isArray(from) || to.every((symbol) => from.includes(symbol));
}

/** Settings by path. Lists are one setting, but for that of strategies, whose entries have names. */
function leavesOf(written: Readonly<Record<string, unknown>>): Leaves {
	const leaves = new Map<string, unknown>();
	const walk = (value: unknown, path: string): void => {
		if (typeof value !== 'object' || value === null || Array.isArray(value)) {
			leaves.set(path, value);
			return;
		}
		for (const [key, inner] of Object.entries(value)) walk(inner, path === '' ? key : `${path}.${key}`);
	};
	walk({ ...written, strategies: byName(written) }, '');
	return leaves;
}

type Written = Readonly<Record<string, unknown>>;
type WrittenStrategy = Config['strategies'][number];

function strategiesOf(written: Written): readonly WrittenStrategy[] {
	return written['strategies'] as readonly WrittenStrategy[];
}

function byName(written: Written): Readonly<Record<string, WrittenStrategy>> {
	return Object.fromEntries(strategiesOf(written).map((entry) => [entry.name, entry]));
}

function withLiveChanges(running: Written, next: Written, changes: readonly Change[]): Written {
	const live = changes.filter(({ takesEffect }) => takesEffect === 'now').map(({ path }) => path.split('.'));
	const after = byName(next);
	const strategies = strategiesOf(running).map((entry) => {
		const isChanged = live.some(([section, name]) => section === 'strategies' && name === entry.name);
		return isChanged ? { ...entry, params: after[entry.name]?.params } : entry;
	});
	const mixed: Record<string, unknown> = { ...running, strategies };
	for (const [section = '', key = ''] of live) {
		if (section === 'strategies') continue;
		const value = (next[section] as Written)[key];
		mixed[section] = { ...(mixed[section] as Written), [key]: value };
	}
	return mixed;
}
