/** All of it at a glance: what it may do, how it does, and how its venues are. */

import type { StreamEvent } from '../../domain/event.ts';
import { printMoney } from '../../domain/money.ts';
import type { PoolFigures } from '../../network/transport.ts';
import type { ProfitLook } from './figures.ts';
import type { Overview } from './views.ts';
import type { RunFacts, Watched } from './watched.ts';
import { nowMonoOf } from './watched-app.ts';

/** What a venue is, as the settings have it. */
export interface VenueFacts {
	/** As the engine calls it. */
	readonly name: string;
	readonly kind: 'bybit' | 'binance';
	readonly environment: string;
	readonly origins: readonly string[];
}

/** What is known outside of the engine, each where somebody measures it. */
export interface Surroundings {
	readonly run: RunFacts;
	readonly venues: readonly VenueFacts[];
	readonly pools?: (() => readonly PoolFigures[]) | undefined;
	readonly restErrors?: ((venue: string) => number) | undefined;
	readonly process?: (() => { readonly loopDelayP99Ms: number; readonly heapBytes: number }) | undefined;
	/** Points that outlets had no room for. */
	readonly lostBesides?: (() => number) | undefined;
	readonly alerts?: (() => { readonly critical: number; readonly warning: number }) | undefined;
}

export function overviewView(watched: Watched, around: Surroundings): Overview {
	const { app, clock, figures } = watched;
	const { engine } = app;
	const { levels } = engine;
	const nowMono = nowMonoOf(clock);
	const stats = engine.getStats();
	const { cancel, amend, place } = stats.coalesce_stats;
	const profit = figures.profit(app);
	const { total } = profit.snapshot;
	const { id, mode, version, startedAtMs, instance } = around.run;
	const { loopDelayP99Ms = 0, heapBytes = 0 } = around.process?.() ?? {};
	return {
		atMs: clock.wallMs(),
		run: { id, mode, version, startedAtMs, settings: around.run.settings(), instance },
		...{ level: levels.level, reason: levels.reason ?? null },
		pauses: levels.pauses().map((pause) => ({ ...pause })),
		...{ isFlattening: engine.isFlattening, isComparing: engine.isInDoubt },
		tick: {
			...{ count: stats.ticks, overruns: stats.overruns },
			...{ p50: stats.p50_tick_ms, p95: stats.p95_tick_ms, p99: stats.p99_tick_ms },
		},
		commands: {
			before: stats.total_commands,
			after: cancel.sent + amend.sent + place.sent,
			calls: stats.calls,
			saved: [cancel, amend, place].reduce((sum, { sent, calls }) => sum + sent - calls, 0),
		},
		...{ openOrders: engine.orders.openCount, unknownOrders: engine.orders.countUnknown(), fills: engine.fillCount },
		profit: profitPart(profit),
		...{ equity: printMoney(total.equity), drawdown: printMoney(total.drawdown) },
		...{ grossExposure: printMoney(total.grossExposure), netExposure: printMoney(total.netExposure) },
		process: {
			...{ loopDelayP99Ms, heapMb: heapBytes / 1_048_576 },
			journalDelayMs: engine.journalDelayMs(nowMono),
			lostBesides: around.lostBesides?.() ?? 0,
		},
		venues: around.venues.map((venue) => venuePart(venue, watched, around)),
		alerts: around.alerts?.() ?? { critical: 0, warning: 0 },
	};
}

function profitPart({ snapshot, whole }: ProfitLook): Overview['profit'] {
	const { total, realised, unrealised, fees, funding, spread, inventory, isComplete } = whole;
	return {
		currency: snapshot.homeCurrency,
		...{ total: printMoney(total), realised: printMoney(realised), unrealised: printMoney(unrealised) },
		...{ fees: printMoney(fees), funding: printMoney(funding) },
		...{ spread: printMoney(spread), inventory: printMoney(inventory), isComplete },
	};
}

const STREAMS: readonly StreamEvent['stream'][] = ['public', 'private', 'order'];

function venuePart(
	{ name, kind, environment, origins }: VenueFacts,
	watched: Watched,
	around: Surroundings,
): Overview['venues'][number] {
	const { app, memory } = watched;
	const pools = (around.pools?.() ?? []).filter(({ origin }) => origins.includes(origin));
	const sum = (of: (pool: PoolFigures) => number): number => pools.reduce((all, pool) => all + of(pool), 0);
	const seen = STREAMS.flatMap((stream) => {
		const known = memory.streams.get(`${name} ${stream}`);
		return known === undefined ? [] : [{ stream, ...known }];
	});
	return {
		...{ name, kind, environment },
		isReady: app.venues.find((venue) => venue.name === name)?.isReady ?? false,
		streams: seen.map(({ stream, isUp, downSinceMs }) => ({ name: stream, isUp, downSinceMs: downSinceMs ?? null })),
		clockOffsetMs: memory.clockOffsetsMs.get(name) ?? null,
		budget: budgetPart(watched, name).map(({ name: rule, left, limit }) => ({ name: rule, left, limit })),
		pool: { open: sum(({ connections }) => connections), idle: sum(({ idle }) => idle), waiting: sum(({ queued }) => queued) },
		restErrors: around.restErrors?.(name) ?? 0,
		reconnects: seen.reduce((all, { returns }) => all + returns, 0),
	};
}

/** What is left of the venue's limits, of all of them or of one venue's. */
export function budgetPart(
	{ app, clock }: Watched,
	venue?: string,
): { name: string; venue: string; left: number; limit: number }[] {
	return app.engine
		.budgetFigures(nowMonoOf(clock))
		.filter((each) => venue === undefined || each.venue === venue)
		.map(({ venue: whose, name, left, limit }) => ({
			venue: whose,
			name,
			left: limit > 0 ? Math.min(1, left / limit) : 0,
			limit,
		}));
}
