import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pass, START_MS, settle, virtualClock } from './in-virtual-time.suite.ts';
import { failed, ok, type Work } from './result.ts';
import { Tasks, type TasksOptions } from './tasks.ts';

const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
beforeAll(() => {
	process.on('unhandledRejection', note);
});
afterAll(() => {
	process.off('unhandledRejection', note);
});

function tasksOn(options: Partial<TasksOptions> = {}) {
	const clock = virtualClock();
	const told: string[] = [];
	const tasks = new Tasks({ clock, onFailure: ({ name }, { detail }) => told.push(`${name}: ${detail}`), ...options });
	const start = (name: string, work: Work<unknown>, group = 'feeds') => tasks.start({ name, group }, work);
	const states = () => tasks.list().map(({ name, state }) => `${name} ${state.kind}`);
	return { clock, tasks, told, start, states };
}

/** Ends when it is told to, some time later. */
function obedient(clock: ReturnType<typeof virtualClock>, afterMs = 0): Work<never> {
	return (signal) =>
		new Promise((resolve) => {
			const stop = failed({ reason: 'error', class: 'transient', detail: 'stopped' });
			signal.addEventListener('abort', () => clock.after(afterMs, () => resolve(stop)));
		});
}

const DEAF: Work<never> = () => new Promise(() => {});

describe('a task registry', () => {
	test('lists what runs and how the rest ended', async () => {
		const { clock, tasks, start, states, told } = tasksOn();
		start('prices', DEAF);
		start('news', async () => ok('all read'), 'extras');
		start('books', async () => failed({ reason: 'error', class: 'transient', detail: 'gap' }));
		start('typo', () => Promise.reject(new TypeError('not a function')));
		start('at once', () => {
			throw new Error('before any promise');
		});
		expect(states()).toEqual(['prices running', 'news running', 'books running', 'typo running', 'at once running']);
		await pass(clock, 70);
		expect(states()).toEqual(['at once failed', 'news done', 'books failed', 'typo failed', 'prices running']);
		expect(told).toEqual(['at once: Error: before any promise', 'books: gap', 'typo: TypeError: not a function']);
		expect(tasks.list('extras')).toEqual([
			{
				...{ taskId: 2, name: 'news', group: 'extras', startedAtMs: START_MS, isCancelling: false },
				state: { kind: 'done', endedAtMs: START_MS },
			},
		]);
		expect(unhandled).toEqual([]);
	});

	test('calls off a group and leaves the others alone', async () => {
		const { clock, tasks, start, states } = tasksOn();
		for (const name of ['a', 'b']) start(name, obedient(clock, 10));
		start('c', obedient(clock), 'extras');
		expect([tasks.cancelGroup('feeds'), tasks.cancelGroup('nobody')]).toEqual([2, 0]);
		expect(tasks.list('feeds').map(({ isCancelling, state }) => [isCancelling, state.kind])).toEqual([
			[true, 'running'],
			[true, 'running'],
		]);
		await pass(clock, 10);
		expect(states()).toEqual(['a cancelled', 'b cancelled', 'c running']);
	});

	test.each([
		{ name: 'is done all the same', work: async () => ok(1), expected: 'done' },
		{
			name: 'rejects as aborted calls do',
			work: () => Promise.reject(new DOMException('', 'AbortError')),
			expected: 'cancelled',
		},
		{ name: 'shows a bug on the way out', work: () => Promise.reject(new TypeError('x')), expected: 'failed' },
	])('sees a task that was called off and $name as $expected', async ({ work, expected }) => {
		const { start, states, clock } = tasksOn();
		const started = start('t', (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(work()))));
		expect(started.kind).toBe('ok');
		if (started.kind === 'ok') {
			started.value.cancel();
			expect((await started.value.ended).state.kind).toBe(expected);
		}
		await pass(clock, 0);
		expect(states()).toEqual([`t ${expected}`]);
	});

	test('survives a listener that throws', async () => {
		const { tasks, start } = tasksOn({
			onFailure: () => {
				throw new Error('a bug in the listener');
			},
		});
		start('a', () => Promise.reject(new Error('x')));
		await tasks.idle();
		await settle();
		expect([tasks.listenerFailureCount, unhandled]).toEqual([1, []]);
	});

	test('is bounded: in what runs and in what it remembers', async () => {
		const { start, states, tasks } = tasksOn({ runningMax: 2, historyMax: 3 });
		start('deaf', DEAF);
		for (let i = 0; i < 5; i += 1) {
			start(`n${i}`, async () => ok(i));
			await settle();
		}
		expect(states()).toEqual(['n2 done', 'n3 done', 'n4 done', 'deaf running']);
		start('deaf too', DEAF);
		expect(start('one too many', DEAF)).toMatchObject({ reason: 'full' });
		expect(tasks.list().length).toBe(5);
	});

	test.each([
		{ name: 'waits for what stops', endsAfterMs: 1_000, closedAt: 1_000 },
		{ name: 'does not wait for ever', endsAfterMs: 9_000, closedAt: 5_000 },
	])('$name when it is closed', async ({ endsAfterMs, closedAt }) => {
		const { clock, tasks, start } = tasksOn();
		start('a', obedient(clock, endsAfterMs));
		let closedAtMono: number | undefined;
		void tasks[Symbol.asyncDispose]().then(() => {
			closedAtMono = clock.monotonicMs();
		});
		expect(start('late', DEAF)).toMatchObject({ reason: 'closed' });
		await pass(clock, 20_000);
		expect(closedAtMono).toBe(closedAt);
	});
});
