/**
 * Who is wired to whom in the engine: its state, what makes a tick of it, and what keeps it safe, each handed no more of
 * the others than it needs. Decides nothing and is done when the engine begins.
 */
import type { PlaceProposal } from '../domain/command.ts';
import type { InstrumentIndex } from '../domain/instrument.ts';
import type { JournalRecord } from '../domain/journal-record.ts';
import type { Order } from '../domain/order.ts';
import { OrderIdSource } from '../domain/order-id.ts';
import { type MonoMs, timeMs } from '../domain/units.ts';
import { CommandBus } from '../execution/command-bus.ts';
import { NO_TRACER } from '../ports/tracer.ts';
import { Gate } from '../risk/gate.ts';
import { AccountModes } from './account-modes.ts';
import { applyChanges, type Changeable, raisesLimits } from './changes.ts';
import { Control } from './control.ts';
import { DecisionBook } from './decision-book.ts';
import { Decisions } from './decisions.ts';
import { Dispatcher } from './dispatcher.ts';
import type { EngineParts } from './engine-parts.ts';
import { type EngineState, stateOf } from './engine-state.ts';
import { Equity } from './equity.ts';
import { Exits } from './exits.ts';
import { Flatten } from './flatten.ts';
import { Guards } from './guards.ts';
import { HandCancels } from './hand-cancels.ts';
import { type Now, type Refusal, TickOrchestrator } from './orchestrator.ts';
import { Pace } from './pace.ts';
import { Quoter } from './quoter.ts';
import { RefusalWatch } from './refusal-watch.ts';
import { NO_WARM_UP } from './settings.ts';
import { Troubles } from './troubles.ts';
import { Truth } from './truth.ts';
import { WarmUp } from './warm-up.ts';
import { Worth } from './worth.ts';

/** From what strategies want to the calls that leave. */
interface Ticking {
	readonly ids: OrderIdSource;
	readonly gate: Gate;
	readonly bus: CommandBus;
	readonly dispatcher: Dispatcher;
	readonly quoters: readonly Quoter[];
	readonly warmUp: WarmUp;
	readonly orchestrator: TickOrchestrator;
	readonly pace: Pace;
}

/** What happens to us, what a person asks for, and what follows from either. */
interface Safety {
	readonly refusals: RefusalWatch;
	readonly guards: Guards;
	readonly modes: AccountModes;
	readonly worth: Worth;
	readonly truth: Truth;
	readonly troubles: Troubles;
	readonly flatten: Flatten;
	readonly control: Control;
	readonly decisions: Decisions;
	readonly exits: Exits;
	/** KL0 to KL2, and the last comparison with every venue was clean. */
	mayRaiseLimits(nowMono: MonoMs): boolean;
}

export type Assembly = EngineState & Ticking & Safety;

export function assemble(parts: EngineParts): Assembly {
	const state = stateOf(parts, (reason, at) => safety.truth.confirm(reason, at));
	const ticking = tickingOf(parts, state, (order) => safety.flatten.owns(order));
	const safety = safetyOf(parts, state, ticking);
	return { ...state, ...ticking, ...safety };
}

function tickingOf(parts: EngineParts, state: EngineState, isWayOut: (order: Order) => boolean): Ticking {
	const { settings, warmUp: warmUpSettings = NO_WARM_UP, startedAtMono, ranking, tracer = NO_TRACER } = parts;
	const { orders, levels, effects, stats, account, rates, parents, scene, lanes, budget, markets } = state;
	const ids = new OrderIdSource(parts.runTag, parts.lastOrderId);
	const gate = new Gate({ limits: settings.limits, account, ids });
	const bus = new CommandBus(lanes, settings.bus);
	const dispatcher = new Dispatcher({
		orders,
		stats,
		effects,
		spendCall: ({ venue, category, verb, commands }, nowMono) => {
			const lane = lanes.find(venue, category);
			if (lane !== undefined) budget.spendCall(lane, verb, commands.length, nowMono);
		},
		giveBack: ({ kind, instrument }, spentAtMono) => budget.giveBack(lanes.of(instrument.index), kind, spentAtMono),
		isWayOut,
		tracer,
		besides: (intents) => state.besides.take(intents),
		options: { ...settings.tick, parallel: settings.bus.parallel },
	});
	const quoters = quotersOf(parts, state);
	const warmUp = new WarmUp(warmUpSettings, levels, startedAtMono);
	const orchestrator = new TickOrchestrator({
		...{ warmUp, orders, bus, budget, gate, levels, account, rates, parents, dispatcher, stats, scene, effects, tracer },
		policy: settings.policy,
		ranking,
		markets,
		quoters,
		marketOf: (instrument) => markets[instrument],
	});
	const pace = new Pace({ quoters, orchestrator, effects, options: settings.tick });
	return { ids, gate, bus, dispatcher, quoters, warmUp, orchestrator, pace };
}

function quotersOf({ quoting }: EngineParts, { markets, orders }: EngineState): readonly Quoter[] {
	return quoting
		.flatMap(({ strategy, instruments }, number) => instruments.map((subject) => ({ strategy, subject, number })))
		.map(({ strategy, subject, number }, index) => {
			const market = markets[subject];
			if (market === undefined)
				throw new RangeError(`${strategy.name} wants to quote instrument ${subject}, which is not followed`);
			return new Quoter({ index, number, strategy, market, slots: orders.addQuoter(index) });
		});
}

function safetyOf(parts: EngineParts, state: EngineState, ticking: Ticking): Safety {
	const { settings, instruments, recovered, runTag, startedAtMono } = parts;
	const { orders, ledger, levels, effects, facts, funds, rates, parents, scene, lanes, budget, watch, markets } = state;
	const { ids, gate, bus, dispatcher, orchestrator, pace } = ticking;
	// What is older than we are may be of a run whose last words were lost; what is younger is of one that still runs.
	const lastOfBefore = {
		timestampMs: timeMs(Math.max(parts.lastOrderId?.timestampMs ?? 0, recovered?.atMs ?? 0)),
		counter: Number.MAX_SAFE_INTEGER,
	};
	const refusals = new RefusalWatch({ levels, refusals: gate.refusals, effects });
	const guards = new Guards({
		levels,
		limits: settings.limits,
		lossLimits: settings.lossLimits,
		equity: recovered?.state.equity,
	});
	const worth = new Worth({
		funds,
		equity: new Equity(markets, rates),
		guards,
		levels,
		scene,
		shut: (reason, nowMono) => control.shut(reason, nowMono),
		reduceOnly: (reason, nowMono) => control.reduceOnly(reason, nowMono),
		keep: (record) => facts.add(record),
	});
	const cancels = new HandCancels({
		orders,
		bus,
		budget,
		effects,
		laneOf: (instrument) => lanes.of(instrument.index),
		isWayOut: (order) => flatten.owns(order),
		midTwiceTicksOf: ({ index }) => markets[index]?.book.midTwiceTicks ?? 0,
	});
	const truth = new Truth({
		...{ orders, ledger, levels, cancels, effects, instruments, startedAtMono },
		settings: settings.reconcile,
		runTags: new Set([...(recovered?.state.runTags ?? []), runTag]),
		lastOrderId: (tag) => (tag === runTag ? ids.mark : lastOfBefore),
		shut: (reason, nowMono) => control.shut(reason, nowMono),
		aheadMsMax: () => watch.offsetMsMax,
		keep: (record) => facts.add(record),
		touch: (instrument) => pace.touch(instrument),
	});
	const troubles = new Troubles({
		orders,
		levels,
		limits: () => gate.limits,
		journalDelayMs: (nowMono) => dispatcher.journalDelayMs(nowMono),
		clockOffMs: () => watch.clockOffMs,
		throttledBy: (nowMono) => watch.throttledBy(nowMono),
		confirm: (reason, at) => truth.confirm(reason, at),
	});
	const flatten = new Flatten({
		...{ orders, levels, cancels, parents, effects, markets },
		orderNotionalMax: () => gate.limits.orderNotionalMax,
		isInDoubt: () => truth.isInDoubt,
		propose: (proposal, now) => proposeWayOut(state, ticking, proposal, now),
	});
	const { exits, decisions } = deskOf(state, ticking, { truth, flatten, cancels });
	const mayRaiseLimits = (nowMono: MonoMs) =>
		(levels.level === 'run' || levels.level === 'pauseQuoting') && truth.wasCleanLately(nowMono);
	const changeable = changeableOf(state, ticking, guards);
	const control = new Control({
		...{ orders, bus, dispatcher, orchestrator, levels, cancels, effects, markets, flatten, parents, decisions },
		spend: (verb, { index }, nowMono) => budget.spend(lanes.of(index), verb, 1, nowMono),
		mayChange: (changes, nowMono) => mayRaiseLimits(nowMono) || !raisesLimits(changeable, changes),
		change: (changes, nowMono) => applyChanges(changeable, changes, nowMono),
		processTick: (subjects, now) => tickNow(ticking, subjects, now),
		marketOf: (instrument) => markets[instrument],
		flattensAfterKill: () => gate.limits.flattensAfterKill === true,
		keep: (record) => facts.add(record),
		doubt: (reason, event) => truth.doubt(reason, event),
		wasClean: (sinceMono, nowMono) => truth.wasCleanLately(nowMono) && truth.wasCleanSince(sinceMono),
		forgive: () => guards.forgive(),
	});
	const modes = new AccountModes({ levels, markets, effects, leverageMax: () => gate.limits.leverageMax });
	return { refusals, guards, modes, worth, truth, troubles, flatten, control, decisions, exits, mayRaiseLimits };
}

function deskOf(
	state: EngineState,
	ticking: Ticking,
	{ truth, flatten, cancels }: Pick<Safety, 'truth' | 'flatten'> & { readonly cancels: HandCancels },
): { readonly exits: Exits; readonly decisions: Decisions } {
	const { orders, levels, parents, effects, besides, markets, facts } = state;
	const { orchestrator, gate, bus, dispatcher } = ticking;
	const book = new DecisionBook();
	const shared = {
		...{ book, parents, besides },
		keep: (record: JournalRecord) => facts.add(record),
		isFlattening: (instrument: InstrumentIndex) => flatten.isClosing(instrument),
		propose: (proposal: PlaceProposal, now: Now) => proposeByHand(state, ticking, proposal, now),
	};
	const exits = new Exits({
		...shared,
		...{ orders, levels, cancels, effects, markets },
		orderNotionalMax: () => gate.limits.orderNotionalMax,
		isRecovering: () => truth.isRecovering,
		flush: (nowMono) => dispatcher.begin(bus.flush(), nowMono),
	});
	const wouldDeny = (proposal: PlaceProposal, now: Now) => orchestrator.wouldDeny(proposal, now);
	return { exits, decisions: new Decisions({ ...shared, exits, wouldDeny }) };
}

function changeableOf(state: EngineState, ticking: Ticking, guards: Guards): Changeable {
	const { budget, levels, orders, account, scene, markets, effects } = state;
	const { bus, dispatcher, orchestrator, gate, quoters, pace } = ticking;
	return {
		...{ bus, dispatcher, orchestrator, budget, gate, guards, levels, orders, account, quoters, markets, effects },
		get equity() {
			return scene.equity;
		},
		setTick: (tick) => pace.setOptions(tick),
	};
}

/** How many commands that makes, or of a large tick its first piece. */
function tickNow({ bus, pace, quoters }: Ticking, instruments: readonly InstrumentIndex[], now: Now): number {
	const before = bus.stats.total_commands;
	pace.tick(
		quoters.filter(({ market }) => instruments.includes(market.instrument.index)),
		now,
	);
	return bus.stats.total_commands - before;
}

/** After a kill this is the only way. */
function proposeWayOut(state: EngineState, ticking: Ticking, proposal: PlaceProposal, now: Now): Order | Refusal {
	return proposeByHand(state, ticking, proposal, now, { isFlatten: state.levels.level === 'kill' });
}

/** No plan has counted it, so it draws on the rate budget here. */
function proposeByHand(
	{ budget, lanes }: EngineState,
	{ orchestrator }: Ticking,
	proposal: PlaceProposal,
	now: Now,
	options = { isFlatten: false },
): Order | Refusal {
	const made = orchestrator.propose(proposal, now, options);
	if (typeof made !== 'string') budget.spend(lanes.of(proposal.instrument.index), 'place', 1, now.monoMs);
	return made;
}
