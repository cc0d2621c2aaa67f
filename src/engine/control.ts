/**
 * What a person or a program outside may ask of the engine (O5, K2), as events like any other. Each request has a
 * result with a reason; none of them waits for the venue.
 */
import type { Verb } from '../domain/command.ts';
import type { ControlAction, ControlEvent, PauseCause, Scope } from '../domain/event.ts';
import { type Instrument, type InstrumentIndex, isSameGrid } from '../domain/instrument.ts';
import type { JournalRecord } from '../domain/journal-record.ts';
import { DESK } from '../domain/order.ts';
import type { OrderId } from '../domain/order-id.ts';
import { isOver } from '../domain/order-life.ts';
import type { MonoMs } from '../domain/units.ts';
import type { CommandBus } from '../execution/command-bus.ts';
import type { OrderManager } from '../execution/order-manager.ts';
import type { RiskLevels } from '../risk/level.ts';
import type { Parents } from '../risk/parents.ts';
import type { Surplus } from '../risk/surplus.ts';
import type { EngineChange } from './changes.ts';
import type { Decided, Decisions } from './decisions.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Flatten } from './flatten.ts';
import type { HandCancels } from './hand-cancels.ts';
import type { MarketState } from './market-state.ts';
import type { Refusal, TickOrchestrator } from './orchestrator.ts';
import type { EngineEffect } from './ports.ts';
import { SurplusOrders } from './surplus-orders.ts';

export type ControlResult =
	| { readonly kind: 'done'; readonly orderCount: number }
	| { readonly kind: 'placed'; readonly orderId: OrderId }
	| Decided
	| {
			readonly kind: 'refused';
			readonly reason:
				| Refusal
				| 'busy'
				| 'old-grid'
				| 'unchanged'
				| 'not-paused'
				| 'gate-is-shut'
				| 'not-compared'
				| 'nothing-latched'
				| 'still-open';
	  };

interface Parts {
	readonly orders: OrderManager;
	readonly bus: CommandBus;
	readonly dispatcher: Dispatcher;
	readonly orchestrator: TickOrchestrator;
	readonly levels: RiskLevels;
	readonly cancels: HandCancels;
	readonly effects: EngineEffect[];
	/** Out of the rate budget, whether there is room or not: what a person asks for goes first. */
	spend(verb: Verb, instrument: Instrument, nowMono: MonoMs): void;
	/** Limits are lowered at any time, and raised only where we know that we are of one mind with the venue. */
	mayChange(changes: readonly EngineChange[], nowMono: MonoMs): boolean;
	/** Answers with what no longer fits. */
	change(changes: readonly EngineChange[], nowMono: MonoMs): Surplus | undefined;
	/** Runs a tick over these symbols and answers with the commands that it put on the bus. */
	processTick(instruments: readonly InstrumentIndex[], event: ControlEvent): number;
	marketOf(instrument: InstrumentIndex): MarketState | undefined;
	readonly markets: readonly MarketState[];
	readonly flatten: Flatten;
	/** KL5, where the settings ask for it. */
	flattensAfterKill(): boolean;
	readonly parents: Parents;
	readonly decisions: Decisions;
	keep(record: JournalRecord): void;
	doubt(reason: string, event: ControlEvent): void;
	/** The last comparison with every venue found nothing wrong, began after that, and is not long ago. */
	wasClean(sinceMono: number, nowMono: MonoMs): boolean;
	/** Losses are counted anew. */
	forgive(): void;
}

const DONE: ControlResult = { kind: 'done', orderCount: 0 };

/** The cause of what a person or a program asked for; what has another cause is not theirs to lift. */
const OPERATOR: PauseCause = 'operator';

type PauseAction = Extract<ControlAction, { kind: 'pause' }>;
type ResumeAction = Extract<ControlAction, { kind: 'resume' }>;

export class Control {
	readonly #parts: Parts;
	readonly #surplus: SurplusOrders;
	#isGateShut = false;
	/** The last time that something went wrong for which a person has to look: a re-arm takes a comparison begun after it. */
	#wrongAtMono = Number.NEGATIVE_INFINITY;
	/** The run ends: nothing new leaves, whoever asks. */
	#isEnding = false;

	constructor(parts: Parts) {
		this.#parts = parts;
		this.#surplus = new SurplusOrders(parts);
	}

	apply(event: ControlEvent): ControlResult {
		const result = this.#decide(event.action, event);
		// A tick sends for itself, and may have more to come.
		if (event.action.kind !== 'processTick') this.#parts.dispatcher.begin(this.#parts.bus.flush(), event.monoMs);
		return result;
	}

	/** Once the gate is shut, cancels go on until nothing of ours is left to cancel; so do those of orders that no longer fit. */
	sweep(at: Pick<ControlEvent, 'wallMs' | 'monoMs'>): void {
		const { cancels, flatten } = this.#parts;
		const { monoMs: nowMono } = at;
		if (this.#isGateShut) cancels.kill(nowMono);
		cancels.sweep(nowMono);
		this.#cancelSurplus(nowMono);
		flatten.applyTime(at);
		this.#parts.dispatcher.begin(this.#parts.bus.flush(), nowMono);
	}

	/** KL4, from a rule of ours. */
	shut(reason: string, nowMono: MonoMs): void {
		this.#shut(reason, nowMono);
		this.#parts.dispatcher.begin(this.#parts.bus.flush(), nowMono);
	}

	/** KL3, from a rule of ours, which says it for as long as it is so. */
	reduceOnly(reason: string, nowMono: MonoMs): void {
		const { levels, bus, dispatcher } = this.#parts;
		const isNew = levels.level === 'run' || levels.level === 'pauseQuoting';
		levels.raise('reduceOnly', reason);
		if (!isNew) return;
		this.#shed(reason, nowMono);
		dispatcher.begin(bus.flush(), nowMono);
	}

	/** Something went wrong, whether the gate was shut by then or not: what was compared before counts for nothing. */
	noteWrong(nowMono: MonoMs): void {
		this.#wrongAtMono = nowMono;
	}

	#shut(reason: string, nowMono: MonoMs, lasts?: 'thisRun'): number {
		const { levels, dispatcher, effects, cancels, flatten, markets } = this.#parts;
		if (!this.#isGateShut) effects.push({ kind: 'note', note: { kind: 'gateShut', reason } });
		this.#isGateShut = true;
		this.noteWrong(nowMono);
		if (lasts === 'thisRun') this.#isEnding = true;
		if (lasts === 'thisRun') levels.end(reason);
		else levels.raise('kill', reason);
		flatten.endAll();
		dispatcher.shutGate(nowMono);
		if (!this.#isEnding && this.#parts.flattensAfterKill()) flatten.begin(markets, nowMono);
		return cancels.kill(nowMono);
	}

	#decide(action: ControlAction, event: ControlEvent): ControlResult {
		const { bus, dispatcher } = this.#parts;
		switch (action.kind) {
			case 'pause':
				return this.#pause(action, event.monoMs);
			case 'resume':
				return this.#resume(action);
			case 'compare':
				this.#parts.doubt(action.reason, event);
				return DONE;
			case 'cancelAll':
				return { kind: 'done', orderCount: this.#cancelScope(action.scope, event.monoMs) };
			case 'setParallel':
				bus.options = { ...bus.options, parallel: action.parallel };
				dispatcher.options = { ...dispatcher.options, parallel: action.parallel };
				return DONE;
			case 'changeSettings': {
				// Made by `changeOf` alone, which takes nothing else.
				const changes = action.changes as readonly EngineChange[];
				if (!this.#parts.mayChange(changes, event.monoMs)) return { kind: 'refused', reason: 'not-compared' };
				const surplus = this.#parts.change(changes, event.monoMs);
				if (surplus !== undefined) this.#surplus.add(surplus, event.monoMs);
				return { kind: 'done', orderCount: this.#cancelSurplus(event.monoMs) };
			}
			case 'processTick':
				return { kind: 'done', orderCount: this.#parts.processTick(action.instruments, event) };
			case 'flatten':
				return this.#flatten(action.scope, event);
			case 'shutGate':
				return { kind: 'done', orderCount: this.#shut(action.reason, event.monoMs, action.lasts) };
			case 'reduceOnly':
				return this.#reduceOnly(action.reason, event.monoMs);
			case 'rearm':
				return this.#rearm(action.by, event);
			case 'placeOrder': {
				const market = this.#parts.marketOf(action.instrument);
				if (market === undefined) return { kind: 'refused', reason: 'PT2' };
				const { side, orderType, timeInForce, reduceOnly, priceTicks, qtyLots, parent } = action;
				const { instrument } = market;
				if (parent !== undefined) this.#parts.parents.open(parent.id, parent.qtyLots);
				const made = this.#parts.orchestrator.propose(
					{
						...{ kind: 'place', instrument, quoter: DESK, slot: DESK, side, orderType, timeInForce, reduceOnly },
						...{ priceTicks, qtyLots, parent: parent?.id },
					},
					event,
				);
				if (typeof made === 'string') return { kind: 'refused', reason: made };
				if (parent !== undefined) this.#parts.parents.adopt(parent.id, made);
				this.#parts.spend('place', instrument, event.monoMs);
				return { kind: 'placed', orderId: made.orderId };
			}
			case 'amendOrder': {
				const order = this.#parts.orders.get(action.orderId);
				if (order === undefined || isOver(order.state)) return { kind: 'refused', reason: 'no-such-order' };
				if (!this.#parts.orders.isSettled(order)) return { kind: 'refused', reason: 'busy' };
				const { priceTicks, qtyLots } = action;
				const instrument = this.#parts.marketOf(order.instrument.index)?.instrument;
				// Counts of an older grid mean other prices; such an order is only there to be cancelled.
				if (instrument === undefined || !isSameGrid(order.instrument, instrument)) return { kind: 'refused', reason: 'old-grid' };
				// An amend that changes nothing could end before its answer comes, and that answer would meet the next one.
				if (priceTicks === order.priceTicks && qtyLots === order.qtyLots) return { kind: 'refused', reason: 'unchanged' };
				const made = this.#parts.orchestrator.propose(
					{ kind: 'amend', instrument, orderId: order.orderId, priceTicks, qtyLots },
					event,
				);
				if (typeof made === 'string') return { kind: 'refused', reason: made };
				this.#parts.spend('amend', instrument, event.monoMs);
				return { kind: 'done', orderCount: 1 };
			}
			case 'decide': {
				const market = this.#parts.marketOf(action.instrument);
				return market === undefined ? { kind: 'refused', reason: 'PT2' } : this.#parts.decisions.decide(action, market, event);
			}
			case 'keep':
				this.#parts.keep(action.record);
				return DONE;
			case 'cancelOrder': {
				const order = this.#parts.orders.get(action.orderId);
				if (order === undefined || isOver(order.state)) return { kind: 'refused', reason: 'no-such-order' };
				return { kind: 'done', orderCount: this.#parts.cancels.ask([order], event.monoMs, 'all') };
			}
		}
	}

	#pause({ scope, reason, cause = OPERATOR }: PauseAction, nowMono: MonoMs): ControlResult {
		const { levels, effects } = this.#parts;
		if (scope.kind === 'all') {
			levels.pause(cause, { reason, liftsByItself: false, nowMono });
			if (cause !== OPERATOR) levels.retell(cause, reason);
			effects.push({ kind: 'note', note: { kind: 'paused', reason } });
		} else {
			levels.hold(scope.instrument, cause, { reason, liftsByItself: false, nowMono });
		}
		return { kind: 'done', orderCount: this.#cancelScope(scope, nowMono) };
	}

	#resume({ scope, cause }: ResumeAction): ControlResult {
		const { levels, effects, cancels } = this.#parts;
		if (scope.kind === 'instrument') {
			levels.release(scope.instrument, cause);
			if (cause === undefined || cause === OPERATOR) this.#parts.flatten.end(scope.instrument);
			return DONE;
		}
		if (this.#isGateShut) return { kind: 'refused', reason: 'gate-is-shut' };
		if (!levels.resume(cause ?? OPERATOR)) return { kind: 'refused', reason: 'not-paused' };
		cancels.forgetQuotes();
		effects.push({ kind: 'note', note: { kind: 'resumed' } });
		return DONE;
	}

	/** KL3, from a person. */
	#reduceOnly(reason: string, nowMono: MonoMs): ControlResult {
		if (this.#isGateShut) return { kind: 'refused', reason: 'gate-is-shut' };
		this.#parts.levels.raise('reduceOnly', reason);
		return { kind: 'done', orderCount: this.#shed(reason, nowMono) };
	}

	/** Orders that only reduce may stay; answers with how many are cancelled. */
	#shed(reason: string, nowMono: MonoMs): number {
		const { effects, orders, cancels, dispatcher, bus } = this.#parts;
		this.noteWrong(nowMono);
		effects.push({ kind: 'note', note: { kind: 'paused', reason } });
		// What was approved before and has not left, on the bus or on its way through the journal, does not leave any more.
		dispatcher.begin(bus.flush(), nowMono);
		dispatcher.dropNewButReducing(nowMono);
		return cancels.ask(
			orders.openOrders().filter((order) => !order.reduceOnly),
			nowMono,
		);
	}

	/**
	 * The same run goes on, so what it knows has to be right: nothing of ours is open, the venues were found to agree, and
	 * nothing is quoted before they were found to agree twice more.
	 */
	#rearm(by: string, event: ControlEvent): ControlResult {
		const { levels, orders, dispatcher, flatten, bus } = this.#parts;
		if (this.#isEnding) return { kind: 'refused', reason: 'gate-is-shut' };
		if (levels.latch === undefined) return { kind: 'refused', reason: 'nothing-latched' };
		const isOpen = orders.openCount > 0 || !dispatcher.isIdle || bus.size > 0;
		if (isOpen || flatten.isActive) return { kind: 'refused', reason: 'still-open' };
		if (!this.#parts.wasClean(this.#wrongAtMono, event.monoMs)) return { kind: 'refused', reason: 'not-compared' };
		levels.rearm();
		dispatcher.openGate();
		this.#isGateShut = false;
		this.#parts.forgive();
		this.#parts.keep({ kind: 'rearm', by, atMs: event.wallMs });
		this.#parts.doubt('comparing with the venue after it was re-armed', event);
		return DONE;
	}

	/** After an orderly end nothing new leaves; after a kill a person may still ask for the way out. */
	#flatten(scope: Scope, event: ControlEvent): ControlResult {
		const { flatten, markets } = this.#parts;
		if (this.#isEnding) return { kind: 'refused', reason: 'gate-is-shut' };
		const concerned = markets.filter(({ instrument }) => scope.kind === 'all' || instrument.index === scope.instrument);
		const orderCount = flatten.begin(concerned, event.monoMs);
		flatten.applyTime(event);
		return { kind: 'done', orderCount };
	}

	#cancelScope(scope: Scope, nowMono: MonoMs): number {
		const { orders, cancels } = this.#parts;
		return cancels.ask(scope.kind === 'all' ? orders.openOrders() : [...orders.openOrdersOf(scope.instrument)], nowMono);
	}

	#cancelSurplus(nowMono: MonoMs): number {
		return this.#parts.cancels.ask(this.#surplus.remaining(), nowMono);
	}
}
