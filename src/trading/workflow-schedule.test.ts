import { beforeEach, describe, expect, test } from 'vitest';
import { runUntilSettled } from '../simulation/promise-jobs.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import type { TradeRequest, WorkflowRules } from './workflow.ts';
import { type ScheduledWorkflow, WorkflowSchedule } from './workflow-schedule.ts';

const START_MS = 1_767_225_600_000;
const MINUTE = 60_000;
const RULES = { name: 'trend', interval: '1m' } as WorkflowRules;
const REQUESTS = [
	{ symbol: 'A', quantity: '1' },
	{ symbol: 'B', quantity: { notional: 5 } },
];

let clock: VirtualClock;
let runs: { readonly atMs: number; readonly requests: readonly TradeRequest[] }[];
let tookMs: number;
let skipped: string[];
let calledOff: number;
let failures: unknown[];
beforeEach(() => {
	clock = new VirtualClock(START_MS + 20_000);
	runs = [];
	skipped = [];
	tookMs = 10;
	calledOff = 0;
	failures = [];
});

function schedule(workflow: Partial<ScheduledWorkflow> = {}, onRan: () => void = () => {}): WorkflowSchedule<number> {
	return new WorkflowSchedule({
		clock,
		workflows: [{ rules: RULES, requests: REQUESTS, schedule: { kind: 'bar' }, ...workflow }],
		onSkipped: (name) => skipped.push(name),
		onRan,
		listenerFailed: (error) => failures.push(error),
		desk: {
			executeMultiSymbolWorkflow: async (_rules, requests, signal) => {
				runs.push({ atMs: clock.wallMs() - START_MS, requests });
				await new Promise<void>((resolve) => {
					clock.after(tookMs, resolve);
					signal?.addEventListener('abort', () => {
						calledOff += 1;
						resolve();
					});
				});
				return [];
			},
		},
	});
}

async function pass(ms: number): Promise<void> {
	await runUntilSettled(clock, new Promise<void>((resolve) => void clock.after(ms, resolve)));
}

describe('a schedule', () => {
	test('by bars runs all symbols a moment after each has closed, and asks for that bar', async () => {
		schedule().start();
		await pass(2 * MINUTE);
		expect(runs.map(({ atMs }) => atMs)).toEqual([MINUTE + 300, 2 * MINUTE + 300]);
		expect(runs[0]?.requests).toEqual(REQUESTS.map((request) => ({ ...request, barEndAtMs: START_MS + MINUTE - 1 })));
	});

	test('by turns names its decisions after them, alike after a restart', async () => {
		const every = { schedule: { kind: 'every', everyMs: 15_000 } } as const;
		const first = schedule(every);
		first.start();
		await pass(12_000);
		await first[Symbol.asyncDispose]();
		schedule(every).start();
		await pass(28_500);
		expect(runs.map(({ atMs }) => atMs)).toEqual([30_000, 45_000, 60_000]);
		expect(runs.map(({ requests }) => requests[0]?.decisionId)).toEqual([
			`trend A ${START_MS + 30_000}`,
			`trend A ${START_MS + 45_000}`,
			`trend A ${START_MS + 60_000}`,
		]);
	});

	test('lets a turn go by while the one before is not through', async () => {
		tookMs = 70_000;
		schedule().start();
		await pass(3 * MINUTE);
		expect(runs.map(({ atMs }) => atMs)).toEqual([MINUTE + 300, 3 * MINUTE + 300]);
		expect(skipped).toEqual(['trend']);
	});

	test('goes on when whoever listens to its runs fails, says so, and ends in order', async () => {
		const bug = new Error('a bug of a listener');
		const made = schedule({}, () => {
			throw bug;
		});
		made.start();
		await pass(2 * MINUTE);
		expect([runs.length, failures]).toEqual([2, [bug, bug]]);
		await runUntilSettled(clock, made[Symbol.asyncDispose]());
	});

	test('of which nobody wants to know any more calls off what runs, and runs no more', async () => {
		tookMs = 10 * MINUTE;
		const made = schedule();
		made.start();
		await pass(MINUTE);
		await runUntilSettled(clock, made[Symbol.asyncDispose]());
		expect(calledOff).toBe(1);
		await pass(5 * MINUTE);
		expect(runs).toHaveLength(1);
	});
});
