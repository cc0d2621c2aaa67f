/**
 * Points become lines of InfluxDB's line protocol. The time of a line is its point's millisecond, and the six digits
 * below say which point it was, counted over all series: two points of one series never have the same time, in whatever
 * order they come and whatever the clock does, as long as not a million others came in between. A line that is sent twice
 * is the same line, so nothing is ever there twice.
 */
import { escape } from '@influxdata/influxdb-client';
import type { FieldValue, Point, PointParcel, SeriesShape } from './point.ts';

const NUMBERS_PER_MS = 1_000_000;
const NUMBER_DIGITS = 6;

interface Prefix {
	/** Measurement and tags. */
	readonly head: string;
	readonly fields: readonly string[];
}

export class LineMaker {
	readonly #prefixes: Prefix[] = [];
	#number = 0;
	/** Points without a time or without a single value that could be written. */
	unfitCount = 0;

	linesOf({ shapes, rows, length, points }: PointParcel): string[] {
		for (const shape of shapes) this.#prefixes.push(prefixOf(shape));
		const lines: string[] = [];
		for (let at = 0; at < length; ) {
			const prefix = this.#prefixes[rows[at] ?? -1];
			if (prefix === undefined) throw new Error(`invariant broken: nobody said what series ${rows[at]} is`);
			const first = at + 2;
			this.#add(lines, prefix.head, numbersText(prefix.fields, rows, first), rows[at + 1] ?? Number.NaN);
			at = first + prefix.fields.length;
		}
		for (const point of points) this.#add(lines, headOf(point), fieldsText(point.fields), point.atMs);
		return lines;
	}

	#add(lines: string[], head: string, fields: string, atMs: number): void {
		if (fields === '' || !Number.isSafeInteger(atMs) || atMs < 0) {
			this.unfitCount += 1;
			return;
		}
		const digits = String(this.#number).padStart(NUMBER_DIGITS, '0');
		this.#number = (this.#number + 1) % NUMBERS_PER_MS;
		lines.push(`${head} ${fields} ${atMs}${digits}`);
	}
}

function prefixOf(shape: SeriesShape): Prefix {
	return { head: headOf(shape), fields: shape.fields.map((field) => escape.tag(field)) };
}

/** Tags in the order of their names, which is how the server keeps them. One without a value is left out: it would be no line. */
function headOf({ measurement, tags }: Pick<Point, 'measurement' | 'tags'>): string {
	let text = escape.measurement(measurement);
	for (const name of Object.keys(tags).sort()) {
		// A backslash at the end would escape what comes behind it.
		const value = (tags[name] ?? '').replace(/\\+$/, '');
		if (value !== '') text += `,${escape.tag(name)}=${escape.tag(value)}`;
	}
	return text;
}

function numbersText(fields: readonly string[], rows: Float64Array, first: number): string {
	let text = '';
	for (let i = 0; i < fields.length; i += 1) {
		const value = rows[first + i];
		if (value === undefined || !Number.isFinite(value)) continue;
		text += text === '' ? `${fields[i]}=${value}` : `,${fields[i]}=${value}`;
	}
	return text;
}

function fieldsText(fields: Readonly<Record<string, FieldValue>>): string {
	const texts: string[] = [];
	for (const [name, value] of Object.entries(fields)) {
		const text = valueText(value);
		if (text !== undefined) texts.push(`${escape.tag(name)}=${text}`);
	}
	return texts.join(',');
}

function valueText(value: FieldValue): string | undefined {
	if (typeof value === 'boolean') return value ? 'T' : 'F';
	if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
	// A line is a line: what is kept on disk is cut at its line ends.
	return escape.quoted(value.replace(/[\r\n]+/g, ' '));
}
