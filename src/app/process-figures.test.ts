import { expect, test } from 'vitest';
import type { Clock } from '../ports/clock.ts';
import { ProcessWatch } from './process-figures.ts';

/** A loop that can be held up: timers fire when somebody lets them, however late. */
function heldLoop() {
	let nowMono = 0;
	let waiting: { readonly dueMono: number; readonly callback: () => void } | undefined;
	const clock: Clock = {
		wallMs: () => 1_767_225_600_000,
		monotonicMs: () => nowMono,
		after: (delayMs, callback) => {
			waiting = { dueMono: nowMono + delayMs, callback };
			return { cancel: () => (waiting = undefined) };
		},
	};
	/** The next timer comes so late. */
	const turn = (lateMs: number): void => {
		const { dueMono, callback } = waiting!;
		nowMono = dueMono + lateMs;
		callback();
	};
	return { clock, turn, isWaiting: () => waiting !== undefined };
}

test('how late the loop was, of the last ten seconds that are over', () => {
	const { clock, turn } = heldLoop();
	using watch = new ProcessWatch(clock);
	expect(watch.figures).toMatchObject({ loopDelayP50Ms: 0, loopDelayP99Ms: 0, loopDelayMaxMs: 0 });
	for (let i = 0; i < 99; i += 1) turn(2);
	turn(300);
	const { loopDelayP50Ms, loopDelayMaxMs } = watch.figures;
	expect([loopDelayP50Ms, Math.round(loopDelayMaxMs)]).toEqual([2, 300]);
	// The rest of these ten seconds, and all of the next.
	for (let i = 0; i < 400; i += 1) turn(0);
	expect(Math.round(watch.figures.loopDelayMaxMs)).toBe(300);
	for (let i = 0; i < 600; i += 1) turn(0);
	expect(watch.figures.loopDelayMaxMs).toBeLessThan(1);
});

test('what the process takes, and nothing after its end', () => {
	const { clock, turn, isWaiting } = heldLoop();
	const watch = new ProcessWatch(clock);
	turn(0);
	const { heapBytes, residentBytes, cpuSeconds, startedAtMs } = watch.figures;
	for (const figure of [heapBytes, residentBytes, cpuSeconds]) expect(figure).toBeGreaterThan(0);
	expect(startedAtMs).toBeLessThan(clock.wallMs());
	turn(500);
	expect(watch.figures.startedAtMs).toBe(startedAtMs);
	watch[Symbol.dispose]();
	expect(isWaiting()).toBe(false);
});
