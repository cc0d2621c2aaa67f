/**
 * How work over the network ends: well, or as a failure that is a value and says what may be done about it. All
 * policies of this room take work of this form and give this form back, so they can be put inside each other in any
 * order. Work that throws has a bug, or was not wrapped in `attempt`; it becomes a failure of class `fatal`.
 */
/** The same words that the engine uses for a venue's refusals. */
export type FailureClass =
	| 'transient' // try again
	| 'rate-limited' // try again later
	| 'clock' // our time was off; try again once it is set
	| 'auth'
	| 'fatal' // the same again will fail the same way
	| 'ambiguous' // perhaps done: never again by itself
	| 'benign'; // what was wanted is so already

export type FailureReason =
	| 'error' // the work says so
	| 'threw'
	| 'timeout'
	| 'aborted' // the caller's signal
	| 'closed' // the policy was disposed of
	| 'open' // the circuit is
	| 'full' // the queue is
	| 'rate'; // no room in a window before the deadline

export interface Failure {
	readonly kind: 'failed';
	readonly reason: FailureReason;
	readonly class: FailureClass;
	/** One sentence for people. */
	readonly detail: string;
	/** Whoever refused says when to come back: a Retry-After or reset header, an open circuit, a full window. */
	readonly retryAfterMs?: number | undefined;
	readonly cause?: unknown;
}

export interface Ok<T> {
	readonly kind: 'ok';
	readonly value: T;
}

export type Result<T> = Ok<T> | Failure;

/** Ends soon after the signal says so, if it can. */
export type Work<T> = (signal: AbortSignal) => Promise<Result<T>>;

export function ok<T>(value: T): Ok<T> {
	return { kind: 'ok', value };
}

export function failed(failure: Omit<Failure, 'kind'>): Failure {
	return { kind: 'failed', ...failure };
}

/** Work out of a call that throws what it expects; the caller says what each error means. */
export function attempt<T>(call: (signal: AbortSignal) => Promise<T>, classOf: (error: unknown) => FailureClass): Work<T> {
	return async (signal) => {
		try {
			return ok(await call(signal));
		} catch (error: unknown) {
			// Called off half-way: that says nothing about the other side, and the call may have done what it was for.
			if (signal.aborted) return abortedMidway();
			return failed({ reason: 'error', class: classOf(error), detail: describe(error), cause: error });
		}
	};
}

/** Does the work and never rejects. */
export async function perform<T>(work: Work<T>, signal: AbortSignal): Promise<Result<T>> {
	try {
		return await work(signal);
	} catch (error: unknown) {
		return failed({ reason: 'threw', class: 'fatal', detail: describe(error), cause: error });
	}
}

function describe(error: unknown): string {
	return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** For work whose caller has no signal. */
export const NEVER_ABORTED: AbortSignal = new AbortController().signal;

/** Before it began. */
export function aborted(): Failure {
	return failed({ reason: 'aborted', class: 'fatal', detail: 'called off before it began' });
}

export function abortedMidway(): Failure {
	return failed({ reason: 'aborted', class: 'ambiguous', detail: 'called off while under way' });
}

export function closed(what: string): Failure {
	return failed({ reason: 'closed', class: 'fatal', detail: `the ${what} is closed` });
}
