/**
 * What is worked out of an engine's life beside it: where profit came from, how the market moved after fills, how much
 * stands before our orders, how long both sides quoted. Fed by fills and trades as they come, and by a look each second.
 */
import type { Execution } from '../../domain/execution.ts';
import type { InstrumentIndex } from '../../domain/instrument.ts';
import { type Money, NO_MONEY } from '../../domain/money.ts';
import { type MonoMs, monoMs } from '../../domain/units.ts';
import { QuoteUptime, standsOnBothSides } from '../../engine/quote-uptime.ts';
import { QueueEstimate } from '../../execution/queue-estimate.ts';
import { Attribution, type ProfitSplit, splitOf, splitOfPosition } from '../../portfolio/attribution.ts';
import { Markouts } from '../../portfolio/markouts.ts';
import type { PortfolioSnapshot } from '../../portfolio/portfolio-snapshot.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import { MARKOUT_SECONDS } from './views.ts';
import type { WatchedApp } from './watched-app.ts';

/**
 * A fill of longer ago was heard late, after a gap of the stream or a restart: what the market says now is not what it said
 * then. The venue's clock may differ from ours by less than this, and news of a fill takes well under a second.
 */
const HEARD_LATE_MS = 2_000;

/** All profit at one moment, of everything and of each symbol. */
export interface ProfitLook {
	readonly snapshot: PortfolioSnapshot;
	readonly whole: ProfitSplit;
	/** By the id of the symbol; what was never traded is not in it. */
	readonly bySymbol: ReadonlyMap<string, ProfitSplit>;
}

export class Figures implements Disposable {
	readonly markouts = new Markouts(MARKOUT_SECONDS);
	readonly queue = new QueueEstimate();
	readonly uptime = new QuoteUptime();
	readonly #attribution = new Attribution();
	readonly #clock: Clock;
	#app: WatchedApp | undefined;
	#timer: Timer | undefined;
	#isOver = false;
	/** What went wrong at a timer. Thrown by the next look, whose caller says it: what is only shown ends no trading. */
	#broken: { readonly error: unknown } | undefined;
	/** Of the last second, shared by all who ask: looking again would move the highest profit, and with it what is journaled. */
	#profit: ProfitLook | undefined;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	watch(app: WatchedApp): void {
		this.#app = app;
	}

	[Symbol.dispose](): void {
		this.#isOver = true;
		this.#timer?.cancel();
	}

	applyFill(execution: Execution, nowMono: MonoMs): void {
		const isLate = this.#clock.wallMs() - execution.tradedAtMs > HEARD_LATE_MS;
		const midTwiceTicks = isLate ? 0 : this.#midTwiceTicks(execution.instrument.index);
		this.#attribution.applyFill(execution, midTwiceTicks);
		this.markouts.applyFill(execution, midTwiceTicks, nowMono);
		if (this.#timer === undefined && !this.#isOver) this.#lookWhenDue(nowMono);
	}

	applyTrade(instrument: InstrumentIndex, priceTicks: number, qtyLots: number): void {
		this.queue.applyTrade(instrument, priceTicks, qtyLots);
	}

	/** Each second. */
	look(nowMono: MonoMs): void {
		const app = this.#app;
		if (app === undefined) return;
		const broken = this.#broken;
		this.#broken = undefined;
		if (broken !== undefined) throw broken.error;
		this.#profit = this.#profitNow(app);
		for (const { index } of app.instruments) {
			const market = app.engine.market(index);
			if (market === undefined) continue;
			const open = app.engine.orders.openOrdersOf(index);
			this.queue.see(index, open, market.book);
			this.uptime.see(index, standsOnBothSides(open), nowMono);
		}
	}

	/** As of the last look; before there was one, of this moment. */
	profit(app: WatchedApp): ProfitLook {
		return this.#profit ?? this.#profitNow(app);
	}

	#profitNow({ portfolio, instruments }: WatchedApp): ProfitLook {
		const snapshot = portfolio.now();
		const rates = new Map<string, Money | undefined>(snapshot.coins.map(({ currency, rate }) => [currency, rate]));
		const baseOf = new Map(instruments.map(({ id, baseCurrency }) => [id, baseCurrency]));
		const bySymbol = new Map<string, ProfitSplit>();
		for (const part of snapshot.positions) {
			const { instrumentId } = part;
			const spread = this.#attribution.spreadOf(instrumentId) ?? NO_MONEY;
			const baseCurrency = baseOf.get(instrumentId) ?? '';
			bySymbol.set(instrumentId, splitOfPosition(part, { spread, rateOf: (coin) => rates.get(coin), baseCurrency }));
		}
		return { snapshot, whole: splitOf(snapshot, this.#attribution), bySymbol };
	}

	/** Of a book that can be believed; 0 where there is none. */
	#midTwiceTicks(instrument: InstrumentIndex): number {
		const market = this.#app?.engine.market(instrument);
		return market?.isBookSound === true ? market.book.midTwiceTicks : 0;
	}

	#lookWhenDue(nowMono: MonoMs): void {
		const dueInMs = this.markouts.dueInMs(nowMono);
		if (dueInMs === undefined) {
			this.#timer = undefined;
			return;
		}
		this.#timer = this.#clock.after(dueInMs, () => {
			const at = monoMs(this.#clock.monotonicMs());
			try {
				this.markouts.applyTime(at, (instrument) => this.#midTwiceTicks(instrument));
			} catch (error) {
				this.#broken = { error };
			}
			this.#lookWhenDue(at);
		});
	}
}
