/** All commands of the command line, in the groups in which a person looks for them. */
import { Command } from 'commander';
import { addBenchCommand } from './bench.ts';
import { addCompletionCommand } from './completion.ts';
import { addConfigCommand } from './config.ts';
import { addDashboardCommand } from './dashboard.ts';
import { addDemoCommand } from './demo.ts';
import { addDoctorCommand } from './doctor.ts';
import { addExchangeCommand } from './exchange.ts';
import { addFlattenCommand } from './flatten.ts';
import { addHandCommands } from './hand.ts';
import { addKeysCommand } from './keys.ts';
import { addListCommands } from './orders.ts';
import { addRearmCommand } from './rearm.ts';
import { addRecordCommand } from './record.ts';
import { addReportCommand } from './report.ts';
import { addRunCommand } from './run.ts';
import { addSentinelCommand } from './sentinel.ts';
import { addSetCommand } from './set.ts';
import { addSignalsCommand } from './signals.ts';
import { addStatusCommand } from './status.ts';

const GROUPS: Readonly<Record<string, readonly ((program: Command) => void)[]>> = {
	'Run an engine': [addRunCommand, addDoctorCommand, addSentinelCommand],
	'Look at one that runs': [addStatusCommand, addListCommands, addReportCommand, addDashboardCommand],
	'Steer it': [addHandCommands, addFlattenCommand, addRearmCommand, addSetCommand, addSignalsCommand],
	'Set it up': [addConfigCommand, addKeysCommand, addCompletionCommand],
	'Try and measure': [addExchangeCommand, addDemoCommand, addBenchCommand, addRecordCommand],
};

export function evenkeel(): Command {
	const program = new Command('evenkeel').description('Market-making and trading engine for crypto exchanges');
	for (const [title, commands] of Object.entries(GROUPS)) {
		program.commandsGroup(`${title}:`);
		for (const add of commands) add(program);
	}
	return program;
}
