/**
 * Closes positions (KL5, K2): slice by slice, each an order that only reduces, takes what is there at once and drops the
 * rest. A slice is at most a tenth of what stands on the five best levels, and no worse than half a percent from the mid.
 * Nothing else of ours may stand in the symbol meanwhile, so that no fill is unexpected; every slice passes gate and
 * journal like any order. After a kill it waits until the venue shows nothing of ours.
 */
import type { PlaceProposal } from '../domain/command.ts';
import type { InstrumentIndex } from '../domain/instrument.ts';
import { DESK, type Order } from '../domain/order.ts';
import type { MonoMs, TimeMs } from '../domain/units.ts';
import type { OrderManager } from '../execution/order-manager.ts';
import type { RiskLevels } from '../risk/level.ts';
import type { Parents } from '../risk/parents.ts';
import type { HandCancels } from './hand-cancels.ts';
import type { MarketState } from './market-state.ts';
import type { EngineEffect } from './ports.ts';
import { isDust, toClose, wayOutTerms } from './way-out.ts';

/** Of the quantity on the levels that a slice would meet first. */
const SLICE_SHARE = 0.1;
const SLICE_LEVELS = 5;
/** Between two slices of a symbol: books fill up again, and what one did is known before the next. */
const SLICE_EVERY_MS = 1_000;

/** What the venue refuses again and again is asked for less and less often (F36). */
const REFUSED_EVERY_MS_MAX = 60_000;

const CAUSE = 'flatten';

interface Job {
	readonly market: MarketState;
	readonly parentId: string;
	lastSliceAtMono: number;
	lastSlice: Order | undefined;
	/** How often in a row the venue took none. */
	refusedCount: number;
	/** Why the last slice was not sent, told once. */
	toldRefusal: string | undefined;
}

export interface FlattenParts {
	readonly orders: OrderManager;
	readonly levels: RiskLevels;
	readonly cancels: HandCancels;
	readonly parents: Parents;
	readonly effects: EngineEffect[];
	readonly markets: readonly MarketState[];
	/** What a single order may be worth at most (PT7). */
	orderNotionalMax(): number;
	/** The comparison after a kill is through: what the venue shows is what there is. */
	isInDoubt(): boolean;
	/** Through the gate and onto the bus; the code of the refusal where it does not pass. */
	propose(proposal: PlaceProposal, now: { readonly wallMs: TimeMs; readonly monoMs: MonoMs }): Order | string;
}

export class Flatten {
	readonly #parts: FlattenParts;
	readonly #jobs = new Map<InstrumentIndex, Job>();
	#jobCount = 0;

	constructor(parts: FlattenParts) {
		this.#parts = parts;
	}

	get isActive(): boolean {
		return this.#jobs.size > 0;
	}

	isClosing(instrument: InstrumentIndex): boolean {
		return this.#jobs.has(instrument);
	}

	/** How many symbols there is something to close in. They are not quoted again before a person resumes them. */
	begin(concerned: readonly MarketState[], nowMono: MonoMs): number {
		const { levels, parents } = this.#parts;
		let count = 0;
		for (const market of concerned) {
			const { index } = market.instrument;
			levels.hold(index, CAUSE, { reason: 'the position is being closed', liftsByItself: false, nowMono });
			const lots = Math.abs(toClose(market));
			if (lots > 0) count += 1;
			if (this.#jobs.has(index)) continue;
			this.#jobCount += 1;
			const parentId = `flatten ${this.#jobCount}`;
			// What open orders of ours may still fill before they are gone is closed as well.
			parents.open(parentId, Math.max(market.exposure.worstLots, lots));
			const never = Number.NEGATIVE_INFINITY;
			const job = { market, parentId, lastSliceAtMono: never, lastSlice: undefined, refusedCount: 0, toldRefusal: undefined };
			this.#jobs.set(index, job);
		}
		return count;
	}

	/** A person wants the symbol back. */
	end(instrument: InstrumentIndex): void {
		const job = this.#jobs.get(instrument);
		if (job === undefined) return;
		this.#parts.parents.close(job.parentId);
		this.#jobs.delete(instrument);
	}

	/** Whoever shuts the gate ends this as well; a person may ask for it again. */
	endAll(): void {
		for (const instrument of [...this.#jobs.keys()]) this.end(instrument);
	}

	/** An order that may leave although the gate is shut. */
	owns({ parent }: Order): boolean {
		if (parent === undefined) return false;
		for (const { parentId } of this.#jobs.values()) if (parentId === parent) return true;
		return false;
	}

	/** Now and then: the next slice of every symbol that is ready for one. */
	applyTime(now: { readonly wallMs: TimeMs; readonly monoMs: MonoMs }): void {
		if (this.#jobs.size === 0) return;
		const { levels, orders } = this.#parts;
		// Nothing is begun on what is not known: an order that an earlier run left may be closing the position already.
		if (this.#parts.isInDoubt()) return;
		// After a kill all of the account has to be proven gone first.
		if (levels.level === 'kill' && orders.openOrders().some((order) => !this.owns(order))) return;
		for (const job of [...this.#jobs.values()]) this.#advance(job, now);
	}

	#advance(job: Job, now: { readonly wallMs: TimeMs; readonly monoMs: MonoMs }): void {
		const { orders, cancels, effects, parents } = this.#parts;
		const { market, parentId } = job;
		const { instrument, exposure } = market;
		const open = orders.openOrdersOf(instrument.index);
		if (open.length > 0) {
			cancels.ask(
				open.filter(({ parent }) => parent !== parentId),
				now.monoMs,
			);
			return;
		}
		const lots = Math.abs(toClose(market));
		if (lots === 0 || isDust(market, lots)) {
			const leftLots = Math.abs(exposure.positionLots + exposure.foreignLots);
			effects.push({ kind: 'note', note: { kind: 'flattened', instrument: instrument.id, leftLots } });
			this.end(instrument.index);
			this.#parts.levels.retellHold(instrument.index, CAUSE, 'closed as asked for; resume it to quote again');
			return;
		}
		market.nowMono = now.monoMs;
		if (job.lastSlice !== undefined) job.refusedCount = job.lastSlice.state === 'rejected' ? job.refusedCount + 1 : 0;
		job.lastSlice = undefined;
		const everyMs = Math.min(SLICE_EVERY_MS * 2 ** job.refusedCount, REFUSED_EVERY_MS_MAX);
		if (now.monoMs - job.lastSliceAtMono < everyMs || !market.isBookTrusted) return;
		job.lastSliceAtMono = now.monoMs;
		const made = this.#parts.propose(sliceOf(market, parentId, this.#parts.orderNotionalMax()), now);
		if (typeof made !== 'string') {
			job.lastSlice = made;
			job.toldRefusal = undefined;
			parents.adopt(parentId, made);
		} else if (made !== job.toldRefusal) {
			job.toldRefusal = made;
			effects.push({ kind: 'note', note: { kind: 'flattenRefused', instrument: instrument.id, reason: made } });
		}
	}
}

function sliceOf(market: MarketState, parent: string, notionalMax: number): PlaceProposal {
	const { instrument, book } = market;
	const held = toClose(market);
	const heldLots = Math.abs(held);
	const side = held > 0 ? 'sell' : 'buy';
	const { priceTicks, mostLots } = wayOutTerms(market, side, notionalMax);
	const depthLots = book.lotsWithin(side === 'sell' ? 'bid' : 'ask', SLICE_LEVELS);
	const sliceLots = Math.max(instrument.qtyLotsMin, Math.min(Math.floor(depthLots * SLICE_SHARE), mostLots));
	// A rest that the venue would not take goes along, or as much stays behind as the venue takes.
	const isRestTooSmall = heldLots - sliceLots < instrument.qtyLotsMin;
	const withRest = heldLots <= mostLots ? heldLots : Math.max(instrument.qtyLotsMin, mostLots - instrument.qtyLotsMin);
	const qtyLots = isRestTooSmall ? withRest : sliceLots;
	return {
		...{ kind: 'place', instrument, quoter: DESK, slot: DESK, side, orderType: 'limit', timeInForce: 'ioc' },
		...{ reduceOnly: true, priceTicks, qtyLots: qtyLots as PlaceProposal['qtyLots'], parent },
	};
}
