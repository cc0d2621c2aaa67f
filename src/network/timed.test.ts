import { describe, expect, test } from 'vitest';
import { pass, settle, virtualClock } from './in-virtual-time.suite.ts';
import { Stopwatch } from './timed.ts';

function stopwatch() {
	const clock = virtualClock();
	const observed: [string, number][] = [];
	return { clock, observed, watch: new Stopwatch(clock, { observe: (name, durationMs) => observed.push([name, durationMs]) }) };
}

describe('a measured function', () => {
	test('returns what it returns, and is measured until its promise has settled', async () => {
		const { clock, observed, watch } = stopwatch();
		const sleep = watch.timed(
			'sleep',
			(ms: number, word: string) => new Promise<string>((resolve) => clock.after(ms, () => resolve(word))),
		);
		const slept = sleep(30, 'well');
		expect(observed).toEqual([]);
		await pass(clock, 100);
		expect([await slept, observed]).toEqual(['well', [['sleep', 30]]]);
		expect([watch.timed('add', (a: number, b: number) => a + b)(1, 2), observed[1]]).toEqual([3, ['add', 0]]);
	});

	test('is measured when it fails, and fails as before', async () => {
		const { clock, observed, watch } = stopwatch();
		const thrower = watch.timed('throws', () => {
			clock.run(5);
			throw new RangeError('no');
		});
		expect(thrower).toThrow(RangeError);
		await expect(watch.timed('rejects', () => Promise.reject(new RangeError('no')))()).rejects.toThrow('no');
		expect(observed).toEqual([
			['throws', 5],
			['rejects', 0],
		]);
	});

	test('does not suffer from a histogram that fails', async () => {
		const broken = new Stopwatch(virtualClock(), {
			observe: () => {
				throw new Error('label');
			},
		});
		expect(broken.timed('sync', () => 1)()).toBe(1);
		expect(await broken.timed('async', async () => 2)()).toBe(2);
		await settle();
		expect(broken.sinkFailureCount).toBe(2);
	});
});
