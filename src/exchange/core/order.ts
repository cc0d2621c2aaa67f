/**
 * An order as the exchange keeps it: the one mutable truth, which stays inside this folder. Whoever asks gets a view.
 * Fields change in `settlement.ts`, `amending.ts` and `exchange.ts` only.
 */
import type { Account } from './account.ts';
import type { OrderSide, SelfTradePolicy } from './book.ts';
import type { Listing } from './listing.ts';
import type { CancelReason, CoinAmount, OrderCreator, OrderStatus, OrderTimeInForce, OrderView } from './views.ts';

export class OrderRecord {
	readonly orderId: string;
	readonly account: Account;
	readonly listing: Listing;
	readonly side: OrderSide;
	readonly type: 'limit' | 'market';
	readonly timeInForce: OrderTimeInForce;
	readonly reduceOnly: boolean;
	readonly createdBy: OrderCreator;
	readonly quoteAtoms: bigint;
	/** Of a liquidation order, the price at which its account has nothing left; 0 for all others. */
	readonly bankruptcyTicks: number;
	readonly lastPriceTicksAtPlace: number;
	readonly createdAtMs: number;
	/** Changes through the store only, which finds orders by it. */
	clientOrderId: string;
	selfTrade: SelfTradePolicy;
	priceTicks: number;
	qtyLots: number;
	filledLots = 0;
	leavesLots: number;
	/** Counts towards the margin of its position; contracts only. */
	reservedLots = 0;
	filledValueAtoms = 0n;
	closedPnlAtoms = 0n;
	fees: readonly CoinAmount[] = [];
	status: OrderStatus = 'new';
	cancelReason: CancelReason | null = null;
	selfTradeOrderId = '';
	updatedAtMs: number;
	revision = 0;

	constructor(start: OrderStart) {
		this.orderId = start.orderId;
		this.clientOrderId = start.clientOrderId;
		this.account = start.account;
		this.listing = start.listing;
		this.side = start.side;
		this.type = start.type;
		this.timeInForce = start.timeInForce;
		this.reduceOnly = start.reduceOnly;
		this.selfTrade = start.selfTrade;
		this.createdBy = start.createdBy ?? 'account';
		this.quoteAtoms = start.quoteAtoms ?? 0n;
		this.bankruptcyTicks = start.bankruptcyTicks ?? 0;
		this.lastPriceTicksAtPlace = start.lastPriceTicksAtPlace;
		this.createdAtMs = start.nowMs;
		this.updatedAtMs = start.nowMs;
		this.priceTicks = start.priceTicks;
		this.qtyLots = start.qtyLots;
		this.leavesLots = start.qtyLots;
	}

	get open(): boolean {
		return this.status === 'new' || this.status === 'partially-filled';
	}

	get isLiquidation(): boolean {
		return this.createdBy === 'liquidation';
	}

	/** The limit that it reserves money at; 0 reserves nothing (a market order, which never rests). */
	get reserveTicks(): number {
		return this.type === 'market' ? 0 : this.priceTicks;
	}

	changed(nowMs: number): void {
		this.updatedAtMs = nowMs;
		this.revision += 1;
	}

	addFee(coin: string, atoms: bigint): void {
		if (atoms === 0n) return;
		const before = this.fees.find((fee) => fee.coin === coin);
		const others = this.fees.filter((fee) => fee.coin !== coin);
		this.fees = [...others, { coin, atoms: (before?.atoms ?? 0n) + atoms }];
	}

	view(): OrderView {
		return {
			orderId: this.orderId,
			clientOrderId: this.clientOrderId,
			accountId: this.account.accountId,
			symbol: this.listing.symbol,
			side: this.side,
			type: this.type,
			priceTicks: this.priceTicks,
			timeInForce: this.timeInForce,
			reduceOnly: this.reduceOnly,
			selfTrade: this.selfTrade,
			createdBy: this.createdBy,
			quoteAtoms: this.quoteAtoms,
			qtyLots: this.qtyLots,
			filledLots: this.filledLots,
			leavesLots: this.leavesLots,
			filledValueAtoms: this.filledValueAtoms,
			closedPnlAtoms: this.closedPnlAtoms,
			fees: this.fees,
			status: this.status,
			cancelReason: this.cancelReason,
			selfTradeOrderId: this.selfTradeOrderId,
			lastPriceTicksAtPlace: this.lastPriceTicksAtPlace,
			createdAtMs: this.createdAtMs,
			updatedAtMs: this.updatedAtMs,
			revision: this.revision,
		};
	}
}

export interface OrderStart {
	readonly orderId: string;
	readonly clientOrderId: string;
	readonly account: Account;
	readonly listing: Listing;
	readonly side: OrderSide;
	readonly type: 'limit' | 'market';
	readonly timeInForce: OrderTimeInForce;
	readonly reduceOnly: boolean;
	readonly selfTrade: SelfTradePolicy;
	readonly priceTicks: number;
	readonly qtyLots: number;
	/** 'account' unless said. */
	readonly createdBy?: OrderCreator;
	readonly quoteAtoms?: bigint;
	readonly bankruptcyTicks?: number;
	readonly lastPriceTicksAtPlace: number;
	readonly nowMs: number;
}
