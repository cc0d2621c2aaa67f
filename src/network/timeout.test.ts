import { describe, expect, test } from 'vitest';
import { pass, virtualClock, watch } from './in-virtual-time.suite.ts';
import { attempt, failed, ok, type Work } from './result.ts';
import { Timeout } from './timeout.ts';

function timeoutOn() {
	const clock = virtualClock();
	const timeout = new Timeout({ clock, timeoutMs: 1_000, failsAs: 'transient' });
	const signals: AbortSignal[] = [];
	const taking =
		(durationMs: number): Work<string> =>
		(signal) => {
			signals.push(signal);
			return new Promise((resolve) => clock.after(durationMs, () => resolve(ok('here'))));
		};
	return { clock, timeout, signals, taking };
}

describe('a timeout', () => {
	test('is not noticed by work that is in time, and leaves no timer', async () => {
		const { clock, timeout, signals, taking } = timeoutOn();
		const seen = watch(timeout.run(taking(999)), clock);
		await pass(clock, 999);
		expect(seen).toEqual({ value: ok('here'), atMono: 999 });
		expect([clock.step(), signals[0]?.aborted]).toEqual([false, false]);
	});

	test('answers at the deadline, tells the work to stop and does not hear what comes later', async () => {
		const { clock, timeout, signals, taking } = timeoutOn();
		const seen = watch(timeout.run(taking(1_500)), clock);
		await pass(clock, 999);
		expect([seen.value, signals[0]?.aborted]).toEqual([undefined, false]);
		await pass(clock, 5_000);
		expect(seen).toMatchObject({ value: { reason: 'timeout', class: 'transient' }, atMono: 1_000 });
		expect(signals[0]?.aborted).toBe(true);
	});

	test('hands on what the caller calls off, and says that it may have happened', async () => {
		const { clock, timeout, signals, taking } = timeoutOn();
		const controller = new AbortController();
		const seen = watch(timeout.run(taking(500), controller.signal), clock);
		await pass(clock, 200);
		controller.abort();
		await pass(clock, 0);
		expect(seen).toMatchObject({ value: { reason: 'aborted', class: 'ambiguous' }, atMono: 200 });
		expect(signals[0]?.aborted).toBe(true);
		const never = watch(timeout.run(taking(500), controller.signal), clock);
		await pass(clock, 0);
		expect([never.value, signals.length]).toMatchObject([{ reason: 'aborted', class: 'fatal' }, 1]);
	});

	test('stops all work when it is closed', async () => {
		const { clock, timeout, signals, taking } = timeoutOn();
		const seen = watch(timeout.run(taking(500)), clock);
		expect(timeout.runningCount).toBe(1);
		await timeout[Symbol.asyncDispose]();
		await pass(clock, 0);
		expect([seen.value, signals[0]?.aborted, timeout.runningCount]).toMatchObject([{ reason: 'closed' }, true, 0]);
		expect(await timeout.run(taking(500))).toMatchObject({ reason: 'closed' });
		expect(signals.length).toBe(1);
	});
});

describe('an attempt', () => {
	const wrong = new RangeError('status 503');
	const call = (error: Error) =>
		attempt<string>(
			() => Promise.reject(error),
			(each) => (each === wrong ? 'transient' : 'fatal'),
		);

	test('makes values of what a call throws', async () => {
		const { signal } = new AbortController();
		expect(await call(wrong)(signal)).toEqual(
			failed({ reason: 'error', class: 'transient', detail: 'RangeError: status 503', cause: wrong }),
		);
		expect(await call(new Error('x'))(signal)).toMatchObject({ class: 'fatal' });
		expect(
			await attempt(
				async () => 'here',
				() => 'fatal',
			)(signal),
		).toEqual(ok('here'));
	});

	test('that is called off half-way may have done what it was for', async () => {
		expect(await call(wrong)(AbortSignal.abort())).toMatchObject({ reason: 'aborted', class: 'ambiguous' });
	});
});
