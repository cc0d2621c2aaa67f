/**
 * All orders and executions the exchange still remembers, found by id, by client id, by account and symbol. Open
 * orders are always kept. What outside data makes grow is bounded: the oldest are forgotten first, as venues do.
 */
import type { Account } from './account.ts';
import type { OrderRecord } from './order.ts';
import type { Execution } from './views.ts';

/** Closed orders kept per account and symbol. */
const CLOSED_ORDERS_KEPT = 500;
/** Executions kept per account and symbol. */
const EXECUTIONS_KEPT = 2_000;
/** Client ids that an account cannot use again; they outlive the orders. About 100 bytes each. */
const CLIENT_IDS_KEPT = 1_000_000;

interface Lane {
	/** In the order in which they were placed. */
	readonly open: Set<OrderRecord>;
	/** The open ones that may only reduce. */
	readonly reduceOnly: Set<OrderRecord>;
	readonly closed: OrderRecord[];
	readonly executions: Execution[];
}

export class OrderStore {
	readonly #byId = new Map<string, OrderRecord>();
	readonly #lanes = new Map<Account, Map<string, Lane>>();
	/** The order id behind each client id ever used. */
	readonly #clientIds = new Map<Account, Map<string, string>>();

	get(orderId: string): OrderRecord | undefined {
		return this.#byId.get(orderId);
	}

	byClientId(account: Account, clientOrderId: string): OrderRecord | undefined {
		const orderId = this.#clientIds.get(account)?.get(clientOrderId);
		return orderId === undefined ? undefined : this.#byId.get(orderId);
	}

	isUsed(account: Account, clientOrderId: string): boolean {
		return this.#clientIds.get(account)?.has(clientOrderId) ?? false;
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
		if (lane.closed.length < 2 * CLOSED_ORDERS_KEPT) return;
		for (const old of lane.closed.splice(0, lane.closed.length - CLOSED_ORDERS_KEPT)) this.#byId.delete(old.orderId);
	}

	addExecution(account: Account, execution: Execution): void {
		const { executions } = this.#lane(account, execution.symbol);
		executions.push(execution);
		if (executions.length >= 2 * EXECUTIONS_KEPT) executions.splice(0, executions.length - EXECUTIONS_KEPT);
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
		return this.#lane(account, symbol).closed.slice(-CLOSED_ORDERS_KEPT);
	}

	/** Newest last. */
	executions(account: Account, symbol: string): Execution[] {
		return this.#lane(account, symbol).executions.slice(-EXECUTIONS_KEPT);
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
		ids.set(record.clientOrderId, record.orderId);
		if (ids.size <= CLIENT_IDS_KEPT) return;
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
