/** The passphrase of the keystore: from an open file, from the environment, or from the person at the terminal (SEC12). */
import { closeSync, readFileSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Variables } from '../app/keys.ts';
import { UsageError } from './usage-error.ts';
import { parseWhole } from './whole.ts';

export const PASSPHRASE_ENV = 'EVENKEEL_PASSPHRASE';

const FD_MAX = 1_023;

export interface PassphraseSources {
	readonly passphraseFd?: string | undefined;
	readonly variables: Variables;
}

export async function passphraseOf({ passphraseFd, variables }: PassphraseSources): Promise<string> {
	const given = givenPassphrase({ passphraseFd, variables });
	return given ?? (await askHidden('passphrase of the keystore: '));
}

/** Undefined where a person has to be asked. */
export function givenPassphrase({ passphraseFd, variables }: PassphraseSources): string | undefined {
	if (passphraseFd !== undefined) return fromFd(passphraseFd);
	const variable = variables[PASSPHRASE_ENV];
	return variable === undefined || variable === '' ? undefined : variable;
}

function fromFd(text: string): string {
	const fd = parseWhole(text, { min: 0, max: FD_MAX });
	if (fd === undefined) throw new UsageError(`--passphrase-fd is '${text}', expected a whole number from 0 to ${FD_MAX}`);
	try {
		const read = readFileSync(fd, 'utf8');
		if (fd > 2) closeSync(fd);
		return read.replace(/\r?\n$/, '');
	} catch {
		throw new UsageError(`--passphrase-fd ${fd} cannot be read: it has to be an open file or pipe, such as in 3< passphrase`);
	}
}

const KEY_BEGIN = '-----BEGIN';
const KEY_END = '-----END';

/** What is typed is not shown. A key in PEM is read to its end: what is left of a paste would go to the shell, which runs it. */
export async function askHidden(
	question: string,
	input: NodeJS.ReadableStream & { readonly isTTY?: boolean } = process.stdin,
): Promise<string> {
	if (input.isTTY !== true) {
		throw new UsageError(`nobody is there to type the answer to '${question.trim()}': say --passphrase-fd or ${PASSPHRASE_ENV}`);
	}
	const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
	const lines = createInterface({ input, output: nowhere, terminal: true });
	// By now the terminal shows nothing of what is typed or pasted, however soon that is.
	process.stderr.write(question);
	try {
		const more: string[] = [];
		lines.on('line', (line) => more.push(line));
		const first = await lines.question('');
		return first.startsWith(KEY_BEGIN) ? [first, ...(await restOfKey(lines, more))].join('\n') : first;
	} finally {
		lines.close();
		process.stderr.write('\n');
	}
}

/** `more` are the lines that have come already, and it grows. */
function restOfKey(lines: Interface, more: readonly string[]): Promise<readonly string[]> {
	return new Promise((resolve, reject) => {
		const look = (): void => {
			const end = more.findIndex((line) => line.startsWith(KEY_END));
			if (end >= 0) resolve(more.slice(0, end + 1));
		};
		lines.on('line', look);
		lines.once('close', () => reject(new UsageError(`what was typed ends before its ${KEY_END} line; nothing has changed`)));
		look();
	});
}
