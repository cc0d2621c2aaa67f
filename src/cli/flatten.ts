/**
 * `evenkeel flatten [symbol]`: closes what an instance holds, slice by slice, and quotes nothing meanwhile (K2, KL5). One
 * that runs is asked to; where none runs this is a session of its own.
 */
import type { Command } from 'commander';
import { afterMs, wallNowMs } from '../app/after.ts';
import { parseDurationMs } from '../app/config/duration.ts';
import type { ActionResult } from '../app/console/contract.ts';
import { type Client, findEngine, heeding, sayFailed } from './engine-client.ts';
import { scopeOf } from './hand.ts';
import { figure, plainText, priceText, tableText } from './plain-table.ts';
import { run } from './run.ts';
import { UsageError } from './usage-error.ts';

interface FlattenFlags {
	readonly config?: string;
	readonly data?: string;
	readonly for?: string;
	readonly preview?: boolean;
	readonly reason: string;
	readonly json?: boolean;
}

type Closing = NonNullable<Extract<ActionResult, { kind: 'done' }>['closing']>;

const LOOK_EVERY_MS = 250;

export function addFlattenCommand(program: Command): void {
	program
		.command('flatten')
		.description('close what is held, in all symbols or in one, also after a kill; nothing is quoted meanwhile')
		.argument('[symbol]', 'such as BTCUSDT; all symbols of the settings unless given')
		.option('--config <file>', 'settings in YAML that name the exchange and the data folder')
		.option('--data <folder>', 'the data folder of an engine that runs, instead of that of the settings')
		.option('--for <time>', 'give up after this time, such as 30s, 500ms or 2m')
		.option('--preview', 'of a running engine: only show what would be closed')
		.option('--reason <text>', 'of a running engine: kept in its journal', 'asked for')
		.option('--json', 'print one JSON object at the end; everything else goes to stderr')
		.addHelpText('after', '\nExample:\n  evenkeel flatten BTCUSDT --config evenkeel.yaml')
		.action(async (symbol: string | undefined, flags: FlattenFlags) => {
			process.exitCode = await flatten(symbol, flags);
		});
}

async function flatten(symbol: string | undefined, flags: FlattenFlags): Promise<number> {
	const forMs = flags.for === undefined ? Number.POSITIVE_INFINITY : parseDurationMs(flags.for);
	if (forMs === undefined) {
		throw new UsageError(`--for is '${flags.for}', expected a time from 1ms to 168h, such as 30s, 500ms or 2m`);
	}
	const found = await findEngine(flags, 'operator');
	if (found.kind === 'bad') return found.exitCode;
	if (found.kind === 'running') return await heeding(() => flattenRunning(found.client, { symbol, forMs, flags }));
	if (flags.preview === true || flags.config === undefined) {
		throw new UsageError(`${found.sentence}; one that does not run is flattened with --config, which names its exchange`);
	}
	return await run({ ...flags, closes: symbol === undefined ? [] : [symbol] });
}

interface Asked {
	readonly symbol: string | undefined;
	readonly forMs: number;
	readonly flags: FlattenFlags;
}

async function flattenRunning(client: Client, { symbol, forMs, flags }: Asked): Promise<number> {
	const { preview = false, json = false, reason } = flags;
	const scope = scopeOf(symbol);
	const shown = await client.act('flatten-preview', scope);
	if (shown.kind === 'refused') return sayFailed(shown.sentence);
	const { closing = [] } = shown;
	(json ? process.stderr : process.stdout).write(closingText(closing));
	if (preview) {
		if (json) process.stdout.write(`${JSON.stringify({ closing })}\n`);
		return 0;
	}
	const asked = await client.act('flatten', { ...scope, reason });
	if (asked.kind === 'refused') return sayFailed(asked.sentence);
	process.stderr.write(`${plainText(asked.sentence)}\n`);
	await untilFlat(client, wallNowMs() + forMs);
	const held = await heldIn(client, symbol);
	if (json) process.stdout.write(`${JSON.stringify({ closing, held })}\n`);
	if (held.length === 0) return 0;
	return sayFailed(`still held: ${held.map((each) => `${each.position} of ${each.symbol}`).join(', ')}`);
}

async function untilFlat(client: Client, untilMs: number): Promise<void> {
	while (wallNowMs() < untilMs && (await client.read('overview', {})).isFlattening) {
		await new Promise<void>((resolve) => void afterMs(LOOK_EVERY_MS, resolve));
	}
}

async function heldIn(client: Client, symbol: string | undefined) {
	const rows =
		symbol === undefined ? (await client.read('symbols', {})).symbols : [(await client.read('symbol', { symbol, depth: 1 })).row];
	return rows.filter(({ position }) => Number(position) !== 0).map(({ name, position }) => ({ symbol: name, position }));
}

function closingText(closing: Closing): string {
	if (closing.length === 0) return 'nothing is held\n';
	const rows = closing.map(({ symbol, side, qty, price, worth, cost }) => {
		return [symbol, side, qty, priceText(price), figure(worth, 2), figure(cost, 2)];
	});
	return tableText(['symbol', 'closed by', 'qty', 'about at', 'worth', 'cost'], rows, new Set([2, 3, 4, 5]));
}
