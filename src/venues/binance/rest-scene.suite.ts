/** One market's REST client before a venue of a few lines (wire/rest-scene.suite.ts). */
import { expect } from 'vitest';
import type { HttpHeard } from '../../network/transport.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import {
	type Answering,
	json,
	type Measured,
	meterInto,
	type ReplyOptions,
	refusingFirst,
	type Talk,
	talk,
} from '../wire/rest-scene.suite.ts';
import { VenueClock } from '../wire/venue-clock.ts';
import { Ban } from './ban.ts';
import type { Market } from './codec/frames.ts';
import { BinanceRest, ORDER_POOL, READ_POOL, type ReadOptions, type RestAnswer, type RestCall, type RestParts } from './rest.ts';
import { makeCredentials } from './sign.ts';
import { Weights } from './weights.ts';

/** Two tenths of a second into a minute. */
export const START_MS = 1_771_000_020_200;

export interface Scene {
	readonly clock: VirtualClock;
	readonly rest: BinanceRest;
	/** One more, over the same line, for the market named. */
	readonly restOf: (market: Market) => BinanceRest;
	readonly venueClock: VenueClock;
	readonly weights: Weights;
	readonly ban: Ban;
	readonly calls: Talk['calls'];
	readonly measured: Measured;
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
	const measured: Measured = { readMs: [], errorCount: 0 };
	const venueClock = new VenueClock({ venue: 'binance', clock, sink: () => {} });
	const made = makeCredentials({ apiKey: 'MYKEY', apiSecret });
	if (made.kind === 'refused') throw new Error(made.sentence);
	const { transport, calls } = talk({
		clock,
		aheadMs: () => scene.aheadMs,
		time: { path: '/time', body: (serverTime) => ({ serverTime }) },
		answering: (...asked) => scene.answering(...asked),
	});
	const weights = new Weights(market);
	const ban = new Ban(clock);
	const parts: Omit<RestParts, 'market'> = {
		transport,
		clock,
		rng: seededRng(1),
		venueClock,
		weights,
		ban,
		meter: meterInto(measured),
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
export function refusing(count: number, refused: HttpHeard): Answering {
	return refusingFirst(count, refused, json({}));
}

export function refusal(code: number, msg: string, given: ReplyOptions = {}): HttpHeard {
	return json({ code, msg }, { status: 400, ...given });
}
