/**
 * What tests of order entry at Bybit share: answers in the venue's words, and a socket and a REST client of a few lines that remember what they were asked and answer when they are told to.
 */
import type { Command } from '../../domain/command.ts';
import type { EngineEvent } from '../../domain/event.ts';
import type { LookUp } from '../../engine/ports.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { START_MS } from '../wire/order-commands.suite.ts';
import type { EntryBench } from '../wire/order-entry.suite.ts';
import { bybitCapabilities } from './capabilities.ts';
import { httpVerdictOf, verdictOf } from './errors.ts';
import { BybitGateway, GATEWAY_OPTIONS } from './gateway.ts';
import type { OrderCallOptions } from './order-calls.ts';
import type { OrderOp } from './order-wire.ts';
import type { RestAnswer, RestCall } from './rest.ts';

/** An item of a batch answer: taken unless a code says otherwise. */
export interface Item {
	readonly orderLinkId: string;
	readonly code?: number | string;
	readonly orderId?: string;
	readonly message?: string;
}

export function batchResult(items: readonly Item[]): { readonly result: unknown; readonly ext: unknown } {
	return {
		result: {
			list: items.map(({ orderLinkId, code = 0, orderId = code === 0 ? `v-${orderLinkId}` : '' }) => ({ orderId, orderLinkId })),
		},
		ext: { list: items.map(({ code = 0, message = code === 0 ? 'OK' : 'no' }) => ({ code, msg: message })) },
	};
}

export function ok(result: unknown, ext: unknown = {}): RestAnswer {
	return { kind: 'ok', result, ext, venueAtMs: undefined, limits: undefined };
}

export function taken(commands: readonly Command[]): RestAnswer {
	const [only] = commands;
	if (commands.length === 1 && only !== undefined) return ok({ orderId: `v-${only.orderId}`, orderLinkId: only.orderId });
	return okBatch(commands.map(({ orderId }) => ({ orderLinkId: orderId })));
}

export function okBatch(items: readonly Item[]): RestAnswer {
	const { result, ext } = batchResult(items);
	return ok(result, ext);
}

export function refused(code: number, message = 'no', more: { isBan?: boolean } = {}): RestAnswer {
	const verdict = more.isBan === true ? httpVerdictOf(code, 'order') : verdictOf(code, message, 'order');
	return { kind: 'refused', code, message, verdict, isBan: more.isBan ?? false, limits: undefined, mayLandUntilMs: undefined };
}

export function lost(sent: boolean): RestAnswer {
	return { kind: 'lost', sent, reason: 'timeout', detail: 'test', mayLandUntilMs: undefined };
}

export interface Asked {
	readonly channel: 'ws' | 'rest';
	/** `place-batch`, `cancel` and so on: in our words. */
	readonly endpoint: string;
	readonly body: string;
	readonly answer: (answer: RestAnswer) => void;
}

/** A gateway between its engine and a venue that only listens. */
export class Bench implements EntryBench<RestAnswer> {
	readonly clock = new VirtualClock(START_MS);
	readonly asked: Asked[] = [];
	readonly events: EngineEvent[] = [];
	readonly lookedUp: LookUp[] = [];
	/** What was measured: `place rest-batch 40`. */
	readonly timings: string[] = [];
	readonly gateway: BybitGateway;
	isSocketUp = false;
	/** Up, and takes no more. */
	isSocketFull = false;
	banLeftMs = 0;
	isKilled = false;
	/** Rounds of measuring the clock that wait for their end. */
	readonly measuring: ((isMeasured: boolean) => void)[] = [];
	filterRefusals = 0;

	constructor(options: Partial<OrderCallOptions> = {}) {
		this.gateway = new BybitGateway({
			capabilities: bybitCapabilities('bybit', 'mainnet'),
			rest: {
				recvWindowMs: 5_000,
				banLeftMs: () => this.banLeftMs,
				ask: (call, heard) => this.#rest(call, heard),
			},
			socket: this.#socket(),
			venueClock: {
				venueNowMs: () => this.clock.wallMs(),
				remeasure: (told) => {
					if (told !== undefined) this.measuring.push(told);
				},
			},
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
		this.gateway.send({ batchId, venue: 'bybit', category, verb: first.kind, commands, symbolOnly: undefined });
	}

	/** The calls that were made, as `channel endpoint`. */
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

	#rest({ path, body = '' }: RestCall, answer: (answer: RestAnswer) => void): void {
		this.asked.push({ channel: 'rest', endpoint: inOurWords(path.replace('/v5/order/', '')), body, answer });
	}

	#socket() {
		const isUp = (): boolean => this.isSocketUp;
		return {
			get isUp(): boolean {
				return isUp();
			},
			send: (op: OrderOp, body: string, answer: (answer: RestAnswer) => void): boolean => {
				if (!this.isSocketUp || this.isSocketFull) return false;
				this.asked.push({ channel: 'ws', endpoint: inOurWords(op.replace('order.', '')), body, answer });
				return true;
			},
		};
	}
}

function inOurWords(endpoint: string): string {
	return endpoint.replace('create', 'place');
}
