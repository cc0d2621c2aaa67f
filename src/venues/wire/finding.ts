/** What a look at a venue found: one plain sentence a check, and whether quoting may start. */

/** `problem`: quoting must not start. */
export type Level = 'ok' | 'note' | 'warning' | 'problem';

/** What to make of a key that can withdraw (F86): a doctor tells it, a start refuses it, unless it was accepted. */
export type WithdrawalRight = 'told' | 'refused' | 'accepted';

export interface Finding {
	/** A short name, for lists and scripts. */
	readonly check: string;
	readonly level: Level;
	readonly sentence: string;
	/** Of the key that is known: whose it is, as the venue numbers accounts. */
	readonly account?: string;
	/** When the key ends, where it does. */
	readonly endsAtMs?: number;
	/** It could not be found out, and may be the next time: no answer came, or none that was about this. */
	readonly isPassing?: true;
}

/** Whether quoting must not start, warnings or not. */
export function hasProblem(findings: readonly Finding[]): boolean {
	return findings.some(({ level }) => level === 'problem');
}
