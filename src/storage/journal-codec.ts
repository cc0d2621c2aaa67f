/**
 * HOT (bench/storage/journal.bench.ts): records as lines of JSON and back. What is written is ours and checked as bytes
 * before it gets here, so a line of an unknown shape is one of a version that we do not know, and that is said.
 */
import { z } from 'zod';
import type { Command } from '../domain/command.ts';
import { EXIT_REASONS } from '../domain/decision.ts';
import type { JournalRecord } from '../domain/journal-record.ts';
import type { TimeMs } from '../domain/units.ts';

/**
 * What an intent looks like as a record: the fields that `JSON.stringify` would give, without making the object. `owners`
 * names quoters by their number.
 */
export function lineOfCommand(command: Command, owners: readonly string[]): string {
	const { orderId } = command;
	if (command.kind === 'cancel') return `{"kind":"cancel","orderId":"${orderId}"}`;
	const { instrument, priceTicks, qtyLots } = command;
	const terms = `"version":${instrument.version},"priceTicks":${priceTicks},"qtyLots":${qtyLots}}`;
	if (command.kind === 'amend') return `{"kind":"amend","orderId":"${orderId}",${terms}`;
	const { quoter, slot, side, orderType, timeInForce, reduceOnly } = command;
	return `{"kind":"place","orderId":"${orderId}","instrumentId":${JSON.stringify(instrument.id)},"owner":${JSON.stringify(owners[quoter] ?? '')},"slot":${slot},"side":"${side}","orderType":"${orderType}","timeInForce":"${timeInForce}","reduceOnly":${reduceOnly},${terms}`;
}

export function lineOf(record: JournalRecord): string {
	return JSON.stringify(record);
}

export type LineRead =
	| { readonly kind: 'record'; readonly record: JournalRecord }
	/** Of the file itself, such as its head or a probe. */
	| { readonly kind: 'other'; readonly value: Readonly<Record<string, unknown>> }
	| { readonly kind: 'unreadable'; readonly detail: string };

export function readLine(line: string): LineRead {
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch {
		return { kind: 'unreadable', detail: `no JSON: ${line.slice(0, 80)}` };
	}
	if (!isNamed(value)) return { kind: 'unreadable', detail: `no record: ${line.slice(0, 80)}` };
	if (OTHERS.has(value.kind)) return { kind: 'other', value };
	const read = RECORD.safeParse(value);
	if (read.success) return { kind: 'record', record: read.data };
	const [issue] = read.error.issues;
	const where = issue?.path.join('.') ?? '';
	return {
		kind: 'unreadable',
		detail: `a record of kind '${value.kind}' whose ${where} is not as it was: ${issue?.message}`,
	};
}

/** By hand, since a schema copies what it looks at. */
function isNamed(value: unknown): value is Readonly<Record<string, unknown>> & { readonly kind: string } {
	return typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string';
}

/** Lines of the file's own, which tell nothing of orders. */
export const PROBE_LINE = '{"kind":"probe"}';
const OTHERS: ReadonlySet<string> = new Set(['probe', 'segment', 'snapshot']);

const text = z.string();
const whole = z.number().int();
const instant = z.number().transform((value) => value as TimeMs);
const ms = z.number();
const side = z.enum(['buy', 'sell']);
const terms = { version: whole, priceTicks: whole, qtyLots: whole };

const RECORD = z.discriminatedUnion('kind', [
	z.object({
		kind: z.literal('run'),
		runTag: text,
		atMs: whole,
		mode: text,
		build: text,
		settings: text,
	}),
	z.object({
		kind: z.literal('instrument'),
		instrumentId: text,
		version: whole,
		venue: text,
		category: z.enum(['spot', 'linear', 'inverse']),
		symbol: text,
		baseCurrency: text,
		quoteCurrency: text,
		settleCurrency: text,
		tickSize: text,
		lotSize: text,
	}),
	z.object({
		kind: z.literal('place'),
		orderId: text,
		instrumentId: text,
		owner: text,
		slot: whole,
		side,
		orderType: z.enum(['limit', 'market']),
		timeInForce: z.enum(['gtc', 'postOnly', 'ioc', 'fok']),
		reduceOnly: z.boolean(),
		...terms,
	}),
	z.object({ kind: z.literal('amend'), orderId: text, ...terms }),
	z.object({ kind: z.literal('cancel'), orderId: text }),
	z.object({
		kind: z.literal('over'),
		orderId: text,
		state: z.enum(['filled', 'cancelled', 'rejected', 'expired']),
		reason: text,
	}),
	z.object({
		kind: z.literal('execution'),
		executionId: text,
		instrumentId: text,
		clientOrderId: text,
		venueOrderId: text,
		side,
		fee: text,
		feeCurrency: text,
		isMaker: z.boolean(),
		tradedAtMs: whole,
		...terms,
	}),
	z.object({ kind: z.literal('filled'), orderId: text, qty: text }),
	z.object({ kind: z.literal('equity'), day: whole, dayStart: z.number(), peak: z.number() }),
	z.object({ kind: z.literal('mark'), timestampMs: whole, counter: whole }),
	z.object({
		kind: z.literal('funding'),
		fundingId: text,
		instrumentId: text,
		amount: text,
		currency: text,
		fundedAtMs: whole,
	}),
	z.object({ kind: z.literal('ledger'), snapshot: z.looseObject({ version: whole }) }),
	z.object({ kind: z.literal('account'), snapshot: z.looseObject({ instrumentId: text }) }),
	z.object({ kind: z.literal('latch'), level: z.enum(['reduceOnly', 'kill']), reason: text, atMs: whole }),
	z.object({ kind: z.literal('rearm'), by: text, atMs: whole }),
	z.object({ kind: z.literal('control'), action: text, detail: text, result: text, atMs: whole }),
	z.object({
		kind: z.literal('reconciled'),
		venue: text,
		atMs: whole,
		verdict: z.enum(['clean', 'repaired', 'inconclusive', 'desync']),
		ordersFixed: whole,
		orphansClosed: whole,
		isPaused: z.boolean(),
		actions: z.array(text),
	}),
	z.object({
		kind: z.literal('decision'),
		decisionId: text,
		instrumentId: text,
		atMs: whole,
		decision: z.enum(['BUY', 'SELL', 'HOLD']),
		reasons: z.array(text),
		orderId: text,
		closes: text,
		qty: text,
		signal: z.object({ source: text, value: z.number(), confidence: z.number() }),
		entry: z.discriminatedUnion('type', [
			z.object({ type: z.literal('market'), slipBps: z.number() }),
			z.object({ type: z.literal('limit'), offsetTicks: z.number(), forMs: z.number() }),
		]),
		exits: z.object({ stopBps: z.number(), targetBps: z.number(), forMs: z.number() }),
		readings: z.object({ last: z.number(), bid: z.number(), ask: z.number(), barEndAtMs: instant, atMs: instant }),
		isDryRun: z.boolean(),
	}),
	z.object({
		kind: z.literal('exit'),
		decisionId: text,
		atMs: whole,
		reason: z.enum(EXIT_REASONS),
		orderId: text,
		qty: text,
	}),
	z.object({
		kind: z.literal('watch'),
		decisionId: text,
		orders: z.array(z.object({ orderId: text, filled: text, isOver: z.boolean() })),
		closed: text,
		priced: text,
		cost: text,
		filledAtMs: whole,
		exitReason: z.enum([...EXIT_REASONS, '']),
	}),
	z.object({
		kind: z.literal('ran'),
		decisionId: text,
		atMs: whole,
		executionDurationMs: z.number(),
		stages: z.object({ fetchMs: ms, signalMs: ms, riskMs: ms, orderMs: ms, portfolioMs: ms }),
		orderState: text,
	}),
	z.object({ kind: z.literal('portfolio'), atMs: whole, portfolio: z.looseObject({}) }),
	z.object({ kind: z.literal('stopped'), atMs: whole, left: z.array(text) }),
]);
