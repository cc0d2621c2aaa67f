/** A line for each symbol, as numbers for screens; what is exact is decimal text. */
import { stepsToNumber } from '../../domain/grid.ts';
import { type Instrument, notionalNumber } from '../../domain/instrument.ts';
import { moneyToNumber, NO_MONEY, printMoney } from '../../domain/money.ts';
import type { MonoMs } from '../../domain/units.ts';
import type { MarketState } from '../../engine/market-state.ts';
import { quotedAround, whySides } from '../../engine/why.ts';
import type { LadderParams } from '../../strategy/index.ts';
import { shownName } from '../symbol-names.ts';
import type { ProfitLook } from './figures.ts';
import type { SymbolRow } from './views.ts';
import type { Watched } from './watched.ts';
import { nowMonoOf, shownPrice } from './watched-app.ts';

export function symbolsView(watched: Watched): { readonly atMs: number; readonly symbols: SymbolRow[] } {
	const { app, clock, figures } = watched;
	const profit = figures.profit(app);
	return { atMs: clock.wallMs(), symbols: app.instruments.flatMap((each) => symbolRow(each, watched, profit)) };
}

/** Empty where the engine does not follow it, which no symbol of an app is. */
export function symbolRow({ index }: Instrument, watched: Watched, { bySymbol }: ProfitLook): [SymbolRow] | [] {
	const { app, clock, memory, figures } = watched;
	const { engine } = app;
	const market = engine.market(index);
	if (market === undefined) return [];
	const { instrument, book } = market;
	const nowMono = nowMonoOf(clock);
	const price = (ticks: number) => shownPrice(instrument, ticks);
	const own = ownTouch(market, watched);
	const lots = engine.ledger.inventoryLots(index);
	const position = engine.ledger.position(index);
	const referenceTicks = priceTicksOf(market);
	const { fairTicks = 0, reservationTicks = 0 } = quotedAround(engine, index) ?? {};
	const { buy, sell } = whySides(engine, index, nowMono);
	return [
		{
			...{ id: instrument.id, name: shownName(instrument, app.instruments), venue: instrument.venue },
			...{ category: instrument.category, base: instrument.baseCurrency, quote: instrument.quoteCurrency },
			...{ bid: price(book.bestBidTicks), ask: price(book.bestAskTicks), mid: price(book.midTwiceTicks / 2) },
			mark: price(market.markTicks),
			spreadBps: book.isTwoSided ? ((book.bestAskTicks - book.bestBidTicks) / (book.midTwiceTicks / 2)) * 10_000 : null,
			...{ fair: price(fairTicks), reservation: price(reservationTicks) },
			...{ ownBid: price(own.bidTicks), ownAsk: price(own.askTicks) },
			bookAgeMs: Number.isFinite(market.soundAtMono) ? Math.max(0, nowMono - market.soundAtMono) : null,
			isBookTrusted: isTrusted(market, nowMono),
			position: position === undefined ? '0' : printMoney(position.inventoryBaseSigned),
			positionWorth: notionalNumber(instrument, referenceTicks, lots),
			positionMax: positionMaxOf(market, watched),
			openOrders: engine.orders.openOrdersOf(index).length,
			fills: memory.fillCount(instrument),
			profit: moneyToNumber(bySymbol.get(instrument.id)?.total ?? NO_MONEY),
			uptime: figures.uptime.share(index),
			...{ buy, sell },
			holds: engine.levels.holdsOf(index, nowMono).map((hold) => ({ ...hold })),
		},
	];
}

/** As the engine judges it, but at this moment and not at that of the last tick. */
function isTrusted(market: MarketState, nowMono: MonoMs): boolean {
	return market.isBookSound && nowMono - market.soundAtMono <= Math.max(market.bookAgeMsMax, market.bookBeatMs);
}

/** Where the venue last showed them; 0 where there is none. */
export function ownTouch(
	{ instrument: { index } }: MarketState,
	{ app: { engine } }: Watched,
): { readonly bidTicks: number; readonly askTicks: number } {
	let [bidTicks, askTicks] = [0, 0];
	for (const { side, priceTicks, shownAtMono } of engine.orders.openOrdersOf(index)) {
		if (shownAtMono === undefined) continue;
		if (side === 'buy') bidTicks = Math.max(bidTicks, priceTicks);
		else askTicks = askTicks === 0 ? priceTicks : Math.min(askTicks, priceTicks);
	}
	return { bidTicks, askTicks };
}

/** What it is valued at: the venue's mark, or where it has none the middle of the book. */
function priceTicksOf({ markTicks, exposure }: MarketState): number {
	return markTicks > 0 ? markTicks : exposure.referenceTicks;
}

/** In the base currency, by the limit of worth (PT10), or by what strategies that quote it hold at most where that is less. */
export function positionMaxOf({ instrument, exposure }: MarketState, { app: { engine } }: Watched): number | null {
	const quoters = engine.quoters.filter(({ market }) => market.instrument.index === instrument.index);
	const bands = quoters.map(({ strategy }) => bandLots(strategy.params, exposure));
	const band = bands.length === 0 ? Number.POSITIVE_INFINITY : bands.reduce((sum, lots) => sum + lots, 0);
	const lots = Math.min(engine.gate.limits.positionNotionalMax / exposure.worthOfLot, band);
	return Number.isFinite(lots) ? stepsToNumber(instrument.qtyGrid, lots) : null;
}

/** Of a ladder; of other strategies nobody knows, so nothing bounds them here. */
function bandLots(params: object | undefined, { referenceTicks, instrument }: MarketState['exposure']): number {
	const { unit, limit } = inventoryOf(params) ?? {};
	if (limit === undefined) return Number.POSITIVE_INFINITY;
	return unit === 'lots' ? limit : limit / (referenceTicks * instrument.tickLotNumber);
}

function inventoryOf(params: object | undefined): Partial<LadderParams['inventory']> | undefined {
	return params !== undefined && 'inventory' in params ? (params as Pick<LadderParams, 'inventory'>).inventory : undefined;
}
