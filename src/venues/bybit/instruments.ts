/**
 * The instruments of an account: read once at the start, read anew every half hour and after any refusal that says that
 * our picture is old. A refresh tells the engine of every instrument, changed or not, since filters that nobody has
 * confirmed for an hour are not traded on; only a change makes a new version (F59 to F61). A list that is not whole
 * changes nothing.
 */
import { type Category, type Instrument, type InstrumentSpec, makeInstrument } from '../../domain/instrument.ts';
import { monoMs, timeMs } from '../../domain/units.ts';
import type { EventSink } from '../../engine/ports.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import { type Listed, whyNot } from './instruments-search.ts';
import { specOf } from './instruments-spec.ts';
import type { BybitReads } from './reads.ts';
import type { FeeRate } from './reads-schemas.ts';

export interface WantedSymbol {
	readonly category: Category;
	readonly symbol: string;
}

export type InstrumentsLoaded =
	/** In the order asked for. */
	| { readonly kind: 'loaded'; readonly specs: readonly InstrumentSpec[] }
	/** One sentence for each symbol or read that failed. */
	| { readonly kind: 'refused'; readonly sentences: readonly string[] };

export interface InstrumentsParts {
	readonly venue: string;
	readonly reads: BybitReads;
	readonly clock: Clock;
	/** What the venue takes for the time. */
	readonly venueNowMs: () => number;
	/** Whether the venue says what this account pays; otherwise its published rates are taken. */
	readonly hasFees: boolean;
	readonly sink: EventSink;
}

const CATEGORIES: readonly Category[] = ['linear', 'spot', 'inverse'];
const REFRESH_EVERY_MS = 1_800_000;
/** After a refresh that failed; well before what we know is too old to trade on. */
const REFRESH_AGAIN_MS = 60_000;
/** While a symbol stands still: nobody tells when it trades again (F54). */
const REFRESH_AT_REST_MS = 20_000;
/** Refusals come in swarms: one refresh answers all of them. */
const REFRESH_APART_MS = 10_000;

const STATUSES_AT_REST = ['PreLaunch', 'Settling', 'Delivering', 'Closed'] as const;

const NO_SUCH_ROUTE = 10017;
const NO_SUCH_PATH = 404;

interface CategoryRows {
	readonly specs: ReadonlyMap<string, InstrumentSpec>;
	readonly listed: Listed;
}

type RowsRead = { readonly kind: 'ok'; readonly rows: CategoryRows } | { readonly kind: 'failed'; readonly sentence: string };

export class BybitInstruments {
	readonly #parts: InstrumentsParts;
	/** By category and symbol: the newest version, and what it was made of. */
	readonly #followed = new Map<string, { instrument: Instrument; spec: InstrumentSpec }>();
	/** What was loaded before it was followed. */
	readonly #loaded = new Map<string, InstrumentSpec>();
	#timer: Timer | undefined;
	#refreshedAtMono = Number.NEGATIVE_INFINITY;
	#isRefreshing = false;
	#isStopped = false;

	constructor(parts: InstrumentsParts) {
		this.#parts = parts;
	}

	/** What is only `followed` is not to be quoted, so it may stand still or be about to end (F54, F60). */
	async load(wanted: readonly WantedSymbol[], followed: readonly WantedSymbol[] = []): Promise<InstrumentsLoaded> {
		const read = new Map<Category, CategoryRows>();
		const sentences: string[] = [];
		for (const category of new Set([...wanted, ...followed].map((each) => each.category))) {
			const rows = await this.#read(category);
			if (rows.kind === 'ok') read.set(category, rows.rows);
			else sentences.push(rows.sentence);
		}
		if (sentences.length > 0) return { kind: 'refused', sentences };
		const specs: InstrumentSpec[] = [];
		for (const { category, symbol } of wanted) {
			const spec = read.get(category)?.specs.get(symbol);
			const why = spec === undefined ? await this.#whyNot(symbol, category, read) : whyUnfit(spec);
			if (why !== undefined) sentences.push(why);
			else if (spec !== undefined) specs.push(spec);
		}
		for (const { category, symbol } of followed) {
			const spec = read.get(category)?.specs.get(symbol) ?? (await this.#specAtRest(symbol, category));
			if (spec === undefined) sentences.push(await this.#whyNot(symbol, category, read));
			else specs.push(spec);
		}
		if (sentences.length > 0) return { kind: 'refused', sentences };
		for (const spec of specs) this.#loaded.set(keyOf(spec), spec);
		return { kind: 'loaded', specs };
	}

	/** Keeps these up to date until `stop`. They were made from what `load` gave. */
	follow(instruments: readonly Instrument[]): void {
		for (const instrument of instruments) {
			const spec = this.#loaded.get(keyOf(instrument));
			if (spec === undefined) throw new RangeError(`instrument ${instrument.id} was not loaded before it was followed`);
			this.#followed.set(keyOf(instrument), { instrument, spec });
		}
		this.#schedule(REFRESH_EVERY_MS);
	}

	/** A refusal says that a filter or a status is not what we think. */
	refreshSoon(): void {
		if (this.#followed.size === 0 || this.#isRefreshing) return;
		const sinceMs = this.#parts.clock.monotonicMs() - this.#refreshedAtMono;
		this.#schedule(Math.max(0, REFRESH_APART_MS - sinceMs));
	}

	stop(): void {
		this.#isStopped = true;
		this.#timer?.cancel();
	}

	#schedule(delayMs: number): void {
		this.#timer?.cancel();
		if (!this.#isStopped) this.#timer = this.#parts.clock.after(delayMs, () => void this.#refresh());
	}

	async #refresh(): Promise<void> {
		this.#isRefreshing = true;
		this.#refreshedAtMono = this.#parts.clock.monotonicMs();
		let isWhole = true;
		for (const category of CATEGORIES) {
			const mine = [...this.#followed.values()].filter(({ instrument }) => instrument.category === category);
			if (mine.length === 0) continue;
			const read = await this.#read(category);
			if (this.#isStopped) return;
			if (read.kind === 'failed') isWhole = false;
			else for (const { instrument, spec } of mine) this.#renew(instrument, spec, read.rows.specs.get(instrument.symbol));
		}
		this.#isRefreshing = false;
		const isAtRest = [...this.#followed.values()].some(({ instrument }) => instrument.status !== 'trading');
		this.#schedule(isAtRest ? REFRESH_AT_REST_MS : isWhole ? REFRESH_EVERY_MS : REFRESH_AGAIN_MS);
	}

	/** What is no longer listed, or has become something that we cannot count in, stands still. */
	#renew(instrument: Instrument, before: InstrumentSpec, listed: InstrumentSpec | undefined): void {
		const { clock, sink } = this.#parts;
		const refreshedAtMs = timeMs(clock.wallMs());
		const wanted = listed ?? halted(before);
		const made = makeInstrument(wanted, { index: instrument.index, version: instrument.version, refreshedAtMs });
		const news: Instrument = made.kind === 'made' ? made.instrument : { ...instrument, refreshedAtMs, status: 'halted' };
		const renewed = isSameInstrument(instrument, news) ? news : { ...news, version: instrument.version + 1 };
		this.#followed.set(keyOf(instrument), { instrument: renewed, spec: wanted });
		sink({ kind: 'instrument', instrument: renewed, wallMs: refreshedAtMs, monoMs: monoMs(clock.monotonicMs()) });
	}

	async #read(category: Category, hasFees = this.#parts.hasFees): Promise<RowsRead> {
		const { reads, venue, venueNowMs } = this.#parts;
		const rows = await reads.instrumentRows(category);
		if (rows.kind === 'failed') return rows;
		const fees = new Map<string, FeeRate>();
		if (hasFees) {
			const read = await reads.fees(category);
			// The demo environment has no such path.
			if (read.kind === 'failed' && read.code !== NO_SUCH_ROUTE && read.code !== NO_SUCH_PATH) return read;
			if (read.kind === 'ok') for (const fee of read.value) fees.set(fee.symbol, fee);
		}
		const specs = new Map<string, InstrumentSpec>();
		const listed = new Map<string, string>();
		for (const row of rows.value) {
			const named = nameAndStatus(row);
			if (named !== undefined) listed.set(named.symbol, named.status);
			const context = { venue, category, venueNowMs: venueNowMs(), fee: fees.get(named?.symbol ?? '') };
			const spec = specOf(row, context);
			if (spec !== undefined) specs.set(spec.symbol, spec);
		}
		return { kind: 'ok', rows: { specs, listed } };
	}

	/** Looks into the other categories too, so that the sentence can say where the symbol is. */
	async #whyNot(symbol: string, category: Category, read: Map<Category, CategoryRows>): Promise<string> {
		const listed = new Map<Category, Listed>();
		for (const each of [category, ...CATEGORIES.filter((other) => other !== category)]) {
			let rows = read.get(each);
			if (rows === undefined) {
				const found = await this.#read(each, false);
				if (found.kind === 'failed') continue;
				rows = found.rows;
				read.set(each, rows);
			}
			listed.set(each, rows.listed);
		}
		const status = listed.get(category)?.has(symbol) === true ? undefined : await this.#statusOf(symbol, category);
		if (status !== undefined) listed.set(category, new Map([[symbol, status]]));
		return whyNot(symbol, category, listed);
	}

	/** What it pays is of no interest: nothing is placed there. */
	async #specAtRest(symbol: string, category: Category): Promise<InstrumentSpec | undefined> {
		const { reads, venue, venueNowMs } = this.#parts;
		for (const status of STATUSES_AT_REST) {
			const read = await reads.instrumentRows(category, { symbol, status });
			const row = read.kind === 'ok' ? read.value.find((each) => nameAndStatus(each)?.symbol === symbol) : undefined;
			if (row !== undefined) return specOf(row, { venue, category, venueNowMs: venueNowMs(), fee: undefined });
		}
		return undefined;
	}

	/** Of a symbol that does not trade: the venue shows it to those alone who ask for that status. */
	async #statusOf(symbol: string, category: Category): Promise<string | undefined> {
		for (const status of STATUSES_AT_REST) {
			const read = await this.#parts.reads.instrumentRows(category, { symbol, status });
			const isThere = read.kind === 'ok' && read.value.some((row) => nameAndStatus(row)?.symbol === symbol);
			if (isThere) return status;
		}
		return undefined;
	}
}

/** Why a symbol that is listed cannot be quoted. */
function whyUnfit(spec: InstrumentSpec): string | undefined {
	const { symbol, category, status } = spec;
	if (status === 'delisting') return `${symbol} in category ${category} ends within a day: it takes no new risk`;
	if (status !== 'trading') return `${symbol} is listed in category ${category} but not trading`;
	const made = makeInstrument(spec, { index: 0 as Instrument['index'], version: 1, refreshedAtMs: timeMs(0) });
	if (made.kind === 'made') return undefined;
	return `${symbol} in category ${category} cannot be traded exactly: its ${made.field} is ${made.found}, expected ${made.expected}`;
}

function halted(spec: InstrumentSpec): InstrumentSpec {
	return { ...spec, status: 'halted' };
}

/** In what they mean: a step that is only written in another way is no change. */
function isSameInstrument(a: Instrument, b: Instrument): boolean {
	return (Object.keys(a) as (keyof Instrument)[]).every((field) => {
		if (field === 'version' || field === 'refreshedAtMs') return true;
		if (field === 'priceGrid' || field === 'qtyGrid') return a[field].step === b[field].step;
		return a[field] === b[field];
	});
}

function keyOf({ category, symbol }: WantedSymbol): string {
	return `${category}:${symbol}`;
}

/** The least that a row must have to be named in a refusal. */
function nameAndStatus(row: unknown): { readonly symbol: string; readonly status: string } | undefined {
	if (typeof row !== 'object' || row === null) return undefined;
	const { symbol, status } = row as Readonly<Record<string, unknown>>;
	if (typeof symbol !== 'string' || !/^[\w-]{1,64}$/.test(symbol)) return undefined;
	return { symbol, status: typeof status === 'string' && /^\w{1,32}$/.test(status) ? status : 'unknown' };
}
