import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BookDelta } from '../../../domain/book-delta.ts';
import { parseDecimal } from '../../../domain/decimal.ts';
import { type Grid, gridOf } from '../../../domain/grid.ts';
import { timeMs } from '../../../domain/units.ts';
import { ByteReader } from '../../wire/byte-reader.ts';
import { bytesOf } from './codec.fixture.ts';
import { scanLevels } from './scan-levels.ts';

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** The same in whole numbers without an end: a count, or undefined when there is none. */
function exactSteps(text: string, { stepUnits, scale }: Grid): bigint | undefined {
	const decimal = parseDecimal(text);
	if (decimal === undefined || decimal.units < 0n) return undefined;
	const value = decimal.units * 10n ** BigInt(scale);
	const step = BigInt(stepUnits) * 10n ** BigInt(decimal.scale);
	return value % step === 0n && value / step <= SAFE ? value / step : undefined;
}

function scan(levels: readonly (readonly [string, string])[], grids: { priceGrid: Grid; qtyGrid: Grid }) {
	const reader = new ByteReader();
	const delta = new BookDelta();
	delta.reset('delta', 1, timeMs(0), timeMs(0));
	const bytes = bytesOf(`${JSON.stringify(levels)}}`);
	const isTaken = scanLevels(reader, bytes, 'bid', grids, delta);
	if (isTaken) expect(reader.at).toBe(bytes.length - 1);
	return isTaken ? Array.from({ length: delta.count }, (_, i) => [delta.ticksAt(i), delta.lotsAt(i)]) : undefined;
}

const grid = fc
	.constantFrom('0.10', '0.01', '0.5', '1', '0.00000001', '0.001', '0.00001', '100', '0.02')
	.map((step) => gridOf(step) as Grid);
const digits = (maxLength: number) => fc.string({ unit: fc.constantFrom(...'00123456789'), minLength: 1, maxLength });
const decimal = fc
	.tuple(fc.oneof(digits(6), digits(16)), fc.option(fc.oneof(digits(3), digits(12)), { nil: undefined }))
	.map(([whole, fraction]) => (fraction === undefined ? whole : `${whole}.${fraction}`));
/** As spot writes: eight digits behind the point, the last of them mostly zeros. */
const ofSpot = fc.tuple(fc.nat({ max: 99_999 }), fc.nat({ max: 99_999 }), fc.nat({ max: 8 })).map(
	([whole, fraction, zeros]) =>
		`${whole}.${String(fraction)
			.slice(0, 8 - zeros)
			.padEnd(8, '0')}`,
);
const text = fc.oneof(
	{ weight: 5, arbitrary: decimal },
	{ weight: 5, arbitrary: ofSpot },
	{ weight: 1, arbitrary: fc.constantFrom('', '.', '1.', '.5', '-1', '1..2', '1.2.3', '1e2', '0') },
);

test('levels are taken with their exact prices and sizes, or not at all', () => {
	let [takenCount, leftCount] = [0, 0];
	fc.assert(
		fc.property(grid, grid, fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 3 }), (priceGrid, qtyGrid, levels) => {
			const read = scan(levels, { priceGrid, qtyGrid });
			const exact = levels.map(([price, size]) => [exactSteps(price, priceGrid), exactSteps(size, qtyGrid)] as const);
			const isWhole = exact.every(([price, size]) => price !== undefined && price > 0n && size !== undefined);
			if (read === undefined) {
				leftCount++;
				const isShort = levels.every((level) => level.every((each) => each.replace('.', '').length <= 15));
				if (isShort) expect(isWhole, JSON.stringify(levels)).toBe(false);
				return;
			}
			takenCount++;
			expect(isWhole, JSON.stringify(levels)).toBe(true);
			expect(read).toEqual(exact.map(([price, size]) => [Number(price), Number(size)]));
		}),
		{ numRuns: 10_000 },
	);
	expect(Math.min(takenCount, leftCount)).toBeGreaterThan(500);
});

test('no levels are none', () => {
	const grids = { priceGrid: gridOf('0.1') as Grid, qtyGrid: gridOf('1') as Grid };
	expect(scan([], grids)).toEqual([]);
});
