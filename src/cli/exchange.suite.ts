/** The command `exchange` as a process, for its tests; whoever imports this has them killed after each test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach } from 'vitest';
import type { BoxListening } from '../app/box.ts';

export const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
export const FREE = ['--bybit-port', '0', '--control-port', '0'];
const children: ChildProcess[] = [];

afterEach(() => {
	for (const child of children.splice(0)) child.kill('SIGKILL');
});

export function start(...flags: string[]) {
	const child = spawn(process.execPath, [MAIN, 'exchange', ...flags]);
	children.push(child);
	const output = { stdout: '', stderr: '' };
	child.stdout.on('data', (chunk: Buffer) => {
		output.stdout += chunk.toString();
	});
	child.stderr.on('data', (chunk: Buffer) => {
		output.stderr += chunk.toString();
	});
	return { child, output, ended: once(child, 'close').then(([code]) => code as number | null) };
}

export async function listening(running: ReturnType<typeof start>): Promise<BoxListening> {
	while (!running.output.stdout.includes('\n')) await Promise.race([once(running.child.stdout, 'data'), running.ended]);
	return JSON.parse(running.output.stdout) as BoxListening;
}
