/**
 * A Prometheus metric whose values stand elsewhere and are told when somebody looks: prom-client's own would hash its
 * labels for every value that is set, and keep a second copy of it.
 */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { FigureEntry } from './figures-catalogue.ts';

export interface ToldValue {
	readonly labels: Readonly<Record<string, string>>;
	readonly value: number;
}

type Told = Awaited<ReturnType<Gauge['get']>>;

export class ToldMetric extends Gauge {
	readonly #values: () => Iterable<ToldValue>;
	/** Answers with name, help and type as the library puts them. */
	readonly #blank: Counter | Gauge;

	constructor({ name, help, kind, labels }: FigureEntry, registry: Registry, values: () => Iterable<ToldValue>) {
		const configuration = { name, help, labelNames: Object.keys(labels) };
		super({ ...configuration, registers: [registry] });
		this.#blank =
			kind === 'counter' ? new Counter({ ...configuration, registers: [] }) : new Gauge({ ...configuration, registers: [] });
		this.#values = values;
	}

	override async get(): Promise<Told> {
		return { ...(await this.#blank.get()), values: [...this.#values()] };
	}
}
