import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDecimal } from '../../../domain/decimal.ts';
import type { Grid } from '../../../domain/grid.ts';
import { bytesOf, changed, DELTA, listed, PublicEar, RECEIVED_AT } from './codec.fixture.ts';
import { PublicScanner } from './scan-public.ts';
import { TopicTable } from './topic-table.ts';

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** The same in whole numbers without an end: a count, or undefined when there is none. */
function exactSteps(text: string, { stepUnits, scale }: Grid): bigint | undefined {
	const decimal = parseDecimal(text);
	if (decimal === undefined || decimal.units < 0n) return undefined;
	const value = decimal.units * 10n ** BigInt(scale);
	const step = BigInt(stepUnits) * 10n ** BigInt(decimal.scale);
	return value % step === 0n && value / step <= SAFE ? value / step : undefined;
}

const instrument = fc
	.tuple(
		fc.constantFrom('0.10', '0.01', '0.5', '0.05', '1', '0.00000001'),
		fc.constantFrom('0.001', '1', '100', '0.000001', '0.02'),
	)
	.map(([tickSize, lotSize]) => listed(0, { tickSize, lotSize }));
const digits = (maxLength: number) => fc.string({ unit: fc.constantFrom(...'00123456789'), minLength: 1, maxLength });
const decimal = fc
	.tuple(fc.oneof(digits(6), digits(16)), fc.option(fc.oneof(digits(3), digits(12)), { nil: undefined }))
	.map(([whole, fraction]) => (fraction === undefined ? whole : `${whole}.${fraction}`));
const text = fc.oneof(
	{ weight: 9, arbitrary: decimal },
	{ weight: 1, arbitrary: fc.constantFrom('', '.', '1.', '.5', '-1', '1..2', '1.2.3', '1e2') },
);

test('a level is taken with its exact price and size, or not at all', () => {
	let [takenCount, leftCount] = [0, 0];
	fc.assert(
		fc.property(instrument, text, text, (listed, price, size) => {
			const topics = new TopicTable();
			topics.set(listed);
			const ear = new PublicEar();
			const frame = changed(DELTA, '"64999.90","0"],["64999.70","3.100"', `${JSON.stringify(price)},${JSON.stringify(size)}`);
			const ticks = exactSteps(price, listed.priceGrid);
			const lots = exactSteps(size, listed.qtyGrid);
			if (new PublicScanner(topics).scan(bytesOf(frame), ear, RECEIVED_AT)) {
				takenCount++;
				expect(ear.told[0]?.['levels']).toEqual([['bid', Number(ticks), Number(lots)]]);
				expect([ticks === undefined, lots === undefined, ticks === 0n]).toEqual([false, false, false]);
				return;
			}
			leftCount++;
			const isShort = price.replace('.', '').length <= 15 && size.replace('.', '').length <= 15;
			if (isShort) expect(ticks === undefined || ticks === 0n || lots === undefined).toBe(true);
		}),
		{ numRuns: 10_000 },
	);
	expect(Math.min(takenCount, leftCount)).toBeGreaterThan(500);
});
