/** A benchmark's result as text for people. Programs read --json instead. */
import type { BenchCase, BenchResult } from './harness.ts';

const HEAD = ['', 'p50', 'p90', 'p95', 'p99', 'p99.9', 'p99.99', 'max', 'unit', 'samples', 'per second', 'checksum'];

export function table(title: string, result: BenchResult): string {
	const rows = [HEAD, ...result.cases.map(row)];
	const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
	const lines = rows.map((cells) => {
		const padded = cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)));
		return `  ${padded.join('  ')}`.trimEnd();
	});
	const ratios = Object.entries(result.ratios).map(([name, ratio]) => `  ${name}: ${ratio.toFixed(2)}`);
	return [title, ...lines, ...ratios, ''].join('\n');
}

function row(one: BenchCase): string[] {
	const perSec = one.perSec === undefined ? '' : Math.round(one.perSec).toLocaleString('en');
	const figures = [one.p50, one.p90, one.p95, one.p99, one.p999, one.p9999, one.max].map(figure);
	return [one.name, ...figures, one.unit, String(one.sampleCount), perSec, one.checksum?.toString(16) ?? ''];
}

/** Three digits that matter. */
function figure(value: number): string {
	return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
