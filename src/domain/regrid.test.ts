import { describe, expect, test } from 'vitest';
import { makeTestExecution } from '../../test/fixtures/executions.ts';
import { makeTestInstrument } from '../../test/fixtures/instruments.ts';
import type { OrderReport } from './execution.ts';
import { filledLotsIn, reportIn } from './regrid.ts';
import { lots, ticks, timeMs } from './units.ts';

const FINE = makeTestInstrument();
const COARSE = makeTestInstrument({ version: 2, tickSize: '0.50', lotSize: '0.005', qtyMin: '0.005' });

function reportOn(instrument: typeof FINE, price: number, qty: number, filled: number): OrderReport {
	return {
		instrument,
		clientOrderId: 'a',
		venueOrderId: 'v',
		side: 'buy',
		status: 'working',
		priceTicks: ticks(price),
		qtyLots: lots(qty),
		filledLots: lots(filled),
		reason: undefined,
		updatedAtMs: timeMs(1),
		source: 'stream',
	};
}

describe('what is told in another grid than that of its order (F59)', () => {
	test.each([
		['a later, coarser one', FINE, reportOn(COARSE, 130_000, 4, 1), [650_000, 20, 5]],
		['an earlier, finer one', COARSE, reportOn(FINE, 650_000, 20, 5), [130_000, 4, 1]],
		['one that it is cut to fit into', COARSE, reportOn(FINE, 650_000, 20, 7), [130_000, 4, 1]],
	])('is recounted from %s', (_, instrument, told, [price, qty, filled]) => {
		const recounted = reportIn(instrument, told);
		expect(recounted).toMatchObject({ instrument, priceTicks: price, qtyLots: qty, filledLots: filled, clientOrderId: 'a' });
	});

	test('and in the same grid it is handed on as it is, whatever else is new', () => {
		const told = reportOn(makeTestInstrument({ version: 3, makerFeeRate: '0' }), 650_000, 20, 5);
		expect(reportIn(FINE, told)).toBe(told);
	});

	test('executions, too', () => {
		expect(filledLotsIn(FINE, makeTestExecution({ instrument: COARSE, qty: '0.010' }))).toBe(10);
		expect(filledLotsIn(COARSE, makeTestExecution({ instrument: FINE, qty: '0.010' }))).toBe(2);
		expect(filledLotsIn(FINE, makeTestExecution({ instrument: FINE, qty: '0.010' }))).toBe(10);
	});
});
