import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Timer } from '../ports/clock.ts';
import { VirtualClock } from './virtual-clock.ts';

const START_MS = 1_767_225_600_000;

/** What fired, and when. */
interface Fired {
	readonly name: string;
	readonly atMs: number;
}

function clockWithLog(): { clock: VirtualClock; fired: Fired[]; after: (delayMs: number, name: string) => Timer } {
	const clock = new VirtualClock(START_MS);
	const fired: Fired[] = [];
	const after = (delayMs: number, name: string) => clock.after(delayMs, () => fired.push({ name, atMs: clock.monotonicMs() }));
	return { clock, fired, after };
}

const namesOf = (fired: readonly Fired[]): string => fired.map(({ name }) => name).join(' ');

describe('virtual time', () => {
	test('stands still until it is told to move', () => {
		const { clock, fired, after } = clockWithLog();
		after(0, 'now');
		expect([clock.monotonicMs(), clock.wallMs(), fired]).toEqual([0, START_MS, []]);
	});

	test('is whole on the wall and fractional on the monotonic clock', () => {
		const clock = new VirtualClock(START_MS);
		clock.run(1.75);
		expect([clock.monotonicMs(), clock.wallMs()]).toEqual([1.75, START_MS + 1]);
	});

	test('moves from timer to timer, each standing at its own moment', () => {
		const { clock, fired, after } = clockWithLog();
		after(20, 'b');
		after(10.5, 'a');
		after(300, 'c');
		expect([clock.step(), clock.step(), clock.step(), clock.step()]).toEqual([true, true, true, false]);
		expect(fired).toEqual([
			{ name: 'a', atMs: 10.5 },
			{ name: 'b', atMs: 20 },
			{ name: 'c', atMs: 300 },
		]);
		expect(clock.monotonicMs(), 'where nothing is left, time stays').toBe(300);
	});
});

describe('timers', () => {
	test('of the same moment fire in the order they were made', () => {
		const { clock, fired, after } = clockWithLog();
		for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) after(5, name);
		clock.run(5);
		expect(namesOf(fired)).toBe('a b c d e f g');
	});

	test('of the same moment fire in the order they were made, when they were made at different times', () => {
		const { clock, fired, after } = clockWithLog();
		after(10, 'first');
		clock.run(4);
		after(6, 'second');
		clock.run(6);
		expect(namesOf(fired)).toBe('first second');
	});

	test('with a delay below zero fire now, after what is due already', () => {
		const { clock, fired, after } = clockWithLog();
		clock.run(10);
		after(0, 'due');
		after(-5, 'late');
		clock.step();
		clock.step();
		expect(fired).toEqual([
			{ name: 'due', atMs: 10 },
			{ name: 'late', atMs: 10 },
		]);
	});

	test('that were cancelled do not fire, however often and late they are cancelled', () => {
		const { clock, fired, after } = clockWithLog();
		const gone = after(5, 'gone');
		after(6, 'stays');
		gone.cancel();
		gone.cancel();
		expect(clock.step()).toBe(true);
		gone.cancel();
		expect(fired).toEqual([{ name: 'stays', atMs: 6 }]);
		expect(clock.step()).toBe(false);
	});

	test('may cancel others of the same moment, and themselves', () => {
		const { clock, fired, after } = clockWithLog();
		const own = clock.after(5, () => {
			own.cancel();
			other.cancel();
			fired.push({ name: 'canceller', atMs: clock.monotonicMs() });
		});
		const other = after(5, 'cancelled');
		after(5, 'stays');
		clock.run(5);
		expect(namesOf(fired)).toBe('canceller stays');
	});

	test('that are set in a callback fire in their turn, never from inside the call that sets them', () => {
		const { clock, fired, after } = clockWithLog();
		clock.after(10, () => {
			after(0, 'same moment');
			after(3, 'between');
			fired.push({ name: 'parent', atMs: clock.monotonicMs() });
		});
		after(10, 'sibling');
		after(15, 'end');
		clock.run(20);
		expect(fired).toEqual([
			{ name: 'parent', atMs: 10 },
			{ name: 'sibling', atMs: 10 },
			{ name: 'same moment', atMs: 10 },
			{ name: 'between', atMs: 13 },
			{ name: 'end', atMs: 15 },
		]);
	});
});

describe('a run', () => {
	test('fires what falls into it, its last moment included, and ends there', () => {
		const { clock, fired, after } = clockWithLog();
		after(10, 'at the end');
		after(10.001, 'beyond');
		clock.run(10);
		expect([namesOf(fired), clock.monotonicMs()]).toEqual(['at the end', 10]);
		clock.run(0.001);
		expect(namesOf(fired)).toBe('at the end beyond');
	});

	test('fires what callbacks set within it, and not what they set beyond it', () => {
		const { clock, fired, after } = clockWithLog();
		clock.after(5, () => {
			after(5, 'inside');
			after(6, 'outside');
		});
		clock.run(10);
		expect([namesOf(fired), clock.monotonicMs()]).toEqual(['inside', 10]);
	});

	test('does not reach for a later timer because an earlier one was cancelled', () => {
		const { clock, fired, after } = clockWithLog();
		after(5, 'cancelled').cancel();
		after(100, 'later');
		clock.run(10);
		expect([namesOf(fired), clock.monotonicMs()]).toEqual(['', 10]);
		clock.run(90);
		expect(fired).toEqual([{ name: 'later', atMs: 100 }]);
	});

	test('while a condition holds asks before each timer, and says whether timers ran out', () => {
		const { clock, fired, after } = clockWithLog();
		for (const [index, name] of ['a', 'b', 'c'].entries()) after(index, name);
		expect(clock.runWhile(() => fired.length < 2)).toBe(true);
		expect(namesOf(fired)).toBe('a b');
		expect(clock.runWhile(() => true)).toBe(false);
		expect(namesOf(fired)).toBe('a b c');
	});
});

/** The same without a heap: all timers in one list, the next one found by looking at all. */
class PlainClock {
	nowMs = 0;
	readonly #timers: { atMs: number; name: string; isOver: boolean }[] = [];
	readonly fired: Fired[] = [];

	after(delayMs: number, name: string): void {
		this.#timers.push({ atMs: this.nowMs + Math.max(0, delayMs), name, isOver: false });
	}

	cancel(index: number): void {
		const timer = this.#timers[index];
		if (timer !== undefined) timer.isOver = true;
	}

	run(durationMs: number): void {
		const untilMs = this.nowMs + durationMs;
		for (;;) {
			const [next] = this.#timers.filter(({ isOver, atMs }) => !isOver && atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
			if (next === undefined) break;
			next.isOver = true;
			this.nowMs = next.atMs;
			this.fired.push({ name: next.name, atMs: next.atMs });
		}
		this.nowMs = untilMs;
	}
}

test('agrees with a sorted list, whatever is set, cancelled and run', () => {
	const word = fc.oneof(
		{ weight: 6, arbitrary: fc.record({ kind: fc.constant('after' as const), delayMs: fc.integer({ min: -1, max: 12 }) }) },
		{ weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), index: fc.nat(60) }) },
		{ weight: 2, arbitrary: fc.record({ kind: fc.constant('run' as const), durationMs: fc.nat(8) }) },
	);
	fc.assert(
		fc.property(fc.array(word, { maxLength: 80, size: 'max' }), (words) => {
			const { clock, fired, after } = clockWithLog();
			const plain = new PlainClock();
			const timers: Timer[] = [];
			for (const said of words) {
				if (said.kind === 'after') {
					const name = `t${timers.length}`;
					timers.push(after(said.delayMs, name));
					plain.after(said.delayMs, name);
				} else if (said.kind === 'cancel') {
					timers[said.index]?.cancel();
					plain.cancel(said.index);
				} else {
					clock.run(said.durationMs);
					plain.run(said.durationMs);
				}
				expect(clock.monotonicMs()).toBe(plain.nowMs);
			}
			expect(fired).toEqual(plain.fired);
		}),
		{ numRuns: 1_000 },
	);
});
