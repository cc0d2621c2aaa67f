/**
 * Requests on a socket that wait for their answers, found again by the id that we gave them. Whoever sent one hears of it
 * exactly once: the answer, or that none will come, be it for the deadline or because the socket died; a request that was
 * sent and not answered may have been done (F13).
 */
import type { Clock, Timer } from '../../ports/clock.ts';

export interface LostRequest {
	readonly kind: 'lost';
	readonly sent: true;
	readonly reason: 'timeout' | 'disconnected';
	readonly detail: string;
	readonly mayLandUntilMs: number;
}

export interface PendingRequest<Answer> {
	readonly heard: (answer: Answer | LostRequest) => void;
	/** By the venue's clock: until then it would take what was sent. */
	readonly mayLandUntilMs: number;
}

interface Waiting<Answer> extends PendingRequest<Answer> {
	readonly deadlineMono: number;
}

export interface PendingParts {
	readonly clock: Clock;
	/** From sending to the answer. */
	readonly timeoutMs: number;
	/** After some were given up at their deadline, with the moment at which the last of them was sent. */
	readonly swept: (sentAtMono: number) => void;
}

/** At our rates a hundredth of it is much; beyond it something is wrong, and requests take the other way. */
const PENDING_MAX = 1_000;

export class PendingRequests<Answer> {
	readonly #parts: PendingParts;
	/** In the order in which they were sent, and so in the order of their deadlines. */
	readonly #waiting = new Map<string, Waiting<Answer>>();
	#sweepTimer: Timer | undefined;
	#lastId = 0;

	constructor(parts: PendingParts) {
		this.#parts = parts;
	}

	/** Never the same twice, not on a new connection either: an answer cannot find the wrong request. */
	nextId(): string {
		this.#lastId += 1;
		return String(this.#lastId);
	}

	get isFull(): boolean {
		return this.#waiting.size >= PENDING_MAX;
	}

	get isEmpty(): boolean {
		return this.#waiting.size === 0;
	}

	/** It has just left. */
	add(id: string, request: PendingRequest<Answer>): void {
		const { clock, timeoutMs } = this.#parts;
		this.#waiting.set(id, { ...request, deadlineMono: clock.monotonicMs() + timeoutMs });
		this.#sweepTimer ??= clock.after(timeoutMs, () => this.#sweep());
	}

	find(id: unknown): PendingRequest<Answer> | undefined {
		return typeof id === 'string' ? this.#waiting.get(id) : undefined;
	}

	/** Its answer is here, and it waits no longer. */
	take(id: unknown): PendingRequest<Answer> | undefined {
		const request = this.find(id);
		if (request !== undefined) this.#waiting.delete(id as string);
		return request;
	}

	/** The socket died. */
	loseAll(detail: string): void {
		const lost = [...this.#waiting.values()];
		this.#waiting.clear();
		for (const request of lost) giveUp(request, 'disconnected', detail);
	}

	/** Nothing is waited for any more. */
	stop(): void {
		this.#sweepTimer?.cancel();
		this.#sweepTimer = undefined;
	}

	/** One timer for all: it waits for the oldest, whose deadline is the next. */
	#sweep(): void {
		const { clock, timeoutMs, swept } = this.#parts;
		const nowMono = clock.monotonicMs();
		const overdue: Waiting<Answer>[] = [];
		this.#sweepTimer = undefined;
		for (const [id, request] of this.#waiting) {
			if (request.deadlineMono > nowMono) {
				this.#sweepTimer = clock.after(request.deadlineMono - nowMono, () => this.#sweep());
				break;
			}
			this.#waiting.delete(id);
			overdue.push(request);
		}
		for (const request of overdue) giveUp(request, 'timeout', `no answer within ${timeoutMs} ms`);
		swept((overdue.at(-1)?.deadlineMono ?? nowMono) - timeoutMs);
	}
}

function giveUp<Answer>({ heard, mayLandUntilMs }: Waiting<Answer>, reason: LostRequest['reason'], detail: string): void {
	heard({ kind: 'lost', sent: true, reason, detail, mayLandUntilMs });
}
