/** Commands for an engine that runs: which one is meant, and how its answers and refusals end a command. */
import type { Command } from 'commander';
import { ApiFailure, openClient } from '../api/client.ts';
import type { ActionName, ActionParams, ActionResult, Role } from '../app/console/contract.ts';
import { sayProblems } from './config.ts';
import { apiFolderOf } from './data-place.ts';
import { plainText } from './plain-table.ts';
import { readSettings } from './read-settings.ts';

export type Client = Extract<Awaited<ReturnType<typeof openClient>>, { kind: 'open' }>['client'];

export interface EngineFlags {
	readonly config?: string;
	readonly data?: string;
	readonly json?: boolean;
}

export type EngineFound =
	| { readonly kind: 'running'; readonly client: Client }
	| { readonly kind: 'none'; readonly sentence: string }
	/** It has been said why. */
	| { readonly kind: 'bad'; readonly exitCode: 2 };

/** The flags that every command has which asks a running engine. */
export function withEngineFlags(command: Command): Command {
	return command
		.option('--config <file>', 'settings in YAML that name the data folder')
		.option('--data <folder>', 'the data folder of the engine, instead of that of the settings')
		.option('--json', 'print one JSON object');
}

export async function findEngine(flags: EngineFlags, role: Role): Promise<EngineFound> {
	const read = readSettings(flags.config);
	if (read.kind === 'bad') return { kind: 'bad', exitCode: sayProblems(read.problems) };
	const opened = await openClient(apiFolderOf(read.known, flags), role);
	return opened.kind === 'open' ? { kind: 'running', client: opened.client } : { kind: 'none', sentence: opened.sentence };
}

/** The exit code. Where no engine runs, or it refuses to talk to us, one sentence and 1. */
export async function askEngine(flags: EngineFlags, role: Role, use: (client: Client) => Promise<number>): Promise<number> {
	const found = await findEngine(flags, role);
	if (found.kind === 'bad') return found.exitCode;
	if (found.kind === 'none') return sayFailed(found.sentence);
	return await heeding(() => use(found.client));
}

/** What the engine refuses to answer is a sentence for the person, and no bug of this program. */
export async function heeding(use: () => Promise<number>): Promise<number> {
	try {
		return await use();
	} catch (error) {
		if (!(error instanceof ApiFailure)) throw error;
		return sayFailed(error.message);
	}
}

/** Prints what became of it: 0 where it was done. */
export async function act<Name extends ActionName>(
	client: Client,
	{ name, params, json = false }: { readonly name: Name; readonly params: ActionParams<Name>; readonly json?: boolean },
): Promise<number> {
	const result = await client.act(name, params);
	if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
	else if (result.kind === 'done') process.stdout.write(`${doneText(result)}\n`);
	else return sayFailed(result.sentence);
	return result.kind === 'done' ? 0 : 1;
}

function doneText({ sentence, changes = [] }: Extract<ActionResult, { kind: 'done' }>): string {
	return [sentence, ...changes.map((change) => `  ${change}`)].map(plainText).join('\n');
}

export function sayFailed(sentence: string): 1 {
	process.stderr.write(`evenkeel: ${plainText(sentence)}\n`);
	return 1;
}
