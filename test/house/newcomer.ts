/**
 * What a newcomer has: a fresh clone, the Node and npm of the machine, and nothing of ours in the environment. The clone
 * carries the files as they are now, committed or not, so that a change is tested before it is committed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { emptyScratch, root } from './scratch.ts';

export interface Ran {
	readonly exitCode: number | null;
	readonly stdout: string;
	readonly stderr: string;
	readonly tookSec: number;
}

/** Undefined outside of a git repository, as in an unpacked archive. */
export function freshClone(): ReturnType<typeof emptyScratch> | undefined {
	const folder = emptyScratch({});
	const { status } = spawnSync('git', ['clone', '--quiet', '--no-hardlinks', root, folder.path], { stdio: 'ignore' });
	if (status !== 0) {
		folder[Symbol.dispose]();
		return undefined;
	}
	for (const file of gitFiles(['--deleted'])) rmSync(join(folder.path, file), { force: true });
	const gone = new Set(gitFiles(['--deleted']));
	for (const file of gitFiles(['--modified', '--others', '--exclude-standard'])) {
		if (!gone.has(file)) cpSync(join(root, file), join(folder.path, file));
	}
	return folder;
}

function gitFiles(flags: readonly string[]): string[] {
	const { stdout } = spawnSync('git', ['ls-files', '-z', ...flags], { cwd: root, encoding: 'utf8' });
	return stdout.split('\0').filter((file) => file !== '');
}

/** Waits for the command to end. Without a terminal, and with npm's cache first, so that a machine offline can pass. */
export function run(cwd: string, command: string, args: readonly string[]): Promise<Ran> {
	const startedMs = performance.now();
	const child = spawn(command, args, {
		cwd,
		env: environment(),
		stdio: ['ignore', 'pipe', 'pipe'],
		shell: process.platform === 'win32',
	});
	let stdout = '';
	let stderr = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		stdout += text;
	});
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		stderr += text;
	});
	return new Promise((settle, fail) => {
		child.once('error', fail);
		child.once('close', (exitCode) => settle({ exitCode, stdout, stderr, tookSec: (performance.now() - startedMs) / 1000 }));
	});
}

/** Without what `npm test` has put there for us: its variables, and node_modules/.bin in front of the machine's Node. */
function environment(): NodeJS.ProcessEnv {
	const kept = Object.entries(process.env).filter(
		([name]) => !/^(npm_|VITEST|TEST$|NODE_ENV$|DEV$|PROD$|MODE$|BASE_URL$|SSR$)/.test(name),
	);
	const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !/node_modules|node-gyp-bin/.test(folder));
	return { ...Object.fromEntries(kept), PATH: path.join(delimiter), npm_config_prefer_offline: 'true' };
}
