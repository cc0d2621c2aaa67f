/**
 * Watches what decisions have opened until it is closed again: a limit entry to the end of its time, and what was bought
 * or sold to its stop, its target or its time. An exit is an order that only reduces, takes what is there at once and
 * drops the rest; one at a time, through gate and journal, and never more than the decision holds and is still there:
 * what somebody else closes is not ours to close any more.
 */
import type { PlaceProposal } from '../domain/command.ts';
import type { ExitReason } from '../domain/decision.ts';
import type { EngineEvent } from '../domain/event.ts';
import { type InstrumentIndex, priceToNumber } from '../domain/instrument.ts';
import type { DecisionRecord, ExitRecord, JournalRecord } from '../domain/journal-record.ts';
import { type Money, moneyOf, NO_MONEY, parseMoney, printMoney } from '../domain/money.ts';
import { DESK, type Order } from '../domain/order.ts';
import type { OrderId } from '../domain/order-id.ts';
import { isOver } from '../domain/order-life.ts';
import type { Lots, MonoMs, TimeMs } from '../domain/units.ts';
import type { OrderManager } from '../execution/order-manager.ts';
import type { RiskLevels } from '../risk/level.ts';
import type { Parents } from '../risk/parents.ts';
import type { Besides } from './besides.ts';
import type { Decision, DecisionBook } from './decision-book.ts';
import type { HandCancels } from './hand-cancels.ts';
import type { MarketState } from './market-state.ts';
import type { EngineEffect } from './ports.ts';
import { isDust, toClose, wayOutTerms } from './way-out.ts';

/** Between two tries of an exit: what one did is known before the next. */
const EXIT_EVERY_MS = 500;
/** What the venue refuses again and again is asked for less and less often (F36). */
const REFUSED_EVERY_MS_MAX = 60_000;
const CAUSE = 'exit';
const NEVER = Number.POSITIVE_INFINITY;

type Now = { readonly wallMs: TimeMs; readonly monoMs: MonoMs };

interface Watch {
	readonly decision: Decision;
	readonly market: MarketState;
	/** Of a limit entry that has not filled by then. */
	readonly entryUntilMono: number;
	/** By the rule of time, once something has filled. */
	dueAtMono: number | undefined;
	/** Its exit is wanted from now on. */
	reason: ExitReason | undefined;
	topVersion: number;
	lastTryAtMono: number;
	lastExit: Order | undefined;
	/** How often in a row the venue took none. */
	refusedCount: number;
	/** Why the last one was not sent, told once. */
	toldRefusal: string | undefined;
	/** Orders as they were told last. */
	readonly told: Map<string, string>;
}

export interface ExitsParts {
	readonly book: DecisionBook;
	readonly orders: OrderManager;
	readonly levels: RiskLevels;
	readonly cancels: HandCancels;
	readonly parents: Parents;
	readonly effects: EngineEffect[];
	readonly besides: Besides;
	readonly markets: readonly MarketState[];
	keep(record: JournalRecord): void;
	/** What a single order may be worth at most (PT7). */
	orderNotionalMax(): number;
	/** What earlier runs left is not known yet. */
	isRecovering(): boolean;
	isFlattening(instrument: InstrumentIndex): boolean;
	/** Through the gate and onto the bus; the code of the refusal where it does not pass. */
	propose(proposal: PlaceProposal, now: Now): Order | string;
	/** What is on the bus leaves. */
	flush(nowMono: MonoMs): void;
}

export class Exits {
	readonly #parts: ExitsParts;
	readonly #watches = new Map<string, Watch>();
	/** Something waits on the bus. */
	#hasAsked = false;

	constructor(parts: ExitsParts) {
		this.#parts = parts;
	}

	get count(): number {
		return [...this.#watches.values()].filter(({ decision }) => decision.isOpen).length;
	}

	/** Until it is over; an open one that is watched already goes on being watched. */
	watch(decision: Decision, now: Now): void {
		const { decisionId, instrumentId, entry, atMs } = decision.record;
		const market = this.#parts.markets.find(({ instrument }) => instrument.id === instrumentId);
		if (!decision.isOpen || this.#watches.has(decisionId)) return;
		if (market === undefined) {
			this.#parts.effects.push({ kind: 'note', note: { kind: 'unwatched', decisionId, instrument: instrumentId } });
			return;
		}
		const hasTime = entry.type === 'limit' && entry.forMs > 0;
		const entryUntilMono = hasTime ? now.monoMs + entry.forMs - Math.max(0, now.wallMs - atMs) : NEVER;
		this.#watches.set(decisionId, {
			...{ decision, market, entryUntilMono, dueAtMono: undefined, reason: decision.exitReason },
			...{ topVersion: -1, lastTryAtMono: Number.NEGATIVE_INFINITY, lastExit: undefined, refusedCount: 0 },
			...{ toldRefusal: undefined, told: new Map() },
		});
	}

	/** The one that is open in this symbol, and whether it is being closed. */
	openIn(instrument: InstrumentIndex): { readonly decision: Decision; readonly isClosing: boolean } | undefined {
		for (const { decision, market, reason } of this.#watches.values()) {
			if (market.instrument.index === instrument && decision.isOpen) return { decision, isClosing: reason !== undefined };
		}
		return undefined;
	}

	/** From now on, whatever its rules say. Answers with the order where one could leave at once. */
	close(decision: Decision, reason: ExitReason, now: Now): Order | undefined {
		const watch = this.#watches.get(decision.record.decisionId);
		if (watch === undefined) return undefined;
		watch.reason ??= reason;
		const before = watch.lastExit;
		this.#look(watch, now);
		return watch.lastExit === before ? undefined : watch.lastExit;
	}

	/** Behind everything else that the event changed. */
	apply(event: EngineEvent): void {
		if (this.#watches.size === 0 || UNMOVED.has(event.kind)) return;
		const subject = subjectOf(event);
		for (const watch of this.#watches.values()) {
			const { market } = watch;
			if (subject !== undefined && market.instrument.index !== subject) continue;
			if (event.kind === 'book' && watch.topVersion === market.book.topVersion) continue;
			watch.topVersion = market.book.topVersion;
			this.#look(watch, event);
		}
		if (!this.#hasAsked) return;
		this.#hasAsked = false;
		this.#parts.flush(event.monoMs);
	}

	#look(watch: Watch, now: Now): void {
		const { decision, market } = watch;
		this.#tell(watch);
		if (!decision.isOpen) {
			this.#parts.parents.close(parentOf(watch));
			this.#parts.parents.close(entryParentOf(decision.record));
			this.#watches.delete(decision.record.decisionId);
			return;
		}
		if (this.#parts.isRecovering()) return;
		market.nowMono = now.monoMs;
		const entry = this.#openEntry(decision);
		if (watch.reason !== undefined || now.monoMs >= watch.entryUntilMono) this.#cancel(entry, now.monoMs);
		this.#letGo(watch, now);
		if (decision.held === NO_MONEY) return;
		watch.reason ??= this.#trigger(watch, now);
		if (watch.reason === undefined) return;
		this.#cancel(entry, now.monoMs);
		this.#exit(watch, watch.reason, now);
	}

	#trigger(watch: Watch, now: Now): ExitReason | undefined {
		const { decision, market } = watch;
		const { exits, decision: wish, readings } = decision.record;
		if (watch.dueAtMono === undefined && exits.forMs > 0) {
			// Fills that named nobody told no time either: rather too early than never.
			const sinceMs = Math.max(0, now.wallMs - (decision.filledAtMs || decision.record.atMs));
			watch.dueAtMono = now.monoMs + Math.max(0, exits.forMs - sinceMs);
		}
		if (watch.dueAtMono !== undefined && now.monoMs >= watch.dueAtMono) return 'time';
		const paid = decision.averagePrice === 0 ? readings.last : decision.averagePrice;
		const isLong = wish === 'BUY';
		const gainBpsAt = (ticks: number): number =>
			(priceToNumber(market.instrument, ticks) / paid - 1) * (isLong ? 10_000 : -10_000);
		const { book, markTicks, isBookTrusted } = market;
		// A stop believes the mark where there is no book to believe; it leaves when there is one again.
		const fairTicks = isBookTrusted ? book.midTwiceTicks / 2 : markTicks;
		if (exits.stopBps > 0 && fairTicks > 0 && gainBpsAt(fairTicks) <= -exits.stopBps) return 'stop';
		const touchTicks = isLong ? book.bestBidTicks : book.bestAskTicks;
		return exits.targetBps > 0 && isBookTrusted && gainBpsAt(touchTicks) >= exits.targetBps ? 'target' : undefined;
	}

	/** What is not there any more was closed by somebody else, unless it is only that not every fill was told yet. */
	#letGo(watch: Watch, now: Now): void {
		const { decision, market } = watch;
		if (decision.orderIds.some((orderId) => this.#isUnsure(orderId, decision))) return;
		const lot = lotOf(market);
		const there = Math.max(0, toClose(market) * signOf(decision));
		const gone = moneyOf(decision.held - lot * BigInt(there));
		if (gone > 0n) this.#write({ reason: 'elsewhere', qty: printMoney(gone), orderId: '' }, decision, now);
	}

	/** An exit that is under way, or any order whose last fills we have not been told. */
	#isUnsure(orderId: string, { record }: Decision): boolean {
		const order = this.#parts.orders.get(orderId as OrderId);
		if (order === undefined) return false;
		return order.filledLots < order.reportedFilledLots || (orderId !== record.orderId && !isOver(order.state));
	}

	#exit(watch: Watch, reason: ExitReason, now: Now): void {
		const { levels, parents, besides } = this.#parts;
		const { decision, market } = watch;
		const { index } = market.instrument;
		if (levels.level === 'kill' || this.#parts.isFlattening(index)) return;
		// What is left of its entry goes first: the two would cross, and what it still fills is closed along.
		if (this.#openEntry(decision) !== undefined) return;
		if (decision.orderIds.some((orderId) => this.#isUnsure(orderId, decision))) return;
		const heldLots = Number(decision.held / lotOf(market));
		if (isDust(market, heldLots)) {
			this.#write({ reason: 'dust', qty: printMoney(decision.held), orderId: '' }, decision, now);
			return;
		}
		if (!this.#isTimeFor(watch, now) || !market.isBookTrusted) return;
		watch.lastTryAtMono = now.monoMs;
		const parent = parentOf(watch);
		// None of its exits is under way, and what is held may be more than at the last try.
		parents.close(parent);
		parents.open(parent, heldLots);
		const made = this.#parts.propose(this.#orderFor(watch, heldLots, parent), now);
		if (typeof made === 'string') {
			this.#refused(watch, made, now);
			return;
		}
		const { decisionId } = decision.record;
		const qty = printMoney(moneyOf(lotOf(market) * BigInt(made.qtyLots)));
		const record: ExitRecord = { kind: 'exit', decisionId, atMs: now.wallMs, reason, orderId: made.orderId, qty };
		besides.add(made.orderId, record);
		this.#parts.book.apply(record);
		parents.adopt(parent, made);
		this.#hasAsked = true;
		watch.lastExit = made;
		watch.toldRefusal = undefined;
	}

	#isTimeFor(watch: Watch, { monoMs: nowMono }: Now): boolean {
		if (watch.lastExit !== undefined && isOver(watch.lastExit.state)) {
			watch.refusedCount = watch.lastExit.state === 'rejected' ? watch.refusedCount + 1 : 0;
			watch.lastExit = undefined;
		}
		return nowMono - watch.lastTryAtMono >= Math.min(EXIT_EVERY_MS * 2 ** watch.refusedCount, REFUSED_EVERY_MS_MAX);
	}

	#orderFor({ decision, market }: Watch, heldLots: number, parent: string): PlaceProposal {
		const { instrument } = market;
		const side = decision.record.decision === 'BUY' ? 'sell' : 'buy';
		const { priceTicks, mostLots } = wayOutTerms(market, side, this.#parts.orderNotionalMax());
		return {
			...{ kind: 'place', instrument, quoter: DESK, slot: DESK, side, orderType: 'limit', timeInForce: 'ioc' },
			...{ reduceOnly: true, priceTicks, qtyLots: Math.min(heldLots, mostLots) as Lots, parent },
		};
	}

	/** Our own quotes make way: they are pulled, and the symbol rests until the exit is through. */
	#refused(watch: Watch, code: string, { monoMs: nowMono }: Now): void {
		const { levels, cancels, orders, effects } = this.#parts;
		const { decision, market } = watch;
		const { index } = market.instrument;
		if (code === 'PT6') {
			levels.hold(index, CAUSE, { reason: 'a position of the desk is being closed', liftsByItself: true, nowMono });
			const known = orders.openOrdersOf(index).filter(({ state }) => state !== 'unknown');
			cancels.ask(known, nowMono);
			this.#hasAsked = true;
		}
		if (code === watch.toldRefusal) return;
		watch.toldRefusal = code;
		effects.push({ kind: 'note', note: { kind: 'exitRefused', decisionId: decision.record.decisionId, reason: code } });
	}

	#write(of: Pick<ExitRecord, 'reason' | 'qty' | 'orderId'>, { record }: Decision, now: Now): void {
		const written: ExitRecord = { kind: 'exit', decisionId: record.decisionId, atMs: now.wallMs, ...of };
		this.#parts.book.apply(written);
		this.#parts.keep(written);
	}

	/** One in doubt is being looked up, and asking again and again for its cancel would tell nobody more. */
	#cancel(order: Order | undefined, nowMono: MonoMs): void {
		if (order === undefined || order.state === 'unknown') return;
		this.#parts.cancels.ask([order], nowMono);
		this.#hasAsked = true;
	}

	#openEntry({ record }: Decision): Order | undefined {
		const order = this.#parts.orders.get(record.orderId as OrderId);
		return order === undefined || isOver(order.state) ? undefined : order;
	}

	#tell({ decision, told }: Watch): void {
		for (const orderId of decision.orderIds) {
			const order = this.#parts.orders.get(orderId as OrderId);
			if (order === undefined) continue;
			const { state, filledLots } = order;
			const text = `${state} ${filledLots}`;
			if (told.get(orderId) === text) continue;
			told.set(orderId, text);
			const { decisionId } = decision.record;
			const note = { kind: 'decisionOrder', decisionId, orderId: order.orderId, state, filledLots } as const;
			this.#parts.effects.push({ kind: 'note', note });
		}
		for (const orderId of told.keys()) if (!decision.takesPart(orderId)) told.delete(orderId);
	}
}

/** Nothing that a watch depends on changes with these. */
const UNMOVED: ReadonlySet<EngineEvent['kind']> = new Set([
	...(['trade', 'balance', 'funding', 'rate', 'venueClock', 'position', 'signal', 'lagged'] as const),
]);

/** Undefined where it may concern any. */
function subjectOf(event: EngineEvent): InstrumentIndex | undefined {
	switch (event.kind) {
		case 'book':
		case 'bookLost':
		case 'mark':
			return event.instrument;
		case 'execution':
			return event.execution.instrument.index;
		case 'orderReport':
			return event.report.instrument.index;
		default:
			return undefined;
	}
}

/** Under which its entry is placed. */
export function entryParentOf({ decisionId }: Pick<DecisionRecord, 'decisionId'>): string {
	return `decision ${decisionId}`;
}

function parentOf({ decision }: Watch): string {
	return `exit ${decision.record.decisionId}`;
}

function signOf({ record }: Decision): 1 | -1 {
	return record.decision === 'BUY' ? 1 : -1;
}

function lotOf({ instrument }: MarketState): Money {
	return parseMoney(instrument.qtyGrid.step) ?? NO_MONEY;
}
