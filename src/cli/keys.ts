/**
 * `evenkeel keys`: the keystore. Keys come in over a prompt or an open file, never as arguments, which every process of
 * the machine can read; and they never come out again.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { timeText } from '../app/boot.ts';
import { KINDS, type Kind } from '../app/config/venue-section.ts';
import { checkKey } from '../app/find-access.ts';
import { KEY_NAME } from '../app/keystore/key-name.ts';
import { endingOf, type KeyLine, Keystore, PASSPHRASE_CHARS_MIN } from '../app/keystore/keystore.ts';
import { freshKeystore, readKeystore, sealedText, underOther, withKey } from '../app/keystore/keystore-file.ts';
import type { ApiKey } from '../app/venue-access.ts';
import { closeMemoryWith } from './closed-memory.ts';
import { keyFromFd } from './key-from-fd.ts';
import { keystorePath } from './key-ring.ts';
import { askHidden, givenPassphrase, passphraseOf } from './passphrase.ts';
import { replaceText } from './text-file.ts';
import { UsageError } from './usage-error.ts';
import { parseWhole } from './whole.ts';

interface KeysFlags {
	readonly passphraseFd?: string;
	readonly newPassphraseFd?: string;
	readonly keyFd?: string;
	readonly kind?: string;
	readonly json?: boolean;
}

const FD_MAX = 1_023;
const ITS_SECRET = 'its secret (one line; a key of several lines comes over --key-fd): ';
const PASSPHRASE: [string, string] = [
	'--passphrase-fd <number>',
	'read the passphrase from this open file; or it is in EVENKEEL_PASSPHRASE, or asked for',
];
const KEY: [string, string] = [
	'--key-fd <number>',
	'read the key from this open file: its first line is the key, the rest the secret',
];

export function addKeysCommand(program: Command): void {
	const keys = program
		.command('keys')
		.description('API keys in a file under a passphrase, for engines that shall not have them in their environment');
	keys
		.command('add')
		.description('put a key into the keystore, which is made if there is none')
		.argument('<name>', 'the name of the venue in the settings, or what venues.<name>.key says')
		.option('--kind <exchange>', `${KINDS.join(' or ')}; unless said, that of the name`)
		.option(...KEY)
		.option(...PASSPHRASE)
		.addHelpText('after', '\nExample:\n  evenkeel keys add bybit --key-fd 3 3< key.txt')
		.action(async (name: string, flags: KeysFlags) => add(name, flags, 'new'));
	keys
		.command('rotate')
		.description('replace a key; an engine that runs tries the new one, and takes it, within seconds')
		.argument('<name>', 'as `keys list` shows it')
		.option(...KEY)
		.option(...PASSPHRASE)
		.addHelpText('after', '\nExample:\n  evenkeel keys rotate bybit')
		.action(async (name: string, flags: KeysFlags) => add(name, flags, 'known'));
	keys
		.command('list')
		.description('what is in the keystore: names, exchanges, and how each key ends')
		.option('--json', 'print one JSON object')
		.option(...PASSPHRASE)
		.addHelpText('after', '\nExample:\n  evenkeel keys list')
		.action(async (flags: KeysFlags) => list(flags));
	keys
		.command('remove')
		.description('take a key out of the keystore; at the venue it lives on until it is deleted there')
		.argument('<name>', 'as `keys list` shows it')
		.option(...PASSPHRASE)
		.addHelpText('after', '\nExample:\n  evenkeel keys remove bybit')
		.action(async (name: string, flags: KeysFlags) => remove(name, flags));
	keys
		.command('passphrase')
		.description('seal the keystore under another passphrase; engines that run go on, and follow it after their next start')
		.option(...PASSPHRASE)
		.option('--new-passphrase-fd <number>', 'read the new one from this open file; or it is asked for')
		.addHelpText('after', '\nExample:\n  evenkeel keys passphrase')
		.action(async (flags: KeysFlags) => changePassphrase(flags));
}

async function add(name: string, flags: KeysFlags, kindOf: 'new' | 'known'): Promise<void> {
	if (!KEY_NAME.test(name)) {
		throw new UsageError(`'${name}' is no name for a key: expected small letters, digits, - and _, at most 64`);
	}
	const opened = await open(flags, { mayMake: kindOf === 'new' });
	const known = opened.keystore.find(name);
	if (kindOf === 'new' && known !== undefined)
		throw new UsageError(`there is a key '${name}': replace it with keys rotate ${name}`);
	if (kindOf === 'known' && known === undefined) throw new UsageError(`there is no key '${name}'${namesText(opened.keystore)}`);
	const kind = known?.kind ?? exchangeOf(name, flags);
	const given = await keyOf(flags);
	const made = checkKey({ kind }, given);
	if (made.kind === 'refused') throw new UsageError(`${made.sentence}; nothing has changed`);
	const [apiKey, apiSecret] = [given.apiKey.trim(), given.apiSecret];
	const changed = withKey(opened.keystore, { name, kind, apiKey, apiSecret });
	if (changed === undefined) throw new UsageError('the keystore is full; nothing has changed');
	save(opened, changed);
	const done =
		known === undefined
			? 'is kept'
			: `is in place of ${endingOf(known.apiKey)}, which can be deleted at the venue once no engine uses it`;
	process.stdout.write(`key ${endingOf(apiKey)} ${done}: '${name}' of ${kind}, in ${opened.path}\n`);
}

async function list(flags: KeysFlags): Promise<void> {
	const { keystore, path } = await open(flags);
	const { lines } = keystore;
	if (flags.json === true) process.stdout.write(`${JSON.stringify({ path, keys: lines })}\n`);
	else process.stdout.write(lines.length === 0 ? 'there is no key in it\n' : lines.map(lineText).join(''));
}

function lineText({ name, kind, ending, savedAtMs }: KeyLine): string {
	return `${name.padEnd(20)} ${kind.padEnd(8)} ${ending.padEnd(5)} since ${timeText(savedAtMs)}\n`;
}

async function remove(name: string, flags: KeysFlags): Promise<void> {
	const opened = await open(flags);
	const { keystore } = opened;
	const known = keystore.find(name);
	if (known === undefined) throw new UsageError(`there is no key '${name}'${namesText(keystore)}`);
	save(opened, keystore.without(name));
	process.stdout.write(
		`key ${endingOf(known.apiKey)} is gone from here: '${name}'; at ${known.kind} it lives on until you delete it there\n`,
	);
}

async function changePassphrase(flags: KeysFlags): Promise<void> {
	const opened = await open(flags);
	const fd = flags.newPassphraseFd;
	const next = (fd === undefined ? undefined : givenPassphrase({ passphraseFd: fd, variables: {} })) ?? (await askTwice());
	refuseShort(next);
	save(opened, underOther(opened.keystore, next));
	process.stdout.write(`${opened.path} is under the new passphrase from now on\n`);
}

interface OpenKeystore {
	readonly path: string;
	/** As it was read; undefined where there was none. */
	readonly text?: string;
	readonly keystore: Keystore;
}

async function open({ passphraseFd }: KeysFlags, { mayMake = false } = {}): Promise<OpenKeystore> {
	closeMemoryWith('the keystore');
	const path = keystorePath(process.env);
	const sources = { passphraseFd, variables: process.env };
	const file = readKeystore(path);
	switch (file.kind) {
		case 'refused':
			throw new UsageError(file.sentence);
		case 'none': {
			if (!mayMake) throw new UsageError(`there is no keystore at ${path}: make one with keys add`);
			const passphrase = givenPassphrase(sources) ?? (await askTwice());
			refuseShort(passphrase);
			return { path, keystore: freshKeystore(passphrase) };
		}
		case 'read': {
			const opened = Keystore.open(file.text, await passphraseOf(sources));
			if (opened.kind === 'refused') throw new UsageError(`${path}: ${opened.sentence}`);
			return { path, text: file.text, keystore: opened.keystore };
		}
	}
}

/** What is typed unseen is typed twice, since nobody can get at the keys after a slip. */
async function askTwice(): Promise<string> {
	const first = await askHidden(`new passphrase, at least ${PASSPHRASE_CHARS_MIN} characters: `);
	if ((await askHidden('the same once more: ')) !== first)
		throw new UsageError('these were two different ones; nothing has changed');
	return first;
}

function refuseShort(passphrase: string): void {
	if (passphrase.length >= PASSPHRASE_CHARS_MIN) return;
	throw new UsageError(`the passphrase is too short: expected at least ${PASSPHRASE_CHARS_MIN} characters; nothing has changed`);
}

function exchangeOf(name: string, { kind }: KeysFlags): Kind {
	const meant = KINDS.find((each) => each === (kind ?? name));
	if (meant !== undefined) return meant;
	const found = kind === undefined ? `'${name}' says not of which exchange it is` : `--kind is '${kind}'`;
	throw new UsageError(`${found}: expected --kind ${KINDS.join(' or --kind ')}`);
}

async function keyOf({ keyFd }: KeysFlags): Promise<ApiKey> {
	if (keyFd === undefined) return { apiKey: await askHidden('API key: '), apiSecret: await askHidden(ITS_SECRET) };
	const fd = parseWhole(keyFd, { min: 0, max: FD_MAX });
	if (fd === undefined) throw new UsageError(`--key-fd is '${keyFd}', expected a whole number from 0 to ${FD_MAX}`);
	return keyFromFd(fd);
}

function namesText({ lines }: Keystore): string {
	return lines.length === 0 ? ', and no other' : `; there are ${lines.map(({ name }) => name).join(', ')}`;
}

/** Not over what another command has written since: a person may have taken long to answer. */
function save({ path, text }: OpenKeystore, keystore: Keystore): void {
	const file = readKeystore(path);
	if (file.kind === 'refused') throw new UsageError(file.sentence);
	if ((file.kind === 'read' ? file.text : undefined) !== text) {
		throw new UsageError(`another command has changed ${path} meanwhile: nothing was written, try again`);
	}
	mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
	replaceText(path, sealedText(keystore));
}
