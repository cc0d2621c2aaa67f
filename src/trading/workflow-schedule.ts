/**
 * Runs workflows when it is time: a moment after each bar has closed, or every so often. Each bar and each turn is decided
 * once, since its decision is named after it; a run that is not through when the next is due lets that one go by, and what
 * was missed while nobody ran is not made up for.
 */
import { BAR_MS } from '../domain/market-read.ts';
import { timeMs } from '../domain/units.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import type { TradeRequest, TradeResult, TradingDesk, WorkflowRules } from './workflow.ts';

export interface ScheduledWorkflow {
	readonly rules: WorkflowRules;
	readonly requests: readonly Pick<TradeRequest, 'symbol' | 'quantity'>[];
	readonly schedule: { readonly kind: 'bar' } | { readonly kind: 'every'; readonly everyMs: number };
}

export interface WorkflowScheduleParts<Portfolio> {
	readonly desk: Pick<TradingDesk<Portfolio>, 'executeMultiSymbolWorkflow'>;
	readonly workflows: readonly ScheduledWorkflow[];
	readonly clock: Clock;
	readonly onRan?: (workflow: string, results: readonly TradeResult<Portfolio>[]) => void;
	/** `onRan` threw; it is told of the next run all the same. */
	readonly listenerFailed: (error: unknown) => void;
	/** The run before was not through. */
	readonly onSkipped?: (workflow: string) => void;
}

/** A venue has the bar some tenths of a second after its end. */
const AFTER_CLOSE_MS = 300;
/** Wall clocks are put right: the time is looked at this often. */
const LOOK_MS_MAX = 30_000;

export class WorkflowSchedule<Portfolio> implements AsyncDisposable {
	readonly #parts: WorkflowScheduleParts<Portfolio>;
	readonly #timers = new Map<ScheduledWorkflow, Timer>();
	readonly #running = new Map<ScheduledWorkflow, Promise<void>>();
	readonly #called = new AbortController();

	constructor(parts: WorkflowScheduleParts<Portfolio>) {
		this.#parts = parts;
	}

	start(): void {
		for (const workflow of this.#parts.workflows) this.#arm(workflow, turnAfter(workflow, this.#parts.clock.wallMs()));
	}

	/** What runs is called off; what it has asked the engine for stays asked for. */
	async [Symbol.asyncDispose](): Promise<void> {
		this.#called.abort();
		for (const timer of this.#timers.values()) timer.cancel();
		await Promise.all(this.#running.values());
	}

	/** `turnMs` is when the bar ends, or the turn begins. */
	#arm(workflow: ScheduledWorkflow, turnMs: number): void {
		const { clock } = this.#parts;
		const dueInMs = turnMs + delayOf(workflow) - clock.wallMs();
		const timer = clock.after(Math.max(1, Math.min(dueInMs, LOOK_MS_MAX)), () => {
			if (this.#called.signal.aborted) return;
			if (clock.wallMs() < turnMs + delayOf(workflow)) {
				// Put back by more than a turn, the turns are counted anew.
				this.#arm(workflow, Math.min(turnMs, turnAfter(workflow, clock.wallMs())));
				return;
			}
			this.#begin(workflow, turnMs);
			this.#arm(workflow, turnAfter(workflow, clock.wallMs()));
		});
		this.#timers.set(workflow, timer);
	}

	#begin(workflow: ScheduledWorkflow, turnMs: number): void {
		const { rules } = workflow;
		if (this.#running.has(workflow)) {
			this.#parts.onSkipped?.(rules.name);
			return;
		}
		const running = this.#run(workflow, turnMs).finally(() => this.#running.delete(workflow));
		this.#running.set(workflow, running);
	}

	async #run({ rules, requests, schedule }: ScheduledWorkflow, turnMs: number): Promise<void> {
		const named = requests.map((request): TradeRequest => {
			if (schedule.kind === 'bar') return { ...request, barEndAtMs: timeMs(turnMs - 1) };
			return { ...request, decisionId: `${rules.name} ${request.symbol} ${turnMs}` };
		});
		const results = await this.#parts.desk.executeMultiSymbolWorkflow(rules, named, this.#called.signal);
		try {
			this.#parts.onRan?.(rules.name, results);
		} catch (error: unknown) {
			this.#parts.listenerFailed(error);
		}
	}
}

function lengthOf({ schedule, rules }: ScheduledWorkflow): number {
	return schedule.kind === 'bar' ? BAR_MS[rules.interval] : schedule.everyMs;
}

function delayOf({ schedule }: ScheduledWorkflow): number {
	return schedule.kind === 'bar' ? AFTER_CLOSE_MS : 0;
}

function turnAfter(workflow: ScheduledWorkflow, wallMs: number): number {
	const length = lengthOf(workflow);
	return (Math.floor(wallMs / length) + 1) * length;
}
