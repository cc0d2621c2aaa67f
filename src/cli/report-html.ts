/** A report as one page that needs nothing but itself: no script, nothing from elsewhere, light and dark. */
import { timeText } from '../app/boot.ts';
import type { RunReport } from '../app/run-report.ts';
import { latencyTable, markoutsTable, type ReportTable, sessionRows, stageBars, symbolsTable } from './report-tables.ts';
import { barPlot, escaped, linePlot } from './svg-plot.ts';

/** `note` says of which moment it is. */
export function reportPage(report: RunReport, note: string): string {
	const { overview, symbols, history, markouts, latency } = report;
	const { run, profit } = overview;
	const clock = (atMs: number): string => timeText(atMs).slice(11, 19);
	const minutes = { x: history.atMs, xText: clock, yText: money };
	const name = `evenkeel ${run.mode}, run ${run.id}`;
	const both = markouts.rows.filter(({ side, fills }) => side === 'both' && fills > 0);
	const nameOf = (id: string): string => symbols.find((row) => row.id === id)?.name ?? id;
	const body = [
		`<h1>${escaped(name)}</h1><p class="note">${escaped(note)}</p>`,
		`<dl>${sessionRows(report)
			.map(([key, value]) => `<dt>${escaped(key)}</dt><dd>${escaped(value)}</dd>`)
			.join('')}</dl>`,
		linePlot({
			...{ title: `Profit, ${profit.currency}`, ...minutes },
			lines: [
				{ name: 'total', values: history.profit },
				{ name: 'spread', values: history.spread },
				{ name: 'inventory', values: history.inventory },
				{ name: 'fees', values: history.fees },
				{ name: 'funding', values: history.funding },
			],
		}),
		tableOf('By symbol', symbolsTable(report)),
		'<h2>Latency</h2>',
		barPlot('Share of the time of a tick', stageBars(report)),
		tableOf('By stage, milliseconds', latencyTable(report)),
		linePlot({
			...{ title: 'Tick, milliseconds', x: latency.history.atMs, xText: clock, yText: money },
			lines: [
				{ name: 'p50', values: latency.history.tickP50 },
				{ name: 'p95', values: latency.history.tickP95 },
			],
		}),
		'<h2>Markouts</h2>',
		linePlot({
			...{ title: 'After our fills, basis points', x: markouts.seconds.map((seconds) => Math.log10(seconds)) },
			...{ xText: (power) => `${Number((10 ** power).toPrecision(2))} s`, yText: money },
			lines: both.map(({ symbol, markoutsBps }) => ({ name: nameOf(symbol), values: markoutsBps })),
		}),
		tableOf('By symbol and side, basis points; above zero the market went our way', markoutsTable(report)),
	];
	return page(name, body.join('\n'));
}

function money(value: number): string {
	return String(Number(value.toPrecision(4)));
}

function tableOf(caption: string, { headings, rows }: ReportTable): string {
	if (rows.length === 0) return `<p class="none">${escaped(caption)}: nothing yet.</p>`;
	const head = headings.map((heading) => `<th scope="col">${escaped(heading)}</th>`).join('');
	const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`).join('');
	return `<div class="wide"><table><caption>${escaped(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function page(title: string, body: string): string {
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body><main>
${body}
</main></body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; --page: light-dark(#fbfbfa, #14161a); --text: light-dark(#1d2025, #e6e7ea);
--dim: light-dark(#5b616b, #9aa1ac); --grid: light-dark(#e3e4e6, #2a2e35); --bar: light-dark(#3b6fb6, #6aa0e8);
--c0: light-dark(#3b6fb6, #6aa0e8); --c1: light-dark(#2c7a4b, #5cc28a); --c2: light-dark(#b4561f, #e8935a);
--c3: light-dark(#a32f47, #ec7a90); --c4: light-dark(#7a4fb0, #b792ea); --c5: light-dark(#6b6b1f, #c2c25a); }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.35rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
.note, .none, figcaption, caption, dt, th { color: var(--dim); } .note { margin: 0 0 1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.25rem; margin: 0 0 1.5rem; } dd { margin: 0; }
dd, td, text { font-variant-numeric: tabular-nums; }
figure { margin: 1rem 0 1.5rem; } svg { display: block; width: 100%; height: auto; }
.wide { overflow-x: auto; } table { border-collapse: collapse; margin: .5rem 0 1.5rem; } caption { text-align: left; }
th, td { padding: .2rem .9rem .2rem 0; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--grid); font-weight: normal; }
th:first-child, td:first-child { text-align: left; }
text { fill: var(--dim); font-size: 11px; } .y, .name { text-anchor: end; } .y { dominant-baseline: middle; }
.grid { stroke: var(--grid); } .line { fill: none; stroke-width: 1.6; } .bar { fill: var(--bar); }
.c0 { stroke: var(--c0); } .c1 { stroke: var(--c1); } .c2 { stroke: var(--c2); }
.c3 { stroke: var(--c3); } .c4 { stroke: var(--c4); } .c5 { stroke: var(--c5); }
.key { margin-left: .75rem; } .key.c0 { color: var(--c0); } .key.c1 { color: var(--c1); } .key.c2 { color: var(--c2); }
.key.c3 { color: var(--c3); } .key.c4 { color: var(--c4); } .key.c5 { color: var(--c5); }
`;
