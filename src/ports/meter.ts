/**
 * Where measured parts report to. Names and label sets are fixed when an instrument is made; recording allocates
 * nothing. Behind it stands a metrics registry, or nothing at all.
 */
export interface Counter {
	add(amount: number): void;
}

export interface Gauge {
	set(value: number): void;
}

export interface Distribution {
	record(value: number): void;
}

export type Labels = Readonly<Record<string, string>>;

export interface Meter {
	counter(name: string, labels?: Labels): Counter;
	gauge(name: string, labels?: Labels): Gauge;
	distribution(name: string, labels?: Labels): Distribution;
}
