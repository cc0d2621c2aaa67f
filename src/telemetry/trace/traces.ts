/**
 * Sends recorded traces to a collector, as OpenTelemetry has it (OTLP over HTTP). Nothing of it happens while a tick is
 * under way: traces wait, and are turned into spans of the SDK and posted a few at a time. It never stands in anybody's
 * way: what there is no room for is left out and counted, and a collector that does not answer is said once. The SDK is
 * only loaded here, and somebody who wants no traces need not have it. Its own batching is not used: its timers are not
 * ours, and at the end it gives up all that waits when one request fails.
 */
import type { Context, Span as SdkSpan, Tracer as SdkTracer } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { Tracer } from '../../ports/tracer.ts';
import { type RecordedSpan, type RecordedTrace, RecordingTracer } from './recording-tracer.ts';

/** Some seconds of a busy engine; more than that waits for nobody. */
export const WAITING_SPANS_MAX = 20_000;
/** Made and written into one request in a millisecond or two; with the pause behind it 4,000 a second at most. */
const SPANS_A_TURN = 200;
const TURN_AFTER_MS = 50;
const REQUESTS_OUT_MAX = 2;
const REQUEST_TIMEOUT_MS = 5_000;
/** A collector that hangs must not hold up the end. */
const END_WITHIN_MS = 2_000;

export interface TracesOptions {
	/** Where spans are posted to, such as http://127.0.0.1:4318/v1/traces. */
	readonly url: string;
	readonly clock: Clock;
	/** Told with every span: the version, the run. */
	readonly about: Readonly<Record<string, string>>;
	/** Sentences for the person at the terminal. */
	readonly onSay: (sentence: string) => void;
}

export interface Traces extends AsyncDisposable {
	readonly tracer: Tracer;
	/** Spans that found no room, or that the collector did not take. */
	readonly lost: number;
}

export type TracesOpened =
	| { readonly kind: 'open'; readonly traces: Traces }
	| { readonly kind: 'refused'; readonly sentence: string };

/** Posts to the path of the collector's own unless the URL has one. */
export async function openTraces(options: TracesOptions): Promise<TracesOpened> {
	const sdk = await loadSdk();
	if (sdk === undefined) return { kind: 'refused', sentence: NO_SDK };
	const { api, resources, sdkTrace, otlp } = sdk;
	const made = new Made();
	const provider = new sdkTrace.TracerProvider({
		resource: resources.resourceFromAttributes({ 'service.name': 'evenkeel', ...options.about }),
		spanProcessors: [made],
	});
	const exporter = new otlp.OTLPTraceExporter({
		url: pathedUrl(options.url),
		timeoutMillis: REQUEST_TIMEOUT_MS,
		// At the end all that waits goes out behind one another, and nothing is to be refused for that.
		concurrencyLimit: WAITING_SPANS_MAX,
	});
	const telling = new Telling(options, {
		...{ exporter, made },
		tracer: provider.getTracer('evenkeel'),
		root: api.ROOT_CONTEXT,
		within: (span) => api.trace.setSpan(api.ROOT_CONTEXT, span),
	});
	return {
		kind: 'open',
		traces: {
			tracer: new RecordingTracer(options.clock, (trace) => telling.take(trace)),
			get lost() {
				return telling.lost;
			},
			[Symbol.asyncDispose]: () => telling.end(),
		},
	};
}

const NO_SDK =
	'telemetry.traces_url is set, and the OpenTelemetry SDK is not installed: npm install @opentelemetry/sdk-trace@3 @opentelemetry/resources@3 @opentelemetry/exporter-trace-otlp-http, or take the setting out';

async function loadSdk() {
	try {
		const [api, resources, sdkTrace, otlp] = await Promise.all([
			import('@opentelemetry/api'),
			import('@opentelemetry/resources'),
			import('@opentelemetry/sdk-trace'),
			import('@opentelemetry/exporter-trace-otlp-http'),
		]);
		return { api, resources, sdkTrace, otlp };
	} catch {
		return undefined;
	}
}

function pathedUrl(url: string): string {
	const { pathname } = new URL(url);
	return pathname === '/' ? new URL('/v1/traces', url).href : url;
}

/** Where the SDK puts the spans that it has made. */
class Made implements SpanProcessor {
	spans: ReadableSpan[] = [];

	onStart(): void {}

	onEnd(span: ReadableSpan): void {
		this.spans.push(span);
	}

	async forceFlush(): Promise<void> {}

	async shutdown(): Promise<void> {}
}

interface Sdk {
	readonly tracer: SdkTracer;
	readonly made: Made;
	readonly exporter: SpanExporter;
	readonly root: Context;
	within(span: SdkSpan): Context;
}

/** Turns what was recorded into spans of the SDK and posts them, a few at a time. */
class Telling {
	lost = 0;
	readonly #options: TracesOptions;
	readonly #sdk: Sdk;
	readonly #waiting: RecordedTrace[] = [];
	#waitingCount = 0;
	/** The next span of the first that waits. */
	#at = 0;
	#contexts = new Map<RecordedSpan, Context>();
	#wallAheadMs = 0;
	readonly #out = new Set<Promise<void>>();
	#timer: Timer | undefined;
	/** The last request failed, and that was said. */
	#isSaid = false;

	constructor(options: TracesOptions, sdk: Sdk) {
		this.#options = options;
		this.#sdk = sdk;
	}

	take(trace: RecordedTrace): void {
		const { length } = trace.spans;
		if (this.#waitingCount + length > WAITING_SPANS_MAX) {
			this.lost += length;
			return;
		}
		this.#waiting.push(trace);
		this.#waitingCount += length;
		this.#timer ??= this.#options.clock.after(TURN_AFTER_MS, () => this.#turn());
	}

	/** All that waits goes out at once: nobody quotes any more. */
	async end(): Promise<void> {
		this.#timer?.cancel();
		while (this.#waitingCount > 0) this.#post();
		const { promise, resolve } = Promise.withResolvers<void>();
		const timer = this.#options.clock.after(END_WITHIN_MS, resolve);
		await Promise.race([Promise.all(this.#out), promise]);
		timer.cancel();
		void this.#sdk.exporter.shutdown().catch(() => {});
	}

	#turn(): void {
		if (this.#out.size < REQUESTS_OUT_MAX) this.#post();
		this.#timer = this.#waitingCount === 0 ? undefined : this.#options.clock.after(TURN_AFTER_MS, () => this.#turn());
	}

	#post(): void {
		this.#make();
		const { made, exporter } = this.#sdk;
		const spans = made.spans;
		made.spans = [];
		if (spans.length === 0) return;
		const { promise, resolve } = Promise.withResolvers<void>();
		this.#out.add(promise);
		exporter.export(spans, ({ code }) => {
			// The SDK calls 0 a success; to have its name for it, its core would have to be loaded.
			if (code === 0) this.#isSaid = false;
			else this.#lose(spans.length);
			this.#out.delete(promise);
			resolve();
		});
	}

	#make(): void {
		const { clock } = this.#options;
		for (let count = 0; count < SPANS_A_TURN; count += 1) {
			const span = this.#next();
			if (span === undefined) return;
			this.#waitingCount -= 1;
			// One for a whole trace: wall time comes in whole milliseconds.
			if (span.parent === undefined) this.#wallAheadMs = clock.wallMs() - clock.monotonicMs();
			const startTime = span.startMono + this.#wallAheadMs;
			const told = this.#sdk.tracer.startSpan(
				span.name,
				{ startTime, attributes: attributesOf(span) },
				this.#contextOf(span.parent),
			);
			this.#contexts.set(span, this.#sdk.within(told));
			told.end(span.endMono + this.#wallAheadMs);
		}
	}

	#next(): RecordedSpan | undefined {
		for (let [first] = this.#waiting; first !== undefined; [first] = this.#waiting) {
			const span = first.spans[this.#at];
			this.#at += 1;
			if (span !== undefined) return span;
			this.#waiting.shift();
			this.#at = 0;
			this.#contexts = new Map();
		}
		return undefined;
	}

	#contextOf(parent: RecordedSpan | undefined): Context {
		return (parent === undefined ? undefined : this.#contexts.get(parent)) ?? this.#sdk.root;
	}

	/** Worth a sentence, and another one only when something was taken meanwhile. */
	#lose(count: number): void {
		this.lost += count;
		if (this.#isSaid) return;
		this.#isSaid = true;
		this.#options.onSay(`traces do not reach ${new URL(this.#options.url).host}: what is not taken there is left out`);
	}
}

function attributesOf({ subject, values = [] }: RecordedSpan): Record<string, string | number> {
	const attributes: Record<string, string | number> = subject === undefined ? {} : { 'evenkeel.symbol': subject };
	for (let i = 0; i + 1 < values.length; i += 2) {
		const value = values[i + 1];
		if (value !== undefined) attributes[`evenkeel.${values[i]}`] = value;
	}
	return attributes;
}
