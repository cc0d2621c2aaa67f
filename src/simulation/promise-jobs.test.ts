import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runUntilSettled, runWithJobs } from './promise-jobs.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A chain of so many promise jobs, and what it ends with. */
async function chain(length: number, end: () => void): Promise<void> {
	for (let job = 0; job < length; job += 1) await Promise.resolve();
	end();
}

describe('promise jobs in virtual time', () => {
	test('all run before the next timer, however long their chain is and whatever they start', async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(fc.nat({ max: 30 }), { maxLength: 30 }), async (lengths) => {
				const clock = new VirtualClock(0);
				const log: string[] = [];
				for (const [index, length] of lengths.entries()) {
					clock.after(index, () => {
						log.push(`timer ${index}`);
						void chain(length, () => void chain(length, () => log.push(`job ${index}`)));
					});
				}
				await runWithJobs(clock, () => true);
				expect(log).toEqual(lengths.flatMap((_, index) => [`timer ${index}`, `job ${index}`]));
			}),
		);
	});

	test('those that wait already run before the first timer', async () => {
		const clock = new VirtualClock(0);
		const log: string[] = [];
		clock.after(0, () => log.push('timer'));
		void chain(20, () => log.push('job'));
		await runWithJobs(clock, () => true);
		expect(log).toEqual(['job', 'timer']);
	});

	test('may end the run, and the next timer does not fire', async () => {
		const clock = new VirtualClock(0);
		let isEnough = false;
		clock.after(1, () => void chain(5, () => (isEnough = true)));
		clock.after(1, () => expect.unreachable());
		expect(await runWithJobs(clock, () => !isEnough)).toBe(true);
	});

	test('leave the event loop its turns, so that somebody outside can end a run that never ends by itself', async () => {
		const clock = new VirtualClock(0);
		let isEnough = false;
		setImmediate(() => setImmediate(() => (isEnough = true)));
		const again = (): void => void clock.after(1, again);
		again();
		expect(await runWithJobs(clock, () => !isEnough)).toBe(true);
	});

	test('what a timer throws ends the run', async () => {
		const clock = new VirtualClock(0);
		clock.after(1, () => {
			throw new Error('a bug');
		});
		await expect(runWithJobs(clock, () => true)).rejects.toThrow('a bug');
	});

	test('a promise that no timer can settle is told of', async () => {
		const clock = new VirtualClock(0);
		await expect(runUntilSettled(clock, new Promise(() => {}))).rejects.toThrow('stands still');
		const later = new Promise<string>((resolve) => void clock.after(5, () => resolve('yes')));
		expect(await runUntilSettled(clock, later)).toBe('yes');
	});
});
