/**
 * What would be there if we had never traded, by venue and coin: what the venue says we have, less what our own facts say
 * has come and gone. As long as the books are right it does not change by the smallest unit, but for what somebody pays
 * in or takes out; so it is worked out anew whenever nothing is held and nothing has moved for a moment. While a position
 * is held, the venue's word contains its worth at a mark of its own: it is taken only by a run that began with the
 * position and knows nothing better.
 */
import { type Money, moneyOf } from '../domain/money.ts';
import type { MonoMs } from '../domain/units.ts';

export interface BalanceTold {
	readonly venue: string;
	/** Where a venue has several. */
	readonly wallet?: string | undefined;
	readonly currency: string;
	readonly total: Money;
	readonly monoMs: MonoMs;
}

/** What our facts say of a coin at a venue. */
export interface OwnSum {
	/** Come and gone in executions, fees and funding. */
	readonly changed: bigint;
	/** Of derivatives that settle in it. */
	readonly unrealised: bigint;
	/** Some such derivative is held. */
	readonly isHolding: boolean;
}

/** A fill and the balance that follows from it are told in two messages, in either order, no further apart than this. */
const APART_MS = 2_000;

interface Coin {
	readonly venue: string;
	readonly currency: string;
	readonly totalByWallet: Map<string, Money>;
	toldAtMono: number;
	capital: bigint | undefined;
	/** Worked out while nothing was held. */
	isSure: boolean;
	/** When all had been still for a while and it was looked at; what has not moved since need not be again. */
	lookedAtMono: number;
}

/** Undefined where something is held that has no mark yet. */
export type OwnSums = (venue: string, currency: string) => OwnSum | undefined;

export class Capital {
	readonly #coins = new Map<string, Coin>();
	readonly #movedAtMono = new Map<string, number>();

	applyBalance({ venue, wallet = '', currency, total, monoMs }: BalanceTold, sumOf: () => OwnSums): void {
		const coin = this.#coinOf(venue, currency);
		// Another wallet that was never heard of: what was known so far lacked it.
		if (!coin.totalByWallet.has(wallet)) coin.isSure = false;
		coin.totalByWallet.set(wallet, total);
		coin.toldAtMono = monoMs;
		if (coin.isSure) return;
		const sum = sumOf()(venue, currency);
		if (sum !== undefined) this.#count(coin, sum, monoMs);
	}

	/** An execution or funding. */
	applyMove(venue: string, monoMs: MonoMs): void {
		this.#movedAtMono.set(venue, monoMs);
	}

	/** By currency, over all venues; a coin of which nothing can be said is missing. */
	at(nowMono: MonoMs, sumOf: () => OwnSums): ReadonlyMap<string, Money> {
		const all = new Map<string, Money>();
		let sums: OwnSums | undefined;
		for (const coin of this.#coins.values()) {
			if (coin.capital === undefined || this.#isDue(coin, nowMono)) {
				sums ??= sumOf();
				const sum = sums(coin.venue, coin.currency);
				if (sum !== undefined && (coin.capital === undefined || !sum.isHolding)) this.#count(coin, sum, nowMono);
				coin.lookedAtMono = nowMono;
			}
			if (coin.capital !== undefined) all.set(coin.currency, moneyOf((all.get(coin.currency) ?? 0n) + coin.capital));
		}
		return all;
	}

	/** The venues have said what there is of every coin they spoke of, and it could be counted. */
	get isKnown(): boolean {
		return this.#coins.size > 0 && [...this.#coins.values()].every(({ capital }) => capital !== undefined);
	}

	#coinOf(venue: string, currency: string): Coin {
		const key = `${venue} ${currency}`;
		const known = this.#coins.get(key);
		if (known !== undefined) return known;
		const coin: Coin = {
			venue,
			currency,
			totalByWallet: new Map(),
			toldAtMono: 0,
			capital: undefined,
			isSure: false,
			lookedAtMono: 0,
		};
		this.#coins.set(key, coin);
		return coin;
	}

	#count(coin: Coin, { changed, unrealised, isHolding }: OwnSum, nowMono: number): void {
		coin.capital = toldOf(coin) - changed - unrealised;
		coin.isSure = !isHolding && (this.#isUntouched(coin) || this.#isSettled(coin, nowMono));
	}

	/** What a venue says first, before anything of ours has moved there, holds at once. */
	#isUntouched({ venue, isSure }: Coin): boolean {
		return !isSure && !this.#movedAtMono.has(venue);
	}

	#isDue(coin: Coin, nowMono: number): boolean {
		return this.#isSettled(coin, nowMono) && coin.lookedAtMono < this.#lastAtMono(coin) + APART_MS;
	}

	#isSettled(coin: Coin, nowMono: number): boolean {
		const lastAtMono = this.#lastAtMono(coin);
		return nowMono - lastAtMono >= APART_MS && lastAtMono - coin.toldAtMono <= APART_MS;
	}

	#lastAtMono({ venue, toldAtMono }: Coin): number {
		return Math.max(toldAtMono, this.#movedAtMono.get(venue) ?? Number.NEGATIVE_INFINITY);
	}
}

function toldOf({ totalByWallet }: Coin): bigint {
	let sum = 0n;
	for (const total of totalByWallet.values()) sum += total;
	return sum;
}
