/**
 * Takes the calls of a flush on their way: cancels at once, creates and amends when the journal has them (I2), in
 * parallel or one after the other, and nothing after its deadline (T2, T4). Knows which calls are out and when a
 * flush is over. Pure: what is to be sent goes to `effects`, answers and time come in as arguments.
 */
import type { Batch, Command } from '../domain/command.ts';
import type { InstrumentIndex } from '../domain/instrument.ts';
import type { JournalRecord } from '../domain/journal-record.ts';
import { DESK, type Order } from '../domain/order.ts';
import type { ItemOutcome } from '../domain/outcome.ts';
import type { MonoMs } from '../domain/units.ts';
import type { OrderManager } from '../execution/order-manager.ts';
import { NO_SPAN, type Span, type Tracer } from '../ports/tracer.ts';
import type { EngineEffect } from './ports.ts';
import type { TickStats } from './tick-stats.ts';

export interface DispatchOptions {
	/** Off: one call at a time. */
	readonly parallel: boolean;
	/** Symbols that may have calls of their own out at once; calls that symbols share are not counted. */
	readonly maxParallelSymbols: number;
	/** What has not been sent this long after its flush began is stale. */
	readonly tickDeadlineMs: number;
}

interface Begun {
	readonly isMore: boolean;
	/** Of the tick that asks for it; it ends with the flush. */
	readonly span?: Span;
}

const ALONE: Begun = { isMore: false };

/** A commit that took too long is held against the journal for this long after it came back. */
const SLOW_COMMIT_COUNTS_MS = 1_000;

interface Flush {
	readonly startedAtMono: MonoMs;
	/** Calls that are neither answered nor dropped yet. */
	openCount: number;
	sentCount: number;
	isOverdue: boolean;
	readonly span: Span;
}

interface Waiting {
	readonly batch: Batch;
	readonly flush: Flush;
	readonly span: Span;
	/** On the wire. */
	readonly call: Span;
}

interface Commit {
	readonly askedAtMono: MonoMs;
	readonly span: Span;
}

interface Parts {
	readonly orders: OrderManager;
	readonly stats: TickStats;
	readonly effects: EngineEffect[];
	/** What drew on the rate budget command by command leaves as one call. */
	readonly spendCall: (batch: Batch, nowMono: MonoMs) => void;
	/** A command that drew on the rate budget at that moment will not leave. */
	readonly giveBack: (command: Command, spentAtMono: MonoMs) => void;
	/** An order that leaves although the gate is shut: the way out of a position that a person asked for (KL5). */
	readonly isWayOut: (order: Order) => boolean;
	/** What has to be safe together with an intent of this order; told once. */
	readonly besides: (intents: readonly Command[]) => readonly JournalRecord[];
	readonly tracer: Tracer;
	readonly options: DispatchOptions;
}

export class Dispatcher {
	options: DispatchOptions;
	readonly #orders: OrderManager;
	readonly #stats: TickStats;
	readonly #effects: EngineEffect[];
	readonly #spendCall: Parts['spendCall'];
	readonly #giveBack: Parts['giveBack'];
	readonly #isWayOut: Parts['isWayOut'];
	readonly #besides: Parts['besides'];
	readonly #tracer: Tracer;
	/** Given to the journal, not yet confirmed. */
	readonly #journaling = new Map<number, Waiting[]>();
	#ready: Waiting[] = [];
	readonly #out = new Map<number, Waiting>();
	/** Calls out per symbol, for calls that belong to one symbol. */
	readonly #outBySymbol = new Map<InstrumentIndex, number>();
	readonly #flushes = new Set<Flush>();
	/** The flush whose calls are still being gathered. */
	#growing: Flush | undefined;
	#nextCommitId = 1;
	/** Each commit that the journal has not confirmed, whatever became of its calls meanwhile. */
	readonly #commits = new Map<number, Commit>();
	#lastCommit = { tookMs: 0, atMono: Number.NEGATIVE_INFINITY };
	#isGateShut = false;

	constructor(parts: Parts) {
		this.#orders = parts.orders;
		this.#stats = parts.stats;
		this.#effects = parts.effects;
		this.#spendCall = parts.spendCall;
		this.#giveBack = parts.giveBack;
		this.#isWayOut = parts.isWayOut;
		this.#besides = parts.besides;
		this.#tracer = parts.tracer;
		this.options = parts.options;
	}

	get isIdle(): boolean {
		return this.#out.size === 0 && this.#ready.length === 0 && this.#journaling.size === 0 && this.#growing === undefined;
	}

	/** How long the oldest commit has been under way, or the last one took if that is not long ago (PT22). */
	journalDelayMs(nowMono: MonoMs): number {
		const { tookMs, atMono } = this.#lastCommit;
		const delayMs = nowMono - atMono < SLOW_COMMIT_COUNTS_MS ? tookMs : 0;
		for (const { askedAtMono } of this.#commits.values()) return Math.max(delayMs, nowMono - askedAtMono);
		return delayMs;
	}

	/**
	 * With `isMore` the next calls belong to the same flush, which is over when the last of them all is answered, and with it
	 * the span that it was given.
	 */
	begin(batches: readonly Batch[], nowMono: MonoMs, { isMore, span }: Begun = ALONE): void {
		if (batches.length === 0 && !isMore && this.#growing === undefined) {
			span?.end();
			return;
		}
		const flush = this.#growing ?? this.#openFlush(nowMono, span);
		this.#growing = isMore ? flush : undefined;
		flush.openCount += batches.length;
		if (batches.length > 0) this.#hand(batches, flush, nowMono);
		if (!isMore) this.#settle(flush, nowMono);
	}

	/** Held open by whoever gathers its calls. */
	#openFlush(nowMono: MonoMs, span = this.#tracer.start('flush')): Flush {
		const flush: Flush = { startedAtMono: nowMono, openCount: 1, sentCount: 0, isOverdue: false, span };
		this.#flushes.add(flush);
		return flush;
	}

	/** Cancels at once, the rest when the journal has it. */
	#hand(batches: readonly Batch[], flush: Flush, nowMono: MonoMs): void {
		const commitId = this.#nextCommitId;
		this.#nextCommitId += 1;
		const intents: Command[] = [];
		const cancels: Command[] = [];
		const held: Waiting[] = [];
		for (const batch of batches) {
			const waiting = { batch, flush, span: spanOf(batch, flush), call: NO_SPAN };
			this.#spendCall(batch, nowMono);
			if (batch.verb === 'cancel') {
				cancels.push(...batch.commands);
				this.#ready.push(waiting);
			} else {
				intents.push(...batch.commands);
				held.push(waiting);
			}
		}
		// Cancels are on their way before the journal is even asked.
		this.#pump(nowMono);
		if (cancels.length > 0) this.#effects.push({ kind: 'noteCancels', cancels });
		if (held.length > 0) {
			this.#journaling.set(commitId, held);
			this.#commits.set(commitId, { askedAtMono: nowMono, span: flush.span.start('journal') });
			const besides = this.#besides(intents);
			this.#effects.push({ kind: 'commit', flushId: commitId, intents, ...(besides.length > 0 ? { besides } : {}) });
		}
		this.#effects.push({ kind: 'wake', key: 'deadline', delayMs: this.options.tickDeadlineMs });
	}

	/** A commit failed: none of its bytes may leave. */
	applyJournaled(flushId: number, ok: boolean, nowMono: MonoMs): void {
		const held = this.#journaling.get(flushId);
		const commit = this.#commits.get(flushId);
		if (commit !== undefined) {
			commit.span.end();
			this.#lastCommit = { tookMs: nowMono - commit.askedAtMono, atMono: nowMono };
			this.#stats.recordCommit(this.#lastCommit.tookMs);
		}
		this.#commits.delete(flushId);
		if (held === undefined) return;
		this.#journaling.delete(flushId);
		if (ok) this.#ready.push(...held);
		else for (const waiting of held) this.#drop(waiting, nowMono);
		this.#pump(nowMono);
	}

	/** Answers are folded into orders by the caller; here they free the way for what waits. */
	applyAnswer(batchId: number, items: readonly ItemOutcome[], nowMono: MonoMs): readonly ItemOutcome[] {
		const waiting = this.#out.get(batchId);
		if (waiting === undefined) return [];
		this.#out.delete(batchId);
		this.#countSymbol(waiting.batch, -1);
		const outcomes = completed(waiting.batch, items);
		endAnswered(waiting, outcomes);
		this.#settle(waiting.flush, nowMono);
		return outcomes;
	}

	/** The next call goes out only after the answer of the last one has been folded in. */
	resume(nowMono: MonoMs): void {
		this.#pump(nowMono);
	}

	/** A newer target for these symbols is about to be planned: what has not left for them must not (latest wins). */
	withdraw(concerns: (instrument: InstrumentIndex) => boolean, nowMono: MonoMs): void {
		if (this.#ready.length === 0) return;
		const kept: Waiting[] = [];
		for (const waiting of this.#ready) {
			const { batch } = waiting;
			if (batch.commands.every((command) => concerns(command.instrument.index) && !this.#isByHand(command)))
				this.#drop(waiting, nowMono);
			else kept.push(waiting);
		}
		this.#ready = kept;
	}

	/** From now on only cancels leave; what waits is dropped. */
	shutGate(nowMono: MonoMs): void {
		this.#isGateShut = true;
		this.dropNew(nowMono);
	}

	openGate(): void {
		this.#isGateShut = false;
	}

	/** What was decided and has not left stays here, but for cancels: they are right at any time. */
	dropNew(nowMono: MonoMs): void {
		this.#dropWhere(() => true, nowMono);
	}

	/** The same, but what only reduces goes its way (KL3). */
	dropNewButReducing(nowMono: MonoMs): void {
		this.#dropWhere(({ orderId }) => this.#orders.get(orderId)?.reduceOnly !== true, nowMono);
	}

	#dropWhere(isConcerned: (command: Command) => boolean, nowMono: MonoMs): void {
		const keepRest = (waiting: Waiting): boolean => this.#keepRest(waiting, isConcerned, nowMono);
		this.#ready = this.#ready.filter(keepRest);
		for (const [commitId, held] of this.#journaling) {
			const kept = held.filter(keepRest);
			if (kept.length > 0) this.#journaling.set(commitId, kept);
			else this.#journaling.delete(commitId);
		}
	}

	/** One call may carry both kinds: what it loses here does not leave with the rest. */
	#keepRest(waiting: Waiting, isConcerned: (command: Command) => boolean, nowMono: MonoMs): boolean {
		const { commands, verb } = waiting.batch;
		if (verb === 'cancel') return true;
		const dropped = commands.filter(isConcerned);
		if (dropped.length < commands.length) this.#takeBack(dropped, waiting.flush);
		else this.#drop(waiting, nowMono);
		return dropped.length < commands.length;
	}

	/** Drops what is stale and notes flushes that take too long. */
	applyTime(nowMono: MonoMs): void {
		const { tickDeadlineMs } = this.options;
		for (const flush of this.#flushes) {
			if (flush.isOverdue || nowMono - flush.startedAtMono < tickDeadlineMs) continue;
			flush.isOverdue = true;
			this.#stats.overruns += 1;
		}
		this.#ready = this.#ready.filter((waiting) => this.#keepIfFresh(waiting, nowMono));
		// All of a flush grow stale together; a commit that comes back later finds nothing to send.
		for (const [flushId, held] of this.#journaling) {
			if (!held.some((waiting) => this.#keepIfFresh(waiting, nowMono))) this.#journaling.delete(flushId);
		}
		this.#pump(nowMono);
	}

	#keepIfFresh(waiting: Waiting, nowMono: MonoMs): boolean {
		if (nowMono - waiting.flush.startedAtMono < this.options.tickDeadlineMs) return true;
		if (waiting.batch.verb === 'cancel' && waiting.batch.commands.some((command) => this.#isByHand(command))) return true;
		this.#drop(waiting, nowMono);
		return false;
	}

	/** No tick plans it anew: once dropped it would never come, and a cancel must always be possible (I11). */
	#isByHand({ orderId }: Command): boolean {
		return this.#orders.get(orderId)?.quoter === DESK;
	}

	#pump(nowMono: MonoMs): void {
		if (this.#ready.length === 0) return;
		const waiting = this.#ready;
		this.#ready = [];
		for (const next of waiting) {
			if (this.#mayLeave(next.batch)) this.#send(next, nowMono);
			else this.#ready.push(next);
		}
	}

	#mayLeave(batch: Batch): boolean {
		// The cancels of a kill wait for nobody's answer.
		if (this.#isGateShut) return true;
		if (!this.options.parallel) return this.#out.size === 0;
		if (batch.symbolOnly === undefined) return true;
		return this.#outBySymbol.has(batch.symbolOnly.index) || this.#outBySymbol.size < this.options.maxParallelSymbols;
	}

	#send(waiting: Waiting, nowMono: MonoMs): void {
		const { batch, flush } = waiting;
		const live = this.#isGateShut && !this.#mayLeaveShut(batch) ? [] : this.#leaving(batch, nowMono);
		if (live.length === 0) {
			this.#drop(waiting, nowMono);
			return;
		}
		const sent = live.length === batch.commands.length ? batch : { ...batch, commands: live };
		this.#out.set(batch.batchId, { batch: sent, flush, span: waiting.span, call: waiting.span.start('call') });
		this.#countSymbol(batch, 1);
		flush.sentCount += 1;
		this.#stats.calls += 1;
		this.#effects.push({ kind: 'send', batch: sent });
	}

	/** Those that nobody took back meanwhile; for these it is done. */
	#leaving({ commands }: Batch, nowMono: MonoMs): readonly Command[] {
		return commands.filter((command) => this.#orders.trySend(command, nowMono));
	}

	#mayLeaveShut({ commands }: Batch): boolean {
		return commands.every(({ kind, orderId }) => {
			if (kind === 'cancel' || this.#orders.queuedFor(orderId) !== kind) return true;
			const order = this.#orders.get(orderId);
			return kind === 'place' && order !== undefined && this.#isWayOut(order);
		});
	}

	#takeBack(commands: readonly Command[], { startedAtMono }: Flush): void {
		for (const command of commands) {
			if (!this.#orders.isQueued(command)) continue;
			this.#orders.applyDrop(command);
			this.#stats.dropped += 1;
			this.#giveBack(command, startedAtMono);
		}
	}

	#drop(waiting: Waiting, nowMono: MonoMs): void {
		this.#takeBack(waiting.batch.commands, waiting.flush);
		waiting.span.set('dropped', 'unsent');
		waiting.span.end();
		this.#settle(waiting.flush, nowMono);
	}

	#settle(flush: Flush, nowMono: MonoMs): void {
		flush.openCount -= 1;
		if (flush.openCount > 0) return;
		this.#flushes.delete(flush);
		flush.span.end();
		if (flush.sentCount > 0) this.#stats.recordFlush(nowMono - flush.startedAtMono);
	}

	#countSymbol(batch: Batch, change: 1 | -1): void {
		if (batch.symbolOnly === undefined) return;
		const { index } = batch.symbolOnly;
		const count = (this.#outBySymbol.get(index) ?? 0) + change;
		if (count === 0) this.#outBySymbol.delete(index);
		else this.#outBySymbol.set(index, count);
	}
}

function spanOf({ venue, category, verb, commands, symbolOnly }: Batch, { span: parent }: Flush): Span {
	const span = parent.start('batch', symbolOnly?.id);
	span.set('venue', venue);
	span.set('category', category);
	span.set('verb', verb);
	span.set('commands', commands.length);
	return span;
}

function endAnswered({ span, call }: Waiting, outcomes: readonly ItemOutcome[]): void {
	let rejected = 0;
	let unknown = 0;
	for (const { outcome } of outcomes) {
		if (outcome.kind === 'rejected') rejected += 1;
		else if (outcome.kind === 'unknown') unknown += 1;
	}
	if (rejected > 0) call.set('rejected', rejected);
	if (unknown > 0) call.set('unknown', unknown);
	call.end();
	span.end();
}

/** One outcome for each command, whatever came back: by order id, `unknown` where the answer is silent (F09 to F11). */
function completed(batch: Batch, items: readonly ItemOutcome[]): readonly ItemOutcome[] {
	return batch.commands.map((command, at) => {
		const own = items[at];
		const told = own?.orderId === command.orderId ? own : items.find((item) => item.orderId === command.orderId);
		return (
			told ?? {
				orderId: command.orderId,
				verb: batch.verb,
				outcome: { kind: 'unknown', reason: 'the answer does not mention it' },
			}
		);
	});
}
