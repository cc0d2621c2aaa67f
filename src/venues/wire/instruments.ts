/**
 * The instruments of an account: read once at the start, read anew every half hour, soon after a change, and after any
 * refusal that says that our picture is old. A refresh tells the engine of every instrument, changed or not, since
 * filters that nobody has confirmed for an hour are not traded on; only a change makes a new version (F59 to F61). A list
 * that is not whole changes nothing.
 */
import { type Category, type Instrument, type InstrumentSpec, makeInstrument } from '../../domain/instrument.ts';
import { monoMs, timeMs } from '../../domain/units.ts';
import type { EventSink } from '../../engine/ports.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import { type Listed, whyNot } from './instruments-search.ts';

export interface WantedSymbol {
	readonly category: Category;
	readonly symbol: string;
	/** Of what is only followed: where the venue lists it no more, it is done without. */
	readonly mayBeGone?: boolean;
}

export type InstrumentsLoaded =
	/** In the order asked for. */
	| { readonly kind: 'loaded'; readonly specs: readonly InstrumentSpec[] }
	/** One sentence for each symbol or read that failed. */
	| { readonly kind: 'refused'; readonly sentences: readonly string[] };

/** One category, read whole: what can be traded, and the venue's word for the status of all that is listed. */
export interface CategoryRows {
	readonly specs: ReadonlyMap<string, InstrumentSpec>;
	readonly listed: Listed;
}

export type RowsRead =
	| { readonly kind: 'ok'; readonly rows: CategoryRows }
	| { readonly kind: 'failed'; readonly sentence: string };

/** What is the venue's own about it. */
export interface InstrumentSource {
	/** As people call it. */
	readonly venueName: string;
	readonly categories: readonly Category[];
	/** Its word for a symbol that trades. */
	readonly tradingWord: string;
	/** The symbols asked for are named, for venues that tell the fees of one symbol at a time. */
	read(category: Category, symbols: readonly string[]): Promise<RowsRead>;
	/** Of a symbol that does not trade, where the list leaves such out. */
	specAtRest?(symbol: string, category: Category): Promise<InstrumentSpec | undefined>;
	/** The same of its status alone. */
	statusOf?(symbol: string, category: Category): Promise<string | undefined>;
}

export interface KeeperParts {
	readonly source: InstrumentSource;
	readonly clock: Clock;
	readonly sink: EventSink;
}

const REFRESH_EVERY_MS = 1_800_000;
/** After a refresh that failed; well before what we know is too old to trade on. */
const REFRESH_AGAIN_MS = 60_000;
/** While a symbol stands still: nobody tells when it trades again (F54). */
const REFRESH_AT_REST_MS = 20_000;
/** After a change of more than the status: that it is taken back brings no refusal where nothing is quoted meanwhile (F59). */
const REFRESH_CHANGED_MS = 20_000;
/** Refusals come in swarms: one refresh answers all of them. */
const REFRESH_APART_MS = 10_000;

export class Instruments {
	readonly #parts: KeeperParts;
	/** By category and symbol: the newest version, and what it was made of. */
	readonly #followed = new Map<string, { instrument: Instrument; spec: InstrumentSpec }>();
	/** What was loaded before it was followed. */
	readonly #loaded = new Map<string, InstrumentSpec>();
	#timer: Timer | undefined;
	#refreshedAtMono = Number.NEGATIVE_INFINITY;
	#isRefreshing = false;
	#isStopped = false;

	constructor(parts: KeeperParts) {
		this.#parts = parts;
	}

	/** What is only `followed` is not to be quoted, so it may stand still or be about to end (F54, F60). */
	async load(wanted: readonly WantedSymbol[], followed: readonly WantedSymbol[] = []): Promise<InstrumentsLoaded> {
		const read = new Map<Category, CategoryRows>();
		const sentences: string[] = [];
		const all = [...wanted, ...followed];
		for (const category of new Set(all.map((each) => each.category))) {
			const rows = await this.#parts.source.read(category, symbolsOf(all, category));
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
		for (const { category, symbol, mayBeGone = false } of followed) {
			const spec = read.get(category)?.specs.get(symbol) ?? (await this.#parts.source.specAtRest?.(symbol, category));
			if (spec !== undefined) specs.push(spec);
			else if (!mayBeGone || read.get(category)?.listed.has(symbol) === true)
				sentences.push(await this.#whyNot(symbol, category, read));
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
		let isChanged = false;
		for (const category of this.#parts.source.categories) {
			const mine = [...this.#followed.values()].filter(({ instrument }) => instrument.category === category);
			if (mine.length === 0) continue;
			const symbols = mine.map(({ instrument }) => instrument.symbol);
			const read = await this.#parts.source.read(category, symbols);
			if (this.#isStopped) return;
			if (read.kind === 'failed') {
				isWhole = false;
				continue;
			}
			for (const { instrument, spec } of mine) {
				const renewed = this.#renew(instrument, spec, read.rows.specs.get(instrument.symbol));
				isChanged ||= !isSameInstrument(instrument, { ...renewed, status: instrument.status });
			}
		}
		this.#isRefreshing = false;
		this.#schedule(this.#nextRefreshMs(isWhole, isChanged));
	}

	#nextRefreshMs(isWhole: boolean, isChanged: boolean): number {
		const isAtRest = [...this.#followed.values()].some(({ instrument }) => instrument.status !== 'trading');
		if (isAtRest) return REFRESH_AT_REST_MS;
		if (isChanged) return REFRESH_CHANGED_MS;
		return isWhole ? REFRESH_EVERY_MS : REFRESH_AGAIN_MS;
	}

	/** What is no longer listed, or has become something that we cannot count in, stands still. */
	#renew(instrument: Instrument, before: InstrumentSpec, listed: InstrumentSpec | undefined): Instrument {
		const { clock, sink } = this.#parts;
		const refreshedAtMs = timeMs(clock.wallMs());
		const wanted = listed ?? halted(before);
		const made = makeInstrument(wanted, { index: instrument.index, version: instrument.version, refreshedAtMs });
		const news: Instrument = made.kind === 'made' ? made.instrument : { ...instrument, refreshedAtMs, status: 'halted' };
		const renewed = isSameInstrument(instrument, news) ? news : { ...news, version: instrument.version + 1 };
		this.#followed.set(keyOf(instrument), { instrument: renewed, spec: wanted });
		sink({ kind: 'instrument', instrument: renewed, wallMs: refreshedAtMs, monoMs: monoMs(clock.monotonicMs()) });
		return renewed;
	}

	/** Looks into the other categories too, so that the sentence can say where the symbol is. */
	async #whyNot(symbol: string, category: Category, read: Map<Category, CategoryRows>): Promise<string> {
		const { source } = this.#parts;
		const listed = new Map<Category, Listed>();
		for (const each of [category, ...source.categories.filter((other) => other !== category)]) {
			let rows = read.get(each);
			if (rows === undefined) {
				const found = await source.read(each, []);
				if (found.kind === 'failed') continue;
				rows = found.rows;
				read.set(each, rows);
			}
			listed.set(each, rows.listed);
		}
		const status = listed.get(category)?.has(symbol) === true ? undefined : await source.statusOf?.(symbol, category);
		if (status !== undefined) listed.set(category, new Map([[symbol, status]]));
		return whyNot({ symbol, category, listed, venueName: source.venueName, tradingWord: source.tradingWord });
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

function symbolsOf(wanted: readonly WantedSymbol[], category: Category): readonly string[] {
	return wanted.filter((each) => each.category === category).map(({ symbol }) => symbol);
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
export function nameAndStatus(row: unknown): { readonly symbol: string; readonly status: string } | undefined {
	if (typeof row !== 'object' || row === null) return undefined;
	const { symbol, status } = row as Readonly<Record<string, unknown>>;
	if (typeof symbol !== 'string' || !/^[\w-]{1,64}$/.test(symbol)) return undefined;
	return { symbol, status: typeof status === 'string' && /^\w{1,32}$/.test(status) ? status : 'unknown' };
}
