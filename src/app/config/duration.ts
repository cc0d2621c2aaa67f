/** Times as people type them, on a command line and in the configuration: '500ms', '30s', '2m', '40ms±5'. */
const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

/** A week; a longer bounded run is a slip of the finger. */
const DURATION_MS_MAX = 7 * 24 * 3_600_000;

export function parseDurationMs(text: string): number | undefined {
	const match = DURATION.exec(text);
	if (match === null) return undefined;
	const [, amount = '', unit = 's'] = match;
	const ms = Number(amount) * UNITS_MS[unit as keyof typeof UNITS_MS];
	return ms >= 1 && ms <= DURATION_MS_MAX ? ms : undefined;
}

export interface RoundTrip {
	readonly roundTripMs: number;
	readonly jitterMs: number;
}

/** '40ms', or '40ms±5' with a jitter in milliseconds; '+-' may stand for '±'. */
const LATENCY = /^([^±+]+)(?:(?:±|\+-)(\d+(?:\.\d+)?)(?:ms)?)?$/;
const LATENCY_MS_MAX = 60_000;
export const LATENCY_EXPECTED =
	'a round trip of at most 60s such as 40ms, or 40ms±5 with a jitter in milliseconds that is no longer';

export function parseLatency(text: string): RoundTrip | undefined {
	const match = LATENCY.exec(text);
	if (match === null) return undefined;
	const roundTripMs = match[1] === '0ms' ? 0 : parseDurationMs(match[1] ?? '');
	const jitterMs = Number(match[2] ?? '0');
	if (roundTripMs === undefined || roundTripMs > LATENCY_MS_MAX || jitterMs > roundTripMs) return undefined;
	return { roundTripMs, jitterMs };
}

/** What `parseLatency` reads back to the same. */
export function latencyText({ roundTripMs, jitterMs }: RoundTrip): string {
	return jitterMs === 0 ? `${roundTripMs}ms` : `${roundTripMs}ms±${jitterMs}`;
}
