/**
 * The meter whose figures Prometheus can read. Writing is counting in memory; names, labels and text come into being when
 * somebody looks. What the engine counts anyway is asked of it then, and not counted twice. Labels are bounded: words
 * from fixed lists, and of exchanges, symbols and the like so many and no more.
 *
 * The text of two hundred symbols takes milliseconds to make. So it is made a metric at a time, with a pause in between
 * in which the loop does its work, and whoever asks meanwhile gets the same text.
 */
import { Registry } from 'prom-client';
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
import { FIGURES, type FigureKey, type FigureSource } from './figures-catalogue.ts';
import { Labels } from './labels.ts';
import { type TimedSeries, TimingMetric } from './timing-metric.ts';
import { ToldFigures } from './told-figures.ts';
import { ToldMetric, type ToldValue } from './told-metric.ts';

/** What is asked of the engine when somebody looks. */
export interface WatchedEngine {
	getStats(): {
		readonly coalesce_stats: Readonly<Record<Verb, { readonly commands: number; readonly calls: number }>>;
	};
	isRiskPaused(): boolean;
}

class Count implements Tally {
	total = 0;

	add(count: number): void {
		this.total += count;
	}
}

export interface MeterOptions {
	/** Lets the loop do its work between two metrics; none unless said. */
	readonly pause?: () => Promise<void>;
}

export class PrometheusMeter implements Meter {
	readonly flush = new Buckets();
	readonly #registry = new Registry();
	readonly #labels = new Labels();
	readonly #figures = new ToldFigures(this.#labels);
	readonly #pause: () => Promise<void>;
	readonly #requests = new Map<string, TimedSeries & { readonly road: 'rest' | 'ws' }>();
	readonly #stages = new Map<string, Buckets>();
	readonly #restErrors = new Map<string, Count>();
	readonly #reconnects = new Map<string, Count>();
	#engine: WatchedEngine | undefined;
	#text: Promise<string> | undefined;

	constructor({ pause = () => Promise.resolve() }: MeterOptions = {}) {
		this.#pause = pause;
		this.#timing(TICK_DURATION, () => [{ labels: {}, buckets: this.flush }]);
		this.#timing(EXCHANGE_REQUEST, () => this.#requests.values());
		this.#timing(LATENCY, () => this.latencies());
		new ToldMetric(COALESCED, this.#registry, () => this.#coalesced());
		new ToldMetric(REST_ERRORS, this.#registry, () => byExchange(this.#restErrors));
		new ToldMetric(WS_RECONNECTS, this.#registry, () => byExchange(this.#reconnects));
		new ToldMetric(RISK_PAUSED, this.#registry, () => [{ labels: {}, value: this.#engine?.isRiskPaused() === true ? 1 : 0 }]);
		for (const key of Object.keys(FIGURES) as readonly FigureKey[]) {
			new ToldMetric(FIGURES[key], this.#registry, () => this.#figures.of(key));
		}
	}

	/** The engine is made after the meter, since it is handed one. */
	watch(engine: WatchedEngine): void {
		this.#engine = engine;
	}

	/** Asked from now on, each time that somebody looks. */
	tell(source: FigureSource): void {
		this.#figures.add(source);
	}

	get contentType(): string {
		return this.#registry.contentType;
	}

	text(): Promise<string> {
		this.#text ??= this.#write().finally(() => {
			this.#text = undefined;
		});
		return this.#text;
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

	/** Of whoever uses the engine as a library: a word of his own, which is `other` when there are too many. */
	ownStage(word: string): Timing {
		return this.#stageNamed(this.#labels.admit('the stage', word));
	}

	stage(stage: Stage): Timing {
		return this.#stageNamed(stage);
	}

	#stageNamed(stage: string): Buckets {
		let buckets = this.#stages.get(stage);
		if (buckets === undefined) {
			buckets = new Buckets();
			this.#stages.set(stage, buckets);
		}
		return buckets;
	}

	restErrors(exchange: string): Tally {
		return this.#countOf(this.#restErrors, exchange);
	}

	/** So far. */
	restErrorCount(exchange: string): number {
		return this.#restErrors.get(exchange)?.total ?? 0;
	}

	reconnects(exchange: string): Tally {
		return this.#countOf(this.#reconnects, exchange);
	}

	async #write(): Promise<string> {
		await this.#figures.ask(this.#pause);
		const texts: string[] = [];
		for (const { name } of this.#registry.getMetricsAsArray()) {
			texts.push(await this.#registry.getSingleMetricAsString(name));
			await this.#pause();
		}
		return `${texts.join('\n\n')}\n`;
	}

	#timing({ name, help, labels }: MetricEntry, series: () => Iterable<TimedSeries>): void {
		new TimingMetric({ name, help, labelNames: Object.keys(labels), registry: this.#registry, series });
	}

	#coalesced(): readonly ToldValue[] {
		const counts = this.#engine?.getStats().coalesce_stats;
		if (counts === undefined) return [];
		return VERBS.map((op) => ({ labels: { op }, value: counts[op].commands - counts[op].calls }));
	}

	/** The roads are the requests on them added up; the other stages are recorded as such. */
	*latencies(): Iterable<TimedSeries> {
		for (const [stage, buckets] of this.#stages) yield { labels: { stage }, buckets };
		const requests = [...this.#requests.values()];
		for (const stage of ['rest', 'ws'] as const) {
			const onRoad = requests.filter(({ road }) => road === stage);
			if (onRoad.length > 0) yield { labels: { stage }, buckets: Buckets.join(onRoad.map(({ buckets }) => buckets)) };
		}
	}

	#countOf(counts: Map<string, Count>, exchange: string): Count {
		const name = this.#labels.admit('the exchange', exchange);
		let count = counts.get(name);
		if (count === undefined) {
			count = new Count();
			counts.set(name, count);
		}
		return count;
	}
}

function byExchange(counts: ReadonlyMap<string, Count>): readonly ToldValue[] {
	return [...counts].map(([exchange, { total }]) => ({ labels: { exchange }, value: total }));
}
