import { describe, expect, test } from 'vitest';
import { monoMs, timeMs } from '../domain/units.ts';
import { RiskLevels } from '../risk/level.ts';
import { VenueWatch } from './venue-watch.ts';

const VENUES = ['bybit', 'binance'].map((venue) => ({ venue, rateRules: [], categories: {} }));
const at = (ms: number) => ({ wallMs: timeMs(ms), monoMs: monoMs(ms) });

function watching() {
	const levels = new RiskLevels();
	const watch = new VenueWatch(VENUES, levels);
	const stream = (up: boolean, ms: number, which: 'private' | 'public' = 'private', venue = 'bybit') =>
		watch.applyStream({ kind: 'stream', venue, stream: which, up, ...at(ms) });
	return { levels, watch, stream };
}

describe('a private stream that is down (F44)', () => {
	test('pauses the account after five seconds, and lets it go on when it is back', () => {
		const { levels, watch, stream } = watching();
		stream(false, 1_000);
		stream(false, 3_000);
		watch.applyTime(monoMs(5_999));
		expect(levels.isPaused).toBe(false);
		watch.applyTime(monoMs(6_000));
		expect(levels.reason).toBe('bybit tells us nothing of our orders');
		expect([stream(true, 9_000), levels.isPaused]).toEqual([1_000, false]);
	});

	test('does not let one venue lift what another one caused', () => {
		const { levels, watch, stream } = watching();
		for (const venue of ['bybit', 'binance']) stream(false, 0, 'private', venue);
		watch.applyTime(monoMs(5_000));
		stream(true, 6_000);
		expect(levels.reason).toBe('binance tells us nothing of our orders');
	});

	test('says since when we were deaf only when it has been down, and public streams make nobody deaf', () => {
		const { levels, watch, stream } = watching();
		expect(stream(true, 0)).toBeUndefined();
		stream(false, 0, 'public');
		watch.applyTime(monoMs(60_000));
		expect([stream(true, 60_000, 'public'), levels.isPaused]).toEqual([undefined, false]);
		expect(stream(false, 0, 'private', 'elsewhere')).toBeUndefined();
	});
});

test('a ban pauses the account until it is over, a mere queue does not (F53)', () => {
	const { levels, watch } = watching();
	const refusal = { kind: 'rate', venue: 'bybit', category: 'linear', verb: 'place', limit: 10, remaining: 0 } as const;
	watch.applyRate({ ...refusal, resetInMs: 5_000, isRefusal: true, ...at(0) });
	watch.applyRate({ ...refusal, resetInMs: 600_000, isRefusal: false, ...at(0) });
	expect(levels.isPaused).toBe(false);
	watch.applyRate({ ...refusal, resetInMs: 600_000, isRefusal: true, ...at(0) });
	expect(levels.reason).toBe('bybit has shut us out for 600 s');
	watch.applyTime(monoMs(599_999));
	expect(levels.isPaused).toBe(true);
	watch.applyTime(monoMs(600_000));
	expect(levels.isPaused).toBe(false);
});

test('knows how far each clock is ahead, and the furthest of them', () => {
	const { watch } = watching();
	watch.applyClock({ kind: 'venueClock', venue: 'binance', offsetMs: 340, ...at(0) });
	watch.applyClock({ kind: 'venueClock', venue: 'elsewhere', offsetMs: 9_999, ...at(0) });
	expect([watch.clockOf('bybit').offsetMs, watch.clockOf('binance').offsetMs, watch.offsetMsMax]).toEqual([0, 340, 340]);
	expect(() => watch.clockOf('elsewhere')).toThrow('not among those');
});
