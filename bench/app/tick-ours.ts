/**
 * Ours: the whole engine as it runs elsewhere, with strategy, gate, planner, bus, dispatcher, adapter and real sockets;
 * only the ticks are asked for by hand. What a tick takes is what the engine itself says: from the first event of the
 * flush to its last answer. Its journal is on the disk of the temporary folder, synced before a create or an amend leaves.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type App, openApp } from '../../src/app/app.ts';
import { collectingAfterFlushes, systemYoungGarbage } from '../../src/app/quiet-collection.ts';
import { Wishes } from '../../src/app/wishes.ts';
import { type Instrument, parsePrice, parseQty } from '../../src/domain/instrument.ts';
import { RUN_TAGS, runTagOf } from '../../src/domain/order-id.ts';
import { changeOf } from '../../src/engine/changes.ts';
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
	tick: { ...ENGINE_SETTINGS.tick, isManual: true, tickDeadlineMs: 60_000 },
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

const WARM_CONNECTIONS = 50;
/** Far above any tick; what takes longer is cut short. */
const TICK_WITHIN_MS = 30_000;

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

export class OurApp implements AsyncDisposable {
	readonly #app: App;
	readonly #wishes: Wishes;
	readonly #work: readonly WorkSymbol[];
	readonly #flushes: FlushWatch;
	readonly #close: () => Promise<void>;
	#ladder: 0 | 1 = 0;

	private constructor(parts: {
		readonly app: App;
		readonly wishes: Wishes;
		readonly work: readonly WorkSymbol[];
		readonly flushes: FlushWatch;
		readonly close: () => Promise<void>;
	}) {
		this.#app = parts.app;
		this.#wishes = parts.wishes;
		this.#work = parts.work;
		this.#flushes = parts.flushes;
		this.#close = parts.close;
	}

	static async open(box: BenchBox, work: readonly WorkSymbol[], orderEntry: Channel): Promise<OurApp> {
		const clock = systemClock();
		const rng = systemRng();
		const transport = systemTransport({ clock, isAllowed: () => true });
		const folder = mkdtempSync(join(tmpdir(), 'evenkeel-bench-'));
		const journal = await JournalStore.open({ disk: systemDisk(), clock, folder: join(folder, 'journal') });
		if (journal.kind === 'refused') throw new Error(journal.sentence);
		const { store } = journal;
		const wishes = new Wishes();
		const flushes = new FlushWatch();
		const meter = collectingAfterFlushes({ ...NO_METER, flush: flushes }, clock, systemYoungGarbage());
		const { apiKey, apiSecret } = box.account('ours');
		const symbols = work.map(({ symbol }) => symbol);
		const opened = await openApp(
			{
				venue: {
					urls: boxUrls(box.listening.bybit),
					credentials: new Credentials(apiKey, apiSecret),
					bookDepth: 50,
					recvWindowMs: 5_000,
					orderCalls: { ...GATEWAY_OPTIONS, orderEntry },
					reconnect: RECONNECT_POLICY,
					warmConnections: orderEntry === 'rest' ? WARM_CONNECTIONS : 0,
				},
				symbols: symbols.map((symbol) => ({ category: 'linear', symbol })),
				quoting: [{ strategy: wishes, symbols }],
				engine: SETTINGS,
				runTag: runTagOf(rng.below(RUN_TAGS)),
			},
			{ clock, rng, transport, meter, journal: (sink) => store.journalFor(sink, symbols) },
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
		return new OurApp({ app, wishes, work, flushes, close });
	}

	async tick(kind: Kind, mode: Mode): Promise<Taken> {
		this.#set(kind, mode);
		this.#ladder = this.#ladder === 0 ? 1 : 0;
		const { instruments, engine, runtime } = this.#app;
		for (const [at, instrument] of instruments.entries()) {
			this.#wishes.set(
				instrument,
				(this.#work[at]?.ladders[this.#ladder] ?? []).map((quote) => wishOf(instrument, quote)),
			);
		}
		const before = engine.getStats();
		const flush = this.#flushes.next();
		const asked = runtime.control({ kind: 'processTick', instruments: instruments.map(({ index }) => index) });
		if (asked.kind !== 'done' || asked.orderCount === 0) return { ms: Number.NaN, calls: 0, accepted: 0 };
		const ms = await flush;
		const after = engine.getStats();
		return { ms, calls: after.calls - before.calls, accepted: sentIn(after) - sentIn(before) };
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

function wishOf(instrument: Instrument, { side, price, qty }: WorkQuote) {
	const [parsedPrice, parsedQty] = [parsePrice(instrument, price), parseQty(instrument, qty)];
	if (parsedPrice.kind !== 'ok' || parsedQty.kind !== 'ok') throw new RangeError(`${qty} at ${price} is not on the grid`);
	return { side, priceTicks: parsedPrice.value, qtyLots: parsedQty.value };
}
