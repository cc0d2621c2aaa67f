/**
 * The gateway over the real REST clients and the real sockets, against a venue that answers with mutilated text: each batch
 * is answered exactly once with one outcome a command, none is accepted without the venue's word for that very id, and
 * nothing is thrown.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Command, Verb } from '../../domain/command.ts';
import type { AnswerEvent, EngineEvent } from '../../domain/event.ts';
import { RECONNECT_POLICY } from '../../network/reconnect.ts';
import type { HttpCall, HttpHeard, Socket, SocketHandler, SocketTarget, Transport } from '../../network/transport.ts';
import { NO_METER } from '../../ports/meter.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { COMMAND_OF, START_MS } from '../wire/order-commands.suite.ts';
import { VenueClock } from '../wire/venue-clock.ts';
import { binanceCapabilities } from './capabilities.ts';
import type { Market } from './codec/frames.ts';
import { BinanceGateway, GATEWAY_OPTIONS } from './gateway.ts';
import { openMarkets } from './markets.ts';
import { BTC, BTC_SPOT, ETH, idOf } from './order-entry.suite.ts';
import { makeCredentials } from './sign.ts';
import { TradeSocket } from './trade-socket.ts';
import { boxUrlsBeside } from './urls.ts';

type Mutilate = (text: string) => string;

const IDS = [idOf(1), idOf(2), idOf(3)];
const URLS = boxUrlsBeside('http://127.0.0.1:1');

const mutilation: fc.Arbitrary<Mutilate> = fc.oneof(
	fc.constant((text: string) => text),
	fc.nat().map((at) => (text: string) => text.slice(0, at % (text.length + 1))),
	fc.tuple(fc.nat(), fc.nat(), fc.string()).map(([at, length, put]) => (text: string) => {
		const from = at % (text.length + 1);
		return text.slice(0, from) + put + text.slice(from + (length % 40));
	}),
	fc
		.tuple(
			fc.constantFrom(IDS[0] ?? '', '"orderId":1', 'lientOrderId', '"status":200', '[', 'result', '"id":"1"'),
			fc.constantFrom(IDS[1] ?? '', '"code":-2019', 'x', '[]', '"status":503', '"status":418', '{}', '"code":-1015'),
		)
		.map(
			([what, by]) =>
				(text: string) =>
					text.replace(what, by),
		),
	fc.json().map((other) => () => other),
);
const status = fc.constantFrom(200, 200, 200, 200, 400, 403, 404, 418, 429, 500, 503);

interface Played {
	readonly mutilations: readonly Mutilate[];
	readonly statuses: readonly number[];
	readonly overSocket: boolean;
}

function orderOf(clientOrderId: string): object {
	return { orderId: 1, symbol: 'BTCUSDT', clientOrderId, origClientOrderId: clientOrderId };
}

/** What the venue would say if nothing came in between. */
function answerTo(params: Readonly<Record<string, unknown>>): unknown {
	const { batchOrders, origClientOrderIdList, newClientOrderId, origClientOrderId } = params;
	if (typeof batchOrders === 'string') {
		return (JSON.parse(batchOrders) as readonly Readonly<Record<string, unknown>>[]).map((item) => answerTo(item));
	}
	if (typeof origClientOrderIdList === 'string') return (JSON.parse(origClientOrderIdList) as readonly string[]).map(orderOf);
	return orderOf(String(newClientOrderId ?? origClientOrderId));
}

class Venue implements Pick<Transport, 'request' | 'connect'> {
	readonly texts: string[] = [];
	readonly #clock: VirtualClock;
	readonly #played: Played;
	#count = 0;

	constructor(clock: VirtualClock, played: Played) {
		this.#clock = clock;
		this.#played = played;
	}

	request({ target, body }: HttpCall, heard: (heard: HttpHeard) => void): { abort(): void } {
		const query = new URLSearchParams(body ?? target.split('?')[1] ?? '');
		const text = this.#mutilated(JSON.stringify(answerTo(Object.fromEntries(query))));
		const code = this.#played.statuses[this.#count % this.#played.statuses.length] ?? 200;
		this.#clock.after(5, () => heard({ kind: 'reply', status: code, header: () => undefined, body: Buffer.from(text) }));
		return { abort: () => {} };
	}

	connect(_target: SocketTarget, handler: SocketHandler): Socket {
		this.#clock.after(1, () => handler.opened());
		return {
			bufferedBytes: 0,
			send: (text) => {
				const { id, params } = JSON.parse(text) as { id: string; params: Readonly<Record<string, unknown>> };
				const said = this.#mutilated(JSON.stringify({ id, status: 200, result: answerTo(params), rateLimits: [] }));
				this.#clock.after(5, () => handler.received(Buffer.from(said)));
				return true;
			},
			ping: () => this.#clock.after(1, () => handler.ponged()),
			close: () => {},
			terminate: () => {},
		};
	}

	#mutilated(text: string): string {
		const { mutilations } = this.#played;
		const mutilate = mutilations[this.#count % mutilations.length];
		this.#count += 1;
		const said = mutilate?.(text) ?? text;
		this.texts.push(said);
		return said;
	}
}

function commandsOf(market: Market, verb: Verb): readonly Command[] {
	if (market === 'spot') return [COMMAND_OF[verb](IDS[0] ?? '', BTC_SPOT)];
	return IDS.map((id, index) => COMMAND_OF[verb](id, index === 1 && verb !== 'cancel' ? ETH : BTC));
}

function play(market: Market, verb: Verb, played: Played) {
	const clock = new VirtualClock(START_MS);
	const events: EngineEvent[] = [];
	const sink = (event: EngineEvent): void => {
		events.push(event);
	};
	const venue = new Venue(clock, played);
	const transport = venue as unknown as Transport;
	const venueClock = new VenueClock({ venue: 'binance', clock, sink });
	const made = makeCredentials({ apiKey: 'KEY', apiSecret: 'SECRET' });
	if (made.kind === 'refused') throw new Error(made.sentence);
	const { credentials } = made;
	const basics = { transport, clock, rng: seededRng(1), venue: 'binance', venueClock, credentials, recvWindowMs: 5_000 };
	const markets = openMarkets({ ...basics, meter: NO_METER, urls: URLS });
	const { rest, weights } = markets[market];
	const socket = new TradeSocket({
		...{ ...basics, market, url: 'ws://x', policy: RECONNECT_POLICY, timeoutMs: 1_000, sink },
		...{ weights, ban: markets.ban },
	});
	const gateway = new BinanceGateway({
		...{ clock, sink, meter: NO_METER, options: GATEWAY_OPTIONS, capabilities: binanceCapabilities('binance') },
		markets: { [market]: { rest, socket, venueClock } },
		lookUp: () => {},
		takeCensus: () => {},
		filtersRefused: () => {},
	});
	if (played.overSocket) socket.start();
	clock.run(50);
	const commands = commandsOf(market, verb);
	gateway.send({ batchId: 1, venue: 'binance', category: market, verb, commands, symbolOnly: undefined });
	clock.run(5_000);
	const answers = events.filter((event): event is AnswerEvent => event.kind === 'answer');
	return { answers, texts: venue.texts, ids: commands.map(({ orderId }) => orderId) };
}

test('whatever the text of the answers', () => {
	const played = fc.record({
		mutilations: fc.array(mutilation, { minLength: 1, maxLength: 4 }),
		statuses: fc.array(status, { minLength: 1, maxLength: 3 }),
		overSocket: fc.boolean(),
	});
	const call = fc.constantFrom<readonly [Market, Verb]>(
		['linear', 'place'],
		['linear', 'amend'],
		['linear', 'cancel'],
		['spot', 'place'],
		['spot', 'cancel'],
	);
	fc.assert(
		fc.property(call, played, ([market, verb], how) => {
			const { answers, texts, ids } = play(market, verb, how);
			expect(answers).toHaveLength(1);
			expect(answers[0]?.items.map(({ orderId }) => orderId)).toEqual(ids);
			for (const { orderId, outcome } of answers[0]?.items ?? []) {
				const isNamed = texts.some((text) => text.includes(JSON.stringify(orderId)));
				if (outcome.kind === 'accepted') expect(isNamed).toBe(true);
			}
		}),
		{ numRuns: 500 },
	);
});

test('left alone, all are accepted, by every way', () => {
	for (const market of ['spot', 'linear'] as const) {
		for (const overSocket of [false, true]) {
			const { answers, ids } = play(market, 'place', { mutilations: [(text) => text], statuses: [200], overSocket });
			expect(answers[0]?.items.map(({ outcome }) => outcome.kind)).toEqual(ids.map(() => 'accepted'));
		}
	}
});
