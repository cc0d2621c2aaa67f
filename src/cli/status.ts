/** `evenkeel status`: what a running engine does now, or with `--watch` as it changes. */
import type { Command } from 'commander';
import { afterMs } from '../app/after.ts';
import { parseDurationMs } from '../app/config/duration.ts';
import type { QueryAnswer } from '../app/console/contract.ts';
import { stopOnSignal } from '../app/stop.ts';
import { askEngine, type Client, type EngineFlags, sayFailed, withEngineFlags } from './engine-client.ts';
import { statusText } from './print-status.ts';
import { UsageError } from './usage-error.ts';
import { WatchScreen } from './watch-screen.ts';

interface StatusFlags extends EngineFlags {
	readonly watch?: boolean;
	readonly for?: string;
}

export function addStatusCommand(program: Command): void {
	withEngineFlags(program.command('status').description('say what a running engine does: level, profit, ticks, venues, symbols'))
		.option('--watch', 'go on showing it as it changes; on a terminal in place of what was shown before')
		.option('--for <time>', 'with --watch: end after this time, such as 30s or 2m')
		.addHelpText('after', '\nExample:\n  evenkeel status --watch --config evenkeel.yaml')
		.action(async (flags: StatusFlags) => {
			process.exitCode = await status(flags);
		});
}

async function status(flags: StatusFlags): Promise<number> {
	const forMs = flags.for === undefined ? undefined : parseDurationMs(flags.for);
	if (flags.for !== undefined && forMs === undefined) {
		throw new UsageError(`--for is '${flags.for}', expected a time from 1ms to 168h, such as 30s, 500ms or 2m`);
	}
	return await askEngine(flags, 'viewer', async (client) => {
		if (flags.watch === true) return await watch(client, { json: flags.json === true, forMs });
		const [overview, { symbols }] = await Promise.all([client.read('overview', {}), client.read('symbols', {})]);
		const text = flags.json === true ? `${JSON.stringify({ overview, symbols })}\n` : statusText(overview, symbols);
		process.stdout.write(text);
		return 0;
	});
}

interface WatchOptions {
	/** A line of JSON a change, and no screen. */
	readonly json: boolean;
	readonly forMs: number | undefined;
}

/** Until the person ends it, which is fine, or the engine does, which is not. */
async function watch(client: Client, { json, forMs }: WatchOptions): Promise<number> {
	const gone = Promise.withResolvers<string>();
	using stop = stopOnSignal({ source: process, onFirst: () => {}, onAgain: () => process.exit(130) });
	using screen = new WatchScreen(process.stdout, json ? 'lines' : 'whole');
	let overview: QueryAnswer<'overview'> | undefined;
	let symbols: QueryAnswer<'symbols'>['symbols'] = [];
	using _watching = client.watch(
		[
			{ name: 'overview', params: {} },
			{ name: 'symbols', params: {} },
		],
		{
			onAnswer: (name, answer) => {
				if (name === 'overview') overview = answer as QueryAnswer<'overview'>;
				else ({ symbols } = answer as QueryAnswer<'symbols'>);
				if (overview !== undefined && name === 'symbols') {
					screen.show(json ? JSON.stringify({ overview, symbols }) : statusText(overview, symbols));
				}
			},
			onEnd: gone.resolve,
		},
	);
	const asked = Promise.withResolvers<undefined>();
	void stop.asked.then(() => asked.resolve(undefined));
	const timer = forMs === undefined ? undefined : afterMs(forMs, () => asked.resolve(undefined));
	const why = await Promise.race([gone.promise, asked.promise]);
	timer?.cancel();
	if (why === undefined) return 0;
	screen[Symbol.dispose]();
	return sayFailed(why);
}
