import { expect, test } from 'vitest';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { FlushWatch } from './flush-watch.ts';

function watching() {
	const clock = new VirtualClock(0);
	return { clock, flushes: new FlushWatch(clock) };
}

test('hears what the flush took, be it over before its beginning has returned or later, and then waits for nothing', async () => {
	const { clock, flushes } = watching();
	const atOnce = flushes.watch(() => {
		flushes.record(3);
		return true;
	});
	expect(await atOnce).toBe(3);
	const later = flushes.watch(() => true);
	flushes.record(44);
	expect(await later).toBe(44);
	expect(clock.step()).toBe(false);
});

test('where nothing was to do, waits for nothing', async () => {
	const { clock, flushes } = watching();
	expect(await flushes.watch(() => false)).toBeNaN();
	expect(clock.step()).toBe(false);
});

test('gives up after half a minute', async () => {
	const { clock, flushes } = watching();
	const watched = flushes.watch(() => true);
	clock.run(30_000);
	expect(await watched).toBeNaN();
});
