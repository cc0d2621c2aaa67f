/**
 * All orders and executions the exchange still remembers, found by id, by client id, by account and symbol. Open
 * orders are always kept. What outside data makes grow is bounded: the oldest are forgotten first, as venues do.
 */
import type { Account } from './account.ts';
import type { OrderRecord } from './order.ts';
import type { Execution } from './views.ts';

export interface StoreBounds {
	/** Per account and symbol. */
	readonly closedOrders: number;
	/** Cancelled orders that never traded are forgotten after this long, as venues do. */
	readonly unfilledMs: number;
	/** Per account and symbol. */
	readonly executions: number;
	/** Client ids of an account that are remembered; they outlive the orders. About 100 bytes each. */
	readonly clientIds: number;
}

const STORE_BOUNDS: StoreBounds = {
	closedOrders: 500,
	unfilledMs: 24 * 3_600_000,
	executions: 2_000,
	clientIds: 1_000_000,
};

interface Lane {
	/** In the order in which they were placed. */
	readonly open: Set<OrderRecord>;
	/** The open ones that may only reduce. */
	readonly reduceOnly: Set<OrderRecord>;
	readonly closed: OrderRecord[];
	readonly executions: Execution[];
}

export class OrderStore {
	readonly #bounds: StoreBounds;
	#orderCount = 0;
	#nowMs = 0;
	readonly #byId = new Map<string, OrderRecord>();
	readonly #lanes = new Map<Account, Map<string, Lane>>();
	/** The order id behind each client id ever used; of one that was used again, the latest. */
	readonly #clientIds = new Map<Account, Map<string, string>>();

	constructor(bounds: Partial<StoreBounds> = {}) {
		this.#bounds = { ...STORE_BOUNDS, ...bounds };
	}

	/** Time as the exchange knows it; it never goes back. */
	passTime(nowMs: number): void {
		if (nowMs > this.#nowMs) this.#nowMs = nowMs;
	}

	/** How many orders there ever were. */
	get orderCount(): number {
		return this.#orderCount;
	}

	nextOrderId(): string {
		this.#orderCount += 1;
		return String(this.#orderCount);
	}

	get(orderId: string): OrderRecord | undefined {
		const record = this.#byId.get(orderId);
		return record === undefined || this.#isStale(record) ? undefined : record;
	}

	byClientId(account: Account, clientOrderId: string): OrderRecord | undefined {
		const orderId = this.#clientIds.get(account)?.get(clientOrderId);
		return orderId === undefined ? undefined : this.get(orderId);
	}

	/** So that no other order of the account may have the id, under the rule of the listing that asks. */
	isUsed(account: Account, clientOrderId: string, rule: 'for-ever' | 'while-open'): boolean {
		if (rule === 'while-open') return this.byClientId(account, clientOrderId)?.open ?? false;
		return this.#clientIds.get(account)?.has(clientOrderId) ?? false;
	}

	/** The order has no other name from now on. */
	rename(record: OrderRecord, clientOrderId: string): void {
		const ids = this.#clientIds.get(record.account);
		if (ids?.get(record.clientOrderId) === record.orderId) ids.delete(record.clientOrderId);
		record.clientOrderId = clientOrderId;
		this.#rememberClientId(record);
	}

	/** From now on the id may be used again, unless it names an order that is open. */
	freeClientId(account: Account, clientOrderId: string): boolean {
		if (this.byClientId(account, clientOrderId)?.open ?? false) return false;
		return this.#clientIds.get(account)?.delete(clientOrderId) ?? false;
	}

	add(record: OrderRecord): void {
		this.#byId.set(record.orderId, record);
		this.#lane(record.account, record.listing.symbol).open.add(record);
		if (record.clientOrderId !== '') this.#rememberClientId(record);
	}

	/** From now on the order shrinks with the position. */
	watchReduceOnly(record: OrderRecord): void {
		this.#lane(record.account, record.listing.symbol).reduceOnly.add(record);
	}

	reduceOnly(account: Account, symbol: string): ReadonlySet<OrderRecord> {
		return this.#lane(account, symbol).reduceOnly;
	}

	close(record: OrderRecord): void {
		const lane = this.#lane(record.account, record.listing.symbol);
		lane.open.delete(record);
		lane.reduceOnly.delete(record);
		lane.closed.push(record);
		const { closedOrders } = this.#bounds;
		if (lane.closed.length < 2 * closedOrders) return;
		for (const old of lane.closed.splice(0, lane.closed.length - closedOrders)) this.#byId.delete(old.orderId);
	}

	addExecution(account: Account, execution: Execution): void {
		const { executions } = this.#lane(account, execution.symbol);
		executions.push(execution);
		const kept = this.#bounds.executions;
		if (executions.length >= 2 * kept) executions.splice(0, executions.length - kept);
	}

	openCount(account: Account, symbol: string): number {
		return this.#lane(account, symbol).open.size;
	}

	open(account: Account, symbol?: string): OrderRecord[] {
		const records = this.#lanesOf(account, symbol).flatMap((lane) => [...lane.open]);
		return symbol === undefined ? records.sort(byAge) : records;
	}

	/** Newest last. */
	closed(account: Account, symbol: string): OrderRecord[] {
		const kept = this.#lane(account, symbol).closed.slice(-this.#bounds.closedOrders);
		return kept.filter((record) => !this.#isStale(record));
	}

	/** Newest last. */
	executions(account: Account, symbol: string): Execution[] {
		return this.#lane(account, symbol).executions.slice(-this.#bounds.executions);
	}

	/** Its memory is freed with the next ones that close: their number is the bound, this is what can be seen. */
	#isStale(record: OrderRecord): boolean {
		return record.status === 'cancelled' && record.filledLots === 0 && this.#nowMs - record.updatedAtMs > this.#bounds.unfilledMs;
	}

	#lanesOf(account: Account, symbol: string | undefined): Lane[] {
		if (symbol !== undefined) return [this.#lane(account, symbol)];
		return [...(this.#lanes.get(account)?.values() ?? [])];
	}

	#lane(account: Account, symbol: string): Lane {
		let lanes = this.#lanes.get(account);
		if (lanes === undefined) {
			lanes = new Map();
			this.#lanes.set(account, lanes);
		}
		let lane = lanes.get(symbol);
		if (lane === undefined) {
			lane = { open: new Set(), reduceOnly: new Set(), closed: [], executions: [] };
			lanes.set(symbol, lane);
		}
		return lane;
	}

	#rememberClientId(record: OrderRecord): void {
		let ids = this.#clientIds.get(record.account);
		if (ids === undefined) {
			ids = new Map();
			this.#clientIds.set(record.account, ids);
		}
		// An id that is used again is as young as its new order.
		ids.delete(record.clientOrderId);
		ids.set(record.clientOrderId, record.orderId);
		if (ids.size <= this.#bounds.clientIds) return;
		for (const oldest of ids.keys()) {
			ids.delete(oldest);
			break;
		}
	}
}

/** Order ids are counts, so the longer one is the later one. */
function byAge(left: OrderRecord, right: OrderRecord): number {
	if (left.orderId.length !== right.orderId.length) return left.orderId.length - right.orderId.length;
	return left.orderId < right.orderId ? -1 : 1;
}
