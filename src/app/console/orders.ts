/** Orders and fills in rows, newest first. Open ones are the engine's own; of those that are over the last are remembered. */
import { type Instrument, printPrice, printQty } from '../../domain/instrument.ts';
import { printMoney } from '../../domain/money.ts';
import { DESK, type Order } from '../../domain/order.ts';
import { isOver } from '../../domain/order-life.ts';
import { LEVELS_MAX } from '../../domain/slot.ts';
import type { Lots } from '../../domain/units.ts';
import type { FillMark } from '../../portfolio/markouts.ts';
import { shownName } from '../symbol-names.ts';
import type { QueryAnswer } from './contract.ts';
import { pageOf } from './last-ones.ts';
import type { FillRow, OrderRow } from './views.ts';
import type { Watched } from './watched.ts';
import { symbolMeant } from './watched-app.ts';

interface Filter {
	readonly symbol?: string | undefined;
	readonly venue?: string | undefined;
	readonly side?: 'buy' | 'sell' | undefined;
	readonly limit: number;
	readonly offset: number;
}

interface Seen {
	readonly order: Order;
	readonly atMs: number;
	readonly reason: string | undefined;
}

export function ordersView(
	asked: Filter & { readonly state: 'open' | 'closed' | 'all' },
	watched: Watched,
): QueryAnswer<'orders'> {
	const { clock } = watched;
	const all = asked.state === 'closed' ? [] : openSeen(watched);
	const over = asked.state === 'open' ? [] : closedSeen(watched);
	const fits = filterOf(asked, watched);
	const { total, page } = pageOf([...all, ...over], ({ order }) => fits(order), asked);
	return { atMs: clock.wallMs(), total, orders: page.map((seen) => orderRow(seen, watched)) };
}

export function fillsView(asked: Filter, watched: Watched): QueryAnswer<'fills'> {
	const { clock, figures } = watched;
	const fits = filterOf(asked, watched);
	const { total, page } = pageOf(figures.markouts.newestFirst(), ({ execution }) => fits(execution), asked);
	return { atMs: clock.wallMs(), total, fills: page.map((fill) => fillRow(fill, watched)) };
}

function filterOf({ symbol, venue, side }: Filter, { app }: Watched) {
	const only = symbol === undefined ? undefined : symbolMeant(app, symbol).index;
	return (each: { readonly instrument: Instrument; readonly side: 'buy' | 'sell' }): boolean =>
		(only === undefined || each.instrument.index === only) &&
		(venue === undefined || each.instrument.venue === venue) &&
		(side === undefined || each.side === side);
}

function openSeen({ app, clock }: Watched): Seen[] {
	const wallAheadMs = clock.wallMs() - clock.monotonicMs();
	return app.engine
		.openOrders()
		.map((order) => {
			const { heardAtMono, changedAtMono, askedAtMono, intendedAtMs } = order;
			const atMono = Math.max(heardAtMono, changedAtMono, askedAtMono);
			return { order, atMs: Number.isFinite(atMono) ? Math.floor(atMono + wallAheadMs) : intendedAtMs, reason: order.reason };
		})
		.sort((a, b) => b.order.intendedAtMs - a.order.intendedAtMs);
}

/** One that came back to life, by a fill that nobody knew of, is among the open ones. */
function closedSeen({ memory }: Watched): Seen[] {
	return [...memory.closed.newestFirst()].filter(({ order }) => isOver(order.state));
}

function orderRow({ order, atMs, reason }: Seen, watched: Watched): OrderRow {
	const { app, figures } = watched;
	const { instrument } = order;
	const aheadLots = isOver(order.state) ? undefined : figures.queue.aheadLots(order);
	return {
		...{ orderId: order.orderId, venueOrderId: order.venueOrderId ?? null },
		...{ symbol: shownName(instrument, app.instruments), venue: instrument.venue, side: order.side },
		...{ state: order.state, isOpen: !isOver(order.state) },
		...{ price: printPrice(instrument, order.priceTicks), qty: printQty(instrument, order.qtyLots) },
		filled: printQty(instrument, order.filledLots),
		...{ owner: ownerOf(order, watched), level: levelOf(order), reduceOnly: order.reduceOnly },
		...{ createdAtMs: order.intendedAtMs, updatedAtMs: atMs },
		ahead: aheadLots === undefined ? null : Number(printQty(instrument, aheadLots as Lots)),
		reason: reason === undefined || reason === '' ? null : reason,
	};
}

function fillRow({ execution, edgeBps, markoutsBps }: FillMark, { app }: Watched): FillRow {
	const { instrument, clientOrderId, venueOrderId } = execution;
	const orderId = clientOrderId === '' ? (app.engine.orders.find(execution)?.orderId ?? venueOrderId) : clientOrderId;
	return {
		...{ executionId: execution.executionId, orderId },
		...{ symbol: shownName(instrument, app.instruments), venue: instrument.venue, side: execution.side },
		...{ price: printPrice(instrument, execution.priceTicks), qty: printQty(instrument, execution.qtyLots) },
		...{ fee: printMoney(execution.fee), feeCurrency: execution.feeCurrency, isMaker: execution.isMaker },
		atMs: execution.tradedAtMs,
		edgeBps: edgeBps ?? null,
		markoutsBps: markoutsBps.map((bps) => bps ?? null),
	};
}

export function markoutsView({ app, figures }: Watched, seconds: readonly number[]): QueryAnswer<'markouts'> {
	const names = new Map(app.instruments.map((instrument) => [instrument.id, shownName(instrument, app.instruments)]));
	return {
		seconds: [...seconds],
		rows: figures.markouts.rows().map(({ instrumentId, side, fills, edgeBps, markoutsBps, counts }) => ({
			...{ symbol: names.get(instrumentId) ?? instrumentId, side, fills, edgeBps: edgeBps ?? null },
			markoutsBps: markoutsBps.map((bps) => bps ?? null),
			counts: [...counts],
		})),
	};
}

/** The strategy, the way out of a position, the trading desk, or a hand. */
function ownerOf({ quoter, parent, orderId }: Order, { app, memory }: Watched): string {
	if (quoter !== DESK) return app.engine.quoters[quoter]?.strategy.name ?? 'a strategy';
	if (memory.isOfDesk(orderId)) return 'desk';
	return parent === undefined ? 'hand' : 'flatten';
}

/** From 0, the one nearest to the touch; null for what is no level of a quote. */
function levelOf({ quoter, slot }: Order): number | null {
	return quoter === DESK || slot >= LEVELS_MAX * 2 ? null : slot % LEVELS_MAX;
}
