/**
 * What goes on while we trade, as points of time series: prices, tick figures and profit now and then, our trades and the
 * fate of our orders as they come. Hears what the engine hears and never asks it for anything that costs; where points
 * go is handed in. Tags are bounded: venues, symbols and words from fixed lists. docs/time-series.md has the tables.
 */
import type { EngineEvent } from '../domain/event.ts';
import type { Execution, OrderReport } from '../domain/execution.ts';
import { type Instrument, priceToNumber, printPrice, printQty } from '../domain/instrument.ts';
import { moneyToNumber } from '../domain/money.ts';
import { timeMs } from '../domain/units.ts';
import type { Engine } from '../engine/engine.ts';
import type { EngineNote } from '../engine/ports.ts';
import { markOfTicks } from '../portfolio/valuation.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { Point, SeriesShape } from '../storage/influx/point.ts';
import type { Series } from '../storage/influx/point-outbox.ts';

export interface PointSink {
	writePoint(point: Point): void;
	series(shape: SeriesShape): Series;
}

export interface TimeSeriesParts {
	readonly clock: Clock;
	readonly sink: PointSink;
	/** Between two points of the same price. */
	readonly everyMs: number;
}

const PRICE_FIELDS = ['bid', 'ask', 'mid', 'mark', 'last', 'funding_rate', 'position'];
const TICK_FIELDS = ['p50_ms', 'p95_ms', 'p99_ms', 'ticks', 'overruns', 'calls', 'commands'];
const PNL_FIELDS = ['equity', 'total', 'realised', 'unrealised', 'fees', 'funding'];
/** Where there is none. */
const NONE = Number.NaN;

export class TimeSeries implements Disposable {
	readonly #parts: TimeSeriesParts;
	readonly #prices = new Map<string, Series>();
	readonly #pnl = new Map<string, Series>();
	readonly #ticks: Series;
	#timer: Timer | undefined;

	constructor(parts: TimeSeriesParts) {
		this.#parts = parts;
		this.#ticks = parts.sink.series({ measurement: 'ticks', tags: {}, fields: TICK_FIELDS });
	}

	/** Looks at it now and then, from here on. */
	watch(engine: Pick<Engine, 'market' | 'ledger' | 'getStats'>, instruments: readonly Instrument[]): void {
		this.#timer = this.#parts.clock.after(this.#parts.everyMs, () => {
			this.watch(engine, instruments);
			const atMs = Math.floor(this.#parts.clock.wallMs());
			for (const { index } of instruments) this.#writePrices(engine, index, atMs);
			this.#writeTicks(engine, atMs);
			this.#writePnl(engine, instruments, atMs);
		});
	}

	/** Every event, of which there are many. */
	hear(event: EngineEvent): void {
		if (event.kind === 'orderReport' && event.report.source === 'stream') this.#writeOrder(event.report);
	}

	hearNote(note: EngineNote): void {
		if (note.kind === 'filled') this.#writeTrade(note.execution);
	}

	[Symbol.dispose](): void {
		this.#timer?.cancel();
	}

	#writePrices(engine: Pick<Engine, 'market'>, index: Instrument['index'], atMs: number): void {
		const market = engine.market(index);
		if (market === undefined) return;
		const { instrument, book } = market;
		const price = (ticks: number): number => (ticks > 0 ? priceToNumber(instrument, ticks) : NONE);
		const isSound = market.isBookSound;
		this.#pricesOf(instrument).write(
			atMs,
			isSound ? price(book.bestBidTicks) : NONE,
			isSound ? price(book.bestAskTicks) : NONE,
			isSound ? price(book.midTwiceTicks / 2) : NONE,
			price(market.markTicks),
			price(market.lastTradeTicks),
			instrument.category === 'spot' ? NONE : market.fundingRate,
			Number(printQty(instrument, market.positionLotsSigned)),
		);
	}

	#pricesOf(instrument: Instrument): Series {
		return kept(this.#prices, instrument.id, () =>
			this.#parts.sink.series({ measurement: 'prices', tags: tagsOf(instrument), fields: PRICE_FIELDS }),
		);
	}

	#writeTicks(engine: Pick<Engine, 'getStats'>, atMs: number): void {
		const stats = engine.getStats();
		const { p50_tick_ms: p50, p95_tick_ms: p95, p99_tick_ms: p99 } = stats;
		this.#ticks.write(atMs, p50, p95, p99, stats.ticks, stats.overruns, stats.calls, stats.total_commands);
	}

	/** Of each coin. */
	#writePnl(engine: Pick<Engine, 'market' | 'ledger'>, instruments: readonly Instrument[], atMs: number): void {
		const marks = instruments.flatMap(({ index }) => {
			const market = engine.market(index);
			return market === undefined || market.markTicks <= 0 ? [] : [markOfTicks(market.instrument, market.markTicks)];
		});
		for (const row of engine.ledger.valueAt(marks, timeMs(atMs)).currencies) {
			const series = kept(this.#pnl, row.currency, () =>
				this.#parts.sink.series({ measurement: 'pnl', tags: { currency: row.currency }, fields: PNL_FIELDS }),
			);
			const equity = moneyToNumber(row.equity);
			series.write(
				atMs,
				equity,
				equity - moneyToNumber(row.capital),
				moneyToNumber(row.realised),
				moneyToNumber(row.unrealised),
				moneyToNumber(row.fees),
				moneyToNumber(row.funding),
			);
		}
	}

	#writeTrade(execution: Execution): void {
		const { instrument, side, isMaker, feeCurrency } = execution;
		this.#parts.sink.writePoint({
			measurement: 'trades',
			tags: { ...tagsOf(instrument), side, liquidity: isMaker ? 'maker' : 'taker' },
			fields: {
				price: Number(printPrice(instrument, execution.priceTicks)),
				qty: Number(printQty(instrument, execution.qtyLots)),
				fee: moneyToNumber(execution.fee),
				fee_currency: feeCurrency,
				order_id: execution.clientOrderId,
				execution_id: execution.executionId,
			},
			atMs: execution.tradedAtMs,
		});
	}

	#writeOrder(report: OrderReport): void {
		const { instrument, side, status } = report;
		this.#parts.sink.writePoint({
			measurement: 'orders',
			tags: { ...tagsOf(instrument), side, status },
			fields: {
				price: Number(printPrice(instrument, report.priceTicks)),
				qty: Number(printQty(instrument, report.qtyLots)),
				filled: Number(printQty(instrument, report.filledLots)),
				order_id: report.clientOrderId,
			},
			atMs: report.updatedAtMs,
		});
	}
}

function tagsOf({ venue, category, symbol }: Instrument): Readonly<Record<string, string>> {
	return { venue, category, symbol };
}

function kept(known: Map<string, Series>, key: string, make: () => Series): Series {
	let series = known.get(key);
	if (series === undefined) {
		series = make();
		known.set(key, series);
	}
	return series;
}
