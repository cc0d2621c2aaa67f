/**
 * Order entry at Binance, for the engine and for loops of one's own. Each market has ways, windows and a clock of its own; a
 * ban holds for both.
 */
import { assert } from '../../domain/assert.ts';
import type { Category } from '../../domain/instrument.ts';
import { OrderGateway, type OrderGatewayParts } from '../wire/order-gateway.ts';
import type { Market } from './codec/frames.ts';
import { type MarketOrders, type OrderCallOptions, type OrderCallParts, orderCalls } from './order-calls.ts';
import { RateNews } from './rate-news.ts';

export const GATEWAY_OPTIONS: OrderCallOptions = { orderEntry: 'ws', orderTimeoutMs: 1_000, fallbackMs: 60_000 };

export interface GatewayParts
	extends Omit<OrderGatewayParts, 'run'>,
		Pick<OrderCallParts, 'meter' | 'mayPlace' | 'options' | 'filtersRefused'> {
	/** Those that are traded. */
	readonly markets: Partial<Record<Market, MarketOrders>>;
}

export class BinanceGateway extends OrderGateway {
	constructor(parts: GatewayParts) {
		const markets = Object.values(parts.markets);
		const banLeftMs = (): number => Math.max(0, ...markets.map(({ rest }) => rest.banLeftMs()));
		const rates = new RateNews({ ...parts, banLeftMs });
		const calls = new Map<Category, ReturnType<typeof orderCalls>>(
			markets.map((orders) => [orders.rest.market, orderCalls({ ...parts, orders, rates })]),
		);
		super({
			...parts,
			run: (category, verb, commands, done) => {
				const ofMarket = calls.get(category);
				assert(ofMarket !== undefined, 'orders are of a market that was opened');
				ofMarket.run(category, verb, commands, done);
			},
		});
	}
}
