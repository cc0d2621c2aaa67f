/**
 * Ours: the whole engine as it runs elsewhere, with strategy, gate, planner, bus, dispatcher, adapter and real sockets;
 * only the ticks are asked for by hand. What a tick takes is what the engine itself says: from the first event of the
 * flush to its last answer. Its journal is on the disk of the temporary folder, synced before a create or an amend leaves.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type App, type AppOptions, openApp } from '../../src/app/app.ts';
import { collectingAfterFlushes, systemYoungGarbage } from '../../src/app/quiet-collection.ts';
import { type Wish, Wishes } from '../../src/app/wishes.ts';
import type { EngineEvent } from '../../src/domain/event.ts';
import { type Instrument, parsePrice, parseQty } from '../../src/domain/instrument.ts';
import { RUN_TAGS, runTagOf } from '../../src/domain/order-id.ts';
import { changeOf } from '../../src/engine/changes.ts';
import type { Recorder } from '../../src/engine/ports.ts';
import { ENGINE_SETTINGS, type EngineSettings } from '../../src/engine/settings.ts';
import type { Stats } from '../../src/engine/tick-stats.ts';
import { RECONNECT_POLICY } from '../../src/network/reconnect.ts';
import { systemClock } from '../../src/network/system-clock.ts';
import { systemRng } from '../../src/network/system-rng.ts';
import { systemTransport } from '../../src/network/system-transport.ts';
import { NO_METER } from '../../src/ports/meter.ts';
import { JournalStore } from '../../src/storage/journal-store.ts';
import { systemDisk } from '../../src/storage/system-disk.ts';
import { GATEWAY_OPTIONS } from '../../src/venues/bybit/gateway.ts';
import { Credentials } from '../../src/venues/bybit/sign.ts';
import { boxUrls } from '../../src/venues/bybit/urls.ts';
import { bybitVenue } from '../../src/venues/bybit/venue.ts';
import type { BenchBox } from './tick-box.ts';
import { BATCH_MAX, type Kind, ORDERS_PER_SYMBOL, type WorkQuote, type WorkSymbol } from './tick-work.ts';

export type Channel = 'ws' | 'rest';
/** `perSymbol`: batches that hold the orders of one symbol; `sequential`: one call an order, one after the other. */
export type Mode = 'crossSymbol' | 'perSymbol' | 'sequential';

export interface Taken {
	readonly ms: number;
	readonly calls: number;
	/** Commands that the venue accepted; of ours, those that were sent (`isAsWished` tells whether it took them). */
	readonly accepted: number;
}

/** Nobody is protected from anything here: all that a real session limits is out of the way. */
const LIMITLESS = 1e12;
const SETTINGS: EngineSettings = {
	...ENGINE_SETTINGS,
	// Where calls are of one symbol each, all symbols have theirs out at once.
	tick: { ...ENGINE_SETTINGS.tick, isManual: true, tickDeadlineMs: 60_000, maxParallelSymbols: 1_000 },
	budget: { ...ENGINE_SETTINGS.budget, isEnabled: false },
	limits: {
		...ENGINE_SETTINGS.limits,
		orderNotionalMax: LIMITLESS,
		positionNotionalMax: LIMITLESS,
		grossNotionalMax: LIMITLESS,
		netNotionalMax: LIMITLESS,
		slotActionsPerSecMax: LIMITLESS,
		slotActionsPerMinMax: LIMITLESS,
		// A market that rests says nothing for a long time, and a machine that is busy with other things is no danger here.
		bookAgeMsMax: LIMITLESS,
		clockOffsetMsMax: LIMITLESS,
		journalDelayMsMax: LIMITLESS,
	},
};

/** Ticks are begun as the engine begins them, and the venue's limits are kept to. */
const WITHIN_LIMITS: EngineSettings = {
	...SETTINGS,
	tick: { ...SETTINGS.tick, isManual: false, tickDeadlineMs: ENGINE_SETTINGS.tick.tickDeadlineMs },
	budget: ENGINE_SETTINGS.budget,
};

const WARM_CONNECTIONS = 50;
/** For venues that take fewer commands a call than Bybit: one connection for each call of a flush. */
const CONNECTIONS = 1_000;
const NETWORK = {
	connectionsMax: 2 * CONNECTIONS,
	connectionsPerHostMax: CONNECTIONS,
	plans: { orders: { connections: CONNECTIONS, waitingMax: CONNECTIONS } },
};
/** Far above any tick; what takes longer is cut short. */
const TICK_WITHIN_MS = 30_000;
/** So exactly is the end of a requote seen that takes seconds. */
const LOOK_EVERY_MS = 10;
const REQUOTE_WITHIN_MS = 120_000;

/** Hears what each flush took. */
class FlushWatch {
	#heard: (ms: number) => void = () => {};

	record(ms: number): void {
		this.#heard(ms);
	}

	/** Of the next flush; not a number where none comes to its end in time. */
	next(): Promise<number> {
		return new Promise((resolve) => {
			const timer = setTimeout(() => resolve(Number.NaN), TICK_WITHIN_MS);
			this.#heard = (ms) => {
				clearTimeout(timer);
				resolve(ms);
			};
		});
	}
}

/** Hears when a venue refuses something for being one too many. */
class RateWatch implements Recorder {
	readonly refusals: string[] = [];

	input(event: EngineEvent): void {
		if (event.kind === 'rate' && event.isRefusal) this.refusals.push(`${event.venue} ${event.category} ${event.verb}`);
	}

	output(): void {}
}

/** What an app is opened with. */
export interface Trades {
	readonly venues: AppOptions['venues'];
	readonly places: AppOptions['symbols'];
}

export function openBybit(box: BenchBox, work: readonly WorkSymbol[], orderEntry: Channel): Trades {
	const { apiKey, apiSecret } = box.account('ours');
	const venue = bybitVenue({
		urls: boxUrls(box.listening.bybit),
		credentials: new Credentials(apiKey, apiSecret),
		bookDepth: 50,
		recvWindowMs: 5_000,
		orderCalls: { ...GATEWAY_OPTIONS, orderEntry },
		reconnect: RECONNECT_POLICY,
		warmConnections: orderEntry === 'rest' ? WARM_CONNECTIONS : 0,
	});
	return { venues: [venue], places: work.map(({ symbol }) => ({ venue: 'bybit', category: 'linear', symbol })) };
}

export class OurApp implements AsyncDisposable {
	readonly #app: App;
	readonly #wishes: Wishes;
	readonly #work: readonly WorkSymbol[];
	readonly #flushes: FlushWatch;
	readonly #rates: RateWatch;
	readonly #close: () => Promise<void>;
	#ladder: 0 | 1 = 0;

	private constructor(parts: {
		readonly app: App;
		readonly wishes: Wishes;
		readonly work: readonly WorkSymbol[];
		readonly flushes: FlushWatch;
		readonly rates: RateWatch;
		readonly close: () => Promise<void>;
	}) {
		this.#app = parts.app;
		this.#wishes = parts.wishes;
		this.#work = parts.work;
		this.#flushes = parts.flushes;
		this.#rates = parts.rates;
		this.#close = parts.close;
	}

	/** `places`: where each symbol of the work is traded, in its order. */
	static async open(work: readonly WorkSymbol[], { venues, places }: Trades, limits: 'off' | 'venue' = 'off'): Promise<OurApp> {
		const clock = systemClock();
		const rng = systemRng();
		const transport = systemTransport({ clock, isAllowed: () => true, limits: NETWORK });
		const folder = mkdtempSync(join(tmpdir(), 'evenkeel-bench-'));
		const journal = await JournalStore.open({ disk: systemDisk(), clock, folder: join(folder, 'journal') });
		if (journal.kind === 'refused') throw new Error(journal.sentence);
		const { store } = journal;
		const wishes = new Wishes();
		const flushes = new FlushWatch();
		const meter = collectingAfterFlushes({ ...NO_METER, flush: flushes }, clock, systemYoungGarbage());
		const rates = new RateWatch();
		const symbols = work.map(({ symbol }) => symbol);
		const opened = await openApp(
			{
				venues,
				symbols: places,
				quoting: [{ strategy: wishes, symbols }],
				engine: limits === 'off' ? SETTINGS : WITHIN_LIMITS,
				runTag: runTagOf(rng.below(RUN_TAGS)),
			},
			{
				...{ clock, rng, transport, meter, journal: (sink) => store.journalFor(sink, symbols) },
				...(limits === 'off' ? {} : { recorder: rates }),
			},
		);
		if (opened.kind === 'refused') throw new Error(opened.sentences.join('; '));
		const troubles = await opened.app.start();
		if (troubles.length > 0) throw new Error(troubles.join('; '));
		const { app } = opened;
		const close = async (): Promise<void> => {
			await transport[Symbol.asyncDispose]();
			await store[Symbol.asyncDispose]();
			rmSync(folder, { recursive: true });
		};
		return new OurApp({ app, wishes, work, flushes, rates, close });
	}

	async tick(kind: Kind, mode: Mode): Promise<Taken> {
		this.#set(kind, mode);
		this.#wishElsewhere();
		const { instruments, engine, runtime } = this.#app;
		const before = engine.getStats();
		const flush = this.#flushes.next();
		const asked = runtime.control({ kind: 'processTick', instruments: instruments.map(({ index }) => index) });
		if (asked.kind !== 'done' || asked.orderCount === 0) return { ms: Number.NaN, calls: 0, accepted: 0 };
		const ms = await flush;
		const after = engine.getStats();
		return { ms, calls: after.calls - before.calls, accepted: sentIn(after) - sentIn(before) };
	}

	/** From the wish for other prices until all orders stand there, as fast as the limits let it; in milliseconds. */
	async requote(kind: Kind): Promise<number> {
		this.#set(kind, 'crossSymbol');
		this.#wishElsewhere();
		const { instruments, runtime } = this.#app;
		const startMs = performance.now();
		runtime.control({ kind: 'processTick', instruments: instruments.map(({ index }) => index) });
		while (!this.#isThere) {
			if (performance.now() - startMs > REQUOTE_WITHIN_MS) throw new Error('a full requote does not come to its end');
			await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
		}
		return performance.now() - startMs;
	}

	/** What venues have refused for being one too many: where, and which verb. */
	get rateRefusals(): readonly string[] {
		return this.#rates.refusals;
	}

	#wishElsewhere(): void {
		this.#ladder = this.#ladder === 0 ? 1 : 0;
		for (const instrument of this.#app.instruments) this.#wishes.set(instrument, this.#wishesFor(instrument));
	}

	#wishesFor(instrument: Instrument): readonly Wish[] {
		const work = this.#work.find(({ symbol }) => symbol === instrument.symbol);
		return (work?.ladders[this.#ladder] ?? []).map((quote) => wishOf(instrument, quote));
	}

	/** All orders are live at the prices that were wished for last. */
	get #isThere(): boolean {
		if (!this.isAsWished) return false;
		const orders = Map.groupBy(this.#app.engine.openOrders(), ({ instrument }) => instrument.index);
		return this.#app.instruments.every((instrument) => {
			const standing = new Set(orders.get(instrument.index)?.map(({ side, priceTicks }) => `${side} ${priceTicks}`));
			return this.#wishesFor(instrument).every(({ side, priceTicks }) => standing.has(`${side} ${priceTicks}`));
		});
	}

	/** All that was wished for last is live, and nothing else. */
	get isAsWished(): boolean {
		const orders = this.#app.engine.openOrders();
		return orders.length === this.#work.length * ORDERS_PER_SYMBOL && orders.every(({ state }) => state === 'live');
	}

	/** Everything is cancelled, and the venue has nothing of ours left. */
	async [Symbol.asyncDispose](): Promise<void> {
		const left = await this.#app.stop('the benchmark ends');
		await this.#close();
		if (left.length > 0) throw new Error(`the venue still has ${left.length} of our orders`);
	}

	#set(kind: Kind, mode: Mode): void {
		const bus = {
			...SETTINGS.bus,
			parallel: mode !== 'sequential',
			maxBatchSize: mode === 'perSymbol' ? ORDERS_PER_SYMBOL : BATCH_MAX,
		};
		const amendPriceThresholdBps = kind === 'requote' ? SETTINGS.policy.amendPriceThresholdBps : 0;
		const policy = { ...SETTINGS.policy, minTimeInBookMs: 0, amendPriceThresholdBps };
		this.#app.runtime.control(changeOf({ kind: 'setBus', bus }, { kind: 'setPolicy', policy }));
	}
}

function sentIn({ coalesce_stats: { cancel, amend, place } }: Stats): number {
	return cancel.sent + amend.sent + place.sent;
}

function wishOf(instrument: Instrument, { side, price, qty }: WorkQuote): Wish {
	const [parsedPrice, parsedQty] = [parsePrice(instrument, price), parseQty(instrument, qty)];
	if (parsedPrice.kind !== 'ok' || parsedQty.kind !== 'ok') throw new RangeError(`${qty} at ${price} is not on the grid`);
	return { side, priceTicks: parsedPrice.value, qtyLots: parsedQty.value };
}
