/** What of a report stands in tables, the same in the terminal and on the page. */
import { timeText } from '../app/boot.ts';
import type { RunReport } from '../app/run-report.ts';
import { figure, rounded } from './plain-table.ts';
import type { Bar } from './svg-plot.ts';

export interface ReportTable {
	readonly headings: readonly string[];
	readonly rows: readonly (readonly string[])[];
}

export function sessionRows({ overview }: RunReport): readonly (readonly [string, string])[] {
	const { run, atMs, tick, commands, profit } = overview;
	const seconds = (atMs - run.startedAtMs) / 1_000;
	return [
		['began', timeText(run.startedAtMs)],
		['ran for', seconds < 600 ? `${seconds.toFixed(1)} s` : `${(seconds / 3_600).toFixed(2)} h`],
		['version', `${run.version}, settings ${run.settings}`],
		['ticks', `${tick.count}, of which over their deadline ${tick.overruns}`],
		['tick time', `p50 ${figure(tick.p50, 1)} ms, p95 ${figure(tick.p95, 1)} ms, p99 ${figure(tick.p99, 1)} ms`],
		['commands', `${commands.before}, after merging ${commands.after}, in ${commands.calls} calls (${commands.saved} saved)`],
		['fills', String(overview.fills)],
		['orders', `${overview.openOrders} open, ${overview.unknownOrders} in doubt`],
		[
			'profit',
			`${rounded(profit.total)} ${profit.currency} = spread ${rounded(profit.spread)}, inventory ${rounded(profit.inventory)}, fees ${rounded(profit.fees)}, funding ${rounded(profit.funding)}`,
		],
		['account', `equity ${rounded(overview.equity)}, drawdown ${rounded(overview.drawdown)}`],
	];
}

export function symbolsTable({ symbols }: RunReport): ReportTable {
	return {
		headings: ['symbol', 'position', 'worth', 'fills', 'profit', 'both sides in the book'],
		rows: symbols.map(({ name, position, positionWorth, fills, profit, quote, uptime }) => [
			...[name, position, positionWorth.toFixed(2), String(fills)],
			...[`${profit.toFixed(2)} ${quote}`, `${(uptime * 100).toFixed(1)} %`],
		]),
	};
}

/** What is part of a tick, and how much of it. */
export function stageBars({ latency }: RunReport): readonly Bar[] {
	return latency.stages.flatMap(({ name, share }) =>
		share === null || name === 'tick' ? [] : [{ name, share, text: `${(share * 100).toFixed(1)} %` }],
	);
}

export function latencyTable({ latency }: RunReport): ReportTable {
	return {
		headings: ['stage', 'share', 'count', 'p50', 'p95', 'p99'],
		rows: latency.stages.map(({ name, share, count, p50, p95, p99 }) => [
			...[name, share === null ? '-' : `${(share * 100).toFixed(1)} %`, String(count)],
			...[figure(p50, 2), figure(p95, 2), figure(p99, 2)],
		]),
	};
}

export function markoutsTable({ markouts, symbols }: RunReport): ReportTable {
	const names = new Map(symbols.map(({ id, name }) => [id, name]));
	return {
		headings: ['symbol', 'side', 'fills', 'edge', ...markouts.seconds.map((seconds) => `${seconds} s`)],
		rows: markouts.rows
			.filter(hasFills)
			.map(({ symbol, side, fills, edgeBps, markoutsBps }) => [
				...[names.get(symbol) ?? symbol, side, String(fills), figure(edgeBps, 2)],
				...markoutsBps.map((bps) => figure(bps, 2)),
			]),
	};
}

function hasFills({ fills }: { readonly fills: number }): boolean {
	return fills > 0;
}
