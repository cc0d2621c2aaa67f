/** The session report for a person. */
import type { SessionReport } from '../app/report.ts';

export function reportText(report: SessionReport): string {
	const { tickMs, commands, pnl, inventory } = report;
	const saved = report.commands.before === 0 ? 0 : 1 - report.calls / report.commands.before;
	const rows: [string, string][] = [
		['ran for', `${(report.durationMs / 1000).toFixed(1)} s${report.virtual ? ' of virtual time' : ''}, seed ${report.seed}`],
		['ticks', `${report.ticks}, of which over their deadline ${report.overruns}`],
		['tick time', `p50 ${tickMs.p50} ms, p95 ${tickMs.p95} ms, p99 ${tickMs.p99} ms`],
		[
			'commands',
			`${commands.before}, after merging ${commands.after}, in ${report.calls} calls (${(saved * 100).toFixed(0)} % saved)`,
		],
		['fills', String(report.fills)],
		[
			'inventory',
			Object.entries(inventory)
				.map(([symbol, qty]) => `${symbol} ${qty}`)
				.join(', '),
		],
		[
			'profit',
			`${pnl.total} ${pnl.currency} (realised ${pnl.realised}, unrealised ${pnl.unrealised}, fees ${pnl.fees}, funding ${pnl.funding})`,
		],
		['open orders', `${report.openOrdersAtExit} left at the exchange`],
	];
	if (report.traceHash !== undefined) rows.push(['trace', report.traceHash]);
	return rows.map(([name, value]) => `${name.padEnd(12)} ${value}`).join('\n');
}
