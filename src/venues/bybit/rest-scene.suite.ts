/** Bybit's REST client before a venue of a few lines (wire/rest-scene.suite.ts). */
import { expect } from 'vitest';
import type { VenueClockEvent } from '../../domain/event.ts';
import type { HttpHeard } from '../../network/transport.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { type Answering, json, type Measured, meterInto, refusingFirst, type Talk, talk } from '../wire/rest-scene.suite.ts';
import { VenueClock } from '../wire/venue-clock.ts';
import { BybitRest, ORDER_POOL, READ_POOL, type ReadOptions, type RestAnswer, type RestCall } from './rest.ts';
import { makeCredentials } from './sign.ts';

export const START_MS = 1_771_000_000_123;

export interface Scene {
	readonly clock: VirtualClock;
	readonly rest: BybitRest;
	readonly venueClock: VenueClock;
	readonly calls: Talk['calls'];
	readonly clockEvents: VenueClockEvent[];
	readonly measured: Measured;
	/** What the venue takes for the time: ours plus this. */
	aheadMs: number;
	answering: Answering;
}

/** Answers questions after the time by itself; all others as `answering` says, `undefined` being silence. */
export function makeScene(
	answering: Answering = () => undefined,
	given: { readonly hasKey?: boolean; readonly reads?: ReadOptions } = {},
): Scene {
	const clock = new VirtualClock(START_MS);
	const clockEvents: VenueClockEvent[] = [];
	const measured: Measured = { readMs: [], errorCount: 0 };
	const venueClock = new VenueClock({ venue: 'bybit', clock, sink: (event) => clockEvents.push(event) });
	const made = makeCredentials({ apiKey: 'KEY', apiSecret: 'SECRET' });
	if (made.kind === 'refused') throw new Error(made.sentence);
	const { transport, calls } = talk({
		clock,
		aheadMs: () => scene.aheadMs,
		time: { path: '/v5/market/time', body: (nowMs) => envelope({ time: nowMs }) },
		answering: (...asked) => scene.answering(...asked),
	});
	const rest = new BybitRest({
		transport,
		clock,
		rng: seededRng(1),
		venueClock,
		meter: meterInto(measured),
		venue: 'bybit',
		origin: 'https://venue.test',
		credentials: given.hasKey === false ? undefined : made.credentials,
		...(given.reads === undefined ? {} : { reads: given.reads }),
	});
	const scene: Scene = { clock, rest, venueClock, calls, clockEvents, measured, aheadMs: 0, answering };
	return scene;
}

export const CREATE: RestCall = {
	method: 'POST',
	path: '/v5/order/create',
	body: '{"category":"linear","symbol":"BTCUSDT","orderLinkId":"mm-1a2b"}',
	signed: true,
	kind: 'order',
	pool: ORDER_POOL,
	timeoutMs: 1_000,
};
export const REALTIME: RestCall = {
	method: 'GET',
	path: '/v5/order/realtime',
	params: { category: 'linear', symbol: 'BTCUSDT' },
	signed: true,
	kind: 'read',
	pool: READ_POOL,
	timeoutMs: 5_000,
};

/** One call, and virtual time until long after its answer, which must come once and not from inside of the call. */
export function ask(call: RestCall, answering: Answering, given: { readonly aheadMs?: number; readonly runMs?: number } = {}) {
	const scene = makeScene(answering);
	scene.aheadMs = given.aheadMs ?? 0;
	const answers: RestAnswer[] = [];
	scene.rest.ask(call, (answer) => answers.push(answer));
	expect(answers).toEqual([]);
	scene.clock.run(given.runMs ?? 200_000);
	expect(answers).toHaveLength(1);
	const [answer] = answers;
	if (answer === undefined) throw new Error('no answer');
	return { ...scene, answer };
}

/** Refuses the first `count` of the calls, then answers. */
export function refusing(count: number, refusal: HttpHeard): Answering {
	return refusingFirst(count, refusal, json(envelope({})));
}

export function envelope(given: {
	readonly retCode?: unknown;
	readonly retMsg?: unknown;
	readonly result?: unknown;
	readonly retExtInfo?: unknown;
	readonly time?: number;
}): object {
	return { retCode: 0, retMsg: 'OK', result: {}, retExtInfo: {}, time: START_MS, ...given };
}
