/**
 * A circuit breaker: after so many failures in a row nobody asks for a while, then one probe decides.
 *
 *             failureThreshold in a row            recoveryMs later, with the next caller
 *   closed ───────────────────────────────► open ─────────────────────────────────────────► half-open
 *     ▲                                       ▲                                               │   │
 *     │                                       └───────────────── the probe fails ─────────────┘   │
 *     └───────────────────────────── the probe succeeds, or is refused ───────────────────────────┘
 *
 * An expected error is an answer from a healthy endpoint: it neither adds to the failures nor forgets them. What never
 * reached the endpoint proves nothing either way. Needs no timer: time is asked for when somebody comes.
 */
import type { Clock } from '../ports/clock.ts';
import {
	aborted,
	closed,
	type Failure,
	type FailureReason,
	failed,
	NEVER_ABORTED,
	perform,
	type Result,
	type Work,
} from './result.ts';

export type BreakerState = 'closed' | 'open' | 'half-open';

export interface BreakerSettings {
	readonly failureThreshold: number;
	readonly recoveryMs: number;
	/** Answers of an endpoint that is well. */
	isExpected(failure: Failure): boolean;
}

export const BREAKER_SETTINGS: BreakerSettings = {
	failureThreshold: 5,
	recoveryMs: 60_000,
	isExpected: ({ class: failureClass }) => failureClass !== 'transient' && failureClass !== 'ambiguous',
};

export interface BreakerOptions {
	readonly clock: Clock;
	/** The endpoint group, as people know it. */
	readonly name: string;
	readonly settings?: Partial<BreakerSettings>;
	readonly onChange?: (state: BreakerState, name: string) => void;
}

export interface BreakerFigures {
	readonly name: string;
	readonly state: BreakerState;
	/** In a row, while closed. */
	readonly failureCount: number;
	/** 0 unless open. */
	readonly retryInMs: number;
}

/** What happened to a call that the breaker let through; said once, later words change nothing. */
export interface Passage {
	succeeded(): void;
	failed(failure: Failure): void;
}

/** They tell about us, not about the endpoint. */
const NO_EVIDENCE: readonly FailureReason[] = ['threw', 'aborted', 'closed', 'open', 'full', 'rate'];

export class CircuitBreaker implements AsyncDisposable {
	readonly #clock: Clock;
	readonly #name: string;
	readonly #settings: BreakerSettings;
	readonly #onChange: BreakerOptions['onChange'];
	#state: BreakerState = 'closed';
	/** Counts changes of state, so that calls from before the last one are no evidence. */
	#epoch = 0;
	#failureCount = 0;
	#openUntilMono = 0;
	#isProbing = false;
	#isClosed = false;

	constructor({ clock, name, settings, onChange }: BreakerOptions) {
		this.#clock = clock;
		this.#name = name;
		this.#settings = { ...BREAKER_SETTINGS, ...settings };
		this.#onChange = onChange;
	}

	/** For callers without promises: a passage whose end they report, or a refusal. */
	enter(): Passage | Failure {
		if (this.#isClosed) return closed('circuit breaker');
		if (this.#state === 'open' && this.#clock.monotonicMs() >= this.#openUntilMono) this.#change('half-open');
		if (this.#state === 'open' || this.#isProbing) return this.#refusal();
		this.#isProbing = this.#state === 'half-open';
		return this.#passage();
	}

	async run<T>(work: Work<T>, signal: AbortSignal = NEVER_ABORTED): Promise<Result<T>> {
		if (signal.aborted) return aborted();
		const passage = this.enter();
		if ('kind' in passage) return passage;
		const result = await perform(work, signal);
		if (result.kind === 'ok') passage.succeeded();
		else passage.failed(result);
		return result;
	}

	get figures(): BreakerFigures {
		const retryInMs = this.#state === 'open' ? Math.max(0, this.#openUntilMono - this.#clock.monotonicMs()) : 0;
		return { name: this.#name, state: this.#state, failureCount: this.#failureCount, retryInMs };
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#isClosed = true;
	}

	#passage(): Passage {
		const epoch = this.#epoch;
		let isOver = false;
		const end = (apply: () => void): void => {
			if (!isOver && epoch === this.#epoch) apply();
			isOver = true;
		};
		return {
			succeeded: () => end(() => this.#applySuccess()),
			failed: (failure) => end(() => this.#applyFailure(failure)),
		};
	}

	#applySuccess(): void {
		this.#failureCount = 0;
		if (this.#state === 'half-open') this.#change('closed');
	}

	#applyFailure(failure: Failure): void {
		this.#isProbing = false;
		if (NO_EVIDENCE.includes(failure.reason)) return;
		if (this.#settings.isExpected(failure)) {
			if (this.#state === 'half-open') this.#change('closed');
			return;
		}
		this.#failureCount += 1;
		if (this.#state === 'half-open' || this.#failureCount >= this.#settings.failureThreshold) this.#change('open');
	}

	#change(state: BreakerState): void {
		this.#state = state;
		this.#epoch += 1;
		this.#isProbing = false;
		if (state === 'open') this.#openUntilMono = this.#clock.monotonicMs() + this.#settings.recoveryMs;
		if (state === 'closed') this.#failureCount = 0;
		this.#onChange?.(state, this.#name);
	}

	#refusal(): Failure {
		const { state, retryInMs } = this.figures;
		return failed({
			reason: 'open',
			class: 'transient',
			detail: state === 'open' ? `${this.#name} failed too often, it rests` : `${this.#name} is being probed by another call`,
			retryAfterMs: state === 'open' ? retryInMs : undefined,
		});
	}
}

/** One breaker for each endpoint group, made when first asked for. */
export class CircuitBreakers implements AsyncDisposable {
	readonly #options: Omit<BreakerOptions, 'name'>;
	readonly #byName = new Map<string, CircuitBreaker>();

	constructor(options: Omit<BreakerOptions, 'name'>) {
		this.#options = options;
	}

	of(name: string): CircuitBreaker {
		const known = this.#byName.get(name);
		if (known !== undefined) return known;
		// Groups are named in code; so many can only mean that somebody took addresses for names.
		if (this.#byName.size >= GROUPS_MAX) throw new Error(`more than ${GROUPS_MAX} endpoint groups, the last one ${name}`);
		const breaker = new CircuitBreaker({ ...this.#options, name });
		this.#byName.set(name, breaker);
		return breaker;
	}

	get figures(): readonly BreakerFigures[] {
		return [...this.#byName.values()].map((breaker) => breaker.figures);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const breaker of this.#byName.values()) await breaker[Symbol.asyncDispose]();
	}
}

const GROUPS_MAX = 256;
