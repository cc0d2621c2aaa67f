/**
 * The engine's hands: an inbox that feeds it one event at a time, and the ports that do what its effects ask for. Live,
 * on paper, in a simulation and in a replay this is the same; only the ports differ. Nothing here decides, and no
 * port's answer ever reaches the engine from inside a step.
 */
import type { ControlAction, EngineEvent } from '../domain/event.ts';
import { type MonoMs, monoMs, type TimeMs, timeMs } from '../domain/units.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import { type Meter, NO_METER, type Timing } from '../ports/meter.ts';
import type { ControlResult } from './control.ts';
import type { Engine } from './engine.ts';
import type { EngineEffect, EngineNote, Journal, Recorder, VenueGateway } from './ports.ts';

export interface RuntimePorts {
	readonly clock: Clock;
	readonly gateways: readonly VenueGateway[];
	readonly journal: Journal;
	readonly recorder?: Recorder;
	readonly onNote?: (note: EngineNote) => void;
	/** The same as the engine's. */
	readonly meter?: Meter;
}

/** Far above any burst of a real session; a longer inbox means that the engine does not keep up at all. */
const INBOX_MAX = 1_000_000;

export class Runtime {
	readonly engine: Engine;
	readonly #ports: RuntimePorts;
	readonly #gateways = new Map<string, VenueGateway>();
	readonly #timers = new Set<Timer>();
	readonly #decide: Timing;
	#inbox: EngineEvent[] = [];
	#isDraining = false;
	#isStopped = false;
	#lastResult: ControlResult | undefined;

	constructor(engine: Engine, ports: RuntimePorts) {
		this.engine = engine;
		this.#ports = ports;
		this.#decide = (ports.meter ?? NO_METER).stage('decide');
		for (const gateway of ports.gateways) this.#gateways.set(gateway.capabilities.venue, gateway);
	}

	/** Does what the engine asked for when it was made. Call once. */
	start(): void {
		this.#perform();
		this.#drain();
	}

	/** Any port may call this at any moment. */
	push(event: EngineEvent): void {
		if (this.#isStopped) return;
		if (this.#inbox.length >= INBOX_MAX) throw new Error(`the engine's inbox is full: ${INBOX_MAX} events wait`);
		this.#inbox.push(event);
		if (!this.#isDraining) this.#drain();
	}

	/** Asks the engine for something and answers with what it said. Not to be called from inside a port's callback. */
	control(action: ControlAction): ControlResult {
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

	#drain(): void {
		this.#isDraining = true;
		try {
			// Index instead of shift: taking from the front of a long array costs its length.
			for (let next = 0; next < this.#inbox.length; next += 1) {
				const event = this.#inbox[next];
				if (event === undefined) continue;
				this.#ports.recorder?.input(event);
				const result = this.#step(event);
				if (result !== undefined) this.#lastResult = result;
				this.#perform();
			}
			this.#inbox.length = 0;
		} finally {
			this.#isDraining = false;
		}
	}

	/** Ticks are timed; looking at the clock for every message would cost more than it tells. */
	#step(event: EngineEvent): ControlResult | undefined {
		if (event.kind !== 'timer' || event.key === 'deadline') return this.engine.step(event);
		const { clock } = this.#ports;
		const startMono = clock.monotonicMs();
		const result = this.engine.step(event);
		this.#decide.record(clock.monotonicMs() - startMono);
		return result;
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
				this.#gateway(effect.batch.venue).send(effect.batch);
				return;
			case 'lookUp':
				this.#gateway(effect.venue).lookUp(effect.asked);
				return;
			case 'commit':
				this.#ports.journal.commit(effect.flushId, effect.intents);
				return;
			case 'noteCancels':
				this.#ports.journal.note(effect.cancels);
				return;
			case 'wake':
				this.#wake(effect.key, effect.delayMs);
				return;
			case 'note':
				this.#ports.onNote?.(effect.note);
				return;
		}
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
		const timer = this.#ports.clock.after(delayMs, () => {
			this.#timers.delete(timer);
			this.push({ kind: 'timer', key, ...this.now() });
		});
		this.#timers.add(timer);
	}
}
