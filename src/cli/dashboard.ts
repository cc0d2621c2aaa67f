/** `evenkeel dashboard`: a link that opens the dashboard of a running engine, once and within a minute. */
import type { Command } from 'commander';
import { askEngine, type EngineFlags, withEngineFlags } from './engine-client.ts';

export function addDashboardCommand(program: Command): void {
	withEngineFlags(program.command('dashboard').description('print a link into the dashboard of a running engine'))
		.addHelpText('after', '\nPaste the link into a browser: others could read its code as an argument of a program.')
		.addHelpText('after', '\nExample:\n  evenkeel dashboard --config evenkeel.yaml')
		.action(async (flags: EngineFlags) => {
			process.exitCode = await askEngine(flags, 'admin', async (client) => {
				const link = await client.loginLink();
				process.stdout.write(flags.json === true ? `${JSON.stringify({ link })}\n` : `${link}\n`);
				return 0;
			});
		});
}
