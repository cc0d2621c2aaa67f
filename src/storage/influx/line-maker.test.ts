import { Point as JudgePoint } from '@influxdata/influxdb-client';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineMaker } from './line-maker.ts';
import type { FieldValue, Point, PointParcel, SeriesShape } from './point.ts';

const EMPTY: PointParcel = { shapes: [], rows: new Float64Array(0), length: 0, points: [], count: 0 };
const T = 1_700_000_000_000;

function linesOf(points: readonly Point[]): string[] {
	return new LineMaker().linesOf({ ...EMPTY, points });
}

const one = (given: Partial<Point>): Point => ({ measurement: 'm', tags: {}, fields: { f: 1 }, atMs: T, ...given });

/** The same line as the client of InfluxDB's makers writes it, whose fields are in the order of their names. */
function judged({ measurement, tags, fields, atMs }: Point, number: number): string | undefined {
	const judge = new JudgePoint(measurement);
	for (const [name, value] of Object.entries(tags)) judge.tag(name, value.replace(/\\+$/, ''));
	for (const [name, value] of Object.entries(fields)) {
		if (typeof value === 'number') judge.floatField(name, value);
		else if (typeof value === 'boolean') judge.booleanField(name, value);
		else judge.stringField(name, value.replace(/[\r\n]+/g, ' '));
	}
	return judge.timestamp(`${atMs}${String(number).padStart(6, '0')}`).toLineProtocol({ convertTime: (time) => String(time) });
}

const name = fc.string({
	unit: fc.constantFrom('a', 'b', ' ', ',', '=', '"', '\\', '\n', '\t', 'é'),
	minLength: 1,
	maxLength: 6,
});
/** A name is ours and does not end with a backslash. */
const ownName = name.filter((text) => !text.endsWith('\\'));
const value: fc.Arbitrary<FieldValue> = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), name);
const sorted = (fields: Record<string, FieldValue>): Record<string, FieldValue> =>
	Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
const anyPoint: fc.Arbitrary<Point> = fc.record({
	measurement: ownName,
	tags: fc.dictionary(ownName, name, { maxKeys: 3 }),
	fields: fc.dictionary(ownName, value, { minKeys: 1, maxKeys: 3 }).map(sorted),
	atMs: fc.nat(2_000_000_000_000),
});

describe('a line', () => {
	test('is what the client of the makers of InfluxDB would write', () => {
		fc.assert(
			fc.property(fc.array(anyPoint, { maxLength: 5 }), (points) => {
				expect(linesOf(points)).toEqual(points.map(judged));
			}),
		);
	});

	test('of a packed row is the line of the same point', () => {
		const shapes: SeriesShape[] = [
			{ measurement: 'prices', tags: { venue: 'by bit', symbol: 'BTC=USDT' }, fields: ['bid', 'the ask'] },
			{ measurement: 'ticks', tags: {}, fields: ['p50'] },
		];
		const rows = Float64Array.of(0, T, 1.5, 1e-7, 1, T + 1, 4, 0, T + 2, Number.NaN, -0);
		const lines = new LineMaker().linesOf({ ...EMPTY, shapes, rows, length: rows.length });
		expect(lines).toEqual([
			`prices,symbol=BTC\\=USDT,venue=by\\ bit bid=1.5,the\\ ask=1e-7 ${T}000000`,
			`ticks p50=4 ${T + 1}000001`,
			`prices,symbol=BTC\\=USDT,venue=by\\ bit the\\ ask=0 ${T + 2}000002`,
		]);
	});

	test('is one line, whatever its text', () => {
		expect(linesOf([one({ fields: { why: 'first\nsecond\r\nthird "quoted" \\' } })])).toEqual([
			`m why="first second third \\"quoted\\" \\\\" ${T}000000`,
		]);
		expect(linesOf([one({ tags: { a: 'ends with \\', b: '\\', c: '' } })])).toEqual([`m,a=ends\\ with\\  f=1 ${T}000000`]);
	});

	test('never has the time of another, whatever the clock does', () => {
		const maker = new LineMaker();
		const times = fc.array(fc.integer({ min: T, max: T + 3 }), { minLength: 2, maxLength: 200 });
		fc.assert(
			fc.property(times, (each) => {
				const lines = maker.linesOf({ ...EMPTY, points: each.map((atMs) => one({ atMs })) });
				expect(new Set(lines).size).toBe(each.length);
				expect(lines.map((line) => line.slice(-19, -6))).toEqual(each.map(String));
			}),
		);
	});

	test('is not made of what has no time, or nothing to tell', () => {
		const maker = new LineMaker();
		const unfit = [
			one({ atMs: Number.NaN }),
			one({ atMs: -1 }),
			one({ atMs: 1.5 }),
			one({ fields: { f: Number.NaN } }),
			one({ fields: {} }),
		];
		expect(maker.linesOf({ ...EMPTY, points: [...unfit, one({})] })).toEqual([`m f=1 ${T}000000`]);
		expect(maker.unfitCount).toBe(5);
	});
});
