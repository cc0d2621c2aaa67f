/**
 * What runs in the background, by name and group: it can be listed, called off by group, and waited for. A task that
 * fails is noted and told to the listener; it never becomes an unhandled rejection.
 */
import type { Clock } from '../ports/clock.ts';
import { closed, type Failure, failed, perform, type Result, type Work } from './result.ts';

export type TaskState =
	| { readonly kind: 'running' }
	| { readonly kind: 'done'; readonly endedAtMs: number }
	| { readonly kind: 'failed'; readonly endedAtMs: number; readonly failure: Failure }
	/** It was told to stop, and has. */
	| { readonly kind: 'cancelled'; readonly endedAtMs: number };

export interface TaskStatus {
	readonly taskId: number;
	readonly name: string;
	readonly group: string;
	/** Wall time. */
	readonly startedAtMs: number;
	readonly isCancelling: boolean;
	readonly state: TaskState;
}

export interface Task {
	readonly taskId: number;
	/** How it ended; never rejects. */
	readonly ended: Promise<TaskStatus>;
	cancel(): void;
}

export interface TasksOptions {
	readonly clock: Clock;
	readonly runningMax?: number;
	/** Ended tasks that are still listed; the oldest go first. */
	readonly historyMax?: number;
	/** How long closing waits for tasks that have been told to stop. */
	readonly graceMs?: number;
	readonly onFailure?: (status: TaskStatus, failure: Failure) => void;
}

interface Running {
	status: TaskStatus;
	readonly controller: AbortController;
	ended: Promise<TaskStatus>;
}

export class Tasks implements AsyncDisposable {
	readonly #options: Required<TasksOptions>;
	readonly #running = new Map<number, Running>();
	readonly #history: TaskStatus[] = [];
	#startedCount = 0;
	#listenerFailureCount = 0;
	#isClosed = false;

	constructor(options: TasksOptions) {
		this.#options = { runningMax: 1_000, historyMax: 200, graceMs: 5_000, onFailure: () => {}, ...options };
	}

	/** Begins at once; names need not be unique. */
	start({ name, group }: { readonly name: string; readonly group: string }, work: Work<unknown>): Result<Task> {
		const { clock, runningMax } = this.#options;
		if (this.#isClosed) return closed('task registry');
		if (this.#running.size >= runningMax) {
			return failed({ reason: 'full', class: 'transient', detail: `${runningMax} tasks run already, so ${name} does not` });
		}
		this.#startedCount += 1;
		const taskId = this.#startedCount;
		const controller = new AbortController();
		const status: TaskStatus = {
			taskId,
			name,
			group,
			startedAtMs: clock.wallMs(),
			isCancelling: false,
			state: { kind: 'running' },
		};
		const running: Running = { status, controller, ended: Promise.resolve(status) };
		this.#running.set(taskId, running);
		running.ended = perform(work, controller.signal).then((result) => this.#end(running, result));
		return { kind: 'ok', value: { taskId, ended: running.ended, cancel: () => this.#cancel(running) } };
	}

	/** How many were told to stop. */
	cancelGroup(group: string): number {
		const members = [...this.#running.values()].filter(({ status }) => status.group === group);
		for (const member of members) this.#cancel(member);
		return members.length;
	}

	/** The ended ones first, in the order in which they ended. */
	list(group?: string): readonly TaskStatus[] {
		const all = [...this.#history, ...[...this.#running.values()].map(({ status }) => status)];
		return group === undefined ? all : all.filter((status) => status.group === group);
	}

	/** How often the listener itself failed. */
	get listenerFailureCount(): number {
		return this.#listenerFailureCount;
	}

	/** When those that run now have ended. */
	async idle(): Promise<void> {
		await Promise.all([...this.#running.values()].map(({ ended }) => ended));
	}

	/** Tells all to stop and waits for them, but not for ever. */
	async [Symbol.asyncDispose](): Promise<void> {
		this.#isClosed = true;
		for (const running of this.#running.values()) this.#cancel(running);
		if (this.#running.size === 0) return;
		const { clock, graceMs } = this.#options;
		await new Promise<void>((resolve) => {
			const timer = clock.after(graceMs, resolve);
			void this.idle().then(() => {
				timer.cancel();
				resolve();
			});
		});
	}

	#cancel(running: Running): void {
		running.status = { ...running.status, isCancelling: true };
		running.controller.abort();
	}

	#end(running: Running, result: Result<unknown>): TaskStatus {
		const { clock, historyMax } = this.#options;
		this.#running.delete(running.status.taskId);
		const status = { ...running.status, state: endOf(result, running.status.isCancelling, clock.wallMs()) };
		this.#history.push(status);
		if (this.#history.length > historyMax) this.#history.splice(0, this.#history.length - historyMax);
		if (status.state.kind === 'failed') this.#tell(status, status.state.failure);
		return status;
	}

	/** A listener that throws must not turn the end of a task into a rejection. */
	#tell(status: TaskStatus, failure: Failure): void {
		try {
			this.#options.onFailure(status, failure);
		} catch {
			this.#listenerFailureCount += 1;
		}
	}
}

function endOf(result: Result<unknown>, isCancelling: boolean, endedAtMs: number): TaskState {
	if (result.kind === 'ok') return { kind: 'done', endedAtMs };
	// Told to stop, it may say so in whatever words; a bug that shows on the way out is still a bug.
	if (isCancelling && (result.reason !== 'threw' || isAbortError(result.cause))) return { kind: 'cancelled', endedAtMs };
	return { kind: 'failed', endedAtMs, failure: result };
}

function isAbortError(error: unknown): boolean {
	return error instanceof Error && error.name === 'AbortError';
}
