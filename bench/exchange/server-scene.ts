/**
 * The two servers and the client, and what they do between the timed parts: accounts are opened and funded, every order
 * that was accepted is looked for in the venue's truth, and the book is emptied again.
 */
import type { BoxListening } from '../../src/app/box.ts';
import type { HostAnswers, HostQuestion } from './server-host.ts';
import type { Burst, LoadAnswers, LoadQuestion, Target } from './server-load.ts';
import { type Account, BATCH_SIZE } from './server-orders.ts';
import { RemoteProcess } from './server-processes.ts';

export type Side = 'bare' | 'box';
export const SIDES: readonly Side[] = ['bare', 'box'];

export const IN_FLIGHT = 16;
const DEPOSIT_USDT = '10000000';

/** Connections belong to one account each. */
export interface LoadShape extends Pick<Burst, 'protocol' | 'operation' | 'perConnection'> {
	readonly connectionCount: number;
}

type Host = RemoteProcess<HostQuestion, HostAnswers>;
type Load = RemoteProcess<LoadQuestion, LoadAnswers>;

export class Scene {
	readonly #hosts: Readonly<Record<Side, Host>> = {
		bare: new RemoteProcess('./server-host.ts'),
		box: new RemoteProcess('./server-host.ts'),
	};
	readonly #load: Load = new RemoteProcess('./server-load.ts');
	readonly #accounts: Account[] = [];
	#ports: Readonly<Record<Side, number>> = { bare: 0, box: 0 };
	#control: BoxListening['control'] = { url: '', token: '' };
	#burstCount = 0;

	async start(): Promise<void> {
		const [bare, box] = await Promise.all([this.#hosts.bare.ask({ kind: 'bare' }), this.#hosts.box.ask({ kind: 'box' })]);
		this.#ports = { bare: bare.port, box: Number(new URL(box.bybit.rest).port) };
		this.#control = box.control;
		for (let index = 0; index < IN_FLIGHT; index += 1) {
			const account = (await this.#steer('POST', '/v1/accounts', { name: `load-${index}` })) as Account;
			await this.#steer('POST', `/v1/accounts/${account.name}/deposit`, { coin: 'USDT', amount: DEPOSIT_USDT });
			this.#accounts.push(account);
		}
	}

	async burst(
		side: Side,
		job: LoadShape & Pick<Burst, 'count' | 'perSec'>,
	): Promise<LoadAnswers['burst'] & { readonly cpuMs: number }> {
		this.#burstCount += 1;
		const { connectionCount, ...shape } = job;
		const accounts = this.#accounts.slice(0, connectionCount);
		const target = this.#target(side);
		const cpuBeforeMs = await this.#hosts[side].ask({ kind: 'cpu' });
		const burst = await this.#load.ask({ ...shape, kind: 'burst', target, accounts, tag: `b${this.#burstCount}-` });
		const answer = { ...burst, cpuMs: (await this.#hosts[side].ask({ kind: 'cpu' })) - cpuBeforeMs };
		if (side === 'bare') return answer;
		await this.#assertResting(accounts, job.count * (job.operation === 'create' ? 1 : BATCH_SIZE));
		await this.#load.ask({ kind: 'tidy', target, accounts });
		return answer;
	}

	async subscribe(side: Side, listenerCount: number): Promise<void> {
		const what = { path: '/v5/public/linear', topic: 'orderbook.50.BTCUSDT', listenerCount };
		await this.#load.ask({ kind: 'subscribe', target: this.#target(side), ...what });
	}

	async heard(): Promise<LoadAnswers['heard']> {
		return await this.#load.ask({ kind: 'heard' });
	}

	/** The bare server sends these frames to all who listen. */
	async broadcast(frames: readonly string[], everyMs: number): Promise<void> {
		await this.#hosts.bare.ask({ kind: 'broadcast', frames, everyMs });
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await Promise.all([this.#load, this.#hosts.bare, this.#hosts.box].map((each) => each[Symbol.asyncDispose]()));
	}

	#target(side: Side): Target {
		return { kind: side, port: this.#ports[side] };
	}

	/** An answer that says OK is worth nothing if there is no order. */
	async #assertResting(accounts: readonly Account[], expected: number): Promise<void> {
		const ids = new Set<string>();
		for (const { name } of accounts) {
			const { orders } = (await this.#steer('GET', `/v1/accounts/${name}/orders?state=open`)) as {
				readonly orders: readonly { readonly clientOrderId: string }[];
			};
			for (const { clientOrderId } of orders) {
				if (clientOrderId.startsWith(`b${this.#burstCount}-`)) ids.add(`${name} ${clientOrderId}`);
			}
		}
		if (ids.size !== expected) throw new Error(`${expected} orders were accepted, but the venue holds ${ids.size} of them`);
	}

	async #steer(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
		const { url, token } = this.#control;
		const response = await fetch(`${url}${path}`, {
			method,
			headers: { authorization: `Bearer ${token}` },
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${await response.text()}`);
		return await response.json();
	}
}
