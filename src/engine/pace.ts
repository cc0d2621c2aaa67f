/**
 * When the next tick comes, and over whom. Ticks come as timer events of their own, so that everything that has arrived
 * by then is in them: soon after a book moved, now and then over all, and as soon as the rate budget has room for what
 * it left out. Asks for timers and starts ticks; what happens in one is none of its business.
 */
import type { InstrumentIndex } from '../domain/instrument.ts';
import type { MonoMs } from '../domain/units.ts';
import type { Now, TickOrchestrator } from './orchestrator.ts';
import type { EngineEffect } from './ports.ts';
import type { Quoter } from './quoter.ts';
import type { TickOptions } from './settings.ts';

/** The timer of the tick that something has asked for. */
export const TICK_TIMER = 'tick';
/** The timer that brings what the rate budget left out. */
export const BUDGET_TIMER = 'budget';

const NOBODY: readonly Quoter[] = [];

interface Parts {
	readonly quoters: readonly Quoter[];
	readonly orchestrator: Pick<TickOrchestrator, 'processTick' | 'resumeAtMono'>;
	readonly effects: EngineEffect[];
	readonly options: TickOptions;
}

export class Pace {
	readonly #quoters: readonly Quoter[];
	readonly #orchestrator: Parts['orchestrator'];
	readonly #effects: EngineEffect[];
	/** By instrument: a message about one of many concerns few. */
	readonly #quotersOf: Quoter[][] = [];
	readonly #dirty = new Set<Quoter>();
	#options: TickOptions;
	#intervalKey = 'interval';
	#intervalCount = 1;
	#lastTickAtMono = Number.NEGATIVE_INFINITY as MonoMs;
	#isTickAsked = false;
	#budgetAskedForMono = Number.POSITIVE_INFINITY;

	constructor(parts: Parts) {
		this.#quoters = parts.quoters;
		this.#orchestrator = parts.orchestrator;
		this.#effects = parts.effects;
		this.#options = parts.options;
		for (const quoter of parts.quoters) {
			const { index } = quoter.market.instrument;
			this.#quotersOf[index] = [...(this.#quotersOf[index] ?? []), quoter];
		}
	}

	/** Of the timer that counts; one from before the interval changed has another key and is let pass. */
	get intervalKey(): string {
		return this.#intervalKey;
	}

	/** None where a message is about no instrument. */
	quotersOf(instrument: InstrumentIndex | undefined): readonly Quoter[] {
		return (instrument === undefined ? undefined : this.#quotersOf[instrument]) ?? NOBODY;
	}

	/** Something is new here: the next tick that is asked for looks at it. */
	touch(instrument: InstrumentIndex): void {
		const quoters = this.#quotersOf[instrument];
		if (quoters !== undefined) for (const quoter of quoters) this.#dirty.add(quoter);
	}

	touchAll(): void {
		for (const quoter of this.#quoters) this.#dirty.add(quoter);
	}

	/** A tick over what is new, if anything is, and no sooner after the last one than is allowed. */
	askForTick(nowMono: MonoMs): void {
		if (this.#isTickAsked || this.#dirty.size === 0 || this.#options.isManual) return;
		this.#isTickAsked = true;
		const dueInMs = this.#lastTickAtMono + this.#options.minimumGapMs - nowMono;
		this.#effects.push({ kind: 'wake', key: TICK_TIMER, delayMs: Math.max(0, dueInMs) });
	}

	/** What the rate budget left out is planned anew as soon as the budget has room for it, not at some later tick. */
	askForBudget(nowMono: MonoMs): void {
		const { resumeAtMono } = this.#orchestrator;
		if (resumeAtMono >= this.#budgetAskedForMono) return;
		this.#budgetAskedForMono = resumeAtMono;
		this.#effects.push({ kind: 'wake', key: BUDGET_TIMER, delayMs: Math.max(0, Math.ceil(resumeAtMono - nowMono)) });
	}

	askForInterval(): void {
		this.#effects.push({ kind: 'wake', key: this.#intervalKey, delayMs: this.#options.tickIntervalMs });
	}

	/** The timer of `askForTick` has come. What was new may have been in another tick since. */
	applyTick(now: Now): void {
		this.#isTickAsked = false;
		if (this.#dirty.size > 0) this.tick([...this.#dirty].sort(byIndex), now);
	}

	/** The timer of `askForBudget` has come. */
	applyBudget(nowMono: MonoMs): void {
		this.#budgetAskedForMono = Number.POSITIVE_INFINITY;
		this.touchAll();
		this.askForTick(nowMono);
	}

	/** Over all, new or not, unless ticks are left to somebody's own loop. */
	applyInterval(now: Now): void {
		if (!this.#options.isManual) this.tick(this.#quoters, now);
	}

	/** At once, over these. */
	tick(quoters: readonly Quoter[], now: Now): void {
		this.#dirty.clear();
		this.#lastTickAtMono = now.monoMs;
		this.#orchestrator.processTick(quoters, now);
		this.askForBudget(now.monoMs);
	}

	/** Another interval counts from now on: the timer of the old one may be a minute away. */
	setOptions(options: TickOptions): void {
		const isOtherInterval = options.tickIntervalMs !== this.#options.tickIntervalMs;
		this.#options = options;
		if (!isOtherInterval) return;
		this.#intervalCount += 1;
		this.#intervalKey = `interval ${this.#intervalCount}`;
		this.askForInterval();
	}
}

function byIndex(a: Quoter, b: Quoter): number {
	return a.index - b.index;
}
