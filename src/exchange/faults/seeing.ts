/** What one read shows of the truth: how old, without what is purged, and without orders that are too young. */
import type { BalanceView, Execution, OrderView, PositionView } from '../core/views.ts';
import type { Past } from './account-memory.ts';
import type { HiddenOrders } from './hidden-orders.ts';
import type { Lasting, Present } from './present-request.ts';

interface SeeingParts {
	readonly now: Present;
	/** Null where the present is shown. */
	readonly past: Past | null;
	readonly purge: Lasting<'purge-history'> | null;
	readonly hidden: HiddenOrders;
}

export class Seeing {
	readonly #parts: SeeingParts;

	constructor(parts: SeeingParts) {
		this.#parts = parts;
	}

	order(truth: OrderView): OrderView | undefined {
		const order = this.#asOf(truth);
		return order === undefined || this.#isMissing(order) ? undefined : order;
	}

	openOrders(truth: readonly OrderView[], symbol: string | undefined): OrderView[] {
		const { past } = this.#parts;
		const orders = past?.openOrders().filter((order) => symbol === undefined || order.symbol === symbol) ?? truth;
		return orders.filter((order) => !this.#isMissing(order));
	}

	closedOrders(truth: readonly OrderView[]): OrderView[] {
		const atMs = this.#parts.past?.atMs ?? Number.POSITIVE_INFINITY;
		return truth.filter((order) => order.updatedAtMs <= atMs && !this.#isMissing(order));
	}

	/** Of an order that is forgotten anyhow the fills count as old. */
	executions(truth: readonly Execution[], orderOf: (orderId: string) => OrderView | undefined): Execution[] {
		const { past, purge } = this.#parts;
		const seen = past === null ? truth : truth.filter(({ atMs }) => atMs <= past.atMs);
		if (purge?.parameters.what !== 'orders-and-fills') return [...seen];
		return seen.filter((execution) => {
			const order = execution.kind === 'trade' ? orderOf(execution.orderId) : undefined;
			return execution.kind === 'funding' || (order !== undefined && !this.#isPurged(order));
		});
	}

	positions(truth: readonly PositionView[]): PositionView[] {
		return truth.map((position) => this.#parts.past?.position(position.symbol) ?? position);
	}

	balances(truth: readonly BalanceView[]): BalanceView[] {
		return truth.map((balance) => this.#parts.past?.balance(balance.coin) ?? balance);
	}

	#asOf(truth: OrderView): OrderView | undefined {
		const { past } = this.#parts;
		if (past === null) return truth;
		const order = past.order(truth.orderId);
		if (order !== 'unknown') return order;
		return truth.updatedAtMs <= past.atMs ? truth : undefined;
	}

	#isMissing(order: OrderView): boolean {
		return this.#isPurged(order) || this.#parts.hidden.hides(order.orderId, 'reads', this.#parts.now.candidate);
	}

	#isPurged({ status, updatedAtMs }: OrderView): boolean {
		const { purge, now } = this.#parts;
		if (purge === null || status === 'new' || status === 'partially-filled') return false;
		const isOld = updatedAtMs <= now.nowMs - purge.parameters.keepMs;
		if (isOld) purge.show();
		return isOld;
	}
}
