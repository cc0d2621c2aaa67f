import { expect, test } from 'vitest';
import { type RunReport, readReport } from '../app/run-report.ts';
import { reportPage } from './report-html.ts';
import { latencyTable, markoutsTable, sessionRows, stageBars } from './report-tables.ts';
import { linePlot } from './svg-plot.ts';

const HOSTILE = `<script>alert('x')</script>"&`;

const REPORT = {
	version: 1,
	atMs: 60_000,
	overview: {
		atMs: 60_000,
		run: { id: HOSTILE, mode: 'sim', version: '1.0.0', startedAtMs: 0, settings: 'abc', instance: 'i' },
		...{ level: 'run', reason: null, pauses: [], isFlattening: false, isComparing: false },
		tick: { count: 10, overruns: 0, p50: 41, p95: 45, p99: 50 },
		commands: { before: 100, after: 80, calls: 10, saved: 90 },
		...{ openOrders: 4, unknownOrders: 0, fills: 2, equity: '1000', drawdown: '0', grossExposure: '1', netExposure: '1' },
		profit: {
			...{ currency: 'USDT', total: '1', realised: '2', unrealised: '-0.5', fees: '-0.5', funding: '0' },
			...{ spread: '2.5', inventory: '-1', isComplete: true },
		},
		process: { loopDelayP99Ms: 1, journalDelayMs: 1, heapMb: 1, lostBesides: 0 },
		venues: [],
		alerts: { critical: 0, warning: 0 },
	},
	symbols: [],
	latency: {
		atMs: 60_000,
		stages: [
			{ name: 'tick', count: 10, p50: 41, p95: 45, p99: 50, share: 1 },
			{ name: 'decide', count: 10, p50: 1, p95: 2, p99: 3, share: 0.04 },
			{ name: 'exchange', count: 10, p50: null, p95: null, p99: null, share: 0.96 },
			{ name: 'ws', count: 10, p50: 40, p95: 40, p99: 40, share: null },
		],
		history: { atMs: [], tickP50: [], tickP95: [], decideP95: [], journalP95: [] },
		...{ batchFill: [], amendToCancel: null, budget: [] },
	},
	markouts: {
		seconds: [0.1, 1],
		rows: [
			{ symbol: 'v:linear:A', side: 'both', fills: 2, edgeBps: 1.234, markoutsBps: [0.5, null], counts: [2, 0] },
			{ symbol: 'v:linear:B', side: 'both', fills: 0, edgeBps: null, markoutsBps: [null, null], counts: [0, 0] },
		],
	},
	history: {
		...{ symbol: '', atMs: [0, 30_000, 60_000], mid: [], fair: [], reservation: [], ownBid: [], ownAsk: [] },
		...{ position: [], positionMax: [], profit: [0, null, 1], spread: [0, 1, 2.5], inventory: [0, 0, -1] },
		...{ fees: [0, 0, -0.5], funding: [0, 0, 0] },
	},
} satisfies RunReport;

test('the page needs nothing but itself, and obeys nothing that a venue or a person has written', () => {
	const page = reportPage(REPORT, `of the engine that runs ${HOSTILE}`);
	expect(page).not.toMatch(/<script|src=|href=|url\(|@import|https?:/i);
	expect(page).toContain('&#60;script&#62;');
	expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
	expect(page.match(/<svg/g)).toHaveLength(page.match(/<\/svg>/g)?.length ?? 0);
	expect(page).toContain('role="img" aria-label="Profit, USDT: total from 0 to 1, lowest 0, highest 1; ');
});

test('a line breaks where nothing is known, and a plot of nothing is a sentence', () => {
	const plot = { title: 'A', x: [0, 1, 2, 3], xText: String, yText: String };
	const drawn = linePlot({ ...plot, lines: [{ name: 'a', values: [1, null, 3, 4] }] });
	expect(drawn.match(/class="line c0" d="([^"]*)"/)?.[1]?.match(/M/g)).toHaveLength(2);
	expect(drawn).not.toContain('NaN');
	expect(linePlot({ ...plot, lines: [{ name: 'a', values: [2, 2, 2, 2] }] })).not.toContain('NaN');
	const none = '<p class="none">A: nothing was measured.</p>';
	expect(linePlot({ ...plot, lines: [{ name: 'a', values: [null, null, null, null] }] })).toBe(none);
	expect(linePlot({ ...plot, x: [], lines: [] })).toBe(none);
});

test('tables leave out what never happened, and shares are of what is part of a tick', () => {
	expect(markoutsTable(REPORT).rows).toEqual([['v:linear:A', 'both', '2', '1.23', '0.50', '-']]);
	expect(stageBars(REPORT).map(({ name, text }) => [name, text])).toEqual([
		['decide', '4.0 %'],
		['exchange', '96.0 %'],
	]);
	expect(latencyTable(REPORT).rows[2]).toEqual(['exchange', '96.0 %', '10', '-', '-', '-']);
	expect(new Map(sessionRows(REPORT)).get('profit')).toBe('1.00 USDT = spread 2.50, inventory -1.00, fees -0.50, funding 0.00');
});

test('what was written down is read again, and nothing else is', () => {
	expect(readReport(JSON.stringify(REPORT))).toEqual(REPORT);
	for (const text of ['', '{}', 'null', JSON.stringify({ ...REPORT, version: 2 })]) expect(readReport(text)).toBeUndefined();
});
