/** Which answers are worth asking again for: what is refused for good, a wrong key or a ban, is not asked again. */
import type { AgainJudge } from '../wire/patience.ts';
import type { VenueClock } from '../wire/venue-clock.ts';
import type { RestAnswer } from './rest-answer.ts';

export function againJudge(venueClock: Pick<VenueClock, 'venueNowMs'>): AgainJudge<RestAnswer> {
	return (answer) => {
		if (!isWorthRepeating(answer)) return undefined;
		const resetAtMs = answer.kind === 'refused' && answer.verdict.class === 'rate-limited' ? answer.limits?.resetAtMs : undefined;
		return { waitMs: resetAtMs === undefined ? undefined : resetAtMs - venueClock.venueNowMs() };
	};
}

function isWorthRepeating(answer: RestAnswer): boolean {
	switch (answer.kind) {
		case 'ok':
			return false;
		case 'lost':
			return answer.reason !== 'aborted' && answer.reason !== 'tls' && answer.reason !== 'resting';
		case 'unreadable':
			return true;
		case 'refused': {
			const { class: failure } = answer.verdict;
			return !answer.isBan && (failure === 'transient' || failure === 'rate-limited' || failure === 'ambiguous');
		}
	}
}
