/**
 * Every figure that the engine knows anyway and is asked for when somebody looks: states as gauges, what was counted as
 * counters. Units stand in the names; amounts of money are in the home currency unless the text says otherwise.
 */
import { VERBS } from '../domain/command.ts';
import { ORDER_STATES } from '../domain/order-life.ts';
import { FAILURE_CLASSES } from '../domain/outcome.ts';
import type { FreeLabel } from './labels.ts';

export interface FigureEntry {
	readonly name: string;
	readonly kind: 'counter' | 'gauge';
	/** Label names with the values that they can have; a list is complete. */
	readonly labels: Readonly<Record<string, readonly string[] | FreeLabel>>;
	readonly help: string;
}

const SIDES = ['buy', 'sell'] as const;
const ENDED = ['filled', 'cancelled', 'rejected', 'expired'] as const;
const OPEN = ORDER_STATES.filter((state): state is Exclude<(typeof ORDER_STATES)[number], (typeof ENDED)[number]> => {
	return !ENDED.some((ended) => ended === state);
});
const SYMBOL = { symbol: 'the symbol' } as const;
const EXCHANGE = { exchange: 'the exchange' } as const;

function gauge<const Labels extends FigureEntry['labels']>(name: string, labels: Labels, help: string) {
	return { name, kind: 'gauge', labels, help } as const;
}

function counter<const Labels extends FigureEntry['labels']>(name: string, labels: Labels, help: string) {
	return { name, kind: 'counter', labels, help } as const;
}

/** What we have. */
const WEALTH = {
	inventory: gauge('mm_inventory', SYMBOL, 'What is held, in the base currency; below zero is short.'),
	inventoryWorth: gauge(
		'mm_inventory_notional',
		SYMBOL,
		'What is held, in the currency that it settles in; below zero is short.',
	),
	symbolPnl: gauge(
		'mm_symbol_pnl',
		SYMBOL,
		'Profit of trading in the symbol with fees and funding, in the currency that it settles in.',
	),
	pnl: gauge(
		'mm_pnl',
		{ part: ['total', 'realised', 'unrealised', 'spread', 'inventory', 'fees', 'funding'] },
		'Profit of trading: total = spread + inventory + fees + funding = realised + unrealised + fees + funding; fees paid are below zero.',
	),
	pnlIsComplete: gauge('mm_pnl_complete', {}, '0 where a price or a rate is missing and some profit is left out.'),
	equity: gauge('mm_equity', {}, 'All that the account is worth.'),
	drawdown: gauge('mm_drawdown', {}, 'How far profit is below its highest.'),
	drawdownRatio: gauge('mm_drawdown_ratio', {}, 'The same as a share of the highest equity.'),
	exposure: gauge(
		'mm_exposure',
		{ kind: ['gross', 'net'] },
		'The worth of all positions, added up without and with their signs.',
	),
} satisfies Record<string, FigureEntry>;

/** Prices and our place among them. */
const QUOTING = {
	midPrice: gauge('mm_mid_price', SYMBOL, 'Middle of the book, in the quote currency.'),
	marketSpread: gauge(
		'mm_market_spread_bps',
		SYMBOL,
		'From the best bid to the best ask of the book, in basis points of the middle.',
	),
	quoteSpread: gauge('mm_quote_spread_bps', SYMBOL, 'From our best bid to our best ask, where there are both.'),
	quoting: gauge('mm_quoting', { ...SYMBOL, side: SIDES }, '1 while an order of ours stands in the book on this side.'),
	uptime: gauge('mm_quote_uptime_ratio', SYMBOL, 'Share of the time since the start in which both sides stood in the book.'),
	bookAge: gauge('mm_book_age_seconds', SYMBOL, 'Since the venue last confirmed the book as it is here.'),
	bookTrusted: gauge('mm_book_trusted', SYMBOL, '1 while the book may be quoted from.'),
	held: gauge('mm_symbol_held', SYMBOL, '1 while the symbol is not quoted for a reason of its own.'),
	openOrders: gauge('mm_open_orders', { ...SYMBOL, side: SIDES }, 'Orders of ours that are not over.'),
} satisfies Record<string, FigureEntry>;

const ORDERS = {
	orders: gauge('mm_orders', { state: OPEN }, 'Orders of ours that are not over, by state.'),
	ordersEnded: counter('mm_orders_ended_total', { state: ENDED }, 'Orders of ours that are over, by how they ended.'),
	fills: counter(
		'mm_fills_total',
		{ ...SYMBOL, side: SIDES, liquidity: ['maker', 'taker'] },
		'Executions that were booked, each once.',
	),
	fillVolume: counter('mm_fill_volume_total', SYMBOL, 'What they came to, in the quote currency.'),
	rejects: counter(
		'mm_rejects_total',
		{ verb: VERBS, reason: FAILURE_CLASSES },
		'Commands that the venue refused, by the class of the reason.',
	),
	unanswered: counter('mm_unanswered_total', { verb: VERBS }, 'Commands that got no clear answer: only the venue knows.'),
	denials: counter('mm_denials_total', { code: 'the code' }, 'Orders that our own gate refused, by the number of the check.'),
	ticks: counter('mm_ticks_total', {}, 'Ticks, those with nothing to send included.'),
	overruns: counter('mm_tick_overruns_total', {}, 'Flushes whose last answer came after the deadline of the tick.'),
	commands: counter('mm_commands_total', { op: VERBS }, 'Commands that were put on the bus.'),
	calls: counter('mm_calls_total', { op: VERBS }, 'Calls that were made of them.'),
	dropped: counter(
		'mm_commands_dropped_total',
		{},
		'Approved commands that never left: stale at the deadline, or overtaken by a newer target.',
	),
} satisfies Record<string, FigureEntry>;

const SAFETY = {
	riskLevel: gauge('mm_risk_level', {}, '0 runs, 1 does not quote, 2 only reduces positions, 3 is killed.'),
	pauses: counter('mm_pauses_total', {}, 'Times that quoting was paused until something had been compared.'),
	comparing: gauge('mm_comparing', {}, '1 while nothing is quoted because what we know is being compared with the venue.'),
	flattening: gauge('mm_flattening', {}, '1 while positions are being closed.'),
	comparisons: counter(
		'mm_reconciliations_total',
		{ ...EXCHANGE, result: ['clean', 'repaired', 'inconclusive', 'desync'] },
		'Comparisons with the venue, by what they found.',
	),
	comparisonFixes: counter(
		'mm_reconciliation_fixes_total',
		EXCHANGE,
		'Orders that a comparison put right or found without an owner.',
	),
	comparisonAge: gauge(
		'mm_reconciliation_age_seconds',
		EXCHANGE,
		'Since the last comparison ended; from the start where there was none.',
	),
	foreignOrders: gauge('mm_foreign_orders', EXCHANGE, 'Open orders of somebody else in our symbols.'),
	strategyFailures: counter('mm_strategy_failures_total', SYMBOL, 'Times that a strategy threw.'),
	alerts: gauge(
		'mm_alerts',
		{ code: 'the code', severity: ['critical', 'warning', 'info'] },
		'Alerts that last at this moment, by their code.',
	),
	alertsRaised: counter('mm_alerts_total', { code: 'the code' }, 'Alerts that were raised, by their code.'),
} satisfies Record<string, FigureEntry>;

const CONNECTIONS = {
	ready: gauge('mm_exchange_ready', EXCHANGE, '1 while all streams of the exchange are up, those for orders included.'),
	streamUp: gauge(
		'mm_stream_up',
		{ ...EXCHANGE, stream: ['public', 'private', 'order'] },
		'1 while the streams of this kind are up.',
	),
	booksLost: counter('mm_books_lost_total', EXCHANGE, 'Books that could not be followed and were read anew.'),
	clockOffset: gauge('mm_clock_offset_seconds', EXCHANGE, 'How far its clock is ahead of ours.'),
	budgetLeft: gauge(
		'mm_rate_budget_left_ratio',
		{ ...EXCHANGE, limit: 'the limit' },
		'What is left of a rate limit, as a share of what the exchange grants.',
	),
	rateRefusals: counter('mm_rate_refusals_total', EXCHANGE, 'Requests that were one too many for the exchange.'),
	breaker: gauge(
		'mm_breaker_state',
		{ ...EXCHANGE, endpoint: 'the endpoint' },
		'Circuit breakers of reads: 0 closed, 1 probing, 2 open.',
	),
	poolConnections: gauge(
		'mm_pool_connections',
		{ pool: 'the pool', state: ['active', 'idle'] },
		'HTTP connections that are open.',
	),
	poolWaiting: gauge('mm_pool_waiting', { pool: 'the pool' }, 'Calls that wait for a connection.'),
	poolExhausted: counter(
		'mm_pool_exhausted_total',
		{ pool: 'the pool' },
		'Calls that were turned away because pool and queue were full.',
	),
} satisfies Record<string, FigureEntry>;

const PROCESS = {
	run: gauge('mm_run_info', { mode: 'the mode', version: 'the version' }, 'Always 1; its labels say what runs.'),
	loopDelay: gauge(
		'mm_event_loop_delay_seconds',
		{ stat: ['p50', 'p99', 'max'] },
		'How late the event loop was, over the last ten seconds.',
	),
	loopStalls: counter('mm_loop_stalls_total', {}, 'Times that the loop came more than 100 ms late, or the process did not run.'),
	journalLag: gauge('mm_journal_lag_seconds', {}, 'How long the oldest commit is under way, or the last one took.'),
	journalFailures: counter('mm_journal_failures_total', {}, 'Commits that the disk did not take.'),
	outletLost: counter('mm_outlet_lost_total', { outlet: ['influxdb'] }, 'Points that it refused or that there was no room for.'),
	outletWaiting: gauge('mm_outlet_waiting', { outlet: ['influxdb'] }, 'Points that wait in memory.'),
	outletAway: gauge('mm_outlet_away', { outlet: ['influxdb', 'redis'] }, '1 while it does not take anything.'),
	cpu: counter('process_cpu_seconds_total', {}, 'User and system time of the process.'),
	resident: gauge('process_resident_memory_bytes', {}, 'Memory of the process.'),
	startedAt: gauge('process_start_time_seconds', {}, 'When it began, since 1970.'),
	heapUsed: gauge('nodejs_heap_size_used_bytes', {}, 'Memory in use by JavaScript.'),
} satisfies Record<string, FigureEntry>;

export const FIGURES = { ...WEALTH, ...QUOTING, ...ORDERS, ...SAFETY, ...CONNECTIONS, ...PROCESS };

export type FigureKey = keyof typeof FIGURES;
type Words<Kind> = Kind extends readonly (infer Word extends string)[] ? Word : string;
export type FigureLabels<Key extends FigureKey> = {
	readonly [Name in keyof (typeof FIGURES)[Key]['labels']]: Words<(typeof FIGURES)[Key]['labels'][Name]>;
};

/** What is no number (nobody knows, none there) is not told. */
export type Tell = <Key extends FigureKey>(key: Key, labels: FigureLabels<Key>, value: number) => void;

/**
 * Asked when somebody looks; tells all that it knows at that moment. One that has much to tell does so piece by piece,
 * and whoever asks lets the loop do its work between two of them.
 */
export type FigureSource = (tell: Tell) => void | Iterable<void>;
