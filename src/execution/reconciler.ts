/**
 * Our books held against the venue's, over and over (Q1 to Q5). The venue is right about what exists, we are right about
 * what is ours; here the two are compared, and what follows is asked for, never done: orders to look up, orders of ours
 * that nobody owns, positions that differ. Absence from a list proves nothing (I7), so a missing order only counts as
 * wrong once a look-up of its own has said so; a list that is not whole leads to nothing at all.
 */
import type { CensusEvent } from '../domain/event.ts';
import type { OrderReport } from '../domain/execution.ts';
import type { InstrumentIndex } from '../domain/instrument.ts';
import type { Order } from '../domain/order.ts';
import type { OrderId } from '../domain/order-id.ts';
import { isOver } from '../domain/order-life.ts';
import { reportIn } from '../domain/regrid.ts';
import type { MonoMs } from '../domain/units.ts';
import { GRACE_MS } from './doubts.ts';
import type { OrderManager } from './order-manager.ts';

export interface ReconcileOptions {
	/** More than this share of the orders, and at least `DESYNC_ORDERS_MIN`, and quoting pauses. */
	readonly hardDesyncRatio: number;
}

const DESYNC_ORDERS_MIN = 2;
/** So many passes in a row without a whole list, and quoting pauses. */
export const INCONCLUSIVE_MAX = 3;
/** After a desync so many clean passes in a row resume quoting. */
export const CLEAN_TO_RESUME = 2;
/** Rounding on the way makes so much of a difference; it is counted as exposure, but nobody is alarmed. */
const GAP_LOTS_USUAL = 1;
/** A difference of positions counts when it was there in so many passes in a row. */
const POSITION_LOOKS = 2;
/** Where fills come all the time some are on their way at each look: what counts is the least that so many looks saw. */
const BUSY_LOOKS = 4;

export interface PositionGap {
	readonly instrument: InstrumentIndex;
	/** What the venue has and our fills do not explain. */
	readonly gapLots: number;
}

/** What is to be done now. */
export interface Findings {
	/** Ours, open at the venue, and owned by nobody here. */
	readonly orphans: readonly { readonly report: OrderReport; readonly orderId: OrderId }[];
	/** Open here and not listed there: to be looked up. */
	readonly missing: readonly Order[];
	/** Every instrument whose gap has changed, gaps that closed included. */
	readonly gaps: readonly PositionGap[];
	readonly foreignCount: number;
	/** Every instrument in which others have something else open than before, or nothing any more. */
	readonly foreign: readonly ForeignLots[];
}

/** What open orders of others could still fill in an instrument. */
export interface ForeignLots {
	readonly instrument: InstrumentIndex;
	readonly buyLots: number;
	readonly sellLots: number;
}

export interface Pass {
	readonly verdict: 'clean' | 'repaired' | 'inconclusive' | 'desync';
	readonly ordersFixed: number;
	readonly orphansClosed: number;
	/** Quoting must be paused, or stay so, and why. */
	readonly pauseReason: string | undefined;
}

interface Open {
	/** Not yet looked up to the end. */
	readonly unconfirmed: Set<OrderId>;
	readonly comparedCount: number;
	readonly orphanCount: number;
	readonly gapCount: number;
	/** Differences that may still be fills on their way. */
	readonly unexplainedCount: number;
	fixedCount: number;
	/** Read as a whole after the last doubt. */
	readonly isFresh: boolean;
}

interface Gap {
	told: number;
	/** What was seen beyond that: in how many passes in a row, in how many of them to the same side, and the least of those. */
	looks: number;
	sameSideLooks: number;
	leastLots: number;
}

interface Parts {
	readonly orders: OrderManager;
	readonly options: ReconcileOptions;
	readonly isOwn: (clientOrderId: string) => clientOrderId is OrderId;
	/** By our own fills. */
	positionLots(instrument: InstrumentIndex): number;
	/** When we last booked a fill there. */
	filledAtMono(instrument: InstrumentIndex): MonoMs;
}

const NOTHING: Findings = { orphans: [], missing: [], gaps: [], foreignCount: 0, foreign: [] };

/** One for each venue. */
export class Reconciler {
	readonly #parts: Parts;
	#open: Open | undefined;
	#inconclusiveCount = 0;
	#cleanCount = 0;
	#pauseReason: string | undefined;
	#doubtedAtMono = Number.NEGATIVE_INFINITY;
	readonly #gaps = new Map<InstrumentIndex, Gap>();
	readonly #foreign = new Map<InstrumentIndex, ForeignLots>();

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	get isPaused(): boolean {
		return this.#pauseReason !== undefined;
	}

	/** A pass waits for look-ups. */
	get isOpen(): boolean {
		return this.#open !== undefined;
	}

	/** Quoting stays paused until enough pictures that were begun after this were clean. */
	doubt(reason: string, nowMono: MonoMs): void {
		this.#pauseReason ??= reason;
		this.#cleanCount = 0;
		this.#doubtedAtMono = nowMono;
		this.#open = undefined;
	}

	/** Starts a pass; the one before ends here, if look-ups kept it open. */
	begin(census: CensusEvent): { readonly findings: Findings; readonly ended: Pass | undefined } {
		const before = this.#open === undefined ? undefined : this.#end(this.#open);
		if (census.found === undefined) {
			this.#open = undefined;
			return { findings: NOTHING, ended: this.#inconclusive() };
		}
		this.#inconclusiveCount = 0;
		const { orders } = census.found;
		const { orphans, others } = this.#judgeListed(orders, census.beganAtMono);
		const foreign = this.#noteForeign(others);
		const { missing, comparedCount } = this.#judgeOurs(census.venue, orders, census.beganAtMono);
		const { gaps, unexplainedCount } = this.#judgePositions(census);
		this.#open = {
			unconfirmed: new Set(missing.map(({ orderId }) => orderId)),
			comparedCount,
			orphanCount: orphans.length,
			gapCount: gaps.filter(({ gapLots }) => Math.abs(gapLots) > GAP_LOTS_USUAL).length,
			unexplainedCount,
			fixedCount: 0,
			isFresh: census.beganAtMono >= this.#doubtedAtMono,
		};
		return { findings: { orphans, missing, gaps, foreignCount: others.length, foreign }, ended: before };
	}

	/** A look-up has come to its end, after its reports were applied. Answers with the pass when that was the last one. */
	applyLookedUp(orderId: OrderId): Pass | undefined {
		const open = this.#open;
		if (open === undefined) return undefined;
		// Still working: then the list was behind, and nothing was wrong here.
		const order = this.#parts.orders.get(orderId);
		if (open.unconfirmed.has(orderId) && (order === undefined || isOver(order.state))) {
			open.fixedCount += 1;
			open.unconfirmed.delete(orderId);
		} else if (order?.state !== 'unknown') {
			open.unconfirmed.delete(orderId);
		}
		return this.endIfDone();
	}

	/** The pass, once nothing of it is open any more. */
	endIfDone(): Pass | undefined {
		const open = this.#open;
		if (open === undefined || open.unconfirmed.size > 0) return undefined;
		this.#open = undefined;
		return this.#end(open);
	}

	#judgeListed(listed: readonly OrderReport[], beganAtMono: MonoMs) {
		const { orders, isOwn } = this.#parts;
		const orphans: Findings['orphans'][number][] = [];
		const others: OrderReport[] = [];
		for (const report of listed) {
			const { clientOrderId } = report;
			if (!isOwn(clientOrderId)) {
				others.push(report);
				continue;
			}
			const order = orders.get(clientOrderId);
			if (order === undefined) orphans.push({ report, orderId: clientOrderId });
			else if (isOver(order.state) && isLongAgo(order, beganAtMono)) orphans.push({ report, orderId: clientOrderId });
		}
		return { orphans, others };
	}

	/** Whoever else trades here may fill as we may (F76); their orders are counted and never touched. Answers with what has changed. */
	#noteForeign(others: readonly OrderReport[]): readonly ForeignLots[] {
		const found = new Map<InstrumentIndex, { instrument: InstrumentIndex; buyLots: number; sellLots: number }>();
		for (const report of others) {
			const { index } = report.instrument;
			const { side, qtyLots, filledLots } = reportIn(this.#parts.orders.exposureOf(index).instrument, report);
			const sum = found.get(index) ?? { instrument: index, buyLots: 0, sellLots: 0 };
			found.set(index, sum);
			sum[side === 'buy' ? 'buyLots' : 'sellLots'] += Math.max(0, qtyLots - filledLots);
		}
		const changed: ForeignLots[] = [];
		for (const instrument of new Set([...this.#foreign.keys(), ...found.keys()])) {
			const now = found.get(instrument) ?? { instrument, buyLots: 0, sellLots: 0 };
			const before = this.#foreign.get(instrument);
			if (before?.buyLots === now.buyLots && before.sellLots === now.sellLots) continue;
			this.#foreign.set(instrument, now);
			changed.push(now);
		}
		return changed;
	}

	#judgeOurs(venue: string, listed: readonly OrderReport[], beganAtMono: MonoMs) {
		const present = new Set(listed.map(({ clientOrderId }) => clientOrderId));
		const missing: Order[] = [];
		let comparedCount = 0;
		for (const order of this.#parts.orders.openOrders()) {
			if (order.instrument.venue !== venue) continue;
			const isListed = present.has(order.orderId);
			// What is in doubt is being looked up already.
			const isToBeListed = order.state !== 'intended' && order.state !== 'unknown' && isLongAgo(order, beganAtMono);
			if (isListed || isToBeListed) comparedCount += 1;
			if (isToBeListed && !isListed) missing.push(order);
		}
		return { missing, comparedCount };
	}

	/** Fills may be on their way for a while, so one look proves nothing. */
	#judgePositions({ found, beganAtMono }: CensusEvent): {
		readonly gaps: readonly PositionGap[];
		readonly unexplainedCount: number;
	} {
		const gaps: PositionGap[] = [];
		let unexplainedCount = 0;
		for (const { instrument, positionLotsSigned } of found?.positions ?? []) {
			const isBusy = beganAtMono - this.#parts.filledAtMono(instrument) < GRACE_MS;
			const gapLots = positionLotsSigned - this.#parts.positionLots(instrument);
			const gap = this.#gaps.get(instrument) ?? { told: 0, looks: 0, sameSideLooks: 0, leastLots: 0 };
			this.#gaps.set(instrument, gap);
			look(gap, gapLots - gap.told);
			if (gap.looks === 0) continue;
			if (isBusy ? gap.sameSideLooks >= BUSY_LOOKS : gap.looks >= POSITION_LOOKS) {
				gap.told = isBusy ? gap.told + gap.leastLots : gapLots;
				look(gap, 0);
				gaps.push({ instrument, gapLots: gap.told });
			} else if (!isBusy && Math.abs(gapLots - gap.told) > GAP_LOTS_USUAL) {
				unexplainedCount += 1;
			}
		}
		return { gaps, unexplainedCount };
	}

	#inconclusive(): Pass {
		this.#inconclusiveCount += 1;
		this.#cleanCount = 0;
		if (this.#inconclusiveCount >= INCONCLUSIVE_MAX) {
			this.#pauseReason ??= `${this.#inconclusiveCount} comparisons in a row with the venue were not whole`;
		}
		return { verdict: 'inconclusive', ordersFixed: 0, orphansClosed: 0, pauseReason: this.#pauseReason };
	}

	#end({ fixedCount, orphanCount, gapCount, unexplainedCount, comparedCount, unconfirmed, isFresh }: Open): Pass {
		const wrongCount = fixedCount + orphanCount;
		const isDesync =
			wrongCount >= DESYNC_ORDERS_MIN && wrongCount > this.#parts.options.hardDesyncRatio * (comparedCount + orphanCount);
		const isClean = wrongCount === 0 && gapCount + unexplainedCount === 0 && unconfirmed.size === 0;
		this.#cleanCount = isClean && isFresh ? this.#cleanCount + 1 : 0;
		if (isDesync) {
			this.#pauseReason = `${wrongCount} of ${comparedCount + orphanCount} orders were not what we took them for`;
		} else if (gapCount > 0) {
			// F33: somebody else moved it, or fills are missing; nothing is quoted before it stands still.
			this.#pauseReason ??= 'a position at the venue is not what our fills make it';
		} else if (this.#cleanCount >= CLEAN_TO_RESUME) {
			this.#pauseReason = undefined;
		}
		return {
			verdict: isDesync ? 'desync' : isClean ? 'clean' : 'repaired',
			ordersFixed: fixedCount,
			orphansClosed: orphanCount,
			pauseReason: this.#pauseReason,
		};
	}
}

/** Touched by us or by the venue's news within the grace time, it may be in the list or not (Q4). */
function isLongAgo({ askedAtMono, heardAtMono, changedAtMono }: Order, beganAtMono: MonoMs): boolean {
	return beganAtMono - Math.max(askedAtMono, heardAtMono, changedAtMono) >= GRACE_MS;
}

/** Notes what one more look saw beyond what was told. */
function look(gap: Gap, lots: number): void {
	const isSameSide = Math.sign(lots) === Math.sign(gap.leastLots);
	gap.looks = lots === 0 ? 0 : gap.looks + 1;
	gap.sameSideLooks = lots === 0 ? 0 : isSameSide ? gap.sameSideLooks + 1 : 1;
	if (!isSameSide || Math.abs(lots) < Math.abs(gap.leastLots)) gap.leastLots = lots;
}
