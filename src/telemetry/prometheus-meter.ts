/**
 * The meter whose figures Prometheus can read. Writing is counting in memory; names, labels and text come into being when
 * somebody looks. What the engine counts anyway is asked of it then, and not counted twice. Labels are bounded: words
 * from fixed lists, and of exchanges so many and no more.
 */
import { Counter, Gauge, Registry } from 'prom-client';
import { VERBS, type Verb } from '../domain/command.ts';
import type { Meter, RequestApi, RequestVerb, Stage, Tally, Timing } from '../ports/meter.ts';
import { Buckets } from './buckets.ts';
import {
	COALESCED,
	EXCHANGE_REQUEST,
	LATENCY,
	type MetricEntry,
	REST_ERRORS,
	RISK_PAUSED,
	TICK_DURATION,
	WS_RECONNECTS,
} from './catalogue.ts';
import { type TimedSeries, TimingMetric } from './timing-metric.ts';

/** What is asked of the engine when somebody looks. */
export interface WatchedEngine {
	getStats(): {
		readonly coalesce_stats: Readonly<Record<Verb, { readonly commands: number; readonly calls: number }>>;
	};
	isRiskPaused(): boolean;
}

/** Exchanges with a name of their own; a further one is counted as `other`. */
const EXCHANGES_MAX = 16;
const EXCHANGE_NAME = /^[a-z][a-z0-9-]{0,31}$/;
const OTHER = 'other';

class Count implements Tally {
	total = 0;

	add(count: number): void {
		this.total += count;
	}
}

export class PrometheusMeter implements Meter {
	readonly flush = new Buckets();
	readonly #registry = new Registry();
	readonly #requests = new Map<string, TimedSeries & { readonly road: 'rest' | 'ws' }>();
	readonly #stages = new Map<Stage, Buckets>();
	readonly #restErrors = new Map<string, Count>();
	readonly #reconnects = new Map<string, Count>();
	#engine: WatchedEngine | undefined;

	constructor() {
		this.#timing(TICK_DURATION, () => [{ labels: {}, buckets: this.flush }]);
		this.#timing(EXCHANGE_REQUEST, () => this.#requests.values());
		this.#timing(LATENCY, () => this.#latencies());
		this.#counter(COALESCED, () => this.#coalesced());
		this.#counter(REST_ERRORS, () => byExchange(this.#restErrors));
		this.#counter(WS_RECONNECTS, () => byExchange(this.#reconnects));
		this.#gauge(RISK_PAUSED, () => (this.#engine?.isRiskPaused() === true ? 1 : 0));
	}

	/** The engine is made after the meter, since it is handed one. */
	watch(engine: WatchedEngine): void {
		this.#engine = engine;
	}

	get contentType(): string {
		return this.#registry.contentType;
	}

	text(): Promise<string> {
		return this.#registry.metrics();
	}

	request(verb: RequestVerb, api: RequestApi): Timing {
		const key = `${verb} ${api}`;
		let series = this.#requests.get(key);
		if (series === undefined) {
			series = { labels: { verb, api }, buckets: new Buckets(), road: api === 'ws' || api === 'ws-batch' ? 'ws' : 'rest' };
			this.#requests.set(key, series);
		}
		return series.buckets;
	}

	stage(stage: Stage): Timing {
		let buckets = this.#stages.get(stage);
		if (buckets === undefined) {
			buckets = new Buckets();
			this.#stages.set(stage, buckets);
		}
		return buckets;
	}

	restErrors(exchange: string): Tally {
		return countOf(this.#restErrors, exchange);
	}

	reconnects(exchange: string): Tally {
		return countOf(this.#reconnects, exchange);
	}

	#timing({ name, help, labels }: MetricEntry, series: () => Iterable<TimedSeries>): void {
		new TimingMetric({ name, help, labelNames: Object.keys(labels), registry: this.#registry, series });
	}

	/** Counted elsewhere; what has been counted by now is all there is to tell. */
	#counter({ name, help, labels }: MetricEntry, totals: () => Iterable<{ labels: Record<string, string>; total: number }>): void {
		const counter = new Counter({
			name,
			help,
			labelNames: Object.keys(labels),
			registers: [this.#registry],
			collect: () => {
				counter.reset();
				for (const { labels: values, total } of totals()) counter.inc(values, total);
			},
		});
	}

	#gauge({ name, help }: MetricEntry, value: () => number): void {
		const gauge = new Gauge({
			name,
			help,
			registers: [this.#registry],
			collect: () => {
				gauge.set(value());
			},
		});
	}

	#coalesced(): { labels: Record<string, string>; total: number }[] {
		const counts = this.#engine?.getStats().coalesce_stats;
		if (counts === undefined) return [];
		return VERBS.map((op) => ({ labels: { op }, total: counts[op].commands - counts[op].calls }));
	}

	/** The roads are the requests on them added up; the other stages are recorded as such. */
	*#latencies(): Iterable<TimedSeries> {
		for (const [stage, buckets] of this.#stages) yield { labels: { stage }, buckets };
		const requests = [...this.#requests.values()];
		for (const stage of ['rest', 'ws'] as const) {
			const onRoad = requests.filter(({ road }) => road === stage);
			if (onRoad.length > 0) yield { labels: { stage }, buckets: Buckets.join(onRoad.map(({ buckets }) => buckets)) };
		}
	}
}

function countOf(counts: Map<string, Count>, exchange: string): Count {
	const isNew = !counts.has(exchange);
	const name = isNew && (counts.size >= EXCHANGES_MAX || !EXCHANGE_NAME.test(exchange)) ? OTHER : exchange;
	let count = counts.get(name);
	if (count === undefined) {
		count = new Count();
		counts.set(name, count);
	}
	return count;
}

function byExchange(counts: ReadonlyMap<string, Count>): { labels: Record<string, string>; total: number }[] {
	return [...counts].map(([exchange, { total }]) => ({ labels: { exchange }, total }));
}
