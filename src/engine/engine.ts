/**
 * The machine that decides. One event in, state changed, effects out: the same events give the same effects, always.
 * It has no clock, no chance, no I/O and never waits; `effects` is what the world is asked to do after each step, and
 * whoever runs the engine empties it. State changes nowhere but in `step`.
 */
import type {
	BalanceEvent,
	BookEvent,
	ControlEvent,
	EngineEvent,
	ExecutionEvent,
	FundingEvent,
	LookedUpEvent,
	RateEvent,
	StreamEvent,
} from '../domain/event.ts';
import type { Instrument, InstrumentIndex } from '../domain/instrument.ts';
import { moneyToNumber } from '../domain/money.ts';
import type { Order } from '../domain/order.ts';
import { type OrderIdMark, OrderIdSource, type RunTag } from '../domain/order-id.ts';
import type { Outcome } from '../domain/outcome.ts';
import { type MonoMs, monoMs, timeMs } from '../domain/units.ts';
import type { VenueCapabilities } from '../domain/venue.ts';
import { CommandBus } from '../execution/command-bus.ts';
import { Doubts } from '../execution/doubts.ts';
import { Lanes } from '../execution/lanes.ts';
import { OrderManager } from '../execution/order-manager.ts';
import { RateBudget } from '../execution/rate-budget.ts';
import type { Ranking } from '../execution/selection.ts';
import { Ledger } from '../portfolio/ledger.ts';
import type { Meter } from '../ports/meter.ts';
import { AccountExposure } from '../risk/exposure.ts';
import { Funds } from '../risk/funds.ts';
import { Gate } from '../risk/gate.ts';
import { RiskLevels } from '../risk/level.ts';
import type { Strategy } from '../strategy/strategy.ts';
import { applyChanges, type Changeable } from './changes.ts';
import { Control, type ControlResult } from './control.ts';
import { Dispatcher } from './dispatcher.ts';
import { Guards } from './guards.ts';
import { HandCancels } from './hand-cancels.ts';
import { MarketState } from './market-state.ts';
import { TickOrchestrator } from './orchestrator.ts';
import type { EngineEffect } from './ports.ts';
import { Quoter } from './quoter.ts';
import { sceneOf } from './scene.ts';
import type { EngineSettings, TickOptions } from './settings.ts';
import { type Stats, TickStats } from './tick-stats.ts';
import { VenueWatch } from './venue-watch.ts';

export interface EngineParts {
	readonly settings: EngineSettings;
	readonly venues: readonly VenueCapabilities[];
	readonly instruments: readonly Instrument[];
	/** Which strategy quotes which instruments. */
	readonly quoting: readonly { readonly strategy: Strategy; readonly instruments: readonly InstrumentIndex[] }[];
	readonly runTag: RunTag;
	/** The last order id that an earlier run gave out. */
	readonly lastOrderId: OrderIdMark | undefined;
	readonly startedAtMono: MonoMs;
	/** Who goes first when the rate budget is short; by urgency unless said. For comparisons. */
	readonly ranking?: Ranking;
	/** Written to and never read: what is measured decides nothing. */
	readonly meter?: Meter;
}

export class Engine {
	/** Emptied by whoever runs the engine after each step. */
	readonly effects: EngineEffect[] = [];
	readonly orders = new OrderManager();
	readonly ledger = new Ledger();
	readonly levels = new RiskLevels();
	readonly gate: Gate;
	readonly quoters: readonly Quoter[];
	readonly #bus: CommandBus;
	readonly #stats: TickStats;
	readonly #dispatcher: Dispatcher;
	readonly #orchestrator: TickOrchestrator;
	readonly #control: Control;
	readonly #guards: Guards;
	readonly #lanes: Lanes;
	readonly #budget: RateBudget;
	readonly #doubts = new Doubts(this.orders);
	readonly #watch: VenueWatch;
	readonly #account: AccountExposure;
	readonly #markets: MarketState[] = [];
	readonly #funds = new Map<string, Funds>();
	/** Equity by venue and coin, for the coins that margin is counted in. */
	readonly #equity = new Map<string, number>();
	readonly #scene: ReturnType<typeof sceneOf>;
	readonly #ids: OrderIdSource;
	readonly #dirty = new Set<Quoter>();
	/** By instrument: a message about one of many concerns few. */
	readonly #quotersOf: Quoter[][] = [];
	#tick: TickOptions;
	/** Of the timer that counts; one from before the interval changed finds another key here and is let pass. */
	#intervalKey = 'interval';
	#intervalCount = 1;
	#lastTickAtMono = Number.NEGATIVE_INFINITY as MonoMs;
	#isTickAsked = false;
	#budgetAskedForMono = Number.POSITIVE_INFINITY;
	#fillCount = 0;

	constructor(parts: EngineParts) {
		const { settings, instruments } = parts;
		const account = new AccountExposure();
		this.#account = account;
		this.#stats = new TickStats(parts.meter);
		this.#watch = new VenueWatch(parts.venues, this.levels);
		const lanes = new Lanes(parts.venues);
		this.#lanes = lanes;
		const budget = new RateBudget(
			parts.venues.flatMap(({ rateRules }) => rateRules),
			settings.budget,
		);
		this.#budget = budget;
		for (const instrument of instruments) {
			this.orders.follow(instrument);
			this.ledger.follow(instrument);
			const lane = lanes.follow(instrument);
			budget.follow(lane);
			const funds = (currency: string): Funds => this.#fundsOf(instrument.venue, currency);
			const isSpot = instrument.category === 'spot';
			const market = new MarketState(
				{
					instrument,
					lane,
					orders: this.orders,
					ledger: this.ledger,
					buyFunds: funds(isSpot ? instrument.quoteCurrency : instrument.settleCurrency),
					clock: this.#watch.clockOf(instrument.venue),
					sellFunds: funds(isSpot ? instrument.baseCurrency : instrument.settleCurrency),
					bookAgeMsMax: settings.limits.bookAgeMsMax,
				},
				parts.startedAtMono,
			);
			this.#markets[instrument.index] = market;
			account.track(market.exposure);
			if (!isSpot) this.#equity.set(`${instrument.venue}:${instrument.settleCurrency}`, Number.NaN);
		}
		const [first] = this.#markets;
		if (first === undefined) throw new RangeError('an engine needs at least one instrument, at index 0');
		this.#scene = sceneOf(first);
		this.#tick = settings.tick;
		this.#ids = new OrderIdSource(parts.runTag, parts.lastOrderId);
		this.gate = new Gate({ limits: settings.limits, account, ids: this.#ids });
		this.#bus = new CommandBus(lanes, settings.bus);
		this.#dispatcher = new Dispatcher({
			orders: this.orders,
			stats: this.#stats,
			effects: this.effects,
			giveBack: ({ kind, instrument }, spentAtMono) => budget.giveBack(lanes.of(instrument.index), kind, spentAtMono),
			options: { ...settings.tick, parallel: settings.bus.parallel },
		});
		this.quoters = parts.quoting
			.flatMap(({ strategy, instruments: subjects }, number) => subjects.map((subject) => ({ strategy, subject, number })))
			.map(({ strategy, subject, number }, index) => {
				const market = this.#markets[subject];
				if (market === undefined)
					throw new RangeError(`${strategy.name} wants to quote instrument ${subject}, which is not followed`);
				return new Quoter({ index, number, strategy, market, slots: this.orders.addQuoter(index) });
			});
		for (const quoter of this.quoters) {
			const { index } = quoter.market.instrument;
			this.#quotersOf[index] = [...(this.#quotersOf[index] ?? []), quoter];
		}
		this.#orchestrator = new TickOrchestrator({
			orders: this.orders,
			bus: this.#bus,
			budget,
			gate: this.gate,
			levels: this.levels,
			account,
			dispatcher: this.#dispatcher,
			stats: this.#stats,
			scene: this.#scene,
			effects: this.effects,
			policy: settings.policy,
			ranking: parts.ranking,
			markets: this.#markets,
			marketOf: (instrument) => this.#markets[instrument],
		});
		this.#guards = new Guards({ levels: this.levels, limits: settings.limits, lossLimits: settings.lossLimits });
		this.#control = new Control({
			orders: this.orders,
			bus: this.#bus,
			dispatcher: this.#dispatcher,
			orchestrator: this.#orchestrator,
			levels: this.levels,
			cancels: new HandCancels({
				orders: this.orders,
				bus: this.#bus,
				budget,
				laneOf: (instrument) => lanes.of(instrument.index),
			}),
			effects: this.effects,
			spend: (verb, { index }, nowMono) => budget.spend(lanes.of(index), verb, 1, nowMono),
			change: (changes, nowMono) => applyChanges(this.#changeable, changes, nowMono),
			processTick: (subjects, event) => this.#tickNow(subjects, event),
			marketOf: (instrument) => this.#markets[instrument],
		});
		this.effects.push({ kind: 'wake', key: 'interval', delayMs: settings.tick.tickIntervalMs });
	}

	/** Takes one event. What a person or a program asked for has a result; everything else has none. */
	step(event: EngineEvent): ControlResult | undefined {
		let result: ControlResult | undefined;
		switch (event.kind) {
			case 'book':
				this.#applyBook(event);
				return undefined;
			case 'bookLost':
				this.#markets[event.instrument]?.book.distrust(event.reason);
				this.#touch(event.instrument);
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
				this.orders.applyReport(event.report, event.monoMs);
				this.#touch(event.report.instrument.index);
				break;
			case 'execution':
				this.#applyExecution(event);
				break;
			case 'answer':
				this.#applyAnswer(event);
				break;
			case 'journaled':
				this.#dispatcher.applyJournaled(event.flushId, event.ok, event.monoMs);
				break;
			case 'timer':
				this.#applyTimer(event);
				return undefined;
			case 'balance':
				this.#applyBalance(event);
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
				this.#applyLookedUp(event);
				break;
			case 'rate':
				this.#applyRate(event);
				break;
			case 'venueClock':
				this.#watch.applyClock(event);
				break;
			case 'signal': {
				this.#markets[event.instrument]?.applySignal(event);
				this.#touch(event.instrument);
				break;
			}
			case 'control':
				result = this.#control.apply(event);
				for (const quoter of this.quoters) this.#dirty.add(quoter);
				break;
			case 'position':
				break;
		}
		this.#tellStrategies(event);
		this.#askForTick(event.monoMs);
		return result;
	}

	getStats(): Stats {
		return this.#stats.read(this.#bus.stats);
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

	market(instrument: InstrumentIndex): MarketState | undefined {
		return this.#markets[instrument];
	}

	/** To be kept where it survives a restart (O1). */
	get lastOrderId(): OrderIdMark {
		return this.#ids.mark;
	}

	/** Executions booked since the start, each once. */
	get fillCount(): number {
		return this.#fillCount;
	}

	/** Nothing of ours is on its way and nothing waits. */
	get isQuiescent(): boolean {
		return this.#dispatcher.isIdle && this.#bus.size === 0;
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
		this.#touch(event.instrument);
		this.#tellStrategies(event);
		this.#askForTick(event.monoMs);
	}

	#applyExecution({ execution, monoMs: nowMono }: ExecutionEvent): void {
		const { index } = execution.instrument;
		// A fill counts once, whoever tells it again (I5); what it says of the order's life was heard then, too.
		const booking = this.ledger.applyExecution(execution);
		if (booking.kind === 'beyondMemory') {
			this.effects.push({ kind: 'note', note: { kind: 'tooOldToBook', executionId: execution.executionId } });
		}
		if (booking.kind !== 'booked') return;
		this.#fillCount += 1;
		this.effects.push({ kind: 'note', note: { kind: 'filled', execution } });
		this.orders.applyFill(execution);
		this.orders.setPosition(index, this.ledger.inventoryLots(index));
		const market = this.#markets[index];
		if (market !== undefined) this.#guards.applyFill(execution, market, nowMono);
		this.#touch(index);
	}

	#applyAnswer(event: Extract<EngineEvent, { kind: 'answer' }>): void {
		for (const item of this.#dispatcher.applyAnswer(event.batchId, event.items, event.monoMs)) {
			this.orders.applyOutcome(item);
			const order = this.orders.get(item.orderId);
			if (order !== undefined) this.#touch(order.instrument.index);
			this.#applyKey(item.outcome, event.monoMs);
		}
		this.#dispatcher.resume(event.monoMs);
		if (event.items.some(({ outcome }) => outcome.kind !== 'accepted')) this.#lookUpDoubts(event);
	}

	/** A key that does not hold is no trouble that passes: whatever else we send is refused as well (F55). */
	#applyKey(outcome: Outcome, nowMono: MonoMs): void {
		if (outcome.kind !== 'rejected' || outcome.class !== 'auth' || this.levels.level === 'kill') return;
		this.#control.shut(`the venue refuses our key: ${outcome.reason}`, nowMono);
	}

	#applyTimer(event: Extract<EngineEvent, { kind: 'timer' }>): void {
		switch (event.key) {
			case 'tick':
				this.#isTickAsked = false;
				if (this.#dirty.size > 0) this.#processTick([...this.#dirty].sort(byIndex), event);
				break;
			case this.#intervalKey:
				this.effects.push({ kind: 'wake', key: this.#intervalKey, delayMs: this.#tick.tickIntervalMs });
				this.#dispatcher.applyTime(event.monoMs);
				this.#control.sweep(event.monoMs);
				this.#watch.applyTime(event.monoMs);
				this.#lookUpDoubts(event);
				if (!this.#tick.isManual) this.#processTick(this.quoters, event);
				break;
			case 'budget':
				this.#budgetAskedForMono = Number.POSITIVE_INFINITY;
				for (const quoter of this.quoters) this.#dirty.add(quoter);
				this.#askForTick(event.monoMs);
				break;
			case 'piece':
				// A newer tick may have taken it to its end already.
				if (!this.#orchestrator.isUnderWay) break;
				this.#orchestrator.continue(event);
				this.#askForBudget(event.monoMs);
				break;
			case 'deadline':
				this.#dispatcher.applyTime(event.monoMs);
				break;
		}
	}

	get #changeable(): Changeable {
		return {
			bus: this.#bus,
			dispatcher: this.#dispatcher,
			orchestrator: this.#orchestrator,
			budget: this.#budget,
			gate: this.gate,
			guards: this.#guards,
			levels: this.levels,
			orders: this.orders,
			account: this.#account,
			equity: this.#scene.equity,
			quoters: this.quoters,
			markets: this.#markets,
			effects: this.effects,
			setTick: (tick) => this.#setTick(tick),
		};
	}

	/** Another interval counts from now on: the timer of the old one may be a minute away. */
	#setTick(tick: TickOptions): void {
		const isOtherInterval = tick.tickIntervalMs !== this.#tick.tickIntervalMs;
		this.#tick = tick;
		if (!isOtherInterval) return;
		this.#intervalCount += 1;
		this.#intervalKey = `interval ${this.#intervalCount}`;
		this.effects.push({ kind: 'wake', key: this.#intervalKey, delayMs: tick.tickIntervalMs });
	}

	/** How many commands that makes, or of a large tick its first piece. */
	#tickNow(instruments: readonly InstrumentIndex[], event: ControlEvent): number {
		const before = this.#bus.stats.total_commands;
		this.#processTick(
			this.quoters.filter(({ market }) => instruments.includes(market.instrument.index)),
			event,
		);
		return this.#bus.stats.total_commands - before;
	}

	#processTick(quoters: readonly Quoter[], event: Pick<EngineEvent, 'wallMs' | 'monoMs'>): void {
		this.#dirty.clear();
		this.#lastTickAtMono = event.monoMs;
		this.#orchestrator.processTick(quoters, event);
		this.#askForBudget(event.monoMs);
	}

	#applyBalance(event: BalanceEvent): void {
		this.#fundsOf(event.venue, event.currency).report(moneyToNumber(event.free));
		const key = `${event.venue}:${event.currency}`;
		if (!this.#equity.has(key)) return;
		this.#equity.set(key, moneyToNumber(event.total));
		let equity = 0;
		for (const total of this.#equity.values()) equity += total;
		if (Number.isNaN(equity)) return;
		this.#scene.equity = equity;
		const verdict = this.#guards.judgeEquity(equity, event.wallMs);
		if (verdict.level === 'kill') this.#control.shut(verdict.reason, event.monoMs);
		else if (verdict.level === 'reduceOnly') this.levels.raise('reduceOnly', verdict.reason);
	}

	#applyFunding(event: FundingEvent): void {
		this.ledger.applyFunding(event);
	}

	#applyInstrument(instrument: Instrument, nowMono: MonoMs): void {
		const market = this.#markets[instrument.index];
		if (market === undefined) return;
		market.instrument = instrument;
		market.refreshedAtMono = nowMono;
		this.orders.follow(instrument);
		this.ledger.follow(instrument);
		// The same holding is another count of lots on another grid.
		this.orders.setPosition(instrument.index, this.ledger.inventoryLots(instrument.index));
		this.#touch(instrument.index);
	}

	#distrust(venue: string): void {
		for (const market of this.#markets) {
			if (market.instrument.venue !== venue) continue;
			market.book.distrust('disconnected');
			this.#touch(market.instrument.index);
		}
	}

	/** What went past while nobody listened is asked for when the stream is back (F20). */
	#applyStream(event: StreamEvent): void {
		if (!event.up && event.stream === 'public') this.#distrust(event.venue);
		const deafSinceMono = this.#watch.applyStream(event);
		if (deafSinceMono === undefined) return;
		const concerned = this.orders.openOrders().filter(({ instrument }) => instrument.venue === event.venue);
		this.#doubts.suspect(concerned, deafSinceMono);
		this.#lookUpDoubts(event);
	}

	#applyLookedUp(event: LookedUpEvent): void {
		this.#doubts.applyLookedUp(event);
		const order = this.orders.get(event.orderId);
		if (order !== undefined) this.#touch(order.instrument.index);
	}

	#applyRate(event: RateEvent): void {
		const lane = this.#lanes.find(event.venue, event.category);
		if (lane !== undefined) this.#budget.applySighting(lane, event.verb, event, event.monoMs);
		this.#watch.applyRate(event);
	}

	#lookUpDoubts({ wallMs, monoMs: nowMono }: Pick<EngineEvent, 'wallMs' | 'monoMs'>): void {
		const furthestAheadMs = Math.max(0, this.#watch.offsetMsMax);
		const due = this.#doubts.due(nowMono, timeMs(Math.ceil(wallMs + furthestAheadMs)));
		for (const venue of new Set(due.map(({ instrument }) => instrument.venue))) {
			const asked = due.filter(({ instrument }) => instrument.venue === venue);
			this.effects.push({ kind: 'lookUp', venue, asked });
		}
	}

	#tellStrategies(event: EngineEvent): void {
		const subject = 'instrument' in event && typeof event.instrument === 'number' ? event.instrument : undefined;
		const concerned = event.kind === 'signal' ? this.quoters : this.#quotersOf[subject ?? -1];
		if (concerned === undefined) return;
		for (const quoter of concerned) {
			try {
				quoter.strategy.onEvent(event, quoter.state);
			} catch (error) {
				const { index, id } = quoter.market.instrument;
				const reason = `${quoter.strategy.name} failed`;
				this.levels.hold(index, 'strategy', { reason, liftsByItself: false, nowMono: event.monoMs });
				this.effects.push({ kind: 'note', note: { kind: 'strategyFailed', instrument: id, error } });
			}
		}
	}

	#touch(instrument: InstrumentIndex): void {
		const quoters = this.#quotersOf[instrument];
		if (quoters !== undefined) for (const quoter of quoters) this.#dirty.add(quoter);
	}

	/** Ticks come as timer events of their own, so that everything that has arrived by then is in them. */
	#askForTick(nowMono: MonoMs): void {
		if (this.#isTickAsked || this.#dirty.size === 0 || this.#tick.isManual) return;
		this.#isTickAsked = true;
		const dueInMs = this.#lastTickAtMono + this.#tick.minimumGapMs - nowMono;
		this.effects.push({ kind: 'wake', key: 'tick', delayMs: Math.max(0, dueInMs) });
	}

	/** What the rate budget left out is planned anew as soon as the budget has room for it, not at some later tick. */
	#askForBudget(nowMono: MonoMs): void {
		const { resumeAtMono } = this.#orchestrator;
		if (resumeAtMono >= this.#budgetAskedForMono) return;
		this.#budgetAskedForMono = resumeAtMono;
		this.effects.push({ kind: 'wake', key: 'budget', delayMs: Math.max(0, Math.ceil(resumeAtMono - nowMono)) });
	}

	#fundsOf(venue: string, currency: string): Funds {
		const key = `${venue}:${currency}`;
		let funds = this.#funds.get(key);
		if (funds === undefined) {
			funds = new Funds();
			this.#funds.set(key, funds);
		}
		return funds;
	}
}

function byIndex(a: Quoter, b: Quoter): number {
	return a.index - b.index;
}
