/** Order entry at Bybit, for the engine and for loops of one's own. */
import { OrderGateway, type OrderGatewayParts } from '../wire/order-gateway.ts';
import { type OrderCallOptions, type OrderCallParts, orderCalls } from './order-calls.ts';
import { RateNews } from './rate-news.ts';

export const GATEWAY_OPTIONS: OrderCallOptions = {
	orderEntry: 'ws',
	lone: 'single',
	orderTimeoutMs: 1_000,
	fallbackMs: 60_000,
};

export interface GatewayParts extends Omit<OrderCallParts, 'rates'>, Omit<OrderGatewayParts, 'run'> {}

export class BybitGateway extends OrderGateway {
	constructor(parts: GatewayParts) {
		const calls = orderCalls({ ...parts, rates: new RateNews(parts) });
		super({ ...parts, run: (category, verb, commands, done) => calls.run(category, verb, commands, done) });
	}
}
