/**
 * Settings that may change while the engine runs, one part at a time and as a whole. They travel as control events and
 * take effect before the next tick: never in the middle of one, and a replay repeats them.
 */
import type { BusOptions, CommandBus } from '../execution/command-bus.ts';
import type { AmendPolicy } from '../execution/planner.ts';
import type { BudgetOptions, RateBudget } from '../execution/rate-budget.ts';
import type { Gate } from '../risk/gate.ts';
import type { RiskLimits } from '../risk/limits.ts';
import type { LossLimits } from '../risk/loss.ts';
import type { Strategy } from '../strategy/strategy.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Guards } from './guards.ts';
import type { MarketState } from './market-state.ts';
import type { TickOrchestrator } from './orchestrator.ts';
import type { Quoter } from './quoter.ts';
import type { TickOptions } from './settings.ts';

export type EngineChange =
	| { readonly kind: 'setBus'; readonly bus: BusOptions }
	| { readonly kind: 'setTick'; readonly tick: TickOptions }
	| { readonly kind: 'setPolicy'; readonly policy: AmendPolicy }
	| { readonly kind: 'setLimits'; readonly limits: RiskLimits }
	| { readonly kind: 'setLossLimits'; readonly lossLimits: LossLimits }
	| { readonly kind: 'setBudget'; readonly budget: BudgetOptions }
	/** In the place of the strategy with this number, in the order in which the engine was given them. Its state starts anew. */
	| { readonly kind: 'setStrategy'; readonly number: number; readonly strategy: Strategy };

export interface Changeable {
	readonly bus: CommandBus;
	readonly dispatcher: Dispatcher;
	readonly orchestrator: TickOrchestrator;
	readonly budget: RateBudget;
	readonly gate: Gate;
	readonly guards: Guards;
	readonly quoters: readonly Quoter[];
	readonly markets: readonly MarketState[];
	setTick(tick: TickOptions): void;
}

export function applyChange(engine: Changeable, change: EngineChange): void {
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
			return;
		case 'setLimits':
			engine.gate.limits = change.limits;
			engine.guards.limits = change.limits;
			for (const market of engine.markets) market.bookAgeMsMax = change.limits.bookAgeMsMax;
			return;
		case 'setLossLimits':
			engine.guards.lossLimits = change.lossLimits;
			return;
		case 'setBudget':
			engine.budget.options = change.budget;
			return;
		case 'setStrategy':
			for (const quoter of engine.quoters) if (quoter.number === change.number) quoter.replace(change.strategy);
			return;
	}
}
