/**
 * What is told of an account, whichever connections it comes by: orders, executions, positions and balances, as events.
 * The account counts as up only when every connection is subscribed and the state was read whole behind that, so that
 * nothing fell between (F20); it is down the moment one of them is. Everything it tells may come twice or late: facts are
 * folded by id and version.
 *
 *   connected ─► state is read ─► up ─ lost ─► down
 *                  └ half of it, or something was missed: read again, at a pace
 */
import { broken } from '../../domain/assert.ts';
import type { CensusEvent, EngineEvent, SymbolMode } from '../../domain/event.ts';
import type { Execution, OrderReport } from '../../domain/execution.ts';
import type { Instrument } from '../../domain/instrument.ts';
import type { Money } from '../../domain/money.ts';
import type { MonoMs, SignedLots, TimeMs } from '../../domain/units.ts';
import type { EventSink } from '../../engine/ports.ts';
import { fullJitterMs } from '../../network/reconnect.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { Rng } from '../../ports/rng.ts';
import { type Behind, FillWatch } from './fill-watch.ts';
import { LookBack, type LookMoment } from './look-back.ts';
import type { StreamWatch } from './stream-note.ts';

export interface HeldPosition {
	readonly instrument: Instrument;
	readonly positionLotsSigned: SignedLots;
}

export interface HeldCoin {
	/** Which of the venue's wallets, where it keeps more than one. */
	readonly wallet?: string;
	readonly currency: string;
	readonly free: Money;
	readonly total: Money;
}

export interface Payment {
	readonly fundingId: string;
	readonly instrument: Instrument;
	readonly amount: Money;
	readonly currency: string;
	readonly fundedAtMs: TimeMs;
}

/** How the account is set up for an instrument, as far as that could be found out (F62). */
export interface HeldMode extends Omit<SymbolMode, 'instrument'> {
	readonly instrument: Instrument;
}

export interface AccountState {
	readonly orders: readonly OrderReport[];
	/** Undefined where they were not asked for. */
	readonly executions: readonly Execution[] | undefined;
	readonly fundings: readonly Payment[];
	/** Of every instrument that can have one, flat ones included. */
	readonly positions: readonly HeldPosition[];
	readonly coins: readonly HeldCoin[];
	/** Not needed to be complete: what is not said here was not looked at this time. */
	readonly modes: readonly HeldMode[];
	/** The share of what backs positions that the venue wants kept, where it says so. */
	readonly marginUsed?: number | undefined;
	/** Rows that could not be read and are not needed to be complete: where they stood. */
	readonly skipped: readonly string[];
}

export type StateRead =
	| { readonly kind: 'complete'; readonly state: AccountState }
	| { readonly kind: 'inconclusive'; readonly detail: string };

export interface StateAsked {
	readonly executionsSinceMs: TimeMs;
	/** Something may have gone past us since the last reading. */
	readonly isBehindGap: boolean;
	/** The engine wants to compare, so that how the account is set up is of interest too. */
	readonly isCensus: boolean;
}

export interface AccountFeedParts {
	readonly venue: string;
	readonly clock: Clock;
	readonly rng: Rng;
	readonly venueNowMs: () => number;
	/** All of it or nothing: half a picture leads to no action (F32). Calls back once, never from inside the call. */
	readonly readState: (asked: StateAsked, heard: (read: StateRead) => void) => void;
	/** Executions of one order; nothing where they cannot be had. */
	readonly readFills: (behind: Behind, heard: (executions: readonly Execution[]) => void) => void;
	/** Executions before this are never asked for; without it, before the start. */
	readonly executionsSinceMs?: TimeMs | undefined;
	readonly sink: EventSink;
	readonly watch: StreamWatch;
}

const SNAPSHOT_RETRY = { baseDelayMs: 500, maxDelayMs: 30_000 };
/** However much is unreadable, the state is not read more often than this. */
const SNAPSHOT_EVERY_MS = 1_000;
const FILL_LOOK_MS = 250;

export class AccountFeed {
	readonly #parts: AccountFeedParts;
	readonly #fills = new FillWatch();
	/** Told by the stream since the state was asked for: newer than what that will say. */
	readonly #newer = new Set<string>();
	#isConnected = false;
	#isUp = false;
	#wasEverUp = false;
	/** Counts connections and ends: what belongs to an older one is dropped. */
	#era = 0;
	#snapshotTimer: Timer | undefined;
	#fillTimer: Timer | undefined;
	#snapshot: 'none' | 'reading' | 'resting' = 'none';
	/** Something was missed since the last reading began. */
	#isStateOld = false;
	#isBehindGap = true;
	#snapshotFailures = 0;
	#lookBack: LookBack | undefined;
	#isCensusAsked = false;
	#readingSince: LookMoment = { atMono: 0, venueAtMs: 0 };

	constructor(parts: AccountFeedParts) {
		this.#parts = parts;
	}

	/** Down until further notice. */
	start(): void {
		const { executionsSinceMs, venueNowMs } = this.#parts;
		this.#lookBack ??= new LookBack(executionsSinceMs ?? venueNowMs());
		this.#tellStream(false);
	}

	get isUp(): boolean {
		return this.#isUp;
	}

	/** The state is read once more, and told as a census, or as half of one where it cannot be. */
	takeCensus(): void {
		if (this.#isCensusAsked) return;
		this.#isCensusAsked = true;
		if (this.#isConnected) this.#readStateSoon();
		else this.#parts.clock.after(0, () => this.#tellNoCensus());
	}

	/** A connection begins anew: what was asked behind the one before counts for nothing. It is no more down than before. */
	connecting(): void {
		this.#era += 1;
		this.#isConnected = false;
		this.#snapshot = 'none';
		this.#snapshotTimer?.cancel();
	}

	/** From here on everything is told to us. */
	connected(): void {
		this.#isConnected = true;
		this.missed();
	}

	lost(): void {
		this.connecting();
		this.#fillTimer?.cancel();
		this.#fillTimer = undefined;
		this.#tellNoCensus();
		if (!this.#isUp) return;
		this.#isUp = false;
		this.#tellStream(false);
	}

	/** Something went past us or could not be read: it is in the state. */
	missed(): void {
		this.#isBehindGap = true;
		this.#readStateSoon();
	}

	order(report: OrderReport): void {
		this.#tell({ kind: 'orderReport', report });
		this.#fills.applyReport(report, this.#parts.clock.monotonicMs());
		this.#lookAtFills();
	}

	execution(execution: Execution): void {
		this.#fills.applyExecution(execution, this.#parts.clock.monotonicMs());
		this.#tell({ kind: 'execution', execution });
	}

	funding({ instrument, fundingId, amount, currency, fundedAtMs }: Payment): void {
		this.#tell({ kind: 'funding', instrument: instrument.index, fundingId, amount, currency, fundedAtMs });
	}

	position(held: HeldPosition): void {
		this.#newer.add(positionKey(held));
		this.#tellPosition(held);
	}

	coin(held: HeldCoin): void {
		this.#newer.add(coinKey(held));
		this.#tellCoin(held);
	}

	#readStateSoon(): void {
		if (!this.#isConnected) return;
		this.#isStateOld = true;
		if (this.#snapshot === 'none') this.#readStateNow();
	}

	#readStateNow(): void {
		const era = this.#era;
		const isBehindGap = this.#isBehindGap;
		this.#snapshot = 'reading';
		this.#isStateOld = false;
		this.#isBehindGap = false;
		this.#readingSince = { atMono: this.#parts.clock.monotonicMs(), venueAtMs: this.#parts.venueNowMs() };
		this.#newer.clear();
		const lookBack = this.#lookBack ?? broken('the account is listened to before it is started');
		const executionsSinceMs = lookBack.sinceMs(this.#readingSince);
		this.#parts.readState({ executionsSinceMs, isBehindGap, isCensus: this.#isCensusAsked }, (read) => {
			if (era !== this.#era) return;
			if (read.kind === 'complete') this.#applyState(read.state);
			else this.#applyFailure(read.detail, isBehindGap);
			if (era === this.#era) this.#rest();
		});
	}

	#applyFailure(detail: string, isBehindGap: boolean): void {
		this.#snapshotFailures += 1;
		this.#isStateOld = true;
		this.#isBehindGap ||= isBehindGap;
		this.#parts.watch({ kind: 'snapshotFailed', detail });
		this.#tellNoCensus();
	}

	/** After each reading a pause, then again if it is needed. */
	#rest(): void {
		const { clock, rng } = this.#parts;
		const failures = this.#snapshotFailures;
		this.#snapshot = 'resting';
		this.#snapshotTimer = clock.after(failures === 0 ? SNAPSHOT_EVERY_MS : fullJitterMs(rng, SNAPSHOT_RETRY, failures), () => {
			this.#snapshot = 'none';
			if (this.#isStateOld) this.#readStateSoon();
		});
	}

	#applyState({ executions, fundings, orders, positions, coins, modes, marginUsed, skipped }: AccountState): void {
		this.#snapshotFailures = 0;
		if (executions !== undefined) this.#lookBack?.readWhole(this.#readingSince);
		for (const execution of executions ?? []) this.execution(execution);
		for (const payment of fundings) this.funding(payment);
		for (const report of orders) {
			// Fills from before our time are not asked for; later ones of the same order are.
			if (!this.#wasEverUp) this.#fills.applyOpening(report);
			this.order(report);
		}
		for (const held of positions) if (!this.#newer.has(positionKey(held))) this.#tellPosition(held);
		for (const held of coins) if (!this.#newer.has(coinKey(held))) this.#tellCoin(held);
		for (const where of skipped) {
			this.#parts.watch({ kind: 'badFrame', socket: 'snapshot', reason: 'missing', where, instrument: undefined });
		}
		this.#tellCensus({ orders, positions: positions.map(positionOf), modes: modes.map(modeOf), marginUsed });
		if (this.#isUp) return;
		this.#isUp = true;
		this.#wasEverUp = true;
		this.#tellStream(true);
	}

	#lookAtFills(): void {
		if (!this.#fills.isWaiting || this.#fillTimer !== undefined) return;
		const { clock } = this.#parts;
		this.#fillTimer = clock.after(FILL_LOOK_MS, () => {
			this.#fillTimer = undefined;
			// While it is down the next reading will tell.
			if (this.#isUp) for (const behind of this.#fills.due(clock.monotonicMs())) this.#fetchFills(behind);
			this.#lookAtFills();
		});
	}

	#fetchFills(behind: Behind): void {
		const era = this.#era;
		this.#parts.readFills(behind, (executions) => {
			if (era !== this.#era) return;
			for (const execution of executions) this.execution(execution);
		});
	}

	#tellPosition({ instrument, positionLotsSigned }: HeldPosition): void {
		this.#tell({ kind: 'position', instrument: instrument.index, positionLotsSigned });
	}

	#tellCoin(held: HeldCoin): void {
		this.#tell({ kind: 'balance', venue: this.#parts.venue, ...held });
	}

	#tellCensus(found: NonNullable<CensusEvent['found']> | undefined): void {
		this.#isCensusAsked = false;
		const beganAtMono = this.#readingSince.atMono as MonoMs;
		this.#tell({ kind: 'census', venue: this.#parts.venue, beganAtMono, found });
	}

	/** Whoever asked hears that there is none. */
	#tellNoCensus(): void {
		if (this.#isCensusAsked) this.#tellCensus(undefined);
	}

	#tellStream(up: boolean): void {
		this.#tell({ kind: 'stream', venue: this.#parts.venue, stream: 'private', up });
	}

	#tell(fact: WithoutTime<EngineEvent>): void {
		const { clock, sink } = this.#parts;
		sink({ ...fact, wallMs: clock.wallMs() as TimeMs, monoMs: clock.monotonicMs() as MonoMs });
	}
}

type WithoutTime<Event> = Event extends EngineEvent ? Omit<Event, 'wallMs' | 'monoMs'> : never;

function positionOf({ instrument, positionLotsSigned }: HeldPosition) {
	return { instrument: instrument.index, positionLotsSigned };
}

function modeOf({ instrument, ...mode }: HeldMode): SymbolMode {
	return { instrument: instrument.index, ...mode };
}

function positionKey({ instrument }: HeldPosition): string {
	return `position ${instrument.index}`;
}

function coinKey({ wallet = '', currency }: HeldCoin): string {
	return `coin ${wallet} ${currency}`;
}
