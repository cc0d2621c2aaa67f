/**
 * What a time series is made of. A point has a time in whole milliseconds; which point of its millisecond it is, is
 * settled where lines are made (`line-maker.ts`), so that no two ever share a time.
 */
export type FieldValue = number | string | boolean;

export interface Point {
	readonly measurement: string;
	/** Few values each: every combination is a series of its own, for good. */
	readonly tags: Readonly<Record<string, string>>;
	/** Numbers are always written as floats: a field that is whole today and broken tomorrow would be refused. */
	readonly fields: Readonly<Record<string, FieldValue>>;
	readonly atMs: number;
}

/** Points that are written often: only their time and their numbers change. */
export interface SeriesShape {
	readonly measurement: string;
	readonly tags: Readonly<Record<string, string>>;
	readonly fields: readonly string[];
}

/** What goes over to the thread that writes. */
export interface PointParcel {
	/** That have come since the last parcel; numbered in the order of all parcels. */
	readonly shapes: readonly SeriesShape[];
	/** One after the other: number of the shape, time, a value for each field; NaN for a field that has none. */
	readonly rows: Float64Array<ArrayBuffer>;
	/** How much of `rows` is used. */
	readonly length: number;
	readonly points: readonly Point[];
	/** In both. */
	readonly count: number;
}
