/**
 * An exchange to which things happen: while a client's request is inside the venue, rules may strike what the exchange is
 * asked to do and what it is asked to show. Everybody else meets the plain exchange, so the market goes its way and
 * whoever looks up the truth sees it. Knows nothing of any wire.
 */
import { Exchange, type ExchangeOptions } from '../core/exchange.ts';
import {
	type AmendRequest,
	type AmendResult,
	type CancelRequest,
	type CancelResult,
	type OrderName,
	type PlaceRequest,
	type PlaceResult,
	type RefusalReason,
	refused,
} from '../core/requests.ts';
import type { BalanceView, Execution, OrderView, PositionView } from '../core/views.ts';
import { AccountMemory } from './account-memory.ts';
import type { FaultContext } from './context.ts';
import { amendRefusal, placeRefusal } from './entry-refusals.ts';
import { HiddenOrders } from './hidden-orders.ts';
import type { Present } from './present-request.ts';
import { Seeing } from './seeing.ts';

export type ExchangeFaults = Pick<FaultContext, 'faults' | 'clock'>;

const REJECT_REASONS = { rejected: 'rejected', cancelled: 'admin', 'post-only': 'post-only-would-cross' } as const;
/** Orders that wait for a late rejection, and orders whose amends are counted; what comes on top is spared. */
const WAITING_MAX = 10_000;
const AMENDED_MAX = 100_000;

export class FaultyExchange extends Exchange {
	readonly #context: ExchangeFaults;
	readonly #hidden: HiddenOrders;
	readonly #memory = new AccountMemory();
	readonly #amendCounts = new Map<string, number>();
	#waiting = 0;

	constructor(options: ExchangeOptions, context: ExchangeFaults) {
		super(options);
		this.#context = context;
		this.#hidden = new HiddenOrders(context);
		this.subscribe((event) => this.#memory.apply(event));
	}

	// ---- what it is asked to do ----

	override place(request: PlaceRequest, nowMs: number): PlaceResult {
		const { faults } = this.#context;
		const now = faults.present.current;
		if (now === null) return super.place(request, nowMs);
		const refusal = placeRefusal(faults, now, request);
		if (refusal !== null) return refused(refusal);
		if (this.#isCrossed(request, now)) return this.#placeCrossed(request, nowMs);
		const reuse = this.#freeClientId(request, now);
		const placed = super.place(request, nowMs);
		if (placed.kind === 'refused') return placed;
		reuse?.();
		this.#befall(placed.order, now, nowMs);
		return placed;
	}

	override amend(request: AmendRequest, nowMs: number): AmendResult {
		const now = this.#context.faults.present.current;
		if (now === null) return super.amend(request, nowMs);
		const order = super.order(request.accountId, request.order);
		const refusal = this.#entryRefusal(order, now);
		if (refusal !== null) return refused(refusal);
		if (order === undefined) return super.amend(request, nowMs);
		const limited = amendRefusal(this.#context.faults, now, {
			request,
			order,
			amendCount: this.#amendCounts.get(order.orderId) ?? 0,
		});
		if (limited !== null) return refused(limited);
		this.#fillBefore('fill-before-amend', order, now, nowMs);
		const amended = super.amend(request, nowMs);
		if (amended.kind === 'accepted') this.#countAmend(order.orderId);
		return amended;
	}

	override cancel(request: CancelRequest, nowMs: number): CancelResult {
		const now = this.#context.faults.present.current;
		if (now === null) return super.cancel(request, nowMs);
		const order = super.order(request.accountId, request.order);
		const refusal = this.#entryRefusal(order, now);
		if (refusal !== null) return refused(refusal);
		if (order !== undefined) this.#fillBefore('fill-before-cancel', order, now, nowMs);
		return super.cancel(request, nowMs);
	}

	// ---- what it is asked to show ----

	override order(accountId: string, name: OrderName): OrderView | undefined {
		const order = super.order(accountId, name);
		const seeing = order === undefined ? null : this.#seeing(accountId);
		return seeing === null || order === undefined ? order : seeing.order(order);
	}

	override openOrders(accountId: string, symbolId?: string): OrderView[] {
		const orders = super.openOrders(accountId, symbolId);
		return this.#seeing(accountId)?.openOrders(orders, symbolId) ?? orders;
	}

	override closedOrders(accountId: string, symbolId: string): OrderView[] {
		const orders = super.closedOrders(accountId, symbolId);
		return this.#seeing(accountId)?.closedOrders(orders) ?? orders;
	}

	override executions(accountId: string, symbolId: string): Execution[] {
		const executions = super.executions(accountId, symbolId);
		return this.#seeing(accountId)?.executions(executions, (orderId) => super.order(accountId, { orderId })) ?? executions;
	}

	override positions(accountId: string): PositionView[] {
		const positions = super.positions(accountId);
		return this.#seeing(accountId)?.positions(positions) ?? positions;
	}

	override balances(accountId: string): BalanceView[] {
		const balances = super.balances(accountId);
		return this.#seeing(accountId)?.balances(balances) ?? balances;
	}

	/** Null for whoever is to see the truth. */
	#seeing(accountId: string): Seeing | null {
		const { faults } = this.#context;
		const now = faults.present.current;
		if (!faults.has('stale-reads')) this.#memory.forget();
		if (now === null || !now.isRead) return null;
		const stale = now.lasting('stale-reads', () => faults.prepare('stale-reads', now.candidate));
		const truth = () => ({
			orders: super.openOrders(accountId),
			positions: super.positions(accountId),
			balances: super.balances(accountId),
		});
		// Every look under such a rule begins a memory, also one that is spared.
		const atMs = now.nowMs - (stale?.parameters.ageMs ?? 0);
		const past = faults.has('stale-reads') ? this.#memory.at(accountId, atMs, { nowMs: now.nowMs, truth }) : null;
		if (stale !== null && past !== null && past.differs) stale.show();
		const purge = now.lasting('purge-history', () => faults.prepare('purge-history', now.candidate));
		return new Seeing({ now, past: stale === null ? null : past, purge, hidden: this.#hidden });
	}

	// ---- what befalls orders ----

	/** Of whatever names an order. */
	#entryRefusal(order: OrderView | undefined, now: Present): RefusalReason | null {
		const item = placeRefusal(this.#context.faults, now, null);
		if (item !== null) return item;
		return order !== undefined && this.#hidden.hides(order.orderId, 'entry', now.candidate) ? 'order-not-found' : null;
	}

	#isCrossed(request: PlaceRequest, now: Present): boolean {
		if (request.type !== 'limit' || request.timeInForce !== 'post-only') return false;
		const isDue = ({ side }: { side: 'both' | 'buy' | 'sell' }) => side === 'both' || side === request.side;
		const strike = this.#context.faults.prepare('refuse-post-only', now.candidate, isDue);
		strike?.count();
		return strike !== undefined;
	}

	/** As the venue does with a post-only order that would cross. */
	#placeCrossed(request: PlaceRequest, nowMs: number): PlaceResult {
		if (this.listing(request.symbol)?.spec.postOnlyCross === 'refuse') return refused('post-only-would-cross');
		const placed = super.place(request, nowMs);
		if (placed.kind === 'accepted') this.interference.withdraw(placed.orderId, 'post-only-would-cross', nowMs);
		return placed;
	}

	/** Answers with what counts the strike, once the order is in. */
	#freeClientId({ accountId, clientOrderId }: PlaceRequest, now: Present): (() => void) | undefined {
		const { faults } = this.#context;
		if (clientOrderId === undefined || !faults.has('reuse-client-ids')) return undefined;
		const strike = faults.prepare('reuse-client-ids', now.candidate);
		const isFreed = strike !== undefined && this.interference.freeClientId(accountId, clientOrderId);
		return isFreed ? () => strike.count() : undefined;
	}

	#befall(order: OrderView, now: Present, nowMs: number): void {
		const { faults } = this.#context;
		const lost = faults.prepare('lost-fill', now.candidate);
		if (lost !== undefined) {
			this.interference.take(order.orderId, order.leavesLots, nowMs);
			if (super.order(order.accountId, { orderId: order.orderId })?.status === 'filled') {
				lost.count();
				faults.present.lose(lost.parameters.answer);
			}
		}
		this.#rejectLater(order, now, nowMs);
		this.#hidden.maybeHide(order.orderId, now.candidate);
	}

	#rejectLater({ orderId }: OrderView, now: Present, nowMs: number): void {
		const { faults, clock } = this.#context;
		if (this.#waiting >= WAITING_MAX) return;
		const strike = faults.prepare('late-reject', now.candidate);
		if (strike === undefined) return;
		const startedMono = clock.monotonicMs();
		this.#waiting += 1;
		clock.after(strike.parameters.delayMs, () => {
			this.#waiting -= 1;
			const atMs = Math.round(nowMs + clock.monotonicMs() - startedMono);
			if (this.interference.withdraw(orderId, REJECT_REASONS[strike.parameters.form], atMs)) strike.count();
		});
	}

	#fillBefore(name: 'fill-before-cancel' | 'fill-before-amend', order: OrderView, now: Present, nowMs: number): void {
		if (order.leavesLots === 0) return;
		const strike = this.#context.faults.prepare(name, now.candidate);
		if (strike === undefined) return;
		const lots = Math.ceil((order.leavesLots * strike.parameters.sharePercent) / 100);
		if (this.interference.take(order.orderId, lots, nowMs)) strike.count();
	}

	#countAmend(orderId: string): void {
		if (!this.#context.faults.has('amend-limit')) this.#amendCounts.clear();
		else if (this.#amendCounts.size < AMENDED_MAX) this.#amendCounts.set(orderId, (this.#amendCounts.get(orderId) ?? 0) + 1);
	}
}
