/** The exchange's own purse: every fee goes in, every rebate comes out, and roundings stay in it. May go below zero. */
import type { CoinAmount } from './views.ts';

export class House {
	readonly #atoms = new Map<string, bigint>();

	add(coin: string, amountAtoms: bigint): void {
		this.#atoms.set(coin, this.balanceAtoms(coin) + amountAtoms);
	}

	balanceAtoms(coin: string): bigint {
		return this.#atoms.get(coin) ?? 0n;
	}

	balances(): CoinAmount[] {
		return [...this.#atoms].map(([coin, atoms]) => ({ coin, atoms }));
	}
}
