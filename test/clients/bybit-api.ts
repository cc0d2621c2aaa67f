/**
 * A box of its own for one file of tests with `bybit-api`: clients that know only its URLs and keys, and the few questions
 * that all of these tests ask.
 */
import { type AccountOrderV5, type APIResponseV3, RestClientV5, WebsocketClient } from 'bybit-api';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Box, startBox } from './box.ts';
import { eventually, Inbox } from './wait.ts';

export const SYMBOL = 'BTCUSDT';
export const QTY = '0.010';
/** The client pings on its own; so often that the answers matter within a test. */
export const PING_EVERY_MS = 300;
export const SECONDS = 1_000;

export interface Frame {
	readonly topic: string;
	readonly type?: string;
	readonly data: readonly Readonly<Record<string, unknown>>[];
}

export interface Trouble {
	readonly retCode?: number;
	readonly success?: boolean;
	readonly op?: string;
}

type Socket = 'public' | 'private';

export const quiet = { trace: () => undefined, info: () => undefined, error: () => undefined };

/** Registers the hooks that start and stop the box around the tests of the file. */
export function useBybitApi({ seed }: { readonly seed: string }) {
	let box: Box;
	let rest: RestClientV5;
	const closers: (() => void)[] = [];

	beforeAll(async () => {
		box = await startBox(['--market', 'synthetic', '--seed', seed]);
		rest = restClient();
	}, 60 * SECONDS);

	afterAll(async () => {
		for (const close of closers) close();
		expect(await box.stop()).toBe(0);
	}, 60 * SECONDS);

	function restClient(more: { key?: string; secret?: string } = {}): RestClientV5 {
		const { apiKey: key, apiSecret: secret } = box.account;
		return new RestClientV5({ baseUrl: box.bybit.rest, key, secret, parseAPIRateLimits: true, ...more });
	}

	function streams(
		kind: Socket,
		wsUrl: string,
		more: { secret?: string } = {},
		onNote: (note: string) => void = () => undefined,
	): { client: WebsocketClient; frames: Inbox<Frame>; troubles: Inbox<Trouble> } {
		const { apiKey: key, apiSecret: secret } = box.account;
		const keys = kind === 'private' ? { key, secret } : {};
		const logger = { ...quiet, trace: (note: unknown) => onNote(String(note)) };
		const client = new WebsocketClient({ wsUrl, market: 'v5', pingInterval: PING_EVERY_MS, ...keys, ...more }, logger);
		const frames = new Inbox<Frame>();
		const troubles = new Inbox<Trouble>();
		client.on('update', (frame: Frame) => frames.push(frame));
		client.on('exception', (trouble: Trouble) => troubles.push(trouble));
		client.on('reconnect', ({ wsKey }) => troubles.push({ op: `reconnect ${wsKey}` }));
		closers.push(() => client.closeAll(true));
		return { client, frames, troubles };
	}

	async function prices(): Promise<{ bid: number; ask: number; farBelow: string; crossing: string }> {
		const { result } = good(await rest.getOrderbook({ category: 'linear', symbol: SYMBOL, limit: 1 }));
		const bid = Number(result.b[0]?.[0]);
		const ask = Number(result.a[0]?.[0]);
		return { bid, ask, farBelow: (bid * 0.98).toFixed(1), crossing: (ask * 1.01).toFixed(1) };
	}

	async function placeFarBelow(orderLinkId: string, price?: string): Promise<string> {
		const { farBelow } = await prices();
		const order = { category: 'linear', symbol: SYMBOL, side: 'Buy', orderType: 'Limit', qty: QTY, orderLinkId } as const;
		const placed = await unhurried(() => rest.submitOrder({ ...order, price: price ?? farBelow, timeInForce: 'PostOnly' }));
		return good(placed).result.orderId;
	}

	async function order(orderId: string): Promise<AccountOrderV5 | undefined> {
		return good(await rest.getActiveOrders({ category: 'linear', symbol: SYMBOL, orderId })).result.list[0];
	}

	async function positionSize(): Promise<number> {
		const { list } = good(await rest.getPositionInfo({ category: 'linear', symbol: SYMBOL })).result;
		return list.reduce((sum, { side, size }) => sum + (side === 'Sell' ? -Number(size) : Number(size)), 0);
	}

	return {
		get box(): Box {
			return box;
		},
		get rest(): RestClientV5 {
			return rest;
		},
		closeLater: (close: () => void) => void closers.push(close),
		...{ restClient, streams, prices, placeFarBelow, order, positionSize },
	};
}

/** The reply, if the venue took the request in. */
export function good<T extends APIResponseV3<unknown>>(reply: T): T {
	expect(reply.retCode, reply.retMsg).toBe(0);
	return reply;
}

/** Once more when the rate limit said no, since tests share an account. */
export function unhurried<T extends APIResponseV3<unknown>>(ask: () => Promise<T>): Promise<T> {
	return eventually('room in the rate limit', async () => {
		const reply = await ask();
		return reply.retCode === 10006 ? undefined : reply;
	});
}

/** The codes of a batch, item by item. */
export function codes(reply: { readonly retExtInfo: { readonly list?: readonly { readonly code: number }[] } }): number[] {
	return (reply.retExtInfo.list ?? []).map(({ code }) => code);
}

/** Numbers in text may have other zeros at their end. */
export function fits(item: Readonly<Record<string, unknown>>, wanted: Readonly<Record<string, unknown>>): boolean {
	return Object.entries(wanted).every(
		([name, value]) => item[name] === value || (name === 'qty' && Number(item[name]) === Number(value)),
	);
}
