/** What tests of order entry at Binance share: answers in the venue's words, and a gateway to it (wire/entry-scene.suite.ts). */
import { makeTestInstrument } from '../../../test/fixtures/instruments.ts';
import type { Command } from '../../domain/command.ts';
import { type EntryAsked, EntryScene } from '../wire/entry-scene.suite.ts';
import { START_MS } from '../wire/order-commands.suite.ts';
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

interface Asked extends EntryAsked<RestAnswer> {
	readonly market: Market;
	/** As the venue would be asked: `POST /fapi/v1/order`, `order.place`. */
	readonly name: string;
	readonly params: FrameParams;
	readonly weight: number;
}

const VERB_OF: Readonly<Record<string, string>> = { POST: 'place', PUT: 'amend', DELETE: 'cancel' };

export class Bench extends EntryScene<RestAnswer, Asked> {
	readonly gateway: BinanceGateway;

	constructor(options: Partial<OrderCallOptions> = {}) {
		super();
		this.gateway = new BinanceGateway({
			...this.parts,
			capabilities: binanceCapabilities('binance'),
			markets: { spot: this.#market('spot'), linear: this.#market('linear') },
			options: { ...GATEWAY_OPTIONS, ...options },
		});
	}

	#market(market: Market): MarketOrders {
		return {
			rest: {
				market,
				...this.restOf(({ method, path, params, weight }: RestCall, answer: Asked['answer']) => {
					const endpoint = `${VERB_OF[method]}${path.endsWith('batchOrders') ? '-batch' : ''}`;
					const given = typeof params === 'object' ? params : {};
					this.asked.push({ market, channel: 'rest', endpoint, name: `${method} ${path}`, params: given, weight, answer });
				}),
			},
			socket: this.socketOf(({ method, params, weight }: SocketRequest, answer: Asked['answer']) => {
				const endpoint = method.replace('order.', '').replace('modify', 'amend');
				return { market, channel: 'ws', endpoint, name: method, params, weight, answer };
			}),
			venueClock: this.venueClock,
		};
	}
}
