/** Columns that are written round and round: what is asked for comes in order, once, and however long it runs. */
import { expect, test } from 'vitest';
import { Desk } from '../../../test/fixtures/desk.ts';
import { makeTestInstrument } from '../../../test/fixtures/instruments.ts';
import { type Money, NO_MONEY, parseMoney } from '../../domain/money.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { LADDER_DEFAULTS, ladder } from '../../strategy/index.ts';
import { COLUMNS_KEPT, DepthMap, STEPS } from './depth-map.ts';
import type { Figures } from './figures.ts';
import { History, SAMPLES_KEPT } from './history.ts';
import { Memory } from './memory.ts';
import type { Watched } from './watched.ts';

const BTC = makeTestInstrument();

function scene() {
	const clock = new VirtualClock(1_000_000);
	const desk = new Desk({ instruments: [BTC], strategy: ladder(LADDER_DEFAULTS) });
	desk.book(BTC, 650_000, 650_010);
	const split = (total: Money) => ({
		total,
		realised: total,
		unrealised: NO_MONEY,
		fees: NO_MONEY,
		funding: NO_MONEY,
		spread: NO_MONEY,
		inventory: total,
		isComplete: true,
	});
	let profit = 0;
	const memory = new Memory(clock);
	const figures = {
		markouts: memory.figures.markouts,
		profit: () => {
			profit += 1;
			const total = parseMoney(String(profit)) ?? NO_MONEY;
			return { whole: split(total), bySymbol: new Map([[BTC.id, split(total)]]) };
		},
	} as unknown as Figures;
	const watched = { app: { engine: desk.engine, instruments: [BTC] }, clock, memory, figures } as unknown as Watched;
	const history = new History(1);
	const second = (): void => {
		clock.after(1_000, () => {});
		clock.run(1_000);
		history.look(watched);
	};
	return { clock, desk, history, watched, second };
}

const ASKED = { sinceMs: 0, depth: false };

test('after more than an hour the oldest are gone, the rest is in order, and an answer is no longer than a chart is wide', () => {
	const { history, watched, second } = scene();
	const count = SAMPLES_KEPT + 25;
	for (let at = 0; at < count; at += 1) second();
	const { atMs, profit } = history.view({ ...ASKED, symbol: 'BTCUSDT' }, watched);
	expect(atMs.length).toBe(1_200);
	expect(profit.at(-1)).toBe(count);
	expect(profit[0]).toBeGreaterThan(25);
	for (const [at, ms] of atMs.entries()) if (at > 0) expect(ms).toBe((atMs[at - 1] ?? 0) + 3_000);
	const last = history.view({ ...ASKED, sinceMs: atMs.at(-2) ?? 0 }, watched);
	expect(last.profit).toEqual([count - 2, count - 1, count]);
	expect(last.mid).toEqual([null, null, null]);
});

test('prices are those of the book, and where it cannot be believed there is none', () => {
	const { desk, history, watched, second } = scene();
	second();
	desk.step({ kind: 'bookLost', instrument: BTC.index, reason: 'gap', ...desk.at() });
	second();
	const { mid } = history.view({ ...ASKED, symbol: 'BTCUSDT' }, watched);
	expect(mid).toEqual([65_000.5, null]);
});

test('nobody looks at a symbol any more: its depth is let go, so that others have room', () => {
	const { history, watched, second } = scene();
	const asked = { symbol: 'BTCUSDT', sinceMs: 0, depth: true };
	history.view(asked, watched);
	second();
	expect(history.view(asked, watched).depth.atMs.length).toBe(1);
	for (let at = 0; at < 70; at += 1) second();
	expect(history.view(asked, watched).depth.atMs.length).toBe(0);
});

test('a map of depth has each quantity at its price, bounded in both directions', () => {
	const { desk } = scene();
	const market = desk.engine.market(BTC.index)!;
	const map = new DepthMap();
	for (let at = 1; at <= COLUMNS_KEPT + 5; at += 1) map.look(market, at);
	const { atMs, low, step, qty } = map.since(0);
	expect([atMs.length, atMs.at(-1)]).toEqual([Math.ceil(COLUMNS_KEPT / 2), COLUMNS_KEPT + 5]);
	expect(qty.every((column) => column.length === STEPS)).toBe(true);
	const filled = (qty.at(-1) ?? []).flatMap((each, at) => (each > 0 ? [{ from: (low.at(-1) ?? 0) + at * step, each }] : []));
	// The best bid and the best ask of the fixture, each of a thousand lots.
	expect(filled.map(({ each }) => each)).toEqual([10, 10]);
	for (const [at, price] of [65_000, 65_001].entries()) {
		expect(filled[at]?.from).toBeLessThanOrEqual(price);
		expect((filled[at]?.from ?? 0) + step).toBeGreaterThan(price);
	}
});
