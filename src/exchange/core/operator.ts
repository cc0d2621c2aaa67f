/**
 * What whoever runs the exchange does to it: a symbol's status, its mark price and funding rate, and the calendar.
 * `Exchange` is the door to all of it. A new mark price and a funding payment are the two occasions on which accounts
 * that hold the symbol are judged for liquidation.
 */
import type { Account } from './account.ts';
import type { EventStream } from './events.ts';
import type { Liquidation } from './liquidation.ts';
import { isPrice } from './listing.ts';
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
	readonly settlement: Settlement;
	readonly events: EventStream;
	readonly liquidation: Liquidation;
}

export class Operator {
	readonly #symbols: ReadonlyMap<string, TradingSymbol>;
	readonly #accounts: ReadonlyMap<string, Account>;
	readonly #settlement: Settlement;
	readonly #events: EventStream;
	readonly #liquidation: Liquidation;

	constructor(parts: OperatorParts) {
		this.#symbols = parts.symbols;
		this.#accounts = parts.accounts;
		this.#settlement = parts.settlement;
		this.#events = parts.events;
		this.#liquidation = parts.liquidation;
	}

	setStatus(symbolId: string, status: SymbolStatus, nowMs: number): ChangeResult {
		const symbol = this.#symbols.get(symbolId);
		if (symbol === undefined) return refused('unknown-symbol');
		symbol.status = status;
		return this.#tellTicker(symbol, nowMs);
	}

	setMarkPrice(symbolId: string, priceTicks: number, nowMs: number): ChangeResult {
		const symbol = this.#symbols.get(symbolId);
		if (symbol === undefined) return refused('unknown-symbol');
		if (!isPrice(priceTicks)) return refused('invalid-price');
		if (symbol.markTicks === priceTicks) return DONE;
		symbol.markTicks = priceTicks;
		this.#emitTicker(symbol, nowMs);
		if (symbol.listing.kind === 'linear') this.#liquidate(symbol, nowMs);
		this.#settlement.finish();
		return DONE;
	}

	setFundingRate(symbolId: string, rateE8: number, nowMs: number): ChangeResult {
		const symbol = this.#symbols.get(symbolId);
		if (symbol === undefined) return refused('unknown-symbol');
		if (symbol.listing.kind !== 'linear' || !Number.isSafeInteger(rateE8)) return refused('invalid-amount');
		symbol.fundingRateE8 = rateE8;
		return this.#tellTicker(symbol, nowMs);
	}

	applyFunding(symbolId: string, { rateE8, markTicks }: FundingTerms, nowMs: number): ChangeResult {
		const symbol = this.#symbols.get(symbolId);
		if (symbol === undefined) return refused('unknown-symbol');
		if (symbol.listing.kind !== 'linear' || !Number.isSafeInteger(rateE8)) return refused('invalid-amount');
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
			const intervalMs = symbol.listing.spec.fundingIntervalMs;
			if (symbol.listing.kind !== 'linear' || intervalMs === undefined || nowMs < symbol.nextFundingAtMs) continue;
			const due = symbol.nextFundingAtMs !== 0;
			symbol.nextFundingAtMs = (Math.floor(nowMs / intervalMs) + 1) * intervalMs;
			if (due && symbol.markTicks !== 0) {
				this.applyFunding(symbol.listing.symbol, { rateE8: symbol.fundingRateE8, markTicks: symbol.markTicks }, nowMs);
			}
			this.#tellTicker(symbol, nowMs);
		}
	}

	#tellTicker(symbol: TradingSymbol, nowMs: number): ChangeResult {
		this.#emitTicker(symbol, nowMs);
		this.#events.deliver();
		return DONE;
	}

	#emitTicker(symbol: TradingSymbol, nowMs: number): void {
		if (this.#events.heard) this.#events.emit(nowMs, { kind: 'ticker', ticker: symbol.ticker() });
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
