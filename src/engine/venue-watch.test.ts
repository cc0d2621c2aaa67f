import { describe, expect, test } from 'vitest';
import { monoMs, timeMs } from '../domain/units.ts';
import { RiskLevels } from '../risk/level.ts';
import { VenueWatch } from './venue-watch.ts';

const VENUES = ['bybit', 'binance'].map((venue) => ({ venue, rateRules: [], categories: {} }));
const at = (ms: number) => ({ wallMs: timeMs(ms), monoMs: monoMs(ms) });

function watching() {
	const levels = new RiskLevels();
	const confirmed: string[] = [];
	const watch = new VenueWatch(VENUES, levels, (reason) => confirmed.push(reason));
	const stream = (up: boolean, ms: number, which: 'private' | 'public' = 'private', venue = 'bybit') =>
		watch.applyStream({ kind: 'stream', venue, stream: which, up, ...at(ms) });
	return { levels, watch, stream, confirmed };
}

describe('a private stream that is down (F44)', () => {
	test('pauses the account after five seconds, and asks for clean comparisons when it is back', () => {
		const { levels, watch, stream, confirmed } = watching();
		stream(false, 1_000);
		stream(false, 3_000);
		watch.applyTime(at(5_999));
		expect(levels.isPaused).toBe(false);
		watch.applyTime(at(6_000));
		expect(levels.reason).toBe('bybit tells us nothing of our orders');
		expect(confirmed).toEqual([]);
		expect([stream(true, 9_000), levels.isPaused]).toEqual([1_000, false]);
		expect(confirmed).toEqual(['comparing with the venue: bybit told us nothing of our orders for a while']);
	});

	test('asks for nothing after a gap that paused nobody', () => {
		const { watch, stream, confirmed } = watching();
		stream(false, 0);
		watch.applyTime(at(4_999));
		stream(true, 4_999);
		watch.applyTime(at(60_000));
		expect(confirmed).toEqual([]);
	});

	test('does not let one venue lift what another one caused', () => {
		const { levels, watch, stream } = watching();
		for (const venue of ['bybit', 'binance']) stream(false, 0, 'private', venue);
		watch.applyTime(at(5_000));
		stream(true, 6_000);
		expect(levels.reason).toBe('binance tells us nothing of our orders');
	});

	test('says since when we were deaf only when it has been down, and public streams make nobody deaf', () => {
		const { levels, watch, stream } = watching();
		expect(stream(true, 0)).toBeUndefined();
		stream(false, 0, 'public');
		watch.applyTime(at(60_000));
		expect([stream(true, 60_000, 'public'), levels.isPaused]).toEqual([undefined, false]);
		expect(stream(false, 0, 'private', 'elsewhere')).toBeUndefined();
	});
});

test('a ban pauses the account until it is over, a mere queue does not (F53)', () => {
	const { levels, watch, confirmed } = watching();
	const refusal = { kind: 'rate', venue: 'bybit', category: 'linear', verb: 'place', limit: 10, remaining: 0 } as const;
	watch.applyRate({ ...refusal, resetInMs: 5_000, isRefusal: true, ...at(0) });
	watch.applyRate({ ...refusal, resetInMs: 600_000, isRefusal: false, ...at(0) });
	expect(levels.isPaused).toBe(false);
	watch.applyRate({ ...refusal, resetInMs: 600_000, isRefusal: true, ...at(0) });
	expect(levels.reason).toBe('bybit has shut us out for 600 s');
	watch.applyTime(at(599_999));
	expect(levels.isPaused).toBe(true);
	expect(confirmed).toEqual([]);
	watch.applyTime(at(600_000));
	expect(levels.isPaused).toBe(false);
	expect(confirmed).toEqual(['comparing with the venue: bybit had shut us out']);
});

test('three refusals for want of budget, each within ten seconds of the last, are throttling; two are a queue (F52)', () => {
	const refusal = { kind: 'rate', venue: 'bybit', category: 'linear', verb: 'place', limit: 10, remaining: 0 } as const;
	const throttled = (...refusedAtMs: readonly number[]) => {
		const { watch } = watching();
		for (const ms of refusedAtMs) watch.applyRate({ ...refusal, resetInMs: 500, isRefusal: true, ...at(ms) });
		const last = refusedAtMs.at(-1) ?? 0;
		return [watch.throttledBy(monoMs(last + 9_999)), watch.throttledBy(monoMs(last + 10_000))];
	};
	expect(throttled(0, 9_999, 19_998)).toEqual(['bybit', undefined]);
	expect(throttled(0, 1)).toEqual([undefined, undefined]);
	expect(throttled(0, 1, 10_001)).toEqual([undefined, undefined]);
});

test('a clock that is off by a quarter of a second is told once, not with each measurement (PT21)', () => {
	const { watch } = watching();
	const told = [250, 250.5, 300, -600, 0, -251].map((offsetMs) =>
		watch.applyClock({ kind: 'venueClock', venue: 'bybit', offsetMs, ...at(0) }),
	);
	expect(told).toEqual([false, true, false, false, false, true]);
	watch.applyClock({ kind: 'venueClock', venue: 'binance', offsetMs: 400, ...at(0) });
	expect(watch.clockOffMs).toBe(400);
});

test('knows how far each clock is ahead, and the furthest of them', () => {
	const { watch } = watching();
	watch.applyClock({ kind: 'venueClock', venue: 'binance', offsetMs: 340, ...at(0) });
	watch.applyClock({ kind: 'venueClock', venue: 'elsewhere', offsetMs: 9_999, ...at(0) });
	expect([watch.clockOf('bybit').offsetMs, watch.clockOf('binance').offsetMs, watch.offsetMsMax]).toEqual([0, 340, 340]);
	expect(() => watch.clockOf('elsewhere')).toThrow('not among those');
});
