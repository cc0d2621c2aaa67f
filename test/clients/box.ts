/**
 * The exchange in a box as a stranger meets it: a process of its own on free ports of this machine, known only by the one
 * line that it prints. It is stopped by its process id, and what it wrote is kept for the message of a failure.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { eventually } from './wait.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LISTENS_WITHIN_MS = 20_000;
const STOPS_WITHIN_MS = 10_000;
const KEPT_CHARACTERS = 4_000;

export interface BoxAccount {
	readonly name: string;
	readonly apiKey: string;
	readonly apiSecret: string;
}

/** The line of `evenkeel exchange --json`. */
export interface Listening {
	readonly listening: true;
	readonly bybit: {
		readonly rest: string;
		readonly public: { readonly spot: string; readonly linear: string; readonly inverse: string };
		readonly private: string;
		readonly trade: string;
	};
	/** With `--binance-port`. */
	readonly binance?: {
		readonly spot: { readonly rest: string; readonly stream: string; readonly wsApi: string };
		readonly futures: {
			readonly rest: string;
			readonly public: string;
			readonly market: string;
			readonly private: string;
			readonly wsApi: string;
		};
	};
	readonly control: { readonly url: string; readonly token: string };
	readonly accounts: readonly BoxAccount[];
}

export interface Box {
	readonly line: Listening;
	readonly bybit: Listening['bybit'];
	/** The first account of the line. */
	readonly account: BoxAccount;
	readonly pid: number;
	/** Asks it to stop and waits until it has; its exit code, or null if it was killed. */
	stop(): Promise<number | null>;
}

/**
 * Nothing but loopback is up, so a client that ignores the URL it was given fails instead of reaching an exchange.
 * `run.ts` makes it so where the machine permits.
 */
export const onlyLoopback: boolean = Object.values(networkInterfaces())
	.flatMap((addresses) => addresses ?? [])
	.every((address) => address.internal);

export async function startBox(args: readonly string[] = []): Promise<Box> {
	const command = ['src/cli/main.ts', 'exchange', '--json', '--bybit-port', '0', '--control-port', '0', ...args];
	const child = spawn(process.execPath, command, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
	const said = new Said(child);
	try {
		const line = await eventually('the line of the box', () => said.firstLine(), { withinMs: LISTENS_WITHIN_MS });
		const listening = JSON.parse(line) as Listening;
		const account = listening.accounts[0];
		if (account === undefined) throw new Error('the box has no account');
		return { line: listening, bybit: listening.bybit, account, pid: child.pid ?? 0, stop: () => stop(child, said) };
	} catch (error) {
		child.kill('SIGKILL');
		throw new Error(`the box does not listen; it said: ${said.tail()}`, { cause: error });
	}
}

async function stop(child: ChildProcess, said: Said): Promise<number | null> {
	child.kill('SIGTERM');
	try {
		await eventually('the end of the box', () => (said.hasEnded ? true : undefined), { withinMs: STOPS_WITHIN_MS });
		return child.exitCode;
	} catch {
		child.kill('SIGKILL');
		return null;
	}
}

class Said {
	readonly #child: ChildProcess;
	#stdout = '';
	#stderr = '';

	constructor(child: ChildProcess) {
		this.#child = child;
		child.stdout?.setEncoding('utf8').on('data', (text: string) => {
			this.#stdout = (this.#stdout + text).slice(0, KEPT_CHARACTERS * 4);
		});
		child.stderr?.setEncoding('utf8').on('data', (text: string) => {
			this.#stderr = (this.#stderr + text).slice(-KEPT_CHARACTERS);
		});
	}

	firstLine(): string | undefined {
		if (this.hasEnded) throw new Error('the box has ended');
		const end = this.#stdout.indexOf('\n');
		return end === -1 ? undefined : this.#stdout.slice(0, end);
	}

	get hasEnded(): boolean {
		return this.#child.exitCode !== null || this.#child.signalCode !== null;
	}

	tail(): string {
		return `${this.#stdout}${this.#stderr}`.trim();
	}
}
