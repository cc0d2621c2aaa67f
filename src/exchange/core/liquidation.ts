/**
 * When an account's equity in a settle coin falls below the maintenance margins of its positions there, the exchange
 * closes them for it, the one that gave the occasion first, until the rest can be carried:
 *
 *   its orders in the symbol, and its spot orders that hold the coin: cancelled
 *   position -> an immediate order into the book, down to the price at which the account has nothing left
 *            -> what the book does not take -> to the house, at that price
 *   nothing held any more and a debt left -> paid by the house
 *
 * Every step is a trade or a transfer with the house, so no money is created or lost. Symbols that do not trade wait.
 */
import type { Account } from './account.ts';
import { MAX_PRICE_TICKS } from './book.ts';
import { RATE_ONE } from './money.ts';
import { OrderRecord } from './order.ts';
import type { OrderStore } from './order-store.ts';
import type { Position } from './position.ts';
import type { Settlement } from './settlement.ts';
import type { TradingSymbol } from './trading-symbol.ts';

/** Sums of a few products of doubles are off by some 1e-15 of what goes into them. */
const FLOAT_MARGIN = 1e-9;
/** Margins are rounded up, one atom a position. */
const ROUNDED_ATOMS_MAX = 1_000;

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
		const coin = occasion.listing.settleCoin;
		if (isFarFromUnsound(account, coin) || isSound(account, coin)) return false;
		let closed = false;
		for (const symbol of [occasion, ...others(account, occasion)]) {
			if (symbol.listing.settleCoin !== coin || account.position(symbol).qtyLotsSigned === 0) continue;
			if (symbol.status !== 'trading' || symbol.markTicks === 0 || isSound(account, coin)) continue;
			this.#cancelOrders(account, symbol, nowMs);
			this.#close(account, symbol, nowMs);
			closed = true;
		}
		if (!holdsAny(account, coin)) this.#settlement.coverDebt(account, coin);
		return closed;
	}

	#cancelOrders(account: Account, occasion: TradingSymbol, nowMs: number): void {
		const coin = occasion.listing.settleCoin;
		for (const record of this.#store.open(account)) {
			const { listing, side } = record;
			const { baseCoin, quoteCoin } = listing.spec;
			const holdsCoin = listing.kind === 'spot' && (side === 'buy' ? quoteCoin : baseCoin) === coin;
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
			createdBy: 'liquidation',
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

/**
 * Most accounts are sound by far, and every move of a mark price asks about all that hold something. This answers for
 * those in floating point, with a margin a million times its errors; where it says no, whole atoms decide.
 */
function isFarFromUnsound(account: Account, coin: string): boolean {
	const walletAtoms = Number(account.wallet(coin).walletAtoms);
	let surplusAtoms = walletAtoms;
	let involvedAtoms = Math.abs(walletAtoms);
	for (const { symbol, position } of account.positions()) {
		const { listing, qtyLotsSigned } = position;
		if (qtyLotsSigned === 0 || listing.settleCoin !== coin || symbol.markTicks === 0) continue;
		// What an inverse contract is worth is no product.
		if (listing.kind === 'inverse') return false;
		const worthAtoms = symbol.markTicks * qtyLotsSigned * Number(listing.tickLotAtoms);
		const costAtoms = Number(position.costAtomsSigned);
		surplusAtoms += worthAtoms - costAtoms - (Math.abs(worthAtoms) * listing.maintenanceRateE8) / Number(RATE_ONE);
		involvedAtoms += Math.abs(worthAtoms) + Math.abs(costAtoms);
	}
	return surplusAtoms > involvedAtoms * FLOAT_MARGIN + ROUNDED_ATOMS_MAX;
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
		if (position.listing.settleCoin === coin && position.qtyLotsSigned !== 0) return true;
	}
	return false;
}

/** Where closing the position leaves the account nothing, or just less than nothing: rounded against the account. */
function bankruptcyTicksOf(account: Account, symbol: TradingSymbol): number {
	const { listing, markTicks } = symbol;
	const { qtyLotsSigned } = account.position(symbol);
	const { equityAtoms } = account.health(listing.settleCoin);
	// Above zero or below like the quantity in a linear contract, against it in an inverse one.
	const leftAtoms = listing.positionAtoms(markTicks, qtyLotsSigned) - equityAtoms;
	const valueAtoms = listing.positionAtoms(1, qtyLotsSigned) > 0n ? leftAtoms : -leftAtoms;
	return listing.ticksAt(valueAtoms, Math.abs(qtyLotsSigned), qtyLotsSigned > 0 ? 'down' : 'up');
}

/**
 * The first mark price, going against the position, at which its account is closed out, if everything else stays as it
 * is. 0 if there is none: nothing is held, or no price takes that much.
 */
export function liquidationTicks(account: Account, symbol: TradingSymbol): number {
	const position = account.position(symbol);
	if (position.qtyLotsSigned === 0) return 0;
	const { equityAtoms, maintenanceAtoms } = account.health(symbol.listing.settleCoin);
	const { markTicks } = symbol;
	const restAtoms = equityAtoms - position.unrealisedAtoms(markTicks) - maintenanceAtoms + position.maintenanceAtoms(markTicks);
	const falls = (ticks: number): boolean => restAtoms + position.unrealisedAtoms(ticks) - position.maintenanceAtoms(ticks) < 0n;
	const guessTicks = symbol.listing.kind === 'linear' ? linearGuess(position, Number(restAtoms)) : markTicks;
	if (position.qtyLotsSigned > 0) return lastTicks(falls, guessTicks);
	const stands = (ticks: number): boolean => !falls(ticks);
	const safeTicks = lastTicks(stands, guessTicks);
	return safeTicks === MAX_PRICE_TICKS ? 0 : safeTicks + 1;
}

/** Near the edge, as far as floats go: where what the account has besides and the profit are the maintenance margin. */
function linearGuess({ listing, qtyLotsSigned, costAtomsSigned }: Position, restAtoms: number): number {
	const maintainedLots = (Math.abs(qtyLotsSigned) * listing.maintenanceRateE8) / Number(RATE_ONE);
	return Math.round((Number(costAtomsSigned) - restAtoms) / (Number(listing.tickLotAtoms) * (qtyLotsSigned - maintainedLots)));
}

/**
 * The highest price for which something is so that is so for all lower ones and for no higher one; 0 if for none. Goes
 * away from the guess in growing steps until it has the edge between two prices, then halves.
 */
function lastTicks(isSo: (ticks: number) => boolean, guessTicks: number): number {
	let so = 0;
	let notSo = MAX_PRICE_TICKS + 1;
	const at = Math.min(Math.max(guessTicks, 1), MAX_PRICE_TICKS);
	const isUp = isSo(at);
	if (isUp) so = at;
	else notSo = at;
	for (let step = 1; notSo - so > step; step *= 2) {
		const next = isUp ? so + step : notSo - step;
		const isNextSo = isSo(next);
		if (isNextSo) so = next;
		else notSo = next;
		if (isNextSo !== isUp) break;
	}
	while (notSo - so > 1) {
		const middle = Math.floor((so + notSo) / 2);
		if (isSo(middle)) so = middle;
		else notSo = middle;
	}
	return so;
}
