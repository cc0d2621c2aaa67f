import { describe, expect, test } from 'vitest';
import { Desk } from '../../test/fixtures/desk.ts';
import { BTCUSDT } from '../../test/fixtures/instruments.ts';
import { ladderAround, Scripted } from '../../test/fixtures/scripted.ts';
import type { Clock } from '../ports/clock.ts';
import { type Meter, NO_METER, type Stage } from '../ports/meter.ts';
import { Runtime } from './runtime.ts';

const MID = 640_000;

function meterThatKeeps() {
	const kept: [what: 'flush' | Stage, ms: number][] = [];
	const timing = (what: 'flush' | Stage) => ({ record: (ms: number) => kept.push([what, ms]) });
	const meter: Meter = { ...NO_METER, flush: timing('flush'), stage: timing };
	return { kept, meter };
}

function deskWith(meter: Meter) {
	const strategy = new Scripted();
	const desk = new Desk({ instruments: [BTCUSDT], strategy, meter });
	desk.book(BTCUSDT, MID - 1, MID + 1);
	return { desk, strategy };
}

describe('the meter hears', () => {
	test('each flush with the time to its last answer, and each commit with the time until it was safe', () => {
		const { kept, meter } = meterThatKeeps();
		const { desk, strategy } = deskWith(meter);
		strategy.wishes.set(BTCUSDT.index, ladderAround(MID, { levels: 2, qty: 1 }));
		desk.commits = 'held';
		desk.tick();
		desk.nowMs += 3;
		desk.confirmCommits();
		desk.nowMs += 40;
		expect(kept).toEqual([['journal', 3]]);
		desk.settle();
		expect(kept).toEqual([
			['journal', 3],
			['flush', 43],
		]);
		expect(desk.engine.getStats().p50_tick_ms).toBeCloseTo(43, 0);
	});

	test('nothing of a tick that sends nothing', () => {
		const { kept, meter } = meterThatKeeps();
		deskWith(meter).desk.tick();
		expect(kept).toEqual([]);
	});

	test('how long a tick computes, and not of other events', () => {
		const { kept, meter } = meterThatKeeps();
		const { desk } = deskWith(meter);
		let nowMs = 0;
		const clock: Clock = {
			wallMs: () => 0,
			// Every look at the clock finds it a millisecond later.
			monotonicMs: () => (nowMs += 1),
			after: () => ({ cancel: () => {} }),
		};
		const runtime = new Runtime(desk.engine, {
			clock,
			gateways: [],
			journal: { commit: () => {}, note: () => {}, keep: () => {} },
			meter,
		});
		for (const key of ['interval', 'tick', 'deadline']) runtime.push({ kind: 'timer', key, ...desk.at() });
		runtime.push({ kind: 'stream', venue: 'bybit', stream: 'private', up: true, ...desk.at() });
		expect(kept).toEqual([
			['decide', 1],
			['decide', 1],
		]);
		runtime.control({ kind: 'processTick', instruments: [BTCUSDT.index] });
		runtime.control({ kind: 'pause', scope: { kind: 'all' }, reason: 'no tick' });
		expect(kept.filter(([what]) => what === 'decide')).toHaveLength(3);
	});
});
