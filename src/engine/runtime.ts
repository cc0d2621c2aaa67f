/**
 * The engine's hands: an inbox that feeds it one event at a time, and the ports that do what its effects ask for. Live,
 * on paper, in a simulation and in a replay this is the same; only the ports differ. Nothing here decides, and no
 * port's answer ever reaches the engine from inside a step.
 */
import type { Batch } from '../domain/command.ts';
import type { ControlAction, EngineEvent } from '../domain/event.ts';
import type { Outcome } from '../domain/outcome.ts';
import { type MonoMs, monoMs, type TimeMs, timeMs } from '../domain/units.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import { type Meter, NO_METER } from '../ports/meter.ts';
import { timed } from '../ports/timed.ts';
import type { ControlResult } from './control.ts';
import type { Engine } from './engine.ts';
import type { EngineEffect, EngineNote, Journal, Recorder, VenueGateway } from './ports.ts';

type Now = Pick<EngineEvent, 'wallMs' | 'monoMs'>;

export interface RuntimePorts {
	readonly clock: Clock;
	readonly gateways: readonly VenueGateway[];
	readonly journal: Journal;
	readonly recorder?: Recorder;
	readonly onNote?: (note: EngineNote) => void;
	/** The same as the engine's. */
	readonly meter?: Meter;
}

/** How often we look whether we run at all. */
const PULSE_EVERY_MS = 500;
/** Held up for longer than this, by sleep, by force or by a loop that hung, nothing we decided before is to be sent (F58). */
const SLEPT_MS_MIN = 2_000;
/** A loop that comes later than this is worth a word; every machine is a little late. */
const LAGGED_MS_MIN = 100;

/** Far above any burst of a real session; a longer inbox means that the engine does not keep up at all. */
const INBOX_MAX = 1_000_000;

export class Runtime {
	readonly engine: Engine;
	readonly #ports: RuntimePorts;
	readonly #gateways = new Map<string, VenueGateway>();
	readonly #timers = new Set<Timer>();
	/** Ticks are timed; looking at the clock for every message would cost more than it tells. */
	readonly #decide: (event: EngineEvent) => ControlResult | undefined;
	#inbox: EngineEvent[] = [];
	#isDraining = false;
	#isStopped = false;
	/** It was noticed that we did not run, and the engine has not heard of it yet. */
	#isJustAwake = false;
	#lastResult: ControlResult | undefined;
	/** When we were last seen running, and how far the wall clock was ahead of the monotonic one then. */
	#awakeAtMono = Number.POSITIVE_INFINITY;
	#wallAheadMs = Number.POSITIVE_INFINITY;

	constructor(engine: Engine, ports: RuntimePorts) {
		this.engine = engine;
		this.#ports = ports;
		const { clock, meter = NO_METER } = ports;
		this.#decide = timed(clock, meter.stage('decide'), (event: EngineEvent) => engine.step(event));
		for (const gateway of ports.gateways) this.#gateways.set(gateway.capabilities.venue, gateway);
	}

	/** Does what the engine asked for when it was made. Call once. */
	start(): void {
		this.#pulse();
		this.#perform();
		this.#drain();
	}

	/** Any port may call this at any moment. */
	push(event: EngineEvent): void {
		if (this.#isStopped) return;
		if (this.#inbox.length >= INBOX_MAX) throw new Error(`the engine's inbox is full: ${INBOX_MAX} events wait`);
		const forMs = this.#sleptMs(event);
		if (forMs > SLEPT_MS_MIN) {
			// Before whatever told us so: that must not meet what was decided on old data.
			const { wallMs, monoMs: nowMono } = event;
			this.#lookAt(event);
			this.#inbox.push({ kind: 'slept', forMs, wallMs, monoMs: nowMono });
		}
		this.#inbox.push(event);
		if (!this.#isDraining) this.#drain();
	}

	/**
	 * Asks the engine for something and answers with what it said. Not to be called from inside a port's callback. Whoever
	 * steers it from outside may still be there when it has stopped, and hears what a run that is ending says.
	 */
	control(action: ControlAction): ControlResult {
		if (this.#isStopped) return { kind: 'refused', reason: 'gate-is-shut' };
		this.#lastResult = undefined;
		this.push({ kind: 'control', action, ...this.now() });
		if (this.#lastResult === undefined) throw new Error(`${action.kind} was asked for while the engine was busy`);
		return this.#lastResult;
	}

	now(): { readonly wallMs: TimeMs; readonly monoMs: MonoMs } {
		return { wallMs: timeMs(Math.floor(this.#ports.clock.wallMs())), monoMs: monoMs(this.#ports.clock.monotonicMs()) };
	}

	/** No event is taken after this and no timer fires. */
	stop(): void {
		this.#isStopped = true;
		for (const timer of this.#timers) timer.cancel();
		this.#timers.clear();
	}

	#pulse(): void {
		if (this.#isStopped) return;
		const now = this.now();
		const forMs = this.#sleptMs(now);
		const byMs = now.monoMs - this.#awakeAtMono - PULSE_EVERY_MS;
		this.#lookAt(now);
		if (forMs > SLEPT_MS_MIN) this.push({ kind: 'slept', forMs, ...now });
		else if (byMs > LAGGED_MS_MIN) this.push({ kind: 'lagged', byMs, ...now });
		const timer = this.#ports.clock.after(PULSE_EVERY_MS, () => {
			this.#timers.delete(timer);
			this.#pulse();
		});
		this.#timers.add(timer);
	}

	/** A process that was stopped sees the monotonic clock jump; on a machine that slept only the wall clock went on. */
	#sleptMs({ wallMs, monoMs: nowMono }: Now): number {
		return Math.max(nowMono - this.#awakeAtMono, wallMs - nowMono - this.#wallAheadMs);
	}

	#lookAt({ wallMs, monoMs: nowMono }: Now): void {
		this.#awakeAtMono = nowMono;
		this.#wallAheadMs = wallMs - nowMono;
	}

	#drain(): void {
		this.#isDraining = true;
		let next = 0;
		try {
			// Index instead of shift: taking from the front of a long array costs its length.
			for (; next < this.#inbox.length; next += 1) {
				const event = this.#inbox[next];
				if (event === undefined) continue;
				this.#ports.recorder?.input(event);
				if (event.kind === 'slept') this.#isJustAwake = false;
				const result = isTick(event) ? this.#decide(event) : this.engine.step(event);
				if (result !== undefined) this.#lastResult = result;
				this.#perform();
			}
		} finally {
			// What was taken is not taken again, the one that failed included: the cancels of the end go through here, too.
			if (next >= this.#inbox.length) this.#inbox.length = 0;
			else this.#inbox.splice(0, next + 1);
			this.#isDraining = false;
		}
	}

	#perform(): void {
		const { effects } = this.engine;
		for (let i = 0; i < effects.length; i += 1) {
			const effect = effects[i];
			if (effect === undefined) continue;
			this.#ports.recorder?.output(effect);
			this.#do(effect);
		}
		effects.length = 0;
	}

	#do(effect: EngineEffect): void {
		switch (effect.kind) {
			case 'send':
				this.#send(effect.batch);
				return;
			case 'lookUp':
				this.#gateway(effect.venue).lookUp(effect.asked);
				return;
			case 'census':
				this.#gateway(effect.venue).takeCensus();
				return;
			case 'commit':
				this.#ports.journal.commit(effect.flushId, effect.intents, effect.besides);
				return;
			case 'noteCancels':
				this.#ports.journal.note(effect.cancels);
				return;
			case 'keep':
				this.#ports.journal.keep(effect.records);
				return;
			case 'wake':
				this.#wake(effect.key, effect.delayMs);
				return;
			case 'turn':
				this.#wakeAfter(effect.key, 0);
				return;
			case 'note':
				this.#ports.onNote?.(effect.note);
				return;
		}
	}

	/** Stopped between a decision and its sending, too, we send nothing that is old; cancels are right at any time. */
	#send(batch: Batch): void {
		const now = this.now();
		const forMs = this.#sleptMs(now);
		const hasSlept = this.#isJustAwake || forMs > SLEPT_MS_MIN;
		if (batch.verb === 'cancel' || !hasSlept) {
			this.#gateway(batch.venue).send(batch);
			return;
		}
		const outcome: Outcome = {
			kind: 'rejected',
			class: 'transient',
			gone: false,
			reason: 'we did not run when it was to be sent',
		};
		const items = batch.commands.map(({ orderId }) => ({ orderId, verb: batch.verb, outcome }));
		this.#inbox.push({ kind: 'answer', batchId: batch.batchId, items, ...now });
		if (this.#isJustAwake) return;
		this.#isJustAwake = true;
		this.#lookAt(now);
		this.#inbox.push({ kind: 'slept', forMs, ...now });
	}

	#gateway(venue: string): VenueGateway {
		const gateway = this.#gateways.get(venue);
		if (gateway === undefined) throw new Error(`no gateway for venue ${venue}`);
		return gateway;
	}

	/** Without a delay the timer stands at the end of the inbox: everything that is waiting there comes first. */
	#wake(key: string, delayMs: number): void {
		if (this.#isStopped) return;
		if (delayMs <= 0) {
			this.#inbox.push({ kind: 'timer', key, ...this.now() });
			return;
		}
		this.#wakeAfter(key, delayMs);
	}

	#wakeAfter(key: string, delayMs: number): void {
		const timer = this.#ports.clock.after(delayMs, () => {
			this.#timers.delete(timer);
			this.push({ kind: 'timer', key, ...this.now() });
		});
		this.#timers.add(timer);
	}
}

/** By the clock, in a further piece of a large one, or asked for by hand. */
function isTick(event: EngineEvent): boolean {
	if (event.kind === 'timer') return event.key !== 'deadline';
	return event.kind === 'control' && event.action.kind === 'processTick';
}
