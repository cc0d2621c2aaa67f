/** New orders that parts of the venue do not know of yet. Bounded: the oldest becomes visible first. */

import type { FaultContext } from './context.ts';
import type { Candidate, Strike } from './strike.ts';

interface Hidden {
	readonly untilMono: number;
	readonly strike: Strike<'visibility-lag'>;
}

const HIDDEN_MAX = 10_000;

export class HiddenOrders {
	readonly #context: Pick<FaultContext, 'faults' | 'clock'>;
	readonly #hidden = new Map<string, Hidden>();

	constructor(context: Pick<FaultContext, 'faults' | 'clock'>) {
		this.#context = context;
	}

	maybeHide(orderId: string, candidate: Candidate): void {
		const { faults, clock } = this.#context;
		const strike = faults.prepare('visibility-lag', candidate);
		if (strike === undefined) return;
		this.#hidden.set(orderId, { untilMono: clock.monotonicMs() + strike.parameters.lagMs, strike });
		const [oldest] = this.#hidden.keys();
		if (this.#hidden.size > HIDDEN_MAX && oldest !== undefined) this.#hidden.delete(oldest);
	}

	/** Counts, since whoever asks acts on the answer. */
	hides(orderId: string, from: 'entry' | 'reads', candidate: Candidate): boolean {
		const hidden = this.#hidden.get(orderId);
		if (hidden === undefined) return false;
		const { faults, clock } = this.#context;
		if (!faults.has('visibility-lag') || clock.monotonicMs() >= hidden.untilMono) {
			this.#hidden.delete(orderId);
			return false;
		}
		const { form } = hidden.strike.parameters;
		if (form !== 'everywhere' && form !== from) return false;
		hidden.strike.count(candidate);
		return true;
	}
}
