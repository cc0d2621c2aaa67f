/** `evenkeel signals`: what is believed of markets, looked at and changed, also while an engine runs that heeds it. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { wallNowMs } from '../app/after.ts';
import { openSignalsAlone, signalsPath } from '../app/open-signals.ts';
import { exportText, readExport, readOperations, signalJson } from '../app/signals-json.ts';
import { sayProblems } from './config.ts';
import { type OperationResult, resultsJson, resultText, signalsText } from './print-signals.ts';
import { patchOf, type SignalFlags, valuesOf } from './signal-flags.ts';
import { type FolderFlags, placeOfSignals } from './signals-place.ts';
import { replaceText, textOf } from './text-file.ts';
import { UsageError } from './usage-error.ts';

type Opened = Awaited<ReturnType<typeof openSignalsAlone>>;
type Store = Extract<Opened, { kind: 'open' }>['store'];
type Operation = Parameters<Store['processSignals']>[0][number];

interface Flags extends FolderFlags {
	readonly json?: boolean;
}

/** An export of the most signals there can be is a fifth of this. */
const FILE_BYTES_MAX = 16 * 1024 ** 2;

export function addSignalsCommand(program: Command): void {
	const signals = program.command('signals').description('look at signals and change them, also while an engine runs');
	addLooks(signals);
	addChanges(signals);
	addFiles(signals);
	for (const command of signals.commands) {
		command
			.option('--config <file>', 'settings in YAML that name the data folder')
			.option('--data <folder>', 'the data folder, instead of that of the settings');
		if (command.name() !== 'export') command.option('--json', 'print one JSON object');
	}
}

function addLooks(signals: Command): void {
	signals
		.command('list')
		.description('show the signals in force, of all symbols or of some')
		.argument('[symbols...]', 'such as BTCUSDT, or bybit:linear:BTCUSDT')
		.addHelpText('after', '\nExample:\n  evenkeel signals list BTCUSDT ETHUSDT --json')
		.action(async (symbols: string[], flags: Flags) => {
			process.exitCode = await list(symbols, flags);
		});
	signals
		.command('get')
		.description('show one signal')
		.argument('<id>', 'as list shows it')
		.addHelpText('after', '\nExample:\n  evenkeel signals get s-85s13nt49a9bd3ve')
		.action(async (id: string, flags: Flags) => {
			process.exitCode = await get(id, flags);
		});
}

function addChanges(signals: Command): void {
	const create = signals
		.command('create')
		.description('add a signal')
		.argument('<symbol>', 'such as BTCUSDT for all of that name, or bybit:linear:BTCUSDT for one')
		.argument('<type>', 'BUY, SELL or HOLD')
		.option('--source <name>', 'who says so: what `signal.source` of a strategy names', 'manual')
		.option('--id <id>', 'made anew unless given');
	withValues(create)
		.addHelpText('after', '\nExample:\n  evenkeel signals create BTCUSDT SELL --value -0.8 --source desk --for 30m')
		.action(async (symbol: string, type: string, flags: Flags & SignalFlags) => {
			process.exitCode = await change(flags, (at) => {
				at.warnOf(symbol);
				return { kind: 'create', draft: { ...valuesOf(symbol, { ...flags, type }) } };
			});
		});
	withValues(
		signals.command('update').description('change a signal; what is not named stays').argument('<id>', 'as list shows it'),
	)
		.option('--type <type>', 'BUY, SELL or HOLD')
		.addHelpText('after', '\nExample:\n  evenkeel signals update s-85s13nt49a9bd3ve --value -0.4 --for 10m')
		.action(async (id: string, flags: Flags & SignalFlags) => {
			process.exitCode = await change(flags, () => ({ kind: 'update', id, patch: patchOf(flags) }));
		});
	signals
		.command('delete')
		.description('take signals away, all of those named together')
		.argument('<ids...>', 'as list shows them')
		.addHelpText('after', '\nExample:\n  evenkeel signals delete s-85s13nt49a9bd3ve')
		.action(async (ids: string[], flags: Flags) => {
			process.exitCode = await processAll(
				ids.map((id) => ({ kind: 'delete', id })),
				flags,
			);
		});
}

function withValues(command: Command): Command {
	return command
		.option('--value <number>', 'from -1 (sell) to 1 (buy); all the way unless given')
		.option('--confidence <number>', 'from 0 to 1; 1 unless given')
		.option('--for <time>', 'how long it counts, such as 30s, 10m or 4h; 1h for a new one')
		.option('--until <time>', 'or until when, such as 2026-11-22T08:30:00Z');
}

function addFiles(signals: Command): void {
	signals
		.command('process')
		.description('do many operations together, written as JSON: after a crash all are there, or none')
		.argument('<file>', 'a file, or - for stdin')
		.addHelpText(
			'after',
			`\nExample:\n  echo '{"operations": [{"kind": "delete", "id": "old"}, {"kind": "create", "symbol": "BTCUSDT", "type": "BUY", "source": "desk", "expiresAt": "2026-11-22T08:30:00Z"}]}' | evenkeel signals process -`,
		)
		.action(async (file: string, flags: Flags) => {
			const read = readOperations({ name: file, text: textOf(file, FILE_BYTES_MAX) }, wallNowMs());
			process.exitCode = read.kind === 'bad' ? sayProblems(read.problems) : await processAll(read.operations, flags);
		});
	signals
		.command('import')
		.description('take in what an export wrote, or a person: signals of the same id become what is written there')
		.argument('<file>', 'a file, or - for stdin')
		.addHelpText('after', '\nExample:\n  evenkeel signals import signals.json')
		.action(async (file: string, flags: Flags) => {
			process.exitCode = await importFile(file, flags);
		});
	signals
		.command('export')
		.description('write all signals in force as JSON')
		.argument('[file]', 'printed unless given; what is there is replaced, whole or not at all')
		.addHelpText('after', '\nExample:\n  evenkeel signals export signals.json')
		.action(async (file: string | undefined, flags: FolderFlags) => {
			process.exitCode = await exportTo(file, flags);
		});
}

async function list(symbols: readonly string[], flags: Flags): Promise<number> {
	return await look(flags, (store) => {
		const found = store?.getSignalsForSymbols(symbols) ?? new Map<string, never>();
		// One for several of the symbols is shown once.
		const shown = symbols.length === 0 ? (store?.allSignals() ?? []) : [...new Set([...found.values()].flat())];
		process.stdout.write(flags.json === true ? `${JSON.stringify({ signals: shown.map(signalJson) })}\n` : signalsText(shown));
		return 0;
	});
}

async function get(id: string, flags: Flags): Promise<number> {
	return await look(flags, (store) => {
		const signal = store?.getSignal(id);
		if (signal === undefined) return fail(`there is no signal ${id}`);
		process.stdout.write(flags.json === true ? `${JSON.stringify({ signal: signalJson(signal) })}\n` : signalsText([signal]));
		return 0;
	});
}

async function change(flags: Flags, operationOf: (at: { warnOf(symbol: string): void }) => Operation): Promise<number> {
	return await withStore(flags, async (store, at) => {
		const [result] = await store.processSignals([operationOf(at)]);
		if (result?.kind !== 'done') return failOf(result);
		const said = flags.json === true ? JSON.stringify({ signal: signalJson(result.signal) }) : resultText(result);
		process.stdout.write(`${said}\n`);
		return 0;
	});
}

async function processAll(operations: readonly Operation[], flags: Flags): Promise<number> {
	return await withStore(flags, async (store, at) => {
		for (const each of operations) if (each.kind === 'create') at.warnOf(each.draft.symbol);
		const results = await store.processSignals(operations);
		process.stdout.write(flags.json === true ? resultsJson(results) : results.map((each) => `${resultText(each)}\n`).join(''));
		return results.every(({ kind }) => kind === 'done') ? 0 : 1;
	});
}

async function importFile(file: string, flags: Flags): Promise<number> {
	const read = readExport({ name: file, text: textOf(file, FILE_BYTES_MAX) }, wallNowMs());
	if (read.kind === 'bad') return sayProblems(read.problems);
	return await withStore(flags, async (store, at) => {
		const results = await store.processSignals(read.operations);
		const imported = results.filter(({ kind }) => kind === 'done').length;
		const expired = results.filter((each) => each.kind === 'refused' && each.refusal === 'expired').length;
		for (const each of results) if (each.kind === 'done') at.warnOf(each.signal.symbol);
		const failed = results.find((each) => each.kind === 'failed' || (each.kind === 'refused' && each.refusal !== 'expired'));
		const text = `${imported} of ${results.length} signals imported${expired === 0 ? '' : `; ${expired} had expired`}`;
		process.stdout.write(`${flags.json === true ? JSON.stringify({ imported, expired, read: results.length }) : text}\n`);
		return failed === undefined ? 0 : failOf(failed);
	});
}

async function exportTo(file: string | undefined, flags: FolderFlags): Promise<number> {
	return await look(flags, (store) => {
		const text = exportText(store?.allSignals() ?? []);
		if (file === undefined) process.stdout.write(text);
		else replaceText(file, text);
		return 0;
	});
}

/** Where there are none, looking for them makes no file. */
async function look(flags: FolderFlags, show: (store: Store | undefined) => number): Promise<number> {
	const place = placeOfSignals(flags);
	if (place.kind === 'bad') return place.exitCode;
	if (!existsSync(signalsPath(place.folder))) return show(undefined);
	return await withStoreAt(place, async (store) => show(store));
}

async function withStore(
	flags: FolderFlags,
	act: (store: Store, at: { warnOf(symbol: string): void }) => Promise<number>,
): Promise<number> {
	const place = placeOfSignals(flags);
	return place.kind === 'bad' ? place.exitCode : await withStoreAt(place, act);
}

async function withStoreAt<At extends { readonly folder: string }>(
	place: At,
	act: (store: Store, at: At) => Promise<number>,
): Promise<number> {
	const opened = await openSignalsAlone(place.folder, () => {});
	if (opened.kind === 'refused') return fail(opened.sentence);
	await using store = opened.store;
	return await act(store, place);
}

/** What is wrong with what was asked for is wrong use; what is not there, or cannot be kept, has failed. */
function failOf(result: OperationResult | undefined): number {
	if (result?.kind === 'refused' && ['invalid', 'expired'].includes(result.refusal)) throw new UsageError(result.sentence);
	return fail(result === undefined || result.kind === 'done' ? 'nothing was done' : result.sentence);
}

function fail(sentence: string): 1 {
	process.stderr.write(`evenkeel: ${sentence}\n`);
	return 1;
}
