import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { NO_METER } from '../ports/meter.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { collectingAfterFlushes, systemYoungGarbage } from './quiet-collection.ts';

function scene(bytes: number) {
	const clock = new VirtualClock(0);
	const collectedAt: number[] = [];
	const recorded: number[] = [];
	const below = { ...NO_METER, flush: { record: (ms: number) => recorded.push(ms) } };
	const garbage = { bytes, collect: () => collectedAt.push(clock.monotonicMs()) };
	return { clock, collectedAt, recorded, below, meter: collectingAfterFlushes(below, clock, garbage) };
}

describe('after a flush', () => {
	test('what it left is collected when its news have come', () => {
		const { clock, collectedAt, recorded, meter } = scene(5_000_000);
		meter.flush.record(40);
		expect(collectedAt).toEqual([]);
		clock.run(100);
		meter.flush.record(41);
		clock.run(100);
		expect(collectedAt).toEqual([20, 120]);
		expect(recorded).toEqual([40, 41]);
	});

	test('flushes that follow one another closely are collected after together, and never put it off', () => {
		const { clock, collectedAt, meter } = scene(5_000_000);
		// The first asks for it; the next one after it was done asks again.
		for (let flush = 0; flush < 12; flush += 1) {
			meter.flush.record(4);
			clock.run(4);
		}
		expect(collectedAt).toEqual([20, 40]);
	});

	test('a little may lie about', () => {
		const { clock, collectedAt, meter } = scene(999_999);
		meter.flush.record(40);
		clock.run(100);
		expect(collectedAt).toEqual([]);
	});
});

test('where nothing can be collected the meter stays as it is', () => {
	expect(collectingAfterFlushes(NO_METER, new VirtualClock(0), undefined)).toBe(NO_METER);
});

test('this process can be tidied, and nobody else is given the means', () => {
	const garbage = systemYoungGarbage();
	if (garbage === undefined) return expect.unreachable('V8 has a collector');
	// All of it dies at once.
	const made = Array.from({ length: 50_000 }, (_, number) => ({ number }));
	expect(made).toHaveLength(50_000);
	const before = garbage.bytes;
	made.length = 0;
	garbage.collect();
	garbage.collect();
	expect(garbage.bytes).toBeLessThan(before);
	expect([globalThis.gc, runInNewContext('typeof gc')]).toEqual([undefined, 'undefined']);
});
