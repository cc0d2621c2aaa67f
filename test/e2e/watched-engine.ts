/** Engine, sentinel and exchange as processes of their own, on one data folder, with the exchange's own word for what happened. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Box, type BoxAccount, startBox } from '../clients/box.ts';
import { eventually } from '../clients/wait.ts';
import { Canaries, filesIn } from '../fixtures/canaries.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
/** The shortest that can be set. */
export const HEARTBEAT_TIMEOUT_S = 3;
export const SLOW = { withinMs: 40_000 };

export interface BoxOrder {
	readonly clientOrderId: string;
	readonly createdAtMs: number;
}

/** Of an engine that needs a sentinel, which has a key of its own. */
export function settingsText(rest: string): string {
	return `venues: { bybit: { symbols: [BTCUSDT, ETHUSDT], urls: { rest: '${rest}' } } }
strategies:
  - name: both
    params: { levels: { count: 2, half_spread_bps: 3, step_bps: 2 } }
sentinel: { enabled: true, heartbeat_timeout: ${HEARTBEAT_TIMEOUT_S}, api_key_env: WATCH_KEY, api_secret_env: WATCH_SECRET }
storage: { folder: data }
telemetry: { metrics_port: 0 }
`;
}

interface TapEntry {
	readonly number: number;
	readonly kind: string;
	readonly text?: string;
	readonly request?: { readonly path: string };
}

export class Program {
	readonly child: ChildProcess;
	readonly #ended: Promise<unknown>;
	/** All that it printed, wherever. */
	said = '';

	constructor(args: readonly string[], options: { readonly env: Readonly<Record<string, string>>; readonly keyFd?: string }) {
		this.child = spawn(process.execPath, [MAIN, ...args], {
			stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
			env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...options.env },
		});
		for (const stream of [this.child.stdout, this.child.stderr]) {
			stream?.on('data', (text: Buffer) => {
				this.said += text.toString();
			});
		}
		this.#ended = once(this.child, 'close');
		const keys = this.child.stdio[3];
		if (keys !== null && keys !== undefined && 'end' in keys) {
			keys.on('error', () => {});
			keys.end(options.keyFd ?? '');
		}
	}

	async says(pattern: RegExp): Promise<void> {
		await eventually(`${pattern} in what it says`, () => (pattern.test(this.said) ? true : undefined), SLOW).catch(
			(error: unknown) => {
				throw new Error(`it said: ${this.said}`, { cause: error });
			},
		);
	}

	/** The exit code, or the signal that ended it. */
	async ends(signal?: NodeJS.Signals): Promise<number | string | null> {
		if (signal !== undefined) this.child.kill(signal);
		await this.#ended;
		return this.child.exitCode ?? this.child.signalCode;
	}
}

export class WatchedEngine implements AsyncDisposable {
	readonly box: Box;
	readonly folder = mkdtempSync(join(tmpdir(), 'evenkeel-watched-'));
	readonly config = join(this.folder, 'evenkeel.yaml');
	readonly #programs: Program[] = [];

	static async open(): Promise<WatchedEngine> {
		return new WatchedEngine(await startBox(['--seed', '7', '--symbols', 'BTCUSDT,ETHUSDT']));
	}

	private constructor(box: Box) {
		this.box = box;
		writeFileSync(this.config, settingsText(box.bybit.rest));
	}

	run(): Program {
		const { apiKey, apiSecret } = this.box.account;
		return this.#start(['run', '--config', this.config, '--json'], {
			env: { EVENKEEL_BYBIT_API_KEY: apiKey, EVENKEEL_BYBIT_API_SECRET: apiSecret },
		});
	}

	sentinel({ apiKey, apiSecret }: BoxAccount = this.box.account): Program {
		return this.#start(['sentinel', '--config', this.config], { env: { WATCH_KEY: apiKey, WATCH_SECRET: apiSecret } });
	}

	/** The one that trades nothing. */
	get otherAccount(): BoxAccount {
		const [, other] = this.box.line.accounts;
		if (other === undefined) throw new Error('the box has one account');
		return other;
	}

	async makeReadOnly({ name }: BoxAccount): Promise<void> {
		await this.#control(`/v1/accounts/${name}/key`, { method: 'POST', body: JSON.stringify({ readOnly: true }) });
	}

	/** Its key comes by an open file. */
	sentinelByFd(): Program {
		const { apiKey, apiSecret } = this.box.account;
		return this.#start(['sentinel', '--config', this.config, '--key-fd', '3'], { env: {}, keyFd: `${apiKey}\n${apiSecret}\n` });
	}

	async orders(state: 'open' | 'closed'): Promise<readonly BoxOrder[]> {
		const { orders } = (await this.#control(`/v1/accounts/${this.box.account.name}/orders?state=${state}`)) as {
			readonly orders: readonly BoxOrder[];
		};
		return orders;
	}

	async openCount(count: (open: number) => boolean): Promise<void> {
		await eventually('so many open orders', async () => (count((await this.orders('open')).length) ? true : undefined), SLOW);
	}

	/** What reached the exchange from now on, until a create did: creates, and the reads that only comparisons make. */
	async untilCreate(): Promise<readonly ('create' | 'comparison')[]> {
		let after = 0;
		const seen: ('create' | 'comparison')[] = [];
		const look = async (isFirst: boolean): Promise<void> => {
			const { entries } = (await this.#control(`/v1/tap?after=${after}&limit=2000`)) as { readonly entries: readonly TapEntry[] };
			after = entries.at(-1)?.number ?? after;
			if (!isFirst) seen.push(...entries.flatMap(meaningOf));
		};
		await look(true);
		return await eventually(
			'a new order',
			async () => {
				await look(false);
				return seen.includes('create') ? seen.slice(0, seen.indexOf('create') + 1) : undefined;
			},
			SLOW,
		);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const { child } of this.#programs) child.kill('SIGKILL');
		await this.box.stop();
		const leaks = this.#leaks();
		rmSync(this.folder, { recursive: true, force: true });
		if (leaks.length > 0) throw new Error(`a secret got out (I19): ${leaks.join('; ')}`);
	}

	/** Into what engines and sentinels wrote and said. */
	#leaks(): readonly string[] {
		const canaries = new Canaries();
		for (const { name, apiKey, apiSecret } of this.box.line.accounts) {
			canaries.plant(`the key of ${name}`, apiKey);
			canaries.plant(`the secret of ${name}`, apiSecret);
		}
		const said = this.#programs.map((program) => ({ place: 'what a program said', content: program.said }));
		return canaries.leaksIn([...said, ...filesIn(this.folder)]);
	}

	#start(args: readonly string[], options: ConstructorParameters<typeof Program>[1]): Program {
		const program = new Program(args, options);
		this.#programs.push(program);
		return program;
	}

	async #control(path: string, request: RequestInit = {}): Promise<unknown> {
		const { url, token } = this.box.line.control;
		const response = await fetch(url + path, { ...request, headers: { authorization: `Bearer ${token}` } });
		if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
		return await response.json();
	}
}

/** The sentinel reads orders, too; positions are read by comparisons alone. */
function meaningOf({ kind, text = '', request }: TapEntry): ('create' | 'comparison')[] {
	if (kind === 'in' && text.includes('"order.create')) return ['create'];
	if (request?.path.startsWith('/v5/order/create') === true) return ['create'];
	return request?.path.startsWith('/v5/position/list') === true ? ['comparison'] : [];
}
