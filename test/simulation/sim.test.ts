/**
 * The commands that draw whole worlds run for minutes (`npm run test:sim`, `test:crash`, `test:bugs`); here are a few of
 * their runs, so that none of it rots.
 */
import { describe, expect, test } from 'vitest';
import { CRASH_MOMENTS, runPoint, writesOf } from '../fixtures/crash-points.ts';
import { PLANTED_BUGS } from '../fixtures/planted-bugs.ts';
import { drawSim } from '../fixtures/sim-plan.ts';
import { runSim, shrinkSim } from '../fixtures/sim-run.ts';

describe('a world drawn from its seed', () => {
	test('breaks no promise, whatever strikes', async () => {
		const report = await runSim(drawSim(30, 2));
		expect(report.violation).toBeUndefined();
		expect(report.lives, 'a world in which nobody dies proves less').toBeGreaterThan(2);
		expect(report.tradeCount).toBeGreaterThan(5);
	});

	test('takes a symbol back at the end of a storm, be the engine frozen then or not', async () => {
		const wayOut = { episode: 0, fault: { kind: 'way-out', atMs: 20_000 } } as const;
		const frozen = { episode: 0, fault: { kind: 'frozen', atMs: 30_000, forMs: 50_000 } } as const;
		const report = await runSim({ ...drawSim(11, 2, 'bybit'), faults: [wayOut, frozen] });
		expect(report.hits).toMatchObject({ 'way-out': 1, frozen: 1 });
		expect(report.violation).toBeUndefined();
	});

	test('that fails is named by what it needs, not by all that struck', async () => {
		const bug = PLANTED_BUGS.find(({ name }) => name.startsWith('a create is sent again'));
		const plan = drawSim(6, 2);
		const planted = { ...plan, options: { ...plan.options, saboteur: bug?.saboteur } };
		const report = await runSim(planted);
		expect(report.violation).toMatch(/^I7: a create of \S+ left twice$/);
		expect(report.lastEvents.length).toBeGreaterThan(50);
		const smaller = await shrinkSim(planted, report, (violation) => violation.startsWith('I7'));
		expect(smaller.faults).toEqual([]);
	});
});

describe('a sentinel beside it', () => {
	const absent = { episode: 0, fault: { kind: 'absent', how: 'killed', forMs: 30_000, isDiskStuck: false } } as const;
	// Quotes of one that is gone are filled one after the other; with this seed many stay long enough.
	const calm = { ...drawSim(11, 2, 'bybit'), faults: [absent] };

	test('cancels for an engine that is gone, and the engine comes back', async () => {
		const report = await runSim(calm);
		expect([report.violation, report.trips, report.lives]).toEqual([undefined, 1, 2]);
	});

	test('does so beside a disk that takes no file and does not say so', async () => {
		const report = await runSim({ ...calm, faults: [{ episode: 0, fault: { ...absent.fault, isDiskStuck: true } }] });
		expect([report.violation, report.trips, report.lives]).toEqual([undefined, 1, 2]);
	});

	test('has no write on its way any more once the disk that was stuck is not', async () => {
		const long = { ...absent.fault, how: 'power', forMs: 176_000, isDiskStuck: true } as const;
		const report = await runSim({ ...calm, faults: [{ episode: 0, fault: long }] });
		expect([report.violation, report.trips, report.lives]).toEqual([undefined, 1, 2]);
	});

	test('is judged by what it leaves open (KL6)', async () => {
		const undo = PLANTED_BUGS.find(({ name }) => name === 'the sentinel trips and cancels nothing')?.plant?.();
		const report = await runSim(calm);
		undo?.();
		expect(report.violation).toMatch(/^KL6: \d+ orders are open, 25000 ms after the engine fell silent/);
	});

	test('is left out where nobody wants one', async () => {
		const { sentinelFolder: _, ...options } = calm.options;
		const report = await runSim({ ...calm, faults: [], options });
		expect([report.violation, report.trips]).toEqual([undefined, 0]);
	});
});

test.each(CRASH_MOMENTS)('a program that dies %s its middle write recovers (I1, I4, I5, I22)', async (moment) => {
	const writes = await writesOf(4);
	const write = writes[Math.floor(writes.length / 2)];
	await runPoint({ seed: 4, write: write ?? 0, moment });
});
