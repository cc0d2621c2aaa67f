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

type Variables = Readonly<Record<string, string>>;

const BOX_VARIABLES = 'EVENKEEL_BOX__';
const END_WITHIN_MS = 2_000;
/** More than its one line can be. */
const LINE_LENGTH_MAX = 65_536;

/**
 * `args` are those of `evenkeel exchange`, without `--json`; `environment` is all that it has of one. What it complains
 * about once it listens goes where our own complaints go.
 */
export async function startBox(
	args: readonly string[],
	environment: NodeJS.ProcessEnv,
	program = process.argv[1] ?? '',
): Promise<BoxStarted> {
	const child = spawn(process.execPath, [...process.execArgv, program, 'exchange', ...args, '--json'], {
		stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
		env: environment,
		// A group of its own: the terminal's Ctrl-C does not reach it.
		detached: true,
	});
	let complained = '';
	const complain = (chunk: Buffer): void => {
		complained = (complained + chunk.toString()).slice(-LINE_LENGTH_MAX);
	};
	child.stderr?.on('data', complain);
	const listening = listeningIn(await firstLine(child));
	if (listening === undefined) {
		await end(child);
		const why = complained.trim() === '' ? 'it said nothing of where it listens' : complained.trim();
		return { kind: 'failed', message: `the exchange in a box did not start: ${why}` };
	}
	child.stderr?.off('data', complain).pipe(process.stderr, { end: false });
	return { kind: 'listening', box: { listening, [Symbol.asyncDispose]: () => end(child) } };
}

/** The environment for a session's box: what the person has set goes before what the session wants. */
export function sessionBox(settings: Variables, given = process.env): NodeJS.ProcessEnv {
	return { ...settings, ...given };
}

/** For a box that is measured: whatever the person has set for other boxes does not hold for it. */
export function measuredBox(settings: Variables, given = process.env): NodeJS.ProcessEnv {
	const others = Object.entries(given).filter(([name]) => !name.startsWith(BOX_VARIABLES));
	return { ...Object.fromEntries(others), ...settings };
}

/** Empty where it ended, or never began. */
function firstLine(child: ChildProcess): Promise<string> {
	return new Promise((resolve) => {
		let said = '';
		child.stdout?.on('data', (chunk: Buffer) => {
			if (said.length > LINE_LENGTH_MAX) return;
			said += chunk.toString();
			if (said.includes('\n') || said.length > LINE_LENGTH_MAX) resolve(said);
		});
		child.once('error', () => resolve(''));
		child.once('close', () => resolve(''));
	});
}

function listeningIn(line: string): BoxListening | undefined {
	try {
		const told: unknown = JSON.parse(line);
		// Written by the same version of this program.
		return typeof told === 'object' && told !== null && 'listening' in told ? (told as BoxListening) : undefined;
	} catch {
		return undefined;
	}
}

async function end(child: ChildProcess): Promise<void> {
	if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
	const gone = once(child, 'exit');
	if (child.connected) child.disconnect();
	const timer = afterMs(END_WITHIN_MS, () => child.kill('SIGKILL'));
	await gone;
	timer.cancel();
}
