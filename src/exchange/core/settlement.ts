/**
 * What the books report, turned into money: it moves balances and positions, keeps the orders' records and tells the
 * world. One instance serves all books; `begin` says whose turn it is. Facts are never refused here: whether an order
 * may trade was decided before it went in. Every charge goes to the house, so the sum of all money stands still.
 */
import { type Account, settleCoin, type Wallet } from './account.ts';
import type { BookCancelReason, BookListener, BookSide } from './book.ts';
import type { EventStream } from './events.ts';
import { reserve } from './funds.ts';
import type { House } from './house.ts';
import { chargeAtoms } from './money.ts';
import type { OrderRecord } from './order.ts';
import type { OrderStore } from './order-store.ts';
import type { Position, PositionFill } from './position.ts';
import type { TradingSymbol } from './trading-symbol.ts';
import type { CancelReason, Execution } from './views.ts';

const NO_POSITION_FILL: PositionFill = { realisedAtoms: 0n, closedLots: 0 };

interface Fill {
	readonly priceTicks: number;
	readonly qtyLots: number;
	readonly leavesLots: number;
	readonly maker: boolean;
	readonly tradeId: string;
	/** With the house instead of an order: no fee. */
	readonly byHouse?: boolean;
}

interface Charge {
	readonly coin: string;
	readonly atoms: bigint;
	readonly rateE8: number;
}

export class Settlement implements BookListener {
	readonly #store: OrderStore;
	readonly #events: EventStream;
	readonly #house: House;
	#symbol: TradingSymbol | null = null;
	#nowMs = 0;
	#tradeCount = 0;
	#execCount = 0;
	readonly #touchedWallets: { readonly account: Account; readonly wallet: Wallet }[] = [];
	readonly #touchedPositions: { readonly account: Account; readonly symbol: TradingSymbol; readonly position: Position }[] = [];

	constructor(parts: { store: OrderStore; events: EventStream; house: House }) {
		this.#store = parts.store;
		this.#events = parts.events;
		this.#house = parts.house;
	}

	/** The next reports come from this symbol's book (null: from none, money only). */
	begin(symbol: TradingSymbol | null, nowMs: number): void {
		this.#symbol = symbol;
		this.#nowMs = nowMs;
		this.#store.passTime(nowMs);
	}

	/** Tells what the call has changed in balances and positions, once each, then delivers all its events. */
	finish(): void {
		for (const { account, symbol, position } of this.#touchedPositions) {
			position.dirty = false;
			if (!this.#events.heard) this.#events.skip();
			else this.#events.emit(this.#nowMs, { kind: 'position', position: account.positionView({ symbol, position }) });
		}
		for (const { account, wallet } of this.#touchedWallets) {
			wallet.dirty = false;
			if (!this.#events.heard) this.#events.skip();
			else this.#events.emit(this.#nowMs, { kind: 'balance', balance: account.balance(wallet) });
		}
		this.#touchedPositions.length = 0;
		this.#touchedWallets.length = 0;
		this.#events.deliver();
	}

	accepted(orderId: string): void {
		this.tell(this.#record(orderId));
	}

	filled(
		makerId: string,
		takerId: string,
		priceTicks: number,
		qtyLots: number,
		makerLeavesLots: number,
		takerLeavesLots: number,
	): void {
		const symbol = this.#current();
		const maker = this.#record(makerId);
		const taker = this.#record(takerId);
		this.#tradeCount += 1;
		const tradeId = String(this.#tradeCount);
		symbol.lastTicks = priceTicks;
		this.#fill(maker, { priceTicks, qtyLots, leavesLots: makerLeavesLots, maker: true, tradeId });
		this.#fill(taker, { priceTicks, qtyLots, leavesLots: takerLeavesLots, maker: false, tradeId });
		const trade = { tradeId, symbol: symbol.listing.symbol, priceTicks, qtyLots, takerSide: taker.side, atMs: this.#nowMs };
		symbol.addTrade(trade);
		if (this.#events.heard) this.#events.emit(this.#nowMs, { kind: 'trade', trade });
		else this.#events.skip();
		if (symbol.listing.kind === 'linear') {
			this.#trimReduceOnly(maker.account, taker);
			if (taker.account !== maker.account) this.#trimReduceOnly(taker.account, taker);
		}
	}

	cancelled(orderId: string, _leavesLots: number, reason: BookCancelReason, otherId: string): void {
		const record = this.#record(orderId);
		if (record.isLiquidation) return this.#handToHouse(record);
		record.selfTradeOrderId = otherId;
		const nothingThere = record.type === 'market' && reason === 'ioc-remainder' && record.filledLots === 0;
		this.withdraw(record, nothingThere ? 'no-liquidity' : reason);
	}

	levelChanged(side: BookSide, priceTicks: number, qtyLots: number): void {
		const symbol = this.#current();
		symbol.bookSeq += 1;
		if (!this.#events.heard) {
			this.#events.skip();
			return;
		}
		const { bookSeq } = symbol;
		this.#events.emit(this.#nowMs, {
			kind: 'book-level',
			symbol: symbol.listing.symbol,
			side,
			priceTicks,
			qtyLots,
			bookSeq,
		});
	}

	/** The rest of an order that is no longer in the book. */
	withdraw(record: OrderRecord, reason: CancelReason): void {
		this.reserve(record, -record.leavesLots);
		record.leavesLots = 0;
		record.status = 'cancelled';
		record.cancelReason = reason;
		this.#store.close(record);
		this.tell(record);
	}

	/** A new state of an order. */
	tell(record: OrderRecord): void {
		record.changed(this.#nowMs);
		if (this.#events.heard) this.#events.emit(this.#nowMs, { kind: 'order', order: record.view() });
		else this.#events.skip();
	}

	/** Reserves for `lots` of an order, or gives back (below zero). */
	reserve(record: OrderRecord, lots: number): void {
		if (lots === 0) return;
		reserve(record, this.#current(), lots);
		if (record.listing.kind !== 'spot') return;
		const { baseCoin, quoteCoin } = record.listing.spec;
		this.#touch(record.account, record.account.wallet(record.side === 'buy' ? quoteCoin : baseCoin));
	}

	/** Moves money of an account; where it comes from or goes to is the caller's to book. */
	credit(account: Account, coin: string, amountAtoms: bigint): void {
		if (amountAtoms === 0n) return;
		const wallet = account.wallet(coin);
		wallet.walletAtoms += amountAtoms;
		this.#touch(account, wallet);
	}

	/** One position pays or gets funding; the house takes what rounding leaves over. */
	payFunding(account: Account, rateE8: number, markTicks: number): void {
		const symbol = this.#current();
		const position = account.position(symbol);
		const { listing } = symbol;
		const paidAtoms = position.fundingAtoms(rateE8, markTicks);
		const coin = settleCoin(listing);
		this.credit(account, coin, -paidAtoms);
		this.#house.add(coin, paidAtoms);
		position.fundingPaidAtoms += paidAtoms;
		position.updatedAtMs = this.#nowMs;
		this.#touchPosition(account, symbol, position);
		const qtyLots = Math.abs(position.qtyLotsSigned);
		this.#tellExecution(account, {
			kind: 'funding',
			execId: this.#nextExecId(),
			accountId: account.accountId,
			symbol: listing.symbol,
			side: position.qtyLotsSigned > 0 ? 'buy' : 'sell',
			priceTicks: markTicks,
			qtyLots,
			valueAtoms: listing.valueAtoms(markTicks, qtyLots),
			feeAtoms: paidAtoms,
			feeCoin: coin,
			feeRateE8: rateE8,
			atMs: this.#nowMs,
			markTicks,
		});
	}

	/** The house pays what a liquidated account still owes when it holds nothing any more. */
	coverDebt(account: Account, coin: string): void {
		const debtAtoms = -account.wallet(coin).walletAtoms;
		if (debtAtoms <= 0n) return;
		this.credit(account, coin, debtAtoms);
		this.#house.add(coin, -debtAtoms);
	}

	/** What the book did not take of a position that must go, goes at the price that leaves its account nothing. */
	#handToHouse(record: OrderRecord): void {
		const { listing, side, bankruptcyTicks: priceTicks, leavesLots: qtyLots } = record;
		this.#tradeCount += 1;
		const tradeId = String(this.#tradeCount);
		this.#house.trade(listing, { side: side === 'buy' ? 'sell' : 'buy', priceTicks, qtyLots, nowMs: this.#nowMs });
		this.#fill(record, { priceTicks, qtyLots, leavesLots: 0, maker: false, tradeId, byHouse: true });
	}

	#fill(record: OrderRecord, fill: Fill): void {
		const symbol = this.#current();
		const { account, listing, side } = record;
		const { priceTicks, qtyLots, leavesLots } = fill;
		const valueAtoms = listing.valueAtoms(priceTicks, qtyLots);
		this.reserve(record, -qtyLots);
		const charge = chargeOf(record, fill, valueAtoms);
		const change = listing.kind === 'spot' ? this.#exchangeCoins(record, fill, valueAtoms) : this.#moveContract(record, fill);
		this.credit(account, charge.coin, -charge.atoms);
		this.#house.add(charge.coin, charge.atoms);
		record.filledLots += qtyLots;
		record.leavesLots = leavesLots;
		record.filledValueAtoms += valueAtoms;
		record.addFee(charge.coin, charge.atoms);
		record.status = leavesLots === 0 ? 'filled' : 'partially-filled';
		if (leavesLots === 0) this.#store.close(record);
		this.#tellExecution(account, {
			kind: 'trade',
			reason: record.isLiquidation ? 'liquidation' : 'trade',
			execId: this.#nextExecId(),
			accountId: account.accountId,
			symbol: listing.symbol,
			side,
			priceTicks,
			qtyLots,
			valueAtoms,
			feeAtoms: charge.atoms,
			feeCoin: charge.coin,
			feeRateE8: charge.rateE8,
			atMs: this.#nowMs,
			markTicks: symbol.markTicks,
			orderId: record.orderId,
			clientOrderId: record.clientOrderId,
			orderType: record.type,
			orderPriceTicks: record.priceTicks,
			orderQtyLots: record.qtyLots,
			leavesLots,
			maker: fill.maker,
			tradeId: fill.tradeId,
			closedLots: change.closedLots,
			realisedAtoms: change.realisedAtoms,
		});
		this.tell(record);
	}

	#exchangeCoins(record: OrderRecord, { qtyLots }: Fill, valueAtoms: bigint): PositionFill {
		const { account, listing, side } = record;
		const baseAtoms = listing.baseAtoms(qtyLots);
		this.credit(account, listing.spec.baseCoin, side === 'buy' ? baseAtoms : -baseAtoms);
		this.credit(account, listing.spec.quoteCoin, side === 'buy' ? -valueAtoms : valueAtoms);
		return NO_POSITION_FILL;
	}

	#moveContract(record: OrderRecord, { priceTicks, qtyLots }: Fill): PositionFill {
		const symbol = this.#current();
		const position = record.account.position(symbol);
		const change = position.trade(record.side, priceTicks, qtyLots, this.#nowMs);
		this.credit(record.account, settleCoin(record.listing), change.realisedAtoms);
		this.#touchPosition(record.account, symbol, position);
		return change;
	}

	/**
	 * Reduce-only orders that have become larger than the position shrink to it, or go with it. The order that is
	 * trading just now is left alone: it came in no larger than the position, and each of its fills takes from both.
	 */
	#trimReduceOnly(account: Account, taker: OrderRecord): void {
		const symbol = this.#current();
		const watched = this.#store.reduceOnly(account, symbol.listing.symbol);
		if (watched.size === 0) return;
		const position = account.position(symbol);
		for (const record of [...watched]) {
			const closableLots = position.closableLots(record.side);
			if (record === taker || record.leavesLots <= closableLots) continue;
			if (closableLots === 0) {
				symbol.book.cancel(record.orderId);
				this.withdraw(record, 'reduce-only');
				continue;
			}
			symbol.book.shrink(record.orderId, closableLots);
			record.qtyLots = record.filledLots + closableLots;
			record.leavesLots = closableLots;
			this.tell(record);
		}
	}

	#tellExecution(account: Account, execution: Execution): void {
		this.#store.addExecution(account, execution);
		if (this.#events.heard) this.#events.emit(this.#nowMs, { kind: 'execution', execution });
		else this.#events.skip();
	}

	#touch(account: Account, wallet: Wallet): void {
		if (wallet.dirty) return;
		wallet.dirty = true;
		this.#touchedWallets.push({ account, wallet });
	}

	#touchPosition(account: Account, symbol: TradingSymbol, position: Position): void {
		if (position.dirty) return;
		position.dirty = true;
		this.#touchedPositions.push({ account, symbol, position });
	}

	#nextExecId(): string {
		this.#execCount += 1;
		return String(this.#execCount);
	}

	#current(): TradingSymbol {
		if (this.#symbol === null) throw new Error('invariant broken: a book reported outside of a call');
		return this.#symbol;
	}

	#record(orderId: string): OrderRecord {
		const record = this.#store.get(orderId);
		if (record === undefined) throw new Error(`invariant broken: the book knows order ${orderId}, the exchange does not`);
		return record;
	}
}

/**
 * Linear fees are in the settle coin. Spot fees are taken from the coin received; a rebate comes in the coin given, as
 * on Bybit.
 */
function chargeOf(record: OrderRecord, fill: Fill, valueAtoms: bigint): Charge {
	const { listing, side } = record;
	if (fill.byHouse === true) return { coin: settleCoin(listing), atoms: 0n, rateE8: 0 };
	const rateE8 = fill.maker ? listing.makerRateE8 : listing.takerRateE8;
	if (listing.kind === 'linear') return { coin: settleCoin(listing), atoms: chargeAtoms(valueAtoms, rateE8), rateE8 };
	const inBase = (side === 'buy') === rateE8 >= 0;
	if (!inBase) return { coin: listing.spec.quoteCoin, atoms: chargeAtoms(valueAtoms, rateE8), rateE8 };
	return { coin: listing.spec.baseCoin, atoms: chargeAtoms(listing.baseAtoms(fill.qtyLots), rateE8), rateE8 };
}
