/**
 * Alerts to a program of the user's, such as one that sends mail: the text comes on its standard input. It is started
 * without a shell, so that nothing in an alert can be taken for a command, and it inherits nothing that may be secret
 * (SEC12). What it prints goes nowhere.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { failed, ok, type Result } from '../../network/result.ts';
import type { Clock } from '../../ports/clock.ts';
import type { AlertSink } from './alert-post.ts';

export interface CommandOptions {
	readonly name: string;
	/** The program with its arguments. */
	readonly command: readonly string[];
	readonly clock: Clock;
	/** Of our own environment, of which only what is harmless is passed on. */
	readonly variables: Readonly<Record<string, string | undefined>>;
}

const TIMEOUT_MS = 15_000;
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'USER', 'LOGNAME', 'SystemRoot'];

export function commandSink({ name, command, clock, variables }: CommandOptions): AlertSink {
	const [file = '', ...args] = command;
	const env = Object.fromEntries(PASSED_ON.flatMap((key) => (variables[key] === undefined ? [] : [[key, variables[key]]])));
	return {
		name,
		send: ({ text }, signal) => {
			const child = spawn(file, args, { env, shell: false, stdio: ['pipe', 'ignore', 'ignore'] });
			return endOf(child, { text: `${text}\n`, file, clock, signal });
		},
	};
}

interface Told {
	readonly text: string;
	readonly file: string;
	readonly clock: Clock;
	readonly signal: AbortSignal;
}

function endOf(child: ChildProcess, { text, file, clock, signal }: Told): Promise<Result<void>> {
	const { promise, resolve } = Promise.withResolvers<Result<void>>();
	const fail = (detail: string, kind: 'transient' | 'fatal'): void => resolve(failed({ reason: 'error', class: kind, detail }));
	const kill = (): void => void child.kill('SIGKILL');
	const timer = clock.after(TIMEOUT_MS, () => {
		kill();
		fail(`${file} did not end within ${TIMEOUT_MS / 1_000} s`, 'transient');
	});
	signal.addEventListener('abort', kill, { once: true });
	child.once('error', (error: NodeJS.ErrnoException) =>
		fail(`${file} could not be started (${error.code ?? error.name})`, 'fatal'),
	);
	child.once('close', (code) =>
		code === 0 ? resolve(ok(undefined)) : fail(`${file} ended with ${code ?? 'a signal'}`, 'transient'),
	);
	// One that ends without reading is judged by how it ended.
	child.stdin?.on('error', () => {});
	child.stdin?.end(text);
	return promise.finally(() => {
		timer.cancel();
		signal.removeEventListener('abort', kill);
	});
}
