/**
 * The exchange in a box: accounts, symbols, and what can be done with them. Every call is synchronous, takes the time
 * as `nowMs`, and either refuses with a reason and no trace, or does its whole work and then tells it as numbered
 * events. The same calls give the same events and ids. It is the only backend of the wire façades and knows nothing of
 * any wire. Liquidation happens inside the calls that move a mark price or pay funding, see `liquidation.ts`: what it
 * does is told by orders with `createdBy` and executions with `reason` 'liquidation'.
 */
import { Account } from './account.ts';
import { type Admission, admitAmend, admitPlace } from './admission.ts';
import { amendInPlace, bookOrder, enterAnew } from './amending.ts';
import { type BookListener, type Level, levelsOf, type MatchingBook } from './book.ts';
import { FastBook } from './book-fast.ts';
import { EventStream, type ExchangeListener } from './events.ts';
import { House } from './house.ts';
import { Interference } from './interference.ts';
import { Liquidation, liquidationTicks } from './liquidation.ts';
import { Listing, type ListingSpec } from './listing.ts';
import { type FundingTerms, Operator } from './operator.ts';
import { OrderRecord } from './order.ts';
import { OrderStore } from './order-store.ts';
import { LEVERAGE_ONE } from './position.ts';
import {
	type AmendRequest,
	type AmendResult,
	type CancelAllRequest,
	type CancelAllResult,
	type CancelRequest,
	type CancelResult,
	type ChangeResult,
	DONE,
	type OrderName,
	type PlaceRequest,
	type PlaceResult,
	type Refused,
	refused,
} from './requests.ts';
import { Settlement } from './settlement.ts';
import { addAccount, addSymbol, StateHash } from './state-hash.ts';
import { TradingSymbol } from './trading-symbol.ts';
import type {
	BalanceView,
	CoinAmount,
	Execution,
	HousePosition,
	OrderView,
	PositionView,
	PublicTrade,
	SymbolStatus,
	TickerView,
} from './views.ts';

export interface ExchangeOptions {
	readonly listings: readonly ListingSpec[];
	/** The book to match in; the fast one unless said. Tests hand in the plain one. */
	readonly createBook?: (listener: BookListener) => MatchingBook;
}

export interface BookView {
	readonly symbol: string;
	/** The number of the last level change that this view contains. */
	readonly bookSeq: number;
	readonly bids: readonly Level[];
	readonly asks: readonly Level[];
}

export class Exchange {
	readonly #events = new EventStream();
	readonly #house = new House();
	readonly #store = new OrderStore();
	readonly #symbols = new Map<string, TradingSymbol>();
	readonly #settlement = new Settlement({
		store: this.#store,
		events: this.#events,
		house: this.#house,
		symbols: this.#symbols,
	});
	readonly #accounts = new Map<string, Account>();
	/** What no client can ask for; some of it has a method below as well. */
	readonly operator: Operator = new Operator({
		symbols: this.#symbols,
		accounts: this.#accounts,
		store: this.#store,
		settlement: this.#settlement,
		events: this.#events,
		liquidation: new Liquidation({ symbols: this.#symbols, store: this.#store, settlement: this.#settlement }),
	});
	protected readonly interference = new Interference({
		symbols: this.#symbols,
		accounts: this.#accounts,
		store: this.#store,
		settlement: this.#settlement,
	});

	constructor(options: ExchangeOptions) {
		const createBook = options.createBook ?? ((listener: BookListener): MatchingBook => new FastBook(listener));
		for (const spec of options.listings) {
			if (this.#symbols.has(spec.symbol)) throw new RangeError(`${spec.symbol} is listed twice`);
			this.#symbols.set(spec.symbol, new TradingSymbol(new Listing(spec), createBook(this.#settlement)));
		}
	}

	/** Answers with the way to stop listening. */
	subscribe(listener: ExchangeListener): () => void {
		return this.#events.subscribe(listener);
	}

	// ---- accounts and money ----

	/** Opening an account that is open changes nothing. */
	openAccount(accountId: string): void {
		if (!this.#accounts.has(accountId)) {
			this.#accounts.set(accountId, new Account(accountId, this.#accounts.size, this.#symbols.values()));
		}
	}

	/** For whoever makes the market: an account like any other, but nobody is told of its orders and balances. */
	openCrowdAccount(accountId: string): void {
		this.openAccount(accountId);
		const account = this.#accounts.get(accountId);
		if (account !== undefined) account.isOfCrowd = true;
	}

	deposit(accountId: string, coin: string, amountAtoms: bigint, nowMs: number): ChangeResult {
		const account = this.#accounts.get(accountId);
		if (account === undefined) return refused('unknown-account');
		if (amountAtoms <= 0n) return refused('invalid-amount');
		return this.#pay(account, coin, amountAtoms, nowMs);
	}

	withdraw(accountId: string, coin: string, amountAtoms: bigint, nowMs: number): ChangeResult {
		const account = this.#accounts.get(accountId);
		if (account === undefined) return refused('unknown-account');
		if (amountAtoms <= 0n) return refused('invalid-amount');
		if (!account.hasCoin(coin)) return refused('unknown-coin');
		if (amountAtoms > account.availableAtoms(coin)) return refused('insufficient-balance');
		return this.#pay(account, coin, -amountAtoms, nowMs);
	}

	setLeverage(accountId: string, symbolId: string, leverageHundredths: number): ChangeResult {
		const found = this.#find(accountId, symbolId);
		if (found.kind === 'refused') return found;
		const { account, symbol } = found;
		const { listing, markTicks } = symbol;
		const most = listing.maxLeverage * LEVERAGE_ONE;
		if (listing.kind === 'spot' || !Number.isSafeInteger(leverageHundredths)) return refused('invalid-leverage');
		if (leverageHundredths < LEVERAGE_ONE || leverageHundredths > most) return refused('invalid-leverage');
		const position = account.position(symbol);
		const moreAtoms = position.marginWith(markTicks, leverageHundredths, 0n, 0n) - position.marginAtoms(markTicks);
		if (moreAtoms > 0n && moreAtoms > account.availableAtoms(listing.settleCoin)) return refused('insufficient-margin');
		position.leverageHundredths = leverageHundredths;
		return DONE;
	}

	// ---- orders ----

	/** Why an order would not be taken in now; null: it would. */
	check(request: PlaceRequest): Refused | null {
		const found = this.#find(request.accountId, request.symbol);
		if (found.kind === 'refused') return found;
		const { account, symbol } = found;
		const admission = admitPlace(request, { symbol, account, store: this.#store });
		if (admission.kind === 'refused') return admission;
		const isRefused = isCrossing(request, symbol, admission.limitTicks) && symbol.listing.spec.postOnlyCross === 'refuse';
		return isRefused ? refused('post-only-would-cross') : null;
	}

	place(request: PlaceRequest, nowMs: number): PlaceResult {
		const found = this.#find(request.accountId, request.symbol);
		if (found.kind === 'refused') return found;
		const { account, symbol } = found;
		const admission = admitPlace(request, { symbol, account, store: this.#store });
		if (admission.kind === 'refused') return admission;
		const { limitTicks, qtyLots } = admission;
		const timeInForce = request.type === 'limit' ? request.timeInForce : 'ioc';
		const crossing = isCrossing(request, symbol, limitTicks);
		if (crossing && symbol.listing.spec.postOnlyCross === 'refuse') return refused('post-only-would-cross');
		const record = new OrderRecord({
			orderId: this.#store.nextOrderId(),
			clientOrderId: request.clientOrderId ?? '',
			account,
			listing: symbol.listing,
			side: request.side,
			type: request.type,
			timeInForce,
			reduceOnly: request.reduceOnly ?? false,
			selfTrade: request.selfTrade ?? 'none',
			priceTicks: request.type === 'limit' ? limitTicks : 0,
			qtyLots,
			quoteAtoms: request.quoteAtoms ?? 0n,
			lastPriceTicksAtPlace: symbol.lastTicks,
			nowMs,
		});
		this.#store.add(record);
		this.#settlement.begin(symbol, nowMs);
		this.#settlement.reserve(record, qtyLots);
		if (crossing) {
			this.#settlement.accepted(record.orderId);
			this.#settlement.withdraw(record, 'post-only-would-cross');
		} else {
			symbol.book.place(bookOrder(record, limitTicks));
		}
		if (record.reduceOnly && record.open) this.#store.watchReduceOnly(record);
		this.#settlement.finish();
		return accepted(record);
	}

	amend(request: AmendRequest, nowMs: number): AmendResult {
		const found = this.#findOrder(request);
		if (found.kind === 'refused') return found;
		const { record, symbol } = found;
		const admission: Admission = admitAmend(request, record, { symbol, store: this.#store });
		if (admission.kind === 'refused') return admission;
		const { limitTicks, qtyLots } = admission;
		this.#settlement.begin(symbol, nowMs);
		const amend = request.anew === true ? enterAnew : amendInPlace;
		const to = { limitTicks, qtyLots, clientOrderId: request.clientOrderId };
		amend({ store: this.#store, settlement: this.#settlement }, record, symbol, to);
		this.#settlement.finish();
		return accepted(record);
	}

	cancel(request: CancelRequest, nowMs: number): CancelResult {
		const found = this.#findOrder(request);
		if (found.kind === 'refused') return found;
		const { record, symbol } = found;
		if (symbol.status === 'halted') return refused('symbol-not-trading');
		this.#settlement.begin(symbol, nowMs);
		symbol.book.cancel(record.orderId);
		this.#settlement.withdraw(record, request.reason ?? 'user');
		this.#settlement.finish();
		return accepted(record);
	}

	/** Orders of halted symbols stay. */
	cancelAll(request: CancelAllRequest, nowMs: number): CancelAllResult {
		const account = this.#accounts.get(request.accountId);
		if (account === undefined) return refused('unknown-account');
		if (request.symbol !== undefined && !this.#symbols.has(request.symbol)) return refused('unknown-symbol');
		const orders: OrderView[] = [];
		for (const record of this.#store.open(account, request.symbol)) {
			const symbol = this.#symbolOf(record);
			if (symbol.status === 'halted') continue;
			this.#settlement.begin(symbol, nowMs);
			symbol.book.cancel(record.orderId);
			this.#settlement.withdraw(record, request.reason ?? 'user');
			orders.push(record.view());
		}
		this.#settlement.finish();
		return { kind: 'cancelled', orders };
	}

	// ---- what the operator of the exchange does; the work is in `operator.ts` ----

	setStatus(symbolId: string, status: SymbolStatus, nowMs: number): ChangeResult {
		return this.operator.setStatus(symbolId, status, nowMs);
	}

	setMarkPrice(symbolId: string, priceTicks: number, nowMs: number): ChangeResult {
		return this.operator.setMarkPrice(symbolId, priceTicks, nowMs);
	}

	setFundingRate(symbolId: string, rateE8: number, nowMs: number): ChangeResult {
		return this.operator.setFundingRate(symbolId, rateE8, nowMs);
	}

	/** Every open position pays (rate above zero: longs pay) or is paid at once. */
	applyFunding(symbolId: string, funding: FundingTerms, nowMs: number): ChangeResult {
		return this.operator.applyFunding(symbolId, funding, nowMs);
	}

	/** Does what the calendar asks for. Call it as often as you like. */
	advance(nowMs: number): void {
		this.operator.advance(nowMs);
	}

	// ---- the venue's truth ----

	symbols(): readonly string[] {
		return [...this.#symbols.keys()];
	}

	listing(symbolId: string): Listing | undefined {
		return this.#symbols.get(symbolId)?.listing;
	}

	ticker(symbolId: string): TickerView | undefined {
		return this.#symbols.get(symbolId)?.ticker();
	}

	book(symbolId: string, depth: number): BookView | undefined {
		const symbol = this.#symbols.get(symbolId);
		if (symbol === undefined) return undefined;
		const { book, bookSeq } = symbol;
		return { symbol: symbolId, bookSeq, bids: levelsOf(book, 'bid', depth), asks: levelsOf(book, 'ask', depth) };
	}

	/** Best prices of both sides, 0 where a side is empty or the symbol unknown. */
	touch(symbolId: string): { readonly bidTicks: number; readonly askTicks: number } {
		const book = this.#symbols.get(symbolId)?.book;
		return { bidTicks: book?.bestTicks('bid') ?? 0, askTicks: book?.bestTicks('ask') ?? 0 };
	}

	/** Newest last; the latest thousand. */
	trades(symbolId: string): readonly PublicTrade[] {
		return this.#symbols.get(symbolId)?.trades() ?? [];
	}

	accounts(): readonly string[] {
		return [...this.#accounts.keys()];
	}

	/** In the order in which they were placed. */
	openOrders(accountId: string, symbolId?: string): OrderView[] {
		const account = this.#accounts.get(accountId);
		return account === undefined ? [] : this.#store.open(account, symbolId).map((record) => record.view());
	}

	openOrderCount(accountId: string, symbolId: string): number {
		const account = this.#accounts.get(accountId);
		return account === undefined ? 0 : this.#store.openCount(account, symbolId);
	}

	/** Newest last; how many are kept, and for how long, is in `order-store.ts`. */
	closedOrders(accountId: string, symbolId: string): OrderView[] {
		const account = this.#accounts.get(accountId);
		return account === undefined ? [] : this.#store.closed(account, symbolId).map((record) => record.view());
	}

	/** Open, or closed and still remembered. */
	order(accountId: string, name: OrderName): OrderView | undefined {
		const account = this.#accounts.get(accountId);
		return account === undefined ? undefined : this.#recordOf(account, name)?.view();
	}

	/** Newest last; how many are kept is in `order-store.ts`. */
	executions(accountId: string, symbolId: string): Execution[] {
		const account = this.#accounts.get(accountId);
		return account === undefined ? [] : this.#store.executions(account, symbolId);
	}

	balances(accountId: string): BalanceView[] {
		const account = this.#accounts.get(accountId);
		return account === undefined ? [] : [...account.wallets()].map((wallet) => account.balance(wallet));
	}

	/** One for each contract the account ever used; flat ones included. */
	positions(accountId: string): PositionView[] {
		const account = this.#accounts.get(accountId);
		return account === undefined ? [] : [...account.positions()].map((held) => account.positionView(held));
	}

	/** The mark price at which a position is closed by force if nothing else changes; 0 if there is none. */
	liquidationTicks(accountId: string, symbolId: string): number {
		const found = this.#find(accountId, symbolId);
		return found.kind === 'refused' || found.symbol.listing.kind === 'spot' ? 0 : liquidationTicks(found.account, found.symbol);
	}

	/** Fees, rebates, roundings and what insurance cost, per coin. */
	houseBalances(): CoinAmount[] {
		return this.#house.balances();
	}

	/** What was taken over from liquidated accounts. */
	housePositions(): HousePosition[] {
		return this.#house.positions();
	}

	/** One text for all that could make a difference to what happens next. */
	stateHash(): string {
		const hash = new StateHash().add(this.#events.lastSeq, this.#store.orderCount);
		for (const symbol of this.#symbols.values()) addSymbol(hash, symbol);
		for (const account of this.#accounts.values()) addAccount(hash, account);
		for (const { coin, atoms } of this.#house.balances()) hash.add(coin, atoms);
		for (const held of this.#house.positions()) hash.add(held.symbol, held.qtyLotsSigned, held.costAtomsSigned);
		return hash.digest();
	}

	#pay(account: Account, coin: string, amountAtoms: bigint, nowMs: number): ChangeResult {
		if (!account.hasCoin(coin)) return refused('unknown-coin');
		this.#settlement.begin(null, nowMs);
		this.#settlement.credit(account, coin, amountAtoms);
		this.#settlement.finish();
		return DONE;
	}

	#find(accountId: string, symbolId: string): Found<{ account: Account; symbol: TradingSymbol }> {
		const account = this.#accounts.get(accountId);
		if (account === undefined) return refused('unknown-account');
		const symbol = this.#symbols.get(symbolId);
		if (symbol === undefined) return refused('unknown-symbol');
		return { kind: 'found', account, symbol };
	}

	#findOrder(request: {
		readonly accountId: string;
		readonly symbol: string;
		readonly order: OrderName;
	}): Found<{ record: OrderRecord; symbol: TradingSymbol }> {
		const found = this.#find(request.accountId, request.symbol);
		if (found.kind === 'refused') return found;
		const record = this.#recordOf(found.account, request.order);
		if (record === undefined || record.listing !== found.symbol.listing) return refused('order-not-found');
		return record.open ? { kind: 'found', record, symbol: found.symbol } : refused('order-closed');
	}

	#recordOf(account: Account, name: OrderName): OrderRecord | undefined {
		const record = 'orderId' in name ? this.#store.get(name.orderId) : this.#store.byClientId(account, name.clientOrderId);
		return record?.account === account ? record : undefined;
	}

	#symbolOf(record: OrderRecord): TradingSymbol {
		const symbol = this.#symbols.get(record.listing.symbol);
		if (symbol === undefined) throw new Error(`invariant broken: order ${record.orderId} of unlisted ${record.listing.symbol}`);
		return symbol;
	}
}

type Found<Things> = ({ readonly kind: 'found' } & Things) | Refused;

/** A post-only order that would trade. */
function isCrossing(request: PlaceRequest, { book }: TradingSymbol, limitTicks: number): boolean {
	return request.type === 'limit' && request.timeInForce === 'post-only' && book.wouldCross(request.side, limitTicks);
}

function accepted(record: OrderRecord): PlaceResult {
	return { kind: 'accepted', orderId: record.orderId, order: record.view() };
}
