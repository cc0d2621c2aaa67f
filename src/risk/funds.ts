/**
 * What new orders may use of one coin in one wallet: the venue's own figure, less what we approved since it spoke. Before
 * the venue has spoken nothing is free.
 */
export class Funds {
	#reported = Number.NaN;
	#reserved = 0;

	/** NaN until the venue has said; every comparison with it fails, so the gate stays closed. */
	get free(): number {
		return this.#reported - this.#reserved;
	}

	report(free: number): void {
		this.#reported = free;
		this.#reserved = 0;
	}

	reserve(amount: number): void {
		this.#reserved += amount;
	}
}

/** Those of every coin in every wallet. All that use a coin there share one, whether the venue has spoken of it or not. */
export class AccountFunds {
	readonly #purses = new Map<string, Funds>();

	of(purse: string, currency: string): Funds {
		const key = `${purse}:${currency}`;
		let funds = this.#purses.get(key);
		if (funds === undefined) {
			funds = new Funds();
			this.#purses.set(key, funds);
		}
		return funds;
	}
}
