/**
 * The request that is inside the venue at this moment, if any. Façades answer at once, so there is never more than one:
 * what the exchange is asked meanwhile is asked for its sake, and what it is asked at other times (by the market, by
 * whoever looks up the truth) is nobody's request and suffers no fault.
 */

import type { FaultName } from './catalogue.ts';
import type { Candidate, Strike } from './strike.ts';

/** A strike that holds for a whole request, however often the venue looks; it counts once, when it first shows. */
export interface Lasting<Name extends FaultName> {
	readonly parameters: Strike<Name>['parameters'];
	show(): void;
}

export class Present {
	readonly candidate: Candidate;
	/** As the venue believes. */
	readonly nowMs: number;
	/** Of a batch, else 1. */
	readonly itemCount: number;
	/** Which items of a batch fail. */
	failing: readonly boolean[] | undefined;
	itemIndex = 0;
	readonly #lasting = new Map<FaultName, unknown>();

	constructor(candidate: Candidate, nowMs: number, itemCount: number) {
		this.candidate = candidate;
		this.nowMs = nowMs;
		this.itemCount = itemCount;
	}

	/** A request that only looks. */
	get isRead(): boolean {
		return this.candidate.operation === '';
	}

	/** Drawn at the first question, the same for all others. */
	lasting<Name extends FaultName>(name: Name, draw: () => Strike<Name> | undefined): Lasting<Name> | null {
		if (!this.#lasting.has(name)) this.#lasting.set(name, lastingOf(draw()));
		// Under a name stands only what was drawn for it, two lines above.
		return this.#lasting.get(name) as Lasting<Name> | null;
	}
}

export class PresentRequest {
	#current: Present | null = null;
	#lost: 'never' | 'reset' | null = null;

	get current(): Present | null {
		return this.#current;
	}

	during<Result>(present: Present, work: () => Result): Result {
		const before = this.#current;
		this.#current = present;
		this.#lost = null;
		try {
			return work();
		} finally {
			this.#current = before;
		}
	}

	/** The reply of this request is not to arrive. */
	lose(answer: 'never' | 'reset'): void {
		this.#lost = answer;
	}

	/** For whoever carries the reply: how it gets lost, said once. */
	takeLost(): 'never' | 'reset' | null {
		const lost = this.#lost;
		this.#lost = null;
		return lost;
	}
}

function lastingOf<Name extends FaultName>(strike: Strike<Name> | undefined): Lasting<Name> | null {
	if (strike === undefined) return null;
	let isShown = false;
	return {
		parameters: strike.parameters,
		show: () => {
			if (!isShown) strike.count();
			isShown = true;
		},
	};
}
