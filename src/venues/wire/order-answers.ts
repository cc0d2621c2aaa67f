/**
 * What an answer says about each command of a call, as far as venues say it alike. An answer is evidence and judged as
 * such: only the venue's word for an order's own id counts, and where it has none the order is in doubt, never refused and
 * never accepted (F09 to F11).
 */
import type { Verb } from '../../domain/command.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { unknownOutcome, type Verdict, venueText } from './verdict.ts';

export interface Judged {
	readonly outcomes: readonly Outcome[];
	/** One at least was one too many for the venue's rate limit. */
	readonly isRateRefused: boolean;
	/** Codes with which items were refused, each once. */
	readonly codes: readonly number[];
}

/** A command as far as its answer is concerned. */
export interface Commanded {
	readonly kind: Verb;
	readonly orderId: string;
}

/** A call as far as its answer is concerned. */
export interface Asked {
	readonly commands: readonly Commanded[];
	/** By the venue's clock: until when it would take what was sent. The answer may know it better. */
	readonly mayLandUntilMs: number;
}

/** What became of one command that was refused in these words; each venue has its own view of that. */
export type OutcomeOf = (
	verdict: Verdict,
	of: { readonly verb: Verb; readonly reason: string; readonly mayLandUntilMs: number | undefined },
) => Outcome;

type Whole = { readonly mayLandUntilMs: number | undefined } & (
	| { readonly kind: 'refused'; readonly code: number; readonly message: string; readonly verdict: Verdict }
	| { readonly kind: 'lost'; readonly sent: boolean; readonly reason: string }
	| { readonly kind: 'unreadable'; readonly status: number }
);

/** One word for the whole call: a refusal, or the news that no answer will come. */
export function judgeWhole(answer: Whole, { commands, mayLandUntilMs: latestMs }: Asked, outcomeOf: OutcomeOf): Judged {
	const asked = { commands, mayLandUntilMs: answer.mayLandUntilMs ?? latestMs };
	switch (answer.kind) {
		case 'refused': {
			const { code, message, verdict } = answer;
			const reason = reasonOf(verdict, code, message);
			const outcomes = commands.map(({ kind: verb }) =>
				outcomeOf(verdict, { verb, reason, mayLandUntilMs: asked.mayLandUntilMs }),
			);
			return { outcomes, isRateRefused: verdict.class === 'rate-limited', codes: [code] };
		}
		case 'lost':
			return answer.sent
				? allUnknown(asked, `no answer: ${answer.reason}`)
				: every(commands, { kind: 'rejected', class: 'transient', gone: false, reason: `not sent: ${answer.reason}` });
		case 'unreadable':
			return allUnknown(asked, `the answer cannot be read (status ${answer.status})`);
	}
}

export function reasonOf({ meaning }: Verdict, code: number, message: string): string {
	return `${meaning} (${code} ${venueText(message)})`;
}

export function allUnknown({ commands, mayLandUntilMs }: Asked, reason: string): Judged {
	return every(commands, unknownOutcome(reason, mayLandUntilMs));
}

/** Two words about one order, of which at most one is a refusal, since a refusal counts at home only. */
export function agree(a: Outcome, b: Outcome): boolean {
	return a.kind === 'accepted' && b.kind === 'accepted' && a.venueOrderId === b.venueOrderId;
}

/** Of the command with this id, looked for at home first; -1 where there is none. */
export function positionOf(orderId: string, commands: readonly Commanded[], home: number): number {
	if (commands[home]?.orderId === orderId) return home;
	return commands.findIndex((command) => command.orderId === orderId);
}

function every(commands: readonly Commanded[], outcome: Outcome): Judged {
	return { outcomes: commands.map(() => outcome), isRateRefused: false, codes: [] };
}
