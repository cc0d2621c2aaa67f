/** `evenkeel demo speed`: what the engine's ways of asking and ordering are worth, measured on this machine. */
import type { Command } from 'commander';
import { extraSymbolNames } from '../app/box-symbols.ts';
import { LATENCY_EXPECTED, parseLatency } from '../app/config/duration.ts';
import { measureSpeed, SPEED_ROWS, type SpeedBoxes, type SpeedReport, type SpeedRowName } from '../app/speed/speed-demo.ts';
import { measuredBox, startBox } from './box-process.ts';
import { causesText } from './causes.ts';
import { speedText } from './print-speed.ts';
import { progressBar } from './progress-bar.ts';
import { UsageError } from './usage-error.ts';
import { parseWhole } from './whole.ts';

interface SpeedFlags {
	readonly symbols: string;
	readonly latency: string;
	readonly json?: boolean;
}

/** As many as the box makes up. */
const SYMBOLS_MAX = 100;
const ONE_REPLY_IN_TWENTY = [{ name: 'drop-reply', channel: 'rest', path: '/v5/market/orderbook', probability: 0.05 }];

export function addDemoCommand(program: Command): void {
	const demo = program.command('demo').description('show what the engine does, with nothing but this machine');
	demo
		.command('speed')
		.description(
			'the same work one call after the other and all at once, on the exchange in a box; pooling, batching and retry off and on',
		)
		.option('--symbols <count>', `how many symbols, from 1 to ${SYMBOLS_MAX}`, '10')
		.option('--latency <time>', 'round trip to the exchange, such as 40ms', '40ms')
		.option('--json', 'print one JSON object')
		.addHelpText('after', '\nExample:\n  evenkeel demo speed --symbols 50 --latency 40ms')
		.action(async (flags: SpeedFlags) => {
			process.exitCode = await demoSpeed(flags);
		});
}

async function demoSpeed({ symbols, latency, json = false }: SpeedFlags): Promise<0 | 1> {
	const symbolCount = parseWhole(symbols, { min: 1, max: SYMBOLS_MAX });
	if (symbolCount === undefined)
		throw new UsageError(`--symbols is '${symbols}', expected a whole number from 1 to ${SYMBOLS_MAX}`);
	const roundTrip = parseLatency(latency);
	if (roundTrip === undefined) throw new UsageError(`--latency is '${latency}', expected ${LATENCY_EXPECTED}`);
	await using boxes = new AsyncDisposableStack();
	using bar = rowsShown();
	try {
		const report = await measureSpeed({
			symbols: extraSymbolNames(symbolCount),
			roundTripMs: roundTrip.roundTripMs,
			boxes: boxesOf({ symbolCount, latency }, boxes),
			onRow: (next, doneCount) => bar.show(next, doneCount),
		});
		bar[Symbol.dispose]();
		process.stdout.write(json ? `${JSON.stringify(jsonOf(report))}\n` : speedText(report));
		return 0;
	} catch (error) {
		bar[Symbol.dispose]();
		process.stderr.write(`evenkeel: ${causesText(error)}\n`);
		return 1;
	}
}

function jsonOf(report: SpeedReport) {
	return { ...report, ratios: Object.fromEntries(report.rows.map(({ name, ratio }) => [name, ratio ?? null])) };
}

/** One box for each kind, started when it is first needed. */
function boxesOf(of: { readonly symbolCount: number; readonly latency: string }, boxes: AsyncDisposableStack): SpeedBoxes {
	const start = async (more: Readonly<Record<string, string>>) => {
		const args = ['--bybit-port', '0', '--control-port', '0', '--market', 'quiet', '--latency', of.latency];
		const environment = measuredBox({ EVENKEEL_BOX__OPENING_TRIPS: '1', ...more });
		const started = await startBox([...args, '--extra-symbols', String(of.symbolCount)], environment);
		if (started.kind === 'failed') throw new Error(started.message);
		return boxes.use(started.box).listening;
	};
	const lifted = { EVENKEEL_BOX__RATE_LIMIT_FACTOR: 'off' };
	let free: ReturnType<typeof start> | undefined;
	return {
		free: () => (free ??= start(lifted)),
		limited: () => start({}),
		lossy: () => start({ ...lifted, EVENKEEL_BOX__FAULTS: JSON.stringify(ONE_REPLY_IN_TWENTY) }),
	};
}

/** Elsewhere than on a terminal a line a row. */
function rowsShown(): Disposable & { show(next: SpeedRowName | undefined, doneCount: number): void } {
	const bar = progressBar(SPEED_ROWS.length);
	return {
		show: (next, doneCount) => {
			bar.show(doneCount, next);
			if (!bar.isSeen && next !== undefined)
				process.stderr.write(`measuring ${next} (${doneCount + 1} of ${SPEED_ROWS.length})\n`);
		},
		[Symbol.dispose]: () => bar[Symbol.dispose](),
	};
}
