/**
 * What may befall an order although nobody asked for it: for the faults of `../faults`, which make rare fates happen on
 * demand. Money and positions stay whole: where somebody trades, the house is the other side.
 */
import type { Account } from './account.ts';
import type { OrderRecord } from './order.ts';
import type { OrderStore } from './order-store.ts';
import type { Settlement } from './settlement.ts';
import type { TradingSymbol } from './trading-symbol.ts';
import type { CancelReason } from './views.ts';

interface InterferenceParts {
	readonly symbols: ReadonlyMap<string, TradingSymbol>;
	readonly accounts: ReadonlyMap<string, Account>;
	readonly store: OrderStore;
	readonly settlement: Settlement;
}

export class Interference {
	readonly #symbols: ReadonlyMap<string, TradingSymbol>;
	readonly #accounts: ReadonlyMap<string, Account>;
	readonly #store: OrderStore;
	readonly #settlement: Settlement;

	constructor(parts: InterferenceParts) {
		this.#symbols = parts.symbols;
		this.#accounts = parts.accounts;
		this.#store = parts.store;
		this.#settlement = parts.settlement;
	}

	/** Somebody takes so many lots of this very order, whoever stands before it. False where it does not rest. */
	take(orderId: string, qtyLots: number, nowMs: number): boolean {
		const found = this.#resting(orderId);
		if (found === null || qtyLots < 1 || found.symbol.status === 'halted') return false;
		const { record, symbol } = found;
		const takenLots = Math.min(qtyLots, record.leavesLots);
		const leavesLots = record.leavesLots - takenLots;
		this.#settlement.begin(symbol, nowMs);
		if (leavesLots === 0) symbol.book.cancel(orderId);
		else symbol.book.shrink(orderId, leavesLots);
		this.#settlement.takeForHouse(record, takenLots, leavesLots);
		this.#settlement.finish();
		return true;
	}

	/** The exchange takes the order out. False where it does not rest. */
	withdraw(orderId: string, reason: CancelReason, nowMs: number): boolean {
		const found = this.#resting(orderId);
		if (found === null) return false;
		this.#settlement.begin(found.symbol, nowMs);
		found.symbol.book.cancel(orderId);
		this.#settlement.withdraw(found.record, reason);
		this.#settlement.finish();
		return true;
	}

	/** Lets an account use a client id again. False where it was never used, or names an open order. */
	freeClientId(accountId: string, clientOrderId: string): boolean {
		const account = this.#accounts.get(accountId);
		return account !== undefined && this.#store.freeClientId(account, clientOrderId);
	}

	#resting(orderId: string): { record: OrderRecord; symbol: TradingSymbol } | null {
		const record = this.#store.get(orderId);
		const symbol = record === undefined ? undefined : this.#symbols.get(record.listing.symbol);
		return record === undefined || symbol === undefined || !record.open ? null : { record, symbol };
	}
}
