/**
 * Where a profit came from: what fills earned against the middle of the book at their moment (spread), what the market
 * did to what was held (inventory), fees and funding. The parts are cut from the ledger's own figures, so they add up to
 * the last digit: spread + inventory + fees + funding = total = realised + unrealised + fees + funding. Fees paid are
 * below zero here. What nobody knows the middle of, and what earlier runs filled, counts as inventory altogether.
 */
import type { Execution } from '../domain/execution.ts';
import { type Money, moneyOf, NO_MONEY } from '../domain/money.ts';
import { signOf } from '../domain/side.ts';
import type { PortfolioSnapshot, PositionPart } from './portfolio-snapshot.ts';
import { valueAt } from './position.ts';

export interface ProfitSplit {
	readonly total: Money;
	readonly realised: Money;
	readonly unrealised: Money;
	readonly fees: Money;
	readonly funding: Money;
	readonly spread: Money;
	readonly inventory: Money;
	/** False where a mark or a rate is missing; what lacks one is left out. */
	readonly isComplete: boolean;
}

/** One of it in the home currency; undefined where nobody knows. */
export type RateOf = (currency: string) => Money | undefined;

/** What fills have earned against the middle of the book, by instrument, in its quote currency. */
export class Attribution {
	readonly #spread = new Map<string, bigint>();

	/** A fill that was booked just now; best bid plus best ask at that moment, and 0 where nobody knows. */
	applyFill({ instrument, side, priceTicks, qtyLots }: Execution, midTwiceTicks: number): void {
		if (!(midTwiceTicks > 0)) return;
		const twice = BigInt(signOf(side) * (midTwiceTicks - 2 * priceTicks)) * BigInt(qtyLots) * instrument.tickLotValue;
		this.#spread.set(instrument.id, this.spreadOf(instrument.id) + twice / 2n);
	}

	spreadOf(instrumentId: string): Money {
		return moneyOf(this.#spread.get(instrumentId) ?? 0n);
	}
}

/** All of it, in the home currency. Where rates make amounts round, the rest is unrealised, and inventory. */
export function splitOf(snapshot: PortfolioSnapshot, attribution: Pick<Attribution, 'spreadOf'>): ProfitSplit {
	const { coins, positions, total } = snapshot;
	// A coin that only lies there needs no rate: nothing of it was won or lost.
	const isComplete = coins.every((coin) => coin.isComplete && (coin.rate !== undefined || coin.equity === coin.capital));
	const rates = new Map(coins.map(({ currency, rate }) => [currency, rate ?? NO_MONEY]));
	const sums = { realised: NO_MONEY, fees: NO_MONEY, funding: NO_MONEY, spread: NO_MONEY };
	for (const coin of coins) {
		const rate = coin.rate ?? NO_MONEY;
		sums.realised = moneyOf(sums.realised + valueAt(coin.realised, rate));
		sums.fees = moneyOf(sums.fees - valueAt(coin.fees, rate));
		sums.funding = moneyOf(sums.funding + valueAt(coin.funding, rate));
	}
	for (const { instrumentId, currency } of positions) {
		sums.spread = moneyOf(sums.spread + valueAt(attribution.spreadOf(instrumentId), rates.get(currency) ?? NO_MONEY));
	}
	return closed({ ...sums, total: total.profit, isComplete });
}

/** The same for one symbol, in the currency that its position is counted in. */
export function splitOfPosition(
	part: PositionPart,
	{ spread, rateOf, baseCurrency }: { readonly spread: Money; readonly rateOf: RateOf; readonly baseCurrency: string },
): ProfitSplit {
	const { currency, mark, realised, unrealised } = part;
	let isComplete = mark !== undefined || part.qtySigned === 0n;
	const worthOf = (amounts: PositionPart['fees']): Money => {
		let sum = 0n;
		for (const { currency: coin, amount } of amounts) {
			const worth =
				coin === baseCurrency && mark !== undefined ? valueAt(amount, mark) : exchanged(amount, coin, currency, rateOf);
			if (worth === undefined) isComplete = false;
			else sum += worth;
		}
		return moneyOf(sum);
	};
	const fees = moneyOf(-worthOf(part.fees));
	const funding = worthOf(part.funding);
	const total = moneyOf(realised + unrealised + fees + funding);
	return closed({ total, realised, fees, funding, spread, isComplete });
}

type Known = Pick<ProfitSplit, 'total' | 'realised' | 'fees' | 'funding' | 'spread' | 'isComplete'>;

function closed(known: Known): ProfitSplit {
	const ofPrices = known.total - known.fees - known.funding;
	return { ...known, unrealised: moneyOf(ofPrices - known.realised), inventory: moneyOf(ofPrices - known.spread) };
}

function exchanged(amount: Money, from: string, to: string, rateOf: RateOf): Money | undefined {
	if (from === to) return amount;
	const [of, by] = [rateOf(from), rateOf(to)];
	return of === undefined || by === undefined || by === 0n ? undefined : moneyOf((amount * of) / by);
}
