/**
 * A disk that takes its time, for one process alone: strace holds every call by which it has files written for good. Only
 * the threads that files are written on are held; the process itself runs as ever.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { Installed } from './server-process.ts';

export type SlowDisk = AsyncDisposable;

/** For `testWith`. */
export const STRACE: Installed = { name: 'strace', packageName: 'strace' };

export async function slowDiskOf(pid: number, byMs: number): Promise<SlowDisk> {
	const threads = threadsOf(pid, 'libuv-worker').flatMap((thread) => ['-p', thread]);
	const calls = 'pwrite64,fdatasync,fsync';
	const held = ['-e', `trace=${calls}`, '-e', `inject=${calls}:delay_enter=${byMs * 1_000}`];
	const strace = spawn('strace', ['-o', '/dev/null', ...held, ...threads], { stdio: ['ignore', 'ignore', 'pipe'] });
	let said = '';
	const isAttached = new Promise<void>((resolve, reject) => {
		strace.once('error', reject);
		strace.once('close', () => reject(new Error(`strace ended: ${said}`)));
		strace.stderr.on('data', (text: Buffer) => {
			said += text.toString();
			if (said.split(' attached').length > threads.length / 2) resolve();
		});
	});
	await isAttached;
	return {
		[Symbol.asyncDispose]: async () => {
			if (strace.exitCode !== null || strace.signalCode !== null) return;
			const ended = once(strace, 'close');
			// It lets go of the threads first.
			strace.kill('SIGINT');
			await ended;
		},
	};
}

function threadsOf(pid: number, name: string): readonly string[] {
	const tasks = `/proc/${pid}/task`;
	const found = readdirSync(tasks).filter((thread) => readFileSync(`${tasks}/${thread}/comm`, 'utf8').trim() === name);
	if (found.length === 0) throw new Error(`process ${pid} has no thread called ${name}`);
	return found;
}
