/** `evenkeel exchange`: the exchange in a box as a process of its own, for other people's clients. */
import type { Command } from 'commander';
import { type Box, type BoxListening, openBox } from '../app/box.ts';
import { MARKET_KINDS, type MarketKind } from '../app/box-choices.ts';
import { BOX_SYMBOLS, EXTRA_SYMBOLS_MAX } from '../app/box-symbols.ts';
import { LATENCY_EXPECTED, parseLatency } from '../app/config/duration.ts';
import type { Override } from '../app/config/environment.ts';
import { stopOnSignal } from '../app/stop.ts';
import { sayProblems } from './config.ts';
import { readSettings } from './read-settings.ts';
import { UsageError } from './usage-error.ts';
import { parseWhole } from './whole.ts';

interface ExchangeFlags {
	readonly config?: string;
	readonly bybitPort?: string;
	readonly binancePort?: string;
	readonly controlPort?: string;
	readonly seed?: string;
	readonly market?: string;
	readonly symbols?: string;
	readonly extraSymbols?: string;
	readonly latency?: string;
	readonly faults?: string;
	readonly json?: boolean;
}

const PORT_MAX = 65_535;
const DRAWN_PREFIX = 'seed:';

export function addExchangeCommand(program: Command): void {
	program
		.command('exchange')
		.description('run the exchange in a box: it speaks Bybit V5 and Binance on loopback, offline and without keys of yours')
		.option('--config <file>', 'settings of the section box in YAML; flags go before them')
		.option('--bybit-port <port>', 'port of the Bybit REST and WebSocket API; 0 for any that is free (default: 4710)')
		.option('--binance-port <port>', 'port of Binance spot and futures; 0 for any that is free; none unless given')
		.option('--control-port <port>', 'port of the control API; 0 for any that is free (default: 4711)')
		.option('--seed <number>', 'seed of the market, of the demo keys and of all chance (default: 1)')
		.option('--market <kind>', 'synthetic: it lives; quiet: a resting book; none: empty books (default: synthetic)')
		.option('--symbols <list>', `some of ${BOX_SYMBOLS.join(',')}; all unless given`)
		.option('--extra-symbols <count>', 'so many perpetuals besides, called SYN001USDT, SYN002USDT and so on; none unless given')
		.option('--latency <time>', 'round trip to the exchange, such as 40ms or 40ms±5; none unless given')
		.option('--faults <plan>', 'what goes wrong: a YAML file of rules, or seed:7 for a plan drawn from that seed')
		.option('--json', 'print one JSON object when it listens, and nothing else')
		.addHelpText('after', '\nExample:\n  evenkeel exchange --bybit-port 0 --control-port 0 --seed 7 --json')
		.action(async (flags: ExchangeFlags) => {
			process.exitCode = await exchange(flags);
		});
}

async function exchange(flags: ExchangeFlags): Promise<number> {
	const read = readSettings(flags.config, overridesOf(flags));
	if (read.kind === 'bad') return sayProblems(read.problems);
	const { faultsAbout, ...options } = read.box;
	using stop = stopOnSignal({ source: process, onFirst: () => {}, onAgain: () => process.exit(130) });
	// Started for somebody's session: it ends with that, however that ends.
	if (process.connected) process.once('disconnect', () => process.exit(0));
	const opened = await openBox({
		...options,
		onBug: (error) =>
			process.stderr.write(`evenkeel: mistake of ours: ${error instanceof Error ? error.stack : String(error)}\n`),
	});
	if (opened.kind === 'unavailable') {
		process.stderr.write(`evenkeel: ${opened.message}\n`);
		return 1;
	}
	await using box = opened.box;
	const { listening } = box;
	const isJson = flags.json === true;
	process.stdout.write(`${isJson ? JSON.stringify(listening) : listeningText(listening, faultsAbout)}\n`);
	await stop.asked;
	if (!isJson) process.stdout.write(`${faultsText(box.faultReport().byName, options.faultPlan.rules)}\n`);
	return 0;
}

/** What is not given is left to the configuration; a flag that cannot be meant is a UsageError. */
export function overridesOf(flags: ExchangeFlags): Override[] {
	const bybitPort = wholeFlag('--bybit-port', flags.bybitPort, PORT_MAX);
	const binancePort = wholeFlag('--binance-port', flags.binancePort, PORT_MAX);
	const controlPort = wholeFlag('--control-port', flags.controlPort, PORT_MAX);
	checkPorts({ '--bybit-port': bybitPort, '--binance-port': binancePort, '--control-port': controlPort });
	const given: [flag: string, key: string, value: unknown][] = [
		['--bybit-port', 'bybit_port', bybitPort],
		['--binance-port', 'binance_port', binancePort],
		['--control-port', 'control_port', controlPort],
		['--seed', 'seed', wholeFlag('--seed', flags.seed, Number.MAX_SAFE_INTEGER)],
		['--market', 'market', marketFlag(flags.market)],
		['--symbols', 'symbols', symbolsFlag(flags.symbols)],
		['--extra-symbols', 'extra_symbols', wholeFlag('--extra-symbols', flags.extraSymbols, EXTRA_SYMBOLS_MAX)],
		['--latency', 'latency', latencyFlag(flags.latency)],
		['--faults', 'faults', faultsFlag(flags.faults)],
	];
	return given
		.filter(([, , value]) => value !== undefined)
		.map(([flag, key, value]) => ({ place: { kind: 'flag', flag }, path: ['box', key], value }));
}

/** No two of them may be the same, unless any will do. */
function checkPorts(ports: Readonly<Record<string, number | undefined>>): void {
	const given = Object.entries(ports).filter(([, port]) => port !== undefined && port !== 0);
	for (const [index, [flag, port]] of given.entries()) {
		const same = given.slice(0, index).find(([, other]) => other === port);
		if (same === undefined) continue;
		throw new UsageError(`${same[0]} and ${flag} are both ${port}; give one of them another port, or 0`);
	}
}

function wholeFlag(name: string, text: string | undefined, max: number): number | undefined {
	if (text === undefined) return undefined;
	const value = parseWhole(text, { min: 0, max });
	if (value === undefined) throw new UsageError(`${name} is '${text}', expected a whole number from 0 to ${max}`);
	return value;
}

function marketFlag(text: string | undefined): MarketKind | undefined {
	const kind = MARKET_KINDS.find((each) => each === text);
	if (kind === undefined && text !== undefined) {
		throw new UsageError(`--market is '${text}', expected one of ${MARKET_KINDS.join(', ')}`);
	}
	return kind;
}

function symbolsFlag(text: string | undefined): string[] | undefined {
	if (text === undefined) return undefined;
	const symbols = [...new Set(text.split(',').map((each) => each.trim()))];
	const unknown = symbols.find((each) => !BOX_SYMBOLS.includes(each));
	if (unknown === undefined) return symbols;
	throw new UsageError(`--symbols has '${unknown}', expected some of ${BOX_SYMBOLS.join(', ')}, separated by commas`);
}

function latencyFlag(text: string | undefined): string | undefined {
	if (text === undefined || parseLatency(text) !== undefined) return text;
	throw new UsageError(`--latency is '${text}', expected ${LATENCY_EXPECTED}`);
}

/** A file that is really called so is reached by `./seed:7`. */
function faultsFlag(text: string | undefined): unknown {
	if (text === undefined || !text.startsWith(DRAWN_PREFIX)) return text;
	return { seed: wholeFlag('the seed of --faults', text.slice(DRAWN_PREFIX.length), Number.MAX_SAFE_INTEGER) };
}

function listeningText({ bybit, binance, control, accounts }: BoxListening, faultsAbout: string): string {
	return [
		`Bybit REST      ${bybit.rest}`,
		`public streams  ${bybit.public.linear}, or …/spot, …/inverse`,
		`private stream  ${bybit.private}`,
		`trade stream    ${bybit.trade}`,
		...(binance === undefined ? [] : binanceText(binance)),
		`control API     ${control.url}`,
		`                authorization: Bearer ${control.token}`,
		...accounts.map(({ name, apiKey, apiSecret }) => `account         ${name}: key ${apiKey}, secret ${apiSecret}`),
		`faults          ${faultsAbout}`,
		'Ctrl-C stops it.',
	].join('\n');
}

function binanceText({ spot, futures }: NonNullable<BoxListening['binance']>): string[] {
	return [
		`Binance REST    ${spot.rest}, spot under /api and futures under /fapi`,
		`spot streams    ${spot.stream}/ws or /stream`,
		`spot WS API     ${spot.wsApi}`,
		`futures streams ${futures.public}, or …/market, …/private, with /ws or /stream`,
		`futures WS API  ${futures.wsApi}`,
	];
}

/** All that struck, and the rules of the plan that never did. */
function faultsText(counts: ReturnType<Box['faultReport']>['byName'], planned: readonly { readonly name: string }[]): string {
	const lines = counts
		.filter(({ name, injected }) => injected > 0 || planned.some((rule) => rule.name === name))
		.map(({ name, injected }) => `${name.padEnd(24)}${injected}`);
	return lines.length === 0 ? 'no fault struck' : ['how often each fault struck', ...lines].join('\n');
}
