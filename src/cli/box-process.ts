/**
 * The exchange in a box as a process of its own, started for one session and ended with it. It is told to go by its
 * channel closing, so that it goes too when we are killed; a Ctrl-C at the terminal is ours alone to answer, since
 * orders have to be cancelled before the exchange goes away.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterMs } from '../app/after.ts';
import type { BoxListening } from '../app/box.ts';

export interface BoxProcess extends AsyncDisposable {
	readonly listening: BoxListening;
}

export type BoxStarted =
	| { readonly kind: 'listening'; readonly box: BoxProcess }
	| { readonly kind: 'failed'; readonly message: string };

const END_WITHIN_MS = 2_000;
/** More than its one line can be. */
const LINE_LENGTH_MAX = 65_536;

/** `args` are those of `evenkeel exchange`, without `--json`; `environment` is what holds where ours says nothing. */
export async function startBox(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<BoxStarted> {
	const program = process.argv[1];
	if (program === undefined) throw new Error('invariant broken: a program has a file');
	const child = spawn(process.execPath, [...process.execArgv, program, 'exchange', ...args, '--json'], {
		stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
		env: { ...environment, ...process.env },
		// A group of its own: the terminal's Ctrl-C does not reach it.
		detached: true,
	});
	let said = '';
	let complained = '';
	child.stderr?.on('data', (chunk: Buffer) => {
		complained = (complained + chunk.toString()).slice(-LINE_LENGTH_MAX);
	});
	const line = new Promise<string | undefined>((resolve) => {
		child.stdout?.on('data', (chunk: Buffer) => {
			said += chunk.toString();
			if (said.includes('\n') || said.length > LINE_LENGTH_MAX) resolve(said);
		});
		child.once('error', (error) => {
			complained = error.message;
			resolve(undefined);
		});
		child.once('close', () => resolve(undefined));
	});
	const text = await line;
	if (text === undefined) {
		return { kind: 'failed', message: `the exchange in a box did not start: ${complained.trim() || 'it said nothing'}` };
	}
	return {
		kind: 'listening',
		box: { listening: JSON.parse(text) as BoxListening, [Symbol.asyncDispose]: () => end(child) },
	};
}

async function end(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const gone = once(child, 'exit');
	if (child.connected) child.disconnect();
	const timer = afterMs(END_WITHIN_MS, () => child.kill('SIGKILL'));
	await gone;
	timer.cancel();
}
