/**
 * The exchange's own purse: every fee goes in, every rebate comes out, and roundings stay in it. It is the insurance
 * too: it pays the debts of liquidated accounts, and takes over and holds what the book would not take of their
 * positions. It has no bounds: it may go below zero, and it never trades its positions away.
 */
import type { OrderSide } from './book.ts';
import type { Listing } from './listing.ts';
import { Position } from './position.ts';
import type { CoinAmount, HousePosition } from './views.ts';

export class House {
	readonly #atoms = new Map<string, bigint>();
	readonly #positions = new Map<string, Position>();

	add(coin: string, amountAtoms: bigint): void {
		this.#atoms.set(coin, this.balanceAtoms(coin) + amountAtoms);
	}

	balanceAtoms(coin: string): bigint {
		return this.#atoms.get(coin) ?? 0n;
	}

	/** The house's side of a trade with an account. */
	trade(listing: Listing, trade: { side: OrderSide; priceTicks: number; qtyLots: number; nowMs: number }): void {
		if (listing.kind === 'spot') {
			const sign = trade.side === 'buy' ? 1n : -1n;
			this.add(listing.spec.baseCoin, sign * listing.baseAtoms(trade.qtyLots));
			this.add(listing.spec.quoteCoin, -sign * listing.valueAtoms(trade.priceTicks, trade.qtyLots));
			return;
		}
		const position = this.#positions.get(listing.symbol) ?? new Position(listing);
		this.#positions.set(listing.symbol, position);
		const { realisedAtoms } = position.trade({ ...trade, feeAtoms: 0n });
		this.add(listing.settleCoin, realisedAtoms);
	}

	positions(): HousePosition[] {
		return [...this.#positions].map(([symbol, { qtyLotsSigned, costAtomsSigned }]) => ({
			symbol,
			qtyLotsSigned,
			costAtomsSigned,
		}));
	}

	balances(): CoinAmount[] {
		return [...this.#atoms].map(([coin, atoms]) => ({ coin, atoms }));
	}
}
