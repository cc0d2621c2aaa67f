/** `evenkeel rearm`: shows what has shut the gate, and opens it, of a running engine or for its next start, when somebody types that he knows why. */
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { timeText } from '../app/boot.ts';
import { openRearm, REARM_PHRASE } from '../app/rearm.ts';
import { sayProblems } from './config.ts';
import { dataFolderOf } from './data-place.ts';
import { act, type Client, findEngine, heeding } from './engine-client.ts';
import { plainText } from './plain-table.ts';
import { readSettings } from './read-settings.ts';
import { UsageError } from './usage-error.ts';

interface RearmFlags {
	readonly config?: string;
	readonly data?: string;
	readonly phrase?: string;
	readonly json?: boolean;
}

export function addRearmCommand(program: Command): void {
	program
		.command('rearm')
		.description('let an engine place orders again that a kill, a loss limit or a crash loop has stopped')
		.option('--config <file>', 'settings in YAML that name the data folder')
		.option('--data <folder>', 'the data folder, instead of that of the settings')
		.option('--json', 'of a running engine: print one JSON object')
		.option('--phrase <text>', `for scripts: '${REARM_PHRASE}', which is asked for otherwise`)
		.addHelpText('after', '\nExample:\n  evenkeel rearm --config evenkeel.yaml')
		.action(async (flags: RearmFlags) => {
			process.exitCode = await rearm(flags);
		});
}

async function rearm(flags: RearmFlags): Promise<number> {
	const found = await findEngine(flags, 'admin');
	if (found.kind === 'bad') return found.exitCode;
	return found.kind === 'running' ? await heeding(() => rearmRunning(found.client, flags)) : await rearmStopped(flags);
}

/** The engine itself opens its gate again, if what it knows was compared with the venues and nothing differed. */
async function rearmRunning(client: Client, flags: RearmFlags): Promise<number> {
	const { level, reason } = await client.read('overview', {});
	if (level !== 'kill' && level !== 'reduceOnly') {
		process.stdout.write('nothing is shut: there is nothing to take back\n');
		return 0;
	}
	process.stdout.write(`${LEVEL_TEXTS[level]}: ${plainText(reason ?? 'no reason was given')}\n`);
	return await act(client, { name: 'rearm', params: { phrase: await phraseOf(flags, 'now') }, ...flags });
}

const LEVEL_TEXTS = { kill: 'everything is stopped', reduceOnly: 'positions may only shrink' } as const;

/** For the next start. */
async function rearmStopped(flags: RearmFlags): Promise<number> {
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
	process.stdout.write(`${LEVEL_TEXTS[level]} since ${timeText(atMs)}: ${reason}\n`);
	await phraseOf(flags, 'for the next start');
	if (!(await found.rearm(userInfo().username))) throw new UsageError('the disk does not take it; nothing has changed');
	process.stdout.write('taken back: the next start looks at the venue first, and quotes again\n');
	return 0;
}

async function phraseOf({ phrase }: RearmFlags, when: string): Promise<string> {
	const typed = (phrase ?? (await ask(`to take that back ${when}, type: ${REARM_PHRASE}\n> `))).trim();
	if (typed !== REARM_PHRASE) throw new UsageError(`that was not '${REARM_PHRASE}'; nothing has changed`);
	return typed;
}

/** Empty where nobody is there to type. */
async function ask(question: string): Promise<string> {
	const lines = createInterface({ input: process.stdin, output: process.stdout });
	const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
	const typed = await Promise.race([lines.question(question), closed]);
	lines.close();
	return typed;
}
