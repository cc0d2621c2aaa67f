import { expect, test } from 'vitest';
import { TickTally } from './tick-tally.ts';

function tick(tally: TickTally, ms: number, { counts = true, commits = [1] }: { counts?: boolean; commits?: number[] } = {}) {
	const heard = tally.beginTick();
	for (const each of commits) tally.hearCommit(each);
	tally.keep({ roundTripMs: 40, ms, calls: 4, commands: 80, cpuMs: 2, commits: heard, counts });
}

test('counts the ticks that went through when it was warm, each commit of theirs, and how they compare with a round trip', () => {
	const tally = new TickTally();
	tick(tally, 5_000, { counts: false, commits: [700] });
	for (let number = 0; number < 98; number += 1) tick(tally, 44, { commits: [1, 1] });
	tally.drop();
	for (let number = 0; number < 2; number += 1) tick(tally, 80, { commits: [9, 9] });
	const told = tally.told(['ws-batch']);
	expect(told).toMatchObject({ ticks: 100, callsPerTick: 4, commandsPerTick: 80, cutShort: 1, sentOver: ['ws-batch'] });
	expect(Math.round(told.tickMs.p50)).toBe(44);
	expect(Math.round(told.tickMs.p99)).toBe(80);
	expect(told.tickInRoundTrips.p50).toBeCloseTo(1.1, 1);
	expect(told.tickInRoundTrips.p99).toBeCloseTo(2, 1);
	expect([told.journalMs.p50, told.journalMs.p99].map(Math.round)).toEqual([1, 9]);
	expect(Math.round(told.cpuMsPerTick.p95)).toBe(2);
});

test('gives up after ten ticks in a row that did not go through, and not before', () => {
	const tally = new TickTally();
	for (let number = 0; number < 9; number += 1) tally.drop();
	tick(tally, 44);
	for (let number = 0; number < 9; number += 1) tally.drop();
	expect(() => tally.drop()).toThrow('10 ticks in a row did not go through');
	expect(tally.told([]).cutShort).toBe(19);
});

test('has nothing to tell where nothing was measured', () => {
	const tally = new TickTally();
	tick(tally, 44, { counts: false });
	expect(() => tally.told([])).toThrow('nothing was measured');
});
