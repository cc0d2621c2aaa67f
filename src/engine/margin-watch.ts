/**
 * How near the venue is to closing our positions by force (KL3). Our own limits keep far away from that, so it says that
 * something else is at work: money that left, a position of somebody else, a market that ran. Then only what reduces may
 * leave, until a person has looked.
 */
import type { CensusEvent } from '../domain/event.ts';
import type { MonoMs } from '../domain/units.ts';

/** Half way to it. */
export const MARGIN_USED_MAX = 0.5;

export function judgeMargin(
	{ venue, found, monoMs: nowMono }: CensusEvent,
	reduceOnly: (reason: string, nowMono: MonoMs) => void,
): void {
	const used = found?.marginUsed;
	if (used === undefined || used < MARGIN_USED_MAX) return;
	const share = Number.isFinite(used) ? `${(used * 100).toFixed(1)} %` : 'more than all';
	reduceOnly(
		`${share} of the margin at ${venue} has to be kept (limit ${MARGIN_USED_MAX * 100} %): at 100 % positions are closed by force`,
		nowMono,
	);
}
