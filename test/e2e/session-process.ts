/** The real program in processes of their own, engine and exchange, and what the system says of them. Linux only. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const WITHIN_MS = 20_000;

export interface Running {
	readonly child: ChildProcess;
	readonly pid: number;
	/** What it has started. */
	readonly box: number;
	readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly stdout: string }>;
}

/** Runs until it says on stderr that it quotes. Ended with the test, if it has not ended by then. */
export async function quoting(args: readonly string[] = []): Promise<Running> {
	const child = spawn(process.execPath, [MAIN, 'run', '--seed', '7', '--json', ...args], {
		stdio: ['ignore', 'pipe', 'pipe'],
		// As in a terminal, where the whole group gets the signal.
		detached: true,
	});
	onTestFinished(() => void child.kill('SIGKILL'));
	let stdout = '';
	child.stdout.on('data', (text: Buffer) => {
		stdout += text.toString();
	});
	const ended = once(child, 'close').then(([code, signal]) => {
		return { code: code as number | null, signal: signal as NodeJS.Signals | null, stdout };
	});
	let stderr = '';
	while (!stderr.includes('Ctrl-C cancels all')) {
		const [text] = (await Promise.race([once(child.stderr, 'data'), ended.then(() => [undefined])])) as [Buffer | undefined];
		if (text === undefined) throw new Error(`it ended before it quoted: ${stderr}`);
		stderr += text.toString();
	}
	const pid = child.pid ?? 0;
	const [box = 0, ...more] = childrenOf(pid);
	expect({ box: box > 0, more }).toEqual({ box: true, more: [] });
	return { child, pid, box, ended };
}

/** Linux tells who started whom. */
function childrenOf(pid: number): readonly number[] {
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
		.map(Number);
}

function parentOf(pid: string): number | undefined {
	try {
		return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
	} catch {
		// It has ended since it was listed.
		return undefined;
	}
}

function isAlive(pid: number): boolean {
	try {
		// One that has ended and that nobody has asked about yet is as good as gone.
		return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
	} catch {
		return false;
	}
}

/** Whether it has ended, or ends soon. */
export async function gone(pid: number): Promise<boolean> {
	const deadline = performance.now() + WITHIN_MS;
	while (isAlive(pid) && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
	return !isAlive(pid);
}
