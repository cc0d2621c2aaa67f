/**
 * Virtual time for code that has promises in it: after each timer all promise jobs run to their end before the next one
 * fires, so a run with reads and start-ups in it is as repeatable as one without. The order path has no promises, and a
 * run that has nothing else goes faster on the clock's own `run`.
 *
 * Between two timers stands one round of Node's tick queue instead of a whole turn of its event loop, which costs ten
 * times as much: the queue goes on only when no promise job is left.
 *
 *   step ─► promise jobs … ─► ours, in their midst, asks for the next tick ─► the rest of the jobs ─► step
 */
import type { VirtualClock } from './virtual-clock.ts';

/** Real timers and sockets of whoever waits for us have their turn after so many steps. */
const STEPS_PER_TURN = 1_000;
const NOW = Promise.resolve();

/** Fires timers as long as the condition holds before each; false where it ran out of timers. */
export function runWithJobs(clock: VirtualClock, condition: () => boolean): Promise<boolean> {
	return new Promise((resolve, reject) => {
		let stepCount = 0;
		const onceJobsAreDone = (): void => process.nextTick(go);
		function go(): void {
			try {
				if (!condition()) return resolve(true);
				if (!clock.step()) return resolve(false);
			} catch (error) {
				return reject(error instanceof Error ? error : new Error('thrown was no error', { cause: error }));
			}
			stepCount += 1;
			if (stepCount % STEPS_PER_TURN === 0) setImmediate(go);
			else void NOW.then(onceJobsAreDone);
		}
		setImmediate(go);
	});
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
