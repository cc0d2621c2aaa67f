/** Waiting that can be called off by the caller, or for all at once. */
import type { Clock } from '../ports/clock.ts';

export type Awakening = 'elapsed' | 'aborted' | 'closed';

export class Sleeper {
	readonly #clock: Clock;
	readonly #wakers = new Set<(why: Awakening) => void>();
	#isClosed = false;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	sleep(durationMs: number, signal: AbortSignal): Promise<Awakening> {
		if (this.#isClosed) return Promise.resolve('closed');
		if (signal.aborted) return Promise.resolve('aborted');
		return new Promise((resolve) => {
			const wake = (why: Awakening): void => {
				timer.cancel();
				signal.removeEventListener('abort', onAbort);
				this.#wakers.delete(wake);
				resolve(why);
			};
			const onAbort = (): void => wake('aborted');
			const timer = this.#clock.after(durationMs, () => wake('elapsed'));
			signal.addEventListener('abort', onAbort);
			this.#wakers.add(wake);
		});
	}

	/** Wakes everybody; from now on nobody sleeps. */
	close(): void {
		this.#isClosed = true;
		for (const wake of this.#wakers) wake('closed');
	}

	get isClosed(): boolean {
		return this.#isClosed;
	}
}
