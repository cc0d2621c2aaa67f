/** What is worked out beside the engine: of fills as they are heard, and of profit as of the last second. */
import { expect, test } from 'vitest';
import { Desk } from '../../../test/fixtures/desk.ts';
import { makeTestExecution } from '../../../test/fixtures/executions.ts';
import { BTCUSDT } from '../../../test/fixtures/instruments.ts';
import { Scripted } from '../../../test/fixtures/scripted.ts';
import { monoMs, timeMs } from '../../domain/units.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { Portfolio } from '../portfolio.ts';
import { Figures } from './figures.ts';
import type { WatchedApp } from './watched-app.ts';

const START_MS = 1_767_225_600_000;

/** The middle of the book is 65 010, ten above the price of each fill, which is a buy. */
function scene() {
	const clock = new VirtualClock(START_MS);
	const desk = new Desk({ instruments: [BTCUSDT], strategy: new Scripted() });
	const portfolio = new Portfolio({ clock, engine: desk.engine, instruments: desk.instruments });
	const app = { engine: desk.engine, portfolio, instruments: desk.instruments } as unknown as WatchedApp;
	const figures = new Figures(clock);
	figures.watch(app);
	clock.run(60_000);
	desk.nowMs = clock.monotonicMs();
	desk.book(BTCUSDT, 650_099, 650_101);
	for (const currency of ['USDT', 'BTC', 'ETH'])
		portfolio.hear({ kind: 'balance', venue: 'bybit', currency, free: 0n, total: 0n, ...desk.at() } as never);
	const now = () => monoMs(clock.monotonicMs());
	const fill = (agoMs: number): void => {
		const execution = makeTestExecution({ id: `e${agoMs}`, tradedAtMs: timeMs(clock.wallMs() - agoMs) });
		desk.step({ kind: 'execution', execution, ...desk.at() });
		figures.applyFill(execution, now());
	};
	const markAt = (markTicks: number): void => {
		const told = { markTicks, fundingRate: 0, nextFundingAtMs: timeMs(0) };
		desk.step({ kind: 'mark', instrument: BTCUSDT.index, ...told, ...desk.at() });
	};
	const edges = () => [...figures.markouts.newestFirst()].map(({ edgeBps }) => edgeBps !== undefined);
	const markouts = () => [...figures.markouts.newestFirst()].map(({ markoutsBps }) => markoutsBps[0]);
	return { clock, portfolio, app, figures, now, fill, markAt, edges, markouts };
}

test('a fill that is heard late has no edge: what the market says by then is not what it said', () => {
	const { figures, app, fill, edges } = scene();
	fill(2_001);
	fill(30_000);
	expect(edges()).toEqual([false, false]);
	expect(figures.profit(app).whole.spread).toBe(0n);
	fill(2_000);
	expect(edges()).toEqual([true, false, false]);
	expect(figures.profit(app).whole.spread).toBeGreaterThan(0n);
});

test('a fill after the end starts no timer', () => {
	const { clock, figures, fill, markouts } = scene();
	figures[Symbol.dispose]();
	fill(0);
	clock.run(120_000);
	expect(markouts()).toEqual([undefined]);
});

test('what fails at the timer of a fill is said by the next look, and later fills are looked at', () => {
	const { clock, app, figures, now, fill, markouts } = scene();
	fill(0);
	const { engine } = app;
	figures.watch({ ...app, engine: { market: () => expect.unreachable('the timer') } as never });
	clock.run(60_000);
	figures.watch({ ...app, engine });
	expect(() => figures.look(now())).toThrow('the timer');
	figures.look(now());
	fill(0);
	clock.run(60_000);
	expect(markouts()).toEqual([expect.any(Number), undefined]);
});

test('whoever asks for profit moves nothing: all see that of the last second', () => {
	const { portfolio, app, figures, now, fill, markAt } = scene();
	fill(0);
	markAt(650_000);
	figures.look(now());
	const seen = figures.profit(app);
	markAt(660_000);
	expect(figures.profit(app)).toBe(seen);
	markAt(650_000);
	// The peak between two seconds was seen by nobody, so nothing was lost since.
	expect(portfolio.now()).toMatchObject({ isComplete: true, total: { drawdown: 0n } });
	markAt(660_000);
	figures.look(now());
	expect(figures.profit(app).whole.total).toBeGreaterThan(seen.whole.total);
});
