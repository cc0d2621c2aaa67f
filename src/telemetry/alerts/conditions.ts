/**
 * From what stands still and why to alerts: each cause of a pause or a hold has a code of its own, and a cause that nobody
 * thought of here is told of all the same (I26). Pure.
 */
import type { EngineNote } from '../../engine/ports.ts';
import type { Condition } from './alert-book.ts';
import type { AlertCode } from './alert-codes.ts';

/** Why something stands still; as `RiskLevels` tells it. */
export interface StandingCause {
	readonly cause: string;
	readonly reason: string;
}

/** What stands still now. */
export interface Picture {
	readonly latch: { readonly level: 'reduceOnly' | 'kill'; readonly reason: string } | undefined;
	readonly pauses: readonly StandingCause[];
	readonly symbols: readonly { readonly id: string; readonly venue: string; readonly holds: readonly StandingCause[] }[];
}

/** Those with a venue in front, such as `bybit ban`, stand under what is behind it. */
const OF_PAUSE: ReadonlyMap<string, AlertCode> = new Map<string, AlertCode>([
	['operator', 'paused-by-operator'],
	['sentinel', 'no-sentinel'],
	['warm-up', 'warming-up'],
	['recovery', 'recovering'],
	['reconcile', 'comparing'],
	['private stream', 'orders-unheard'],
	['ban', 'banned'],
	['unknown', 'orders-in-doubt'],
	['slow journal', 'journal-slow'],
	['journal', 'journal-refused'],
	['clock', 'clock-off'],
	['throttling', 'throttled'],
]);

const OF_HOLD: ReadonlyMap<string, AlertCode> = new Map<string, AlertCode>([
	['operator', 'paused-by-operator'],
	['guard', 'unguarded'],
	['strategy', 'strategy-failed'],
	['position mode', 'account-mode'],
	['margin mode', 'account-mode'],
	['runaway', 'runaway'],
	['book', 'book-stale'],
	['outlier', 'price-outlier'],
	['symbol-mode', 'not-trading'],
	['lag', 'loop-lagged'],
	['breaker', 'orders-refused'],
	['flatten', 'symbol-closing'],
	['exit', 'symbol-closing'],
	['stricter-limits', 'limits-tightened'],
]);

const OF_PICTURE: ReadonlySet<AlertCode> = new Set([
	...OF_PAUSE.values(),
	...OF_HOLD.values(),
	...(['killed', 'reduce-only', 'paused', 'symbol-held'] as const),
]);

/** Whether an alert is one that `conditionsOf` tells of, and so ends when it does not any more. */
export function isOfPicture(code: AlertCode): boolean {
	return OF_PICTURE.has(code);
}

/** Bounded by the symbols there are times the causes there are. */
export function conditionsOf({ latch, pauses, symbols }: Picture): readonly Condition[] {
	const conditions: Condition[] = [];
	if (latch !== undefined) {
		conditions.push({ code: latch.level === 'kill' ? 'killed' : 'reduce-only', sentence: latch.reason });
	}
	for (const { cause, reason } of pauses) {
		const [kind, venue] = withoutVenue(cause);
		const code = OF_PAUSE.get(kind);
		conditions.push({ code: code ?? 'paused', sentence: reason, venue, subject: cause });
	}
	for (const { id, venue, holds } of symbols) {
		for (const { cause, reason } of holds) {
			conditions.push({ code: OF_HOLD.get(cause) ?? 'symbol-held', sentence: reason, symbol: id, venue, subject: cause });
		}
	}
	return conditions;
}

function withoutVenue(cause: string): readonly [string, string | undefined] {
	const space = cause.indexOf(' ');
	const behind = cause.slice(space + 1);
	if (space < 0 || OF_PAUSE.has(cause) || !OF_PAUSE.has(behind)) return [cause, undefined];
	return [behind, cause.slice(0, space)];
}

/** What happened and is over, or began with this note; the rest stands in the picture or is nobody's trouble. */
export function happeningOf(note: EngineNote): Condition | undefined {
	switch (note.kind) {
		case 'exitRefused': {
			const sentence = `the exit of decision ${note.decisionId} may not leave yet (${note.reason}); it is tried again`;
			return { code: 'exit-refused', subject: note.decisionId, sentence };
		}
		case 'flattenRefused': {
			const sentence = `${note.instrument}: the next slice may not leave yet (${note.reason}); it is tried again`;
			return { code: 'exit-refused', symbol: note.instrument, sentence };
		}
		case 'unwatched': {
			const sentence = `${note.instrument} is not listed any more: what decision ${note.decisionId} opened there is not watched`;
			return { code: 'unwatched', symbol: note.instrument, subject: note.decisionId, sentence };
		}
		case 'refusedAgain': {
			const sentence = `the venue refuses orders of ${note.instrument} again and again (${note.reason}); they are tried less and less often`;
			return { code: 'orders-refused', symbol: note.instrument, subject: 'slot', sentence };
		}
		case 'clockOff': {
			const sentence = `our clock and that of ${note.venue} differ by ${Math.round(note.offsetMs)} ms`;
			return { code: 'clock-drifts', venue: note.venue, sentence };
		}
		case 'tooOldToBook':
			return {
				code: 'old-execution',
				sentence: `execution ${note.executionId} is older than all that we remember: compare the position`,
			};
		case 'strategyFailed':
		case 'paused':
		case 'resumed':
		case 'gateShut':
		case 'held':
		case 'leverageChanged':
		case 'flattened':
		case 'decisionOrder':
		case 'foreignOrders':
		case 'filled':
			return undefined;
	}
}
