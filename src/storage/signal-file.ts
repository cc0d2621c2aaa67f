/**
 * Signals in a file, kept by a thread of their own, so that nobody waits for the disk who does not want to. Looks
 * several times a second whether another program has written there.
 */
import { Worker } from 'node:worker_threads';
import type { ShelfResult, SignalNews, SignalOperation, SignalShelf } from '../domain/signal.ts';
import type { TimeMs } from '../domain/units.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { SignalTableOptions } from './signal-table.ts';
import type { SignalWorkerHears, SignalWorkerSays, SignalWorkerStart } from './signal-worker.ts';

export interface SignalFileParts {
	readonly clock: Clock;
	/** Of the database; it and its folder are made where they are not there. */
	readonly path: string;
	/** What a person should know once it is open, one sentence each: that it cannot be had any more, or can again. */
	readonly onSay: (sentence: string) => void;
	readonly options?: SignalTableOptions;
}

/** What another program has written is heard of after that, which has to be below a second. */
const LOOK_EVERY_MS = 250;
const END_WITHIN_MS = 5_000;

type Opened = Awaited<ReturnType<SignalShelf['open']>>;

export class SignalFile implements SignalShelf {
	readonly #parts: SignalFileParts;
	readonly #waiting = new Map<number, (result: ShelfResult) => void>();
	readonly #known = new Set<string>();
	#heard: (news: SignalNews) => void = () => {};
	#opening: ((opened: Opened) => void) | undefined;
	#worker: Worker | undefined;
	#timer: Timer | undefined;
	#lastNumber = 0;
	#trouble: string | undefined;
	/** Why there is nobody to write any more. */
	#ended: string | undefined;

	constructor(parts: SignalFileParts) {
		this.#parts = parts;
	}

	async open(heard: (news: SignalNews) => void): Promise<Opened> {
		this.#heard = heard;
		const { promise, resolve } = Promise.withResolvers<Opened>();
		this.#opening = resolve;
		this.#worker = this.#start();
		const opened = await promise;
		if (opened.kind === 'open') this.#look();
		return opened;
	}

	async apply(operations: readonly SignalOperation[], nowMs: TimeMs): Promise<ShelfResult> {
		if (this.#ended !== undefined) return { kind: 'failed', sentence: this.#ended };
		const { promise, resolve } = Promise.withResolvers<ShelfResult>();
		this.#lastNumber += 1;
		this.#waiting.set(this.#lastNumber, resolve);
		// Whoever waits for an answer must not be cut off.
		this.#worker?.ref();
		this.#say({ kind: 'apply', number: this.#lastNumber, operations, nowMs });
		return await promise;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#timer?.cancel();
		const worker = this.#worker;
		this.#worker = undefined;
		if (worker === undefined) return;
		worker.ref();
		const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
		const late = Promise.withResolvers<void>();
		const limit = this.#parts.clock.after(END_WITHIN_MS, late.resolve);
		worker.postMessage({ kind: 'end' } satisfies SignalWorkerHears);
		if (this.#ended === undefined) await Promise.race([gone, late.promise]);
		limit.cancel();
		this.#end('the signals are closed');
		await worker.terminate();
	}

	#start(): Worker {
		const file = import.meta.url.endsWith('.ts') ? './signal-worker.ts' : './signal-worker.js';
		const start: SignalWorkerStart = { path: this.#parts.path, options: this.#parts.options ?? {} };
		const worker = new Worker(new URL(file, import.meta.url), { workerData: start, name: 'signals' });
		worker.on('message', (said: SignalWorkerSays) => this.#hear(said));
		worker.on('error', (error: unknown) => {
			const detail = error instanceof Error ? error.message : String(error);
			const sentence = `the signals in ${this.#parts.path} are not kept any more, and what was being written may be there or not: ${detail}; start again`;
			this.#end(sentence);
			this.#hear({ kind: 'trouble', sentence });
		});
		return worker;
	}

	#look(): void {
		this.#timer = this.#parts.clock.after(LOOK_EVERY_MS, () => {
			this.#say({ kind: 'look' });
			if (this.#ended === undefined) this.#look();
		});
	}

	#say(heard: SignalWorkerHears): void {
		this.#worker?.postMessage(heard);
	}

	#hear(said: SignalWorkerSays): void {
		switch (said.kind) {
			case 'all': {
				const ids = new Set(said.signals.map(({ id }) => id));
				this.#tell({ put: said.signals, gone: [...this.#known].filter((id) => !ids.has(id)) });
				this.#opened({ kind: 'open' });
				return;
			}
			case 'news':
				this.#tell(said.news);
				return;
			case 'applied': {
				this.#waiting.get(said.number)?.(said.result);
				this.#waiting.delete(said.number);
				this.#restIfIdle();
				return;
			}
			case 'trouble':
				if (this.#opening !== undefined) this.#opened({ kind: 'refused', sentence: said.sentence });
				else if (this.#trouble !== said.sentence) this.#parts.onSay(said.sentence);
				this.#trouble = said.sentence;
				return;
			case 'fine':
				if (this.#trouble !== undefined) this.#parts.onSay(`the signals in ${this.#parts.path} can be had again`);
				this.#trouble = undefined;
				return;
		}
	}

	#tell(news: SignalNews): void {
		for (const id of news.gone) this.#known.delete(id);
		for (const { id } of news.put) this.#known.add(id);
		if (news.put.length > 0 || news.gone.length > 0) this.#heard(news);
	}

	#opened(opened: Opened): void {
		this.#opening?.(opened);
		this.#opening = undefined;
		this.#restIfIdle();
	}

	/** Nobody is kept from ending by a thread that only listens. */
	#restIfIdle(): void {
		if (this.#waiting.size === 0) this.#worker?.unref();
	}

	#end(sentence: string): void {
		this.#ended ??= sentence;
		for (const done of this.#waiting.values()) done({ kind: 'failed', sentence: this.#ended });
		this.#waiting.clear();
	}
}
