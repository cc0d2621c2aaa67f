/** `evenkeel record`: makes recordings of market data, so far of what others have recorded, which it imports. */
import { type Command, Option } from 'commander';
import { CATEGORIES, type ImportAsked, importRecording } from '../app/import-recording.ts';
import { stopOnSignal } from '../app/stop.ts';
import { importJson, importText } from './print-import.ts';
import { UsageError } from './usage-error.ts';

interface RecordFlags {
	readonly import?: readonly string[];
	readonly out: string;
	readonly category?: (typeof CATEGORIES)[number];
	readonly json?: boolean;
}

export function addRecordCommand(program: Command): void {
	program
		.command('record')
		.description('make a recording of market data out of files that others have recorded')
		.option('--import <files...>', 'raw Binance frames (a line `<ns> <json>`) or the Bybit archive; plain, .gz or .zip')
		.option('--out <folder>', 'where the recording goes', 'recordings')
		.addOption(new Option('--category <name>', 'what the files are of, where they do not say it').choices(CATEGORIES))
		.option('--json', 'print one JSON object')
		.addHelpText('after', '\nExample:\n  evenkeel record --import btcusdt_20240808.gz btcusdt_20240809.gz --out recordings')
		.action(async (flags: RecordFlags) => {
			process.exitCode = await record(flags);
		});
}

async function record({ import: files, out, category, json = false }: RecordFlags): Promise<number> {
	if (files === undefined || files.length === 0) {
		throw new UsageError('there is nothing to record: name files with --import; recording a venue as it trades is not there yet');
	}
	const stopping = new AbortController();
	using _ = stopOnSignal({ source: process, onFirst: () => stopping.abort(), onAgain: () => process.exit(130) });
	const asked: ImportAsked = { files, folder: out, category, signal: stopping.signal };
	const imported = await importRecording(asked);
	if (imported.kind === 'stopped') {
		process.stderr.write('evenkeel: stopped; nothing was written\n');
		return 1;
	}
	if (imported.kind === 'refused') {
		process.stderr.write(`evenkeel: ${imported.place}: ${imported.sentence}\n`);
		return imported.isUsage ? 2 : 1;
	}
	const { report } = imported;
	process.stdout.write(json ? `${JSON.stringify({ recordings: [importJson(report)] })}\n` : importText(report));
	return 0;
}
