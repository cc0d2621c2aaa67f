/** What tests of order entry at Bybit share: answers in the venue's words, and a gateway to it (wire/entry-scene.suite.ts). */
import type { Command } from '../../domain/command.ts';
import { type EntryAsked, EntryScene } from '../wire/entry-scene.suite.ts';
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

interface Asked extends EntryAsked<RestAnswer> {
	readonly body: string;
}

export class Bench extends EntryScene<RestAnswer, Asked> {
	readonly gateway: BybitGateway;

	constructor(options: Partial<OrderCallOptions> = {}) {
		super();
		this.gateway = new BybitGateway({
			...this.parts,
			capabilities: bybitCapabilities('bybit', 'mainnet'),
			rest: this.restOf(({ path, body = '' }: RestCall, answer: Asked['answer']) => {
				this.asked.push({ channel: 'rest', endpoint: inOurWords(path.replace('/v5/order/', '')), body, answer });
			}),
			socket: this.socketOf((op: OrderOp, body: string, answer: Asked['answer']) => {
				return { channel: 'ws', endpoint: inOurWords(op.replace('order.', '')), body, answer };
			}),
			venueClock: this.venueClock,
			options: { ...GATEWAY_OPTIONS, ...options },
		});
	}
}

function inOurWords(endpoint: string): string {
	return endpoint.replace('create', 'place');
}
