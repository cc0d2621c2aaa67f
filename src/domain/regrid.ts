/**
 * An order is counted in the grid it was placed in for all its life; what the venue tells of it may be counted in a
 * later one, or in an earlier one (F59). Here it is recounted. What an order no longer fits into is cut: it then seems
 * to be filled a little less, never more.
 */
import type { Execution, OrderReport } from './execution.ts';
import type { Grid } from './grid.ts';
import { type Instrument, isSameGrid } from './instrument.ts';
import type { Lots, Ticks } from './units.ts';

export function reportIn(instrument: Instrument, report: OrderReport): OrderReport {
	const told = report.instrument;
	if (isSameGrid(told, instrument)) return report;
	return {
		...report,
		instrument,
		priceTicks: recount(report.priceTicks, told.priceGrid, instrument.priceGrid) as Ticks,
		qtyLots: recount(report.qtyLots, told.qtyGrid, instrument.qtyGrid) as Lots,
		filledLots: recount(report.filledLots, told.qtyGrid, instrument.qtyGrid) as Lots,
	};
}

export function filledLotsIn(instrument: Instrument, { instrument: told, qtyLots }: Execution): Lots {
	return isSameGrid(told, instrument) ? qtyLots : (recount(qtyLots, told.qtyGrid, instrument.qtyGrid) as Lots);
}

/** Of either sign. */
export function recount(count: number, from: Grid, to: Grid): number {
	const units = BigInt(count) * BigInt(from.stepUnits) * 10n ** BigInt(to.scale);
	return Number(units / (BigInt(to.stepUnits) * 10n ** BigInt(from.scale)));
}
