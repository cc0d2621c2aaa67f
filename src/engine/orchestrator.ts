/**
 * HOT: one tick over many symbols: view, strategy, clip, plan, budget, gate, bus, one flush (T1). All of it is
 * synchronous and runs to its end; nothing here waits. A strategy that throws stops its own symbol and nobody else.
 * Budget: bench/execution/tick.
 */
import { broken } from '../domain/assert.ts';
import type { AmendProposal, CancelCommand, PlaceProposal } from '../domain/command.ts';
import type { InstrumentIndex } from '../domain/instrument.ts';
import { DESK, type Order } from '../domain/order.ts';
import { isOver } from '../domain/order-life.ts';
import type { MonoMs, TimeMs } from '../domain/units.ts';
import type { CommandBus } from '../execution/command-bus.ts';
import type { Lane } from '../execution/lanes.ts';
import type { OrderManager } from '../execution/order-manager.ts';
import { Plan } from '../execution/plan.ts';
import { type AmendPolicy, Planner } from '../execution/planner.ts';
import type { RateBudget } from '../execution/rate-budget.ts';
import { type Ranking, Selection } from '../execution/selection.ts';
import { cannotWait } from '../execution/urgency.ts';
import { NO_SPAN, type Span, type Tracer } from '../ports/tracer.ts';
import { type ClipLimits, clip } from '../risk/clip.ts';
import type { DenialCode } from '../risk/denial.ts';
import type { AccountExposure } from '../risk/exposure.ts';
import type { Gate } from '../risk/gate.ts';
import type { RiskLevels } from '../risk/level.ts';
import type { Parents } from '../risk/parents.ts';
import type { Views } from '../strategy/strategy.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { MarketState } from './market-state.ts';
import type { EngineEffect } from './ports.ts';
import type { QuoteRates } from './quote-rates.ts';
import type { Quoter } from './quoter.ts';
import { lookAt, type Scene } from './scene.ts';
import { PULL_AFTER_MS, symbolTrouble } from './symbol-trouble.ts';
import type { TickStats } from './tick-stats.ts';
import type { WarmUp } from './warm-up.ts';

/** So many commands are ten full calls to a venue that takes twenty: worth sending while the rest is approved. */
export const PIECE = 200;

export interface Now {
	readonly monoMs: MonoMs;
	readonly wallMs: TimeMs;
}

export type Refusal = DenialCode | 'no-such-order';

export interface OrchestratorParts {
	readonly orders: OrderManager;
	readonly bus: CommandBus;
	readonly budget: RateBudget;
	readonly gate: Gate;
	readonly levels: RiskLevels;
	readonly account: AccountExposure;
	readonly rates: QuoteRates;
	readonly parents: Parents;
	readonly dispatcher: Dispatcher;
	readonly stats: TickStats;
	readonly scene: Scene;
	readonly effects: EngineEffect[];
	readonly tracer: Tracer;
	readonly policy: AmendPolicy;
	readonly warmUp?: WarmUp;
	readonly ranking: Ranking | undefined;
	readonly markets: readonly MarketState[];
	/** By their index. */
	readonly quoters: readonly Quoter[];
	marketOf(instrument: InstrumentIndex): MarketState | undefined;
}

const ORDINARY = { isFlatten: false };
const UNBOUNDED = Number.POSITIVE_INFINITY;
const NOBODY = { quoter: DESK, parent: undefined };

export class TickOrchestrator {
	policy: AmendPolicy;
	/** When the budget has room again for something that the last tick had to leave out. */
	resumeAtMono = Number.POSITIVE_INFINITY;
	readonly #parts: OrchestratorParts;
	readonly #planner: Planner;
	readonly #plan = new Plan();
	readonly #views: { -readonly [K in keyof Views]: Views[K] };
	readonly #concerned = new Set<InstrumentIndex>();
	/** Places in the plan that have their turn in this tick; undefined between ticks. */
	#turns: readonly number[] | undefined;
	#turn = 0;
	#isFirstPiece = true;
	#selection: Selection | undefined;
	/** Of the tick that is under way. */
	#span: Span = NO_SPAN;

	constructor(parts: OrchestratorParts) {
		this.#parts = parts;
		this.policy = parts.policy;
		this.#planner = new Planner(parts.orders);
		this.#views = {
			nowMono: 0 as MonoMs,
			subject: undefined as unknown as MarketState,
			of: (instrument) => parts.marketOf(instrument),
		};
	}

	/** Brings the orders of these quoters one flush nearer to what their strategies want now. */
	processTick(quoters: readonly Quoter[], now: Now): void {
		const { bus, dispatcher, stats, tracer } = this.#parts;
		stats.ticks += 1;
		if (this.isUnderWay) this.continue(now, Number.POSITIVE_INFINITY);
		this.#span = tracer.start('tick');
		this.#concerned.clear();
		for (const quoter of quoters) this.#concerned.add(quoter.market.instrument.index);
		dispatcher.withdraw((instrument) => this.#concerned.has(instrument), now.monoMs);
		this.recount();
		this.#plan.clear();
		this.resumeAtMono = Number.POSITIVE_INFINITY;
		// One call at a time starts each tick with another symbol, so that the first one cannot starve the last.
		const shift = bus.options.parallel || quoters.length === 0 ? 0 : stats.ticks % quoters.length;
		const span = this.#span.start('plan');
		let ofSymbol = NO_SPAN;
		for (let i = 0; i < quoters.length; i += 1) {
			const quoter = quoters[(i + shift) % quoters.length];
			if (quoter === undefined) continue;
			const { id } = quoter.market.instrument;
			ofSymbol = i === 0 ? span.start('symbol', id) : ofSymbol.next('symbol', id);
			this.#planQuoter(quoter, now.monoMs);
		}
		ofSymbol.end();
		span.end();
		if (this.#plan.size === 0) {
			this.#span.end();
			return;
		}
		this.#beginTurns(now);
		this.continue(now);
	}

	/** The tick is large, and what is approved of it is on its way while the rest waits for the next call of `continue`. */
	get isUnderWay(): boolean {
		return this.#turns !== undefined;
	}

	/**
	 * Takes the tick to its end, or a piece further: a piece's calls can leave, and their answers come, while the next is
	 * approved. `piece` is how many commands may gather.
	 */
	continue(now: Now, piece = PIECE): void {
		const { bus, dispatcher, effects } = this.#parts;
		const isPieced = bus.options.parallel && piece !== Number.POSITIVE_INFINITY;
		const isFirst = this.#isFirstPiece;
		this.#isFirstPiece = false;
		const span = this.#span.start('approve');
		for (let at = this.#nextTurn(); at >= 0; at = this.#nextTurn()) {
			if (isFirst || this.#isStillAsPlanned(at)) this.#dispose(at, this.#selection, now);
			else this.#passOver(at);
			if (!isPieced || bus.size < piece || !this.#hasTurns) continue;
			const full = bus.flushFull();
			span.end();
			dispatcher.begin(full, now.monoMs, { isMore: true, span: this.#span });
			effects.push({ kind: 'turn', key: 'piece' });
			return;
		}
		this.#turns = undefined;
		if (this.#selection !== undefined) this.resumeAtMono = this.#selection.resumeAtMono;
		const rest = bus.flush();
		span.end();
		dispatcher.begin(rest, now.monoMs, { isMore: false, span: this.#span });
	}

	/** Every holding is valued at its own mid, whether its symbol has a turn in this tick or not. */
	recount(): void {
		const { markets, rates, account } = this.#parts;
		rates.refresh();
		for (const market of markets) market.exposure.follow(market.isBookSound ? market.book.midTwiceTicks / 2 : 0);
		account.recount();
	}

	#planQuoter(quoter: Quoter, nowMono: MonoMs): void {
		const { market, targets } = quoter;
		market.nowMono = nowMono;
		quoter.forgetDenials();
		if (!this.#wish(quoter, nowMono)) return;
		this.#parts.warmUp?.shrink(targets, nowMono);
		clip(targets, market.exposure, market.instrument, this.#limitsOf(market), market.book.midTwiceTicks / 2);
		if (quoter.isSettled) return;
		const before = this.#plan.size;
		this.#planner.diff(
			{
				quoter: quoter.index,
				instrument: market.instrument,
				targets,
				slots: quoter.slots,
				capability: market.lane.capability,
				policy: this.policy,
				midTwiceTicks: market.book.midTwiceTicks,
				nowMono,
			},
			this.#plan,
		);
		if (this.#plan.size === before) quoter.settle();
	}

	/** In the quote currency of the symbol. */
	#limitsOf({ exposure: { quoteRate } }: MarketState): ClipLimits {
		const { limits } = this.#parts.gate;
		if (quoteRate === 1) return limits;
		const { positionNotionalMax, orderNotionalMax } = limits;
		return { positionNotionalMax: positionNotionalMax / quoteRate, orderNotionalMax: orderNotionalMax / quoteRate };
	}

	/** Fills the targets; false where what stands should be left as it is for now. */
	#wish(quoter: Quoter, nowMono: MonoMs): boolean {
		const { levels, effects, gate } = this.#parts;
		const { market, targets } = quoter;
		const { index, id } = market.instrument;
		const trouble = symbolTrouble(market, gate.limits);
		if (trouble !== undefined) levels.hold(index, trouble.cause, { reason: trouble.reason, liftsByItself: true, nowMono });
		const forbidden = levels.reason ?? levels.holdReason(index, nowMono);
		if (forbidden !== undefined) return withdrawBoth(quoter, forbidden);
		if (!market.isBookTrusted) {
			const isOnlyOld = market.isBookSound && market.bookOldForMs <= PULL_AFTER_MS;
			return isOnlyOld ? false : withdrawBoth(quoter, 'book-not-trusted');
		}
		targets.reset();
		this.#views.nowMono = nowMono;
		this.#views.subject = market;
		try {
			quoter.strategy.quote(this.#views, quoter.state, targets);
		} catch (error) {
			levels.hold(index, 'strategy', { reason: `${quoter.strategy.name} failed`, liftsByItself: true, nowMono });
			effects.push({ kind: 'note', note: { kind: 'strategyFailed', instrument: id, error } });
			return withdrawBoth(quoter, `${quoter.strategy.name} failed`);
		}
		return true;
	}

	/** All of the plan has its turn, or what the rate budget carries of it. */
	#beginTurns(now: Now): void {
		const { budget, ranking } = this.#parts;
		const plan = this.#plan;
		const laneOf = (instrument: InstrumentIndex): Lane => this.#market(instrument).lane;
		this.#selection = budget.isBounded ? new Selection({ plan, budget, laneOf, nowMono: now.monoMs, rank: ranking }) : undefined;
		this.#turns = this.#selection?.choose() ?? Array.from({ length: plan.size }, (_, at) => at);
		this.#turn = 0;
		this.#isFirstPiece = true;
	}

	/** The place in the plan that has its turn now; -1 where nobody is left. */
	#nextTurn(): number {
		for (;;) {
			const turns = this.#turns ?? [];
			while (this.#turn < turns.length) {
				const at = turns[this.#turn] ?? -1;
				const isProposedWithCancel =
					this.#isBehindCancel(at) && (this.#selection === undefined || turns[this.#turn - 1] === at - 1);
				this.#turn += 1;
				if (!isProposedWithCancel) return at;
			}
			// What the gate refuses gives its turn to the next one, or it would keep it from tick to tick.
			const more = this.#selection?.choose() ?? [];
			if (more.length === 0) return -1;
			this.#turns = more;
			this.#turn = 0;
		}
	}

	/** Together with the place that its cancel makes room for. */
	#passOver(at: number): void {
		this.#selection?.refuse(at);
		if (this.#isBehindCancel(at + 1)) this.#selection?.refuse(at + 1);
	}

	get #hasTurns(): boolean {
		return this.#turn < (this.#turns?.length ?? 0);
	}

	/** Between two pieces anything may have happened to the order. */
	#isStillAsPlanned(at: number): boolean {
		const proposal = this.#plan.proposals[at];
		if (proposal === undefined || proposal.kind === 'place') return true;
		const { orders } = this.#parts;
		const order = orders.get(proposal.orderId);
		if (order === undefined) return false;
		const isDoubted = order.state === 'unknown' && orders.queuedFor(order.orderId) === undefined;
		return orders.isSettled(order) || (proposal.kind === 'cancel' && isDoubted);
	}

	/** A place directly behind its cancel is proposed together with it. */
	#isBehindCancel(at: number): boolean {
		return at > 0 && this.#plan.afterCancel[at] === at - 1;
	}

	#dispose(at: number, selection: Selection | undefined, now: Now): void {
		const proposal = this.#plan.proposals[at];
		if (proposal === undefined) return;
		const refusal = proposal.kind === 'cancel' ? this.#cancel(proposal, at, selection, now) : this.propose(proposal, now);
		if (typeof refusal === 'string') selection?.refuse(at);
	}

	/** A cancel needs nobody's leave; but one that only makes room does not go when what it makes room for may not come. */
	#cancel(cancel: CancelCommand, at: number, selection: Selection | undefined, now: Now): Refusal | undefined {
		const plan = this.#plan;
		const { orders, bus } = this.#parts;
		orders.intendCancel(cancel.orderId);
		const goesToo = this.#isBehindCancel(at + 1) && (selection === undefined || selection.has(at + 1));
		const successor = goesToo ? plan.proposals[at + 1] : undefined;
		if (successor?.kind === 'place') {
			const made = this.propose(successor, now);
			if (typeof made === 'string') selection?.refuse(at + 1);
			if (made === 'PT14' && !cannotWait(plan.urgencies[at] ?? 0)) {
				orders.applyDrop(cancel);
				return made;
			}
		}
		bus.cancel(cancel);
		return undefined;
	}

	/** Through the gate and onto the bus: the order as it is intended now, or why not. */
	propose(proposal: PlaceProposal | AmendProposal, now: Now, { isFlatten } = ORDINARY): Order | Refusal {
		const { orders, bus, gate, scene } = this.#parts;
		this.#lookAt(proposal, now, isFlatten);
		if (proposal.kind === 'place') {
			const approval = gate.approvePlace(proposal, scene);
			if (approval.kind === 'denied') return this.#denied(proposal, approval.code);
			bus.place(approval.command);
			return orders.intendPlace(approval.command, now.wallMs, now.monoMs);
		}
		const order = orders.get(proposal.orderId);
		if (order === undefined || isOver(order.state)) return 'no-such-order';
		const approval = gate.approveAmend(proposal, order, scene);
		if (approval.kind === 'denied') return this.#denied(order, approval.code);
		orders.intendAmend(approval.command, now.monoMs);
		bus.amend(approval.command);
		return order;
	}

	#denied({ quoter, side }: Pick<Order, 'quoter' | 'side'>, code: DenialCode): DenialCode {
		this.#parts.quoters[quoter]?.applyDenial(side, code);
		return code;
	}

	/** What the gate would say to it, and nothing comes of it. */
	wouldDeny(proposal: PlaceProposal, now: Now): DenialCode | undefined {
		this.#lookAt(proposal, now, false);
		return this.#parts.gate.wouldDeny(proposal, this.#parts.scene);
	}

	#lookAt(proposal: PlaceProposal | AmendProposal, now: Now, isFlatten: boolean): void {
		const { orders, levels, scene, dispatcher, parents, budget } = this.#parts;
		const market = this.#market(proposal.instrument.index);
		const { quoter, parent } = (proposal.kind === 'place' ? proposal : orders.get(proposal.orderId)) ?? NOBODY;
		// What a plan wants has drawn on the budget already.
		const rateRoom = quoter >= 0 ? UNBOUNDED : budget.available(market.lane, proposal.kind, now.monoMs, 'all');
		lookAt(scene, market, {
			orders,
			levels,
			journalDelayMs: dispatcher.journalDelayMs(now.monoMs),
			now,
			rateRoom,
			parentRoomLots: parent === undefined ? UNBOUNDED : parents.roomLots(parent),
			isFlatten,
		});
	}

	#market(instrument: InstrumentIndex): MarketState {
		return this.#parts.marketOf(instrument) ?? broken(`instrument ${instrument} is followed`);
	}
}

function withdrawBoth(quoter: Quoter, reason: string): true {
	quoter.targets.reset();
	quoter.targets.withdraw('buy', reason);
	quoter.targets.withdraw('sell', reason);
	return true;
}
