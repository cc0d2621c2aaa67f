/**
 * What somebody outside believes of a market: buy, sell or hold, how strongly, how surely, and until when that counts.
 * Here are its form, what may be done to signals, and what becomes of each operation; wherever signals are kept, in a
 * file or in memory, they obey these rules.
 */
import type { TimeMs } from './units.ts';

export const SIGNAL_TYPES = ['BUY', 'SELL', 'HOLD'] as const;
export type SignalType = (typeof SIGNAL_TYPES)[number];

export interface Signal {
	readonly id: string;
	/** Of an instrument, with as much of its id in front as shall tell it from others: `BTCUSDT`, `bybit:linear:BTCUSDT`. */
	readonly symbol: string;
	readonly type: SignalType;
	/** From -1 (sell) to 1 (buy). */
	readonly value: number;
	/** From 0 to 1. */
	readonly confidence: number;
	/** Who says so; of one symbol and source the newest signal counts. */
	readonly source: string;
	readonly createdAtMs: TimeMs;
	readonly updatedAtMs: TimeMs;
	/** From then on it is as if it had never been. */
	readonly expiresAtMs: TimeMs;
}

export interface SignalDraft {
	/** Made anew unless given. */
	readonly id?: string | undefined;
	readonly symbol: string;
	readonly type: SignalType;
	/** Unless given, all the way: 1 to buy, -1 to sell, 0 to hold. */
	readonly value?: number | undefined;
	/** Sure unless given. */
	readonly confidence?: number | undefined;
	readonly source: string;
	readonly expiresAtMs: number;
}

/** What may change; who says it and of what is what a signal is. What is undefined stays as it is. */
export interface SignalPatch {
	readonly type?: SignalType | undefined;
	readonly value?: number | undefined;
	readonly confidence?: number | undefined;
	readonly expiresAtMs?: number | undefined;
}

export type SignalOperation =
	| { readonly kind: 'create'; readonly draft: SignalDraft }
	| { readonly kind: 'update'; readonly id: string; readonly patch: SignalPatch }
	| { readonly kind: 'delete'; readonly id: string }
	/** As it was somewhere else, instead of one of this id. */
	| { readonly kind: 'put'; readonly signal: Signal };

export type SignalRefusal = 'invalid' | 'exists' | 'unknown' | 'expired' | 'full';

export type SignalResult =
	/** As it is now, or was when it was deleted. */
	| { readonly kind: 'done'; readonly signal: Signal }
	| { readonly kind: 'refused'; readonly refusal: SignalRefusal; readonly sentence: string }
	/** Not the signal is to blame but where it should be kept. */
	| { readonly kind: 'failed'; readonly sentence: string };

/** Has become so by whomever: what is there now, and what is not any more. */
export interface SignalNews {
	readonly put: readonly Signal[];
	readonly gone: readonly string[];
}

export type ShelfResult =
	| { readonly kind: 'kept'; readonly results: readonly SignalResult[] }
	| { readonly kind: 'failed'; readonly sentence: string };

/** Where signals are kept, by how many programs at once does not matter. */
export interface SignalShelf extends AsyncDisposable {
	/** Called once, first: hands over all that is there before it resolves, and from then on whatever changes, in order. */
	open(
		heard: (news: SignalNews) => void,
	): Promise<{ readonly kind: 'open' } | { readonly kind: 'refused'; readonly sentence: string }>;
	/**
	 * All operations together or none, one result each; first of all what has expired goes. Resolves when it is safe, and
	 * the news of it has been heard by then. A draft has its id by now.
	 */
	apply(operations: readonly SignalOperation[], nowMs: TimeMs): Promise<ShelfResult>;
}

/** So many are kept. */
export const SIGNALS_MAX = 10_000;
/** In year 9999, the last that everybody can write. */
const TIME_MS_MAX = 253_402_300_799_999;
const VALUES: Readonly<Record<SignalType, number>> = { BUY: 1, SELL: -1, HOLD: 0 };

export interface SignalsKnown {
	readonly count: number;
	find(id: string): Signal | undefined;
}

export type SignalDecision =
	| { readonly kind: 'put' | 'drop'; readonly signal: Signal }
	| Extract<SignalResult, { kind: 'refused' }>;

/** What an operation comes to, where nothing that has expired is known any more. */
export function decideSignal(operation: SignalOperation, known: SignalsKnown, nowMs: TimeMs): SignalDecision {
	switch (operation.kind) {
		case 'create': {
			const signal = signalOf(operation.draft, nowMs);
			const refused = whyNotKept(signal, known, nowMs);
			if (refused !== undefined) return refused;
			return known.find(signal.id) === undefined ? put(signal) : refuse('exists', `there is a signal ${signal.id} already`);
		}
		case 'update': {
			const before = known.find(operation.id);
			if (before === undefined) return unknown(operation.id);
			const signal = patched(before, operation.patch, nowMs);
			return whyNotKept(signal, known, nowMs) ?? put(signal);
		}
		case 'delete': {
			const signal = known.find(operation.id);
			return signal === undefined ? unknown(operation.id) : { kind: 'drop', signal };
		}
		case 'put':
			return whyNotKept(operation.signal, known, nowMs) ?? put(operation.signal);
	}
}

/** A draft as a signal, with what goes without saying. */
export function signalOf(draft: SignalDraft, nowMs: TimeMs): Signal {
	const { id = '', symbol, type, value = VALUES[type], confidence = 1, source, expiresAtMs } = draft;
	return {
		id,
		symbol,
		type,
		value,
		confidence,
		source,
		createdAtMs: nowMs,
		updatedAtMs: nowMs,
		expiresAtMs: expiresAtMs as TimeMs,
	};
}

function whyNotKept(signal: Signal, known: SignalsKnown, nowMs: TimeMs): Extract<SignalResult, { kind: 'refused' }> | undefined {
	const fault = signalFault(signal);
	if (fault !== undefined) return refuse('invalid', `${fault.field} is ${fault.found}, expected ${fault.expected}`);
	if (signal.expiresAtMs <= nowMs) return refuse('expired', `expiresAtMs is ${signal.expiresAtMs}, expected a time to come`);
	if (known.count < SIGNALS_MAX || known.find(signal.id) !== undefined) return undefined;
	return refuse('full', `there are ${SIGNALS_MAX} signals, and no more are kept: delete some, or let them expire`);
}

function patched(before: Signal, patch: SignalPatch, nowMs: TimeMs): Signal {
	const { type = before.type, value = before.value, confidence = before.confidence } = patch;
	const { expiresAtMs = before.expiresAtMs } = patch;
	return { ...before, type, value, confidence, expiresAtMs: expiresAtMs as TimeMs, updatedAtMs: nowMs };
}

function put(signal: Signal): SignalDecision {
	const { id, symbol, type, value, confidence, source, createdAtMs, updatedAtMs, expiresAtMs } = signal;
	// A zero has no sign, or what is written down would not be what is read.
	const whole = { id, symbol, type, value: value + 0, confidence: confidence + 0, source, createdAtMs, updatedAtMs, expiresAtMs };
	return { kind: 'put', signal: whole };
}

function unknown(id: string): SignalDecision {
	return refuse('unknown', `there is no signal ${id}`);
}

function refuse(refusal: SignalRefusal, sentence: string): Extract<SignalResult, { kind: 'refused' }> {
	return { kind: 'refused', refusal, sentence };
}

export interface SignalFault {
	readonly field: keyof Signal;
	readonly found: string;
	readonly expected: string;
}

const ID = /^[^\s\p{C}-][^\s\p{C}]{0,159}$/u;
const SYMBOL = /^[^\s\p{C}]{1,96}$/u;
const SOURCE = /^[^\p{C}]{1,64}$/u;
const ID_EXPECTED = 'a name of 1 to 160 characters without blanks, and no dash in front';
const TIME_EXPECTED = 'a time in whole milliseconds since 1970, before the year 10000';

/** The first thing that is wrong with it, whoever has made it. */
export function signalFault(signal: Signal): SignalFault | undefined {
	const { id, symbol, type, value, confidence, source } = signal;
	if (!isText(id, ID)) return faultOf('id', id, ID_EXPECTED);
	if (!isText(symbol, SYMBOL)) return faultOf('symbol', symbol, 'the name of a symbol such as BTCUSDT or bybit:linear:BTCUSDT');
	if (!SIGNAL_TYPES.includes(type)) return faultOf('type', type, `one of ${SIGNAL_TYPES.join(', ')}`);
	const range = VALUE_RANGES[type];
	if (!isWithin(value, -1, 1) || !range.holds(value)) return faultOf('value', value, range.expected);
	if (!isWithin(confidence, 0, 1)) return faultOf('confidence', confidence, 'a number from 0 to 1');
	if (!isText(source, SOURCE)) return faultOf('source', source, 'a name of 1 to 64 characters');
	for (const field of ['createdAtMs', 'updatedAtMs', 'expiresAtMs'] as const) {
		const atMs = signal[field];
		if (!Number.isSafeInteger(atMs) || !isWithin(atMs, 0, TIME_MS_MAX)) return faultOf(field, atMs, TIME_EXPECTED);
	}
	return undefined;
}

const VALUE_RANGES: Readonly<Record<SignalType, { readonly expected: string; holds(value: number): boolean }>> = {
	BUY: { expected: 'a number above 0 and up to 1, since the type is BUY', holds: (value) => value > 0 },
	SELL: { expected: 'a number from -1 to below 0, since the type is SELL', holds: (value) => value < 0 },
	HOLD: { expected: 'a number from -1 to 1', holds: () => true },
};

function isText(value: unknown, pattern: RegExp): boolean {
	return typeof value === 'string' && pattern.test(value);
}

/** Never so for what is no number. */
function isWithin(value: unknown, min: number, max: number): boolean {
	return typeof value === 'number' && value >= min && value <= max;
}

function faultOf(field: keyof Signal, found: unknown, expected: string): SignalFault {
	return { field, found: typeof found === 'string' ? `'${found}'` : String(found), expected };
}

/** Of those for one symbol and source the last word comes first. */
export function byNewest(one: Signal, other: Signal): number {
	return other.updatedAtMs - one.updatedAtMs || other.createdAtMs - one.createdAtMs || (one.id < other.id ? 1 : -1);
}
