/** What a call over REST may come to on every venue; how it is answered, and refused, each says for itself. */
import type { LostReason } from '../../network/transport.ts';
import type { Verdict } from './verdict.ts';

export interface LostAnswer {
	readonly kind: 'lost';
	/** False only when no byte has left. */
	readonly sent: boolean;
	readonly reason:
		| LostReason
		/** The socket died. */
		| 'disconnected'
		/** Not asked: this endpoint has failed too often of late. */
		| 'resting';
	readonly detail: string;
	readonly mayLandUntilMs: number | undefined;
}

/** Not the venue's own words. */
export interface UnreadableAnswer {
	readonly kind: 'unreadable';
	readonly status: number;
	readonly detail: string;
	readonly verdict: Verdict;
	readonly mayLandUntilMs: number | undefined;
}

export interface Reply {
	readonly status: number;
	readonly body: Uint8Array;
	header(name: string): string | undefined;
}

type Answered =
	| { readonly kind: 'ok' }
	| { readonly kind: 'refused'; readonly code: number; readonly verdict: Verdict }
	| LostAnswer
	| UnreadableAnswer;

/**
 * Whether the call as such went wrong: lost, unreadable, or turned away before anybody looked at what was asked. A refusal
 * of what was asked is the venue at work. Giving up by ourselves is nobody's failure.
 */
export function hasFailed(answer: Answered, isStatus: (code: number) => boolean): boolean {
	switch (answer.kind) {
		case 'ok':
			return false;
		case 'lost':
			return answer.reason !== 'aborted';
		case 'unreadable':
			return true;
		case 'refused': {
			const { class: failure } = answer.verdict;
			return isStatus(answer.code) || (failure !== 'fatal' && failure !== 'benign');
		}
	}
}
