/** What is wrong with a command is said before any engine is asked. */
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addFlattenCommand } from './flatten.ts';
import { addListCommands } from './orders.ts';
import { addSetCommand } from './set.ts';
import { addStatusCommand } from './status.ts';
import { UsageError } from './usage-error.ts';

test.each([
	['a side that is none', ['orders', '--side', 'up'], "--side is 'up', expected buy, sell"],
	['a state that is none', ['orders', '--state', 'lost'], "--state is 'lost', expected open, closed, all"],
	['a bad count', ['fills', '--limit', '0'], "--limit is '0', expected a whole number from 1 to 1000"],
	['a count of alerts', ['alerts', '--limit', 'all'], "--limit is 'all', expected a whole number from 1 to 1000"],
	['no setting', ['set', 'strategy'], "'strategy' is no setting, expected a path and a value, such as "],
	['no path', ['set', '=5'], "'=5' is no setting, expected a path and a value, such as "],
	['a time without a unit', ['status', '--watch', '--for', '5'], "--for is '5', expected a time from 1ms to 168h"],
	['a time to flatten without one', ['flatten', '--for', '5'], "--for is '5', expected a time from 1ms to 168h"],
])('%s', async (_what, args, says) => {
	const program = new Command('evenkeel').exitOverride();
	for (const add of [addStatusCommand, addListCommands, addSetCommand, addFlattenCommand]) add(program);
	const asked = program.parseAsync(args, { from: 'user' });
	await expect(asked).rejects.toBeInstanceOf(UsageError);
	await expect(asked).rejects.toThrow(says);
});
