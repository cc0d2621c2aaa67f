import { expect, test } from 'vitest';
import type { VenueClockEvent } from '../../domain/event.ts';
import type { Clock } from '../../ports/clock.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { VenueClock } from './venue-clock.ts';

interface Scene {
	readonly clock: VirtualClock;
	readonly venueClock: VenueClock;
	readonly events: VenueClockEvent[];
	asked: number;
	/** Of the next questions: there and back in ms, or silence. */
	trips: ({ readonly thereMs: number; readonly backMs: number } | undefined)[];
	aheadMs: number;
	wallJumpMs: number;
}

const TRIP = { thereMs: 20, backMs: 20 };

function makeScene({ aheadMs = 0, isStarted = true } = {}): Scene {
	const clock = new VirtualClock(1_000_000);
	const events: VenueClockEvent[] = [];
	const ours: Clock = {
		wallMs: () => clock.wallMs() + scene.wallJumpMs,
		monotonicMs: () => clock.monotonicMs(),
		after: (delayMs, callback) => clock.after(delayMs, callback),
	};
	const venueClock = new VenueClock({ venue: 'bybit', clock: ours, sink: (event) => events.push(event) });
	const scene: Scene = { clock, venueClock, events, asked: 0, trips: [], aheadMs, wallJumpMs: 0 };
	if (isStarted) start(scene);
	return scene;
}

function start(scene: Scene): void {
	const { clock, venueClock } = scene;
	venueClock.start((heard) => {
		scene.asked += 1;
		const trip = scene.trips.length > 0 ? scene.trips.shift() : TRIP;
		if (trip === undefined) return void clock.after(2_000, () => heard(undefined));
		clock.after(trip.thereMs, () => {
			const venueAtMs = clock.wallMs() + scene.aheadMs;
			clock.after(trip.backMs, () => heard(venueAtMs));
		});
	});
}

test('a round of five questions finds the offset to the millisecond, and tells it', () => {
	const { clock, venueClock, events, asked } = makeScene({ aheadMs: 7_345 });
	expect(asked).toBe(1);
	expect(venueClock.isMeasured).toBe(false);
	clock.run(1_000);
	expect(venueClock.offsetMs).toBeGreaterThanOrEqual(7_344);
	expect(venueClock.offsetMs).toBeLessThanOrEqual(7_346);
	expect(venueClock.errorMs).toBeLessThanOrEqual(21);
	expect(venueClock.venueNowMs() - (clock.wallMs() + 7_345)).toBeLessThanOrEqual(1);
	expect(events).toEqual([expect.objectContaining({ kind: 'venueClock', venue: 'bybit', offsetMs: venueClock.offsetMs })]);
});

test('two answers of five that are late in one direction do not matter: the median counts', () => {
	const scene = makeScene({ aheadMs: -250, isStarted: false });
	scene.trips = [TRIP, { thereMs: 900, backMs: 10 }, TRIP, { thereMs: 10, backMs: 1_500 }, TRIP];
	start(scene);
	scene.clock.run(5_000);
	expect(Math.abs(scene.venueClock.offsetMs + 250)).toBeLessThanOrEqual(1);
});

test('it measures anew every minute', () => {
	const scene = makeScene();
	scene.clock.run(1_000);
	scene.aheadMs = 200;
	scene.clock.run(58_000);
	expect(scene.events).toHaveLength(1);
	scene.clock.run(2_000);
	expect(scene.events).toHaveLength(2);
	expect(Math.abs(scene.venueClock.offsetMs - 200)).toBeLessThanOrEqual(1);
});

test('too few answers change nothing, and are asked for again soon', () => {
	const scene = makeScene({ aheadMs: 90, isStarted: false });
	scene.trips = [undefined, undefined, undefined, TRIP, TRIP];
	start(scene);
	const heard: boolean[] = [];
	scene.venueClock.remeasure((isMeasured) => heard.push(isMeasured));
	scene.clock.run(6_500);
	expect(heard).toEqual([false]);
	expect(scene.venueClock.isMeasured).toBe(false);
	scene.clock.run(6_000);
	expect(scene.venueClock.isMeasured).toBe(true);
});

test('whoever asks during a round waits for its end; there is one round at a time', () => {
	const scene = makeScene();
	const heard: string[] = [];
	scene.venueClock.remeasure(() => heard.push('first'));
	scene.venueClock.remeasure(() => heard.push('second'));
	expect(heard).toEqual([]);
	scene.clock.run(1_000);
	expect(heard).toEqual(['first', 'second']);
	expect(scene.asked).toBe(5);
});

test('before it is started, and after it was stopped, it says so instead of never answering', () => {
	const scene = makeScene({ isStarted: false });
	const heard: boolean[] = [];
	scene.venueClock.remeasure((isMeasured) => heard.push(isMeasured));
	scene.clock.run(1);
	start(scene);
	scene.venueClock.remeasure((isMeasured) => heard.push(isMeasured));
	scene.venueClock.stop();
	scene.clock.run(100_000);
	expect(heard).toEqual([false, false]);
	expect(scene.asked).toBe(1);
});

test('what it stamps does not follow a wall clock that jumps (F57), and the offset is told within a second', () => {
	const scene = makeScene({ aheadMs: 100 });
	scene.clock.run(1_000);
	scene.wallJumpMs = 3_600_000;
	expect(Math.abs(scene.venueClock.venueNowMs() - (scene.clock.wallMs() + 100))).toBeLessThanOrEqual(1);
	scene.clock.run(1_000);
	expect(scene.events.at(-1)?.offsetMs).toBeCloseTo(100 - 3_600_000, -1);
	expect([scene.events.length, scene.asked]).toEqual([2, 5]);
	scene.clock.run(5_000);
	expect(scene.events).toHaveLength(2);
});

test('clocks that are so far apart that creates stop are measured again soon (PT21)', () => {
	const scene = makeScene({ aheadMs: -1_200 });
	scene.clock.run(1_000);
	scene.aheadMs = 0;
	scene.clock.run(10_500);
	expect(Math.abs(scene.venueClock.offsetMs)).toBeLessThanOrEqual(1);
	scene.clock.run(30_000);
	expect(scene.asked).toBe(10);
});

test('an ordinary answer that cannot be right makes it measure anew, though not with every answer', () => {
	const scene = makeScene();
	scene.clock.run(10_000);
	scene.aheadMs = 400;
	const contradict = (): void => {
		const nowMono = scene.clock.monotonicMs();
		scene.venueClock.witness(nowMono - 40, nowMono, scene.clock.wallMs() + scene.aheadMs - 20);
	};
	contradict();
	scene.clock.run(1_000);
	expect(Math.abs(scene.venueClock.offsetMs - 400)).toBeLessThanOrEqual(1);
	scene.aheadMs = 800;
	contradict();
	scene.clock.run(1_000);
	expect(scene.asked).toBe(10);
});

test('a slow answer contradicts nothing', () => {
	const scene = makeScene();
	scene.clock.run(10_000);
	const nowMono = scene.clock.monotonicMs();
	scene.venueClock.witness(nowMono - 5_000, nowMono, scene.clock.wallMs() - 4_000);
	scene.clock.run(1_000);
	expect(scene.asked).toBe(5);
});
