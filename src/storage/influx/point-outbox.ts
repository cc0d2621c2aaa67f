/**
 * The near end of the way to the database: takes points while we trade, and hands them over in parcels. Writing numbers
 * of a known series is a few stores into an array; nothing is put into words, sorted or sent here. Bounded: when the far
 * end does not keep up, what comes is counted as lost, and nobody waits.
 */
import type { Clock, Timer } from '../../ports/clock.ts';
import type { Point, PointParcel, SeriesShape } from './point.ts';

export interface OutboxParts {
	readonly clock: Clock;
	/** May move `rows` away where there are any: they are never written again. */
	readonly send: (parcel: PointParcel) => void;
	/** Points that are handed over and not taken yet. */
	readonly outstandingMax?: number;
}

/** One measurement with one set of tags. */
export interface Series {
	/** Values in the order of the fields; NaN for one that has none now. */
	write(atMs: number, ...values: number[]): void;
}

const SEND_EVERY_MS = 100;
/** 64 kB: two thousand points of two fields. */
const ROW_NUMBERS = 8_192;
const POINTS_MAX = 1_000;
const OUTSTANDING_MAX = 200_000;
/** More can only mean that something without a bound has become a tag. */
export const SERIES_MAX = 10_000;
const ROW_HEAD = 2;
const NO_ROWS = new Float64Array(0);

export class PointOutbox {
	readonly #send: OutboxParts['send'];
	readonly #outstandingMax: number;
	readonly #clock: Clock;
	#shapes: SeriesShape[] = [];
	#shapeCount = 0;
	#rows = new Float64Array(ROW_NUMBERS);
	#length = 0;
	#points: Point[] = [];
	#count = 0;
	#outstanding = 0;
	#timer: Timer | undefined;
	#isClosed = false;
	/** Of which nobody will hear: the far end did not keep up, or there is none any more. */
	lostCount = 0;

	constructor({ clock, send, outstandingMax = OUTSTANDING_MAX }: OutboxParts) {
		this.#clock = clock;
		this.#send = send;
		this.#outstandingMax = outstandingMax;
	}

	/** Made once for each series and kept. */
	series(shape: SeriesShape): Series {
		if (this.#shapeCount >= SERIES_MAX) throw new RangeError(`more than ${SERIES_MAX} series, the last one ${shape.measurement}`);
		if (shape.fields.length + ROW_HEAD > ROW_NUMBERS) throw new RangeError(`${shape.measurement} has too many fields`);
		const index = this.#shapeCount;
		this.#shapeCount += 1;
		this.#shapes.push(shape);
		const width = shape.fields.length;
		return { write: (atMs, ...values) => this.#writeRow(index, width, atMs, values) };
	}

	writePoint(point: Point): void {
		if (!this.#hasRoom()) return;
		this.#points.push(point);
		this.#counted();
		if (this.#points.length >= POINTS_MAX) this.flush();
	}

	/** So many of those that were sent have arrived. */
	arrived(count: number): void {
		this.#outstanding -= count;
	}

	/** Sends what is there. */
	flush(): void {
		this.#timer?.cancel();
		this.#timer = undefined;
		if (this.#count === 0) return;
		const [rows, length] = [this.#length > 0 ? this.#rows : NO_ROWS, this.#length];
		const parcel = { shapes: this.#shapes, rows, length, points: this.#points, count: this.#count };
		this.#outstanding += this.#count;
		this.#shapes = [];
		this.#points = [];
		this.#count = 0;
		if (length > 0) this.#rows = new Float64Array(ROW_NUMBERS);
		this.#length = 0;
		this.#send(parcel);
	}

	/** From now on all that comes is lost, and what was sent and has not arrived is as well, if that is said. */
	close(isOutstandingLost: boolean): void {
		this.#timer?.cancel();
		this.#isClosed = true;
		this.lostCount += this.#count + (isOutstandingLost ? this.#outstanding : 0);
		this.#count = 0;
		this.#outstanding = 0;
	}

	#writeRow(index: number, width: number, atMs: number, values: readonly number[]): void {
		if (!this.#hasRoom()) return;
		if (this.#length + ROW_HEAD + width > ROW_NUMBERS) this.flush();
		const [rows, at] = [this.#rows, this.#length];
		rows[at] = index;
		rows[at + 1] = atMs;
		for (let i = 0; i < width; i += 1) rows[at + ROW_HEAD + i] = values[i] ?? Number.NaN;
		this.#length = at + ROW_HEAD + width;
		this.#counted();
	}

	#hasRoom(): boolean {
		if (!this.#isClosed && this.#outstanding + this.#count < this.#outstandingMax) return true;
		this.lostCount += 1;
		return false;
	}

	#counted(): void {
		this.#count += 1;
		this.#timer ??= this.#clock.after(SEND_EVERY_MS, () => this.flush());
	}
}
