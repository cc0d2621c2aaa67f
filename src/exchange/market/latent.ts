/**
 * The prices nobody sees: what each symbol is "worth" at an instant. Log prices move with one common factor and one of
 * their own; volatility itself wanders (a fast and a slow part, common to all symbols), so quiet and wild times come
 * in clusters; a weak pull towards the starting price and a hard fence keep hours of it in a sane range.
 * A symbol may follow another one instead: the same price but for a small basis that wanders around zero.
 * Statistics, so floats; nothing here is money.
 */
import type { Rng } from '../../ports/rng.ts';

export interface LatentSymbol {
	readonly symbol: string;
	readonly startPrice: number;
	/** Yearly standard deviation of the log price in ordinary times: 0.5 is 50 %. */
	readonly volatilityPerYear: number;
	/** Correlation with the common factor, 0 to 1. Two symbols correlate by the product of theirs. */
	readonly commonShare: number;
	/** The symbol that this one follows; its own numbers above then say nothing. */
	readonly latentOf?: string;
}

const YEAR_SEC = 365 * 24 * 3_600;
/** Longer gaps count as this long, so that a pause of the process is no crash of the market. */
const STEP_SEC_MAX = 1;
/** Time in which half of a deviation is forgotten. */
const PULL_HALF_LIFE_SEC = 6 * 3_600;
const PRICE_FENCE = Math.log(1.5);
/** One basis point and a half, forgotten within minutes: as far as a spot price and its perpetual drift apart on a calm day. */
const BASIS = { halfLifeSec: 120, deviation: 0.00015 };

/** A mean-reverting wander around zero with the given standard deviation in the long run. */
class Wander {
	readonly #rng: Rng;
	readonly #decayPerSec: number;
	readonly #noisePerRootSec: number;
	value = 0;

	constructor(rng: Rng, { halfLifeSec, deviation }: { halfLifeSec: number; deviation: number }) {
		this.#rng = rng;
		this.#decayPerSec = Math.LN2 / halfLifeSec;
		this.#noisePerRootSec = deviation * Math.sqrt(2 * this.#decayPerSec);
	}

	step(sec: number): void {
		this.value += -this.#decayPerSec * this.value * sec + this.#noisePerRootSec * Math.sqrt(sec) * gaussian(this.#rng);
	}
}

interface Walker {
	readonly spec: LatentSymbol;
	readonly rng: Rng;
	readonly startLog: number;
	log: number;
}

/** What a symbol's price is made of. */
interface Price {
	readonly walker: Walker;
	readonly basis: Wander | null;
}

export class LatentPrices {
	readonly #common: Rng;
	readonly #fastMood: Wander;
	readonly #slowMood: Wander;
	readonly #walkers: Walker[];
	readonly #prices: Price[];

	constructor(rng: Rng, symbols: readonly LatentSymbol[]) {
		this.#common = rng.fork('common');
		this.#fastMood = new Wander(rng.fork('fast mood'), { halfLifeSec: 45, deviation: 0.45 });
		this.#slowMood = new Wander(rng.fork('slow mood'), { halfLifeSec: 1_800, deviation: 0.35 });
		const leaders = symbols.filter(({ latentOf }) => latentOf === undefined);
		this.#walkers = leaders.map((spec) => {
			const startLog = Math.log(spec.startPrice);
			return { spec, rng: rng.fork(spec.symbol), startLog, log: startLog };
		});
		this.#prices = symbols.map(({ symbol, latentOf }) => {
			const walker = this.#walkers.find(({ spec }) => spec.symbol === (latentOf ?? symbol));
			if (walker === undefined) throw new RangeError(`${symbol} follows ${latentOf}, which has no price of its own here`);
			return { walker, basis: latentOf === undefined ? null : new Wander(rng.fork(symbol), BASIS) };
		});
	}

	/** How wild the market is now: 1 in ordinary times, above it when more happens. */
	get excitement(): number {
		return Math.exp(this.#fastMood.value + this.#slowMood.value);
	}

	step(elapsedMs: number): void {
		const sec = Math.min(Math.max(elapsedMs, 0) / 1_000, STEP_SEC_MAX);
		if (sec === 0) return;
		this.#fastMood.step(sec);
		this.#slowMood.step(sec);
		for (const { basis } of this.#prices) basis?.step(sec);
		const shock = gaussian(this.#common);
		for (const walker of this.#walkers) {
			const { commonShare, volatilityPerYear } = walker.spec;
			const own = gaussian(walker.rng) * Math.sqrt(1 - commonShare * commonShare);
			const deviation = volatilityPerYear * Math.sqrt(sec / YEAR_SEC) * this.excitement;
			const pull = (Math.LN2 / PULL_HALF_LIFE_SEC) * (walker.startLog - walker.log) * sec;
			const next = walker.log + pull + deviation * (commonShare * shock + own);
			walker.log = Math.min(Math.max(next, walker.startLog - PRICE_FENCE), walker.startLog + PRICE_FENCE);
		}
	}

	/** By place in the list of symbols. */
	price(index: number): number {
		const price = this.#prices[index];
		return price === undefined ? Number.NaN : Math.exp(price.walker.log + (price.basis?.value ?? 0));
	}
}

/** A draw from the standard normal distribution; always two draws of the generator. */
export function gaussian(rng: Rng): number {
	const radius = Math.sqrt(-2 * Math.log(1 - rng.next()));
	return radius * Math.cos(2 * Math.PI * rng.next());
}
