/**
 * The machine that decides. One event in, state changed, effects out: the same events give the same effects, always.
 * It has no clock, no chance, no I/O and never waits; `effects` is what the world is asked to do after each step, and
 * whoever runs the engine empties it. State changes nowhere but in `step`.
 */
import type {
	BookEvent,
	ControlEvent,
	EngineEvent,
	ExecutionEvent,
	FundingEvent,
	RateEvent,
	StreamEvent,
} from '../domain/event.ts';
import { stepsToNumber } from '../domain/grid.ts';
import type { Instrument, InstrumentIndex } from '../domain/instrument.ts';
import type { DecisionRecord, WatchRecord } from '../domain/journal-record.ts';
import type { Order } from '../domain/order.ts';
import type { OrderIdMark } from '../domain/order-id.ts';
import type { Outcome } from '../domain/outcome.ts';
import { type MonoMs, monoMs, timeMs } from '../domain/units.ts';
import type { OrderManager } from '../execution/order-manager.ts';
import type { BudgetFigure } from '../execution/rate-budget.ts';
import type { Ledger } from '../portfolio/ledger.ts';
import type { Gate } from '../risk/gate.ts';
import type { RiskLevels } from '../risk/level.ts';
import type { LossLimits } from '../risk/loss.ts';
import { type Assembly, assemble } from './assembly.ts';
import type { ControlResult } from './control.ts';
import type { EngineParts } from './engine-parts.ts';
import {
	controlRecord,
	executionRecord,
	type Facts,
	filledRecord,
	fundingRecord,
	instrumentRecord,
	overRecord,
} from './facts.ts';
import type { Guards } from './guards.ts';
import { KILL_TIMER } from './hand-cancels.ts';
import { judgeMargin } from './margin-watch.ts';
import type { MarketState } from './market-state.ts';
import { BUDGET_TIMER, type Pace, TICK_TIMER } from './pace.ts';
import type { EngineEffect } from './ports.ts';
import type { Quoter } from './quoter.ts';
import type { Recovered } from './recovery.ts';
import type { Stats } from './tick-stats.ts';

/** F70. Lifts by itself so that it is tried again now and then; nothing leaves that is not written. */
const UNWRITTEN = 'the disk does not take the journal';

type At = Pick<EngineEvent, 'wallMs' | 'monoMs'>;

export class Engine {
	/** Emptied by whoever runs the engine after each step. */
	readonly effects: EngineEffect[];
	readonly orders: OrderManager;
	readonly ledger: Ledger;
	readonly levels: RiskLevels;
	readonly gate: Gate;
	readonly quoters: readonly Quoter[];
	readonly #markets: readonly MarketState[];
	readonly #facts: Facts;
	readonly #pace: Pace;
	readonly #parts: Assembly;
	#fillCount = 0;
	/** The journal failed, and has taken nothing since. */
	#isUnwritten = false;

	constructor(parts: EngineParts) {
		const made = assemble(parts);
		this.effects = made.effects;
		this.orders = made.orders;
		this.ledger = made.ledger;
		this.levels = made.levels;
		this.gate = made.gate;
		this.quoters = made.quoters;
		this.#markets = made.markets;
		this.#facts = made.facts;
		this.#pace = made.pace;
		this.#parts = made;
		if (parts.recovered !== undefined) {
			this.#recover(parts.recovered.state, { wallMs: parts.recovered.atMs, monoMs: parts.startedAtMono });
		}
		this.#tellFacts({ wallMs: parts.recovered?.atMs ?? timeMs(0), monoMs: parts.startedAtMono });
		this.#pace.askForInterval();
	}

	/** Takes one event. What a person or a program asked for has a result; everything else has none. */
	step(event: EngineEvent): ControlResult | undefined {
		const result = this.#apply(event);
		if (this.orders.overfilled.length > 0) this.#applyOverfilled(event.monoMs);
		this.#tellLatch(event);
		this.#tellMatched(event);
		this.#parts.exits.apply(event);
		this.#tellFacts(event);
		return result;
	}

	#apply(event: EngineEvent): ControlResult | undefined {
		let result: ControlResult | undefined;
		switch (event.kind) {
			case 'book':
				this.#applyBook(event);
				return undefined;
			case 'bookLost':
				this.#markets[event.instrument]?.book.distrust(event.reason);
				this.#pace.touch(event.instrument);
				break;
			case 'trade': {
				const market = this.#markets[event.instrument];
				if (market !== undefined) market.lastTradeTicks = event.priceTicks;
				break;
			}
			case 'mark': {
				const market = this.#markets[event.instrument];
				if (market !== undefined) {
					market.markTicks = event.markTicks;
					market.fundingRate = event.fundingRate;
				}
				break;
			}
			case 'orderReport':
				this.#parts.refusals.applyReport(event.report, this.orders.find(event.report), event.monoMs);
				this.orders.applyReport(event.report, event.monoMs);
				this.#pace.touch(event.report.instrument.index);
				break;
			case 'execution':
				this.#applyExecution(event);
				break;
			case 'answer':
				this.#applyAnswer(event);
				break;
			case 'journaled':
				this.#parts.dispatcher.applyJournaled(event.flushId, event.ok, event.monoMs);
				this.#applyWritten(event);
				break;
			case 'timer':
				this.#applyTimer(event);
				return undefined;
			case 'balance':
				this.#parts.worth.applyBalance(event);
				break;
			case 'funding':
				this.#applyFunding(event);
				break;
			case 'instrument':
				this.#applyInstrument(event.instrument, event.monoMs);
				break;
			case 'stream':
				this.#applyStream(event);
				break;
			case 'lookedUp':
				this.#parts.truth.applyLookedUp(event);
				break;
			case 'census':
				this.#parts.modes.applyCensus(event);
				judgeMargin(event, (reason, nowMono) => this.#parts.control.reduceOnly(reason, nowMono));
				this.#parts.truth.applyCensus(event);
				this.#parts.dispatcher.begin(this.#parts.bus.flush(), event.monoMs);
				break;
			case 'slept':
				this.#parts.dispatcher.dropNew(event.monoMs);
				this.#doubtAll(`we did not run for ${Math.round(event.forMs / 1_000)} s`, event);
				break;
			case 'lagged':
				if (event.byMs > this.gate.limits.loopLagMsMax)
					this.#holdAll(`our own loop came ${Math.round(event.byMs)} ms late`, event);
				break;
			case 'rate':
				this.#applyRate(event);
				break;
			case 'venueClock':
				if (this.#parts.watch.applyClock(event)) {
					const { venue, offsetMs } = event;
					this.effects.push({ kind: 'note', note: { kind: 'clockOff', venue, offsetMs } });
				}
				break;
			case 'signal': {
				this.#markets[event.instrument]?.applySignal(event);
				this.#pace.touch(event.instrument);
				break;
			}
			case 'control':
				result = this.#applyControl(event);
				this.#pace.touchAll();
				break;
			case 'position':
				break;
		}
		this.#tellStrategies(event);
		this.#pace.askForTick(event.monoMs);
		return result;
	}

	getStats(): Stats {
		return this.#parts.stats.read(this.#parts.bus.stats);
	}

	openOrders(): Order[] {
		return this.orders.openOrders();
	}

	isRiskPaused(): boolean {
		return this.levels.isPaused;
	}

	riskPauseReason(): string | undefined {
		return this.levels.reason;
	}

	/** KL0 to KL2, and the last comparison with every venue was clean. */
	mayRaiseLimits(nowMono: MonoMs): boolean {
		return this.#parts.mayRaiseLimits(nowMono);
	}

	/** What we know is being held against the venue, and nothing is quoted meanwhile. */
	get isInDoubt(): boolean {
		return this.#parts.truth.isInDoubt;
	}

	/** A comparison with this venue has begun and waits for look-ups; the next picture ends it, if that one is whole. */
	isComparing(venue: string): boolean {
		return this.#parts.truth.isComparing(venue);
	}

	/** Positions are being closed, slice by slice. */
	get isFlattening(): boolean {
		return this.#parts.flatten.isActive;
	}

	isClosing(instrument: InstrumentIndex): boolean {
		return this.#parts.flatten.isClosing(instrument);
	}

	/** How long our share of the venue's limits makes an order wait, if nothing else is sent until then. */
	orderFitsInMs(instrument: InstrumentIndex, nowMono: MonoMs): number {
		const { lanes, budget } = this.#parts;
		const lane = lanes.of(instrument);
		return budget.available(lane, 'place', nowMono) >= 1 ? 0 : budget.fitsAtMono(lane, 'place', nowMono) - nowMono;
	}

	/** How full each window of the venues' limits is, for whoever shows it. */
	budgetFigures(nowMono: MonoMs): readonly BudgetFigure[] {
		return this.#parts.budget.figures(nowMono);
	}

	/** Shares of equity that were lost, where that is known (PT16). */
	get losses(): Guards['losses'] {
		return this.#parts.guards.losses;
	}

	get lossLimits(): LossLimits {
		return this.#parts.guards.lossLimits;
	}

	/** For how long the oldest commit has waited for the disk. */
	journalDelayMs(nowMono: MonoMs): number {
		return this.#parts.dispatcher.journalDelayMs(nowMono);
	}

	/** What the desk decided and what became of it, as it would stand in a summary of the journal. */
	decisionRecords(): readonly (DecisionRecord | WatchRecord)[] {
		return this.#parts.decisions.records();
	}

	market(instrument: InstrumentIndex): MarketState | undefined {
		return this.#markets[instrument];
	}

	/** What one of this currency is worth in the first symbol's quote currency, as of the last tick; NaN where nobody knows. */
	rateOf(currency: string): number {
		return this.#parts.rates.of(currency);
	}

	/** To be kept where it survives a restart (O1). */
	get lastOrderId(): OrderIdMark {
		return this.#parts.ids.mark;
	}

	/** Executions booked since the start, each once. */
	get fillCount(): number {
		return this.#fillCount;
	}

	/** Nothing of ours is on its way and nothing waits. */
	get isQuiescent(): boolean {
		return this.#parts.dispatcher.isIdle && this.#parts.bus.size === 0;
	}

	/** The hot one: apply, and ask for a tick when the touch moved. */
	#applyBook(event: BookEvent): void {
		const market = this.#markets[event.instrument];
		if (market === undefined) return;
		const { book } = market;
		const before = book.topVersion;
		const wasSound = market.isBookSound;
		book.apply(event.delta);
		const isSound = market.isBookSound;
		if (isSound) market.soundAtMono = monoMs(event.monoMs - market.lateMs(event.wallMs));
		if (book.topVersion === before && wasSound === isSound) return;
		this.#pace.touch(event.instrument);
		this.#tellStrategies(event);
		this.#pace.askForTick(event.monoMs);
	}

	#applyExecution({ execution, ...at }: ExecutionEvent): void {
		const { monoMs: nowMono } = at;
		const { index } = execution.instrument;
		// A fill counts once, whoever tells it again (I5); what it says of the order's life was heard then, too.
		const booking = this.ledger.applyExecution(execution);
		if (booking.kind === 'beyondMemory') {
			this.effects.push({ kind: 'note', note: { kind: 'tooOldToBook', executionId: execution.executionId } });
		}
		if (booking.kind !== 'booked') return;
		this.#fillCount += 1;
		this.#facts.add(executionRecord(execution));
		const market = this.#markets[index];
		if (market !== undefined) this.#parts.worth.applyFill(execution, market, booking.realised);
		this.effects.push({ kind: 'note', note: { kind: 'filled', execution } });
		this.#parts.decisions.applyFill(execution, at);
		this.orders.applyFill(execution);
		this.#parts.truth.applyFill(index, nowMono);
		this.orders.setPosition(index, this.ledger.inventoryLots(index));
		if (market !== undefined) this.#parts.guards.applyFill(execution, market, nowMono);
		this.#pace.touch(index);
	}

	#applyAnswer(event: Extract<EngineEvent, { kind: 'answer' }>): void {
		const { dispatcher, refusals, truth } = this.#parts;
		for (const item of dispatcher.applyAnswer(event.batchId, event.items, event.monoMs)) {
			const order = this.orders.get(item.orderId);
			refusals.applyOutcome(item, order, event.monoMs);
			this.orders.applyOutcome(item);
			if (order !== undefined) this.#pace.touch(order.instrument.index);
			this.#applyKey(item.outcome, event.monoMs);
		}
		dispatcher.resume(event.monoMs);
		if (event.items.some(({ outcome }) => outcome.kind !== 'accepted')) truth.lookUp(event);
	}

	/** A key that does not hold is no trouble that passes: whatever else we send is refused as well (F55). */
	#applyKey(outcome: Outcome, nowMono: MonoMs): void {
		if (outcome.kind !== 'rejected' || outcome.class !== 'auth') return;
		const { control } = this.#parts;
		if (this.levels.level === 'kill') control.noteWrong(nowMono);
		else control.shut(`the venue refuses our key: ${outcome.reason}`, nowMono);
	}

	/** Whatever the venue sells or buys for us beyond what we asked for, we have lost hold of it (F79). */
	#applyOverfilled(nowMono: MonoMs): void {
		const [order] = this.orders.overfilled.splice(0);
		if (order === undefined) return;
		const { control } = this.#parts;
		if (this.levels.level === 'kill') {
			control.noteWrong(nowMono);
			return;
		}
		const { orderId, filledLots, instrument } = order;
		const filled = stepsToNumber(instrument.qtyGrid, filledLots);
		control.shut(`${orderId} was filled for ${filled} of ${instrument.symbol}, more than was ever asked for`, nowMono);
	}

	/** When it is taken again, what happened meanwhile is compared before anything is quoted (KL2). */
	#applyWritten(event: Extract<EngineEvent, { kind: 'journaled' }>): void {
		if (!event.ok) this.levels.pause('journal', { reason: UNWRITTEN, liftsByItself: true, nowMono: event.monoMs });
		else if (this.#isUnwritten) this.#parts.truth.confirm(`comparing with the venue after: ${UNWRITTEN}`, event);
		this.#isUnwritten = !event.ok;
	}

	#applyTimer(event: Extract<EngineEvent, { kind: 'timer' }>): void {
		const { dispatcher, truth, warmUp, control, watch, troubles, worth, orchestrator } = this.#parts;
		switch (event.key) {
			case TICK_TIMER:
				this.#pace.applyTick(event);
				break;
			case this.#pace.intervalKey:
				this.#pace.askForInterval();
				dispatcher.applyTime(event.monoMs);
				truth.applyTime(event);
				warmUp.applyTime(truth.isRecovering, event.monoMs);
				control.sweep(event);
				watch.applyTime(event);
				troubles.applyTime(event, { isRecovering: truth.isRecovering });
				worth.applyTime(event);
				this.#pace.applyInterval(event);
				break;
			case BUDGET_TIMER:
				this.#pace.applyBudget(event.monoMs);
				break;
			case KILL_TIMER:
				control.sweep(event);
				break;
			case 'piece':
				// A newer tick may have taken it to its end already.
				if (!orchestrator.isUnderWay) break;
				orchestrator.continue(event);
				this.#pace.askForBudget(event.monoMs);
				break;
			case 'deadline':
				dispatcher.applyTime(event.monoMs);
				break;
		}
	}

	/** A kill that nobody took back goes on; everything else of before is found out first. */
	#recover({ orders, latch, decisions }: Recovered, at: At): void {
		const { truth, control } = this.#parts;
		for (const { instrument } of this.#markets)
			this.orders.setPosition(instrument.index, this.ledger.inventoryLots(instrument.index));
		truth.recover(orders, at);
		this.#parts.decisions.recover(decisions, at);
		if (latch?.level === 'kill') control.shut(latch.reason, at.monoMs);
		else if (latch !== undefined) this.levels.raise('reduceOnly', latch.reason);
		// The journal has it.
		this.levels.takeLatch();
	}

	#doubtAll(reason: string, event: EngineEvent): void {
		this.#parts.truth.doubt(reason, event);
		this.#parts.dispatcher.begin(this.#parts.bus.flush(), event.monoMs);
	}

	#holdAll(reason: string, { monoMs: nowMono }: EngineEvent): void {
		for (const { instrument } of this.#markets) {
			this.levels.hold(instrument.index, 'lag', { reason, liftsByItself: true, nowMono });
			this.#pace.touch(instrument.index);
		}
	}

	#applyFunding(event: FundingEvent): void {
		if (this.ledger.applyFunding(event).kind !== 'booked') return;
		const market = this.#markets[event.instrument];
		if (market === undefined) return;
		this.#parts.worth.applyFunding(event, market);
		this.#facts.add(fundingRecord(market.instrument.id, event));
	}

	#applyControl(event: ControlEvent): ControlResult {
		const result = this.#parts.control.apply(event);
		const record = controlRecord(event.action, result, event.wallMs);
		if (record !== undefined) this.#facts.add(record);
		return result;
	}

	#tellLatch({ wallMs: atMs, monoMs: nowMono }: At): void {
		const latch = this.levels.takeLatch();
		if (latch === undefined) return;
		this.#facts.add({ kind: 'latch', ...latch, atMs });
		// Also where nobody asked: a limit of losses raises the level itself.
		this.#parts.control.noteWrong(nowMono);
	}

	/** Fills that named nobody change the position at once: what is made of that has to know whose they were. */
	#tellMatched(at: At): void {
		const { matched } = this.orders;
		for (const order of matched) {
			this.#parts.decisions.applyMatch(order, at);
			this.#facts.add(filledRecord(order));
		}
		matched.length = 0;
	}

	/** Behind everything else that the event led to. */
	#tellFacts(at: At): void {
		this.#tellMatched(at);
		const { ended } = this.orders;
		const { decisions } = this.#parts;
		for (const order of ended) {
			decisions.applyEnd(order);
			if (order.state === 'filled') this.gate.rememberFilled(order);
			this.#facts.add(overRecord(order));
		}
		ended.length = 0;
		const records = this.#facts.take();
		if (records !== undefined) this.effects.push({ kind: 'keep', records });
	}

	#applyInstrument(instrument: Instrument, nowMono: MonoMs): void {
		const market = this.#markets[instrument.index];
		if (market === undefined) return;
		market.follow(instrument, nowMono);
		this.#facts.add(instrumentRecord(instrument));
		this.orders.follow(instrument);
		this.ledger.follow(instrument);
		// The same holding is another count of lots on another grid.
		this.orders.setPosition(instrument.index, this.ledger.inventoryLots(instrument.index));
		this.#pace.touch(instrument.index);
	}

	#distrust(venue: string): void {
		for (const market of this.#markets) {
			if (market.instrument.venue !== venue) continue;
			market.book.distrust('disconnected');
			this.#pace.touch(market.instrument.index);
		}
	}

	/** What went past while nobody listened is asked for when the stream is back (F20). */
	#applyStream(event: StreamEvent): void {
		if (!event.up && event.stream === 'public') this.#distrust(event.venue);
		const deafSinceMono = this.#parts.watch.applyStream(event);
		if (deafSinceMono === undefined) return;
		this.#parts.truth.applyDeaf(event.venue, deafSinceMono, event);
	}

	#applyRate(event: RateEvent): void {
		const { lanes, budget, watch } = this.#parts;
		const lane = lanes.find(event.venue, event.category);
		if (lane !== undefined) budget.applySighting(lane, event.verb, event, event.monoMs);
		watch.applyRate(event);
	}

	#tellStrategies(event: EngineEvent): void {
		const subject = 'instrument' in event && typeof event.instrument === 'number' ? event.instrument : undefined;
		const concerned = event.kind === 'signal' ? this.quoters : this.#pace.quotersOf(subject);
		for (const quoter of concerned) {
			try {
				quoter.strategy.onEvent(event, quoter.state);
			} catch (error) {
				const { index, id } = quoter.market.instrument;
				const reason = `${quoter.strategy.name} failed`;
				this.levels.hold(index, 'strategy', { reason, liftsByItself: true, nowMono: event.monoMs });
				this.effects.push({ kind: 'note', note: { kind: 'strategyFailed', instrument: id, error } });
			}
		}
	}
}
