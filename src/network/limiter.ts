/**
 * Several rate limits at once: a request takes its weight from each window that it names, all or nothing. Who has to
 * wait has a planned moment from the start, so that whoever cannot be in time hears it at once instead of standing in a
 * queue. Nobody is pushed back by a later one of the same priority, and alike requests go in the order in which they
 * came. Urgent ones go before all others and may use the part of a window that is kept for them. What the other side
 * says of its own count corrects ours.
 */
import type { Clock, Timer } from '../ports/clock.ts';
import { LimitWindow, type WindowRule, type WindowSighting } from './limiter-window.ts';
import { aborted, closed, type Failure, failed, NEVER_ABORTED, ok, perform, type Result, type Work } from './result.ts';

/** What exchanges usually allow; an order draws on `general` and on `orders`. */
export const USUAL_WINDOWS = {
	general: { limit: 1_200, windowMs: 60_000, guardMs: 50, urgentShare: 0.2 },
	orders: { limit: 10, windowMs: 1_000, guardMs: 50, urgentShare: 0.2 },
	marketData: { limit: 20, windowMs: 1_000, guardMs: 50 },
} as const satisfies Record<string, WindowRule>;

export interface RateLimiterOptions<Name extends string> {
	readonly clock: Clock;
	readonly windows: Readonly<Record<Name, WindowRule>>;
	/** Who comes when so many wait already is sent away. */
	readonly queuedMax?: number;
}

export interface RateRequest<Name extends string> {
	/** Whole units, by window. */
	readonly weights: Readonly<Partial<Record<Name, number>>>;
	readonly isUrgent?: boolean;
	/** 0: now or never. */
	readonly withinMs: number;
	readonly signal?: AbortSignal;
}

export interface WindowFigures<Name extends string> {
	readonly name: Name;
	readonly limit: number;
	readonly used: number;
	readonly closedForMs: number;
}

interface Weight {
	readonly window: LimitWindow;
	readonly weight: number;
}

interface Waiter {
	readonly weights: readonly Weight[];
	/** The same for all that ask for the same. */
	readonly likeness: string;
	readonly isUrgent: boolean;
	readonly deadlineMono: number;
	plannedMono: number;
	readonly settle: (result: Result<void>) => void;
}

const QUEUED_MAX = 256;

export class RateLimiter<Name extends string> implements AsyncDisposable {
	readonly #clock: Clock;
	readonly #queuedMax: number;
	readonly #windows = new Map<string, LimitWindow>();
	readonly #names: readonly Name[];
	/** In the order in which they came. */
	readonly #urgent = new Set<Waiter>();
	readonly #others = new Set<Waiter>();
	/** The latest planned moment of each likeness: the next alike one cannot go earlier, so nobody looks there again. */
	readonly #latestMono = new Map<string, number>();
	#timer: Timer | undefined;
	#isClosed = false;

	constructor({ clock, windows, queuedMax = QUEUED_MAX }: RateLimiterOptions<Name>) {
		this.#clock = clock;
		this.#queuedMax = queuedMax;
		this.#names = keysOf(windows);
		for (const name of this.#names) this.#windows.set(name, new LimitWindow(windows[name]));
	}

	/** Resolves when the request may leave, or with the reason why it may not: at the deadline at the latest. */
	take(request: RateRequest<Name>): Promise<Result<void>> {
		const { signal = NEVER_ABORTED } = request;
		if (signal.aborted) return Promise.resolve(aborted());
		return new Promise((resolve) => {
			const onAbort = (): void => this.#drop(waiter, aborted());
			const nowMono = this.#clock.monotonicMs();
			const waiter = this.#waiter(request, nowMono, (result) => {
				signal.removeEventListener('abort', onAbort);
				resolve(result);
			});
			signal.addEventListener('abort', onAbort);
			this.#admit(waiter, nowMono);
		});
	}

	/** Takes it now or not at all. For callers without promises. */
	tryTake(request: Pick<RateRequest<Name>, 'weights' | 'isUrgent'>): Result<void> {
		let answer: Result<void> = closed('rate limiter');
		const nowMono = this.#clock.monotonicMs();
		const waiter = this.#waiter({ ...request, withinMs: 0 }, nowMono, (result) => {
			answer = result;
		});
		this.#admit(waiter, nowMono);
		return answer;
	}

	async run<T>(request: RateRequest<Name>, work: Work<T>): Promise<Result<T>> {
		const taken = await this.take(request);
		return taken.kind === 'ok' ? perform(work, request.signal ?? NEVER_ABORTED) : taken;
	}

	/** From the headers of an answer. */
	applySighting(name: Name, sighting: WindowSighting): void {
		const nowMono = this.#clock.monotonicMs();
		this.#window(name).applySighting(sighting, nowMono);
		this.#planAll(nowMono);
	}

	/** The other side refused and said for how long: nothing that draws on this window leaves before. */
	pause(name: Name, durationMs: number): void {
		const nowMono = this.#clock.monotonicMs();
		this.#window(name).close(nowMono + durationMs);
		this.#planAll(nowMono);
	}

	get figures(): readonly WindowFigures<Name>[] {
		const nowMono = this.#clock.monotonicMs();
		return this.#names.map((name) => {
			const window = this.#window(name);
			return { name, limit: window.limit, used: window.used(nowMono), closedForMs: window.closedForMs(nowMono) };
		});
	}

	get queuedCount(): number {
		return this.#urgent.size + this.#others.size;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#isClosed = true;
		for (const waiter of this.#queued()) this.#settle(waiter, closed('rate limiter'));
		this.#arm();
	}

	#waiter({ weights, isUrgent = false, withinMs }: RateRequest<Name>, nowMono: number, settle: Waiter['settle']): Waiter {
		const drawn = keysOf(weights)
			.map((name) => ({ window: this.#window(name), weight: checkedWeight(weights[name] ?? 0) }))
			.filter(({ weight }) => weight > 0);
		const deadlineMono = nowMono + Math.max(0, withinMs);
		const likeness = `${isUrgent} ${JSON.stringify(weights)}`;
		return { weights: drawn, likeness, isUrgent, deadlineMono, plannedMono: 0, settle };
	}

	/** All with one look at the clock: `withinMs: 0` means now, not a microsecond ago. */
	#admit(waiter: Waiter, nowMono: number): void {
		if (this.#isClosed) return waiter.settle(closed('rate limiter'));
		// Whose moment has come goes first, even if the timer is late.
		if (this.#isDue(nowMono)) this.#planAll(nowMono);
		if (waiter.isUrgent && this.#others.size > 0) {
			// The room that others have been promised is an urgent one's too.
			this.#clearPlans();
			for (const urgent of this.#urgent) plan(urgent);
			this.#place(waiter, nowMono);
			this.#planAll(nowMono);
			return;
		}
		this.#place(waiter, nowMono);
		this.#arm();
	}

	/** Now, at a planned moment, or not at all. */
	#place(waiter: Waiter, nowMono: number): void {
		const atMono = earliest(waiter, Math.max(nowMono, this.#latestMono.get(waiter.likeness) ?? nowMono));
		const queue = waiter.isUrgent ? this.#urgent : this.#others;
		if (atMono > waiter.deadlineMono) this.#settle(waiter, tooLate(atMono - nowMono));
		else if (atMono <= nowMono) {
			for (const { window, weight } of waiter.weights) window.grant(weight, nowMono);
			this.#settle(waiter, ok(undefined));
		} else if (!queue.has(waiter) && this.queuedCount >= this.#queuedMax) this.#settle(waiter, tooMany(this.#queuedMax));
		else {
			waiter.plannedMono = atMono;
			this.#latestMono.set(waiter.likeness, atMono);
			plan(waiter);
			queue.add(waiter);
		}
	}

	/** All anew: something else than one more at the end of the queue has happened. */
	#planAll(nowMono: number): void {
		this.#clearPlans();
		for (const waiter of this.#queued()) this.#place(waiter, nowMono);
		this.#arm();
	}

	#clearPlans(): void {
		for (const window of this.#windows.values()) window.clearPlan();
		this.#latestMono.clear();
	}

	#drop(waiter: Waiter, failure: Failure): void {
		this.#settle(waiter, failure);
		this.#planAll(this.#clock.monotonicMs());
	}

	#settle(waiter: Waiter, result: Result<void>): void {
		this.#urgent.delete(waiter);
		this.#others.delete(waiter);
		waiter.settle(result);
	}

	#isDue(nowMono: number): boolean {
		return this.#nextMono() <= nowMono;
	}

	#nextMono(): number {
		let nextMono = Number.POSITIVE_INFINITY;
		for (const { plannedMono } of this.#urgent) nextMono = Math.min(nextMono, plannedMono);
		for (const { plannedMono } of this.#others) nextMono = Math.min(nextMono, plannedMono);
		return nextMono;
	}

	#arm(): void {
		this.#timer?.cancel();
		const nextMono = this.#nextMono();
		this.#timer =
			nextMono === Number.POSITIVE_INFINITY
				? undefined
				: this.#clock.after(nextMono - this.#clock.monotonicMs(), () => this.#planAll(this.#clock.monotonicMs()));
	}

	#queued(): readonly Waiter[] {
		return [...this.#urgent, ...this.#others];
	}

	#window(name: string): LimitWindow {
		const window = this.#windows.get(name);
		if (window === undefined) throw new Error(`no window is called ${name}; there are ${this.#names.join(', ')}`);
		return window;
	}
}

function earliest({ weights, isUrgent }: Waiter, nowMono: number): number {
	let atMono = nowMono;
	for (;;) {
		let agreedMono = atMono;
		for (const { window, weight } of weights) agreedMono = window.earliest(agreedMono, weight, isUrgent);
		// One window put it off, so the others are asked again about the later moment.
		if (agreedMono === atMono || agreedMono === Number.POSITIVE_INFINITY) return agreedMono;
		atMono = agreedMono;
	}
}

function plan({ weights, isUrgent, plannedMono }: Waiter): void {
	for (const { window, weight } of weights) window.plan(weight, isUrgent, plannedMono);
}

function tooLate(afterMs: number): Failure {
	const isNever = afterMs === Number.POSITIVE_INFINITY;
	return failed({
		reason: 'rate',
		class: isNever ? 'fatal' : 'rate-limited',
		detail: isNever
			? 'it weighs more than a whole window allows'
			: `there is no room before ${Math.ceil(afterMs)} ms have passed`,
		retryAfterMs: isNever ? undefined : afterMs,
	});
}

function tooMany(queuedMax: number): Failure {
	return failed({ reason: 'full', class: 'rate-limited', detail: `${queuedMax} wait for room already` });
}

function checkedWeight(weight: number): number {
	if (!Number.isSafeInteger(weight) || weight < 0) throw new RangeError(`a weight is a whole number from 0, not ${weight}`);
	return weight;
}

function keysOf<Name extends string>(record: Readonly<Partial<Record<Name, unknown>>>): readonly Name[] {
	// The compiler types the keys of any object as plain strings.
	return Object.keys(record) as Name[];
}
