/** The views of a made-up engine, in the API's own types, so that a view that changes breaks this file first. */
import type { QueryAnswer, QueryName } from '../../src/api/types.ts';
import { alerts, CONFIG, decisions, holdsOf, latency, reconciliations, risk, signals } from './fake-operating.ts';
import { DEPTH_STEPS, type FakeOrder, type FakeSymbol, type FakeWorld } from './fake-world.ts';

type Params = Readonly<Record<string, unknown>>;
export type FakeAudit = QueryAnswer<'audit'>['rows'];

export class UnknownSymbol extends Error {}

/** Undefined: there is no such view. */
export function fakeView(world: FakeWorld, audit: FakeAudit, name: string, params: Params): object | undefined {
	const make = VIEWS[name as QueryName];
	return make?.(world, params, audit);
}

const VIEWS: { [Name in QueryName]: (world: FakeWorld, params: Params, audit: FakeAudit) => QueryAnswer<Name> } = {
	overview,
	symbols: (world) => ({ atMs: world.nowMs, symbols: world.symbols.map((each) => rowOf(world, each)) }),
	symbol,
	history,
	orders,
	fills,
	markouts,
	latency,
	reconciliations,
	risk,
	alerts,
	decisions,
	signals,
	config: () => CONFIG,
	backtests: (world) => ({
		atMs: world.nowMs,
		runs: [{ id: 'bt-0412', atMs: world.startedAtMs - 86_400_000, sentence: '4 symbols, 7 days, +312.40 USDT, 18,204 fills' }],
	}),
	audit: (world, _params, rows) => ({ atMs: world.nowMs, rows: [...rows] }),
	health: (world) => ({
		atMs: world.nowMs,
		isReady: world.level === 'run',
		checks: [
			{ name: 'streams', isGood: true, sentence: 'all streams are up' },
			{ name: 'level', isGood: world.level === 'run', sentence: world.reason ?? 'orders are allowed' },
		],
	}),
};

function rowOf(world: FakeWorld, each: FakeSymbol): QueryAnswer<'symbols'>['symbols'][number] {
	const stopped =
		world.level === 'kill' ? `killed: ${world.reason}` : each.isPaused || world.isPaused ? 'paused by a person' : undefined;
	const why = (side: 'buy' | 'sell'): { isQuoting: boolean; why: string } => {
		const isFull = side === 'buy' ? each.position >= each.positionMax : each.position <= -each.positionMax;
		if (stopped !== undefined) return { isQuoting: false, why: stopped };
		if (isFull) return { isQuoting: false, why: `holds ${each.position.toFixed(3)} of ${each.positionMax}: no more ${side}s` };
		return {
			isQuoting: true,
			why: `${each.open.filter((order) => order.side === side).length} levels around ${each.reservation.toFixed(4)}`,
		};
	};
	const ownBid = each.best('buy');
	const ownAsk = each.best('sell');
	return {
		id: each.id,
		name: each.name,
		venue: each.venue,
		category: 'linear',
		base: each.base,
		quote: 'USDT',
		bid: each.bid,
		ask: each.ask,
		mid: each.mid,
		mark: each.mid,
		spreadBps: ((each.ask - each.bid) / each.mid) * 10_000,
		fair: each.fair,
		reservation: each.reservation,
		ownBid,
		ownAsk,
		bookAgeMs: 20 + (world.tickCount % 9) * 11,
		isBookTrusted: true,
		position: text(each.position),
		positionWorth: each.position * each.mid,
		positionMax: each.positionMax,
		openOrders: each.open.length,
		fills: each.fillCount,
		profit: each.profit,
		uptime: Math.min(1, each.quotingMs / Math.max(1, world.nowMs - world.startedAtMs)),
		buy: why('buy'),
		sell: why('sell'),
		holds: holdsOf(each),
	};
}

function overview(world: FakeWorld): QueryAnswer<'overview'> {
	const sum = (figure: (each: FakeSymbol) => number): number => world.symbols.reduce((total, each) => total + figure(each), 0);
	const profit = sum((each) => each.profit);
	const wave = Math.sin(world.tickCount / 40);
	return {
		atMs: world.nowMs,
		run: {
			id: '7f3a9c',
			mode: 'sim',
			version: '0.1.0',
			startedAtMs: world.startedAtMs,
			settings: 'a1c9e2',
			instance: 'fake',
		},
		level: world.level,
		reason: world.reason,
		pauses: world.isPaused ? [{ cause: 'person', reason: 'asked for', liftsByItself: false }] : [],
		isFlattening: false,
		isComparing: false,
		tick: { count: world.tickCount, overruns: 3, p50: 1.1 + wave * 0.1, p95: 2.6 + wave * 0.4, p99: 4.8 + wave },
		commands: {
			before: world.tickCount * 21,
			after: world.tickCount * 9,
			calls: world.tickCount * 2,
			saved: world.tickCount * 19,
		},
		openOrders: sum((each) => each.open.length),
		unknownOrders: 0,
		fills: sum((each) => each.fillCount),
		profit: {
			currency: 'USDT',
			total: profit.toFixed(6),
			realised: (profit * 0.8).toFixed(6),
			unrealised: (profit - profit * 0.8 - sum((each) => each.feesPaid + each.fundingPaid)).toFixed(6),
			fees: sum((each) => each.feesPaid).toFixed(6),
			funding: sum((each) => each.fundingPaid).toFixed(6),
			spread: sum((each) => each.spreadEarned).toFixed(6),
			inventory: sum((each) => each.inventoryEarned).toFixed(6),
			isComplete: true,
		},
		equity: (100_000 + profit).toFixed(6),
		drawdown: Math.max(0, 12 - profit / 10).toFixed(6),
		grossExposure: sum((each) => Math.abs(each.position) * each.mid).toFixed(6),
		netExposure: sum((each) => each.position * each.mid).toFixed(6),
		process: { loopDelayP99Ms: 3.2 + wave, journalDelayMs: 0.8, heapMb: 84 + (world.tickCount % 100) / 10, lostBesides: 0 },
		venues: ['bybit', 'binance']
			.filter((venue) => world.symbols.some((each) => each.venue === venue))
			.map((venue) => venueOf(world, venue)),
		alerts: { critical: world.level === 'kill' ? 1 : 0, warning: 1 },
	};
}

function venueOf(world: FakeWorld, name: string): QueryAnswer<'overview'>['venues'][number] {
	const left = 0.7 + 0.25 * Math.sin(world.tickCount / 90);
	return {
		name,
		kind: name === 'binance' ? 'binance' : 'bybit',
		environment: 'box',
		isReady: true,
		streams: [
			{ name: 'public linear', isUp: true, downSinceMs: null },
			{ name: 'private', isUp: world.tickCount % 600 > 40, downSinceMs: world.tickCount % 600 > 40 ? null : world.nowMs - 2_000 },
		],
		clockOffsetMs: 1.4,
		budget: [
			{ name: 'linear place', left, limit: 100 },
			{ name: 'linear cancel', left: Math.min(1, left + 0.1), limit: 100 },
		],
		pool: { open: 4, idle: 3, waiting: 0 },
		restErrors: 2,
		reconnects: 1,
	};
}

function symbol(world: FakeWorld, { symbol: wanted, depth = 20 }: Params): QueryAnswer<'symbol'> {
	const each = found(world, wanted);
	const side = (name: 'buy' | 'sell'): QueryAnswer<'symbol'>['bids'] =>
		Array.from({ length: Number(depth) }, (_, index) => {
			const price = name === 'buy' ? each.bid - index * each.tickSize : each.ask + index * each.tickSize;
			const ours = each.open.filter((order) => order.side === name && Math.abs(order.price - price) < each.tickSize / 2);
			const own = ours.reduce((total, order) => total + order.qty - order.filled, 0);
			return { price, qty: each.standing(price, world.nowMs) + own, own, ahead: ours[0]?.ahead ?? null };
		});
	return {
		atMs: world.nowMs,
		row: rowOf(world, each),
		bids: side('buy'),
		asks: side('sell'),
		tickSize: each.tickSize,
		lotSize: each.lotSize,
		targets: each.open.map(({ side: of, level, price, qty }) => ({ side: of, level, price, qty })),
		strategy: { name: 'ladder', params: { levels: 3, spread_bps: 2.5, skew: 0.4, size_usd: 400 } },
		lastTrade: each.mid,
		fundingRate: 0.0001,
	};
}

function history(world: FakeWorld, { symbol: wanted, sinceMs = 0, depth = false }: Params): QueryAnswer<'history'> {
	const all = wanted === undefined ? undefined : found(world, wanted);
	const from = (all ?? world.symbols[0])?.samples ?? [];
	const skipped = from.findIndex(({ atMs }) => atMs > Number(sinceMs));
	const samples = skipped < 0 ? [] : from.slice(skipped);
	const at = (index: number): readonly FakeSymbol['samples'][number][] =>
		all === undefined ? world.symbols.flatMap((each) => each.samples.at(skipped + index) ?? []) : samples.slice(index, index + 1);
	const summed = (figure: (sample: FakeSymbol['samples'][number]) => number): number[] =>
		samples.map((_, index) => at(index).reduce((total, sample) => total + figure(sample), 0));
	const own = (figure: (sample: FakeSymbol['samples'][number]) => number | null): (number | null)[] =>
		samples.map((sample) => (all === undefined ? null : figure(sample)));
	const columns = depth === true || depth === 'true' ? samples.slice(-600) : [];
	return {
		symbol: all?.name ?? '',
		atMs: samples.map(({ atMs }) => atMs),
		mid: own(({ mid }) => mid),
		fair: own(({ fair }) => fair),
		reservation: own(({ reservation }) => reservation),
		ownBid: own(({ ownBid }) => ownBid),
		ownAsk: own(({ ownAsk }) => ownAsk),
		position: all === undefined ? samples.map(() => null) : summed(({ position }) => position),
		positionMax: own(() => all?.positionMax ?? null),
		profit: summed(({ profit }) => profit),
		spread: summed(({ spread }) => spread),
		inventory: summed(({ inventory }) => inventory),
		fees: summed(({ fees }) => fees),
		funding: summed(({ funding }) => funding),
		fills: (all?.fills ?? [])
			.filter(({ atMs }) => atMs > Number(sinceMs))
			.map(({ atMs, side, price, qty }) => ({ atMs, side, price, qty })),
		depth: {
			atMs: columns.map(({ atMs }) => atMs),
			low: columns.map(({ depthLow }) => depthLow),
			step: all?.tickSize ?? 1,
			qty: all === undefined ? [] : columns.map(({ depth: quantities }) => quantities.slice(0, DEPTH_STEPS)),
		},
	};
}

function orders(world: FakeWorld, params: Params): QueryAnswer<'orders'> {
	const state = params['state'] ?? 'open';
	const rows = wantedSymbols(world, params).flatMap((each) => {
		const list = state === 'open' ? each.open : state === 'closed' ? each.closed : [...each.open, ...each.closed];
		return list.map((order) => orderRow(each, order));
	});
	const fitting = rows
		.filter(({ side }) => params['side'] === undefined || side === params['side'])
		.toSorted((a, b) => b.updatedAtMs - a.updatedAtMs);
	return { atMs: world.nowMs, total: fitting.length, orders: page(fitting, params) };
}

function orderRow(each: FakeSymbol, order: FakeOrder): QueryAnswer<'orders'>['orders'][number] {
	return {
		orderId: order.orderId,
		venueOrderId: `v-${order.orderId.slice(-6)}`,
		symbol: each.name,
		venue: each.venue,
		side: order.side,
		state: order.state,
		isOpen: order.state === 'open' || order.state === 'partiallyFilled',
		price: text(order.price),
		qty: text(order.qty),
		filled: text(order.filled),
		owner: 'ladder',
		level: order.level,
		reduceOnly: false,
		createdAtMs: order.createdAtMs,
		updatedAtMs: order.updatedAtMs,
		ahead: order.ahead,
		reason: order.reason,
	};
}

function fills(world: FakeWorld, params: Params): QueryAnswer<'fills'> {
	const rows = wantedSymbols(world, params)
		.flatMap((each) =>
			each.fills.map((fill) => ({
				...fill,
				symbol: each.name,
				venue: each.venue,
				price: text(fill.price),
				qty: text(fill.qty),
				fee: (-fill.fee).toFixed(6),
				feeCurrency: 'USDT',
				isMaker: true,
			})),
		)
		.filter(({ side }) => params['side'] === undefined || side === params['side'])
		.toSorted((a, b) => b.atMs - a.atMs);
	return { atMs: world.nowMs, total: rows.length, fills: page(rows, params) };
}

function markouts(world: FakeWorld): QueryAnswer<'markouts'> {
	const seconds = [0.1, 0.5, 1, 5, 10, 30, 60];
	const mean = (values: (number | null)[]): number | null => {
		const known = values.filter((value) => value !== null);
		return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
	};
	const rows = world.symbols.flatMap((each) =>
		(['buy', 'sell', 'both'] as const).map((side) => {
			const of = each.fills.filter((fill) => side === 'both' || fill.side === side);
			return {
				symbol: each.name,
				side,
				fills: of.length,
				edgeBps: mean(of.map(({ edgeBps }) => edgeBps)),
				markoutsBps: seconds.map((_, index) => mean(of.map((fill) => fill.markoutsBps[index] ?? null))),
				counts: seconds.map((_, index) => of.filter((fill) => fill.markoutsBps[index] !== null).length),
			};
		}),
	);
	return { seconds, rows };
}

function wantedSymbols(world: FakeWorld, { symbol: wanted, venue }: Params): readonly FakeSymbol[] {
	const chosen = wanted === undefined ? world.symbols : [found(world, wanted)];
	return chosen.filter((each) => venue === undefined || each.venue === venue);
}

function found(world: FakeWorld, wanted: unknown): FakeSymbol {
	const each = world.find(String(wanted));
	if (each === undefined) throw new UnknownSymbol(`There is no symbol ${String(wanted)} here.`);
	return each;
}

function page<Row>(rows: readonly Row[], { limit = 200, offset = 0 }: Params): Row[] {
	return rows.slice(Number(offset), Number(offset) + Number(limit));
}

/** Without the noise of binary fractions. */
function text(value: number): string {
	return value.toFixed(8).replace(/\.?0+$/, '') || '0';
}
