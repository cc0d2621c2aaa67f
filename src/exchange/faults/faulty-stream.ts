/**
 * Faults of the frames that a venue pushes: lost, doubled, late, shuffled, silent, spoiled. Looks at one frame at a time,
 * in the order: silence, loss, spoiling, doubling, shuffling, delay. What it does not touch passes as it came.
 */

import { delayOf, type FaultContext } from './context.ts';
import type { Lanes } from './lanes.ts';
import type { Candidate, Strike } from './strike.ts';

interface Restart {
	readonly strike: Strike<'mid-stream-snapshot'>;
	isAnswer(frame: string): boolean;
}

export class FaultyStream {
	readonly #context: FaultContext;
	readonly #lanes: Lanes;
	/** Hands a frame to the venue as if the client had sent it. */
	readonly #ask: (frame: string) => void;
	readonly #mutedUntilMs = new Map<string, number>();
	readonly #restarting = new Map<string, Restart>();
	/** What is taken off the numbers of a restarted book. */
	readonly #shifts = new Map<string, number>();

	constructor(parts: { readonly context: FaultContext; readonly lanes: Lanes; readonly ask: (frame: string) => void }) {
		this.#context = parts.context;
		this.#lanes = parts.lanes;
		this.#ask = parts.ask;
	}

	push(text: string, candidate: Candidate): void {
		const { faults } = this.#context;
		if (this.#isMuted(candidate) || faults.strike('drop-frames', candidate) !== undefined) return;
		let frames = [text];
		if (this.#context.dialect.isBook(candidate.topic)) frames = this.#spoiled(this.#renumbered(text, candidate), candidate);
		else frames = [this.#nameless(text, candidate)];
		if (faults.strike('duplicate-frames', candidate) !== undefined) frames = [...frames, ...frames];
		const held = faults.strike('reorder-frames', candidate);
		const delayMs = this.#delayMs(candidate);
		for (const frame of frames) {
			if (held === undefined) this.#lanes.send(candidate.topic, frame, delayMs);
			else this.#lanes.hold(candidate.topic, frame, { frames: held.parameters.window, holdMs: held.parameters.holdMs });
		}
	}

	/** Nothing is left of what struck: without rules all passes as it came. */
	get isUntouched(): boolean {
		return this.#shifts.size === 0 && this.#restarting.size === 0 && this.#mutedUntilMs.size === 0;
	}

	/** Answers to what this asked for itself; the client never asked. */
	isOwnAnswer(frame: string): boolean {
		for (const restart of this.#restarting.values()) if (restart.isAnswer(frame)) return true;
		return false;
	}

	#isMuted(candidate: Candidate): boolean {
		if (!this.#context.faults.has('mute-topic')) this.#mutedUntilMs.clear();
		const nowMs = this.#context.clock.monotonicMs();
		const untilMs = this.#mutedUntilMs.get(candidate.topic);
		if (untilMs !== undefined && nowMs < untilMs) return true;
		const muted = this.#context.faults.strike('mute-topic', candidate);
		if (muted !== undefined) this.#mutedUntilMs.set(candidate.topic, nowMs + muted.parameters.forMs);
		else this.#mutedUntilMs.delete(candidate.topic);
		return muted !== undefined;
	}

	#delayMs(candidate: Candidate): number {
		const { faults } = this.#context;
		const late = faults.strike('delay-frames', candidate);
		const ramp = faults.strike('ramp-delay', candidate);
		const rampedMs = ramp === undefined ? 0 : Math.min(1, ramp.ageMs / ramp.parameters.rampMs) * ramp.parameters.delayMsMax;
		return (late === undefined ? 0 : delayOf(late.parameters, late.rng)) + rampedMs;
	}

	/** Without the names that the client gave its orders, where that strikes. */
	#nameless(text: string, candidate: Candidate): string {
		const { faults, dialect } = this.#context;
		const strike = faults.prepare('blank-client-ids', candidate);
		const blank = strike === undefined ? undefined : dialect.withoutClientIds(text);
		if (blank !== undefined) strike?.count();
		return blank ?? text;
	}

	#spoiled(text: string, candidate: Candidate): string[] {
		const { faults, dialect } = this.#context;
		const level = faults.prepare('corrupt-level', candidate);
		const bad = level === undefined ? undefined : dialect.corruptLevel(text, level.parameters.form);
		if (bad !== undefined) level?.count();
		const frame = bad ?? text;
		// A snapshot starts the numbers anew, so only what follows one can break them.
		const broken = dialect.isSnapshot(frame) ? undefined : faults.strike('break-sequence', candidate);
		switch (broken?.parameters.form) {
			case undefined:
				return [frame];
			case 'gap':
				return [];
			case 'repeat':
				return [frame, frame];
			case 'backward':
				return [dialect.withSequence(frame, Math.max(2, (dialect.sequenceOf(frame) ?? 0) - 2))];
		}
	}

	/** Book frames as a venue numbers them that has restarted in between; and the restart itself, where it strikes. */
	#renumbered(text: string, candidate: Candidate): string {
		const { faults, dialect } = this.#context;
		const { topic } = candidate;
		const shift = this.#shifts.get(topic);
		const restart = this.#restarting.get(topic);
		if (restart === undefined && shift === undefined && faults.isQuiet) return text;
		if (dialect.isSnapshot(text)) return this.#restarted(text, topic, restart);
		if (restart === undefined) this.#maybeRestart(candidate);
		return shift === undefined ? text : dialect.withSequence(text, (dialect.sequenceOf(text) ?? 0) - shift);
	}

	#restarted(text: string, topic: string, restart: Restart | undefined): string {
		const { dialect } = this.#context;
		this.#restarting.delete(topic);
		this.#shifts.delete(topic);
		if (restart === undefined) return text;
		restart.strike.count();
		this.#shifts.set(topic, (dialect.sequenceOf(text) ?? 1) - 1);
		return dialect.withSequence(text, 1);
	}

	#maybeRestart(candidate: Candidate): void {
		const { faults, dialect } = this.#context;
		const strike = faults.prepare('mid-stream-snapshot', candidate);
		if (strike === undefined) return;
		const restart = dialect.restart(candidate.topic);
		this.#restarting.set(candidate.topic, { strike, isAnswer: (frame) => restart.isAnswer(frame) });
		// Not from inside the venue's own call, which may be going through its subscribers.
		this.#lanes.after(0, () => {
			for (const frame of restart.frames) this.#ask(frame);
		});
	}
}
