/**
 * How it has been, by the second: prices, quotes, what is held and where profit came from, in columns of numbers that are
 * made once and written round and round. Of symbols that somebody looks at, the depth of the book as well, for a map.
 */
import { stepsToNumber } from '../../domain/grid.ts';
import { priceToNumber, printPrice, printQty } from '../../domain/instrument.ts';
import { type Money, moneyToNumber, NO_MONEY } from '../../domain/money.ts';
import type { MarketState } from '../../engine/market-state.ts';
import { quotedAround } from '../../engine/why.ts';
import type { ProfitSplit } from '../../portfolio/attribution.ts';
import { shownName } from '../symbol-names.ts';
import { DepthMap, NO_DEPTH } from './depth-map.ts';
import { thinned } from './last-ones.ts';
import { ownTouch, positionMaxOf } from './symbols.ts';
import type { HistoryView } from './views.ts';
import type { Watched } from './watched.ts';
import { symbolMeant } from './watched-app.ts';

/** An hour. */
export const SAMPLES_KEPT = 3_600;
/** Of all symbols together: with very many of them the hour becomes shorter. */
const NUMBERS_MAX = 2_500_000;
/** Of the fills in one answer. */
const FILLS_MAX = 1_000;
/** In one answer; of more, every second one or fewer: a chart is no wider. */
const ROWS_SHOWN_MAX = 1_200;
/** So long after the last look at a symbol nobody watches it any more. */
const WATCHED_FOR_MS = 60_000;
/** Symbols that are watched at a time; a further one waits until another is let go. */
const WATCHED_MAX = 16;

const COLUMNS = [
	...['mid', 'fair', 'reservation', 'ownBid', 'ownAsk', 'position', 'positionMax'],
	...['profit', 'spread', 'inventory', 'fees', 'funding'],
] as const;
type Column =
	| 'mid'
	| 'fair'
	| 'reservation'
	| 'ownBid'
	| 'ownAsk'
	| 'position'
	| 'positionMax'
	| 'profit'
	| 'spread'
	| 'inventory'
	| 'fees'
	| 'funding';
type Sample = Readonly<Partial<Record<Column, number | null>>>;

export interface HistoryAsked {
	readonly symbol?: string | undefined;
	readonly sinceMs: number;
	readonly depth: boolean;
}

interface WatchedDepth {
	readonly map: DepthMap;
	lookedAtMs: number;
}

export class History {
	readonly #rowsMax: number;
	readonly #atMs: Float64Array;
	/** By the id of the symbol, and '' for all of them together. */
	readonly #columns = new Map<string, Float64Array>();
	readonly #depths = new Map<string, WatchedDepth>();
	#count = 0;

	constructor(symbolCount: number) {
		this.#rowsMax = Math.min(SAMPLES_KEPT, Math.floor(NUMBERS_MAX / ((symbolCount + 1) * COLUMNS.length)));
		this.#atMs = new Float64Array(this.#rowsMax);
	}

	/** Each second. */
	look(watched: Watched): void {
		const { app, clock, figures } = watched;
		const { whole, bySymbol } = figures.profit(app);
		const atMs = clock.wallMs();
		this.#atMs[this.#count % this.#rowsMax] = atMs;
		this.#write('', profitPart(whole));
		for (const { index } of app.instruments) {
			const market = app.engine.market(index);
			if (market !== undefined) this.#write(market.instrument.id, sampleOf(market, watched, bySymbol));
		}
		this.#count += 1;
		for (const [id, depth] of this.#depths) this.#lookDeep(id, depth, { watched, atMs });
	}

	view({ symbol, sinceMs, depth }: HistoryAsked, watched: Watched): HistoryView {
		const instrument = symbol === undefined ? undefined : symbolMeant(watched.app, symbol);
		const id = instrument?.id ?? '';
		const rows = thinned(this.#rowsSince(sinceMs), ROWS_SHOWN_MAX);
		const columns = this.#columns.get(id);
		const series = (name: Column): (number | null)[] => {
			const column = COLUMNS.indexOf(name);
			return rows.map((row) => {
				const value = columns?.[row * COLUMNS.length + column];
				return value === undefined || Number.isNaN(value) ? null : value;
			});
		};
		return {
			symbol: instrument === undefined ? '' : shownName(instrument, watched.app.instruments),
			atMs: rows.map((row) => this.#atMs[row] ?? 0),
			...{ mid: series('mid'), fair: series('fair'), reservation: series('reservation') },
			...{ ownBid: series('ownBid'), ownAsk: series('ownAsk') },
			...{ position: series('position'), positionMax: series('positionMax'), profit: series('profit') },
			...{ spread: series('spread'), inventory: series('inventory'), fees: series('fees'), funding: series('funding') },
			fills: fillsOf(watched, { id, sinceMs }),
			depth: depth && instrument !== undefined ? this.#depthOf(id, sinceMs, watched) : NO_DEPTH,
		};
	}

	/** From here on its depth is kept, as long as somebody asks for it now and then. */
	watch(id: string, nowMs: number): WatchedDepth | undefined {
		const known = this.#depths.get(id);
		if (known !== undefined) {
			known.lookedAtMs = nowMs;
			return known;
		}
		if (this.#depths.size >= WATCHED_MAX) return undefined;
		const depth = { map: new DepthMap(), lookedAtMs: nowMs };
		this.#depths.set(id, depth);
		return depth;
	}

	#write(id: string, sample: Sample): void {
		let columns = this.#columns.get(id);
		if (columns === undefined) {
			columns = new Float64Array(this.#rowsMax * COLUMNS.length).fill(Number.NaN);
			this.#columns.set(id, columns);
		}
		const at = (this.#count % this.#rowsMax) * COLUMNS.length;
		for (let column = 0; column < COLUMNS.length; column += 1) {
			const name = COLUMNS[column] as Column;
			columns[at + column] = sample[name] ?? Number.NaN;
		}
	}

	/** Oldest first. */
	#rowsSince(sinceMs: number): number[] {
		const rows: number[] = [];
		for (let back = Math.min(this.#count, this.#rowsMax); back >= 1; back -= 1) {
			const row = (this.#count - back) % this.#rowsMax;
			if ((this.#atMs[row] ?? 0) > sinceMs) rows.push(row);
		}
		return rows;
	}

	#lookDeep(id: string, { map, lookedAtMs }: WatchedDepth, at: { readonly watched: Watched; readonly atMs: number }): void {
		const { watched, atMs } = at;
		if (atMs - lookedAtMs > WATCHED_FOR_MS) {
			this.#depths.delete(id);
			return;
		}
		const market = marketOf(id, watched);
		if (market !== undefined) map.look(market, atMs);
	}

	#depthOf(id: string, sinceMs: number, watched: Watched): HistoryView['depth'] {
		return this.watch(id, watched.clock.wallMs())?.map.since(sinceMs) ?? NO_DEPTH;
	}
}

function marketOf(id: string, { app }: Watched): MarketState | undefined {
	const instrument = app.instruments.find((each) => each.id === id);
	return instrument === undefined ? undefined : app.engine.market(instrument.index);
}

function sampleOf(market: MarketState, watched: Watched, bySymbol: ReadonlyMap<string, ProfitSplit>): Sample {
	const { instrument, book } = market;
	const { engine } = watched.app;
	const price = (ticks: number): number => (ticks > 0 ? priceToNumber(instrument, ticks) : Number.NaN);
	const own = ownTouch(market, watched);
	const { fairTicks = 0, reservationTicks = 0 } = quotedAround(engine, instrument.index) ?? {};
	return {
		...{
			mid: market.isBookSound ? price(book.midTwiceTicks / 2) : null,
			fair: price(fairTicks),
			reservation: price(reservationTicks),
		},
		...{ ownBid: price(own.bidTicks), ownAsk: price(own.askTicks) },
		position: stepsToNumber(instrument.qtyGrid, engine.ledger.inventoryLots(instrument.index)),
		positionMax: positionMaxOf(market, watched),
		...profitPart(bySymbol.get(instrument.id)),
	};
}

function profitPart(split: ProfitSplit | undefined): Sample {
	const { total = NO_MONEY, spread = NO_MONEY, inventory = NO_MONEY, fees = NO_MONEY, funding = NO_MONEY } = split ?? {};
	const number = (money: Money): number => moneyToNumber(money);
	return {
		profit: number(total),
		spread: number(spread),
		inventory: number(inventory),
		fees: number(fees),
		funding: number(funding),
	};
}

/** Oldest first; the last so many. */
function fillsOf(
	{ figures, clock }: Watched,
	{ id, sinceMs }: { readonly id: string; readonly sinceMs: number },
): HistoryView['fills'] {
	const fills: HistoryView['fills'] = [];
	const wallAheadMs = clock.wallMs() - clock.monotonicMs();
	for (const { execution, atMono } of figures.markouts.newestFirst()) {
		const { instrument, side, priceTicks, qtyLots, tradedAtMs } = execution;
		if (fills.length >= FILLS_MAX) break;
		// By when we heard of it: who asks for what is new since his last look must not miss what came late.
		if (atMono + wallAheadMs <= sinceMs || (id !== '' && instrument.id !== id)) continue;
		fills.push({
			atMs: tradedAtMs,
			side,
			price: Number(printPrice(instrument, priceTicks)),
			qty: Number(printQty(instrument, qtyLots)),
		});
	}
	return fills.reverse();
}
