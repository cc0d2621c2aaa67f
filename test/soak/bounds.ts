/**
 * What may be how large. A place that is listed must stay within its bound; one that is not must not grow once the
 * program has warmed up.
 */
import { CLOSED_ORDERS_MAX, HELD_FILLS_MAX } from '../../src/execution/order-manager.ts';
import { EXECUTIONS_REMEMBERED_MAX, FUNDINGS_REMEMBERED_MAX } from '../../src/portfolio/account.ts';
import { RISK_LIMITS } from '../../src/risk/limits.ts';
import { PARENTS_MAX } from '../../src/risk/parents.ts';
import { WAITING_RECORDS_MAX } from '../../src/storage/journal-writer.ts';
import { FOLLOWED_ORDERS_MAX } from '../../src/venues/wire/fill-watch.ts';
import type { Sizes } from './collections.ts';

/** Those that are over and still owe us fills stay longer, up to half as many more. */
const KNOWN_CLOSED_MAX = CLOSED_ORDERS_MAX * 1.5;
/** A queue lets go of its emptied front when that is longer than the rest. */
const QUEUE_ROOM = 2;
/** Of the rate budget: those of a window, and what is spent until it is cleared away, some hundreds each. */
const WINDOW_ENTRIES_MAX = 1_024;

interface Bound {
	/** Of a place's name; the first that fits counts. */
	readonly ends: string;
	readonly max: number;
	/** What a session under load comes to after some minutes, and stays at; its memory says nothing before. */
	readonly fullAt?: number;
}

const BOUNDS: readonly Bound[] = [
	{ ends: '.engine.orders.#orders', max: KNOWN_CLOSED_MAX + RISK_LIMITS.openOrdersMax, fullAt: CLOSED_ORDERS_MAX },
	{ ends: '.#byVenueId[]', max: KNOWN_CLOSED_MAX + RISK_LIMITS.openOrdersMax },
	{ ends: '.#closed.#recent.#items', max: (CLOSED_ORDERS_MAX + 1) * QUEUE_ROOM, fullAt: CLOSED_ORDERS_MAX },
	{ ends: '.#closed.#owing.#items', max: (CLOSED_ORDERS_MAX / 2 + 1) * QUEUE_ROOM },
	{ ends: '.#heldFills', max: HELD_FILLS_MAX },
	{ ends: '.#executions.#known', max: EXECUTIONS_REMEMBERED_MAX, fullAt: EXECUTIONS_REMEMBERED_MAX },
	{ ends: '.#executions.#ids', max: EXECUTIONS_REMEMBERED_MAX },
	{ ends: '.#fundings.#known', max: FUNDINGS_REMEMBERED_MAX },
	{ ends: '.#fundings.#ids', max: FUNDINGS_REMEMBERED_MAX },
	{ ends: '.#feed.#fills.#orders', max: FOLLOWED_ORDERS_MAX, fullAt: FOLLOWED_ORDERS_MAX },
	{ ends: '.#writer.#waiting', max: WAITING_RECORDS_MAX },
	{ ends: '.#parents', max: PARENTS_MAX },
	{ ends: '.#rates.#slots[].atMono', max: RISK_LIMITS.slotActionsPerMinMax * QUEUE_ROOM },
	{ ends: '.#windows[].#atMono', max: WINDOW_ENTRIES_MAX },
	{ ends: '.#windows[].#counts', max: WINDOW_ENTRIES_MAX },
];

/** Less than this is the breathing of whatever is on its way. */
const GROWTH_MIN = 64;
const GROWTH_SHARE = 1.1;
const SHOWN_MIN = 200;

export interface Judged {
	readonly placeCount: number;
	/** The larger places, and how they grew. */
	readonly table: readonly string[];
	readonly troubles: readonly string[];
}

/** Looks in the order in which they were taken, the first after warming up. */
export function judgeSizes(looks: readonly Sizes[]): Judged {
	const last = looks.at(-1) ?? new Map<string, number>();
	const troubles: string[] = [];
	const table: string[] = [];
	for (const [place, size] of last) {
		// The same place may be come upon by another way in another look; it is told by its size where it was seen.
		const series = looks.flatMap((look) => look.get(place) ?? []);
		const most = Math.max(...series);
		const bound = BOUNDS.find(({ ends }) => place.endsWith(ends));
		if (bound !== undefined && most > bound.max) troubles.push(`${place} holds ${most}, and its bound is ${bound.max}`);
		const begun = series[0] ?? 0;
		const isGrowing = size > begun + GROWTH_MIN && size > begun * GROWTH_SHARE && isRising(series);
		if (bound === undefined && isGrowing) troubles.push(`${place} has no bound and grows: ${series.join(', ')}`);
		if (most >= SHOWN_MIN || isGrowing)
			table.push(`  ${place}: ${series.join(', ')}${bound === undefined ? '' : ` of ${bound.max}`}`);
	}
	return { placeCount: last.size, table, troubles };
}

/** What has still to fill up in this look, one sentence each. */
export function notFull(look: Sizes): readonly string[] {
	return BOUNDS.flatMap(({ ends, fullAt }) => {
		if (fullAt === undefined) return [];
		const size = Math.max(0, ...[...look].filter(([place]) => place.endsWith(ends)).map(([, each]) => each));
		return size >= fullAt ? [] : [`${ends} holds ${size} of ${fullAt}`];
	});
}

function isRising(series: readonly number[]): boolean {
	return series.every((size, at) => at === 0 || size >= (series[at - 1] ?? 0));
}
