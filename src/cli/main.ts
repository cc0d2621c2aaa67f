#!/usr/bin/env node
/** The command line: `evenkeel <command>`. Exit codes: 0 fine, 1 failed, 2 wrong use or configuration. */
import { CommanderError } from 'commander';
import { evenkeel } from './program.ts';
import { UsageError } from './usage-error.ts';

const program = evenkeel()
	.exitOverride()
	.configureOutput({ outputError: () => {} })
	.showSuggestionAfterError(true);
for (const command of program.commands.flatMap((each) => [each, ...each.commands])) {
	command.exitOverride().configureOutput({ outputError: () => {} });
}

try {
	await program.parseAsync(process.argv);
} catch (error) {
	process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
	if (error instanceof UsageError) return say(`${error.message}`);
	if (error instanceof CommanderError) {
		if (error.exitCode === 0) return 0;
		// Called without a command: the help has been shown.
		if (error.code === 'commander.help') return 2;
		return say(
			`${error.message.replace(/^error: /, '').replaceAll('\n', ' ')}; evenkeel ${commandName()} --help lists the options`,
		);
	}
	process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
	return 1;
}

/** The command that was meant, for hints; `run` where it was none. */
function commandName(): string {
	return program.commands.find((command) => command.name() === process.argv[2])?.name() ?? 'run';
}

function say(message: string): 2 {
	process.stderr.write(`evenkeel: ${message}\n`);
	return 2;
}
