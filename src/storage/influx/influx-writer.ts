/**
 * Points for InfluxDB, written beside everything else: whatever the database does, whoever writes a point here is done
 * within less than a microsecond. Lines are made, sent, repeated and kept on disk on a thread of their own; when that
 * fails, points are counted as lost and nobody else is.
 */
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../ports/clock.ts';
import type { InfluxTarget } from './influx-target.ts';
import type { FarFigures, WorkerHears, WorkerSays, WorkerStart } from './influx-worker.ts';
import type { Point, PointParcel, SeriesShape } from './point.ts';
import { PointOutbox, type Series } from './point-outbox.ts';

export interface InfluxWriterOptions {
	readonly clock: Clock;
	readonly target: InfluxTarget;
	/** Points in a write; 1 writes each alone. */
	readonly batchSize: number;
	/** The longest that a point waits for others. */
	readonly flushMs: number;
	/** Where points are kept while the database is away, and how much of them. */
	readonly spillFolder: string;
	readonly spillBytesMax: number;
	/** One sentence for a person. */
	readonly onSay: (sentence: string) => void;
}

/** `lostCount` is of both ends. */
export type WriterFigures = FarFigures;

/** What has not been written by then is on disk, unless the disk hangs. */
const END_WITHIN_MS = 5_000;
const NOTHING_YET: FarFigures = {
	writtenCount: 0,
	refusedCount: 0,
	lostCount: 0,
	waitingCount: 0,
	spillBytes: 0,
	isAway: false,
	unfitCount: 0,
	damagedCount: 0,
};

export class InfluxWriter implements AsyncDisposable {
	readonly #options: InfluxWriterOptions;
	readonly #outbox: PointOutbox;
	readonly #worker: Worker;
	readonly #gone = Promise.withResolvers<void>();
	#far = NOTHING_YET;
	#isEnding = false;
	/** In good order. */
	#hasEnded = false;

	constructor(options: InfluxWriterOptions) {
		this.#options = options;
		this.#worker = this.#start();
		this.#outbox = new PointOutbox({ clock: options.clock, send: (parcel) => this.#send(parcel) });
	}

	writePoint(point: Point): void {
		this.#outbox.writePoint(point);
	}

	writePoints(points: readonly Point[]): void {
		for (const point of points) this.#outbox.writePoint(point);
	}

	/** For what is written often: asked for once and kept. */
	series(shape: SeriesShape): Series {
		return this.#outbox.series(shape);
	}

	/** At most a second old. */
	get figures(): WriterFigures {
		return { ...this.#far, lostCount: this.#far.lostCount + this.#outbox.lostCount };
	}

	/** With what is still here; what cannot be written in a moment is kept on disk for the next run. */
	async [Symbol.asyncDispose](): Promise<void> {
		if (this.#isEnding) return;
		this.#isEnding = true;
		// Until it has gone it does keep the process.
		this.#worker.ref();
		this.#outbox.flush();
		this.#post({ kind: 'end' });
		const limit = this.#options.clock.after(END_WITHIN_MS, this.#gone.resolve);
		await this.#gone.promise;
		limit.cancel();
		this.#close();
		await this.#worker.terminate();
		this.#sayLoss();
	}

	#sayLoss(): void {
		const { writtenCount, lostCount, refusedCount, unfitCount, damagedCount } = this.figures;
		if (lostCount + refusedCount + unfitCount + damagedCount === 0) return;
		const damaged = damagedCount === 0 ? '' : `, and ${damagedCount} files of kept points were damaged`;
		this.#options.onSay(
			`${writtenCount} points were written to InfluxDB, ${lostCount} were lost, ${refusedCount + unfitCount} refused${damaged}`,
		);
	}

	#start(): Worker {
		const { target, batchSize, flushMs, spillFolder, spillBytesMax } = this.#options;
		const file = import.meta.url.endsWith('.ts') ? './influx-worker.ts' : './influx-worker.js';
		const start: WorkerStart = { target, batchSize, flushMs, spillFolder, spillBytesMax };
		const worker = new Worker(new URL(file, import.meta.url), { workerData: start, name: 'influx' });
		worker.on('message', (said: WorkerSays) => this.#hear(said));
		worker.on('error', (error: unknown) => this.#giveUp(error instanceof Error ? error.message : String(error)));
		worker.on('exit', () => this.#gone.resolve());
		// Figures keep no process alive.
		worker.unref();
		return worker;
	}

	#send(parcel: PointParcel): void {
		this.#post({ kind: 'parcel', parcel }, parcel.length > 0 ? [parcel.rows.buffer] : []);
	}

	#post(heard: WorkerHears, moved: readonly ArrayBuffer[] = []): void {
		this.#worker.postMessage(heard, moved);
	}

	#hear(said: WorkerSays): void {
		if (said.kind === 'say') {
			this.#options.onSay(said.sentence);
			return;
		}
		this.#far = said.figures;
		if (said.kind === 'figures') this.#outbox.arrived(said.count);
		else this.#ended();
	}

	#ended(): void {
		this.#hasEnded = true;
		this.#gone.resolve();
	}

	/** Where the thread did not end by itself, what was in its memory is lost as well. */
	#close(): void {
		this.#outbox.close(!this.#hasEnded);
		if (this.#hasEnded) return;
		const { lostCount, waitingCount } = this.#far;
		this.#far = { ...this.#far, lostCount: lostCount + waitingCount, waitingCount: 0 };
	}

	#giveUp(detail: string): void {
		this.#close();
		this.#options.onSay(`nothing is written to InfluxDB any more: ${detail}`);
	}
}
