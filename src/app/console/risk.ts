/** What stands still and why, and how much of each limit is used. */
import type { MarketState } from '../../engine/market-state.ts';
import { DENIAL_CODES, DENIALS } from '../../risk/denial.ts';
import { shownName } from '../symbol-names.ts';
import type { RiskView } from './views.ts';
import type { Watched } from './watched.ts';
import { nowMonoOf } from './watched-app.ts';

export interface SentinelFacts {
	readonly isNeeded: boolean;
	readonly isWatching: boolean;
}

type Limit = RiskView['limits'][number];

export function riskView(watched: Watched, sentinel: SentinelFacts): RiskView {
	const { app, clock } = watched;
	const { levels, gate } = app.engine;
	const nowMono = nowMonoOf(clock);
	const counted = DENIAL_CODES.map((code) => ({ code, sentence: DENIALS[code], count: gate.denials[code] }));
	return {
		atMs: clock.wallMs(),
		...{ level: levels.level, reason: levels.reason ?? null },
		pauses: levels.pauses().map((pause) => ({ ...pause })),
		symbols: app.instruments.map((instrument) => ({
			...{ id: instrument.id, name: shownName(instrument, app.instruments) },
			holds: levels.holdsOf(instrument.index, nowMono).map((hold) => ({ ...hold })),
		})),
		limits: [...limitsOf(watched), ...lossesOf(watched)],
		denials: counted.filter(({ count }) => count > 0),
		freshness: freshnessOf(watched),
		ladder: ladderOf(watched, sentinel),
		sentinel: { ...sentinel },
	};
}

function limitsOf({ app, clock, memory }: Watched): Limit[] {
	const { engine, instruments } = app;
	const { limits } = engine.gate;
	const markets = marketsOf(app);
	const money = instruments[0]?.quoteCurrency ?? '';
	const worst = markets.map(({ exposure }) => worthOf(exposure.worstLots, exposure));
	const long = sumOf(markets.map(({ exposure }) => worthOf(exposure.worstLong, exposure)));
	const short = sumOf(markets.map(({ exposure }) => worthOf(exposure.worstShort, exposure)));
	const inMoney = (key: string, sentence: string, limit: number, used: number | null): Limit => {
		return { key, sentence, limit, used: used === null || Number.isNaN(used) ? null : used, unit: money };
	};
	const orders = { largest: most(markets.map(({ exposure }) => exposure.orderCount)), all: engine.orders.openCount };
	const offsets = [...memory.clockOffsetsMs.values()].map(Math.abs);
	const { openOrdersPerSymbolMax, openOrdersMax, clockOffsetMsMax, journalDelayMsMax } = limits;
	return [
		inMoney('order_notional_max', 'worth of one order', limits.orderNotionalMax, null),
		inMoney('position_notional_max', 'worst case in one symbol, the largest of them', limits.positionNotionalMax, most(worst)),
		inMoney('gross_notional_max', 'worst case of all symbols, whatever their direction', limits.grossNotionalMax, sumOf(worst)),
		inMoney('net_notional_max', 'the same, netted', limits.netNotionalMax, Math.max(Math.abs(long), Math.abs(short))),
		{
			...{ key: 'open_orders_per_symbol_max', sentence: 'open orders in one symbol, the most of them', unit: 'orders' },
			...{ limit: openOrdersPerSymbolMax, used: orders.largest },
		},
		{ key: 'open_orders_max', sentence: 'open orders in all symbols', limit: openOrdersMax, used: orders.all, unit: 'orders' },
		{
			...{ key: 'clock_offset_ms_max', sentence: 'how far our clock is from that of a venue', unit: 'ms' },
			...{ limit: clockOffsetMsMax, used: offsets.length === 0 ? null : most(offsets) },
		},
		{
			...{ key: 'journal_delay_ms_max', sentence: 'how long the journal makes orders wait', unit: 'ms' },
			...{ limit: journalDelayMsMax, used: engine.journalDelayMs(nowMonoOf(clock)) },
		},
	];
}

/** In percent; what was won counts as nothing lost. */
function lossesOf({ app: { engine } }: Watched): Limit[] {
	const { losses, lossLimits } = engine;
	const row = (key: string, sentence: string, limit: number, used: number | undefined): Limit => {
		return { key, sentence, limit: limit * 100, used: used === undefined ? null : Math.max(0, used) * 100, unit: '%' };
	};
	const day = losses?.sinceDayStart;
	return [
		row(
			'day_loss_reduce_only',
			'lost since the start of the day, before positions may only shrink',
			lossLimits.dayLossReduceOnly,
			day,
		),
		row('day_loss_kill', 'lost since the start of the day, before everything stops', lossLimits.dayLossKill, day),
		row(
			'drawdown_reduce_only',
			'lost since the peak, before positions may only shrink',
			lossLimits.drawdownReduceOnly,
			losses?.sincePeak,
		),
	];
}

/** How old what we decide on is: each book, and the last comparison with each venue. */
function freshnessOf({ app, clock, memory }: Watched): RiskView['freshness'] {
	const nowMono = nowMonoOf(clock);
	const books = marketsOf(app).map(({ instrument, soundAtMono, bookAgeMsMax, bookBeatMs, isBookSound }) => {
		const ageMs = Number.isFinite(soundAtMono) ? Math.max(0, nowMono - soundAtMono) : null;
		const maxMs = Math.max(bookAgeMsMax, bookBeatMs);
		const isFresh = isBookSound && ageMs !== null && ageMs <= maxMs;
		return { name: `book of ${shownName(instrument, app.instruments)}`, ageMs, maxMs, isFresh };
	});
	const compared = app.venues.map(({ name }) => {
		const atMs = memory.comparisons.lastAtMs(name);
		const ageMs = atMs === undefined ? null : Math.max(0, clock.wallMs() - atMs);
		return {
			name: `comparison with ${name}`,
			ageMs,
			maxMs: COMPARED_MS_MAX,
			isFresh: ageMs !== null && ageMs <= COMPARED_MS_MAX,
		};
	});
	return [...books, ...compared];
}

/** Twice as long as between two comparisons, unless somebody has set that to something else. */
const COMPARED_MS_MAX = 50_000;

/** What the engine may be held to, from nothing to everything; higher includes lower. */
function ladderOf({ app, clock }: Watched, sentinel: SentinelFacts): RiskView['ladder'] {
	const { engine, instruments } = app;
	const { level } = engine.levels;
	const nowMono = nowMonoOf(clock);
	const isAnyHeld = instruments.some(({ index }) => engine.levels.holdsOf(index, nowMono).length > 0);
	const isPaused = engine.levels.pauses().length > 0;
	return [
		rung('KL0', 'run', 'everything is quoted that strategies want', level === 'run' && !isAnyHeld),
		rung('KL1', 'hold a symbol', 'one symbol is not quoted; by itself again when its cause has passed', isAnyHeld),
		rung('KL2', 'pause quoting', 'nothing is quoted; what reduces a position may go', isPaused),
		rung('KL3', 'reduce only', 'positions may only shrink, until a person re-arms', level === 'reduceOnly'),
		rung('KL4', 'kill', 'everything is cancelled and nothing is placed, until a person re-arms', level === 'kill'),
		rung('KL5', 'flatten', 'positions are closed slice by slice', engine.isFlattening),
		{
			...rung('KL6', 'from outside', 'the sentinel cancels our orders if this process falls silent', sentinel.isWatching),
			reachable: sentinel.isNeeded,
		},
	];
}

function rung(code: string, name: string, sentence: string, isOn: boolean): RiskView['ladder'][number] {
	return { code, name, sentence, isOn, reachable: true };
}

function marketsOf({ engine, instruments }: Watched['app']): readonly MarketState[] {
	return instruments.map(({ index }) => engine.market(index)).filter((market) => market !== undefined);
}

function worthOf(lots: number, { worthOfLot }: MarketState['exposure']): number {
	return lots === 0 ? 0 : lots * worthOfLot;
}

function most(figures: readonly number[]): number {
	return figures.reduce((all, figure) => Math.max(all, figure), 0);
}

function sumOf(figures: readonly number[]): number {
	return figures.reduce((all, figure) => all + figure, 0);
}
