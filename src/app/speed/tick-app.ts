/**
 * An engine whose ticks are asked for one by one and timed: all that lies on an order's way in a session is in it, from
 * the gate to the sockets and the journal on the disk; only what is wanted is said from outside. What a tick takes is what
 * the engine itself says: from the first event of the flush to its last answer.
 */
import type { Instrument } from '../../domain/instrument.ts';
import { RUN_TAGS, runTagOf } from '../../domain/order-id.ts';
import type { Recorder } from '../../engine/ports.ts';
import { ENGINE_SETTINGS, type EngineSettings } from '../../engine/settings.ts';
import type { Stats } from '../../engine/tick-stats.ts';
import { RECONNECT_POLICY } from '../../network/reconnect.ts';
import { systemClock } from '../../network/system-clock.ts';
import { systemRng } from '../../network/system-rng.ts';
import { systemTransport } from '../../network/system-transport.ts';
import { type Meter, NO_METER, type RequestApi } from '../../ports/meter.ts';
import { JournalStore } from '../../storage/journal-store.ts';
import { systemDisk } from '../../storage/system-disk.ts';
import { GATEWAY_OPTIONS } from '../../venues/bybit/gateway.ts';
import { Credentials } from '../../venues/bybit/sign.ts';
import { boxUrls } from '../../venues/bybit/urls.ts';
import { bybitVenue } from '../../venues/bybit/venue.ts';
import { type App, type AppOptions, openApp } from '../app.ts';
import type { BoxListening } from '../box.ts';
import { collectingAfterFlushes, systemYoungGarbage } from '../quiet-collection.ts';
import { type Wish, Wishes } from '../wishes.ts';
import { FlushWatch } from './flush-watch.ts';

export type TickRoad = 'ws' | 'rest';

/** What is traded where. */
export interface Trades {
	readonly venues: AppOptions['venues'];
	readonly places: AppOptions['symbols'];
}

export interface TickAppOptions extends Trades {
	/** That of its journal. */
	readonly folder: string;
	/** `venue`: ticks are begun as the engine begins them, and its limits are kept to. Lifted unless said. */
	readonly limits?: 'off' | 'venue';
	readonly recorder?: Recorder;
	/** Hears how long each commit took until it was safe. */
	readonly onCommit?: (ms: number) => void;
}

export interface TickTaken {
	/** Not a number where the tick had nothing to do, or was cut short. */
	readonly ms: number;
	readonly calls: number;
	readonly commands: number;
}

/** Nobody is protected from anything here: all that a real session limits is out of the way. */
const LIMITLESS = 1e12;
export const TICK_APP_SETTINGS: EngineSettings = {
	...ENGINE_SETTINGS,
	// Where calls are of one symbol each, all symbols have theirs out at once.
	tick: { ...ENGINE_SETTINGS.tick, isManual: true, tickDeadlineMs: 60_000, maxParallelSymbols: 1_000 },
	// Everything is taken from one ladder to the other, however short it has stood there.
	policy: { ...ENGINE_SETTINGS.policy, minTimeInBookMs: 0, amendPriceThresholdBps: 0 },
	budget: { ...ENGINE_SETTINGS.budget, isEnabled: false },
	limits: {
		...ENGINE_SETTINGS.limits,
		orderNotionalMax: LIMITLESS,
		positionNotionalMax: LIMITLESS,
		grossNotionalMax: LIMITLESS,
		netNotionalMax: LIMITLESS,
		// Levels are a few ticks apart, and on a cheap symbol a tick is much.
		quoteCollar: 1,
		openOrdersMax: LIMITLESS,
		openOrdersPerSymbolMax: LIMITLESS,
		slotActionsPerSecMax: LIMITLESS,
		slotActionsPerMinMax: LIMITLESS,
		// A market that rests says nothing for a long time, and a machine that is busy with other things is no danger here.
		bookAgeMsMax: LIMITLESS,
		clockOffsetMsMax: LIMITLESS,
		journalDelayMsMax: LIMITLESS,
	},
};

const WITHIN_LIMITS: EngineSettings = {
	...TICK_APP_SETTINGS,
	tick: { ...TICK_APP_SETTINGS.tick, isManual: false, tickDeadlineMs: ENGINE_SETTINGS.tick.tickDeadlineMs },
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

export function tradesOnBybit(
	box: Pick<BoxListening, 'bybit'>,
	account: { readonly apiKey: string; readonly apiSecret: string },
	{ symbols, road }: { readonly symbols: readonly string[]; readonly road: TickRoad },
): Trades {
	const venue = bybitVenue({
		urls: boxUrls(box.bybit),
		credentials: new Credentials(account.apiKey, account.apiSecret),
		bookDepth: 50,
		recvWindowMs: 5_000,
		orderCalls: { ...GATEWAY_OPTIONS, orderEntry: road },
		reconnect: RECONNECT_POLICY,
		warmConnections: road === 'rest' ? WARM_CONNECTIONS : 0,
	});
	return { venues: [venue], places: symbols.map((symbol) => ({ venue: 'bybit', category: 'linear', symbol })) };
}

export class TickApp implements AsyncDisposable {
	readonly app: App;
	readonly #wishes: Wishes;
	readonly #flushes: FlushWatch;
	readonly #roads: ReadonlySet<RequestApi>;
	readonly #closing: AsyncDisposable;
	#wanted = 0;

	private constructor(parts: {
		readonly app: App;
		readonly wishes: Wishes;
		readonly flushes: FlushWatch;
		readonly roads: ReadonlySet<RequestApi>;
		readonly closing: AsyncDisposable;
	}) {
		this.app = parts.app;
		this.#wishes = parts.wishes;
		this.#flushes = parts.flushes;
		this.#roads = parts.roads;
		this.#closing = parts.closing;
	}

	static async open(options: TickAppOptions): Promise<TickApp> {
		const { venues, places, folder, limits = 'off', recorder, onCommit } = options;
		await using opening = new AsyncDisposableStack();
		const clock = systemClock();
		const rng = systemRng();
		const flushes = new FlushWatch(clock);
		const roads = new Set<RequestApi>();
		const journal = await JournalStore.open({ disk: systemDisk(), clock, folder });
		if (journal.kind === 'refused') throw new Error(journal.sentence);
		const { store } = journal;
		opening.use(store);
		const transport = opening.use(systemTransport({ clock, isAllowed: () => true, limits: NETWORK }));
		const wishes = new Wishes();
		const symbols = places.map(({ symbol }) => symbol);
		const opened = await openApp(
			{
				...{ venues, symbols: places, quoting: [{ strategy: wishes, symbols }], runTag: runTagOf(rng.below(RUN_TAGS)) },
				engine: limits === 'off' ? TICK_APP_SETTINGS : WITHIN_LIMITS,
			},
			{
				...{ clock, rng, transport, journal: (sink) => store.journalFor(sink, symbols) },
				meter: collectingAfterFlushes(meterOf({ flushes, roads, onCommit }), clock, systemYoungGarbage()),
				...(recorder === undefined ? {} : { recorder }),
			},
		);
		if (opened.kind === 'refused') throw new Error(opened.sentences.join('; '));
		const { app } = opened;
		opening.use(app);
		const troubles = await app.start();
		if (troubles.length > 0) throw new Error(troubles.join('; '));
		return new TickApp({ app, wishes, flushes, roads, closing: opening.move() });
	}

	/** What is wanted from now on, on every symbol. */
	want(wishesFor: (instrument: Instrument) => readonly Wish[]): void {
		this.#wanted = 0;
		for (const instrument of this.app.instruments) {
			const wishes = wishesFor(instrument);
			this.#wanted += wishes.length;
			this.#wishes.set(instrument, wishes);
		}
	}

	/** One tick over all symbols. */
	async tick(): Promise<TickTaken> {
		const { engine } = this.app;
		const before = engine.getStats();
		const ms = await this.#flushes.watch(() => this.begin());
		const after = engine.getStats();
		return { ms, calls: after.calls - before.calls, commands: sentIn(after) - sentIn(before) };
	}

	/** The same without waiting for its end. False where it had nothing to do. */
	begin(): boolean {
		const { instruments, runtime } = this.app;
		const asked = runtime.control({ kind: 'processTick', instruments: instruments.map(({ index }) => index) });
		return asked.kind === 'done' && asked.orderCount > 0;
	}

	/** The kinds of calls that carried orders so far. */
	get sentOver(): readonly RequestApi[] {
		return [...this.#roads].sort();
	}

	/** All that was wanted last is live, and nothing else. */
	get isAsWanted(): boolean {
		const orders = this.app.engine.openOrders();
		return orders.length === this.#wanted && orders.every(({ state }) => state === 'live');
	}

	/** Everything is cancelled, and the venue has nothing of ours left; or it throws. */
	async [Symbol.asyncDispose](): Promise<void> {
		await using _ = this.#closing;
		const left = await this.app.stop('the measurement ends');
		if (left.length > 0) throw new Error(`the venue still has ${left.length} of our orders`);
	}
}

function meterOf(parts: {
	readonly flushes: FlushWatch;
	readonly roads: Set<RequestApi>;
	readonly onCommit: TickAppOptions['onCommit'];
}): Meter {
	const commits = { record: (ms: number) => parts.onCommit?.(ms) };
	return {
		...NO_METER,
		flush: parts.flushes,
		stage: (stage) => (stage === 'journal' ? commits : NO_METER.stage(stage)),
		request: (verb, api) => (verb === 'read' ? NO_METER.request(verb, api) : { record: () => void parts.roads.add(api) }),
	};
}

function sentIn({ coalesce_stats: { cancel, amend, place } }: Stats): number {
	return cancel.sent + amend.sent + place.sent;
}
