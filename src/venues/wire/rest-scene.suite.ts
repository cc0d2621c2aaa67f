/** A venue of a few lines behind the transport port, in virtual time, for the REST client of any venue. */
import type { HttpCall, HttpHeard, Transport } from '../../network/transport.ts';
import type { Meter } from '../../ports/meter.ts';
import type { VirtualClock } from '../../simulation/virtual-clock.ts';

export const ROUND_TRIP_MS = 40;

/** `undefined` is silence. */
export type Answering = (call: HttpCall, nowMs: number) => HttpHeard | undefined;

export interface TalkOptions {
	readonly clock: VirtualClock;
	/** What the venue takes for the time: ours plus this. */
	readonly aheadMs: () => number;
	/** What it says to questions after the time; the path ends like that. */
	readonly time: { readonly path: string; readonly body: (nowMs: number) => object };
	readonly answering: Answering;
}

export interface Talk {
	readonly transport: Transport;
	readonly calls: (HttpCall & { readonly atMs: number })[];
}

/** Answers questions after the time by itself, all others as `answering` says, half a round trip each way. */
export function talk({ clock, aheadMs, time, answering }: TalkOptions): Talk {
	const calls: (HttpCall & { readonly atMs: number })[] = [];
	const transport: Transport = {
		request(call, heard) {
			calls.push({ ...call, atMs: clock.wallMs() });
			let isOver = false;
			const end = (reply: HttpHeard): void => {
				if (!isOver) heard(reply);
				isOver = true;
			};
			clock.after(ROUND_TRIP_MS / 2, () => {
				const venueNowMs = clock.wallMs() + aheadMs();
				const isTime = call.target.endsWith(time.path);
				const reply = isTime ? json(time.body(venueNowMs)) : answering(call, venueNowMs);
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
	return { transport, calls };
}

/** What a client has put into its meter. */
export interface Measured {
	/** How long reads took. */
	readonly readMs: number[];
	errorCount: number;
}

export function meterInto(measured: Measured): Pick<Meter, 'request' | 'restErrors'> {
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

/** Refuses the first `count` of the calls, then answers. */
export function refusingFirst(count: number, refusal: HttpHeard, answer: HttpHeard): Answering {
	let left = count;
	return () => {
		left -= 1;
		return left >= 0 ? refusal : answer;
	};
}

export interface ReplyOptions {
	readonly status?: number;
	readonly headers?: Readonly<Record<string, string>>;
}

export function json(body: unknown, given: ReplyOptions = {}): HttpHeard {
	return reply(JSON.stringify(body), given);
}

export function reply(body: string | Uint8Array, { status = 200, headers = {} }: ReplyOptions = {}): HttpHeard {
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
