/**
 * What accounts looked like a while ago, for a venue whose reads lag behind its streams. The memory of an account begins
 * with its first look: what was then is the oldest that can be shown. Views never change, so they are kept, not copied.
 * Bounded: an account that has seen too much starts anew.
 */
import type { ExchangeEvent } from '../core/events.ts';
import type { BalanceView, OrderView, PositionView } from '../core/views.ts';

interface Seen<View> {
	readonly atMs: number;
	readonly view: View;
}

type Series<View> = Map<string, Seen<View>[]>;

interface Memory {
	readonly sinceMs: number;
	readonly orders: Series<OrderView>;
	readonly positions: Series<PositionView>;
	readonly balances: Series<BalanceView>;
	lastAtMs: number;
	size: number;
}

/** What an account looked like at an instant. */
export interface Past {
	readonly atMs: number;
	/** Something has happened since. */
	readonly differs: boolean;
	/** Undefined where it was not there yet; `unknown` where nothing has happened to it since the memory began. */
	order(orderId: string): OrderView | undefined | 'unknown';
	openOrders(): OrderView[];
	position(symbol: string): PositionView | undefined;
	balance(coin: string): BalanceView | undefined;
}

export interface Truth {
	readonly orders: readonly OrderView[];
	readonly positions: readonly PositionView[];
	readonly balances: readonly BalanceView[];
}

const VIEWS_MAX = 50_000;

export class AccountMemory {
	readonly #accounts = new Map<string, Memory>();

	forget(): void {
		this.#accounts.clear();
	}

	apply(event: ExchangeEvent): void {
		if (this.#accounts.size === 0) return;
		switch (event.kind) {
			case 'order':
				return this.#keep(event.order.accountId, event.atMs, (memory) => [memory.orders, event.order.orderId, event.order]);
			case 'position':
				return this.#keep(event.position.accountId, event.atMs, (memory) => [
					memory.positions,
					event.position.symbol,
					event.position,
				]);
			case 'balance':
				return this.#keep(event.balance.accountId, event.atMs, (memory) => [memory.balances, event.balance.coin, event.balance]);
			default:
		}
	}

	/** At this instant, or when the memory began, if that is later. */
	at(accountId: string, atMs: number, begin: { readonly nowMs: number; readonly truth: () => Truth }): Past {
		const memory = this.#accounts.get(accountId) ?? this.#begin(accountId, begin.nowMs, begin.truth());
		const asOfMs = Math.max(atMs, memory.sinceMs);
		return {
			atMs: asOfMs,
			differs: memory.lastAtMs > asOfMs,
			order: (orderId) => (memory.orders.has(orderId) ? lastAt(memory.orders, orderId, asOfMs) : 'unknown'),
			openOrders: () =>
				[...memory.orders.keys()]
					.map((orderId) => lastAt(memory.orders, orderId, asOfMs))
					.filter((order) => order !== undefined)
					.filter(({ status }) => status === 'new' || status === 'partially-filled')
					.sort((left, right) => Number(left.orderId) - Number(right.orderId)),
			position: (symbol) => lastAt(memory.positions, symbol, asOfMs),
			balance: (coin) => lastAt(memory.balances, coin, asOfMs),
		};
	}

	#begin(accountId: string, nowMs: number, truth: Truth): Memory {
		const seen = <View>(views: readonly View[], nameOf: (view: View) => string): Series<View> =>
			new Map(views.map((view) => [nameOf(view), [{ atMs: nowMs, view }]]));
		const memory = {
			sinceMs: nowMs,
			lastAtMs: nowMs,
			size: 0,
			orders: seen(truth.orders, ({ orderId }) => orderId),
			positions: seen(truth.positions, ({ symbol }) => symbol),
			balances: seen(truth.balances, ({ coin }) => coin),
		};
		this.#accounts.set(accountId, memory);
		return memory;
	}

	#keep<View>(accountId: string, atMs: number, place: (memory: Memory) => readonly [Series<View>, string, View]): void {
		const memory = this.#accounts.get(accountId);
		if (memory === undefined) return;
		const [series, name, view] = place(memory);
		const seen = series.get(name);
		if (seen === undefined) series.set(name, [{ atMs, view }]);
		else seen.push({ atMs, view });
		memory.lastAtMs = atMs;
		memory.size += 1;
		if (memory.size > VIEWS_MAX) this.#accounts.delete(accountId);
	}
}

function lastAt<View>(series: Series<View>, name: string, atMs: number): View | undefined {
	return series.get(name)?.findLast((seen) => seen.atMs <= atMs)?.view;
}
