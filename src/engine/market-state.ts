/**
 * What the engine knows of one instrument: its book, prices, signals and our own orders and position in it. Changed by
 * `Engine.step` only; strategies see it as an `InstrumentView`.
 */
import { createBook, type OrderBook } from '../domain/book.ts';
import type { SignalEvent } from '../domain/event.ts';
import { stepsToNumber } from '../domain/grid.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { Side } from '../domain/side.ts';
import type { MonoMs, SignedLots, Ticks, TimeMs } from '../domain/units.ts';
import type { Lane } from '../execution/lanes.ts';
import type { OrderManager } from '../execution/order-manager.ts';
import type { Ledger } from '../portfolio/ledger.ts';
import type { Exposure } from '../risk/exposure.ts';
import type { Funds } from '../risk/funds.ts';
import type { InstrumentView, SignalView } from '../strategy/strategy.ts';

const NO_SIGNAL: SignalView = { value: 0, confidence: 0 };

/** Sources a symbol remembers; a further one is not taken. */
const SIGNAL_SOURCES_MAX = 64;

/** How far the clock of a venue is ahead of ours; one for all its symbols. */
export interface VenueClock {
	offsetMs: number;
}

interface Parts {
	readonly instrument: Instrument;
	readonly lane: Lane;
	readonly orders: OrderManager;
	readonly ledger: Ledger;
	readonly buyFunds: Funds;
	readonly sellFunds: Funds;
	readonly clock: VenueClock;
	readonly bookAgeMsMax: number;
}

export class MarketState implements InstrumentView {
	instrument: Instrument;
	readonly lane: Lane;
	readonly book: OrderBook = createBook();
	readonly exposure: Exposure;
	readonly buyFunds: Funds;
	readonly sellFunds: Funds;
	readonly clock: VenueClock;
	/** A book that is older is not quoted from, unless its venue takes longer to say that nothing moves (PT4). */
	bookAgeMsMax: number;
	markTicks = 0;
	fundingRate = 0;
	lastTradeTicks = 0;
	isPositionModeRight = true;
	/** There was a moment when it could be quoted from. */
	wasBookTrusted = false;
	/** On the list of symbols that may be traded (PT2). */
	isAllowed = true;
	/** When the venue last had the book as it is here, and it was sound; and when the instrument's filters were last heard. */
	soundAtMono = Number.NEGATIVE_INFINITY as MonoMs;
	refreshedAtMono: MonoMs;
	/** Set by the engine before anyone reads a view; views know no clock. */
	nowMono: MonoMs;
	readonly #orders: OrderManager;
	readonly #ledger: Ledger;
	readonly #signals = new Map<string, SignalEvent>();

	constructor(parts: Parts, nowMono: MonoMs) {
		this.instrument = parts.instrument;
		this.lane = parts.lane;
		this.buyFunds = parts.buyFunds;
		this.sellFunds = parts.sellFunds;
		this.clock = parts.clock;
		this.exposure = parts.orders.exposureOf(parts.instrument.index);
		this.refreshedAtMono = nowMono;
		this.nowMono = nowMono;
		this.#orders = parts.orders;
		this.#ledger = parts.ledger;
		this.bookAgeMsMax = parts.bookAgeMsMax;
	}

	/** Another version of it. What was counted in its ticks is counted anew: the same mark is another number of finer ticks. */
	follow(instrument: Instrument, nowMono: MonoMs): void {
		const scale = stepsToNumber(this.instrument.priceGrid, 1) / stepsToNumber(instrument.priceGrid, 1);
		this.instrument = instrument;
		this.refreshedAtMono = nowMono;
		this.markTicks *= scale;
		this.lastTradeTicks = Math.round(this.lastTradeTicks * scale);
		this.exposure.referenceTicks *= scale;
	}

	/** Whole, two-sided, not crossed; says nothing about its age. */
	get isBookSound(): boolean {
		return this.book.trust.kind === 'whole' && this.book.isTwoSided && !this.book.isCrossed;
	}

	/** How old the last message of the book was when it came, by the venue's own clock: data that flows may be old (F42). */
	lateMs(receivedAtMs: TimeMs): number {
		const { venueAtMs } = this.book;
		return venueAtMs === 0 ? 0 : Math.max(0, receivedAtMs + this.clock.offsetMs - venueAtMs);
	}

	get bookAgeMs(): number {
		return this.nowMono - this.soundAtMono;
	}

	get bookBeatMs(): number {
		return this.lane.capability.bookBeatMs ?? 0;
	}

	/** How long ago it was old enough not to be quoted from; at most 0 where it is not (PT4). */
	get bookOldForMs(): number {
		return this.bookAgeMs - Math.max(this.bookAgeMsMax, this.bookBeatMs);
	}

	get isBookTrusted(): boolean {
		return this.isBookSound && this.bookOldForMs <= 0;
	}

	get positionLotsSigned(): SignedLots {
		return this.#ledger.inventoryLots(this.instrument.index);
	}

	get averageTicks(): number {
		return this.#ledger.averageTicks(this.instrument.index);
	}

	ownLotsAt(side: Side, ticks: Ticks): number {
		let lots = 0;
		for (const order of this.#orders.openOrdersOf(this.instrument.index)) {
			// Where the venue last showed it; where an amend will put it is not in the book yet.
			if (order.side === side && order.priceTicks === ticks && order.shownAtMono !== undefined) {
				lots += order.qtyLots - order.filledLots;
			}
		}
		return lots;
	}

	signal(source: string): SignalView {
		const signal = this.#signals.get(source);
		return signal === undefined || signal.expiresAtMono <= this.nowMono ? NO_SIGNAL : signal;
	}

	/** Value times confidence of the strongest signal in force that says buy, and of that which says sell, but for this source. */
	strongestSignals(except: string): { readonly buy: number; readonly sell: number } {
		let [buy, sell] = [0, 0];
		for (const { source, value, confidence, expiresAtMono } of this.#signals.values()) {
			if (source === except || expiresAtMono <= this.nowMono) continue;
			buy = Math.max(buy, value * confidence);
			sell = Math.max(sell, -value * confidence);
		}
		return { buy, sell };
	}

	applySignal(event: SignalEvent): void {
		// One that is over makes room for another source.
		if (event.expiresAtMono <= event.monoMs) this.#signals.delete(event.source);
		else if (this.#signals.size < SIGNAL_SOURCES_MAX || this.#signals.has(event.source)) this.#signals.set(event.source, event);
	}
}
