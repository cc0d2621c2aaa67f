/** `evenkeel exchange`: the exchange in a box as a process of its own, for other people's clients. */
import type { Command } from 'commander';
import { type BoxListening, openBox } from '../app/box.ts';
import { BOX_SYMBOLS } from '../app/box-symbols.ts';
import { MARKET_KINDS, type MarketKind } from '../app/box-venue.ts';
import { stopOnSignal } from '../app/stop.ts';
import { parseLatency, parseWhole } from './duration.ts';
import { UsageError } from './usage-error.ts';

interface ExchangeFlags {
	readonly bybitPort: string;
	readonly controlPort: string;
	readonly seed: string;
	readonly market: string;
	readonly symbols?: string;
	readonly latency?: string;
	readonly json?: boolean;
}

const PORT_MAX = 65_535;

export function addExchangeCommand(program: Command): void {
	program
		.command('exchange')
		.description('run the exchange in a box: it speaks Bybit V5 on loopback, offline and without keys of yours')
		.option('--bybit-port <port>', 'port of the Bybit REST and WebSocket API; 0 for any that is free', '4710')
		.option('--control-port <port>', 'port of the control API; 0 for any that is free', '4711')
		.option('--seed <number>', 'seed of the market, of the demo keys and of all chance', '1')
		.option('--market <kind>', 'synthetic: it lives; quiet: a resting book; none: empty books', 'synthetic')
		.option('--symbols <list>', `some of ${BOX_SYMBOLS.join(',')}; all unless given`)
		.option('--latency <time>', 'round trip to the exchange, such as 40ms or 40ms±5; none unless given')
		.option('--json', 'print one JSON object when it listens, and nothing else')
		.addHelpText('after', '\nExample:\n  evenkeel exchange --bybit-port 0 --control-port 0 --seed 7 --json')
		.action(async (flags: ExchangeFlags) => {
			process.exitCode = await exchange(flags);
		});
}

async function exchange(flags: ExchangeFlags): Promise<number> {
	const settings = settingsOf(flags);
	using stop = stopOnSignal({ source: process, onFirst: () => {}, onAgain: () => process.exit(130) });
	const opened = await openBox({
		...settings,
		onBug: (error) =>
			process.stderr.write(`evenkeel: mistake of ours: ${error instanceof Error ? error.stack : String(error)}\n`),
	});
	if (opened.kind === 'unavailable') {
		process.stderr.write(`evenkeel: ${opened.message}\n`);
		return 1;
	}
	await using box = opened.box;
	const { listening } = box;
	process.stdout.write(`${flags.json === true ? JSON.stringify(listening) : listeningText(listening)}\n`);
	await stop.asked;
	return 0;
}

function settingsOf(flags: ExchangeFlags) {
	const bybitPort = wholeFlag('--bybit-port', flags.bybitPort, PORT_MAX);
	const controlPort = wholeFlag('--control-port', flags.controlPort, PORT_MAX);
	if (bybitPort === controlPort && bybitPort !== 0) {
		throw new UsageError(`--bybit-port and --control-port are both ${bybitPort}; give one of them another port, or 0`);
	}
	return {
		bybitPort,
		controlPort,
		seed: wholeFlag('--seed', flags.seed, Number.MAX_SAFE_INTEGER),
		market: marketFlag(flags.market),
		...(flags.symbols === undefined ? {} : { symbols: symbolsFlag(flags.symbols) }),
		...(flags.latency === undefined ? {} : { latency: latencyFlag(flags.latency) }),
	};
}

function wholeFlag(name: string, text: string, max: number): number {
	const value = parseWhole(text, { min: 0, max });
	if (value === undefined) throw new UsageError(`${name} is '${text}', expected a whole number from 0 to ${max}`);
	return value;
}

function marketFlag(text: string): MarketKind {
	const kind = MARKET_KINDS.find((each) => each === text);
	if (kind === undefined) throw new UsageError(`--market is '${text}', expected one of ${MARKET_KINDS.join(', ')}`);
	return kind;
}

function symbolsFlag(text: string): string[] {
	const symbols = [...new Set(text.split(',').map((each) => each.trim()))];
	const unknown = symbols.find((each) => !BOX_SYMBOLS.includes(each));
	if (unknown === undefined) return symbols;
	throw new UsageError(`--symbols has '${unknown}', expected some of ${BOX_SYMBOLS.join(', ')}, separated by commas`);
}

function latencyFlag(text: string) {
	const latency = parseLatency(text);
	if (latency !== undefined) return latency;
	throw new UsageError(
		`--latency is '${text}', expected a round trip of at most 60s such as 40ms, or 40ms±5 with a jitter in milliseconds that is no longer`,
	);
}

function listeningText({ bybit, control, accounts }: BoxListening): string {
	return [
		`Bybit REST      ${bybit.rest}`,
		`public streams  ${bybit.public.linear}, or …/spot, …/inverse`,
		`private stream  ${bybit.private}`,
		`trade stream    ${bybit.trade}`,
		`control API     ${control.url}`,
		`                authorization: Bearer ${control.token}`,
		...accounts.map(({ name, apiKey, apiSecret }) => `account         ${name}: key ${apiKey}, secret ${apiSecret}`),
		'Ctrl-C stops it.',
	].join('\n');
}
