/** A market of a few lines behind the transport port, in virtual time: answers what the test says, after a delay. */
import { expect } from 'vitest';
import type { HttpCall, HttpHeard, Transport } from '../../network/transport.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { VenueClock } from '../wire/venue-clock.ts';
import { Ban } from './ban.ts';
import type { Market } from './codec/frames.ts';
import { BinanceRest, ORDER_POOL, READ_POOL, type ReadOptions, type RestAnswer, type RestCall, type RestParts } from './rest.ts';
import { makeCredentials } from './sign.ts';
import { Weights } from './weights.ts';

/** Two tenths of a second into a minute. */
export const START_MS = 1_771_000_020_200;
const ROUND_TRIP_MS = 40;

export type Answering = (call: HttpCall, nowMs: number) => HttpHeard | undefined;

export interface Scene {
	readonly clock: VirtualClock;
	readonly rest: BinanceRest;
	/** One more, over the same line, for the market named. */
	readonly restOf: (market: Market) => BinanceRest;
	readonly venueClock: VenueClock;
	readonly weights: Weights;
	readonly ban: Ban;
	readonly calls: (HttpCall & { readonly atMs: number })[];
	/** How long reads took, and how many calls went wrong. */
	readonly measured: { readonly readMs: number[]; errorCount: number };
	/** What the venue takes for the time: ours plus this. */
	aheadMs: number;
	answering: Answering;
}

export interface SceneOptions {
	readonly market?: Market;
	readonly hasKey?: boolean;
	readonly apiSecret?: string;
	readonly reads?: ReadOptions;
}

/** Answers questions after the time by itself; all others as `answering` says, `undefined` being silence. */
export function makeScene(answering: Answering = () => undefined, given: SceneOptions = {}): Scene {
	const { market = 'spot', apiSecret = 'SECRET' } = given;
	const clock = new VirtualClock(START_MS);
	const calls: Scene['calls'] = [];
	const measured = { readMs: [] as number[], errorCount: 0 };
	const venueClock = new VenueClock({ venue: 'binance', clock, sink: () => {} });
	const made = makeCredentials({ apiKey: 'MYKEY', apiSecret });
	if (made.kind === 'refused') throw new Error(made.sentence);
	const transport: Transport = {
		request(call, heard) {
			calls.push({ ...call, atMs: clock.wallMs() });
			let isOver = false;
			const end = (reply: HttpHeard): void => {
				if (!isOver) heard(reply);
				isOver = true;
			};
			clock.after(ROUND_TRIP_MS / 2, () => {
				const venueNowMs = clock.wallMs() + scene.aheadMs;
				const isTime = call.target.endsWith('/time');
				const reply = isTime ? json({ serverTime: venueNowMs }) : scene.answering(call, venueNowMs);
				if (reply === undefined) clock.after(call.timeoutMs, () => end(lost('timeout')));
				else clock.after(ROUND_TRIP_MS / 2, () => end(reply));
			});
			return { abort: () => end(lost('aborted')) };
		},
		connect: () => {
			throw new Error('this transport has no sockets');
		},
		warm: () => {},
		pools: () => [],
		[Symbol.asyncDispose]: async () => {},
	};
	const weights = new Weights(market);
	const ban = new Ban(clock);
	const parts: Omit<RestParts, 'market'> = {
		transport,
		clock,
		rng: seededRng(1),
		venueClock,
		weights,
		ban,
		meter: {
			request: () => ({ record: (ms) => void measured.readMs.push(ms) }),
			restErrors: () => ({
				add: (count) => {
					measured.errorCount += count;
				},
			}),
		},
		venue: 'binance',
		origin: 'https://venue.test',
		credentials: given.hasKey === false ? undefined : made.credentials,
		...(given.reads === undefined ? {} : { reads: given.reads }),
	};
	const restOf = (of: Market): BinanceRest => new BinanceRest({ ...parts, market: of });
	const scene: Scene = { clock, rest: restOf(market), restOf, venueClock, weights, ban, calls, measured, aheadMs: 0, answering };
	return scene;
}

export const PLACE: RestCall = {
	method: 'POST',
	path: '/api/v3/order',
	params: { symbol: 'BTCUSDT', side: 'BUY', newClientOrderId: 'mm-1a2b', price: undefined },
	security: 'signed',
	kind: 'order',
	weight: 1,
	pool: ORDER_POOL,
	timeoutMs: 1_000,
};
export const OPEN_ORDERS: RestCall = {
	method: 'GET',
	path: '/api/v3/openOrders',
	params: { symbol: 'BTCUSDT' },
	security: 'signed',
	kind: 'read',
	weight: 6,
	pool: READ_POOL,
	timeoutMs: 5_000,
};

/** One call, and virtual time until long after its answer, which must come once and not from inside of the call. */
export function ask(call: RestCall, answering: Answering, given: SceneOptions & { readonly runMs?: number } = {}) {
	const scene = makeScene(answering, given);
	const answers: RestAnswer[] = [];
	scene.rest.ask(call, (answer) => answers.push(answer));
	expect(answers).toEqual([]);
	scene.clock.run(given.runMs ?? 400_000);
	expect(answers).toHaveLength(1);
	const [answer] = answers;
	if (answer === undefined) throw new Error('no answer');
	return { ...scene, answer };
}

/** Refuses the first `count` of the calls, then answers. */
export function refusing(count: number, refusal: HttpHeard): Answering {
	let left = count;
	return () => {
		left -= 1;
		return left >= 0 ? refusal : json({});
	};
}

type ReplyOptions = { readonly status?: number; readonly headers?: Readonly<Record<string, string>> };

export function json(body: unknown, given: ReplyOptions = {}): HttpHeard {
	return reply(JSON.stringify(body), given);
}

export function refusal(code: number, msg: string, given: ReplyOptions = {}): HttpHeard {
	return json({ code, msg }, { status: 400, ...given });
}

export function reply(body: string, { status = 200, headers = {} }: ReplyOptions = {}): HttpHeard {
	return { kind: 'reply', status, header: (name) => headers[name], body: new TextEncoder().encode(body) };
}

export function lost(reason: 'timeout' | 'aborted' | 'reset' | 'tls' | 'refused', sent = true): HttpHeard {
	return { kind: 'lost', sent, reason, detail: reason };
}

const TURNS = 40;

/** Lets virtual time go by until the promise has settled. */
export async function settle<Value>(clock: VirtualClock, promise: Promise<Value>): Promise<Value> {
	let isSettled = false;
	const settled = promise.finally(() => {
		isSettled = true;
	});
	settled.catch(() => {});
	while (!isSettled) {
		for (let turn = 0; turn < TURNS && !isSettled; turn += 1) await Promise.resolve();
		if (!isSettled && !clock.step()) throw new Error('nothing is left to happen, and the promise has not settled');
	}
	return settled;
}
