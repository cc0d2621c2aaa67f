/**
 * Virtual time for code that has promises in it: after each timer all promise jobs run to their end before the next one
 * fires, so a run with reads and start-ups in it is as repeatable as one without. The order path has no promises, and a
 * run that has nothing else goes faster on the clock's own `run`.
 */
import type { VirtualClock } from './virtual-clock.ts';

/** Fires timers as long as the condition holds before each; false where it ran out of timers. */
export async function runWithJobs(clock: VirtualClock, condition: () => boolean): Promise<boolean> {
	await promiseJobs();
	while (condition()) {
		if (!clock.step()) return false;
		await promiseJobs();
	}
	return true;
}

/** Runs the clock until the promise is settled. Throws where no timer is left that could settle it. */
export async function runUntilSettled<Value>(clock: VirtualClock, promise: Promise<Value>): Promise<Value> {
	let isSettled = false;
	const settled = (): void => {
		isSettled = true;
	};
	promise.then(settled, settled);
	const isRunning = await runWithJobs(clock, () => !isSettled);
	if (!isRunning && !isSettled) throw new Error('virtual time stands still, and the promise is not settled');
	return await promise;
}

/** Everything that promises have to do now, and what comes of it. */
function promiseJobs(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}
