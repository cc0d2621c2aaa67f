/**
 * What may be asked of a running engine from outside: what can be read, and what can be done. The API serves exactly this
 * table, its document is printed from it, and its clients are typed by it. Whoever may do what is said with each action.
 */
import * as z from 'zod';
import {
	alertsView,
	auditView,
	backtestsView,
	configView,
	decisionsView,
	fillsView,
	healthView,
	historyView,
	latencyView,
	markoutsView,
	ordersView,
	overviewView,
	reconciliationsView,
	riskView,
	signalsView,
	symbolsView,
	symbolView,
} from './views.ts';

/** By its shortest name or its id. */
const symbol = z.string().min(1).max(100);
const limit = z.coerce.number().int().min(1).max(1_000).default(200);
const none = z.strictObject({});
const reason = z.string().trim().min(1).max(200);

const order = {
	symbol: symbol.optional(),
	venue: z.string().max(100).optional(),
	side: z.enum(['buy', 'sell']).optional(),
	limit,
	offset: z.coerce.number().int().min(0).max(100_000).default(0),
};

/** Each is `GET /v1/<name>` and a topic of the live feed. */
export const QUERIES = {
	overview: { params: none, answer: overviewView, help: 'state, PnL, ticks, calls, venues' },
	symbols: { params: none, answer: symbolsView, help: 'a line for each symbol, with why each side quotes or not' },
	symbol: {
		params: z.strictObject({ symbol, depth: z.coerce.number().int().min(1).max(50).default(20) }),
		answer: symbolView,
		help: 'the book of one symbol with our orders in it',
	},
	history: {
		params: z.strictObject({
			symbol: symbol.optional().describe('all together unless given'),
			sinceMs: z.coerce.number().min(0).default(0),
			depth: z.stringbool().default(false),
		}),
		answer: historyView,
		help: 'prices, quotes, inventory and PnL over time, by the second',
	},
	orders: {
		params: z.strictObject({ ...order, state: z.enum(['open', 'closed', 'all']).default('open') }),
		answer: ordersView,
		help: 'open orders, or the last that are over',
	},
	fills: { params: z.strictObject(order), answer: fillsView, help: 'the last fills with their markouts' },
	markouts: { params: none, answer: markoutsView, help: 'how the market moved after our fills' },
	latency: { params: none, answer: latencyView, help: 'where the time of a tick goes' },
	reconciliations: { params: z.strictObject({ limit }), answer: reconciliationsView, help: 'comparisons with the venue' },
	risk: { params: none, answer: riskView, help: 'levels, limits, refusals, freshness' },
	alerts: { params: z.strictObject({ limit }), answer: alertsView, help: 'what is wrong and what was' },
	decisions: { params: z.strictObject({ limit }), answer: decisionsView, help: 'what the trading desk decided and why' },
	signals: { params: z.strictObject({ symbol: symbol.optional(), limit }), answer: signalsView, help: 'signals in force' },
	config: { params: none, answer: configView, help: 'the settings in force' },
	backtests: { params: none, answer: backtestsView, help: 'backtests that were run here' },
	audit: { params: z.strictObject({ limit }), answer: auditView, help: 'who did what through this door' },
	health: { params: none, answer: healthView, help: 'what has to be well for quoting' },
} as const;

export type QueryName = keyof typeof QUERIES;
export type QueryParams<Name extends QueryName> = z.input<(typeof QUERIES)[Name]['params']>;
/** As read, with what holds where nothing was said. */
export type QueryAsked<Name extends QueryName> = z.output<(typeof QUERIES)[Name]['params']>;
export type QueryAnswer<Name extends QueryName> = z.output<(typeof QUERIES)[Name]['answer']>;

export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** What has to be typed for what cannot be undone by a click. */
export const PHRASES = { rearm: 'I know why it stopped', raise: 'I want to risk more' } as const;

const scope = { symbol: symbol.optional().describe('all symbols unless given') };

/** Each is `POST /v1/<name>`. */
export const ACTIONS = {
	pause: {
		params: z.strictObject({ ...scope, reason: reason.default('asked for') }),
		role: 'operator',
		help: 'cancel quotes, and quote no more until resumed',
	},
	resume: { params: z.strictObject(scope), role: 'operator', help: 'take back a pause that a person asked for' },
	'cancel-all': { params: z.strictObject(scope), role: 'operator', help: 'cancel every order; strategies go on' },
	'reduce-only': { params: z.strictObject({ reason }), role: 'operator', help: 'positions may only shrink, until re-armed' },
	'flatten-preview': {
		params: z.strictObject(scope),
		role: 'operator',
		help: 'what flatten would close, and at what price; changes nothing',
	},
	flatten: {
		params: z.strictObject({ ...scope, reason: reason.default('asked for') }),
		role: 'operator',
		help: 'close what is held, slice by slice',
	},
	kill: {
		params: z.strictObject({ reason }),
		role: 'operator',
		help: 'cancel everything and place nothing more, until re-armed',
	},
	rearm: {
		params: z.strictObject({ phrase: z.string().max(200) }),
		role: 'admin',
		help: 'after a kill or reduce-only: allow orders again',
	},
	compare: { params: none, role: 'operator', help: 'compare with every venue now' },
	'patch-config': {
		params: z.strictObject({
			set: z.record(z.string().max(200), z.unknown()).describe('values by path, such as strategy.min_time_in_book_ms'),
			phrase: z.string().max(200).optional().describe('needed where a limit becomes wider'),
			save: z.boolean().default(false).describe('write it into the file as well'),
		}),
		role: 'admin',
		help: 'change what may change while it runs',
	},
	'strategy-params': {
		params: z.strictObject({
			strategy: z.string().max(100),
			set: z.record(z.string().max(200), z.unknown()),
			save: z.boolean().default(false),
		}),
		role: 'operator',
		help: 'change parameters of one strategy',
	},
	'test-alert': { params: none, role: 'operator', help: 'send a test through every alert sink' },
} as const;

export type ActionName = keyof typeof ACTIONS;
export type ActionParams<Name extends ActionName> = z.input<(typeof ACTIONS)[Name]['params']>;

/** As read. */
export type ActionAsked<Name extends ActionName> = z.output<(typeof ACTIONS)[Name]['params']>;

const closingRow = z.object({
	symbol: z.string(),
	side: z.enum(['buy', 'sell']),
	qty: z.string(),
	price: z.number().nullable(),
	worth: z.number().nullable(),
	/** What closing at the book as it is would cost against the mid. */
	cost: z.number().nullable(),
});

/** Refused: nothing has changed, and the sentence says why and how to mend it. */
export const actionResult = z.discriminatedUnion('kind', [
	z.object({
		kind: z.literal('done'),
		sentence: z.string(),
		/** Orders that it concerned, where it concerned any. */
		orders: z.number().optional(),
		closing: z.array(closingRow).optional(),
		changes: z.array(z.string()).optional(),
	}),
	z.object({ kind: z.literal('refused'), code: z.string(), sentence: z.string() }),
]);
export type ActionResult = z.output<typeof actionResult>;

/** Who asks: for the audit record. */
export interface Actor {
	readonly name: string;
	readonly role: Role;
	readonly from: string;
}

/** The engine's side of the door. Lives beside the engine; whoever serves it may live in another thread. */
export interface Console {
	/** Cheap, and waits for nobody but the store of signals. Throws `UnknownSymbol` where a symbol is none. */
	read<Name extends QueryName>(name: Name, params: QueryAsked<Name>): Promise<QueryAnswer<Name>>;
	act<Name extends ActionName>(name: Name, params: ActionAsked<Name>, actor: Actor): Promise<ActionResult>;
}
