/** `evenkeel report`: what a run came to, where its time went, and how the market moved after its fills. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { openClient } from '../api/client.ts';
import { timeText } from '../app/boot.ts';
import { gatherReport, type RunReport, readReport } from '../app/run-report.ts';
import { sayProblems } from './config.ts';
import { apiFolderOf } from './data-place.ts';
import { type EngineFlags, heeding, sayFailed, withEngineFlags } from './engine-client.ts';
import { tableText } from './plain-table.ts';
import { readSettings } from './read-settings.ts';
import { reportPage } from './report-html.ts';
import { latencyTable, markoutsTable, type ReportTable, sessionRows, symbolsTable } from './report-tables.ts';
import { replaceText, textOf as textIn } from './text-file.ts';

interface ReportFlags extends EngineFlags {
	readonly latency?: boolean;
	readonly markouts?: boolean;
	readonly html?: string;
}

const LAST = 'last-session.json';
/** Of hundreds of symbols it is a tenth of this. */
const BYTES_MAX = 16_777_216;

export function addReportCommand(program: Command): void {
	withEngineFlags(
		program
			.command('report')
			.description(
				'what the running engine has come to, or where none runs the last one that ended here: profit, time, markouts',
			),
	)
		.option('--latency', 'only where the time of a tick goes, stage by stage')
		.option('--markouts', 'only how the market moved after our fills')
		.option('--html <file>', 'write it as one page with plots that needs nothing else')
		.addHelpText('after', '\nExample:\n  evenkeel report --html report.html --config evenkeel.yaml')
		.action(async (flags: ReportFlags) => {
			process.exitCode = await heeding(() => report(flags));
		});
}

async function report(flags: ReportFlags): Promise<number> {
	const read = readSettings(flags.config);
	if (read.kind === 'bad') return sayProblems(read.problems);
	const folder = apiFolderOf(read.known, flags);
	const found = await find(folder);
	if (found.kind === 'none') return sayFailed(found.sentence);
	const told = found.report;
	if (flags.html !== undefined) replaceText(flags.html, reportPage(told, found.note));
	if (flags.json === true) process.stdout.write(`${JSON.stringify(partOf(told, flags))}\n`);
	else if (flags.html === undefined) process.stdout.write(textOf(told, found.note, flags));
	else process.stdout.write(`${flags.html} is written: ${found.note}\n`);
	return 0;
}

type Found =
	| { readonly kind: 'found'; readonly report: RunReport; readonly note: string }
	| { readonly kind: 'none'; readonly sentence: string };

async function find(folder: string): Promise<Found> {
	const opened = await openClient(folder, 'viewer');
	if (opened.kind === 'open') {
		const { client } = opened;
		const told = await gatherReport({
			...{ overview: client.read('overview', {}), symbols: client.read('symbols', {}) },
			...{ latency: client.read('latency', {}), markouts: client.read('markouts', {}) },
			history: client.read('history', {}),
		});
		return { kind: 'found', report: told, note: `of the engine that runs, at ${timeText(told.atMs)}` };
	}
	if (!existsSync(join(folder, LAST)))
		return { kind: 'none', sentence: `${opened.sentence}; and no run has left its report there` };
	const last = readReport(textIn(join(folder, LAST), BYTES_MAX));
	if (last === undefined) return { kind: 'none', sentence: `${join(folder, LAST)} is no report of this version` };
	return { kind: 'found', report: last, note: `of the last run, which ended at ${timeText(last.atMs)}` };
}

/** For those who ask when it has ended; what cannot be written is said, and changes nothing else. */
export function keepLast(folder: string, last: RunReport, say: (sentence: string) => void): void {
	try {
		replaceText(join(folder, LAST), JSON.stringify(last));
	} catch (error) {
		say(`the report of this run is not kept: ${error instanceof Error ? error.message : String(error)}`);
	}
}

function partOf({ latency, markouts, ...others }: RunReport, flags: ReportFlags): object {
	const { isAll, latency: withLatency, markouts: withMarkouts } = partsOf(flags);
	return { ...(isAll ? others : {}), ...(withLatency ? { latency } : {}), ...(withMarkouts ? { markouts } : {}) };
}

function partsOf({ latency = false, markouts = false }: ReportFlags) {
	const isAll = !latency && !markouts;
	return { isAll, latency: isAll || latency, markouts: isAll || markouts };
}

function textOf(told: RunReport, note: string, flags: ReportFlags): string {
	const parts = partsOf(flags);
	const session = sessionRows(told).map(([name, value]) => `${name.padEnd(12)} ${value}\n`);
	return [
		`${note}\n`,
		...(parts.isAll ? ['\n', ...session, '\n', table(symbolsTable(told))] : []),
		...(parts.latency
			? ['\nlatency, ms; shares are of the time from the first event of a tick to its last answer\n', table(latencyTable(told))]
			: []),
		...(parts.markouts ? ['\nmarkouts, basis points; above zero the market went our way\n', table(markoutsTable(told))] : []),
	].join('');
}

function table({ headings, rows }: ReportTable): string {
	if (rows.length === 0) return 'nothing yet\n';
	return tableText(headings, rows, new Set(headings.flatMap((_, column) => (column > 0 ? [column] : []))));
}
