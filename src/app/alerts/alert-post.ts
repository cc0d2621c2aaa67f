/**
 * Brings alerts to one sink: several in a message, not too many messages a minute, again where one did not arrive. It is
 * never waited for, and everything it keeps is bounded, so a sink that hangs or fails costs the engine nothing.
 */
import { ok, type Result } from '../../network/result.ts';
import type { RetryPolicy } from '../../network/retry.ts';
import { Retry } from '../../network/retry.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { Rng } from '../../ports/rng.ts';
import type { AlertChange } from '../../telemetry/alerts/alert-book.ts';
import { isAtLeast, type Severity } from '../../telemetry/alerts/alert-codes.ts';
import { type AlertMessage, messageOf } from './alert-message.ts';

export interface AlertSink {
	readonly name: string;
	/** Ends by itself within a bounded time; what it says of a failure has no secret in it. */
	send(message: AlertMessage, signal: AbortSignal): Promise<Result<void>>;
}

export interface PostSettings {
	/** Less grave ones are not sent. */
	readonly least: Severity;
	/** How long the first of a message waits for others. */
	readonly bundleMs: number;
	readonly perMinuteMax: number;
}

export interface PostParts extends PostSettings {
	readonly sink: AlertSink;
	readonly clock: Clock;
	readonly rng: Rng;
	/** Whose alerts they are. */
	readonly instance: string;
	/** What became of a message. */
	readonly onResult: (message: AlertMessage, result: Result<void>) => void;
}

/** I26: a grave one is under way well within five seconds, whatever else is to be said. */
const GRAVE_BUNDLE_MS = 1_000;
/** Grave ones do not wait for their turn by the minute, but for this long at least between two messages. */
const GRAVE_GAP_MS = 3_000;
const PENDING_MAX = 200;
const MINUTE_MS = 60_000;

const RETRIES: RetryPolicy = {
	retriesMax: 3,
	backoff: { kind: 'exponential', baseMs: 1_000, maxMs: 15_000, jitter: 'added' },
	// Told twice is better than not told.
	classes: ['transient', 'rate-limited', 'clock', 'ambiguous'],
	retryAfterMsMax: 60_000,
};

export class AlertPost implements AsyncDisposable {
	readonly #parts: PostParts;
	readonly #retry: Retry;
	readonly #giveUp = new AbortController();
	/** Ends the waiting between the tries of a message, and not a try that is under way. */
	#hurry = new AbortController();
	#pending: AlertChange[] = [];
	#moreCount = 0;
	#timer: Timer | undefined;
	#timerAtMono = Number.POSITIVE_INFINITY;
	/** When messages of the last minute left. */
	#leftAtMono: number[] = [];
	#sending: Promise<void> | undefined;
	#isEnded = false;

	constructor(parts: PostParts) {
		this.#parts = parts;
		this.#retry = new Retry({ clock: parts.clock, rng: parts.rng, policy: RETRIES });
	}

	get name(): string {
		return this.#parts.sink.name;
	}

	hear(change: AlertChange): void {
		const { alert } = change;
		// That it fails is nothing that it could tell.
		const isOwnFailure = alert.code === 'sink-failing' && alert.subject === this.name;
		if (this.#isEnded || isOwnFailure) return;
		if (alert.code !== 'test' && !isAtLeast(alert.severity, this.#parts.least)) return;
		this.#keep(change);
		if (isGrave(change)) this.#hurry.abort();
		this.#plan();
	}

	/** What is waiting leaves now, for a moment; what has not arrived by then is given up. */
	async end(withinMs: number): Promise<void> {
		if (this.#isEnded) return;
		this.#isEnded = true;
		this.#timer?.cancel();
		const { promise, resolve } = Promise.withResolvers<void>();
		const limit = this.#parts.clock.after(withinMs, resolve);
		await Promise.race([this.#sendLast(), promise]);
		limit.cancel();
		this.#giveUp.abort();
		await this.#retry[Symbol.asyncDispose]();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.end(0);
	}

	async #sendLast(): Promise<void> {
		await this.#sending;
		if (this.#pending.length > 0) await this.#send();
	}

	/** Where there are too many, a grave one takes the place of the last that is not. */
	#keep(change: AlertChange): void {
		if (this.#pending.length >= PENDING_MAX) {
			this.#moreCount += 1;
			const at = isGrave(change) ? this.#pending.findLastIndex((each) => !isGrave(each)) : -1;
			if (at < 0) return;
			this.#pending.splice(at, 1);
		}
		this.#pending.push(change);
	}

	#plan(): void {
		if (this.#sending !== undefined || this.#pending.length === 0) return;
		const nowMono = this.#parts.clock.monotonicMs();
		const atMono = nowMono + this.#waitMs(nowMono);
		if (atMono >= this.#timerAtMono) return;
		this.#timer?.cancel();
		this.#timerAtMono = atMono;
		this.#timer = this.#parts.clock.after(atMono - nowMono, () => this.#fire());
	}

	#waitMs(nowMono: number): number {
		const { bundleMs, perMinuteMax } = this.#parts;
		this.#leftAtMono = this.#leftAtMono.filter((atMono) => nowMono - atMono < MINUTE_MS);
		const lastMono = this.#leftAtMono.at(-1) ?? Number.NEGATIVE_INFINITY;
		if (this.#pending.some(isGrave)) return Math.max(Math.min(bundleMs, GRAVE_BUNDLE_MS), lastMono + GRAVE_GAP_MS - nowMono);
		const oldest = this.#leftAtMono[this.#leftAtMono.length - perMinuteMax];
		return Math.max(bundleMs, oldest === undefined ? 0 : oldest + MINUTE_MS - nowMono);
	}

	#fire(): void {
		this.#timer = undefined;
		this.#timerAtMono = Number.POSITIVE_INFINITY;
		this.#sending = this.#send().finally(() => {
			this.#sending = undefined;
			if (!this.#isEnded) this.#plan();
		});
	}

	async #send(): Promise<void> {
		const { sink, instance, clock, onResult } = this.#parts;
		const message = messageOf(instance, this.#pending, this.#moreCount);
		this.#pending = [];
		this.#moreCount = 0;
		this.#leftAtMono.push(clock.monotonicMs());
		this.#hurry = new AbortController();
		let tried: Result<void> = ok(undefined);
		const work = async (): Promise<Result<void>> => {
			tried = await sink.send(message, this.#giveUp.signal);
			return tried;
		};
		const result = await this.#retry.run(work, { signal: this.#hurry.signal });
		const isCalledOff = result.kind === 'failed' && result.reason === 'aborted';
		if (isCalledOff) this.#takeBack(message);
		onResult(message, isCalledOff ? tried : result);
	}

	/** It goes with the next message, in front of what came since. */
	#takeBack({ alerts, moreCount }: AlertMessage): void {
		const since = this.#pending;
		this.#pending = [...alerts];
		this.#moreCount += moreCount;
		for (const change of since) this.#keep(change);
	}
}

function isGrave({ kind, alert }: AlertChange): boolean {
	return kind !== 'ended' && alert.severity === 'critical';
}
