/** `evenkeel rearm`: shows what has shut the gate, and opens it for the next start when somebody types that he knows why. */
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { timeText } from '../app/boot.ts';
import { openRearm, REARM_PHRASE } from '../app/rearm.ts';
import { sayProblems } from './config.ts';
import { dataFolderOf } from './data-place.ts';
import { readSettings } from './read-settings.ts';
import { UsageError } from './usage-error.ts';

interface RearmFlags {
	readonly config?: string;
	readonly data?: string;
	readonly phrase?: string;
}

export function addRearmCommand(program: Command): void {
	program
		.command('rearm')
		.description('let an engine place orders again that a kill, a loss limit or a crash loop has stopped')
		.option('--config <file>', 'settings in YAML that name the data folder')
		.option('--data <folder>', 'the data folder, instead of that of the settings')
		.option('--phrase <text>', `for scripts: '${REARM_PHRASE}', which is asked for otherwise`)
		.action(async (flags: RearmFlags) => {
			process.exitCode = await rearm(flags);
		});
}

async function rearm(flags: RearmFlags): Promise<number> {
	const read = readSettings(flags.config);
	if (read.kind === 'bad') return sayProblems(read.problems);
	const folder = dataFolderOf(read.known, flags);
	const opened = await openRearm(folder);
	if (opened.kind === 'refused') throw new UsageError(opened.sentence);
	if (opened.kind === 'open') {
		process.stdout.write('nothing is shut: there is nothing to take back\n');
		return 0;
	}
	await using found = opened.rearm;
	const { level, reason, atMs } = found.latch;
	process.stdout.write(
		`${level === 'kill' ? 'everything is stopped' : 'positions may only shrink'} since ${timeText(atMs)}: ${reason}\n`,
	);
	const typed = flags.phrase ?? (await ask(`to take that back for the next start, type: ${REARM_PHRASE}\n> `));
	if (typed.trim() !== REARM_PHRASE) throw new UsageError(`that was not '${REARM_PHRASE}'; nothing has changed`);
	if (!(await found.rearm(userInfo().username))) throw new UsageError('the disk does not take it; nothing has changed');
	process.stdout.write('taken back: the next start looks at the venue first, and quotes again\n');
	return 0;
}

/** Empty where nobody is there to type. */
async function ask(question: string): Promise<string> {
	const lines = createInterface({ input: process.stdin, output: process.stdout });
	const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
	const typed = await Promise.race([lines.question(question), closed]);
	lines.close();
	return typed;
}
