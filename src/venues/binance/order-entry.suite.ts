/**
 * What tests of order entry at Binance share: answers in the venue's words, and sockets and REST clients of a few lines
 * that remember what they were asked and answer when they are told to.
 */
import { makeTestInstrument } from '../../../test/fixtures/instruments.ts';
import type { Command } from '../../domain/command.ts';
import type { EngineEvent } from '../../domain/event.ts';
import type { LookUp } from '../../engine/ports.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { START_MS } from '../wire/order-commands.suite.ts';
import type { EntryBench } from '../wire/order-entry.suite.ts';
import { binanceCapabilities } from './capabilities.ts';
import type { Market } from './codec/frames.ts';
import { httpVerdictOf, verdictOf } from './errors.ts';
import { BinanceGateway, GATEWAY_OPTIONS } from './gateway.ts';
import type { MarketOrders, OrderCallOptions } from './order-calls.ts';
import type { RestAnswer, RestCall } from './rest.ts';
import type { FrameParams } from './sign.ts';
import type { SocketRequest } from './trade-socket.ts';
import type { LimitSeen } from './weights.ts';

export const BTC = makeTestInstrument({ venue: 'binance' });
export const ETH = makeTestInstrument({ venue: 'binance', index: 1, symbol: 'ETHUSDT', baseCurrency: 'ETH' });
export const BTC_SPOT = makeTestInstrument({
	venue: 'binance',
	index: 2,
	category: 'spot',
	tickSize: '0.01',
	lotSize: '0.00001',
});

/** Ids in our form, which bears the side. */
export function idOf(counter: number, side: 'Buy' | 'Sell' = 'Buy'): string {
	return `BTCUSDT-${side}-${START_MS}-${counter}-4rx9`;
}

const EMPTY = new Uint8Array();

export function ok(result: unknown, limits: readonly LimitSeen[] = []): RestAnswer {
	return { kind: 'ok', result, body: EMPTY, limits, askedAtMs: START_MS };
}

/** An order as an answer shows it, of futures. */
export function orderRow(clientOrderId: string, more: object = {}): object {
	return { orderId: 8_389_766_100_200_300_401n, symbol: 'BTCUSDT', status: 'NEW', clientOrderId, ...more };
}

export function taken(commands: readonly Command[]): RestAnswer {
	const rows = commands.map((command) => {
		const isSpotCancel = command.kind === 'cancel' && command.instrument.category === 'spot';
		return isSpotCancel ? orderRow('cxl', { origClientOrderId: command.orderId }) : orderRow(command.orderId);
	});
	return ok(rows.length === 1 ? rows[0] : rows);
}

interface Refusal {
	readonly market?: Market;
	readonly status?: number;
	readonly message?: string;
	readonly isBan?: boolean;
	readonly retryAfterMs?: number;
	readonly limits?: readonly LimitSeen[];
}

export function refused(code: number, more: Refusal = {}): RestAnswer {
	const { market = 'linear', status = 400, message = 'no', isBan = false, retryAfterMs, limits = [] } = more;
	const verdict = code > 0 ? httpVerdictOf(code, 'order') : verdictOf({ market, status, code, message }, 'order');
	return { kind: 'refused', code, message, verdict, data: undefined, isBan, retryAfterMs, limits, mayLandUntilMs: undefined };
}

export function lost(sent: boolean): RestAnswer {
	return { kind: 'lost', sent, reason: 'timeout', detail: 'test', mayLandUntilMs: undefined };
}

export interface Asked {
	readonly market: Market;
	readonly channel: 'ws' | 'rest';
	/** `place-batch`, `cancel` and so on. */
	readonly endpoint: string;
	/** As the venue would be asked: `POST /fapi/v1/order`, `order.place`. */
	readonly name: string;
	readonly params: FrameParams;
	readonly weight: number;
	readonly answer: (answer: RestAnswer) => void;
}

const VERB_OF: Readonly<Record<string, string>> = { POST: 'place', PUT: 'amend', DELETE: 'cancel' };

export class Bench implements EntryBench<RestAnswer> {
	readonly clock = new VirtualClock(START_MS);
	readonly asked: Asked[] = [];
	readonly events: EngineEvent[] = [];
	readonly lookedUp: LookUp[] = [];
	readonly timings: string[] = [];
	readonly gateway: BinanceGateway;
	readonly measuring: ((isMeasured: boolean) => void)[] = [];
	isSocketUp = false;
	isSocketFull = false;
	banLeftMs = 0;
	isKilled = false;
	filterRefusals = 0;

	constructor(options: Partial<OrderCallOptions> = {}) {
		this.gateway = new BinanceGateway({
			capabilities: binanceCapabilities('binance'),
			markets: { spot: this.#market('spot'), linear: this.#market('linear') },
			clock: this.clock,
			sink: (event) => this.events.push(event),
			lookUp: (asked) => this.lookedUp.push(...asked),
			takeCensus: () => {},
			meter: { request: (verb, api) => ({ record: (ms) => this.timings.push(`${verb} ${api} ${ms}`) }) },
			filtersRefused: () => {
				this.filterRefusals += 1;
			},
			mayPlace: () => !this.isKilled,
			options: { ...GATEWAY_OPTIONS, ...options },
		});
	}

	send(commands: readonly Command[], batchId = 1): void {
		const [first] = commands;
		if (first === undefined) throw new Error('a batch has commands');
		const { category } = first.instrument;
		this.gateway.send({ batchId, venue: 'binance', category, verb: first.kind, commands, symbolOnly: undefined });
	}

	get calls(): readonly string[] {
		return this.asked.map(({ channel, endpoint }) => `${channel} ${endpoint}`);
	}

	answer(index: number, answer: RestAnswer): void {
		const asked = this.asked[index];
		if (asked === undefined) throw new Error(`call ${index} was not made; there are ${this.calls.join(', ')}`);
		asked.answer(answer);
	}

	eventsOf<Kind extends EngineEvent['kind']>(kind: Kind): readonly Extract<EngineEvent, { kind: Kind }>[] {
		return this.events.filter((event): event is Extract<EngineEvent, { kind: Kind }> => event.kind === kind);
	}

	#market(market: Market): MarketOrders {
		const isUp = (): boolean => this.isSocketUp;
		return {
			rest: {
				market,
				recvWindowMs: 5_000,
				banLeftMs: () => this.banLeftMs,
				ask: (call, answer) => this.#rest(market, call, answer),
			},
			socket: {
				get isUp(): boolean {
					return isUp();
				},
				send: (request, answer) => this.#socket(market, request, answer),
			},
			venueClock: {
				venueNowMs: () => this.clock.wallMs(),
				remeasure: (told) => {
					if (told !== undefined) this.measuring.push(told);
				},
			},
		};
	}

	#rest(market: Market, { method, path, params, weight }: RestCall, answer: Asked['answer']): void {
		const endpoint = `${VERB_OF[method]}${path.endsWith('batchOrders') ? '-batch' : ''}`;
		const given = typeof params === 'object' ? params : {};
		this.asked.push({ market, channel: 'rest', endpoint, name: `${method} ${path}`, params: given, weight, answer });
	}

	#socket(market: Market, { method, params, weight }: SocketRequest, answer: Asked['answer']): boolean {
		if (!this.isSocketUp || this.isSocketFull) return false;
		const endpoint = method.replace('order.', '').replace('modify', 'amend');
		this.asked.push({ market, channel: 'ws', endpoint, name: method, params, weight, answer });
		return true;
	}
}
