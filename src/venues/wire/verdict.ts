/** What venues have in common when they say no: how it is judged, and how their text is shown. Each has tables of its own. */
import type { FailureClass, Outcome } from '../../domain/outcome.ts';
import { timeMs } from '../../domain/units.ts';

/** Orders change something; reads can be asked again. */
export type CallKind = 'order' | 'read';

export interface Verdict {
	readonly class: FailureClass;
	/** "No such order": no proof of how it ended. */
	readonly gone: boolean;
	/** In words of ours. */
	readonly meaning: string;
}

/** Sent, and nothing is known: the end of the time in which the venue would still take it belongs to it. */
export function unknownOutcome(reason: string, mayLandUntilMs: number | undefined): Outcome {
	return mayLandUntilMs === undefined
		? { kind: 'unknown', reason }
		: { kind: 'unknown', reason, mayLandUntilMs: timeMs(Math.floor(mayLandUntilMs)) };
}

const TEXT_LENGTH_MAX = 160;

/** Text of a venue, fit for logs and screens: no control characters, no length without end (F83). */
export function venueText(text: string): string {
	const short = text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text;
	return short.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, ' ');
}
