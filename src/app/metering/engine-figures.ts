/**
 * What an engine knows of itself, told as figures when somebody looks: what it holds, where it quotes, what it may do.
 * Reads and changes nothing; some microseconds a symbol.
 */
import { VERBS } from '../../domain/command.ts';
import { type Instrument, priceToNumber, printQty } from '../../domain/instrument.ts';
import { moneyToNumber, NO_MONEY } from '../../domain/money.ts';
import { isInBook } from '../../domain/order-life.ts';
import type { Side } from '../../domain/side.ts';
import { type MonoMs, monoMs } from '../../domain/units.ts';
import type { MarketState } from '../../engine/market-state.ts';
import type { QuoteUptime } from '../../engine/quote-uptime.ts';
import type { Clock } from '../../ports/clock.ts';
import { FIGURES, type FigureSource, type Tell } from '../../telemetry/figures-catalogue.ts';
import type { App } from '../app.ts';
import type { ProfitLook } from '../console/figures.ts';

export type FiguredApp = Pick<App, 'engine' | 'portfolio' | 'instruments' | 'venues'>;

/** What is worked out of the engine's life beside it. */
export interface Worked {
	profit(app: FiguredApp): ProfitLook;
	readonly uptime: Pick<QuoteUptime, 'share'>;
}

interface Looking {
	readonly app: FiguredApp;
	readonly nowMono: MonoMs;
	readonly worked: Worked;
}

/** A fraction of a millisecond. */
const SYMBOLS_AT_ONCE = 25;
const LEVELS = { run: 0, pauseQuoting: 1, reduceOnly: 2, kill: 3 };
const BREAKERS = { closed: 0, 'half-open': 1, open: 2 };

export function engineFigures(
	app: FiguredApp,
	{ clock, worked }: { readonly clock: Clock; readonly worked: Worked },
): FigureSource {
	return function* (tell) {
		const profit = worked.profit(app);
		tellWealth(tell, profit);
		tellPositions(tell, app.instruments, profit);
		yield;
		const looking = { app, nowMono: monoMs(clock.monotonicMs()), worked };
		tellOrders(tell, looking);
		tellSafety(tell, looking);
		tellVenues(tell, looking);
		for (const [at, instrument] of app.instruments.entries()) {
			if (at % SYMBOLS_AT_ONCE === 0) yield;
			tellSymbol(tell, instrument, { ...looking, nowMono: monoMs(clock.monotonicMs()) });
		}
	};
}

function tellWealth(tell: Tell, { snapshot: { total }, whole }: ProfitLook): void {
	for (const part of FIGURES.pnl.labels.part) tell('pnl', { part }, moneyToNumber(whole[part]));
	tell('pnlIsComplete', {}, whole.isComplete ? 1 : 0);
	tell('equity', {}, moneyToNumber(total.equity));
	tell('drawdown', {}, moneyToNumber(total.drawdown));
	tell('drawdownRatio', {}, total.drawdownRatio);
	tell('exposure', { kind: 'gross' }, moneyToNumber(total.grossExposure));
	tell('exposure', { kind: 'net' }, moneyToNumber(total.netExposure));
}

/** Of what was never traded, nothing is held and nothing was earned. */
function tellPositions(tell: Tell, instruments: readonly Instrument[], { snapshot, bySymbol }: ProfitLook): void {
	const worth = new Map(snapshot.positions.map(({ instrumentId, netExposure }) => [instrumentId, netExposure]));
	for (const { id: symbol } of instruments) {
		tell('inventoryWorth', { symbol }, moneyToNumber(worth.get(symbol) ?? NO_MONEY));
		tell('symbolPnl', { symbol }, moneyToNumber(bySymbol.get(symbol)?.total ?? NO_MONEY));
	}
}

function tellOrders(tell: Tell, { app: { engine } }: Looking): void {
	const byState = new Map<string, number>();
	for (const { state } of engine.openOrders()) byState.set(state, (byState.get(state) ?? 0) + 1);
	for (const state of FIGURES.orders.labels.state) tell('orders', { state }, byState.get(state) ?? 0);
	const { ticks, overruns, dropped, coalesce_stats: counts } = engine.getStats();
	tell('ticks', {}, ticks);
	tell('overruns', {}, overruns);
	tell('dropped', {}, dropped);
	for (const op of VERBS) {
		tell('commands', { op }, counts[op].commands);
		tell('calls', { op }, counts[op].calls);
	}
	for (const [code, count] of Object.entries(engine.gate.denials)) tell('denials', { code }, count);
}

function tellSafety(tell: Tell, { app: { engine }, nowMono }: Looking): void {
	tell('riskLevel', {}, LEVELS[engine.levels.level]);
	tell('comparing', {}, engine.isInDoubt ? 1 : 0);
	tell('flattening', {}, engine.isFlattening ? 1 : 0);
	tell('journalLag', {}, engine.journalDelayMs(nowMono) / 1_000);
}

function tellVenues(tell: Tell, { app: { engine, venues, instruments }, nowMono }: Looking): void {
	for (const { name: exchange, isReady, breakers = [] } of venues) {
		tell('ready', { exchange }, isReady ? 1 : 0);
		for (const { name, state } of breakers) tell('breaker', { exchange, endpoint: name }, BREAKERS[state]);
		const instrument = instruments.find(({ venue }) => venue === exchange);
		const market = instrument === undefined ? undefined : engine.market(instrument.index);
		if (market !== undefined) tell('clockOffset', { exchange }, market.clock.offsetMs / 1_000);
	}
	for (const { venue, name, limit, left } of engine.budgetFigures(nowMono)) {
		tell('budgetLeft', { exchange: venue, limit: name }, left / limit);
	}
}

function tellSymbol(tell: Tell, { index, id: symbol }: Instrument, { app: { engine }, nowMono, worked }: Looking): void {
	const market = engine.market(index);
	if (market === undefined) return;
	const { instrument, isBookSound, book } = market;
	const ageMs = nowMono - market.soundAtMono;
	tell('bookAge', { symbol }, ageMs / 1_000);
	tell('bookTrusted', { symbol }, isBookSound && ageMs <= Math.max(market.bookAgeMsMax, market.bookBeatMs) ? 1 : 0);
	tell('uptime', { symbol }, worked.uptime.share(index));
	tell('held', { symbol }, engine.levels.holdsOf(index, nowMono).length > 0 ? 1 : 0);
	tell('inventory', { symbol }, Number(printQty(instrument, market.positionLotsSigned)));
	const midTicks = book.midTwiceTicks / 2;
	if (isBookSound) {
		tell('midPrice', { symbol }, priceToNumber(instrument, midTicks));
		tell('marketSpread', { symbol }, bpsOf(book.bestAskTicks - book.bestBidTicks, midTicks));
	}
	tellOwnQuotes(tell, symbol, { engine, market, midTicks });
}

function tellOwnQuotes(
	tell: Tell,
	symbol: string,
	{
		engine,
		market,
		midTicks,
	}: { readonly engine: FiguredApp['engine']; readonly market: MarketState; readonly midTicks: number },
): void {
	const open = { buy: 0, sell: 0 };
	const best: Partial<Record<Side, number>> = {};
	for (const { side, state, priceTicks } of engine.orders.openOrdersOf(market.instrument.index)) {
		open[side] += 1;
		if (!isInBook(state)) continue;
		const known = best[side];
		best[side] = known === undefined ? priceTicks : side === 'buy' ? Math.max(known, priceTicks) : Math.min(known, priceTicks);
	}
	for (const side of ['buy', 'sell'] as const) {
		tell('openOrders', { symbol, side }, open[side]);
		tell('quoting', { symbol, side }, best[side] === undefined ? 0 : 1);
	}
	if (best.buy !== undefined && best.sell !== undefined && market.isBookSound) {
		tell('quoteSpread', { symbol }, bpsOf(best.sell - best.buy, midTicks));
	}
}

function bpsOf(ticks: number, midTicks: number): number {
	return (ticks / midTicks) * 10_000;
}
