/** Views of a made-up engine, second part: how it runs, what guards it, and what its desk decides. */
import type { QueryAnswer } from '../../src/api/types.ts';
import type { FakeSymbol, FakeWorld } from './fake-world.ts';

export function holdsOf(each: FakeSymbol): QueryAnswer<'symbols'>['symbols'][number]['holds'] {
	return each.isPaused ? [{ cause: 'person', reason: 'asked for', liftsByItself: false }] : [];
}

export function latency(world: FakeWorld): QueryAnswer<'latency'> {
	const stage = (name: string, p50: number, share: number | null): QueryAnswer<'latency'>['stages'][number] => ({
		name,
		count: world.tickCount,
		p50: p50 * (1 + 0.05 * Math.sin(world.tickCount / 30)),
		p95: p50 * 2.3,
		p99: p50 * 4.1,
		share,
	});
	const minutes = Math.max(1, Math.min(60, Math.ceil((world.nowMs - world.startedAtMs) / 60_000) + 30));
	const series = (base: number): number[] =>
		Array.from({ length: minutes }, (_, index) => base * (1 + 0.2 * Math.sin(index / 5)));
	return {
		atMs: world.nowMs,
		stages: [
			stage('decode', 0.02, 0.01),
			stage('decide', 0.21, 0.06),
			stage('journal', 0.9, 0.24),
			stage('send to answer', 2.4, 0.69),
			stage('event loop', 0.4, null),
		],
		history: {
			atMs: Array.from({ length: minutes }, (_, index) => world.nowMs - (minutes - 1 - index) * 60_000),
			tickP50: series(1.1),
			tickP95: series(2.6),
			decideP95: series(0.5),
			journalP95: series(1.8),
		},
		batchFill: [
			{ venue: 'bybit', verb: 'place', calls: 1_204, perCall: 6.2, max: 10 },
			{ venue: 'bybit', verb: 'amend', calls: 8_840, perCall: 7.4, max: 10 },
			{ venue: 'bybit', verb: 'cancel', calls: 311, perCall: 3.1, max: 10 },
		],
		amendToCancel: 28.4,
		budget: [
			{ venue: 'bybit', name: 'linear place', left: 0.82, limit: 100 },
			{ venue: 'bybit', name: 'linear amend', left: 0.41, limit: 100 },
		],
	};
}

export function reconciliations(world: FakeWorld): QueryAnswer<'reconciliations'> {
	const rows = Array.from({ length: 24 }, (_, index) => {
		const differs = index === 3 || index === 11;
		const each = world.symbols[index % world.symbols.length];
		const diff = {
			kind: index === 3 ? 'gone at the venue' : 'fill unseen',
			orderId: `ek7f3a-${index}`,
			symbol: each?.name ?? null,
			sentence:
				index === 3
					? `Order ek7f3a-${index} was open here and is cancelled at the venue: taken over as cancelled.`
					: `A fill of 0.012 ${each?.base} had not reached us: booked now, the position agrees again.`,
		};
		return {
			atMs: Math.floor(world.nowMs / 30_000) * 30_000 - index * 30_000,
			venue: index % 3 === 1 ? 'binance' : 'bybit',
			kind: differs ? ('differs' as const) : ('clean' as const),
			compared: 24 + (index % 5),
			tookMs: 12 + index * 0.7,
			why: index === 3 ? 'the private stream was down for 1.2 s' : 'every 30 s',
			diffs: differs ? [diff] : [],
		};
	});
	return { atMs: world.nowMs, rows };
}

export function risk(world: FakeWorld): QueryAnswer<'risk'> {
	const worth = world.symbols.reduce((total, each) => total + Math.abs(each.position) * each.mid, 0);
	const rung = (code: string, name: string, sentence: string, isOn: boolean, reachable = true) => ({
		code,
		name,
		sentence,
		isOn,
		reachable,
	});
	return {
		atMs: world.nowMs,
		level: world.level,
		reason: world.reason,
		pauses: world.isPaused ? [{ cause: 'person', reason: 'asked for', liftsByItself: false }] : [],
		symbols: world.symbols.map((each) => ({ id: each.id, name: each.name, holds: holdsOf(each) })),
		limits: [
			{
				key: 'max_gross_exposure',
				sentence: 'everything that is held, long and short',
				limit: 20_000,
				used: worth,
				unit: 'USDT',
			},
			{ key: 'max_open_orders', sentence: 'orders that rest at all venues', limit: 200, used: 24, unit: 'orders' },
			{
				key: 'daily_loss_limit',
				sentence: 'lost since midnight UTC; then positions may only shrink',
				limit: 500,
				used: 31.2,
				unit: 'USDT',
			},
			{ key: 'max_drawdown', sentence: 'below the best equity of the run; then kill', limit: 1_000, used: 880, unit: 'USDT' },
			{ key: 'order_rate', sentence: 'orders a second', limit: 50, used: null, unit: '1/s' },
		],
		denials: [
			{ code: 'PT3', sentence: 'price further from the book than the collar allows', count: 4 },
			{ code: 'PT7', sentence: 'position would pass its limit', count: 118 },
		],
		freshness: [
			...world.symbols
				.slice(0, 8)
				.map((each, index) => ({ name: `book ${each.name}`, ageMs: 30 + index * 12, maxMs: 1_000, isFresh: true })),
			{ name: 'account bybit', ageMs: 5_200, maxMs: 5_000, isFresh: false },
			{ name: 'clock bybit', ageMs: 12_000, maxMs: 60_000, isFresh: true },
		],
		ladder: [
			rung('KL0', 'run', 'orders of all kinds are allowed', world.level === 'run' && !world.isPaused),
			rung(
				'KL1',
				'hold symbol',
				'one symbol places nothing, the others go on',
				world.symbols.some((each) => each.isPaused),
			),
			rung('KL2', 'pause quoting', 'quotes are cancelled, the engine watches on', world.isPaused),
			rung('KL3', 'reduce only', 'positions may only shrink', world.level === 'reduceOnly'),
			rung('KL4', 'kill', 'everything is cancelled, nothing is placed until a person re-arms', world.level === 'kill'),
			rung('KL5', 'flatten', 'what is held is closed slice by slice', false),
			rung('KL6', 'outside', 'a watchdog process cancels everything if the engine dies', false, false),
		],
		sentinel: { isNeeded: false, isWatching: false },
	};
}

export function alerts(world: FakeWorld): QueryAnswer<'alerts'> {
	const killed = {
		id: 'a3',
		code: 'killed',
		severity: 'critical' as const,
		sentence: `The engine was killed: ${world.reason}.`,
		symbol: null,
		venue: null,
		sinceMs: world.nowMs - 5_000,
		endedMs: null,
		count: 1,
		sent: [{ sink: 'webhook', atMs: world.nowMs - 4_000, result: 'delivered' }],
	};
	return {
		atMs: world.nowMs,
		alerts: [
			...(world.level === 'kill' ? [killed] : []),
			{
				id: 'a2',
				code: 'account-stale',
				severity: 'warning',
				sentence: 'The account of bybit has not been heard of for 5.2 s; 5 s are allowed.',
				symbol: null,
				venue: 'bybit',
				sinceMs: world.startedAtMs + 20_000,
				endedMs: null,
				count: 3,
				sent: [{ sink: 'webhook', atMs: world.startedAtMs + 21_000, result: 'delivered' }],
			},
			{
				id: 'a1',
				code: 'stream-down',
				severity: 'warning',
				sentence: 'The public stream of binance was down for 3.1 s.',
				symbol: null,
				venue: 'binance',
				sinceMs: world.startedAtMs + 4_000,
				endedMs: world.startedAtMs + 7_100,
				count: 1,
				sent: [],
			},
		],
	};
}

export function decisions(world: FakeWorld): QueryAnswer<'decisions'> {
	return {
		atMs: world.nowMs,
		decisions: Array.from({ length: 12 }, (_, index) => {
			const each = world.symbols[index % world.symbols.length];
			const side = (['buy', 'sell', 'none'] as const)[index % 3] ?? 'none';
			return {
				id: `d${index}`,
				atMs: world.nowMs - index * 47_000,
				workflow: 'momentum',
				symbol: each?.name ?? '',
				side,
				what: side === 'none' ? 'stay out' : `${side} 250 USDT`,
				why: side === 'none' ? 'three signals disagree, confidence 0.41 of 0.60' : 'trend and order flow agree, confidence 0.74',
				confidence: side === 'none' ? 0.41 : 0.74,
				orderId: side === 'none' ? null : `ek7f3a-d${index}`,
				state: side === 'none' ? 'skipped' : 'filled',
				held: side === 'none' ? '0' : '0.004',
				averagePrice: side === 'none' ? null : (each?.mid ?? null),
				exits: side === 'none' ? '' : 'stop −1.0 %, target +1.5 %, at most 30 min',
			};
		}),
	};
}

export function signals(world: FakeWorld): QueryAnswer<'signals'> {
	return {
		atMs: world.nowMs,
		signals: world.symbols.slice(0, 10).map((each, index) => ({
			id: `s${index}`,
			symbol: each.name,
			source: index % 2 === 0 ? 'trend' : 'order-flow',
			type: index % 2 === 0 ? 'direction' : 'imbalance',
			value: Math.sin(world.tickCount / 50 + index),
			confidence: 0.5 + 0.4 * Math.abs(Math.cos(world.tickCount / 70 + index)),
			createdAtMs: world.nowMs - 3_000 - index * 900,
			expiresAtMs: world.nowMs + 57_000,
		})),
	};
}

export const CONFIG: QueryAnswer<'config'> = {
	config: {
		mode: 'sim',
		venues: { bybit: { kind: 'bybit', environment: 'box', symbols: ['BTCUSDT', 'ETHUSDT'] } },
		strategy: { min_time_in_book_ms: 500, amend_price_threshold_bps: 1, amend_size_threshold: 0.2 },
		strategies: [{ name: 'ladder', symbols: ['*'], params: { levels: 3, spread_bps: 2.5, skew: 0.4, size_usd: 400 } }],
		async_batch: { enabled: true, max_parallel_symbols: 10, coalesce_cancel: true, max_batch_size: 20, tick_deadline_ms: 200 },
		risk: { max_position_usd: 5_000, max_gross_exposure: 20_000, daily_loss_limit: 500, price_collar_bps: 200 },
	},
	overlay: { 'strategy.min_time_in_book_ms': 750 },
	live: [
		'strategy.min_time_in_book_ms',
		'strategy.amend_price_threshold_bps',
		'risk.max_gross_exposure',
		'risk.daily_loss_limit',
	],
	file: '/home/op/evenkeel.yaml',
	waiting: [{ path: 'async_batch.max_parallel_symbols', sentence: 'takes effect at the next start' }],
};
