/**
 * Settings that may change while the engine runs, one part at a time and as a whole. They travel as control events and
 * take effect before the next tick: never in the middle of one, and a replay repeats them. What belongs together travels
 * together, so that no tick sees half of it.
 */
import type { ControlAction } from '../domain/event.ts';
import type { MonoMs } from '../domain/units.ts';
import type { BusOptions, CommandBus } from '../execution/command-bus.ts';
import type { OrderManager } from '../execution/order-manager.ts';
import type { AmendPolicy } from '../execution/planner.ts';
import type { BudgetOptions, RateBudget } from '../execution/rate-budget.ts';
import type { AccountExposure } from '../risk/exposure.ts';
import type { Gate } from '../risk/gate.ts';
import type { RiskLevels } from '../risk/level.ts';
import { isAllowed, isLooser, type RiskLimits } from '../risk/limits.ts';
import type { LossLimits } from '../risk/loss.ts';
import { type Surplus, surplusOf } from '../risk/surplus.ts';
import type { Strategy } from '../strategy/strategy.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Guards } from './guards.ts';
import type { MarketState } from './market-state.ts';
import type { TickOrchestrator } from './orchestrator.ts';
import type { EngineEffect } from './ports.ts';
import type { Quoter } from './quoter.ts';
import type { TickOptions } from './settings.ts';

export type EngineChange =
	| { readonly kind: 'setBus'; readonly bus: BusOptions }
	| { readonly kind: 'setTick'; readonly tick: TickOptions }
	| { readonly kind: 'setPolicy'; readonly policy: AmendPolicy }
	/** Orders that stand and are too much for these are cancelled. */
	| { readonly kind: 'setLimits'; readonly limits: RiskLimits }
	| { readonly kind: 'setLossLimits'; readonly lossLimits: LossLimits }
	| { readonly kind: 'setBudget'; readonly budget: BudgetOptions }
	/** In the place of the strategy with this number, in the order in which the engine was given them. Its state starts anew. */
	| { readonly kind: 'setStrategy'; readonly number: number; readonly strategy: Strategy };

/** The only way to make such an action. */
export function changeOf(...changes: readonly EngineChange[]): Extract<ControlAction, { kind: 'changeSettings' }> {
	return { kind: 'changeSettings', changes };
}

export interface Changeable {
	readonly bus: CommandBus;
	readonly dispatcher: Dispatcher;
	readonly orchestrator: TickOrchestrator;
	readonly budget: RateBudget;
	readonly gate: Gate;
	readonly guards: Guards;
	readonly levels: RiskLevels;
	readonly orders: OrderManager;
	readonly account: AccountExposure;
	readonly equity: number | undefined;
	readonly quoters: readonly Quoter[];
	readonly markets: readonly MarketState[];
	readonly effects: EngineEffect[];
	setTick(tick: TickOptions): void;
}

/** Whether any of them would allow more than is allowed now: that takes a comparison with the venue that was clean. */
export function raisesLimits({ gate, guards, budget }: Changeable, changes: readonly EngineChange[]): boolean {
	return changes.some((change) => {
		if (change.kind === 'setLimits') return isLooser(change.limits, gate.limits);
		if (change.kind === 'setLossLimits') return isAnyGreater(change.lossLimits, guards.lossLimits);
		if (change.kind !== 'setBudget') return false;
		const { isEnabled, share, guardMs } = budget.options;
		return (isEnabled && !change.budget.isEnabled) || change.budget.share > share || change.budget.guardMs < guardMs;
	});
}

function isAnyGreater(after: LossLimits, before: LossLimits): boolean {
	return (Object.keys(after) as (keyof LossLimits)[]).some((key) => after[key] > before[key]);
}

/** Answers with what stands and no longer fits. */
export function applyChanges(engine: Changeable, changes: readonly EngineChange[], nowMono: MonoMs): Surplus | undefined {
	let hasOtherLimits = false;
	for (const change of changes) {
		apply(engine, change, nowMono);
		if (change.kind === 'setLimits') hasOtherLimits = true;
	}
	return hasOtherLimits ? surplus(engine) : undefined;
}

function apply(engine: Changeable, change: EngineChange, nowMono: MonoMs): void {
	switch (change.kind) {
		case 'setBus':
			engine.bus.options = change.bus;
			engine.dispatcher.options = { ...engine.dispatcher.options, parallel: change.bus.parallel };
			return;
		case 'setTick':
			engine.dispatcher.options = { ...engine.dispatcher.options, ...change.tick };
			engine.setTick(change.tick);
			return;
		case 'setPolicy':
			engine.orchestrator.policy = change.policy;
			for (const quoter of engine.quoters) quoter.unsettle();
			return;
		case 'setLimits':
			engine.gate.limits = change.limits;
			engine.guards.limits = change.limits;
			for (const market of engine.markets) {
				market.bookAgeMsMax = change.limits.bookAgeMsMax;
				market.isAllowed = isAllowed(market.instrument, change.limits);
			}
			return;
		case 'setLossLimits':
			engine.guards.lossLimits = change.lossLimits;
			return;
		case 'setBudget':
			engine.budget.options = change.budget;
			return;
		case 'setStrategy':
			for (const quoter of engine.quoters) {
				if (quoter.number === change.number) replaceStrategy(engine, quoter, change.strategy, nowMono);
			}
			return;
	}
}

/** What the old one was held for is not the new one's fault; one that cannot begin is held like one that fails later. */
function replaceStrategy({ levels, effects }: Changeable, quoter: Quoter, strategy: Strategy, nowMono: MonoMs): void {
	const { index, id } = quoter.market.instrument;
	try {
		quoter.replace(strategy);
		levels.release(index, 'strategy');
	} catch (error) {
		levels.hold(index, 'strategy', { reason: `${strategy.name} failed`, liftsByItself: false, nowMono });
		effects.push({ kind: 'note', note: { kind: 'strategyFailed', instrument: id, error } });
	}
}

function surplus({ gate, markets, orders, account, equity }: Changeable): Surplus {
	account.recount();
	const holdings = markets.map(({ exposure, instrument, isBookSound, book }) => ({
		exposure,
		openOrders: orders.openOrdersOf(instrument.index),
		midTicks: isBookSound ? book.midTwiceTicks / 2 : undefined,
	}));
	return surplusOf(holdings, { account, equity, limits: gate.limits });
}
