/**
 * What whoever runs the exchange does to one account, although nobody asked for it: trades against its position, orders
 * and trades in its name, fees, modes. Money and positions stay whole: the house is the other side of every trade here.
 */
import type { Account } from './account.ts';
import type { OrderSide } from './book.ts';
import { checkFunds } from './funds.ts';
import { Interference } from './interference.ts';
import { type FeeRates, isPrice } from './listing.ts';
import { OrderRecord, type OrderStart } from './order.ts';
import type { OrderStore } from './order-store.ts';
import { LEVERAGE_ONE } from './position.ts';
import { type ChangeResult, DONE, type Refused, refused } from './requests.ts';
import type { Settlement } from './settlement.ts';
import type { TradingSymbol } from './trading-symbol.ts';

export interface ForcedTrade {
	readonly accountId: string;
	readonly symbol: string;
	readonly qtyLots: number;
	/** The mark price unless said, or the last price where there is no mark price. */
	readonly priceTicks?: number;
}

interface AccountOperatorParts {
	readonly symbols: ReadonlyMap<string, TradingSymbol>;
	readonly accounts: ReadonlyMap<string, Account>;
	readonly store: OrderStore;
	readonly settlement: Settlement;
}

const RATE_E8_MAX = 10_000_000;

export class AccountOperator {
	readonly #symbols: ReadonlyMap<string, TradingSymbol>;
	readonly #accounts: ReadonlyMap<string, Account>;
	readonly #store: OrderStore;
	readonly #settlement: Settlement;
	readonly #interference: Interference;

	constructor(parts: AccountOperatorParts) {
		this.#symbols = parts.symbols;
		this.#accounts = parts.accounts;
		this.#store = parts.store;
		this.#settlement = parts.settlement;
		this.#interference = new Interference(parts);
	}

	/** So much of a position is closed to relieve somebody else, without a fee. Orders stay, reducing ones are trimmed. */
	deleverage(trade: ForcedTrade, nowMs: number): ChangeResult {
		const found = this.#find(trade.accountId, trade.symbol);
		if (found.kind === 'refused') return found;
		const { account, symbol } = found;
		const heldLots = symbol.listing.kind === 'spot' ? 0 : account.position(symbol).qtyLotsSigned;
		if (heldLots === 0) return refused('no-position');
		if (!isCount(trade.qtyLots) || trade.qtyLots > Math.abs(heldLots)) return refused('invalid-quantity');
		return this.#force(found, { ...trade, side: heldLots > 0 ? 'sell' : 'buy', createdBy: 'adl' }, nowMs);
	}

	/** A market order in the account's name, not from its client: without a client id, and filled at once at that price. */
	trade(trade: ForcedTrade & { readonly side: OrderSide }, nowMs: number): ChangeResult {
		const found = this.#find(trade.accountId, trade.symbol);
		if (found.kind === 'refused') return found;
		if (!isCount(trade.qtyLots)) return refused('invalid-quantity');
		return this.#force(found, { ...trade, createdBy: 'account' }, nowMs);
	}

	/** Somebody takes so many lots of this very order, whoever stands before it. */
	fill(accountId: string, orderId: string, qtyLots: number, nowMs: number): ChangeResult {
		const record = this.#store.get(orderId);
		if (record === undefined || record.account.accountId !== accountId) return refused('order-not-found');
		if (!record.open) return refused('order-closed');
		if (!isCount(qtyLots) || qtyLots > record.leavesLots) return refused('invalid-quantity');
		return this.#interference.take(orderId, qtyLots, nowMs) ? DONE : refused('symbol-not-trading');
	}

	/**
	 * One of the account's orders meets another one in the account's name, and self-trade prevention takes it out. The
	 * other one comes without a client id and is cancelled at once.
	 */
	preventSelfTrade(accountId: string, orderId: string, nowMs: number): ChangeResult {
		const maker = this.#store.get(orderId);
		const symbol = maker === undefined ? undefined : this.#symbols.get(maker.listing.symbol);
		if (maker === undefined || symbol === undefined || maker.account.accountId !== accountId) return refused('order-not-found');
		if (!maker.open) return refused('order-closed');
		const taker = this.#newOrder(maker.account, symbol, {
			side: maker.side === 'buy' ? 'sell' : 'buy',
			type: 'limit',
			selfTrade: 'cancel-maker',
			priceTicks: maker.priceTicks,
			qtyLots: symbol.listing.minLots,
			nowMs,
		});
		this.#settlement.begin(symbol, nowMs);
		this.#settlement.reserve(taker, taker.qtyLots);
		this.#settlement.accepted(taker.orderId);
		symbol.book.cancel(maker.orderId);
		maker.selfTradeOrderId = taker.orderId;
		this.#settlement.withdraw(maker, 'self-trade');
		this.#settlement.withdraw(taker, 'ioc-remainder');
		this.#settlement.finish();
		return DONE;
	}

	/** Null: the listing's own rates again. Below zero the account is paid. */
	setFees(accountId: string, symbolId: string, rates: FeeRates | null): ChangeResult {
		const found = this.#find(accountId, symbolId);
		if (found.kind === 'refused') return found;
		const isRate = (rateE8: number): boolean => Number.isSafeInteger(rateE8) && Math.abs(rateE8) <= RATE_E8_MAX;
		if (rates !== null && !(isRate(rates.makerRateE8) && isRate(rates.takerRateE8))) return refused('invalid-amount');
		found.account.setFeeRates(symbolId, rates);
		return DONE;
	}

	/** Those set by hand, null where there are none. */
	feeRates(accountId: string, symbolId: string): FeeRates | null {
		const found = this.#find(accountId, symbolId);
		if (found.kind === 'refused') return null;
		const { listing } = found.symbol;
		const rates = found.account.feeRates(listing);
		return rates === listing ? null : rates;
	}

	/** Null: the usual coin again. */
	setFeeCoin(accountId: string, coin: string | null): ChangeResult {
		const account = this.#accounts.get(accountId);
		if (account === undefined) return refused('unknown-account');
		if (coin !== null && !account.hasCoin(coin)) return refused('unknown-coin');
		account.feeCoin = coin;
		return DONE;
	}

	/** Hedge mode takes no orders here; whoever trades on has to go back to one-way mode first. */
	setPositionMode(accountId: string, symbolId: string, mode: 'one-way' | 'hedge', nowMs: number): ChangeResult {
		const found = this.#find(accountId, symbolId);
		if (found.kind === 'refused') return found;
		if (found.symbol.listing.kind === 'spot') return refused('no-position');
		found.account.setHedged(symbolId, mode === 'hedge');
		this.#settlement.begin(found.symbol, nowMs);
		this.#settlement.touchPosition(found.account, found.symbol);
		this.#settlement.finish();
		return DONE;
	}

	isHedged(accountId: string, symbolId: string): boolean {
		const found = this.#find(accountId, symbolId);
		return found.kind === 'found' && found.account.isHedged(found.symbol);
	}

	/** Whether or not the account has the margin for it. */
	setLeverage(accountId: string, symbolId: string, leverageHundredths: number, nowMs: number): ChangeResult {
		const found = this.#find(accountId, symbolId);
		if (found.kind === 'refused') return found;
		const { account, symbol } = found;
		const most = symbol.listing.maxLeverage * LEVERAGE_ONE;
		const isWhole = Number.isSafeInteger(leverageHundredths);
		if (symbol.listing.kind === 'spot' || !isWhole || leverageHundredths < LEVERAGE_ONE || leverageHundredths > most) {
			return refused('invalid-leverage');
		}
		account.position(symbol).leverageHundredths = leverageHundredths;
		this.#settlement.begin(symbol, nowMs);
		this.#settlement.touchPosition(account, symbol);
		this.#settlement.finish();
		return DONE;
	}

	#force({ account, symbol }: Found, trade: Forced, nowMs: number): ChangeResult {
		if (symbol.status === 'closed') return refused('symbol-closed');
		const { side, qtyLots, createdBy } = trade;
		const priceTicks = trade.priceTicks ?? (symbol.markTicks || symbol.lastTicks);
		if (!isPrice(priceTicks)) return refused('invalid-price');
		if (createdBy === 'account') {
			const { listing } = symbol;
			const isSale = listing.kind === 'spot' && side === 'sell';
			const moreAtoms = isSale ? listing.baseAtoms(qtyLots) : listing.valueAtoms(priceTicks, qtyLots);
			const fundsRefusal = checkFunds({ account, symbol, side, reduceOnly: false, moreAtoms });
			if (fundsRefusal !== null) return refused(fundsRefusal);
		}
		const record = this.#newOrder(account, symbol, { side, type: 'market', createdBy, priceTicks: 0, qtyLots, nowMs });
		const free = createdBy === 'adl';
		this.#settlement.begin(symbol, nowMs);
		this.#settlement.reserve(record, qtyLots);
		this.#settlement.accepted(record.orderId);
		this.#settlement.tradeWithHouse(record, { priceTicks, qtyLots, leavesLots: 0, maker: false, free });
		this.#settlement.finish();
		return DONE;
	}

	#newOrder(
		account: Account,
		symbol: TradingSymbol,
		order: Pick<OrderStart, 'side' | 'type' | 'priceTicks' | 'qtyLots' | 'nowMs'> & Partial<OrderStart>,
	): OrderRecord {
		const record = new OrderRecord({
			orderId: this.#store.nextOrderId(),
			clientOrderId: '',
			account,
			listing: symbol.listing,
			timeInForce: 'ioc',
			reduceOnly: order.createdBy === 'adl',
			selfTrade: 'none',
			lastPriceTicksAtPlace: symbol.lastTicks,
			...order,
		});
		this.#store.add(record);
		return record;
	}

	#find(accountId: string, symbolId: string): Found | Refused {
		const account = this.#accounts.get(accountId);
		if (account === undefined) return refused('unknown-account');
		const symbol = this.#symbols.get(symbolId);
		return symbol === undefined ? refused('unknown-symbol') : { kind: 'found', account, symbol };
	}
}

interface Found {
	readonly kind: 'found';
	readonly account: Account;
	readonly symbol: TradingSymbol;
}

type Forced = ForcedTrade & { readonly side: OrderSide; readonly createdBy: 'adl' | 'account' };

function isCount(lots: number): boolean {
	return Number.isSafeInteger(lots) && lots >= 1;
}
