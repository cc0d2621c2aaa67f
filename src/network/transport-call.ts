/** A call under way, as far as the real and the virtual transport agree: heard exactly once, in time, and never early. */
import type { Clock, Timer } from '../ports/clock.ts';
import type { HttpCall, HttpHeard, LostReason } from './transport.ts';

/** Runs a task at once, or after the present call has returned. */
export type When = (task: () => void) => void;

const AT_ONCE: When = (task) => task();

export abstract class PendingCall {
	readonly call: HttpCall;
	/** A byte may have left. */
	isSent = false;
	readonly #heard: (heard: HttpHeard) => void;
	readonly #onSettled: (call: PendingCall) => void;
	#timer: Timer | undefined;
	#isSettled = false;

	constructor(call: HttpCall, heard: (heard: HttpHeard) => void, onSettled: (call: PendingCall) => void) {
		this.call = call;
		this.#heard = heard;
		this.#onSettled = onSettled;
	}

	get isSettled(): boolean {
		return this.#isSettled;
	}

	startTimer(clock: Clock, timeoutMs: number): void {
		this.#timer = clock.after(timeoutMs, () => this.giveUp('timeout', `no whole reply within ${timeoutMs} ms`, AT_ONCE));
	}

	/** What the wire brought; too late when we have given up. */
	settle(heard: HttpHeard): void {
		if (this.#settleOnce()) this.#heard(heard);
	}

	lose(reason: LostReason, detail: string): void {
		this.settle({ kind: 'lost', sent: this.isSent, reason, detail });
	}

	giveUp(reason: LostReason, detail: string, tell: When): void {
		const sent = this.isSent;
		if (!this.#settleOnce()) return;
		this.drop();
		tell(() => this.#heard({ kind: 'lost', sent, reason, detail }));
	}

	/** Lets go of the connection or of the place in the queue: nobody listens any more. */
	protected abstract drop(): void;

	#settleOnce(): boolean {
		if (this.#isSettled) return false;
		this.#isSettled = true;
		this.#timer?.cancel();
		this.#onSettled(this);
		return true;
	}
}
