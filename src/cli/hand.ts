/** Commands that change what a running engine does: each is one action of its control API. */
import type { Command } from 'commander';
import { act, askEngine, type EngineFlags, withEngineFlags } from './engine-client.ts';

interface HandFlags extends EngineFlags {
	readonly reason?: string;
}

export function addHandCommands(program: Command): void {
	addScoped(program, 'pause', 'cancel quotes, and quote no more until resumed')
		.option('--reason <text>', 'kept in the journal and shown to everybody', 'asked for')
		.addHelpText('after', "\nExample:\n  evenkeel pause BTCUSDT --reason 'news at eight'")
		.action(async (symbol: string | undefined, flags: HandFlags) => {
			const params = { ...scopeOf(symbol), ...(flags.reason === undefined ? {} : { reason: flags.reason }) };
			process.exitCode = await askEngine(flags, 'operator', (client) => act(client, { name: 'pause', params, ...flags }));
		});
	addScoped(program, 'resume', 'take back a pause that a person asked for')
		.addHelpText('after', '\nExample:\n  evenkeel resume BTCUSDT')
		.action(async (symbol: string | undefined, flags: HandFlags) => {
			const params = scopeOf(symbol);
			process.exitCode = await askEngine(flags, 'operator', (client) => act(client, { name: 'resume', params, ...flags }));
		});
	addScoped(program, 'cancel-all', 'cancel every open order; strategies go on and may place new ones')
		.addHelpText('after', '\nExample:\n  evenkeel cancel-all --config evenkeel.yaml')
		.action(async (symbol: string | undefined, flags: HandFlags) => {
			const params = scopeOf(symbol);
			process.exitCode = await askEngine(flags, 'operator', (client) => act(client, { name: 'cancel-all', params, ...flags }));
		});
	addStops(program);
}

function addStops(program: Command): void {
	withEngineFlags(program.command('kill').description('cancel everything and place nothing more, until somebody re-arms'))
		.requiredOption('--reason <text>', 'kept in the journal and shown to everybody')
		.addHelpText('after', "\nExample:\n  evenkeel kill --reason 'the feed lies'")
		.action(async (flags: HandFlags & { readonly reason: string }) => {
			const params = { reason: flags.reason };
			process.exitCode = await askEngine(flags, 'operator', (client) => act(client, { name: 'kill', params, ...flags }));
		});
	withEngineFlags(program.command('reduce-only').description('let positions only shrink, until somebody re-arms'))
		.requiredOption('--reason <text>', 'kept in the journal and shown to everybody')
		.addHelpText('after', "\nExample:\n  evenkeel reduce-only --reason 'before the weekend'")
		.action(async (flags: HandFlags & { readonly reason: string }) => {
			const params = { reason: flags.reason };
			process.exitCode = await askEngine(flags, 'operator', (client) => act(client, { name: 'reduce-only', params, ...flags }));
		});
	withEngineFlags(program.command('compare').description('compare orders and positions with every venue now'))
		.addHelpText('after', '\nExample:\n  evenkeel compare')
		.action(async (flags: HandFlags) => {
			process.exitCode = await askEngine(flags, 'operator', (client) => act(client, { name: 'compare', params: {}, ...flags }));
		});
}

function addScoped(program: Command, name: string, description: string): Command {
	const command = program.command(name).description(description);
	return withEngineFlags(command.argument('[symbol]', 'such as BTCUSDT; all symbols unless given'));
}

export function scopeOf(symbol: string | undefined): { readonly symbol?: string } {
	return symbol === undefined ? {} : { symbol };
}
