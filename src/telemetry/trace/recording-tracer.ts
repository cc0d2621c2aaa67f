/**
 * HOT: writes down the course of ticks: an object and two readings of the clock for a span, and nothing else while
 * anybody waits. A trace is told when it is over, and only where something was sent in it: most ticks find nothing to do,
 * and nobody looks for them. Budget: bench/telemetry/tracing. Fence: nobody but this file changes a span.
 */
import type { Clock } from '../../ports/clock.ts';
import { NO_SPAN, type Span, type SpanName, type Tracer } from '../../ports/tracer.ts';

/** A tick of 500 symbols with all of their calls is a third of this; what comes behind is not written down. */
export const SPANS_OF_TRACE_MAX = 4_000;

export interface RecordedSpan {
	readonly name: SpanName;
	readonly subject: string | undefined;
	readonly parent: RecordedSpan | undefined;
	readonly startMono: number;
	/** Not a number while it lasts. */
	readonly endMono: number;
	/** Keys and values in turns. */
	readonly values: readonly (string | number)[] | undefined;
}

export interface RecordedTrace {
	/** The first is the root, and each stands behind its parent. */
	readonly spans: readonly RecordedSpan[];
}

class Spans implements RecordedTrace {
	readonly spans: Recording[] = [];
	readonly clock: Clock;
	readonly tell: (trace: RecordedTrace) => void;
	hasSent = false;
	isOver = false;

	constructor(clock: Clock, tell: (trace: RecordedTrace) => void) {
		this.clock = clock;
		this.tell = tell;
	}

	begin(name: SpanName, subject: string | undefined, parent: Recording | undefined, startMono: number): Span {
		if (this.isOver || this.spans.length === SPANS_OF_TRACE_MAX) return NO_SPAN;
		if (name === 'call') this.hasSent = true;
		const span = new Recording(name, subject, parent, startMono, this);
		this.spans.push(span);
		return span;
	}

	/** What nobody ended, ends with the whole. */
	end(nowMono: number): void {
		this.isOver = true;
		if (!this.hasSent) return;
		for (const span of this.spans) if (Number.isNaN(span.endMono)) span.endMono = nowMono;
		this.tell(this);
	}
}

class Recording implements Span, RecordedSpan {
	readonly name: SpanName;
	readonly subject: string | undefined;
	readonly parent: Recording | undefined;
	readonly startMono: number;
	endMono = Number.NaN;
	/** Most have none. */
	values: (string | number)[] | undefined = undefined;
	readonly #trace: Spans;

	// An object for what is handed over would cost as much as the span.
	constructor(name: SpanName, subject: string | undefined, parent: Recording | undefined, startMono: number, trace: Spans) {
		this.name = name;
		this.subject = subject;
		this.parent = parent;
		this.startMono = startMono;
		this.#trace = trace;
	}

	start(name: SpanName, subject?: string): Span {
		return this.#trace.begin(name, subject, this, this.#trace.clock.monotonicMs());
	}

	next(name: SpanName, subject?: string): Span {
		const nowMono = this.#trace.clock.monotonicMs();
		this.#endAt(nowMono);
		return this.#trace.begin(name, subject, this.parent, nowMono);
	}

	set(key: string, value: string | number): void {
		if (this.#trace.isOver) return;
		this.values ??= [];
		this.values.push(key, value);
	}

	end(): void {
		this.#endAt(this.#trace.clock.monotonicMs());
	}

	#endAt(nowMono: number): void {
		if (!Number.isNaN(this.endMono)) return;
		this.endMono = nowMono;
		if (this.parent === undefined) this.#trace.end(nowMono);
	}
}

export class RecordingTracer implements Tracer {
	readonly #clock: Clock;
	readonly #tell: (trace: RecordedTrace) => void;

	/** `tell` is called in the middle of somebody's work: it may put the trace aside, and no more. */
	constructor(clock: Clock, tell: (trace: RecordedTrace) => void) {
		this.#clock = clock;
		this.#tell = tell;
	}

	start(name: 'tick' | 'flush'): Span {
		return new Spans(this.#clock, this.#tell).begin(name, undefined, undefined, this.#clock.monotonicMs());
	}
}
