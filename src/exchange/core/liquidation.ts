/**
 * When an account's equity in a settle coin falls below the maintenance margins of its positions there, the exchange
 * closes them for it, the one that gave the occasion first, until the rest can be carried:
 *
 *   its orders in the symbol, and its spot buys that hold the coin: cancelled
 *   position -> an immediate order into the book, down to the price at which the account has nothing left
 *            -> what the book does not take -> to the house, at that price
 *   nothing held any more and a debt left -> paid by the house
 *
 * Every step is a trade or a transfer with the house, so no money is created or lost. Symbols that do not trade wait.
 */
import { type Account, settleCoin } from './account.ts';
import { MAX_PRICE_TICKS } from './book.ts';
import { ceilDiv } from './money.ts';
import { OrderRecord } from './order.ts';
import type { OrderStore } from './order-store.ts';
import type { Settlement } from './settlement.ts';
import type { TradingSymbol } from './trading-symbol.ts';

interface LiquidationParts {
	readonly symbols: ReadonlyMap<string, TradingSymbol>;
	readonly store: OrderStore;
	readonly settlement: Settlement;
}

export class Liquidation {
	readonly #symbols: ReadonlyMap<string, TradingSymbol>;
	readonly #store: OrderStore;
	readonly #settlement: Settlement;

	constructor(parts: LiquidationParts) {
		this.#symbols = parts.symbols;
		this.#store = parts.store;
		this.#settlement = parts.settlement;
	}

	/** Closes what must be closed; true if it did. The caller calls the settlement's `finish`. */
	judge(account: Account, occasion: TradingSymbol, nowMs: number): boolean {
		const coin = settleCoin(occasion.listing);
		if (isSound(account, coin)) return false;
		let closed = false;
		for (const symbol of [occasion, ...others(account, occasion)]) {
			if (settleCoin(symbol.listing) !== coin || account.position(symbol).qtyLotsSigned === 0) continue;
			if (symbol.status !== 'trading' || symbol.markTicks === 0 || isSound(account, coin)) continue;
			this.#cancelOrders(account, symbol, nowMs);
			this.#close(account, symbol, nowMs);
			closed = true;
		}
		if (!holdsAny(account, coin)) this.#settlement.coverDebt(account, coin);
		return closed;
	}

	#cancelOrders(account: Account, occasion: TradingSymbol, nowMs: number): void {
		const coin = settleCoin(occasion.listing);
		for (const record of this.#store.open(account)) {
			const { listing, side } = record;
			const holdsCoin = listing.kind === 'spot' && side === 'buy' && listing.spec.quoteCoin === coin;
			const symbol = this.#symbols.get(listing.symbol);
			if (symbol === undefined || (symbol !== occasion && !holdsCoin)) continue;
			this.#settlement.begin(symbol, nowMs);
			symbol.book.cancel(record.orderId);
			this.#settlement.withdraw(record, 'liquidation');
		}
	}

	#close(account: Account, symbol: TradingSymbol, nowMs: number): void {
		const position = account.position(symbol);
		const qtyLots = Math.abs(position.qtyLotsSigned);
		const side = position.qtyLotsSigned > 0 ? 'sell' : 'buy';
		const bankruptcyTicks = bankruptcyTicksOf(account, symbol);
		const record = new OrderRecord({
			orderId: this.#store.nextOrderId(),
			clientOrderId: '',
			account,
			listing: symbol.listing,
			side,
			type: 'market',
			timeInForce: 'ioc',
			reduceOnly: true,
			selfTrade: 'none',
			priceTicks: 0,
			qtyLots,
			bankruptcyTicks,
			lastPriceTicksAtPlace: symbol.lastTicks,
			nowMs,
		});
		this.#store.add(record);
		this.#settlement.begin(symbol, nowMs);
		symbol.book.place({
			orderId: record.orderId,
			accountNo: account.accountNo,
			side,
			priceTicks: bankruptcyTicks,
			qtyLots,
			timeInForce: 'ioc',
			postOnly: false,
			reduceOnly: true,
			selfTrade: 'none',
		});
	}
}

function isSound(account: Account, coin: string): boolean {
	const { equityAtoms, maintenanceAtoms } = account.health(coin);
	return equityAtoms >= maintenanceAtoms;
}

function others(account: Account, occasion: TradingSymbol): TradingSymbol[] {
	return [...account.positions()].map(({ symbol }) => symbol).filter((symbol) => symbol !== occasion);
}

function holdsAny(account: Account, coin: string): boolean {
	for (const { position } of account.positions()) {
		if (settleCoin(position.listing) === coin && position.qtyLotsSigned !== 0) return true;
	}
	return false;
}

/** Where closing the position leaves the account nothing, or just less than nothing: rounded against the account. */
function bankruptcyTicksOf(account: Account, symbol: TradingSymbol): number {
	const { listing, markTicks } = symbol;
	const { qtyLotsSigned } = account.position(symbol);
	const { equityAtoms } = account.health(settleCoin(listing));
	const awayTicks = Number(ceilDiv(equityAtoms, listing.valueAtoms(1, Math.abs(qtyLotsSigned))));
	const ticks = qtyLotsSigned > 0 ? markTicks - awayTicks : markTicks + awayTicks;
	return Math.min(Math.max(ticks, 1), MAX_PRICE_TICKS);
}
