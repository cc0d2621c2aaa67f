/**
 * The course of single ticks, as a thing that is handed in: whoever works says when a piece of work begins and ends, and
 * knows nothing of who looks. Like a meter it can only be written to, so that no decision can depend on it; where nobody
 * looks, a span is one object that does nothing.
 */

/**
 * `tick`: from the timer to the last answer of what it sent, or to the end of its computing where it sends nothing.
 * `flush`: the same for commands that no tick asked for. Inside of them: `plan` with a `symbol` each, `approve` (budget,
 * gate and bus, once a piece), `journal`, and `batch`: from the bus to its answer, with the `call` on the wire inside.
 */
export type SpanName = 'tick' | 'flush' | 'plan' | 'symbol' | 'approve' | 'journal' | 'batch' | 'call';

export interface Span {
	/** A part of this one; `subject` is the instrument, where it is about one. */
	start(name: SpanName, subject?: string): Span;
	/** Ends this one, and begins the next beside it at the same moment: one look at the clock for both. */
	next(name: SpanName, subject?: string): Span;
	set(key: string, value: string | number): void;
	/** Once; again does nothing. */
	end(): void;
}

export interface Tracer {
	/** A trace of its own. */
	start(name: 'tick' | 'flush'): Span;
}

export const NO_SPAN: Span = {
	start: () => NO_SPAN,
	next: () => NO_SPAN,
	set: () => {},
	end: () => {},
};

/** Where nobody looks. */
export const NO_TRACER: Tracer = { start: () => NO_SPAN };
