import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDecimal } from '../../domain/decimal.ts';
import { type Grid, gridOf } from '../../domain/grid.ts';
import { ByteReader, UNREAD } from './byte-reader.ts';
import { asciiBytes } from './byte-table.ts';

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** The same in whole numbers without an end: a count, or undefined when there is none. */
function exactSteps(text: string, { stepUnits, scale }: Grid): bigint | undefined {
	const decimal = parseDecimal(text);
	if (decimal === undefined || decimal.units < 0n) return undefined;
	const value = decimal.units * 10n ** BigInt(scale);
	const step = BigInt(stepUnits) * 10n ** BigInt(decimal.scale);
	return value % step === 0n && value / step <= SAFE ? value / step : undefined;
}

function readSteps(text: string, grid: Grid): { steps: number; at: number } {
	const reader = new ByteReader();
	const bytes = asciiBytes(`"${text}"}`);
	reader.at = 1;
	return { steps: reader.steps(bytes, grid), at: reader.at };
}

const digits = (maxLength: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength });
const grid = fc
	.oneof(
		fc.constantFrom('0.10', '0.001', '1', '0.00000001', '0.5', '0.05', '100', '0.025', '3'),
		fc.tuple(fc.integer({ min: 1, max: 10 ** 9 }), fc.integer({ min: 0, max: 18 })).map(([units, scale]) => `${units}e${scale}`),
	)
	.map((step) => {
		const [units = '', scale] = step.split('e');
		const text = scale === undefined ? step : `0.${units.padStart(Math.max(Number(scale), units.length), '0')}`;
		return gridOf(text) as Grid;
	});
const decimal = fc
	.tuple(digits(17), fc.option(digits(18), { nil: undefined }))
	.map(([whole, fraction]) => (fraction === undefined ? whole : `${whole}.${fraction}`));

describe('a decimal in quotes', () => {
	test('is counted in steps exactly, or left alone', () => {
		let readCount = 0;
		fc.assert(
			fc.property(grid, decimal, (on, text) => {
				const { steps, at } = readSteps(text, on);
				if (steps === UNREAD) return;
				readCount++;
				expect(BigInt(steps)).toBe(exactSteps(text, on));
				expect(at).toBe(text.length + 2);
			}),
			{ numRuns: 20_000 },
		);
		expect(readCount).toBeGreaterThan(500);
	});

	test('is read whenever it has a count and no more than 15 digits', () => {
		fc.assert(
			fc.property(grid, fc.nat({ max: 10 ** 9 }), fc.nat({ max: 4 }), (on, count, zeros) => {
				const units = (BigInt(count) * BigInt(on.stepUnits)).toString().padStart(on.scale + 1, '0');
				const point = units.length - on.scale;
				const text = on.scale === 0 ? units : `${units.slice(0, point)}.${units.slice(point)}${'0'.repeat(zeros)}`;
				fc.pre(text.replace('.', '').length <= 15);
				expect(readSteps(text, on).steps, text).toBe(count);
			}),
			{ numRuns: 5_000 },
		);
	});

	test.each(['', '.', '1.', '.5', '-1', '+1', '1e3', '1.2.3', ' 1', '1 ', '0x1', '१', '1234567890123456', '9007199254740993'])(
		'is left alone when it is %j',
		(text) => {
			expect(readSteps(text, gridOf('0.1') as Grid).steps).toBe(UNREAD);
		},
	);

	test('is left alone when the frame ends in it', () => {
		const reader = new ByteReader();
		expect(reader.steps(asciiBytes('12'), gridOf('1') as Grid)).toBe(UNREAD);
	});
});

describe('a whole number', () => {
	const readWhole = (text: string) => {
		const reader = new ByteReader();
		return { value: reader.whole(asciiBytes(text)), at: reader.at };
	};

	test('is read exactly up to 15 digits, and left alone beyond', () => {
		fc.assert(
			fc.property(fc.bigInt({ min: 0n, max: 10n ** 17n }), (value) => {
				const text = value.toString();
				const read = readWhole(`${text},`);
				if (text.length > 15) expect(read.value).toBe(UNREAD);
				else expect(read).toEqual({ value: Number(value), at: text.length });
			}),
		);
	});

	test.each(['', 'x', '-1', '00', '01', '1234567890123456'])('is left alone when it is %j', (text) => {
		expect(readWhole(`${text},`).value).toBe(UNREAD);
	});
});
