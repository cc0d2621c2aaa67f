/** `evenkeel set`: changes settings of a running engine, those of one strategy or any that may change while it runs. */
import type { Command } from 'commander';
import { PHRASES } from '../app/console/contract.ts';
import { act, askEngine, type EngineFlags, withEngineFlags } from './engine-client.ts';
import { UsageError } from './usage-error.ts';

interface SetFlags extends EngineFlags {
	readonly strategy?: string;
	readonly save?: boolean;
	readonly phrase?: string;
}

export function addSetCommand(program: Command): void {
	withEngineFlags(program.command('set').description('change settings of a running engine'))
		.argument('<path=value...>', 'such as strategy.min_time_in_book_ms=800')
		.option('--strategy <name>', 'paths are parameters of this strategy')
		.option('--save', 'write it into the file of settings as well')
		.option('--phrase <text>', `'${PHRASES.raise}', where a limit becomes wider`)
		.addHelpText('after', '\nExample:\n  evenkeel set strategy.min_time_in_book_ms=800 --save')
		.action(async (pairs: readonly string[], flags: SetFlags) => {
			process.exitCode = await set(Object.fromEntries(pairs.map(pairOf)), flags);
		});
}

async function set(values: Readonly<Record<string, unknown>>, flags: SetFlags): Promise<number> {
	const { strategy, phrase, json = false, save = false } = flags;
	if (strategy !== undefined) {
		const params = { strategy, set: values, save };
		return await askEngine(flags, 'operator', (client) => act(client, { name: 'strategy-params', params, json }));
	}
	const params = { set: values, save, ...(phrase === undefined ? {} : { phrase }) };
	return await askEngine(flags, 'admin', (client) => act(client, { name: 'patch-config', params, json }));
}

/** A number, yes or no, or whatever else JSON can say; text where it says nothing. */
function pairOf(pair: string): readonly [path: string, value: unknown] {
	const at = pair.indexOf('=');
	if (at < 1)
		throw new UsageError(`'${pair}' is no setting, expected a path and a value, such as strategy.min_time_in_book_ms=800`);
	const text = pair.slice(at + 1);
	try {
		return [pair.slice(0, at), JSON.parse(text) as unknown];
	} catch {
		return [pair.slice(0, at), text];
	}
}
