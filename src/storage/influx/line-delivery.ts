/**
 * Lines get to the server, or are kept until they do. Batches go out one after the other; while the server is away they
 * are put on disk, and when it is back they follow in order, before what has come since. What the server refuses for
 * good is counted, told once and never sent again, and the lines beside it get through. Memory and disk are bounded:
 * what does not fit is counted as lost, and told.
 *
 *     add ─► waiting ─── a batch ───► server          all is well
 *               └──► spill ── the oldest ─► server    it is away, or not everything kept has been written yet
 */
import { type Backoff, backoffDelayMs } from '../../network/backoff.ts';
import { CircuitBreaker } from '../../network/breaker.ts';
import { type Failure, failed, type Result } from '../../network/result.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import { DiskError } from '../../ports/disk.ts';
import type { Rng } from '../../ports/rng.ts';
import type { Spill } from './spill.ts';

/** What the server says of a batch that it looked at. */
export type Verdict =
	| { readonly kind: 'written' }
	/** All but so many, which it will never take. */
	| { readonly kind: 'partly'; readonly refusedCount: number; readonly detail: string }
	/** None of it, because of something in it. */
	| { readonly kind: 'refused'; readonly detail: string };

/** Resolves with a failure where nobody looked at it: as it is, it may be sent again. */
export type SendLines = (lines: readonly string[]) => Promise<Result<Verdict>>;

export interface DeliveryParts {
	readonly clock: Clock;
	readonly rng: Rng;
	readonly spill: Spill;
	readonly send: SendLines;
	/** Whom we write to, for sentences. */
	readonly name: string;
	readonly batchSize: number;
	readonly flushMs: number;
	readonly linesMax?: number;
	readonly bytesMax?: number;
	/** One sentence for a person. */
	readonly say: (sentence: string) => void;
}

export interface DeliveryFigures {
	readonly writtenCount: number;
	/** By the server, for good. */
	readonly refusedCount: number;
	/** For which there was no room. */
	readonly lostCount: number;
	/** In memory. */
	readonly waitingCount: number;
	/** On disk, at most. */
	readonly spillBytes: number;
	readonly isAway: boolean;
}

type OldestKept = { readonly kind: 'read'; readonly batch: readonly string[] | undefined } | { readonly kind: 'broken' };

const LINES_MAX = 200_000;
const BYTES_MAX = 64 * 1024 * 1024;
const BACKOFF: Backoff = { kind: 'exponential', baseMs: 500, maxMs: 5_000, jitter: 'added' };
/** Whoever asks us to come later than this is asked again after this. */
const RETRY_AFTER_MS_MAX = 60_000;
/** A batch is cut in two to find what is refused in it; whoever finds so much in one stops looking. */
const REFUSALS_PER_BATCH_MAX = 32;
/** At the end nobody waits longer for the server. */
const END_WITHIN_MS = 2_000;
const TROUBLES_MAX = 5;
const DETAIL_LENGTH_MAX = 300;
const FOR_GOOD = failed({ reason: 'closed', class: 'transient', detail: 'the writer ends' });

export class LineDelivery implements AsyncDisposable {
	readonly #parts: DeliveryParts;
	readonly #breaker: CircuitBreaker;
	readonly #late = Promise.withResolvers<Failure>();
	#waiting: string[] = [];
	#waitingBytes = 0;
	#working: Promise<void> | undefined;
	/** Once more, since something has come meanwhile. */
	#isAsked = false;
	#flushTimer: Timer | undefined;
	#retryTimer: Timer | undefined;
	/** What waits is to go now, though it is less than a batch. */
	#isDue = false;
	#failuresInRow = 0;
	#notBeforeMono = 0;
	#writtenCount = 0;
	#refusedCount = 0;
	#lostCount = 0;
	/** What was said of why nothing is written; empty while all is well. */
	readonly #troubles = new Set<string>();
	#hasToldRefusal = false;
	#hasToldLoss = false;

	constructor(parts: DeliveryParts) {
		this.#parts = parts;
		this.#breaker = new CircuitBreaker({ clock: parts.clock, name: parts.name, settings: { recoveryMs: BACKOFF.maxMs } });
	}

	/** Call once; what an earlier run left behind goes out first. */
	start(): void {
		this.#flushTimer = this.#parts.clock.after(this.#parts.flushMs, () => {
			this.start();
			this.#isDue = true;
			this.#work();
		});
		this.#work();
	}

	add(lines: readonly string[]): void {
		const { linesMax = LINES_MAX, bytesMax = BYTES_MAX, batchSize } = this.#parts;
		for (const line of lines) {
			if (this.#waiting.length >= linesMax || this.#waitingBytes + line.length > bytesMax) this.#lose(1, 'memory is full');
			else this.#push(line);
		}
		if (this.#waiting.length >= batchSize) this.#work();
	}

	get figures(): DeliveryFigures {
		return {
			writtenCount: this.#writtenCount,
			refusedCount: this.#refusedCount,
			lostCount: this.#lostCount,
			waitingCount: this.#waiting.length,
			spillBytes: this.#parts.spill.bytes,
			isAway: this.#troubles.size > 0,
		};
	}

	/** Writes what it can in a moment, and keeps the rest on disk. */
	async [Symbol.asyncDispose](): Promise<void> {
		this.#flushTimer?.cancel();
		const limit = this.#parts.clock.after(END_WITHIN_MS, () => this.#late.resolve(FOR_GOOD));
		await this.#working;
		this.#retryTimer?.cancel();
		this.#isDue = true;
		this.#work();
		await this.#working;
		this.#retryTimer?.cancel();
		limit.cancel();
		await this.#setAside();
		this.#lose(this.#waiting.length, 'the disk does not take them');
		this.#waiting = [];
		await this.#parts.spill[Symbol.asyncDispose]();
	}

	#push(line: string): void {
		this.#waiting.push(line);
		this.#waitingBytes += line.length;
	}

	/** Nobody waits for it: it ends by itself, and begins again with a timer or with what comes. */
	#work(): void {
		this.#isAsked = true;
		this.#working ??= this.#whileAsked();
	}

	async #whileAsked(): Promise<void> {
		while (this.#isAsked) {
			this.#isAsked = false;
			await this.#deliverAll();
		}
		this.#working = undefined;
	}

	async #deliverAll(): Promise<void> {
		const { clock, spill, batchSize } = this.#parts;
		const isDue = this.#isDue;
		this.#isDue = false;
		for (;;) {
			const hasBatch = isDue || this.#waiting.length >= batchSize;
			// Behind what is there already. What only waits for the next try must not fill the memory.
			if (hasBatch && !spill.isEmpty) await this.#setAside();
			if (clock.monotonicMs() < this.#notBeforeMono) return;
			const oldest = await this.#oldestKept();
			if (oldest.kind === 'broken') return;
			const kept = oldest.batch;
			const batch = kept ?? (hasBatch ? this.#take() : []);
			if (batch.length === 0) return;
			const failure = await this.#deliver(batch);
			if (failure === undefined) {
				if (kept !== undefined) await spill.drop();
				this.#back();
				continue;
			}
			if (kept === undefined) await this.#keep(batch);
			this.#away(failure);
			return;
		}
	}

	/** Where the disk does not give it now it is tried again, and nothing goes before it. */
	async #oldestKept(): Promise<OldestKept> {
		try {
			return { kind: 'read', batch: await this.#parts.spill.first() };
		} catch (error) {
			if (!(error instanceof DiskError)) throw error;
			this.#againAfter(backoffDelayMs(BACKOFF, this.#failuresInRow, this.#parts.rng));
			const what = `points for ${this.#parts.name} that are kept on disk cannot be read, and wait there until they can`;
			this.#sayTrouble(`${what}: ${brief(error.message)}`);
			return { kind: 'broken' };
		}
	}

	#take(): string[] {
		const batch = this.#waiting.splice(0, this.#parts.batchSize);
		this.#waitingBytes -= bytesOf(batch);
		return batch;
	}

	/** Everything that waits, onto the disk. */
	async #setAside(): Promise<void> {
		while (this.#waiting.length > 0) {
			if (!(await this.#keep(this.#take()))) return;
		}
	}

	/** False where the disk does not take it: then it waits on in memory, as long as there is room. */
	async #keep(batch: readonly string[]): Promise<boolean> {
		const kept = await this.#parts.spill.append(batch);
		if (kept.kind === 'kept') return true;
		if (kept.kind === 'full') {
			this.#lose(batch.length, 'all that may be kept on disk is there');
			return true;
		}
		this.#waiting = [...batch, ...this.#waiting];
		this.#waitingBytes += bytesOf(batch);
		this.#sayTrouble(`points for ${this.#parts.name} cannot be kept on disk: ${kept.detail}`);
		return false;
	}

	/** Undefined when the server has all of it that it will ever take. */
	async #deliver(batch: readonly string[]): Promise<Failure | undefined> {
		const parts: (readonly string[])[] = [batch];
		const refused: { readonly count: number; readonly detail: string }[] = [];
		let refusals = 0;
		for (let lines = parts.pop(); lines !== undefined; lines = parts.pop()) {
			const sent = await this.#send(lines);
			// Then the whole batch comes once more, and is counted when it is through.
			if (sent.kind === 'failed') return sent;
			const verdict = sent.value;
			if (verdict.kind === 'written') continue;
			if (verdict.kind === 'partly') {
				refused.push({ count: Math.min(verdict.refusedCount, lines.length), detail: verdict.detail });
			} else if (lines.length === 1 || refusals >= REFUSALS_PER_BATCH_MAX) {
				refused.push({ count: lines.length, detail: verdict.detail });
			} else {
				refusals += 1;
				const half = lines.length >> 1;
				parts.push(lines.slice(half), lines.slice(0, half));
			}
		}
		this.#writtenCount += batch.length;
		for (const { count, detail } of refused) {
			this.#writtenCount -= count;
			this.#refuse(count, detail);
		}
		return undefined;
	}

	#send(lines: readonly string[]): Promise<Result<Verdict>> {
		const sending = this.#breaker.run(() => this.#parts.send(lines));
		return Promise.race([sending, this.#late.promise]);
	}

	#away(failure: Failure): void {
		const delayMs =
			failure.retryAfterMs === undefined
				? backoffDelayMs(BACKOFF, this.#failuresInRow, this.#parts.rng)
				: Math.min(failure.retryAfterMs, RETRY_AFTER_MS_MAX);
		this.#againAfter(delayMs);
		if (failure.reason === 'open' || failure === FOR_GOOD) return;
		this.#sayTrouble(`${this.#parts.name} does not take points, which are kept until it does: ${brief(failure.detail)}`);
	}

	#againAfter(delayMs: number): void {
		this.#failuresInRow += 1;
		this.#notBeforeMono = this.#parts.clock.monotonicMs() + delayMs;
		this.#retryTimer = this.#parts.clock.after(delayMs, () => this.#work());
	}

	#back(): void {
		this.#failuresInRow = 0;
		if (this.#troubles.size === 0) return;
		this.#troubles.clear();
		this.#hasToldLoss = false;
		const lost = this.#lostCount === 0 ? '' : `; ${this.#lostCount} have been lost so far`;
		this.#parts.say(`${this.#parts.name} takes points again, what was kept follows${lost}`);
	}

	#refuse(count: number, detail: string): void {
		this.#refusedCount += count;
		if (this.#hasToldRefusal || count === 0) return;
		this.#hasToldRefusal = true;
		const { name, say } = this.#parts;
		say(`${name} refuses points for good, which are counted from now on and not told again: ${brief(detail)}`);
	}

	#lose(count: number, why: string): void {
		this.#lostCount += count;
		if (this.#hasToldLoss || count === 0) return;
		this.#hasToldLoss = true;
		this.#parts.say(`points for ${this.#parts.name} are lost from now on, and counted: ${why}`);
	}

	/** Each cause once: an outage is one piece of news, and of few. */
	#sayTrouble(sentence: string): void {
		if (this.#troubles.has(sentence) || this.#troubles.size >= TROUBLES_MAX) return;
		this.#troubles.add(sentence);
		this.#parts.say(sentence);
	}
}

function bytesOf(lines: readonly string[]): number {
	let bytes = 0;
	for (const line of lines) bytes += line.length;
	return bytes;
}

function brief(detail: string): string {
	return detail.length <= DETAIL_LENGTH_MAX ? detail : `${detail.slice(0, DETAIL_LENGTH_MAX)} ...`;
}
