/** What an import came to, for a person and for programs. */
import type { ImportReport } from '../app/import-recording.ts';
import { counted } from './counted.ts';

export function importJson(report: ImportReport): Readonly<Record<string, unknown>> {
	const { file, bytes, instrument, counts, figures } = report;
	return {
		file,
		bytes,
		...instrument,
		from: timeOf(report.firstAtUs),
		to: timeOf(report.lastAtUs),
		spanSec: spanSec(report),
		frames: counts.frames,
		gaps: counts.gaps,
		crossed: counts.crossed,
		snapshots: figures.snapshots,
		deltas: figures.deltas,
		tops: figures.tops,
		trades: figures.trades,
		marks: figures.marks,
		oldBooks: counts.oldBooks,
		lostBooks: counts.lostBooks,
		others: counts.others,
		backInTime: counts.backInTime,
		...report.prices,
	};
}

export function importText(report: ImportReport): string {
	const { file, bytes, instrument, counts, figures, prices } = report;
	const { venue, category, symbol, tickSize, lotSize } = instrument;
	const lines = [
		`${venue} ${category} ${symbol}: ${counted(counts.frames, 'frame')} in ${spanSec(report)} s, from ${timeOf(report.firstAtUs)} to ${timeOf(report.lastAtUs)}`,
		`  book       ${counted(figures.snapshots, 'snapshot')} and ${counted(figures.deltas, 'diff')}; ${counted(counts.gaps, 'gap')}, ${counts.crossed} crossed`,
		`             ${bookAtEnd(report)}`,
		`  trades     ${figures.trades}${prices.vwap === null ? '' : `, at ${prices.vwap} on average`}`,
		`  best prices ${figures.tops}, marks ${figures.marks}, other frames ${counts.others}`,
		...notes(report).map((note) => `  note       ${note}`),
		`  steps      prices in ${tickSize}, sizes in ${lotSize}`,
		`  written    ${file}, ${bytes} bytes, read back and equal`,
	];
	return `${lines.join('\n')}\n`;
}

function bookAtEnd({ figures, prices }: ImportReport): string {
	if (figures.snapshots === 0) return 'no snapshot: the book was never whole';
	if (!figures.isBookWhole) return 'lost at the end: no snapshot came behind the last gap';
	return `best prices at the end ${prices.bestBid} and ${prices.bestAsk}`;
}

function notes({ counts }: ImportReport): readonly string[] {
	return [
		counts.oldBooks > 0 ? `${counts.oldBooks} messages of the book were left out: the book was further already` : '',
		counts.lostBooks > 0 ? `${counts.lostBooks} messages of the book were left out: no snapshot reaches them` : '',
		counts.backInTime > 0 ? `the clock went back before ${counts.backInTime} frames: they have the time of the one before` : '',
	].filter((note) => note !== '');
}

function spanSec({ firstAtUs, lastAtUs }: ImportReport): number {
	return Math.round((lastAtUs - firstAtUs) / 1000) / 1000;
}

function timeOf(atUs: number): string {
	return new Date(Math.floor(atUs / 1000)).toISOString();
}
