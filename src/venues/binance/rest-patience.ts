/** Which answers are worth asking again for: what is refused for good, a wrong key or a ban, is not asked again. */
import type { RestAnswer } from './rest-answer.ts';

export function again(answer: RestAnswer): { readonly waitMs: number | undefined } | undefined {
	switch (answer.kind) {
		case 'ok':
			return undefined;
		case 'lost':
			return answer.reason === 'aborted' || answer.reason === 'tls' || answer.reason === 'resting' ? undefined : AT_ANY_TIME;
		case 'unreadable':
			return AT_ANY_TIME;
		case 'refused': {
			const { class: failure } = answer.verdict;
			const isPassing = failure === 'transient' || failure === 'rate-limited' || failure === 'ambiguous';
			return isPassing && !answer.isBan ? { waitMs: answer.retryAfterMs } : undefined;
		}
	}
}

/**
 * Of cancels and the like, which wait for no room. One too many is not sent again while the window lasts that it was too many
 * in: who goes on then is shut out (F52, F53).
 */
export function orderAgain(answer: RestAnswer): ReturnType<typeof again> {
	return answer.kind === 'refused' && answer.verdict.class === 'rate-limited' ? undefined : again(answer);
}

const AT_ANY_TIME = { waitMs: undefined };
