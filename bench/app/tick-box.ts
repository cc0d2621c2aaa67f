/**
 * The exchange in a box as its command starts it, in a process of its own and on the same flags as we: at a fixed round
 * trip, and unless said otherwise with a resting market in which only we act and with the venue's rate limits lifted.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BoxListening } from '../../src/app/box.ts';
import type { MarketKind } from '../../src/app/box-choices.ts';

const PROGRAM = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** Ours, and that of the others: nobody's orders are in the streams of somebody else. */
const ACCOUNTS = ['ours', 'others'] as const;
const MUCH = '1000000000';
const SETTINGS = {
	EVENKEEL_BOX__ACCOUNTS: JSON.stringify(ACCOUNTS.map((name) => ({ name, balances: { USDT: MUCH } }))),
};

export interface BenchBox extends AsyncDisposable {
	readonly listening: BoxListening;
	account(name: (typeof ACCOUNTS)[number]): { readonly apiKey: string; readonly apiSecret: string };
	/** What the process has used of a processor; undefined where the system does not tell so exactly. */
	cpuMs(): number | undefined;
	/** There, whoever sells has to have it. Ours, on Binance. */
	depositOnSpot(coin: string): Promise<void>;
}

export interface BenchBoxOptions {
	readonly roundTripMs: number;
	readonly symbolCount: number;
	/** The venue's own; lifted unless said. */
	readonly limits?: 'off' | 'venue';
	/** Binance beside Bybit, with the same symbols on both of its markets. */
	readonly hasBinance?: boolean;
	/** At rest unless said. */
	readonly market?: MarketKind;
}

export async function openBenchBox(options: BenchBoxOptions): Promise<BenchBox> {
	const { roundTripMs, symbolCount, limits = 'off', market = 'quiet' } = options;
	const ports = ['--bybit-port', '0', '--control-port', '0', ...(options.hasBinance === true ? ['--binance-port', '0'] : [])];
	const scene = ['--market', market, '--symbols', 'BTCUSDT', '--extra-symbols', String(symbolCount)];
	const args = ['exchange', ...ports, ...scene, '--latency', `${roundTripMs}ms`, '--json'];
	const child = spawn(process.execPath, [...process.execArgv, PROGRAM, ...args], {
		stdio: ['ignore', 'pipe', 2, 'ipc'],
		env: {
			...process.env,
			...SETTINGS,
			EVENKEEL_BOX__RATE_LIMIT_FACTOR: limits === 'off' ? 'off' : '1',
		},
	});
	const listening = JSON.parse(await lineOf(child)) as BoxListening;
	return {
		listening,
		account: (name) => {
			const found = listening.accounts.find((each) => each.name === name);
			if (found === undefined) throw new Error(`the box has no account ${name}`);
			return found;
		},
		cpuMs: () => cpuMsOf(child.pid),
		async depositOnSpot(coin) {
			const { url, token } = listening.control;
			const reply = await fetch(`${url}/v1/accounts/ours@binance-spot/deposit`, {
				method: 'POST',
				headers: { authorization: `Bearer ${token}` },
				body: JSON.stringify({ coin, amount: MUCH }),
			});
			if (!reply.ok) throw new Error(`the box takes no deposit of ${coin}: ${await reply.text()}`);
		},
		[Symbol.asyncDispose]: async () => {
			if (child.exitCode !== null) return;
			const gone = once(child, 'exit');
			// It was started for us, and goes when the channel closes.
			child.disconnect();
			await gone;
		},
	};
}

async function lineOf(child: ChildProcess): Promise<string> {
	let said = '';
	const isGone = once(child, 'exit').then(() => {
		throw new Error(`the exchange in a box did not start: ${said}`);
	});
	while (!said.includes('\n')) {
		const [chunk] = (await Promise.race([once(child.stdout ?? child, 'data'), isGone])) as [Buffer];
		said += chunk.toString();
	}
	isGone.catch(() => {});
	return said;
}

/** Linux counts the nanoseconds of a process's main thread, on which the box does all of its work. */
function cpuMsOf(pid: number | undefined): number | undefined {
	try {
		return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
	} catch {
		return undefined;
	}
}
