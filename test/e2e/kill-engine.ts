/** The engine in a process of its own, started again and again on one data folder, and what its tables say. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { KillBox } from './kill-box.ts';

export interface Home {
	readonly main: string;
	/** For the settings, the data and the locks. */
	readonly root: string;
	readonly box: KillBox;
}

/** Of each symbol and side. */
export const LEVELS = 4;
const SAID_MAX = 20_000;
const USUAL_FILE = 'evenkeel.yaml';

/** Of whatever is started here: the key, and a place for locks that no other test shares. */
export function environmentOf({ root, box }: Home): NodeJS.ProcessEnv {
	const { apiKey, apiSecret } = box.account;
	const key = { EVENKEEL_BYBIT_API_KEY: apiKey, EVENKEEL_BYBIT_API_SECRET: apiSecret };
	return { ...process.env, ...key, XDG_STATE_HOME: join(root, 'state') };
}

export function dataFolder({ root }: Home): string {
	return join(root, 'data');
}

/** Crashes are what this is about, so no number of them is too many. */
export function writeSettings(home: Home, more: object = {}, file = USUAL_FILE): void {
	const settings = {
		venues: { bybit: { symbols: ['BTCUSDT', 'ETHUSDT'], urls: { rest: home.box.listening.bybit.rest } } },
		strategies: [
			{ name: 'both', params: { levels: { count: LEVELS, half_spread_bps: 0.1, step_bps: 0.3 }, edge: { min_edge_bps: 0 } } },
		],
		storage: { folder: 'data' },
		crash_loop: { max_crashes: 10_000 },
		telemetry: { metrics_port: 0 },
		...more,
	};
	writeFileSync(join(home.root, file), JSON.stringify(settings));
}

export class KilledEngine {
	readonly child: ChildProcess;
	readonly ended: Promise<number | null>;
	said = '';
	printed = '';

	constructor(home: Home, more: { readonly file?: string; readonly nodeOptions?: string } = {}) {
		const { file = USUAL_FILE, nodeOptions = '' } = more;
		this.child = spawn(process.execPath, [home.main, 'run', '--config', join(home.root, file), '--json'], {
			stdio: ['ignore', 'pipe', 'pipe'],
			env: { ...environmentOf(home), NODE_OPTIONS: nodeOptions },
		});
		this.child.stderr?.on('data', (text: Buffer) => {
			this.said = (this.said + text.toString()).slice(-SAID_MAX);
		});
		this.child.stdout?.on('data', (text: Buffer) => {
			this.printed += text.toString();
		});
		this.ended = once(this.child, 'close').then(([code]) => code as number | null);
	}

	async kill(): Promise<void> {
		this.child.kill('SIGKILL');
		await this.ended;
	}

	async stop(): Promise<number | null> {
		this.child.kill('SIGTERM');
		return await this.ended;
	}
}

export interface TableExecution {
	readonly execution_id: string;
	readonly order_id: string;
	readonly side: string;
	readonly price: string;
	readonly qty: string;
	readonly fee: string;
}

export interface Tables {
	readonly orderIds: ReadonlySet<string>;
	readonly openOrderIds: readonly string[];
	readonly executions: readonly TableExecution[];
	readonly positions: ReadonlyMap<string, string>;
}

/** To be called when no engine runs. */
export function readTables(home: Home): Tables {
	return reading(home, (database) => {
		const orders = database.prepare('SELECT order_id, state FROM orders').all();
		const executions = database.prepare('SELECT execution_id, order_id, side, price, qty, fee FROM executions').all();
		const positions = database.prepare('SELECT instrument_id, qty FROM positions').all();
		return {
			orderIds: new Set(orders.map((row) => String(row['order_id']))),
			openOrderIds: orders.filter((row) => row['state'] === 'open').map((row) => String(row['order_id'])),
			executions: executions as unknown as readonly TableExecution[],
			positions: new Map(positions.map((row) => [String(row['instrument_id']), String(row['qty'])])),
		};
	});
}

export interface DeskTables {
	readonly decisions: readonly {
		readonly decision_id: string;
		readonly order_id: string;
		/** The decision whose position it closes, with an order that is one of the exits of that. */
		readonly closes: string;
		readonly fate: string;
	}[];
	readonly exits: readonly { readonly decision_id: string; readonly order_id: string; readonly reason: string }[];
	/** Of all orders, whoever wanted them. */
	readonly orderIds: ReadonlySet<string>;
}

/** What a trading desk has decided; to be called when no engine runs. */
export function readDeskTables(home: Home): DeskTables {
	return reading(home, (database) => {
		const decisions = database.prepare('SELECT decision_id, order_id, closes, fate FROM decision_fates').all();
		const exits = database.prepare('SELECT decision_id, order_id, reason FROM exits').all();
		const orders = database.prepare('SELECT order_id FROM orders').all();
		return {
			decisions: decisions as unknown as DeskTables['decisions'],
			exits: exits as unknown as DeskTables['exits'],
			orderIds: new Set(orders.map((row) => String(row['order_id']))),
		};
	});
}

function reading<Found>(home: Home, read: (database: DatabaseSync) => Found): Found {
	const database = new DatabaseSync(join(dataFolder(home), 'evenkeel.db'), { readOnly: true });
	try {
		return read(database);
	} finally {
		database.close();
	}
}
