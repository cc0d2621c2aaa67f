/** A straight line through what was measured over time: how fast it rises, and how fast it rises at least. */
export interface Point {
	readonly atMs: number;
	readonly value: number;
}

export interface Slope {
	/** Of the mean, an hour. */
	readonly perHour: number;
	/** Lower bound of it, with 95 % confidence. */
	readonly perHourAtLeast: number;
}

/** Far enough from 1.96 only for a handful of points, and then the run was too short anyway. */
const NORMAL_95 = 1.96;
const HOUR_MS = 3_600_000;
const POINTS_MIN = 3;

/** Undefined for fewer points than say anything. */
export function slopeOf(points: readonly Point[]): Slope | undefined {
	const count = points.length;
	if (count < POINTS_MIN) return undefined;
	const meanAt = points.reduce((sum, { atMs }) => sum + atMs, 0) / count;
	const mean = points.reduce((sum, { value }) => sum + value, 0) / count;
	const spread = points.reduce((sum, { atMs }) => sum + (atMs - meanAt) ** 2, 0);
	const slope = points.reduce((sum, { atMs, value }) => sum + (atMs - meanAt) * (value - mean), 0) / spread;
	const rest = points.reduce((sum, { atMs, value }) => sum + (value - mean - slope * (atMs - meanAt)) ** 2, 0);
	const error = Math.sqrt(rest / (count - 2) / spread);
	const perHour = (rate: number): number => (rate * HOUR_MS) / mean;
	return { perHour: perHour(slope), perHourAtLeast: perHour(slope - NORMAL_95 * error) };
}
