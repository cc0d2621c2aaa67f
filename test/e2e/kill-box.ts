/** The exchange in a process of its own, which outlives every engine, and what it says itself of our account. */
import type { BoxListening } from '../../src/app/box.ts';
import { startBox } from '../../src/cli/box-process.ts';
import type { TapEntry } from '../../src/exchange/control/tap.ts';

export interface VenueOrder {
	readonly orderId: string;
	readonly clientOrderId: string;
	readonly symbol: string;
	readonly side: string;
	readonly status: string;
}

export interface VenueExecution {
	readonly execId: string;
	readonly kind: string;
	readonly clientOrderId: string;
	readonly symbol: string;
	readonly side: string;
	readonly price: string;
	readonly qty: string;
	readonly fee: string;
}

export interface KillBox extends AsyncDisposable {
	readonly listening: BoxListening;
	readonly account: { readonly name: string; readonly apiKey: string; readonly apiSecret: string };
	openOrders(): Promise<readonly VenueOrder[]>;
	closedOrders(): Promise<readonly VenueOrder[]>;
	executions(): Promise<readonly VenueExecution[]>;
	positions(): Promise<readonly Readonly<Record<string, unknown>>[]>;
	/** What went over its wires since the entry of this number, as long as it is remembered. */
	tapped(after: number): Promise<readonly TapEntry[]>;
	/** A fault or whatever else the control API takes. */
	ask(method: string, path: string, body?: object): Promise<unknown>;
}

export async function startKillBox(main: string, args: readonly string[]): Promise<KillBox> {
	const flags = ['--bybit-port', '0', '--control-port', '0', ...args];
	const started = await startBox(flags, { EVENKEEL_BOX__RATE_LIMIT_FACTOR: 'off' }, main);
	if (started.kind === 'failed') throw new Error(started.message);
	const { listening } = started.box;
	const [account] = listening.accounts;
	if (account === undefined) throw new Error('the box has no account');
	const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
		const answer = await fetch(`${listening.control.url}${path}`, {
			method,
			headers: { authorization: `Bearer ${listening.control.token}` },
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
		return await answer.json();
	};
	const list = async <Row>(what: string, field: string): Promise<readonly Row[]> => {
		const told = (await ask('GET', `/v1/accounts/${account.name}/${what}`)) as Readonly<Record<string, readonly Row[]>>;
		return told[field] ?? [];
	};
	return {
		listening,
		account,
		openOrders: () => list('orders?state=open', 'orders'),
		closedOrders: () => list('orders?state=closed', 'orders'),
		executions: () => list('executions', 'executions'),
		positions: () => list('positions', 'positions'),
		tapped: async (after) => {
			const { entries } = (await ask('GET', `/v1/tap?after=${after}&limit=2000`)) as { readonly entries: readonly TapEntry[] };
			return entries;
		},
		ask,
		[Symbol.asyncDispose]: () => started.box[Symbol.asyncDispose](),
	};
}
