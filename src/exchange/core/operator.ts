/**
 * What whoever runs the exchange does to a symbol: its status and its end, its filters, its mark price and funding rate,
 * and the calendar. What is done to one account is in `account-operator.ts`. A new mark price and a funding payment are
 * the two occasions on which accounts that hold the symbol are judged for liquidation.
 */
import type { Account } from './account.ts';
import { AccountOperator } from './account-operator.ts';
import type { EventStream } from './events.ts';
import type { FilterChange } from './filters.ts';
import type { Liquidation } from './liquidation.ts';
import { isPrice } from './listing.ts';
import { addRateFloor } from './money.ts';
import { OrderRecord } from './order.ts';
import type { OrderStore } from './order-store.ts';
import { type ChangeResult, DONE, refused } from './requests.ts';
import type { Settlement } from './settlement.ts';
import type { TradingSymbol } from './trading-symbol.ts';
import type { SymbolStatus } from './views.ts';

export interface FundingTerms {
	readonly rateE8: number;
	readonly markTicks: number;
}

interface OperatorParts {
	readonly symbols: ReadonlyMap<string, TradingSymbol>;
	readonly accounts: ReadonlyMap<string, Account>;
	readonly store: OrderStore;
	readonly settlement: Settlement;
	readonly events: EventStream;
	readonly liquidation: Liquidation;
}

/** A spike larger than this would leave no price. */
const SPIKE_E8_MIN = -90_000_000;
const SPIKE_E8_MAX = 1_000_000_000;

export class Operator {
	readonly accounts: AccountOperator;
	readonly #store: OrderStore;
	readonly #symbols: ReadonlyMap<string, TradingSymbol>;
	readonly #accounts: ReadonlyMap<string, Account>;
	readonly #settlement: Settlement;
	readonly #events: EventStream;
	readonly #liquidation: Liquidation;

	constructor(parts: OperatorParts) {
		this.accounts = new AccountOperator(parts);
		this.#store = parts.store;
		this.#symbols = parts.symbols;
		this.#accounts = parts.accounts;
		this.#settlement = parts.settlement;
		this.#events = parts.events;
		this.#liquidation = parts.liquidation;
	}

	setStatus(symbolId: string, status: SymbolStatus, nowMs: number): ChangeResult {
		const symbol = this.#symbols.get(symbolId);
		if (symbol === undefined) return refused('unknown-symbol');
		if (status === 'closed') return this.#delist(symbol, nowMs);
		symbol.status = status;
		return this.#tellTicker(symbol, nowMs);
	}

	/** At that instant the symbol ends as if it were closed then; 0 takes the announcement back. */
	announceDelivery(symbolId: string, atMs: number, nowMs: number): ChangeResult {
		const symbol = this.#symbols.get(symbolId);
		if (symbol === undefined) return refused('unknown-symbol');
		if (symbol.status === 'closed') return refused('symbol-closed');
		if (!Number.isSafeInteger(atMs) || atMs < 0) return refused('invalid-amount');
		symbol.deliveryAtMs = atMs;
		return this.#tellTicker(symbol, nowMs);
	}

	/** Orders that stand stay as they are, as on the venue, even where they no longer fit. */
	changeFilters(symbolId: string, change: FilterChange, nowMs: number): ChangeResult {
		const symbol = this.#symbols.get(symbolId);
		if (symbol === undefined) return refused('unknown-symbol');
		const wrong = symbol.listing.change(change);
		if (wrong !== null) return { ...refused('invalid-filter'), detail: wrong };
		return this.#tellTicker(symbol, nowMs);
	}

	/** The mark price jumps by this share and comes back at that instant; a market that lives follows `spikeE8`. */
	spike(symbolId: string, { rateE8, untilMs }: { rateE8: number; untilMs: number }, nowMs: number): ChangeResult {
		const symbol = this.#symbols.get(symbolId);
		if (symbol === undefined) return refused('unknown-symbol');
		const isRate = Number.isSafeInteger(rateE8) && rateE8 !== 0 && rateE8 >= SPIKE_E8_MIN && rateE8 <= SPIKE_E8_MAX;
		if (!isRate || symbol.spike !== null || untilMs <= nowMs) return refused('invalid-amount');
		symbol.spike = { rateE8, untilMs, backTicks: symbol.markTicks };
		if (symbol.markTicks === 0) return DONE;
		return this.setMarkPrice(symbolId, Math.max(1, addRateFloor(symbol.markTicks, rateE8)), nowMs);
	}

	/** How far off prices are meant to be just now, 0 in ordinary times. */
	spikeE8(symbolId: string): number {
		return this.#symbols.get(symbolId)?.spike?.rateE8 ?? 0;
	}

	setMarkPrice(symbolId: string, priceTicks: number, nowMs: number): ChangeResult {
		const symbol = this.#symbols.get(symbolId);
		if (symbol === undefined) return refused('unknown-symbol');
		if (!isPrice(priceTicks)) return refused('invalid-price');
		if (symbol.markTicks === priceTicks) return DONE;
		symbol.markTicks = priceTicks;
		this.#emitTicker(symbol, nowMs);
		if (symbol.listing.kind !== 'spot') this.#liquidate(symbol, nowMs);
		this.#settlement.finish();
		return DONE;
	}

	setFundingRate(symbolId: string, rateE8: number, nowMs: number): ChangeResult {
		const symbol = this.#symbols.get(symbolId);
		if (symbol === undefined) return refused('unknown-symbol');
		if (symbol.listing.kind === 'spot' || !Number.isSafeInteger(rateE8)) return refused('invalid-amount');
		symbol.fundingRateE8 = rateE8;
		return this.#tellTicker(symbol, nowMs);
	}

	applyFunding(symbolId: string, { rateE8, markTicks }: FundingTerms, nowMs: number): ChangeResult {
		const symbol = this.#symbols.get(symbolId);
		if (symbol === undefined) return refused('unknown-symbol');
		if (symbol.listing.kind === 'spot' || !Number.isSafeInteger(rateE8)) return refused('invalid-amount');
		if (!isPrice(markTicks)) return refused('invalid-price');
		this.#settlement.begin(symbol, nowMs);
		for (const account of this.#accounts.values()) {
			if (account.position(symbol).qtyLotsSigned !== 0) this.#settlement.payFunding(account, rateE8, markTicks);
		}
		this.#liquidate(symbol, nowMs);
		this.#settlement.finish();
		return DONE;
	}

	/**
	 * Funding at every whole multiple of a symbol's interval, at its present rate and mark price. After a jump over
	 * several intervals it pays once.
	 */
	advance(nowMs: number): void {
		this.#settlement.begin(null, nowMs);
		for (const symbol of this.#symbols.values()) {
			const { spike, deliveryAtMs } = symbol;
			if (spike !== null && nowMs >= spike.untilMs) {
				symbol.spike = null;
				if (spike.backTicks !== 0) this.setMarkPrice(symbol.listing.symbol, spike.backTicks, nowMs);
			}
			if (deliveryAtMs !== 0 && nowMs >= deliveryAtMs && symbol.status !== 'closed') this.#delist(symbol, nowMs);
			if (symbol.status === 'closed') continue;
			const intervalMs = symbol.listing.spec.fundingIntervalMs;
			if (symbol.listing.kind === 'spot' || intervalMs === undefined || nowMs < symbol.nextFundingAtMs) continue;
			const due = symbol.nextFundingAtMs !== 0;
			symbol.nextFundingAtMs = (Math.floor(nowMs / intervalMs) + 1) * intervalMs;
			if (due && symbol.markTicks !== 0) {
				this.applyFunding(symbol.listing.symbol, { rateE8: symbol.fundingRateE8, markTicks: symbol.markTicks }, nowMs);
			}
			this.#tellTicker(symbol, nowMs);
		}
	}

	/** The end: its orders are taken out, its positions settled with the house at the mark price. */
	#delist(symbol: TradingSymbol, nowMs: number): ChangeResult {
		if (symbol.status === 'closed') return DONE;
		symbol.status = 'closed';
		symbol.deliveryAtMs = nowMs;
		symbol.spike = null;
		this.#settlement.begin(symbol, nowMs);
		for (const account of this.#accounts.values()) {
			for (const record of this.#store.open(account, symbol.listing.symbol)) {
				symbol.book.cancel(record.orderId);
				this.#settlement.withdraw(record, 'admin');
			}
		}
		if (symbol.listing.kind !== 'spot') for (const account of this.#accounts.values()) this.#settle(account, symbol, nowMs);
		this.#emitTicker(symbol, nowMs);
		this.#settlement.finish();
		return DONE;
	}

	#settle(account: Account, symbol: TradingSymbol, nowMs: number): void {
		const { qtyLotsSigned } = account.position(symbol);
		if (qtyLotsSigned === 0) return;
		const qtyLots = Math.abs(qtyLotsSigned);
		const record = new OrderRecord({
			orderId: this.#store.nextOrderId(),
			clientOrderId: '',
			account,
			listing: symbol.listing,
			side: qtyLotsSigned > 0 ? 'sell' : 'buy',
			type: 'market',
			timeInForce: 'ioc',
			reduceOnly: true,
			selfTrade: 'none',
			createdBy: 'settlement',
			priceTicks: 0,
			qtyLots,
			lastPriceTicksAtPlace: symbol.lastTicks,
			nowMs,
		});
		this.#settlement.begin(symbol, nowMs);
		const priceTicks = symbol.markTicks || symbol.lastTicks;
		this.#settlement.tradeWithHouse(record, { priceTicks, qtyLots, leavesLots: 0, maker: false, free: true });
		this.#liquidation.judge(account, symbol, nowMs);
	}

	#tellTicker(symbol: TradingSymbol, nowMs: number): ChangeResult {
		this.#emitTicker(symbol, nowMs);
		this.#events.deliver();
		return DONE;
	}

	#emitTicker(symbol: TradingSymbol, nowMs: number): void {
		if (this.#events.heard) this.#events.emit({ kind: 'ticker', ticker: symbol.ticker(), seq: this.#events.next(), atMs: nowMs });
		else this.#events.skip();
	}

	/**
	 * A closing may fill resting orders of an account that was found sound before, so all are judged again. It ends:
	 * whoever is closed has no orders left in that symbol, so nobody is closed twice.
	 */
	#liquidate(symbol: TradingSymbol, nowMs: number): void {
		let again = true;
		while (again) {
			again = false;
			for (const account of this.#accounts.values()) {
				if (account.position(symbol).qtyLotsSigned !== 0 && this.#liquidation.judge(account, symbol, nowMs)) again = true;
			}
		}
	}
}
