/** The table of the speed demonstration. */
import type { SpeedReport, SpeedRow, SpeedSide } from '../app/speed/speed-demo.ts';

const HEAD = ['', 'calls', 'before', 'calls', 'after', 'times'];

export function speedText({ symbols, roundTripMs, rows }: SpeedReport): string {
	const cells = [HEAD, ...rows.map(cellsOf)];
	const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
	const lines = cells.map((row) =>
		row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
	);
	const abouts = rows.map(({ name, about }) => `${name}: ${about}`);
	return [
		`${symbols} symbols, ${roundTripMs} ms to the exchange and back`,
		'',
		...lines.map((line) => line.trimEnd()),
		'',
		...abouts,
		"before: one call after the other, or with the switch off. The venue's limits are lifted but for batching.",
		'',
	].join('\n');
}

function cellsOf({ name, unit, before, after, ratio }: SpeedRow): string[] {
	const value = (side: SpeedSide): string =>
		unit === 'seconds' ? secondsText(side.value) : `${(side.value * 100).toFixed(1)} %`;
	const times = ratio === undefined ? (before.value === 0 ? '' : 'all') : `${ratio.toFixed(1)} x`;
	return [name, String(before.calls), value(before), String(after.calls), value(after), times];
}

function secondsText(seconds: number): string {
	return seconds < 1 ? `${(seconds * 1_000).toFixed(1)} ms` : `${seconds.toFixed(2)} s`;
}
