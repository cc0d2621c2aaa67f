/**
 * Our own order ids: made once per intent, readable, and never given out twice. The usual form is
 * `{symbol}-{side}-{timestamp}-{counter}-{run}`, for example `BTCUSDT-Buy-1767225600000-1-1000`. The pair (timestamp,
 * counter) only ever rises, over restarts and clock steps too; `run` is four base-36 characters drawn once per engine
 * run, and tells whose order it is. Where the usual form does not fit a venue's rule, the compact form
 * `x-{B|S}-{timestamp}-{counter}-{run}` with both numbers in base 36 takes its place; it leaves out the symbol, which
 * any venue report carries anyway.
 */
import type { Side } from './side.ts';
import { type TimeMs, timeMs } from './units.ts';

declare const orderId: unique symbol;
export type OrderId = string & { readonly [orderId]: 'OrderId' };
declare const runTag: unique symbol;
/** Four characters of base 36 that name one run of one instance. */
export type RunTag = string & { readonly [runTag]: 'RunTag' };

/** The strictest of the venues' limits; see docs/venues. */
const LENGTH_MAX = 36;
const ALLOWED = /^[A-Za-z0-9_-]+$/;
const USUAL = /^([A-Za-z0-9_-]+)-(Buy|Sell)-(0|[1-9]\d{0,15})-([1-9]\d{0,8})-([0-9a-z]{4})$/;
const COMPACT = /^x-([BS])-(0|[1-9a-z][0-9a-z]{0,9})-([1-9a-z][0-9a-z]{0,6})-([0-9a-z]{4})$/;
const RUN_TAG = /^[0-9a-z]{4}$/;
const RUN_TAG_COUNT = 36 ** 4;

export interface OrderIdParts {
	readonly form: 'usual' | 'compact';
	/** Known in the usual form only. */
	readonly symbol: string | undefined;
	readonly side: Side;
	readonly timestampMs: TimeMs;
	readonly counter: number;
	readonly runTag: RunTag;
}

/** The last pair given out: kept durably, and handed back at the next start. */
export interface OrderIdMark {
	readonly timestampMs: TimeMs;
	readonly counter: number;
}

/** Gives out ids. The caller keeps `mark` where it survives a restart. */
export class OrderIdSource {
	readonly runTag: RunTag;
	#timestampMs: number;
	#counter: number;
	#lastSymbol = '';
	#lastSymbolIsPlain = false;

	constructor(run: RunTag, last: OrderIdMark | undefined) {
		this.runTag = run;
		this.#timestampMs = last?.timestampMs ?? 0;
		this.#counter = last?.counter ?? 0;
	}

	get mark(): OrderIdMark {
		return { timestampMs: timeMs(this.#timestampMs), counter: this.#counter };
	}

	/** A clock that stands still or went back does not matter: then only the counter rises. */
	next(symbol: string, side: Side, nowMs: TimeMs): OrderId {
		if (nowMs > this.#timestampMs) {
			this.#timestampMs = nowMs;
			this.#counter = 1;
		} else {
			this.#counter += 1;
		}
		return this.#print(symbol, side);
	}

	#print(symbol: string, side: Side): OrderId {
		const usual = `${symbol}-${side === 'buy' ? 'Buy' : 'Sell'}-${this.#timestampMs}-${this.#counter}-${this.runTag}`;
		if (usual.length <= LENGTH_MAX && this.#isPlain(symbol)) return usual as OrderId;
		const [timestamp, counter] = [this.#timestampMs.toString(36), this.#counter.toString(36)];
		return `x-${side === 'buy' ? 'B' : 'S'}-${timestamp}-${counter}-${this.runTag}` as OrderId;
	}

	/** Runs of ids are made for one symbol, so the last answer is kept. */
	#isPlain(symbol: string): boolean {
		if (symbol !== this.#lastSymbol) {
			this.#lastSymbol = symbol;
			this.#lastSymbolIsPlain = ALLOWED.test(symbol);
		}
		return this.#lastSymbolIsPlain;
	}
}

export function parseOrderId(text: string): OrderIdParts | undefined {
	if (text.length > LENGTH_MAX) return undefined;
	const compact = COMPACT.exec(text);
	if (compact !== null) {
		const [, side = '', timestamp = '', counter = '', run = ''] = compact;
		return parts(
			'compact',
			undefined,
			side === 'B' ? 'buy' : 'sell',
			Number.parseInt(timestamp, 36),
			Number.parseInt(counter, 36),
			run,
		);
	}
	const usual = USUAL.exec(text);
	if (usual === null) return undefined;
	const [, symbol = '', side = '', timestamp = '', counter = '', run = ''] = usual;
	return parts('usual', symbol, side === 'Buy' ? 'buy' : 'sell', Number(timestamp), Number(counter), run);
}

/** Ours means: it reads as an id of ours, and its run is one of this instance's runs. Anything else is foreign. */
export function isOwnOrderId(text: string, runs: ReadonlySet<RunTag>): text is OrderId {
	const read = parseOrderId(text);
	return read !== undefined && runs.has(read.runTag);
}

/** A run that gave out ids up to this mark has never given out that one. */
export function isBeyond({ timestampMs, counter }: OrderIdParts, mark: OrderIdMark): boolean {
	return timestampMs > mark.timestampMs || (timestampMs === mark.timestampMs && counter > mark.counter);
}

export function parseRunTag(text: string): RunTag | undefined {
	return RUN_TAG.test(text) ? (text as RunTag) : undefined;
}

/** From a whole number drawn uniformly below `RUN_TAGS`. */
export function runTagOf(drawn: number): RunTag {
	return (drawn % RUN_TAG_COUNT).toString(36).padStart(4, '0') as RunTag;
}

/** How many run tags there are. */
export const RUN_TAGS = RUN_TAG_COUNT;

function parts(
	form: OrderIdParts['form'],
	symbol: string | undefined,
	side: Side,
	timestampMs: number,
	counter: number,
	run: string,
): OrderIdParts | undefined {
	if (!Number.isSafeInteger(timestampMs)) return undefined;
	return { form, symbol, side, timestampMs: timeMs(timestampMs), counter, runTag: run as RunTag };
}
