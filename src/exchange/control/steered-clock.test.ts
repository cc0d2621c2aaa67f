/** A clock above a clock: it runs with it, stands still, is moved by hand, and goes on without a jump. */
import { expect, test } from 'vitest';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { SteeredClock } from './steered-clock.ts';

const START_MS = 1_000_000;

function steered() {
	const base = new VirtualClock(START_MS);
	const clock = new SteeredClock(base);
	const fired: string[] = [];
	const after = (delayMs: number, name: string) =>
		clock.after(delayMs, () => fired.push(`${name} at ${clock.wallMs() - START_MS}`));
	return { base, clock, fired, after };
}

test('runs as the clock beneath while nobody steers', () => {
	const { base, fired, after } = steered();
	after(10, 'a');
	after(20, 'b').cancel();
	base.run(30);
	expect(fired).toEqual(['a at 10']);
});

test('stands still, with its timers, for as long as it is frozen', () => {
	const { base, clock, fired, after } = steered();
	after(10, 'a');
	base.run(4);
	clock.freeze();
	base.run(1_000);
	expect([clock.wallMs(), clock.monotonicMs(), fired]).toEqual([START_MS + 4, 4, []]);
	clock.resume();
	base.run(6);
	expect(fired).toEqual(['a at 10']);
	expect(clock.wallMs()).toBe(START_MS + 10);
});

test('fires what falls due on the way, in order, each at its moment, new ones included', () => {
	const { clock, fired, after } = steered();
	after(20, 'b');
	after(10, 'a');
	clock.after(15, () => after(1, 'from within'));
	clock.freeze();
	after(21, 'too late').cancel();
	clock.advance(20);
	expect(fired).toEqual(['a at 10', 'from within at 16', 'b at 20']);
	expect(clock.wallMs()).toBe(START_MS + 20);
});

test('keeps what it was moved ahead after it goes on', () => {
	const { base, clock } = steered();
	clock.freeze();
	clock.advance(5_000);
	base.run(100);
	clock.resume();
	base.run(1);
	expect([clock.wallMs(), clock.monotonicMs()]).toEqual([START_MS + 5_001, 5_001]);
});

test('refuses to be moved while it runs', () => {
	expect(() => steered().clock.advance(1)).toThrow('call freeze first');
});
