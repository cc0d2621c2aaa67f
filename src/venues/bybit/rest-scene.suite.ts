/** A venue of a few lines behind the transport port, in virtual time: answers what the test says, after a delay. */
import { expect } from 'vitest';
import type { VenueClockEvent } from '../../domain/event.ts';
import type { HttpCall, HttpHeard, Transport } from '../../network/transport.ts';
import type { Meter } from '../../ports/meter.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { VenueClock } from '../wire/venue-clock.ts';
import { BybitRest, ORDER_POOL, READ_POOL, type ReadOptions, type RestAnswer, type RestCall } from './rest.ts';
import { makeCredentials } from './sign.ts';

export const START_MS = 1_771_000_000_123;
export const ROUND_TRIP_MS = 40;

export type Answering = (call: HttpCall, nowMs: number) => HttpHeard | undefined;

export interface Scene {
	readonly clock: VirtualClock;
	readonly rest: BybitRest;
	readonly venueClock: VenueClock;
	readonly calls: (HttpCall & { readonly atMs: number })[];
	readonly clockEvents: VenueClockEvent[];
	readonly measured: Measured;
	/** What the venue takes for the time: ours plus this. */
	aheadMs: number;
	answering: Answering;
}

/** What the client has put into its meter. */
export interface Measured {
	/** How long reads took. */
	readonly readMs: number[];
	errorCount: number;
}

function meterInto(measured: Measured): Pick<Meter, 'request' | 'restErrors'> {
	return {
		request: (verb, api) => ({
			record: (ms) => {
				if (`${verb} ${api}` !== 'read rest') throw new Error(`measured ${verb} ${api}`);
				measured.readMs.push(ms);
			},
		}),
		restErrors: () => ({
			add: (count) => {
				measured.errorCount += count;
			},
		}),
	};
}

/** Answers questions after the time by itself; all others as `answering` says, `undefined` being silence. */
export function makeScene(
	answering: Answering = () => undefined,
	given: { readonly hasKey?: boolean; readonly reads?: ReadOptions } = {},
): Scene {
	const clock = new VirtualClock(START_MS);
	const calls: Scene['calls'] = [];
	const clockEvents: VenueClockEvent[] = [];
	const measured: Measured = { readMs: [], errorCount: 0 };
	const venueClock = new VenueClock({ venue: 'bybit', clock, sink: (event) => clockEvents.push(event) });
	const made = makeCredentials({ apiKey: 'KEY', apiSecret: 'SECRET' });
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
				const isTime = call.target === '/v5/market/time';
				const reply = isTime ? json(envelope({ time: venueNowMs })) : scene.answering(call, venueNowMs);
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
	let left = count;
	return () => {
		left -= 1;
		return left >= 0 ? refusal : json(envelope({}));
	};
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

export function json(
	body: unknown,
	given: { readonly status?: number; readonly headers?: Record<string, string> } = {},
): HttpHeard {
	return reply(JSON.stringify(body), given);
}

export function reply(
	body: string | Uint8Array,
	{ status = 200, headers = {} }: { readonly status?: number; readonly headers?: Record<string, string> } = {},
): HttpHeard {
	return {
		kind: 'reply',
		status,
		header: (name) => headers[name],
		body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
	};
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
