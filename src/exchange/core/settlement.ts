/**
 * What the books report, turned into money: it moves balances and positions, keeps the orders' records and tells the
 * world. One instance serves all books; `begin` says whose turn it is. Facts are never refused here: whether an order
 * may trade was decided before it went in. Every charge goes to the house, so the sum of all money stands still.
 */
import type { Account, Wallet } from './account.ts';
import type { BookCancelReason, BookListener, BookSide } from './book.ts';
import type { EventStream } from './events.ts';
import { chargeOf } from './fees.ts';
import { reserve } from './funds.ts';
import type { House } from './house.ts';
import type { OrderRecord } from './order.ts';
import type { OrderStore } from './order-store.ts';
import type { Position, PositionFill } from './position.ts';
import type { TradingSymbol } from './trading-symbol.ts';
import type { CancelReason, Execution, PublicTrade } from './views.ts';

const NO_POSITION_FILL: PositionFill = { realisedAtoms: 0n, closedLots: 0, closing: null };

interface Fill {
	readonly priceTicks: number;
	readonly qtyLots: number;
	readonly leavesLots: number;
	readonly maker: boolean;
	readonly tradeId: string;
	readonly free?: boolean;
}

/** What an order trades with the house instead of with another order. */
interface HouseFill {
	readonly priceTicks: number;
	readonly qtyLots: number;
	readonly leavesLots: number;
	readonly maker: boolean;
	/** The exchange's own doing: no fee, and no public trade. */
	readonly free: boolean;
}

export class Settlement implements BookListener {
	readonly #store: OrderStore;
	readonly #events: EventStream;
	readonly #house: House;
	readonly #symbols: ReadonlyMap<string, TradingSymbol>;
	#symbol: TradingSymbol | null = null;
	#nowMs = 0;
	#tradeCount = 0;
	#execCount = 0;
	readonly #touchedWallets: { readonly account: Account; readonly wallet: Wallet }[] = [];
	readonly #touchedPositions: { readonly account: Account; readonly symbol: TradingSymbol; readonly position: Position }[] = [];

	constructor(parts: { store: OrderStore; events: EventStream; house: House; symbols: ReadonlyMap<string, TradingSymbol> }) {
		this.#store = parts.store;
		this.#events = parts.events;
		this.#house = parts.house;
		this.#symbols = parts.symbols;
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
			else
				this.#events.emit({
					kind: 'position',
					position: account.positionView({ symbol, position }),
					seq: this.#events.next(),
					atMs: this.#nowMs,
				});
		}
		for (const { account, wallet } of this.#touchedWallets) {
			wallet.dirty = false;
			if (!this.#events.heard || account.isOfCrowd) this.#events.skip();
			else this.#events.emit({ kind: 'balance', balance: account.balance(wallet), seq: this.#events.next(), atMs: this.#nowMs });
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
		this.#tellTrade(symbol, { tradeId, priceTicks, qtyLots, takerSide: taker.side });
		if (symbol.listing.kind !== 'spot') {
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
		this.#events.emit({
			kind: 'book-level',
			symbol: symbol.listing.symbol,
			side,
			priceTicks,
			qtyLots,
			bookSeq,
			seq: this.#events.next(),
			atMs: this.#nowMs,
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
		if (this.#events.heard && !record.account.isOfCrowd)
			this.#events.emit({ kind: 'order', order: record.view(), seq: this.#events.next(), atMs: this.#nowMs });
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

	/** The position is told of when the call ends, even if nothing was traded. */
	touchPosition(account: Account, symbol: TradingSymbol): void {
		const position = account.position(symbol);
		position.updatedAtMs = this.#nowMs;
		this.#touchPosition(account, symbol, position);
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
		const coin = listing.settleCoin;
		this.credit(account, coin, -paidAtoms);
		this.#house.add(coin, paidAtoms);
		position.payFunding(paidAtoms, this.#nowMs);
		position.lastExecId = this.#nextExecId();
		this.#touchPosition(account, symbol, position);
		const qtyLots = Math.abs(position.qtyLotsSigned);
		this.#tellExecution(account, {
			kind: 'funding',
			execId: position.lastExecId,
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

	/**
	 * Somebody takes so much of a resting order at its price, and leaves it `leavesLots`. The house is that somebody, so
	 * that nothing is created or lost. The order's place in the book is the caller's to change.
	 */
	takeForHouse(record: OrderRecord, qtyLots: number, leavesLots: number): void {
		const { priceTicks } = record;
		this.tradeWithHouse(record, { priceTicks, qtyLots, leavesLots, maker: true, free: false });
	}

	/** An order trades with the house at a price of its own. */
	tradeWithHouse(record: OrderRecord, { priceTicks, qtyLots, leavesLots, maker, free }: HouseFill): void {
		const symbol = this.#current();
		const { listing, side } = record;
		const houseSide = side === 'buy' ? 'sell' : 'buy';
		this.#tradeCount += 1;
		const tradeId = String(this.#tradeCount);
		if (!free) symbol.lastTicks = priceTicks;
		this.#house.trade(listing, { side: houseSide, priceTicks, qtyLots, nowMs: this.#nowMs });
		this.#fill(record, { priceTicks, qtyLots, leavesLots, maker, tradeId, free });
		if (!free) this.#tellTrade(symbol, { tradeId, priceTicks, qtyLots, takerSide: maker ? houseSide : side });
		if (listing.kind !== 'spot') this.#trimReduceOnly(record.account, record);
	}

	/** What the book did not take of a position that must go, goes at the price that leaves its account nothing. */
	#handToHouse(record: OrderRecord): void {
		const { bankruptcyTicks: priceTicks, leavesLots: qtyLots } = record;
		this.tradeWithHouse(record, { priceTicks, qtyLots, leavesLots: 0, maker: false, free: true });
	}

	#fill(record: OrderRecord, fill: Fill): void {
		const symbol = this.#current();
		const { account, listing, side } = record;
		const { priceTicks, qtyLots, leavesLots } = fill;
		const valueAtoms = listing.valueAtoms(priceTicks, qtyLots);
		// The end of a symbol is recorded as a trade and not as an order, as on Bybit.
		const isOrder = record.createdBy !== 'settlement';
		this.reserve(record, -qtyLots);
		const charge = chargeOf(record, fill, valueAtoms, this.#symbols.values());
		const execId = this.#nextExecId();
		const change =
			listing.kind === 'spot'
				? this.#exchangeCoins(record, fill, valueAtoms)
				: this.#moveContract(record, fill, { execId, feeAtoms: charge.coin === listing.settleCoin ? charge.atoms : 0n });
		this.credit(account, charge.coin, -charge.atoms);
		this.#house.add(charge.coin, charge.atoms);
		record.filledLots += qtyLots;
		record.leavesLots = leavesLots;
		record.filledValueAtoms += valueAtoms;
		record.closedPnlAtoms += change.closing?.pnlAtoms ?? 0n;
		record.addFee(charge.coin, charge.atoms);
		record.status = leavesLots === 0 ? 'filled' : 'partially-filled';
		if (leavesLots === 0 && isOrder) this.#store.close(record);
		this.#tellExecution(account, {
			kind: 'trade',
			reason: record.createdBy === 'account' ? 'trade' : record.createdBy,
			execId,
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
			orderPriceTicks: record.isLiquidation ? record.bankruptcyTicks : record.priceTicks,
			orderQtyLots: record.qtyLots,
			orderQuoteAtoms: record.quoteAtoms,
			leavesLots,
			maker: fill.maker,
			tradeId: fill.tradeId,
			closedLots: change.closedLots,
			realisedAtoms: change.realisedAtoms,
			closing: change.closing,
		});
		if (isOrder) this.tell(record);
	}

	#exchangeCoins(record: OrderRecord, { qtyLots }: Fill, valueAtoms: bigint): PositionFill {
		const { account, listing, side } = record;
		const baseAtoms = listing.baseAtoms(qtyLots);
		this.credit(account, listing.spec.baseCoin, side === 'buy' ? baseAtoms : -baseAtoms);
		this.credit(account, listing.spec.quoteCoin, side === 'buy' ? -valueAtoms : valueAtoms);
		return NO_POSITION_FILL;
	}

	#moveContract(
		record: OrderRecord,
		{ priceTicks, qtyLots }: Fill,
		{ execId, feeAtoms }: { readonly execId: string; readonly feeAtoms: bigint },
	): PositionFill {
		const symbol = this.#current();
		const position = record.account.position(symbol);
		const change = position.trade({ side: record.side, priceTicks, qtyLots, feeAtoms, nowMs: this.#nowMs });
		position.lastExecId = execId;
		this.credit(record.account, record.listing.settleCoin, change.realisedAtoms);
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

	#tellTrade(symbol: TradingSymbol, told: Pick<PublicTrade, 'tradeId' | 'priceTicks' | 'qtyLots' | 'takerSide'>): void {
		const trade = { ...told, symbol: symbol.listing.symbol, atMs: this.#nowMs };
		symbol.addTrade(trade);
		if (this.#events.heard) this.#events.emit({ kind: 'trade', trade, seq: this.#events.next(), atMs: this.#nowMs });
		else this.#events.skip();
	}

	#tellExecution(account: Account, execution: Execution): void {
		this.#store.addExecution(account, execution);
		if (this.#events.heard) this.#events.emit({ kind: 'execution', execution, seq: this.#events.next(), atMs: this.#nowMs });
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
