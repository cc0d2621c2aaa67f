/** `evenkeel sentinel` as a process: what it refuses, and how it ends. It needs no exchange before it has to act. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Program, settingsText } from './watched-engine.ts';

const KEY = { WATCH_KEY: 'a-key', WATCH_SECRET: 'visible' };

let folder: string;
let config: string;
let programs: Program[];

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'evenkeel-sentinel-'));
	config = join(folder, 'evenkeel.yaml');
	writeFileSync(config, settingsText('http://127.0.0.1:1'));
	programs = [];
});

afterEach(() => {
	for (const { child } of programs) child.kill('SIGKILL');
	rmSync(folder, { recursive: true });
});

function start(args: readonly string[], env: Readonly<Record<string, string>>, keyFd = ''): Program {
	const program = new Program(['sentinel', ...args], { env, keyFd });
	programs.push(program);
	return program;
}

test('waits for an engine, refuses a second one by name of the first, and ends with 0', async () => {
	const sentinel = start(['--config', config], KEY);
	await sentinel.says(/waiting for an engine in .*data; its orders are cancelled after 3 s of silence\n/);
	const second = start(['--config', config, '--key-fd', '3'], {}, 'a-key\nvisible\n');
	expect(await second.ends()).toBe(2);
	expect(second.said).toMatch(new RegExp(`is watched already, by process ${sentinel.child.pid}; one is enough\n$`));
	expect(await sentinel.ends('SIGTERM')).toBe(0);
});

test('says what is missing, and never what a variable holds', async () => {
	writeFileSync(join(folder, 'file'), '');
	const [keyless, alone, wrong, homeless] = [
		start(['--config', config], { WATCH_SECRET: 'visible' }),
		start([], KEY),
		start(['--config', config, '--key-fd', 'three'], KEY),
		start(['--config', config, '--data', join(folder, 'file')], KEY),
	];
	expect(await Promise.all([keyless.ends(), alone.ends(), wrong.ends(), homeless.ends()])).toEqual([2, 2, 2, 2]);
	expect(homeless.said).toMatch(/evenkeel: the folder .*sentinel cannot be used: /);
	expect(keyless.said).toMatch(/the variable WATCH_KEY is not set/);
	expect(keyless.said).not.toContain('visible');
	expect(alone.said).toMatch(/the exchange in a box that evenkeel run starts ends with it/);
	expect(wrong.said).toMatch(/--key-fd is 'three', expected a whole number from 0 to 1023/);
});

test('takes a key of its own out of the keystore', async () => {
	const keys = join(folder, 'keys');
	mkdirSync(keys, { mode: 0o700 });
	const env = { EVENKEEL_KEYSTORE: join(keys, 'keystore.json'), EVENKEEL_PASSPHRASE: 'a long passphrase' };
	const added = new Program(['keys', 'add', 'watch', '--kind', 'bybit', '--key-fd', '3'], {
		env,
		keyFd: 'a-key-of-its-own\nvisible\n',
	});
	programs.push(added);
	expect(await added.ends()).toBe(0);
	writeFileSync(
		config,
		settingsText('http://127.0.0.1:1')
			.replace(/, api_key_env.*SECRET/, '')
			.replace('bybit: {', 'bybit: { sentinel_key: watch,'),
	);
	const wrong = start(['--config', config], { ...env, EVENKEEL_PASSPHRASE: 'another passphrase' });
	expect([await wrong.ends(), wrong.said]).toEqual([2, expect.stringContaining('the passphrase is another one')]);
	const { EVENKEEL_PASSPHRASE: passphrase, ...rest } = env;
	const sentinel = start(['--config', config, '--passphrase-fd', '3'], rest, passphrase);
	await sentinel.says(/waiting for an engine in /);
	expect(await sentinel.ends('SIGTERM')).toBe(0);
	expect(sentinel.said).not.toMatch(/uses the key of the engine|visible/);
});
