/**
 * Whether everything is as it has to be for quoting: streams up, books trusted, nothing paused. The same for `/readyz`, the
 * dashboard and programs; it only looks.
 */
import type { App } from './app.ts';
import type { HealthView } from './console/views.ts';

export type HealthyApp = Pick<App, 'instruments'> & {
	readonly venues: readonly { readonly name: string; readonly isReady: boolean }[];
	readonly engine: Pick<App['engine'], 'market' | 'quoters'> & {
		readonly levels: Pick<App['engine']['levels'], 'level' | 'reason' | 'holdsOf'>;
	};
	readonly runtime: Pick<App['runtime'], 'now'>;
};

type Check = HealthView['checks'][number];

const NAMED_MAX = 5;

export function healthOf(app: HealthyApp): HealthView {
	const { wallMs, monoMs } = app.runtime.now();
	const checks = [...app.venues.map(streamsOf), booksOf(app), pauseOf(app), holdsOf(app, monoMs)];
	return { atMs: wallMs, isReady: checks.every(({ isGood }) => isGood), checks };
}

function streamsOf({ name, isReady }: HealthyApp['venues'][number]): Check {
	const sentence = isReady ? `all streams of ${name} are up` : `streams of ${name} are down`;
	return { name: `streams of ${name}`, isGood: isReady, sentence };
}

/** Of what nobody quotes, nobody needs a book; where nothing is quoted, the desk trades by all of them. */
function booksOf({ engine, instruments }: HealthyApp): Check {
	const quoted = new Set(engine.quoters.map(({ market }) => market.instrument.index));
	const needed = instruments.filter(({ index }) => quoted.size === 0 || quoted.has(index));
	const bad = needed.filter(({ index }) => engine.market(index)?.isBookTrusted !== true).map(({ id }) => id);
	const sentence = bad.length === 0 ? `all ${needed.length} books are trusted` : `not trusted: ${named(bad)}`;
	return { name: 'books', isGood: bad.length === 0, sentence };
}

function pauseOf({ engine: { levels } }: HealthyApp): Check {
	const isGood = levels.level === 'run';
	return {
		name: 'level',
		isGood,
		sentence: isGood ? 'nothing is paused' : `${LEVELS[levels.level]}: ${levels.reason ?? 'no reason given'}`,
	};
}

const LEVELS = {
	run: 'running',
	pauseQuoting: 'quoting is paused',
	reduceOnly: 'positions may only shrink',
	kill: 'stopped',
} as const;

/** A symbol that stands still alone leaves the others trading: it is told of, and everything else is ready. */
function holdsOf(
	{ engine: { levels }, instruments }: HealthyApp,
	monoMs: Parameters<App['engine']['levels']['holdsOf']>[1],
): Check {
	const held = instruments.filter(({ index }) => levels.holdsOf(index, monoMs).length > 0).map(({ id }) => id);
	return { name: 'symbols', isGood: true, sentence: held.length === 0 ? 'no symbol is held' : `held: ${named(held)}` };
}

function named(ids: readonly string[]): string {
	const rest = ids.length - NAMED_MAX;
	return `${ids.slice(0, NAMED_MAX).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
