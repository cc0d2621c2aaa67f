/** The command as a process: what it prints, what it leaves on the disk, and how it ends. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';

const MAIN = join(import.meta.dirname, 'main.ts');
const PASSPHRASE = 'canary correct horse';

const folder = mkdtempSync(join(tmpdir(), 'evenkeel-keys-'));
const keys = join(folder, 'evenkeel', 'keys');
const file = join(keys, 'keystore.json');
afterAll(() => rmSync(folder, { recursive: true }));

function environment(passphrase: string) {
	return { PATH: process.env['PATH'], HOME: folder, XDG_CONFIG_HOME: folder, EVENKEEL_PASSPHRASE: passphrase };
}

function run(args: readonly string[], { key, passphrase = PASSPHRASE }: { key?: string; passphrase?: string } = {}) {
	const path = join(folder, 'key.txt');
	writeFileSync(path, key ?? '');
	const fd = openSync(path, 'r');
	const { status, stdout, stderr } = spawnSync(
		process.execPath,
		[MAIN, 'keys', ...args, ...(key === undefined ? [] : ['--key-fd', '3'])],
		{
			encoding: 'utf8',
			stdio: ['ignore', 'pipe', 'pipe', fd],
			env: environment(passphrase),
		},
	);
	closeSync(fd);
	rmSync(path);
	expect(`${stdout}${stderr}`).not.toContain('canary');
	return { status, stdout, stderr };
}

beforeAll(() => {
	expect(run(['add', 'bybit'], { key: 'keyOfMainAccount1234\ncanary-secret\n' })).toEqual({
		status: 0,
		stdout: `key …1234 is kept: 'bybit' of bybit, in ${file}\n`,
		stderr: '',
	});
});

test('the keystore is for its owner alone, in a folder for him alone, and holds nothing that can be read', () => {
	expect([statSync(file).mode & 0o777, statSync(keys).mode & 0o777]).toEqual([0o600, 0o700]);
	expect(readFileSync(file, 'utf8')).not.toMatch(/canary|keyOfMain/);
});

test('a key is added once, replaced under its name, and listed by its end', () => {
	expect(run(['add', 'bybit'], { key: 'x\ny\n' })).toMatchObject({
		status: 2,
		stderr: "evenkeel: there is a key 'bybit': replace it with keys rotate bybit\n",
	});
	const rotated = run(['rotate', 'bybit'], { key: 'keyOfMainAccount5678\ncanary-other\n' });
	expect(rotated.stdout).toContain('key …5678 is in place of …1234');
	expect(rotated.status).toBe(0);
	const { stdout } = run(['list', '--json']);
	const { path, keys: lines } = JSON.parse(stdout) as { path: string; keys: Record<string, unknown>[] };
	expect(path).toBe(file);
	expect(lines).toHaveLength(1);
	expect(lines[0]).toMatchObject({ name: 'bybit', kind: 'bybit', ending: '…5678' });
	expect(Object.keys(lines[0] ?? {}).sort()).toEqual(['ending', 'kind', 'name', 'savedAtMs']);
	run(['add', 'hedge', '--kind', 'binance'], { key: 'hedgeAccountKey9999\ncanary\n' });
	expect(run(['remove', 'hedge'])).toMatchObject({ status: 0 });
	expect(run(['list']).stdout).toMatch(/^bybit +bybit +…5678 since \d{4}-/);
});

test('what cannot be done is refused in a sentence, and changes nothing', () => {
	const before = readFileSync(file, 'utf8');
	const refused = (args: readonly string[], given: { key?: string; passphrase?: string } = {}) => {
		const { status, stderr } = run(args, given);
		expect(status).toBe(2);
		return stderr.replace('evenkeel: ', '').trim();
	};
	expect(refused(['rotate', 'none'], { key: 'a\nb\n' })).toBe("there is no key 'none'; there are bybit");
	expect(refused(['remove', 'none'])).toBe("there is no key 'none'; there are bybit");
	expect(refused(['add', 'mine'], { key: 'a\nb\n' })).toBe(
		"'mine' says not of which exchange it is: expected --kind bybit or --kind binance",
	);
	expect(refused(['add', 'Bad Name'], { key: 'a\nb\n' })).toMatch(/^'Bad Name' is no name for a key/);
	expect(refused(['add', 'binance'], { key: 'has blanks in it\nb\n' })).toMatch(/nothing has changed$/);
	expect(refused(['list'], { passphrase: 'another one' })).toBe(`${file}: the passphrase is another one, or the file is spoilt`);
	expect(refused(['list'], { passphrase: '' })).toMatch(/^nobody is there to type/);
	expect(readFileSync(file, 'utf8')).toBe(before);
});

test('of two commands at once the one that was slower is refused, and undoes nothing', async () => {
	const slow = spawn(process.execPath, [MAIN, 'keys', 'passphrase', '--new-passphrase-fd', '3'], {
		stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
		env: environment(PASSPHRASE),
	});
	const ended = once(slow, 'close');
	let stderr = '';
	slow.stderr?.on('data', (chunk) => {
		stderr += String(chunk);
	});
	// More than a pipe holds: once all of it is on its way, the keystore has been read, and no end of the passphrase yet.
	const next = slow.stdio[3] as Writable;
	await new Promise((resolve) => next.write('a new passphrase '.repeat(250_000), resolve));
	expect(run(['add', 'hedge', '--kind', 'binance'], { key: 'hedgeAccountKey9999\ncanary\n' }).status).toBe(0);
	next.end();
	expect(await ended).toEqual([2, null]);
	expect(stderr).toBe(`evenkeel: another command has changed ${file} meanwhile: nothing was written, try again\n`);
	expect(run(['list']).stdout).toMatch(/^bybit .*\nhedge /);
	run(['remove', 'hedge']);
});

test('a keystore that others may read, or a folder that they may write to, is not used', () => {
	chmodSync(file, 0o640);
	expect(run(['list']).stderr).toBe(
		`evenkeel: ${file} holds secrets, and others may read it (mode 640): say chmod 600 ${file}\n`,
	);
	chmodSync(file, 0o600);
	chmodSync(keys, 0o755);
	expect(run(['list']).stderr).toBe(`evenkeel: others may look into ${keys} (mode 755): say chmod 700 ${keys}\n`);
	chmodSync(keys, 0o700);
	expect(run(['list']).status).toBe(0);
});

test('a new keystore wants a passphrase that is worth the name', () => {
	rmSync(file);
	expect(run(['add', 'bybit'], { key: 'a\nb\n', passphrase: 'short' }).stderr).toBe(
		'evenkeel: the passphrase is too short: expected at least 10 characters; nothing has changed\n',
	);
	expect(run(['list']).stderr).toBe(`evenkeel: there is no keystore at ${file}: make one with keys add\n`);
});
