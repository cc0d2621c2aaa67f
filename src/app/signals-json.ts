/** Signals and operations on them as JSON, in files that people keep, write and mend. */
import * as z from 'zod';
import {
	SIGNAL_TYPES,
	type Signal,
	type SignalDraft,
	type SignalOperation,
	type SignalType,
	signalFault,
	signalOf,
} from '../domain/signal.ts';
import type { TimeMs } from '../domain/units.ts';
import { check, type PlaceOf } from './config/check.ts';
import { PROBLEMS_MAX, type Problem } from './config/problem.ts';
import { type JsonRead, readJson } from './json-text.ts';

/** For the command line, which may not reach below the app. */
export const SIGNAL_TYPE_WORDS = SIGNAL_TYPES;
export type SignalTypeWord = SignalType;

export interface SignalJson {
	readonly id: string;
	readonly symbol: string;
	readonly type: string;
	readonly value: number;
	readonly confidence: number;
	readonly source: string;
	readonly createdAt: string;
	readonly updatedAt: string;
	readonly expiresAt: string;
}

export interface JsonFile {
	/** For people. */
	readonly name: string;
	readonly text: string;
}

export type OperationsRead =
	| { readonly kind: 'read'; readonly operations: readonly SignalOperation[] }
	| { readonly kind: 'bad'; readonly problems: readonly Problem[] };

export function signalJson(signal: Signal): SignalJson {
	const { id, symbol, type, value, confidence, source, createdAtMs, updatedAtMs, expiresAtMs } = signal;
	const [createdAt, updatedAt, expiresAt] = [timeText(createdAtMs), timeText(updatedAtMs), timeText(expiresAtMs)];
	return { id, symbol, type, value, confidence, source, createdAt, updatedAt, expiresAt };
}

/** One signal a line, so that two exports can be held against each other. */
export function exportText(signals: readonly Signal[]): string {
	const lines = signals.map((signal) => `\n\t\t${JSON.stringify(signalJson(signal))}`);
	return `{\n\t"signals": [${lines.join(',')}${lines.length === 0 ? '' : '\n\t'}]\n}\n`;
}

/** What an export says, to be done: a signal with an id becomes what it was, one without is made anew. */
export function readExport(file: JsonFile, nowMs: TimeMs): OperationsRead {
	return readFile(file, exportSchema(nowMs), ({ signals }) => signals);
}

export function readOperations(file: JsonFile, nowMs: TimeMs): OperationsRead {
	return readFile(file, operationsSchema(nowMs), ({ operations }) => operations);
}

/** More than are kept is never meant. */
export const OPERATIONS_MAX = 10_000;
const MANY = `at most ${OPERATIONS_MAX} of them`;

function readFile<Schema extends z.ZodType>(
	{ name, text }: JsonFile,
	schema: Schema,
	operationsIn: (value: z.output<Schema>) => readonly SignalOperation[],
): OperationsRead {
	const read: JsonRead = readJson(text);
	if (read.kind === 'bad') {
		const { path, found, expected, mend, line, column } = read.fault;
		return { kind: 'bad', problems: [{ place: { kind: 'file', file: name, line, column }, path, found, expected, mend }] };
	}
	const placeOf: PlaceOf = (path, part) => ({ kind: 'file', file: name, ...read.positionOf(path, part) });
	const checked = check(schema, read.value, placeOf);
	if (checked.kind === 'bad') return { kind: 'bad', problems: checked.problems.slice(0, PROBLEMS_MAX) };
	return { kind: 'read', operations: operationsIn(checked.value) };
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;
export const TIME_EXPECTED = 'a time such as 2026-11-22T08:30:00Z';

/** Undefined where it is none. */
export function parseTimeMs(text: string): TimeMs | undefined {
	const atMs = TIME.test(text) ? Date.parse(text) : Number.NaN;
	return Number.isSafeInteger(atMs) && atMs >= 0 ? (atMs as TimeMs) : undefined;
}

function timeText(atMs: TimeMs): string {
	return new Date(atMs).toISOString();
}

function time() {
	return z.string(TIME_EXPECTED).transform((text, context) => {
		const atMs = parseTimeMs(text);
		if (atMs !== undefined) return atMs;
		context.addIssue({ code: 'custom', message: TIME_EXPECTED });
		return z.NEVER;
	});
}

/** Shapes only; what may stand in them is said in `domain/signal.ts`. */
const TEXT = z.string('a text');
const NUMBER = z.number('a number');
const TYPE = z.enum(SIGNAL_TYPES, `one of ${SIGNAL_TYPES.join(', ')}`);
const FIELDS = {
	id: TEXT.optional(),
	symbol: TEXT,
	type: TYPE,
	value: NUMBER.optional(),
	confidence: NUMBER.optional(),
	source: TEXT,
	expiresAt: time(),
};

const JSON_FIELDS: Readonly<Partial<Record<keyof Signal, string>>> = {
	createdAtMs: 'createdAt',
	updatedAtMs: 'updatedAt',
	expiresAtMs: 'expiresAt',
};

function exportSchema(nowMs: TimeMs) {
	const entry = z
		.strictObject({ ...FIELDS, createdAt: time().optional(), updatedAt: time().optional() })
		.transform(({ createdAt, updatedAt, expiresAt, ...said }, context): SignalOperation => {
			const draft = { ...said, expiresAtMs: expiresAt };
			const signal = wholeSignal(draft, { createdAtMs: createdAt ?? nowMs, updatedAtMs: updatedAt ?? createdAt ?? nowMs });
			refuseFault(signal, context);
			return said.id === undefined ? { kind: 'create', draft } : { kind: 'put', signal };
		});
	return z.strictObject({ signals: z.array(entry, 'a list').max(OPERATIONS_MAX, MANY).superRefine(refuseTwice) });
}

function operationsSchema(nowMs: TimeMs) {
	const create = z
		.strictObject({ kind: z.literal('create'), ...FIELDS })
		.transform(({ kind, expiresAt, ...said }, context): SignalOperation => {
			const draft = { ...said, expiresAtMs: expiresAt };
			refuseFault(wholeSignal(draft, { createdAtMs: nowMs, updatedAtMs: nowMs }), context);
			return { kind, draft };
		});
	const update = z
		.strictObject({
			kind: z.literal('update'),
			id: TEXT,
			type: TYPE.optional(),
			value: NUMBER.optional(),
			confidence: NUMBER.optional(),
			expiresAt: time().optional(),
		})
		// Whether a value goes with the type can only be said where the signal is.
		.transform(({ kind, id, expiresAt, ...said }): SignalOperation => {
			return { kind, id, patch: { ...said, expiresAtMs: expiresAt } };
		});
	const remove = z.strictObject({ kind: z.literal('delete'), id: TEXT });
	const operation = z.discriminatedUnion('kind', [create, update, remove], 'one of create, update, delete');
	return z.strictObject({ operations: z.array(operation, 'a list').max(OPERATIONS_MAX, MANY) });
}

type Times = Pick<Signal, 'createdAtMs' | 'updatedAtMs'>;

/** One that has no id yet gets one that there is nothing to say against. */
function wholeSignal(draft: SignalDraft, { createdAtMs, updatedAtMs }: Times): Signal {
	const signal = signalOf({ id: 'new', ...draft }, createdAtMs);
	return { ...signal, updatedAtMs };
}

interface Context {
	addIssue(issue: { code: 'custom'; path: (string | number)[]; message: string }): void;
}

function refuseFault(signal: Signal, context: Context): void {
	const fault = signalFault(signal);
	if (fault === undefined) return;
	context.addIssue({ code: 'custom', path: [JSON_FIELDS[fault.field] ?? fault.field], message: fault.expected });
}

function refuseTwice(operations: readonly SignalOperation[], context: Context): void {
	const ids = new Set<string>();
	for (const [index, operation] of operations.entries()) {
		if (operation.kind !== 'put') continue;
		const { id } = operation.signal;
		if (ids.has(id)) context.addIssue({ code: 'custom', path: [index, 'id'], message: 'each id once' });
		ids.add(id);
	}
}
