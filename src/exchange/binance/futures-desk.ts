/**
 * What futures keeps beside the exchange: listen keys, countdowns, the terms of orders and their changes. REST and sockets share one desk;
 * what only time brings about happens in its tick.
 */
import type { OrderView } from '../core/views.ts';
import { Amendments } from './futures-amendments.ts';
import { Countdowns } from './futures-countdown.ts';
import { ListenKeys } from './futures-listen-key.ts';
import { OrderTerms } from './futures-order-terms.ts';
import type { BinanceVenue } from './venue.ts';

interface GoodTill {
	readonly accountId: string;
	readonly exchangeKey: string;
	readonly atMs: number;
}

export type LeverageSet = (accountId: string, exchangeKey: string, nowMs: number) => void;

export class FuturesDesk {
	readonly listenKeys = new ListenKeys();
	readonly countdowns: Countdowns;
	readonly terms = new OrderTerms();
	readonly amendments = new Amendments();
	readonly #venue: BinanceVenue;
	/** Open orders that end by themselves. */
	readonly #goodTill = new Map<string, GoodTill>();
	#leverageListeners: readonly LeverageSet[] = [];

	constructor(venue: BinanceVenue) {
		this.#venue = venue;
		this.countdowns = new Countdowns(venue.exchange);
		venue.exchange.subscribe((event) => {
			if (event.kind === 'order' && event.order.leavesLots === 0) this.#goodTill.delete(event.order.orderId);
		});
	}

	/** An order that stands and is to end then. */
	endAt({ orderId, accountId, symbol, leavesLots }: OrderView, atMs: number): void {
		if (leavesLots > 0) this.#goodTill.set(orderId, { accountId, exchangeKey: symbol, atMs });
	}

	/** For ever. */
	onLeverageSet(listener: LeverageSet): void {
		this.#leverageListeners = [...this.#leverageListeners, listener];
	}

	/** An account has set its leverage, of which the exchange itself tells nobody. */
	leverageSet(accountId: string, exchangeKey: string, nowMs: number): void {
		for (const listener of this.#leverageListeners) listener(accountId, exchangeKey, nowMs);
	}

	tick(nowMs: number): void {
		this.countdowns.tick(nowMs);
		this.#endOrders(nowMs);
		this.listenKeys.tick(nowMs);
	}

	#endOrders(nowMs: number): void {
		for (const [orderId, { accountId, exchangeKey, atMs }] of [...this.#goodTill]) {
			if (nowMs < atMs) continue;
			this.#venue.exchange.cancel({ accountId, symbol: exchangeKey, order: { orderId }, reason: 'admin' }, nowMs);
		}
	}
}
