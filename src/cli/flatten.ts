/** `evenkeel flatten [symbol]`: closes what an instance holds, slice by slice, and quotes nothing meanwhile (K2, KL5). */
import type { Command } from 'commander';
import { run } from './run.ts';

interface FlattenFlags {
	readonly config: string;
	readonly for?: string;
	readonly json?: boolean;
}

export function addFlattenCommand(program: Command): void {
	program
		.command('flatten')
		.description('close what is held, in all symbols or in one, also after a kill; nothing is quoted meanwhile')
		.argument('[symbol]', 'such as BTCUSDT; all symbols of the settings unless given')
		.requiredOption('--config <file>', 'settings in YAML that name the exchange and the data folder')
		.option('--for <time>', 'give up after this time, such as 30s, 500ms or 2m')
		.option('--json', 'print one JSON object at the end; everything else goes to stderr')
		.addHelpText('after', '\nExample:\n  evenkeel flatten BTCUSDT --config evenkeel.yaml')
		.action(async (symbol: string | undefined, flags: FlattenFlags) => {
			process.exitCode = await run({ ...flags, closes: symbol === undefined ? [] : [symbol] });
		});
}
