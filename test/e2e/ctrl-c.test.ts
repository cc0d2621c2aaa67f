/** The real program in a process of its own: Ctrl-C has to cancel everything, say so, and end the process (R1). */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

interface Ended {
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
	readonly stdout: string;
}

/** Runs until it says on stderr that it quotes, sends the signal, and waits for the end. */
function interrupted(args: readonly string[], signal: NodeJS.Signals): Promise<Ended> {
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
		let stdout = '';
		const tooLong = setTimeout(() => child.kill('SIGKILL'), 20_000);
		child.stdout.on('data', (text: Buffer) => {
			stdout += text.toString();
		});
		child.stderr.on('data', (text: Buffer) => {
			if (text.toString().includes('Ctrl-C cancels all')) child.kill(signal);
		});
		child.once('error', reject);
		child.once('exit', (code, endedBy) => {
			clearTimeout(tooLong);
			resolve({ code, signal: endedBy, stdout });
		});
	});
}

test.each(['SIGINT', 'SIGTERM'] as const)(
	'%s ends an unbounded session with a report, nothing open and exit code 0',
	async (signal) => {
		const { code, signal: endedBy, stdout } = await interrupted(['run', '--seed', '7', '--json'], signal);
		expect({ code, endedBy }).toEqual({ code: 0, endedBy: null });
		expect(JSON.parse(stdout)).toMatchObject({ seed: 7, openOrdersAtExit: 0 });
	},
);
