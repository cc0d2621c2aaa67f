/** The book of one symbol with our orders in it, and what its strategy wants. */
import { stepsToNumber } from '../../domain/grid.ts';
import { type Instrument, priceToNumber } from '../../domain/instrument.ts';
import type { Order } from '../../domain/order.ts';
import type { Side } from '../../domain/side.ts';
import { LEVELS_MAX, quoteSlot } from '../../domain/slot.ts';
import type { MarketState } from '../../engine/market-state.ts';
import type { Quoter } from '../../engine/quoter.ts';
import { symbolRow } from './symbols.ts';
import type { SymbolView } from './views.ts';
import type { Watched } from './watched.ts';
import { shownPrice, symbolMeant, UnknownSymbol } from './watched-app.ts';

type Depth = SymbolView['bids'];
type Targets = SymbolView['targets'];

export function symbolView({ symbol, depth }: { readonly symbol: string; readonly depth: number }, watched: Watched): SymbolView {
	const { app, clock, figures } = watched;
	const { index } = symbolMeant(app, symbol);
	const market = app.engine.market(index);
	const [row] = market === undefined ? [] : symbolRow(market.instrument, watched, figures.profit(app));
	if (market === undefined || row === undefined) throw new UnknownSymbol(`${symbol} is not followed`);
	const { instrument } = market;
	// As it is at this moment, and not as of the last second.
	figures.queue.see(index, app.engine.orders.openOrdersOf(index), market.book);
	const quoters = app.engine.quoters.filter((each) => each.market === market);
	const [first] = quoters;
	return {
		...{ atMs: clock.wallMs(), row },
		...{ bids: depthOf(market, 'buy', depth, watched), asks: depthOf(market, 'sell', depth, watched) },
		...{ tickSize: Number(instrument.priceGrid.step), lotSize: Number(instrument.qtyGrid.step) },
		targets: quoters.flatMap(targetsOf),
		strategy: first === undefined ? null : { name: first.strategy.name, params: first.strategy.params ?? null },
		lastTrade: shownPrice(instrument, market.lastTradeTicks),
		fundingRate: instrument.category === 'spot' ? null : market.fundingRate,
	};
}

/** The best levels of a side, from the touch outwards; empty while there is no book. */
function depthOf({ book, instrument }: MarketState, side: Side, depth: number, { app, figures }: Watched): Depth {
	const own = ownAt(app.engine.orders.openOrdersOf(instrument.index), side);
	const count = Math.min(depth, side === 'buy' ? book.bidCount : book.askCount);
	return Array.from({ length: count }, (_, at) => {
		const ticks = side === 'buy' ? book.bidTicksAt(at) : book.askTicksAt(at);
		const orders = own.get(ticks) ?? [];
		const ahead = orders.map((order) => figures.queue.aheadLots(order)).filter((lots) => lots !== undefined);
		return {
			price: priceToNumber(instrument, ticks),
			qty: qtyOf(instrument, side === 'buy' ? book.bidLotsAt(at) : book.askLotsAt(at)),
			own: qtyOf(
				instrument,
				orders.reduce((lots, { qtyLots, filledLots }) => lots + qtyLots - filledLots, 0),
			),
			ahead: ahead.length === 0 ? null : qtyOf(instrument, Math.min(...ahead)),
		};
	});
}

/** By price; only those that the venue has shown. */
function ownAt(open: readonly Order[], side: Side): ReadonlyMap<number, readonly Order[]> {
	const shown = open.filter((order) => order.side === side && order.shownAtMono !== undefined);
	return Map.groupBy(shown, ({ priceTicks }) => priceTicks);
}

function targetsOf({ targets, market: { instrument } }: Quoter): Targets {
	return (['buy', 'sell'] as const).flatMap((side) => {
		const count = Math.min(LEVELS_MAX, side === 'buy' ? targets.buyLevels : targets.sellLevels);
		return Array.from({ length: count }, (_, level) => {
			const slot = quoteSlot(side, level);
			const price = priceToNumber(instrument, targets.priceTicks[slot] ?? 0);
			return { side, level, price, qty: qtyOf(instrument, targets.qtyLots[slot] ?? 0) };
		}).filter(({ qty }) => qty > 0);
	});
}

function qtyOf({ qtyGrid }: Instrument, lots: number): number {
	return stepsToNumber(qtyGrid, lots);
}
