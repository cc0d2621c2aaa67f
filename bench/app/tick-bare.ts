/**
 * The yardstick: as little as does the same work. It knows beforehand what it will send, keeps no books, decides nothing,
 * and looks at an answer only to count what was accepted. What a tick costs here, nobody can save; with a journal, nobody
 * who keeps what he sends where a crash cannot take it. The same connections tell what a bare round trip is.
 */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { Pool } from 'undici';
import { WebSocket } from 'ws';
import { PIECE } from '../../src/engine/orchestrator.ts';
import { type BareJournal, INTENT_BYTES } from './tick-bare-journal.ts';
import type { BenchBox } from './tick-box.ts';
import type { Taken } from './tick-ours.ts';
import { BATCH_MAX, inBatches, type Kind, type Standing, WorkSheet, type WorkSymbol } from './tick-work.ts';

export interface BareClient extends AsyncDisposable {
	/** With a journal creates and amends leave when that has them, piece by piece, as ours do; cancels wait for nothing. */
	tick(kind: Kind, journal?: BareJournal): Promise<Taken>;
	roundTripMs(): Promise<number>;
}

export type Verb = 'create' | 'amend' | 'cancel';
export type Body = readonly [Verb, string];
export type Send = (verb: Verb, body: string) => Promise<string>;

/** One connection for each batch of the largest flush. */
const CONNECTIONS = 50;
const LOGIN_LIFE_MS = 10_000;
const RECV_WINDOW = '5000';

export async function bareRest(box: BenchBox, work: readonly WorkSymbol[]): Promise<BareClient> {
	const { apiKey, apiSecret } = box.account('others');
	const pool = new Pool(box.listening.bybit.rest, { connections: CONNECTIONS });
	const key = createSecretKey(apiSecret, 'utf8');
	const send: Send = (verb, body) => {
		const stamp = String(Date.now());
		const signature = signed(key, `${stamp}${apiKey}${RECV_WINDOW}${body}`);
		const headers = [
			...['x-bapi-api-key', apiKey, 'x-bapi-timestamp', stamp, 'x-bapi-recv-window', RECV_WINDOW, 'x-bapi-sign', signature],
			...['content-type', 'application/json'],
		];
		return call(pool, { method: 'POST', path: `/v5/order/${verb}-batch`, headers, body });
	};
	const askTime = (): Promise<string> => call(pool, { method: 'GET', path: '/v5/market/time', headers: [] });
	// All connections are open before anything is measured.
	await Promise.all(Array.from({ length: CONNECTIONS }, askTime));
	return clientOf({ send, echo: askTime, sheet: new WorkSheet(work, 'bare-rest-'), ...BYBIT, close: () => pool.destroy() });
}

export async function bareSocket(box: BenchBox, work: readonly WorkSymbol[]): Promise<BareClient> {
	const { apiKey, apiSecret } = box.account('others');
	const socket = new WebSocket(box.listening.bybit.trade, { perMessageDeflate: false });
	await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
	const waiting = new Map<string, (text: string) => void>();
	let lastId = 0;
	socket.on('message', (data: Buffer) => {
		const text = data.toString();
		const id = /"reqId":"([^"]*)"/.exec(text)?.[1] ?? '';
		waiting.get(id)?.(text);
		waiting.delete(id);
	});
	const ask = (op: string, rest: string): Promise<string> =>
		new Promise((resolve) => {
			lastId += 1;
			waiting.set(String(lastId), resolve);
			socket.send(`{"reqId":"${lastId}","op":"${op}"${rest}}`);
		});
	const expires = Date.now() + LOGIN_LIFE_MS;
	const signature = signed(createSecretKey(apiSecret, 'utf8'), `GET/realtime${expires}`);
	await ask('auth', `,"args":${JSON.stringify([apiKey, expires, signature])}`);
	const send: Send = (verb, body) => {
		const header = `{"X-BAPI-TIMESTAMP":"${Date.now()}","X-BAPI-RECV-WINDOW":"${RECV_WINDOW}"}`;
		return ask(`order.${verb}-batch`, `,"header":${header},"args":[${body}]`);
	};
	return clientOf({
		send,
		echo: () => ask('ping', ''),
		sheet: new WorkSheet(work, 'bare-ws-'),
		...BYBIT,
		close: async () => socket.terminate(),
	});
}

export function clientOf(parts: {
	readonly send: Send;
	readonly echo: () => Promise<string>;
	readonly sheet: WorkSheet;
	/** The venue's words for them, as few calls as it takes. */
	readonly bodiesOf: (verb: Verb, orders: readonly Standing[]) => readonly Body[];
	readonly acceptedIn: (text: string) => number;
	readonly close: () => Promise<void>;
}): BareClient {
	const { send, echo, sheet, bodiesOf, acceptedIn, close } = parts;
	return {
		tick: async (kind, journal) => {
			const { gone, come } = sheet.next(kind);
			const cancels = kind === 'requote' ? [] : bodiesOf('cancel', gone);
			const perPiece = kind === 'requote' ? PIECE : PIECE / 2;
			const pieces = (journal === undefined ? [come] : inBatches(come, perPiece)).map((orders) => ({
				bodies: bodiesOf(kind === 'requote' ? 'amend' : 'create', orders),
				bytes: Buffer.alloc(orders.length * INTENT_BYTES[kind], '.'),
			}));
			const startMs = performance.now();
			const calls = cancels.map(([verb, body]) => send(verb, body));
			for (const { bodies, bytes } of pieces) {
				if (journal !== undefined) await journal.keep(bytes);
				for (const [verb, body] of bodies) calls.push(send(verb, body));
			}
			const answers = await Promise.all(calls);
			const accepted = answers.reduce((sum, text) => sum + acceptedIn(text), 0);
			return { ms: performance.now() - startMs, calls: calls.length, accepted };
		},
		roundTripMs: async () => {
			const startMs = performance.now();
			await echo();
			return performance.now() - startMs;
		},
		[Symbol.asyncDispose]: close,
	};
}

const BYBIT = { bodiesOf, acceptedIn };

function bodiesOf(verb: Verb, orders: readonly Standing[]): readonly Body[] {
	return inBatches(orders, BATCH_MAX).map((batch) => {
		const request = batch.map(({ symbol: { symbol }, id: orderLinkId, quote: { side, price, qty } }) => {
			if (verb === 'cancel') return { symbol, orderLinkId };
			if (verb === 'amend') return { symbol, orderLinkId, qty, price };
			const order = { side: side === 'buy' ? 'Buy' : 'Sell', orderType: 'Limit', timeInForce: 'PostOnly', positionIdx: 0 };
			return { symbol, ...order, orderLinkId, qty, price };
		});
		return [verb, JSON.stringify({ category: 'linear', request })];
	});
}

function acceptedIn(text: string): number {
	const { retExtInfo } = JSON.parse(text) as { readonly retExtInfo?: { readonly list?: readonly { readonly code: number }[] } };
	return retExtInfo?.list?.filter(({ code }) => code === 0).length ?? 0;
}

export function signed(key: KeyObject, text: string): string {
	return createHmac('sha256', key).update(text).digest('hex');
}

export function call(
	pool: Pool,
	request: {
		readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
		readonly path: string;
		readonly headers: string[];
		readonly body?: string;
	},
): Promise<string> {
	return new Promise((resolve, reject) => {
		const chunks: Buffer[] = [];
		pool.dispatch(request, {
			onRequestStart: () => {},
			onResponseStart: () => {},
			onResponseData: (_controller, chunk) => void chunks.push(chunk),
			onResponseEnd: () => resolve(Buffer.concat(chunks).toString()),
			onResponseError: (_controller, error) => reject(error),
		});
	});
}
