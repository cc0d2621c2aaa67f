/**
 * Keeps the tables on a thread of its own, a little behind the journal. A failure of the tables stops nobody: they are
 * made anew, and if that fails as well they are left alone, which is told.
 */
import { rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../ports/clock.ts';
import type { SafeEnd } from './journal-follower.ts';
import type { WorkerHears, WorkerSays, WorkerStart } from './projection-worker.ts';

export interface ProjectorParts {
	readonly clock: Clock;
	/** Of the journal's segments. */
	readonly folder: string;
	/** Of the database. */
	readonly path: string;
	readonly endOf: () => SafeEnd;
	/** The tables cannot be kept; one sentence. The engine goes on without them. */
	readonly onFailure: (sentence: string) => void;
}

/** How far behind the tables may be. */
const EVERY_MS = 500;
/** The tables are a copy: at the end nobody waits longer for them. */
const END_WITHIN_MS = 5_000;

export class Projector implements AsyncDisposable {
	readonly #parts: ProjectorParts;
	#worker: Worker;
	#timer: Timer | undefined;
	#toldNumber = 0;
	#reachedNumber = 0;
	#hasBegunAnew = false;
	#isClosed = false;
	#reached: { readonly number: number; readonly done: () => void } | undefined;

	constructor(parts: ProjectorParts) {
		this.#parts = parts;
		this.#worker = this.#start();
		this.#tell();
	}

	/** Resolves when the tables know all that is safe in the journal now. */
	async caughtUp(): Promise<void> {
		const { nextNumber } = this.#parts.endOf();
		if (this.#reachedNumber >= nextNumber || this.#isClosed) return;
		await new Promise<void>((done) => {
			this.#reached = { number: nextNumber, done };
			this.#follow();
		});
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (this.#isClosed) return;
		// Until it has gone it does keep the process: whoever waits for that must not be cut off.
		this.#worker.ref();
		const late = Promise.withResolvers<void>();
		const limit = this.#parts.clock.after(END_WITHIN_MS, late.resolve);
		await Promise.race([this.caughtUp(), late.promise]);
		if (!this.#isClosed) {
			this.#isClosed = true;
			const gone = new Promise((resolve) => this.#worker.once('exit', resolve));
			this.#say({ kind: 'end' });
			await Promise.race([gone, late.promise]);
		}
		this.#timer?.cancel();
		limit.cancel();
		await this.#worker.terminate();
	}

	#start(): Worker {
		const file = import.meta.url.endsWith('.ts') ? './projection-worker.ts' : './projection-worker.js';
		const start: WorkerStart = { folder: this.#parts.folder, path: this.#parts.path };
		const worker = new Worker(new URL(file, import.meta.url), { workerData: start, name: 'tables' });
		worker.on('message', (said: WorkerSays) => this.#hear(worker, said));
		worker.on('error', (error: unknown) => {
			this.#hear(worker, { kind: 'failed', detail: error instanceof Error ? error.message : String(error) });
		});
		// The tables keep no process alive.
		worker.unref();
		return worker;
	}

	#tell(): void {
		this.#timer = this.#parts.clock.after(EVERY_MS, () => {
			if (this.#parts.endOf().nextNumber !== this.#toldNumber) this.#follow();
			this.#tell();
		});
	}

	#follow(): void {
		const end = this.#parts.endOf();
		this.#toldNumber = end.nextNumber;
		this.#say({ kind: 'follow', end });
	}

	#say(heard: WorkerHears): void {
		this.#worker.postMessage(heard);
	}

	#hear(worker: Worker, said: WorkerSays): void {
		// What one of before still had to say is over with it.
		if (this.#isClosed || worker !== this.#worker) return;
		if (said.kind === 'failed') {
			this.#fail(said.detail);
			return;
		}
		this.#reachedNumber = said.nextNumber;
		if (this.#reached !== undefined && said.nextNumber >= this.#reached.number) {
			this.#reached.done();
			this.#reached = undefined;
		}
	}

	#fail(detail: string): void {
		void this.#worker.terminate();
		if (this.#hasBegunAnew) {
			this.#giveUp(detail);
			return;
		}
		this.#hasBegunAnew = true;
		try {
			for (const suffix of ['', '-wal', '-shm']) rmSync(`${this.#parts.path}${suffix}`, { force: true });
		} catch (error) {
			this.#giveUp(`${detail}; ${error instanceof Error ? error.message : String(error)}`);
			return;
		}
		this.#worker = this.#start();
		this.#follow();
	}

	#giveUp(detail: string): void {
		this.#isClosed = true;
		this.#timer?.cancel();
		this.#reached?.done();
		this.#parts.onFailure(`the tables in ${this.#parts.path} are not kept any more: ${detail}`);
	}
}
