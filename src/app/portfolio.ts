/**
 * What we have, for whoever asks: the engine's ledger at the engine's marks, and what the venues say lies in our accounts.
 * Hears events beside the engine and changes nothing in it; a look costs some microseconds a symbol and waits for nobody.
 * On a schedule it keeps a snapshot in the journal and a point of the equity curve.
 */
import type { EngineEvent } from '../domain/event.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { JournalRecord } from '../domain/journal-record.ts';
import { type Money, NO_MONEY, parseMoney } from '../domain/money.ts';
import { monoMs, type TimeMs, timeMs } from '../domain/units.ts';
import type { Engine } from '../engine/engine.ts';
import { Capital, type OwnSums } from '../portfolio/capital.ts';
import { type PortfolioSnapshot, plainPortfolio, takePortfolioSnapshot } from '../portfolio/portfolio-snapshot.ts';
import { type Mark, markOfTicks } from '../portfolio/valuation.ts';
import type { Clock, Timer } from '../ports/clock.ts';

export interface PortfolioParts {
	readonly clock: Clock;
	readonly engine: Pick<Engine, 'ledger' | 'market' | 'rateOf'>;
	readonly instruments: readonly Instrument[];
}

export interface EquityPoint {
	readonly atMs: TimeMs;
	readonly equity: Money;
	readonly profit: Money;
	readonly drawdown: Money;
}

/** A week of minutes; the oldest go first. The journal has them all. */
const POINTS_MAX = 10_080;
const RATE_DIGITS = 12;

export class Portfolio implements Disposable {
	readonly #parts: PortfolioParts;
	readonly #capital = new Capital();
	readonly #points: EquityPoint[] = [];
	#peakProfit = NO_MONEY;
	#asked: Promise<PortfolioSnapshot> | undefined;
	#timer: Timer | undefined;

	constructor(parts: PortfolioParts) {
		this.#parts = parts;
	}

	/** Every event, once the engine has taken it. */
	hear(event: EngineEvent): void {
		if (event.kind === 'balance') this.#capital.applyBalance(event, () => this.#ownSums());
		else if (event.kind === 'execution') this.#capital.applyMove(event.execution.instrument.venue, event.monoMs);
		else if (event.kind === 'funding') {
			const venue = this.#parts.engine.market(event.instrument)?.instrument.venue;
			if (venue !== undefined) this.#capital.applyMove(venue, event.monoMs);
		}
	}

	/** As it stands at this moment. */
	now(): PortfolioSnapshot {
		const { clock, engine, instruments } = this.#parts;
		const { ledger } = engine;
		const atMs = timeMs(clock.wallMs());
		const capital = this.#capital.at(monoMs(clock.monotonicMs()), () => this.#ownSums());
		const snapshot = takePortfolioSnapshot({
			...{ ledger, atMs, capital, peakProfit: this.#peakProfit },
			marks: this.#marks(),
			isCapitalKnown: this.#capital.isKnown,
			homeCurrency: instruments[0]?.quoteCurrency ?? '',
			rateOf: (currency) => exactRate(engine.rateOf(currency)),
		});
		this.#peakProfit = snapshot.total.peakProfit;
		return snapshot;
	}

	/** A moment later, when what has arrived by now is counted; all who ask until then share one. */
	getPortfolioSnapshot(): Promise<PortfolioSnapshot> {
		this.#asked ??= new Promise((resolve) => {
			this.#parts.clock.after(0, () => {
				this.#asked = undefined;
				resolve(this.now());
			});
		});
		return this.#asked;
	}

	/** Oldest first. */
	equityCurve(): readonly EquityPoint[] {
		return [...this.#points];
	}

	keepEvery(everyMs: number, keep: (record: JournalRecord) => void): void {
		this.#timer?.cancel();
		this.#timer = this.#parts.clock.after(everyMs, () => {
			const snapshot = this.now();
			const { atMs, total } = snapshot;
			this.#points.push({ atMs, equity: total.equity, profit: total.profit, drawdown: total.drawdown });
			if (this.#points.length > POINTS_MAX) this.#points.shift();
			keep({ kind: 'portfolio', atMs, portfolio: plainPortfolio(snapshot) });
			this.keepEvery(everyMs, keep);
		});
	}

	[Symbol.dispose](): void {
		this.#timer?.cancel();
	}

	/** The venue's mark, or where it has none the middle of the book. */
	#marks(): readonly Mark[] {
		const { engine, instruments } = this.#parts;
		return instruments.flatMap(({ index }) => {
			const market = engine.market(index);
			if (market === undefined) return [];
			const ticks = market.markTicks > 0 ? market.markTicks : market.exposure.referenceTicks;
			return ticks > 0 ? [markOfTicks(market.instrument, ticks)] : [];
		});
	}

	/** What the ledger says of each coin at each venue. */
	#ownSums(): OwnSums {
		const { clock, engine, instruments } = this.#parts;
		const { ledger } = engine;
		const { instruments: values } = ledger.valueAt(this.#marks(), timeMs(clock.wallMs()));
		const valueOf = new Map(values.map((value) => [value.instrumentId, value]));
		const held = Map.groupBy(
			instruments.filter(({ category, index }) => category !== 'spot' && ledger.positionLots(index) !== 0),
			({ venue, settleCurrency }) => `${venue} ${settleCurrency}`,
		);
		const changes = new Map(instruments.map(({ venue }) => [venue, ledger.balanceChanges(venue)]));
		return (venue, currency) => {
			const holdings = held.get(`${venue} ${currency}`) ?? [];
			let unrealised = 0n;
			for (const { id } of holdings) {
				const value = valueOf.get(id);
				if (value?.mark === undefined) return undefined;
				unrealised += value.unrealised;
			}
			return { changed: changes.get(venue)?.get(currency) ?? 0n, unrealised, isHolding: holdings.length > 0 };
		};
	}
}

/** To more digits than a mid has. */
function exactRate(rate: number): Money | undefined {
	return Number.isFinite(rate) ? parseMoney(rate.toFixed(RATE_DIGITS)) : undefined;
}
