/** What is told while we trade: points of time series, and the latest state of each symbol. */
import { expect, test } from 'vitest';
import { Desk } from '../../test/fixtures/desk.ts';
import { makeTestExecution } from '../../test/fixtures/executions.ts';
import { makeTestInstrument, SOLUSDT_SPOT } from '../../test/fixtures/instruments.ts';
import { ladderAround, Scripted } from '../../test/fixtures/scripted.ts';
import type { EngineEvent, SignalEvent } from '../domain/event.ts';
import type { OrderReport } from '../domain/execution.ts';
import { lots, monoMs, ticks, timeMs } from '../domain/units.ts';
import { ENGINE_SETTINGS } from '../engine/settings.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import type { Point, SeriesShape } from '../storage/influx/point.ts';
import { LatestState } from './latest-state.ts';
import { TimeSeries } from './time-series.ts';

const MID = 650_000;
const WALL_MS = 1_767_225_600_000;

/** And more. */
function having(fields: Record<string, unknown>): unknown {
	return expect.objectContaining(fields);
}

function traded() {
	const instrument = makeTestInstrument();
	const instruments = [instrument, { ...SOLUSDT_SPOT, index: makeTestInstrument({ index: 1 }).index }];
	const strategy = new Scripted();
	const desk = new Desk({ instruments, strategy, settings: { policy: { ...ENGINE_SETTINGS.policy, minTimeInBookMs: 0 } } });
	desk.book(instrument, MID - 1, MID + 1);
	strategy.wishes.set(instrument.index, ladderAround(MID, { levels: 1, qty: 100, away: 10 }));
	desk.tick();
	desk.settle();
	const buy = desk.engine.openOrders().find(({ side }) => side === 'buy');
	if (buy === undefined) throw new Error('a quote on each side');
	desk.fill(buy, 100);
	const at = { wallMs: timeMs(WALL_MS), monoMs: monoMs(desk.nowMs) };
	const mark = { markTicks: MID + 90, fundingRate: 0.0001, nextFundingAtMs: timeMs(WALL_MS + 1) };
	desk.step({ kind: 'mark', instrument: instrument.index, ...mark, ...at });
	return { desk, instrument, clock: new VirtualClock(WALL_MS) };
}

/** Points as they would be written, NaN left out. */
function collected() {
	const points: Point[] = [];
	const series = ({ measurement, tags, fields }: SeriesShape) => ({
		write: (atMs: number, ...values: number[]) => {
			const all = fields.map((field, index) => [field, values[index] ?? Number.NaN] as const);
			points.push({ measurement, tags, fields: Object.fromEntries(all.filter(([, value]) => !Number.isNaN(value))), atMs });
		},
	});
	return { points, sink: { series, writePoint: (point: Point) => void points.push(point) } };
}

test('prices, ticks and profit are told every so often, and what is not known is left out', () => {
	const { desk, clock } = traded();
	const { points, sink } = collected();
	using series = new TimeSeries({ clock, sink, everyMs: 1_000 });
	series.watch(desk.engine, desk.instruments);
	clock.run(1_000);
	expect(points).toEqual([
		{
			measurement: 'prices',
			tags: { venue: 'bybit', category: 'linear', symbol: 'BTCUSDT' },
			// A tick is ten cents.
			fields: { bid: 64_999.9, ask: 65_000.1, mid: 65_000, mark: 65_009, funding_rate: 0.0001, position: 0.1 },
			atMs: WALL_MS + 1_000,
		},
		{
			measurement: 'prices',
			tags: { venue: 'bybit', category: 'spot', symbol: 'SOLUSDT' },
			fields: { position: 0 },
			atMs: WALL_MS + 1_000,
		},
		{
			measurement: 'ticks',
			tags: {},
			fields: having({ p50_ms: expect.any(Number), ticks: 1, calls: 1, overruns: 0, commands: 2 }),
			atMs: WALL_MS + 1_000,
		},
		{
			measurement: 'pnl',
			tags: { currency: 'USDT' },
			fields: { equity: 1, total: 1, realised: 0, unrealised: 1, fees: 0, funding: 0 },
			atMs: WALL_MS + 1_000,
		},
	]);
	const at = { wallMs: timeMs(WALL_MS), monoMs: monoMs(desk.nowMs) };
	desk.step({ kind: 'bookLost', instrument: desk.instruments[0]!.index, reason: 'gap', ...at });
	clock.run(9_000);
	expect(points).toHaveLength(40);
	expect(points.at(-4)?.fields).toEqual({ mark: 65_009, funding_rate: 0.0001, position: 0.1 });
	series[Symbol.dispose]();
	clock.run(9_000);
	expect(points).toHaveLength(40);
});

test('our trades, and the fate of our orders as the venue streams it, are told as they come', () => {
	const { clock, instrument } = traded();
	const { points, sink } = collected();
	using series = new TimeSeries({ clock, sink, everyMs: 1_000 });
	const execution = makeTestExecution({ instrument });
	series.hearNote({ kind: 'filled', execution });
	series.hearNote({ kind: 'resumed' });
	const report: OrderReport = {
		instrument,
		...{ clientOrderId: 'ek1', venueOrderId: 'v1', side: 'sell', status: 'filled', reason: undefined, source: 'stream' },
		...{ priceTicks: ticks(650_000), qtyLots: lots(100), filledLots: lots(40), updatedAtMs: timeMs(WALL_MS + 7) },
	};
	const heard = (each: OrderReport): EngineEvent => ({
		kind: 'orderReport',
		report: each,
		wallMs: timeMs(WALL_MS),
		monoMs: monoMs(0),
	});
	series.hear(heard(report));
	// What is looked up is no news of that moment.
	series.hear(heard({ ...report, source: 'lookup' }));
	const tags = { venue: 'bybit', category: 'linear', symbol: 'BTCUSDT' };
	expect(points).toEqual([
		{
			measurement: 'trades',
			tags: { ...tags, side: execution.side, liquidity: execution.isMaker ? 'maker' : 'taker' },
			fields: having({ order_id: execution.clientOrderId, execution_id: execution.executionId }),
			atMs: execution.tradedAtMs,
		},
		{
			measurement: 'orders',
			tags: { ...tags, side: 'sell', status: 'filled' },
			fields: { price: 65_000, qty: 0.1, filled: 0.04, order_id: 'ek1' },
			atMs: WALL_MS + 7,
		},
	]);
});

test('the state of a symbol is its prices, what is held, and the signals that are in force', () => {
	const { desk, clock } = traded();
	const state = new LatestState(clock);
	expect([...state.states()]).toEqual([]);
	state.watch(desk);
	const signal = (source: string, forMs: number): SignalEvent => ({
		...{ kind: 'signal', instrument: desk.instruments[0]!.index, source, value: 0.5, confidence: 1 },
		...{ wallMs: timeMs(WALL_MS), monoMs: monoMs(0), expiresAtMono: monoMs(clock.monotonicMs() + forMs) },
	});
	state.hear(signal('model', 5_000));
	state.hear(signal('brief', 500));
	clock.run(1_000);
	const [[key, btc] = [], [spotKey, spot] = []] = [...state.states()];
	expect([key, btc]).toEqual([
		'bybit:BTCUSDT',
		{
			...{ venue: 'bybit', category: 'linear', symbol: 'BTCUSDT', bid: 64_999.9, ask: 65_000.1, mid: 65_000, mark: 65_009 },
			...{ fundingRate: 0.0001, position: '0.100', signals: { model: { value: 0.5, confidence: 1 } } },
		},
	]);
	expect([spotKey, spot]).toEqual(['bybit:SOLUSDT', expect.objectContaining({ bid: null, mark: null, fundingRate: null })]);
	const both = [desk.instruments[0]!, makeTestInstrument({ index: 1, category: 'spot' })];
	state.watch({ engine: desk.engine, instruments: both });
	expect([...state.states()].map(([each]) => each)).toEqual(['bybit:linear:BTCUSDT', 'bybit:spot:BTCUSDT']);
});
