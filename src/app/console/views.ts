/**
 * What a person or a program outside may look at: each view is plain data with a schema, the same for the dashboard, the
 * command line and other people's programs. Amounts that have to be exact are decimal text; figures for charts and
 * ratios are numbers, and null where there is none. Times are milliseconds since 1970. Nothing here is a secret (SEC7).
 */
import * as z from 'zod';

const decimal = z.string().describe('an exact decimal number');
const amount = z.number().nullable();
const share = z.number().min(0).max(1);
const atMs = z.number().describe('milliseconds since 1970');
const side = z.enum(['buy', 'sell']);
const sentence = z.string().describe('for a person to read');

const levelName = z.enum(['run', 'pauseQuoting', 'reduceOnly', 'kill']);

/** Why something stands still. */
const holdView = z.object({
	cause: z.string(),
	reason: sentence,
	/** False: only a person takes it back. */
	liftsByItself: z.boolean(),
});

/** It adds up: spread + inventory + fees + funding = total = realised + unrealised + fees + funding. Fees paid are below zero. */
const profitView = z.object({
	currency: z.string(),
	total: decimal,
	realised: decimal,
	unrealised: decimal,
	fees: decimal,
	funding: decimal,
	spread: decimal.describe('what fills earned against the middle of the book at their moment'),
	inventory: decimal.describe('what the middle of the book did to what we held'),
	isComplete: z.boolean().describe('false where a mark or a rate is missing'),
});

const venueView = z.object({
	name: z.string(),
	kind: z.enum(['bybit', 'binance']),
	environment: z.string(),
	isReady: z.boolean(),
	streams: z.array(z.object({ name: z.string(), isUp: z.boolean(), downSinceMs: amount })),
	/** How far its clock is ahead of ours. */
	clockOffsetMs: amount,
	/** What is left of its limits, 1 where nothing is used. */
	budget: z.array(z.object({ name: z.string(), left: share, limit: z.number() })),
	/** Of the pooled connections. */
	pool: z.object({ open: z.number(), idle: z.number(), waiting: z.number() }),
	restErrors: z.number(),
	reconnects: z.number(),
});

const whySide = z.object({ isQuoting: z.boolean(), why: sentence });

export const symbolRow = z.object({
	id: z.string(),
	/** The shortest name that means nothing else here. */
	name: z.string(),
	venue: z.string(),
	category: z.enum(['linear', 'spot', 'inverse']),
	base: z.string(),
	quote: z.string(),
	bid: amount,
	ask: amount,
	mid: amount,
	mark: amount,
	spreadBps: amount,
	/** What the strategy takes for the fair price, and where it quotes around. */
	fair: amount,
	reservation: amount,
	/** Our best resting prices. */
	ownBid: amount,
	ownAsk: amount,
	bookAgeMs: amount,
	isBookTrusted: z.boolean(),
	position: decimal,
	/** In the quote currency. */
	positionWorth: z.number(),
	/** The most that may be held either way, in the base currency; null where nothing bounds it. */
	positionMax: amount,
	openOrders: z.number(),
	fills: z.number(),
	/** Of trading in this symbol, in its quote currency. */
	profit: z.number(),
	/** Share of the time since the start in which both sides stood in the book. */
	uptime: share,
	buy: whySide,
	sell: whySide,
	holds: z.array(holdView),
});

export const overviewView = z.object({
	atMs,
	run: z.object({
		id: z.string(),
		mode: z.string(),
		version: z.string(),
		startedAtMs: atMs,
		settings: z.string().describe('a hash of the settings in force'),
		instance: z.string(),
	}),
	level: levelName,
	reason: sentence.nullable(),
	pauses: z.array(holdView),
	isFlattening: z.boolean(),
	/** What we know is being held against the venue. */
	isComparing: z.boolean(),
	tick: z.object({ count: z.number(), overruns: z.number(), p50: z.number(), p95: z.number(), p99: z.number() }),
	commands: z.object({ before: z.number(), after: z.number(), calls: z.number(), saved: z.number() }),
	openOrders: z.number(),
	unknownOrders: z.number(),
	fills: z.number(),
	/** The whole in the home currency. */
	profit: profitView,
	equity: decimal,
	drawdown: decimal,
	grossExposure: decimal,
	netExposure: decimal,
	process: z.object({
		loopDelayP99Ms: z.number(),
		journalDelayMs: z.number(),
		heapMb: z.number(),
		lostBesides: z.number().describe('points that outlets had no room for'),
	}),
	venues: z.array(venueView),
	alerts: z.object({ critical: z.number(), warning: z.number() }),
});

export const symbolsView = z.object({ atMs, symbols: z.array(symbolRow) });

const depthLevel = z.object({
	price: z.number(),
	qty: z.number(),
	/** Ours in it. */
	own: z.number(),
	/** How much stands before our first order there, as far as anybody outside can tell; null where we have none. */
	ahead: amount,
});

export const symbolView = z.object({
	atMs,
	row: symbolRow,
	bids: z.array(depthLevel),
	asks: z.array(depthLevel),
	tickSize: z.number(),
	lotSize: z.number(),
	targets: z.array(z.object({ side, level: z.number(), price: z.number(), qty: z.number() })),
	strategy: z.object({ name: z.string(), params: z.unknown() }).nullable(),
	/** The last prints of the market. */
	lastTrade: amount,
	fundingRate: amount,
});

const series = z.array(z.number().nullable());

/** Equally long columns, oldest first. */
export const historyView = z.object({
	symbol: z.string(),
	atMs: z.array(z.number()),
	mid: series,
	fair: series,
	reservation: series,
	ownBid: series,
	ownAsk: series,
	position: series,
	positionMax: series,
	profit: series,
	spread: series,
	inventory: series,
	fees: series,
	funding: series,
	fills: z.array(z.object({ atMs, side, price: z.number(), qty: z.number() })),
	/** Depth for the heat map: a column a moment, quantities by price from `low` upwards. */
	depth: z.object({
		atMs: z.array(z.number()),
		low: z.array(z.number()),
		step: z.number(),
		qty: z.array(z.array(z.number())),
	}),
});

export const orderRow = z.object({
	orderId: z.string(),
	venueOrderId: z.string().nullable(),
	symbol: z.string(),
	venue: z.string(),
	side,
	state: z.string(),
	isOpen: z.boolean(),
	price: decimal,
	qty: decimal,
	filled: decimal,
	/** The strategy, the desk, or a hand. */
	owner: z.string(),
	level: amount,
	reduceOnly: z.boolean(),
	createdAtMs: atMs,
	updatedAtMs: atMs,
	/** How much stood before it when last seen. */
	ahead: amount,
	/** What ended it where that was no fill. */
	reason: sentence.nullable(),
});

/** Newest first; `total` is how many there are that fit the filter. */
export const ordersView = z.object({ atMs, total: z.number(), orders: z.array(orderRow) });

export const fillRow = z.object({
	executionId: z.string(),
	orderId: z.string(),
	symbol: z.string(),
	venue: z.string(),
	side,
	price: decimal,
	qty: decimal,
	fee: decimal,
	feeCurrency: z.string(),
	isMaker: z.boolean(),
	atMs,
	/** Against the middle of the book when it came, in basis points; above zero was earned. */
	edgeBps: amount,
	/** The same after each of `MARKOUT_SECONDS`. */
	markoutsBps: z.array(amount),
});

export const fillsView = z.object({ atMs, total: z.number(), fills: z.array(fillRow) });

/** Weighed by worth; positive means that the market went our way. */
export const markoutsView = z.object({
	seconds: z.array(z.number()),
	rows: z.array(
		z.object({
			symbol: z.string(),
			side: z.enum(['buy', 'sell', 'both']),
			fills: z.number(),
			edgeBps: amount,
			markoutsBps: z.array(amount),
			counts: z.array(z.number()),
		}),
	),
});

export const latencyView = z.object({
	atMs,
	stages: z.array(
		z.object({
			name: z.string(),
			count: z.number(),
			p50: amount,
			p95: amount,
			p99: amount,
			/** Of the time from a flush's first event to its last answer; null for what is no part of it. */
			share: amount,
		}),
	),
	/** By the minute, oldest first. */
	history: z.object({ atMs: z.array(z.number()), tickP50: series, tickP95: series, decideP95: series, journalP95: series }),
	batchFill: z.array(z.object({ venue: z.string(), verb: z.string(), calls: z.number(), perCall: z.number(), max: z.number() })),
	/** Amends for each cancel. */
	amendToCancel: amount,
	budget: z.array(z.object({ venue: z.string(), name: z.string(), left: share, limit: z.number() })),
});

export const reconciliationRow = z.object({
	atMs,
	venue: z.string(),
	kind: z.enum(['clean', 'differs']),
	/** Orders that were compared. */
	compared: z.number(),
	tookMs: z.number(),
	why: z.string(),
	diffs: z.array(z.object({ kind: z.string(), orderId: z.string().nullable(), symbol: z.string().nullable(), sentence })),
});

export const reconciliationsView = z.object({ atMs, rows: z.array(reconciliationRow) });

export const alertRow = z.object({
	id: z.string(),
	/** Stands in the operator's manual with what to do: docs/runbooks.md#code. */
	code: z.string(),
	severity: z.enum(['critical', 'warning', 'info']),
	sentence,
	symbol: z.string().nullable(),
	venue: z.string().nullable(),
	sinceMs: atMs,
	/** Null while it lasts. */
	endedMs: amount,
	count: z.number(),
	/** What the sinks did with it. */
	sent: z.array(z.object({ sink: z.string(), atMs, result: z.string() })),
});

export const alertsView = z.object({ atMs, alerts: z.array(alertRow) });

export const riskView = z.object({
	atMs,
	level: levelName,
	reason: sentence.nullable(),
	pauses: z.array(holdView),
	symbols: z.array(z.object({ id: z.string(), name: z.string(), holds: z.array(holdView) })),
	/** Each limit with how much of it is used. */
	limits: z.array(z.object({ key: z.string(), sentence, limit: z.number(), used: amount, unit: z.string() })),
	/** What the gate refused since the start. */
	denials: z.array(z.object({ code: z.string(), sentence, count: z.number() })),
	freshness: z.array(z.object({ name: z.string(), ageMs: amount, maxMs: amount, isFresh: z.boolean() })),
	ladder: z.array(z.object({ code: z.string(), name: z.string(), sentence, isOn: z.boolean(), reachable: z.boolean() })),
	sentinel: z.object({ isNeeded: z.boolean(), isWatching: z.boolean() }),
});

export const decisionsView = z.object({
	atMs,
	decisions: z.array(
		z.object({
			id: z.string(),
			atMs,
			workflow: z.string(),
			symbol: z.string(),
			side: z.enum(['buy', 'sell', 'none']),
			what: z.string(),
			why: sentence,
			confidence: amount,
			orderId: z.string().nullable(),
			state: z.string(),
			held: decimal,
			averagePrice: amount,
			exits: z.string(),
		}),
	),
});

export const signalsView = z.object({
	atMs,
	signals: z.array(
		z.object({
			id: z.string(),
			symbol: z.string(),
			source: z.string(),
			type: z.string(),
			value: z.number(),
			confidence: z.number(),
			createdAtMs: atMs,
			expiresAtMs: z.number().nullable(),
		}),
	),
});

export const configView = z.object({
	/** As it stands in force, with defaults; no secret is ever in a configuration. */
	config: z.unknown(),
	/** What a patch has laid over the file. */
	overlay: z.record(z.string(), z.unknown()),
	/** Paths that may change while it runs. */
	live: z.array(z.string()),
	file: z.string().nullable(),
	waiting: z.array(z.object({ path: z.string(), sentence })),
});

export const backtestsView = z.object({ atMs, runs: z.array(z.object({ id: z.string(), atMs, sentence })) });

export const auditView = z.object({
	atMs,
	rows: z.array(z.object({ atMs, who: z.string(), role: z.string(), from: z.string(), what: z.string(), result: z.string() })),
});

export const healthView = z.object({
	atMs,
	isReady: z.boolean(),
	checks: z.array(z.object({ name: z.string(), isGood: z.boolean(), sentence })),
});

/** When after a fill the market is looked at again, in seconds. */
export const MARKOUT_SECONDS = [0.1, 0.5, 1, 5, 10, 30, 60] as const;

export type Overview = z.output<typeof overviewView>;
export type SymbolRow = z.output<typeof symbolRow>;
export type SymbolView = z.output<typeof symbolView>;
export type HistoryView = z.output<typeof historyView>;
export type OrderRow = z.output<typeof orderRow>;
export type FillRow = z.output<typeof fillRow>;
export type MarkoutsView = z.output<typeof markoutsView>;
export type LatencyView = z.output<typeof latencyView>;
export type ReconciliationRow = z.output<typeof reconciliationRow>;
export type AlertRow = z.output<typeof alertRow>;
export type RiskView = z.output<typeof riskView>;
export type ConfigView = z.output<typeof configView>;
export type HealthView = z.output<typeof healthView>;
