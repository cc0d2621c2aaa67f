/**
 * Every order of ours, from intent to end. Folds answers, venue reports and executions into each order's life in
 * whatever order they arrive, keeps exposure and slots in step, and gives the same end state for any interleaving. It
 * sends nothing and decides nothing; facts from the venue are never refused.
 */
import { assert, broken } from '../domain/assert.ts';
import type { AmendCommand, Command, PlaceCommand, Verb } from '../domain/command.ts';
import type { Execution, OrderReport } from '../domain/execution.ts';
import type { Instrument, InstrumentIndex } from '../domain/instrument.ts';
import type { Order } from '../domain/order.ts';
import type { OrderId } from '../domain/order-id.ts';
import { isOver, nextOrderState, type OrderLifeEvent } from '../domain/order-life.ts';
import type { ItemOutcome } from '../domain/outcome.ts';
import { filledLotsIn, reportIn } from '../domain/regrid.ts';
import type { Lots, MonoMs, SignedLots, TimeMs } from '../domain/units.ts';
import { Exposure } from '../risk/exposure.ts';
import { ClosedOrders } from './closed-orders.ts';
import {
	adopt,
	awaits,
	draftOf,
	ENDINGS,
	forgetPending,
	foundDraft,
	hasPending,
	isAboutContent,
	leftDraft,
	lifeEventOf,
	type OrderDraft,
	type OrderLeft,
	withdrawAmend,
} from './order-draft.ts';
import { Slots } from './slots.ts';

/** Orders that are over stay known for late fills and repeated reports; the oldest go first. */
export const CLOSED_ORDERS_MAX = 5_000;
/** Fills that wait for their order; when more come, the oldest count as foreign. */
export const HELD_FILLS_MAX = 1_000;

export interface OrderManagerStats {
	/** Reports and executions about orders that are not ours. */
	foreign: number;
	/** Facts that contradict what we knew and were booked all the same, like a fill after a rejection. */
	contradictions: number;
}

type OrderNames = Pick<OrderReport, 'instrument' | 'clientOrderId' | 'venueOrderId'>;

export class OrderManager {
	readonly stats: OrderManagerStats = { foreign: 0, contradictions: 0 };
	readonly #orders = new Map<string, OrderDraft>();
	/** By instrument, since some venues number orders by symbol. */
	readonly #byVenueId: Map<string, OrderDraft>[] = [];
	/** Fills that hide our id, by the venue's id, until an answer or a report tells whose that is (F15, F87). */
	readonly #heldFills = new Map<string, Execution[]>();
	#heldCount = 0;
	/** Those that ended since somebody last emptied this; for whoever writes it down. */
	readonly ended: Order[] = [];
	/** Those of which a fill was found out that did not name them, as `ended`. */
	readonly matched: Order[] = [];
	/** Those that a fill carried beyond all that they were ever to fill, as `ended`. */
	readonly overfilled: Order[] = [];
	readonly #closed = new ClosedOrders(CLOSED_ORDERS_MAX);
	readonly #open: OrderDraft[][] = [];
	#openCount = 0;
	readonly #exposures: Exposure[] = [];
	readonly #slots: Slots[] = [];

	/** Once per instrument, and again with each new version of it. */
	follow(instrument: Instrument): void {
		const known = this.#exposures[instrument.index];
		if (known !== undefined) {
			known.regrid(instrument);
			return;
		}
		this.#exposures[instrument.index] = new Exposure(instrument);
		this.#open[instrument.index] = [];
		this.#byVenueId[instrument.index] = new Map();
	}

	addQuoter(quoter: number): Slots {
		const slots = new Slots();
		this.#slots[quoter] = slots;
		return slots;
	}

	exposureOf(instrument: InstrumentIndex): Exposure {
		const exposure = this.#exposures[instrument];
		return exposure ?? broken(`instrument ${instrument} is followed before orders on it`);
	}

	/** Open orders of one instrument, oldest first. Lent: valid until the next change. */
	openOrdersOf(instrument: InstrumentIndex): readonly Order[] {
		return this.#openOf(instrument);
	}

	openOrders(): Order[] {
		return this.#open.flat();
	}

	get openCount(): number {
		return this.#openCount;
	}

	get(orderId: OrderId): Order | undefined {
		return this.#orders.get(orderId);
	}

	/** By our id, or by the venue's where ours is left out (F87). */
	find({ instrument, clientOrderId, venueOrderId }: OrderNames): Order | undefined {
		return this.#find(instrument, clientOrderId, venueOrderId);
	}

	/** The command that waits for this order, approved but not yet sent. */
	queuedFor(orderId: OrderId): Verb | undefined {
		return this.#orders.get(orderId)?.queued;
	}

	/** It is this command that waits, and not one that came after it. */
	isQueued(command: Command): boolean {
		const draft = this.#orders.get(command.orderId);
		return draft !== undefined && awaits(draft, command);
	}

	/** Changing this order means a cancel and a create (O3). */
	hasRefusedAmend(order: Order): boolean {
		return draftBehind(order).hasRefusedAmend;
	}

	/** No command of ours is on its way or in doubt for this order. */
	isSettled(order: Order): boolean {
		const { queued, state } = draftBehind(order);
		return queued === undefined && (state === 'live' || state === 'partiallyFilled');
	}

	countUnknown(): number {
		let count = 0;
		for (const orders of this.#open) for (const order of orders) if (order.state === 'unknown') count += 1;
		return count;
	}

	setPosition(instrument: InstrumentIndex, positionLots: SignedLots): void {
		this.exposureOf(instrument).positionLots = positionLots;
	}

	/** What the venue holds for us and our fills do not explain counts as exposure all the same (I3, F33). */
	setForeignPosition(instrument: InstrumentIndex, foreignLots: number): void {
		this.exposureOf(instrument).foreignLots = foreignLots;
	}

	/** What somebody else has open there may fill as well as what we have (F76). */
	setForeignOrders(
		instrument: InstrumentIndex,
		{ buyLots, sellLots }: { readonly buyLots: number; readonly sellLots: number },
	): void {
		const exposure = this.exposureOf(instrument);
		exposure.foreignBuyLots = buyLots;
		exposure.foreignSellLots = sellLots;
	}

	/** An approved order takes its place in our books before a byte leaves. */
	intendPlace(command: PlaceCommand, wallMs: TimeMs, monoMs: MonoMs): Order {
		if (this.#orders.has(command.orderId)) broken(`order id ${command.orderId} is used once only`);
		const draft = this.#admit(draftOf(command, wallMs, monoMs));
		const slots = this.#slots[draft.quoter];
		if (slots !== undefined) {
			const leaving = slots.current[draft.slot];
			if (leaving !== undefined) this.#retire(slots, leaving);
			slots.current[draft.slot] = draft;
			slots.version += 1;
		}
		return draft;
	}

	/** An order of an earlier run that may exist: in doubt until the venue tells. */
	takeBack(left: OrderLeft, instrument: Instrument, at: { readonly wallMs: TimeMs; readonly monoMs: MonoMs }): Order {
		return this.#admit(leftDraft(left, instrument, at));
	}

	/**
	 * An open order of ours that no plan here owns: of an earlier life, or one that we took for over. It counts from now
	 * on, until the venue says that it is over.
	 */
	takeIn(report: OrderReport, orderId: OrderId, at: { readonly wallMs: TimeMs; readonly monoMs: MonoMs }): Order {
		const known = this.#orders.get(orderId);
		const draft = foundDraft(report, orderId, at);
		if (known !== undefined) {
			assert(isOver(known.state), `order ${orderId} is not open here already`);
			this.stats.contradictions += 1;
			this.exposureOf(known.instrument.index).remove(known);
			draft.filledLots = known.filledLots;
		}
		this.#admit(draft);
		this.#learnVenueId(draft, report.venueOrderId);
		return draft;
	}

	/** An approved amend: from here on both versions count. */
	intendAmend(command: AmendCommand, monoMs: MonoMs): void {
		const draft = this.#mustGet(command.orderId);
		const exposure = this.exposureOf(draft.instrument.index);
		exposure.remove(draft);
		draft.pendingPriceTicks = command.priceTicks;
		draft.pendingQtyLots = command.qtyLots;
		draft.lotsMost = Math.max(draft.lotsMost, command.qtyLots);
		draft.changedAtMono = monoMs;
		if (draft.state === 'intended') {
			// Not sent yet: the amend became part of the place that waits.
			draft.priceTicks = command.priceTicks;
			draft.qtyLots = command.qtyLots;
		} else {
			draft.queued = 'amend';
		}
		exposure.add(draft);
		this.#touch(draft);
	}

	/** An amend of it that still waits is not sent any more (C3). */
	intendCancel(orderId: OrderId): void {
		const draft = this.#mustGet(orderId);
		if (draft.queued === 'amend') {
			const exposure = this.exposureOf(draft.instrument.index);
			exposure.remove(draft);
			withdrawAmend(draft);
			exposure.add(draft);
		}
		draft.queued = 'cancel';
		this.#touch(draft);
	}

	/** Moves an order to another slot of its quoter: the same order now stands for another level of the ladder. */
	relabel(order: Order, slot: number): void {
		const draft = this.#mustGet(order.orderId);
		draft.slot = slot;
	}

	/** The bytes of a command leave now. */
	applySend(command: Command, monoMs: MonoMs): void {
		this.#send(this.#mustGet(command.orderId), command.kind, monoMs);
	}

	/** The same, but for a command that does not wait to be sent any more: false for that. */
	trySend(command: Command, monoMs: MonoMs): boolean {
		const draft = this.#orders.get(command.orderId);
		if (draft === undefined || !awaits(draft, command)) return false;
		this.#send(draft, command.kind, monoMs);
		return true;
	}

	#send(draft: OrderDraft, verb: Verb, monoMs: MonoMs): void {
		draft.queued = undefined;
		draft.askedAtMono = monoMs;
		// None of these ends an order or changes what could fill, so exposure stays as it is.
		this.#live(draft, verb === 'place' ? 'send' : verb === 'amend' ? 'sendAmend' : 'sendCancel');
	}

	/** An approved command that will never be sent: superseded, stale, or shut out by the gate. */
	applyDrop(command: Command): void {
		const draft = this.#orders.get(command.orderId);
		if (draft === undefined || !awaits(draft, command)) return;
		const exposure = this.exposureOf(draft.instrument.index);
		exposure.remove(draft);
		draft.queued = undefined;
		if (command.kind === 'amend') forgetPending(draft);
		if (command.kind === 'place') {
			draft.reason = 'not sent';
			this.#live(draft, 'drop');
		}
		exposure.add(draft);
		this.#touch(draft);
	}

	applyOutcome(item: ItemOutcome): void {
		const draft = this.#orders.get(item.orderId);
		if (draft === undefined) {
			this.stats.foreign += 1;
			return;
		}
		const { outcome } = item;
		if (outcome.kind === 'accepted' && outcome.venueOrderId !== undefined) this.#learnVenueId(draft, outcome.venueOrderId);
		if (outcome.kind !== 'accepted' && !isOver(draft.state)) draft.reason = outcome.reason;
		if (outcome.kind === 'unknown' && item.verb === 'place') noteMayLand(draft, outcome.mayLandUntilMs);
		const event = lifeEventOf(item.verb, outcome, draft);
		const exposure = this.exposureOf(draft.instrument.index);
		exposure.remove(draft);
		if (event === 'amendRefused' && draft.queued !== 'amend') forgetPending(draft);
		if (isAboutContent(outcome) && event === 'amendRefused') draft.hasRefusedAmend = true;
		this.#live(draft, event);
		exposure.add(draft);
	}

	/** One look at an order by the venue, by stream or by look-up. */
	applyReport(told: OrderReport, monoMs: MonoMs): void {
		const draft = this.#find(told.instrument, told.clientOrderId, told.venueOrderId);
		if (draft === undefined) {
			this.stats.foreign += 1;
			return;
		}
		const report = reportIn(draft.instrument, told);
		this.#learnVenueId(draft, report.venueOrderId);
		draft.heardAtMono = monoMs;
		const exposure = this.exposureOf(draft.instrument.index);
		exposure.remove(draft);
		if (report.filledLots > draft.reportedFilledLots) draft.reportedFilledLots = report.filledLots;
		if (draft.shownAtMono === undefined && report.status !== 'rejected') draft.shownAtMono = monoMs;
		if (isOver(draft.state)) {
			// One that knows of fewer fills than we have booked is late, whatever we closed the order by (F16, F17).
			const isNews = report.updatedAtMs > draft.updatedAtVenueMs && report.filledLots >= draft.filledLots;
			if (report.status === 'working' && isNews) this.stats.contradictions += 1;
		} else if (report.status === 'working') {
			this.#applyWorking(draft, report);
		} else {
			draft.reason = report.reason;
			if (report.updatedAtMs > draft.updatedAtVenueMs) draft.updatedAtVenueMs = report.updatedAtMs;
			this.#live(draft, ENDINGS[report.status]);
		}
		exposure.add(draft);
	}

	/** A fill that the ledger has booked for the first time. */
	applyFill(execution: Execution): void {
		const draft = this.#find(execution.instrument, execution.clientOrderId, execution.venueOrderId);
		if (draft === undefined) {
			if (execution.clientOrderId === '') this.#hold(execution);
			else this.stats.foreign += 1;
			return;
		}
		if (execution.clientOrderId === '') this.matched.push(draft);
		const exposure = this.exposureOf(draft.instrument.index);
		exposure.remove(draft);
		draft.filledLots = (draft.filledLots + filledLotsIn(draft.instrument, execution)) as Lots;
		if (draft.filledLots > draft.reportedFilledLots) draft.reportedFilledLots = draft.filledLots;
		if (draft.state === 'rejected') this.stats.contradictions += 1;
		if (draft.filledLots > draft.lotsMost) this.overfilled.push(draft);
		this.#live(draft, draft.filledLots >= Math.max(draft.qtyLots, draft.pendingQtyLots) ? 'lastFill' : 'fill');
		exposure.add(draft);
	}

	/** Asked for long ago, and neither answer nor stream has told how it ended: from here on it is in doubt. */
	applySilence(orderId: OrderId): void {
		const draft = this.#mustGet(orderId);
		const event = SILENCES[draft.state as keyof typeof SILENCES];
		assert(event !== undefined, `order ${orderId} waits for news, and is ${draft.state}`);
		draft.reason = 'the venue says nothing of it';
		this.#live(draft, event);
	}

	/**
	 * The venue does not have it: one that it never showed does not exist, the expiry fence being past and the venue asked
	 * twice (I7); any other is in doubt from here on, and nobody amends what is in doubt.
	 */
	applyProvenAbsent(orderId: OrderId): void {
		const draft = this.#orders.get(orderId);
		if (draft === undefined) return;
		const exposure = this.exposureOf(draft.instrument.index);
		exposure.remove(draft);
		withdrawAmend(draft);
		if (draft.shownAtMono === undefined) draft.reason = 'never reached the venue';
		this.#live(draft, 'provenAbsent');
		exposure.add(draft);
	}

	/** Whatever the venue shows next is the newest version there is. */
	forgetVersion(orderId: OrderId): void {
		this.#mustGet(orderId).updatedAtVenueMs = 0 as TimeMs;
	}

	#admit(draft: OrderDraft): OrderDraft {
		this.#orders.set(draft.orderId, draft);
		this.#openOf(draft.instrument.index).push(draft);
		this.#openCount += 1;
		this.exposureOf(draft.instrument.index).add(draft);
		return draft;
	}

	#applyWorking(draft: OrderDraft, report: OrderReport): void {
		// An older version than one already folded in says nothing new (F16, F17).
		if (report.updatedAtMs < draft.updatedAtVenueMs) return;
		draft.updatedAtVenueMs = report.updatedAtMs;
		const amendWasSent = draft.queued !== 'amend' && hasPending(draft);
		if (amendWasSent && report.priceTicks === draft.pendingPriceTicks && report.qtyLots === draft.pendingQtyLots) {
			adopt(draft, report);
			this.#live(draft, 'showsAmended');
		} else if (amendWasSent && (draft.state !== 'unknown' || report.source === 'stream')) {
			// It may be a picture from before the amend got there: go on counting both versions.
			if (draft.state !== 'unknown') this.#live(draft, 'showsWorking');
		} else {
			adopt(draft, report);
			this.#live(draft, 'showsWorking');
		}
	}

	#live(draft: OrderDraft, event: OrderLifeEvent): void {
		const before = draft.state;
		const next = nextOrderState(before, event, draft.filledLots);
		if (next === 'refuse') broken(`order ${draft.orderId} takes ${event} while ${before}`);
		if (next !== before) {
			draft.state = next;
			if (isOver(next)) this.#close(draft);
		}
		this.#touch(draft);
	}

	#close(draft: OrderDraft): void {
		draft.queued = undefined;
		const open = this.#openOf(draft.instrument.index);
		const at = open.indexOf(draft);
		if (at >= 0) {
			open.splice(at, 1);
			this.#openCount -= 1;
		}
		this.#slots[draft.quoter]?.remove(draft);
		this.ended.push(draft);
		const forgotten = this.#closed.add(draft);
		if (forgotten !== undefined) this.#forget(forgotten);
	}

	/** Whoever goes while he owes us fills takes his share of the exposure along. */
	#forget(old: OrderDraft): void {
		// Taken in again meanwhile: it is another one that is known by this id.
		if (this.#orders.get(old.orderId) !== old) return;
		this.exposureOf(old.instrument.index).remove(old);
		this.#orders.delete(old.orderId);
		if (old.venueOrderId !== undefined) this.#byVenueId[old.instrument.index]?.delete(old.venueOrderId);
	}

	/** An order whose cancel goes out in the same flush makes room for its successor; a third never fits (I1). */
	#retire(slots: Slots, leaving: Order): void {
		const isLeaving = leaving.state === 'cancelling' || this.queuedFor(leaving.orderId) === 'cancel';
		if (!isLeaving || slots.retiring[leaving.slot] !== undefined) broken(`slot ${leaving.slot} has room for one successor`);
		slots.retire(leaving.slot);
	}

	#touch(draft: OrderDraft): void {
		const slots = this.#slots[draft.quoter];
		if (slots !== undefined) slots.version += 1;
	}

	#learnVenueId(draft: OrderDraft, venueOrderId: string): void {
		if (draft.venueOrderId === venueOrderId || venueOrderId === '') return;
		draft.venueOrderId = venueOrderId;
		this.#byVenueId[draft.instrument.index]?.set(venueOrderId, draft);
		if (this.#heldCount === 0) return;
		for (const execution of this.#release(venueKey(draft.instrument, venueOrderId))) this.applyFill(execution);
	}

	#hold(execution: Execution): void {
		const key = venueKey(execution.instrument, execution.venueOrderId);
		const held = this.#heldFills.get(key);
		if (held === undefined) this.#heldFills.set(key, [execution]);
		else held.push(execution);
		this.#heldCount += 1;
		for (const oldest of this.#heldFills.keys()) {
			if (this.#heldCount <= HELD_FILLS_MAX) break;
			this.stats.foreign += this.#release(oldest).length;
		}
	}

	#release(key: string): readonly Execution[] {
		const held = this.#heldFills.get(key) ?? [];
		this.#heldFills.delete(key);
		this.#heldCount -= held.length;
		return held;
	}

	#find(instrument: Instrument, clientOrderId: string, venueOrderId: string): OrderDraft | undefined {
		return clientOrderId === '' ? this.#byVenueId[instrument.index]?.get(venueOrderId) : this.#orders.get(clientOrderId);
	}

	#openOf(instrument: InstrumentIndex): OrderDraft[] {
		return this.#open[instrument] ?? broken(`instrument ${instrument} is followed before orders on it`);
	}

	#mustGet(orderId: OrderId): OrderDraft {
		return this.#orders.get(orderId) ?? broken(`order ${orderId} is known`);
	}
}

/** Whoever has an order has it from here: it is lent, not copied, and a search by its id would find the same. */
function draftBehind(order: Order): OrderDraft {
	return order as OrderDraft;
}

const SILENCES = { sent: 'createUnknown', amending: 'amendUnknown', cancelling: 'cancelUnknown' } as const;

function noteMayLand(draft: OrderDraft, untilMs: TimeMs | undefined): void {
	if (untilMs !== undefined && untilMs > (draft.mayLandUntilMs ?? 0)) draft.mayLandUntilMs = untilMs;
}

/** Venues number orders by symbol (Binance) or over all of them (Bybit). */
function venueKey(instrument: Instrument, venueOrderId: string): string {
	return `${instrument.id}:${venueOrderId}`;
}
