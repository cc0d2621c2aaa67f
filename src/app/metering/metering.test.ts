import { describe, expect, test } from 'vitest';
import { parseExposition } from '../../../src/telemetry/exposition.suite.ts';
import { Desk } from '../../../test/fixtures/desk.ts';
import { makeTestInstrument, SOLUSDT_SPOT } from '../../../test/fixtures/instruments.ts';
import { ladderAround, Scripted } from '../../../test/fixtures/scripted.ts';
import type { EngineEvent } from '../../domain/event.ts';
import type { ItemOutcome } from '../../domain/outcome.ts';
import { monoMs } from '../../domain/units.ts';
import { ENGINE_SETTINGS } from '../../engine/settings.ts';
import type { BreakerFigures } from '../../network/breaker.ts';
import type { PoolFigures } from '../../network/transport.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { Figures } from '../console/figures.ts';
import type { AlertRow } from '../console/views.ts';
import type { OutletFigures } from '../outlets.ts';
import { Portfolio } from '../portfolio.ts';
import type { FiguredApp } from './engine-figures.ts';
import { Metering } from './metering.ts';

const MID = 650_000;
const WALL_MS = 1_767_225_600_000;
const BTC = 'bybit:linear:BTCUSDT';

interface Around {
	readonly breakers?: readonly BreakerFigures[];
	readonly pools?: readonly PoolFigures[];
	readonly outlets?: OutletFigures;
	readonly isReady?: boolean;
	readonly alerts?: readonly Pick<AlertRow, 'code' | 'severity' | 'endedMs'>[];
}

/** An engine that quotes one of two symbols, and a scraper. */
function scene({ breakers = [], pools = [], outlets = {}, isReady = true, alerts = [] }: Around = {}) {
	const instrument = makeTestInstrument();
	const instruments = [instrument, { ...SOLUSDT_SPOT, index: makeTestInstrument({ index: 1 }).index }];
	const strategy = new Scripted();
	const rateRules = [{ venue: 'bybit', categories: ['linear'], verbs: ['place'], limit: 10, windowMs: 1_000 }] as const;
	const desk = new Desk({
		...{ instruments, strategy, venue: { rateRules } },
		settings: { policy: { ...ENGINE_SETTINGS.policy, minTimeInBookMs: 0 } },
	});
	const clock = new VirtualClock(WALL_MS);
	clock.run(desk.nowMs);
	const metering = new Metering(clock);
	const portfolio = new Portfolio({ clock, engine: desk.engine, instruments });
	const venue = { name: 'bybit', isReady, breakers };
	const app = { engine: desk.engine, portfolio, instruments, venues: [venue] } as unknown as FiguredApp;
	const worked = new Figures(clock);
	worked.watch(app);
	const alarm = { list: () => alerts as AlertRow[], begunByCode: () => new Map([['killed', 3]]) };
	const run = { mode: 'sim', version: 'x 1' };
	metering.watch(app, { transport: { pools: () => pools }, outlets: { figures: outlets }, run, worked, alarm });
	const step = (event: EngineEvent): void => {
		metering.events.input(event);
		for (const effect of desk.step(event)) metering.events.output(effect);
	};
	const pass = (ms: number): void => {
		clock.run(ms);
		desk.nowMs = clock.monotonicMs();
	};
	/** Quotes one order a side, ten ticks from the middle. */
	const quote = (): void => {
		desk.book(instrument, MID - 1, MID + 1);
		strategy.wishes.set(instrument.index, ladderAround(MID, { levels: 1, qty: 100, away: 10 }));
		desk.tick(0);
		desk.settle();
	};
	/** `name{word,word}` and its value, of everything that is told. */
	const scrape = async (): Promise<Readonly<Record<string, number>>> => {
		const text = metering.meter.text();
		let isThere = false;
		void text.then(() => {
			isThere = true;
		});
		while (!isThere) {
			clock.run(0);
			await Promise.resolve();
		}
		const samples = [...parseExposition(await text).values()].flatMap((family) => family.samples);
		const named = samples.filter(({ labels }) => !('le' in labels));
		return Object.fromEntries(
			named.map(({ name, labels, value }) => {
				const words = Object.values(labels).join(',');
				return [words === '' ? name : `${name}{${words}}`, value];
			}),
		);
	};
	return { desk, strategy, clock, metering, worked, instrument, step, pass, quote, scrape };
}

describe('what an engine tells of itself', () => {
	test('where it quotes, around which price and how wide', async () => {
		const { quote, pass, scrape } = scene();
		quote();
		pass(200);
		expect(await scrape()).toMatchObject({
			[`mm_mid_price{${BTC}}`]: 65_000,
			[`mm_market_spread_bps{${BTC}}`]: expect.closeTo((2 / MID) * 1e4, 9) as number,
			[`mm_quote_spread_bps{${BTC}}`]: expect.closeTo((20 / MID) * 1e4, 9) as number,
			[`mm_quoting{${BTC},buy}`]: 1,
			[`mm_quoting{${BTC},sell}`]: 1,
			[`mm_open_orders{${BTC},buy}`]: 1,
			[`mm_book_age_seconds{${BTC}}`]: expect.closeTo(0.2, 9) as number,
			[`mm_book_trusted{${BTC}}`]: 1,
			'mm_orders{live}': 2,
			'mm_orders{unknown}': 0,
			'mm_commands_total{place}': 2,
			'mm_calls_total{place}': 1,
			mm_ticks_total: 1,
		});
	});

	test('of several orders a side the best count, and of those that the venue has shown', async () => {
		const { desk, strategy, instrument, scrape } = scene();
		desk.book(instrument, MID - 1, MID + 1);
		strategy.wishes.set(instrument.index, ladderAround(MID, { levels: 3, qty: 100, away: 10 }));
		desk.tick(0);
		expect(await scrape()).toMatchObject({
			[`mm_open_orders{${BTC},sell}`]: 3,
			[`mm_quoting{${BTC},sell}`]: 0,
			'mm_orders{sent}': 6,
		});
		desk.settle();
		expect(await scrape()).toMatchObject({
			[`mm_quoting{${BTC},sell}`]: 1,
			[`mm_quote_spread_bps{${BTC}}`]: expect.closeTo((20 / MID) * 1e4, 9) as number,
		});
	});

	test('a book that grows old is not trusted, and what was never there is not told', async () => {
		const { quote, pass, scrape, desk } = scene();
		quote();
		pass(desk.engine.gate.limits.bookAgeMsMax + 1);
		const told = await scrape();
		expect(told[`mm_book_trusted{${BTC}}`]).toBe(0);
		const spot = Object.keys(told).filter((name) => name.includes('bybit:spot:SOLUSDT'));
		expect(spot).not.toContain('mm_mid_price{bybit:spot:SOLUSDT}');
		expect(spot).not.toContain('mm_book_age_seconds{bybit:spot:SOLUSDT}');
		expect(told['mm_book_trusted{bybit:spot:SOLUSDT}']).toBe(0);
	});

	test('what it holds and earned, whose parts add up', async () => {
		const { quote, desk, step, worked, pass, scrape, instrument, clock } = scene();
		quote();
		pass(1_000);
		worked.look(monoMs(clock.monotonicMs()));
		const buy = desk.engine.openOrders().find(({ side }) => side === 'buy');
		const { executionEvent } = desk.fill(buy!, 100);
		worked.applyFill(executionEvent.execution, monoMs(clock.monotonicMs()));
		step({
			kind: 'mark',
			instrument: instrument.index,
			markTicks: MID + 90,
			fundingRate: 0,
			nextFundingAtMs: desk.at().wallMs,
			...desk.at(),
		});
		// Profit is told as of the last look.
		worked.look(monoMs(clock.monotonicMs()));
		const told = await scrape();
		// A tenth of a coin, bought ten ticks of a dime below the middle, nine dollars below the mark.
		expect(told).toMatchObject({
			[`mm_inventory{${BTC}}`]: 0.1,
			[`mm_inventory_notional{${BTC}}`]: 6_500.9,
			[`mm_symbol_pnl{${BTC}}`]: expect.closeTo(1, 9) as number,
			'mm_pnl{total}': expect.closeTo(1, 9) as number,
			'mm_pnl{spread}': expect.closeTo(0.1, 9) as number,
			'mm_pnl{inventory}': expect.closeTo(0.9, 9) as number,
			'mm_pnl{unrealised}': expect.closeTo(1, 9) as number,
			'mm_exposure{gross}': 6_500.9,
		});
		const part = (name: string): number => told[`mm_pnl{${name}}`]!;
		expect(part('spread') + part('inventory') + part('fees') + part('funding')).toBeCloseTo(part('total'), 9);
		expect(part('realised') + part('unrealised') + part('fees') + part('funding')).toBeCloseTo(part('total'), 9);
	});

	test('how long both sides stood, as was looked each second', async () => {
		const { quote, worked, pass, clock, scrape } = scene();
		worked.look(monoMs(clock.monotonicMs()));
		pass(3_000);
		quote();
		worked.look(monoMs(clock.monotonicMs()));
		pass(1_000);
		worked.look(monoMs(clock.monotonicMs()));
		expect((await scrape())[`mm_quote_uptime_ratio{${BTC}}`]).toBe(0.25);
	});

	test('what it may do: levels, holds, refusals of its own, room under the limits', async () => {
		const { quote, desk, step, scrape, instrument } = scene();
		quote();
		desk.engine.levels.hold(instrument.index, 'test', { reason: 'r', liftsByItself: false, nowMono: desk.at().monoMs });
		desk.engine.gate.denials.PT9 = 3;
		step({ kind: 'control', action: { kind: 'shutGate', reason: 'enough' }, ...desk.at() });
		expect(await scrape()).toMatchObject({
			risk_paused: 1,
			mm_risk_level: 3,
			mm_comparing: 0,
			mm_flattening: 0,
			[`mm_symbol_held{${BTC}}`]: 1,
			'mm_symbol_held{bybit:spot:SOLUSDT}': 0,
			'mm_denials_total{PT9}': 3,
			'mm_rate_budget_left_ratio{bybit,linear place}': 0.8,
			'mm_exchange_ready{bybit}': 1,
			'mm_clock_offset_seconds{bybit}': 0,
			mm_journal_lag_seconds: 0,
		});
	});
});

describe('what is counted as it happens', () => {
	const refused = (verb: ItemOutcome['verb'], reason: 'fatal' | 'benign'): ItemOutcome => {
		return {
			orderId: 'x' as ItemOutcome['orderId'],
			verb,
			outcome: { kind: 'rejected', class: reason, gone: false, reason: '' },
		};
	};

	test('is there with 0 before it happened', async () => {
		const { scrape } = scene();
		expect(await scrape()).toMatchObject({
			'mm_rejects_total{place,fatal}': 0,
			'mm_unanswered_total{cancel}': 0,
			'mm_orders_ended_total{rejected}': 0,
			'mm_books_lost_total{bybit}': 0,
			'mm_rate_refusals_total{bybit}': 0,
			'mm_reconciliations_total{bybit,desync}': 0,
			'mm_foreign_orders{bybit}': 0,
			[`mm_strategy_failures_total{${BTC}}`]: 0,
			'ws_reconnects_total{bybit}': 0,
			mm_pauses_total: 0,
			mm_loop_stalls_total: 0,
			mm_journal_failures_total: 0,
		});
	});

	test('answers, fills, ends and comparisons', async () => {
		const { metering, quote, desk, step, scrape, pass } = scene();
		quote();
		const { events } = metering;
		const unknown: ItemOutcome = { ...refused('cancel', 'fatal'), outcome: { kind: 'unknown', reason: 'timeout' } };
		events.input({
			kind: 'answer',
			batchId: 9,
			items: [refused('place', 'fatal'), refused('place', 'fatal'), unknown],
			...desk.at(),
		});
		const buy = desk.engine.openOrders().find(({ side }) => side === 'buy');
		step(desk.fill(buy!, 40).executionEvent);
		const sell = desk.engine.openOrders().find(({ side }) => side === 'sell');
		const { execution } = desk.fill(sell!, 100).executionEvent;
		events.output({ kind: 'note', note: { kind: 'filled', execution } });
		events.output({ kind: 'keep', records: [{ kind: 'over', orderId: sell!.orderId, state: 'filled', reason: '' }] });
		const verdict = { ordersFixed: 2, orphansClosed: 1, isPaused: true, actions: [], atMs: WALL_MS };
		pass(5_000);
		events.output({ kind: 'keep', records: [{ kind: 'reconciled', venue: 'bybit', verdict: 'repaired', ...verdict }] });
		pass(2_000);
		const seen = { orders: [], positions: [] };
		events.input({ kind: 'census', venue: 'bybit', beganAtMono: monoMs(desk.nowMs - 70), found: seen, ...desk.at() });
		expect(await scrape()).toMatchObject({
			'mm_rejects_total{place,fatal}': 2,
			'mm_rejects_total{cancel,fatal}': 0,
			'mm_unanswered_total{cancel}': 1,
			[`mm_fills_total{${BTC},sell,maker}`]: 1,
			[`mm_fill_volume_total{${BTC}}`]: expect.closeTo(6_500.1, 6) as number,
			'mm_orders_ended_total{filled}': 1,
			'mm_reconciliations_total{bybit,repaired}': 1,
			'mm_reconciliation_fixes_total{bybit}': 3,
			'mm_reconciliation_age_seconds{bybit}': 2,
			'latency_ms_count{reconcile}': 1,
			'latency_ms_sum{reconcile}': 70,
		});
	});

	test('what goes wrong on the way', async () => {
		const { metering, desk, instrument, scrape } = scene();
		const { events } = metering;
		const at = desk.at();
		events.input({ kind: 'bookLost', instrument: instrument.index, reason: 'gap', ...at });
		events.input({ kind: 'stream', venue: 'bybit', stream: 'private', up: true, ...at });
		events.input({ kind: 'stream', venue: 'bybit', stream: 'private', up: false, ...at });
		const rate = { venue: 'bybit', category: 'linear', verb: 'place', limit: 10, remaining: 0, resetInMs: 1 } as const;
		events.input({ kind: 'rate', ...rate, isRefusal: true, ...at });
		events.input({ kind: 'rate', ...rate, isRefusal: false, ...at });
		events.input({ kind: 'lagged', byMs: 300, ...at });
		events.input({ kind: 'slept', forMs: 3_000, ...at });
		events.input({ kind: 'journaled', flushId: 1, ok: false, ...at });
		events.input({ kind: 'journaled', flushId: 2, ok: true, ...at });
		events.output({ kind: 'note', note: { kind: 'paused', reason: 'r' } });
		events.output({ kind: 'note', note: { kind: 'foreignOrders', venue: 'bybit', count: 4 } });
		events.output({ kind: 'note', note: { kind: 'strategyFailed', instrument: BTC, error: new Error('x') } });
		metering.hearExhaustion({ pool: { origin: 'o', pool: 'orders', connections: 1, active: 1, idle: 0, queued: 9 }, count: 1 });
		expect(await scrape()).toMatchObject({
			'mm_books_lost_total{bybit}': 1,
			'mm_stream_up{bybit,private}': 0,
			'mm_rate_refusals_total{bybit}': 1,
			mm_loop_stalls_total: 2,
			mm_journal_failures_total: 1,
			mm_pauses_total: 1,
			'mm_foreign_orders{bybit}': 4,
			[`mm_strategy_failures_total{${BTC}}`]: 1,
			'mm_pool_exhausted_total{orders}': 1,
		});
	});
});

test('what is around the engine: connections, breakers, outlets, the process', async () => {
	const breaker = { failureCount: 0, retryInMs: 0 };
	const pool = { pool: 'reads', connections: 3, active: 2, idle: 1, queued: 5 };
	const { scrape } = scene({
		breakers: [
			{ name: '/v5/order/realtime', state: 'open', ...breaker },
			{ name: '/v5/position/list', state: 'half-open', ...breaker },
		],
		pools: [
			{ origin: 'http://a', ...pool },
			{ origin: 'http://b', ...pool },
		],
		outlets: { influxdb: { lostCount: 3, waitingCount: 8, isAway: true }, redis: { isAway: false } },
		isReady: false,
	});
	const told = await scrape();
	expect(told).toMatchObject({
		'mm_exchange_ready{bybit}': 0,
		'mm_breaker_state{bybit,/v5/order/realtime}': 2,
		'mm_breaker_state{bybit,/v5/position/list}': 1,
		'mm_pool_connections{reads,active}': 4,
		'mm_pool_connections{reads,idle}': 2,
		'mm_pool_waiting{reads}': 10,
		'mm_outlet_lost_total{influxdb}': 3,
		'mm_outlet_waiting{influxdb}': 8,
		'mm_outlet_away{influxdb}': 1,
		'mm_outlet_away{redis}': 0,
		'mm_run_info{sim,x 1}': 1,
	});
	for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_heap_size_used_bytes']) {
		expect(told[name], name).toBeGreaterThan(0);
	}
});

test('alerts that last, by their code, and those that are over as none', async () => {
	const alerts: Pick<AlertRow, 'code' | 'severity' | 'endedMs'>[] = [
		{ code: 'killed', severity: 'critical', endedMs: null },
		{ code: 'book-stale', severity: 'warning', endedMs: null },
		{ code: 'book-stale', severity: 'warning', endedMs: null },
		{ code: 'paused', severity: 'critical', endedMs: 5 },
	];
	const { scrape } = scene({ alerts });
	const wanted = { 'mm_alerts{killed,critical}': 1, 'mm_alerts{book-stale,warning}': 2, 'mm_alerts{paused,critical}': 0 };
	expect(await scrape()).toMatchObject({ ...wanted, 'mm_alerts_total{killed}': 3 });
	alerts.length = 0;
	expect(await scrape()).toMatchObject({ 'mm_alerts{killed,critical}': 0, 'mm_alerts{book-stale,warning}': 0 });
});

test('how late the loop was is told of ten seconds at a time', async () => {
	const { clock, metering } = scene();
	clock.run(10_100);
	expect(metering.process.figures).toMatchObject({ loopDelayMaxMs: 0.001, loopDelayP99Ms: 0.001 });
});
