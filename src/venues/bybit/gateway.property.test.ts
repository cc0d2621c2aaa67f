/**
 * The gateway over the real REST client and the real trade socket, against a venue that answers with mutilated text:
 * each batch is answered exactly once with one outcome a command, none is accepted without the venue's word for that very
 * id, and nothing is thrown.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BTCUSDT, ETHUSDT } from '../../../test/fixtures/instruments.ts';
import type { Verb } from '../../domain/command.ts';
import type { AnswerEvent, EngineEvent } from '../../domain/event.ts';
import { RECONNECT_POLICY } from '../../network/reconnect.ts';
import type { HttpCall, HttpHeard, Socket, SocketHandler, SocketTarget, Transport } from '../../network/transport.ts';
import { NO_METER } from '../../ports/meter.ts';
import { seededRng } from '../../simulation/seeded-rng.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { COMMAND_OF, START_MS } from '../wire/order-commands.suite.ts';
import { VenueClock } from '../wire/venue-clock.ts';
import { bybitCapabilities } from './capabilities.ts';
import { BybitGateway, GATEWAY_OPTIONS } from './gateway.ts';
import { batchResult } from './order-entry.suite.ts';
import { BybitRest } from './rest.ts';
import { Credentials } from './sign.ts';
import { TradeSocket } from './trade-socket.ts';

type Mutilate = (text: string) => string;

const IDS = ['mm-a', 'mm-b', 'mm-c'];

const mutilation: fc.Arbitrary<Mutilate> = fc.oneof(
	fc.constant((text: string) => text),
	fc.nat().map((at) => (text: string) => text.slice(0, at % (text.length + 1))),
	fc.tuple(fc.nat(), fc.nat(), fc.string()).map(([at, length, put]) => (text: string) => {
		const from = at % (text.length + 1);
		return text.slice(0, from) + put + text.slice(from + (length % 40));
	}),
	fc
		.tuple(
			fc.constantFrom('mm-a', '"code":0', 'orderLinkId', '"list"', '"retCode":0', 'reqId'),
			fc.constantFrom('mm-b', '"code":110007', 'x', '[]', '"retCode":10016', '"retCode":10005', '{}'),
		)
		.map(
			([what, by]) =>
				(text: string) =>
					text.replace(what, by),
		),
	fc.json().map((other) => () => other),
);
const status = fc.constantFrom(200, 200, 200, 200, 403, 404, 429, 500, 502);

interface Played {
	readonly mutilations: readonly Mutilate[];
	readonly statuses: readonly number[];
	readonly overSocket: boolean;
}

/** What the venue would say if nothing came in between. */
function answerTo(body: string): { readonly result: unknown; readonly retExtInfo: unknown } {
	const { request, orderLinkId } = JSON.parse(body) as { request?: { orderLinkId: string }[]; orderLinkId?: string };
	if (request === undefined) return { result: { orderId: `v-${orderLinkId}`, orderLinkId }, retExtInfo: {} };
	const { result, ext } = batchResult(request);
	return { result, retExtInfo: ext };
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

	request({ body = '' }: HttpCall, heard: (heard: HttpHeard) => void): { abort(): void } {
		const text = this.#mutilated(JSON.stringify({ retCode: 0, retMsg: 'OK', ...answerTo(body), time: START_MS }));
		const code = this.#played.statuses[this.#count % this.#played.statuses.length] ?? 200;
		this.#clock.after(5, () => heard({ kind: 'reply', status: code, header: () => undefined, body: Buffer.from(text) }));
		return { abort: () => {} };
	}

	connect(_target: SocketTarget, handler: SocketHandler): Socket {
		const say = (text: string) => this.#clock.after(5, () => handler.received(Buffer.from(text)));
		this.#clock.after(1, () => handler.opened());
		return {
			bufferedBytes: 0,
			send: (text) => {
				const { op, reqId, args } = JSON.parse(text) as { op: string; reqId?: string; args?: unknown[] };
				if (op === 'auth') say('{"op":"auth","retCode":0}');
				if (!op.startsWith('order.')) return true;
				const { result, retExtInfo } = answerTo(JSON.stringify(args?.[0]));
				say(this.#mutilated(JSON.stringify({ reqId, retCode: 0, retMsg: 'OK', op, data: result, retExtInfo })));
				return true;
			},
			ping: () => {},
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

function play(verb: Verb, played: Played): { readonly answers: readonly AnswerEvent[]; readonly texts: readonly string[] } {
	const clock = new VirtualClock(START_MS);
	const events: EngineEvent[] = [];
	const sink = (event: EngineEvent): void => {
		events.push(event);
	};
	const venue = new Venue(clock, played);
	const transport = venue as unknown as Transport;
	const venueClock = new VenueClock({ venue: 'bybit', clock, sink });
	const credentials = new Credentials('KEY', 'SECRET');
	const rng = seededRng(1);
	const rest = new BybitRest({
		...{ transport, clock, rng, venueClock, credentials },
		venue: 'bybit',
		meter: NO_METER,
		origin: 'http://127.0.0.1:1',
	});
	const basics = { transport, clock, rng, policy: RECONNECT_POLICY };
	const { recvWindowMs } = rest;
	const socket = new TradeSocket({
		...basics,
		venue: 'bybit',
		url: 'ws://x',
		credentials,
		venueClock,
		recvWindowMs,
		timeoutMs: 1_000,
		sink,
	});
	const gateway = new BybitGateway({
		capabilities: bybitCapabilities('bybit', 'box'),
		rest,
		socket,
		venueClock,
		clock,
		sink,
		lookUp: () => {},
		takeCensus: () => {},
		meter: NO_METER,
		filtersRefused: () => {},
		options: GATEWAY_OPTIONS,
	});
	if (played.overSocket) socket.start();
	clock.run(50);
	const commands = IDS.map((id, index) => COMMAND_OF[verb](id, index === 1 ? ETHUSDT : BTCUSDT));
	gateway.send({ batchId: 1, venue: 'bybit', category: 'linear', verb, commands, symbolOnly: undefined });
	clock.run(5_000);
	return { answers: events.filter((event) => event.kind === 'answer'), texts: venue.texts };
}

test('whatever the text of the answers', () => {
	const played = fc.record({
		mutilations: fc.array(mutilation, { minLength: 1, maxLength: 4 }),
		statuses: fc.array(status, { minLength: 1, maxLength: 3 }),
		overSocket: fc.boolean(),
	});
	fc.assert(
		fc.property(fc.constantFrom<Verb>('place', 'amend', 'cancel'), played, (verb, how) => {
			const { answers, texts } = play(verb, how);
			expect(answers).toHaveLength(1);
			expect(answers[0]?.items.map(({ orderId }) => orderId)).toEqual(IDS);
			for (const { orderId, outcome } of answers[0]?.items ?? []) {
				const isNamed = texts.some((text) => text.includes(JSON.stringify(orderId)));
				if (outcome.kind === 'accepted') expect(isNamed).toBe(true);
			}
		}),
		{ numRuns: 500 },
	);
});

test('left alone, all are accepted, on either way', () => {
	for (const overSocket of [false, true]) {
		const { answers } = play('place', { mutilations: [(text) => text], statuses: [200], overSocket });
		expect(answers[0]?.items.map(({ outcome }) => outcome.kind)).toEqual(['accepted', 'accepted', 'accepted']);
	}
});
