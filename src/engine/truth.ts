/**
 * What we believe of our orders, held against what the venue says: orders in doubt are looked up, everything is compared
 * now and then, what an earlier run left behind is found and cancelled, and where belief and venue differ too much
 * quoting pauses. Asks through effects and acts through the same cancels as everybody; decides nothing by itself.
 */
import type { CensusEvent, EngineEvent, LookedUpEvent } from '../domain/event.ts';
import type { Instrument, InstrumentIndex } from '../domain/instrument.ts';
import type { JournalRecord } from '../domain/journal-record.ts';
import type { Order } from '../domain/order.ts';
import { isBeyond, isOwnOrderId, type OrderId, type OrderIdMark, parseOrderId, type RunTag } from '../domain/order-id.ts';
import { isOver } from '../domain/order-life.ts';
import { type MonoMs, timeMs } from '../domain/units.ts';
import { Doubts } from '../execution/doubts.ts';
import type { OrderManager } from '../execution/order-manager.ts';
import { type Findings, type Pass, Reconciler } from '../execution/reconciler.ts';
import type { Ledger } from '../portfolio/ledger.ts';
import type { RiskLevels } from '../risk/level.ts';
import type { HandCancels } from './hand-cancels.ts';
import type { EngineEffect } from './ports.ts';
import type { LeftOrder } from './recovery.ts';
import type { ReconcileSettings } from './settings.ts';

interface Parts {
	readonly orders: OrderManager;
	readonly ledger: Ledger;
	readonly levels: RiskLevels;
	readonly cancels: HandCancels;
	readonly effects: EngineEffect[];
	readonly settings: ReconcileSettings;
	readonly instruments: readonly Instrument[];
	/** Orders of these runs are ours. */
	readonly runTags: ReadonlySet<RunTag>;
	readonly startedAtMono: MonoMs;
	/** Nothing beyond it was given out by this run so far; nor, as far as can be known, by one before it. */
	lastOrderId(runTag: RunTag): OrderIdMark;
	/** KL4. */
	shut(reason: string, nowMono: MonoMs): void;
	/** The furthest that any venue's clock is ahead of ours. */
	aheadMsMax(): number;
	readonly keep: (record: JournalRecord) => void;
	readonly touch: (instrument: InstrumentIndex) => void;
}

interface Compared {
	readonly reconciler: Reconciler;
	askedAtMono: number;
	isAsked: boolean;
	/** A whole picture has been seen. */
	wasSeen: boolean;
	/** Open orders of others in our symbols, when that was last looked at. */
	foreignCount: number;
	/** When the picture was begun that is compared, or was last. */
	beganAtMono: number;
	/** When the last comparison began and ended, if it found nothing wrong. */
	clean?: { readonly beganAtMono: number; readonly endedAtMono: number } | undefined;
}

type At = Pick<EngineEvent, 'wallMs' | 'monoMs'>;

const RECOVERY = 'recovery';
const RECONCILE = 'reconcile';
/** A picture that is not there by then is asked for anew. */
const CENSUS_MS_MAX = 60_000;

export class Truth {
	readonly #parts: Parts;
	readonly #doubts: Doubts;
	readonly #venues = new Map<string, Compared>();
	readonly #filledAtMono: number[] = [];
	/** Of earlier runs, until they are over. */
	readonly #left = new Set<OrderId>();
	#isRecovering = false;

	constructor(parts: Parts) {
		const { orders, ledger, settings, instruments, runTags } = parts;
		this.#parts = parts;
		this.#doubts = new Doubts(orders);
		for (const { venue } of instruments) {
			if (this.#venues.has(venue)) continue;
			const reconciler = new Reconciler({
				orders,
				options: settings,
				isOwn: (clientOrderId): clientOrderId is OrderId => isOwnOrderId(clientOrderId, runTags),
				positionLots: (instrument) => ledger.positionLots(instrument),
				filledAtMono: (instrument) => (this.#filledAtMono[instrument] ?? Number.NEGATIVE_INFINITY) as MonoMs,
			});
			this.#venues.set(venue, {
				...{ reconciler, askedAtMono: parts.startedAtMono, isAsked: false, wasSeen: false, foreignCount: 0 },
				beganAtMono: Number.NEGATIVE_INFINITY,
			});
		}
	}

	/** Nothing new before it is known what became of these, and of whatever else of ours is open at the venue. */
	recover(left: readonly LeftOrder[], at: At): void {
		const { orders, levels, instruments } = this.#parts;
		this.#isRecovering = true;
		levels.pause(RECOVERY, { reason: 'what the last run left is being found out', liftsByItself: false, nowMono: at.monoMs });
		for (const each of left) {
			const instrument = instruments.find(({ id }) => id === each.instrumentId);
			if (instrument === undefined)
				throw new RangeError(`${each.orderId} is left on ${each.instrumentId}, which is not followed`);
			const order = orders.takeBack(each, instrument, at);
			this.#left.add(order.orderId);
			this.#doubts.inherit(order, at.monoMs);
		}
	}

	get isRecovering(): boolean {
		return this.#isRecovering;
	}

	/** What we know may be wrong: no order of ours stays, and none is new, before the venue has told all of it anew. */
	doubt(reason: string, at: At): void {
		this.confirm(reason, at);
		const { cancels, orders } = this.#parts;
		cancels.ask(orders.openOrders(), at.monoMs);
	}

	/** Nothing is quoted before two comparisons that begin from now on are clean: the way back from a pause (KL2). */
	confirm(reason: string, at: At): void {
		const { levels, effects } = this.#parts;
		for (const [venue, compared] of this.#venues) {
			compared.reconciler.doubt(reason, at.monoMs);
			levels.pause(`${venue} ${RECONCILE}`, { reason, liftsByItself: false, nowMono: at.monoMs });
			compared.askedAtMono = at.monoMs;
			compared.isAsked = true;
			effects.push({ kind: 'census', venue });
		}
		effects.push({ kind: 'note', note: { kind: 'paused', reason } });
	}

	/** Some venue has to prove that we are of one mind before anything is quoted. */
	get isInDoubt(): boolean {
		return this.#isRecovering || [...this.#venues.values()].some(({ reconciler }) => reconciler.isPaused);
	}

	isComparing(venue: string): boolean {
		return this.#venues.get(venue)?.reconciler.isOpen === true;
	}

	/** We were deaf: whatever the venue has not told of since then may have changed. */
	applyDeaf(venue: string, deafSinceMono: MonoMs, at: At): void {
		const concerned = this.#parts.orders.openOrders().filter(({ instrument }) => instrument.venue === venue);
		this.#doubts.suspect(concerned, deafSinceMono);
		this.lookUp(at);
	}

	applyFill(instrument: InstrumentIndex, nowMono: MonoMs): void {
		this.#filledAtMono[instrument] = nowMono;
	}

	applyLookedUp(event: LookedUpEvent): void {
		const { orders, touch } = this.#parts;
		this.#doubts.applyLookedUp(event);
		const order = orders.get(event.orderId);
		if (order === undefined) return;
		touch(order.instrument.index);
		const { venue } = order.instrument;
		const pass = event.isComplete ? this.#venues.get(venue)?.reconciler.applyLookedUp(event.orderId) : undefined;
		if (pass !== undefined) this.#applyPass(venue, pass, event);
	}

	/** Its reports and executions have been taken by then. */
	applyCensus(event: CensusEvent): void {
		const compared = this.#venues.get(event.venue);
		if (compared === undefined) return;
		compared.isAsked = false;
		compared.askedAtMono = event.monoMs;
		if (event.found !== undefined) compared.wasSeen = true;
		const { findings, ended } = compared.reconciler.begin(event);
		if (ended !== undefined) this.#applyPass(event.venue, ended, event);
		compared.beganAtMono = event.beganAtMono;
		const { orders, cancels, touch } = this.#parts;
		this.#lookForTwin(findings, event.monoMs);
		this.#tellForeign(compared, event.venue, findings);
		for (const { instrument, ...openLots } of findings.foreign) {
			orders.setForeignOrders(instrument, openLots);
			touch(instrument);
		}
		const orphans = findings.orphans.map(({ report, orderId }) => orders.takeIn(report, orderId, event));
		for (const { orderId } of orphans) this.#left.add(orderId);
		cancels.ask(orphans, event.monoMs);
		for (const { instrument, gapLots } of findings.gaps) {
			orders.setForeignPosition(instrument, gapLots);
			touch(instrument);
		}
		this.#doubts.suspectMissing(findings.missing);
		this.lookUp(event);
		const done = compared.reconciler.endIfDone();
		if (done !== undefined) this.#applyPass(event.venue, done, event);
		this.#finishRecovery();
	}

	/** Every id is counted before it leaves (I2, I8), so one beyond under our name was given out by somebody else (F74, I21). */
	#lookForTwin({ orphans }: Findings, nowMono: MonoMs): void {
		const parts = this.#parts;
		const twin = orphans.find(({ orderId }) => {
			const read = parseOrderId(orderId);
			return read !== undefined && isBeyond(read, parts.lastOrderId(read.runTag));
		});
		if (twin === undefined || parts.levels.level === 'kill') return;
		parts.shut(
			`${twin.orderId} is open at the venue and no run of ours gave it out: another process trades under our name`,
			nowMono,
		);
	}

	/** Orders of other people and programs are theirs (F76); that there are some should be no surprise to anybody. */
	#tellForeign(compared: Compared, venue: string, { foreignCount }: Findings): void {
		if (foreignCount === compared.foreignCount) return;
		compared.foreignCount = foreignCount;
		this.#parts.effects.push({ kind: 'note', note: { kind: 'foreignOrders', venue, count: foreignCount } });
	}

	/** Once a tick. */
	applyTime(at: At): void {
		this.#askForCensus(at.monoMs);
		this.lookUp(at);
		this.#cancelLeft(at.monoMs);
		this.#finishRecovery();
	}

	/** What is in doubt is asked about now, if it is time. */
	lookUp({ wallMs, monoMs: nowMono }: At): void {
		// Before the first whole picture nearly everything would be asked about, and nearly all of it is in the picture.
		if (this.#isRecovering && !this.#wereAllSeen) return;
		const due = this.#doubts.due(nowMono, timeMs(Math.ceil(wallMs + Math.max(0, this.#parts.aheadMsMax()))));
		for (const venue of new Set(due.map(({ instrument }) => instrument.venue))) {
			const asked = due.filter(({ instrument }) => instrument.venue === venue);
			this.#parts.effects.push({ kind: 'lookUp', venue, asked });
		}
	}

	get #wereAllSeen(): boolean {
		return [...this.#venues.values()].every(({ wasSeen }) => wasSeen);
	}

	#askForCensus(nowMono: MonoMs): void {
		const { settings, effects } = this.#parts;
		for (const [venue, compared] of this.#venues) {
			const isHurried = compared.reconciler.isPaused || this.#isRecovering;
			const everyMs = isHurried ? settings.hurriedIntervalMs : settings.intervalMs;
			if (nowMono - compared.askedAtMono < (compared.isAsked ? CENSUS_MS_MAX : everyMs)) continue;
			compared.askedAtMono = nowMono;
			compared.isAsked = true;
			effects.push({ kind: 'census', venue });
		}
	}

	/** The last comparison with every venue found nothing, and it is not long ago. */
	wasCleanLately(nowMono: MonoMs): boolean {
		const { settings } = this.#parts;
		return [...this.#venues.values()].every(
			({ clean }) => clean !== undefined && nowMono - clean.endedAtMono <= 2 * settings.intervalMs,
		);
	}

	/** The last comparison with every venue found nothing, and is of a picture that was begun after that. */
	wasCleanSince(sinceMono: number): boolean {
		return [...this.#venues.values()].every(({ clean }) => clean !== undefined && clean.beganAtMono > sinceMono);
	}

	#applyPass(venue: string, pass: Pass, at: At): void {
		const compared = this.#venues.get(venue);
		if (compared !== undefined) {
			const { beganAtMono } = compared;
			compared.clean = pass.verdict === 'clean' ? { beganAtMono, endedAtMono: at.monoMs } : undefined;
		}
		const { levels, effects, keep } = this.#parts;
		const { verdict, ordersFixed, orphansClosed, pauseReason } = pass;
		const cause = `${venue} ${RECONCILE}`;
		if (pauseReason === undefined) {
			if (levels.resume(cause) && !levels.isPaused) effects.push({ kind: 'note', note: { kind: 'resumed' } });
		} else levels.pause(cause, { reason: pauseReason, liftsByItself: false, nowMono: at.monoMs });
		const isPaused = pauseReason !== undefined;
		keep({ kind: 'reconciled', venue, atMs: at.wallMs, verdict, ordersFixed, orphansClosed, isPaused, actions: [] });
	}

	/** Nobody plans for these, so nobody else cancels them. */
	#cancelLeft(nowMono: MonoMs): void {
		if (this.#left.size === 0) return;
		const open: Order[] = [];
		for (const orderId of this.#left) {
			const order = this.#parts.orders.get(orderId);
			if (order === undefined || isOver(order.state)) this.#left.delete(orderId);
			else if (order.state !== 'unknown') open.push(order);
		}
		// Before recovery is over nobody quotes, so there is nobody to leave a share to.
		this.#parts.cancels.ask(open, nowMono, this.#isRecovering ? 'all' : 'share');
	}

	#finishRecovery(): void {
		if (!this.#isRecovering || !this.#wereAllSeen) return;
		for (const orderId of this.#left) {
			const order = this.#parts.orders.get(orderId);
			if (order !== undefined && !isOver(order.state)) return;
		}
		this.#isRecovering = false;
		this.#parts.levels.resume(RECOVERY);
	}
}
