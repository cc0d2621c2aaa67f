/**
 * The engine as it runs elsewhere, with a journal on the disk and tables beside it, that never rests: every fifth of a
 * second some of its quotes are taken away and placed anew, and orders of the desk take what is there, on both sides in
 * turn, so that the position stays small. Fifty order actions a second, thirty of them fills.
 */
import { join } from 'node:path';
import type { BenchBox } from '../../bench/app/tick-box.ts';
import { type WorkQuote, type WorkSymbol, workOf } from '../../bench/app/tick-work.ts';
import { type App, openApp } from '../../src/app/app.ts';
import { NO_CRASH_LOOP } from '../../src/app/boot.ts';
import { type DataFolder, openDataFolder } from '../../src/app/data-folder.ts';
import { ownersOf } from '../../src/app/journaled.ts';
import { Wishes } from '../../src/app/wishes.ts';
import { type Instrument, parsePrice, parseQty } from '../../src/domain/instrument.ts';
import { type Ticks, timeMs } from '../../src/domain/units.ts';
import { changeOf } from '../../src/engine/changes.ts';
import { ENGINE_SETTINGS, type EngineSettings } from '../../src/engine/settings.ts';
import { extraNames } from '../../src/exchange/market/extra.ts';
import { RECONNECT_POLICY } from '../../src/network/reconnect.ts';
import { systemClock } from '../../src/network/system-clock.ts';
import { systemRng } from '../../src/network/system-rng.ts';
import { systemTransport } from '../../src/network/system-transport.ts';
import { NO_METER } from '../../src/ports/meter.ts';
import { systemDisk } from '../../src/storage/system-disk.ts';
import { GATEWAY_OPTIONS } from '../../src/venues/bybit/gateway.ts';
import { Credentials } from '../../src/venues/bybit/sign.ts';
import { boxUrls } from '../../src/venues/bybit/urls.ts';
import { bybitVenue } from '../../src/venues/bybit/venue.ts';
import { BookSource } from './books.ts';
import { writeHistory } from './history.ts';

/**
 * The orders that are remembered come to some 220 a symbol. A map that holds as many as a power of two takes twice the room
 * and gives it back with each few orders more or less, which says nothing of what is held.
 */
export const SYMBOL_COUNT = 24;
const BOOK_DEPTH = 50;
/** Five turns a second, each of so many orders moved (a cancel and a place) and so many that take. */
export const TURN_MS = 200;
const MOVED = 2;
const TAKEN = 6;
export const ACTIONS_A_TURN = MOVED * 2 + TAKEN;
/** From the mid: beyond the touch of a resting market, and not as far as our own quotes. */
const REACH_TICKS = 30;
const WORTH = 8;
const NOTES_MAX = 50;

const LIMITLESS = 1e12;
/** What is measured is what things cost, not what a prudent person would allow; every rule still runs. */
const SETTINGS: EngineSettings = {
	...ENGINE_SETTINGS,
	budget: { ...ENGINE_SETTINGS.budget, isEnabled: false },
	policy: { ...ENGINE_SETTINGS.policy, minTimeInBookMs: 0, amendPriceThresholdBps: 0 },
	limits: {
		...ENGINE_SETTINGS.limits,
		...{ orderNotionalMax: LIMITLESS, positionNotionalMax: LIMITLESS, grossNotionalMax: LIMITLESS },
		...{ netNotionalMax: LIMITLESS, slotActionsPerSecMax: LIMITLESS, slotActionsPerMinMax: LIMITLESS },
		...{ bookAgeMsMax: 60_000, clockOffsetMsMax: 60_000, journalDelayMsMax: 60_000, twinWindowMs: 0 },
	},
};

/** Short, so that many new segments begin while the heap is measured, and the first ones before that. */
const SEGMENT_BYTES_MAX = 1024 * 1024;

export class SoakTrader implements AsyncDisposable {
	readonly app: App;
	readonly books: BookSource;
	readonly data: DataFolder;
	/** What was said so far, each thing once. */
	readonly notes: ReadonlySet<string>;
	readonly refusals = new Map<string, number>();
	readonly #wishes: Wishes;
	readonly #work: readonly WorkSymbol[];
	readonly #ladders: Uint8Array[];
	readonly #close: AsyncDisposableStack;
	#turn = 0;
	#placed = 0;

	private constructor(parts: {
		readonly app: App;
		readonly books: BookSource;
		readonly data: DataFolder;
		readonly notes: ReadonlySet<string>;
		readonly wishes: Wishes;
		readonly work: readonly WorkSymbol[];
		readonly close: AsyncDisposableStack;
	}) {
		this.app = parts.app;
		this.books = parts.books;
		this.data = parts.data;
		this.notes = parts.notes;
		this.#wishes = parts.wishes;
		this.#work = parts.work;
		this.#close = parts.close;
		this.#ladders = parts.work.map(({ ladders: [first] }) => new Uint8Array(first.length));
		for (const index of parts.work.keys()) this.#wish(index);
	}

	static async open(box: BenchBox, folder: string, messagesPerSec: number): Promise<SoakTrader> {
		await using opening = new AsyncDisposableStack();
		const [clock, rng, disk] = [systemClock(), systemRng(), systemDisk()];
		const names = extraNames(SYMBOL_COUNT);
		const work = workOf(names);
		const wishes = new Wishes();
		const quoting = [{ strategy: wishes, symbols: names }];
		const notes = new Set<string>();
		const hear = (said: string): void => {
			if (notes.size < NOTES_MAX) notes.add(said);
		};
		await writeHistory({ disk, clock, folder, work });
		const opened = await openDataFolder({
			place: { folder: join(folder, 'data'), lockFolder: join(folder, 'locks'), build: 'soak', rearmCommand: '', who: 'a soak' },
			...{ disk, clock, rng, mode: 'sim', settings: 'soak', accounts: [], origins: [], crashLoop: NO_CRASH_LOOP },
			segmentBytesMax: SEGMENT_BYTES_MAX,
			onSay: hear,
		});
		if (opened.kind === 'refused') throw new Error(opened.sentences.join('; '));
		const { beginning } = opened;
		const data = opening.use(opened.data);
		const inside = opening.use(systemTransport({ clock, isAllowed: () => true }));
		const books = new BookSource({ symbols: work.map(soakSymbol), messagesPerSec, depth: BOOK_DEPTH });
		const { apiKey, apiSecret } = box.account('ours');
		const made = await openApp(
			{
				venues: [
					bybitVenue({
						urls: boxUrls(box.listening.bybit),
						credentials: new Credentials(apiKey, apiSecret),
						bookDepth: BOOK_DEPTH,
						recvWindowMs: 5_000,
						orderCalls: { ...GATEWAY_OPTIONS, orderEntry: 'ws' },
						reconnect: RECONNECT_POLICY,
						warmConnections: 0,
					}),
				],
				symbols: names.map((symbol) => ({ category: 'linear', symbol })),
				quoting,
				engine: SETTINGS,
				runTag: beginning.runTag,
				recovered: { state: beginning.recovered, atMs: timeMs(Math.floor(clock.wallMs())) },
			},
			{
				...{ clock, rng, meter: NO_METER, transport: books.wrap(inside) },
				journal: (sink) => data.journal(sink, ownersOf(quoting)),
				onNote: (note) => hear(`${note.kind} ${'reason' in note ? note.reason : ''}`),
				onStreamNote: (note) => hear(`${note.kind} ${'reason' in note ? note.reason : ''}`),
			},
		);
		if (made.kind === 'refused') throw new Error(made.sentences.join('; '));
		const trader = new SoakTrader({ app: made.app, books, data, notes, wishes, work, close: opening.move() });
		const troubles = await made.app.start();
		if (troubles.length > 0) throw new Error(troubles.join('; '));
		return trader;
	}

	/** Ten order actions. */
	turn(): void {
		this.#turn += 1;
		const moved = this.#turn % this.#work.length;
		const ladder = this.#ladders[moved];
		if (ladder !== undefined) {
			const first = (Math.floor(this.#turn / this.#work.length) * MOVED) % ladder.length;
			for (let level = first; level < first + MOVED; level += 1) ladder[level] = 1 - (ladder[level] ?? 0);
		}
		this.#wish(moved);
		this.app.runtime.control(changeOf({ kind: 'setPolicy', policy: SETTINGS.policy }));
		for (let i = 0; i < TAKEN; i += 1) this.#take();
	}

	get sentCount(): number {
		const { cancel, amend, place } = this.app.engine.getStats().coalesce_stats;
		return cancel.sent + amend.sent + place.sent;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		const left = await this.app.stop('the soak ends');
		await this.#close.disposeAsync();
		if (left.length > 0) throw new Error(`the venue still has ${left.length} of our orders`);
	}

	#take(): void {
		const index = this.#placed % this.#work.length;
		const isBuy = Math.floor(this.#placed / this.#work.length) % 2 === 0;
		this.#placed += 1;
		const instrument = this.app.instruments[index];
		const work = this.#work[index];
		if (instrument === undefined || work === undefined) return;
		const { midPrice } = soakSymbol(work);
		const mid = Math.round(midPrice / Number(work.tickSize));
		const result = this.app.runtime.control({
			...{ kind: 'placeOrder', instrument: instrument.index, side: isBuy ? 'buy' : 'sell', orderType: 'limit' },
			...{ timeInForce: 'ioc', reduceOnly: false, priceTicks: (mid + (isBuy ? REACH_TICKS : -REACH_TICKS)) as Ticks },
			qtyLots: qtyOf(instrument, work, midPrice),
		});
		if (result.kind === 'refused') this.refusals.set(result.reason, (this.refusals.get(result.reason) ?? 0) + 1);
	}

	#wish(index: number): void {
		const [instrument, work, ladder] = [this.app.instruments[index], this.#work[index], this.#ladders[index]];
		if (instrument === undefined || work === undefined || ladder === undefined) return;
		const quotes = [...ladder].map((which, level) => work.ladders[which === 0 ? 0 : 1][level] as WorkQuote);
		this.#wishes.set(
			instrument,
			quotes.map(({ side, price, qty }) => ({ side, priceTicks: ticksOf(instrument, price), qtyLots: lotsOf(instrument, qty) })),
		);
	}
}

function soakSymbol({ symbol, tickSize, lotSize, ladders: [first] }: WorkSymbol) {
	const [bid, ask] = [Number(first[0]?.price), Number(first[1]?.price)];
	const decimalsOf = (step: string): number => step.split('.')[1]?.length ?? 0;
	return {
		...{ symbol, midPrice: (bid + ask) / 2, tickSize: Number(tickSize) },
		...{ priceDecimals: decimalsOf(tickSize), qtyDecimals: decimalsOf(lotSize) },
	};
}

function qtyOf(instrument: Instrument, { lotSize }: WorkSymbol, midPrice: number) {
	const decimals = lotSize.split('.')[1]?.length ?? 0;
	return lotsOf(instrument, (Math.ceil(WORTH / midPrice / Number(lotSize)) * Number(lotSize)).toFixed(decimals));
}

function ticksOf(instrument: Instrument, price: string) {
	const parsed = parsePrice(instrument, price);
	if (parsed.kind !== 'ok') throw new RangeError(`${price} is not on the grid of ${instrument.symbol}`);
	return parsed.value;
}

function lotsOf(instrument: Instrument, qty: string) {
	const parsed = parseQty(instrument, qty);
	if (parsed.kind !== 'ok') throw new RangeError(`${qty} is not on the grid of ${instrument.symbol}`);
	return parsed.value;
}
