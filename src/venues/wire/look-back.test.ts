/** What one list did not show another one shows: for minutes each of them goes back behind it (F20, F32). */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LOOK_BACK_MS, LookBack, type LookMoment, SETTLED_MS } from './look-back.ts';

const START_MS = 1_771_000_000_000;
const PERIOD_MS = 25_000;

/** The venue's clock and ours began together. What the venue's is further by is sleep of ours, or wrong. */
function at(atMono: number, aheadMs = 0): LookMoment {
	return { atMono, venueAtMs: START_MS + atMono + aheadMs };
}

function sinceAt(lookBack: LookBack, nowMono: number, aheadMs = 0): number {
	return lookBack.sinceMs(at(nowMono, aheadMs)) - START_MS;
}

test('the start is asked for until a reading is old enough, and then a minute before that one', () => {
	const lookBack = new LookBack(START_MS - 600_000);
	lookBack.readWhole(at(1_000));
	expect(sinceAt(lookBack, 1_000 + SETTLED_MS - 1)).toBe(-600_000);
	expect(sinceAt(lookBack, 1_000 + SETTLED_MS)).toBe(1_000 - LOOK_BACK_MS);
});

test('never from before the start', () => {
	const lookBack = new LookBack(START_MS);
	lookBack.readWhole(at(10));
	expect(sinceAt(lookBack, 10 + SETTLED_MS)).toBe(0);
});

test('a silence of an hour is asked for by all readings of the minutes behind it', () => {
	const lookBack = new LookBack(START_MS);
	for (let atMono = 0; atMono <= 600_000; atMono += PERIOD_MS) lookBack.readWhole(at(atMono));
	const backMono = 4_200_000;
	for (let atMono = backMono; atMono < backMono + SETTLED_MS; atMono += PERIOD_MS) {
		expect(sinceAt(lookBack, atMono)).toBe(600_000 - LOOK_BACK_MS);
		lookBack.readWhole(at(atMono));
	}
	expect(sinceAt(lookBack, backMono + SETTLED_MS)).toBe(backMono - LOOK_BACK_MS);
});

test('so is an hour of sleep, in which our clock stood still, and by none behind them (F58)', () => {
	const lookBack = new LookBack(START_MS);
	const sleptMs = 3_600_000;
	const asleepMono = 600_000;
	for (let atMono = 0; atMono < asleepMono; atMono += PERIOD_MS) lookBack.readWhole(at(atMono));
	for (let atMono = asleepMono; atMono < asleepMono + SETTLED_MS; atMono += PERIOD_MS) {
		expect(sinceAt(lookBack, atMono, sleptMs)).toBeLessThanOrEqual(asleepMono - PERIOD_MS - LOOK_BACK_MS);
		lookBack.readWhole(at(atMono, sleptMs));
	}
	expect(sinceAt(lookBack, asleepMono + SETTLED_MS, sleptMs)).toBe(asleepMono + sleptMs - LOOK_BACK_MS);
});

test.each([
	['behind', -10_000_000],
	['ahead', 10_000_000],
])('a venue whose clock was taken to be %s of what it is known to be now is asked from the earlier time', (_name, wrongMs) => {
	const lookBack = new LookBack(START_MS - 20_000_000);
	lookBack.readWhole(at(500_000, wrongMs));
	expect(sinceAt(lookBack, 500_000 + SETTLED_MS)).toBe(500_000 + Math.min(0, wrongMs) - LOOK_BACK_MS);
});

test('nothing is given up that readings of minutes had no chance to show, and what they had is', () => {
	const gap = fc.record({
		afterMs: fc.integer({ min: 1, max: 90_000 }),
		sleptMs: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 10_000_000 })),
		isWhole: fc.boolean(),
	});
	fc.assert(
		fc.property(fc.array(gap, { maxLength: 80 }), (gaps) => {
			const lookBack = new LookBack(START_MS);
			const whole: LookMoment[] = [];
			let nowMono = 0;
			let aheadMs = 0;
			for (const { afterMs, sleptMs, isWhole } of gaps) {
				nowMono += afterMs;
				aheadMs += sleptMs;
				const sinceMs = lookBack.sinceMs(at(nowMono, aheadMs));
				const newest = whole.findLast(({ atMono }) => nowMono - atMono >= SETTLED_MS);
				if (newest === undefined) expect(sinceMs).toBe(START_MS);
				else {
					expect(sinceMs).toBeLessThanOrEqual(Math.max(START_MS, newest.venueAtMs - LOOK_BACK_MS));
					// Of readings that come in a bunch the first one counts.
					const bunch = whole.find(({ atMono }) => newest.atMono - atMono < 10_000) ?? newest;
					expect(sinceMs).toBeGreaterThanOrEqual(bunch.venueAtMs - LOOK_BACK_MS);
				}
				if (!isWhole) continue;
				whole.push(at(nowMono, aheadMs));
				lookBack.readWhole(at(nowMono, aheadMs));
			}
		}),
	);
});
